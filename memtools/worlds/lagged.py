"""Autoregressions of many lags, with and without memory, by the filtered periodogram.

Also power laws at a cycle and at all harmonics of a season, each times an autoregression.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from memtools import correlation
from memtools._validate import FloatArray
from memtools.worlds.bins import Bins, bins_of

LAGGED_D = np.arange(-4, 10) * 0.1
LAGGED_ZERO = int(np.argmin(np.abs(LAGGED_D)))
LARGEST_LAG = 60
_FINE = 2048
_HAR = (1, 5, 22)


@dataclass(frozen=True, eq=False)
class Lagged:
    """Log-likelihoods of autoregressions of (1 - B)^d x at each d of LAGGED_D.

    Attributes
    ----------
    long_ar, long_ar_order : ndarray, shape (n_rows, n_d)
        Of the order of least BIC, up to 10 log10 n.
    largest : ndarray, shape (n_rows, n_d)
        Of the order 10 log10 n itself.
    har : ndarray, shape (n_rows, n_d)
        On the last value and the means of the last 5 and 22 (Corsi, 2009).
    two_lags, second_lag : ndarray, shape (n_rows, n_d)
        On lag 1 and the best further lag.
    """

    long_ar: FloatArray
    long_ar_order: np.ndarray
    largest: FloatArray
    har: FloatArray
    two_lags: FloatArray
    second_lag: np.ndarray


@lru_cache(maxsize=16)
def _tables(n_obs: int) -> tuple[Bins, FloatArray, FloatArray]:
    """Fine bins, weighted cosines (n_lags + 1, n_bins), |1 - e^{-il}|^2d (n_d, n_bins)."""
    bins = bins_of(n_obs, _FINE, 512)
    lags = np.arange(n_lags(n_obs) + 1.0)[:, None]
    # The mean of cos over the m ordinates of a bin is a Dirichlet kernel.
    m, half = np.diff(bins.starts, append=n_obs // 2), lags * (np.pi / n_obs)
    kernel = np.sin(m * np.maximum(half, 1e-12)) / (m * np.sin(np.maximum(half, 1e-12)))
    cosines = np.cos(lags * bins.frequencies) * kernel * bins.weights
    filters = (2.0 * np.sin(0.5 * bins.frequencies)) ** (2.0 * LAGGED_D[:, None])
    return bins, cosines, filters


def n_lags(n_obs: int) -> int:
    """The largest lag looked at."""
    return max(min(LARGEST_LAG, n_obs // 5), min(largest_order(n_obs), n_obs // 4))


def largest_order(n_obs: int) -> int:
    """Of a long autoregression."""
    return min(int(10.0 * np.log10(n_obs)), n_obs // 4)


def lagged_fits(power: FloatArray, n_obs: int, at_four: FloatArray) -> Lagged:
    """Autoregressions of rows of ordinates.

    Parameters
    ----------
    at_four : ndarray, shape (n_rows, n_d)
        Log-likelihood of ARFIMA(4, d, 0), which sets the scale.
    """
    bins, cosines, filters = _tables(n_obs)
    binned = bins.means(power)
    covariances = np.stack([cosines @ (binned * law).T for law in filters], axis=2)
    largest = largest_order(n_obs)
    variances, at_one = levinson(covariances[: largest + 1])

    def loglike(variance: FloatArray, one: FloatArray) -> FloatArray:
        return np.asarray(np.log(variance) + (2.0 / (n_obs - 1)) * np.log(np.maximum(one, 1e-6)))

    values = loglike(variances, at_one)
    scale = -0.5 * (n_obs - 1)
    base = at_four - scale * values[4]
    free = scale * values
    order = (free - 0.5 * np.log(n_obs) * np.arange(largest + 1.0)[:, None, None])[1:].argmax(0) + 1
    long_ar = np.take_along_axis(free, order[None], axis=0)[0]
    har = scale * loglike(*_of_means(covariances)) if len(covariances) > _HAR[-1] else free[1]
    at_two = scale * loglike(*_of_two(covariances))
    second = at_two.argmax(axis=0)
    two_lags = np.take_along_axis(at_two, second[None], axis=0)[0]
    return Lagged(base + long_ar, order, base + free[-1], base + har, base + two_lags, second + 2)


def _of_means(covariances: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Variance and ar(1) of the regression on the means of the last 1, 5 and 22 values."""
    sets = [np.arange(1, length + 1) for length in _HAR]
    gram = np.stack(
        [
            np.stack([covariances[np.abs(a[:, None] - b)].mean(axis=(0, 1)) for b in sets])
            for a in sets
        ]
    )
    for i in range(len(sets)):  # a series without noise is singular
        gram[i, i] += 1e-10 * covariances[0]
    right = np.stack([covariances[a].mean(axis=0) for a in sets])
    solved = np.linalg.solve(np.moveaxis(gram, (0, 1), (2, 3)), np.moveaxis(right, 0, 2)[..., None])
    coefficients = np.moveaxis(solved[..., 0], 2, 0)
    variance = covariances[0] - (coefficients * right).sum(axis=0)
    return np.maximum(variance, 1e-12 * covariances[0]), 1.0 - coefficients.sum(axis=0)


