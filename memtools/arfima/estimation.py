"""Searches for all modes of a likelihood, and the choice of the number of differences."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np

from memtools._validate import FloatArray
from memtools.arfima.design import Design, Level
from memtools.arfima.likelihood import (
    CSS_D_RANGE,
    ConditionalLikelihood,
    ExactLikelihood,
    has_unit_root,
)
from memtools.arfima.parameters import D_RANGE, Dynamics, Minimum, Seasonal, Space, minimise
from memtools.arfima.whittle import LARGEST_D, TOLERANCE, WhittleLikelihood, distinct

MAX_INTEGRATION = 3
# Closer to the end of the range of d than this, the search was stopped by it.
_EDGE = 1e-3
_SPREAD = (-0.2, 0.1, 0.4)
# In units of the log-likelihood.
_TOLERANCE = 1e-8
# Whittle's modes with d between these are searched on both sides of d = 1/2.
_NEAR_HALF = (0.45, 0.6)
# Beyond this Whittle's estimate has lost its footing and the series is differenced.
_DIFFERENCE_FROM = 0.95
_LARGEST_STATIONARY = 0.45
# Whittle's modes further below the highest than this are not searched in the exact likelihood.
_HOPELESS = 20.0
_SCREENED = 1e-4
# Searches start this far inside: autocovariances near a unit root need many lags.
_START_PARTIAL = 0.99
# A non-invertible mode (d <= -1/2) is taken only where its log-likelihood is higher by this.
_NON_INVERTIBLE_PENALTY = 10.0


@dataclass(frozen=True, kw_only=True)
class Mode:
    """One local maximum of a likelihood.

    Attributes
    ----------
    d : float
        Memory parameter of the series itself, differences included.
    ar, ma : ndarray
    loglike : float
        Log-likelihood of the level of that mode.
    integration : int
        Number of differences taken.
    converged : bool
    seasonal : Seasonal or None
    """

    d: float
    ar: FloatArray
    ma: FloatArray
    loglike: float
    integration: int
    converged: bool
    seasonal: Seasonal | None = None

    @property
    def at_zero(self) -> float:
        """Memory at frequency zero, that of the season included."""
        return self.d + (self.seasonal.d if self.seasonal else 0.0)

    @property
    def dynamics(self) -> Dynamics:
        """Dynamics of the differenced level, d less the differences."""
        return Dynamics(self.d - self.integration, self.ar, self.ma, self.seasonal)


def _modes(
    minima: list[Minimum], space: Space, loglikes: list[float], integration: int
) -> list[Mode]:
    models = [space.dynamics(minimum.point) for minimum in minima]
    return [
        Mode(
            d=model.d + integration,
            ar=model.ar,
            ma=model.ma,
            seasonal=model.seasonal,
            loglike=loglike,
            integration=integration,
            converged=minimum.converged,
        )
        for minimum, model, loglike in zip(minima, models, loglikes, strict=True)
    ]


@dataclass(frozen=True)
class WhittleSearch:
    """All Whittle modes of a series at the number of differences they ask for."""

    level: Level
    likelihood: WhittleLikelihood
    space: Space
    minima: list[Minimum]

    def within(self, distance: float) -> list[Minimum]:
        """The minima whose log-likelihood is at most `distance` below the highest."""
        loglikes = [self.likelihood.loglike(minimum.objective) for minimum in self.minima]
        pairs = zip(self.minima, loglikes, strict=True)
        return [minimum for minimum, loglike in pairs if loglike >= loglikes[0] - distance]

    def modes(self) -> list[Mode]:
        """The modes, the chosen one first."""
        loglikes = [self.likelihood.loglike(minimum.objective) for minimum in self.minima]
        modes = _modes(self.minima, self.space, loglikes, self.level.integration)
        return _chosen_first(modes, loglikes)


def whittle_search(
    design: Design, space: Space, integration: int | None, tolerance: float = TOLERANCE
) -> WhittleSearch:
    """Whittle's modes, differencing while the best of them is near d = 1."""
    fixed = integration is not None
    k = integration or 0
    while True:
        if not fixed:
            # The last level is of stationary models, as those of which forecasts are made.
            highest = LARGEST_D if k < MAX_INTEGRATION else D_RANGE[1]
            space = replace(space, d_range=(D_RANGE[0], highest))
        level = design.level(k)
        likelihood = WhittleLikelihood(level.residuals(), max(space.p, space.q), space.season)
        minima = likelihood.modes(space, tolerance)
        if fixed or k == MAX_INTEGRATION or minima[0].point[0] < _DIFFERENCE_FROM:
            return WhittleSearch(level, likelihood, space, minima)
        k += 1


