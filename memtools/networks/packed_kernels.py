"""Filters of K lags over packed sequences; `first` is the lag of the first weight.

Step t has the rows offsets[t] to offsets[t + 1], sequences in the same order at every step.
"""

from memtools._compiled import njit


@njit(cache=True, nogil=True)
def filter_step(series, offsets, t, w, first, total):
    """sum_j w[j] series at step t - first - j, for the sequences of step t; w (K, n)."""
    total[:] = 0.0
    for j in range(min(w.shape[0], t + 1 - first)):
        start = offsets[t - first - j]
        for b in range(total.shape[0]):
            for i in range(total.shape[1]):
                total[b, i] += w[j, i] * series[start + b, i]


@njit(cache=True, nogil=True)
def filter_step_backward(series, offsets, t, w, first, adjoint, d_series, d_w):
    """Adds what the adjoint of that sum owes to the series and to the weights."""
    for j in range(min(w.shape[0], t + 1 - first)):
        start = offsets[t - first - j]
        for b in range(adjoint.shape[0]):
            for i in range(adjoint.shape[1]):
                d_series[start + b, i] += w[j, i] * adjoint[b, i]
                d_w[j, i] += series[start + b, i] * adjoint[b, i]


@njit(cache=True, nogil=True)
def filter_all(series, offsets, w, first, total):
    for t in range(len(offsets) - 1):
        filter_step(series, offsets, t, w, first, total[offsets[t] : offsets[t + 1]])


@njit(cache=True, nogil=True)
def filter_all_backward(series, offsets, w, first, adjoint, d_series, d_w):
    for t in range(len(offsets) - 1):
        rows = adjoint[offsets[t] : offsets[t + 1]]
        filter_step_backward(series, offsets, t, w, first, rows, d_series, d_w)
