"""Compiled loss gradients of networks of one input and one hidden unit.

Each model has a forward pass from the zero state, which fills `tape` (a row a quantity, a column
a step) and the pre-activations `z` of the read-out, and a backward pass, which takes the
derivatives `dz` of the loss and fills `gradient`.  `theta` holds the cell's parameters in the
order of the class.  The backward pass may cover fewer steps than the forward one.
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
def rnn_forward(theta, x, tape, z):
    w_x, w_h, bias, w_z, b_z = theta[0], theta[1], theta[2] + theta[3], theta[4], theta[5]
    h = 0.0
    for t in range(x.shape[0]):
        h = _tanh(w_x * x[t] + bias + w_h * h)
        tape[0, t] = h
        z[t] = w_z * h + b_z


@njit(cache=True, nogil=True)
def rnn_backward(theta, x, tape, dz, gradient):
    w_h, w_z = theta[1], theta[4]
    g_x = g_h = g_b = g_wz = g_bz = dv = 0.0
    for t in range(dz.shape[0] - 1, -1, -1):
        h = tape[0, t]
        h_before = tape[0, t - 1] if t > 0 else 0.0
        dv = (dz[t] * w_z + dv * w_h) * (1.0 - h * h)
        g_x += dv * x[t]
        g_h += dv * h_before
        g_b += dv
        g_wz += dz[t] * h
        g_bz += dz[t]
    gradient[:] = (g_x, g_h, g_b, g_b, g_wz, g_bz)


@njit(cache=True, nogil=True)
def lstm_forward(theta, x, tape, z):
    """Blocks i, f, g, o in `theta` and in the first rows of `tape`; then c and tanh(c)."""
    w_xi, w_xf, w_xg, w_xo = theta[0], theta[1], theta[2], theta[3]
    w_hi, w_hf, w_hg, w_ho = theta[4], theta[5], theta[6], theta[7]
    b_i, b_f = theta[8] + theta[12], theta[9] + theta[13]
    b_g, b_o = theta[10] + theta[14], theta[11] + theta[15]
    w_z, b_z = theta[16], theta[17]
    h = c = 0.0
    for t in range(x.shape[0]):
        i = _sigmoid(w_xi * x[t] + b_i + w_hi * h)
        f = _sigmoid(w_xf * x[t] + b_f + w_hf * h)
        g = _tanh(w_xg * x[t] + b_g + w_hg * h)
        o = _sigmoid(w_xo * x[t] + b_o + w_ho * h)
        c = f * c + i * g
        c_out = _tanh(c)
        h = o * c_out
        tape[0, t], tape[1, t], tape[2, t], tape[3, t] = i, f, g, o
        tape[4, t], tape[5, t] = c, c_out
        z[t] = w_z * h + b_z


@njit(cache=True, nogil=True)
def lstm_backward(theta, x, tape, dz, gradient):
    w_hi, w_hf, w_hg, w_ho, w_z = theta[4], theta[5], theta[6], theta[7], theta[16]
    gradient[:] = 0.0
    dh = dc = 0.0
    x_i = x_f = x_g = x_o = h_i = h_f = h_g = h_o = b_i = b_f = b_g = b_o = g_wz = g_bz = 0.0
    for t in range(dz.shape[0] - 1, -1, -1):
        i, f, g, o, c_out = tape[0, t], tape[1, t], tape[2, t], tape[3, t], tape[5, t]
        c_before = tape[4, t - 1] if t > 0 else 0.0
        h_before = tape[3, t - 1] * tape[5, t - 1] if t > 0 else 0.0
        g_wz += dz[t] * o * c_out
        g_bz += dz[t]
        dh += dz[t] * w_z
        dc += dh * o * (1.0 - c_out * c_out)
        v_i = dc * g * i * (1.0 - i)
        v_f = dc * c_before * f * (1.0 - f)
        v_g = dc * i * (1.0 - g * g)
        v_o = dh * c_out * o * (1.0 - o)
        x_i += v_i * x[t]
        x_f += v_f * x[t]
        x_g += v_g * x[t]
        x_o += v_o * x[t]
        h_i += v_i * h_before
        h_f += v_f * h_before
        h_g += v_g * h_before
        h_o += v_o * h_before
        b_i += v_i
        b_f += v_f
        b_g += v_g
        b_o += v_o
        dh = v_i * w_hi + v_f * w_hf + v_g * w_hg + v_o * w_ho
        dc *= f
    gradient[:8] = (x_i, x_f, x_g, x_o, h_i, h_f, h_g, h_o)
    gradient[8:12] = (b_i, b_f, b_g, b_o)
    gradient[12:16] = gradient[8:12]
    gradient[16:] = (g_wz, g_bz)


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
def _lanes_forward(lanes, x, filtered, tape, z):
    """Rows h, m of `tape`; `lanes` in the order of the cell's parameters."""
    w_mm, b_m, w_fm, w_hh, b_h = lanes[0], lanes[1], lanes[2], lanes[3], lanes[4]
    w_xh, w_hz, b_z, w_mz = lanes[5], lanes[6], lanes[7], lanes[8]
    h = m = 0.0
    for t in range(x.shape[0]):
        h = _tanh(w_xh * x[t] + b_h + w_hh * h)
        m = _tanh(w_fm * filtered[t] + b_m + w_mm * m)
        tape[0, t], tape[1, t] = h, m
        z[t] = w_hz * h + w_mz * m + b_z


