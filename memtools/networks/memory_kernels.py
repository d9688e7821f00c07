"""Compiled recurrences of MLSTM, whose filter reads its cells; conventions as in gated_kernels.py.

A series that is filtered has the steps last.  A filter over the whole past has in its place (modes
(n_modes,) as they are now, weights over -d on a grid of d, what modes keep of themselves a step).
"""

import numpy as np

from memtools._compiled import njit
from memtools.networks.step_kernels import activate, sigmoid, slope_at, times


@njit(cache=True, nogil=True, fastmath={"reassoc"})  # a sum in any order, NaN kept
def _sum(modes):
    if modes.ndim > 1:
        return modes.sum(axis=-1)
    total = 0.0
    for m in range(modes.shape[0]):
        total += modes[m]
    return total


@njit(cache=True, nogil=True)
def _at(series, t):
    """A value; of the adjoints of modes, what they owe to the newest."""
    if isinstance(series, tuple):
        return _sum(series[0])
    if series.ndim == 1:
        return series[t]
    return np.ascontiguousarray(series[:, :, t])


@njit(cache=True, nogil=True)
def _fade_one(modes, fading, value):
    for k in range(modes.shape[0]):
        modes[k] = fading[k] * modes[k] + value


@njit(cache=True, nogil=True)
def _fade(modes, fading, value):
    if modes.ndim == 1:
        _fade_one(modes, fading, value)
    else:
        for b in range(value.shape[0]):
            for i in range(value.shape[1]):
                _fade_one(modes[b, i], fading, value[b, i])


@njit(cache=True, nogil=True)
def _put(series, t, value):
    if isinstance(series, tuple):
        _fade(series[0], series[2], value)
    elif series.ndim == 1:
        series[t] = value
    else:
        series[:, :, t] = value


@njit(cache=True, nogil=True)
def _spread_one(series, start, w, value):
    part = series[start : start + w.shape[0]]  # its indices cannot be negative: this vectorises
    for j in range(w.shape[0]):
        part[j] += w[j] * value


@njit(cache=True, nogil=True)
def _spread(series, start, w, value):
    """Adds w_j times the value to the K entries of the series from `start` on."""
    if series.ndim == 1:
        _spread_one(series, start, w, value)
    else:
        for b in range(value.shape[0]):
            for i in range(value.shape[1]):
                _spread_one(series[b, i], start, w[i], value[b, i])


@njit(cache=True, nogil=True, fastmath={"contract"})
def _filter_one(series, newest, d, inverse):
    """w_j = -d u_j, u_{j+1} = u_j (1 - (1 + d) / (j + 1)); two lags at once halve what waits."""
    n_lags, ratio = inverse.shape[0], 1.0 + d
    window = series[newest - n_lags + 1 : newest + 1][::-1]
    u, u_slope, total, sloped = 1.0, 0.0, window[0], 0.0
    past, shares, n_pairs = window[1:], inverse[1:], (n_lags - 1) // 2
    for k in range(n_pairs):
        i, j, near, far = shares[2 * k], shares[2 * k + 1], past[2 * k], past[2 * k + 1]
        first, second = 1.0 - ratio * i, 1.0 - ratio * j
        both, change = first * second, i * second + first * j
        read = first * near + both * far
        total += u * read
        sloped += u_slope * read - u * (i * near + change * far)
        u, u_slope = u * both, u_slope * both - u * change
    for k in range(2 * n_pairs, n_lags - 1):
        last = 1.0 - ratio * shares[k]
        total += u * last * past[k]
        sloped += (u_slope * last - u * shares[k]) * past[k]
    return -d * total, -(total + d * sloped)


@njit(cache=True, nogil=True)
def _cell_of(d, n_cells):
    """Of a grid over [0, 1/2]: the cell of d, and d within it from 0 to 1."""
    at = 2.0 * n_cells * d
    cell = min(max(int(at), 0), n_cells - 1)
    return cell, at - cell


