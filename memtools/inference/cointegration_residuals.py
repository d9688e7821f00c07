"""No cointegration at all, by the residuals of a regression in differences."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from memtools import _validate, fractional
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.inference.laws import ALPHAS
from memtools.results import TestResult
from memtools.results.estimates import listed

_MOST_REGRESSORS = 10


def residual_cointegration_test(
    y: ArrayLike, x: ArrayLike, d: float = 1.0, n_lags: int | None = None
) -> TestResult:
    """Hassler and Breitung's test of no cointegration between one series and others.

    Parameters
    ----------
    y : array_like, shape (n_obs,)
    x : array_like, shape (n_obs,) or (n_obs, n_regressors)
        One to ten regressors, at least 64 observations.
    d : float
        Memory of all series under the null, known, in (0, 2]: 1 for unit roots.
    n_lags : int, optional
        Lags of short-run dynamics taken into the regression, by default
        floor(4 (n_obs / 100)^(1/4)).

    Returns
    -------
    TestResult
        Normal, one-sided: small p-values speak for an error of memory below `d`.  `details` holds
        "d", "n_lags", "coefficients" (of the regression in differences).

    Raises
    ------
    InvalidInputError
        Where the series do not fit each other or do not vary, regressors are collinear, or an
        argument is out of range.

    See Also
    --------
    cointegration_rank : where the memory of the series is not known.

    Notes
    -----
    e_t, the least squares residuals of the d-th difference of y on those of x and of a constant,
    is regressed on e*_{t-1} = sum_{j >= 1} e_{t-j} / j and on n_lags lags of itself and of the
    differences of x; the statistic is the t-value of e*_{t-1} with White's standard error.
    A regression in levels has residuals whose score is not normal.  An estimated d in place of a
    known one moves the statistic.

    References
    ----------
    Hassler, U. and Breitung, J. (2006). A residual-based LM-type test against fractional
    cointegration. Econometric Theory 22, 1091-1111.
    Demetrescu, M., Kuzin, V. and Hassler, U. (2008). Long memory testing in the time domain.
    Econometric Theory 24, 176-215 (lags and White's standard error).

    Examples
    --------
    >>> import numpy as np
    >>> import memtools as mt
    >>> rng = np.random.default_rng(1)
    >>> x = rng.standard_normal(500).cumsum()
    >>> mt.residual_cointegration_test(2.0 * x + rng.standard_normal(500), x).pvalue < 0.01
    True
    >>> mt.residual_cointegration_test(rng.standard_normal(500).cumsum(), x).pvalue < 0.05
    False
    """
    left = _validate.as_varying_series(y, "y", 64)
    right = _validate.as_several_series(x, min_obs=64, most=_MOST_REGRESSORS)
    n_obs, k = right.shape
    if len(left) != n_obs:
        raise InvalidInputError("y", f"of the length of x, {n_obs}", str(len(left)))
    _validate.require_same_labels(y, x, "y", "x")
    d = _validate.as_real(d, "d", 0.0, 2.0)
    if d == 0.0:
        raise InvalidInputError("d", "positive: series without memory share none", "0.0")
    if n_lags is None:
        n_lags = int(4.0 * (n_obs / 100.0) ** 0.25)
    n_lags = _validate.as_integer(n_lags, "n_lags", 0, n_obs // (4 * (k + 1)))
    level = fractional.fracdiff(np.ones(n_obs), d)
    design = np.column_stack([fractional.fracdiff(right, d, axis=0), level])
    response = fractional.fracdiff(left, d)
    coefficients, _, rank, _ = np.linalg.lstsq(design, response, rcond=1e-10)
    error = response - design @ coefficients
    if rank < k + 1 or error @ error < 1e-20 * (response @ response):
        raise InvalidInputError(
            "x", "regressors that do not explain each other or y", "ones that do"
        )
    statistic = _t_value(error, design[:, :k], n_lags)
    return TestResult(
        statistic=statistic,
        pvalue=float(ndtr(statistic)),
        null=f"no cointegration: an error of memory {d:g}",
        alternative=f"cointegration: an error of memory below {d:g}",
        method="Residual LM test of cointegration (Hassler and Breitung)",
        details={
            "d": d,
            "n_lags": n_lags,
            "coefficients": coefficients[:k].tolist(),
            "n_obs": n_obs,
            "critical_values": {f"{a:.0%}": float(ndtri(a)) for a in ALPHAS},
        },
        finding=listed(coefficients[:k], "coefficients"),
    )


def _t_value(error: FloatArray, differences: FloatArray, n_lags: int) -> float:
    """Of the harmonic sum of past errors, among lags of the errors and of the regressors."""
    n_obs = len(error)
    harmonic = np.append(0.0, 1.0 / np.arange(1.0, n_obs))
    columns = [fractional.convolve_causal(error, harmonic)]
    for lag in range(1, n_lags + 1):
        columns += [_lagged(column, lag) for column in (error, *differences.T)]
    design = np.column_stack(columns)[n_lags + 1 :]
    response = error[n_lags + 1 :]
    inverse = np.linalg.pinv(design)
    found = inverse @ response
    rest = response - design @ found
    return float(found[0] / math.sqrt(float((inverse[0] * rest) @ (inverse[0] * rest))))


def _lagged(column: FloatArray, lag: int) -> FloatArray:
    return np.append(np.zeros(lag), column[:-lag])