@njit(cache=True, nogil=True)
def _lanes_backward(lanes, x, filtered, tape, dz, gradient, d_filtered):
    w_mm, w_fm, w_hh, w_hz, w_mz = lanes[0], lanes[2], lanes[3], lanes[6], lanes[8]
    dv_h = dv_m = g_mm = g_m = g_fm = g_hh = g_h = g_xh = g_hz = g_z = g_mz = 0.0
    for t in range(dz.shape[0] - 1, -1, -1):
        h, m = tape[0, t], tape[1, t]
        h_before = tape[0, t - 1] if t > 0 else 0.0
        m_before = tape[1, t - 1] if t > 0 else 0.0
        dv_h = (dz[t] * w_hz + dv_h * w_hh) * (1.0 - h * h)
        dv_m = (dz[t] * w_mz + dv_m * w_mm) * (1.0 - m * m)
        d_filtered[t] = dv_m * w_fm
        g_mm += dv_m * m_before
        g_m += dv_m
        g_fm += dv_m * filtered[t]
        g_hh += dv_h * h_before
        g_h += dv_h
        g_xh += dv_h * x[t]
        g_hz += dz[t] * h
        g_z += dz[t]
        g_mz += dz[t] * m
    gradient[:] = (g_mm, g_m, g_fm, g_hh, g_h, g_xh, g_hz, g_z, g_mz)


@njit(cache=True, nogil=True)
def _convolve(x, w, total):
    """total_t = sum_j w_j x_{t-j}, one lag after the other so that it vectorises."""
    total[:] = 0.0
    for j in range(min(w.shape[0], x.shape[0])):
        for t in range(j, x.shape[0]):
            total[t] += w[j] * x[t - j]


@njit(cache=True, nogil=True)
def mrnn_fixed_forward(theta, x, tape, z, n_lags):
    """Rows h, m, the filtered input and its derivative in d."""
    w, slope = np.empty(n_lags), np.empty(n_lags)
    _weights(0.5 * _sigmoid(theta[0]), w, slope)
    _convolve(x, w, tape[2])
    _convolve(x, slope, tape[3])
    _lanes_forward(theta[1:], x, tape[2], tape, z)


@njit(cache=True, nogil=True)
def mrnn_fixed_backward(theta, x, tape, dz, gradient):
    d_filtered = np.empty(dz.shape[0])
    _lanes_backward(theta[1:], x, tape[2], tape, dz, gradient[1:], d_filtered)
    total = 0.0
    for t in range(dz.shape[0]):
        total += d_filtered[t] * tape[3, t]
    s = _sigmoid(theta[0])
    gradient[0] = total * 0.5 * s * (1.0 - s)


@njit(cache=True, nogil=True)
def two_lane_forward(theta, x, tape, z):
    n_lags = theta.shape[0] - 9
    _convolve(x, theta[:n_lags], tape[2])
    _lanes_forward(theta[n_lags:], x, tape[2], tape, z)


