"""How much differencing passes a unit-root test, and what it leaves of the memory."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate, fractional
from memtools._validate import FloatArray
from memtools.estimators.exact import exact_local_whittle
from memtools.exceptions import InvalidInputError
from memtools.results import MinimumDifference
from memtools.spectral import as_sample

_LARGEST_D = 2.0


def minimum_difference(x: ArrayLike, alpha: float = 0.05, step: float = 0.05) -> MinimumDifference:
    """Least d whose fractional difference passes the augmented Dickey-Fuller test.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 64 observations.
    alpha : float
        Level at which a unit root must be rejected.
    step : float
        Of the grid of d from 0 to 2, 0.01 to 0.5.

    Returns
    -------
    MinimumDifference
        `d` (None where no difference passes), the table of all d tried, and the memory of the
        series before and after.

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series of 64 observations, or an argument is out of range.

    Notes
    -----
    The d-th difference of x less its first value, all lags of the sample, ADF with a constant and
    lags by AIC (arch).  The test rejects a unit root for any memory below 1 in long samples: a
    series that passes is neither of short memory nor surely stationary, and this d is not an
    estimate of its memory.  The more observations, the less differencing passes.

    References
    ----------
    Lopez de Prado, M. (2018). Advances in Financial Machine Learning. Wiley, chapter 5.
    Dickey, D. A. and Fuller, W. A. (1979). Distribution of the estimators for autoregressive time
    series with a unit root. Journal of the American Statistical Association 74, 427-431.
    Hassler, U. and Wolters, J. (1994). On the power of unit root tests against fractional
    alternatives. Economics Letters 45, 1-5.

    Examples
    --------
    >>> import numpy as np
    >>> import memtools as mt
    >>> walk = np.random.default_rng(1).standard_normal(1000).cumsum()
    >>> found = mt.minimum_difference(walk)
    >>> 0.0 < found.d < 1.0
    True
    >>> found.memory_after.d > 0.5
    True
    """
    values = _validate.as_varying_series(x, min_obs=64)
    alpha = _validate.as_alpha(alpha)
    step = _validate.as_real(step, "step", 0.01, 0.5)
    values = values - values[0]
    orders, statistics, pvalues, correlations = [], [], [], []
    d: float | None = None
    for order in np.arange(0.0, _LARGEST_D + 0.5 * step, step).tolist():
        difference = fractional.fracdiff(values, order)
        statistic, pvalue = _dickey_fuller(difference)
        orders.append(order)
        statistics.append(statistic)
        pvalues.append(pvalue)
        correlations.append(float(np.corrcoef(difference, values)[0, 1]))
        if pvalue < alpha:
            d = order
            break
    before = exact_local_whittle(as_sample(values))
    after = None if d is None else exact_local_whittle(as_sample(fractional.fracdiff(values, d)))
    return MinimumDifference(
        d=d,
        orders=np.array(orders),
        statistics=np.array(statistics),
        pvalues=np.array(pvalues),
        correlations=np.array(correlations),
        memory_before=before,
        memory_after=after,
        alpha=alpha,
        n_obs=len(values),
    )


def _dickey_fuller(values: FloatArray) -> tuple[float, float]:
    from arch.unitroot import ADF
    from arch.utility.exceptions import InfeasibleTestException

    found: Any = ADF(values, trend="c")
    try:
        return float(found.stat), float(found.pvalue)
    except InfeasibleTestException:
        allowed = "a series that varies enough for the unit-root test"
        raise InvalidInputError("x", allowed, "one whose lags are collinear") from None
