"""What may lie under the noise: trends, level shifts, slow waves, taken out by least squares."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from memtools._validate import FloatArray

SHIFTS = (1, 2, 3, 4, 5, 8, 12)
_BLOCKS = 200
_SHORTEST = 0.03


@dataclass(frozen=True, eq=False)
class Mean:
    """One explanation of the level and what is left of the series without it.

    Attributes
    ----------
    kind : str
        "constant", "linear trend", "quadratic trend", "broken trend", "slow wave", "1 shift", ...
    residual : ndarray, shape (n_obs,)
    dates : tuple of int
        First observation of each new level, or the bend of a broken trend.
    n_parameters : float
        Beyond the constant; a date counts as one.
    """

    kind: str
    residual: FloatArray
    dates: tuple[int, ...]
    n_parameters: float


@lru_cache(maxsize=16)
def _polynomials(n_obs: int) -> FloatArray:
    t = np.linspace(-1.0, 1.0, n_obs)
    basis, _ = np.linalg.qr(np.stack([np.ones(n_obs), t, t**2], axis=1))
    return basis


def trends(x: FloatArray) -> list[Mean]:
    """Linear, quadratic and broken trends, and one slow wave."""
    n_obs = len(x)
    basis = _polynomials(n_obs)
    parts = basis * (basis.T @ x)
    linear = x - parts[:, 0] - parts[:, 1]
    bend, bent = _bend(linear)
    return [
        Mean("linear trend", linear, (), 1.0),
        Mean("quadratic trend", linear - parts[:, 2], (), 2.0),
        Mean("broken trend", bent, (bend,), 3.0),
        Mean("slow wave", _wave(x), (), 3.0),
    ]


def _bend(linear: FloatArray) -> tuple[int, FloatArray]:
    """The bend of a continuous trend in two pieces: least squares over thirty dates."""
    n_obs = len(linear)
    dates = np.unique(np.linspace(0.1 * n_obs, 0.9 * n_obs, 30).astype(int))
    # Sums of (t - date)+ x_t from the right: the hinge's product with x at every date.
    tail = np.cumsum(linear[::-1])[::-1]
    products = np.cumsum(tail[::-1])[::-1]
    products = np.append(products[1:], 0.0)[dates]
    basis = _polynomials(n_obs)[:, :2]
    length = (n_obs - 1 - dates).astype(float)
    square = length * (length + 1.0) * (2.0 * length + 1.0) / 6.0
    hinge_means = np.stack([_hinge_product(basis[:, i], dates) for i in (0, 1)])
    square -= (hinge_means**2).sum(axis=0)
    best = int(np.argmax(products**2 / square))
    date = int(dates[best])
    hinge = np.maximum(np.arange(n_obs) - date, 0.0)
    hinge -= basis @ (basis.T @ hinge)
    return date, linear - hinge * (hinge @ linear / (hinge @ hinge))


def _hinge_product(column: FloatArray, dates: np.ndarray) -> FloatArray:
    tail = np.cumsum(np.cumsum(column[::-1]))[::-1]
    return np.append(tail[1:], 0.0)[dates]


@lru_cache(maxsize=16)
def _waves(n_obs: int) -> FloatArray:
    t = np.arange(n_obs) / n_obs
    cycles = np.array([0.35, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0])
    found = []
    for cycle in cycles:
        angle = 2.0 * np.pi * cycle * t
        pair, _ = np.linalg.qr(np.stack([np.ones(n_obs), np.cos(angle), np.sin(angle)], axis=1))
        found.append(pair[:, 1:].T)
    return np.concatenate(found)


def _wave(x: FloatArray) -> FloatArray:
    waves = _waves(len(x))
    products = waves @ x
    best = int(np.argmax((products**2).reshape(-1, 2).sum(axis=1)))
    pair = slice(2 * best, 2 * best + 2)
    left = x - products[pair] @ waves[pair]
    return left - left.mean()


def level_shifts(x: FloatArray, numbers: tuple[int, ...] = SHIFTS) -> list[Mean]:
    """The best dates of each number of shifts, by dynamic programming on block sums.

    References
    ----------
    Bai, J. and Perron, P. (2003). Computation and analysis of multiple structural change models.
    Journal of Applied Econometrics 18, 1-22.
    """
    n_obs = len(x)
    sums = np.concatenate([[0.0], np.cumsum(x)])
    edges = np.unique(np.linspace(0, n_obs, min(n_obs, _BLOCKS) + 1).astype(int))
    before = _best_partitions(sums[edges], edges, max(numbers), max(2.0, _SHORTEST * n_obs))
    found = []
    for number in numbers:
        dates = _trace(before, number)
        kind = f"{number} shift" + "s" * (number > 1)
        if dates is None:  # too short for so many
            found.append(Mean(kind, x, (), 2.0 * number))
            continue
        exact = _refined(sums, edges[dates], max(2, int(_SHORTEST * n_obs)))
        found.append(
            Mean(
                kind,
                x - _levels(sums, exact),
                tuple(int(date) for date in exact),
                2.0 * number,
            )
        )
    return found


@lru_cache(maxsize=16)
def _segment_lengths(key: bytes, shortest: float) -> FloatArray:
    """Length from edge i to edge j, infinite where too short."""
    edges = np.frombuffer(key, dtype=np.int64)
    lengths = (edges - edges[:, None]).astype(float)
    lengths[lengths < shortest] = np.inf
    return lengths


def _best_partitions(
    sums: FloatArray, edges: np.ndarray, largest: int, shortest: float
) -> list[np.ndarray]:
    """For each number of segments, the edge before the last one that explains most."""
    lengths = _segment_lengths(edges.astype(np.int64).tobytes(), shortest)
    gains = (sums - sums[:, None]) ** 2 / lengths
    gains[~np.isfinite(lengths)] = -np.inf
    best = gains[0].copy()
    before = [np.zeros(len(edges), dtype=int)]
    for _ in range(largest):
        total = best[:, None] + gains
        chosen = total.argmax(axis=0)
        best = np.take_along_axis(total, chosen[None], axis=0)[0]
        chosen[~np.isfinite(best)] = -1
        before.append(chosen)
    return before


def _trace(before: list[np.ndarray], number: int) -> np.ndarray | None:
    at, dates = len(before[0]) - 1, []
    for k in range(number, 0, -1):
        at = int(before[k][at])
        if at <= 0:
            return None
        dates.append(at)
    return np.array(dates[::-1])


def _refined(sums: FloatArray, dates: np.ndarray, shortest: int) -> np.ndarray:
    """Each date moved to the best observation between its neighbours, twice."""
    n_obs = len(sums) - 1
    if n_obs <= _BLOCKS:
        return dates
    dates = dates.copy()
    reach = -(-n_obs // _BLOCKS)
    for _ in range(2):
        for i in range(len(dates)):
            left = dates[i - 1] if i else 0
            right = dates[i + 1] if i + 1 < len(dates) else n_obs
            low = max(left + shortest, dates[i] - reach)
            high = min(right - shortest, dates[i] + reach)
            if low > high:
                continue
            at = np.arange(low, high + 1)
            gain = (sums[at] - sums[left]) ** 2 / (at - left)
            gain += (sums[right] - sums[at]) ** 2 / (right - at)
            dates[i] = at[int(gain.argmax())]
    return dates


def _levels(sums: FloatArray, dates: np.ndarray) -> FloatArray:
    edges = np.concatenate([[0], dates, [len(sums) - 1]])
    lengths = np.diff(edges)
    return np.repeat(np.diff(sums[edges]) / lengths, lengths)


def remove_trend(x: FloatArray, degree: int) -> FloatArray:
    """What a polynomial of degree 1 or 2 leaves, by least squares."""
    basis = _polynomials(len(x))[:, : degree + 1]
    return x - basis @ (basis.T @ x)


def remove_levels(x: FloatArray, dates: tuple[int, ...]) -> FloatArray:
    """What a mean of its own between each two dates leaves."""
    return x - _levels(np.concatenate([[0.0], np.cumsum(x)]), np.array(dates))