@njit(cache=True, nogil=True)
def two_lane_backward(theta, x, tape, dz, gradient):
    n_steps, n_lags = dz.shape[0], theta.shape[0] - 9
    d_filtered = np.empty(n_steps)
    _lanes_backward(theta[n_lags:], x, tape[2], tape, dz, gradient[n_lags:], d_filtered)
    x_reversed = x[:n_steps][::-1].copy()
    gradient[:n_lags] = 0.0
    for t in range(n_steps):
        shift = n_steps - 1 - t
        for j in range(min(n_lags, t + 1)):
            gradient[j] += d_filtered[t] * x_reversed[shift + j]


@njit(cache=True, nogil=True)
def mrnn_forward(theta, x, tape, z, inverse):
    """Rows h, m, filtered input, its derivative in d, 2 d; `inverse` is 1 / (1, ..., K)."""
    w_dd, b_d, w_hd, w_md, w_xd = theta[0], theta[1], theta[2], theta[3], theta[4]
    w_mm, b_m, w_fm, w_hh, b_h = theta[5], theta[6], theta[7], theta[8], theta[9]
    w_xh, w_hz, b_z, w_mz = theta[10], theta[11], theta[12], theta[13]
    h = m = d = 0.0
    for t in range(x.shape[0]):
        s = _sigmoid(w_xd * x[t] + b_d + w_dd * d + w_hd * h + w_md * m)
        d = 0.5 * s
        weight, slope, filtered, filtered_slope = 1.0, 0.0, 0.0, 0.0
        for j in range(min(inverse.shape[0], t + 1)):
            ratio = (j - d) * inverse[j]
            slope = slope * ratio - weight * inverse[j]
            weight *= ratio
            filtered += weight * x[t - j]
            filtered_slope += slope * x[t - j]
        h = _tanh(w_xh * x[t] + b_h + w_hh * h)
        m = _tanh(w_fm * filtered + b_m + w_mm * m)
        tape[0, t], tape[1, t], tape[2, t], tape[3, t], tape[4, t] = (
            h,
            m,
            filtered,
            filtered_slope,
            s,
        )
        z[t] = w_hz * h + w_mz * m + b_z


@njit(cache=True, nogil=True)
def mrnn_backward(theta, x, tape, dz, gradient):
    w_dd, w_hd, w_md = theta[0], theta[2], theta[3]
    w_mm, w_fm, w_hh, w_hz, w_mz = theta[5], theta[7], theta[8], theta[11], theta[13]
    g_dd = g_d = g_hd = g_md = g_xd = g_mm = g_m = g_fm = g_hh = g_h = g_xh = 0.0
    g_hz = g_z = g_mz = dv_d = dv_m = dv_h = 0.0
    for t in range(dz.shape[0] - 1, -1, -1):
        h, m, filtered, filtered_slope, s = tape[:5, t]
        h_before = tape[0, t - 1] if t > 0 else 0.0
        m_before = tape[1, t - 1] if t > 0 else 0.0
        d_before = 0.5 * tape[4, t - 1] if t > 0 else 0.0
        dh = dz[t] * w_hz + dv_h * w_hh + dv_d * w_hd
        dm = dz[t] * w_mz + dv_m * w_mm + dv_d * w_md
        dv_h = dh * (1.0 - h * h)
        dv_m = dm * (1.0 - m * m)
        dv_d = (dv_d * w_dd + dv_m * w_fm * filtered_slope) * 0.5 * s * (1.0 - s)
        g_dd += dv_d * d_before
        g_d += dv_d
        g_hd += dv_d * h_before
        g_md += dv_d * m_before
        g_xd += dv_d * x[t]
        g_mm += dv_m * m_before
        g_m += dv_m
        g_fm += dv_m * filtered
        g_hh += dv_h * h_before
        g_h += dv_h
        g_xh += dv_h * x[t]
        g_hz += dz[t] * h
        g_z += dz[t]
        g_mz += dz[t] * m
    gradient[:5] = (g_dd, g_d, g_hd, g_md, g_xd)
    gradient[5:] = (g_mm, g_m, g_fm, g_hh, g_h, g_xh, g_hz, g_z, g_mz)
