"""Compiled recurrences with a tape, and their adjoints, for any hidden, input and batch size.

Sequences are (n_steps, n_batch, n) and C-ordered; those of states have one step more, the state
before the first step in front.  What the inputs add to the pre-activations is there before, what
the weights owe to the adjoints of the pre-activations is computed after: only the true
recurrence is in here.
"""

import math

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def _sigmoid(v):
    return 1.0 / (1.0 + math.exp(-v))


@njit(cache=True, nogil=True)
def _activate(v, code):
    if code == 0:
        return math.tanh(v)
    if code == 1:
        return _sigmoid(v)
    if code == 2:
        return max(v, 0.0)
    return v


@njit(cache=True, nogil=True)
def _slope(s, code):
    """Derivative of the activation, given its value."""
    if code == 0:
        return 1.0 - s * s
    if code == 1:
        return s * (1.0 - s)
    if code == 2:
        return 1.0 if s > 0.0 else 0.0
    return 1.0


@njit(cache=True, nogil=True)
def rnn_forward(inputs, weight_hh_t, hidden, code):
    n_steps, n_batch, n = inputs.shape
    v = np.empty((n_batch, n))
    for t in range(n_steps):
        np.dot(hidden[t], weight_hh_t, v)
        for b in range(n_batch):
            for i in range(n):
                hidden[t + 1, b, i] = _activate(inputs[t, b, i] + v[b, i], code)


@njit(cache=True, nogil=True)
def rnn_backward(hidden, weight_hh, adjoint, code):
    """`adjoint` comes as dL/dh_t from above and leaves as dL/dv_t."""
    n_steps, n_batch, n = adjoint.shape
    later = np.zeros((n_batch, n))
    for t in range(n_steps - 1, -1, -1):
        for b in range(n_batch):
            for i in range(n):
                dh = adjoint[t, b, i] + later[b, i]
                adjoint[t, b, i] = dh * _slope(hidden[t + 1, b, i], code)
        np.dot(adjoint[t], weight_hh, later)


@njit(cache=True, nogil=True)
def lstm_forward(gates, weight_hh_t, hidden, cells, code):
    """`gates`, blocks i, f, g, o, come as what the inputs add and leave as their values."""
    n_steps, n_batch, n = gates.shape[0], gates.shape[1], hidden.shape[2]
    v = np.empty((n_batch, 4 * n))
    for t in range(n_steps):
        np.dot(hidden[t], weight_hh_t, v)
        for b in range(n_batch):
            gate = gates[t, b]
            for i in range(n):
                gate[i] = _sigmoid(gate[i] + v[b, i])
                gate[n + i] = _sigmoid(gate[n + i] + v[b, n + i])
                gate[2 * n + i] = _activate(gate[2 * n + i] + v[b, 2 * n + i], code)
                gate[3 * n + i] = _sigmoid(gate[3 * n + i] + v[b, 3 * n + i])
                c = gate[n + i] * cells[t, b, i] + gate[i] * gate[2 * n + i]
                cells[t + 1, b, i] = c
                hidden[t + 1, b, i] = gate[3 * n + i] * _activate(c, code)


@njit(cache=True, nogil=True)
def lstm_backward(gates, cells, weight_hh, adjoint, code):
    """`gates` leave as the adjoints of their pre-activations; `adjoint` is dL/dh_t from above."""
    n_steps, n_batch, n = adjoint.shape
    later, dc = np.zeros((n_batch, n)), np.zeros((n_batch, n))
    for t in range(n_steps - 1, -1, -1):
        for b in range(n_batch):
            gate = gates[t, b]
            for k in range(n):
                i, f, g, o = gate[k], gate[n + k], gate[2 * n + k], gate[3 * n + k]
                c_out = _activate(cells[t + 1, b, k], code)
                dh = adjoint[t, b, k] + later[b, k]
                dc[b, k] += dh * o * _slope(c_out, code)
                gate[k] = dc[b, k] * g * i * (1.0 - i)
                gate[n + k] = dc[b, k] * cells[t, b, k] * f * (1.0 - f)
                gate[2 * n + k] = dc[b, k] * i * _slope(g, code)
                gate[3 * n + k] = dh * c_out * o * (1.0 - o)
                dc[b, k] *= f
        np.dot(gates[t], weight_hh, later)


@njit(cache=True, nogil=True)
def gru_forward(gates, weight_rz_t, weight_n_t, bias_n, reset_after, hidden, inner, code):
    """Blocks r, z, n as in `lstm_forward`; `inner` is what W_hn and its bias give."""
    n_steps, n_batch, n = inner.shape
    v, reset = np.empty((n_batch, 2 * n)), np.empty((n_batch, n))
    for t in range(n_steps):
        np.dot(hidden[t], weight_rz_t, v)
        for b in range(n_batch):
            for i in range(2 * n):
                gates[t, b, i] = _sigmoid(gates[t, b, i] + v[b, i])
            for i in range(n):
                reset[b, i] = hidden[t, b, i] * (1.0 if reset_after else gates[t, b, i])
        np.dot(reset, weight_n_t, inner[t])
        for b in range(n_batch):
            for i in range(n):
                inner[t, b, i] += bias_n[i]
                scale = gates[t, b, i] if reset_after else 1.0
                new = _activate(gates[t, b, 2 * n + i] + scale * inner[t, b, i], code)
                z = gates[t, b, n + i]
                gates[t, b, 2 * n + i] = new
                hidden[t + 1, b, i] = (1.0 - z) * new + z * hidden[t, b, i]


