"""d of a great many series: arrays, and why some have none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from memtools._validate import FloatArray
from memtools.results._base import Result, number
from memtools.results.intervals import ConfidenceInterval, normal_interval
from memtools.results.tables import Table, as_frame

if TYPE_CHECKING:
    from pandas import DataFrame

# What the codes of series say. From 10 on the numbers are there, and to be read with care.
CODES: dict[int, str] = {
    0: "done",
    1: "no values",
    2: "missing or infinite values",
    3: "constant",
    4: "too short",
    5: "no power at the frequencies in use",
    6: "refused by the estimator",
    7: "d not identified",
    8: "could not be read",
    10: "search stopped before its tolerance or at the end of its range",
}
NOT_YET = -1


def told_failures(code: NDArray[np.int8]) -> str | None:
    """How many series were not estimated, and why; None where all were."""
    numbers, counts = np.unique(code, return_counts=True)
    why = {CODES[int(k)]: int(n) for k, n in zip(numbers, counts, strict=True) if k > 0}
    if not why:
        return None
    words = ", ".join(f"{count} {reason}" for reason, count in why.items())
    return f"{sum(why.values())} of {code.size} series were not estimated as usual: {words}"


@dataclass(frozen=True, kw_only=True, eq=False)
class ManyEstimates(Result):
    """What one estimator or test finds in each of many series.

    Attributes
    ----------
    estimator : str
        Name of the function.
    n_obs : int
        Length of every series.
    d, stderr : ndarray, shape (n_series,)
        NaN where there is none: of tests, and where `code` says why.
    bandwidth : ndarray of int, shape (n_series,)
        Fourier ordinates used, 0 where the method has none or the series failed.
    statistic : ndarray, shape (n_series,)
        The test's; of estimates d / stderr.
    pvalue : ndarray, shape (n_series,)
        After Benjamini and Hochberg over all series that have one: of those below 0.05 one in
        twenty is a false discovery, on average.
    single_pvalue : ndarray, shape (n_series,)
        Of each series alone: of the test's null; of estimates of d = 0, two-sided; of
        :func:`memtools.estimate` the chance of d <= 0.
    code : ndarray of int8, shape (n_series,)
        0 where all went well; else the reason, as `codes` tells.
    codes : mapping of int to str
    details : mapping of str to ndarray
        Of :func:`memtools.estimate`: "low" and "high", the ends of the 95% interval, "evidence",
        and "verdict" in words.
    """

    estimator: str
    n_obs: int
    d: FloatArray
    stderr: FloatArray
    bandwidth: NDArray[np.int32]
    statistic: FloatArray
    pvalue: FloatArray
    single_pvalue: FloatArray
    code: NDArray[np.int8]
    codes: Mapping[int, str] = field(default_factory=lambda: dict(CODES))
    details: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    @property
    def notes(self) -> tuple[str, ...]:
        """How many series failed, and why."""
        told = told_failures(self.code)
        return () if told is None else (told,)

    def __len__(self) -> int:
        return len(self.d)

    def __repr__(self) -> str:
        failed = np.count_nonzero(self.code)
        ended = f", {failed} with a code" if failed else ""
        return f"ManyEstimates({self.estimator!r}, {self.code.size} series{ended})"

    def confidence_interval(self, level: float = 0.95) -> ConfidenceInterval[FloatArray]:
        """Two-sided normal intervals d -/+ z stderr, as of the single estimates.

        Parameters
        ----------
        level : float
            Coverage probability, 0.5 or more.

        Returns
        -------
        ConfidenceInterval
            With arrays `low` and `high`.
        """
        return normal_interval(self.d, self.stderr, level)

    def columns(self) -> dict[str, NDArray[Any]]:
        """The arrays by name."""
        names = ("d", "stderr", "bandwidth", "statistic", "pvalue", "single_pvalue", "code")
        return {name: getattr(self, name) for name in names} | dict(self.details)

    def to_frame(self) -> DataFrame:
        """A row a series."""
        columns = {name: values.ravel() for name, values in self.columns().items()}
        frame = as_frame(columns)
        frame.attrs = {"codes": dict(self.codes), "notes": list(self.notes)}
        return frame

    def tables(self) -> list[Table]:
        """Quantiles of d and how many series are significant."""
        d = self.d[np.isfinite(self.d)]
        at = [0.05, 0.25, 0.5, 0.75, 0.95]
        quantiles = np.quantile(d, at) if len(d) else np.full(5, np.nan)
        found = int(np.count_nonzero(self.pvalue < 0.05))
        header = ["", *(f"{100 * q:g}%" for q in at), "below 0.05"]
        rows = [["d", *(number(float(q)) for q in quantiles), str(found)]]
        return [Table(f"Quantiles of d, and adjusted p-values: {self.estimator}", header, rows)]

    def _headline(self) -> tuple[str, list[str]]:
        return f"{self.code.size} series of {self.n_obs} observations", list(self.notes)
