"""One estimate of d, one test, one interval."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from memtools import _validate
from memtools.results._base import Result, WithInterval, number
from memtools.results.intervals import normal_pvalue
from memtools.results.tables import Table


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
    """

    __test__ = False  # not a test class for pytest

    statistic: float
    pvalue: float
    null: str
    alternative: str
    method: str
    details: Mapping[str, Any] = field(default_factory=dict)

    def summary(self) -> str:
        """The test in three lines."""
        return (
            f"{self.method}\n"
            f"  null: {self.null}; alternative: {self.alternative}\n"
            f"  statistic {number(self.statistic)}, p-value {self.pvalue:.4g}"
        )

    def tables(self) -> list[Table]:
        """The test in a row."""
        row = [self.null, self.alternative, number(self.statistic), f"{self.pvalue:.4g}"]
        return [Table(self.method, ["null", "alternative", "statistic", "p-value"], [row])]

    def _headline(self) -> tuple[str, list[str]]:
        return self.method, []


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
        """
        d0 = _validate.as_real(d0, "d0")
        _validate.as_choice(alternative, "alternative", ("two-sided", "greater", "less"))
        statistic = (self.d - d0) / self.stderr
        sign = {"two-sided": "!=", "greater": ">", "less": "<"}[alternative]
        return TestResult(
            statistic=statistic,
            pvalue=normal_pvalue(statistic, alternative),
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
