"""Filters of lags 1..K over packed sequences.

Step t has the rows offsets[t] to offsets[t + 1], sequences in the same order at every step.
"""

from numba import njit


@njit(cache=True, nogil=True)
def filter_step(series, offsets, t, w, total):
    """sum_j w[j] series at step t - 1 - j, for the sequences of step t; w (K, n)."""
    total[:] = 0.0
    for j in range(min(w.shape[0], t)):
        start = offsets[t - 1 - j]
        for b in range(total.shape[0]):
            for i in range(total.shape[1]):
                total[b, i] += w[j, i] * series[start + b, i]


@njit(cache=True, nogil=True)
def filter_step_backward(series, offsets, t, w, adjoint, d_series, d_w):
    """Adds what the adjoint of that sum owes to the series and to the weights."""
    for j in range(min(w.shape[0], t)):
        start = offsets[t - 1 - j]
        for b in range(adjoint.shape[0]):
            for i in range(adjoint.shape[1]):
                d_series[start + b, i] += w[j, i] * adjoint[b, i]
                d_w[j, i] += series[start + b, i] * adjoint[b, i]
