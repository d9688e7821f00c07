"""Derivatives of a network's step, exact to rounding, by complex steps through its definition.

f(x + i e v) = f(x) + i e f'(x) v up to e^2, and with e = 1e-20 the square is lost in rounding:
no subtraction, so no cancellation (Squire and Trapp, 1998).  Every step is made of analytic
functions, or of ReLU and maxima, which NumPy compares by the real part.  With them the eigenvalues
of the recurrence: of the Jacobian of the state with respect to the one before.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from memtools._validate import FloatArray
from memtools.networks.network import Network, State
from memtools.networks.tapes import flatten, leaves, unflatten

STEP = 1e-20
_SETTLE = 1000  # steps of zero input before a network is linearised at rest


def at_rest(network: Network) -> State:
    """The state where zero inputs let the network settle, as a batch of one."""
    return network.forward(np.zeros((_SETTLE, 1, network.n_input)))[1]


def push(
    network: Network, x: FloatArray, dx: FloatArray, state: State, tangent: State
) -> tuple[FloatArray, State, State]:
    """One step of a path with a direction: (dz, state, direction of the state)."""
    like = network.initial_state(1)
    joint = flatten(state) + 1j * STEP * flatten(tangent) if leaves(like) else np.zeros((len(x), 0))
    z, after = network.step(x + 1j * STEP * dx, unflatten(joint, like))
    flat = flatten(after) if leaves(like) else joint
    return z.imag / STEP, unflatten(flat.real, like), unflatten(flat.imag / STEP, like)


def loop_matrix(network: Network, feedback: bool) -> FloatArray:
    """W of (z_t, s_t) = W (y_{t-1}, s_{t-1}) + constant for a linear network.

    Without `feedback` the inputs are kept out: the matrix of the state alone.
    """
    like = network.initial_state(1)
    n_state = flatten(like).shape[1]
    n_loop = network.n_input if feedback else 0
    seeds = 1j * STEP * np.eye(n_loop + n_state)
    x = seeds[:, :n_loop] if feedback else np.zeros((len(seeds), network.n_input))
    z, after = network.step(x.astype(complex), unflatten(seeds[:, n_loop:], like))
    after_flat = np.broadcast_to(flatten(after), (len(seeds), n_state)) if n_state else z[:, :0]
    images = np.concatenate([z, after_flat], axis=1) if feedback else after_flat
    return images.imag.T / STEP


def spectral_radius(matrix: FloatArray) -> float:
    """Largest modulus of the eigenvalues; 0 for no rows."""
    return float(np.abs(np.linalg.eigvals(matrix)).max()) if matrix.size else 0.0


def gate_values(network: Network, x: FloatArray) -> dict[str, FloatArray]:
    """Values of each gate at all steps and units, from the zero state.

    Parameters
    ----------
    network : Network
        Causal.
    x : ndarray, shape (n_steps, n_input)

    Returns
    -------
    dict of str to ndarray
        One-dimensional arrays, steps first; empty for cells without gates.  The moving memory
        parameter d of MRNN and MLSTM is listed too.  Of several layers, each has its number
        before the name of the gate.
    """
    inputs = np.ascontiguousarray(x[:, np.newaxis])
    gates = network.record(inputs, network.initial_state(1)).gates
    return {name: values.ravel() for name, values in gates.items()}


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
