"""Tempered fractional processes: dependence like a power law up to a horizon, then exponential."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import scipy.fft

from memtools import _validate, fractional
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.processes._arma import WithARMAPart

# A longer horizon would need more than eight million frequencies.
LEAST_TEMPERING = 1e-5
# exp(-40) is below double precision.
_FORGOTTEN = 40.0


def log_gap(frequencies: FloatArray, tempering: float) -> FloatArray:
    """log |1 - exp(-tempering - i l)|^2, without cancellation near zero."""
    near = math.expm1(-tempering) ** 2
    return np.log(near + 4.0 * math.exp(-tempering) * np.sin(0.5 * frequencies) ** 2)


@dataclass(frozen=True)
class TemperedARFIMAProcess(WithARMAPart):
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

    embeds: ClassVar[bool] = True

    def __init__(
        self,
        ar: Iterable[float] = (),
        d: float = 0.0,
        ma: Iterable[float] = (),
        tempering: float = 0.1,
        sigma2: float = 1.0,
    ) -> None:
        tempering = _validate.as_real(tempering, "tempering")
        if tempering < LEAST_TEMPERING:
            allowed = f"at least {LEAST_TEMPERING:g} (without tempering: ARFIMAProcess)"
            raise InvalidInputError("tempering", allowed, f"{tempering:g}")
        self._set(ar, ma, sigma2, d=_validate.as_real(d, "d"), tempering=tempering)

    def _pure_autocovariance(self, n_lags: int) -> FloatArray:
        n_half = scipy.fft.next_fast_len(n_lags + math.ceil(_FORGOTTEN / self.tempering), real=True)
        eigenvalues = self._pure_eigenvalues(n_half)
        return scipy.fft.irfft(eigenvalues, 2 * (len(eigenvalues) - 1))[: n_lags + 1]

    def circulant_eigenvalues(self, n_lags: int) -> FloatArray:
        """Eigenvalues 0..h of a symmetric circulant of order 2 h that starts gamma(0..n_lags).

        The density at so many frequencies that what wraps around is forgotten, to double
        precision beside gamma(0).
        """
        return super().circulant_eigenvalues(n_lags + math.ceil(_FORGOTTEN / self.tempering))

    def _pure_eigenvalues(self, n_half: int) -> FloatArray:
        return self._pure_gain(math.pi / n_half * np.arange(n_half + 1.0))

    def _pure_gain(self, lam: FloatArray) -> FloatArray:
        return np.exp(-self.d * log_gap(lam, self.tempering))

    def _pure_weights(self, sign: int, n_lags: int) -> FloatArray:
        lags = np.arange(n_lags + 1.0)
        return fractional.weights(-sign * self.d, n_lags + 1) * np.exp(-self.tempering * lags)
