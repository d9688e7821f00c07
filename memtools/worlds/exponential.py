"""The exponential model: log spectrum a cosine sum of few terms, with and without a power law."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from memtools._validate import FloatArray
from memtools.worlds.bins import Bins

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
