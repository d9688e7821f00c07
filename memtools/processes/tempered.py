"""Tempered fractional processes: dependence like a power law up to a horizon, then exponential."""

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
from memtools.processes.arfima import ARFIMAProcess, circulant_size, gain

# A longer horizon would need more than eight million frequencies.
LEAST_TEMPERING = 1e-5
# exp(-40) is below double precision.
_FORGOTTEN = 40.0


@dataclass(frozen=True)
class TemperedARFIMAProcess:
    """Autoregressive tempered fractionally integrated moving average process (ARTFIMA).

    (1 - ar_1 B - ...) (1 - exp(-tempering) B)^d X_t = (1 + ma_1 B + ...) eps_t.

    Parameters
    ----------
    ar : sequence of float
        As of :class:`ARFIMAProcess`.
    d : float
        Any, since tempering makes the process stationary.
    ma : sequence of float
        As of :class:`ARFIMAProcess`.
    tempering : float
        At least 1e-5, per observation: dependence falls like k^(2d - 1) up to lags of about
        1 / tempering and exponentially beyond.
    sigma2 : float
        Variance of eps_t.

    Raises
    ------
    InvalidInputError
        Where a parameter is out of range.

    Notes
    -----
    R: ``artfima::artfimaTACVF(d, lambda, phi, theta)``, whose theta has the opposite sign.

    References
    ----------
    Sabzikar, F., McLeod, A. I. and Meerschaert, M. M. (2019). Parameter estimation for ARTFIMA
    time series. Journal of Statistical Planning and Inference 200, 129-145.

    Examples
    --------
    >>> import memtools as mt
    >>> process = mt.TemperedARFIMAProcess(d=0.3, tempering=0.05)
    >>> process.autocovariance(2).round(4)
    array([1.1682, 0.4049, 0.2709])
    """

    ar: tuple[float, ...] = ()
    d: float = 0.0
    ma: tuple[float, ...] = ()
    tempering: float = 0.1
    sigma2: float = 1.0

    def __init__(
        self,
        ar: Iterable[float] = (),
        d: float = 0.0,
        ma: Iterable[float] = (),
        tempering: float = 0.1,
        sigma2: float = 1.0,
    ) -> None:
        rest = ARFIMAProcess(ar, d, ma, sigma2)
        for name in ("ar", "d", "ma", "sigma2"):
            object.__setattr__(self, name, getattr(rest, name))
        tempering = _validate.as_real(tempering, "tempering")
        if tempering < LEAST_TEMPERING:
            allowed = f"at least {LEAST_TEMPERING:g} (without tempering: ARFIMAProcess)"
            raise InvalidInputError("tempering", allowed, f"{tempering:g}")
        object.__setattr__(self, "tempering", tempering)

    def autocovariance(self, n_lags: int) -> FloatArray:
        """Autocovariances gamma(0), ..., gamma(n_lags).

        Parameters
        ----------
        n_lags : int
            Largest lag.

        Returns
        -------
        ndarray, shape (n_lags + 1,)

        Notes
        -----
        By FFT of the density at so many frequencies that what wraps around is forgotten, to
        double precision beside gamma(0).
        """
        n_lags = _validate.as_integer(n_lags, "n_lags", 0)
        eigenvalues = self.circulant_eigenvalues(n_lags)
        return scipy.fft.irfft(eigenvalues, 2 * (len(eigenvalues) - 1))[: n_lags + 1]

    def circulant_eigenvalues(self, n_lags: int) -> FloatArray:
        """Eigenvalues 0..h of a symmetric circulant of order 2 h that starts gamma(0..n_lags)."""
        n_lags += math.ceil(_FORGOTTEN / self.tempering)
        ar, ma = np.array([1.0, *(-a for a in self.ar)]), np.array([1.0, *self.ma])
        n_half = circulant_size(ar, ma, n_lags)
        lam = np.arange(n_half + 1.0)
        lam *= math.pi / n_half
        eigenvalues = self.sigma2 * self._tempered(lam)
        return np.asarray(eigenvalues * gain(ma, 2 * n_half) / gain(ar, 2 * n_half))

    def _tempered(self, lam: FloatArray) -> FloatArray:
        """|1 - exp(-tempering - i l)|^(-2d), without cancellation near zero."""
        near = math.expm1(-self.tempering) ** 2
        return np.asarray(
            (near + 4.0 * math.exp(-self.tempering) * np.sin(0.5 * lam) ** 2) ** -self.d
        )

    def spectral_density(self, frequencies: ArrayLike) -> FloatArray:
        """Spectral density (sigma2 / 2 pi) |ma / ar|^2 |1 - exp(-tempering - i l)|^(-2 d).

        Parameters
        ----------
        frequencies : array_like
            Radians per observation in [-pi, pi].

        Returns
        -------
        ndarray, of the shape of `frequencies`
        """
        lam = as_frequencies(frequencies, pole=False)
        arma = ARFIMAProcess(self.ar, 0.0, self.ma, self.sigma2).spectral_density(lam)
        return np.asarray(arma * self._tempered(lam))

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
        rest = ARFIMAProcess(self.ar, 0.0, self.ma)
        return self._weights(rest.ar_weights(n_lags), self.d)

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
        rest = ARFIMAProcess(self.ar, 0.0, self.ma)
        return self._weights(rest.ma_weights(n_lags), -self.d)

    def _weights(self, arma: FloatArray, d: float) -> FloatArray:
        """Weights of the ARMA part and of (1 - exp(-tempering) B)^d, one after the other."""
        tempered = fractional.weights(d, len(arma))
        tempered *= np.exp(-self.tempering * np.arange(len(arma)))
        return fractional.convolve_causal(tempered, arma)
