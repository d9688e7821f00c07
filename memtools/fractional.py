"""Fractional differencing (1 - B)^d: weights, filters, a stateful differencer.

The only home of the expansion of (1 - B)^d.  B is the backshift operator; values before
the start of a series are zero (type II).
"""

from __future__ import annotations

import math
from typing import Any, TypeVar

import numpy as np
import scipy.fft
from numpy.typing import ArrayLike

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
    moved = np.moveaxis(values, axis, -1)
    return _labels.restored(np.moveaxis(_difference(moved, d), -1, axis), x)


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


class FractionalDifferencer:
    """Fractional differencing of a stream, chunk by chunk, with an exact way back.

    Parameters
    ----------
    d : float
        Order of differencing, any real number.
    window : int or None
        Keep the weights of lags 0..window only; None keeps all (exact, memory of the whole
        past).

    Attributes
    ----------
    d : float
    window : int or None

    Notes
    -----
    `transform` and `inverse_transform` are two streams with a past each: the second undoes
    the first to rounding, with a window as without.  Chunks of any sizes give what one call
    on the whole series gives; a refused chunk leaves the past as it was.

    References
    ----------
    Hosking, J. R. M. (1981). Fractional differencing. Biometrika 68, 165-176.

    Examples
    --------
    >>> import memtools as mt
    >>> stream = mt.FractionalDifferencer(0.4)
    >>> stream.transform([1.0, 2.0])
    array([1. , 1.6])
    >>> stream.transform([3.0])
    array([2.08])
    >>> stream.inverse_transform([1.0, 1.6, 2.08])
    array([1., 2., 3.])
    """

    def __init__(self, d: float, window: int | None = None) -> None:
        self.d = _validate.as_real(d, "d")
        self.window = None if window is None else _validate.as_integer(window, "window", 1)
        self.reset()

    def reset(self) -> None:
        """Forget the past of both streams."""
        self._past = np.empty(0)
        self._past_of_inverse = np.empty(0)
        self._n_inverted = 0
        self._amplification = np.empty(0)

    @property
    def truncation_error(self) -> float:
        """Largest error of the windowed filter per unit of max |x|.

        The sum of the absolute weights beyond the window, Gamma(K + 1 - d) /
        (|Gamma(1 - d)| Gamma(K + 1)) for d > 0 and K = window >= d; zero without a window or
        where the omitted weights vanish; infinite for other d < 0 (the sum diverges).
        """
        whole = self.d.is_integer()
        if self.window is None or self.d == 0.0 or (whole and 0 < self.d <= self.window):
            return 0.0
        if self.d < 0.0:
            return math.inf
        # Beyond lag d the weights keep one sign, and all weights sum to zero; those up to lag K
        # sum to the K-th weight of (1 - B)^(d - 1), which loses no digits.
        last = max(self.window, math.ceil(self.d))
        beyond = abs(float(weights(self.d - 1.0, last + 1)[-1]))
        return beyond + float(np.abs(weights(self.d, last + 1)[self.window + 1 :]).sum())

    def transform(self, chunk: ArrayLike) -> FloatArray:
        """Difference the next values of the stream.

        Parameters
        ----------
        chunk : array_like, shape (n,)
            The next values.

        Returns
        -------
        ndarray, shape (n,)
        """
        new = _validate.as_series(chunk, "chunk")
        joined = np.concatenate([self._past, new])
        y = convolve_causal(joined, self._weights(len(joined)))
        self._past = self._keep(joined)
        return y[len(y) - len(new) :]

    def inverse_transform(self, chunk: ArrayLike) -> FloatArray:
        """Undo `transform` on the next differenced values.

        Parameters
        ----------
        chunk : array_like, shape (n,)
            The next differenced values.

        Returns
        -------
        ndarray, shape (n,)

        Raises
        ------
        InvalidInputError
            Where the window makes the filter one without a stable inverse (|d| > 1 and a
            short window: the error would grow geometrically) and the stream is so long that
            fewer than six digits are left.
        """
        y = _validate.as_series(chunk, "chunk")
        self._require_stable_inverse(self._n_inverted + len(y))
        past = self._past_of_inverse
        w = self._weights(len(past) + len(y))
        if len(past):
            # What the known past contributes to the new values.
            padded = np.concatenate([past, np.zeros(len(y))])
            y = y - convolve_causal(padded, w)[len(past) :]
        x = convolve_causal(y, _inverse_weights(w, self.d, self.window, len(y)))
        self._past_of_inverse = self._keep(np.concatenate([past, x]))
        self._n_inverted += len(y)
        return x

    def _require_stable_inverse(self, n_values: int) -> None:
        """Refuse where rounding, amplified by the inverse of the cut filter, is no rounding."""
        d, window = self.d, self.window
        vanishing = d.is_integer() and window is not None and 0.0 < d <= window
        if window is None or abs(d) <= 1.0 or vanishing:
            # Weights of one sign beyond lag 0: all zeros of the filter lie outside |z| < 1.
            return
        if n_values > len(self._amplification):
            n_weights = 2 * n_values
            w = self._weights(n_weights)
            with np.errstate(over="ignore", invalid="ignore"):
                largest = np.abs(_inverse_weights(w, d, window, n_weights))
                self._amplification = np.maximum.accumulate(np.nan_to_num(largest, nan=np.inf))
        if self._amplification[n_values - 1] * np.finfo(np.float64).eps > 1e-8:
            allowed = f"None or wider for the inverse of order {d:g} over {n_values} values"
            raise InvalidInputError("window", allowed, str(window))

    def _weights(self, n_values: int) -> FloatArray:
        n_weights = n_values if self.window is None else min(n_values, self.window + 1)
        return weights(self.d, n_weights)

    def _keep(self, joined: FloatArray) -> FloatArray:
        return joined if self.window is None else joined[max(0, len(joined) - self.window) :]


def _inverse_weights(w: FloatArray, d: float, window: int | None, n_weights: int) -> FloatArray:
    """Power series 1 / w(B) to `n_weights` terms."""
    if window is None or n_weights <= window + 1:
        return weights(-d, n_weights)
    from scipy.signal import lfilter

    impulse = np.zeros(n_weights)
    impulse[0] = 1.0
    return np.asarray(lfilter([1.0], w, impulse))
