"""A power law, or one that is tempered?  The likelihood ratio of ARTFIMA against ARFIMA."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate
from memtools._validate import FloatArray
from memtools.arfima.whittle import WhittleLikelihood
from memtools.inference.laws import Law, law
from memtools.processes.tempered import LEAST_TEMPERING, log_gap
from memtools.results import TestResult
from memtools.spectral import Sample

MIN_OBS = 50
ORDERS = ((0, 0), (1, 0), (0, 1))
_STEPS = 16
_BLOCK = 1 << 15  # ordinates at a time
# Grids of d under either, and of an MA coefficient (even in the metric of its information).
_SPACING = 0.049
_UNTEMPERED, _TEMPERED = np.arange(-0.49, 0.99, _SPACING), np.arange(-0.49, 2.01, _SPACING)
_MA = np.sin(np.linspace(-1.4, 1.4, 23))


def temperings(n_obs: int) -> FloatArray:
    """What is looked at: from a tenth of the first Fourier frequency to 1."""
    least = max(0.2 * math.pi / n_obs, LEAST_TEMPERING)
    return np.geomspace(least, 1.0, _STEPS)


@dataclass(frozen=True)
class _Fits:
    """Least Whittle objective of each order in each row, and where; shapes (n_orders, n_rows)."""

    objective: FloatArray
    d: FloatArray
    coefficient: FloatArray


class _Ordinates:
    """Ordinates of rows, a row a series, and Whittle's objective over grids of ARTFIMA models.

    At given tempering and d the AR coefficient is that of Yule and Walker; the rest are parabolas
    through the least points of the grids.
    """

    def __init__(self, rows: FloatArray) -> None:
        likelihood = WhittleLikelihood(Sample(rows), 0)
        self.n_obs, self.weights = rows.shape[1], likelihood.weights
        self.frequencies, self.log_sine = likelihood.frequencies, likelihood.log_sine
        self.power = likelihood.power / likelihood.power.mean(axis=1, keepdims=True)
        cosines = np.cos(self.frequencies)[:, np.newaxis]
        moving = 1.0 + 2.0 * _MA * cosines + _MA**2
        self.basis = np.concatenate([np.ones_like(cosines), cosines, 1.0 / moving], axis=1)
        self.log_moving = self.weights @ np.log(moving)

    def fits(self, log_gaps: FloatArray, grid: FloatArray) -> _Fits:
        """The best models at the tempering that has these gaps."""
        sums = np.zeros((len(grid), len(self.power), self.basis.shape[1]))
        for first in range(0, len(log_gaps), _BLOCK):
            part = slice(first, first + _BLOCK)
            factors = np.exp(np.outer(grid, log_gaps[part])) * self.weights[part]
            for row, power in enumerate(self.power[:, part]):
                sums[:, row] += (factors * power) @ self.basis[part]
        mean = -grid[:, np.newaxis] * float(self.weights @ log_gaps)
        c0, c1 = sums[..., 0], sums[..., 1]
        phi = c1 / c0
        # log |ar|^2 sums to about zero over all Fourier frequencies; zero is left out.
        corner = 2.0 * np.log1p(-phi) / (self.n_obs - 1)
        white, at_white = _least(np.log(c0) + mean)
        auto, at_auto = _least(np.log(c0 - phi * c1) + corner + mean)
        surface = np.log(sums[..., 2:]) + self.log_moving + mean[..., np.newaxis]
        ridge, at_ridge = _least(surface)
        moving, at_moving = _least(ridge.T)
        rows = np.arange(len(moving))
        nearest = np.clip(at_moving.round().astype(int), 0, len(_MA) - 1)
        near_auto = np.clip(at_auto.round().astype(int), 0, len(grid) - 1)
        places = np.stack([at_white, at_auto, at_ridge[rows, nearest]])
        return _Fits(
            np.stack([white, auto, moving]),
            grid[0] + _SPACING * places,
            np.stack([np.zeros(len(rows)), phi[near_auto, rows], _MA[nearest]]),
        )


def _least(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Least value along the first axis by a parabola, and its place in steps of the grid."""
    k = np.clip(values.argmin(axis=0), 1, len(values) - 2)[np.newaxis]
    a, b, c = (np.take_along_axis(values, k + i, axis=0)[0] for i in (-1, 0, 1))
    move = np.clip(0.5 * (a - c) / np.maximum(a - 2.0 * b + c, 1e-12), -1.0, 1.0)
    return b - 0.25 * (a - c) * move, k[0] + move


@dataclass(frozen=True)
class Gains:
    """Twice the gain in log-likelihood by tempering, least over the orders; an entry a row."""

    statistic: FloatArray
    best: np.ndarray  # position of the order of least BIC under the null
    null: _Fits
    tempered: _Fits
    tempering: FloatArray


