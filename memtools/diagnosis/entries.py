"""The law of every entry of the impulse weights, and the entry that is shown."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from memtools._validate import FloatArray
from memtools.decay import classify_decay
from memtools.results import DecayReport, ImpulseWeights

_LEAST_LAGS = 16
_ORDER = ("growing", "persistent", "polynomial", "undecided", "exponential", "finite")


@dataclass(frozen=True)
class Entries:
    """Laws of entries that are not all zero, by position in the flattened (output, input)."""

    shape: tuple[int, int]
    alive: NDArray[np.int64]
    decays: list[DecayReport]
    late: FloatArray  # size of the later weights of each

    @property
    def verdicts(self) -> Counter[str]:
        return Counter(decay.verdict for decay in self.decays)

    def position(self, i: int) -> tuple[int, int]:
        output, column = np.unravel_index(int(self.alive[i]), self.shape)
        return int(output), int(column)

    def shown(self, wanted: str | None, among: NDArray[np.bool_] | None = None) -> int:
        """The entry that decides: of the wanted law if there is one, the slowest, the strongest."""
        fit = np.ones(len(self.alive), dtype=bool)
        if among is not None:
            fit = among.ravel()[self.alive]

        def slowness(i: int) -> tuple[bool, bool, int, float, float]:
            decay = self.decays[i]
            order = _ORDER.index(decay.verdict)
            rate = decay.rate if math.isfinite(decay.rate) else math.inf
            if decay.verdict == "polynomial":
                rate = -float(self.late[i])
            return not fit[i], decay.verdict != wanted, order, rate, -float(self.late[i])

        return min(range(len(self.alive)), key=slowness)

    def words(self) -> str:
        """How many entries follow which law."""
        n = len(self.decays)
        if n == 1:
            return ""
        counts = ", ".join(f"{count} {verdict}" for verdict, count in self.verdicts.most_common())
        kind = "disagree" if len(self.verdicts) > 1 else "agree"
        silent = int(np.prod(self.shape)) - n
        rest = f"; {silent} more are zero throughout" if silent else ""
        return f"The {n} entries of the weights, each fitted by itself, {kind}: {counts}{rest}."


def laws_of_entries(impulse: ImpulseWeights) -> Entries | None:
    """Every entry classified, up to the lag where weights overflow; None if too few are left."""
    flat = impulse.values.reshape(len(impulse.values), -1)
    finite = np.isfinite(flat).all(axis=1)
    n = len(flat) if finite.all() else int(np.argmin(finite))
    flat = np.where(np.abs(flat[:n]) < 1e150, flat[:n], np.sign(flat[:n]) * 1e150)
    alive = np.flatnonzero(flat.any(axis=0))
    if n <= _LEAST_LAGS:
        return None
    late = np.abs(flat[n // 2 :]).sum(axis=0)[alive]
    if not late.any():
        late = np.abs(flat).sum(axis=0)[alive]
    # one path of Jacobians is smooth: their spread over paths is no noise from lag to lag
    decays = classify_decay(np.ascontiguousarray(flat[:, alive].T)) if len(alive) else []
    return Entries(impulse.values.shape[1:], alive, decays, late)  # type: ignore[arg-type]
