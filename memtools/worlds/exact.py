"""The exact likelihood where Whittle's is undecided between long and short memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.processes import ARFIMAProcess, FractionalGaussianNoise
from memtools.toeplitz import toeplitz_inverse
from memtools.worlds.bins import rows_power
from memtools.worlds.candidates import Candidates
from memtools.worlds.lagged import levinson
from memtools.worlds.profiles import NEVER
from memtools.worlds.shapes import D_GRID, D_ZERO, HURST_GRID, LARGEST_AR, MA_GRID, shapes_of

# Whittle's margin, in nats, within which it is a tie; beyond LONGEST the two likelihoods agree.
TIE, LONGEST = 3.0, 5_000
_MOST_PARAMETERS = 2
_LONG = (D_GRID > 0.04) & (D_GRID < 0.49)
_LONG_H = (HURST_GRID > 0.54) & (HURST_GRID < 0.99)


class _Model(NamedTuple):
    """Autocovariances of free parameters, where to start, and what Whittle's likelihood says."""

    autocovariance: Callable[[FloatArray, int], FloatArray]
    start: FloatArray
    whittle: float
    n_parameters: int


def exact_margin(found: Candidates, margin: float, price: float) -> float:
    """Penalised margin of long over short memory, by the exact likelihood at a tie.

    Parameters
    ----------
    found : Candidates
    margin : float
        Whittle's, of the best models of each.
    price : float
        Nats that a parameter costs.

    Returns
    -------
    float
        `margin` where it is no tie or the series is long; else with the exact likelihood of the
        best ARFIMA or fractional noise and the best ARMA of few parameters in place of Whittle's.
    """
    if abs(margin) > TIE or found.n_obs > LONGEST or found.noiseless:
        return margin
    long, short = _best_long(found, price), _best_short(found, price)
    x = found.means[0].residual - found.means[0].residual.mean()
    exact = _highest(x, long) - _highest(x, short)
    return margin + exact - (long.whittle - short.whittle) if np.isfinite(exact) else margin


def _highest(x: FloatArray, model: _Model) -> float:
    """Restricted log-likelihood at its maximum, by a simplex from Whittle's; no constants.

    Whittle's leaves frequency zero out; so does what is restricted to differences from the mean.
    """
    from scipy.optimize import minimize

    n_obs = len(x)
    both = np.stack([x, np.ones(n_obs)], axis=1)

    def missing(point: FloatArray) -> float:
        try:
            inverse = toeplitz_inverse(model.autocovariance(point, n_obs))
        except InvalidInputError:
            return -NEVER
        (square, cross), (_, ones) = both.T @ inverse.solve(both)
        left = square - cross**2 / ones
        if not min(left, ones) > 0.0:
            return -NEVER
        determinants = inverse.log_determinant + np.log(ones)
        return float(0.5 * ((n_obs - 1) * np.log(left / (n_obs - 1)) + determinants))

    size = len(model.start)
    if size == 0:
        return -missing(model.start)
    simplex = np.vstack([model.start, model.start + 1.5 / np.sqrt(n_obs) * np.eye(size)])
    options = {"initial_simplex": simplex, "maxfev": 9 * size, "fatol": 0.02, "xatol": 0.002}
    best = minimize(missing, model.start, method="Nelder-Mead", options=options).fun
    return -float(best) if best < -0.5 * NEVER else np.nan


def _best_short(found: Candidates, price: float) -> _Model:
    """ARMA of two parameters at most."""
    loglike = found.profiles.arfima[0, :, :, D_ZERO]
    p, q = _cheapest(loglike, price)
    start = _arma_start(found, D_ZERO, p, q)
    return _Model(_arma(p, with_d=False), start, float(loglike[p, q]), p + q)


def _best_long(found: Candidates, price: float) -> _Model:
    """ARFIMA with 0 < d < 1/2 and one parameter more at most, or fractional noise."""
    curves = np.where(_LONG, found.profiles.arfima[0], NEVER)
    p, q = _cheapest(curves.max(axis=2), price, 1)
    at = int(curves[p, q].argmax())
    noise = np.where(_LONG_H, found.profiles.fgn[0], NEVER)
    if noise.max() > curves[p, q, at] - price * (p + q):
        start = np.arctanh(4.0 * HURST_GRID[[int(noise.argmax())]] - 3.0)
        return _Model(_noise, start, float(noise.max()), 1)
    d = np.arctanh(4.0 * np.clip(D_GRID[[at]], 0.01, 0.48) - 1.0)
    start = np.concatenate([d, _arma_start(found, at, p, q)])
    return _Model(_arma(p, with_d=True), start, float(curves[p, q, at]), p + q + 1)


def _cheapest(loglike: FloatArray, price: float, most: int = _MOST_PARAMETERS) -> tuple[int, int]:
    """The orders (p, q) of the highest penalised likelihood, of few parameters."""
    number = np.arange(loglike.shape[0])[:, None] + np.arange(loglike.shape[1])
    charged = np.where(number <= most, loglike - price * number, -np.inf)
    p, q = np.unravel_index(int(charged.argmax()), charged.shape)
    return int(p), int(q)


def _arma_start(found: Candidates, at: int, p: int, q: int) -> FloatArray:
    """Whittle's partial coefficients and moving average at D_GRID[at], in arctanh."""
    shapes = shapes_of(found.n_obs)
    power = shapes.bins.means(rows_power(found.means[0].residual[None]))[0]
    laws = shapes.fractional.inverse.reshape(len(D_GRID), len(MA_GRID), -1)[at]
    mean_log = shapes.fractional.mean_log.reshape(len(D_GRID), len(MA_GRID))[at]
    covariances = (laws @ (shapes.cosines * power).T).T[: LARGEST_AR + 1]
    theta = len(MA_GRID) // 2
    if q:
        theta = int((np.log(levinson(covariances)[0][p]) + mean_log).argmin())
    ratios = covariances[:, theta] / covariances[0, theta]
    partial = [ratios[1]] if p else []
    if p == 2:
        partial.append((ratios[2] - ratios[1] ** 2) / (1.0 - ratios[1] ** 2))
    both = np.concatenate([partial, MA_GRID[[theta]] if q else []])
    return np.arctanh(np.clip(both, -0.99, 0.99))


def _noise(point: FloatArray, n_obs: int) -> FloatArray:
    hurst = 0.75 + 0.2499 * float(np.tanh(point[0]))
    return FractionalGaussianNoise(hurst).autocovariance(n_obs - 1)


def _arma(p: int, with_d: bool) -> Callable[[FloatArray, int], FloatArray]:
    """Autocovariances of (d,) p partial coefficients and what remains, a moving average."""

    def autocovariance(point: FloatArray, n_obs: int) -> FloatArray:
        d = 0.25 + 0.2499 * float(np.tanh(point[0])) if with_d else 0.0
        values = np.clip(np.tanh(point[int(with_d) :]), -0.999, 0.999)
        ar = values[:p]
        if p == 2:
            ar = np.array([values[0] * (1.0 - values[1]), values[1]])
        return ARFIMAProcess(ar=ar, d=d, ma=values[p:]).autocovariance(n_obs - 1)

    return autocovariance
