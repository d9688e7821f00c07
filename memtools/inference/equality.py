"""Is d the same in the parts of a series, at all levels of aggregation, in several series?"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate, spectral
from memtools._validate import Bandwidth
from memtools.estimators._together import Together
from memtools.estimators.exact import exact_local_whittle
from memtools.estimators.whittle import local_whittle
from memtools.exceptions import InvalidInputError
from memtools.results import TestResult
from memtools.results.estimates import listed
from memtools.spectral import as_sample

_SPURIOUS = "spurious long memory (level shifts, a trend)"
_EXPONENT = 0.65
_SMALLEST_M = 8
_SUMS = 64


def split_sample_test(x: ArrayLike, n_blocks: int = 4, bandwidth: Bandwidth = None) -> TestResult:
    """Shimotsu's test that d is the same in all parts of a series.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        Long enough for 8 ordinates a block (by default 207 observations for four blocks).
    n_blocks : int
        Number of parts, 2 to 32.
    bandwidth : int, float or callable, optional
        Number m of ordinates of the whole series, or an exponent in (0, 1), by default 0.65; each
        part has m / n_blocks, so that all read the same frequencies.

    Returns
    -------
    TestResult
        `details` holds "d" (of the parts), "whole" (d of the series) and "bandwidth" (of a part).

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series long enough, or an argument is out of range.

    Notes
    -----
    The sum of (d_i - mean)^2 over the variance of one of them, chi-squared with n_blocks - 1
    degrees: Shimotsu's W_c, whose comparison with the whole adds nothing as its d is the mean of
    the parts' to first order.  Exact local Whittle estimates; the variance holds in finite
    samples.  A level shift makes the d of the parts differ less than that of the whole from them:
    see :func:`difference_test` for that side.

    References
    ----------
    Shimotsu, K. (2006). Simple (but effective) tests of long memory versus structural breaks.
    Queen's Economics Department Working Paper 1101, section 2.

    Examples
    --------
    >>> import memtools as mt
    >>> x = mt.simulate(mt.ARFIMAProcess(d=0.3), 1000, rng=1)
    >>> mt.split_sample_test(x).pvalue > 0.05
    True
    """
    n_blocks = _validate.as_integer(n_blocks, "n_blocks", 2, 32)
    least = 64
    if bandwidth is None:
        least = math.ceil((_SMALLEST_M * n_blocks) ** (1.0 / _EXPONENT))
    values = _validate.as_varying_series(x, min_obs=least)
    n_obs = len(values)
    length = n_obs // n_blocks
    together = _validate.as_bandwidth(bandwidth, n_obs, _EXPONENT, 8)
    m = together // n_blocks
    if m < _SMALLEST_M:
        allowed = f"{_SMALLEST_M * n_blocks} ordinates or more, {_SMALLEST_M} for each part"
        raise InvalidInputError("bandwidth", allowed, f"{together} of {n_obs} observations")
    parts = [values[i * length : (i + 1) * length] for i in range(n_blocks)]
    found = [exact_local_whittle(as_sample(part), m) for part in parts]
    d = np.array([estimate.d for estimate in found])
    statistic = float(((d - d.mean()) ** 2).sum() / found[0].stderr ** 2)
    whole = exact_local_whittle(as_sample(values), m * n_blocks).d
    return _chi_squared(
        statistic,
        n_blocks - 1,
        "d is the same in all parts",
        "d differs between parts, or " + _SPURIOUS,
        f"Shimotsu's sample splitting, {n_blocks} parts",
        {"d": d.tolist(), "whole": whole, "bandwidth": m, "n_obs": n_obs},
    )


def temporal_aggregation_test(x: ArrayLike, n_levels: int | None = None) -> TestResult:
    """Ohanissian, Russell and Tsay's test that d is the same at all levels of aggregation.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        Long enough for 64 sums at the coarsest level, at least 128 observations.
    n_levels : int, optional
        Levels of aggregation: 1, 2, 4, ... observations a sum; 2 to 10, by default 4, or what
        the series is long enough for.

    Returns
    -------
    TestResult
        `details` holds "d" (of the levels) and "sizes".

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series long enough, or `n_levels` is out of range.

    Notes
    -----
    GPH at each level on the root of its number of sums; (T d)' (T C T')^-1 T d, chi-squared with
    n_levels - 1 degrees, T differences of neighbours.  The ordinates of a level are those of the
    next finer one at the same frequencies, so that C is pi^2 / 6 times the products of the
    regression weights.

    References
    ----------
    Ohanissian, A., Russell, J. R. and Tsay, R. S. (2008). True or spurious long memory? A new
    test. Journal of Business and Economic Statistics 26, 161-175.

    Examples
    --------
    >>> import memtools as mt
    >>> x = mt.simulate(mt.ARFIMAProcess(d=0.3), 2000, rng=1)
    >>> mt.temporal_aggregation_test(x).pvalue > 0.05
    True
    """
    if n_levels is None:
        values = _validate.as_varying_series(x, min_obs=2 * _SUMS)
        n_levels = min(4, (len(values) // _SUMS).bit_length())
    n_levels = _validate.as_integer(n_levels, "n_levels", 2, 10)
    values = _validate.as_varying_series(x, min_obs=_SUMS * 2 ** (n_levels - 1))
    sizes = [2**level for level in range(n_levels)]
    d, weights = [], []
    for size in sizes:
        sums = values[: len(values) // size * size].reshape(-1, size).sum(axis=1)
        frequencies, power = spectral.ordinates(sums, int(len(sums) ** 0.5))
        if not power.min() > 0.0:
            raise InvalidInputError("x", "a series with power at low frequencies", "none at one")
        regressor = -2.0 * np.log(2.0 * np.sin(0.5 * frequencies))
        regressor -= regressor.mean()
        regressor /= regressor @ regressor
        d.append(float(regressor @ np.log(power)))
        weights.append(regressor)
    overlap = [[float(a[: len(b)] @ b[: len(a)]) for b in weights] for a in weights]
    steps = np.diff(d)
    contrast = np.diff(np.eye(n_levels), axis=0)
    cov = math.pi**2 / 6.0 * contrast @ np.array(overlap) @ contrast.T
    return _chi_squared(
        float(steps @ np.linalg.solve(cov, steps)),
        n_levels - 1,
        "d is the same at all levels of aggregation",
        _SPURIOUS,
        "Temporal aggregation",
        {"d": d, "sizes": sizes, "n_obs": len(values)},
    )


def equal_memory_test(x: ArrayLike, bandwidth: Bandwidth = None) -> TestResult:
    """Do several series have the same d?

    Parameters
    ----------
    x : array_like, shape (n_obs, n_series)
        Two series or more, at least 64 observations.
    bandwidth : int, float or callable, optional
        Number m of ordinates, or an exponent in (0, 1); by default 0.65.

    Returns
    -------
    TestResult
        `details` holds "d" and "bandwidth".

    Raises
    ------
    InvalidInputError
        Where `x` is no finite array of two varying series or more, one is a combination of the
        others at low frequencies, or the bandwidth is out of range.

    Notes
    -----
    (S d)' (S C S')^-1 S d, chi-squared with n_series - 1 degrees; d local Whittle estimates,
    C their covariance, which is the squared coherence at zero times the variance of one
    (Robinson, 1995; Nielsen and Shimotsu, 2007, T0 without their h^2, which is for cointegrated
    series, where C is singular).  Series need not be independent.
    R: LongMemoryTS' ``T0stat`` has h = 1 / log(n_obs).

    References
    ----------
    Robinson, P. M. (1995). Gaussian semiparametric estimation of long range dependence. Annals of
    Statistics 23, 1630-1661.
    Nielsen, M. O. and Shimotsu, K. (2007). Determining the cointegrating rank in nonstationary
    fractional systems by the exact local Whittle approach. JoE 141, 574-596, section 3.

    Examples
    --------
    >>> import memtools as mt
    >>> x = mt.simulate_varfima([0.1, 0.4], 1000, rng=1)
    >>> mt.equal_memory_test(x).pvalue < 0.05
    True
    """
    values = _validate.as_several_series(x, min_obs=64, least=2)
    n_obs, k = values.shape
    m = _validate.as_bandwidth(bandwidth, n_obs, 0.65, _SMALLEST_M)
    found = [local_whittle(column, m) for column in values.T]
    d = np.array([estimate.d for estimate in found])
    together = Together(values, m)
    together.require_full_rank()
    coherence = together.coherence(d) ** 2
    contrast = np.diff(np.eye(k), axis=0)
    cov = found[0].stderr ** 2 * contrast @ coherence @ contrast.T
    steps = np.diff(d)
    return _chi_squared(
        float(steps @ np.linalg.solve(cov, steps)),
        k - 1,
        "all series have the same d",
        "at least two differ",
        "Equality of d (Robinson)",
        {"d": d.tolist(), "bandwidth": m, "n_obs": n_obs},
    )


def _chi_squared(
    statistic: float,
    degrees: int,
    null: str,
    alternative: str,
    method: str,
    details: dict[str, Any],
) -> TestResult:
    from scipy.stats import chi2

    law = chi2(degrees)
    critical = {f"{alpha:.0%}": float(law.isf(alpha)) for alpha in (0.10, 0.05, 0.01)}
    return TestResult(
        statistic=statistic,
        pvalue=float(law.sf(statistic)),
        null=null,
        alternative=alternative,
        method=method,
        details=details | {"degrees": degrees, "critical_values": critical},
        finding=listed(details["d"]),
    )
