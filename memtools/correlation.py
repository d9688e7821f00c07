"""Sample autocovariance, autocorrelation, partial autocorrelation and their bands.

The only home of the sample autocovariance and of the Durbin-Levinson recursion on it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import scipy.fft
from numpy.typing import ArrayLike

from memtools import _validate, fractional, gaps
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.results.intervals import normal_half_width


def autocovariance(x: ArrayLike, n_lags: int, missing: str = "raise") -> FloatArray:
    """Sample autocovariances c(k) = (1/n) sum_t (x_t - mean)(x_{t+k} - mean).

    Parameters
    ----------
    x : array_like, shape (n_obs,)
    n_lags : int
        Largest lag, at most n_obs - 1.
    missing : {"raise", "longest", "gaps", "drop"}
        Missing values as in :func:`memtools.estimate`; "gaps" takes the pairs observed.

    Returns
    -------
    ndarray, shape (n_lags + 1,)
        Lag 0 first, squared units of `x`.

    Raises
    ------
    InvalidInputError
        Where `x` is no finite series, or `n_lags` is not in 0..n_obs - 1.

    Notes
    -----
    Divided by n at every lag (positive definite), as R's ``acf(type="covariance")`` and
    statsmodels' ``acovf(adjusted=False)``.  With gaps the sum over the pairs observed is divided
    by their number plus k, as R's ``acf(na.action = na.pass)`` does.

    References
    ----------
    Brockwell, P. J. and Davis, R. A. (1991). Time Series: Theory and Methods, 2nd ed.,
    equation (7.2.1).

    Examples
    --------
    >>> import memtools as mt
    >>> mt.autocovariance([1.0, 2.0, 3.0, 4.0], 2)
    array([ 1.25  ,  0.3125, -0.375 ])
    """
    seen = gaps.observed(x, missing)
    if not seen.missing.any():
        values = _validate.as_squarable_series(seen.values)
        return sample_autocovariance(values, _validate.as_n_lags(n_lags, len(values)))
    _validate.as_squarable_series(seen.values[~seen.missing])
    return gapped_autocovariance(seen.values, _validate.as_n_lags(n_lags, len(seen.values)))


def sample_autocovariance(values: FloatArray, n_lags: int) -> FloatArray:
    """Sample autocovariances 0..n_lags, unchecked."""
    n_obs = len(values)
    centred = values - values.mean()
    if n_lags <= 16:
        products = [centred[: n_obs - k] @ centred[k:] for k in range(n_lags + 1)]
        return np.array(products) / n_obs
    n_fft = scipy.fft.next_fast_len(n_obs + n_lags, real=True)
    transform = scipy.fft.rfft(centred, n_fft)
    power = transform.real**2 + transform.imag**2
    return scipy.fft.irfft(power, n_fft)[: n_lags + 1] / n_obs


def gapped_autocovariance(values: FloatArray, n_lags: int) -> FloatArray:
    """Autocovariances over the pairs observed of a series with NaN at its gaps, unchecked."""
    seen = ~np.isnan(values)
    centred = np.where(seen, values - values[seen].mean(), 0.0)
    n_fft = scipy.fft.next_fast_len(len(values) + n_lags, real=True)

    def products(x: FloatArray) -> FloatArray:
        power = np.abs(scipy.fft.rfft(x, n_fft)) ** 2
        return np.asarray(scipy.fft.irfft(power, n_fft)[: n_lags + 1])

    pairs = np.rint(products(seen.astype(np.float64)))
    return np.where(pairs > 0.0, products(centred) / (pairs + np.arange(n_lags + 1.0)), 0.0)


def autocorrelation(x: ArrayLike, n_lags: int, missing: str = "raise") -> FloatArray:
    """Sample autocorrelations c(k) / c(0).

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        Not constant.
    n_lags : int
        Largest lag, at most n_obs - 1.
    missing : {"raise", "longest", "gaps", "drop"}
        Missing values as in :func:`memtools.estimate`; "gaps" takes the pairs observed.

    Returns
    -------
    ndarray, shape (n_lags + 1,)
        1 at lag 0.

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series, or `n_lags` is not in 0..n_obs - 1.

    References
    ----------
    Brockwell, P. J. and Davis, R. A. (1991). Time Series: Theory and Methods, 2nd ed.,
    equation (7.2.2).

    Examples
    --------
    >>> import memtools as mt
    >>> mt.autocorrelation([1.0, 2.0, 3.0, 4.0], 2)
    array([ 1.  ,  0.25, -0.3 ])
    """
    seen = gaps.observed(x, missing)
    if not seen.missing.any():
        values = _validate.as_varying_series(seen.values)
        covariance = sample_autocovariance(values, _validate.as_n_lags(n_lags, len(values)))
        return covariance / covariance[0]
    values = seen.values.copy()
    values[~seen.missing] = _validate.as_varying_series(values[~seen.missing])
    covariance = gapped_autocovariance(values, _validate.as_n_lags(n_lags, len(values)))
    return covariance / covariance[0]


def partial_autocorrelation(x: ArrayLike, n_lags: int, missing: str = "raise") -> FloatArray:
    """Sample partial autocorrelations by the Durbin-Levinson recursion.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        Not constant.
    n_lags : int
        Largest lag, at most n_obs - 1.
    missing : {"raise", "longest", "gaps", "drop"}
        Missing values as in :func:`memtools.estimate`; "gaps" takes the pairs observed.

    Returns
    -------
    ndarray, shape (n_lags + 1,)
        1 at lag 0.

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series, or `n_lags` is not in 0..n_obs - 1.

    Notes
    -----
    From the autocovariances divided by n, as R's ``pacf`` and statsmodels'
    ``pacf(method="ldb")``; statsmodels' "ld" divides by n - k instead.

    References
    ----------
    Durbin, J. (1960). The fitting of time-series models. Review of the International
    Statistical Institute 28, 233-244.
    Brockwell, P. J. and Davis, R. A. (1991). Time Series: Theory and Methods, 2nd ed.,
    proposition 5.2.1.

    Examples
    --------
    >>> import memtools as mt
    >>> mt.partial_autocorrelation([1.0, 2.0, 3.0, 4.0], 2).round(4)
    array([ 1.    ,  0.25  , -0.3867])
    """
    correlation = autocorrelation(x, n_lags, missing)
    return np.concatenate([[1.0], durbin_levinson(correlation)[1]])


def durbin_levinson(acov: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Predict from autocovariances 0..p, the last axis of `acov`; unchecked.

    Returns the AR coefficients of order p, the partial autocorrelations 1..p and the
    prediction error variances of orders 0..p, along the last axes.
    """
    found = list(levinson(np.moveaxis(acov, -1, 0)))
    phi, variance = np.moveaxis(found[-1][0], 0, -1), np.stack([v for _, v in found], axis=-1)
    partial = np.zeros_like(phi)
    for k, (coefficients, _) in enumerate(found[1:]):
        partial[..., k] = coefficients[-1]
    return phi, partial, variance


