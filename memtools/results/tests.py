"""Tests that date what they find, and all tests of one series."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from memtools.results._base import Result, number
from memtools.results.estimates import TestResult
from memtools.results.intervals import ConfidenceInterval
from memtools.results.tables import Table

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, kw_only=True)
class BreakTestResult(TestResult):
    """A test of a break, and where it is.

    Attributes
    ----------
    position : int
        Number of observations before the break.
    date : object
        Label of the first observation after it; `position` where there are no labels.
    interval : ConfidenceInterval or None
        Labels between which that observation lies.
    level : float or None
        Of the interval.
    size : float
        What is different after the break, less what was before.
    """

    position: int
    date: Any
    interval: ConfidenceInterval[Any] | None
    level: float | None
    size: float

    def summary(self) -> str:
        """The test and the date in four lines."""
        dated = f"  first after: {self.date}, size {number(self.size)}"
        if self.interval is not None:
            low, high = self.interval
            dated += f", {self.level:.0%} interval [{low}, {high}]"
        return f"{super().summary()}\n{dated}"


@dataclass(frozen=True, kw_only=True)
class TestTable(Result):
    """Every test of memory on one series.

    Attributes
    ----------
    name : str
        Of the series.
    n_obs : int
    results : dict of str to TestResult
        By the name of the function.
    skipped : dict of str to str
        Tests that the series is not fit for, and why.
    """

    __test__ = False  # not a test class for pytest

    name: str
    n_obs: int
    results: Mapping[str, TestResult]
    skipped: Mapping[str, str]

    def to_frame(self) -> DataFrame:
        """A row a test: null, alternative, statistic, pvalue."""
        import pandas as pd

        keys = ("null", "alternative", "statistic", "pvalue")
        rows = [[getattr(result, key) for key in keys] for result in self.results.values()]
        return pd.DataFrame(rows, columns=list(keys), index=pd.Index(self.results, name="test"))

    def tables(self) -> list[Table]:
        """A row a test."""
        rows = [
            [
                name,
                r.null,
                number(r.statistic),
                f"{r.pvalue:.4f}",
                r.alternative if r.pvalue < 0.05 else "",
            ]
            for name, r in self.results.items()
        ]
        header = ["test", "null", "statistic", "p-value", "at 5% speaks for"]
        return [Table(f"Tests of memory, {self.name}", header, rows)]

    def summary(self) -> str:
        """The table as text."""
        title, lines = self._headline()
        return "\n".join(
            [title, self.tables()[0].text(), *(f"  not run: {line}" for line in lines)]
        )

    def _headline(self) -> tuple[str, list[str]]:
        skipped = [f"{name}: {why}" for name, why in self.skipped.items()]
        return f"{self.name}, {self.n_obs} observations", skipped
