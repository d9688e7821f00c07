"""Derivatives of a network's step, exact to rounding, by complex steps through its definition.

f(x + i e v) = f(x) + i e f'(x) v up to e^2, and with e = 1e-20 the square is lost in rounding:
no subtraction, so no cancellation (Squire and Trapp, 1998).  Every step is made of analytic
functions, or of ReLU and maxima, which NumPy compares by the real part.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from memtools._validate import FloatArray
from memtools.networks.activations import sigmoid
from memtools.networks.cells import GRU, LSTM, RNN
from memtools.networks.memory_cells import MLSTM, MRNN, TwoLaneRNN
from memtools.networks.network import Network, State
from memtools.networks.stacks import Linear, Sequential

STEP = 1e-20
_SETTLE = 1000  # steps of zero input before a network is linearised at rest


def leaves(state: State) -> list[NDArray[Any]]:
    """The arrays of a nested state, in order."""
    found: list[NDArray[Any]] = []
    for part in state:
        found.extend(leaves(part) if isinstance(part, tuple) else [part])
    return found


def flatten(state: State) -> NDArray[Any]:
    """A state as (n_batch, size)."""
    arrays = leaves(state)
    if not arrays:
        return np.zeros((1, 0))
    return np.concatenate([array.reshape(len(array), -1) for array in arrays], axis=1)


def unflatten(flat: NDArray[Any], like: State) -> State:
    """The state of the shape of `like`, of any batch size, that `flatten` turned into `flat`."""
    arrays, position = [], 0
    for array in leaves(like):
        size = int(np.prod(array.shape[1:]))
        shape = (len(flat), *array.shape[1:])
        arrays.append(flat[:, position : position + size].reshape(shape))
        position += size
    return _nest(iter(arrays), like)


def _nest(arrays: Any, like: State) -> State:
    return tuple(_nest(arrays, p) if isinstance(p, tuple) else next(arrays) for p in like)


def at_rest(network: Network) -> State:
    """The state where zero inputs let the network settle, as a batch of one."""
    return network.forward(np.zeros((_SETTLE, 1, network.n_input)))[1]


def push(
    network: Network, x: FloatArray, dx: FloatArray, state: State, tangent: State
) -> tuple[FloatArray, State, State]:
    """One step of a path with a direction: (dz, state, direction of the state).

    The common gated cells have their derivatives written out, for speed; others take the
    complex step.
    """
    if isinstance(network, RNN | LSTM | GRU) and network.activation == "tanh":
        if isinstance(network, RNN):
            after, direction = _push_rnn(network, x, dx, state, tangent)
        elif isinstance(network, LSTM):
            after, direction = _push_lstm(network, x, dx, state, tangent)
        else:
            after, direction = _push_gru(network, x, dx, state, tangent)
        return network.read_out(after[0] + 1j * STEP * direction[0]).imag / STEP, after, direction
    like = network.initial_state(1)
    joint = flatten(state) + 1j * STEP * flatten(tangent) if leaves(like) else np.zeros((len(x), 0))
    z, after = network.step(x + 1j * STEP * dx, unflatten(joint, like))
    flat = flatten(after) if leaves(like) else joint
    return z.imag / STEP, unflatten(flat.real, like), unflatten(flat.imag / STEP, like)


def _push_rnn(
    cell: RNN, x: FloatArray, dx: FloatArray, state: State, tangent: State
) -> tuple[State, State]:
    p = cell.params
    dv = dx @ p["weight_ih"].T + tangent[0] @ p["weight_hh"].T
    h = np.tanh(x @ p["weight_ih"].T + p["bias_ih"] + state[0] @ p["weight_hh"].T + p["bias_hh"])
    return (h,), ((1.0 - h * h) * dv,)


def _push_lstm(
    cell: LSTM, x: FloatArray, dx: FloatArray, state: State, tangent: State
) -> tuple[State, State]:
    p, (h, c), (dh, dc) = cell.params, state, tangent
    v = x @ p["weight_ih"].T + p["bias_ih"] + h @ p["weight_hh"].T + p["bias_hh"]
    di, df, dg, do = np.split(dx @ p["weight_ih"].T + dh @ p["weight_hh"].T, 4, axis=-1)
    i, f, g, o = np.split(v, 4, axis=-1)
    i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
    dc = f * dc + f * (1.0 - f) * df * c + i * (1.0 - i) * di * g + i * (1.0 - g * g) * dg
    c = f * c + i * g
    t = np.tanh(c)
    return (o * t, c), (o * (1.0 - o) * do * t + o * (1.0 - t * t) * dc, dc)


def _push_gru(
    cell: GRU, x: FloatArray, dx: FloatArray, state: State, tangent: State
) -> tuple[State, State]:
    p, (h,), (dh,), m = cell.params, state, tangent, 2 * cell.n_hidden
    w, b = p["weight_hh"], p["bias_hh"]
    a, da = x @ p["weight_ih"].T + p["bias_ih"], dx @ p["weight_ih"].T
    gates = sigmoid(a[:, :m] + h @ w[:m].T + b[:m])
    dgates = gates * (1.0 - gates) * (da[:, :m] + dh @ w[:m].T)
    (r, z), (dr, dz) = np.split(gates, 2, axis=-1), np.split(dgates, 2, axis=-1)
    if cell.reset_after:
        inner = h @ w[m:].T + b[m:]
        dinner, inner = dr * inner + r * (dh @ w[m:].T), r * inner
    else:
        inner, dinner = (r * h) @ w[m:].T + b[m:], (dr * h + r * dh) @ w[m:].T
    n = np.tanh(a[:, m:] + inner)
    dn = (1.0 - n * n) * (da[:, m:] + dinner)
    after = (1.0 - z) * n + z * h
    return (after,), ((1.0 - z) * dn + z * dh + dz * (h - n),)


def is_linear(network: Network) -> bool:
    """True if outputs are an affine function of the inputs, for any values of these.

    So are cells without activation whose gates, if they have any, are constant in time.
    """
    if isinstance(network, Sequential):
        return all(map(is_linear, network.layers))
    if isinstance(network, Linear):
        return network.output_activation == "identity"
    if not isinstance(network, RNN | LSTM | GRU | TwoLaneRNN | MRNN | MLSTM):
        return False
    if (network.activation, network.output_activation) != ("identity", "identity"):
        return False
    if isinstance(network, MRNN | MLSTM) and not network.fixed_d:
        return False
    return constant_gates(network)


def constant_gates(network: Network) -> bool:
    """True if no gate of the cell looks at inputs or hidden units."""
    if not isinstance(network, LSTM | GRU | MLSTM):
        return True
    blocks = {LSTM: (4, (0, 1, 3)), GRU: (3, (0, 1)), MLSTM: (3, (0, 2))}[type(network)]
    return not any(
        np.split(network.params[name], blocks[0])[block].any()
        for name in ("weight_ih", "weight_hh")
        for block in blocks[1]
    )


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
