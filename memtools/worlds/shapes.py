"""Spectral shapes on the bins of one length: a grid of rival models, tabulated once.

Also the exponential model: log spectrum a cosine sum of few terms, with and without a power law.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from memtools._validate import FloatArray
from memtools.processes import FractionalGaussianNoise
from memtools.worlds.bins import Bins, bins_of

ORDERS = (1, 2, 3, 4, 6, 8)
_STEPS = 8
_LONGEST_STEP = 2.0


@dataclass(frozen=True, eq=False)
class Exponential:
    """Whittle's fits of FEXP(d, K), K in ORDERS (Beran, 1993).

    Attributes
    ----------
    short : ndarray, shape (n_rows, n_orders)
        Log-likelihood with d = 0.
    long : ndarray, shape (n_rows, n_orders)
        With d free.
    d : ndarray, shape (n_rows, n_orders)
    stderr : ndarray, shape (n_orders,)
    """

    short: FloatArray
    long: FloatArray
    d: FloatArray
    stderr: FloatArray

    def at(self, d: np.ndarray) -> FloatArray:
        """Log-likelihood (n_rows, n_orders, n_d), quadratic about the maximum."""
        away = (d - self.d[:, :, None]) / self.stderr[:, None]
        return np.asarray(self.long[:, :, None] - 0.5 * away**2)


def design(bins: Bins) -> FloatArray:
    """Columns (n_bins, 2 + K): constant, -2 log |1 - e^{-il}|, 2 cos kl."""
    lags = np.arange(1.0, ORDERS[-1] + 1.0)
    w = bins.frequencies[:, None]
    half = 0.5 * np.diff(bins.starts, append=bins.n_obs // 2)[:, None] * (2.0 * np.pi / bins.n_obs)
    waves = 2.0 * np.cos(lags * w) * np.sinc(lags * half / np.pi)
    return np.hstack([np.ones_like(w), -2.0 * np.log(2.0 * np.sin(0.5 * w)), waves])


def exponential_fits(binned: FloatArray, bins: Bins, columns: FloatArray) -> Exponential:
    """Fits to rows of binned ordinates, every one of mean one."""
    scale = 0.5 * (bins.n_obs - 1)
    short, long, d, errors = [], [], [], []
    for order in ORDERS:
        waves = list(range(2, 2 + order))
        value, _ = _fitted(binned, bins.weights, columns[:, [0, *waves]])
        short.append(-scale * value)
        design_d = columns[:, [0, 1, *waves]]
        value, coefficients = _fitted(binned, bins.weights, design_d)
        long.append(-scale * value)
        d.append(coefficients[:, 1])
        information = scale * design_d.T @ (bins.weights[:, None] * design_d)
        errors.append(np.sqrt(np.linalg.inv(information)[1, 1]))
    return Exponential(np.stack(short, 1), np.stack(long, 1), np.stack(d, 1), np.array(errors))


def _fitted(
    binned: FloatArray, weights: FloatArray, design: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Least mean of log f + I / f, and the coefficients, by Newton's steps from a regression."""
    weighted = design * weights[:, None]
    start = np.linalg.solve(design.T @ weighted, weighted.T @ np.log(binned).T)
    coefficients = start.T
    products = (weighted[:, :, None] * design[:, None, :]).reshape(len(weights), -1)
    size = design.shape[1]
    for _ in range(_STEPS):
        ratio = binned * np.exp(-coefficients @ design.T)
        slope = (ratio - 1.0) @ weighted
        bend = (ratio @ products).reshape(-1, size, size) + 1e-10 * np.eye(size)
        step = np.linalg.solve(bend, slope[..., None])[..., 0]
        longest = np.abs(step @ design.T).max(axis=1, keepdims=True)
        coefficients = coefficients + step * (_LONGEST_STEP / np.maximum(longest, _LONGEST_STEP))
    fit = coefficients @ design.T
    least = (fit + binned * np.exp(-fit)) @ weights - 1.0
    return least, np.asarray(coefficients)


D_STEP = 0.05
D_GRID = np.arange(-25, 31) * D_STEP
D_ZERO = int(np.argmin(np.abs(D_GRID)))
# Moving-average roots, evenly spaced in arctanh.
MA_GRID = np.tanh(np.arange(-12, 13) * 0.2)
LARGEST_AR = 4
HURST_GRID = np.arange(1, 40) * 0.025
NOISE_D = np.arange(2, 21) * 0.05
# d of a signal whose sum with noise was differenced.
STEPS_D = np.arange(11, 29) * 0.05
NOISE_SHARE = np.geomspace(0.05, 20.0, 9)
TEMPERED_D = np.array([0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0])
_TEMPERINGS = 8
AR_GRID = np.tanh(np.arange(-6, 13) * 0.2)
_LOW_POWER = 0.7
# The sum of two AR(1): time constants (0 is white noise) and shares of the slower one.
_TIMES = np.array([0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0])
_SHARES = np.array([0.1, 0.25, 0.5, 0.75, 0.9])


