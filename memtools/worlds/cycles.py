"""Power laws at a cycle and at all harmonics of a season, each times an autoregression."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from memtools._validate import FloatArray
from memtools.worlds.bins import Bins, bins_of
from memtools.worlds.lagged import levinson

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
