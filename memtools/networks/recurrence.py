"""Eigenvalues of the recurrence: of the Jacobian of the state with respect to the one before."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from memtools._validate import FloatArray
from memtools.networks.network import Network, State
from memtools.networks.tangents import at_rest, loop_matrix, push
from memtools.networks.tapes import flatten, leaves, unflatten

_LARGEST_STATE = 600  # eigenvalues of larger matrices take more than a second
_POINTS = 16


def recurrent_eigenvalues(
    network: Network, x: FloatArray | None = None
) -> tuple[NDArray[np.complex128], str]:
    """Eigenvalues, the largest modulus first, and in words what they are of.

    Parameters
    ----------
    network : Network
        Causal.
    x : ndarray, shape (n_steps, n_input), optional
        Data to average the Jacobian along.

    Returns
    -------
    eigenvalues : ndarray of complex
        Empty without a state, or with one of more than 600 numbers (that of a filter holds K
        numbers a unit or input).
    what : str
    """
    if (logs := network.log_modes(x)) is not None:
        where = "gates at their biases" if x is None else "on average along the data"
        what = f"the linear recurrence, {where}" if network.selective else "the linear recurrence"
        return np.exp(logs[np.argsort(-logs.real, kind="stable")]), what
    size = flatten(network.initial_state(1)).shape[1]
    if not leaves(network.initial_state(1)):
        return np.zeros(0, dtype=complex), "nothing: the network has no state"
    if size > _LARGEST_STATE:
        what = f"nothing: a state of {size} numbers is more than {_LARGEST_STATE}"
        return np.zeros(0, dtype=complex), what
    if network.is_linear:
        matrix, what = loop_matrix(network, False), "the linear recurrence"
    elif x is None:
        zero = np.zeros((1, network.n_input))
        matrix, what = (
            _jacobian(network, zero, at_rest(network)),
            "the Jacobian of the state at rest",
        )
    else:
        matrix, what = _mean_jacobian(network, x), "the Jacobian of the state, averaged on the data"
    values = np.linalg.eigvals(matrix).astype(complex)
    return values[np.argsort(-np.abs(values), kind="stable")], what


def _mean_jacobian(network: Network, x: FloatArray) -> FloatArray:
    """Mean over points of the later half, where the zero state is forgotten if anywhere."""
    points = np.unique(np.linspace(len(x) // 2, len(x) - 1, _POINTS).astype(int))
    found, state, t = [], network.initial_state(1), 0
    for point in points:
        if point > t:
            state, t = network.forward(x[t:point, np.newaxis], state)[1], int(point)
        found.append(_jacobian(network, x[point : point + 1], state))
    return np.mean(found, axis=0)


def _jacobian(network: Network, x: FloatArray, state: State) -> FloatArray:
    """d s_t / d s_{t-1} at one input (1, n_input) and one state."""
    like, flat = network.initial_state(1), flatten(state)
    size = flat.shape[1]
    inputs = np.repeat(x, size, axis=0)
    current = unflatten(np.repeat(flat, size, axis=0), like)
    after = push(network, inputs, np.zeros_like(inputs), current, unflatten(np.eye(size), like))
    return flatten(after[2]).T
