"""Several series at once: Shimotsu's local Whittle objective and its information."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.fft

from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.spectral import fourier_frequencies

_LOW, _HIGH = -0.499, 0.999
# A matrix of this many ordinates a series or fewer is shrunk towards its diagonal.
_ENOUGH = 5


class Together:
    """Shimotsu's objective over d of several series, its derivative and the information.

    Parameters
    ----------
    values : ndarray, shape (n_obs, k)
        Series that vary.
    m : int
        Number of Fourier ordinates.
    """

    def __init__(self, values: FloatArray, m: int) -> None:
        n_obs, self.k = values.shape
        self.m = m
        self.frequencies = fourier_frequencies(n_obs, m)
        # exp(+i l t) of the papers: the conjugate of what the FFT has.
        w = np.conj(scipy.fft.rfft(values - values.mean(axis=0), axis=0)[1 : m + 1])
        self.scale = np.sqrt(np.mean(np.abs(w) ** 2, axis=0))
        self.w = w / self.scale
        logs = np.log(self.frequencies)
        self.mean_log = float(logs.mean())
        self.turn = 0.5 * (math.pi - self.frequencies)
        # d/dd_a of l^d_a exp(-i (pi - l) d_a / 2), over itself
        self.slopes = logs - 1j * self.turn
        nu = logs - self.mean_log
        self.sum_nu = float(nu @ nu)
        # Of each d: the score's second-order expansion with independent exponential ordinates.
        self.bias = float(np.sum(nu**3)) / (4.0 * self.sum_nu**2)
        few = self.m < _ENOUGH * self.k and self.k > 1
        self.shrinkage = _shrinkage(self.w) if few else 0.0

    def scaled(self, d: FloatArray) -> Any:
        """L_j^-1 w_j."""
        return self.w * np.exp(np.multiply.outer(self.slopes, d))

    def matrix(self, d: FloatArray) -> tuple[FloatArray, FloatArray]:
        """G, and g_ab = mean of Re(slope of part a times conjugate of b)."""
        v = self.scaled(d)
        g = (v.T @ v.conj()).real / self.m
        slopes = ((v * self.slopes[:, np.newaxis]).T @ v.conj()).real / self.m
        return _shrunk(g, self.shrinkage), _shrunk(slopes, self.shrinkage)

    def __call__(self, d: FloatArray) -> tuple[float, FloatArray]:
        g, slopes = self.matrix(d)
        sign, log_det = np.linalg.slogdet(g)
        if sign <= 0.0:
            return math.inf, np.zeros(self.k)
        gradient = 2.0 * np.sum(np.linalg.inv(g) * slopes, axis=1) - 2.0 * self.mean_log
        return float(log_det - 2.0 * self.mean_log * d.sum()), gradient

    def minimum(self, start: FloatArray) -> tuple[FloatArray, bool]:
        """The d of the least objective, and whether the search says so."""
        from scipy.optimize import minimize

        how = {"jac": True, "method": "L-BFGS-B", "bounds": [(_LOW, _HIGH)] * self.k}
        self.require_full_rank()
        start = np.clip(start, _LOW, _HIGH)
        found = minimize(self, start, **how, options={"ftol": 1e-14, "gtol": 1e-9})
        return np.asarray(found.x), bool(found.success)

    def require_full_rank(self) -> None:
        """Refuse series of which one is a combination of others at these frequencies."""
        values, vectors = np.linalg.eigh(self.matrix(np.zeros(self.k))[0])
        if values[0] > 1e-12 * values[-1]:
            return
        parts = np.abs(vectors[:, 0])
        some = np.flatnonzero(parts > 1e-3 * parts.max()).tolist()
        allowed = "series of which none is a combination of the others at low frequencies"
        raise InvalidInputError("x", allowed, f"columns {', '.join(map(str, some[:10]))}")

    def coherence(self, d: FloatArray) -> FloatArray:
        """G with ones on its diagonal."""
        g = self.matrix(d)[0]
        spread = np.sqrt(np.diag(g))
        return np.asarray(g / np.outer(spread, spread))

    def covariance(self, d: FloatArray, stderr: float) -> FloatArray:
        """The inverse of the information with the sums of this m.

        Correlations that are noise would inflate G o G^-1, so that G is shrunk here whatever m;
        `stderr` is that of one series, simulated, whose ratio to the sums' is that of all.
        """
        g = self.matrix(d)[0]
        if self.k > 1 and self.shrinkage == 0.0:
            g = _shrunk(g, _shrinkage(self.scaled(d)))
        product, one = g * np.linalg.inv(g), np.eye(self.k)
        phases = float(np.sum(self.turn**2))
        information = 2.0 * ((product + one) * self.sum_nu + (product - one) * phases)
        return np.asarray(np.linalg.inv(information) * stderr**2 * 4.0 * self.sum_nu)


def _shrunk(g: FloatArray, weight: float) -> FloatArray:
    """Off the diagonal less by this weight."""
    return np.asarray((1.0 - weight) * g + weight * np.diag(np.diag(g)))


def _shrinkage(v: Any) -> float:
    """Ledoit and Wolf's weight of the diagonal, from the ordinates."""
    m = len(v)
    g = (v.T @ v.conj()).real / m
    spread = np.sqrt(np.diag(g))
    u = v / spread
    r = (u.T @ u.conj()).real / m
    products = (u[:, :, np.newaxis] * u[:, np.newaxis, :].conj()).real
    variance = np.sum((products - r) ** 2, axis=0) / m**2
    off = ~np.eye(len(r), dtype=bool)
    return float(np.clip(variance[off].sum() / max((r[off] ** 2).sum(), 1e-300), 0.0, 1.0))
