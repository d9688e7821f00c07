"""Paths of vector processes: block circulant embedding, or the block Levinson recursion."""

from __future__ import annotations

import math

import numpy as np
import scipy.fft
from numpy.random import Generator

from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.processes import VARFIMAProcess

# Rounding may leave eigenvalues this far below zero, relative to the largest.
_ROUNDING = 1e-14
_LONGEST_BY_LEVINSON = 20_000


def vector_paths(
    process: VARFIMAProcess, n_obs: int, rows: int, generator: Generator, method: str
) -> FloatArray:
    """Paths (rows, n_obs, k) of the exact law; components of d >= 1/2 are summed ones.

    References
    ----------
    Chan, G. and Wood, A. T. A. (1999). Simulation of stationary Gaussian vector fields. Statistics
    and Computing 9, 265-268.
    """
    whole = [max(0, math.floor(d + 0.5)) for d in process.d]
    level = np.subtract(process.d, whole)
    base = VARFIMAProcess(level, process.ar, process.ma, process.cov)
    paths = _embedded(base, n_obs, rows, generator) if method == "circulant" else None
    if paths is None:
        if n_obs > _LONGEST_BY_LEVINSON:
            allowed = "one with a non-negative circulant embedding at this length"
            raise InvalidInputError("process", allowed, f"{process} at n_obs = {n_obs}")
        paths = _by_levinson(base.autocovariance(n_obs - 1), rows, generator)
    for i, times in enumerate(whole):
        for _ in range(times):
            paths[..., i] = np.cumsum(paths[..., i], axis=1)
    return paths


def _embedded(
    process: VARFIMAProcess, n_obs: int, rows: int, generator: Generator
) -> FloatArray | None:
    """By the roots of the matrices of a block circulant, if there is one without negative ones."""
    for widening in (1, 2, 4):
        values, vectors = np.linalg.eigh(process.circulant_spectrum(widening * n_obs))
        if values.min() >= -_ROUNDING * values.max():
            break
    else:
        return None
    size, k = values.shape
    roots = vectors * np.sqrt(np.maximum(values, 0.0))[:, np.newaxis, :]
    paths = np.empty((rows, n_obs, k))
    for path in paths:
        # The imaginary part would be a second path.
        white = generator.standard_normal((2, size, k))
        drawn = scipy.fft.ifft(np.einsum("jab,jb->ja", roots, white[0] + 1j * white[1]), axis=0)
        path[:] = drawn.real[:n_obs] * math.sqrt(size)
    return paths


def _by_levinson(acov: FloatArray, rows: int, generator: Generator) -> FloatArray:
    """Each value from its predictor on all before, by Whittle's recursion.

    References
    ----------
    Whittle, P. (1963). On the fitting of multivariate autoregressions, and the approximate
    canonical factorization of a spectral density matrix. Biometrika 50, 129-134.
    """
    n_obs, k = len(acov), acov.shape[1]
    shocks = generator.standard_normal((rows, n_obs, k))
    paths = np.empty_like(shocks)
    forward, backward = np.empty((n_obs, k, k)), np.empty((n_obs, k, k))
    ahead, behind = acov[0].copy(), acov[0].copy()
    for t in range(n_obs):
        past = paths[:, :t][:, ::-1]
        paths[:, t] = np.einsum("jab,rjb->ra", forward[:t], past)
        paths[:, t] += shocks[:, t] @ np.linalg.cholesky(ahead).T
        if t == n_obs - 1:
            break
        # What the next lag adds to the t before it.
        delta = acov[t + 1] - np.einsum("jab,jbc->ac", forward[:t], acov[t:0:-1])
        new_forward = np.linalg.solve(behind.T, delta.T).T
        new_backward = np.linalg.solve(ahead.T, delta).T
        kept = forward[:t].copy()
        forward[:t] -= new_forward @ backward[:t][::-1]
        backward[:t] -= new_backward @ kept[::-1]
        forward[t], backward[t] = new_forward, new_backward
        ahead = ahead - new_forward @ delta.T
        behind = behind - new_backward @ delta
    return paths
