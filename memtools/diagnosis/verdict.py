"""Theorem, law of the weights and exponent of the state made one answer, in words."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from memtools._validate import FloatArray
from memtools.diagnosis.entries import Entries
from memtools.diagnosis.structure import Structure
from memtools.fractional.exponentials import LAST_LAG
from memtools.results import DecayReport, ErgodicityReport, ImpulseWeights, MemoryEstimate
from memtools.worlds import Weighing

VERDICTS = {
    "polynomial": "long memory",
    "exponential": "short memory",
    "finite": "short memory",
    "persistent": "persistent",
    "growing": "growing",
    "undecided": "undecided",
}
_SERIES_SAYS = {
    "spurious": "a changing level that mimics memory",
    "nonstationary": "no fixed level",
    "antipersistent": "negative memory",
}
_NEAR = 0.05  # of d: a fitted one that near the learnt one confirms it


@dataclass(frozen=True)
class Answer:
    """The law that decides, of which entry, and why."""

    decay: DecayReport
    entry: tuple[int, int]
    reasons: tuple[str, ...]

    @property
    def verdict(self) -> str:
        return VERDICTS[self.decay.verdict]


def answer(
    structure: Structure | None,
    entries: Entries | None,
    impulse: ImpulseWeights,
    filtered: NDArray[np.bool_] | None,
) -> Answer:
    """What the structure decides leads, the fits confirm; without, the fits decide."""
    if entries is None:
        return _overflowing(structure, impulse)
    if structure is not None and math.isfinite(structure.last_lag) and len(entries.alive):
        return _ending(structure, entries)
    if not len(entries.alive):
        return _silent(structure, impulse)
    if structure is None:
        i = entries.shown(None)
        return Answer(entries.decays[i], entries.position(i), _of(entries, i))
    if structure.averages:
        return _averaging(entries)
    grows = structure.sign == 1
    if filtered is not None and filtered.any():
        if structure.filters[-1].filter == "fractional" and not (grows and structure.linear):
            return _filtering(structure, entries, filtered, impulse)
        if not grows:
            return _patterned(structure, entries, filtered, impulse.n_lags)
    if structure.sign == -1:
        return _forgetting(structure, entries)
    if structure.sign is not None:
        return _not_forgetting(structure, entries)
    return _open(structure, entries)


def _ending(structure: Structure, entries: Entries) -> Answer:
    """A finite impulse response, whatever stands between its convolutions."""
    i, last, text = entries.shown("finite"), int(structure.last_lag), _end_of(structure)
    decay = entries.decays[i]
    if decay.verdict != "finite":
        decay = _led(decay, "finite", text, rate=math.inf)
    decay = replace(decay, crossover_lag=last)
    return Answer(decay, entries.position(i), (text, *_of(entries, i)))


def _end_of(structure: Structure) -> str:
    last = int(structure.last_lag)
    return f"The outputs see the last {last + 1} inputs alone: memory ends exactly at lag {last}."


def _open(structure: Structure, entries: Entries) -> Answer:
    """An exponent that does not tell: the fits decide."""
    i = entries.shown(None)
    words = _of(entries, i)
    if not math.isnan(structure.exponent):
        error = f"{structure.exponent_of}, within its error ({structure.stderr:.2g}) of 0"
        text = f"{error[:1].upper()}{error[1:]}: a mode next to 1 hardly fades here."
        words = (*words, f"{text} The law of the weights decides.")
    if entries.decays[i].verdict == "polynomial":
        words = (
            *words,
            "A state of finitely many numbers imitates it: no power law lasts for ever.",
        )
    return Answer(entries.decays[i], entries.position(i), words)


def _of(entries: Entries, i: int) -> tuple[str, ...]:
    """What the entries say, and what the shown one does."""
    words = entries.words()
    output, column = entries.position(i)
    shown = f" Shown is output {output}, input {column}." if words else ""
    return (
        f"Impulse weights: {entries.decays[i].evidence[0]}",
        *([words + shown] if words else []),
    )


def _led(decay: DecayReport, verdict: str, text: str, **known: object) -> DecayReport:
    """A report whose verdict is the structure's; what the fit said stays as evidence."""
    evidence = (
        text,
        *(f"The fit alone: {line}" for line in decay.evidence[:1]),
        *decay.evidence[1:],
    )
    fields = {"rate": math.nan, "stderr": math.nan, "d": None, "crossover_lag": None}
    return replace(decay, verdict=verdict, evidence=evidence, **(fields | known))  # type: ignore[arg-type]


