"""Intervals of d, of a season's D and of lone coefficients of models with a season.

From profiles of the restricted likelihood of the fitted level, walked from the fit: D and a
seasonal AR term say nearly the same, so that the likelihood is far from a parabola there.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, replace

import numpy as np

from memtools._validate import FloatArray
from memtools.arfima.design import Level
from memtools.arfima.estimation import Climb
from memtools.arfima.likelihood import ExactLikelihood
from memtools.arfima.parameters import D_RANGE, Dynamics, Space, minimise
from memtools.results.intervals import ConfidenceInterval, normal_quantile

# Of a walk: its step in standard errors, its longest, and how exactly an end is found.
_STEP, _MOST_STEPS = 1.0, 40
_LEAST_STEP, _LARGEST_STEP = 0.01, 0.1
_END_TOLERANCE = 1e-4
# In units of the log-likelihood.
_TOLERANCE = 1e-6


@dataclass(frozen=True)
class _Held(Space):
    """The box with one coordinate but the first held at a value."""

    index: int = 1
    value: float = 0.0

    @property
    def bounds(self) -> list[tuple[float, float]]:
        bounds = super().bounds
        bounds[self.index] = (self.value, self.value)
        return bounds


class SeasonalProfiles:
    """Likelihood ratios of single parameters of one fit.

    Parameters
    ----------
    level : Level
    space : Space
        With a season; a d or D that is given is a range of one point.
    model : Dynamics
        The fit.
    stderr : ndarray
        Standard errors of `Dynamics.vector`, for the length of steps.

    Attributes
    ----------
    free : list of int
        Places, in `Dynamics.vector`, of what has a profile: d, D and coefficients that are alone in
        their polynomial, so that they are coordinates of the box up to their sign.
    """

    def __init__(self, level: Level, space: Space, model: Dynamics, stderr: FloatArray) -> None:
        self._level, self._space = level, space
        self._likelihood = ExactLikelihood(level, restricted=True)
        self._steps = np.clip(_STEP * np.nan_to_num(stderr), _LEAST_STEP, _LARGEST_STEP)
        self._signs = {0: 1.0, space.at_season: 1.0}
        self._signs |= {b.start: sign for sign, b in space.blocks if b.stop == b.start + 1}
        ends = space.bounds
        self.free = [i for i in sorted(self._signs) if ends[i][0] < ends[i][1]]
        self._top, self._model = self._climbed(space, model)

    def _climbed(self, space: Space, start: Dynamics) -> tuple[float, Dynamics]:
        """The least objective near a model, and where."""
        point = space.clip(space.point(start))
        metric = Climb(self._level, space).metric(point)
        found = minimise(self._likelihood.objective, space, point, metric, _TOLERANCE)
        return found.objective, space.dynamics(found.point)

    def root(self, i: int, value: float, start: Dynamics) -> tuple[float, Dynamics]:
        """Root of the likelihood ratio of a value, and the best model that has it."""
        if i == 0:
            held = replace(self._space, d_range=(value, value))
        else:
            box = self._space
            at = self._signs[i] * value
            held = _Held(box.p, box.q, box.d_range, box.season, index=i, value=at)
        objective, model = self._climbed(held, start)
        return math.sqrt(max(2.0 * (objective - self._top), 0.0)), model

    def z(self, i: int, value: float) -> float:
        """Signed root of the likelihood ratio; NaN beyond the range of the level."""
        low, high = self._limits(i)
        if not low <= value <= high:
            return math.nan
        estimate = float(self._model.vector[i])
        return math.copysign(self.root(i, value, self._model)[0], estimate - value)

    def interval(self, i: int, level: float, normal: FloatArray) -> ConfidenceInterval[float]:
        """Where the likelihood ratio first rejects on either side.

        Where the range of the level ends before, the normal interval may go on.
        """
        reach = normal_quantile(0.5 + level / 2.0)
        low, high = (self._end(i, reach, side) for side in (-1.0, 1.0))
        ends = self._limits(i)
        low = low if low > ends[0] else float(np.fmin(low, normal[0]))
        return ConfidenceInterval(low, high if high < ends[1] else float(np.fmax(high, normal[1])))

    def _end(self, i: int, reach: float, side: float) -> float:
        from scipy.optimize import brentq

        limits, model = self._limits(i), self._model

        @functools.cache
        def gap(at: float) -> float:
            nonlocal model
            found, model = self.root(i, at, model)
            return found - reach

        inside = float(np.clip(model.vector[i], *limits))
        if gap(inside) >= 0.0:  # the fit is at an end of its range
            return inside
        for _ in range(_MOST_STEPS):
            outside = float(np.clip(inside + side * reach * self._steps[i], *limits))
            if gap(outside) > 0.0:
                return float(brentq(gap, inside, outside, xtol=_END_TOLERANCE))
            if outside in limits:
                break
            inside = outside
        return outside

    def _limits(self, i: int) -> tuple[float, float]:
        if i == 0:
            return D_RANGE
        low, high = self._space.bounds[i]
        return low, high
