"""Every estimate on one series, the combined d, the verdict and its reasons."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from memtools import _labels
from memtools._validate import FloatArray
from memtools.results._base import DRAWN, PageResult, WithInterval, number
from memtools.results.estimates import MemoryEstimate
from memtools.results.tables import Table

if TYPE_CHECKING:
    from pandas import DataFrame

VERDICTS = (
    "short memory",
    "long memory",
    "antipersistent",
    "nonstationary",
    "spurious",
    "undecided",
)


@dataclass(frozen=True, kw_only=True)
class MemoryReport(WithInterval, PageResult):
    """Answer to: does this series have long memory?

    Attributes
    ----------
    name : str
        Name of the series.
    n_obs : int
        Number of observations.
    d, stderr : float
        Combined estimate and its standard error.
    verdict : str
        "short memory", "long memory", "antipersistent", "nonstationary", "spurious" or
        "undecided".
    reasons : list of str
        Why, in plain words.
    estimates : dict of str to MemoryEstimate
        By the name of the estimator's function.
    combined : tuple of str
        Names of the estimates that make up the combined one.
    skipped : dict of str to str
        Estimators that could not be used, and why.
    values : ndarray, shape (n_obs,)
        The series, NaN at gaps, for figures; not in `to_dict`.
    index : Index or None
        Dates or times of the observations, where they have any.
    notes : tuple of str
        What was done to the order of the series and to its gaps.
    """

    name: str
    n_obs: int
    d: float
    stderr: float
    verdict: str
    reasons: list[str]
    estimates: dict[str, MemoryEstimate]
    combined: tuple[str, ...]
    skipped: dict[str, str]
    values: FloatArray = field(repr=False, compare=False, metadata=DRAWN)
    index: NDArray[Any] | None = field(default=None, repr=False, compare=False, metadata=DRAWN)
    notes: tuple[str, ...] = ()

    def headline(self) -> str:
        """Name, number of observations and the period they cover."""
        period = _labels.period_shown(self.index)
        return f"{self.name}: {self.n_obs} observations" + (f", {period}" if period else "")

    def rows(self, level: float = 0.95) -> list[dict[str, Any]]:
        """One plain dictionary an estimator that tells d, the combined estimate last."""
        rows = []
        for name, estimate in self.estimates.items():
            if not estimate.identified:
                continue
            low, high = estimate.confidence_interval(level)
            rows.append(
                {
                    "estimator": name,
                    "d": estimate.d,
                    "stderr": estimate.stderr,
                    "low": low,
                    "high": high,
                    "bandwidth": estimate.bandwidth,
                }
            )
        low, high = self.confidence_interval(level)
        combined = {"estimator": "combined", "d": self.d, "stderr": self.stderr}
        return [*rows, combined | {"low": low, "high": high, "bandwidth": None}]

    def table(self, level: float = 0.95) -> DataFrame:
        """A row an estimator, the combined estimate last.

        Parameters
        ----------
        level : float
            Coverage probability of the intervals.

        Returns
        -------
        pandas.DataFrame
            Columns d, stderr, low, high, bandwidth; index the estimators' names.
        """
        import pandas as pd

        frame = pd.DataFrame(self.rows(level)).set_index("estimator")
        return frame.astype({"bandwidth": "Int64"})

    def to_frame(self) -> DataFrame:
        """The table at the 95% level."""
        return self.table()

    def tables(self) -> list[Table]:
        """A row an estimator, the combined estimate last."""
        header = ["estimator", "d", "std err", "[0.025", "0.975]", "m"]
        cells = [
            [
                row["estimator"],
                *(number(row[key]) for key in ("d", "stderr", "low", "high")),
                str(row["bandwidth"] or ""),
            ]
            for row in self.rows()
        ]
        return [Table("Estimates of d, standard errors, 95% intervals, ordinates m", header, cells)]

    def summary(self) -> str:
        """Verdict, reasons and table as text."""
        lines = [self.headline(), f"Verdict: {self.verdict}"]
        lines += [f"  - {reason}" for reason in self.reasons]
        lines += ["", self.tables()[0].text()]
        return "\n".join([*lines, *self.remarks()])

    def _headline(self) -> tuple[str, list[str]]:
        title = f"{self.headline()}. Verdict: {self.verdict}"
        return title, [*self.reasons, *self.remarks()]

    def remarks(self) -> list[str]:
        """What a reader of the table must know: notes of estimators, estimators not used."""
        noted = [
            f"{name}: {note}" for name, result in self.estimates.items() for note in result.notes
        ]
        unused = [f"not used: {name} ({why})" for name, why in self.skipped.items()]
        return [*self.notes, *noted, *unused]
