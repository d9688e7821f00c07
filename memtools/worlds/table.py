"""Worlds: explanations of one series with their weights, and d over them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from memtools._validate import FloatArray
from memtools.worlds.profiles import NEVER

NEGLIGIBLE = 12.0
NOISY = "memory under noise"
# How far behind the best in nats, and its least share of an interval.
_NEARLY, _LEAST_SHARE = 8.0, 0.25
_POINTS = 61
AT_A_CYCLE = "long at a cycle"
REGION_OF = {
    "short memory": (0.0, 0.0),
    "spurious": (0.0, 0.0),
    "long memory": (0.0, 0.5),
    "nonstationary": (0.5, 2.5),
    "antipersistent": (-2.0, 0.0),
}


@dataclass(frozen=True, eq=False)
class World:
    """One explanation: a model of the noise under an explanation of the level.

    Attributes
    ----------
    model : str
        "AR(1)", "ARFIMA(0, d, 1)", "fractional noise", "random walk", ...
    level : str
        As `Mean.kind`.
    dates : tuple of int
    says : str
        Its verdict.
    score : float
        Penalised log-likelihood; comparable within a verdict.
    points, chances : ndarray
        d on a grid and its chances given this world; one point where d is fixed.
    spread, spread_chances : ndarray
        The same for the interval: where d is known, 0 or 1, what it would be were it free.
    n_parameters : float
        That the score has paid for.
    weight : float
        Of all worlds; they sum to one.
    group : str
        Among which worlds the chance is shared out: its verdict, but for memory at a cycle.
    """

    model: str
    level: str
    dates: tuple[int, ...]
    says: str
    score: float
    points: FloatArray
    chances: FloatArray
    spread: FloatArray
    spread_chances: FloatArray
    n_parameters: float = 0.0
    weight: float = 0.0
    group: str = ""

    @property
    def d(self) -> float:
        """Mean of d in this world."""
        return float(self.points @ self.chances)

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """d in this world, equal tails; of a world without memory, 0."""
        own = Mixture(self.points, self.chances)
        return own.quantile(0.5 - level / 2.0), own.quantile(0.5 + level / 2.0)


def weighed(worlds: list[World], chances: dict[str, float]) -> list[World]:
    """Worlds with the chance of their verdict shared out among them, heaviest first.

    Parameters
    ----------
    chances : dict of str to float
        Of each group; they sum to one.
    """
    groups: dict[str, list[World]] = {}
    for world in worlds:
        groups.setdefault(world.group or world.says, []).append(world)
    total = sum(chances[group] for group in groups)
    heavy = []
    for group, members in groups.items():
        scores = np.array([world.score for world in members])
        shares = np.exp(scores - scores.max())
        shares *= chances[group] / total / shares.sum()
        heavy += [
            replace(_resolved(world), weight=float(share))
            for world, share in zip(members, shares, strict=True)
            if share > 1e-6 or share == shares.max()
        ]
    return sorted(heavy, key=lambda world: -world.weight)


def with_noise_allowed_for(worlds: list[World]) -> list[World]:
    """The worlds for an interval of d: memory under noise counts where it is nearly as good.

    A moving average takes up added noise and part of the memory with it; the likelihood hardly
    tells the two apart, their d differ by more than their standard errors.
    """
    for says in ("long memory", "nonstationary"):
        own = [world for world in worlds if world.says == says]
        best = max((world.score for world in own), default=-np.inf)
        noisy = [w for w in own if w.model == NOISY and w.score > best - _NEARLY]
        share = _LEAST_SHARE * sum(world.weight for world in own)
        if noisy and noisy[0].weight < share:
            worlds = [w for w in worlds if w is not noisy[0]] + [replace(noisy[0], weight=share)]
    return worlds


def _resolved(world: World) -> World:
    """The world with its grids of log-likelihoods turned into chances of d."""
    if len(world.spread) == 1 or world.group == AT_A_CYCLE:
        return world
    # The end of the grid where the model has no solution of its own is left out.
    barred = np.flatnonzero(world.spread_chances < 0.1 * NEVER)
    first = int(barred[-1]) + 1 if len(barred) else 0
    world = replace(world, spread=world.spread[first:], spread_chances=world.spread_chances[first:])
    if len(world.spread) < 4:
        return replace(world, spread=world.points, spread_chances=world.chances)
    curve = world.spread, world.spread_chances
    known = world.says in ("short memory", "spurious") or world.points[0] != 0.0
    low, high = (-0.49, 0.49) if known and world.points[0] == 0.0 else REGION_OF[world.says]
    low, high = max(low, float(world.spread[0])), min(high, float(world.spread[-1]))
    if known:
        spread, chances = _posterior(*curve, low, high)
        return replace(world, spread=spread, spread_chances=chances)
    points, chances = _posterior(*curve, low, high)
    return replace(world, points=points, chances=chances, spread=points, spread_chances=chances)


def _posterior(
    grid: FloatArray, loglike: FloatArray, low: float, high: float
) -> tuple[FloatArray, FloatArray]:
    """Points of d in [low, high] and their chances, where the likelihood is not negligible."""
    start, stop = low, high
    for _ in range(3):  # of a long series all of it lies between two points of the first grid
        points = np.linspace(start, stop, _POINTS)
        values = _cubic(grid, loglike, points)
        near = np.flatnonzero(values > values.max() - NEGLIGIBLE)
        step = (stop - start) / (_POINTS - 1)
        if len(near) > _POINTS // 3:
            break
        start, stop = max(low, points[near[0]] - step), min(high, points[near[-1]] + step)
    chances = np.exp(values - values.max())
    return points, chances / chances.sum()


def _cubic(grid: FloatArray, values: FloatArray, at: FloatArray) -> FloatArray:
    """The cubic through the four grid values around each point; the grid is even."""
    step = grid[1] - grid[0]
    left = np.clip(((at - grid[0]) / step).astype(int), 1, len(grid) - 3)
    u = (at - grid[left]) / step
    before, here, after, beyond = (values[left + k] for k in (-1, 0, 1, 2))
    return np.asarray(
        -before * u * (u - 1.0) * (u - 2.0) / 6.0
        + here * (u + 1.0) * (u - 1.0) * (u - 2.0) / 2.0
        - after * (u + 1.0) * u * (u - 2.0) / 2.0
        + beyond * (u + 1.0) * u * (u - 1.0) / 6.0
    )


@dataclass(frozen=True, eq=False)
class Mixture:
    """d over all worlds, as points with chances."""

    points: FloatArray
    chances: FloatArray

    def quantile(self, level: float) -> float:
        """The d below which the mixture has a share `level`."""
        below = np.cumsum(self.chances) - 0.5 * self.chances
        return float(np.interp(level, below, self.points))

    def widened(self, factor: float) -> Mixture:
        """Stretched about its median, but not beyond its own ends."""
        middle = self.quantile(0.5)
        points = middle + factor * (self.points - middle)
        return Mixture(points.clip(self.points.min(), self.points.max()), self.chances)


def mixture(worlds: list[World], wide: bool = False) -> Mixture:
    """All worlds' chances of d together; with `wide`, their spreads."""
    points = np.concatenate([w.spread if wide else w.points for w in worlds])
    chances = np.concatenate([w.weight * (w.spread_chances if wide else w.chances) for w in worlds])
    order = np.argsort(points, kind="stable")
    return Mixture(points[order], chances[order] / chances.sum())


def joined(one: Mixture, other: Mixture) -> Mixture:
    """Both, each as likely as the other."""
    points = np.concatenate([one.points, other.points])
    chances = 0.5 * np.concatenate([one.chances, other.chances])
    order = np.argsort(points, kind="stable")
    return Mixture(points[order], chances[order])
