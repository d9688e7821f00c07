"""Compiled loss gradients of scalar networks that look back on their own past states.

Conventions as in the kernels of the folder above.
"""

import math

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def _sigmoid(v):
    return 1.0 / (1.0 + math.exp(-v))


@njit(cache=True, nogil=True)
def _tanh(v):
    """By one exponential, which is twice as fast as the library's; exact to 1e-16 absolute."""
    return 1.0 - 2.0 / (math.exp(2.0 * v) + 1.0)


@njit(cache=True, nogil=True)
def _mlstm_step(theta, x, memory, h, tape, t):
    """Rows i, g, o, c, tanh(c) of step t from the filtered past; returns c and h."""
    i = _sigmoid(theta[0] * x + theta[3] * h + theta[6])
    g = _tanh(theta[1] * x + theta[4] * h + theta[7])
    o = _sigmoid(theta[2] * x + theta[5] * h + theta[8])
    c = i * g - memory
    c_out = _tanh(c)
    tape[0, t], tape[1, t], tape[2, t], tape[3, t], tape[4, t] = i, g, o, c, c_out
    return c, o * c_out


@njit(cache=True, nogil=True)
def _mlstm_step_back(theta, x, tape, t, dh, dc, sums):
    """Adds to `sums` what step t adds to the first nine gradients; returns dL/dh_{t-1}."""
    i, g, o, c_out = tape[0, t], tape[1, t], tape[2, t], tape[4, t]
    h_before = tape[2, t - 1] * tape[4, t - 1] if t > 0 else 0.0
    v_i = dc * g * i * (1.0 - i)
    v_g = dc * i * (1.0 - g * g)
    v_o = dh * c_out * o * (1.0 - o)
    sums[0] += v_i * x
    sums[1] += v_g * x
    sums[2] += v_o * x
    sums[3] += v_i * h_before
    sums[4] += v_g * h_before
    sums[5] += v_o * h_before
    sums[6] += v_i
    sums[7] += v_g
    sums[8] += v_o
    return v_i * theta[3] + v_g * theta[4] + v_o * theta[5]


@njit(cache=True, nogil=True)
def _weights(d, w, slope):
    """Weights of lags 1..K of (1 - B)^d and their derivatives in d."""
    now, change = 1.0, 0.0
    for j in range(w.shape[0]):
        ratio = (j - d) / (j + 1.0)
        change = change * ratio - now / (j + 1.0)
        now *= ratio
        w[j] = now
        slope[j] = change


@njit(cache=True, nogil=True)
def mlstm_fixed_forward(theta, x, tape, z, n_lags):
    """Rows i, g, o, c, tanh(c) and the derivative in d of the filtered past."""
    n_steps = x.shape[0]
    w, slope = np.empty(n_lags), np.empty(n_lags)
    _weights(0.5 * _sigmoid(theta[9]), w, slope)
    memory, memory_slope = np.zeros(n_steps + n_lags), np.zeros(n_steps + n_lags)
    h = 0.0
    for t in range(n_steps):
        c, h = _mlstm_step(theta, x[t], memory[t], h, tape, t)
        tape[5, t] = memory_slope[t]
        for j in range(n_lags):  # to all later steps at once: this vectorises
            memory[t + 1 + j] += w[j] * c
        for j in range(n_lags):
            memory_slope[t + 1 + j] += slope[j] * c
        z[t] = theta[10] * h + theta[11]


@njit(cache=True, nogil=True)
def mlstm_fixed_backward(theta, x, tape, dz, gradient, n_lags):
    n_steps = dz.shape[0]
    w, slope = np.empty(n_lags), np.empty(n_lags)
    s = _sigmoid(theta[9])
    _weights(0.5 * s, w, slope)
    w_reversed = w[::-1].copy()
    d_cells = np.zeros(n_lags + n_steps)  # K steps before the start come first
    sums = np.zeros(9)
    dh = d_d = g_wz = g_bz = 0.0
    for t in range(n_steps - 1, -1, -1):
        o, c_out = tape[2, t], tape[4, t]
        g_wz += dz[t] * o * c_out
        g_bz += dz[t]
        dh += dz[t] * theta[10]
        dc = d_cells[n_lags + t] + dh * o * (1.0 - c_out * c_out)
        dh = _mlstm_step_back(theta, x[t], tape, t, dh, dc, sums)
        d_d -= dc * tape[5, t]
        for j in range(n_lags):
            d_cells[t + j] -= dc * w_reversed[j]
    gradient[:9] = sums
    gradient[9] = d_d * 0.5 * s * (1.0 - s)
    gradient[10] = g_wz
    gradient[11] = g_bz


