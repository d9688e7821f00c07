"""Exact Gaussian likelihood of a stationary series: Durbin-Levinson and superfast.

A covariance matrix R with R[s, t] = gamma(|s - t|) is inverted implicitly: from its prediction
error filter of order n - 1 every product with the inverse is a handful of FFTs (Gohberg and
Semencul), and from its reflection coefficients the determinant is a sum.  The filter comes in
O(n^2) by Durbin and Levinson for short series and in O(n log^2 n) by the generalised Schur
algorithm for long ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import ArrayLike

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError

# Where the superfast algorithm overtakes Durbin-Levinson, and its recursion stops; measured.
_CROSSOVER = 1200
_LEAF = 256


def gaussian_loglike(x: ArrayLike, autocovariance: ArrayLike) -> float:
    """Exact log-likelihood of a zero-mean stationary Gaussian series, constant included.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        The series; its mean is taken as zero.
    autocovariance : array_like, shape (n_obs,) or longer
        gamma(0), gamma(1), ..., of a positive definite sequence; further lags are not used.

    Returns
    -------
    float
        -(n log(2 pi) + log det R + x' R^-1 x) / 2.

    Raises
    ------
    InvalidInputError
        Where the autocovariances are too few or not positive definite.

    Notes
    -----
    R: ``ltsa::DLLoglikelihood(r, z)`` profiles the variance and leaves out
    (n / 2)(1 + log 2 pi); ``SuperGauss::dSnorm(x, acf, log = TRUE)`` is this number.

    References
    ----------
    Durbin, J. (1960). The fitting of time-series models. Review of the International
    Statistical Institute 28, 233-244.
    Ammar, G. S. and Gragg, W. B. (1988). Superfast solution of real positive definite Toeplitz
    systems. SIAM Journal on Matrix Analysis and Applications 9, 61-76.

    Examples
    --------
    >>> import memtools as mt
    >>> process = mt.ARFIMAProcess(d=0.3)
    >>> x = [0.5, 1.0, -0.2]
    >>> round(mt.gaussian_loglike(x, process.autocovariance(2)), 6)
    -3.530074
    """
    values = _validate.as_series(x)
    acov = _validate.as_series(autocovariance, "autocovariance")
    n_obs = len(values)
    if len(acov) < n_obs:
        allowed = f"at least {n_obs} long (lags 0..{n_obs - 1})"
        raise InvalidInputError("autocovariance", allowed, str(len(acov)))
    inverse = toeplitz_inverse(acov[:n_obs])
    square = float(values @ inverse.solve(values))
    return -0.5 * (n_obs * math.log(2.0 * math.pi) + inverse.log_determinant + square)


@dataclass(frozen=True)
class ToeplitzInverse:
    """Inverse of a covariance matrix, held by its prediction error filter.

    Attributes
    ----------
    error_filter : ndarray, shape (n_obs,)
        1, -phi_1, ..., -phi_{n-1} of the best predictor from the n - 1 values before.
    variance : float
        Its prediction error variance.
    log_determinant : float
        Of the covariance matrix.
    """

    error_filter: FloatArray
    variance: float
    log_determinant: float

    def solve(self, columns: FloatArray) -> FloatArray:
        """R^-1 times a vector (n_obs,) or each column of a matrix (n_obs, k).

        R^-1 = (L(a) L(a)' - L(b) L(b)') / variance, L lower triangular Toeplitz with first
        columns a, the filter, and b = (0, a_{n-1}, ..., a_1) (Gohberg and Semencul, 1972).
        """
        n_obs = len(self.error_filter)
        rows = np.ascontiguousarray(columns.T)
        n_fft = scipy.fft.next_fast_len(2 * n_obs - 1, real=True)
        a = scipy.fft.rfft(self.error_filter, n_fft)
        reverse = np.concatenate([[0.0], self.error_filter[:0:-1]])
        b = scipy.fft.rfft(reverse, n_fft)
        spectrum = scipy.fft.rfft(rows, n_fft)
        # The transpose of a lower triangular Toeplitz product is a correlation.
        upper_a = scipy.fft.irfft(np.conj(a) * spectrum, n_fft)[..., :n_obs]
        upper_b = scipy.fft.irfft(np.conj(b) * spectrum, n_fft)[..., :n_obs]
        product = a * scipy.fft.rfft(upper_a, n_fft) - b * scipy.fft.rfft(upper_b, n_fft)
        solution = scipy.fft.irfft(product, n_fft)[..., :n_obs] / self.variance
        return np.ascontiguousarray(solution.T)

    def lag_sums(self) -> FloatArray:
        """Weights w with trace(R^-1 dR) = sum_k w_k d gamma(k): sums of R^-1 along diagonals.

        The k-th diagonal of L(a) L(a)' - L(b) L(b)' sums to
        sum_j (n - k - 2 j) a_j a_{j+k}, two correlations.
        """
        a = self.error_filter
        n_obs = len(a)
        n_fft = scipy.fft.next_fast_len(2 * n_obs - 1, real=True)
        lags = np.arange(n_obs)
        transform, weighted = scipy.fft.rfft(a, n_fft), scipy.fft.rfft(lags * a, n_fft)
        plain = scipy.fft.irfft(np.abs(transform) ** 2, n_fft)[:n_obs]
        first = scipy.fft.irfft(np.conj(weighted) * transform, n_fft)[:n_obs]
        sums = ((n_obs - lags) * plain - 2.0 * first) / self.variance
        sums[1:] *= 2.0
        return sums


def toeplitz_inverse(acov: FloatArray) -> ToeplitzInverse:
    """Invert the covariance matrix of autocovariances 0..n_obs - 1.

    Raises
    ------
    InvalidInputError
        Where the sequence is not positive definite.
    """
    n_obs = len(acov)
    if not acov[0] > 0.0:
        raise InvalidInputError("autocovariance", "positive at lag 0", f"{acov[0]:g}")
    scaled = acov / acov[0]
    if n_obs <= _CROSSOVER:
        from memtools import _kernels

        reflections, error_filter = np.empty(n_obs - 1), np.empty(n_obs)
        _kernels.durbin_levinson(scaled, reflections, error_filter)
    else:
        reflections, a, b = _generalised_schur(scaled[1:], scaled[:-1])
        error_filter = np.concatenate([a, [0.0]])
        error_filter[1:] += b
    left = 1.0 - reflections**2
    if not np.all(left > 0.0):
        lag = int(np.argmin(left > 0.0)) + 1
        got = f"a sequence that is not from lag {lag} on"
        raise InvalidInputError("autocovariance", "positive definite", got)
    logs = np.log1p(-(reflections**2))
    remaining = np.arange(n_obs - 1, 0, -1)
    return ToeplitzInverse(
        error_filter=error_filter,
        variance=float(acov[0] * math.exp(logs.sum())),
        log_determinant=float(n_obs * math.log(acov[0]) + remaining @ logs),
    )


def innovations(acov: FloatArray, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """One-step prediction errors of a series and their variances, O(n^2)."""
    from memtools import _kernels

    errors, variances = np.empty(len(x)), np.empty(len(x))
    _kernels.innovations(np.ascontiguousarray(acov), np.ascontiguousarray(x), errors, variances)
    return errors, variances


def _generalised_schur(
    alpha: FloatArray, beta: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Reflection coefficients and polynomials a, b of n steps from n terms of alpha, beta.

    The first half of the steps needs the first half of the terms; it carries the series to
    where the second half starts, and the two halves' polynomials multiply (Ammar and Gragg).
    All products are circular of length n: what wraps around falls on terms not needed.
    """
    n = len(alpha)
    if n <= _LEAF:
        from memtools import _kernels

        reflections, a, b = np.empty(n), np.empty(n), np.empty(n)
        _kernels.schur(alpha.copy(), beta.copy(), reflections, a, b)
        return reflections, a, b
    half = n // 2
    first, a, b = _generalised_schur(alpha[:half], beta[:half])
    n_fft = scipy.fft.next_fast_len(n, real=True)
    pair = scipy.fft.rfft(np.stack([a, b]), n_fft)
    # Reversed polynomials z^half a(1/z): conjugates, turned.
    turn = _turn(half, n_fft)
    reverse = np.conj(pair) * turn
    series = scipy.fft.rfft(np.stack([alpha, beta]), n_fft)
    carried = np.empty_like(series)
    carried[0] = pair[0] * series[0] + pair[1] * series[1]
    carried[1] = reverse[1] * series[0] + reverse[0] * series[1]
    later = scipy.fft.irfft(carried, n_fft, overwrite_x=True)[:, half:n]
    second, a, b = _generalised_schur(later[0], later[1])
    after = scipy.fft.rfft(np.stack([a, b]), n_fft)
    product = np.empty_like(after)
    product[0] = after[0] * pair[0] + after[1] * reverse[1]
    product[1] = after[0] * pair[1] + after[1] * reverse[0]
    a, b = scipy.fft.irfft(product, n_fft, overwrite_x=True)[:, :n]
    return np.concatenate([first, second]), a, b


def _turn(steps: int, n_fft: int) -> np.ndarray[tuple[int, ...], np.dtype[np.complex128]]:
    """exp(-2 pi i steps j / n_fft) for j = 0..n_fft // 2."""
    phase = (-2.0 * math.pi / n_fft) * ((steps * np.arange(n_fft // 2 + 1)) % n_fft)
    return np.asarray(np.exp(1j * phase))