def _forgetting(structure: Structure, entries: Entries) -> Answer:
    i = entries.shown("exponential")
    decay, rate = entries.decays[i], -structure.exponent
    half_life = math.log(2.0) / rate if rate < math.inf else 0.0
    text = f"The state forgets: {structure.exponent_of}, half-life {half_life:.3g} lags"
    if rate == math.inf:
        text = "The state forgets at once: all its eigenvalues are zero"
    reasons = [f"{text}. So the weights decay exponentially in the end."]
    if decay.verdict not in ("exponential", "finite"):
        rest = {"rate": rate, "stderr": structure.stderr}
        decay = _led(decay, "exponential", f"{text}.", **rest)
    elif decay.verdict == "exponential" and decay.rate > 2.0 * rate:
        reasons.append(
            f"Most of each weight is gone sooner: the law seen has a half-life of "
            f"{math.log(2.0) / decay.rate:.3g} lags, the slowest mode carries little."
        )
    if structure.ends is not None:
        reasons.append(
            f"Its filter or delays reach back {structure.ends} lags: up to there the weights are "
            "free, beyond they decay exponentially."
        )
        if decay.verdict == "exponential":
            decay = replace(decay, crossover_lag=structure.ends)
    others = [v for v in ("polynomial", "persistent", "growing") if entries.verdicts[v]]
    reasons += _of(entries, i)
    if others:
        count = sum(entries.verdicts[v] for v in others)
        reasons.append(
            f"{count} of {len(entries.decays)} entries imitate another law within these lags "
            f"({', '.join(others)}): beyond, the exponent of the state rules."
        )
    return Answer(decay, entries.position(i), tuple(reasons))


def _not_forgetting(structure: Structure, entries: Entries) -> Answer:
    verdict = "growing" if structure.sign == 1 else "persistent"
    i = entries.shown(verdict)
    decay = entries.decays[i]
    says = "a change of the state grows" if structure.sign == 1 else "a change of the state stays"
    text = f"{structure.exponent_of[:1].upper()}{structure.exponent_of[1:]}: {says}."
    if decay.verdict in ("finite", "exponential") and structure.linear:
        reason = "The outputs do not see the mode that stays: their weights decay."
        return Answer(decay, entries.position(i), (text, reason, *_of(entries, i)))
    if decay.verdict != verdict:
        rate = 0.0 if verdict == "persistent" else -structure.exponent
        decay = _led(decay, verdict, text, rate=rate, stderr=structure.stderr)
    return Answer(decay, entries.position(i), (text, *_of(entries, i)))


def _filtering(
    structure: Structure, entries: Entries, filtered: NDArray[np.bool_], impulse: ImpulseWeights
) -> Answer:
    """Theorem 3 or 4: the memory parameter that was learnt leads, the fit confirms."""
    assert structure.d is not None
    i = entries.shown("polynomial", filtered)
    fit, last = entries.decays[i], structure.filters[-1]
    output, column = entries.position(i)
    reads_input = last.reads_inputs
    single = len(structure.filters) == 1 and reads_input and column < len(structure.d)
    d = float(structure.d[column]) if single else float(np.median(structure.d))
    rate = 1.0 + d if reads_input else 1.0 - d
    theorem = "Theorem 3" if reads_input else "Theorem 4"
    cut = math.isfinite(structure.filter_length)
    kept = cut and structure.filter_length < impulse.n_lags
    crossover = int(structure.filter_length) if kept else None
    law = f"k^-{rate:.3g}, d = {d:.3g}"
    constant = all(layer.fixed_d for layer in structure.filters)
    learnt = "as learnt" if constant else "on average"
    if len(structure.d) > 1 and np.ptp(structure.d) > 0.005:
        learnt += f", from {structure.d.min():.3g} to {structure.d.max():.3g} over its dimensions"
    text = f"the filter (1 - B)^d, d {learnt}, makes the weights decay like {law}"
    if last.feeds_back:
        text += f", or k^-{1.0 + d:.3g} once what is fed back rules (the sooner the more it is)"
        last_lag = int(min(structure.filter_length, impulse.n_lags))
        if _falls_faster(impulse.values[: last_lag + 1, output, column]):
            rate = 1.0 + d
    text = f"{theorem}: {text}" if constant else f"{text[:1].upper()}{text[1:]}"
    if cut:
        text += f", up to lag K = {int(structure.filter_length)}; in the limit short memory"
    else:
        text += f", for ever (its weights are certified up to lag {LAST_LAG:,})"
    if not constant:
        text += f" ({theorem.lower()} is about a constant d; here it moves)"
    reasons = [f"{text}.", _confirmation(fit, d, rate)]
    known = {"rate": rate, "d": d, "stderr": 0.0, "crossover_lag": crossover}
    decay = _led(fit, "polynomial", f"{text}.", **known)
    words = entries.words()
    if words:
        reasons.append(f"{words} Shown is output {output}, input {column}.")
    return Answer(decay, (output, column), tuple(reasons))


