"""Rival explanations of one series, held against each other on the same likelihood."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from memtools._validate import FloatArray
from memtools.worlds.candidates import Candidates, Options, candidates_of
from memtools.worlds.evidences import evidences_of
from memtools.worlds.rivals import all_worlds, cycle_world, misfit
from memtools.worlds.scorecard import VERDICT_CLASSES, Scorecard, most_likely, shipped_rule
from memtools.worlds.shapes import D_GRID
from memtools.worlds.table import (
    AT_A_CYCLE,
    Mixture,
    World,
    joined,
    mixture,
    weighed,
    with_noise_allowed_for,
)

__all__ = ["MISFIT", "Options", "Weighing", "weigh"]

# Explanations that leave more structure than this p-value allows do not fit.
MISFIT = 1e-3
# Memory that is surely too weak to matter is short where other answers have no more than this.
_ELSEWHERE = 0.1
# Explanations of a verdict less likely than this are no doubt about d, but about the verdict.
_RIVAL = 0.15
# Where the likelihoods alone cover d too rarely, on the training worlds, intervals are stretched.
_WIDER = {"long memory": 1.15, "nonstationary": 1.25, "antipersistent": 1.25}
_WIDER_AT_A_CYCLE = 1.5


@dataclass(frozen=True, eq=False)
class Weighing:
    """What the rival explanations of one series come to.

    Attributes
    ----------
    verdict : str
    chances : dict of str to float
        Of each verdict but "undecided"; they sum to one.
    right : float
        Chance that the likeliest verdict is right.
    error_rate : float
        As calibrated; NaN where undecided.
    worlds : list of World
        With weights, heaviest first.
    points : Mixture
        d over the worlds of the likeliest verdict.
    spread : Mixture
        The same for the interval, over the verdicts that are not unlikely: where worlds without
        memory are the likelier ones, they count with what d would be were it free.
    found : Candidates
    evidences : dict of str to float
    pole : float or None
        Observations a cycle where the memory is at a cycle, not at frequency zero.
    misfit : float
        P-value of the heaviest world against a long autoregression of its residuals.  Below
        MISFIT none fits, and d is local Whittle's.
    """

    verdict: str
    chances: dict[str, float]
    right: float
    error_rate: float
    worlds: list[World]
    points: Mixture
    spread: Mixture
    found: Candidates
    evidences: dict[str, float]
    pole: float | None
    misfit: float

    @property
    def d(self) -> float:
        """Median of d over the worlds of the likeliest verdict."""
        return self.points.quantile(0.5)

    def interval(self, level: float) -> tuple[float, float]:
        """Equal tails of the spread, d included."""
        low, high = self.spread.quantile(0.5 - level / 2), self.spread.quantile(0.5 + level / 2)
        return min(low, self.d), max(high, self.d)

    def best(self, says: str) -> World | None:
        """The heaviest world of a verdict."""
        return next((world for world in self.worlds if world.says == says), None)


def weigh(x: FloatArray, options: Options | None = None) -> Weighing:
    """Weigh the explanations of a checked, varying series of 32 observations or more."""
    options = options or Options()
    found = candidates_of(x, options)
    shown = evidences_of(found)
    card, n_obs = shipped_rule(), len(x)
    classes = _classes(card, shown, options)
    verdict, right = card.verdict(classes, n_obs)
    chances = {v: sum(classes[c] for c in names) for v, names in VERDICT_CLASSES.items()}
    cyclic = classes[AT_A_CYCLE]
    shares = chances | {"long memory": chances["long memory"] - cyclic, AT_A_CYCLE: cyclic}
    worlds = weighed([*all_worlds(found), cycle_world(found)], shares)
    misfitting = misfit(found, worlds[0])
    named = verdict == "long memory" and cyclic > 0.5 * chances["long memory"]
    likely = most_likely(classes)
    doubtful = shown["far - short"] < 0.0 or card.silent(classes, n_obs)
    if verdict == "undecided" and likely == "nonstationary" and doubtful:
        # It does not even win the likelihood of the levels, or may be an AR(1): no d of 1 for it.
        likely = max(chances, key=lambda says: chances[says] * (says != likely))
    points, spread = _of_d(worlds, chances, likely, named)
    if misfitting < MISFIT and not named and likely != "nonstationary":
        local = _local(found, worlds[0])
        spread = joined(spread, local)
        points = local if likely in ("long memory", "antipersistent") else points
    elsewhere = chances["spurious"] + chances["nonstationary"] + cyclic
    sure = verdict in ("long memory", "antipersistent") or elsewhere < _ELSEWHERE
    if verdict != "short memory" and sure and _too_little(points, spread, options):
        verdict = "short memory"
    # Shifts or a trend do not explain a series that no explanation fits.
    if found.noiseless or (verdict == "spurious" and misfitting < MISFIT):
        verdict = "undecided"
    return Weighing(
        verdict=verdict,
        chances=chances,
        right=right,
        error_rate=np.nan if verdict == "undecided" else card.error_rate(verdict, n_obs),
        worlds=worlds,
        points=points,
        spread=spread,
        found=found,
        evidences=shown,
        pole=found.pole.period if named else None,
        misfit=misfitting,
    )


def _classes(card: Scorecard, shown: dict[str, float], options: Options) -> dict[str, float]:
    """Chance of each class; none of what the caller knows to be absent."""
    classes = card.chances(shown)
    if options.trend == "none" and options.breaks == "none":
        classes["mimics"] = 0.0
        total = sum(classes.values())
        classes = {name: value / total for name, value in classes.items()}
    return classes


def _of_d(
    worlds: list[World], chances: dict[str, float], likely: str, named: bool
) -> tuple[Mixture, Mixture]:
    """d over the worlds of the likeliest verdict, and its spread for the interval."""
    about = [world for world in worlds if (world.group == AT_A_CYCLE) == named]
    points = mixture([world for world in about if world.says == likely])
    unsure = chances["short memory"] + chances["spurious"] > 0.5
    wide = unsure or likely in ("nonstationary", "antipersistent")
    wider = _WIDER_AT_A_CYCLE if named else _WIDER.get(likely, 1.0)
    counted = [w for w in about if w.says == likely or chances[w.says] > _RIVAL]
    return points, mixture(with_noise_allowed_for(counted), wide).widened(wider)


def _local(found: Candidates, world: World) -> Mixture:
    """d by local Whittle alone, with the level that a world explains taken out."""
    row = [mean.kind for mean in found.means].index(world.level)
    chances = np.exp(found.local[row] - found.local[row].max())
    return Mixture(np.asarray(D_GRID), chances / chances.sum())


def _too_little(points: Mixture, spread: Mixture, options: Options) -> bool:
    """Memory that is there, but surely weaker than matters."""
    ends = spread.quantile(0.025), points.quantile(0.5), spread.quantile(0.975)
    return max(map(abs, ends)) < options.smallest_d
