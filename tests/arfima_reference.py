"""Slow, obvious twins for ARFIMA models: dense matrices, written from the formulas."""

import numpy as np
from scipy.integrate import quad
from scipy.linalg import toeplitz

from tests import reference


def transfer(frequency, d, ar, ma):
    """|ma|^2 / |ar|^2 |1 - exp(-i l)|^(-2 d) of unit innovation variance."""
    z = np.exp(-1j * frequency)
    top = abs(1 + sum(c * z ** (k + 1) for k, c in enumerate(ma))) ** 2
    bottom = abs(1 - sum(c * z ** (k + 1) for k, c in enumerate(ar))) ** 2
    return top / bottom * abs(1 - z) ** (-2 * d)


def autocovariance(d, ar, ma, n_obs):
    """gamma(k) = (1 / pi) int_0^pi f(l) cos(k l) dl, the pole at zero as a weight."""
    found = []
    for k in range(n_obs):

        def smooth(lam, k=k):
            ratio = 2 * np.sin(lam / 2) / lam if lam else 1.0
            return transfer(lam, 0.0, ar, ma) * ratio ** (-2 * d) * np.cos(k * lam)

        weight = {"weight": "alg", "wvar": (-2 * d, 0)}
        found.append(quad(smooth, 0, np.pi, epsabs=1e-12, epsrel=1e-12, limit=900, **weight)[0])
    return np.array(found) / np.pi


def loglike(x, covariance):
    """Gaussian log-density of a zero-mean vector."""
    _, log_determinant = np.linalg.slogdet(covariance)
    square = x @ np.linalg.solve(covariance, x)
    return -0.5 * (len(x) * np.log(2 * np.pi) + log_determinant + square)


def restricted_loglike(x, design, correlation):
    """log of the density of error contrasts with sigma2 profiled out, up to a constant."""
    n_obs, k = design.shape
    # Contrasts: the left null space of the design.
    contrasts = np.linalg.svd(design)[0][:, k:]
    matrix = contrasts.T @ correlation @ contrasts
    z = contrasts.T @ x
    scale = z @ np.linalg.solve(matrix, z)
    return -0.5 * ((n_obs - k) * np.log(scale) + np.linalg.slogdet(matrix)[1])


def conditional_moments(acvf, x, steps):
    """Mean and covariance of the next `steps` values of a zero-mean Gaussian series."""
    n_obs = len(x)
    whole = toeplitz(acvf[: n_obs + steps])
    past, cross, future = whole[:n_obs, :n_obs], whole[n_obs:, :n_obs], whole[n_obs:, n_obs:]
    weights = np.linalg.solve(past, cross.T).T
    return weights @ x, future - weights @ cross.T


def css_innovations(x, d, ar, ma):
    """e_t = x~_t - sum ar_j x~_{t-j} - sum ma_j e_{t-j}, x~ the fractional difference."""
    w = reference.fracdiff(x, d)
    e = []
    for t in range(len(w)):
        value = w[t] - sum(c * w[t - 1 - j] for j, c in enumerate(ar) if t > j)
        e.append(value - sum(c * e[t - 1 - j] for j, c in enumerate(ma) if t > j))
    return np.array(e)
