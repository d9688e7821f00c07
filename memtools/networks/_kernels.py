"""Compiled recurrences of the cells' forward pass.

Each kernel takes what the inputs contribute to the pre-activations (one matrix product, done
before), the transposed recurrent weights, and the state, which it updates in place; it fills
`hidden`, shape (n_steps, n_batch, n_hidden).  Matrix products run along the contiguous output
axis, so that they vectorise without reordering a sum.
"""

import math

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def _sigmoid(v):
    return 0.5 + 0.5 * math.tanh(0.5 * v)


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
def _add_product(total, v, weight_t):
    """total += weight v."""
    for i in range(v.shape[0]):
        for j in range(total.shape[0]):
            total[j] += weight_t[i, j] * v[i]


@njit(cache=True, nogil=True)
def rnn(inputs, weight_hh_t, h, code, hidden):
    n_steps, n_batch, n_hidden = hidden.shape
    v = np.empty(n_hidden)
    for t in range(n_steps):
        for b in range(n_batch):
            v[:] = inputs[t, b]
            _add_product(v, h[b], weight_hh_t)
            for i in range(n_hidden):
                h[b, i] = _activate(v[i], code)
            hidden[t, b] = h[b]


@njit(cache=True, nogil=True)
def lstm(inputs, weight_hh_t, h, c, code, hidden):
    """Blocks i, f, g, o."""
    n_steps, n_batch, n = hidden.shape
    v = np.empty(4 * n)
    for t in range(n_steps):
        for b in range(n_batch):
            v[:] = inputs[t, b]
            _add_product(v, h[b], weight_hh_t)
            for i in range(n):
                new = _sigmoid(v[i]) * _activate(v[2 * n + i], code)
                c[b, i] = _sigmoid(v[n + i]) * c[b, i] + new
                h[b, i] = _sigmoid(v[3 * n + i]) * _activate(c[b, i], code)
            hidden[t, b] = h[b]


@njit(cache=True, nogil=True)
def gru(inputs, weight_gates_t, weight_n_t, bias_n, reset_after, h, code, hidden):
    """Blocks r, z, n."""
    n_steps, n_batch, n = hidden.shape
    gates, inner, reset = np.empty(2 * n), np.empty(n), np.empty(n)
    for t in range(n_steps):
        for b in range(n_batch):
            gates[:] = inputs[t, b, : 2 * n]
            _add_product(gates, h[b], weight_gates_t)
            for i in range(2 * n):
                gates[i] = _sigmoid(gates[i])
            inner[:] = bias_n
            for i in range(n):
                reset[i] = h[b, i] if reset_after else gates[i] * h[b, i]
            _add_product(inner, reset, weight_n_t)
            for i in range(n):
                scale = gates[i] if reset_after else 1.0
                new = _activate(inputs[t, b, 2 * n + i] + scale * inner[i], code)
                h[b, i] = (1.0 - gates[n + i]) * new + gates[n + i] * h[b, i]
            hidden[t, b] = h[b]


@njit(cache=True, nogil=True)
def _filter(series, newest, b, d, n_lags, w, total):
    """total_i = sum_{j=1}^{n_lags} w_j(d_i) series[newest - j + 1, b, i], w_j of (1 - B)^d."""
    for i in range(d.shape[0]):
        w[i] = 1.0
        total[i] = 0.0
    for j in range(1, n_lags + 1):
        for i in range(d.shape[0]):
            w[i] *= (j - 1.0 - d[i]) / j
            total[i] += w[i] * series[newest - j + 1, b, i]


