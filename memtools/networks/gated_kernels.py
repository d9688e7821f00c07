"""Compiled recurrences of the cells with their tapes, and their adjoints.

Each kernel is one text that numba compiles twice: for numbers (one sequence through one unit, the
state in a register) and for arrays (n_batch, n) a step.  Sequences have the steps first, gates
before them; those of states start with the state before the first step, or with the past that
the cell carries; a series that is filtered has the steps last.  What the inputs add to the
pre-activations is there before, what the weights owe to their adjoints is computed after: only
the true recurrence is in here.  A backward pass may cover fewer steps than the forward one.
"""

import numpy as np
from numba import types
from numba.extending import overload

from memtools._compiled import njit
from memtools.networks.step_kernels import activate, sigmoid, slope_at, times


def _sum(h):
    """Over the units."""
    return h.sum(axis=1)[:, np.newaxis] if np.ndim(h) else h


@overload(_sum)
def _sum_compiled(h):
    if isinstance(h, types.Array):
        return lambda h: h.sum(axis=1).reshape(h.shape[0], 1)
    return lambda h: h


def _larger(a, b):
    """Entry by entry, or of two numbers; np.maximum looks for NaN, which takes its time."""
    return np.maximum(a, b)


@overload(_larger)
def _larger_compiled(a, b):
    if isinstance(a, types.Array):
        return lambda a, b: np.maximum(a, b)
    return lambda a, b: max(a, b)


# -- RNN, LSTM, GRU, linear recurrences ----------------------------------------------------------


@njit(cache=True, nogil=True)
def rnn_forward(v, w, hidden, code):
    h = hidden[0]
    for t in range(v.shape[0]):
        h = activate(v[t] + times(h, w), code)
        hidden[t + 1] = h


@njit(cache=True, nogil=True)
def rnn_backward(adjoint, w, hidden, code):
    """`adjoint` comes as dL/dh_t from above and leaves as that of the pre-activation."""
    later = 0.0 * adjoint[0]
    for t in range(adjoint.shape[0] - 1, -1, -1):
        dv = (adjoint[t] + later) * slope_at(hidden[t + 1], code)
        later = times(dv, w)
        adjoint[t] = dv


@njit(cache=True, nogil=True)
def lstm_forward(v, w, hidden, cells, outs, code, code_out):
    """`v`, gates i, f, g, o, come as what the inputs add and leave as the gates' values."""
    h, c = hidden[0], cells[0]
    for t in range(v.shape[1]):
        i = sigmoid(v[0, t] + times(h, w[0]))
        f = sigmoid(v[1, t] + times(h, w[1]))
        g = activate(v[2, t] + times(h, w[2]), code)
        o = sigmoid(v[3, t] + times(h, w[3]))
        c = f * c + i * g
        out = activate(c, code)
        h = activate(o * out, code_out)
        v[0, t], v[1, t], v[2, t], v[3, t] = i, f, g, o
        hidden[t + 1], cells[t + 1], outs[t] = h, c, out


@njit(cache=True, nogil=True)
def lstm_backward(v, w, hidden, cells, outs, adjoint, code, code_out):
    """`v` come as the gates' values and leave as the adjoints of their pre-activations."""
    later, dc = 0.0 * adjoint[0], 0.0 * adjoint[0]
    for t in range(adjoint.shape[0] - 1, -1, -1):
        i, f, g, o, out = v[0, t], v[1, t], v[2, t], v[3, t], outs[t]
        dh = (adjoint[t] + later) * slope_at(hidden[t + 1], code_out)
        dc = dc + dh * (o * slope_at(out, code))
        # in brackets: what need not wait for the steps after this one
        dv_i, dv_f = dc * (g * i * (1.0 - i)), dc * (cells[t] * f * (1.0 - f))
        dv_g, dv_o = dc * (i * slope_at(g, code)), dh * (out * o * (1.0 - o))
        dc = dc * f
        later = times(dv_i, w[0]) + times(dv_f, w[1])
        later = later + (times(dv_g, w[2]) + times(dv_o, w[3]))
        v[0, t], v[1, t], v[2, t], v[3, t] = dv_i, dv_f, dv_g, dv_o


