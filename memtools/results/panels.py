"""The memory of many series, a row each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from memtools._validate import FloatArray
from memtools.results._base import PageResult, Result, number
from memtools.results.tables import Table

if TYPE_CHECKING:
    from pandas import DataFrame

_SHOWN_ROWS = 50


@dataclass(frozen=True, kw_only=True, eq=False)
class PanelRow(Result):
    """One series of many.

    Attributes
    ----------
    name : str
    n_obs : int
    verdict : str
        As in `MemoryReport`; "not estimated" where the series is not fit for it.
    d, low, high : float
        Headline d and its 95% interval, NaN where not estimated.
    evidence : float
        Weight of the explanations with long memory.
    pvalue : float
        Chance of d <= 0 over the explanations, those without memory counting with what d would
        be were it free.
    qvalue : float
        `pvalue` after Benjamini and Hochberg: of the series with a value below 0.05 about one in
        twenty is a false discovery.
    reason : str
        The answer in a sentence, or why nothing could be estimated.
    autocorrelations : ndarray, shape (n_lags + 1,)
        Lag 0 first, empty where not estimated.
    """

    name: str
    n_obs: int
    verdict: str
    d: float
    low: float
    high: float
    evidence: float
    pvalue: float
    qvalue: float
    reason: str
    autocorrelations: FloatArray

    def summary(self) -> str:
        """The row as text."""
        interval = f"[{number(self.low)}, {number(self.high)}]"
        return f"{self.name}: {self.verdict}, d = {number(self.d)}, 95% interval {interval}"


@dataclass(frozen=True, kw_only=True, eq=False)
class PanelReport(PageResult):
    """Answer to: which of these series have long memory?

    Attributes
    ----------
    name : str
        Where the series come from.
    rows : tuple of PanelRow
        In the order given.
    """

    name: str
    rows: tuple[PanelRow, ...]

    def counts(self) -> dict[str, int]:
        """How many series have each verdict, the commonest first."""
        return dict(Counter(row.verdict for row in self.rows).most_common())

    def to_frame(self) -> DataFrame:
        """A row a series: n_obs, verdict, d, low, high, evidence, pvalue, qvalue."""
        import pandas as pd

        keys = ("name", "n_obs", "verdict", "d", "low", "high", "evidence", "pvalue", "qvalue")
        rows = [{key: getattr(row, key) for key in keys} for row in self.rows]
        return pd.DataFrame(rows, columns=list(keys)).set_index("name")

    def tables(self) -> list[Table]:
        """A row a series, the first ones where there are many."""
        header = ["series", "n", "verdict", "d", "[0.025", "0.975]", "q-value"]
        shown = self.rows[:_SHOWN_ROWS]
        cells = [
            [
                row.name,
                str(row.n_obs),
                row.verdict,
                *map(number, (row.d, row.low, row.high, row.qvalue)),
            ]
            for row in shown
        ]
        more = f", the first {_SHOWN_ROWS}" if len(self.rows) > _SHOWN_ROWS else ""
        return [Table(f"Memory of {len(self.rows)} series{more}", header, cells)]

    def summary(self) -> str:
        """Counts of the verdicts and the table as text."""
        title, lines = self._headline()
        return "\n".join([title, *(f"  - {line}" for line in lines), "", self.tables()[0].text()])

    def _headline(self) -> tuple[str, list[str]]:
        counted = [f"{verdict}: {count}" for verdict, count in self.counts().items()]
        found = sum(row.qvalue < 0.05 for row in self.rows)
        counted.append(f"d above 0 at a false discovery rate of 5% over the panel: {found}")
        return f"{self.name}: {len(self.rows)} series", counted

    def to_dict(self) -> dict[str, Any]:
        """The rows in plain JSON-ready types, with the counts."""
        return super().to_dict() | {"counts": self.counts()}