def levinson(
    acov: FloatArray, largest: float = math.inf
) -> Iterator[tuple[FloatArray, FloatArray]]:
    """AR coefficients (k, ...) and error variances (...) of the orders k = 0, 1, ..., p.

    Of autocovariances 0..p along the first axis; partial autocorrelations stay within `largest`.
    """
    variance, phi = acov[0], np.zeros((len(acov) - 1, *acov.shape[1:]))
    yield phi[:0], variance
    for k in range(len(acov) - 1):
        error = acov[k + 1] - (phi[:k] * acov[k:0:-1]).sum(axis=0)
        # A deterministic series: nothing is left to predict.
        partial = np.divide(error, variance, out=np.zeros_like(error), where=variance > 0.0)
        partial = np.clip(partial, -largest, largest)
        levinson_step(phi, k, partial)
        variance = np.maximum(variance * (1.0 - partial**2), 0.0)
        yield phi[: k + 1].copy(), variance


def levinson_step(phi: FloatArray, k: int, reflection: float | FloatArray) -> None:
    """Order k to k + 1 along the first axis, in place: phi_j - r phi_{k-j}, then r itself."""
    phi[:k] -= reflection * phi[:k][::-1]
    phi[k] = reflection


def autocorrelation_band(
    x: ArrayLike, n_lags: int, kind: str = "white", d: float | None = None, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Band in which the sample autocorrelations lie with given probability, lag by lag.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
    n_lags : int
        Largest lag.
    kind : {"white", "bartlett", "long-memory"}
        The hypothesis under which the band holds: at every lag white noise; at lag k a
        moving average of order k - 1 with the sample's autocorrelations; at every lag
        fractional noise with memory parameter `d`.
    d : float, optional
        Memory parameter in [0, 1/2), for the long-memory band only.
    level : float
        Pointwise coverage probability.

    Returns
    -------
    low, high : ndarray, shape (n_lags + 1,)
        Both 1 at lag 0.

    Raises
    ------
    InvalidInputError
        Where `d` is missing or outside [0, 1/2) for the long-memory band.

    Notes
    -----
    Under long memory the sample autocorrelations are biased downwards, since the sample
    mean follows the series, and their variance is of order n^(4d - 2) for d > 1/4: the usual
    bands do not hold, and Bartlett's formula, which forgets that the mean is removed, is far
    too wide.  The long-memory band rests on the exact expectation of c(k) with the mean
    removed, on periodogram ordinates that are independent exponentials with their exact
    expectations (j = 0, the mean, left out), and on c(k) / c(0) expanded to second order.
    For d > 1/4 the limit law is not normal (Rosenblatt); simulated coverage of the 95% band
    is nevertheless 94% to 97% for 0 <= d < 1/2, n_obs of 100 and 500, lags up to n_obs / 4.

    References
    ----------
    Bartlett, M. S. (1946). On the theoretical specification and sampling properties of
    autocorrelated time series. Supplement to the JRSS 8, 27-41.
    Hosking, J. R. M. (1996). Asymptotic distributions of the sample mean, autocovariances,
    and autocorrelations of long-memory time series. Journal of Econometrics 73, 261-284.

    Examples
    --------
    >>> import memtools as mt
    >>> low, high = mt.autocorrelation_band(range(100), 2)
    >>> high.round(4)
    array([1.   , 0.196, 0.196])
    """
    values = _validate.as_varying_series(x)
    n_obs, n_lags = len(values), _validate.as_n_lags(n_lags, len(values))
    _validate.as_choice(kind, "kind", ("white", "bartlett", "long-memory"))
    z = normal_half_width(level)
    centre = np.zeros(n_lags + 1)
    if kind == "white":
        stderr = np.full(n_lags + 1, n_obs**-0.5)
    elif kind == "bartlett":
        covariance = sample_autocovariance(values, n_lags)
        rho = covariance / covariance[0]
        inside = 1.0 + 2.0 * np.cumsum(rho[1:] ** 2)
        stderr = np.sqrt(np.concatenate([[0.0, 1.0], inside[:-1]])[: n_lags + 1] / n_obs)
    else:
        if d is None:
            raise InvalidInputError("d", "given for the long-memory band", "None")
        d = _validate.as_real(d, "d", 0.0, 0.5 - 1e-9)
        centre, stderr = _fractional_noise_moments(d, n_obs, n_lags)
    low, high = centre - z * stderr, centre + z * stderr
    low[0] = high[0] = 1.0
    return np.maximum(low, -1.0), np.minimum(high, 1.0)


def _fractional_noise_moments(d: float, n_obs: int, n_lags: int) -> tuple[FloatArray, FloatArray]:
    """Mean and standard error of the sample autocorrelations of fractional noise."""
    rho = fractional.noise_autocorrelation(d, n_obs - 1)
    k = np.arange(n_lags + 1)
    expected = _expected_autocovariance(rho)[k]
    # Cov(c(k), c(0)) were the ordinates independent exponentials with their exact means.
    shared = _summed_squares(rho)
    own = 0.5 * (shared[0] + shared[2 * k % n_obs])
    with_variance = shared[k]
    # c(k) / c(0) to second order.
    ratio = expected / expected[0]
    correction = ratio * shared[0] - with_variance
    spread = own - 2.0 * ratio * with_variance + ratio**2 * shared[0]
    # c(k) has n - k products, its circular twin n.
    spread *= 1.0 - k / n_obs
    return (
        ratio + correction / expected[0] ** 2,
        np.sqrt(np.maximum(spread, 0.0)) / expected[0],
    )


def _expected_autocovariance(rho: FloatArray) -> FloatArray:
    """Exact expectation of c(k), k = 0..n - 1, mean removed, for autocovariances `rho`."""
    n_obs = len(rho)
    sums = np.cumsum(rho)
    with_mean = (sums + sums[::-1] - rho[0]) / n_obs  # Cov(x_t, mean)
    first = np.concatenate([[0.0], np.cumsum(with_mean)])
    n_products = n_obs - np.arange(n_obs)
    of_mean = first[-1] / n_obs
    return (n_products * (rho + of_mean) - 2.0 * first[n_products]) / n_obs


def _summed_squares(rho: FloatArray) -> FloatArray:
    """(2 / n^2) sum_j (2 pi E I_j)^2 cos(h l_j) over j = 1..n - 1, h = 0..n - 1."""
    n_obs = len(rho)
    tapered = rho * (1.0 - np.arange(n_obs) / n_obs)
    mean_power = 2.0 * scipy.fft.fft(tapered).real - rho[0]
    mean_power[0] = 0.0
    return scipy.fft.fft(mean_power**2).real * (2.0 / n_obs**2)