def css_modes(design: Design, space: Space, integration: int | None) -> list[Mode]:
    """Modes of the conditional likelihood (in levels unless `integration` is set)."""
    search = whittle_search(design, space, integration)
    level = design.level(integration or 0)
    likelihood = ConditionalLikelihood(level.values, level.design)
    if space.d_range == D_RANGE:
        space = replace(space, d_range=CSS_D_RANGE)
    minima = []
    for whittle in search.minima:
        start = whittle.point.copy()
        start[0] += search.level.integration - level.integration
        curvature = search.likelihood.curvature(whittle.point, search.space)
        tolerance = _TOLERANCE / likelihood.n_obs
        minima.append(minimise(likelihood.objective, space, start, curvature, tolerance))
    minima = distinct(minima, space)
    loglikes = [likelihood.loglike(minimum.objective) for minimum in minima]
    return _chosen_first(_modes(minima, space, loglikes, level.integration), loglikes)


def exact_search(
    design: Design, space: Space, integration: int | None, restricted: bool
) -> list[Mode]:
    """All modes of the exact likelihood; the chosen one first, the others by likelihood.

    Where a mode lies near or beyond d = 1/2 the series is also taken once more differenced.  Of
    several modes the one with the highest restricted likelihood nearby is chosen: the estimated
    mean lifts the profile likelihood of modes far below the true d.  With `integration`, a
    `space` whose range of d is one point holds the d of that level there.
    """
    search = whittle_search(design, space, integration)
    starts: dict[int, list[FloatArray]] = defaultdict(list)
    k = search.level.integration
    for minimum in search.within(_HOPELESS):
        d, partials = float(minimum.point[0]), minimum.point[1:]
        if integration is not None:
            starts[k].append(minimum.point)
        elif d < _NEAR_HALF[1]:
            starts[k].append(np.append(min(d, _LARGEST_STATIONARY), partials))
        if d > _NEAR_HALF[0] and integration is None and k < MAX_INTEGRATION:
            starts[k + 1].append(np.append(d - 1.0, partials))
    climbs = {k: Climb(design.level(k), space) for k in starts}
    if len(design.gaps):
        for k, climb in climbs.items():
            starts[k] += climb.spread()
    minima = {k: climbs[k].all(points, restricted) for k, points in starts.items()}
    lowest = min(minima)
    at_edge = minima[lowest][0].point[0] > D_RANGE[1] - 1e-3
    may_rise = integration is None and lowest < MAX_INTEGRATION
    if may_rise and at_edge and lowest + 1 not in minima:
        climbs[lowest + 1] = Climb(design.level(lowest + 1), space)
        points = [np.append(-0.5, m.point[1:]) for m in minima[lowest]]
        minima[lowest + 1] = climbs[lowest + 1].all(points, restricted)
    chosen = lowest
    if len(minima) > 1:
        chosen = _choose_level(climbs, minima, search)
    modes = {k: climbs[k].modes(minima[k]) for k in minima}
    scores = climbs[chosen].restricted_scores(minima[chosen])
    others = [mode for k in modes if k != chosen for mode in modes[k]]
    return [*_chosen_first(modes[chosen], scores), *others]


def screened_modes(design: Design, space: Space, integration: int) -> list[Mode]:
    """Whittle's modes with their exact log-likelihood, the highest first."""
    search = whittle_search(design, space, integration, _SCREENED)
    minima = [
        minimum
        for minimum in search.within(_HOPELESS)
        if not has_unit_root(search.space.dynamics(minimum.point), search.level.n_seen)
    ]
    if not minima:
        return exact_search(design, space, integration, restricted=False)
    modes = Climb(search.level, space).modes(minima)
    return _chosen_first(modes, [mode.loglike for mode in modes])


def _choose_level(
    climbs: dict[int, Climb], minima: dict[int, list[Minimum]], search: WhittleSearch
) -> int:
    """The number of differences to report, of two.

    A difference that removes a trend term leaves the restricted likelihood what it was, so the
    two levels are one function of d and its maximum decides.  Otherwise Whittle's d does.
    """
    low, high = sorted(minima)
    if len(climbs[high].level.names) < len(climbs[low].level.names):
        best = {k: climbs[k].all([m.point for m in minima[k]], True)[0] for k in minima}
        # A top with d < 1/2 belongs to the lower level, whose search may have missed it.
        within = best[high].point[0] + 1.0 >= 0.5
        return high if within and best[high].objective < best[low].objective else low
    whittle = float(search.minima[0].point[0]) + search.level.integration - low
    return high if whittle > 0.5 else low


def _chosen_first(modes: list[Mode], scores: list[float]) -> list[Mode]:
    """The mode of highest score first, with a handicap where its level is not invertible."""
    handicaps = [_NON_INVERTIBLE_PENALTY * (mode.dynamics.d <= -0.5) for mode in modes]
    first = modes[int(np.argmax(np.subtract(scores, handicaps)))]
    others = sorted((m for m in modes if m is not first), key=lambda m: -m.loglike)
    return [first, *others]


