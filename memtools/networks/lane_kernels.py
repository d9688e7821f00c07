"""Compiled recurrences of MRNN, whose filter reads the inputs; conventions as in gated_kernels.py.

The filter's value at step t is -d p_t(d): p_t a polynomial in u = 4 d - 1 whose 16 coefficients,
its terms, are sums over the inputs and depend on no parameter.
"""

import numpy as np

from memtools._compiled import njit
from memtools.networks.step_kernels import activate, sigmoid, slope_at, times


@njit(cache=True, nogil=True)
def owe_lags(adjoints, terms, owed):
    """What the series owes, of its shape, given the adjoints of its terms."""
    n_lags = terms.shape[0]
    for i in range(adjoints.shape[0]):
        for t in range(adjoints.shape[1]):
            for j in range(n_lags):
                total = 0.0
                for k in range(terms.shape[1]):
                    total += terms[j, k] * adjoints[i, t, k]
                owed[i, n_lags - 1 + t - j] += total


@njit(cache=True, nogil=True)
def _fade(modes, fading, value, kept):
    for m in range(modes.shape[0]):
        mode = fading[m] * modes[m] + value
        modes[m] = mode
        kept[m] = mode


@njit(cache=True, nogil=True)
def tabulate(series, modes, fading, table):
    """Modes (n, n_steps, n_modes) of series (n, n_steps); `modes` leave as they end."""
    for i in range(series.shape[0]):
        for t in range(series.shape[1]):
            _fade(modes[i], fading, series[i, t], table[i, t])


@njit(cache=True, nogil=True)
def tabulate_backward(adjoints, fading, owed):
    """Adjoints (n, n_steps) of series from those of their modes."""
    for i in range(adjoints.shape[0]):
        later = np.zeros(fading.shape[0])
        for t in range(adjoints.shape[1] - 1, -1, -1):
            later = fading * later + adjoints[i, t]
            owed[i, t] = later.sum()


@njit(cache=True, nogil=True, fastmath={"contract"})
def _of_terms_one(a, d):
    """-d p(d) and its derivative; four terms at a time, so that they do not wait for each other."""
    u = 4.0 * d - 1.0
    square = u * u
    fourth, last = square * square, 15.0 * a[15]
    p = (a[12] + u * a[13]) + square * (a[14] + u * a[15])
    q = (13.0 * a[13] + u * (14.0 * a[14])) + square * last
    for k in (8, 4, 0):
        p = p * fourth + ((a[k] + u * a[k + 1]) + square * (a[k + 2] + u * a[k + 3]))
        low = (k + 1.0) * a[k + 1] + u * ((k + 2.0) * a[k + 2])
        q = q * fourth + (low + square * ((k + 3.0) * a[k + 3] + u * ((k + 4.0) * a[k + 4])))
    return -d * p, -(p + 4.0 * d * q)


@njit(cache=True, nogil=True)
def _filter(table, t, d):
    """The filter's value at step t and its derivative in d; of one row or of (n_batch, n)."""
    if table.ndim == 2:
        return _of_terms_one(table[t], d)
    total, slope = np.empty_like(d), np.empty_like(d)
    for b in range(d.shape[0]):
        for i in range(d.shape[1]):
            total[b, i], slope[b, i] = _of_terms_one(table[b, i, t], d[b, i])
    return total, slope


@njit(cache=True, nogil=True)
def mrnn_forward(v_h, v_d, table, w, d, h, m, filtered, slope, code):
    """`w` are W_hh, W_mm, W_fm, W_dd, W_hd, W_md and b_m; d, h, m sequences of states."""
    w_hh, w_mm, w_fm, w_dd, w_hd, w_md, bias_m = w
    for t in range(v_h.shape[0]):
        before = times(d[t], w_dd) + times(h[t], w_hd) + times(m[t], w_md)
        now = 0.5 * sigmoid(v_d[t] + before)
        value, change = _filter(table, t, now)
        d[t + 1], filtered[t], slope[t] = now, value, change
        h[t + 1] = activate(v_h[t] + times(h[t], w_hh), code)
        m[t + 1] = activate(bias_m + times(value, w_fm) + times(m[t], w_mm), code)


