"""Statistics of a shift in the mean over all its dates, many series at once: O(n) a series.

Rows are centred; P_t are their partial sums, P_n = 0.  With a break after k the partial sums of
the residuals are P_t - t P_k / k up to k and P_t - (n - t) P_k / (n - k) after it.
"""

from __future__ import annotations

import math

import numpy as np

from memtools._validate import FloatArray

TRIMMING = 0.15
FIXED_B = 0.1


def break_dates(n_obs: int) -> np.ndarray:
    """Numbers of observations before a break that are looked at."""
    return np.arange(math.ceil(TRIMMING * n_obs), math.floor((1.0 - TRIMMING) * n_obs) + 1)


def running_sums(rows: FloatArray) -> FloatArray:
    """P_1, ..., P_n of rows that are centred here."""
    return np.cumsum(rows - rows.mean(axis=1, keepdims=True), axis=1)


def ranks(rows: FloatArray) -> FloatArray:
    """Ranks with ties at their highest: the number of values up to each."""
    from scipy.stats import rankdata

    return np.asarray(rankdata(rows, "max", axis=1))


def self_normaliser(sums: FloatArray, k: np.ndarray) -> FloatArray:
    """Sum of squares of the residuals' partial sums for each date; shape (n_rows, n_dates)."""
    n = sums.shape[1]
    t = np.arange(1.0, n + 1.0)
    up, down = np.cumsum(t**2), np.cumsum((n - t)[::-1] ** 2)[::-1]
    at = sums[:, k - 1]
    squares, first = np.cumsum(sums**2, axis=1), np.cumsum(sums * t, axis=1)
    last = np.cumsum((sums * (n - t))[:, ::-1], axis=1)[:, ::-1]
    a, b = at / k, at / (n - k)
    total = squares[:, [-1]] - 2.0 * a * first[:, k - 1] + a**2 * up[k - 1]
    return total - 2.0 * b * last[:, k] + b**2 * down[k]


def wilcoxon(rows: FloatArray) -> FloatArray:
    """Betken's statistic at each date."""
    sums, k = running_sums(ranks(rows)), break_dates(rows.shape[1])
    return np.abs(sums[:, k - 1]) * math.sqrt(rows.shape[1]) / np.sqrt(self_normaliser(sums, k))


def wald(rows: FloatArray) -> FloatArray:
    """Shao's statistic at each date: the difference of the means, self-normalised."""
    sums, k = running_sums(rows), break_dates(rows.shape[1])
    n = rows.shape[1]
    difference = np.abs(sums[:, k - 1]) * n / (k * (n - k))
    return n**1.5 * difference / np.sqrt(self_normaliser(sums, k))


def cusum(rows: FloatArray, d: float, level: FloatArray) -> FloatArray:
    """|P_k| over its standard deviation under memory d and long-run variance `level`."""
    n = rows.shape[1]
    scale = n ** (0.5 + d) * np.sqrt(level)
    return np.abs(running_sums(rows)[:, break_dates(n) - 1]) / scale[:, np.newaxis]


def fixed_b(rows: FloatArray) -> FloatArray:
    """Wald statistic at each date with Bartlett's long-run variance of a tenth of all lags."""
    n = rows.shape[1]
    sums, k = running_sums(rows), break_dates(n)
    m = int(FIXED_B * n) + 1
    variance = 2.0 * (self_normaliser(sums, k) - _lagged(sums, k, m)) / (m * n)
    squared = sums[:, k - 1] ** 2 * n / (k * (n - k))
    return squared / variance


def _lagged(sums: FloatArray, k: np.ndarray, m: int) -> FloatArray:
    """Sum over t of the residuals' partial sums at t and t + m, for each date."""
    n = sums.shape[1]
    t = np.arange(1.0, n - m + 1.0)
    now, later = sums[:, : n - m], sums[:, m:]
    a, b = sums[:, k - 1] / k, sums[:, k - 1] / (n - k)
    end, start = k - m, np.minimum(k, n - m)  # both before the break; the first after it

    def upto(values: FloatArray, index: np.ndarray) -> FloatArray:
        """Sums of the first `index` columns."""
        padded = np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)
        return padded[:, np.maximum(index, 0)]

    both = upto(now * later, np.array([n - m]))
    one = np.ones((1, 1))
    before = -a * upto(t * later + (t + m) * now, end) + a**2 * upto(one * t * (t + m), end)
    rest = n - t - m
    after = [
        rest * now + (n - t) * later,
        one * rest * (n - t),
        rest * now,
        t * later,
        one * t * rest,
    ]
    whole = np.array([n - m])
    late = [upto(v, whole) - upto(v, start) for v in after[:2]]
    across = [upto(v, start) - upto(v, end) for v in after[2:]]
    result = both + before - b * late[0] + b**2 * late[1]
    return result - b * across[0] - a * across[1] + a * b * across[2]
