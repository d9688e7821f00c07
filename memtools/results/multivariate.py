"""d of several series at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from memtools.results._base import Result, number, plain
from memtools.results.estimates import MemoryEstimate, TestResult
from memtools.results.intervals import ConfidenceInterval, normal_interval, normal_pvalue
from memtools.results.tables import Table, as_frame

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
    bias : float
        Of each d at this bandwidth, to second order; `total_memory` allows for it.
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
    bias: float
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
        statistic = (mean - self.bias) / stderr
        return TotalMemory(
            statistic=statistic,
            pvalue=normal_pvalue(statistic, "greater"),
            null="the mean of d is 0",
            alternative="it is above 0",
            method=f"Total memory, {k} series",
            details={"bandwidth": self.bandwidth, "n_obs": self.n_obs, "bias": self.bias},
            finding=f"mean of d {number(mean)}, standard error {number(stderr)}",
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
        low, high = self.confidence_interval()
        columns = {"d": self.d, "stderr": self.stderr, "low": low, "high": high}
        return as_frame(columns, index=list(self.names)).rename_axis("series")

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

    def _headline(self) -> tuple[str, list[str]]:
        total = self.total_memory
        mean = f"mean of d {number(total.estimate)}, standard error {number(total.stderr)}"
        lines = [f"{mean}, p-value of 0 against more {total.pvalue:.4g}", *self.notes]
        title = f"{self.method}: {self.n_obs} observations, bandwidth m = {self.bandwidth}"
        return title, lines


@dataclass(frozen=True, kw_only=True, eq=False)
class CointegrationRank(Result):
    """How many combinations of several series have less memory than the series.

    Attributes
    ----------
    rank : int
        The first that is not rejected against more at level `alpha`.
    pvalues : ndarray, shape (n_series - 1,)
        Of the ranks 0, 1, ... against more, one-sided.
    strengths, strength_stderr : ndarray, shape (n_series - 1,)
        By how much the memory of further combinations is less in sum, beyond each rank, and the
        standard errors if there are none.
    eigenvalues : ndarray, shape (n_series,)
        Of the correlation matrix at frequency zero, largest first.
    selected_rank : int
        Number of eigenvalues that the model selection counts as zero.
    vectors : ndarray, shape (n_series, rank)
        Combinations of least power at low frequencies, a column each, largest coefficient 1.
    d : ndarray, shape (n_series,)
        Exact local Whittle estimates.
    names : tuple of str
    n_obs, bandwidth : int
    alpha : float
    notes : tuple of str
    """

    rank: int
    pvalues: FloatArray
    strengths: FloatArray
    strength_stderr: FloatArray
    eigenvalues: FloatArray
    selected_rank: int
    vectors: FloatArray
    d: FloatArray
    names: tuple[str, ...]
    n_obs: int
    bandwidth: int
    alpha: float
    notes: tuple[str, ...] = ()

    def to_frame(self) -> DataFrame:
        """A row a rank: strength, stderr, pvalue against more."""
        columns = {
            "strength": self.strengths,
            "stderr": self.strength_stderr,
            "pvalue": self.pvalues,
        }
        return as_frame(columns).rename_axis("rank")

    def tables(self) -> list[Table]:
        """A row a rank."""
        figures = zip(self.strengths, self.strength_stderr, self.pvalues, strict=True)
        rows = [
            [str(rank), number(b), number(error), f"{p:.4g}"]
            for rank, (b, error, p) in enumerate(figures)
        ]
        header = ["rank", "strength beyond", "std. error", "p-value against more"]
        return [Table("Cointegrating rank", header, rows)]

    def _headline(self) -> tuple[str, list[str]]:
        title = f"Cointegrating rank {self.rank} of {len(self.d)} series at level {self.alpha:g}"
        memory = ", ".join(
            f"{name} {number(d)}" for name, d in zip(self.names, self.d, strict=True)
        )
        lines = [f"{self.n_obs} observations, bandwidth m = {self.bandwidth}", f"d: {memory}"]
        for vector in self.vectors.T:
            parts = zip(vector, self.names, strict=True)
            lines.append("combination: " + " ".join(f"{v:+.3f} {name}" for v, name in parts))
        return title, [*lines, *self.notes]


@dataclass(frozen=True, kw_only=True, eq=False)
class CointegratingRegression(Result):
    """Coefficients between series of long memory whose error has less of it.

    Attributes
    ----------
    coefficients, stderr : ndarray, shape (n_regressors,)
    constant : float
        Mean of the error; it has no standard error.
    names : tuple of str
        Of the regressors.
    residual_memory : MemoryEstimate
        Of what the regression leaves.
    regressor_d : ndarray, shape (n_regressors,)
    n_obs, bandwidth : int
    method : str
    notes : tuple of str
    """

    coefficients: FloatArray
    stderr: FloatArray
    constant: float
    names: tuple[str, ...]
    residual_memory: MemoryEstimate
    regressor_d: FloatArray
    n_obs: int
    bandwidth: int
    method: str
    notes: tuple[str, ...] = ()

    def confidence_interval(self, level: float = 0.95) -> ConfidenceInterval[FloatArray]:
        """Two-sided normal intervals of the coefficients.

        Parameters
        ----------
        level : float
            Coverage probability, 0.5 or more.

        Returns
        -------
        ConfidenceInterval
            With arrays `low` and `high`.
        """
        return normal_interval(self.coefficients, self.stderr, level)

    def to_frame(self) -> DataFrame:
        """A row a regressor: coefficient, stderr, low, high, d."""
        low, high = self.confidence_interval()
        columns = {
            "coefficient": self.coefficients,
            "stderr": self.stderr,
            "low": low,
            "high": high,
            "d": self.regressor_d,
        }
        return as_frame(columns, index=list(self.names)).rename_axis("regressor")

    def to_dict(self) -> dict[str, Any]:
        """Everything, with the 95% intervals, in plain types."""
        return super().to_dict() | plain(self.confidence_interval()._asdict())

    def tables(self) -> list[Table]:
        """A row a regressor."""
        header = ["regressor", "coefficient", "std. error", "low", "high", "d"]
        rows = [[name, *map(number, values)] for name, *values in self.to_frame().itertuples()]
        return [Table(self.method, header, rows)]

    def _headline(self) -> tuple[str, list[str]]:
        rest = self.residual_memory
        memory = f"d of the error {number(rest.d)}, standard error {number(rest.stderr)}"
        title = f"{self.method}: {self.n_obs} observations, bandwidth m = {self.bandwidth}"
        return title, [f"{memory}; constant {number(self.constant)}", *self.notes]