@njit(cache=True, nogil=True)
def gru_forward(v, w, bias_n, reset_after, hidden, inner, code):
    """Gates r, z, n as in `lstm_forward`; `inner` is what W_hn and its bias give."""
    h = hidden[0]
    for t in range(v.shape[1]):
        r = sigmoid(v[0, t] + times(h, w[0]))
        z = sigmoid(v[1, t] + times(h, w[1]))
        if reset_after:
            within = times(h, w[2]) + bias_n
            n = activate(v[2, t] + r * within, code)
        else:
            within = times(r * h, w[2]) + bias_n
            n = activate(v[2, t] + within, code)
        h = (1.0 - z) * n + z * h
        v[0, t], v[1, t], v[2, t] = r, z, n
        inner[t], hidden[t + 1] = within, h


@njit(cache=True, nogil=True)
def gru_backward(v, w, reset_after, hidden, inner, adjoint, code):
    """`v` leave as adjoints of their pre-activations, `inner` as its own adjoint."""
    later = 0.0 * adjoint[0]
    for t in range(adjoint.shape[0] - 1, -1, -1):
        r, z, n, h = v[0, t], v[1, t], v[2, t], hidden[t]
        dh = adjoint[t] + later
        dv_n, dv_z = dh * (1.0 - z) * slope_at(n, code), dh * (h - n) * z * (1.0 - z)
        if reset_after:
            d_inner = dv_n * r
            dv_r = dv_n * inner[t] * r * (1.0 - r)
            later = dh * z + times(d_inner, w[2])
        else:
            d_inner = 1.0 * dv_n
            d_held = times(dv_n, w[2])
            dv_r = d_held * h * r * (1.0 - r)
            later = dh * z + d_held * r
        later = later + times(dv_r, w[0]) + times(dv_z, w[1])
        v[0, t], v[1, t], v[2, t] = dv_r, dv_z, dv_n
        inner[t] = d_inner


@njit(cache=True, nogil=True)
def scan(a, b, h):
    """h_{t+1} = a_t h_t + b_t for t = 0, 1, ..., each entry (n_batch, n) for itself."""
    for t in range(a.shape[0]):
        for k in range(a.shape[1]):
            for i in range(a.shape[2]):
                h[t + 1, k, i] = a[t, k, i] * h[t, k, i] + b[t, k, i]


# -- averages over the past ----------------------------------------------------------------------


@njit(cache=True, nogil=True)
def rwa_forward(u, g, a, w_hg, w_ha, hidden, n, d, largest, old, new, code):
    """`g` and `a` come as what the inputs add; `g` leaves as its tanh, `old` and `new` scale.

    hidden, n, d and largest are sequences of states.
    """
    h = hidden[0]
    for t in range(u.shape[0]):
        now = a[t] + times(h, w_ha)
        lane = activate(g[t] + times(h, w_hg), 0)
        maximum = np.maximum(now, largest[t])
        decay, weight = np.exp(largest[t] - maximum), np.exp(now - maximum)
        n[t + 1] = n[t] * decay + u[t] * lane * weight
        d[t + 1] = d[t] * decay + weight
        h = activate(n[t + 1] / d[t + 1], code)
        hidden[t + 1], largest[t + 1] = h, maximum
        g[t], old[t], new[t] = lane, decay, weight


@njit(cache=True, nogil=True)
def rwa_backward(u, g, w_hg, w_ha, hidden, n, d, old, new, adjoint, code):
    """`u`, `g`, `new` leave as the adjoints of u, of g's pre-activation and of a.

    The maximum cancels in n / d, so that it is held constant.
    """
    later, dn, dd = 0.0 * adjoint[0], 0.0 * adjoint[0], 0.0 * adjoint[0]
    for t in range(adjoint.shape[0] - 1, -1, -1):
        weight, lane, drawn = new[t], g[t], u[t]
        # divisions that need not wait for the steps after this one
        mean = (adjoint[t] + later) * (slope_at(hidden[t + 1], code) / d[t + 1])
        dn = dn + mean
        dd = dd - mean * (n[t + 1] / d[t + 1])
        du = dn * weight * lane
        dg = dn * weight * drawn * (1.0 - lane * lane)
        da = (dn * drawn * lane + dd) * weight
        later = times(dg, w_hg) + times(da, w_ha)
        u[t], g[t], new[t] = du, dg, da
        dn, dd = dn * old[t], dd * old[t]


