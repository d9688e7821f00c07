"""Statistics of many series at once, a row each: what the tests of one series rest on.

No product of matrices: its rows may depend on how many they are.
"""

from __future__ import annotations

import math

import numpy as np
import scipy.fft

from memtools._validate import FloatArray
from memtools.correlation import levinson_step

# Lags of the impulse response of an autoregression that count.
_MEMORY = 256


def centred(rows: FloatArray) -> FloatArray:
    """Each row less its mean."""
    return rows - rows.mean(axis=1, keepdims=True)


def first_autocorrelation(rows: FloatArray) -> FloatArray:
    """Autocorrelation at lag 1, its bias -(1 + 3 r) / n taken off; shape (n_rows,)."""
    x, n = centred(rows), rows.shape[1]
    r = np.einsum("ij,ij->i", x[:, 1:], x[:, :-1]) / np.einsum("ij,ij->i", x, x)
    return np.clip(r + (1.0 + 3.0 * r) / n, -0.99, 0.99)


def andrews_lags(r: FloatArray, n_obs: int) -> np.ndarray:
    """Andrews' (1991) plug-in lag of the Bartlett kernel for AR(1), at most n_obs // 4."""
    lags = (1.5 * n_obs) ** (1 / 3) * (2.0 * np.abs(r) / (1.0 - r**2)) ** (2 / 3)
    return np.minimum(lags, n_obs // 4).astype(np.int64)


def autocovariances(x: FloatArray, n_lags: int) -> FloatArray:
    """Autocovariances 0..n_lags of rows that are centred, divisor n; shape (n_rows, n_lags + 1)."""
    n = x.shape[1]
    if n_lags < 16:
        sums = [np.einsum("ij,ij->i", x[:, k:], x[:, : n - k]) for k in range(n_lags + 1)]
        return np.stack(sums, axis=1) / n
    size = scipy.fft.next_fast_len(n + n_lags, real=True)
    power = np.abs(scipy.fft.rfft(x, size)) ** 2
    return np.asarray(scipy.fft.irfft(power, size)[:, : n_lags + 1] / n)


def bartlett_variance(x: FloatArray, lags: np.ndarray) -> FloatArray:
    """Newey and West's long-run variance of rows that are centred, each with its own lag."""
    acov = autocovariances(x, int(lags.max()))
    k = np.arange(acov.shape[1])
    weights = np.maximum(1.0 - k / (lags[:, np.newaxis] + 1.0), 0.0)
    weights[:, 1:] *= 2.0
    return np.asarray((weights * acov).sum(axis=1))


def detrended(rows: FloatArray) -> FloatArray:
    """Each row less its least squares line."""
    x, n = centred(rows), rows.shape[1]
    t = np.arange(n) - 0.5 * (n - 1)
    return x - np.outer(np.vecdot(x, t) / (t @ t), t)


def range_statistic(x: FloatArray, variance: FloatArray) -> FloatArray:
    """Lo's V: the range of the partial sums over sqrt(n variance)."""
    sums = np.cumsum(x, axis=1)
    high, low = np.maximum(sums.max(axis=1), 0.0), np.minimum(sums.min(axis=1), 0.0)
    return np.asarray((high - low) / np.sqrt(x.shape[1] * variance))


def vs_statistic(x: FloatArray, variance: FloatArray) -> FloatArray:
    """V/S: the variance of the partial sums over n variance."""
    return np.asarray(np.cumsum(x, axis=1).var(axis=1) / (x.shape[1] * variance))


def kpss_statistic(x: FloatArray, variance: FloatArray) -> FloatArray:
    """KPSS: the mean square of the partial sums over n variance."""
    sums = np.cumsum(x, axis=1)
    return np.asarray(np.einsum("ij,ij->i", sums, sums) / (x.shape[1] ** 2 * variance))


def phillips_perron_tau(rows: FloatArray, n_lags: int, trend: str = "c") -> FloatArray:
    """Phillips and Perron's (1988) Z_tau, as arch has it."""
    take_off = centred if trend == "c" else detrended
    lagged, now = take_off(rows[:, :-1]), take_off(rows[:, 1:])
    n, k = now.shape[1], 2 if trend == "c" else 3
    squares = np.einsum("ij,ij->i", lagged, lagged)
    rho = np.einsum("ij,ij->i", lagged, now) / squares
    u = now - rho[:, np.newaxis] * lagged
    lambda2 = bartlett_variance(u, np.full(len(u), n_lags))
    gamma0 = np.einsum("ij,ij->i", u, u) / n
    s2 = gamma0 * n / (n - k)
    sigma = np.sqrt(s2 / squares)
    tau = np.sqrt(gamma0 / lambda2) * (rho - 1.0) / sigma
    return np.asarray(tau - 0.5 * (lambda2 - gamma0) / np.sqrt(lambda2) * n * sigma / np.sqrt(s2))


def whittle_score(power: FloatArray) -> FloatArray:
    """Lobato and Robinson's t over all columns: negative under long memory."""
    m = power.shape[1]
    logs = np.log(np.arange(1.0, m + 1.0))
    logs -= logs.mean()
    return np.asarray(math.sqrt(m) * np.vecdot(power, logs) / power.sum(axis=1))


def levinson(acov: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Yule-Walker coefficients of orders 0..p of each row, and their innovation variances.

    Shapes (n_rows, p + 1, p) and (n_rows, p + 1).
    """
    n_rows, p = acov.shape[0], acov.shape[1] - 1
    phi, variance = np.zeros((n_rows, p + 1, p)), np.empty((n_rows, p + 1))
    variance[:, 0], now = acov[:, 0], np.zeros((p, n_rows))
    for k in range(p):
        partial = acov[:, k + 1] - np.einsum("ij,ij->i", phi[:, k, :k], acov[:, k:0:-1])
        partial /= variance[:, k]
        levinson_step(now, k, partial)
        phi[:, k + 1] = now.T
        variance[:, k + 1] = variance[:, k] * (1.0 - partial**2)
    return phi, variance


def lm_statistic(rows: FloatArray, largest: int) -> tuple[FloatArray, np.ndarray]:
    """Robinson's LM statistic of d = 0 on the residuals of an AR of least BIC; and its order.

    sqrt(n) sum_j r_j / j over its asymptotic standard deviation, the root of
    pi^2 / 6 - kappa' Phi^-1 kappa (Tanaka, 1999, theorem 3.3).
    """
    x, n = centred(rows), rows.shape[1]
    phi, variance = levinson(autocovariances(x, largest))
    bic = n * np.log(variance) + math.log(n) * np.arange(largest + 1)
    order = bic.argmin(axis=1)
    statistic = np.empty(len(rows))
    for p in np.unique(order):
        here = order == p
        statistic[here] = _lm(x[here], phi[here, p, :p])
    return statistic, order


def lm_of_order(rows: FloatArray, order: int) -> FloatArray:
    """The same on the residuals of an autoregression of a given order."""
    x = centred(rows)
    return _lm(x, levinson(autocovariances(x, order))[0][:, order])


def _lm(x: FloatArray, phi: FloatArray) -> FloatArray:
    n, p = x.shape[1], phi.shape[1]
    residuals = x[:, p:].copy()
    for k in range(p):
        residuals -= phi[:, k, np.newaxis] * x[:, p - k - 1 : n - k - 1]
    residuals = centred(residuals)
    length = residuals.shape[1]
    size = scipy.fft.next_fast_len(2 * length, real=True)
    harmonic = np.zeros(size)
    harmonic[1:length] = 1.0 / np.arange(1.0, length)
    # sum_j c_j / j by Parseval: autocovariances of zero-padded rows are not wrapped.
    weights = scipy.fft.rfft(harmonic).real * 2.0 / size
    weights[0] /= 2.0
    if size % 2 == 0:
        weights[-1] /= 2.0
    total = np.vecdot(np.abs(scipy.fft.rfft(residuals, size)) ** 2, weights)
    score = math.sqrt(length) * total / np.einsum("ij,ij->i", residuals, residuals)
    return np.asarray(score / np.sqrt(_lm_variance(phi)))


def _lm_variance(phi: FloatArray) -> FloatArray:
    """pi^2 / 6 less what estimating the autoregression takes."""
    n_rows, p = phi.shape
    whole = np.full(n_rows, math.pi**2 / 6.0)
    if p == 0:
        return whole
    impulse = np.zeros((n_rows, _MEMORY))
    impulse[:, 0] = 1.0
    for t in range(1, _MEMORY):
        for k in range(min(p, t)):
            impulse[:, t] += phi[:, k] * impulse[:, t - k - 1]
    harmonic = 1.0 / np.arange(1.0, _MEMORY + 1.0)
    kappa = np.stack([np.vecdot(impulse[:, : _MEMORY - i], harmonic[i:]) for i in range(p)], axis=1)
    acov = np.stack(
        [np.einsum("ij,ij->i", impulse[:, i:], impulse[:, : _MEMORY - i]) for i in range(p)], axis=1
    )
    lag = np.abs(np.subtract.outer(np.arange(p), np.arange(p)))
    taken = np.einsum("ij,ij->i", kappa, np.linalg.solve(acov[:, lag], kappa[..., None])[..., 0])
    return np.maximum(whole - taken, 0.02)
