"""Tests of memory beside the verdict: V/S for short memory, Qu's for true long memory."""

from __future__ import annotations

from memtools.inference.short_memory import vs_test
from memtools.inference.spurious import qu_test
from memtools.spectral import Sample
from memtools.worlds import Weighing

_MIN_OBS = 50
# A test speaks for what it does not reject above the first level, against it below the second.
_HELD, _REJECTED = 0.1, 0.05


def told_by_tests(sample: Sample, weighing: Weighing) -> list[str]:
    """One sentence: what two tests say of the same series, and where they contradict."""
    verdict = weighing.verdict
    about = ("long memory", "short memory", "spurious")
    if verdict not in about or weighing.pole is not None or len(sample) < _MIN_OBS:
        return []
    short, true = vs_test(sample).pvalue, qu_test(sample).pvalue
    level = weighing.best(verdict)
    changing = level is not None and level.level != "constant"
    against = []
    if verdict == "long memory" and short > _HELD:
        against.append("the first has little power against weak memory")
    if verdict == "long memory" and true < _REJECTED and not changing:
        against.append("the second sees something other than a power law at low frequencies")
    if verdict == "short memory" and short < _REJECTED:
        against.append("the first takes strong autoregressions and trends for memory")
    if verdict == "spurious" and true > _HELD:
        against.append("the second has little power in short series")
    first, second = ("rejects" if p < _REJECTED else "does not reject" for p in (short, true))
    said = (
        f"V/S {first} short memory (p = {_rounded(short)}), Qu's test {second} true long memory "
        f"(p = {_rounded(true)})"
    )
    if not against:
        return [f"Tests beside it: {said}."]
    return [f"Tests beside it disagree: {said}; {' and '.join(against)}."]


def _rounded(pvalue: float) -> str:
    return f"{pvalue:.2f}" if pvalue >= 0.01 else f"{pvalue:.1g}"
