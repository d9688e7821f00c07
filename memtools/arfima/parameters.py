"""The dynamic parameters (d, AR, MA): a bounded space that holds no unstable model.

AR and MA polynomials are written in their partial autocorrelations, each in (-1, 1): every point
of the box is stationary and invertible, and every such model is a point of the box.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from memtools._validate import FloatArray
from memtools.correlation import levinson_step

# Searches keep partial autocorrelations this far from one: beyond, autocovariances need 10^5 lags.
_MARGIN = 1e-3
# Exact likelihoods exist on -1 < d < 1/2; at the ends the autocovariances overflow.
D_RANGE = (-0.98, 0.4995)


def from_partial(partial: FloatArray) -> FloatArray:
    """Coefficients phi of 1 - sum phi_j B^j from its partial autocorrelations."""
    return from_partial_with_jacobian(partial)[0]


def from_partial_with_jacobian(partial: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Coefficients and the matrix of their derivatives, (coefficient, partial)."""
    order = len(partial)
    # The coefficients and their derivatives, side by side.
    both = np.zeros((order, 1 + order))
    for k in range(order):
        before = both[:k, 0][::-1].copy()
        levinson_step(both, k, partial[k])
        both[:k, 1 + k] -= before
        both[k, 1:] = np.arange(order) == k
    return both[:, 0], both[:, 1:]


def to_partial(phi: FloatArray) -> FloatArray:
    """Partial autocorrelations of the polynomial 1 - sum phi_j B^j.

    One of them is outside (-1, 1) exactly where the polynomial has a root on or inside the unit
    circle (Barndorff-Nielsen and Schou, 1973, Journal of Multivariate Analysis 3, 408-419).
    """
    rest = np.array(phi, dtype=np.float64)
    partial = np.empty(len(rest))
    for k in range(len(rest) - 1, -1, -1):
        partial[k] = rest[k]
        if abs(rest[k]) >= 1.0:
            partial[:k] = np.nan
            return partial
        head = rest[:k]
        rest = (head + rest[k] * head[::-1]) / (1.0 - rest[k] ** 2)
    return partial


def is_stable(phi: FloatArray) -> bool:
    """True where all roots of 1 - sum phi_j B^j are outside the unit circle."""
    return bool(np.all(np.abs(to_partial(phi)) < 1.0))


@dataclass(frozen=True)
class Dynamics:
    """Memory parameter and ARMA coefficients in statsmodels' signs."""

    d: float
    ar: FloatArray
    ma: FloatArray

    @property
    def vector(self) -> FloatArray:
        """d, then AR, then MA coefficients."""
        return np.concatenate([[self.d], self.ar, self.ma])


@dataclass(frozen=True)
class Space:
    """The box of (d, partial autocorrelations of AR, of MA) for one order (p, q)."""

    p: int
    q: int
    d_range: tuple[float, float] = D_RANGE

    @property
    def bounds(self) -> list[tuple[float, float]]:
        """Bounds of each coordinate, for an optimiser."""
        inner = (-1.0 + _MARGIN, 1.0 - _MARGIN)
        return [self.d_range] + [inner] * (self.p + self.q)

    def clip(self, point: FloatArray) -> FloatArray:
        """The nearest point of the box."""
        low, high = np.array(self.bounds).T
        return np.clip(point, low, high)

    def dynamics(self, point: FloatArray) -> Dynamics:
        """Natural parameters at a point of the box."""
        p = self.p
        ar, ma = from_partial(point[1 : 1 + p]), -from_partial(point[1 + p :])
        return Dynamics(float(point[0]), ar, ma)

    def point(self, dynamics: Dynamics) -> FloatArray:
        """The point of the box at given natural parameters."""
        ar, ma = to_partial(dynamics.ar), to_partial(-dynamics.ma)
        return np.concatenate([[dynamics.d], ar, ma])

    def jacobian(self, point: FloatArray) -> FloatArray:
        """Derivatives of the natural parameters (rows) with respect to the point (columns)."""
        p, q = self.p, self.q
        jacobian = np.zeros((1 + p + q, 1 + p + q))
        jacobian[0, 0] = 1.0
        jacobian[1 : 1 + p, 1 : 1 + p] = from_partial_with_jacobian(point[1 : 1 + p])[1]
        jacobian[1 + p :, 1 + p :] = -from_partial_with_jacobian(point[1 + p :])[1]
        return jacobian
