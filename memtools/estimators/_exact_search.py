"""Minima of smooth functions that are dear to evaluate: few values, many rows at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from memtools._validate import FloatArray
from memtools.estimators._ordinates import BoolArray

# A power of two: the nodes are exact, and known again where they come again.
_SPACING = 1.0 / 64.0
_AROUND = np.arange(-2, 3)
_TO_QUARTIC = np.linalg.inv(np.vander(_AROUND.astype(float), 5, increasing=True))
_MOST_MOVES = 40

# Called with d and the rows it is wanted of.
RowObjective = Callable[[float, NDArray[np.intp]], FloatArray]


def grid_minima(
    objective: RowObjective,
    starts: FloatArray,
    rows: NDArray[np.intp],
    bounds: tuple[float, float],
) -> tuple[FloatArray, BoolArray]:
    """Minima near the starts from quartics through five nodes of one grid, a row a series.

    All rows share the grid, so that what a value of d costs once is paid once.  The nodes move
    until the minimum is within one and a half spacings of the middle one; of exact local Whittle it
    is then off by less than 5e-6, for most series by 1e-7.  All nodes are inside the bounds.

    Returns
    -------
    d, settled : ndarray, shape (n_rows,)
        Not settled where there is no such minimum within the bounds.
    """
    first, last = math.floor(bounds[0] / _SPACING) + 3, math.ceil(bounds[1] / _SPACING) - 3
    centre = np.clip(np.rint(starts / _SPACING).astype(int), first, last)
    values = np.full((len(starts), 5), np.nan)
    d, settled = starts.copy(), np.zeros(len(starts), dtype=bool)
    moving = np.arange(len(starts))
    for _ in range(_MOST_MOVES):
        _fill(objective, values, centre, moving, rows)
        place, is_minimum = _of_quartics(values[moving])
        d[moving] = (centre[moving] + place) * _SPACING
        settled[moving] = is_minimum & (np.abs(place) <= 1.5)
        steps = np.clip(np.where(is_minimum, np.rint(place), 4.0 * np.sign(place)), -4, 4)
        goals = np.clip(centre[moving] + steps.astype(int), first, last)
        steps = goals - centre[moving]
        going = ~settled[moving] & (steps != 0)
        moving, steps = moving[going], steps[going]
        if not len(moving):
            break
        centre[moving] += steps
        for row, step in zip(moving, steps, strict=True):
            kept = values[row].copy()
            values[row] = np.nan
            if step > 0:
                values[row, :-step] = kept[step:]
            else:
                values[row, -step:] = kept[:step]
    return d, settled


def slope_nodes(point: float) -> tuple[list[float], FloatArray]:
    """Five nodes around a point, and the weights of their values in a quartic's slope there."""
    centre = round(point / _SPACING)
    u = point / _SPACING - centre
    weights = np.array([k * u ** (k - 1) if k else 0.0 for k in range(5)]) @ _TO_QUARTIC
    return [(centre + int(k)) * _SPACING for k in _AROUND], weights / _SPACING


def grid_values(objective: RowObjective, points: FloatArray, rows: NDArray[np.intp]) -> FloatArray:
    """Values at the node next to each row's point."""
    values = np.full((len(points), 1), np.nan)
    _fill(objective, values, np.rint(points / _SPACING).astype(int), np.arange(len(points)), rows)
    return values[:, 0]


def _fill(
    objective: RowObjective,
    values: FloatArray,
    centre: NDArray[np.intp],
    moving: NDArray[np.intp],
    rows: NDArray[np.intp],
) -> None:
    """Evaluate what is NaN, a node at a time for all rows that want it."""
    around = _AROUND if values.shape[1] == 5 else _AROUND[2:3]
    nodes = centre[:, np.newaxis] + around
    wanted = np.zeros(values.shape, dtype=bool)
    wanted[moving] = np.isnan(values[moving])
    for node in np.unique(nodes[wanted]):
        i, j = np.nonzero(wanted & (nodes == node))
        values[i, j] = objective(float(node) * _SPACING, rows[i])


def _of_quartics(values: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Where quartics through five nodes -2..2 are least near the middle; else which way is down."""
    c = np.vecdot(values[:, np.newaxis, :], _TO_QUARTIC)
    u = np.zeros(len(values))
    is_minimum = np.zeros(len(values), dtype=bool)
    for _ in range(20):
        slope = c[:, 1] + u * (2.0 * c[:, 2] + u * (3.0 * c[:, 3] + u * 4.0 * c[:, 4]))
        bend = 2.0 * c[:, 2] + u * (6.0 * c[:, 3] + u * 12.0 * c[:, 4])
        convex = bend > 0.0
        step = np.where(convex, -slope / np.where(convex, bend, 1.0), -2.0 * np.sign(slope))
        wanted = np.clip(u + step, -4.0, 4.0)
        wanted = np.where(is_minimum, u, wanted)
        is_minimum |= convex & (np.abs(wanted - u) < 1e-10)
        u = wanted
        if is_minimum.all():
            break
    lowest = np.where(values[:, 0] < values[:, -1], -1.0, 1.0)
    return np.where(is_minimum, u, lowest), is_minimum


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
