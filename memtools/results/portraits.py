"""What a series looks like: spectra, correlogram, curves, and the portrait of them all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from memtools import _labels
from memtools._validate import FloatArray
from memtools.results._base import DRAWN, LongTable, PageResult, Result, number
from memtools.results.estimates import MemoryEstimate, TestTable
from memtools.results.report import MemoryReport
from memtools.results.scaling import ScalingEstimate
from memtools.results.tables import Table

if TYPE_CHECKING:
    from pandas import DataFrame, Index


@dataclass(frozen=True, kw_only=True, eq=False)
class Spectrum(LongTable):
    """An estimate of the spectral density.

    Attributes
    ----------
    frequencies : ndarray, shape (n_frequencies,)
        In radians per observation, in (0, pi].
    power : ndarray, shape (n_frequencies,)
        Spectral density: its integral over (-pi, pi] is the variance; squared units of the
        series.
    n_obs : int
        Number of observations of the series.
    taper : str or None
        The taper, None for none.
    method : str
        "periodogram", "smoothed periodogram (...)", "AR(p), Yule-Walker", ...
    """

    _index = "frequencies"
    _columns = ("power",)

    frequencies: NDArray[np.float64]
    power: NDArray[np.float64]
    n_obs: int
    taper: str | None = None
    method: str = "periodogram"

    def summary(self) -> str:
        """The spectrum in three lines."""
        peak = int(np.argmax(self.power))
        taper = "no taper" if self.taper is None else f"{self.taper} taper"
        return (
            f"{self.method}, {taper}, {self.n_obs} observations\n"
            f"  {len(self.power)} frequencies from {self.frequencies[0]:.4g} to "
            f"{self.frequencies[-1]:.4g} radians per observation\n"
            f"  largest power {self.power[peak]:.4g} at {self.frequencies[peak]:.4g}"
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Correlogram(Result):
    """Sample autocorrelations, the bands they are read against, and two fitted laws.

    Attributes
    ----------
    name : str
        Name of the series.
    n_obs : int
        Number of observations.
    values : ndarray, shape (n_lags + 1,)
        Sample autocorrelations, lag 0 first.
    partial : ndarray, shape (n_partial + 1,)
        Partial autocorrelations, lag 0 first, n_partial <= n_lags.
    bands : mapping of str to (low, high)
        Pointwise bands by hypothesis: "white", "bartlett" and, with d in [0, 1/2),
        "long-memory"; arrays of shape (n_lags + 1,).
    level : float
        Pointwise coverage probability of the bands.
    d : float or None
        Memory parameter of the long-memory band, None where it has none.
    implied : mapping of str to ndarray, shape (n_lags + 1,)
        By model, what it lets one expect of sample autocorrelations at this length: the best
        long-memory model where there is one, and the best short-memory model.
    """

    name: str
    n_obs: int
    values: FloatArray
    partial: FloatArray
    bands: Mapping[str, tuple[FloatArray, FloatArray]]
    level: float
    d: float | None
    implied: Mapping[str, FloatArray]

    @property
    def n_lags(self) -> int:
        """The largest lag."""
        return len(self.values) - 1

    @property
    def absolute_sums(self) -> FloatArray:
        """Sums of |autocorrelation| over the lags 0..k: bounded for short memory only."""
        return np.cumsum(np.abs(self.values))

    def to_frame(self) -> DataFrame:
        """A row a lag: acf, pacf and the ends of the bands."""
        import pandas as pd

        columns: dict[str, Any] = {"acf": self.values, "pacf": pd.Series(self.partial)}
        for kind, (low, high) in self.bands.items():
            columns |= {f"{kind}_low": low, f"{kind}_high": high}
        return pd.DataFrame(columns).rename_axis("lag")

    def _shown_lags(self) -> list[int]:
        return [k for k in (1, 2, 5, 10, 20, 50, 100, 200) if k <= self.n_lags]

    def tables(self) -> list[Table]:
        """Autocorrelations and the upper ends of the bands at some lags."""
        rows = [
            [
                str(k),
                number(float(self.values[k])),
                *(number(float(high[k])) for _, high in self.bands.values()),
            ]
            for k in self._shown_lags()
        ]
        header = ["lag", "autocorrelation", *(f"{kind} band" for kind in self.bands)]
        title = f"Autocorrelations and upper ends of the {100.0 * self.level:g}% bands"
        return [Table(title, header, rows)]

    def _headline(self) -> tuple[str, list[str]]:
        return f"Autocorrelations of {self.name}, {self.n_obs} observations", self._laws()

    def _laws(self) -> list[str]:
        last = min(self.n_lags, 10)
        return [
            f"{model}: expected {number(float(law[1]), 2)} at lag 1, "
            f"{number(float(law[last]), 2)} at lag {last}"
            for model, law in self.implied.items()
        ]


@dataclass(frozen=True, kw_only=True, eq=False)
class BandwidthCurve(LongTable):
    """Estimates of d over the number m of Fourier ordinates.

    Attributes
    ----------
    name : str
        Name of the series.
    method : str
        The estimator.
    bandwidths : ndarray of int, shape (n_bandwidths,)
        Increasing numbers m of ordinates.
    d, stderr : ndarray, shape (n_bandwidths,)
    low, high : ndarray, shape (n_bandwidths,)
        Pointwise interval.
    band_low, band_high : ndarray, shape (n_bandwidths,)
        Simultaneous band: holds d at all m at once with probability `level`, where the
        spectrum is that of fractional noise over all the ordinates used.
    level : float
    chosen : int
        The default m of the estimator.
    """

    _index = "bandwidths"
    _columns = ("d", "stderr", "low", "high", "band_low", "band_high")
    _drawn_by = ("plot_bandwidth_curve",)

    name: str
    method: str
    bandwidths: NDArray[np.int64]
    d: FloatArray
    stderr: FloatArray
    low: FloatArray
    high: FloatArray
    band_low: FloatArray
    band_high: FloatArray
    level: float
    chosen: int

    def summary(self) -> str:
        """The range of the estimates as text."""
        return (
            f"{self.method} over m = {self.bandwidths[0]}..{self.bandwidths[-1]}: "
            f"d from {number(float(self.d.min()))} to {number(float(self.d.max()))}"
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class RollingMemory(LongTable):
    """d of a window that moves over the series.

    Attributes
    ----------
    name : str
    method : str
    window, step : int
        In observations.
    ends : ndarray of int, shape (n_windows,)
        Position, from 0, of the last observation of each window.
    d, stderr : ndarray, shape (n_windows,)
    reference : float
        d of the whole series, that the windows are held against.
    critical : float
        Largest |d - reference| / stderr over the windows that one constant d exceeds with
        probability 1 - `level`.
    level : float
    alarms : ndarray of bool, shape (n_windows,)
        Windows beyond the critical value.
    shifts : tuple of int
        Positions of shifts in the mean that were taken off first.
    index : Index or None
        Dates or times of all observations of the series, where they have any.
    """

    _index = "ends"
    _columns = ("d", "stderr", "alarms")
    _drawn_by = ("plot_rolling_memory",)

    name: str
    method: str
    window: int
    step: int
    ends: NDArray[np.int64]
    d: FloatArray
    stderr: FloatArray
    reference: float
    critical: float
    level: float
    alarms: NDArray[np.bool_]
    shifts: tuple[int, ...] = ()
    index: Index[Any] | None = field(default=None, repr=False, metadata=DRAWN)

    def to_frame(self) -> DataFrame:
        """The table, a row a window, by the date or the position of its last observation."""
        frame = super().to_frame()
        if self.index is None:
            return frame
        return frame.set_axis(self.index[self.ends]).rename_axis("ends")

    def summary(self) -> str:
        """Windows and alarms as text."""
        holes, n_alarms = int(np.isnan(self.d).sum()), int(np.sum(self.alarms))
        shifts = [
            str(position) if self.index is None else _labels.shown(self.index[position])
            for position in self.shifts
        ]
        period = _labels.period_shown(self.index)
        return (
            f"{self.method} over {len(self.d)} windows of {self.window} observations"
            + (f", {period}" if period else "")
            + f": d from {number(float(np.nanmin(self.d)))} to "
            f"{number(float(np.nanmax(self.d)))}, {n_alarms} alarm{'' if n_alarms == 1 else 's'}"
            + (f"; shifts in the mean taken off at {', '.join(shifts)}" if shifts else "")
            + (f"; {holes} windows that do not vary or were seldom observed" if holes else "")
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class SeriesPortrait(PageResult):
    """All that a report shows of one series.

    Attributes
    ----------
    name : str
    values : ndarray, shape (n_obs,)
    index : ndarray, shape (n_obs,), or None
        Dates or times of the observations, None where they are only counted.
    rolling_mean : ndarray, shape (n_obs,)
        Centred mean over `mean_window` observations, NaN near the ends.
    mean_window : int
    report : MemoryReport
        Verdict, reasons and estimates: those of `estimate`.
    correlogram : Correlogram
    periodogram, smoothed : Spectrum
    model : Spectrum or None
        Spectral density of the fitted ARFIMA model, its `method` names it.
    log_periodogram, local_whittle : MemoryEstimate
        The estimates whose lines are drawn into the log-periodogram; `details` has their
        "intercept" (log power at log frequency 0).
    bandwidth_curve : BandwidthCurve
    scaling : mapping of str to ScalingEstimate
        By function name: "aggregated_variance", "rescaled_range", "detrended_fluctuation".
    rolling : RollingMemory or None
        None where the series is too short.
    tests : TestTable or None
        None where the series has gaps, is too short or has more than 50,000 observations.
    """

    name: str
    values: FloatArray
    index: Index[Any] | None
    rolling_mean: FloatArray
    mean_window: int
    report: MemoryReport
    correlogram: Correlogram
    periodogram: Spectrum
    smoothed: Spectrum
    model: Spectrum | None
    log_periodogram: MemoryEstimate
    local_whittle: MemoryEstimate
    bandwidth_curve: BandwidthCurve
    scaling: Mapping[str, ScalingEstimate]
    rolling: RollingMemory | None
    tests: TestTable | None

    def summary(self) -> str:
        """The text of the report."""
        return self.report.summary()

    def tables(self) -> list[Table]:
        """Those of the report."""
        return self.report.tables()

    def _headline(self) -> tuple[str, list[str]]:
        return self.report._headline()
