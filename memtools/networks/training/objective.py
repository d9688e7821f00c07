"""`loss_and_gradient`: one loss and its derivatives in every parameter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate
from memtools._validate import FloatArray
from memtools.networks._parameters import flatten, unflatten
from memtools.networks.activations import OUTPUT_ACTIVATIONS, activation_slope
from memtools.networks.network import Network
from memtools.networks.recurrent_cell import KernelsOfOne
from memtools.networks.segments import in_segments, recorded
from memtools.networks.tapes import State
from memtools.networks.training.data import LOSSES, as_sequences


def loss_and_gradient(
    network: Network, x: ArrayLike, y: ArrayLike, *, loss: str = "mse"
) -> tuple[float, dict[str, FloatArray]]:
    """Loss over whole sequences from the zero state, and its gradient.

    Parameters
    ----------
    network : Network
        A cell, or a Sequential of cells, Linear and Bidirectional layers.
    x : array_like, shape (n_steps,), (n_steps, n_input) or (n_steps, n_batch, n_input)
        Inputs; one dimension where the network has one input.
    y : array_like
        Targets: of the shape of the outputs, or, with "cross_entropy", class numbers of shape
        (n_steps,) or (n_steps, n_batch), -1 at steps without a target.
    loss : {"mse", "cross_entropy"}
        Mean over all entries of (z - y)^2, or mean over the labelled steps of -log z_y.

    Returns
    -------
    loss : float
    gradient : dict of str to ndarray
        Keys and shapes of ``network.params``; full back-propagation through time, the
        derivative of the filter weights in d included.

    Raises
    ------
    InvalidInputError
        Where `x` and `y` do not fit the network or each other.

    Examples
    --------
    >>> import numpy as np
    >>> from memtools import networks
    >>> network = networks.MRNN.initialise(1, 1, 1, rng=0, filter_length=10)
    >>> loss, gradient = networks.loss_and_gradient(network, np.ones(5), np.zeros(5))
    >>> gradient["weight_hh"].shape
    (1, 1)
    """
    _validate.as_choice(loss, "loss", [*LOSSES])
    inputs, targets = as_sequences(network, x, y, loss)
    outputs, _, backward = recorded(network, inputs, network.initial_state(inputs.shape[1]))
    value, slopes = LOSSES[loss](outputs, targets)
    gradient = backward(slopes)
    return value, {name: gradient[name] for name in network.params}


def run_at(
    network: Network, theta: FloatArray, x: FloatArray, state: State | None = None
) -> tuple[FloatArray, State, Callable[[FloatArray], FloatArray]]:
    """Outputs, last state, and the function from dL/dz of the first steps to the gradient.

    All parameters stand one after the other; with no `state` it is zero, and may not be asked for.
    """
    alone = state is None and x.shape[1] == 1 and not in_segments(network, x)
    one = network.kernels_of_one if alone else None
    if one is not None:
        return _run_one(network, one, theta, x)
    now = network.with_values(unflatten(network.params, theta))
    start = now.initial_state(x.shape[1]) if state is None else state
    outputs, end, back = recorded(now, x, start)

    def backward(dz: FloatArray) -> FloatArray:
        gradient = back(dz)
        return flatten({name: gradient[name] for name in network.params})

    return outputs, end, backward


def _run_one(
    network: Any, kernels: KernelsOfOne, theta: FloatArray, x: FloatArray
) -> tuple[FloatArray, State, Callable[[FloatArray], FloatArray]]:
    forward, back = kernels
    g, code, series = network.output_activation, network._code, np.ascontiguousarray(x[:, 0, 0])
    v, tape = forward(theta, series, code)
    z = OUTPUT_ACTIVATIONS[g](v)

    def backward(dz: FloatArray) -> FloatArray:
        dv = activation_slope(g, z[: len(dz)], dz[:, 0, 0])
        return back(theta, series, tape, np.ascontiguousarray(dv), code)

    return z[:, np.newaxis, np.newaxis], (), backward
