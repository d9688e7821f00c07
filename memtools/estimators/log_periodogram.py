"""Log-periodogram regressions: GPH, Reisen's smoothed and the bias-reduced estimator."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache, partial

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate, spectral
from memtools._validate import Bandwidth, FloatArray
from memtools.estimators._null_law import MOST_ORDINATES, of_more, regression_law
from memtools.estimators._ordinates import Rows, as_bandwidth, require_power, row_ordinates
from memtools.estimators._stderr import as_stderr_kind, calibration
from memtools.results import MemoryEstimate, Spectrum
from memtools.results.intervals import Law
from memtools.spectral import Sample, as_sample

# Variance of the logarithm of a standard exponential variable.
_LOG_VARIANCE = math.pi**2 / 6.0


def gph(x: ArrayLike, bandwidth: Bandwidth = None, stderr: str = "finite-sample") -> MemoryEstimate:
    """Log-periodogram estimate of d (Geweke and Porter-Hudak).

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least eight observations; -1/2 < d < 3/4 for the interval to hold.
    bandwidth : int, float, str or callable, optional
        Number m of Fourier ordinates j = 1..m, or an exponent b in (0, 1) for
        floor(n_obs**b), or a function of n_obs; by default b = 0.65, as of the local Whittle
        estimators.  "square-root" is Geweke and Porter-Hudak's b = 0.5.
    stderr : {"finite-sample", "asymptotic"}
        pi / sqrt(6 S) with S the centred sum of squares of the regressor, calibrated by
        simulation so that the 95% interval covers 95% from 128 observations on; or
        pi / sqrt(24 m).

    Returns
    -------
    MemoryEstimate

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series, or the bandwidth is out of range.

    See Also
    --------
    local_whittle : smaller standard error at the same bandwidth.
    bias_reduced_gph : for strong short-run dynamics.

    Notes
    -----
    Minus the slope of log I(l_j) on log(4 sin^2(l_j / 2)).  R:
    ``fracdiff::fdGPH(x, bandw.exp = 0.5)`` gives this d, and as ``sd.as`` the standard error
    before calibration; LongMemoryTS' ``gph(x, m)`` gives this d.

    References
    ----------
    Geweke, J. and Porter-Hudak, S. (1983). The estimation and application of long memory
    time series models. Journal of Time Series Analysis 4, 221-238.
    Robinson, P. M. (1995). Log-periodogram regression of time series with long range
    dependence. Annals of Statistics 23, 1048-1072.

    Examples
    --------
    >>> import numpy as np
    >>> import memtools as mt
    >>> noise = np.random.default_rng(0).standard_normal(1000)
    >>> print(mt.gph(mt.fracint(noise, 0.3)).summary())
    GPH log-periodogram regression
      d = 0.3152, standard error 0.0749 (finite-sample)
      95% interval [0.1684, 0.4620], Hurst exponent 0.8152
      1000 observations, bandwidth m = 89
    """
    sample = as_sample(x)
    found = gph_rows(sample, bandwidth, stderr)
    return MemoryEstimate(
        d=float(found.d),
        stderr=float(found.stderr),
        method="GPH log-periodogram regression",
        n_obs=sample.n_obs,
        bandwidth=found.bandwidth,
        stderr_kind=stderr,
        law=found.law,
    )


def gph_rows(sample: Sample, bandwidth: Bandwidth = None, stderr: str = "finite-sample") -> Rows:
    """:func:`gph` of a sample of one series or many rows."""
    _validate.require_length(sample.n_obs, "x", 8)
    given = 0.5 if isinstance(bandwidth, str) and bandwidth == "square-root" else bandwidth
    m = as_bandwidth(given, sample.n_obs, 0.65, 3, sample)
    asymptotic = as_stderr_kind(stderr) == "asymptotic"
    spectrum, powered = row_ordinates(sample, m)
    d, squares = log_regression(spectrum)
    if asymptotic:
        return Rows(d, math.pi / math.sqrt(24.0 * m), m, powered=powered)
    error = math.sqrt(_LOG_VARIANCE / squares) * calibration("gph", m)
    return Rows(d, error, m, powered=powered, law=partial(_law, sample.n_obs, m))


def log_regression(spectrum: Spectrum, order: int = 0) -> tuple[FloatArray, float]:
    """Slope of log power on -log(4 sin^2(l / 2)) and `order` even powers of l, a row a series.

    With it the sum of squares of the regressor, less its projection on 1 and the powers.
    """
    regressor = _regressor(spectrum.frequencies, order)
    squares = float(regressor @ regressor)
    # Not @: the rows of a product of matrices may depend on how many they are.
    return np.vecdot(np.log(spectrum.power), regressor) / squares, squares


@lru_cache(maxsize=64)
def _law(n_obs: int, m: int, order: int = 0) -> Law:
    """Of the slope about d: a sum of logarithms of exponential variables."""
    frequencies = spectral.fourier_frequencies(n_obs, m)
    few = min(m, MOST_ORDINATES)
    # The few reach as far as all do.
    taken = _regressor(frequencies[-1] * np.arange(1, few + 1) / few, order)
    law = regression_law(taken / float(taken @ taken))
    if few == m:
        return law
    every = _regressor(frequencies, order)
    spread, smaller = (math.sqrt(_LOG_VARIANCE / float(w @ w)) for w in (taken, every))
    return of_more(law, spread, smaller, few / m)


def _regressor(frequencies: FloatArray, order: int = 0) -> FloatArray:
    regressor = np.sin(0.5 * frequencies)
    regressor *= 2.0
    np.log(regressor, out=regressor)
    regressor *= -2.0
    if not order:
        return np.asarray(regressor - regressor.mean())
    # Powers of l / l_m: the fit is the same, the columns stay of one size.
    u = frequencies / frequencies[-1]
    powers = np.vander(u * u, order + 1, increasing=True)
    return np.asarray(regressor - powers @ np.linalg.lstsq(powers, regressor, rcond=None)[0])


def trimmed_gph(
    x: ArrayLike,
    bandwidth: Bandwidth = None,
    trimming: int | float | None = None,
    stderr: str = "finite-sample",
) -> MemoryEstimate:
    """Log-periodogram estimate of d without the first ordinates (McCloskey and Perron).

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 16 observations; -1/2 < d < 3/4 for the interval to hold.
    bandwidth : int, float, str or callable, optional
        Number m of the last Fourier ordinate used, or an exponent in (0, 1); by default 0.8.
    trimming : int or float, optional
        Number l of first ordinates left out, or an exponent in (0, 1); by default 0.5.  Level
        shifts and slow trends live below frequencies of the order of n_obs^-1/2.
    stderr : {"finite-sample", "asymptotic"}
        pi / sqrt(6 S) with S the centred sum of squares of the regressor over the ordinates
        used; or pi / sqrt(24 m).

    Returns
    -------
    MemoryEstimate
        `details` holds "trimming", l.

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series, or bandwidth or trimming is out of range.

    See Also
    --------
    contaminated_local_whittle : models what is left out here.

    Notes
    -----
    :func:`gph` on ordinates l + 1..m.  What is left out against level shifts is paid for by a
    larger bandwidth, which lets short-run dynamics in.

    References
    ----------
    Robinson, P. M. (1995). Log-periodogram regression of time series with long range
    dependence. Annals of Statistics 23, 1048-1072.
    McCloskey, A. and Perron, P. (2013). Memory parameter estimation in the presence of level
    shifts and deterministic trends. Econometric Theory 29, 1196-1237.

    Examples
    --------
    >>> import numpy as np
    >>> import memtools as mt
    >>> x = np.random.default_rng(0).standard_normal(2000)
    >>> x += np.where(np.arange(2000) < 1000, 0.0, 1.0)
    >>> mt.gph(x).d > 0.2 > 0.1 > mt.trimmed_gph(x).d
    True
    """
    sample = as_sample(x)
    _validate.require_length(sample.n_obs, "x", 16)
    m = as_bandwidth(bandwidth, sample.n_obs, 0.8, 6, sample)
    first = _validate.as_bandwidth(trimming, sample.n_obs, 0.5, 0, m - 4, "trimming")
    asymptotic = as_stderr_kind(stderr) == "asymptotic"
    whole, _ = row_ordinates(sample, m)
    kept = replace(whole, frequencies=whole.frequencies[first:], power=whole.power[first:])
    d, squares = log_regression(kept)
    error = math.sqrt(_LOG_VARIANCE / squares)
    return MemoryEstimate(
        d=float(d),
        stderr=math.pi / math.sqrt(24.0 * m) if asymptotic else error,
        method=f"Trimmed log-periodogram regression, ordinates {first + 1} to {m}",
        n_obs=sample.n_obs,
        bandwidth=m,
        stderr_kind=stderr,
        details={"trimming": first},
    )


def smoothed_gph(
    x: ArrayLike,
    bandwidth: Bandwidth = None,
    truncation: int | float | None = None,
    stderr: str = "finite-sample",
) -> MemoryEstimate:
    """Estimate d from the regression of the log smoothed periodogram (Reisen).

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least eight observations.
    bandwidth : int, float, str or callable, optional
        Number m of Fourier ordinates, or an exponent in (0, 1); by default 0.5.
    truncation : int or float, optional
        Largest lag M of the Parzen window, or an exponent in (0, 1); by default 0.9.
    stderr : {"finite-sample", "asymptotic"}
        From the exact covariance of the smoothed ordinates across frequencies; or Reisen's
        sqrt(0.539285 M / (n_obs S)), which takes them as independent.

    Returns
    -------
    MemoryEstimate
        ``details["truncation"]`` holds M.

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series, or a bandwidth is out of range.

    Notes
    -----
    R: ``fracdiff::fdSperio(x, bandw.exp = 0.5, beta = 0.9)`` gives this d and, as ``sd.as``,
    the asymptotic standard error.

    References
    ----------
    Reisen, V. A. (1994). Estimation of the fractional difference parameter in the
    ARIMA(p, d, q) model using the smoothed periodogram. Journal of Time Series Analysis 15,
    335-350.

    Examples
    --------
    >>> import numpy as np
    >>> import memtools as mt
    >>> noise = np.random.default_rng(0).standard_normal(1000)
    >>> round(mt.smoothed_gph(mt.fracint(noise, 0.3)).d, 3)
    0.328
    """
    sample = as_sample(x, min_obs=8)
    n_obs = sample.n_obs
    m = as_bandwidth(bandwidth, n_obs, 0.5, 3, sample)
    kind = as_stderr_kind(stderr)
    n_lags = spectral.as_truncation(truncation, n_obs)
    power = spectral.smoothed_ordinates(sample.values, m, "parzen", n_lags)
    require_power(sample.values, power)
    regressor = _regressor(spectral.fourier_frequencies(n_obs, m))
    squares = float(regressor @ regressor)
    if kind == "asymptotic":
        error = math.sqrt(0.539285 * n_lags / (n_obs * squares))
    else:
        error = _smoothed_stderr(regressor, n_obs, n_lags) * calibration("smoothed_gph", m)
    return MemoryEstimate(
        d=float(regressor @ np.log(power)) / squares,
        stderr=error,
        method="Smoothed log-periodogram regression (Reisen)",
        n_obs=n_obs,
        bandwidth=m,
        stderr_kind=kind,
        details={"truncation": n_lags},
    )


def _smoothed_stderr(regressor: FloatArray, n_obs: int, n_lags: int) -> float:
    """Standard error of the slope from the covariance of smoothed log ordinates.

    Two smoothed ordinates k Fourier frequencies apart have, to first order, relative
    covariance (1/n) sum_l window(l)^2 cos(2 pi k l / n), as if the spectrum were flat.
    """
    window = spectral.lag_window("parzen", n_lags)
    squared = np.zeros(n_obs)
    squared[: n_lags + 1] = window**2
    squared[1:] += squared[1:][::-1].copy()
    near = np.fft.rfft(squared).real / n_obs
    m = len(regressor)
    offsets = np.abs(np.subtract.outer(np.arange(m), np.arange(m)))
    sums = np.arange(m)[:, None] + np.arange(m) + 2
    sums = np.minimum(sums, n_obs - sums)
    covariance = near[offsets] + near[sums]
    squares = float(regressor @ regressor)
    return math.sqrt(float(regressor @ covariance @ regressor)) / squares


def bias_reduced_gph(
    x: ArrayLike, bandwidth: Bandwidth = None, order: int = 1, stderr: str = "finite-sample"
) -> MemoryEstimate:
    """Bias-reduced log-periodogram estimate of d (Andrews and Guggenberger).

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 8 + 4 order observations.
    bandwidth : int, float, str or callable, optional
        Number m of Fourier ordinates, or an exponent in (0, 1); by default 0.65, since the
        regression bears more ordinates than GPH.
    order : int
        Number r of even powers l^2, ..., l^(2 r) added as regressors, 0 (GPH) to 4.
    stderr : {"finite-sample", "asymptotic"}
        pi / sqrt(6 S), S the sum of squares of the regressor after projection on the powers;
        or sqrt(c_r) pi / sqrt(24 m), c_1 = 2.25, c_2 = 3.52, c_3 = 4.79, c_4 = 6.06.

    Returns
    -------
    MemoryEstimate

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series, or the bandwidth is out of range.

    Notes
    -----
    LongMemoryTS' ``gph(x, m)`` is order 0; its order r needs its own function.

    References
    ----------
    Andrews, D. W. K. and Guggenberger, P. (2003). A bias-reduced log-periodogram regression
    estimator for the long-memory parameter. Econometrica 71, 675-712.

    Examples
    --------
    >>> import numpy as np
    >>> import memtools as mt
    >>> noise = np.random.default_rng(0).standard_normal(1000)
    >>> round(mt.bias_reduced_gph(mt.fracint(noise, 0.3)).d, 3)
    0.201
    """
    sample = as_sample(x)
    found = bias_reduced_gph_rows(sample, bandwidth, order, stderr)
    return MemoryEstimate(
        d=float(found.d),
        stderr=float(found.stderr),
        method=f"Bias-reduced log-periodogram regression, order {order}",
        n_obs=sample.n_obs,
        bandwidth=found.bandwidth,
        stderr_kind=stderr,
        details={"order": order},
        law=found.law,
    )


def bias_reduced_gph_rows(
    sample: Sample, bandwidth: Bandwidth = None, order: int = 1, stderr: str = "finite-sample"
) -> Rows:
    """:func:`bias_reduced_gph` of a sample of one series or many rows."""
    order = _validate.as_integer(order, "order", 0, 4)
    _validate.require_length(sample.n_obs, "x", 8 + 4 * order)
    m = as_bandwidth(bandwidth, sample.n_obs, 0.65, 4 + 2 * order, sample)
    asymptotic = as_stderr_kind(stderr) == "asymptotic"
    spectrum, powered = row_ordinates(sample, m)
    d, squares = log_regression(spectrum, order)
    if asymptotic:
        error = math.sqrt(bias_reduction_factor(order)) * math.pi / math.sqrt(24.0 * m)
        return Rows(d, error, m, powered=powered)
    error = math.sqrt(_LOG_VARIANCE / squares)
    return Rows(d, error, m, powered=powered, law=partial(_law, sample.n_obs, m, order))


def bias_reduction_factor(order: int) -> float:
    """Asymptotic variance of order r over that of order 0.

    The variance of -2 log u on (0, 1] is 4; c_r is 4 over what is left of it after projection
    on 1, u^2, ..., u^(2 r) (Andrews and Guggenberger, 2003, theorem 2).
    """
    k = np.arange(order + 1)
    gram = 1.0 / (2.0 * (k[:, None] + k) + 1.0)
    cross = 2.0 / (2.0 * k + 1.0) ** 2  # integral of -2 log(u) u^(2 k)
    return float(4.0 / (8.0 - cross @ np.linalg.solve(gram, cross)))
