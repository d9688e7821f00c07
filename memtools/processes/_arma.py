"""A pure law of memory times an ARMA part, and the polynomials of the latter."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import numpy as np
import scipy.fft
from numpy.typing import ArrayLike

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.processes._base import as_frequencies

# Roots closer to the unit circle than this would need more than 40 million lags.
NEAREST_ROOT = 1e-6


class WithARMAPart:
    """Base of processes ar(B) g(B)^-1 X_t = ma(B) eps_t with a pure law g of their own.

    A class gives the weights, autocovariances and gain of g at unit innovations; what the ARMA
    part does to them is the same for all.
    """

    ar: tuple[float, ...]
    ma: tuple[float, ...]
    sigma2: float

    # True where the circulant of the pure law is known to have no negative eigenvalue.
    embeds: ClassVar[bool] = False

    def _set(self, ar: Iterable[float], ma: Iterable[float], sigma2: float, **others: Any) -> None:
        """Check and keep the ARMA part, and keep the parameters of the pure law."""
        own = {
            "ar": coefficients(ar, "ar", "stationary", -1.0),
            "ma": coefficients(ma, "ma", "invertible", 1.0),
            "sigma2": _validate.as_real(sigma2, "sigma2", 0.0),
        }
        if own["sigma2"] == 0.0:
            raise InvalidInputError("sigma2", "positive", "0.0")
        for name, value in (own | others).items():
            object.__setattr__(self, name, value)

    def _pure_autocovariance(self, n_lags: int) -> FloatArray:
        """Autocovariances 0..n_lags without ARMA part, of unit innovations."""
        raise NotImplementedError

    def _pure_gain(self, lam: FloatArray) -> FloatArray:
        """|g|^2 at frequencies; refuses those where it is infinite."""
        raise NotImplementedError

    def _pure_weights(self, sign: int, n_lags: int) -> FloatArray:
        """Lags 0..n_lags of g(B)^sign."""
        raise NotImplementedError

    def _pure_eigenvalues(self, n_half: int) -> FloatArray:
        """Eigenvalues 0..n_half of a circulant of the pure law, of order 2 n_half."""
        return np.asarray(scipy.fft.dct(self._pure_autocovariance(n_half), type=1))

    @property
    def _parts(self) -> tuple[Parts, Parts]:
        """AR and MA polynomials, each with the power of B that it is in."""
        ar, ma = np.array([1.0, *(-a for a in self.ar)]), np.array([1.0, *self.ma])
        return [(ar, 1)], [(ma, 1)]

    @property
    def ar_polynomial(self) -> FloatArray:
        """1, -ar_1, ..., -ar_p; with a season times its polynomial."""
        return _product(self._parts[0])

    @property
    def ma_polynomial(self) -> FloatArray:
        """1, ma_1, ..., ma_q; with a season times its polynomial."""
        return _product(self._parts[1])

    def autocovariance(self, n_lags: int) -> FloatArray:
        """Autocovariances gamma(0), ..., gamma(n_lags), exact.

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
            Where the process has none (an ARFIMA process of d outside (-1, 1/2)).

        Notes
        -----
        The autocovariance of the pure law convolved with that of the ARMA part, by FFT: the
        spectrum of the ARMA part is known at every frequency, so only the pure law's
        autocovariances are needed, at as many lags beyond n_lags as the ARMA part remembers.
        Repeated roots need no special case; roots within 1e-6 of the unit circle are refused.
        R's arfima::tacvfARFIMA gives these numbers.

        References
        ----------
        Bertelli, S. and Caporin, M. (2002). A note on calculating autocovariances of
        long-memory processes. Journal of Time Series Analysis 23, 503-508 (splitting).
        """
        n_lags = _validate.as_integer(n_lags, "n_lags", 0)
        if len(self.ar_polynomial) == len(self.ma_polynomial) == 1:
            return self.sigma2 * self._pure_autocovariance(n_lags)
        eigenvalues = self.circulant_eigenvalues(n_lags)
        return scipy.fft.irfft(eigenvalues, 2 * (len(eigenvalues) - 1))[: n_lags + 1]

    def circulant_eigenvalues(self, n_lags: int) -> FloatArray:
        """Eigenvalues 0..h of a symmetric circulant of order 2 h that starts gamma(0..n_lags).

        Those of the pure law's own circulant (the DCT-I of its autocovariances) times the ARMA
        part's gain, with h so long that the ARMA part's memory of what wraps around has died
        out.  Where the former are not negative (Craigmile, 2003, for fractional noise), nor are
        the products, however near the unit circle the roots.

        References
        ----------
        Craigmile, P. F. (2003). Simulating a class of stationary Gaussian processes using the
        Davies-Harte algorithm, with application to long memory processes. Journal of Time
        Series Analysis 24, 505-511.
        """
        ar, ma = self._parts
        n_half = circulant_size(ar, ma, n_lags)
        eigenvalues = self.sigma2 * self._pure_eigenvalues(n_half)
        for parts, power in ((ma, 1.0), (ar, -1.0)):
            for polynomial, step in parts:
                eigenvalues *= gain(spread(polynomial, step), 2 * n_half) ** power
        return eigenvalues

    def spectral_density(self, frequencies: ArrayLike) -> FloatArray:
        """Spectral density (sigma2 / 2 pi) |ma / ar|^2 |g|^2.

        Parameters
        ----------
        frequencies : array_like
            Radians per observation in [-pi, pi], not one where the density is infinite.

        Returns
        -------
        ndarray, of the shape of `frequencies`

        Raises
        ------
        InvalidInputError
            Where a frequency is out of range or at a pole.
        """
        lam = as_frequencies(frequencies, pole=False)
        z = np.exp(-1j * lam)
        ma = np.abs(np.polynomial.polynomial.polyval(z, self.ma_polynomial)) ** 2
        ar = np.abs(np.polynomial.polynomial.polyval(z, self.ar_polynomial)) ** 2
        return np.asarray(self.sigma2 / (2.0 * math.pi) * ma / ar * self._pure_gain(lam))

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
        n_lags = _validate.as_integer(n_lags, "n_lags", 0)
        return over(self.ar_polynomial, self.ma_polynomial, self._pure_weights(-1, n_lags))

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
        n_lags = _validate.as_integer(n_lags, "n_lags", 0)
        return over(self.ma_polynomial, self.ar_polynomial, self._pure_weights(1, n_lags))


def coefficients(values: Iterable[float], name: str, what: str, sign: float) -> tuple[float, ...]:
    """Those of one polynomial, checked: all inverse roots inside the unit circle."""
    if values is not None and not isinstance(values, Iterable):
        allowed = "a sequence of coefficients (the memory parameter has a name: d=0.3)"
        raise InvalidInputError(name, allowed, repr(values))
    array = _validate.as_array(list(values), name) if values is not None else np.empty(0)
    if array.ndim != 1:
        raise InvalidInputError(name, "a sequence of coefficients", f"shape {array.shape}")
    if array.any():
        decay = slowest_decay(np.append(1.0, sign * np.trim_zeros(array, "b")))
        if not decay > NEAREST_ROOT:
            size = math.exp(-decay) if decay < 50 else 0.0
            allowed = f"{what} (all inverse roots inside the unit circle by 1e-6)"
            raise InvalidInputError(name, allowed, f"one of modulus {size:.8g}")
    return tuple(float(v) for v in array)


# Polynomials in a power of B, and that power.
Parts = Sequence[tuple[FloatArray, int]]


def circulant_size(ar: Parts, ma: Parts, n_lags: int) -> int:
    """Half the order of a circulant whose ends the ARMA parts of these polynomials forget.

    To beyond double precision.
    """
    memory = sum((len(polynomial) - 1) * step for polynomial, step in ma)
    for polynomial, step in ar:
        if len(polynomial) > 1:
            lags = 40.0 * (1.0 + 0.25 * (len(polynomial) - 2)) / slowest_decay(polynomial)
            memory += math.ceil(step * lags)
    return int(scipy.fft.next_fast_len(max(1, n_lags + memory), real=True))


def spread(polynomial: FloatArray, step: int) -> FloatArray:
    """In B^step: values with step - 1 zeros between them."""
    found = np.zeros((len(polynomial) - 1) * step + 1)
    found[::step] = polynomial
    return found


def _product(parts: Parts) -> FloatArray:
    found = np.ones(1)
    for polynomial, step in parts:
        found = np.convolve(found, spread(polynomial, step))
    return found


def slowest_decay(polynomial: FloatArray) -> float:
    """-log of the largest modulus among the inverse roots."""
    inverse_roots = np.abs(np.roots(polynomial))
    largest = float(inverse_roots.max()) if len(inverse_roots) else 0.0
    return math.inf if largest == 0.0 else -math.log(largest)


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
