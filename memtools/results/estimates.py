"""One estimate of d; tests, of breaks too, and all tests of one series."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from memtools import _validate
from memtools._labels import shown
from memtools._validate import FloatArray
from memtools.results._base import DRAWN, Result, WithInterval, number
from memtools.results.intervals import ConfidenceInterval, LawMaker, normal_pvalue, normal_scores
from memtools.results.tables import Table, as_frame

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, kw_only=True)
class TestResult(Result):
    """Outcome of a statistical test.

    Attributes
    ----------
    statistic : float
        The test statistic.
    pvalue : float
        Its p-value under the null hypothesis.
    null, alternative : str
        The two hypotheses in words.
    method : str
        Name of the test.
    details : mapping
        Further numbers of the test (bandwidth, critical values, ...).
    finding : str
        What it estimated or chose on the way, in a line.
    """

    __test__ = False  # not a test class for pytest

    statistic: float
    pvalue: float
    null: str
    alternative: str
    method: str
    details: Mapping[str, Any] = field(default_factory=dict)
    finding: str = ""

    def summary(self) -> str:
        """The test in three lines, and what it found."""
        lines = [
            self.method,
            f"  null: {self.null}; alternative: {self.alternative}",
            f"  statistic {number(self.statistic)}, p-value {self.pvalue:.4g}",
        ]
        return "\n".join(lines + [f"  {self.finding}"] * bool(self.finding))

    def tables(self) -> list[Table]:
        """The test in a row."""
        row = [self.null, self.alternative, number(self.statistic), f"{self.pvalue:.4g}"]
        return [Table(self.method, ["null", "alternative", "statistic", "p-value"], [row])]

    def _headline(self) -> tuple[str, list[str]]:
        return self.method, [self.finding] * bool(self.finding)


@dataclass(frozen=True, kw_only=True)
class MemoryEstimate(WithInterval):
    """An estimate of the memory parameter d with its standard error.

    Attributes
    ----------
    d : float
        Estimated memory parameter (order of fractional integration).
    stderr : float
        Standard error of `d`, of the kind named by `stderr_kind`.
    method : str
        The estimator.
    n_obs : int
        Number of observations of the series.
    bandwidth : int or None
        Number m of Fourier ordinates used, None where the method has none.
    converged : bool
        False where an optimiser gave up; closed forms are always converged.
    identified : bool
        False where the series does not tell d: its numbers are not to be used, and are in no
        summary, table or figure.
    stderr_kind : str
        "finite-sample" (the default of the estimators), "asymptotic", "regression", ...
    notes : tuple of str
        Remarks a reader of the number must see.
    details : mapping
        Further numbers of the method (noise-to-signal ratio, first-step d, ...).
    law : callable or None
        Gives deviations d - d0 and their normal scores in the law that the method has under
        Gaussian white noise; None where `test` takes the normal law.
    """

    d: float
    stderr: float
    method: str
    n_obs: int
    bandwidth: int | None = None
    converged: bool = True
    identified: bool = True
    stderr_kind: str = "finite-sample"
    notes: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    law: LawMaker | None = field(default=None, repr=False, compare=False, metadata=DRAWN)

    @property
    def hurst(self) -> float:
        """Hurst exponent of the stationary series, H = d + 1/2."""
        return self.d + 0.5

    def test(self, d0: float = 0.0, alternative: str = "two-sided") -> TestResult:
        """Wald test of the null hypothesis d = d0.

        Parameters
        ----------
        d0 : float
            Value of d under the null hypothesis.
        alternative : {"two-sided", "greater", "less"}
            Side of `d0` on which d lies under the alternative.

        Returns
        -------
        TestResult
            `statistic` is (d - d0) / stderr.  Where the estimator knows its law with so many
            ordinates of Gaussian white noise (log-periodogram and local Whittle estimates with
            the finite-sample standard error), the p-value is that of d - d0 in it: it is skewed,
            heavier below than the normal law, which serves otherwise.
        """
        d0 = _validate.as_real(d0, "d0")
        _validate.as_choice(alternative, "alternative", ("two-sided", "greater", "less"))
        statistic = (self.d - d0) / self.stderr
        score = statistic
        if self.law is not None:
            score = float(normal_scores(self.d - d0, self.law()))
        sign = {"two-sided": "!=", "greater": ">", "less": "<"}[alternative]
        return TestResult(
            statistic=statistic,
            pvalue=normal_pvalue(score, alternative),
            null=f"d = {d0:g}",
            alternative=f"d {sign} {d0:g}",
            method=f"Wald test on {self.method}",
        )

    def summary(self) -> str:
        """The estimate in a few lines."""
        low, high = self.confidence_interval()
        used = "" if self.bandwidth is None else f", bandwidth m = {self.bandwidth}"
        figures = [
            f"  d = {number(self.d)}, standard error {number(self.stderr)} ({self.stderr_kind})",
            f"  95% interval [{number(low)}, {number(high)}], Hurst exponent {number(self.hurst)}",
        ]
        told = figures if self.identified else ["  d is not identified"]
        lines = [self.method, *told, f"  {self.n_obs} observations{used}"]
        if not self.converged:
            lines.append("  NOT CONVERGED")
        return "\n".join(lines + [f"  note: {note}" for note in self.notes])

    def tables(self) -> list[Table]:
        """The estimate in a row."""
        header = ["d", "std err", "[0.025", "0.975]", "Hurst", "m", "n"]
        numbers = (self.d, self.stderr, *self.confidence_interval(), self.hurst)
        if not self.identified:
            numbers = (math.nan,) * 5
        counts = ["" if self.bandwidth is None else str(self.bandwidth), str(self.n_obs)]
        return [Table(self.method, header, [[*map(number, numbers), *counts]])]

    def _headline(self) -> tuple[str, list[str]]:
        unfinished = [] if self.converged else ["NOT CONVERGED"]
        return self.method, [*unfinished, *self.notes]

    def to_dict(self) -> dict[str, Any]:
        """The estimate, its 95% interval and Hurst exponent in plain types."""
        return super().to_dict() | {"hurst": self.hurst}


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
    positions : tuple of int, or None
        The same as positions.
    level : float or None
        Of the interval.
    size : float
        What is different after the break, less what was before.
    """

    position: int
    date: Any
    interval: ConfidenceInterval[Any] | None
    positions: tuple[int, int] | None
    level: float | None
    size: float

    def summary(self) -> str:
        """The test and the date in four lines."""
        return f"{super().summary()}\n  {self._dated()}"

    def _headline(self) -> tuple[str, list[str]]:
        title, lines = super()._headline()
        return title, [*lines, self._dated()]

    def _dated(self) -> str:
        told = f"first after: {shown(self.date)}, size {number(self.size)}"
        if self.interval is None:
            return told
        low, high = map(shown, self.interval)
        return f"{told}, {self.level:.0%} interval [{low}, {high}]"