@njit(cache=True, nogil=True)
def mrnn_d(drive, weight_t, weight_fm_t, x, state, code, lanes):
    """MRNN with moving d; blocks d, h, m in `drive`, `weight_t` and `state`, h, m in `lanes`.

    `x` starts with the K - 1 inputs before the first step.
    """
    n_steps, n_batch, n_lanes = lanes.shape
    n_input, n_lags = x.shape[2], x.shape[0] - n_steps + 1
    v, w, filtered = np.empty(drive.shape[2]), np.empty(n_input), np.empty(n_input)
    for t in range(n_steps):
        for b in range(n_batch):
            v[:] = drive[t, b]
            _add_product(v, state[b], weight_t)
            d, lane = state[b, :n_input], state[b, n_input:]
            for i in range(n_input):
                d[i] = 0.5 * _sigmoid(v[i])
            _filter(x, n_lags - 1 + t, b, d, n_lags, w, filtered)
            _add_product(v[n_input + n_lanes // 2 :], filtered, weight_fm_t)
            for i in range(n_lanes):
                lane[i] = _activate(v[n_input + i], code)
            lanes[t, b] = lane


@njit(cache=True, nogil=True)
def mlstm(inputs, weight_hh_t, w, h, cells, code, hidden):
    """Blocks i, g, o; `w` (K, n) the weights of lags 1..K; `cells` starts with the K before."""
    n_steps, n_batch, n = hidden.shape
    n_lags = w.shape[0]
    v = np.empty(3 * n)
    for t in range(n_steps):
        for b in range(n_batch):
            v[:] = inputs[t, b]
            _add_product(v, h[b], weight_hh_t)
            c = cells[n_lags + t, b]
            for i in range(n):
                c[i] = _sigmoid(v[i]) * _activate(v[n + i], code)
            for j in range(n_lags):
                for i in range(n):
                    c[i] -= w[j, i] * cells[n_lags + t - 1 - j, b, i]
            for i in range(n):
                h[b, i] = _sigmoid(v[2 * n + i]) * _activate(c[i], code)
            hidden[t, b] = h[b]


@njit(cache=True, nogil=True)
def mlstm_d(inputs, weight_hh_t, drive, weight_hd_t, weight_dd_t, h, d, cells, code, hidden):
    """As `mlstm`, with d moving with the state; `drive` is what the inputs add to its logit."""
    n_steps, n_batch, n = hidden.shape
    n_lags = cells.shape[0] - n_steps
    v, v_d, w, memory = np.empty(3 * n), np.empty(n), np.empty(n), np.empty(n)
    for t in range(n_steps):
        for b in range(n_batch):
            v_d[:] = drive[t, b]
            _add_product(v_d, h[b], weight_hd_t)
            _add_product(v_d, d[b], weight_dd_t)
            for i in range(n):
                d[b, i] = 0.5 * _sigmoid(v_d[i])
            v[:] = inputs[t, b]
            _add_product(v, h[b], weight_hh_t)
            _filter(cells, n_lags + t - 1, b, d[b], n_lags, w, memory)
            for i in range(n):
                c = _sigmoid(v[i]) * _activate(v[n + i], code) - memory[i]
                cells[n_lags + t, b, i] = c
                h[b, i] = _sigmoid(v[2 * n + i]) * _activate(c, code)
            hidden[t, b] = h[b]


@njit(cache=True, nogil=True)
def rwa(u, g_inputs, a_inputs, weight_hg_t, weight_ha_t, state, code, hidden):
    """`state` is the stack of h, n, d, a_max."""
    n_steps, n_batch, n_hidden = hidden.shape
    g, a = np.empty(n_hidden), np.empty(n_hidden)
    for t in range(n_steps):
        for b in range(n_batch):
            h, n, d, a_max = state[0, b], state[1, b], state[2, b], state[3, b]
            g[:] = g_inputs[t, b]
            a[:] = a_inputs[t, b]
            _add_product(g, h, weight_hg_t)
            _add_product(a, h, weight_ha_t)
            for i in range(n_hidden):
                largest = max(a[i], a_max[i])
                old, new = math.exp(a_max[i] - largest), math.exp(a[i] - largest)
                n[i] = n[i] * old + u[t, b, i] * math.tanh(g[i]) * new
                d[i] = d[i] * old + new
                a_max[i] = largest
                h[i] = _activate(n[i] / d[i], code)
            hidden[t, b] = h


@njit(cache=True, nogil=True)
def mist(a_inputs, r_inputs, h_inputs, weight_ha_t, weight_hr_t, weight_hh_t, past, code):
    """`past` (P + n_steps, n_batch, n_hidden) starts with the P states before the first step."""
    n_steps, n_batch, n_delays = a_inputs.shape
    n_hidden = past.shape[2]
    n_past = past.shape[0] - n_steps
    a, r, v, mixed = np.empty(n_delays), np.empty(n_hidden), np.empty(n_hidden), np.empty(n_hidden)
    for t in range(n_past, n_past + n_steps):
        for b in range(n_batch):
            h = past[t - 1, b]
            a[:] = a_inputs[t - n_past, b]
            r[:] = r_inputs[t - n_past, b]
            v[:] = h_inputs[t - n_past, b]
            _add_product(a, h, weight_ha_t)
            _add_product(r, h, weight_hr_t)
            largest = a.max()
            total = 0.0
            for k in range(n_delays):
                a[k] = math.exp(a[k] - largest)
                total += a[k]
            mixed[:] = 0.0
            for k in range(n_delays):
                for i in range(n_hidden):
                    mixed[i] += a[k] / total * past[t - (1 << k), b, i]
            for i in range(n_hidden):
                mixed[i] *= _sigmoid(r[i])
            _add_product(v, mixed, weight_hh_t)
            for i in range(n_hidden):
                past[t, b, i] = _activate(v[i], code)
