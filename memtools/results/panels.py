"""Many series: a panel's reports, and what estimators did in a Monte Carlo study."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from memtools._validate import FloatArray
from memtools.results._base import DRAWN, PageResult, Result, number
from memtools.results.tables import Table, as_frame

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
    period : str or None
        What the labels of the observations cover ("1871 to 1970").
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
    period: str | None = None

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
        keys = ("name", "n_obs", "verdict", "d", "low", "high", "evidence", "pvalue", "qvalue")
        rows = [{key: getattr(row, key) for key in keys} for row in self.rows]
        return as_frame(rows, columns=list(keys)).set_index("name")

    def tables(self) -> list[Table]:
        """A row a series, the first ones where there are many."""
        return [self._table(_SHOWN_ROWS)]

    def whole_table(self) -> Table:
        """A row a series, all of them."""
        return self._table(len(self.rows))

    def _table(self, n_shown: int) -> Table:
        header = ["series", "n", "verdict", "d", "[0.025", "0.975]", "q-value"]
        cells = [
            [
                row.name,
                str(row.n_obs),
                row.verdict,
                *map(number, (row.d, row.low, row.high, row.qvalue)),
            ]
            for row in self.rows[:n_shown]
        ]
        more = f", the first {n_shown}" if len(self.rows) > n_shown else ""
        return Table(f"Memory of {len(self.rows)} series{more}", header, cells)

    def _headline(self) -> tuple[str, list[str]]:
        counted = [f"{verdict}: {count}" for verdict, count in self.counts().items()]
        found = sum(row.qvalue < 0.05 for row in self.rows)
        counted.append(f"d above 0 at a false discovery rate of 5% over the panel: {found}")
        return f"{self.name}: {len(self.rows)} series", counted

    def to_dict(self) -> dict[str, Any]:
        """The rows in plain JSON-ready types, with the counts."""
        return super().to_dict() | {"counts": self.counts()}


@dataclass(frozen=True, kw_only=True, eq=False)
class MonteCarloCell(Result):
    """One estimator or test on the paths of one process at one length.

    Attributes
    ----------
    estimator, process : str
    n_obs, n_paths : int
    n_failed : int
        Paths that the estimator refused; they are in no figure.
    truth : float
        True d, NaN where there is none.
    level, alpha : float
        Of the intervals, and of the rejections.
    values : ndarray, shape (n_paths - n_failed,)
        Estimates of d, or statistics.
    low, high : ndarray
        Ends of the intervals, NaN where there are none.
    pvalues : ndarray
        Of the test itself, or of d = 0 (two-sided) for an estimate.
    """

    estimator: str
    process: str
    n_obs: int
    n_paths: int
    n_failed: int
    truth: float
    level: float
    alpha: float
    values: FloatArray = field(metadata=DRAWN)
    low: FloatArray = field(metadata=DRAWN)
    high: FloatArray = field(metadata=DRAWN)
    pvalues: FloatArray = field(metadata=DRAWN)

    @property
    def figures(self) -> dict[str, float]:
        """mean, bias, sd, rmse, mae, coverage, width, rejected and their standard errors."""
        n, errors = len(self.values), self.values - self.truth
        sd = float(self.values.std(ddof=1)) if n > 1 else math.nan
        inside = np.where(np.isnan(self.low), np.nan, (self.low <= self.truth))
        inside = np.where(np.isnan(self.truth), np.nan, inside * (self.truth <= self.high))
        rejected = np.where(np.isnan(self.pvalues), np.nan, self.pvalues <= self.alpha)
        coverage, rejections = _mean(inside), _mean(rejected)
        return {
            "mean": _mean(self.values),
            "bias": _mean(errors),
            "bias_stderr": sd / math.sqrt(n) if n else math.nan,
            "sd": sd,
            "rmse": math.sqrt(_mean(errors**2)),
            "mae": _mean(np.abs(errors)),
            "coverage": coverage,
            "coverage_stderr": _binomial(coverage, n),
            "width": _mean(self.high - self.low),
            "rejected": rejections,
            "rejected_stderr": _binomial(rejections, n),
        }

    def to_dict(self) -> dict[str, Any]:
        """The cell and its figures; what does not apply is None."""
        own = super().to_dict()
        return own | {k: v if math.isfinite(v) else None for k, v in self.figures.items()}

    def summary(self) -> str:
        """The cell in a line."""
        shown = [f"{key} {number(value)}" for key, value in self.figures.items() if value == value]
        head = f"{self.estimator}, {self.process}, n = {self.n_obs}, {self.n_paths} paths"
        return f"{head}: {', '.join(shown)}"


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if len(values) else math.nan


def _binomial(share: float, n: int) -> float:
    return math.sqrt(share * (1.0 - share) / n) if n else math.nan


@dataclass(frozen=True, kw_only=True, eq=False)
class MonteCarloResult(Result):
    """Cells of a simulation study.

    Attributes
    ----------
    cells : tuple of MonteCarloCell
        Estimators x processes x lengths.
    """

    cells: Sequence[MonteCarloCell]

    def to_frame(self) -> DataFrame:
        """A row a cell: estimator, process, n_obs, counts, truth and figures."""
        keys = ("estimator", "process", "n_obs", "n_paths", "n_failed", "truth")
        rows = [{key: getattr(c, key) for key in keys} | c.figures for c in self.cells]
        return as_frame(rows)

    def tables(self) -> list[Table]:
        """A row a cell."""
        shown = ("bias", "sd", "rmse", "coverage", "width", "rejected")
        header = ["estimator", "process", "n", "paths", "failed", *shown]
        rows = []
        for c in self.cells:
            figures = c.figures
            counts = [str(c.n_obs), str(c.n_paths), str(c.n_failed)]
            numbers = [number(figures[key]) for key in shown]
            rows.append([c.estimator, c.process, *counts, *numbers])
        return [Table("Monte Carlo", header, rows)]

    def _headline(self) -> tuple[str, list[str]]:
        return f"Monte Carlo, {len(self.cells)} cells", []
