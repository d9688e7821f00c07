"""The recurrences of `_kernels` for wide layers and large batches, in either precision.

Here a step is a few matrices: BLAS and NumPy's vectorised tanh are faster than a compiled loop
(hidden 128, batch of 64: by a factor of two in double precision, three in single).  Arguments
and conventions are those of the kernels of the same name.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from memtools.networks.activations import ACTIVATIONS
from memtools.networks.training.history import _kernels
from memtools.networks.training.losses import activation_slope

Array = Any  # of float32 or float64

_NAMES = [*ACTIVATIONS]


def _logistic(v: Array) -> None:
    """In place, by tanh so that no argument overflows."""
    v *= 0.5
    np.tanh(v, out=v)
    v *= 0.5
    v += 0.5


def rnn_forward(inputs: Array, weight_hh_t: Array, hidden: Array, code: int) -> None:
    sigma = ACTIVATIONS[_NAMES[code]]
    for t in range(len(inputs)):
        hidden[t + 1] = sigma(inputs[t] + hidden[t] @ weight_hh_t)


def rnn_backward(hidden: Array, weight_hh: Array, adjoint: Array, code: int) -> None:
    later = np.zeros_like(adjoint[0])
    for t in reversed(range(len(adjoint))):
        adjoint[t] = activation_slope(_NAMES[code], hidden[t + 1], adjoint[t] + later)
        np.dot(adjoint[t], weight_hh, out=later)


def lstm_forward(
    gates: Array, weight_hh_t: Array, hidden: Array, cells: Array, code: int, squash: bool = False
) -> None:
    """With `squash`, h_t = tanh(s(o) sigma(c_t))."""
    n, sigma, v = hidden.shape[2], ACTIVATIONS[_NAMES[code]], np.empty_like(gates[0])
    for t in range(len(gates)):
        gates[t] += np.dot(hidden[t], weight_hh_t, out=v)
        i, f, g, o = np.split(gates[t], 4, axis=-1)
        _logistic(gates[t, :, : 2 * n])
        _logistic(o)
        g[:] = sigma(g)
        np.multiply(f, cells[t], out=cells[t + 1])
        cells[t + 1] += i * g
        np.multiply(o, sigma(cells[t + 1]), out=hidden[t + 1])
        if squash:
            np.tanh(hidden[t + 1], out=hidden[t + 1])


def lstm_backward(
    gates: Array,
    cells: Array,
    weight_hh: Array,
    adjoint: Array,
    code: int,
    squashed: Array | None = None,
) -> None:
    """`squashed` are the hidden units of a forward pass with `squash`."""
    name = _NAMES[code]
    later, dc = np.zeros_like(adjoint[0]), np.zeros_like(adjoint[0])
    for t in reversed(range(len(adjoint))):
        i, f, g, o = np.split(gates[t], 4, axis=-1)
        out = ACTIVATIONS[name](cells[t + 1])
        dh = adjoint[t] + later
        if squashed is not None:
            dh *= 1.0 - squashed[t + 1] ** 2
        dc += activation_slope(name, out, dh * o)
        later_dc = dc * f
        dg = activation_slope(name, g, dc * i)
        i *= dc * g * (1.0 - i)
        f *= dc * cells[t] * (1.0 - f)
        g[:] = dg
        o *= dh * out * (1.0 - o)
        dc = later_dc
        np.dot(gates[t], weight_hh, out=later)


def mlstm_fixed_forward(
    gates: Array, weight_hh_t: Array, w: Array, hidden: Array, cells: Array, code: int
) -> None:
    n_lags, sigma = len(w), ACTIVATIONS[_NAMES[code]]
    v, memory = np.empty_like(gates[0]), np.empty_like(hidden[0])
    for t in range(len(gates)):
        gates[t] += np.dot(hidden[t], weight_hh_t, out=v)
        i, g, o = np.split(gates[t], 3, axis=-1)
        _logistic(i)
        _logistic(o)
        g[:] = sigma(g)
        _kernels.lag_sum(cells, n_lags + t, w, memory)
        c = cells[n_lags + t]
        np.subtract(i * g, memory, out=c)
        np.multiply(o, sigma(c), out=hidden[t + 1])


def mlstm_fixed_backward(
    gates: Array, weight_hh: Array, w: Array, cells: Array, adjoint: Array, d_w: Array, code: int
) -> None:
    name, n_lags = _NAMES[code], len(w)
    later, d_cells = np.zeros_like(adjoint[0]), np.zeros_like(cells)
    for t in reversed(range(len(adjoint))):
        i, g, o = np.split(gates[t], 3, axis=-1)
        out = ACTIVATIONS[name](cells[n_lags + t])
        dh, dc = adjoint[t] + later, d_cells[n_lags + t]
        dc += activation_slope(name, out, dh * o)
        dg = activation_slope(name, g, dc * i)
        i *= dc * g * (1.0 - i)
        g[:] = dg
        o *= dh * out * (1.0 - o)
        _kernels.lag_sum_backward(cells, n_lags + t, w, dc, d_cells, d_w)
        np.dot(gates[t], weight_hh, out=later)
