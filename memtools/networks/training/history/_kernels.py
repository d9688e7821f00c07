"""Recurrences of cells that look back on their own states; conventions as in the folder above."""

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
def _mlstm_step(gate, v, memory, c, h, code):
    """Gates i, g, o, cell and hidden unit of one step of one sequence."""
    n = c.shape[0]
    for i in range(n):
        gate[i] = _sigmoid(gate[i] + v[i])
        gate[n + i] = _activate(gate[n + i] + v[n + i], code)
        gate[2 * n + i] = _sigmoid(gate[2 * n + i] + v[2 * n + i])
        c[i] = gate[i] * gate[n + i] - memory[i]
        h[i] = gate[2 * n + i] * _activate(c[i], code)


@njit(cache=True, nogil=True)
def _mlstm_step_backward(gate, c, dh, dc, code):
    """`gate` leaves as the adjoints of its pre-activations; adds to `dc` what h owes to c."""
    n = c.shape[0]
    for k in range(n):
        i, g, o = gate[k], gate[n + k], gate[2 * n + k]
        c_out = _activate(c[k], code)
        dc[k] += dh[k] * o * _slope(c_out, code)
        gate[k] = dc[k] * g * i * (1.0 - i)
        gate[n + k] = dc[k] * i * _slope(g, code)
        gate[2 * n + k] = dh[k] * c_out * o * (1.0 - o)


@njit(cache=True, nogil=True)
def mlstm_fixed_forward(gates, weight_hh_t, w, hidden, cells, code):
    """`w` (K, n) are the weights of lags 1..K; `cells` starts with the K before the first step."""
    n_steps, n_batch, n = gates.shape[0], gates.shape[1], hidden.shape[2]
    n_lags = w.shape[0]
    v, memory = np.empty((n_batch, 3 * n)), np.empty((n_batch, n))
    for t in range(n_steps):
        np.dot(hidden[t], weight_hh_t, v)
        memory[:] = 0.0
        for j in range(n_lags):
            for b in range(n_batch):
                for i in range(n):
                    memory[b, i] += w[j, i] * cells[n_lags + t - 1 - j, b, i]
        for b in range(n_batch):
            c, h = cells[n_lags + t, b], hidden[t + 1, b]
            _mlstm_step(gates[t, b], v[b], memory[b], c, h, code)


@njit(cache=True, nogil=True)
def mlstm_fixed_backward(gates, weight_hh, w, cells, adjoint, d_w, code):
    """`gates` leave as adjoints, `d_w` gains those of the weights."""
    n_steps, n_batch, n = adjoint.shape
    n_lags = w.shape[0]
    later, d_cells = np.zeros((n_batch, n)), np.zeros(cells.shape)
    for t in range(n_steps - 1, -1, -1):
        now = n_lags + t
        for b in range(n_batch):
            later[b] += adjoint[t, b]
            _mlstm_step_backward(gates[t, b], cells[now, b], later[b], d_cells[now, b], code)
        for j in range(n_lags):
            for b in range(n_batch):
                for i in range(n):
                    d_cells[now - 1 - j, b, i] -= w[j, i] * d_cells[now, b, i]
                    d_w[j, i] -= cells[now - 1 - j, b, i] * d_cells[now, b, i]
        np.dot(gates[t], weight_hh, later)


@njit(cache=True, nogil=True)
def mlstm_forward(gates, weight_hh_t, drive, weight_hd_t, weight_dd_t, n_lags, hidden, d, cells,
                  memory_slope, code):  # fmt: skip
    """`drive` is what the inputs add to the logit of 2 d."""
    n_steps, n_batch, n = drive.shape
    v, v_d, memory = np.empty((n_batch, 3 * n)), np.empty((n_batch, n)), np.empty((n_batch, n))
    w, slope = np.empty((n_batch, n)), np.empty((n_batch, n))
    for t in range(n_steps):
        np.dot(hidden[t], weight_hd_t, v_d)
        v_d += drive[t]
        v_d += np.dot(d[t], weight_dd_t)
        np.dot(hidden[t], weight_hh_t, v)
        w[:] = 1.0
        slope[:] = 0.0
        memory[:] = 0.0
        memory_slope[t] = 0.0
        for b in range(n_batch):
            for i in range(n):
                d[t + 1, b, i] = 0.5 * _sigmoid(v_d[b, i])
        for j in range(n_lags):
            for b in range(n_batch):
                for i in range(n):
                    ratio = (j - d[t + 1, b, i]) / (j + 1.0)
                    slope[b, i] = slope[b, i] * ratio - w[b, i] / (j + 1.0)
                    w[b, i] *= ratio
                    memory[b, i] += w[b, i] * cells[n_lags + t - 1 - j, b, i]
                    memory_slope[t, b, i] += slope[b, i] * cells[n_lags + t - 1 - j, b, i]
        for b in range(n_batch):
            c, h = cells[n_lags + t, b], hidden[t + 1, b]
            _mlstm_step(gates[t, b], v[b], memory[b], c, h, code)


