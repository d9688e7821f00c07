"""A power law, or one that is tempered?  The likelihood ratio of ARTFIMA against ARFIMA."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate
from memtools._validate import FloatArray
from memtools.arfima.parameters import Dynamics, Space
from memtools.arfima.whittle import WhittleLikelihood
from memtools.estimators.whittle import whittle_minimum
from memtools.inference.laws import law
from memtools.processes.tempered import LEAST_TEMPERING
from memtools.results import TestResult
from memtools.spectral import Sample

MIN_OBS = 50
_ORDERS = ((0, 0), (1, 0), (0, 1))
_D_RANGE = (-0.49, 0.98)
TEMPERED_RANGE = (-0.49, 2.0)
_STEPS = 16


def temperings(n_obs: int) -> FloatArray:
    """What is looked at: from a tenth of the first Fourier frequency to 1."""
    least = max(0.2 * math.pi / n_obs, LEAST_TEMPERING)
    return np.geomspace(least, 1.0, _STEPS)


def log_gap(frequencies: FloatArray, tempering: float) -> FloatArray:
    """log |1 - exp(-tempering - i l)|^2."""
    near = math.expm1(-tempering) ** 2
    return np.log(near + 4.0 * math.exp(-tempering) * np.sin(0.5 * frequencies) ** 2)


class TemperedLikelihood(WhittleLikelihood):
    """Whittle's profile likelihood of ARTFIMA models of a given tempering."""

    def tempered(self, tempering: float) -> TemperedLikelihood:
        """The same series at another tempering."""
        self.log_sine = log_gap(self.frequencies, tempering)
        return self

    def best(self, order: tuple[int, int], d_range: tuple[float, float]) -> tuple[float, Dynamics]:
        """Largest log-likelihood at this tempering, and where."""
        if order == (0, 0):
            d, value = noise_minimum(self.log_sine, self.weights, self.power, d_range)
            return self.loglike(float(value)), Dynamics(float(d), np.empty(0), np.empty(0))
        space = Space(*order, d_range)
        mode = self.modes(space, 1e-5)[0]
        return self.loglike(mode.objective), space.dynamics(mode.point)


def noise_minimum(
    log_gaps: FloatArray, weights: FloatArray, power: FloatArray, d_range: tuple[float, float]
) -> tuple[FloatArray, FloatArray]:
    """d and the objective of tempered noise of rows of ordinates."""
    logs = 0.5 * (log_gaps - weights @ log_gaps)
    d = whittle_minimum(logs, power * weights, d_range)[0]
    return d, np.log(
        (power * weights * np.exp(2.0 * np.asarray(d)[..., np.newaxis] * logs)).sum(axis=-1)
    )


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
    is no half chi-squared: the p-value is from 4,000 to 8,000 paths of ARFIMA(0, d, 0) at order
    (0, 0), of this length (up to 2,000), and too large rather than too small.

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
    sample = Sample(values)
    bare, likelihood = TemperedLikelihood(sample, 1), TemperedLikelihood(sample, 1)
    found = []
    for order in _ORDERS:
        null_fit = bare.best(order, _D_RANGE)
        fits = [
            (*likelihood.tempered(float(rate)).best(order, TEMPERED_RANGE), float(rate))
            for rate in temperings(n_obs)
        ]
        best = max(fits, key=lambda fit: fit[0])
        gain = max(0.0, 2.0 * (best[0] - null_fit[0]))
        found.append((gain, order, null_fit[1], best[1], best[2]))
    # At too small an order tempering stands in for an AR part: it must tell at every order.
    statistic, order, dynamics, tempered, rate = min(found, key=lambda entry: entry[0])
    null = law("tempering_laws", "ratio", n_obs**-0.5, dynamics.d)
    return TestResult(
        statistic=statistic,
        pvalue=null.pvalue(statistic, "greater") if statistic > 0.0 else 1.0,
        null="a power law (tempering 0)",
        alternative="a tempered power law",
        method="Likelihood ratio of tempering (Whittle)",
        details={
            "d": dynamics.d,
            "order": order,
            "d_tempered": tempered.d,
            "tempering": rate,
            "n_obs": n_obs,
            "critical_values": null.critical_values("greater"),
        },
    )


def largest_ratio(rows: FloatArray) -> FloatArray:
    """The statistic at order (0, 0) of rows."""
    n_obs = rows.shape[1]
    ordinates = WhittleLikelihood(Sample(rows), 0)
    weights, power = ordinates.weights, ordinates.power
    least = noise_minimum(ordinates.log_sine, weights, power, _D_RANGE)[1]
    best = least
    for rate in temperings(n_obs):
        gaps = log_gap(ordinates.frequencies, float(rate))
        best = np.minimum(best, noise_minimum(gaps, weights, power, TEMPERED_RANGE)[1])
    return np.asarray((n_obs - 1) * (least - best))
