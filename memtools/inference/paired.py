"""Have two sets of series that go together the same d: data, and what a network makes of them?"""

from __future__ import annotations

import math

import numpy as np
import scipy.fft
from numpy.typing import ArrayLike

from memtools import _validate
from memtools._validate import Bandwidth, FloatArray
from memtools.exceptions import InvalidInputError
from memtools.results import TestResult
from memtools.spectral import fourier_frequencies

_EXPONENT = 0.65
_SMALLEST_M = 12
# The next power of the frequency counts where it moves the slope by more of its errors than this.
_TELLING = 2.0


def paired_memory_test(
    x: ArrayLike, y: ArrayLike, bandwidth: Bandwidth = None, alternative: str = "two-sided"
) -> TestResult:
    """Is d of a second set of series that of the first: of a network's output that of its data?

    Parameters
    ----------
    x, y : array_like, shape (n_obs,) or (n_obs, n_series)
        Series observed together, at least 64 observations; the sets may differ in size, and hold
        more series than there are ordinates.
    bandwidth : int, float or callable, optional
        Number m of Fourier ordinates, at least 12, or an exponent in (0, 1); by default 0.65.
    alternative : {"two-sided", "greater", "less"}
        Of the d of y, against that of x.

    Returns
    -------
    TestResult
        `details` holds "difference" (mean d of y less mean d of x), its "stderr", "low" and
        "high" (95%), "coherence" (share of the log ordinates that the two sets have in common).

    Raises
    ------
    InvalidInputError
        Where the series do not fit each other, do not vary or have no power at an ordinate, or an
        argument is out of range.

    See Also
    --------
    equal_memory_test : several series, among which none is made from another.

    Notes
    -----
    Least squares of the differences of the mean log periodograms of both sets on -2 log(2 sin(l /
    2)), l^2 and a constant, with the errors of its own residuals and Student's t.  What the sets
    have in common cancels ordinate by ordinate, whatever their coherence: a covariance of two
    estimates of d is next to singular for a network that filters its data, and the
    short-run dynamics that the filter adds then pass for a difference of d (two local Whittle
    estimates with the covariance of :func:`multivariate_local_whittle` reject an AR(1) filter
    with noise in 99% of paths).  A filter without noise leaves no errors but its own shape: AR(1)
    0.8 exactly is rejected at 5% in 62% of paths of 256 observations, 14% of 1,024 and 3% of
    4,096, AR(1) 0.5 in 9, 6 and 2%.  Where l^4 moves the slope by more than two standard errors of
    that move, the move is added to the error.

    References
    ----------
    Andrews, D. W. K. and Guggenberger, P. (2003). A bias-reduced log-periodogram regression
    estimator for the long-memory parameter. Econometrica 71, 675-712.

    Examples
    --------
    >>> import numpy as np
    >>> import memtools as mt
    >>> x = mt.simulate(mt.ARFIMAProcess(d=0.35), 2000, rng=1)
    >>> bool(mt.paired_memory_test(x, np.tanh(x)).pvalue < 0.05)
    False
    >>> bool(mt.paired_memory_test(x, mt.fracdiff(x, 0.3)).pvalue < 0.05)
    True
    """
    first, second = (_validate.as_several_series(v, name, 64) for v, name in ((x, "x"), (y, "y")))
    n_obs = len(first)
    if len(second) != n_obs:
        raise InvalidInputError("y", f"of the length of x, {n_obs}", str(len(second)))
    m = _validate.as_bandwidth(bandwidth, n_obs, _EXPONENT, _SMALLEST_M)
    _validate.as_choice(alternative, "alternative", ("two-sided", "greater", "less"))
    logs = [_mean_log_power(v, m, name) for v, name in ((first, "x"), (second, "y"))]
    frequencies = fourier_frequencies(n_obs, m)
    difference, stderr, degrees = _slope(logs[1] - logs[0], frequencies)
    from scipy.stats import t

    law = t(degrees)
    statistic = difference / stderr
    tail = {"greater": law.sf(statistic), "less": law.cdf(statistic)}
    half = float(law.isf(0.025)) * stderr
    sign = {"two-sided": "is not", "greater": "is more than", "less": "is less than"}[alternative]
    return TestResult(
        statistic=statistic,
        pvalue=float(tail.get(alternative, 2.0 * law.sf(abs(statistic)))),
        null="d of y is that of x",
        alternative=f"d of y {sign} that of x",
        method="Paired log-periodogram regression",
        details={
            "difference": difference,
            "stderr": stderr,
            "low": difference - half,
            "high": difference + half,
            "coherence": float(np.corrcoef(logs[0], logs[1])[0, 1]),
            "bandwidth": m,
            "n_obs": n_obs,
        },
    )


def _mean_log_power(values: FloatArray, m: int, name: str) -> FloatArray:
    """Mean over the series of the logs of the first m ordinates."""
    transform = scipy.fft.rfft(values - values.mean(axis=0), axis=0)[1 : m + 1]
    power = transform.real**2 + transform.imag**2
    rounding = (100.0 * np.finfo(float).eps * np.abs(values).max(axis=0)) ** 2
    if not (power > rounding).all():
        j, i = np.argwhere(~(power > rounding))[0]
        allowed = f"series with power at the first {m} Fourier frequencies"
        raise InvalidInputError(name, allowed, f"none at number {j + 1} of column {i}")
    return np.asarray(np.log(power).mean(axis=1), dtype=np.float64)


def _slope(response: FloatArray, frequencies: FloatArray) -> tuple[float, float, int]:
    """Difference of d, its standard error and degrees of freedom."""
    columns = [np.ones(len(frequencies)), -2.0 * np.log(2.0 * np.sin(0.5 * frequencies))]
    found = []
    for power in (2, 4):
        columns.append(frequencies**power / frequencies[-1] ** power)
        inverse = np.linalg.pinv(np.column_stack(columns))
        coefficients = inverse @ response
        rest = response - np.column_stack(columns) @ coefficients
        degrees = len(rest) - len(columns)
        square = float(rest @ rest) / degrees
        found.append((float(coefficients[1]), square, float(inverse[1] @ inverse[1]), degrees))
    (slope, square, leverage, degrees), (other, other_square, other_leverage, _) = found
    # A perfect fit has no error of its own but that of rounding.
    variance = max(square, 1e-16) * leverage
    move = (other - slope) ** 2
    if move > _TELLING**2 * other_square * (other_leverage - leverage):
        variance += move
    return slope, math.sqrt(variance), degrees
