"""Long-run variance: heteroskedasticity and autocorrelation robust, and memory robust."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate, correlation, spectral
from memtools._validate import Bandwidth, FloatArray
from memtools.results import Spectrum


def long_run_variance(
    x: ArrayLike,
    method: str = "hac",
    d: float = 0.0,
    bandwidth: Bandwidth = None,
    kernel: str = "bartlett",
) -> float:
    """Long-run variance lim n^(-1 - 2d) Var(x_1 + ... + x_n).

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least four observations; the mean is removed.
    method : {"hac", "mac"}
        "hac" is consistent under short memory (d = 0); "mac" under any |d| < 1/2 that is
        given, the memory and autocorrelation consistent estimator.
    d : float
        Memory parameter for "mac", for example a local Whittle estimate.
    bandwidth : int, float or callable, optional
        "hac": largest lag of the kernel, by default Newey and West's (1994) plug-in rule.
        "mac": number of Fourier ordinates, by default floor(n_obs**0.65).
    kernel : {"bartlett", "parzen"}
        Kernel of "hac".

    Returns
    -------
    float
        In squared units of `x` (times observations^-2d).

    Raises
    ------
    InvalidInputError
        Where an argument is out of range; where `d` is not zero for "hac".

    Notes
    -----
    The variance of the sample mean is this value times n_obs^(2d - 1).  The Bartlett kernel
    with a given bandwidth q is R's ``sandwich::lrvar(x, type = "Newey-West", lag = q,
    prewhite = FALSE, adjust = FALSE) * n``.

    References
    ----------
    Newey, W. K. and West, K. D. (1994). Automatic lag selection in covariance matrix
    estimation. Review of Economic Studies 61, 631-653, section 3.
    Robinson, P. M. (2005). Robust covariance matrix estimation: HAC estimates with long
    memory/antipersistence correction. Econometric Theory 21, 171-180.
    Abadir, K. M., Distaso, W. and Giraitis, L. (2009). Two estimators of the long-run
    variance: beyond short memory. Journal of Econometrics 150, 56-70.

    Examples
    --------
    >>> import memtools as mt
    >>> mt.long_run_variance([1.0, 2.0, 4.0, 3.0], bandwidth=1)
    1.4375
    """
    values = _validate.as_squarable_series(x, min_obs=4)
    n_obs = len(values)
    _validate.as_choice(method, "method", ("hac", "mac"))
    if method == "mac":
        d = _validate.as_real(d, "d", -0.5, 0.5, closed=False)
        m = _validate.as_bandwidth(bandwidth, n_obs, 0.65)
        return float(memory_robust_variance(spectral.Sample(values).spectrum(m), d))
    _validate.as_real(d, "d", 0.0, 0.0)
    _validate.as_choice(kernel, "kernel", ("bartlett", "parzen"))
    if bandwidth is None:
        lags = _newey_west_lags(values, kernel)
    else:
        lags = _validate.as_bandwidth(bandwidth, n_obs, 0.5, 0, n_obs - 2)
    acov = correlation.sample_autocovariance(values, lags)
    k = spectral.lag_window(kernel, lags + 1)[: lags + 1]
    return float(2.0 * (k @ acov) - acov[0])


def mean_stderr(x: ArrayLike, d: float, bandwidth: Bandwidth = None) -> float:
    """Standard error of the sample mean of a series with memory parameter d.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least four observations.
    d : float
        In (-1/2, 1/2), for example ``memtools.exact_local_whittle(x).d``.
    bandwidth : int, float or callable, optional
        Number of Fourier ordinates, by default floor(n_obs**0.65).

    Returns
    -------
    float
        In units of `x`: sqrt(V n_obs^(2 d - 1)), V the memory robust `long_run_variance`.  With
        d = 0.4 a hundred times the observations make it no more than 1.6 times smaller.

    Raises
    ------
    InvalidInputError
        Where an argument is out of range.

    Notes
    -----
    What is not known of d is not in it; `ARFIMA` gives the mean an interval that has it.

    References
    ----------
    Robinson, P. M. (2005). Robust covariance matrix estimation: HAC estimates with long
    memory/antipersistence correction. Econometric Theory 21, 171-180.

    Examples
    --------
    >>> import memtools as mt
    >>> x = mt.simulate(mt.ARFIMAProcess(d=0.3), 1000, rng=1)
    >>> round(mt.mean_stderr(x, d=0.3) / mt.mean_stderr(x, d=0.0), 1)
    5.3
    """
    variance = long_run_variance(x, "mac", d, bandwidth)
    return math.sqrt(variance * np.size(x) ** (2.0 * d - 1.0))


def memory_robust_variance(spectrum: Spectrum, d: float) -> FloatArray:
    """Mean of l^2d I(l) over the ordinates, times p(d); a row a series."""
    scale = 2.0 * math.pi
    if d != 0.0:
        gamma, sine = math.gamma(1.0 - 2.0 * d), math.sin(math.pi * d)
        scale = 2.0 * gamma * sine / (d * (1.0 + 2.0 * d))
    return np.asarray(scale * np.mean(spectrum.frequencies ** (2.0 * d) * spectrum.power, axis=-1))


def _newey_west_lags(values: FloatArray, kernel: str) -> int:
    """Plug-in lag of Newey and West (1994), table I and II B, without prewhitening."""
    n_obs = len(values)
    power, rate, constant, first = {
        "bartlett": (1, 1 / 3, 1.1447, 2 / 9),
        "parzen": (2, 1 / 5, 2.6614, 4 / 25),
    }[kernel]
    n_pilot = min(n_obs - 1, int(4.0 * (n_obs / 100.0) ** first))
    acov = correlation.sample_autocovariance(values, n_pilot)
    total = 2.0 * acov.sum() - acov[0]
    if total <= 0.0:
        return 0
    moment = 2.0 * float(np.arange(n_pilot + 1) ** power @ acov)
    gamma = constant * ((moment / total) ** 2) ** (1 / (2 * power + 1))
    return min(n_obs - 2, int(gamma * n_obs**rate))
