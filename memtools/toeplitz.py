"""Exact Gaussian likelihood of a stationary series, superfast.

A covariance matrix R with R[s, t] = gamma(|s - t|) is inverted implicitly: from its prediction
error filter of order n - 1 every product with the inverse is a handful of FFTs (Gohberg and
Semencul), and from its reflection coefficients the determinant is a sum.  The filter comes from
Schur's recursion, O(n^2), for short series and from its generalisation, O(n log^2 n), for long
ones; both run faster than Durbin and Levinson's, whose sums do not vectorise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import ArrayLike, NDArray

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError

# Up to here Schur's O(n^2) recursion is faster than halving; measured.
_LEAF = 1024
# Order of a dense matrix that gaps may need, and numbers in a block of solutions.
_LARGEST_DENSE = 4000
_BLOCK = 2**22


def gaussian_loglike(x: ArrayLike, autocovariance: ArrayLike) -> float:
    """Exact log-likelihood of a zero-mean stationary Gaussian series, constant included.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        The series; its mean is taken as zero.  NaN marks a value that was not observed.
    autocovariance : array_like, shape (n_obs,) or longer
        gamma(0), gamma(1), ..., of a positive definite sequence; further lags are not used.

    Returns
    -------
    float
        -(n log(2 pi) + log det R + x' R^-1 x) / 2.

    Raises
    ------
    InvalidInputError
        Where the autocovariances are too few or not positive definite, or more than 4,000
        values are missing and more than 4,000 observed.

    Notes
    -----
    O(n log^2 n) without gaps.  With gaps it is the exact density of what was observed, with a
    dense matrix of the order of the missing or of the observed values, whichever are fewer.

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
    values, gaps = _validate.as_series_with_gaps(x)
    acov = _validate.as_series(autocovariance, "autocovariance")
    if len(acov) < len(values):
        allowed = f"at least {len(values)} long (lags 0..{len(values) - 1})"
        raise InvalidInputError("autocovariance", allowed, str(len(acov)))
    if gaps.any():
        return _loglike_of_observed(values, gaps, acov)
    inverse = toeplitz_inverse(acov[: len(values)])
    return _log_density(len(values), inverse.log_determinant, inverse.square(values))


def _log_density(n_obs: int, log_determinant: float, square: float) -> float:
    return -0.5 * (n_obs * math.log(2.0 * math.pi) + log_determinant + square)


def _loglike_of_observed(values: FloatArray, gaps: NDArray[np.bool_], acov: FloatArray) -> float:
    """Log-density of the values outside the gaps, by the smaller of two dense matrices."""
    seen = np.flatnonzero(~gaps)
    values, gaps = values[seen[0] : seen[-1] + 1], gaps[seen[0] : seen[-1] + 1]
    missing = np.flatnonzero(gaps)
    if min(len(seen), len(missing)) > _LARGEST_DENSE:
        allowed = f"one with at most {_LARGEST_DENSE} values missing, or observed"
        got = f"{len(missing)} missing and {len(seen)} observed (a dense matrix of either order)"
        raise InvalidInputError("x", allowed, got)
    if len(seen) <= len(missing):
        log_determinant, whitened = _cholesky(acov[np.abs(seen[:, None] - seen)], values[~gaps])
        return _log_density(len(seen), log_determinant, float(whitened @ whitened))
    inverse = toeplitz_inverse(acov[: len(values)])
    # The density at the gaps' best guess, without the gaps' own conditional density.
    weighted = inverse.solve(values)
    log_determinant, whitened = _cholesky(_inverse_at(inverse, missing), weighted[missing])
    square = float(values @ weighted - whitened @ whitened)
    return _log_density(len(seen), inverse.log_determinant + log_determinant, square)


def _cholesky(matrix: FloatArray, vector: FloatArray) -> tuple[float, FloatArray]:
    """log |matrix|, and the vector times the inverse root."""
    from scipy.linalg import cholesky, solve_triangular

    try:
        root = cholesky(matrix, lower=True)
    except np.linalg.LinAlgError:
        allowed, got = "positive definite", "a sequence that is not at the observed lags"
        raise InvalidInputError("autocovariance", allowed, got) from None
    log_determinant = 2.0 * float(np.log(np.diagonal(root)).sum())
    return log_determinant, np.asarray(solve_triangular(root, vector, lower=True))


def _inverse_at(inverse: ToeplitzInverse, positions: NDArray[np.int_]) -> FloatArray:
    """Rows and columns of the inverse at `positions`, in blocks that bound the memory."""
    n_obs = len(inverse.error_filter)
    block = max(1, _BLOCK // n_obs)
    found = np.empty((len(positions), len(positions)))
    for start in range(0, len(positions), block):
        some = positions[start : start + block]
        unit = np.zeros((n_obs, len(some)))
        unit[some, np.arange(len(some))] = 1.0
        found[:, start : start + block] = inverse.solve(unit)[positions]
    return 0.5 * (found + found.T)


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
        transform, head, tail, n_fft = self._projections(np.ascontiguousarray(columns.T))
        head[..., n_obs:] = 0.0
        tail[..., :n_obs] = 0.0
        product = transform * scipy.fft.rfft(head)
        product -= np.conj(transform) * scipy.fft.rfft(tail)
        solution = scipy.fft.irfft(product, n_fft, overwrite_x=True)[..., :n_obs] / self.variance
        return np.ascontiguousarray(solution.T)

    def square(self, x: FloatArray) -> float:
        """x' R^-1 x for a vector, in half the time of `solve`."""
        n_obs = len(self.error_filter)
        _, head, tail, _ = self._projections(x)
        head, tail = head[:n_obs], tail[n_obs:]
        return float(head @ head - tail @ tail) / self.variance

    def _projections(
        self, rows: FloatArray
    ) -> tuple[NDArray[np.complex128], FloatArray, FloatArray, int]:
        """Transform of a; rows correlated with a, then convolved with a, at n_fft places.

        The first n_obs places of the former are L(a)' row, those from n_obs on of the latter
        L(b)' row, since b is a turned round.
        """
        n_fft = scipy.fft.next_fast_len(2 * len(self.error_filter), real=True)
        transform = scipy.fft.rfft(self.error_filter, n_fft)
        spectrum = scipy.fft.rfft(rows, n_fft)
        head = scipy.fft.irfft(np.conj(transform) * spectrum, n_fft, overwrite_x=True)
        tail = scipy.fft.irfft(transform * spectrum, n_fft, overwrite_x=True)
        return transform, head, tail, n_fft

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
    reflections, a, b = _generalised_schur(scaled[1:], scaled[:-1])
    error_filter = np.append(a, 0.0)
    error_filter[1:] += b
    error_filter[0] = 1.0
    inside = np.abs(reflections) < 1.0
    if not inside.all():
        lag = int(np.argmin(inside)) + 1
        got = f"a sequence that is not from lag {lag} on"
        raise InvalidInputError("autocovariance", "positive definite", got)
    logs = np.log1p(-(reflections**2))
    remaining = np.arange(n_obs - 1, 0, -1)
    return ToeplitzInverse(
        error_filter=error_filter,
        variance=float(acov[0] * math.exp(logs.sum())),
        log_determinant=float(n_obs * math.log(acov[0]) + remaining @ logs),
    )


def innovations(
    acov: FloatArray, x: FloatArray, places: NDArray[np.int_] | None = None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """One-step prediction errors of a series and their variances, O(n^2).

    The third array has the errors of unit impulses at `places`, a column a place.
    """
    from memtools import _kernels

    if places is None:
        places = np.empty(0, dtype=np.int_)
    errors, variances = np.empty(len(x)), np.empty(len(x))
    impulses = np.zeros((len(x), len(places)))
    impulses[0, places == 0] = 1.0
    acov, x = np.ascontiguousarray(acov), np.ascontiguousarray(x)
    _kernels.innovations(acov, x, errors, variances, places, impulses)
    return errors, variances, impulses


def _generalised_schur(
    alpha: FloatArray, beta: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Reflection coefficients and polynomials a, b of n steps from n terms of alpha, beta.

    The first half of the steps needs the first half of the terms; it carries the series to
    where the second half starts, and the two halves' polynomials multiply (Ammar and Gragg).
    All products are circular of twice the first half: what wraps around falls on terms not
    needed.
    """
    from memtools import _kernels

    n = len(alpha)
    if n <= _LEAF:
        reflections, a, b = np.empty(n), np.empty(n), np.empty(n)
        _kernels.schur(alpha.copy(), beta.copy(), reflections, a, b)
        return reflections, a, b
    half = scipy.fft.next_fast_len((n + 1) // 2, real=True)
    first, a, b = _generalised_schur(alpha[:half], beta[:half])
    pair = scipy.fft.rfft(np.stack([a, b]), 2 * half)
    series = scipy.fft.rfft(np.stack([alpha, beta]), 2 * half)
    _kernels.carry(pair, series)
    later = scipy.fft.irfft(series, 2 * half, overwrite_x=True)[:, half:n]
    second, a, b = _generalised_schur(later[0], later[1])
    after = scipy.fft.rfft(np.stack([a, b]), 2 * half)
    _kernels.join(pair, after)
    a, b = scipy.fft.irfft(after, 2 * half, overwrite_x=True)[:, :n]
    return np.concatenate([first, second]), a, b
