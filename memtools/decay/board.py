"""The laws found for each row, and the rule that ranks them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from memtools._validate import FloatArray
from memtools.decay.sequences import Flags, Ints, Rows, Sequences

Words = NDArray[np.str_]
KINDS = ("polynomial", "exponential", "growing", "persistent", "flat")
# A law with so many parameters that even a perfect fit is this far behind in BIC is not tried.
_HOPELESS = 12.0


@dataclass
class Found:
    """One kind of law on some rows; arrays have an entry a row of the batch."""

    law: str
    rows: Rows
    rss: FloatArray
    bic: FloatArray
    kind: Words
    rate: FloatArray
    variance: FloatArray  # of the rate, in units of the squared error of a lag
    n_params: Ints
    first: int = 1
    last: Ints | None = None
    frequency: FloatArray | None = None
    floor: FloatArray | None = None
    draw: Callable[[int], FloatArray] = field(kw_only=True)  # fitted values of an entry


class Board:
    """All that was found; the best law of each kind of verdict for each row."""

    def __init__(self, sequences: Sequences) -> None:
        self.sequences = sequences
        self.found: list[Found] = []
        self.best = np.full((len(KINDS), len(sequences)), np.inf)
        # smallest mean squared residual, in units of the error to which laws are held
        self.misfit = np.full(len(sequences), np.inf)
        self.closed = np.zeros(len(sequences), dtype=bool)  # nothing more is tried
        self.where = np.full((len(KINDS), len(sequences), 2), -1)

    def add(self, found: Found) -> None:
        number = len(self.found)
        self.found.append(found)
        np.minimum.at(self.misfit, found.rows, found.rss / self.sequences.n)
        for i, kind in enumerate(KINDS):
            at = np.flatnonzero((found.kind == kind) & np.isfinite(found.bic))
            if not len(at):
                continue
            at = at[np.argsort(-found.bic[at], kind="stable")]  # of a row's, the last one stays
            rows = found.rows[at]
            better = found.bic[at] < self.best[i, rows]
            self.best[i, rows[better]] = found.bic[at[better]]
            self.where[i, rows[better], 0] = number
            self.where[i, rows[better], 1] = at[better]

    def open(self, n_params: int, own: str = "") -> Rows:
        """Rows on which a law of so many parameters could still matter.

        At best it leaves what no law of few modes can fit.  A law of the verdict that leads must
        beat it; one of another verdict matters if it comes near.
        """
        floor = self.sequences.scatter
        least = bic(floor * self.sequences.n, n_params, self.sequences.n)
        return np.flatnonzero((least < self.limit(own)) & ~self.closed)

    def limit(self, own: str = "", rows: Rows | slice = slice(None)) -> FloatArray:
        """BIC below which a law of the verdict `own` matters, a value a row."""
        best = self.best[:, rows]
        least = best.min(axis=0) + _HOPELESS
        if own:
            least -= np.where(best.argmin(axis=0) == KINDS.index(own), _HOPELESS, 0.0)
        return least

    def by_law(self) -> dict[str, FloatArray]:
        """Smallest BIC of each law that was tried, a value a row."""
        laws: dict[str, FloatArray] = {}
        for found in self.found:
            least = laws.setdefault(found.law, np.full(len(self.sequences), np.inf))
            np.minimum.at(least, found.rows, found.bic)
        return laws

    def settle(self, misfit: float) -> None:
        """Try no more on rows that fall faster than any power law and that modes fit."""
        leads = self.best.argmin(axis=0) == KINDS.index("exponential")
        self.closed |= self.sequences.steep & leads & (self.misfit < misfit)


def bic(rss: FloatArray, n_params: Ints | int, n: int) -> FloatArray:
    """n log(1 + s / n) + p log n: the error of a lag is at least that to which laws are held."""
    return np.asarray(n * np.log1p(rss / n) + n_params * np.log(n))


def chosen(flags: Flags, yes: str, no: str) -> Words:
    return np.where(flags, yes, no).astype("U12")