@njit(cache=True, nogil=True)
def mrnn_backward(dh, dm, dv_d, w, d, h, m, slope, d_filtered, later_d, code):
    """`dh`, `dm` leave as adjoints of pre-activations, as does what is written in `dv_d`.

    `later_d` is the adjoint of the last d.
    """
    w_hh, w_mm, w_fm, w_dd, w_hd, w_md = w
    later_h, later_m = 0.0 * dh[0], 0.0 * dm[0]
    for t in range(dh.shape[0] - 1, -1, -1):
        dv_h = (dh[t] + later_h) * slope_at(h[t + 1], code)
        dv_m = (dm[t] + later_m) * slope_at(m[t + 1], code)
        d_value, now = times(dv_m, w_fm), d[t + 1]
        dv = (later_d + d_value * slope[t]) * now * (1.0 - 2.0 * now)
        later_h = times(dv_h, w_hh) + times(dv, w_hd)
        later_m = times(dv_m, w_mm) + times(dv, w_md)
        later_d = times(dv, w_dd)
        dh[t], dm[t], dv_d[t], d_filtered[t] = dv_h, dv_m, dv, d_value


# -- one unit, one sequence from the zero state: as in gated_kernels.py; an epoch of 2,000 steps is
# 2 to 3 times as fast as through the general tape.  `theta` are the parameters of the two lanes,
# before them those of a d that moves.


@njit(cache=True, nogil=True)
def lanes_one_forward(theta, x, filtered, code):
    """With the filter's values, d being constant."""
    n = x.shape[0]
    h, m, w_hh, w_mm = np.zeros(n + 1), np.zeros(n + 1), theta[3], theta[0]
    v_h, v_m = theta[5] * x + theta[4], theta[2] * filtered + theta[1]
    for t in range(n):
        h[t + 1] = activate(v_h[t] + w_hh * h[t], code)
        m[t + 1] = activate(v_m[t] + w_mm * m[t], code)
    return theta[6] * h[1:] + theta[8] * m[1:] + theta[7], (h, m)


@njit(cache=True, nogil=True)
def _of_lanes(dh, dm, dz, x, filtered, h, m):
    """Gradient of the lanes' parameters, from the adjoints of their pre-activations."""
    n, ones = dz.shape[0], np.ones(dz.shape[0])
    return np.array(
        [
            np.dot(dm, m[:n]),
            np.dot(dm, ones),
            np.dot(dm, filtered[:n]),
            np.dot(dh, h[:n]),
            np.dot(dh, ones),
            np.dot(dh, x[:n]),
            np.dot(dz, h[1 : n + 1]),
            np.dot(dz, ones),
            np.dot(dz, m[1 : n + 1]),
        ]
    )


@njit(cache=True, nogil=True)
def lanes_one_backward(theta, x, filtered, tape, dz, code):
    """The gradient, and the adjoints of the filter's values."""
    (h, m), later_h, later_m, w_hh, w_mm = tape, 0.0, 0.0, theta[3], theta[0]
    dh, dm = theta[6] * dz, theta[8] * dz
    for t in range(dz.shape[0] - 1, -1, -1):
        dh[t] = (dh[t] + later_h) * slope_at(h[t + 1], code)
        dm[t] = (dm[t] + later_m) * slope_at(m[t + 1], code)
        later_h, later_m = w_hh * dh[t], w_mm * dm[t]
    return _of_lanes(dh, dm, dz, x, filtered, h, m), theta[2] * dm


@njit(cache=True, nogil=True)
def mrnn_one_forward(theta, x, table, code):
    n, lanes = x.shape[0], theta[5:]
    d, h, m, filtered, slope = (
        np.zeros(n + 1),
        np.zeros(n + 1),
        np.zeros(n + 1),
        np.empty(n),
        np.empty(n),
    )
    w = lanes[3], lanes[0], lanes[2], theta[0], theta[2], theta[3], lanes[1]
    v_h, v_d = lanes[5] * x + lanes[4], theta[4] * x + theta[1]
    mrnn_forward(v_h, v_d, table, w, d, h, m, filtered, slope, code)
    return lanes[6] * h[1:] + lanes[8] * m[1:] + lanes[7], (d, h, m, filtered, slope)


@njit(cache=True, nogil=True)
def mrnn_one_backward(theta, x, tape, dz, code):
    n, lanes, (d, h, m, filtered, slope), ones = dz.shape[0], theta[5:], tape, np.ones(dz.shape[0])
    w = lanes[3], lanes[0], lanes[2], theta[0], theta[2], theta[3]
    dh, dm, dd, d_filtered = lanes[6] * dz, lanes[8] * dz, np.empty(n), np.empty(n)
    mrnn_backward(dh, dm, dd, w, d, h, m, slope, d_filtered, 0.0, code)
    gradient = np.empty(14)
    gradient[0], gradient[1], gradient[2] = np.dot(dd, d[:n]), np.dot(dd, ones), np.dot(dd, h[:n])
    gradient[3], gradient[4] = np.dot(dd, m[:n]), np.dot(dd, x[:n])
    gradient[5:] = _of_lanes(dh, dm, dz, x, filtered, h, m)
    return gradient
