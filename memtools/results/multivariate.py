"""d of several series at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from memtools.results._base import Result, number, plain
from memtools.results.estimates import TestResult
from memtools.results.intervals import ConfidenceInterval, normal_interval, normal_pvalue
from memtools.results.tables import Table

if TYPE_CHECKING:
    from pandas import DataFrame

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class TotalMemory(TestResult):
    """The mean of d over several series, and the one-sided test that it is zero.

    Attributes
    ----------
    estimate : float
        1' d / k.
    stderr : float
        sqrt(1' cov 1) / k.
    """

    estimate: float
    stderr: float


@dataclass(frozen=True, kw_only=True, eq=False)
class MultivariateEstimate(Result):
    """Memory parameters of several series, estimated together.

    Attributes
    ----------
    d : ndarray, shape (n_series,)
    cov : ndarray, shape (n_series, n_series)
        Covariance of `d`.
    coherence : ndarray, shape (n_series, n_series)
        G scaled to ones on its diagonal: the correlation of the series at frequency zero.
    names : tuple of str
    n_obs, bandwidth : int
    shrinkage : float
        Weight of the diagonal in the G that was used; 0 where none was needed.
    converged : bool
    method : str
    notes : tuple of str
    """

    d: FloatArray
    cov: FloatArray
    coherence: FloatArray
    names: tuple[str, ...]
    n_obs: int
    bandwidth: int
    shrinkage: float
    converged: bool
    method: str
    notes: tuple[str, ...] = ()

    @property
    def stderr(self) -> FloatArray:
        """Standard errors of `d`."""
        return np.sqrt(np.diag(self.cov))

    @property
    def hurst(self) -> FloatArray:
        """d + 1/2."""
        return self.d + 0.5

    @property
    def total_memory(self) -> TotalMemory:
        """Test that the mean of d is zero, against more."""
        k = len(self.d)
        mean, stderr = float(self.d.mean()), float(np.sqrt(self.cov.sum()) / k)
        return TotalMemory(
            statistic=mean / stderr,
            pvalue=normal_pvalue(mean / stderr, "greater"),
            null="the mean of d is 0",
            alternative="it is above 0",
            method=f"Total memory, {k} series",
            details={"bandwidth": self.bandwidth, "n_obs": self.n_obs},
            estimate=mean,
            stderr=stderr,
        )

    def confidence_interval(self, level: float = 0.95) -> ConfidenceInterval[FloatArray]:
        """Two-sided normal intervals, series by series.

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

    def to_frame(self) -> DataFrame:
        """A row a series: d, stderr, low, high."""
        import pandas as pd

        low, high = self.confidence_interval()
        columns = {"d": self.d, "stderr": self.stderr, "low": low, "high": high}
        return pd.DataFrame(columns, index=pd.Index(self.names, name="series"))

    def to_dict(self) -> dict[str, Any]:
        """Everything, with the 95% intervals and the total memory, in plain types."""
        ends = plain(self.confidence_interval()._asdict())
        return super().to_dict() | ends | {"total_memory": self.total_memory.to_dict()}

    def tables(self) -> list[Table]:
        """A row a series."""
        low, high = self.confidence_interval()
        rows = [
            [name, *map(number, values)]
            for name, *values in zip(self.names, self.d, self.stderr, low, high, strict=True)
        ]
        return [Table(self.method, ["series", "d", "std. error", "low", "high"], rows)]

    def summary(self) -> str:
        """The table, and the total memory."""
        title, lines = self._headline()
        return "\n".join([title, self.tables()[0].text(), *(f"  {line}" for line in lines)])

    def _headline(self) -> tuple[str, list[str]]:
        total = self.total_memory
        mean = f"mean of d {number(total.estimate)}, standard error {number(total.stderr)}"
        lines = [f"{mean}, p-value of 0 against more {total.pvalue:.4g}", *self.notes]
        title = f"{self.method}: {self.n_obs} observations, bandwidth m = {self.bandwidth}"
        return title, lines