@njit(cache=True, nogil=True)
def gru_backward(gates, weight_rz, weight_n, reset_after, hidden, inner, adjoint, code):
    """`gates` leave as adjoints of their pre-activations, `inner` as its own adjoint."""
    n_steps, n_batch, n = adjoint.shape
    later, d_rz, d_reset = (
        np.zeros((n_batch, n)),
        np.empty((n_batch, 2 * n)),
        np.empty((n_batch, n)),
    )
    for t in range(n_steps - 1, -1, -1):
        for b in range(n_batch):
            for i in range(n):
                r, z, new = gates[t, b, i], gates[t, b, n + i], gates[t, b, 2 * n + i]
                dh = adjoint[t, b, i] + later[b, i]
                later[b, i] = dh * z
                dn = dh * (1.0 - z) * _slope(new, code)
                d_rz[b, i] = dn * inner[t, b, i] * r * (1.0 - r)
                d_rz[b, n + i] = dh * (hidden[t, b, i] - new) * z * (1.0 - z)
                gates[t, b, 2 * n + i] = dn
                inner[t, b, i] = dn * r if reset_after else dn
        np.dot(inner[t], weight_n, d_reset)
        for b in range(n_batch):
            for i in range(n):
                if reset_after:
                    later[b, i] += d_reset[b, i]
                else:
                    r = gates[t, b, i]
                    later[b, i] += d_reset[b, i] * r
                    d_rz[b, i] = d_reset[b, i] * hidden[t, b, i] * r * (1.0 - r)
        later += np.dot(d_rz, weight_rz)
        gates[t, :, : 2 * n] = d_rz


@njit(cache=True, nogil=True)
def _filter(series, newest, d, n_lags, w, slope, total, total_slope):
    """sum_j w_j(d) series[newest - j + 1] over j = 1..K, and its derivative in d."""
    n_batch, n = d.shape
    w[:] = 1.0
    slope[:] = 0.0
    total[:] = 0.0
    total_slope[:] = 0.0
    for j in range(n_lags):
        for b in range(n_batch):
            for i in range(n):
                ratio = (j - d[b, i]) / (j + 1.0)
                slope[b, i] = slope[b, i] * ratio - w[b, i] / (j + 1.0)
                w[b, i] *= ratio
                total[b, i] += w[b, i] * series[newest - j, b, i]
                total_slope[b, i] += slope[b, i] * series[newest - j, b, i]


@njit(cache=True, nogil=True)
def _filter_backward(adjoints, newest, d, n_lags, w, adjoint):
    """Adds to `adjoints` of the series what `adjoint` of its filtered value owes to them."""
    n_batch, n = d.shape
    w[:] = 1.0
    for j in range(n_lags):
        for b in range(n_batch):
            for i in range(n):
                w[b, i] *= (j - d[b, i]) / (j + 1.0)
                adjoints[newest - j, b, i] += w[b, i] * adjoint[b, i]


@njit(cache=True, nogil=True)
def mrnn_forward(drive, recurrent_t, weight_fm_t, series, joint, filtered, filtered_slope, code):
    """Blocks d, h, m; `series` starts with the K - 1 inputs before the first step."""
    n_steps, n_batch, n_input = filtered.shape
    n_joint, n_lags = joint.shape[2], series.shape[0] - n_steps + 1
    n_hidden = (n_joint - n_input) // 2
    v, v_m = np.empty((n_batch, n_joint)), np.empty((n_batch, n_hidden))
    w, slope = np.empty((n_batch, n_input)), np.empty((n_batch, n_input))
    d = np.empty((n_batch, n_input))
    for t in range(n_steps):
        np.dot(joint[t], recurrent_t, v)
        v += drive[t]
        for b in range(n_batch):
            for i in range(n_input):
                d[b, i] = 0.5 * _sigmoid(v[b, i])
                joint[t + 1, b, i] = d[b, i]
        newest = n_lags - 1 + t
        _filter(series, newest, d, n_lags, w, slope, filtered[t], filtered_slope[t])
        np.dot(filtered[t], weight_fm_t, v_m)
        for b in range(n_batch):
            for i in range(n_hidden):
                h, m = n_input + i, n_input + n_hidden + i
                joint[t + 1, b, h] = _activate(v[b, h], code)
                joint[t + 1, b, m] = _activate(v[b, m] + v_m[b, i], code)


@njit(cache=True, nogil=True)
def mrnn_backward(recurrent, weight_fm, joint, filtered_slope, adjoint, d_filtered, d_series, code):
    """`adjoint` comes as dL/d(d, h, m) from above and leaves as that of the pre-activations."""
    n_steps, n_batch, n_input = d_filtered.shape
    n_joint, n_lags = joint.shape[2], d_series.shape[0] - n_steps + 1
    n_hidden = (n_joint - n_input) // 2
    later, dv_m = np.zeros((n_batch, n_joint)), np.empty((n_batch, n_hidden))
    w, d = np.empty((n_batch, n_input)), np.empty((n_batch, n_input))
    for t in range(n_steps - 1, -1, -1):
        adjoint[t] += later
        for b in range(n_batch):
            for i in range(n_input, n_joint):
                adjoint[t, b, i] *= _slope(joint[t + 1, b, i], code)
            dv_m[b] = adjoint[t, b, n_input + n_hidden :]
        np.dot(dv_m, weight_fm, d_filtered[t])
        for b in range(n_batch):
            for i in range(n_input):
                d[b, i] = joint[t + 1, b, i]
                dd = adjoint[t, b, i] + d_filtered[t, b, i] * filtered_slope[t, b, i]
                adjoint[t, b, i] = dd * d[b, i] * (1.0 - 2.0 * d[b, i])
        _filter_backward(d_series, n_lags - 1 + t, d, n_lags, w, d_filtered[t])
        np.dot(adjoint[t], recurrent, later)
