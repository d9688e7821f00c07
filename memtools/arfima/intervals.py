"""Confidence intervals for d from the modified profile likelihood."""

from __future__ import annotations

import math

import numpy as np

from memtools._validate import FloatArray
from memtools.arfima.design import Design
from memtools.arfima.estimation import Climb, exact_search
from memtools.arfima.likelihood import ExactLikelihood
from memtools.arfima.parameters import D_RANGE, Dynamics, Minimum, Space, minimise
from memtools.results.intervals import normal_quantile

_PROFILE_TOLERANCE = 1e-6
_END_TOLERANCE = 2e-4
_MAX_STEPS = 60


def d_interval(
    design: Design, p: int, q: int, integration: int, level: float, d: float
) -> tuple[float, float]:
    """Confidence interval for d around the estimate `d`.

    Where the confidence set has several parts (a bimodal likelihood), the part that holds the
    estimate; the part around the highest mode where none does.
    """
    threshold = normal_quantile(0.5 + level / 2.0) ** 2
    segments = d_segments(design, p, q, integration, threshold, d - integration > -0.5)
    return next((s for s in segments if s[0] <= d <= s[1]), segments[0])


def d_segments(
    design: Design, p: int, q: int, integration: int, threshold: float, invertible: bool
) -> list[tuple[float, float]]:
    """The set {d: likelihood ratio statistic of d <= threshold} as intervals.

    The interval around the highest mode comes first.  The restricted likelihood is one
    function of d across the differences that remove a trend term; the set stops at the ends of
    its range: at d = -1/2 for `invertible` models.
    """
    profile = _RestrictedProfile(design, p, q, integration, invertible)
    modes = exact_search(design, p, q, integration, restricted=True)
    within = [mode for mode in modes if mode.d > profile.range[0]]
    tops = []
    for mode in within or modes:
        start = np.append(0.0, profile.partials(mode.ar, mode.ma))
        tops.append(profile.at(max(mode.d, profile.range[0]), start, free=bool(within)))
    tops.sort(key=lambda top: top[1].objective)
    best = tops[0][1].objective
    segments: list[tuple[float, float]] = []
    for d, top in tops:
        if 2.0 * (top.objective - best) > threshold:
            continue
        if any(low <= d <= high for low, high in segments):
            continue
        low, high = (profile.end(d, top.point, best, threshold, side) for side in (-1.0, 1.0))
        segments.append((low, high))
    return segments


class _RestrictedProfile:
    """The restricted likelihood at fixed d, the ARMA part maximised out."""

    def __init__(self, design: Design, p: int, q: int, integration: int, invertible: bool) -> None:
        self.p, self.q = p, q
        counts = {integration: len(design.level(integration).names)}
        low = high = integration
        while low > 0 and len(design.level(low - 1).names) > counts[low]:
            low -= 1
            counts[low] = len(design.level(low).names)
        while len(design.level(high + 1).names) < counts[high]:
            high += 1
            counts[high] = len(design.level(high).names)
        # A differenced level goes on below -1/2: there the series may need one difference less.
        floor = -0.5 if invertible and low == 0 else D_RANGE[0]
        self.range = (low + floor, high + D_RANGE[1])
        self.climbs = {k: Climb(design.level(k), p, q) for k in range(low, high + 1)}

    def partials(self, ar: FloatArray, ma: FloatArray) -> FloatArray:
        """Partial autocorrelations of natural coefficients."""
        return Space(self.p, self.q).point(Dynamics(0.0, ar, ma))[1:]

    def at(self, d: float, start: FloatArray, free: bool = False) -> tuple[float, Minimum]:
        """The maximum over the ARMA part at fixed d (or over all from there, if `free`)."""
        k = min((k for k in self.climbs if d - k <= D_RANGE[1]), default=max(self.climbs))
        climb = self.climbs[k]
        likelihood = ExactLikelihood(climb.level, restricted=True)
        point = np.append(d - k, start[1:])
        if free:
            top = climb.one(likelihood, point)
            return float(top.point[0]) + k, top
        space = Space(self.p, self.q, (d - k, d - k))
        top = minimise(
            lambda point: likelihood.objective(point, space),
            point,
            climb.metric(point),
            space.bounds,
            _PROFILE_TOLERANCE,
        )
        return d, top

    def end(self, d: float, start: FloatArray, best: float, threshold: float, side: float) -> float:
        """Where the profile left (side -1) or right (+1) of a top crosses the threshold."""
        limit = self.range[0] if side < 0.0 else self.range[1]
        if d == limit:
            return limit

        def gap(at: float, start: FloatArray) -> tuple[float, FloatArray]:
            _, top = self.at(at, start)
            ratio = min(2.0 * (top.objective - best), 1e6)  # finite beyond working precision
            # The signed root is nearly linear in d.
            return math.sqrt(max(ratio, 0.0)) - math.sqrt(threshold), top.point

        inside, inside_gap = d, -math.sqrt(threshold)
        step = side * math.sqrt(threshold) * self._spread(d, start)
        for _ in range(_MAX_STEPS):
            outside = inside + step
            if (outside - limit) * side >= 0.0:
                outside = limit
            outside_gap, start = gap(outside, start)
            if outside_gap > 0.0:
                break
            if outside == limit:
                return limit
            rise = abs(outside_gap - inside_gap)
            needed = abs(step) * 1.2 * abs(outside_gap) / rise if rise else math.inf
            inside, inside_gap = outside, outside_gap
            step = side * min(max(needed, abs(step) / 4), 2 * abs(step))
        else:
            return inside
        return self._bisect(gap, start, (inside, inside_gap), (outside, outside_gap))

    @staticmethod
    def _bisect(gap, start, inside, outside) -> float:  # type: ignore[no-untyped-def]
        """Regula falsi (Illinois) between a point inside and one outside."""
        (a, gap_a), (b, gap_b) = inside, outside
        held = 0
        for _ in range(_MAX_STEPS):
            c = (a * gap_b - b * gap_a) / (gap_b - gap_a)
            gap_c, start = gap(c, start)
            if abs(b - a) < _END_TOLERANCE or abs(gap_c) < _END_TOLERANCE:
                return float(c)
            if gap_c > 0.0:
                b, gap_b = c, gap_c
                gap_a = gap_a / 2.0 if held == 1 else gap_a
                held = 1
            else:
                a, gap_a = c, gap_c
                gap_b = gap_b / 2.0 if held == -1 else gap_b
                held = -1
        return float(c)

    def _spread(self, d: float, point: FloatArray) -> float:
        """Standard error of d from the information at a point of the box."""
        k = min((k for k in self.climbs if d - k <= D_RANGE[1]), default=max(self.climbs))
        climb = self.climbs[k]
        covariance = np.linalg.pinv(climb.metric(point), hermitian=True)
        return min(max(math.sqrt(float(covariance[0, 0])), 1e-3), 0.25)
