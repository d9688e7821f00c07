"""Compiled recurrences of the memory-augmented GRUs, unit by unit.

`past` is what the filter reads, one way or the other: cut, the series (n_batch, n, K + n_steps)
with the K states before the first step, and `w` (n, K) the weights of lags K..1; whole, the
modes (n_batch, n, n_modes) as they are now, `w` their weights, and `fading` what they keep of
themselves a step (empty where the filter is cut).
"""

import numpy as np

from memtools._compiled import njit
from memtools.networks.step_kernels import activate, sigmoid, slope_at


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})  # a sum in any order, NaN kept
def _dot(a, b):
    total = 0.0
    for k in range(a.shape[0]):
        total += a[k] * b[k]
    return total


@njit(cache=True, nogil=True)
def _add(past, t, w, fading, value):
    """To the past of step t its newest state."""
    if not fading.shape[0]:
        past[t + w.shape[0]] = value
        return
    for k in range(w.shape[0]):
        past[k] = fading[k] * past[k] + value


@njit(cache=True, nogil=True)
def _read(past, t, w, fading):
    first = 0 if fading.shape[0] else t
    return _dot(past[first : first + w.shape[0]], w)


@njit(cache=True, nogil=True)
def _owing(adjoints, t, w, fading):
    """What the filters of all later steps owe to the state of step t."""
    return adjoints.sum() if fading.shape[0] else adjoints[t + w.shape[0]]


@njit(cache=True, nogil=True)
def _owe(adjoints, t, w, fading, value):
    """Takes what the filter of step t read into the adjoints of its past."""
    if not fading.shape[0]:
        part = adjoints[t : t + w.shape[0]]
        for k in range(w.shape[0]):
            part[k] += w[k] * value
        return
    for k in range(w.shape[0]):
        adjoints[k] = fading[k] * adjoints[k] + w[k] * value


@njit(cache=True, nogil=True)
def integrate(v, w, fading, past, h):
    """h_t = v_t minus the filter of the states before."""
    for b in range(v.shape[1]):
        for i in range(v.shape[2]):
            for t in range(v.shape[0]):
                h[t, b, i] = v[t, b, i] - _read(past[b, i], t, w[i], fading)
                _add(past[b, i], t, w[i], fading, h[t, b, i])


@njit(cache=True, nogil=True)
def mgru_forward(v, w_hh, bias_n, w, fading, past, hidden, inner, code):
    """Blocks r, u, n of `v` come as what the inputs add and leave as the gates' values."""
    for t in range(v.shape[1]):
        for b in range(v.shape[2]):
            before = hidden[t, b]
            for i in range(v.shape[3]):
                r = sigmoid(v[0, t, b, i] + _dot(w_hh[0, i], before))
                u = sigmoid(v[1, t, b, i] + _dot(w_hh[1, i], before))
                held = bias_n[i] + _dot(w_hh[2, i], before)
                n = activate(v[2, t, b, i] + r * held, code)
                h = u * n - _read(past[b, i], t, w[i], fading)
                _add(past[b, i], t, w[i], fading, h)
                v[0, t, b, i], v[1, t, b, i], v[2, t, b, i] = r, u, n
                hidden[t + 1, b, i], inner[t, b, i] = h, held


@njit(cache=True, nogil=True)
def mgru_backward(v, w_hh, w, fading, adjoints, inner, dh, code):
    """`v` and `inner` leave as adjoints of what they were, `dh` as that of the states."""
    later = np.zeros(dh.shape[1:])
    for t in range(dh.shape[0] - 1, -1, -1):
        for b in range(dh.shape[1]):
            for i in range(dh.shape[2]):
                owing = _owing(adjoints[b, i], t, w[i], fading)
                dh[t, b, i] += later[b, i] + owing
                _owe(adjoints[b, i], t, w[i], fading, -dh[t, b, i])
            later[b] = 0.0
            for i in range(dh.shape[2]):
                r, u, n = v[0, t, b, i], v[1, t, b, i], v[2, t, b, i]
                dv_n = dh[t, b, i] * u * slope_at(n, code)
                dv_u = dh[t, b, i] * n * u * (1.0 - u)
                dv_r = dv_n * inner[t, b, i] * r * (1.0 - r)
                held = dv_n * r
                for j in range(dh.shape[2]):
                    gates = dv_r * w_hh[0, i, j] + dv_u * w_hh[1, i, j]
                    later[b, j] += gates + held * w_hh[2, i, j]
                v[0, t, b, i], v[1, t, b, i], v[2, t, b, i] = dv_r, dv_u, dv_n
                inner[t, b, i] = held