@njit(cache=True, nogil=True)
def _cubic(u):
    """Six times Lagrange's weights of the values at -1, 0, 1, 2, at u, and their slopes."""
    below, above, last, square = u + 1.0, u - 1.0, u - 2.0, 3.0 * u * u
    outer, inner = -u * above * last, 3.0 * below * above * last
    values = outer, inner, -3.0 * below * u * last, below * u * above
    middle = 3.0 * square - 12.0 * u - 3.0, 6.0 * u - 3.0 * square + 6.0
    return values, (6.0 * u - square - 2.0, *middle, square - 1.0)


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})  # sums in any order, NaN kept
def _of_modes_one(modes, weights, d):
    """-d p(d) and its derivative, p the sum over modes of their weights."""
    n_cells = weights.shape[0] - 3
    cell, u = _cell_of(d, n_cells)
    w0, w1, w2, w3 = weights[cell], weights[cell + 1], weights[cell + 2], weights[cell + 3]
    s0 = s1 = s2 = s3 = 0.0
    for m in range(modes.shape[0]):
        mode = modes[m]
        s0 += w0[m] * mode
        s1 += w1[m] * mode
        s2 += w2[m] * mode
        s3 += w3[m] * mode
    a, b = _cubic(u)
    total = (a[0] * s0 + a[1] * s1 + a[2] * s2 + a[3] * s3) / 6.0
    slope = n_cells * (b[0] * s0 + b[1] * s1 + b[2] * s2 + b[3] * s3) / 3.0
    return -d * total, -(total + d * slope)


@njit(cache=True, nogil=True)
def _of_modes(modes, weights, d):
    """As they are now, (n_modes,) or (n_batch, n, n_modes)."""
    if modes.ndim == 1:
        return _of_modes_one(modes, weights, d)
    total, slope = np.empty_like(d), np.empty_like(d)
    for b in range(d.shape[0]):
        for i in range(d.shape[1]):
            total[b, i], slope[b, i] = _of_modes_one(modes[b, i], weights, d[b, i])
    return total, slope


@njit(cache=True, nogil=True)
def _filter(series, newest, d, inverse):
    """sum_j w_j(d) series[newest - j + 1] over j = 1..K, and its derivative in d."""
    if isinstance(series, tuple):
        return _of_modes(series[0], series[1], d)
    if series.ndim == 1:
        return _filter_one(series, newest, d, inverse)
    total, slope = np.empty_like(d), np.empty_like(d)
    for b in range(d.shape[0]):
        for i in range(d.shape[1]):
            total[b, i], slope[b, i] = _filter_one(series[b, i], newest, d[b, i], inverse)
    return total, slope


@njit(cache=True, nogil=True)
def _owe_one(adjoints, newest, d, value, inverse):
    n_lags, u = inverse.shape[0], -d * value
    window = adjoints[newest - n_lags + 1 : newest + 1][::-1]
    window[0] += u
    for j in range(1, n_lags):
        u *= (j - d) * inverse[j]
        window[j] += u


@njit(cache=True, nogil=True)
def _owe_modes_one(adjoints, weights, fading, d, value):
    """One step back: the modes of before owe what they fade into, and what the filter read."""
    cell, u = _cell_of(d, weights.shape[0] - 3)
    a, scale = _cubic(u)[0], -d * value / 6.0
    a0, a1, a2, a3 = scale * a[0], scale * a[1], scale * a[2], scale * a[3]
    w0, w1, w2, w3 = weights[cell], weights[cell + 1], weights[cell + 2], weights[cell + 3]
    for m in range(adjoints.shape[0]):
        read = a0 * w0[m] + a1 * w1[m] + a2 * w2[m] + a3 * w3[m]
        adjoints[m] = fading[m] * adjoints[m] + read


@njit(cache=True, nogil=True)
def _owe_modes(adjoints, weights, fading, d, value):
    if adjoints.ndim == 1:
        _owe_modes_one(adjoints, weights, fading, d, value)
    else:
        for b in range(d.shape[0]):
            for i in range(d.shape[1]):
                _owe_modes_one(adjoints[b, i], weights, fading, d[b, i], value[b, i])


@njit(cache=True, nogil=True)
def _owe(adjoints, newest, d, value, inverse):
    """Adds w_j(d) times the value to the adjoints of the K entries of the series."""
    if isinstance(adjoints, tuple):
        _owe_modes(adjoints[0], adjoints[1], adjoints[2], d, value)
    elif adjoints.ndim == 1:
        _owe_one(adjoints, newest, d, value, inverse)
    else:
        for b in range(d.shape[0]):
            for i in range(d.shape[1]):
                _owe_one(adjoints[b, i], newest, d[b, i], value[b, i], inverse)