@njit(cache=True, nogil=True)
def mist_forward(a, r, v, w_ha, w_hr, w_hh, past, mixed, code):
    """`a` (a delay first) and `r` come as what the inputs add, leave as attention and gate."""
    n_delays, n_past = a.shape[0], past.shape[0] - r.shape[0]
    h = past[n_past - 1]
    for t in range(r.shape[0]):
        now = n_past + t
        largest, total, mean = 0.0 * a[0, t] - np.inf, 0.0 * a[0, t], 0.0 * h
        for k in range(n_delays):
            a[k, t] = a[k, t] + times(h, w_ha[k])
            largest = _larger(a[k, t], largest)
        for k in range(n_delays):
            a[k, t] = np.exp(a[k, t] - largest)
            total = total + a[k, t]
        share = 1.0 / total
        for k in range(n_delays):
            a[k, t] = a[k, t] * share
            mean = mean + a[k, t] * past[now - (1 << k)]
        gate = sigmoid(r[t] + times(h, w_hr))
        h = activate(v[t] + times(gate * mean, w_hh), code)
        past[now], r[t], mixed[t] = h, gate, mean


@njit(cache=True, nogil=True)
def mist_backward(a, r, w_ha, w_hr, w_hh, past, mixed, d_past, n_steps, code):
    """`a`, `r` leave as adjoints of their pre-activations, `d_past` as those of h's.

    `d_past`, of the shape of `past`, comes as dL/dh_t from above.
    """
    n_delays, n_past = a.shape[0], past.shape[0] - r.shape[0]
    for t in range(n_steps - 1, -1, -1):
        now, gate, mean = n_past + t, 1.0 * r[t], mixed[t]
        dv = d_past[now] * slope_at(past[now], code)
        d_past[now] = dv
        d_gated = times(dv, w_hh)
        d_mixed, dv_r = d_gated * gate, d_gated * mean * gate * (1.0 - gate)
        d_before = times(dv_r, w_hr)
        for k in range(n_delays):
            lag = now - (1 << k)
            da = a[k, t] * _sum(d_mixed * (past[lag] - mean))
            d_past[lag] += a[k, t] * d_mixed
            d_before = d_before + times(da, w_ha[k])
            a[k, t] = da
        d_past[now - 1] += d_before
        r[t] = dv_r


# -- one unit, one sequence from the zero state --------------------------------------------------
#
# The recurrences above between the products with inputs and read-out, which are too small for
# NumPy: an epoch of 2,000 steps is 1.6 times as fast as through the general tape for RNN, LSTM,
# RWA and MIST.  Sums are BLAS products with ones, which do not wait for each other.  `theta` holds
# all parameters in the order of the class.  The forward pass gives what the read-out adds up and
# its tape, the backward pass the gradient of the first len(dz) steps.


@njit(cache=True, nogil=True)
def rnn_one_forward(theta, x, code):
    hidden = np.zeros(x.shape[0] + 1)
    rnn_forward(theta[0] * x + (theta[2] + theta[3]), theta[1], hidden, code)
    return theta[4] * hidden[1:] + theta[5], (hidden,)


@njit(cache=True, nogil=True)
def rnn_one_backward(theta, x, tape, dz, code):
    n, hidden, dv, ones = dz.shape[0], tape[0], theta[4] * dz, np.ones(dz.shape[0])
    rnn_backward(dv, theta[1], hidden, code)
    bias, read_out = np.dot(dv, ones), np.dot(dz, hidden[1 : n + 1])
    return np.array(
        [np.dot(dv, x[:n]), np.dot(dv, hidden[:n]), bias, bias, read_out, np.dot(dz, ones)]
    )


@njit(cache=True, nogil=True)
def lstm_one_forward(theta, x, code):
    n = x.shape[0]
    v, hidden, cells, outs = np.empty((4, n)), np.zeros(n + 1), np.zeros(n + 1), np.empty(n)
    for k in range(4):
        v[k] = theta[k] * x + (theta[8 + k] + theta[12 + k])
    lstm_forward(v, theta[4:8], hidden, cells, outs, code, 3)
    return theta[16] * hidden[1:] + theta[17], (v, hidden, cells, outs)


