"""Fractional Gaussian noise."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import ArrayLike

from memtools import _validate, fractional
from memtools._validate import FloatArray
from memtools.processes._base import as_frequencies


@dataclass(frozen=True)
class FractionalGaussianNoise:
    """Increments of fractional Brownian motion.

    Parameters
    ----------
    hurst : float
        Hurst exponent H in (0, 1); d = H - 1/2.
    sigma2 : float
        Variance.

    References
    ----------
    Mandelbrot, B. B. and Van Ness, J. W. (1968). Fractional Brownian motions, fractional
    noises and applications. SIAM Review 10, 422-437.

    Examples
    --------
    >>> import memtools as mt
    >>> mt.FractionalGaussianNoise(0.8).autocovariance(2).round(4)
    array([1.    , 0.5157, 0.3683])
    """

    hurst: float
    sigma2: float = 1.0

    def __post_init__(self) -> None:
        _validate.as_real(self.hurst, "hurst", 0.0, 1.0, closed=False)
        _validate.as_real(self.sigma2, "sigma2", 0.0, closed=False)

    @property
    def d(self) -> float:
        """Memory parameter H - 1/2."""
        return self.hurst - 0.5

    def autocovariance(self, n_lags: int) -> FloatArray:
        """Autocovariances (sigma2 / 2) (|k + 1|^2H - 2 |k|^2H + |k - 1|^2H), k = 0..n_lags.

        Parameters
        ----------
        n_lags : int
            Largest lag.

        Returns
        -------
        ndarray, shape (n_lags + 1,)
            Relative error below 1e-12 at any lag: from lag 16 on a series in 1 / k^2 replaces
            the difference, which cancels.
        """
        n_lags = _validate.as_integer(n_lags, "n_lags", 0)
        power = 2.0 * self.hurst
        k = np.arange(min(n_lags, 15) + 1.0)
        near = 0.5 * ((k + 1.0) ** power - 2.0 * k**power + np.abs(k - 1.0) ** power)
        k = np.arange(16.0, n_lags + 1.0)
        terms = np.zeros_like(k)
        # sum_{i >= 1} binomial(2H, 2i) k^(2H - 2i), eight terms: the ninth is below 1e-21.
        for i in range(8, 0, -1):
            terms = (terms + _binomial(power, 2 * i)) / k**2
        return self.sigma2 * np.concatenate([near, terms * k**power])

    def spectral_density(self, frequencies: ArrayLike) -> FloatArray:
        """Spectral density, exact.

        Parameters
        ----------
        frequencies : array_like
            Radians per observation in [-pi, pi], not 0 where H > 1/2.

        Returns
        -------
        ndarray, of the shape of `frequencies`

        Notes
        -----
        (sigma2 / pi) sin(pi H) Gamma(2H + 1) (1 - cos l) sum_j |l + 2 pi j|^(-2H - 1), the sum
        by Hurwitz' zeta function.  longmemo's specFGN cuts it at 200 terms.

        References
        ----------
        Sinai, Y. G. (1976). Self-similar probability distributions. Theory of Probability and
        its Applications 21, 64-80.
        """
        from scipy.special import zeta

        lam = np.abs(as_frequencies(frequencies, pole=self.hurst > 0.5))
        s = 2.0 * self.hurst + 1.0
        constant = math.sin(math.pi * self.hurst) * math.gamma(s) / math.pi
        away = np.where(lam == 0.0, 1.0, lam)
        turns = away / (2.0 * math.pi)
        aliases = (2.0 * math.pi) ** -s * (zeta(s, 1.0 + turns) + zeta(s, 1.0 - turns))
        # The term j = 0 as a power of l times a smooth factor: no overflow near l = 0.
        main = (np.sin(0.5 * away) / away) ** 2 * away ** (2.0 - s)
        density = 2.0 * self.sigma2 * constant * (main + np.sin(0.5 * away) ** 2 * aliases)
        at_zero = self.sigma2 / (2.0 * math.pi) if self.hurst == 0.5 else 0.0
        return np.where(lam == 0.0, at_zero, density)

    def ar_weights(self, n_lags: int) -> FloatArray:
        """Weights of the autoregressive form, pi_0 = 1, to about 1e-8.

        Parameters
        ----------
        n_lags : int
            Largest lag.

        Returns
        -------
        ndarray, shape (n_lags + 1,)
        """
        return self._factor(-1.0, n_lags)

    def ma_weights(self, n_lags: int) -> FloatArray:
        """Weights of the moving average form, psi_0 = 1, to about 1e-8.

        Parameters
        ----------
        n_lags : int
            Largest lag.

        Returns
        -------
        ndarray, shape (n_lags + 1,)
        """
        return self._factor(1.0, n_lags)

    def _factor(self, sign: float, n_lags: int) -> FloatArray:
        """Spectral factor f^(sign / 2), minimum phase, by the cepstrum of its smooth part.

        The pole is split off as (1 - B)^(-d), whose factor is known (Kolmogorov's formula).
        """
        n_lags = _validate.as_integer(n_lags, "n_lags", 0)
        n_fft = scipy.fft.next_fast_len(max(2**17, 8 * (n_lags + 1)), real=True)
        lam = 2.0 * math.pi / n_fft * np.arange(1, n_fft // 2 + 1)
        smooth = np.log(self.spectral_density(lam)) + 2.0 * self.d * np.log(2.0 * np.sin(0.5 * lam))
        smooth = np.concatenate([[2.0 * smooth[0] - smooth[1]], smooth])
        cepstrum = scipy.fft.irfft(smooth, n_fft)
        cepstrum[1 : (n_fft + 1) // 2] *= 2.0
        cepstrum[(n_fft + 1) // 2 :] = 0.0
        cepstrum[0] = 0.0
        factor = scipy.fft.irfft(np.exp(0.5 * sign * scipy.fft.rfft(cepstrum)), n_fft)
        w = fractional.weights(-sign * self.d, n_lags + 1)
        return fractional.convolve_causal(factor[: n_lags + 1], w)


def _binomial(a: float, k: int) -> float:
    value = 1.0
    for i in range(k):
        value *= (a - i) / (i + 1.0)
    return value
