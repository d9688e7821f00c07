"""The answer in words: one sentence with the doubt in it, then the reasons in order of weight."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from scipy.special import gammaln

from memtools.worlds import MISFIT, Weighing
from memtools.worlds.table import AT_A_CYCLE, World

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
    """

    sentence: str
    reasons: list[str]


@dataclass(frozen=True)
class Case:
    """What the sentence of a verdict speaks of.

    Attributes
    ----------
    weighing : Weighing
    d : float
    interval : tuple of float
        95% interval of d.
    smallest_d : float
        The least memory that matters.
    limit : float
        Upper 95% limit of d.
    when : callable
        From an observation to its date.
    """

    weighing: Weighing
    d: float
    interval: tuple[float, float]
    smallest_d: float
    limit: float
    when: Callable[[int], str]

    @property
    def of_d(self) -> str:
        """d and its interval."""
        return (
            f"d = {two(self.d)} (95% interval {two(self.interval[0])} to {two(self.interval[1])})"
        )

    @property
    def rival(self) -> str:
        """The likeliest other explanation as a half sentence, or nothing."""
        weighing = self.weighing
        order = sorted(weighing.chances, key=lambda v: -weighing.chances[v])
        others = [v for v in order if v != weighing.verdict]
        if weighing.verdict == "short memory":
            others = [v for v in others if v != "spurious"]
        chance = weighing.chances[others[0]]
        if chance < _WORTH_SAYING:
            return ""
        phrase = _rival_phrase(others[0], weighing, self.when)
        return f"; less likely ({100.0 * chance:.0f}%): {phrase}"


def answer(weighing: Weighing, smallest_d: float, when: Callable[[int], str]) -> Answer:
    """The sentence and the reasons; `when` names the date of an observation."""
    d, interval = weighing.d, weighing.interval(0.95)
    limit = max(weighing.spread.quantile(0.95), 0.0)
    case = Case(weighing, d, interval, smallest_d, limit, when)
    sentence = _SENTENCES[weighing.verdict](case)
    if weighing.found.noiseless:
        return Answer(sentence, [])
    reasons = [_weights(weighing, when), _margin(weighing)]
    if weighing.verdict == "undecided":
        reasons.append(
            f"In the likeliest explanations d = {two(d)}; over all of them the 95% interval is "
            f"{two(interval[0])} to {two(interval[1])}."
        )
    reasons += _levels(weighing, when)
    reasons += _season(weighing)
    reasons += _misfit(weighing)
    reasons += _second_looks(weighing)
    reasons += _meaning(weighing, d)
    return Answer(sentence, [reason for reason in reasons if reason])


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


def _rival_phrase(says: str, weighing: Weighing, when: Callable[[int], str]) -> str:
    world = weighing.best(says)
    if says == "long memory" and world is not None and world.group == AT_A_CYCLE:
        return f"long memory at a cycle of {weighing.found.pole.period:.3g} observations"
    if says != "spurious" or world is None:
        return _PHRASES.get(says, says)
    return f"{_what_mimics(world, weighing, when)} over short memory"


def _what_mimics(world: World, weighing: Weighing, when: Callable[[int], str]) -> str:
    dates = [when(date) for date in world.dates]
    if "shift" in world.level:
        if len(dates) == 1:
            return f"a {_direction(world, weighing)} level since {dates[0]}"
        return f"new levels from {', '.join(dates[:-1])} and {dates[-1]} on"
    if world.level == "broken trend":
        return f"a trend that bends at {dates[0]}"
    return f"a {world.level}"


def _direction(world: World, weighing: Weighing) -> str:
    """Of a single shift."""
    means = weighing.found.means
    mean = next(mean for mean in means if mean.kind == world.level)
    level = means[0].residual - mean.residual
    return "higher" if level[-1] > level[0] else "lower"


