"""The rival worlds of one series: each model under each explanation of the level, weighed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from memtools._validate import FloatArray
from memtools.worlds.candidates import Candidates
from memtools.worlds.means import Mean
from memtools.worlds.profiles import NEVER, Profiles
from memtools.worlds.shapes import D_GRID, HURST_GRID, LARGEST_AR, NOISE_D

# Name, grid of d, penalised log-likelihood.
Curve: TypeAlias = "tuple[str, np.ndarray, FloatArray]"
# Beyond BIC's, a parameter's price in nats: it sharpens d where the models are few and simple.
_EXTRA = 1.5
_NEGLIGIBLE = 12.0
NOISY = "memory under noise"
# How far behind the best in nats, and its least share of an interval.
_NEARLY, _LEAST_SHARE = 6.0, 0.2
_POINTS = 61
_ZERO = int(np.argmin(np.abs(D_GRID)))
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
        The same for the interval: of a world without memory, what d would be were it free.
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


def all_worlds(found: Candidates) -> list[World]:
    """Every world within reach of the best of its verdict, unweighed."""
    n_obs = found.n_obs
    price = 0.5 * np.log(n_obs) + _EXTRA
    worlds: list[World] = []
    for row, mean in enumerate(found.means):
        cost = mean.n_parameters * price
        spurious = mean.n_parameters > 0.0
        curves = _curves(found.profiles, row, price)
        worlds += _short(found.profiles, row, price, cost, mean, curves, spurious)
        for model, d, curve in curves:
            for says in ("long memory", "antipersistent"):
                worlds += _of_curve(model, d, curve - cost, says, mean.kind, mean.dates)
    worlds += _further(found, price)
    deep = _over_differenced(found, price)
    if deep:
        worlds = [world for world in worlds if world.says != "antipersistent"] + deep
    best: dict[str, float] = {}
    for world in worlds:
        best[world.says] = max(best.get(world.says, -np.inf), world.score)
    return [world for world in worlds if world.score > best[world.says] - _NEGLIGIBLE]


def _curves(profiles: Profiles, row: int, price: float) -> list[Curve]:
    """Name, grid of d and penalised log-likelihood of each family with a free d."""
    found: list[Curve] = []
    for p in range(LARGEST_AR + 1):
        for q in (0, 1):
            curve = profiles.arfima[row, p, q] - (p + q + 1) * price
            found.append((f"ARFIMA({p}, d, {q})", D_GRID, curve))
    found.append(("fractional noise", HURST_GRID - 0.5, profiles.fgn[row] - price))
    noisy = profiles.noisy[row].max(axis=1) - 2.0 * price
    found.append((NOISY, NOISE_D, noisy))
    return found


def _of_curve(
    model: str,
    d: np.ndarray,
    curve: FloatArray,
    says: str,
    level: str,
    dates: tuple[int, ...],
    shift: float = 0.0,
) -> list[World]:
    low, high = REGION_OF[says]
    inside = (d + shift > low - 1e-9) & (d + shift < high + 1e-9)
    if inside.sum() < 3:
        return []
    top = float(curve[inside].max())
    points, chances = np.zeros(1), np.ones(1)
    return [World(model, level, dates, says, top, points, chances, d + shift, curve)]


def _short(
    profiles: Profiles,
    row: int,
    price: float,
    cost: float,
    mean: Mean,
    curves: list[Curve],
    spurious: bool,
) -> Iterator[World]:
    """Worlds without memory; their spread is that of d in the same model with a free d."""
    says = "spurious" if spurious else "short memory"
    named = {model: (d, curve) for model, d, curve in curves}
    kind, dates = mean.kind, mean.dates
    zero, one = np.zeros(1), np.ones(1)

    def made(model: str, score: float, twin: str) -> World:
        d, curve = named[twin]
        return World(model, kind, dates, says, score - cost, zero, one, d, curve)

    for p in range(LARGEST_AR + 1):
        for q in (0, 1):
            score = float(profiles.arfima[row, p, q, _ZERO]) - (p + q) * price
            yield made(_arma_name(p, q), score, f"ARFIMA({p}, d, {q})")
    yield made("MA(2)", float(profiles.moving[row]) - 2.0 * price, "ARFIMA(1, d, 1)")
    order = int(profiles.long_ar_order[row])
    if order > LARGEST_AR:
        long_ar = float(profiles.long_ar[row]) - order * price
        yield made(f"AR({order})", long_ar, f"ARFIMA({LARGEST_AR}, d, 0)")
    tempered = float(profiles.tempered[row].max()) - 2.0 * price
    yield made("a power law that ends", tempered, "ARFIMA(1, d, 0)")


def _arma_name(p: int, q: int) -> str:
    if p and q:
        return f"ARMA({p}, {q})"
    return f"AR({p})" if p else f"MA({q})" if q else "white noise"


def _further(found: Candidates, price: float) -> list[World]:
    """d from 1/2 on, and unit roots: read off the differences, where their spectra are honest."""
    worlds: list[World] = []
    for model, d, curve in _curves(found.differences, 0, price):
        if model != NOISY:
            name = model if model != "fractional noise" else "fractional Brownian motion"
            worlds += _of_curve(name, d, curve, "nonstationary", "constant", (), 1.0)
    for p in range(LARGEST_AR + 1):
        for q in (0, 1):
            score = float(found.differences.arfima[0, p, q, _ZERO]) - (p + q) * price
            steps = _arma_name(p, q)
            name = "random walk" if steps == "white noise" else f"random walk of {steps} steps"
            points, one = np.ones(1), np.ones(1)
            worlds.append(
                World(name, "constant", (), "nonstationary", score, points, one, points, one)
            )
    return worlds


def _over_differenced(found: Candidates, price: float) -> list[World]:
    """Antipersistence below -1/2, read off the sums; none where the series itself says more."""
    row = found.rows["sums"]
    # Without moving averages: a root near 1 would stand for the difference taken too often.
    prices = price * np.arange(LARGEST_AR + 1.0)[:, None]
    own = (found.profiles.arfima[0, :, 0] - prices).max(axis=0)
    if D_GRID[int(own.argmax())] > -0.45:
        return []
    worlds: list[World] = []
    for model, d, curve in _curves(found.profiles, row, price):
        if model.startswith("ARFIMA"):
            worlds += _of_curve(model, d, curve, "antipersistent", "constant", (), -1.0)
    for p in range(LARGEST_AR + 1):
        for q in (0, 1):
            score = float(found.profiles.arfima[row, p, q, _ZERO]) - (p + q) * price
            points, one = -np.ones(1), np.ones(1)
            name = f"{_arma_name(p, q)}, differenced"
            worlds.append(
                World(name, "constant", (), "antipersistent", score, points, one, points, one)
            )
    return worlds


def cycle_world(found: Candidates) -> World:
    """A pole of the spectrum at the highest peak off frequency zero (Gegenbauer)."""
    pole = found.pole
    chances = np.exp(pole.loglike - pole.loglike.max())
    return World(
        f"a pole at a cycle of {pole.period:.3g} observations",
        "constant",
        (),
        "long memory",
        0.0,
        pole.grid,
        chances / chances.sum(),
        pole.grid,
        chances / chances.sum(),
        group=AT_A_CYCLE,
    )


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
    long = [world for world in worlds if world.says == "long memory"]
    best = max((world.score for world in long), default=-np.inf)
    noisy = [w for w in long if w.model == NOISY and w.score > best - _NEARLY]
    total = sum(world.weight for world in long)
    if not noisy or noisy[0].weight > _LEAST_SHARE * total:
        return worlds
    more = replace(noisy[0], weight=_LEAST_SHARE * total)
    return [*(world for world in worlds if world is not noisy[0]), more]


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
    if world.says in ("short memory", "spurious"):
        spread, chances = _posterior(*curve, max(-0.49, world.spread[0]), 0.49)
        return replace(world, spread=spread, spread_chances=chances)
    low, high = REGION_OF[world.says]
    low, high = max(low, float(world.spread[0])), min(high, float(world.spread[-1]))
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
        near = np.flatnonzero(values > values.max() - _NEGLIGIBLE)
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


def mixture(worlds: list[World], wide: bool = False) -> Mixture:
    """All worlds' chances of d together; with `wide`, their spreads."""
    points = np.concatenate([w.spread if wide else w.points for w in worlds])
    chances = np.concatenate([w.weight * (w.spread_chances if wide else w.chances) for w in worlds])
    order = np.argsort(points, kind="stable")
    return Mixture(points[order], chances[order] / chances.sum())