@njit(cache=True, nogil=True)
def spread_past(memory, w, cells):
    """What the K cells before the first step add to `memory`."""
    for t in range(w.shape[-1]):
        _spread(memory, t + 1, w, _at(cells, t))


@njit(cache=True, nogil=True)
def mlstm_fixed_forward(v, w_hh, w, hidden, outs, cells, memory, code):
    """Gates i, g, o; `w` are the weights of lags 1..K; `memory` has an entry a cell and K more."""
    n_lags, h = w.shape[-1], hidden[0]
    for t in range(v.shape[1]):
        i = sigmoid(v[0, t] + times(h, w_hh[0]))
        g = activate(v[1, t] + times(h, w_hh[1]), code)
        o = sigmoid(v[2, t] + times(h, w_hh[2]))
        c = i * g - _at(memory, n_lags + t)
        _put(cells, n_lags + t, c)
        _spread(memory, n_lags + t + 1, w, c)
        outs[t] = activate(c, code)
        h = o * outs[t]
        v[0, t], v[1, t], v[2, t], hidden[t + 1] = i, g, o, h


@njit(cache=True, nogil=True)
def mlstm_forward(v, w_hh, v_d, w_hd, w_dd, hidden, d, outs, cells, slope, inverse, code):
    """Gates i, g, o; `v_d` is what the inputs add to the logit of 2 d."""
    n_lags, h = inverse.shape[0], hidden[0]
    for t in range(v.shape[1]):
        now = 0.5 * sigmoid(v_d[t] + times(h, w_hd) + times(d[t], w_dd))
        memory, change = _filter(cells, n_lags + t - 1, now, inverse)
        i = sigmoid(v[0, t] + times(h, w_hh[0]))
        g = activate(v[1, t] + times(h, w_hh[1]), code)
        o = sigmoid(v[2, t] + times(h, w_hh[2]))
        c = i * g - memory
        _put(cells, n_lags + t, c)
        outs[t] = activate(c, code)
        h = o * outs[t]
        v[0, t], v[1, t], v[2, t], hidden[t + 1] = i, g, o, h
        d[t + 1], slope[t] = now, change


@njit(cache=True, nogil=True)
def _mlstm_step_backward(v, t, w_hh, out, dh, dc, code):
    """dL/dc_t and what step t owes to h_{t-1}; `v` leave as adjoints of their pre-activations."""
    i, g, o = v[0, t], v[1, t], v[2, t]
    dc = dc + dh * o * slope_at(out, code)
    dv_i, dv_g, dv_o = dc * g * i * (1.0 - i), dc * i * slope_at(g, code), dh * out * o * (1.0 - o)
    v[0, t], v[1, t], v[2, t] = dv_i, dv_g, dv_o
    return dc, times(dv_i, w_hh[0]) + times(dv_g, w_hh[1]) + times(dv_o, w_hh[2])


@njit(cache=True, nogil=True)
def mlstm_fixed_backward(v, w_hh, w_reversed, d_cells, outs, adjoint, d_memory, code):
    """Fills in the adjoints of what the filter gave at each step."""
    n_lags, later = w_reversed.shape[-1], 0.0 * adjoint[0]
    for t in range(adjoint.shape[0] - 1, -1, -1):
        dh, dc = adjoint[t] + later, _at(d_cells, n_lags + t)
        dc, later = _mlstm_step_backward(v, t, w_hh, outs[t], dh, dc, code)
        _spread(d_cells, t, w_reversed, -dc)
        d_memory[t] = -dc


