"""Reports in words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from memtools._validate import FloatArray
from memtools.decay.board import KINDS, Board, Found
from memtools.decay.sequences import MOST_LAGS, TOLERANCE, Sequences, envelope
from memtools.results.networks import DecayReport

_LEAST_STDERR = 1e-4  # of an exponent: what the tolerance of a law leaves open
_CLOSE = 0.05
_CLEAR = 20.0  # in BIC: a lead that is no tie


@dataclass(frozen=True)
class Chosen:
    """The best law of a row with what the sequence adds: delay, stride, sign."""

    found: Found
    at: int
    kind: str
    total: float
    misfit: float  # root mean square of the residual, of the envelope; 0 for laws of the size
    visible: int
    n: int
    n_lags: int
    delay: int
    stride: int
    alternating: bool
    scale: float
    whole: FloatArray  # every lag from the delay on

    @classmethod
    def of(
        cls,
        board: Board,
        i: int,
        kind: str,
        delay: int,
        stride: int,
        n_lags: int,
        whole: FloatArray,
    ) -> Chosen:
        number, at = board.where[KINDS.index(kind), i]
        found, seen = board.found[number], board.sequences
        rss = float(found.rss[at])
        # what noise explains is no misfit
        excess = max(rss / seen.n - 2.0, 0.0) if math.isfinite(rss) else 0.0
        return cls(
            found=found,
            at=int(at),
            kind=kind,
            total=float(found.bic[at]),
            misfit=TOLERANCE * math.sqrt(excess) if excess else 0.0,
            visible=int(seen.visible[i]),
            n=seen.n,
            n_lags=n_lags,
            delay=delay,
            stride=stride,
            alternating=bool(seen.alternating[i]),
            scale=float(seen.scale[i]),
            whole=whole,
        )

    @property
    def is_cut(self) -> bool:
        return self.found.last is not None

    @property
    def close(self) -> bool:
        return self.misfit < _CLOSE

    @property
    def last(self) -> int | None:
        """Last lag of a law that ends."""
        if self.found.last is None:
            return None
        return self.delay + self.stride * int(self.found.last[self.at])

    @property
    def rate(self) -> float:
        rate = float(self.found.rate[self.at])
        return rate if self.kind == "polynomial" or self.is_power else rate / self.stride

    @property
    def is_power(self) -> bool:
        return self.found.law.startswith(("power", "turning", "size, power"))

    @property
    def stderr(self) -> float:
        dof = max(self.n - int(self.found.n_params[self.at]), 1)
        scale = max(1.0, float(self.found.rss[self.at]) / dof)
        stderr = math.sqrt(scale * float(self.found.variance[self.at]))
        if self.kind == "polynomial":
            return max(stderr, _LEAST_STDERR)
        return stderr / self.stride

    @property
    def frequency(self) -> float | None:
        """Radians a lag; None where the weights do not turn."""
        turn = 0.0 if self.found.frequency is None else float(self.found.frequency[self.at])
        turn = math.pi - turn if self.alternating else turn
        if turn <= 1e-9:
            return None
        return turn if self.stride == 1 else _unfolded(turn, self.stride, self.whole)

    @property
    def floor(self) -> float | None:
        floor = 0.0 if self.found.floor is None else float(self.found.floor[self.at])
        return self.scale * floor if floor else None

    @property
    def seen(self) -> str:
        step = "" if self.stride == 1 else f" (every {self.stride}th lag used)"
        return f"{self.visible} of {self.n} lags stand out of the noise{step}."


def _unfolded(turn: float, stride: int, whole: FloatArray) -> float:
    """Which of the frequencies that are `turn` at every stride-th lag every lag shows."""
    folds = 2.0 * math.pi * np.arange(stride)
    frequencies = np.concatenate([folds + turn, folds - turn]) / stride
    frequencies = frequencies[(frequencies > 0.0) & (frequencies <= math.pi + 1e-9)]
    values = whole[1 : MOST_LAGS + 1]
    flat = values / np.maximum(envelope(values), 1e-300)
    waves = np.exp(-1j * np.outer(frequencies, np.arange(1.0, len(flat) + 1.0)))
    return float(frequencies[np.argmax(np.abs(waves @ flat))])


def _built(
    verdict: str, evidence: tuple[str, ...], n_lags: int, delay: int = 0, **known: Any
) -> DecayReport:
    fields: dict[str, Any] = {
        "rate": math.nan,
        "stderr": math.nan,
        "d": None,
        "crossover_lag": None,
    }
    fields |= {"bic_difference": math.nan, "laws": {}, "frequency": None, "floor": None}
    if delay:
        text = f"A delay: the first {delay} lags are zero, the law is counted from there."
        evidence = (evidence[0], text, *evidence[1:])
    return DecayReport(
        verdict=verdict, evidence=evidence, n_lags=n_lags, delay=delay, **(fields | known)
    )


def finite(last: int, n_lags: int, delay: int, **rest: Any) -> DecayReport:
    text = f"The memory ends exactly at lag {last}: all later weights are zero."
    if last == 0:
        text = "All weights from lag 1 on are zero: no memory."
    return _built("finite", (text,), n_lags, delay, rate=math.inf, crossover_lag=last, **rest)


def periodic(period: int, n_lags: int) -> DecayReport:
    text = "The weights do not decay: they are constant."
    if period > 1:
        text = f"The weights do not decay: they repeat after {period} lags."
    frequency = 2.0 * math.pi / period if period > 1 else None
    return _built("persistent", (text,), n_lags, rate=0.0, stderr=0.0, frequency=frequency)


def too_late(delay: int, n_lags: int) -> DecayReport:
    text = f"Only {n_lags - delay} lags are left after the delay: more lags are needed."
    return _built("undecided", (text,), n_lags, delay)


def noise_alone(best: Chosen, **rest: Any) -> DecayReport:
    if best.found.law == "nothing":
        text = "The weights are noise as far as can be seen: no lag stands out."
        if best.visible:
            text = f"No law but noise: {best.seen}"
    else:
        text = "The weights neither decay nor repeat: noise, or many undamped modes at once."
    return _built("undecided", (text,), best.n_lags, best.delay, **rest)


def too_few(best: Chosen, **rest: Any) -> DecayReport:
    text = f"Too few lags stand out to tell a power law ({_shape(best)} fits best)."
    return _built("undecided", (text, best.seen), best.n_lags, best.delay, **rest)


def no_law(best: Chosen, **rest: Any) -> DecayReport:
    text = f"No law fits: the best, {_shape(best)}, leaves a residual of {best.misfit:.0%}."
    return _built("undecided", (text, best.seen), best.n_lags, best.delay, **rest)


def even(best: Chosen, other: str, margin: float, **rest: Any) -> DecayReport:
    text = (
        f"Two laws fit alike: {best.kind} ({_shape(best)}), and {other} {margin:.1f} behind in BIC."
    )
    if margin > _CLEAR:
        text = f"No law fits closely: the best, {_shape(best)}, leaves a residual of"
        text = f"{text} {best.misfit:.0%}, too much for its lead to count."
    return _built("undecided", (text, best.seen), best.n_lags, best.delay, **rest)


def decided(best: Chosen, other: str, margin: float, **rest: Any) -> DecayReport:
    text = {
        "polynomial": _polynomial,
        "exponential": _exponential,
        "growing": _growing,
        "persistent": _persistent,
    }[best.kind](best)
    behind = f"Best law: {_shape(best)}; no other was close enough to try."
    if math.isfinite(margin):
        rival = "no law, mere noise, is" if other == "flat" else f"{other} laws are"
        behind = f"Best law: {_shape(best)}; {rival} behind by {margin:.1f} in BIC."
    evidence = [text, behind, best.seen]
    if best.misfit > 0.02:
        evidence.append(f"It leaves a residual of {best.misfit:.0%} of the weights.")
    polynomial = best.kind == "polynomial"
    logarithmic = best.found.law.startswith("1 / log")
    rate = 0.0 if best.kind == "persistent" or logarithmic else best.rate
    return _built(
        best.kind,
        tuple(evidence),
        best.n_lags,
        best.delay,
        rate=rate,
        stderr=math.nan if logarithmic else best.stderr,
        d=abs(rate - 1.0) if polynomial and not logarithmic else None,
        crossover_lag=best.last,
        frequency=best.frequency,
        floor=best.floor,
        **rest,
    )


def _shape(best: Chosen) -> str:
    law = best.found.law.removesuffix(", cut")
    if law == "random factors" and best.kind == "polynomial":
        return "each weight the last one times 1 - a / (k + s)"
    shape = {
        "power law": "k^-a",
        "power law on a floor": "k^-a and a constant",
        "turning power law": "k^-a cos(l k + phase)",
        "tempered": "k^-a exp(-r k)",
        "stretched": "exp(-r k^b)",
        "exponential": "one exponential",
        "random factors": "each weight the last one times a random factor",
        "size, exponential": "random signs and sizes, exponential in size",
        "size, power": "random signs and sizes, a power law in size",
        "size, tempered": "random signs and sizes, k^-a exp(-r k) in size",
        "size, flat": "random signs and sizes, constant in size",
        "nothing": "nothing at all",
    }.get(law, law)
    return f"{shape}, up to lag {best.last}" if best.is_cut else shape


def _turning(best: Chosen) -> str:
    if best.frequency is None:
        return ""
    return (
        f", turning with frequency {best.frequency:.4g} (period {2 * math.pi / best.frequency:.3g})"
    )


def _on_floor(best: Chosen) -> str:
    return "" if best.floor is None else f" on a floor of {best.floor:.3g} that does not decay"


def _polynomial(best: Chosen) -> str:
    if best.found.law.startswith("1 / log"):
        return "The weights decay like 1 / log k, slower than any power: long memory."
    d = abs(best.rate - 1.0)
    law = f"k^-{best.rate:.3g}, d = {d:.3g}{_turning(best)}{_on_floor(best)}"
    if best.last is None:
        return f"The weights decay like {law}: long memory as far as they were given."
    return (
        f"The weights imitate {law}, up to lag {best.last}, then decay exponentially: in the limit "
        "short memory."
    )


def _exponential(best: Chosen) -> str:
    if best.found.law == "stretched":
        text = "The weights decay like exp(-r k^b), faster than any power"
        return f"{text}, at a rate of {best.rate:.3g} a lag in the end."
    half_life = math.log(2.0) / best.rate
    turning, floor = _turning(best), _on_floor(best)
    part = (
        "The slowest mode decays" if best.found.law == "exponentials" else "In the end they decay"
    )
    return f"{part} like exp(-{best.rate:.3g} k), half-life {half_life:.3g}{turning}{floor}."


def _growing(best: Chosen) -> str:
    if best.is_power:
        return f"The weights grow like k^{-best.rate:.3g}."
    return f"The weights grow like {math.exp(-best.rate):.6g}^k{_turning(best)}."


def _persistent(best: Chosen) -> str:
    turning = _turning(best)
    return f"The weights do not decay: their size stays what it is{turning}."


def curve(
    seen: Sequences, i: int, found: Found, at: int, delay: int, stride: int, n_lags: int
) -> FloatArray:
    """Envelope of a fitted law at lags 0..n_lags, in the units of the weights; NaN where free."""
    fitted = np.asarray(found.draw(at))
    if found.last is not None:
        fitted = fitted[: int(found.last[at]) - found.first + 1]
    steady = bool((fitted >= 0.0).all() or (fitted <= 0.0).all())
    size = np.abs(fitted) if steady else envelope(fitted)
    drawn = np.full(n_lags + 1, np.nan)
    lags = delay + stride * np.arange(found.first, found.first + len(size))
    inside = lags <= n_lags
    drawn[lags[inside]] = float(seen.scale[i]) * size[inside]
    return drawn
