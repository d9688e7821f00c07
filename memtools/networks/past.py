"""The past that some cells carry in their state: newest first, shape (n_batch, n_lags, n)."""

from __future__ import annotations

import numpy as np

from memtools._validate import FloatArray


def extend(past: FloatArray, n_steps: int) -> FloatArray:
    """Past, newest first (n_batch, K, n), in order of time with room for the steps to come."""
    n_batch, n_lags, n = past.shape
    series = np.empty((n_lags + n_steps, n_batch, n))
    series[:n_lags] = past[:, ::-1].transpose(1, 0, 2)
    return series


def newest(series: FloatArray, n_lags: int) -> FloatArray:
    """The last values of a series in order of time as a past, newest first."""
    return series[len(series) - n_lags :][::-1].transpose(1, 0, 2).copy()


def filter_sequence(series: FloatArray, w: FloatArray) -> FloatArray:
    """sum_j w_{j,i} series_{t-j,i} for each t with all w (K, n) in the series."""
    windows = np.lib.stride_tricks.sliding_window_view(series, len(w), axis=0)
    return np.einsum("tbik,ki->tbi", windows, w[::-1])
