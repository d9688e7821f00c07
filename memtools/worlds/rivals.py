"""The rival worlds of one series: each model under each explanation of the level."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy.special import chdtrc

from memtools._validate import FloatArray
from memtools.worlds.candidates import Candidates
from memtools.worlds.lagged import CYCLE_D, LAGGED_D, LAGGED_ZERO, largest_order
from memtools.worlds.means import Mean
from memtools.worlds.profiles import Profiles
from memtools.worlds.shapes import D_GRID, D_ZERO, HURST_GRID, LARGEST_AR, NOISE_D, ORDERS, STEPS_D
from memtools.worlds.table import AT_A_CYCLE, NEGLIGIBLE, NOISY, REGION_OF, World

# Beyond BIC's, a parameter's price in nats: it sharpens d where the models are few and simple.
_EXTRA = 1.5
# Where d of the series itself lies when the sums are read instead, and the largest d they may say.
_DEEP, _LEAST_DEEP = -0.45, -0.3
_HAR = "AR of the last 1, 5 and 22 values"


class Curve(NamedTuple):
    """A model with a free d: its log-likelihood on a grid of d."""

    model: str
    d: np.ndarray
    loglike: FloatArray
    n_parameters: float


def price_of(n_obs: int) -> float:
    """Nats that a parameter costs."""
    return 0.5 * float(np.log(n_obs)) + _EXTRA


def all_worlds(found: Candidates) -> list[World]:
    """Every world within reach of the best of its verdict, unweighed."""
    price = price_of(found.n_obs)
    worlds: list[World] = []
    for row, mean in enumerate(found.means):
        curves = _curves(found.profiles, row)
        if row == 0 and found.season is None:
            curves.append(_of_season(found))
            worlds.append(_short_season(found, curves, price))
        worlds += _short(found.profiles, row, price, mean, curves)
        for curve in curves:
            for says in ("long memory", "antipersistent"):
                worlds += _of_curve(curve, says, price, mean)
    worlds += _further(found, price)
    deep = _over_differenced(found, price)
    if deep:
        worlds = [world for world in worlds if world.says != "antipersistent"] + deep
    best: dict[str, float] = {}
    for world in worlds:
        best[world.says] = max(best.get(world.says, -np.inf), world.score)
    return [world for world in worlds if world.score > best[world.says] - NEGLIGIBLE]


def _curves(profiles: Profiles, row: int) -> list[Curve]:
    """Each family with a free d."""
    found: list[Curve] = []
    for p in range(LARGEST_AR + 1):
        for q in (0, 1):
            curve = profiles.arfima[row, p, q]
            found.append(Curve(f"ARFIMA({p}, d, {q})", D_GRID, curve, p + q + 1.0))
    found.append(Curve("fractional noise", HURST_GRID - 0.5, profiles.fgn[row], 1.0))
    found.append(Curve(NOISY, NOISE_D, profiles.noisy[row].max(axis=1), 2.0))
    lagged = profiles.lagged
    order = int(lagged.long_ar_order[row, lagged.long_ar[row].argmax()])
    if order > LARGEST_AR:
        name = f"ARFIMA({order}, d, 0)"
        found.append(Curve(name, LAGGED_D, lagged.long_ar[row], order + 1.0))
    second = int(lagged.second_lag[row, lagged.two_lags[row].argmax()])
    found.append(Curve(f"{_HAR}, with memory", LAGGED_D, lagged.har[row], 4.0))
    name = f"AR of lags 1 and {second}, with memory"
    found.append(Curve(name, LAGGED_D, lagged.two_lags[row], 4.0))
    for order, curve in zip(ORDERS, profiles.exponential.at(D_GRID)[row], strict=True):
        found.append(Curve(f"FEXP({order}, d)", D_GRID, curve, order + 1.0))
    return found


def _of_season(found: Candidates) -> Curve:
    """Memory at zero and at every harmonic of a season."""
    order = int((found.cycles.season.max(axis=0) - price_of(found.n_obs) * np.arange(5.0)).argmax())
    name = f"seasonal fractional noise of {found.period} observations"
    return Curve(name, CYCLE_D, found.cycles.season[:, order], order + 2.0)


def _short_season(found: Candidates, curves: list[Curve], price: float) -> World:
    """An autoregression or moving average at a season."""
    scores = found.cycles.short_season - price * (np.arange(5.0) + 2.0)
    order = int(scores.argmax())
    name, free = f"seasonal ARMA of {found.period} observations", curves[2 * order]
    zero, one = np.zeros(1), np.ones(1)
    score, paid = float(scores[order]), order + 2.0
    curve = free.d, free.loglike
    return World(name, "constant", (), "short memory", score, zero, one, *curve, paid)


def _of_curve(
    curve: Curve, says: str, price: float, mean: Mean | None = None, shift: float = 0.0
) -> list[World]:
    low, high = REGION_OF[says]
    d = curve.d + shift
    inside = (d > low - 1e-9) & (d < high + 1e-9)
    if inside.sum() < 3:
        return []
    kind, dates, paid = ("constant", (), 0.0) if mean is None else _level(mean)
    number = curve.n_parameters + paid
    top = float(curve.loglike[inside].max()) - number * price
    return [
        World(
            model=curve.model,
            level=kind,
            dates=dates,
            says=says,
            score=top,
            points=np.zeros(1),
            chances=np.ones(1),
            spread=d,
            spread_chances=curve.loglike,
            n_parameters=number,
        )
    ]


def _level(mean: Mean) -> tuple[str, tuple[int, ...], float]:
    return mean.kind, mean.dates, mean.n_parameters


def _fixed(model: str, d: float, says: str, loglike: float, price: float, free: Curve) -> World:
    """A world in which d is known; its spread is that of d in the same model with a free d."""
    points, number = np.full(1, d), free.n_parameters - 1.0
    score = loglike - number * price
    spread = free.d + d, free.loglike
    return World(model, "constant", (), says, score, points, np.ones(1), *spread, number)


def _short(
    profiles: Profiles, row: int, price: float, mean: Mean, curves: list[Curve]
) -> Iterator[World]:
    """Worlds without memory; their spread is that of d in the same model with a free d."""
    named = {curve.model: curve for curve in curves}
    kind, dates, paid = _level(mean)
    says = "spurious" if paid > 0.0 else "short memory"
    zero, one = np.zeros(1), np.ones(1)
    for model, loglike, number, twin in _without_memory(profiles, row):
        free, total = named[twin], number + paid
        score = float(loglike) - total * price
        yield World(
            model, kind, dates, says, score, zero, one, free.d, free.loglike, n_parameters=total
        )


def _without_memory(profiles: Profiles, row: int) -> Iterator[tuple[str, float, float, str]]:
    """Model, log-likelihood, number of parameters, and the same or a near model with a free d."""
    for p in range(LARGEST_AR + 1):
        for q in (0, 1):
            loglike = profiles.arfima[row, p, q, D_ZERO]
            yield _arma_name(p, q), loglike, p + q, f"ARFIMA({p}, d, {q})"
    yield "MA(2)", profiles.moving[row], 2.0, "ARFIMA(1, d, 1)"
    near = f"ARFIMA({LARGEST_AR}, d, 0)"
    lagged, waves = profiles.lagged, profiles.exponential
    order, second = lagged.long_ar_order[row, LAGGED_ZERO], lagged.second_lag[row, LAGGED_ZERO]
    if order > LARGEST_AR:
        yield f"AR({order})", lagged.long_ar[row, LAGGED_ZERO], order, near
    yield _HAR, lagged.har[row, LAGGED_ZERO], 3.0, near
    yield f"AR of lags 1 and {second}", lagged.two_lags[row, LAGGED_ZERO], 3.0, near
    for order, loglike in zip(ORDERS, waves.short[row], strict=True):
        yield (
            f"exponential model of {order} term{'s' * (order > 1)}",
            loglike,
            order,
            f"FEXP({order}, d)",
        )
    yield "sum of two AR(1)", profiles.two[row], 3.0, "ARFIMA(1, d, 1)"
    yield "a power law that ends", profiles.tempered[row].max(), 2.0, "ARFIMA(1, d, 0)"


def _arma_name(p: int, q: int) -> str:
    if p and q:
        return f"ARMA({p}, {q})"
    return f"AR({p})" if p else f"MA({q})" if q else "white noise"


def _further(found: Candidates, price: float) -> list[World]:
    """d from 1/2 on, and unit roots: read off the differences, where their spectra are honest."""
    noisy = Curve(NOISY, STEPS_D, found.noisy_steps, 2.0)
    worlds = _of_curve(noisy, "nonstationary", price)
    curves = _curves(found.differences, 0)
    named = {curve.model: curve for curve in curves}
    for curve in curves:
        if curve.model != NOISY:
            if curve.model == "fractional noise":
                curve = curve._replace(model="fractional Brownian motion")
            worlds += _of_curve(curve, "nonstationary", price, shift=1.0)
    for p in range(LARGEST_AR + 1):
        for q in (0, 1):
            loglike = float(found.differences.arfima[0, p, q, D_ZERO])
            steps = _arma_name(p, q)
            name = "random walk" if steps == "white noise" else f"random walk of {steps} steps"
            free = named[f"ARFIMA({p}, d, {q})"]
            worlds.append(_fixed(name, 1.0, "nonstationary", loglike, price, free))
    return worlds


def _over_differenced(found: Candidates, price: float) -> list[World]:
    """Antipersistence below -1/2, read off the sums; none where the series itself says more."""
    row = found.rows["sums"]
    # Without moving averages: a root near 1 would stand for the difference taken too often.
    prices = price * np.arange(LARGEST_AR + 1.0)[:, None]
    own = (found.profiles.arfima[0, :, 0] - prices).max(axis=0)
    # Rough fractional noise has a d of its own above -1/2; with H at 0 it is noise, differenced.
    noise = found.profiles.fgn[0]
    rough = noise.max() > own.max() + 2.0 and HURST_GRID[int(noise.argmax())] > 0.06
    if D_GRID[int(own.argmax())] > _DEEP or rough:
        return []
    worlds: list[World] = []
    named = {curve.model: curve for curve in _curves(found.profiles, row)}
    for model, curve in named.items():
        if model.startswith("ARFIMA"):
            deep = curve.d < 1.0 + _LEAST_DEEP
            curve = curve._replace(d=curve.d[deep], loglike=curve.loglike[deep])
            named[model] = curve
            worlds += _of_curve(curve, "antipersistent", price, shift=-1.0)
    for p in range(LARGEST_AR + 1):
        for q in (0, 1):
            loglike = float(found.profiles.arfima[row, p, q, D_ZERO])
            name = f"{_arma_name(p, q)}, differenced"
            free = named[f"ARFIMA({p}, d, {q})"]
            worlds.append(_fixed(name, -1.0, "antipersistent", loglike, price, free))
    return worlds


def cycle_world(found: Candidates) -> World:
    """A pole of the spectrum at the highest peak off frequency zero (Gegenbauer)."""
    pole = found.pole
    chances = np.exp(pole.loglike - pole.loglike.max())
    chances /= chances.sum()
    return World(
        model=f"a pole at a cycle of {pole.period:.3g} observations",
        level="constant",
        dates=(),
        says="long memory",
        score=0.0,
        points=pole.grid,
        chances=chances,
        spread=pole.grid,
        spread_chances=chances,
        group=AT_A_CYCLE,
    )


def misfit(found: Candidates, world: World) -> float:
    """P-value of a world against an autoregression of order 10 log10 n of its residuals."""
    order = largest_order(found.n_obs)
    # Levelled ordinates are no periodogram, and sums are no series of the others' scale.
    if found.set_aside is not None or world.group == AT_A_CYCLE or world.points[0] < -0.5:
        return 1.0
    if world.says == "nonstationary":
        largest = found.differences.lagged.largest[0]
    else:
        row = [mean.kind for mean in found.means].index(world.level)
        largest = found.profiles.lagged.largest[row]
    own = world.score + world.n_parameters * price_of(found.n_obs)
    gain = max(float(largest.max()) - own, 0.0)
    return float(chdtrc(max(order + 1.0 - world.n_parameters, 1.0), 2.0 * gain))
