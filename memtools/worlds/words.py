"""The answer in words: one sentence with the doubt in it, then the reasons in order of weight."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from scipy.special import gammaln

from memtools.worlds import Weighing
from memtools.worlds.table import World

# Rivals with a smaller chance are not worth a reader's time.
_WORTH_SAYING = 0.05
# One-sided 5% and 10%: the power that settles a question.
_POWER = 1.645 + 1.282
_PHRASES = {
    "short memory": "short memory",
    "long memory": "long memory",
    "nonstationary": "a wandering level (nonstationary)",
    "antipersistent": "antipersistence",
}


@dataclass(frozen=True)
class Answer:
    """What is printed.

    Attributes
    ----------
    sentence : str
        The answer with its doubt.
    reasons : list of str
        In order of weight.
    not_excluded : float
        Upper 95% limit of d.
    """

    sentence: str
    reasons: list[str]
    not_excluded: float


def answer(weighing: Weighing, smallest_d: float, when: Callable[[int], str]) -> Answer:
    """The sentence and the reasons; `when` names the date of an observation."""
    d, interval = weighing.d, weighing.interval(0.95)
    limit = max(weighing.spread.quantile(0.95), 0.0)
    sentence = _SENTENCES[weighing.verdict](weighing, d, interval, smallest_d, limit, when)
    if weighing.found.noiseless:
        return Answer(sentence, [], limit)
    reasons = [_weights(weighing, when), _margin(weighing)]
    if weighing.verdict == "undecided":
        reasons.append(f"Over all explanations {_of_d(d, interval)}.")
    reasons += _levels(weighing, when)
    reasons += _season(weighing)
    reasons += _second_looks(weighing)
    reasons += _meaning(weighing, d)
    return Answer(sentence, [reason for reason in reasons if reason], limit)


def two(value: float) -> str:
    """Two decimals, no minus before a zero."""
    return f"{round(value, 2) + 0.0:.2f}"


def described(world: World, when: Callable[[int], str]) -> str:
    """A world as a phrase: the model, and what lies under it."""
    if world.level == "constant":
        return world.model
    dates = ", ".join(when(date) for date in world.dates)
    if "shift" in world.level:
        number = world.level.split()[0]
        plural = "" if number == "1" else "s"
        return f"{world.model} with {number} shift{plural} of the level ({dates})"
    where = f" (bend at {dates})" if world.level == "broken trend" else ""
    return f"{world.model} over a {world.level}{where}"


def _of_d(d: float, interval: tuple[float, float]) -> str:
    return f"d = {two(d)} (95% interval {two(interval[0])} to {two(interval[1])})"


def _rival(weighing: Weighing, when: Callable[[int], str]) -> str:
    """The likeliest other explanation as a half sentence, or nothing."""
    order = sorted(weighing.chances, key=lambda v: -weighing.chances[v])
    others = [v for v in order if v != weighing.verdict]
    if weighing.verdict == "short memory":
        others = [v for v in others if v != "spurious"]
    chance = weighing.chances[others[0]]
    if chance < _WORTH_SAYING:
        return ""
    return f"; less likely ({100.0 * chance:.0f}%): {_rival_phrase(others[0], weighing, when)}"


def _rival_phrase(says: str, weighing: Weighing, when: Callable[[int], str]) -> str:
    world = weighing.best(says)
    if says != "spurious" or world is None:
        return _PHRASES.get(says, says)
    return f"{_what_mimics(world, when)} over short memory"


def _what_mimics(world: World, when: Callable[[int], str]) -> str:
    dates = [when(date) for date in world.dates]
    if "shift" in world.level:
        if len(dates) == 1:
            return f"a new level from {dates[0]} on"
        return f"new levels from {', '.join(dates[:-1])} and {dates[-1]} on"
    if world.level == "broken trend":
        return f"a trend that bends at {dates[0]}"
    return f"a {world.level}"


def _long(
    weighing: Weighing,
    d: float,
    interval: tuple[float, float],
    smallest_d: float,
    limit: float,
    when: Callable[[int], str],
) -> str:
    if weighing.pole is not None:
        return (
            f"Yes, long memory, at a cycle of {weighing.pole:.3g} observations (frequency "
            f"{2.0 * math.pi / weighing.pole:.3g}): the spectrum has a pole there, not at 0"
            f"{_rival(weighing, when)}."
        )
    world = weighing.best("long memory")
    also = ""
    if world is not None and world.level != "constant":
        also = f", and {_what_mimics(world, when)}"
    return f"Yes, long memory{also}: {_of_d(d, interval)}{_rival(weighing, when)}."


def _short(
    weighing: Weighing,
    d: float,
    interval: tuple[float, float],
    smallest_d: float,
    limit: float,
    when: Callable[[int], str],
) -> str:
    if limit < smallest_d and abs(d) > 0.005:
        return f"No, short memory: {_of_d(d, interval)} is weaker than {smallest_d:g} either way."
    if limit < smallest_d:
        return (
            f"No, short memory: long memory of d = {smallest_d:g} or more is excluded (d below "
            f"{two(limit)} with 95% confidence)."
        )
    world = weighing.best("short memory")
    model = "a short-memory model" if world is None else world.model
    return (
        f"No sign of long memory: {model} suffices, but memory up to d = {two(limit)} is not "
        f"excluded{_rival(weighing, when)}."
    )


def _spurious(
    weighing: Weighing,
    d: float,
    interval: tuple[float, float],
    smallest_d: float,
    limit: float,
    when: Callable[[int], str],
) -> str:
    world = weighing.best("spurious")
    what = "a changing level" if world is None else _what_mimics(world, when)
    return (
        f"No, it only looks like long memory: {what} over short memory explains it"
        f"{_rival(weighing, when)}."
    )


def _nonstationary(
    weighing: Weighing,
    d: float,
    interval: tuple[float, float],
    smallest_d: float,
    limit: float,
    when: Callable[[int], str],
) -> str:
    return (
        f"Beyond long memory: nonstationary, {_of_d(d, interval)}; the level wanders and has no "
        f"fixed mean. Difference the series first{_rival(weighing, when)}."
    )


def _antipersistent(
    weighing: Weighing,
    d: float,
    interval: tuple[float, float],
    smallest_d: float,
    limit: float,
    when: Callable[[int], str],
) -> str:
    advice = ""
    if d < -0.5:
        advice = " The series looks differenced once too often: analyse it before differencing."
    return (
        f"No, the opposite: antipersistent, {_of_d(d, interval)}; what goes up comes down again"
        f"{_rival(weighing, when)}.{advice}"
    )


def _undecided(
    weighing: Weighing,
    d: float,
    interval: tuple[float, float],
    smallest_d: float,
    limit: float,
    when: Callable[[int], str],
) -> str:
    if weighing.found.noiseless:
        return (
            "Undecided: the frequencies hold no noise to measure memory by; a periodic or "
            "deterministic series?"
        )
    first, second = sorted(weighing.chances, key=lambda v: -weighing.chances[v])[:2]
    phrases = [_rival_phrase(v, weighing, when) for v in (first, second)]
    chances = [f"{100.0 * weighing.chances[v]:.0f}%" for v in (first, second)]
    return (
        f"Undecided: {phrases[0]} ({chances[0]}) or {phrases[1]} ({chances[1]}). "
        f"{_what_settles(weighing)}"
    )


def _what_settles(weighing: Weighing) -> str:
    """How many observations tell this d from 0, n = ((z_a + z_b) / d)^2 / I."""
    world = weighing.best("long memory")
    if world is None or world.d < 0.02:
        return "More observations would settle it."
    variance = float(world.chances @ (world.points - world.d) ** 2)
    n_obs = weighing.found.n_obs
    needed = (_POWER / world.d) ** 2 * variance * n_obs
    if needed <= 1.2 * n_obs:
        return (
            "More observations alone may not settle it: what is known of trends, breaks or seasons "
            "(trend=, breaks=, season=) does."
        )
    rounded = float(f"{needed - n_obs:.1g}")
    return f"About {rounded:,.0f} more observations would settle it, were d = {two(world.d)}."


_SENTENCES = {
    "long memory": _long,
    "short memory": _short,
    "spurious": _spurious,
    "nonstationary": _nonstationary,
    "antipersistent": _antipersistent,
    "undecided": _undecided,
}


def _weights(weighing: Weighing, when: Callable[[int], str]) -> str:
    """The best world of the two likeliest verdicts."""
    order = sorted(weighing.chances, key=lambda v: -weighing.chances[v])[:2]
    parts = []
    for says in order:
        world = weighing.best(says)
        if world is None or weighing.chances[says] < 0.005:
            continue
        share = f"{100.0 * weighing.chances[says]:.0f}%"
        parts.append(f"{_PHRASES.get(says, says)} {share} (best: {described(world, when)})")
    return "Weight of the rival explanations: " + ", ".join(parts) + "."


def _margin(weighing: Weighing) -> str:
    """Long against short memory on the series as it is."""
    gap = weighing.evidences["long - short"]
    return (
        f"On the series as it is, {_ahead(gap, 'long-memory', 'short-memory')}, after paying for "
        "their parameters."
    )


def _ahead(gap: float, one: str, other: str) -> str:
    """Who describes the series better, and by what ratio of likelihoods."""
    if gap < 0.0:
        one, other, gap = other, one, -gap
    if gap < 1.0:
        return f"{one} and {other} models describe it about equally well"
    odds = float(f"{math.exp(min(gap, 20.0)):.2g}")
    ratio = "more than a million" if odds > 1e6 else f"{odds:,.0f}"
    return f"{one} models describe it better than {other} ones, {ratio} to 1"


def _levels(weighing: Weighing, when: Callable[[int], str]) -> list[str]:
    """What trends and shifts explain, and whether memory is left without them."""
    world = max(
        (
            w
            for w in weighing.worlds
            if w.says in ("long memory", "spurious") and w.level != "constant"
        ),
        key=lambda w: w.weight,
        default=None,
    )
    if world is None or world.weight < 0.02:
        if weighing.verdict == "long memory":
            return ["No trend and no shifts of the level explain it as well."]
        return []
    left = weighing.evidences.get(f"{world.level}, long - short", 0.0)
    what = _what_mimics(world, when)
    return [f"Allowing for {what}, {_ahead(left, 'long-memory', 'short-memory')}."]


def _season(weighing: Weighing) -> list[str]:
    season = weighing.found.season
    if season is None or weighing.pole is not None:
        return []
    return [
        f"A season or cycle of {season.period:.3g} observations was set aside: only frequencies "
        "apart from it and its harmonics speak of long memory here."
    ]


def _second_looks(weighing: Weighing) -> list[str]:
    """The same question put to the ranks and to the low frequencies: where they contradict."""
    if weighing.verdict not in ("long memory", "short memory"):
        return []
    sign = 1.0 if weighing.verdict == "long memory" else -1.0
    against = []
    if sign * weighing.evidences["ranks long - short"] < -2.0:
        against.append("the ranks of the observations alone")
    if sign * weighing.evidences["low long - AR"] < -2.0:
        against.append("the low frequencies alone")
    if not against:
        return []
    return [f"Against this: {' and '.join(against)} speak the other way."]


def _meaning(weighing: Weighing, d: float) -> list[str]:
    """H, and what the verdict means for forecasts and for the mean."""
    if weighing.verdict == "long memory" and weighing.pole is None and 0.02 < d < 0.495:
        near, far = _explained(d, 1), _explained(d, 10)
        same = _independent(d, weighing.found.n_obs)
        return [
            f"In other words H = {two(d + 0.5)}: the memory alone explains {100.0 * near:.0f}% of "
            f"the variance one step ahead and {100.0 * far:.0f}% ten steps ahead, and the mean of "
            f"these {weighing.found.n_obs:,} observations is as uncertain as that of {same:,.0f} "
            "independent ones."
        ]
    if weighing.verdict == "nonstationary":
        return ["Shocks last: the last value, not a mean, is the base of a forecast."]
    return []


def _explained(d: float, steps: int) -> float:
    """Share of the variance of ARFIMA(0, d, 0) that is known `steps` before."""
    psi, unknown = 1.0, 0.0
    for j in range(steps):
        unknown += psi * psi
        psi *= (j + d) / (j + 1.0)
    variance = math.exp(gammaln(1.0 - 2.0 * d) - 2.0 * gammaln(1.0 - d))
    return 1.0 - unknown / variance


def _independent(d: float, n_obs: int) -> float:
    """Number of independent observations whose mean is as exact (Beran, 1994, section 1.1)."""
    shape = (1.0 + 2.0 * d) * math.exp(gammaln(1.0 + d) - gammaln(1.0 - d))
    return max(1.0, float(n_obs ** (1.0 - 2.0 * d) * shape))
