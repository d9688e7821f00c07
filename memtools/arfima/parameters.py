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
SEASONAL_D_RANGE = (-0.4995, 0.4995)
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


@dataclass(frozen=True, eq=False)
class Seasonal:
    """Parts of a model in B^period: (1 - B^s)^d with seasonal AR and MA coefficients."""

    period: int
    d: float
    ar: FloatArray
    ma: FloatArray


@dataclass(frozen=True)
class Dynamics:
    """Memory parameter and ARMA coefficients in statsmodels' signs."""

    d: float
    ar: FloatArray
    ma: FloatArray
    seasonal: Seasonal | None = None

    @property
    def vector(self) -> FloatArray:
        """d, then AR, then MA coefficients; those of the season after them."""
        vector: FloatArray = np.r_[self.d, self.ar, self.ma]
        if self.seasonal is not None:
            vector = np.r_[vector, self.seasonal.d, self.seasonal.ar, self.seasonal.ma]
        return vector

    @property
    def parts(self) -> list[tuple[float, FloatArray, int]]:
        """Polynomials 1 + sign c_1 B^step + ...: sign (that of AR is minus), c and step."""
        found = [(-1.0, self.ar, 1), (1.0, self.ma, 1)]
        if self.seasonal is not None:
            step = self.seasonal.period
            found += [(-1.0, self.seasonal.ar, step), (1.0, self.seasonal.ma, step)]
        return found


@dataclass(frozen=True)
class Season:
    """Orders (P, Q) of a season's parts, its period, and the range of its memory parameter."""

    p: int
    q: int
    period: int
    d_range: tuple[float, float] = SEASONAL_D_RANGE


@dataclass(frozen=True)
class Space:
    """The box of (d, partial autocorrelations of AR, of MA) for one order (p, q).

    With a season (its d, partial autocorrelations of its AR, of its MA) follow, and the first
    coordinate is the memory at zero, d and the season's together, which is what stationarity
    bounds; where d is held it is d.
    """

    p: int
    q: int
    d_range: tuple[float, float] = D_RANGE
    season: Season | None = None

    @classmethod
    def of(cls, model: Dynamics) -> Space:
        """That of the orders of a model."""
        seasonal, season = model.seasonal, None
        if seasonal is not None:
            season = Season(len(seasonal.ar), len(seasonal.ma), seasonal.period)
        return cls(len(model.ar), len(model.ma), season=season)

    @property
    def blocks(self) -> list[tuple[float, slice]]:
        """Sign and place of the coefficients of each polynomial."""
        p, q = self.p, self.q
        found = [(1.0, slice(1, 1 + p)), (-1.0, slice(1 + p, 1 + p + q))]
        if self.season is not None:
            first = self.at_season + 1
            middle = first + self.season.p
            found += [(1.0, slice(first, middle)), (-1.0, slice(middle, middle + self.season.q))]
        return found

    @property
    def at_season(self) -> int:
        """Place of the season's d."""
        return 1 + self.p + self.q

    @property
    def size(self) -> int:
        """Number of coordinates."""
        return self.blocks[-1][1].stop

    @property
    def _together(self) -> bool:
        """True where the first coordinate is d and the season's d together."""
        return self.season is not None and self.d_range[0] < self.d_range[1]

    @property
    def bounds(self) -> list[tuple[float, float]]:
        """Bounds of each coordinate, for an optimiser."""
        bounds = [self.d_range] + [(-1.0 + MARGIN, 1.0 - MARGIN)] * (self.size - 1)
        if self.season is not None:
            low, high = self.season.d_range
            if not self._together and low < high:
                high = min(high, D_RANGE[1] - self.d_range[0])
            bounds[self.at_season] = (low, high)
        return bounds

    def clip(self, point: FloatArray) -> FloatArray:
        """The nearest point of the box, with d itself in its range."""
        low, high = np.array(self.bounds).T
        found = np.clip(point, low, high)
        if self._together:
            at = self.at_season
            ends = found[0] - np.array(self.d_range[::-1])
            found[at] = np.clip(found[at], *np.clip(ends, low[at], high[at]))
        return found

    def dynamics(self, point: FloatArray) -> Dynamics:
        """Natural parameters at a point of the box."""
        parts = [sign * from_partial(point[block]) for sign, block in self.blocks]
        d, seasonal = float(point[0]), None
        if self.season is not None:
            seasonal = Seasonal(self.season.period, float(point[self.at_season]), *parts[2:])
            d -= seasonal.d * self._together
        return Dynamics(d, parts[0], parts[1], seasonal)

    def point(self, dynamics: Dynamics) -> FloatArray:
        """The point of the box at given natural parameters."""
        point = dynamics.vector
        for sign, block in self.blocks:
            point[block] = to_partial(sign * point[block])
        if self._together:
            point[0] += point[self.at_season]
        return point

    def jacobian(self, point: FloatArray) -> FloatArray:
        """Derivatives of the natural parameters (rows) with respect to the point (columns)."""
        jacobian = np.eye(self.size)
        for sign, block in self.blocks:
            jacobian[block, block] = sign * from_partial_with_jacobian(point[block])[1]
        if self._together:
            jacobian[0, self.at_season] = -1.0
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