@dataclass(frozen=True, kw_only=True, eq=False)
class MeanBreaks(Result):
    """Breaks in the level or the trend that the likelihood under memory keeps.

    Attributes
    ----------
    kind : str
    n_obs : int
    positions : tuple of int
        Observations before each break.
    dates : tuple
        Labels of the first observations after them.
    d : float
        Memory around the mean with these breaks.
    fitted : ndarray, shape (n_obs,)
        That mean.
    n_breaks, criterion, d_of : ndarray, shape (n_models,)
        Of the candidates: number of breaks, the criterion (least is kept), d.
    positions_of, dates_of : tuple of tuple
    """

    kind: str
    n_obs: int
    positions: tuple[int, ...]
    dates: tuple[Any, ...]
    d: float
    fitted: FloatArray = field(metadata=DRAWN)
    n_breaks: NDArray[np.int_]
    criterion: FloatArray
    d_of: FloatArray
    positions_of: tuple[tuple[int, ...], ...]
    dates_of: tuple[tuple[Any, ...], ...]

    def to_frame(self) -> DataFrame:
        """A row a number of breaks: criterion, d, positions."""
        columns = {"criterion": self.criterion, "d": self.d_of, "positions": self.positions_of}
        return as_frame(columns, index=self.n_breaks).rename_axis("breaks")

    def tables(self) -> list[Table]:
        """The candidates as text, the first observation after each break by its label."""
        rows = [
            [str(n), number(criterion, 2), number(d, 2), ", ".join(map(shown, dates))]
            for n, criterion, d, dates in zip(
                self.n_breaks, self.criterion, self.d_of, self.dates_of, strict=True
            )
        ]
        header = ["breaks", "criterion", "d", "first after"]
        return [Table("Candidates, the least criterion is kept", header, rows)]

    def _headline(self) -> tuple[str, list[str]]:
        dates = ", ".join(map(shown, self.dates)) or "none"
        return f"{self.kind} under memory: {dates}; d = {number(self.d)}, n = {self.n_obs}", []


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
    notes : tuple of str
        What the reader of the p-values must know.
    """

    __test__ = False  # not a test class for pytest

    name: str
    n_obs: int
    results: Mapping[str, TestResult]
    skipped: Mapping[str, str]
    notes: tuple[str, ...] = ()

    def to_frame(self) -> DataFrame:
        """A row a test: null, alternative, statistic, pvalue."""
        keys = ("null", "alternative", "statistic", "pvalue")
        rows = [[getattr(result, key) for key in keys] for result in self.results.values()]
        return as_frame(rows, columns=list(keys), index=list(self.results)).rename_axis("test")

    def tables(self) -> list[Table]:
        """A row a test."""
        rows = [
            [
                name,
                r.null,
                number(r.statistic),
                _shown_pvalue(r.pvalue),
                f"for {_said(r)}" if r.pvalue < 0.05 else "null not rejected",
            ]
            for name, r in self.results.items()
        ]
        header = ["test", "null", "statistic", "p-value", "result at 5%"]
        return [Table(f"Tests of memory, {self.name}", header, rows)]

    def summary(self, width: int | None = None) -> str:
        """The table as text; in a narrow window nulls and alternatives stand by the names."""
        whole = super().summary()
        if width is None or max(map(len, whole.splitlines())) <= width:
            return whole
        rows = []
        for name, result in self.results.items():
            against = f", against {_said(result)}" if result.pvalue < 0.05 else ""
            told = f"{name}: {result.null}{against}"
            rows.append([told, number(result.statistic), _shown_pvalue(result.pvalue)])
        title, lines = self._headline()
        head = [textwrap.fill(line, width, subsequent_indent="  ") for line in (title, *lines)]
        return "\n".join([*head, Table("", ["test", "statistic", "p-value"], rows).text(width)])

    def _headline(self) -> tuple[str, list[str]]:
        skipped = [f"not run: {name}: {why}" for name, why in self.skipped.items()]
        notes = [f"note: {note}" for note in self.notes]
        return f"{self.name}, {self.n_obs} observations", [*notes, *skipped]


def listed(values: Iterable[float], name: str = "d") -> str:
    """ "d 0.31, 0.40": the first ten of some numbers."""
    shown_values = [number(float(value), 2) for value in values]
    more = f" and {len(shown_values) - 10} more" if len(shown_values) > 10 else ""
    return f"{name} {', '.join(shown_values[:10])}{more}"


def _said(result: TestResult) -> str:
    """The alternative, and the date of a break."""
    said = result.alternative.removesuffix(", one-sided")
    return f"{said}: {shown(result.date)}" if isinstance(result, BreakTestResult) else said


def _shown_pvalue(pvalue: float) -> str:
    """Four decimals; none of a p-value is zero."""
    return f"{pvalue:.4f}" if pvalue >= 0.00005 else "<0.0001"
