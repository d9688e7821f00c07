"""The past that some cells carry in their state: newest first, shape (n_batch, n_lags, n)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.fft

from memtools._validate import FloatArray

FilterBackward = Callable[[FloatArray], tuple[FloatArray, Callable[[], FloatArray]]]


def extend(past: FloatArray, n_steps: int) -> FloatArray:
    """Past, newest first (n_batch, K, n), in order of time with room for the steps to come."""
    n_batch, n_lags, n = past.shape
    series = np.empty((n_lags + n_steps, n_batch, n))
    series[:n_lags] = past[:, ::-1].transpose(1, 0, 2)
    return series


def newest(series: FloatArray, n_lags: int) -> FloatArray:
    """The last values of a series in order of time as a past, newest first."""
    return series[len(series) - n_lags :][::-1].transpose(1, 0, 2).copy()


def filter_sequence(series: FloatArray, w: FloatArray) -> tuple[FloatArray, FilterBackward]:
    """sum_j w_{j,i} series_{t-j,i} for each t with all w (K, n) in the series, by FFT.

    The function takes the adjoints of the first values, gives that of `w` and a function of that
    of the newest of the entries that each value is a sum of.
    """
    size, first = scipy.fft.next_fast_len(len(series) + len(w), True), len(w) - 1
    s = scipy.fft.rfft(series, size, axis=0)
    v = scipy.fft.rfft(w, size, axis=0)[:, np.newaxis]

    def backward(adjoint: FloatArray) -> tuple[FloatArray, Callable[[], FloatArray]]:
        end = first + len(adjoint)
        padded = np.zeros((end, *adjoint.shape[1:]), adjoint.dtype)
        padded[first:] = adjoint
        e = scipy.fft.rfft(padded, size, axis=0)
        d_w = scipy.fft.irfft((e * s.conj()).sum(axis=1), size, axis=0)[: len(w)]
        return d_w, lambda: scipy.fft.irfft(e * v.conj(), size, axis=0)[first:end]

    return scipy.fft.irfft(s * v, size, axis=0)[first : len(series)], backward


def by_channel(series: FloatArray) -> FloatArray:
    """(n_batch, n, n_steps), as the kernels filter it."""
    return np.ascontiguousarray(series.transpose(1, 2, 0))