def gains(rows: FloatArray) -> Gains:
    """The statistic of rows of series."""
    ordinates = _Ordinates(rows)
    n = rows.shape[1]
    null = ordinates.fits(ordinates.log_sine, _UNTEMPERED)
    rates = temperings(n)
    found = [ordinates.fits(log_gap(ordinates.frequencies, float(r)), _TEMPERED) for r in rates]
    objectives = np.stack([fit.objective for fit in found])
    at = objectives.argmin(axis=0)[np.newaxis]
    d, coefficient = (
        np.take_along_axis(np.stack([getattr(fit, name) for fit in found]), at, axis=0)[0]
        for name in ("d", "coefficient")
    )
    tempered = _Fits(objectives.min(axis=0), d, coefficient)
    gain = np.maximum((n - 1) * (null.objective - tempered.objective), 0.0)
    costs = math.log(n) * np.array([[sum(order)] for order in ORDERS])
    best = ((n - 1) * null.objective + costs).argmin(axis=0)
    return Gains(gain.min(axis=0), best, null, tempered, rates[at[0]])


def read_at(found: Gains) -> list[tuple[str, float]]:
    """The part and the coefficient of each row's model of least BIC under the null."""
    kinds = ["ma" if ORDERS[k] == (0, 1) else "ar" for k in found.best]
    coefficients = found.null.coefficient[found.best, np.arange(len(found.best))]
    return list(zip(kinds, coefficients.tolist(), strict=True))


def first_law(kind: str, coefficient: float, n_obs: int) -> Law:
    """The law at d = 0.3; below 0 that of 0, since it hangs on d there and is smaller."""
    return law("tempering_laws", kind, n_obs**-0.5, max(coefficient, 0.0))


def tempering_test(x: ArrayLike) -> TestResult:
    """Likelihood ratio test of a power law against a tempered one.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 50 observations, of -1/2 < d < 1 under the null.

    Returns
    -------
    TestResult
        `details` holds "d" and "order" (p, q) under the null, "d_tempered" and "tempering" of the
        best tempered model and "critical_values".

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series of 50 observations or more.

    See Also
    --------
    TemperedARFIMAProcess

    Notes
    -----
    Twice the gain in Whittle's log-likelihood of ARTFIMA(p, d, lambda, q) over ARFIMA(p, d, q),
    lambda from 2 pi / (10 n) to 1 on 16 steps, at the one of the orders (0, 0), (1, 0), (0, 1)
    where it is least: tempered noise imitates ARFIMA(1, d, 0), so that tempering must tell at all
    of them.  lambda = 0 is an end of its range and near it lambda and d trade, so that the limit
    is no half chi-squared: the p-value is from 750 to 1,500 paths of the model of least BIC under
    the null, d = 0.3, at this length (up to 2,000) and AR or MA coefficient, 0 for a negative one,
    and the law of its normal score with the coefficient estimated.  Richer short-run dynamics, as
    of ARFIMA(1, d, 1), are taken for tempering.

    References
    ----------
    Sabzikar, F., McLeod, A. I. and Meerschaert, M. M. (2019). Parameter estimation for ARTFIMA
    time series. Journal of Statistical Planning and Inference 200, 129-145.

    Examples
    --------
    >>> import memtools as mt
    >>> x = mt.simulate(mt.TemperedARFIMAProcess(d=0.4, tempering=0.1), 2000, rng=1)
    >>> mt.tempering_test(x).pvalue < 0.05
    True
    >>> mt.tempering_test(mt.simulate(mt.ARFIMAProcess(d=0.4), 2000, rng=1)).pvalue < 0.05
    False
    """
    values = _validate.as_varying_series(x, min_obs=MIN_OBS)
    n_obs = len(values)
    found = gains(values[np.newaxis])
    statistic, k = float(found.statistic[0]), int(found.best[0])
    kind, coefficient = read_at(found)[0]
    scores = law("tempering_scores", kind, n_obs**-0.5, coefficient)
    null = first_law(kind, coefficient, n_obs).under(scores)
    d, d_tempered = float(found.null.d[k, 0]), float(found.tempered.d[k, 0])
    rate = float(found.tempering[k, 0])
    return TestResult(
        statistic=statistic,
        pvalue=null.pvalue(statistic, "greater") if statistic > 0.0 else 1.0,
        null="a power law (tempering 0)",
        alternative="a tempered power law",
        method="Likelihood ratio of tempering (Whittle)",
        details={
            "d": d,
            "order": ORDERS[k],
            "d_tempered": d_tempered,
            "tempering": rate,
            "n_obs": n_obs,
            "critical_values": null.critical_values("greater"),
        },
        finding=f"d = {d:z.2f} without tempering, {d_tempered:z.2f} with a tempering of {rate:.3g}",
    )
