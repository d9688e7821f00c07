"""`loss_and_gradient`: one loss and its derivatives in every parameter."""

from __future__ import annotations

from numpy.typing import ArrayLike

from memtools import _validate
from memtools._validate import FloatArray
from memtools.networks._parameters import flatten, unflatten
from memtools.networks.network import Network
from memtools.networks.tapes import State, Tape
from memtools.networks.training.data import as_sequences
from memtools.networks.training.losses import LOSSES


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
    tape = network.record(inputs, network.initial_state(inputs.shape[1]))
    value, slopes = LOSSES[loss](tape.outputs, targets)
    gradient, _ = tape.backward(slopes)
    return value, {name: gradient[name] for name in network.params}


def record_at(
    network: Network, theta: FloatArray, x: FloatArray, state: State | None = None
) -> Tape:
    """The tape of the network with other parameters, all one after the other."""
    now = network.with_values(unflatten(network.params, theta))
    return now.record(x, now.initial_state(x.shape[1]) if state is None else state)


def gradient_at(network: Network, tape: Tape, dz: FloatArray) -> FloatArray:
    """The gradient, all parameters one after the other."""
    gradient, _ = tape.backward(dz)
    return flatten({name: gradient[name] for name in network.params})