@njit(cache=True, nogil=True)
def mlstm_forward(theta, x, tape, z, weights, inverse):
    """Rows as with fixed d, and 2 d; `weights` (n_steps, K) are kept, the oldest lag first."""
    n_lags = inverse.shape[0]
    cells = np.zeros(x.shape[0] + n_lags)
    h = d = 0.0
    for t in range(x.shape[0]):
        s = _sigmoid(theta[12] * x[t] + theta[9] + theta[13] * h + theta[14] * d)
        d = 0.5 * s
        weight, slope, memory, memory_slope = 1.0, 0.0, 0.0, 0.0
        for j in range(n_lags):
            ratio = (j - d) * inverse[j]
            slope = slope * ratio - weight * inverse[j]
            weight *= ratio
            c = cells[n_lags + t - 1 - j]
            memory += weight * c
            memory_slope += slope * c
            weights[t, n_lags - 1 - j] = weight
        c, h = _mlstm_step(theta, x[t], memory, h, tape, t)
        cells[n_lags + t] = c
        tape[5, t], tape[6, t] = memory_slope, s
        z[t] = theta[10] * h + theta[11]


@njit(cache=True, nogil=True)
def mlstm_backward(theta, x, tape, dz, gradient, weights):
    n_steps, n_lags = dz.shape[0], weights.shape[1]
    d_cells = np.zeros(n_lags + n_steps)
    sums = np.zeros(9)
    g_b = g_x = g_h = g_d = g_wz = g_bz = dh = dv_d = 0.0
    for t in range(n_steps - 1, -1, -1):
        o, c_out, s = tape[2, t], tape[4, t], tape[6, t]
        h_before = tape[2, t - 1] * tape[4, t - 1] if t > 0 else 0.0
        d_before = 0.5 * tape[6, t - 1] if t > 0 else 0.0
        g_wz += dz[t] * o * c_out
        g_bz += dz[t]
        dh += dz[t] * theta[10]
        dc = d_cells[n_lags + t] + dh * o * (1.0 - c_out * c_out)
        dh = _mlstm_step_back(theta, x[t], tape, t, dh, dc, sums)
        dv_d = (dv_d * theta[14] - dc * tape[5, t]) * 0.5 * s * (1.0 - s)
        dh += dv_d * theta[13]
        g_b += dv_d
        g_x += dv_d * x[t]
        g_h += dv_d * h_before
        g_d += dv_d * d_before
        for j in range(n_lags):
            d_cells[t + j] -= dc * weights[t, j]
    gradient[:9] = sums
    gradient[9:] = (g_b, g_wz, g_bz, g_x, g_h, g_d)


@njit(cache=True, nogil=True)
def rwa_forward(theta, x, tape, z):
    """Rows u, tanh(g), exp(a) and the last maximum, both rescaled by the new one, n, d, h."""
    h = n = d = 0.0
    largest = -1e300
    for t in range(x.shape[0]):
        u = theta[0] * x[t] + theta[1]
        g = _tanh(theta[2] * x[t] + theta[3] * h + theta[4])
        a = theta[5] * x[t] + theta[6] * h
        before, largest = largest, max(a, largest)
        old, new = math.exp(before - largest), math.exp(a - largest)
        n = n * old + u * g * new
        d = d * old + new
        h = _tanh(n / d)
        tape[0, t], tape[1, t], tape[2, t], tape[3, t] = u, g, new, old
        tape[4, t], tape[5, t], tape[6, t] = n, d, h
        z[t] = theta[7] * h + theta[8]