def _of_two(covariances: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Variance and ar(1) of the regressions on lags 1 and k, k = 2, 3, ..."""
    zero, one = covariances[0], covariances[1]
    before, here = covariances[1:-1], covariances[2:]
    determinant = np.maximum(zero**2 - before**2, 1e-12 * zero**2)
    first = (one * zero - here * before) / determinant
    second = (here * zero - one * before) / determinant
    variance = zero - first * one - second * here
    return np.maximum(variance, 1e-12 * zero), 1.0 - first - second


def levinson(covariances: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Innovation variance and ar(1) of the AR(0), AR(1), ... fits to covariances (p + 1, ...)."""
    found = list(correlation.levinson(covariances, largest=0.9999))
    variances = [variance for _, variance in found]
    at_one = [np.maximum(1.0 - phi.sum(axis=0), 1e-6) for phi, _ in found]
    return np.stack(variances), np.stack(at_one)


CYCLE_D = np.arange(10) * 0.05
# Coefficients of the seasonal autoregression, then (negative logs) of the moving average.
_SEASONAL = np.array([0.0, -0.3, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.97])
_LARGEST_AR = 4
_AROUND = 48


@dataclass(frozen=True, eq=False)
class Cyclic:
    """Log-likelihoods of one row, by d in CYCLE_D and order of the autoregression.

    Attributes
    ----------
    pole, season : ndarray, shape (n_d, 5)
        |2 (cos l - cos l0)|^-2d at the highest peak; |1 - e^{-isl}|^-2d.
    short_season : ndarray, shape (5,)
        A seasonal autoregression or moving average of the same period.
    """

    pole: FloatArray
    season: FloatArray
    short_season: FloatArray


def cyclic(power: FloatArray, n_obs: int, peak: float, period: int, at_white: float) -> Cyclic:
    """Fits to ordinates (n_obs // 2,).

    Parameters
    ----------
    peak : float
        Frequency of the pole, in ordinates.
    period : int
        Of the season.
    at_white : float
        Log-likelihood of white noise, which sets the scale.
    """
    bins = _around(n_obs, round(peak))
    binned = bins.means(power)
    w, closest = bins.frequencies, 0.25 * 2.0 * np.pi / n_obs
    powers, poles = 2.0 * CYCLE_D[:, None], []
    for centre in peak + np.array([-0.5, 0.0, 0.5]):
        at = centre * 2.0 * np.pi / n_obs
        away = np.abs(np.cos(w) - np.cos(at))
        away = np.maximum(away, np.abs(np.sin(at)) * closest + closest**2)
        poles.append(_fits(binned, bins, powers * np.log(2.0 * away), at_white))
    fine = bins_of(n_obs, 2048, 512)
    from_pole = np.maximum(np.abs(np.sin(0.5 * period * fine.frequencies)), 0.5 * period * closest)
    binned = fine.means(power)
    season = _fits(binned, fine, powers * np.log(2.0 * from_pole), at_white)
    cosine = np.cos(period * fine.frequencies)
    wave = np.log(1.0 + _SEASONAL[:, None] ** 2 - 2.0 * _SEASONAL[:, None] * cosine)
    short = _fits(binned, fine, np.concatenate([wave, -wave[1:]]), at_white)
    return Cyclic(np.max(poles, axis=0), season, short[1:].max(axis=0))


def _around(n_obs: int, peak: int) -> Bins:
    """The bins of a length, with single ordinates around a peak."""
    last = n_obs // 2
    near = np.arange(max(peak - 1 - _AROUND, 0), min(peak + _AROUND, last))
    far = bins_of(n_obs).starts
    far = far[(far < near[0]) | (far > near[-1] + 1)]
    starts = np.unique(np.concatenate([far, near, [min(near[-1] + 1, last - 1)]]))
    counts = np.diff(starts, append=last).astype(float)
    middle = starts + 1.0 + 0.5 * (counts - 1.0)
    if n_obs % 2 == 0:
        counts[-1] -= 0.5
    return Bins(n_obs, starts, middle * (2.0 * np.pi / n_obs), counts / counts.sum())


def _fits(binned: FloatArray, bins: Bins, log_filter: np.ndarray, at_white: float) -> FloatArray:
    """(n_filters, p) of spectra 1 / filter times AR(p), p up to 4; the first filter is 1."""
    lags = np.arange(_LARGEST_AR + 1.0)[:, None]
    half = 0.5 * np.diff(bins.starts, append=bins.n_obs // 2) * (2.0 * np.pi / bins.n_obs)
    cosines = np.cos(lags * bins.frequencies) * np.sinc(lags * half / np.pi) * bins.weights
    variances, at_one = levinson(cosines @ (binned * np.exp(log_filter)).T)
    values = np.log(variances) + (2.0 / (bins.n_obs - 1)) * np.log(at_one)
    values -= log_filter @ bins.weights
    return np.asarray((at_white - 0.5 * (bins.n_obs - 1) * (values - values[0, 0])).T)
