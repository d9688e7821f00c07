"""Is a straight trend more than memory makes?"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate
from memtools._validate import FloatArray
from memtools.estimators.exact import exact_local_whittle
from memtools.exceptions import InvalidInputError
from memtools.inference import partial_sums as ps
from memtools.inference.laws import law
from memtools.results import TestResult
from memtools.spectral import Sample

MIN_OBS = 50
FIXED_B = 0.1
# Short-run dynamics move d little there.
_EXPONENT = 0.6
D_RANGE = (-0.4, 1.4)


def slope_ratio(rows: FloatArray) -> FloatArray:
    """|t| of the least squares slope, its variance of a tenth of all lags; a row a series."""
    n_obs = rows.shape[1]
    t = np.arange(n_obs) - 0.5 * (n_obs - 1)
    slope = rows @ t / (t @ t)
    lags = np.full(len(rows), int(FIXED_B * n_obs))
    variance = ps.bartlett_variance(ps.detrended(rows), lags)
    return np.asarray(np.abs(slope) * math.sqrt(t @ t) / np.sqrt(variance))


def memory_around(left: FloatArray) -> float:
    """d of a row that is detrended, moved to where the laws are known."""
    return min(max(exact_local_whittle(Sample(left[0]), _EXPONENT).d, D_RANGE[0]), D_RANGE[1])


def trend_test(x: ArrayLike, d: float | None = None) -> TestResult:
    """Is there a straight trend, or only memory?

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 50 observations.
    d : float, optional
        Memory around the trend, in [-0.4, 1.4]; by default the exact local Whittle estimate of
        what the least squares line leaves, on n^0.6 ordinates, moved into that range.

    Returns
    -------
    TestResult
        `details` holds "slope" (an observation), "d" and "critical_values".

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series of 50 observations or more, or `d` is out of range.

    Notes
    -----
    Fixed-b: t of the least squares slope with Bartlett's long-run variance of a tenth of all lags,
    whose level under memory cancels, against 10,000 paths of ARFIMA(0, d, 0) of this length (up to
    2,000) and d.  Where d is estimated, the normal score by that law is compared with its own, of
    3,000 paths on which d is estimated.  Least squares loses little against exact generalised least
    squares for d < 1/2 (Yajima, 1988), and more beyond.

    References
    ----------
    Bunzel, H. and Vogelsang, T. J. (2005). Powerful trend function tests that are robust to strong
    serial correlation. Journal of Business and Economic Statistics 23, 381-394.
    McElroy, T. and Politis, D. N. (2012). Fixed-b asymptotics for the studentized mean from time
    series with short, long, or negative memory. Econometric Theory 28, 471-481.
    Yajima, Y. (1988). On estimation of a regression model with long-memory stationary errors.
    Annals of Statistics 16, 791-807.

    Examples
    --------
    >>> import memtools as mt
    >>> x = mt.simulate(mt.ARFIMAProcess(d=0.4), 1000, rng=1)
    >>> mt.trend_test(x).pvalue > 0.05
    True
    >>> mt.trend_test(x + [0.01 * t for t in range(1000)]).pvalue < 0.01
    True
    """
    values = _validate.as_varying_series(x, min_obs=MIN_OBS)
    n_obs = len(values)
    row = values[np.newaxis]
    left = ps.detrended(row)
    if np.ptp(left) <= 1e-9 * np.ptp(values):
        raise InvalidInputError("x", "a series that varies around its trend", "a straight line")
    estimated = d is None
    d = memory_around(left) if d is None else _validate.as_real(d, "d", *D_RANGE)
    statistic = float(slope_ratio(row)[0])
    null = law("trend_laws", "slope", n_obs**-0.5, d)
    if estimated:
        null = null.under(law("trend_scores", "slope", n_obs**-0.5, d))
    slope = float(np.polyfit(np.arange(n_obs), values, 1)[0])
    return TestResult(
        statistic=statistic,
        pvalue=null.pvalue(statistic, "greater"),
        null=f"no trend, memory d = {d:z.2f}",
        alternative="a straight trend",
        method="Trend under memory (fixed-b)",
        details={
            "slope": slope,
            "d": d,
            "n_obs": n_obs,
            "critical_values": null.critical_values("greater"),
        },
        finding=f"slope {slope:.4g} an observation (least squares)",
    )