@njit(cache=True, nogil=True)
def mlstm_backward(v, w, d, outs, slope, d_cells, adjoint, dv_d, later_d, inverse, code):
    """Fills in the adjoints of the logit of 2 d; `later_d` is that of the last d."""
    (w_hh, w_hd, w_dd), n_lags, later = w, inverse.shape[0], 0.0 * adjoint[0]
    for t in range(adjoint.shape[0] - 1, -1, -1):
        now, moving = n_lags + t, d[t + 1]
        dh, dc = adjoint[t] + later, _at(d_cells, now)
        dc, later = _mlstm_step_backward(v, t, w_hh, outs[t], dh, dc, code)
        dv = (later_d - dc * slope[t]) * moving * (1.0 - 2.0 * moving)
        _owe(d_cells, now - 1, moving, -dc, inverse)
        later, later_d = later + times(dv, w_hd), times(dv, w_dd)
        dv_d[t] = dv


# -- one unit from the zero state, as in gated_kernels.py: 1.3 to 2 times as fast as the tape


@njit(cache=True, nogil=True)
def _gates_of(theta, x):
    v = np.empty((3, x.shape[0]))
    for k in range(3):
        v[k] = theta[k] * x + theta[6 + k]
    return v


@njit(cache=True, nogil=True)
def _of_gates(gradient, v, x, hidden, dz):
    """Fills in the gradient of the gates; gives that of the read-out."""
    n, ones = dz.shape[0], np.ones(dz.shape[0])
    for k in range(3):
        dv = v[k, :n]
        gradient[k], gradient[3 + k] = np.dot(dv, x[:n]), np.dot(dv, hidden[:n])
        gradient[6 + k] = np.dot(dv, ones)
    return np.dot(dz, hidden[1 : n + 1]), np.dot(dz, ones)


@njit(cache=True, nogil=True)
def mlstm_fixed_one_forward(theta, x, w, code):
    """`theta` without the parameters of the filter; `w` are the weights of lags 1..K."""
    n, n_lags, v = x.shape[0], w.shape[0], _gates_of(theta, x)
    hidden, outs, cells = np.zeros(n + 1), np.empty(n), np.zeros(n_lags + n)
    mlstm_fixed_forward(v, theta[3:6], w, hidden, outs, cells, np.zeros(n + 2 * n_lags + 1), code)
    return theta[9] * hidden[1:] + theta[10], (v, hidden, outs, cells)


@njit(cache=True, nogil=True)
def mlstm_fixed_one_backward(theta, x, w, tape, dz, code):
    """The gradient, and the adjoints of the weights."""
    n, n_lags, (v, hidden, outs, cells) = dz.shape[0], w.shape[0], tape
    gradient, d_w, d_memory = np.empty(11), np.empty(n_lags), np.empty(n)
    adjoint, d_cells = theta[9] * dz, np.zeros(cells.shape[0])
    mlstm_fixed_backward(v, theta[3:6], w[::-1].copy(), d_cells, outs, adjoint, d_memory, code)
    for j in range(n_lags):
        d_w[j] = np.dot(cells[n_lags - 1 - j : n_lags - 1 - j + n], d_memory)
    gradient[9], gradient[10] = _of_gates(gradient, v, x, hidden, dz)
    return gradient, d_w


@njit(cache=True, nogil=True)
def mlstm_one_forward(theta, x, cells, inverse, code):
    n, v, v_d = x.shape[0], _gates_of(theta, x), theta[12] * x + theta[9]
    hidden, d, outs, slope = np.zeros(n + 1), np.zeros(n + 1), np.empty(n), np.empty(n)
    moving = v_d, theta[13], theta[14]
    mlstm_forward(v, theta[3:6], *moving, hidden, d, outs, cells, slope, inverse, code)
    return theta[10] * hidden[1:] + theta[11], (v, hidden, d, outs, slope)


@njit(cache=True, nogil=True)
def mlstm_one_backward(theta, x, tape, d_cells, dz, inverse, code):
    n, (v, hidden, d, outs, slope), gradient = dz.shape[0], tape, np.empty(15)
    w, adjoint, dv = (theta[3:6], theta[13], theta[14]), theta[10] * dz, np.empty(n)
    mlstm_backward(v, w, d, outs, slope, d_cells, adjoint, dv, 0.0, inverse, code)
    gradient[10], gradient[11] = _of_gates(gradient, v, x, hidden, dz)
    gradient[9], gradient[12] = np.dot(dv, np.ones(n)), np.dot(dv, x[:n])
    gradient[13], gradient[14] = np.dot(dv, hidden[:n]), np.dot(dv, d[:n])
    return gradient