@njit(cache=True, nogil=True)
def mlstm_backward(gates, weight_hh, weight_hd, weight_dd, n_lags, d, cells, memory_slope, adjoint,
                   dv_d, code):  # fmt: skip
    """`gates` leave as adjoints; `dv_d` are those of the logit of 2 d."""
    n_steps, n_batch, n = adjoint.shape
    later, later_d, d_cells = np.zeros((n_batch, n)), np.zeros((n_batch, n)), np.zeros(cells.shape)
    w = np.empty((n_batch, n))
    for t in range(n_steps - 1, -1, -1):
        now = n_lags + t
        w[:] = 1.0
        for b in range(n_batch):
            later[b] += adjoint[t, b]
            _mlstm_step_backward(gates[t, b], cells[now, b], later[b], d_cells[now, b], code)
            for i in range(n):
                dd = later_d[b, i] - d_cells[now, b, i] * memory_slope[t, b, i]
                dv_d[t, b, i] = dd * d[t + 1, b, i] * (1.0 - 2.0 * d[t + 1, b, i])
        for j in range(n_lags):
            for b in range(n_batch):
                for i in range(n):
                    w[b, i] *= (j - d[t + 1, b, i]) / (j + 1.0)
                    d_cells[now - 1 - j, b, i] -= w[b, i] * d_cells[now, b, i]
        np.dot(gates[t], weight_hh, later)
        later += np.dot(dv_d[t], weight_hd)
        np.dot(dv_d[t], weight_dd, later_d)


@njit(cache=True, nogil=True)
def rwa_forward(u, g, a, weight_hg_t, weight_ha_t, state, old, new, code):
    """`g` and `a` come as what the inputs add; `g` leaves as its tanh, `old` and `new` scale.

    `state` (3, n_steps + 1, n_batch, n) holds h, n, d; row 0 of `old` comes as the first maximum.
    """
    n_steps, n_batch, n_hidden = u.shape
    hidden, n, d = state[0], state[1], state[2]
    v_g, v_a = np.empty((n_batch, n_hidden)), np.empty((n_batch, n_hidden))
    largest = old[0].copy()
    for t in range(n_steps):
        np.dot(hidden[t], weight_hg_t, v_g)
        np.dot(hidden[t], weight_ha_t, v_a)
        for b in range(n_batch):
            for i in range(n_hidden):
                now = a[t, b, i] + v_a[b, i]
                before = largest[b, i]
                largest[b, i] = max(now, before)
                old[t, b, i] = math.exp(before - largest[b, i])
                new[t, b, i] = math.exp(now - largest[b, i])
                g[t, b, i] = math.tanh(g[t, b, i] + v_g[b, i])
                total = u[t, b, i] * g[t, b, i] * new[t, b, i]
                n[t + 1, b, i] = n[t, b, i] * old[t, b, i] + total
                d[t + 1, b, i] = d[t, b, i] * old[t, b, i] + new[t, b, i]
                hidden[t + 1, b, i] = _activate(n[t + 1, b, i] / d[t + 1, b, i], code)
    return largest


