"""The least difference that passes a unit-root test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from memtools.results._base import Result, number
from memtools.results.estimates import MemoryEstimate
from memtools.results.tables import Table, as_frame

if TYPE_CHECKING:
    from pandas import DataFrame

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class MinimumDifference(Result):
    """The least d whose difference passes, and what it does to the memory.

    Attributes
    ----------
    d : float or None
        None where no difference of the grid passes.
    orders, statistics, pvalues : ndarray, shape (n_orders,)
        Of the unit-root tests, up to the first that passes.
    correlations : ndarray, shape (n_orders,)
        Of each difference with the series.
    memory_before, memory_after : MemoryEstimate
        Of the series and of its d-th difference (None where there is none).
    alpha : float
    n_obs : int
    """

    d: float | None
    orders: FloatArray
    statistics: FloatArray
    pvalues: FloatArray
    correlations: FloatArray
    memory_before: MemoryEstimate
    memory_after: MemoryEstimate | None
    alpha: float
    n_obs: int

    @property
    def meaning(self) -> str:
        """What the difference does to the memory, in a sentence."""
        before = f"d of the series is {number(self.memory_before.d, 2)}"
        if self.d is None or self.memory_after is None:
            return f"{before}; no difference up to {self.orders[-1]:g} passes"
        after = self.memory_after
        low, high = after.confidence_interval()
        left = f"{before}, of its difference {number(after.d, 2)} ({low:.2f} to {high:.2f})"
        if after.d >= 0.5:
            return f"{left}: it passes the test and is not stationary"
        if low > 0.0:
            return f"{left}: stationary, with long memory left"
        if high < 0.0:
            why = "differenced too often, " if self.d else ""  # at 0 nothing was differenced
            return f"{left}: {why}antipersistent"
        return f"{left}: no memory is left that the series tells"

    def to_frame(self) -> DataFrame:
        """A row a d: statistic, pvalue, correlation with the series."""
        columns = {
            "statistic": self.statistics,
            "pvalue": self.pvalues,
            "correlation": self.correlations,
        }
        return as_frame(columns, index=self.orders).rename_axis("d")

    def tables(self) -> list[Table]:
        """A row a d."""
        figures = zip(self.orders, self.statistics, self.pvalues, self.correlations, strict=True)
        rows = [[f"{d:.2f}", number(s), f"{p:.4f}", number(c)] for d, s, p, c in figures]
        header = ["d", "ADF statistic", "p-value", "correlation"]
        return [Table("Unit-root tests of the differences", header, rows)]

    def _headline(self) -> tuple[str, list[str]]:
        found = "none" if self.d is None else f"{self.d:g}"
        title = f"Least difference that rejects a unit root at {self.alpha:g}: {found}"
        return title, [f"{self.n_obs} observations", self.meaning]