@dataclass(frozen=True, eq=False)
class Family:
    """Shapes g_k: weights over g, for sums of I / g, and the mean of log g.

    Attributes
    ----------
    inverse : ndarray, shape (n_shapes, n_bins)
        weight / g.
    mean_log : ndarray, shape (n_shapes,)
    """

    inverse: FloatArray
    mean_log: FloatArray

    def objective(self, power: FloatArray) -> FloatArray:
        """log of the profiled variance plus mean log g, (n_shapes, n_rows) of (n_rows, n_bins)."""
        return np.log(self.inverse @ power.T) + self.mean_log[:, None]


@dataclass(frozen=True, eq=False)
class Shapes:
    """All families of one length.

    Attributes
    ----------
    fractional : Family
        (1 - B)^-d (1 + theta B): d slowest, then theta.
    cosines : ndarray, shape (LARGEST_AR + 1, n_bins)
        Mean of cos(k w) in each bin: the covariances by which AR parts are solved for.
    moving : Family
        ARMA(0, 2) of d = 0, by partial coefficients.
    fgn, noisy, tempered : Family
        Fractional Gaussian noise; a fractional signal under white noise (d slowest, then the
        noise's share); a power law that ends (d slowest, then where).
    steps : Family
        Differences of a fractional signal under white noise, as `noisy`, d in STEPS_D.
    two : Family
        The sum of two AR(1).
    exponential : ndarray
        Columns of the exponential model.
    low : Family
        (1 - B)^-d (1 - phi B)^-1 on the lowest n^0.7 ordinates alone, d slowest.
    n_low : int
        How many bins `low` reads.
    low_ordinates : float
        And ordinates.
    """

    bins: Bins
    fractional: Family
    cosines: FloatArray
    moving: Family
    fgn: Family
    noisy: Family
    tempered: Family
    steps: Family
    two: Family
    exponential: FloatArray
    low: Family
    n_low: int
    low_ordinates: float


def _family(log_g: FloatArray, weights: FloatArray) -> Family:
    log_g = log_g.reshape(-1, log_g.shape[-1])
    return Family(np.exp(-log_g) * weights, log_g @ weights)


@lru_cache(maxsize=16)
def shapes_of(n_obs: int) -> Shapes:
    """The families on the bins of n_obs observations."""
    bins = bins_of(n_obs)
    w, weights = bins.frequencies, bins.weights
    pole = -2.0 * np.log(2.0 * np.sin(0.5 * w))
    powers = D_GRID[:, None] * pole
    moving = np.log(1.0 + MA_GRID[:, None] ** 2 + 2.0 * MA_GRID[:, None] * np.cos(w))
    first, second = np.meshgrid(MA_GRID[::2], MA_GRID[::2], indexing="ij")
    theta1, theta2 = (first * (1.0 + second))[..., None], second[..., None]
    z = np.exp(-1j * w)
    lags = np.arange(LARGEST_AR + 1.0)[:, None]
    half = 0.5 * np.diff(bins.starts, append=n_obs // 2) * (2.0 * np.pi / n_obs)
    fgn = np.log([FractionalGaussianNoise(h).spectral_density(w) for h in HURST_GRID])
    noisy = np.log(np.exp(NOISE_D[:, None, None] * pole) + NOISE_SHARE[:, None])
    steps = np.log(
        np.exp((STEPS_D[:, None, None] - 1.0) * pole) + NOISE_SHARE[:, None] * np.exp(-pole)
    )
    rates = np.geomspace(4.0 / n_obs, 1.0, _TEMPERINGS)[:, None]
    ends = -np.log((1.0 - np.exp(-rates)) ** 2 + np.exp(-rates) * np.exp(-pole))
    n_low = int(np.searchsorted(bins.starts, n_obs**_LOW_POWER))
    share = weights[:n_low] / weights[:n_low].sum()
    autoregressive = -np.log(
        1.0 + AR_GRID[:, None] ** 2 - 2.0 * AR_GRID[:, None] * np.cos(w[:n_low])
    )
    return Shapes(
        bins=bins,
        fractional=_family(powers[:, None, :] + moving, weights),
        cosines=np.cos(lags * w) * np.sinc(lags * half / np.pi),
        moving=_family(2.0 * np.log(np.abs(1.0 + theta1 * z + theta2 * z**2)), weights),
        fgn=_family(fgn, weights),
        noisy=_family(noisy, weights),
        steps=_family(steps, weights),
        tempered=_family(TEMPERED_D[:, None, None] * ends, weights),
        two=_family(_sums_of_two(w), weights),
        exponential=design(bins),
        low=_family(powers[:, None, :n_low] + autoregressive, share),
        n_low=n_low,
        low_ordinates=float(bins.starts[n_low] if n_low < len(bins.starts) else n_obs // 2),
    )


def _sums_of_two(w: FloatArray) -> FloatArray:
    """Log spectra of the sums of two AR(1) of unit variance."""
    phi = np.exp(-1.0 / np.maximum(_TIMES, 1e-9))[:, None]
    each = (1.0 - phi**2) / (1.0 + phi**2 - 2.0 * phi * np.cos(w))
    pairs = [(i, j) for j in range(len(_TIMES)) for i in range(j)]
    return np.log(
        np.concatenate(
            [
                (1.0 - s) * each[[i for i, _ in pairs]] + s * each[[j for _, j in pairs]]
                for s in _SHARES
            ]
        )
    )
