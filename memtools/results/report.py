"""The verdict on one series, the explanations weighed, every estimate of d."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from memtools import _labels, _validate
from memtools._validate import FloatArray
from memtools.results._base import DRAWN, PageResult, number, plain
from memtools.results.estimates import MemoryEstimate
from memtools.results.intervals import ConfidenceInterval
from memtools.results.tables import Table, as_frame

if TYPE_CHECKING:
    from pandas import DataFrame, Index

# The row of the headline d in the table of estimates.
HEADLINE = "weighed explanations"
VERDICTS = (
    "short memory",
    "long memory",
    "antipersistent",
    "nonstationary",
    "spurious",
    "undecided",
)


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """One rival explanation of a series.

    Attributes
    ----------
    world : str
        The model, and the trend or the shifts under it.
    d, low, high : float
        In this explanation, with a 95% interval.
    weight : float
        Among all explanations, whose weights sum to one.
    says : str
        Its verdict.
    """

    world: str
    d: float
    low: float
    high: float
    weight: float
    says: str


@dataclass(frozen=True, kw_only=True)
class MemoryReport(PageResult):
    """Answer to: does this series have long memory?

    Attributes
    ----------
    name : str
        Name of the series.
    n_obs : int
        Number of observations.
    d : float
        Median over the explanations of the likeliest verdict.
    verdict : str
        "short memory", "long memory", "antipersistent", "nonstationary", "spurious" or
        "undecided".
    answer : str
        One sentence, with the doubt in it.
    reasons : list of str
        In order of weight.
    chances : dict of str to float
        Weight of each verdict but "undecided"; they sum to one.
    error_rate : float
        Share of wrong among the calibration series of about this length that got this verdict,
        every class of series as frequent as another; NaN where undecided.
    explanations : tuple of Explanation
        Rows of `worlds`: the heavy ones, and the best of each verdict.
    estimates : dict of str to MemoryEstimate
        By the name of the estimator's function.
    skipped : dict of str to str
        Estimators that could not be used, and why.
    options : dict of str
        What was asked for beyond the defaults.
    values : ndarray, shape (n_obs,)
        The series, for figures; not in `to_dict`.
    index : ndarray or None
        Dates or times of the observations, where they have any.
    notes : tuple of str
        What was done to the order of the series and to missing values.
    d_points, d_chances : ndarray
        d over all explanations, as points with chances, for the interval.
    """

    _drawn_by = ("plot_worlds", "plot_estimates")

    name: str
    n_obs: int
    d: float
    verdict: str
    answer: str
    reasons: list[str]
    chances: dict[str, float]
    error_rate: float
    explanations: tuple[Explanation, ...]
    estimates: dict[str, MemoryEstimate]
    skipped: dict[str, str]
    options: dict[str, Any]
    values: FloatArray = field(repr=False, compare=False, metadata=DRAWN)
    index: Index[Any] | None = field(default=None, repr=False, compare=False, metadata=DRAWN)
    notes: tuple[str, ...] = ()
    d_points: FloatArray = field(repr=False, compare=False, metadata=DRAWN)
    d_chances: FloatArray = field(repr=False, compare=False, metadata=DRAWN)

    def headline(self) -> str:
        """Name, number of observations and the period they cover."""
        period = _labels.period_shown(self.index)
        return f"{self.name}: {self.n_obs} observations" + (f", {period}" if period else "")

    @property
    def hurst(self) -> float:
        """d + 1/2."""
        return self.d + 0.5

    @property
    def evidence(self) -> float:
        """Weight of the explanations with long memory, from 0 to 1."""
        return self.chances["long memory"]

    @property
    def stderr(self) -> float:
        """A standard error that would give the 95% interval's width."""
        low, high = self.confidence_interval()
        return (high - low) / 3.919928

    def confidence_interval(self, level: float = 0.95) -> ConfidenceInterval[float]:
        """Equal-tailed interval of d over the explanations.

        Those of every verdict with a chance above 15% count.  Where explanations without memory
        are the likelier ones, they count with what d would be in their model, were it free.

        Parameters
        ----------
        level : float
            Coverage probability, 0.5 or more.

        Returns
        -------
        ConfidenceInterval
            With fields `low` and `high`.
        """
        level = _validate.as_level(level)
        below = np.cumsum(self.d_chances) - 0.5 * self.d_chances
        ends = np.interp([0.5 - level / 2.0, 0.5 + level / 2.0], below, self.d_points)
        return ConfidenceInterval(min(float(ends[0]), self.d), max(float(ends[1]), self.d))

    def chance_below(self, d: float) -> float:
        """Chance over the explanations that the memory parameter lies below d."""
        below = np.cumsum(self.d_chances) - 0.5 * self.d_chances
        return float(np.clip(np.interp(d, self.d_points, below), 0.0, 1.0))

    @property
    def worlds(self) -> DataFrame:
        """The rival explanations, heaviest first: world, d, low, high, weight, says."""
        columns = ["world", "d", "low", "high", "weight", "says"]
        rows = [[getattr(row, key) for key in columns] for row in self.explanations]
        return as_frame(rows, columns=columns)

    def rows(self, level: float = 0.95) -> list[dict[str, Any]]:
        """One plain dictionary an estimator, the headline d of the explanations last."""
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
        headline = {"estimator": HEADLINE, "d": self.d, "stderr": self.stderr}
        return [*rows, headline | {"low": low, "high": high, "bandwidth": None}]

    def table(self, level: float = 0.95) -> DataFrame:
        """A row an estimator, the headline d of the explanations last.

        Parameters
        ----------
        level : float
            Coverage probability of the intervals.

        Returns
        -------
        pandas.DataFrame
            Columns d, stderr, low, high, bandwidth; index the estimators' names.
        """
        frame = as_frame(self.rows(level)).set_index("estimator")
        return frame.astype({"bandwidth": "Int64"})

    def to_frame(self) -> DataFrame:
        """The table at the 95% level."""
        return self.table()

    def tables(self) -> list[Table]:
        """The rival explanations, then a row an estimator."""
        worlds = [
            [
                row.world,
                *(number(value, 2) for value in (row.d, row.low, row.high)),
                f"{100.0 * row.weight:.1f}%",
                row.says,
            ]
            for row in self.explanations
        ]
        header = ["estimator", "d", "std err", "[0.025", "0.975]", "m"]
        cells = [
            [
                row["estimator"],
                *(number(row[key]) for key in ("d", "stderr", "low", "high")),
                str(row["bandwidth"] or ""),
            ]
            for row in self.rows()
        ]
        return [
            Table(
                "Rival explanations and their weights",
                ["world", "d", "[0.025", "0.975]", "weight", "says"],
                worlds,
            ),
            Table("Estimates of d, standard errors, 95% intervals, ordinates m", header, cells),
        ]

    def summary(self, width: int | None = None) -> str:
        """The answer, reasons and tables as text, as the command line shows them.

        Parameters
        ----------
        width : int, optional
            Columns of the window: lines are broken to fit, where it is given.
        """

        def broken(line: str, indent: str = "") -> str:
            return line if width is None else textwrap.fill(line, width, subsequent_indent=indent)

        lines = [broken(self.headline()), f"Verdict: {self.verdict}", broken(self.answer)]
        lines += [broken(f"  - {reason}", "    ") for reason in self._reasons()]
        for table in self.tables():
            lines += ["", table.text(width)]
        return "\n".join([*lines, *map(broken, self.remarks())])

    def _headline(self) -> tuple[str, list[str]]:
        title = f"{self.headline()}. Verdict: {self.verdict}"
        return title, [self.answer, *self._reasons(), *self.remarks()]

    def _reasons(self) -> list[str]:
        return [*self.reasons, *([] if math.isnan(self.error_rate) else [self.how_sure()])]

    def how_sure(self) -> str:
        """How often this verdict was wrong in calibration."""
        gaps = ", all without gaps" if np.isnan(self.values).any() else ""
        return (
            f'Of calibration series of about this length with the verdict "{self.verdict}", '
            f"{100.0 * self.error_rate:.0f} in 100 were something else{gaps}."
        )

    def remarks(self) -> list[str]:
        """What a reader of the table must know: notes of estimators, estimators not used."""
        noted = [
            f"{name}: {note}" for name, result in self.estimates.items() for note in result.notes
        ]
        unused = [f"not used: {name} ({why})" for name, why in self.skipped.items()]
        return [*self.notes, *noted, *unused]

    def to_dict(self) -> dict[str, Any]:
        """Everything, with the 95% interval of d, in plain JSON-ready types."""
        shown = super().to_dict() | plain(self.confidence_interval()._asdict())
        shown["worlds"] = shown.pop("explanations")
        derived = {"hurst": self.hurst, "stderr": self.stderr, "evidence": self.evidence}
        return shown | plain(derived)