def _falls_faster(w: FloatArray) -> bool:
    """Faster than 1 / k from the second quarter of the lags to the third."""
    n = len(w) // 4
    first, second = (float(np.abs(w[i * n : (i + 1) * n]).sum()) for i in (1, 2))
    return second < first * math.log(1.5) / math.log(2.0)  # of 1 / k over the quarters


def _patterned(
    structure: Structure, entries: Entries, filtered: NDArray[np.bool_], n_lags: int
) -> Answer:
    """Constant filters of another pattern: what their weights prove, as in theorems 3 and 4."""
    last = structure.filters[-1]
    law, length = last.law, int(structure.filter_length)
    kind = "polynomial" if law.rate is None else "exponential"
    i = entries.shown(kind, filtered)
    fit, (output, column) = entries.decays[i], entries.position(i)
    one = column if len(structure.filters) == 1 and last.reads_inputs else 0
    own = law.d[one if one < len(law.d) else 0]
    text = f"The filter {law.says}, as learnt, makes the weights decay "
    known: dict[str, object] = {"crossover_lag": length if length < n_lags else None}
    known["frequency"] = None
    if law.rate is not None:
        rate = float(law.rate.min())
        text += f"like exp(-{rate:.3g} k), whatever d is: short memory, cut or not"
        known |= {"rate": rate, "stderr": 0.0, "crossover_lag": None}
    else:
        rate = float(1.0 - own if law.inverts and not last.reads_inputs else 1.0 + own)
        text += f"like k^-{rate:.3g}, up to lag K = {length}; in the limit short memory"
        known |= {"rate": rate, "d": abs(rate - 1.0), "stderr": 0.0}
        if not (law.inverts or last.reads_inputs) and fit.verdict == "polynomial":
            text += (
                f"; fed back, it does so late: within these lags they fall like k^-{fit.rate:.3g}"
            )
            known |= {"rate": fit.rate, "d": fit.d, "stderr": fit.stderr}
    if law.frequency is not None:
        turns = float(law.frequency[one if one < len(law.frequency) else 0])
        text += f"; they turn with a period of {2.0 * math.pi / turns:.3g} lags"
        known["frequency"] = turns
    told = law.rate is not None or known["rate"] == fit.rate
    reasons = [f"{text}.", *([] if told else [_confirmation(fit, own, rate)])]
    if words := entries.words():
        reasons.append(f"{words} Shown is output {output}, input {column}.")
    return Answer(_led(fit, kind, f"{text}.", **known), (output, column), tuple(reasons))


def _confirmation(fit: DecayReport, d: float, rate: float) -> str:
    if fit.verdict == "polynomial" and abs(fit.rate - rate) < _NEAR:
        return f"The fit confirms it: k^-{fit.rate:.3g}."
    if fit.verdict == "polynomial":
        return (
            f"Fitted, they decay like k^-{fit.rate:.3g}: the recurrence about the filter still "
            "shows within these lags."
        )
    return f"The fit alone is {fit.verdict}: the recurrence about the filter covers its law here."


