"""Fractional differencing (1 - B)^d: weights and filters of a whole series.

The only home of the expansion of (1 - B)^d.  B is the backshift operator; values before
the start of a series are zero (type II).
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import scipy.fft

from memtools import _labels, _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError

SeriesLike = TypeVar("SeriesLike", bound=Any)


def fracdiff_weights(d: float, n_lags: int) -> FloatArray:
    """Weights w_j(d) of (1 - B)^d = sum_j w_j(d) B^j.

    Parameters
    ----------
    d : float
        Order of differencing, any real number; negative orders integrate.
    n_lags : int
        Largest lag.

    Returns
    -------
    ndarray, shape (n_lags + 1,)
        w_0 = 1, w_1 = -d, ..., lag 0 first.

    Raises
    ------
    InvalidInputError
        Where `d` is not finite or `n_lags` is negative.

    Notes
    -----
    w_j(d) = Gamma(j - d) / (Gamma(-d) Gamma(j + 1)), by the recursion
    w_j = w_{j-1} (j - 1 - d) / j.

    References
    ----------
    Hosking, J. R. M. (1981). Fractional differencing. Biometrika 68, 165-176, equation (2.1).

    Examples
    --------
    >>> import memtools as mt
    >>> mt.fracdiff_weights(0.4, 4)
    array([ 1.    , -0.4   , -0.12  , -0.064 , -0.0416])
    """
    d = _validate.as_real(d, "d")
    return weights(d, _validate.as_integer(n_lags, "n_lags", 0) + 1)


def weights(d: float | FloatArray, n_weights: int) -> FloatArray:
    """The first `n_weights` weights of (1 - B)^d, unchecked; lags on a new last axis of d."""
    w = np.arange(-1.0, n_weights - 1.0) - np.asarray(d)[..., np.newaxis]  # j - 1 - d
    w[..., 1:] /= np.arange(1.0, n_weights)
    w[..., 0] = 1.0
    return np.cumprod(w, axis=-1, out=w)


def fill_weights(d: float, lags: FloatArray, out: FloatArray) -> FloatArray:
    """The weights of lags 0..n into `out`, without further memory; `lags` is 1.0, ..., n."""
    np.subtract(lags, 1.0 + d, out=out[1:])
    out[1:] /= lags
    out[0] = 1.0
    return np.cumprod(out, out=out)


def weights_and_slopes(d: FloatArray, n_weights: int) -> tuple[FloatArray, FloatArray]:
    """The first `n_weights` weights and their derivatives in d, unchecked; lags on a new last axis.

    By the sum of the derivatives of the factors' logarithms; near an integer d, where one of them
    has a pole, by the derivative of the recursion of the weights.
    """
    w, slopes = weights(d, n_weights), np.zeros((*d.shape, n_weights))
    factors = np.arange(n_weights - 1.0) - d[..., np.newaxis]
    if np.abs(factors).min(initial=1.0) > 1e-6:
        np.cumsum(-1.0 / factors, axis=-1, out=slopes[..., 1:])
        slopes *= w
        return w, slopes
    for j in range(1, n_weights):
        slopes[..., j] = (slopes[..., j - 1] * (j - 1.0 - d) - w[..., j - 1]) / j
    return w, slopes


def noise_autocorrelation(d: float, n_lags: int) -> FloatArray:
    """Autocorrelations 0..n_lags of (1 - B)^-d noise, |d| < 1/2, unchecked.

    rho(k) = prod_{i=1}^{k} (i - 1 + d) / (i - d), Hosking (1981), theorem 1(d).
    """
    rho = np.arange(-1.0, n_lags)
    rho += d
    rho[1:] /= np.arange(1.0, n_lags + 1.0) - d
    rho[0] = 1.0
    return np.cumprod(rho, out=rho)


def fracdiff(x: SeriesLike, d: float, axis: int | None = None) -> SeriesLike:
    """Fractional difference (1 - B)^d x, exact, with zeros before the sample.

    Parameters
    ----------
    x : array_like, or a Series, DataFrame or DataArray of pandas, polars or xarray
        One series or, along `axis`, several.  The mean is not removed.
    d : float
        Order of differencing, any real number; negative orders integrate.
    axis : int, optional
        Axis of time.  By default the rows of a frame, the dimension "time" of a DataArray, the
        rows of an array of one column, else the last.

    Returns
    -------
    as `x`, or ndarray
        y_t = sum_{j=0}^{t} w_j(d) x_{t-j}, shape and labels of `x`.

    Raises
    ------
    InvalidInputError
        Where `x` is not numeric and finite, or `d` not a finite number.

    See Also
    --------
    fracint : the inverse.
    FractionalDifferencer : the same on a stream, or with a fixed window.

    Notes
    -----
    d is split into an integer, applied by exact differences or sums, and a rest in
    [-1/2, 1/2], applied as one FFT convolution in O(n log n).  R's fracdiff::diffseries
    removes the mean first: ``fracdiff(x - x.mean(), d)`` gives its numbers.
    LongMemoryTS::fdiff and pyelw give these numbers as they are.

    References
    ----------
    Jensen, A. N. and Nielsen, M. O. (2014). A fast fractional difference algorithm.
    Journal of Time Series Analysis 35, 428-436.

    Examples
    --------
    >>> import memtools as mt
    >>> mt.fracdiff([1.0, 2.0, 4.0, 7.0], 1.0)
    array([1., 1., 2., 3.])
    >>> mt.fracdiff([1.0, 0.0, 0.0, 0.0], 0.4)
    array([ 1.   , -0.4  , -0.12 , -0.064])
    """
    d = _validate.as_real(d, "d")
    values, axis = _values_along(x, axis)
    way = -1 if _labels.runs_back(x, axis, "x") else 1  # dates newest first are kept so
    y = _difference(np.moveaxis(values, axis, -1)[..., ::way], d)[..., ::way]
    return _labels.restored(np.moveaxis(y, -1, axis), x)


def fracint(x: SeriesLike, d: float, axis: int | None = None) -> SeriesLike:
    """Fractional integral (1 - B)^-d x: the inverse of :func:`fracdiff`.

    Parameters
    ----------
    x : array_like, Series or DataFrame
        One series or, along `axis`, several.
    d : float
        Order of integration, any real number.
    axis : int, optional
        Axis of time, as in :func:`fracdiff`.

    Returns
    -------
    ndarray, Series or DataFrame
        Shape (and index) of `x`.

    Raises
    ------
    InvalidInputError
        Where `x` is not finite, `d` is no number, or `axis` is none of `x`.

    References
    ----------
    Hosking, J. R. M. (1981). Fractional differencing. Biometrika 68, 165-176.

    Examples
    --------
    >>> import memtools as mt
    >>> mt.fracint([1.0, 1.0, 1.0], 1.0)
    array([1., 2., 3.])
    """
    return fracdiff(x, -_validate.as_real(d, "d"), axis)


def _values_along(x: Any, axis: int | None) -> tuple[FloatArray, int]:
    values = _validate.as_array(x)
    if values.ndim == 0 or values.size == 0:
        raise InvalidInputError("x", "at least one observation", f"shape {values.shape}")
    if axis is None:
        axis = _labels.time_axis(x, values.shape)
    axis = _validate.as_integer(axis, "axis", -values.ndim, values.ndim - 1)
    if hasattr(x, "columns") and axis not in (0, -2):
        raise InvalidInputError("axis", "0 for a DataFrame (a column a series)", str(axis))
    return values, axis


def _difference(values: FloatArray, d: float) -> FloatArray:
    """(1 - B)^d along the last axis."""
    whole = round(d)
    rest = d - whole
    y = values
    for _ in range(abs(whole)):
        y = np.diff(y, axis=-1, prepend=0.0) if whole > 0 else np.cumsum(y, axis=-1)
    if rest == 0.0:
        return y.copy() if whole == 0 else y
    return convolve_causal(y, weights(rest, values.shape[-1]))


def convolve_causal(values: FloatArray, w: FloatArray) -> FloatArray:
    """First n terms of the convolution of the series on the last axis with filter `w`."""
    n_obs = values.shape[-1]
    n_fft = scipy.fft.next_fast_len(n_obs + min(len(w), n_obs) - 1, real=True)
    product = scipy.fft.rfft(values, n_fft)
    product *= scipy.fft.rfft(w[:n_obs], n_fft)
    return scipy.fft.irfft(product, n_fft, overwrite_x=True)[..., :n_obs]
