"""The dynamic parameters (d, AR, MA): a bounded space without unstable models, searches in it.

AR and MA polynomials are written in their partial autocorrelations, each in (-1, 1): every point
of the box is stationary and invertible, and every such model is a point of the box.

Likelihoods are nearly quadratic in the metric of their information: a quasi-Newton search that
starts from it needs a handful of evaluations where one from the unit matrix needs dozens.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from memtools._validate import FloatArray
from memtools.correlation import levinson_step

# Searches keep partial autocorrelations this far from one: beyond, autocovariances need 10^5 lags.
MARGIN = 1e-3
# Exact likelihoods exist on -1 < d < 1/2; at the ends the autocovariances overflow.
D_RANGE = (-0.98, 0.4995)
# Of the search: its longest, and the largest move of a coordinate in one step, since the quadratic
# model is local.
_MAX_STEPS = 200
_MAX_HALVINGS = 30
_LARGEST_MOVE = 0.5
_SUFFICIENT = 1e-4

# Value and gradient at a point of a space.
Objective = Callable[[FloatArray, "Space"], tuple[float, FloatArray]]


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
        inner = (-1.0 + MARGIN, 1.0 - MARGIN)
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


@dataclass(frozen=True)
class Minimum:
    """Where a search ended."""

    point: FloatArray
    objective: float
    converged: bool


def minimise(
    objective: Objective, space: Space, start: FloatArray, curvature: FloatArray, tolerance: float
) -> Minimum:
    """Local minimum of `objective` in the box of `space`.

    Stops where the quadratic model promises a decrease below `tolerance`.  Steps are
    projected on the box; coordinates held at a bound leave the quadratic model
    (Bertsekas, 1982, SIAM Journal on Control and Optimization 20, 221-246).
    """
    low, high = np.array(space.bounds).T
    x = space.clip(start)
    value, gradient = objective(x, space)
    matrix = curvature.copy()
    fresh = True
    for _ in range(_MAX_STEPS):
        free = ~(((x <= low) & (gradient > 0.0)) | ((x >= high) & (gradient < 0.0)))
        step = np.zeros(len(x))
        step[free] = _solved(matrix[np.ix_(free, free)], -gradient[free])
        promised = -float(gradient @ step)
        if promised <= 2.0 * tolerance:
            return Minimum(x, value, True)
        step *= min(1.0, _LARGEST_MOVE / float(np.abs(step).max()))
        for _halving in range(_MAX_HALVINGS):
            trial = space.clip(x + step)
            trial_value, trial_gradient = objective(trial, space)
            if trial_value <= value + _SUFFICIENT * float(gradient @ (trial - x)):
                break
            step *= 0.5
        else:
            if fresh:  # no descent left even along the information's own direction
                flat = promised <= 1e3 * max(tolerance, np.finfo(float).eps * abs(value))
                return Minimum(x, value, flat)
            matrix, fresh = curvature.copy(), True
            continue
        matrix = _updated(matrix, trial - x, trial_gradient - gradient)
        x, value, gradient, fresh = trial, trial_value, trial_gradient, False
    return Minimum(x, value, False)


def _solved(matrix: FloatArray, vector: FloatArray) -> FloatArray:
    """Solution, of least length where the information of a tiny sample is singular."""
    try:
        return np.asarray(np.linalg.solve(matrix, vector), dtype=np.float64)
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.pinv(matrix, hermitian=True) @ vector, dtype=np.float64)


def _updated(matrix: FloatArray, move: FloatArray, change: FloatArray) -> FloatArray:
    """BFGS with Powell's damping: stays positive definite."""
    image = matrix @ move
    bend, target = float(move @ change), float(move @ image)
    if target <= 0.0:
        return matrix
    if bend < 0.2 * target:
        share = 0.8 * target / (target - bend)
        change = share * change + (1.0 - share) * image
        bend = float(move @ change)
    return matrix - np.outer(image, image) / target + np.outer(change, change) / bend
