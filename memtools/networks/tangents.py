"""Derivatives of a network's step, exact to rounding, by complex steps through its definition.

f(x + i e v) = f(x) + i e f'(x) v up to e^2, and with e = 1e-20 the square is lost in rounding:
no subtraction, so no cancellation (Squire and Trapp, 1998).  Every step is made of analytic
functions, or of ReLU and maxima, which NumPy compares by the real part.
"""

from __future__ import annotations

import numpy as np

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