def _averaging(entries: Entries) -> Answer:
    i = entries.shown("persistent")
    text = (
        "A running mean: at step t each past input weighs about 1/t whatever its lag, so the "
        "weights do not decay in k; they shrink as the mean grows longer."
    )
    decay = entries.decays[i]
    if decay.verdict != "persistent":
        decay = _led(decay, "persistent", text, rate=0.0, stderr=0.0)
    return Answer(decay, entries.position(i), (text, *_of(entries, i)))


def _overflowing(structure: Structure | None, impulse: ImpulseWeights) -> Answer:
    rate = math.nan if structure is None else -structure.exponent
    text = f"The weights overflow within {impulse.n_lags} lags: they grow without bound."
    decay = DecayReport(
        verdict="growing",
        rate=rate,
        stderr=math.nan,
        d=None,
        crossover_lag=None,
        evidence=(text,),
        bic_difference=math.nan,
        laws={},
        n_lags=impulse.n_lags,
    )
    return Answer(decay, (0, 0), (text,))


def _silent(structure: Structure | None, impulse: ImpulseWeights) -> Answer:
    ends = 0 if impulse.method == "closed form" else None
    if structure is not None and math.isfinite(structure.last_lag):
        ends = int(structure.last_lag)
    decay = DecayReport(
        verdict="undecided" if ends is None else "finite",
        rate=math.inf,
        stderr=math.nan,
        d=None,
        crossover_lag=ends,
        evidence=("All impulse weights are zero.",),
        bic_difference=math.nan,
        laws={},
        n_lags=impulse.n_lags,
    )
    text = "All impulse weights are zero: the outputs ignore the inputs"
    # zero slopes here say nothing about other inputs
    where = "." if impulse.method == "closed form" else " here, which says nothing of other inputs."
    finite = structure is not None and math.isfinite(structure.last_lag)
    ending = (_end_of(structure),) if structure is not None and finite else ()
    return Answer(decay, (0, 0), (*ending, text + where))


def theorem_words(theorem: ErgodicityReport, decay: DecayReport, whose: str) -> list[str]:
    """What the theorem says beside the weights, and why both hold."""
    if theorem.verdict == "undecided":
        return [f"{theorem.theorem} decides nothing here."] if theorem.theorem != "none" else []
    words = [f"{theorem.theorem}: {whose} {theorem.verdict}."]
    if theorem.verdict != "geometrically ergodic":
        if decay.verdict in ("exponential", "finite"):
            words.append("Both hold: fed its own outputs it does not settle; fed data it forgets.")
        return words
    if decay.verdict == "polynomial":
        words.append(
            "Both hold: the power law lasts as long as the filter, the theorem rules beyond."
        )
    elif decay.verdict == "growing":
        words.append(
            "Both hold: small changes of the inputs grow along these paths (chaos, or a start far "
            "from rest), while the theorem bounds how far states can go."
        )
    elif decay.verdict == "persistent":
        words.append(
            "Both hold: the theorem is about the process with its noise, the weights about inputs, "
            "whose effect does not fade within these lags."
        )
    return words


def memory_words(what: str, estimate: MemoryEstimate, weighing: Weighing, verdict: str) -> str:
    """One simulated series by local Whittle and by rival explanations, beside the verdict."""
    low, high = estimate.confidence_interval()
    said, world = weighing.verdict, weighing.best(weighing.verdict)
    text = f"{what} has d = {estimate.d:.3f} by local Whittle, 95% interval [{low:.3f}, {high:.3f}]"
    if said == "undecided":
        return f"{text}; rival explanations leave it undecided."
    named = "" if world is None else f" ({world.model})"
    text = f"{text}; held against rival explanations it has {_SERIES_SAYS.get(said, said)}{named}"
    if verdict == "short memory" and said in ("long memory", "nonstationary"):
        return f"{text}, as a slow mode looks within this many steps: it is short in the limit."
    if verdict == "short memory" and said == "short memory" and low > 0.0:
        return f"{text}: the low frequencies alone take a slow mode for memory."
    if verdict == "long memory" and said == "short memory":
        return f"{text}: the filter's part is small within this many steps."
    return f"{text}."
