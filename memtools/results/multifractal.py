"""Multifractal spectra, and correlation of two series by scale."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from memtools._validate import FloatArray
from memtools.results._base import DRAWN, LongTable, number
from memtools.results.intervals import ConfidenceInterval, normal_interval


@dataclass(frozen=True, kw_only=True, eq=False)
class MultifractalSpectrum(LongTable):
    """Scaling exponents of the moments of a series, and the spectrum they imply.

    Attributes
    ----------
    q : ndarray, shape (n_q,)
        Orders of the moments.
    hurst : ndarray, shape (n_q,)
        Generalised Hurst exponents h(q), of the summed series; H of fractional noise at every q.
    tau : ndarray, shape (n_q,)
        Mass exponents q h(q) - 1.
    alpha, f : ndarray, shape (n_q,)
        Singularity strengths, the derivative of tau, and the dimensions q alpha - tau.
    stderr : ndarray, shape (n_q,)
        Standard error of `hurst`.
    method : str
    n_obs : int
    scales : ndarray, shape (n_scales,)
        Window lengths, or powers of two, in observations.
    fluctuations : ndarray, shape (n_scales, n_q)
        F_q(s), the means whose growth `hurst` is.
    intermittency : float
        c_2 of the log-cumulants: 0 for one exponent, negative where there are many; NaN where the
        method has none.
    intermittency_stderr : float
    notes : tuple of str
    """

    _index = "q"
    _columns = ("hurst", "stderr", "tau", "alpha", "f")

    q: FloatArray
    hurst: FloatArray
    tau: FloatArray
    alpha: FloatArray
    f: FloatArray
    stderr: FloatArray
    method: str
    n_obs: int
    scales: FloatArray = field(metadata=DRAWN)
    fluctuations: FloatArray = field(metadata=DRAWN)
    intermittency: float = math.nan
    intermittency_stderr: float = math.nan
    notes: tuple[str, ...] = ()

    @property
    def width(self) -> float:
        """Largest less smallest singularity strength."""
        return float(self.alpha.max() - self.alpha.min())

    def confidence_interval(self, level: float = 0.95) -> ConfidenceInterval[FloatArray]:
        """Two-sided normal intervals of the exponents h(q).

        Parameters
        ----------
        level : float
            Coverage probability, 0.5 or more, of each.

        Returns
        -------
        ConfidenceInterval
            With fields `low` and `high`, arrays of shape (n_q,).
        """
        return normal_interval(self.hurst, self.stderr, level)

    def summary(self) -> str:
        """The range of the exponents in a few lines."""
        lines = [self.method]
        at = np.argmin(np.abs(self.q - 2.0)), np.argmin(self.q), np.argmax(self.q)
        for i in dict.fromkeys(map(int, at)):
            shown = f"{number(self.hurst[i])}, standard error {number(self.stderr[i])}"
            lines.append(f"  h({self.q[i]:g}) = {shown}")
        lines.append(f"  width of the spectrum {number(self.width)}")
        if math.isfinite(self.intermittency):
            error = number(self.intermittency_stderr)
            lines.append(f"  c2 = {number(self.intermittency)}, standard error {error}")
        lines.append(f"  {self.n_obs} observations")
        return "\n".join(lines + [f"  note: {note}" for note in self.notes])


@dataclass(frozen=True, kw_only=True, eq=False)
class ScaleCorrelation(LongTable):
    """Correlation of two series at windows of many lengths.

    Attributes
    ----------
    scales : ndarray, shape (n_scales,)
        Window lengths, in observations.
    rho : ndarray, shape (n_scales,)
        Detrended cross-correlation coefficient, in [-1, 1].
    null : ConfidenceInterval
        Low and high ends, arrays of shape (n_scales,), between which rho of two independent
        series with the memory of these lies with probability `level`, window by window.
    level : float
    d : (float, float)
        Memory of the two series, by detrended fluctuation analysis, that `null` was drawn with.
    n_obs : int
    notes : tuple of str
    """

    _index = "scales"
    _columns = ("rho", "low", "high")

    scales: FloatArray
    rho: FloatArray
    null: ConfidenceInterval[FloatArray]
    level: float
    d: tuple[float, float]
    n_obs: int
    notes: tuple[str, ...] = ()

    @property
    def low(self) -> FloatArray:
        """Lower ends of `null`."""
        return self.null.low

    @property
    def high(self) -> FloatArray:
        """Upper ends of `null`."""
        return self.null.high

    @property
    def outside(self) -> FloatArray:
        """Scales at which rho lies outside `null`."""
        return self.scales[(self.rho < self.low) | (self.rho > self.high)]

    def summary(self) -> str:
        """The coefficients at the ends of the scales in a few lines."""
        lines = ["Detrended cross-correlation"]
        for i in (0, len(self.scales) // 2, -1):
            band = f"[{number(self.low[i])}, {number(self.high[i])}]"
            lines.append(
                f"  windows of {self.scales[i]:g}: rho = {number(self.rho[i])}; of independent "
                f"series in {band} ({self.level:.0%})"
            )
        share = f"{len(self.outside)} of {len(self.scales)} scales"
        lines.append(f"  outside that at {share}; {self.n_obs} observations")
        return "\n".join(lines + [f"  note: {note}" for note in self.notes])
