"""Vector ARFIMA processes: a memory parameter for each component, dynamics between them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import ArrayLike, NDArray

from memtools import _validate, fractional
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.processes._base import as_frequencies

ComplexArray = NDArray[np.complex128]

_FORGOTTEN = 40.0
_NEAREST_ROOT = 1e-4


@dataclass(frozen=True, eq=False)
class VARFIMAProcess:
    """Vector autoregressive fractionally integrated moving average process.

    (I - ar_1 B - ...) diag((1 - B)^d_1, ..., (1 - B)^d_k) X_t = (I + ma_1 B + ...) eps_t.

    Parameters
    ----------
    d : array_like, shape (k,)
        Memory parameters above -1; below 1/2 for a law of second moments.
    ar, ma : array_like, shape (k, k) or (order, k, k)
        One matrix or several; statsmodels' signs.
    cov : array_like, shape (k, k), optional
        Covariance of eps_t, the identity by default.

    Raises
    ------
    InvalidInputError
        Where shapes do not fit, `ar` has a root within 1e-4 of the unit circle, or `cov` is not
        symmetric and positive definite.

    Notes
    -----
    Components whose d is not below 1/2 have no autocovariance; `simulate` draws them at a
    stationary d and sums.

    References
    ----------
    Sowell, F. (1989). Maximum likelihood estimation of fractionally integrated time series
    models. Working paper, Carnegie Mellon University.
    Kechagias, S. and Pipiras, V. (2015). Definitions and representations of multivariate
    long-range dependent time series. Journal of Time Series Analysis 36, 1-25.

    Examples
    --------
    >>> import memtools as mt
    >>> process = mt.VARFIMAProcess([0.1, 0.4], cov=[[1.0, 0.5], [0.5, 1.0]])
    >>> process.autocovariance(1).round(4)
    array([[[1.0195, 0.5569],
            [0.5569, 2.0701]],
    <BLANKLINE>
           [[0.1133, 0.0928],
            [0.2475, 1.3801]]])
    """

    d: tuple[float, ...]
    ar: FloatArray
    ma: FloatArray
    cov: FloatArray

    def __init__(
        self,
        d: ArrayLike,
        ar: ArrayLike = (),
        ma: ArrayLike = (),
        cov: ArrayLike | None = None,
    ) -> None:
        orders = _validate.as_series(d, "d")
        if orders.min() <= -1.0:
            raise InvalidInputError("d", "above -1", f"{orders.min():g}")
        k = len(orders)
        covariance = np.eye(k) if cov is None else _validate.as_array(cov, "cov")
        if covariance.shape != (k, k):
            raise InvalidInputError("cov", f"of shape ({k}, {k})", f"shape {covariance.shape}")
        if not np.array_equal(covariance, covariance.T) or np.linalg.eigvalsh(covariance)[0] <= 0.0:
            allowed = "symmetric and positive definite"
            raise InvalidInputError("cov", allowed, f"{covariance.tolist()}")
        own = {"d": tuple(orders.tolist()), "cov": covariance}
        own |= {"ar": _matrices(ar, k, "ar"), "ma": _matrices(ma, k, "ma")}
        for name, value in own.items():
            object.__setattr__(self, name, value)
        if not self._largest_root() < 1.0 - _NEAREST_ROOT:
            allowed = "of spectral radius below one by 1e-4"
            raise InvalidInputError("ar", allowed, f"radius {self._largest_root():g}")

    def _largest_root(self) -> float:
        p, k = len(self.ar), len(self.d)
        if p == 0:
            return 0.0
        companion = np.eye(p * k, k=-k)
        companion[:k] = np.concatenate(list(self.ar), axis=1)
        return float(np.abs(np.linalg.eigvals(companion)).max())

    def autocovariance(self, n_lags: int) -> FloatArray:
        """Autocovariances E X_{t+h} X_t', h = 0..n_lags, exact.

        Parameters
        ----------
        n_lags : int
            Largest lag.

        Returns
        -------
        ndarray, shape (n_lags + 1, k, k)

        Raises
        ------
        InvalidInputError
            Where a d is not below 1/2.

        Notes
        -----
        Component i with j without dynamics, times their covariance:
        Gamma(1 - d_i - d_j) / (Gamma(1 - d_i) Gamma(1 - d_j)) at lag 0, then the factors
        (h + d_i) / (h + 1 - d_j) (Sowell, 1989).  Each is convolved by FFT with the same entry of
        the autocovariance of the ARMA part, whose spectrum is known at every frequency.
        """
        n_lags = _validate.as_integer(n_lags, "n_lags", 0)
        spectrum = self.circulant_spectrum(n_lags)
        found = scipy.fft.ifft(spectrum, axis=0).real
        return np.asarray(found[: n_lags + 1], dtype=np.float64)

    def circulant_spectrum(self, n_lags: int) -> ComplexArray:
        """Matrices of a block circulant that starts with the autocovariances 0..n_lags.

        Parameters
        ----------
        n_lags : int
            Largest lag.

        Returns
        -------
        ndarray, shape (2 h, k, k)
            Hermitian, at the Fourier frequencies 2 pi j / 2 h, h >= n_lags; not always positive
            semi-definite.
        """
        if not max(self.d) < 0.5:
            raise InvalidInputError("d", "below 1/2 for an autocovariance", f"{max(self.d):g}")
        memory = len(self.ma)
        if len(self.ar):
            memory += math.ceil(_FORGOTTEN * len(self.ar) / -math.log(self._largest_root() or 0.1))
        half = int(scipy.fft.next_fast_len(n_lags + 1 + memory, real=True))
        wrapped = np.empty((2 * half, len(self.d), len(self.d)))
        lags = np.arange(float(half))
        for i, d in enumerate(self.d):
            for j, e in enumerate(self.d):
                first = math.lgamma(1.0 - d - e) - math.lgamma(1.0 - d) - math.lgamma(1.0 - e)
                after, before = (
                    np.cumprod(np.append(math.exp(first), (lags + a) / (lags + 1.0 - b)))
                    for a, b in ((d, e), (e, d))
                )
                # E X_i,t+h X_j,t after the diagonal's own lag; at half the two ends meet.
                wrapped[:half, i, j] = after[:half]
                wrapped[half + 1 :, i, j] = before[1:half][::-1]
                wrapped[half, i, j] = 0.5 * (after[half] + before[half])
        lam = math.pi / half * np.arange(2.0 * half)
        return np.asarray(scipy.fft.fft(wrapped, axis=0) * self._short_spectrum(lam))

    def _short_spectrum(self, lam: FloatArray) -> ComplexArray:
        """ar^-1 ma cov ma* ar*^-1 at frequencies, 2 pi times the spectrum of the ARMA part."""
        eye = np.eye(len(self.d))
        ma, ar = eye + _transfer(self.ma, lam), eye - _transfer(self.ar, lam)
        transfer = np.linalg.solve(ar, ma) if len(self.ar) else ma
        return np.asarray(transfer @ self.cov @ np.swapaxes(transfer.conj(), -1, -2))

    def spectral_density(self, frequencies: ArrayLike) -> ComplexArray:
        """Spectral density matrices.

        Parameters
        ----------
        frequencies : array_like
            Radians per observation in [-pi, pi], not 0 where a d is positive.

        Returns
        -------
        ndarray, of the shape of `frequencies` and (k, k)
            Of the transform sum over h of the autocovariances times exp(-i h l) / 2 pi.
        """
        lam = as_frequencies(frequencies, pole=max(self.d) > 0.0)
        long_run = (1.0 - np.exp(-1j * lam))[..., np.newaxis] ** -np.array(self.d)
        outer = long_run[..., :, np.newaxis] * long_run[..., np.newaxis, :].conj()
        return np.asarray(self._short_spectrum(lam) * outer / (2.0 * math.pi))

    def ma_weights(self, n_lags: int) -> FloatArray:
        """Weights of the moving average form X_t = sum_j psi_j eps_{t-j}, psi_0 = I.

        Parameters
        ----------
        n_lags : int
            Largest lag.

        Returns
        -------
        ndarray, shape (n_lags + 1, k, k)
        """
        n_lags = _validate.as_integer(n_lags, "n_lags", 0)
        k = len(self.d)
        short = np.zeros((n_lags + 1, k, k))
        short[0] = np.eye(k)
        short[1 : len(self.ma) + 1] = self.ma[:n_lags]
        for lag in range(1, n_lags + 1):
            for j, matrix in enumerate(self.ar[:lag], start=1):
                short[lag] += matrix @ short[lag - j]
        rows = [
            fractional.convolve_causal(short[:, i].T, fractional.weights(-d, n_lags + 1)).T
            for i, d in enumerate(self.d)
        ]
        return np.stack(rows, axis=1)


def _matrices(values: ArrayLike, k: int, name: str) -> FloatArray:
    found = _validate.as_array(values, name)
    if found.size == 0:
        return np.empty((0, k, k))
    if found.ndim == 2:
        found = found[np.newaxis]
    if found.ndim != 3 or found.shape[1:] != (k, k):
        raise InvalidInputError(name, f"of shape ({k}, {k}) or (order, {k}, {k})", f"{found.shape}")
    return found


def _transfer(matrices: FloatArray, lam: FloatArray) -> ComplexArray:
    """Sum over j of matrix j times exp(-i j l)."""
    lags = np.arange(1.0, len(matrices) + 1.0)
    return np.asarray(np.tensordot(np.exp(-1j * np.multiply.outer(lam, lags)), matrices, axes=1))