@njit(cache=True, nogil=True)
def rwa_backward(u, g, weight_hg, weight_ha, state, old, new, adjoint, code):
    """`u`, `g`, `new` leave as the adjoints of u, of g's pre-activation and of a.

    The maximum cancels in n / d, so that it is held constant.
    """
    n_steps, n_batch, n_hidden = u.shape
    hidden, n, d = state[0], state[1], state[2]
    later = np.zeros((n_batch, n_hidden))
    dn, dd = np.zeros((n_batch, n_hidden)), np.zeros((n_batch, n_hidden))
    for t in range(n_steps - 1, -1, -1):
        for b in range(n_batch):
            for i in range(n_hidden):
                weight, lane, drawn = new[t, b, i], g[t, b, i], u[t, b, i]
                dh = adjoint[t, b, i] + later[b, i]
                mean = dh * _slope(hidden[t + 1, b, i], code) / d[t + 1, b, i]
                dn[b, i] += mean
                dd[b, i] -= mean * n[t + 1, b, i] / d[t + 1, b, i]
                u[t, b, i] = dn[b, i] * weight * lane
                g[t, b, i] = dn[b, i] * weight * drawn * (1.0 - lane * lane)
                new[t, b, i] = (dn[b, i] * drawn * lane + dd[b, i]) * weight
                dn[b, i] *= old[t, b, i]
                dd[b, i] *= old[t, b, i]
        np.dot(g[t], weight_hg, later)
        later += np.dot(new[t], weight_ha)


@njit(cache=True, nogil=True)
def mist_forward(a, r, v, weight_ha_t, weight_hr_t, weight_hh_t, past, mixed, code):
    """`a`, `r` come as what the inputs add and leave as attention and gate."""
    n_steps, n_batch, n_delays = a.shape
    n_hidden, n_past = r.shape[2], past.shape[0] - a.shape[0]
    v_a, v_r = np.empty((n_batch, n_delays)), np.empty((n_batch, n_hidden))
    gated, v_h = np.empty((n_batch, n_hidden)), np.empty((n_batch, n_hidden))
    for t in range(n_steps):
        now = n_past + t
        np.dot(past[now - 1], weight_ha_t, v_a)
        np.dot(past[now - 1], weight_hr_t, v_r)
        mixed[t] = 0.0
        for b in range(n_batch):
            attention = a[t, b]
            attention += v_a[b]
            attention[:] = np.exp(attention - attention.max())
            attention /= attention.sum()
            for k in range(n_delays):
                for i in range(n_hidden):
                    mixed[t, b, i] += attention[k] * past[now - (1 << k), b, i]
            for i in range(n_hidden):
                r[t, b, i] = _sigmoid(r[t, b, i] + v_r[b, i])
                gated[b, i] = r[t, b, i] * mixed[t, b, i]
        np.dot(gated, weight_hh_t, v_h)
        for b in range(n_batch):
            for i in range(n_hidden):
                past[now, b, i] = _activate(v[t, b, i] + v_h[b, i], code)


@njit(cache=True, nogil=True)
def mist_backward(a, r, weight_ha, weight_hr, weight_hh, past, mixed, d_past, code):
    """`a`, `r` leave as adjoints of their pre-activations, `d_past` as those of h's.

    `d_past`, of the shape of `past`, comes as dL/dh_t from above.
    """
    n_steps, n_batch, n_delays = a.shape
    n_hidden, n_past = r.shape[2], past.shape[0] - a.shape[0]
    d_gated, d_mixed = np.empty((n_batch, n_hidden)), np.empty(n_hidden)
    for t in range(n_steps - 1, -1, -1):
        now = n_past + t
        for b in range(n_batch):
            for i in range(n_hidden):
                d_past[now, b, i] *= _slope(past[now, b, i], code)
        np.dot(d_past[now], weight_hh, d_gated)
        for b in range(n_batch):
            for i in range(n_hidden):
                gate = r[t, b, i]
                d_mixed[i] = d_gated[b, i] * gate
                r[t, b, i] = d_gated[b, i] * mixed[t, b, i] * gate * (1.0 - gate)
            mean = 0.0
            for i in range(n_hidden):
                mean += d_mixed[i] * mixed[t, b, i]
            for k in range(n_delays):
                weight, total = a[t, b, k], 0.0
                for i in range(n_hidden):
                    total += d_mixed[i] * past[now - (1 << k), b, i]
                    d_past[now - (1 << k), b, i] += weight * d_mixed[i]
                a[t, b, k] = weight * (total - mean)
        d_past[now - 1] += np.dot(a[t], weight_ha)
        d_past[now - 1] += np.dot(r[t], weight_hr)
