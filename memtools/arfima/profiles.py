"""Inference on single parameters from profiles of the restricted likelihood.

One source for z, P-values and intervals: the likelihood ratio of a value of d or of an AR or MA
coefficient, and Student's t over the confidence distribution of d for regressors.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from memtools._validate import FloatArray
from memtools.arfima.design import Design
from memtools.arfima.distributions import Regression
from memtools.arfima.estimation import Climb, Mode
from memtools.arfima.likelihood import ExactLikelihood
from memtools.arfima.parameters import D_RANGE, Dynamics, Space, minimise
from memtools.arfima.whittle import SAME_MODE
from memtools.results.intervals import ConfidenceInterval, normal_cdf, normal_quantile

Segments = tuple[ConfidenceInterval[float], ...]

# In units of the log-likelihood, and of the parameter.
_TOLERANCE = 1e-6
_END_TOLERANCE = 1e-6
_STEP = 0.4  # of the width of a normal interval
_EDGE = 1e-6
_INSIDE = 1e-3
_ROUNDING = 1e-12
# An AR or MA part beyond this is a difference taken or undone: (d, 0.999) is (d + 1, 0).
_LARGEST_PARTIAL = 0.99
_SHRINK = 0.9
_MAX_SHRINKS = 60
# Standardised distances: what lies beyond the last counts as this, and the grid over d.
_FAR = 6.0
_GRID_STEP = 0.6
_GRID_END = 3.0
_COARSE = 1e-3  # tolerance there, in units of the log-likelihood
# Bartlett's correction: the mean of the ratio at the truth is 1 + this (p + q) / n.  Means over
# processes of benchmarks/cover_arfima.py at n = 250 (seed 11, 150 paths each): 0.86 for p + q = 0,
# 0.8 to 1.2 for 1 and 1.1 to 1.3 for 2; settled with the published table in sight.
_BARTLETT = 20.0
# Where an AR part may cancel an MA part the ratio's law stays wide however long the series
# (Andrews and Cheng, 2012, Econometrica 80): its mean less 1 there, so that (1, 0.3, 1) of AR 0.5
# and MA -0.3 is covered by 93 to 95% (400 paths, n = 250 seed 8, n = 1000 seed 7; 89% without).
_CANCELLING = 0.25
# The mean of a series has no finite variance from d = 1/2 on; of what lies beyond this a mean
# is spoken of as if d were this.
_LAST_D = 0.4945


@dataclass(frozen=True)
class _Held(Space):
    """The natural coordinates (d, AR, MA) with one of them held at a value."""

    index: int = 0
    value: float = 0.0

    @property
    def bounds(self) -> list[tuple[float, float]]:
        free = [self.d_range] + [(-math.inf, math.inf)] * (self.p + self.q)
        free[self.index] = (self.value, self.value)
        return free


class _Level:
    """The restricted likelihood of one level in the natural coordinates."""

    def __init__(self, climb: Climb, floor: float) -> None:
        self.climb = climb
        self.d_range = (floor, D_RANGE[1])
        self.likelihood = ExactLikelihood(climb.level, restricted=True)
        self.names = climb.level.names
        self.freedom = self.likelihood.n_obs - len(self.names)
        self.largest = _LARGEST_PARTIAL

    def model(self, vector: FloatArray) -> Dynamics:
        p = self.climb.space.p
        return Dynamics(float(vector[0]), vector[1 : 1 + p], vector[1 + p :])

    def size(self, vector: FloatArray) -> float:
        """Largest partial autocorrelation; NaN outside the region of stable models."""
        return float(np.abs(self.climb.space.point(self.model(vector))[1:]).max(initial=0.0))

    def objective(self, vector: FloatArray, _space: Space) -> tuple[float, FloatArray]:
        """Minus the restricted log-likelihood and its gradient; infinite outside the region."""
        if not self.size(vector) <= self.largest + _ROUNDING:
            return math.inf, np.zeros(len(vector))
        box = self.climb.space
        point = box.point(self.model(vector))
        value, gradient = self.likelihood.objective(box.clip(point), box)
        if math.isfinite(value):
            gradient = np.asarray(np.linalg.solve(box.jacobian(point).T, gradient), np.float64)
        return value, gradient

    def held(
        self, index: int, value: float, start: FloatArray, tolerance: float
    ) -> tuple[float, FloatArray]:
        """The least objective near `start`, and where, with one coordinate held at a value."""
        box, vector = self.climb.space, start.copy()
        for _ in range(_MAX_SHRINKS):
            vector[index] = value
            if self.size(vector) <= self.largest + _ROUNDING:
                break
            vector[1:] *= _SHRINK
        else:
            return math.inf, start
        space = _Held(box.p, box.q, self.d_range, index=index, value=value)
        metric = self.climb.information(self.model(vector))
        found = minimise(self.objective, space, vector, metric, tolerance)
        return found.objective, found.point


class Profiles:
    """Profiles of the restricted likelihood of one model.

    Parameters
    ----------
    design : Design
    p, q : int
    integration : int
        Number of differences of the fit.
    modes : sequence of Mode
        Of the restricted likelihood, that of the fit first.

    Notes
    -----
    The restricted likelihood is one function of d across the differences that remove a trend
    term, so that d crosses 1/2 freely.  A profile is the lower envelope of the branches that
    start at the modes; where several modes are within reach the set of a parameter is the union
    over them.  AR and MA parts nearer to a unit root than 0.99, which say again what d says, are
    left out unless the fit itself lies there.
    """

    def __init__(
        self, design: Design, p: int, q: int, integration: int, modes: Sequence[Mode]
    ) -> None:
        self.p, self.n_dynamic = p, 1 + p + q
        low = high = integration
        names = [design.level(k).names for k in range(integration + 2)]
        while low > 0 and len(names[low - 1]) > len(names[low]):
            low -= 1
        if len(names[high + 1]) < len(names[high]):
            high += 1
        # A differenced level goes on below -1/2: there the series may need one difference less.
        invertible = low == 0 and modes[0].d > -0.5
        floor = -0.5 if invertible else D_RANGE[0]
        self.range = (low + floor, high + D_RANGE[1])
        self._levels = {
            k: _Level(Climb(design.level(k), Space(p, q)), floor if k == low else D_RANGE[0])
            for k in range(low, high + 1)
        }
        self.tops = self._tops(modes)

    # -- the profile --------------------------------------------------------------------------

    def _tops(self, modes: Sequence[Mode]) -> list[tuple[float, FloatArray]]:
        """Objective and place of each mode in the range, the highest likelihood first."""
        places = [
            np.concatenate([[mode.d], mode.ar, mode.ma])
            for i, mode in enumerate(modes)
            if i == 0 or (mode.integration in self._levels and not self._crosses(mode))
        ]
        some = self._levels[max(self._levels)]
        largest = max(_LARGEST_PARTIAL, some.size(places[0]))
        for level in self._levels.values():
            level.largest = largest
        first, *others = (self.held(0, float(np.clip(v[0], *self.range)), v) for v in places)
        tops = [first, *(top for top in others if some.size(top[1]) < largest - _EDGE)]
        tops.sort(key=lambda top: top[0])
        kept: list[tuple[float, FloatArray]] = []
        for top in tops:
            if all(np.abs(top[1] - other[1]).max() > SAME_MODE for other in kept):
                kept.append(top)
        return kept

    def _crosses(self, mode: Mode) -> bool:
        """True at the end of a level that another level goes on from."""
        d = mode.dynamics.d
        beyond = int(d > D_RANGE[1] - _INSIDE) - int(d < D_RANGE[0] + _INSIDE)
        return beyond != 0 and mode.integration + beyond in self._levels

    def _level_of(self, d: float) -> int:
        """The least differenced level that holds d."""
        return min((k for k in self._levels if d - k <= D_RANGE[1]), default=max(self._levels))

    def held(
        self, index: int, value: float, start: FloatArray, tolerance: float = _TOLERANCE
    ) -> tuple[float, FloatArray]:
        """The least objective near `start`, and where, with one coordinate held at a value."""
        d_axis = np.arange(self.n_dynamic) == 0
        k, vector = self._level_of(value if index == 0 else float(start[0])), start
        for _ in self._levels:
            level = self._levels[k]
            level_value = value - k * (index == 0)
            objective, point = level.held(index, level_value, vector - k * d_axis, tolerance)
            vector = point + k * d_axis
            # At the end of a level's range the maximum may be on the next one.
            move = int(point[0] > D_RANGE[1] - _EDGE) - int(point[0] < D_RANGE[0] + _EDGE)
            if index == 0 or not move or k + move not in self._levels:
                break
            k += move
        return objective, vector

    def _ratio(self, objective: float) -> float:
        """Likelihood ratio statistic over its mean, finite beyond working precision."""
        n_obs = next(iter(self._levels.values())).likelihood.n_obs
        excess = _BARTLETT * (self.n_dynamic - 1) / n_obs
        if 0 < self.p < self.n_dynamic - 1:
            excess = max(excess, _CANCELLING)
        ratio = 2.0 * (objective - self.tops[0][0]) / (1.0 + excess)
        return min(max(ratio, 0.0), _FAR**2)

    def z(self, index: int, value: float, estimate: float) -> float:
        """Signed root of the likelihood ratio of one value of a dynamic parameter."""
        least = min(self.held(index, value, vector)[0] for _, vector in self.tops)
        return math.copysign(math.sqrt(self._ratio(least)), estimate - value)

    def n_within(self, level: float) -> int:
        """Number of modes that the likelihood ratio does not reject."""
        reach = normal_quantile(0.5 + level / 2.0)
        return sum(self._ratio(objective) < reach**2 for objective, _ in self.tops)

    def segments(self, index: int, level: float) -> Segments:
        """The values of a dynamic parameter that the likelihood ratio does not reject."""
        reach = normal_quantile(0.5 + level / 2.0)
        found = [
            ConfidenceInterval(*(self._end(index, top, reach, side) for side in (-1.0, 1.0)))
            for top in self.tops
            if self._ratio(top[0]) < reach**2
        ]
        found.sort()
        merged = found[:1]
        for low, high in found[1:]:
            if low <= merged[-1].high + _END_TOLERANCE:
                merged[-1] = ConfidenceInterval(merged[-1].low, max(high, merged[-1].high))
            else:
                merged.append(ConfidenceInterval(low, high))
        return tuple(merged)

    def _end(self, index: int, mode: tuple[float, FloatArray], reach: float, side: float) -> float:
        """Where the branch left (side -1) or right (+1) of a top passes out of reach."""
        from scipy.optimize import brentq

        top, start = float(mode[1][index]), mode[1]
        limits = self._limits(index)
        limit = limits[int(side > 0.0)]

        @functools.cache
        def gap(at: float) -> float:
            nonlocal start
            objective, start = mode if at == top else self.held(index, at, start)
            # The signed root is nearly linear.
            return math.sqrt(self._ratio(objective)) - reach

        if top == limit:
            return limit
        # Short steps, not to jump over a stretch out of reach to another mode.
        inside, step = top, side * _STEP * reach * self._stderr(index, start)
        while True:
            outside = min(max(inside + step, limits[0]), limits[1])
            if gap(outside) > 0.0:
                return float(brentq(gap, inside, outside, xtol=_END_TOLERANCE))
            if outside == limit:
                return limit
            inside, step = outside, 1.2 * step

    def _limits(self, index: int) -> tuple[float, float]:
        """The range of a dynamic parameter; of those beyond the first lag only in part."""
        if index == 0:
            return self.range
        order = self.p if index <= self.p else self.n_dynamic - 1 - self.p
        largest = next(iter(self._levels.values())).largest
        return (-largest, largest) if order == 1 else (-math.inf, math.inf)

    def _stderr(self, index: int, vector: FloatArray) -> float:
        """Standard error from the information at a place."""
        k = self._level_of(float(vector[0]))
        level = self._levels[k]
        model = level.model(vector - k * (np.arange(self.n_dynamic) == 0))
        covariance = np.linalg.pinv(level.climb.information(model), hermitian=True)
        return min(max(math.sqrt(float(covariance[index, index])), 1e-3), 0.25)

    # -- regressors ---------------------------------------------------------------------------

    def regression(self, names: tuple[str, ...]) -> Regression:
        """Coefficients of regressors over the confidence distribution of d.

        At each d they are those of generalised least squares at the best ARMA part there.  What
        lies beyond the last d that has all the regressors (the mean ends at d = 1/2) counts as
        that d.  Where the ratio falls again towards another mode that way counts as well: with the
        rises alone the mean of (1, 0.3, 1), AR 0.5 and MA -0.3, is covered by 88% at n = 1000.
        """
        tops = [vector for value, vector in self.tops if self._ratio(value) < _GRID_END**2]
        step = _GRID_STEP * self._stderr(0, tops[0])
        ends = min(top[0] for top in tops), max(top[0] for top in tops)
        nodes = [(float(tops[0][0]), 0.0, tops[0])]
        for side, end in zip((-1.0, 1.0), ends, strict=True):
            at, ratio, vector = nodes[0]
            limit = self.range[int(side > 0.0)]
            while (ratio < _GRID_END**2 or side * (end - at) > 0.0) and at != limit:
                at = float(np.clip(at + side * step, *self.range))
                branches = [self.held(0, at, v, _COARSE) for v in (vector, *tops[1:])]
                objective, vector = min(branches, key=lambda branch: branch[0])
                ratio = self._ratio(objective)
                nodes.append((at, ratio, vector))
        nodes.sort(key=lambda node: node[0])
        d, ratios = np.array([node[:2] for node in nodes]).T
        below = np.array([normal_cdf(root) for root in np.sign(d - tops[0][0]) * np.sqrt(ratios)])
        steps = np.abs(np.diff(below, prepend=-below[0], append=2.0 - below[-1]))
        mass = 0.5 * (steps[1:] + steps[:-1])
        beta, stderr = self._along([vector for *_, vector in nodes], names)
        freedom = min(level.freedom for level in self._levels.values()) - self.n_dynamic
        return Regression(names, mass / mass.sum(), beta, stderr, freedom)

    def _along(
        self, vectors: Sequence[FloatArray], names: tuple[str, ...]
    ) -> tuple[FloatArray, FloatArray]:
        """Coefficients and standard errors at dynamics whose d rises."""
        last = max(k for k, lv in self._levels.items() if set(names) <= set(lv.names)) + _LAST_D
        held = self.held(0, min(last, float(vectors[0][0])), vectors[0])[1]
        found = [self._coefficients(held, names)]
        for vector in vectors[1:]:
            found.append(self._coefficients(vector, names) if vector[0] <= last else found[-1])
        beta, stderr = zip(*found, strict=True)
        return np.array(beta), np.array(stderr)

    def _coefficients(
        self, vector: FloatArray, names: tuple[str, ...]
    ) -> tuple[FloatArray, FloatArray]:
        """Generalised least squares at given dynamics: coefficients, standard errors."""
        k = self._level_of(float(vector[0]))
        level = self._levels[k]
        model = level.model(vector - k * (np.arange(self.n_dynamic) == 0))
        profile = level.likelihood.profile(model)
        columns = [level.names.index(name) for name in names]
        variances = np.diag(np.linalg.inv(profile.normal)) * profile.square / level.freedom
        return profile.beta[columns], np.sqrt(variances[columns])