@njit(cache=True, nogil=True)
def lstm_one_backward(theta, x, tape, dz, code):
    n, gradient, (v, hidden, cells, outs) = dz.shape[0], np.empty(18), tape
    ones = np.ones(n)
    lstm_backward(v, theta[4:8], hidden, cells, outs, theta[16] * dz, code, 3)
    for k in range(4):
        dv = v[k, :n]
        gradient[k], gradient[4 + k] = np.dot(dv, x[:n]), np.dot(dv, hidden[:n])
        gradient[8 + k] = gradient[12 + k] = np.dot(dv, ones)
    gradient[16], gradient[17] = np.dot(dz, hidden[1 : n + 1]), np.dot(dz, ones)
    return gradient


@njit(cache=True, nogil=True)
def rwa_one_forward(theta, x, code):
    n_steps = x.shape[0]
    u, g, a = theta[0] * x + theta[1], theta[2] * x + theta[4], theta[5] * x
    h, n, d = np.zeros(n_steps + 1), np.zeros(n_steps + 1), np.zeros(n_steps + 1)
    largest, old, new = np.full(n_steps + 1, -1e300), np.empty(n_steps), np.empty(n_steps)
    rwa_forward(u, g, a, theta[3], theta[6], h, n, d, largest, old, new, code)
    return theta[7] * h[1:] + theta[8], (u, g, old, new, h, n, d)


@njit(cache=True, nogil=True)
def rwa_one_backward(theta, x, tape, dz, code):
    n_steps, (u, g, old, new, h, n, d), ones = dz.shape[0], tape, np.ones(dz.shape[0])
    rwa_backward(u, g, theta[3], theta[6], h, n, d, old, new, theta[7] * dz, code)
    inputs, before, after = x[:n_steps], h[:n_steps], h[1 : n_steps + 1]
    du, dg, da = u[:n_steps], g[:n_steps], new[:n_steps]
    return np.array(
        [
            np.dot(du, inputs),
            np.dot(du, ones),
            np.dot(dg, inputs),
            np.dot(dg, before),
            np.dot(dg, ones),
            np.dot(da, inputs),
            np.dot(da, before),
            np.dot(dz, after),
            np.dot(dz, ones),
        ]
    )


@njit(cache=True, nogil=True)
def mist_one_forward(theta, x, code):
    n_steps, n = x.shape[0], (theta.shape[0] - 8) // 3
    w, a, mixed = theta[3 * n :], np.empty((n, n_steps)), np.empty(n_steps)
    past, r = np.zeros((1 << (n - 1)) + n_steps), w[0] * x + w[2]
    for k in range(n):
        a[k] = theta[k] * x + theta[2 * n + k]
    mist_forward(a, r, w[3] * x + w[5], theta[n : 2 * n], w[1], w[4], past, mixed, code)
    return w[6] * past[past.shape[0] - n_steps :] + w[7], (a, r, mixed, past)


@njit(cache=True, nogil=True)
def mist_one_backward(theta, x, tape, dz, code):
    n_steps, n, gradient, (a, r, mixed, past) = dz.shape[0], tape[0].shape[0], 0.0 * theta, tape
    w, rest, first = theta[3 * n :], gradient[3 * n :], past.shape[0] - r.shape[0]
    gated, d_past, ones = r * mixed, np.zeros(past.shape[0]), np.ones(n_steps)
    d_past[first : first + n_steps] = w[6] * dz
    mist_backward(a, r, theta[n : 2 * n], w[1], w[4], past, mixed, d_past, n_steps, code)
    inputs, before, dr = x[:n_steps], past[first - 1 : first - 1 + n_steps], r[:n_steps]
    dv = d_past[first : first + n_steps]
    for k in range(n):
        da = a[k, :n_steps]
        gradient[k], gradient[n + k] = np.dot(da, inputs), np.dot(da, before)
        gradient[2 * n + k] = np.dot(da, ones)
    rest[0], rest[1], rest[2] = np.dot(dr, inputs), np.dot(dr, before), np.dot(dr, ones)
    rest[3], rest[4], rest[5] = np.dot(dv, inputs), np.dot(dv, gated[:n_steps]), np.dot(dv, ones)
    rest[6], rest[7] = np.dot(dz, past[first : first + n_steps]), np.dot(dz, ones)
    return gradient