@njit(cache=True, nogil=True)
def rwa_backward(theta, x, tape, dz, gradient):
    """The maximum cancels in n / d, so that it is held constant."""
    g_xu = g_u = g_xg = g_hg = g_g = g_xa = g_ha = g_hz = g_z = 0.0
    dh = dn = dd = 0.0
    for t in range(dz.shape[0] - 1, -1, -1):
        u, g, new, n, d, h = tape[0, t], tape[1, t], tape[2, t], tape[4, t], tape[5, t], tape[6, t]
        h_before = tape[6, t - 1] if t > 0 else 0.0
        g_hz += dz[t] * h
        g_z += dz[t]
        d_mean = (dh + dz[t] * theta[7]) * (1.0 - h * h)
        dn += d_mean / d
        dd -= d_mean * n / (d * d)
        du = dn * new * g
        dg = dn * new * u * (1.0 - g * g)
        da = (dn * u * g + dd) * new
        g_xu += du * x[t]
        g_u += du
        g_xg += dg * x[t]
        g_hg += dg * h_before
        g_g += dg
        g_xa += da * x[t]
        g_ha += da * h_before
        dh = dg * theta[3] + da * theta[6]
        dn *= tape[3, t]
        dd *= tape[3, t]
    gradient[:] = (g_xu, g_u, g_xg, g_hg, g_g, g_xa, g_ha, g_hz, g_z)


@njit(cache=True, nogil=True)
def mist_forward(theta, x, tape, z):
    """Rows h, r, the mixed past, then the N attention weights."""
    n_delays = (theta.shape[0] - 8) // 3
    rest = theta[3 * n_delays :]
    w_xr, w_hr, b_r, w_xh, w_hh, b_h = rest[0], rest[1], rest[2], rest[3], rest[4], rest[5]
    h = 0.0
    for t in range(x.shape[0]):
        largest = -np.inf
        for k in range(n_delays):
            a = theta[k] * x[t] + theta[n_delays + k] * h + theta[2 * n_delays + k]
            tape[3 + k, t] = a
            largest = max(largest, a)
        total = 0.0
        for k in range(n_delays):
            tape[3 + k, t] = math.exp(tape[3 + k, t] - largest)
            total += tape[3 + k, t]
        mixed = 0.0
        for k in range(n_delays):
            tape[3 + k, t] /= total
            if t >= 1 << k:
                mixed += tape[3 + k, t] * tape[0, t - (1 << k)]
        r = _sigmoid(w_xr * x[t] + w_hr * h + b_r)
        h = _tanh(w_xh * x[t] + w_hh * r * mixed + b_h)
        tape[0, t], tape[1, t], tape[2, t] = h, r, mixed
        z[t] = rest[6] * h + rest[7]


@njit(cache=True, nogil=True)
def mist_backward(theta, x, tape, dz, gradient):
    n_delays = (theta.shape[0] - 8) // 3
    rest, g_rest = theta[3 * n_delays :], gradient[3 * n_delays :]
    w_hr, w_hh = rest[1], rest[4]
    gradient[:] = 0.0
    d_hidden = np.zeros(dz.shape[0])
    for t in range(dz.shape[0] - 1, -1, -1):
        h, r, mixed = tape[0, t], tape[1, t], tape[2, t]
        h_before = tape[0, t - 1] if t > 0 else 0.0
        g_rest[6] += dz[t] * h
        g_rest[7] += dz[t]
        dv = (d_hidden[t] + dz[t] * rest[6]) * (1.0 - h * h)
        dv_r = dv * w_hh * mixed * r * (1.0 - r)
        g_rest[0] += dv_r * x[t]
        g_rest[1] += dv_r * h_before
        g_rest[2] += dv_r
        g_rest[3] += dv * x[t]
        g_rest[4] += dv * r * mixed
        g_rest[5] += dv
        d_mixed = dv * w_hh * r
        dh_before = dv_r * w_hr
        for k in range(n_delays):
            weight = tape[3 + k, t]
            past = tape[0, t - (1 << k)] if t >= 1 << k else 0.0
            da = d_mixed * weight * (past - mixed)
            gradient[k] += da * x[t]
            gradient[n_delays + k] += da * h_before
            gradient[2 * n_delays + k] += da
            dh_before += da * theta[n_delays + k]
            if t >= 1 << k:
                d_hidden[t - (1 << k)] += d_mixed * weight
        if t > 0:
            d_hidden[t - 1] += dh_before