class Climb:
    """Searches of the exact likelihood of one level."""

    def __init__(self, level: Level, space: Space) -> None:
        self.level = level
        self.space = space
        # Its information is the metric of the search.
        order = max(space.p, space.q)
        self._whittle = WhittleLikelihood(level.residuals(), order, space.season)

    def metric(self, point: FloatArray) -> FloatArray:
        """Expected Hessian of minus the log-likelihood in the coordinates of the box."""
        return 0.5 * self._whittle.n_obs * self._whittle.curvature(point, self.space)

    def information(self, model: Dynamics) -> FloatArray:
        """Expected Hessian in (d, AR, MA), with a ridge for parts that cancel."""
        information = self._whittle.information(model)
        return information + 1e-6 * float(np.trace(information)) * np.eye(len(information))

    def spread(self) -> list[FloatArray]:
        """Starts over the range of d: a filled series' spectrum does not show all modes."""
        boxes = [replace(self.space, d_range=(d, d)) for d in np.clip(_SPREAD, *self.space.d_range)]
        return [point for box in boxes for point in self._whittle.starts(box)]

    def all(self, starts: list[FloatArray], restricted: bool) -> list[Minimum]:
        """Distinct local minima reached from the starts, lowest first."""
        likelihood = ExactLikelihood(self.level, restricted)
        minima = distinct([self.one(likelihood, start) for start in starts], self.space)
        reached = [minimum for minimum in minima if math.isfinite(minimum.objective)]
        return reached or minima

    def one(self, likelihood: ExactLikelihood, start: FloatArray) -> Minimum:
        """The local minimum reached from one start."""
        start = self.space.clip(start)
        start[1:] = np.clip(start[1:], -_START_PARTIAL, _START_PARTIAL)  # a season's d is within
        return minimise(likelihood.objective, self.space, start, self.metric(start), _TOLERANCE)

    def restricted_scores(self, minima: list[Minimum]) -> list[float]:
        """Restricted log-likelihood (up to a constant) on top of each mode; one needs none."""
        if len(minima) == 1:
            return [0.0]
        likelihood = ExactLikelihood(self.level, restricted=True)
        return [-self.one(likelihood, minimum.point).objective for minimum in minima]

    def modes(self, minima: list[Minimum]) -> list[Mode]:
        """The minima as modes with their unrestricted log-likelihood."""
        likelihood = ExactLikelihood(self.level)
        profiles = [likelihood.profile(self.space.dynamics(m.point)) for m in minima]
        loglikes = [likelihood.loglike(profile) for profile in profiles]
        return _modes(minima, self.space, loglikes, self.level.integration)


def remarks(
    modes: list[Mode], k: int, space: Space, fixed: int | None, n_obs: int, n_gaps: int
) -> list[str]:
    """The reason for non-convergence (or ""), then remarks."""
    best, free = modes[0], space.d_range[0] < space.d_range[1]
    level_d = best.at_zero - best.integration
    problem = ""
    if not best.converged:
        problem = (
            "the search stopped before its tolerance was reached: try a smaller order, "
            "another method or rescaled regressors"
        )
    elif free and best.integration == MAX_INTEGRATION and level_d > D_RANGE[1] - _EDGE:
        problem = f"d is at the end of its range, {MAX_INTEGRATION + 0.5:g}: a curve, not a noise?"
    elif free and fixed is not None and level_d > D_RANGE[1] - _EDGE:
        problem = f"d is at the end of its range: try integration={fixed + 1} or None"
    elif free and level_d < D_RANGE[0] + _EDGE:
        problem = "d is at the lower end of its range: the series may be over-differenced"
    elif best.seasonal and space.season and _at_end(best.seasonal.d, *space.season.d_range):
        problem = "D is at the end of its range: hold it, at 1 for a seasonal difference"
    found = [problem]
    if k:
        found.append(f"d >= 1/2: the model is that of the series differenced {k} time(s)")
    rivals = [m for m in modes[1:] if m.integration == best.integration]
    near = [m for m in rivals if m.loglike > best.loglike - 2.0]
    if near:
        listed = "; ".join(f"d = {m.d:.3f}, log-likelihood {m.loglike:.3f}" for m in near)
        found.append(f"the likelihood has other modes nearly as high or higher: {listed}")
    if n_gaps:
        noun = "gap" if n_gaps == 1 else "gaps"
        found.append(f"{n_gaps} {noun} (NaN): the likelihood is that of {n_obs - n_gaps} values")
    return found


def _at_end(d: float, low: float, high: float) -> bool:
    return low < high and not low + _EDGE < d < high - _EDGE