def _long(case: Case) -> str:
    weighing = case.weighing
    if weighing.pole is not None:
        return (
            f"Yes, long memory, at a cycle of {weighing.pole:.3g} observations (frequency "
            f"{2.0 * math.pi / weighing.pole:.3g}): the spectrum has a pole there, not at 0"
            f"{case.rival}."
        )
    world = weighing.best("long memory")
    also = ""
    if world is not None and world.level != "constant":
        also = f", and {_what_mimics(world, case.weighing, case.when)}"
    return f"Yes, long memory{also}: {case.of_d}{case.rival}."


def _short(case: Case) -> str:
    if case.limit < case.smallest_d and abs(case.d) > 0.005:
        return f"No, short memory: {case.of_d} is weaker than {case.smallest_d:g} either way."
    if case.limit < case.smallest_d:
        return (
            f"No, short memory: long memory of d = {case.smallest_d:g} or more is excluded (d "
            f"below {two(case.limit)} with 95% confidence)."
        )
    world = case.weighing.best("short memory")
    model = "a short-memory model" if world is None else world.model
    return (
        f"No sign of long memory: {model} suffices, but memory up to d = {two(case.limit)} is not "
        f"excluded{case.rival}."
    )


def _spurious(case: Case) -> str:
    world = case.weighing.best("spurious")
    what = "a changing level" if world is None else _what_mimics(world, case.weighing, case.when)
    return f"No, it only looks like long memory: {what} over short memory explains it{case.rival}."


def _nonstationary(case: Case) -> str:
    return (
        f"Beyond long memory: nonstationary, {case.of_d}; the level wanders and has no "
        f"fixed mean. Difference the series first{case.rival}."
    )


def _antipersistent(case: Case) -> str:
    advice = ""
    if case.d < -0.5:
        advice = " The series looks differenced once too often: analyse it before differencing."
    return (
        f"No, the opposite: antipersistent, {case.of_d}; what goes up comes down again"
        f"{case.rival}.{advice}"
    )


def _undecided(case: Case) -> str:
    weighing = case.weighing
    if weighing.found.noiseless:
        return (
            "Undecided: the frequencies hold no noise to measure memory by; a periodic or "
            "deterministic series?"
        )
    first, second = sorted(weighing.chances, key=lambda v: -weighing.chances[v])[:2]
    one, other = (_rival_phrase(v, weighing, case.when) for v in (first, second))
    share, rest = (f"{100.0 * weighing.chances[v]:.0f}%" for v in (first, second))
    return (
        f"Undecided: {one}, or {other}; the data prefer the first, {share} to {rest}. "
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
        phrase = _PHRASES.get(says, "what only looks like memory")
        parts.append(f"{phrase} {share} (best: {described(world, when)})")
    return "Weight of the rival explanations: " + ", ".join(parts) + "."


def _margin(weighing: Weighing) -> str:
    """Long against short memory on the series as it is."""
    gap = weighing.evidences["exact long - short"]
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
    what = _what_mimics(world, weighing, when)
    likely = max(weighing.chances, key=lambda says: weighing.chances[says])
    against = left < -1.0 if likely == "long memory" else left > 1.0 and likely == "spurious"
    why = "; that speaks against the likeliest answer, which other evidences carry" * against
    return [f"Allowing for {what}, {_ahead(left, 'long-memory', 'short-memory')}{why}."]


def _season(weighing: Weighing) -> list[str]:
    season = weighing.found.set_aside
    if season is None or weighing.pole is not None:
        return []
    return [
        f"A season or cycle of {season.period:.3g} observations was set aside: only frequencies "
        "apart from it and its harmonics speak of long memory here."
    ]


def _misfit(weighing: Weighing) -> list[str]:
    """What is done where no explanation fits."""
    if weighing.misfit >= MISFIT:
        return []
    return [
        f"No explanation leaves white residuals (p = {weighing.misfit:.1g}): the interval of d is "
        "joined with that of local Whittle, which needs no model of the short run."
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
