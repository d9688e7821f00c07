"""Autoregressive fractionally integrated moving averages."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import ArrayLike

from memtools import _validate, fractional
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.processes._base import as_frequencies

# Roots closer to the unit circle than this would need more than 40 million lags.
NEAREST_ROOT = 1e-6


@dataclass(frozen=True)
class ARFIMAProcess:
    """Autoregressive fractionally integrated moving average process.

    (1 - ar_1 B - ... - ar_p B^p) (1 - B)^d X_t = (1 + ma_1 B + ... + ma_q B^q) eps_t.

    Parameters
    ----------
    ar : sequence of float
        Coefficients on the right-hand side (statsmodels' and R arima's signs).
    d : float
        Memory parameter; stationary with long memory for 0 < d < 1/2.
    ma : sequence of float
        Coefficients with plus signs; R's fracdiff, arfima and ltsa take the opposite sign.
    sigma2 : float
        Variance of eps_t.

    Raises
    ------
    InvalidInputError
        Where `ar` is not stationary, `ma` not invertible, `sigma2` not positive.

    Notes
    -----
    Any d makes a process whose weights exist and which `simulate` draws (by integration or
    differencing); the autocovariance exists for d < 1/2 and is given for -1 < d < 1/2.

    References
    ----------
    Hosking, J. R. M. (1981). Fractional differencing. Biometrika 68, 165-176.
    Sowell, F. (1992). Maximum likelihood estimation of stationary univariate fractionally
    integrated time series models. Journal of Econometrics 53, 165-188.

    Examples
    --------
    >>> import memtools as mt
    >>> process = mt.ARFIMAProcess(ar=[0.5], d=0.3)
    >>> process.autocovariance(2).round(4)
    array([3.0193, 2.4577, 1.9966])
    """

    ar: tuple[float, ...] = ()
    d: float = 0.0
    ma: tuple[float, ...] = ()
    sigma2: float = 1.0

    def __init__(
        self,
        ar: Iterable[float] = (),
        d: float = 0.0,
        ma: Iterable[float] = (),
        sigma2: float = 1.0,
    ) -> None:
        object.__setattr__(self, "ar", _coefficients(ar, "ar", "stationary", -1.0))
        object.__setattr__(self, "d", _validate.as_real(d, "d"))
        object.__setattr__(self, "ma", _coefficients(ma, "ma", "invertible", 1.0))
        object.__setattr__(self, "sigma2", _validate.as_real(sigma2, "sigma2", 0.0))
        if self.sigma2 == 0.0:
            raise InvalidInputError("sigma2", "positive", "0.0")

    @property
    def ar_polynomial(self) -> FloatArray:
        """1, -ar_1, ..., -ar_p."""
        return np.array([1.0, *(-a for a in self.ar)])

    @property
    def ma_polynomial(self) -> FloatArray:
        """1, ma_1, ..., ma_q."""
        return np.array([1.0, *self.ma])

    def autocovariance(self, n_lags: int) -> FloatArray:
        """Autocovariances gamma(0), ..., gamma(n_lags), exact for |d| < 1/2.

        Parameters
        ----------
        n_lags : int
            Largest lag.

        Returns
        -------
        ndarray, shape (n_lags + 1,)

        Raises
        ------
        InvalidInputError
            Where d is not in (-1, 1/2).

        Notes
        -----
        The autocovariance of fractional noise (closed form) convolved with that of the ARMA
        part, by FFT: the spectrum of the ARMA part is known at every frequency, so only the
        noise's autocovariances are needed, at as many lags beyond n_lags as the ARMA part
        remembers.  Repeated roots need no special case; roots within 1e-6 of the unit circle
        are refused.  R's arfima::tacvfARFIMA gives these numbers.

        References
        ----------
        Bertelli, S. and Caporin, M. (2002). A note on calculating autocovariances of
        long-memory processes. Journal of Time Series Analysis 23, 503-508 (splitting).
        Hosking (1981), theorem 1(d).
        """
        n_lags = _validate.as_integer(n_lags, "n_lags", 0)
        if not -1.0 < self.d < 0.5:
            allowed = "in (-1, 1/2) for an autocovariance"
            raise InvalidInputError("d", allowed, f"{self.d:g}")
        if not self.ar and not self.ma:
            return self.sigma2 * noise_autocovariance(self.d, n_lags)
        eigenvalues = self.circulant_eigenvalues(n_lags)
        return scipy.fft.irfft(eigenvalues, 2 * (len(eigenvalues) - 1))[: n_lags + 1]

    def circulant_eigenvalues(self, n_lags: int) -> FloatArray:
        """Eigenvalues 0..h of a symmetric circulant of order 2 h that starts gamma(0..n_lags).

        Those of the fractional noise's own circulant (the DCT-I of its autocovariances) times
        the ARMA part's gain, with h so long that the ARMA part's memory of what wraps around
        has died out.  Neither factor is negative (Craigmile, 2003, for the noise), so nor are
        the products, however near the unit circle the roots.  Unchecked, -1 < d < 1/2.

        References
        ----------
        Craigmile, P. F. (2003). Simulating a class of stationary Gaussian processes using the
        Davies-Harte algorithm, with application to long memory processes. Journal of Time
        Series Analysis 24, 505-511.
        """
        n_half = circulant_size(self.ar_polynomial, self.ma_polynomial, n_lags)
        noise = noise_autocovariance(self.d, n_half)
        eigenvalues = self.sigma2 * scipy.fft.dct(noise, type=1, overwrite_x=True)
        if self.ma:
            eigenvalues *= gain(self.ma_polynomial, 2 * n_half)
        if self.ar:
            eigenvalues /= gain(self.ar_polynomial, 2 * n_half)
        return eigenvalues

    def spectral_density(self, frequencies: ArrayLike) -> FloatArray:
        """Spectral density (sigma2 / 2 pi) |ma / ar|^2 |2 sin(l / 2)|^(-2 d).

        Parameters
        ----------
        frequencies : array_like
            Radians per observation in [-pi, pi], not 0 where d > 0.

        Returns
        -------
        ndarray, of the shape of `frequencies`
        """
        lam = as_frequencies(frequencies, pole=self.d > 0.0)
        z = np.exp(-1j * lam)
        ma = np.abs(np.polynomial.polynomial.polyval(z, self.ma_polynomial)) ** 2
        ar = np.abs(np.polynomial.polynomial.polyval(z, self.ar_polynomial)) ** 2
        long_run = np.abs(2.0 * np.sin(0.5 * lam)) ** (-2.0 * self.d)
        return np.asarray(self.sigma2 / (2.0 * math.pi) * ma / ar * long_run)

    def ar_weights(self, n_lags: int) -> FloatArray:
        """Weights of the autoregressive form sum_j pi_j X_{t-j} = eps_t, pi_0 = 1.

        Parameters
        ----------
        n_lags : int
            Largest lag.

        Returns
        -------
        ndarray, shape (n_lags + 1,)
        """
        return _weights(self.ar_polynomial, self.ma_polynomial, self.d, n_lags)

    def ma_weights(self, n_lags: int) -> FloatArray:
        """Weights of the moving average form X_t = sum_j psi_j eps_{t-j}, psi_0 = 1.

        Parameters
        ----------
        n_lags : int
            Largest lag.

        Returns
        -------
        ndarray, shape (n_lags + 1,)
        """
        return _weights(self.ma_polynomial, self.ar_polynomial, -self.d, n_lags)

    def fisher_information(self) -> FloatArray:
        """Fisher information of (ar, d, ma) per observation.

        Returns
        -------
        ndarray, shape (p + 1 + q, p + 1 + q)
            Order ar_1 .. ar_p, d, ma_1 .. ma_q; sigma2 is orthogonal, 1 / (2 sigma2^2).

        Notes
        -----
        sum_k u_k u_k', with u_k the k-th coefficients of B^i / ar(B), -log(1 - B) = sum B^k / k
        and B^j / ma(B); that of d is pi^2 / 6 (Li and McLeod, 1986, section 3).

        References
        ----------
        Li, W. K. and McLeod, A. I. (1986). Fractional time series modelling. Biometrika 73,
        217-221.
        """
        slowest = [slowest_decay(p) for p in (self.ar_polynomial, self.ma_polynomial) if len(p) > 1]
        n_lags = math.ceil(60.0 / min(slowest)) if slowest else 1
        one = np.ones(1)
        ar = _weights(one, self.ar_polynomial, 0.0, n_lags)
        ma = _weights(one, self.ma_polynomial, 0.0, n_lags)
        rows = [_delayed(ar, i) for i in range(len(self.ar))]
        rows.append(1.0 / np.arange(1.0, n_lags + 1.0))
        rows += [_delayed(ma, j) for j in range(len(self.ma))]
        information = np.array(rows) @ np.array(rows).T
        information[len(self.ar), len(self.ar)] = math.pi**2 / 6.0
        return np.asarray(information)


def _delayed(series: FloatArray, lag: int) -> FloatArray:
    return np.concatenate([np.zeros(lag), series[: len(series) - 1 - lag]])


def _coefficients(values: Iterable[float], name: str, what: str, sign: float) -> tuple[float, ...]:
    if values is not None and not isinstance(values, Iterable):
        allowed = "a sequence of coefficients (the memory parameter has a name: d=0.3)"
        raise InvalidInputError(name, allowed, repr(values))
    array = _validate.as_array(list(values), name) if values is not None else np.empty(0)
    if array.ndim != 1:
        raise InvalidInputError(name, "a sequence of coefficients", f"shape {array.shape}")
    coefficients = tuple(float(v) for v in array)
    while coefficients and coefficients[-1] == 0.0:
        coefficients = coefficients[:-1]
    if coefficients:
        decay = slowest_decay(np.array([1.0, *(sign * c for c in coefficients)]))
        if not decay > NEAREST_ROOT:
            size = math.exp(-decay) if decay < 50 else 0.0
            allowed = f"{what} (all inverse roots inside the unit circle by 1e-6)"
            raise InvalidInputError(name, allowed, f"one of modulus {size:.8g}")
    return tuple(float(v) for v in array)


def circulant_size(ar: FloatArray, ma: FloatArray, n_lags: int) -> int:
    """Half the order of a circulant whose ends the ARMA part of these polynomials forgets.

    To beyond double precision.
    """
    memory = len(ma) - 1
    if len(ar) > 1:
        memory += math.ceil(40.0 * (1.0 + 0.25 * (len(ar) - 2)) / slowest_decay(ar))
    return int(scipy.fft.next_fast_len(max(1, n_lags + memory), real=True))


def slowest_decay(polynomial: FloatArray) -> float:
    """-log of the largest modulus among the inverse roots."""
    inverse_roots = np.abs(np.roots(polynomial))
    largest = float(inverse_roots.max()) if len(inverse_roots) else 0.0
    return math.inf if largest == 0.0 else -math.log(largest)


def _weights(numerator: FloatArray, denominator: FloatArray, d: float, n_lags: int) -> FloatArray:
    """First terms of numerator(B) / denominator(B) (1 - B)^d."""
    n_lags = _validate.as_integer(n_lags, "n_lags", 0)
    return over(numerator, denominator, fractional.weights(d, n_lags + 1))


def over(numerator: FloatArray, denominator: FloatArray, w: FloatArray) -> FloatArray:
    """First terms of numerator(B) / denominator(B) times a power series."""
    if len(numerator) > 1:
        w = np.convolve(w, numerator)[: len(w)]
    if len(denominator) > 1:
        from scipy.signal import lfilter

        w = np.asarray(lfilter([1.0], denominator, w))
    return w


def gain(polynomial: FloatArray, n_fft: int) -> FloatArray:
    """|polynomial|^2 at the Fourier frequencies 0..pi."""
    transfer = scipy.fft.rfft(polynomial, n_fft)
    return np.asarray(transfer.real**2 + transfer.imag**2)


def noise_autocovariance(d: float, n_lags: int) -> FloatArray:
    """Autocovariances of (1 - B)^-d noise with unit innovations, Hosking (1981), theorem 1."""
    variance = math.exp(math.lgamma(1.0 - 2.0 * d) - 2.0 * math.lgamma(1.0 - d))
    return variance * fractional.noise_autocorrelation(d, n_lags)
