"""Uncertainty of the estimates: covariance matrix, interval of d, linear hypotheses."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.linalg import block_diag

from memtools import _validate
from memtools._validate import FloatArray
from memtools.arfima.design import Design, Level
from memtools.arfima.estimation import Climb, exact_search
from memtools.arfima.likelihood import ExactLikelihood
from memtools.arfima.parameters import D_RANGE, Dynamics, Minimum, Space, minimise
from memtools.arfima.whittle import WhittleLikelihood
from memtools.exceptions import InvalidInputError
from memtools.results.intervals import normal_quantile

_MAX_CONDITION = 1e12
# Of the partial autocorrelations and d; the gradient is exact to about 1e-9.
_STEP = 1e-3
_PROFILE_TOLERANCE = 1e-6
_END_TOLERANCE = 1e-7
# Beyond this sample size the normal interval is as good as the profile, which costs more.
PROFILE_MAX_OBS = 5000


def covariance(level: Level, model: Dynamics, sigma2: float) -> FloatArray:
    """Blocks of the regression, of (d, AR, MA), and of sigma2.

    NaN for a dynamic block whose information is singular, where AR and MA parts cancel, or
    negative, where the search ended at an edge.
    """
    regression: FloatArray = np.empty((0, 0))
    if level.names:
        normal = ExactLikelihood(level).profile(model).normal
        k = len(level.names)
        regression = sigma2 * np.asarray(np.linalg.inv(normal), dtype=np.float64)[:k, :k]
    if level.markers.shape[1]:
        information = _observed_information(level, model)
    else:
        whittle = WhittleLikelihood(level.values, max(len(model.ar), len(model.ma)))
        information = whittle.information(model)
    dynamic: FloatArray = np.full_like(information, np.nan)
    scale = np.sqrt(np.maximum(np.diag(information), np.finfo(float).tiny))
    spread = np.linalg.eigvalsh(information / np.outer(scale, scale))
    if spread[0] > spread[-1] / _MAX_CONDITION:
        dynamic = np.asarray(np.linalg.inv(information), dtype=np.float64)
    variance = np.array([[2.0 * sigma2**2 / level.n_seen]])
    return np.asarray(block_diag(regression, dynamic, variance))


def _observed_information(level: Level, model: Dynamics) -> FloatArray:
    """Hessian of minus the profile log-likelihood in (d, AR, MA), where gaps leave no spectrum.

    Differences of the gradient, which vanishes at the estimate: no second derivatives of the
    change of coordinates are needed.
    """
    space = Space(len(model.ar), len(model.ma))
    point = space.clip(space.point(model))
    likelihood = ExactLikelihood(level)
    hessian = np.empty((len(point), len(point)))
    for i, (low, high) in enumerate(space.bounds):
        up, down = point.copy(), point.copy()
        up[i], down[i] = min(point[i] + _STEP, high), max(point[i] - _STEP, low)
        change = likelihood.objective(up, space)[1] - likelihood.objective(down, space)[1]
        hessian[i] = change / (up[i] - down[i])
    back = np.linalg.inv(space.jacobian(point))
    return np.asarray(back.T @ (0.5 * (hessian + hessian.T)) @ back)


def d_interval(
    design: Design, p: int, q: int, integration: int, d: float, level: float
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

    def _climb(self, d: float) -> Climb:
        """The searches of the least differenced level that holds d."""
        k = min((k for k in self.climbs if d - k <= D_RANGE[1]), default=max(self.climbs))
        return self.climbs[k]

    def partials(self, ar: FloatArray, ma: FloatArray) -> FloatArray:
        """Partial autocorrelations of natural coefficients."""
        return Space(self.p, self.q).point(Dynamics(0.0, ar, ma))[1:]

    def at(self, d: float, start: FloatArray, free: bool = False) -> tuple[float, Minimum]:
        """The maximum over the ARMA part at fixed d (or over all from there, if `free`)."""
        climb = self._climb(d)
        k = climb.level.integration
        likelihood = ExactLikelihood(climb.level, restricted=True)
        point = np.append(d - k, start[1:])
        if free:
            top = climb.one(likelihood, point)
            return float(top.point[0]) + k, top
        space = Space(self.p, self.q, (d - k, d - k))
        metric = climb.metric(point)
        return d, minimise(likelihood.objective, space, point, metric, _PROFILE_TOLERANCE)

    def end(self, d: float, start: FloatArray, best: float, threshold: float, side: float) -> float:
        """Where the profile left (side -1) or right (+1) of a top crosses the threshold."""
        from scipy.optimize import brentq

        limit = self.range[0] if side < 0.0 else self.range[1]
        if d == limit:
            return limit

        @functools.cache
        def gap(at: float) -> float:
            nonlocal start
            ratio = 0.0
            if at != d:
                _, top = self.at(at, start)
                start = top.point
                ratio = min(2.0 * (top.objective - best), 1e6)  # finite beyond working precision
            # The signed root is nearly linear in d.
            return math.sqrt(max(ratio, 0.0)) - math.sqrt(threshold)

        inside, step = d, side * math.sqrt(threshold) * self._spread(d, start)
        while True:
            outside = min(max(inside + step, self.range[0]), self.range[1])
            if gap(outside) > 0.0:
                return float(brentq(gap, inside, outside, xtol=_END_TOLERANCE))
            if outside == limit:
                return limit
            needed = 1.2 * step * gap(outside) / min(gap(inside) - gap(outside), -1e-9)
            step = side * min(max(abs(needed), abs(step) / 4.0), 2.0 * abs(step))
            inside = outside

    def _spread(self, d: float, point: FloatArray) -> float:
        """Standard error of d from the information at a point of the box."""
        covariance = np.linalg.pinv(self._climb(d).metric(point), hermitian=True)
        return min(max(math.sqrt(float(covariance[0, 0])), 1e-3), 0.25)


def contrast_matrix(
    hypothesis: Any, names: Sequence[str]
) -> tuple[FloatArray, FloatArray, tuple[str, ...]]:
    """Rows, right-hand sides and labels of linear hypotheses."""
    from patsy import DesignInfo, PatsyError

    words = isinstance(hypothesis, str)
    given = hypothesis if words else _validate.as_array(hypothesis, "hypothesis")
    try:
        with np.errstate(divide="raise", invalid="raise"):
            found = DesignInfo(names).linear_constraint(given)
        if not found.coefs.any(axis=1).all():
            raise ValueError("a hypothesis on no parameter")
    except (PatsyError, ValueError, IndexError, ArithmeticError) as error:
        allowed = f"like 'd = 0' with the names {tuple(names)}, or a matrix of a column each"
        got = repr(hypothesis) if words else f"shape {given.shape}"
        raise InvalidInputError("hypothesis", allowed, got) from error
    labels = [part.strip() for part in hypothesis.split(",")] if words else []
    if len(labels) != len(found.coefs):
        labels = [f"c{i}" for i in range(len(found.coefs))]
    return found.coefs, found.constants[:, 0], tuple(labels)
