"""The minimum of an objective that is a parabola to first order, from few values."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np


def smooth_minimum(
    objective: Callable[[float], float],
    start: float,
    spacing: float,
    rough: tuple[float, float],
    bounds: tuple[float, float],
) -> tuple[float, bool]:
    """Minimum near `start` to about 1e-6, and whether it was found.

    Each evaluation costs three FFTs.  Three bracketing points give a parabola; the value at its
    vertex makes a cubic, whose minimum is the answer where the two agree to 2e-4 (its error is
    that of the fourth order).  In the `rough` interval the points close in to 1e-6 instead.
    """
    points = [(d, objective(d)) for d in (start - spacing, start, start + spacing)]
    for count in range(1, 100):
        low = min(range(len(points)), key=lambda k: points[k][1])
        if low in (0, len(points) - 1):  # not bracketed yet: walk on, twice as far
            outward = 1 if low else -1
            walk = points[low][0] + outward * (points[-1][0] - points[0][0])
            if not bounds[0] < points[low][0] < bounds[1]:
                return min(max(points[low][0], bounds[0]), bounds[1]), False
            points.append((walk, objective(walk)))
            points.sort()
            continue
        points = points[low - 1 : low + 2]
        (left, _), (middle, _), (right, _) = points
        in_rough = rough[0] < middle < rough[1]
        vertex = _vertex(points)
        if right - left <= (4e-6 if in_rough else 1e-4):
            return vertex, True
        wider = 1.0 if right - middle > middle - left else -1.0
        if count % 5 == 0:
            vertex = middle + 0.4 * wider * max(right - middle, middle - left)
        elif abs(vertex - middle) < 0.01 * (right - left):  # no cubic through coinciding points
            vertex = middle + 0.02 * wider * (right - left)
        points.append((vertex, objective(vertex)))
        points.sort()
        if not in_rough and right - left <= 0.05:
            answer = _cubic_minimum(points)
            if answer is not None and abs(answer - vertex) < 2e-4:
                return answer, bounds[0] < answer < bounds[1]
    return points[low][0], False


def _vertex(points: Sequence[tuple[float, float]]) -> float:
    """Vertex of the parabola through three points, the middle one no higher than the others."""
    (a, fa), (b, fb), (c, fc) = points
    left, right = (b - a) * (fb - fc), (b - c) * (fb - fa)
    if left == right:  # three equal heights
        return b
    return b - 0.5 * ((b - a) * left - (b - c) * right) / (left - right)


def _cubic_minimum(points: Sequence[tuple[float, float]]) -> float | None:
    """Minimum of the cubic through four points, where it has one among them."""
    d, values = np.array(points).T
    width = d[-1] - d[0]
    u = (d - d[0]) / width
    _, b1, b2, b3 = np.linalg.solve(np.vander(u, 4, increasing=True), values - values[0])
    discriminant = b2 * b2 - 3.0 * b1 * b3
    if discriminant < 0.0:
        return None
    # The root of b1 + 2 b2 u + 3 b3 u^2 with upward curvature, without cancellation.
    root = -b1 / (b2 + math.sqrt(discriminant))
    return float(d[0] + width * root) if 0.0 <= root <= 1.0 else None
