"""Have two sets of series that go together the same d: data, and what a network makes of them?"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import scipy.fft
from numpy.typing import ArrayLike
from scipy.linalg import cholesky_banded, solve_banded

from memtools import _validate
from memtools._validate import Bandwidth, FloatArray
from memtools.exceptions import InvalidInputError
from memtools.results import TestResult
from memtools.results._base import number
from memtools.spectral import fourier_frequencies

_EXPONENT = 0.65
_SMALLEST_M = 12
_POWERS = ("l^2", "l^2 and l^4", "l^2, l^4 and l^6")
# Of logs of white spectra over two sine tapers, one and two ordinates apart, by simulation.
_CORRELATIONS = (1.0, 0.52, 0.12)
# Corner frequencies of lags: their number, and the lowest, in Fourier frequencies.
_CORNERS, _LOWEST_CORNER = 20, 2.0
_ROUNDING = 1e-16


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
        "high" (95%), "coherence" (correlation of the log spectra of the two sets), "short_run".

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
    Weighted least squares of the differences of the mean log spectra of both sets on -2 log(2
    sin(l / 2)) and a short-run part, with the errors of its own residuals and Student's t.
    What the sets have in common cancels ordinate by ordinate, whatever their coherence: a
    covariance of two estimates of d is next to singular for a network that filters its data.
    Each spectrum is the mean over two sine tapers, which take off the ends that an exact filter
    would leave in the ratio; neighbouring ordinates are then correlated, and weighted so.

    The short-run part is a constant and l^2, with l^4, or with a lag of first order:
    log(4 sin(l / 2)^2 + a^2), a sought from two Fourier frequencies up, added or taken off, is an
    AR(1) or MA(1) filter exactly.  The Bayesian criterion, in which a sought a counts twice,
    chooses among the three, and `details` names it as "short_run"; what the next power of l moves
    the slope by is added to its error.  A slow filter is so no difference of d (AR(1) 0.8 without
    noise was one in 60% of paths of 256 observations with l^2 alone); between independent series,
    or under much noise, it cannot be told from one and counts.

    References
    ----------
    Andrews, D. W. K. and Guggenberger, P. (2003). A bias-reduced log-periodogram regression
    estimator for the long-memory parameter. Econometrica 71, 675-712.
    McCoy, E. J., Walden, A. T. and Percival, D. B. (1998). Multitaper spectral estimation of
    power law processes. IEEE Transactions on Signal Processing 46, 655-668.

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
    _validate.require_same_labels(y, x, "y", "x")
    m = _validate.as_bandwidth(bandwidth, n_obs, _EXPONENT, _SMALLEST_M)
    _validate.as_choice(alternative, "alternative", ("two-sided", "greater", "less"))
    logs = [_mean_log_power(v, m, name) for v, name in ((first, "x"), (second, "y"))]
    found, stderr = _chosen(logs[1] - logs[0], fourier_frequencies(n_obs, m))
    difference = found.slope
    from scipy.stats import t

    law = t(found.degrees)
    statistic = difference / stderr
    tail = {"greater": law.sf(statistic), "less": law.cdf(statistic)}
    half = float(law.isf(0.025)) * stderr
    sign = {"two-sided": "is not", "greater": "is more than", "less": "is less than"}[alternative]
    return TestResult(
        statistic=statistic,
        pvalue=float(tail.get(alternative, 2.0 * law.sf(abs(statistic)))),
        null="d of y is that of x",
        alternative=f"d of y {sign} that of x",
        method="Paired log-spectrum regression",
        details={
            "difference": difference,
            "stderr": stderr,
            "low": difference - half,
            "high": difference + half,
            "coherence": float(np.corrcoef(logs[0], logs[1])[0, 1]),
            "short_run": found.short_run,
            "bandwidth": m,
            "n_obs": n_obs,
        },
        finding=f"d of y less d of x: {number(difference)}, 95% interval "
        f"[{number(difference - half)}, {number(difference + half)}]",
    )


def _mean_log_power(values: FloatArray, m: int, name: str) -> FloatArray:
    """Mean over the series of the log spectra at the first m ordinates."""
    n_obs = len(values)
    values = values - values.mean(axis=0)
    rounding = (100.0 * np.finfo(float).eps * np.abs(values).max(axis=0)) ** 2
    power = _power(values, m)
    if not (power > rounding).all():
        j, i = np.argwhere(~(power > rounding))[0]
        allowed = f"series with power at the first {m} Fourier frequencies"
        raise InvalidInputError(name, allowed, f"none at number {j + 1} of column {i}")
    turn = math.pi * np.arange(1.0, n_obs + 1.0)[:, np.newaxis] / (n_obs + 1.0)
    power = _power(values * np.sin(turn), m) + _power(values * np.sin(2.0 * turn), m)
    return np.asarray(np.log(power).mean(axis=1), dtype=np.float64)


def _power(values: FloatArray, m: int) -> FloatArray:
    transform = scipy.fft.rfft(values, axis=0)[1 : m + 1]
    return np.asarray(transform.real**2 + transform.imag**2)


class _Fit(NamedTuple):
    """Slope, its variance, residual sum of squares and its degrees of freedom."""

    slope: float
    variance: float
    rest: float
    degrees: int
    short_run: str


def _chosen(response: FloatArray, frequencies: FloatArray) -> tuple[_Fit, float]:
    """The regression with the short-run part that the criterion takes, and its error."""
    m = len(frequencies)
    sines, share = 2.0 * np.sin(0.5 * frequencies), frequencies / frequencies[-1]
    powers = [share**k for k in (2, 4, 6)]
    corners = np.geomspace(_LOWEST_CORNER * sines[0], sines[-1], _CORNERS)
    lags = -np.log(np.add.outer(sines**2, corners**2))
    # Their derivatives by log a, for the error that a not known brings.
    moves = 2.0 * corners**2 * np.exp(lags)
    design = np.column_stack([np.ones(m), -2.0 * np.log(sines), *powers, lags, moves, response])
    # Neighbouring ordinates are correlated: the inverse root of a band matrix makes them white.
    band = np.outer(_CORRELATIONS, np.ones(m))
    white = solve_banded((2, 0), cholesky_banded(band, lower=True), design)
    columns, lags, moves, y = np.split(white, [5, 5 + _CORNERS, 5 + 2 * _CORNERS], axis=1)
    plain = [_least(y[:, 0], columns[:, : 3 + k], name) for k, name in enumerate(_POWERS)]
    lagged = [_least_with_lag(y[:, 0], columns[:, :k], lags, moves, corners) for k in (3, 4)]
    # Each with the next power of l, and its number of parameters: a sought corner counts twice.
    rivals = [(plain[0], plain[1], 3), (plain[1], plain[2], 4), (lagged[0], lagged[1], 5)]
    found, more, _ = min(
        rivals,
        key=lambda rival: m * math.log(rival[0].rest + _ROUNDING * m) + rival[2] * math.log(m),
    )
    return found, math.hypot(math.sqrt(found.variance), more.slope - found.slope)


def _least(response: FloatArray, columns: FloatArray, short_run: str) -> _Fit:
    inverse = np.linalg.pinv(columns)
    coefficients = inverse @ response
    rest = response - columns @ coefficients
    degrees, square = len(rest) - columns.shape[1], float(rest @ rest)
    # A perfect fit has no error of its own but that of rounding.
    variance = max(square / degrees, _ROUNDING) * float(inverse[1] @ inverse[1])
    return _Fit(float(coefficients[1]), variance, square, degrees, short_run)


def _least_with_lag(
    response: FloatArray,
    columns: FloatArray,
    lags: FloatArray,
    moves: FloatArray,
    corners: FloatArray,
) -> _Fit:
    """The best of all lags, added or taken off, and a Gauss-Newton step from it."""
    basis = np.linalg.qr(columns)[0]
    rest = response - basis @ (basis.T @ response)
    rests = lags - basis @ (basis.T @ lags)
    products, squares = rest @ rests, np.sum(rests**2, axis=0)
    i = int(np.argmin(squares - 2.0 * np.abs(products)))
    sign = math.copysign(1.0, products[i])
    half = 0.5 * corners[i] ** 2
    lag = 1.0 + half - math.sqrt(half * (2.0 + half))
    kind = "AR(1)" if sign > 0.0 else "MA(1)"
    short_run = f"{_POWERS[0]} and {kind} {math.copysign(lag, sign):.2f}"
    return _least(response - sign * lags[:, i], np.column_stack([columns, moves[:, i]]), short_run)
