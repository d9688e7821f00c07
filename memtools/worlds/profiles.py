"""Whittle's log-likelihood of the rival models of several rows, as profiles over d."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from memtools._validate import FloatArray
from memtools.worlds.lagged import LAGGED_D, Lagged, lagged_fits, levinson
from memtools.worlds.shapes import (
    D_GRID,
    LARGEST_AR,
    MA_GRID,
    STEPS_D,
    Exponential,
    Shapes,
    exponential_fits,
)

# The log-likelihood of what is no model of its own.
NEVER = -1e6
WHITE = MA_GRID.size // 2


@dataclass(frozen=True, eq=False)
class Profiles:
    """Log-likelihoods (up to one constant) of each row under each family.

    Attributes
    ----------
    arfima : ndarray, shape (n_rows, LARGEST_AR + 1, 2, n_d)
        ARFIMA(p, d, q) by p, q in (0, 1) and d.
    moving : ndarray, shape (n_rows,)
        ARMA(0, 2).
    lagged : Lagged
        Autoregressions of many lags, with and without memory.
    exponential : Exponential
    two : ndarray, shape (n_rows,)
        The sum of two AR(1).
    fgn : ndarray, shape (n_rows, n_hurst)
    noisy : ndarray, shape (n_rows, n_d, n_shares)
    tempered : ndarray, shape (n_rows, n_d, n_rates)
    low : ndarray, shape (n_rows, n_d, n_ar)
    """

    arfima: FloatArray
    moving: FloatArray
    lagged: Lagged
    exponential: Exponential
    two: FloatArray
    fgn: FloatArray
    noisy: FloatArray
    tempered: FloatArray
    low: FloatArray


def profile(power: FloatArray, shapes: Shapes) -> Profiles:
    """All profiles of rows of ordinates (n_rows, n_obs // 2)."""
    n_obs = shapes.bins.n_obs
    binned = shapes.bins.means(power)
    binned = np.maximum(binned, 1e-14 * binned.max(axis=1, keepdims=True))
    scale = -0.5 * (n_obs - 1)
    arfima = scale * _arfima_objective(binned, shapes)
    n_rows = len(power)
    at = np.argmin(np.abs(D_GRID - LAGGED_D[:, None]), axis=1)

    def grid(values: FloatArray, inner: int) -> FloatArray:
        return (scale * values).T.reshape(n_rows, -1, inner)

    low = shapes.low.objective(binned[:, : shapes.n_low])
    return Profiles(
        arfima=arfima,
        moving=scale * shapes.moving.objective(binned).min(axis=0),
        lagged=lagged_fits(power, n_obs, arfima[:, LARGEST_AR, 0, at]),
        exponential=exponential_fits(binned, shapes.bins, shapes.exponential),
        two=scale * shapes.two.objective(binned).min(axis=0),
        fgn=scale * shapes.fgn.objective(binned).T,
        noisy=grid(shapes.noisy.objective(binned), 9),
        tempered=grid(shapes.tempered.objective(binned), 8),
        low=(-shapes.low_ordinates * low).T.reshape(n_rows, len(D_GRID), -1),
    )


def under_noise(power: FloatArray, shapes: Shapes) -> FloatArray:
    """Log-likelihood of differences (n_obs // 2,) by STEPS_D, memory under noise before them."""
    objective = shapes.steps.objective(shapes.bins.means(power)[None])
    return -0.5 * (shapes.bins.n_obs - 1) * objective.reshape(len(STEPS_D), -1).min(axis=1)


def _arfima_objective(binned: FloatArray, shapes: Shapes) -> FloatArray:
    """(n_rows, p, q, n_d): theta maximised over, the AR part solved for at each (d, theta).

    With d and theta fixed, the AR coefficients that minimise sum_j I_j |ar(l_j)|^2 / g_j solve
    the Yule-Walker equations of the filtered periodogram.
    """
    n_rows = len(binned)
    waves = (shapes.cosines[:, None, :] * binned).reshape(-1, binned.shape[1])
    covariances = (shapes.fractional.inverse @ waves.T).reshape(-1, LARGEST_AR + 1, n_rows)
    variances, at_one = levinson(covariances.transpose(1, 0, 2))
    # The mean of log |ar|^2 over all Fourier frequencies is about 0; frequency zero is left out.
    values = np.log(variances) + (2.0 / (shapes.bins.n_obs - 1)) * np.log(at_one)
    # An AR root near 1 undoes a negative d: no model of its own, and badly conditioned.
    undone = (at_one < 0.15) & (np.repeat(D_GRID, len(MA_GRID)) < -0.22)[:, None]
    values[undone] = -NEVER
    values += shapes.fractional.mean_log[:, None]
    values = values.reshape(LARGEST_AR + 1, len(D_GRID), len(MA_GRID), n_rows)
    both = np.stack([values[:, :, WHITE], _peak(values)])
    return both.transpose(3, 1, 0, 2)


def _peak(values: FloatArray) -> FloatArray:
    """Minimum over axis 2 of a grid, by the parabola through the three lowest."""
    at = np.clip(values.argmin(axis=2), 1, values.shape[2] - 2)[:, :, None]
    below, here, above = (np.take_along_axis(values, at + k, axis=2)[:, :, 0] for k in (-1, 0, 1))
    slope, bend = 0.5 * (above - below), above + below - 2.0 * here
    inside = (np.abs(slope) < bend) & (np.maximum(below, above) < -0.5 * NEVER)
    gain = np.where(inside, 0.5 * slope**2 / np.where(inside, bend, 1.0), 0.0)
    return np.minimum(np.minimum(below, above), here - gain)
