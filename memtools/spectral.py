"""Fourier frequencies, tapers, the periodogram, smoothed and autoregressive spectra.

The only home of the periodogram: I(l) = |sum_t x_t exp(-i t l)|^2 / (2 pi n).
"""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
import scipy.fft
from numpy.typing import ArrayLike, NDArray

from memtools import _validate, correlation
from memtools._validate import FloatArray
from memtools.results import Spectrum

ComplexArray: TypeAlias = NDArray[np.complex128]

TAPERS = (None, "cosine", "kolmogorov", "bartlett", "hc")
# Tapered ordinates further apart than this many Fourier frequencies are nearly uncorrelated.
TAPER_STEP = {None: 1, "cosine": 3, "kolmogorov": 3, "bartlett": 2, "hc": 1}


def fourier_frequencies(n_obs: int, n_frequencies: int | None = None) -> FloatArray:
    """Frequencies 2 pi j / n_obs, j = 1..n_frequencies (n_obs // 2 by default), unchecked."""
    last = n_obs // 2 if n_frequencies is None else n_frequencies
    frequencies = np.arange(1.0, last + 1.0)
    frequencies *= 2.0 * math.pi / n_obs
    return frequencies


def taper_weights(n_obs: int, taper: str | None) -> FloatArray:
    """Weights h_1..h_n of a real data taper.

    Parameters
    ----------
    n_obs : int
        Length of the series.
    taper : {None, "cosine", "kolmogorov", "bartlett"}
        Full cosine bell; Zhurbenko's Kolmogorov taper of order 3 (three boxes of
        (n + 2) // 3 points convolved); triangle.

    Returns
    -------
    ndarray, shape (n_obs,)
        Largest weight one.

    Raises
    ------
    InvalidInputError
        Where `n_obs` is no positive integer or `taper` is not among those named.

    References
    ----------
    Velasco, C. (1999). Gaussian semiparametric estimation of non-stationary time series.
    Journal of Time Series Analysis 20, 87-127, pages 97 and 101.

    Examples
    --------
    >>> import memtools as mt
    >>> mt.taper_weights(4, "cosine")
    array([0.5, 1. , 0.5, 0. ])
    """
    n_obs = _validate.as_integer(n_obs, "n_obs", 1)
    _validate.as_choice(taper, "taper", TAPERS[:-1])
    if taper is None:
        return np.ones(n_obs)
    t = np.arange(1.0, n_obs + 1.0)
    if taper == "cosine":
        return 0.5 * (1.0 - np.cos(2.0 * math.pi * t / n_obs))
    if taper == "bartlett":
        middle = math.ceil(n_obs / 2)
        return 1.0 - np.abs(t - middle) / middle
    box = np.ones((n_obs + 2) // 3)
    triangle = np.convolve(box, box)
    bell = np.concatenate([np.convolve(triangle, box), np.zeros(2)])[:n_obs]
    return bell / bell.max()


def periodogram(x: ArrayLike, taper: str | None = None) -> Spectrum:
    """Periodogram at the Fourier frequencies.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least two observations; the mean is removed.
    taper : {None, "cosine", "kolmogorov", "bartlett", "hc"}
        Data taper; "hc" is the complex taper of Hurvich and Chen.

    Returns
    -------
    Spectrum
        Frequencies 2 pi j / n_obs, j = 1..n_obs // 2, in radians per observation; for "hc"
        2 pi (j + 1/2) / n_obs with j = 1..n_obs // 2 - 1.

    Raises
    ------
    InvalidInputError
        Where `x` is not a finite series of two observations or more.

    Notes
    -----
    I(l) = |sum_t h_t (x_t - mean) exp(-i t l)|^2 / (2 pi sum_t |h_t|^2), h_t = 1 without a
    taper.  R: ``spec.pgram(x, taper = 0, detrend = FALSE, demean = TRUE, fast = FALSE)$spec``
    divided by 2 pi; ``longmemo::per(x)[-1]``.

    References
    ----------
    Brockwell, P. J. and Davis, R. A. (1991). Time Series: Theory and Methods, 2nd ed.,
    section 10.1.
    Hurvich, C. M. and Chen, W. W. (2000). An efficient taper for potentially overdifferenced
    long-memory time series. Journal of Time Series Analysis 21, 155-180, equations (3)-(4).

    Examples
    --------
    >>> import memtools as mt
    >>> spectrum = mt.periodogram([1.0, 2.0, 4.0, 3.0])
    >>> spectrum.frequencies.round(4)
    array([1.5708, 3.1416])
    >>> spectrum.power.round(4)
    array([0.3979, 0.    ])
    """
    values = _validate.as_squarable_series(x, min_obs=4 if taper == "hc" else 2)
    _validate.as_choice(taper, "taper", TAPERS)
    return Sample(values).spectrum(len(values) // 2 - (taper == "hc"), taper)


class Sample:
    """A checked series, or many of one length, and its Fourier transforms, each taken once.

    Public functions of a series make one of what they are given, and take one as it is: what
    calls several of them checks and transforms once.

    Attributes
    ----------
    values : ndarray, shape (n_obs,) or (n_rows, n_obs)
    n_obs : int
    room : ndarray of complex, shape (n_rows or more, n_obs // 2 + 1), or None
        Where the transform of rows is written: fresh pages cost as much as a third of it.
    kept : dict
        What estimators keep of it from one bandwidth to the next.
    """

    def __init__(self, values: FloatArray, room: ComplexArray | None = None) -> None:
        self.values, self.n_obs, self.room = values, values.shape[-1], room
        self.kept: dict[Any, Any] = {}

    def __len__(self) -> int:
        return self.n_obs

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> FloatArray:
        return np.array(self.values, dtype=dtype, copy=copy)

    def squares(self) -> FloatArray:
        """Sum of the squared values, shape (...)."""
        if "squares" not in self.kept:
            self.kept["squares"] = np.einsum("...t,...t->...", self.values, self.values)
        return np.asarray(self.kept["squares"])

    def transform(self, taper: str | None = None) -> tuple[ComplexArray, float]:
        """DFT of the tapered series at j = 0, 1, ... and the sum of squares of the taper."""
        if taper not in self.kept:
            self.kept[taper] = _transform(self, taper)
        transform, weight = self.kept[taper]
        return transform, weight

    def spectrum(self, n_frequencies: int | None = None, taper: str | None = None) -> Spectrum:
        """The first `n_frequencies` ordinates (all by default), shape (..., n_frequencies)."""
        transform, weight = self.transform(taper)
        m = self.n_obs // 2 if n_frequencies is None else n_frequencies
        frequencies = fourier_frequencies(self.n_obs, m)
        w = transform[..., 1 : m + 1]
        if taper == "hc":
            # h_t = (1 - exp(i 2 pi (t - 1/2) / n)) / 2: the mean of two neighbours. The FFT counts
            # from t = 0, so that the neighbour's phase is that of half a step back.
            turn = np.exp(-1j * math.pi / self.n_obs)
            w = 0.5 * (w - transform[..., 2 : m + 2] * turn)
            frequencies += math.pi / self.n_obs
        power = w.real**2
        power += w.imag**2
        power /= 2.0 * math.pi * weight
        return Spectrum(frequencies=frequencies, power=power, n_obs=self.n_obs, taper=taper)


def as_sample(x: ArrayLike | Sample, name: str = "x", min_obs: int = 1) -> Sample:
    """A series that varies, checked as `as_varying_series` does, unless it was before.

    What takes rows asks for its length itself.
    """
    if not isinstance(x, Sample):
        return Sample(_validate.as_varying_series(x, name, min_obs))
    _validate.require_length(x.n_obs, name, min_obs)
    return x


def ordinates(
    values: FloatArray, n_frequencies: int, taper: str | None = None
) -> tuple[FloatArray, FloatArray]:
    """The first `n_frequencies` frequencies and periodogram ordinates, unchecked."""
    spectrum = Sample(values).spectrum(n_frequencies, taper)
    return spectrum.frequencies, spectrum.power


def _transform(sample: Sample, taper: str | None) -> tuple[ComplexArray, float]:
    values, n_obs = sample.values, sample.n_obs
    if taper is None or taper == "hc":
        return _with_small_mean(sample), n_obs / (2.0 if taper else 1.0)
    h = taper_weights(n_obs, taper)
    used = values - values.mean(axis=-1, keepdims=True)
    used *= h
    return scipy.fft.rfft(used), float(h @ h)


def _with_small_mean(sample: Sample) -> ComplexArray:
    """The DFT, the mean taken out first where that matters to it at j = 1, 2, ...

    The mean is only seen at j = 0.  It adds to the rounding elsewhere, in proportion to the norm
    of the series; where it has less than half of that, taking it out is not worth a pass.
    """
    values = sample.values
    if values.ndim == 1:
        mean = values.mean()
        large = 2.0 * mean**2 * sample.n_obs >= sample.squares()
        return np.asarray(scipy.fft.rfft(values - mean if large else values))
    # NumPy's are SciPy's to the bit, and can be written to a place.
    room = None if sample.room is None else sample.room[: len(values)]
    transform: ComplexArray = np.fft.rfft(values, out=room)
    large = 2.0 * transform[..., 0].real ** 2 >= sample.n_obs * sample.squares()
    # Of each row by itself: what is done to it depends on no other.
    if large.any():
        rows = values[large]
        transform[large] = scipy.fft.rfft(rows - rows.mean(axis=-1, keepdims=True))
    return transform


def lag_window(name: str, n_lags: int) -> FloatArray:
    """Lag window k(j / n_lags), j = 0..n_lags, unchecked ("parzen", "bartlett", "tukey")."""
    u = np.arange(n_lags + 1) / max(n_lags, 1)
    if name == "bartlett":
        return 1.0 - u
    if name == "tukey":
        return 0.5 * (1.0 + np.cos(math.pi * u))
    return np.where(u <= 0.5, 1.0 - 6.0 * u**2 * (1.0 - u), 2.0 * (1.0 - u) ** 3)


def smoothed_spectrum(
    x: ArrayLike, window: str = "parzen", truncation: int | float | None = None
) -> Spectrum:
    """Lag-window estimate of the spectral density at the Fourier frequencies.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least two observations; the mean is removed.
    window : {"parzen", "bartlett", "tukey"}
        Lag window.
    truncation : int or float, optional
        Largest lag of the window, or an exponent b in (0, 1) for floor(n_obs**b);
        by default b = 0.9 (Reisen, 1994).

    Returns
    -------
    Spectrum
        f(l) = (1 / 2 pi) sum_{|k| <= truncation} window(k) c(k) cos(k l).

    Raises
    ------
    InvalidInputError
        Where `x` is no finite series of 2 observations or more, or the window or truncation is
        out of range.

    Notes
    -----
    The Parzen window makes it non-negative, and equal to the ordinates in the regression of
    R's ``fracdiff::fdSperio`` (up to 2 pi).

    References
    ----------
    Brockwell, P. J. and Davis, R. A. (1991). Time Series: Theory and Methods, 2nd ed.,
    section 10.4.
    Reisen, V. A. (1994). Estimation of the fractional difference parameter in the
    ARIMA(p, d, q) model using the smoothed periodogram. JTSA 15, 335-350.

    Examples
    --------
    >>> import memtools as mt
    >>> mt.smoothed_spectrum([1.0, 2.0, 4.0, 3.0], truncation=2).power.round(4)
    array([0.1989, 0.184 ])
    """
    values = _validate.as_squarable_series(x, min_obs=2)
    _validate.as_choice(window, "window", ("parzen", "bartlett", "tukey"))
    n_obs = len(values)
    n_lags = as_truncation(truncation, n_obs)
    return Spectrum(
        frequencies=fourier_frequencies(n_obs),
        power=smoothed_ordinates(values, n_obs // 2, window, n_lags),
        n_obs=n_obs,
        method=f"smoothed periodogram ({window} window, {n_lags} lags)",
    )


def as_truncation(truncation: int | float | None, n_obs: int) -> int:
    """Largest lag of a lag window, checked as a bandwidth is."""
    return _validate.as_bandwidth(
        0.9 if truncation is None else truncation, n_obs, 0.9, 1, n_obs - 1, "truncation"
    )


def smoothed_ordinates(
    values: FloatArray, n_frequencies: int, window: str, n_lags: int
) -> FloatArray:
    """Lag-window spectral density at the first Fourier frequencies, unchecked."""
    n_obs = len(values)
    terms = correlation.sample_autocovariance(values, n_lags) * lag_window(window, n_lags)
    # sum_k terms_k cos(k l_j) is the real part of a DFT once lags are folded modulo n.
    folded = scipy.fft.rfft(terms, n_obs)[1 : n_frequencies + 1].real
    return (2.0 * folded - terms[0]) / (2.0 * math.pi)


def ar_spectrum(x: ArrayLike, order: int | None = None) -> Spectrum:
    """Spectral density of an autoregression fitted by Yule-Walker, at the Fourier frequencies.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        Not constant; the mean is removed.
    order : int, optional
        Order of the autoregression; by default the one of least AIC up to
        10 log10(n_obs).

    Returns
    -------
    Spectrum
        sigma2 / (2 pi |1 - sum_k phi_k exp(-i k l)|^2).

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series of 3 observations or more, or `order` is not in
        0..n_obs - 1.

    Notes
    -----
    R: ``spec.ar(x, order = order, method = "yule-walker")$spec / (2 pi)``, but for R's factor
    n / (n - order - 1) on the innovation variance.

    References
    ----------
    Brockwell, P. J. and Davis, R. A. (1991). Time Series: Theory and Methods, 2nd ed.,
    sections 8.1, 10.6.

    Examples
    --------
    >>> import memtools as mt
    >>> mt.ar_spectrum([1.0, 2.0, 4.0, 3.0, 2.0, 1.0], order=1).method
    'AR(1), Yule-Walker'
    """
    values = _validate.as_varying_series(_validate.as_squarable_series(x), min_obs=3)
    if order is not None:
        order = _validate.as_integer(order, "order", 0, len(values) - 1)
    power, order = yule_walker_density(values, order)
    return Spectrum(
        frequencies=fourier_frequencies(len(values)),
        power=power,
        n_obs=len(values),
        method=f"AR({order}), Yule-Walker",
    )


def yule_walker_density(values: FloatArray, order: int | None = None) -> tuple[FloatArray, int]:
    """Density at the Fourier frequencies of the autoregression, by default of least AIC."""
    n_obs = len(values)
    highest = min(n_obs - 1, int(10.0 * math.log10(n_obs))) if order is None else order
    acov = correlation.sample_autocovariance(values, highest)
    if order is None:
        variance = np.maximum(correlation.durbin_levinson(acov)[2], np.finfo(float).tiny)
        order = int(np.argmin(n_obs * np.log(variance) + 2.0 * np.arange(highest + 1)))
    phi, _, variance = correlation.durbin_levinson(acov[: order + 1])
    transfer = scipy.fft.rfft(np.concatenate([[1.0], -phi]), n_obs)[1 : n_obs // 2 + 1]
    return variance[-1] / (2.0 * math.pi * np.abs(transfer) ** 2), order
