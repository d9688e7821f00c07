"""Tests against long memory of many series at once, and the lags that they choose themselves."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from memtools import _validate
from memtools._validate import Bandwidth, FloatArray
from memtools.inference import partial_sums as ps
from memtools.inference.laws import Law, law, pvalues
from memtools.spectral import Sample

MIN_OBS = 50
LARGEST_ORDER = 8  # of the autoregression that Robinson's LM statistic allows for

Statistic = Callable[[FloatArray, FloatArray], FloatArray]


@dataclass(frozen=True)
class ShortTests:
    """A test of each of many rows.

    Attributes
    ----------
    statistic : ndarray, shape (n_rows,)
        NaN, or infinite, where there is none.
    side : {"greater", "less"}
        Where the alternative is.
    kinds : ndarray of str, shape (n_rows,)
        Names of the laws under the null.
    coefficients : ndarray, shape (n_rows,)
        Which law of its kind is a row's.
    used : ndarray of int, shape (n_rows,)
        Lags, orders or ordinates.
    n_obs : int or None
        None for the limit laws.
    bandwidth : ndarray of int or int
        Ordinates used; 0 of what uses none.
    """

    statistic: FloatArray
    side: str
    kinds: NDArray[np.str_]
    coefficients: FloatArray
    used: NDArray[np.int64]
    n_obs: int | None
    bandwidth: NDArray[np.int64] | int = 0

    def null(self, row: int) -> Law:
        """The law of a row."""
        kind = str(self.kinds[row])
        return law("short_laws", kind, self._place(), float(self.coefficients[row]))

    @property
    def pvalue(self) -> FloatArray:
        """p-values, shape (n_rows,)."""
        found = np.full(len(self.statistic), np.nan)
        for kind in np.unique(self.kinds):
            here = (self.kinds == kind) & np.isfinite(self.statistic)
            of_these = self.coefficients[here], self.statistic[here]
            found[here] = pvalues("short_laws", str(kind), self._place(), *of_these, self.side)
        return found

    def _place(self) -> float:
        """Between lengths straight in n^(-1/3), as HAC's bias; 0 is the limit law."""
        return 0.0 if self.n_obs is None else self.n_obs ** (-1 / 3)


def whittle_ordinates(r: FloatArray, n_obs: int) -> np.ndarray:
    """Plug-in number of ordinates for AR(1) (Lobato and Robinson, 1998), at most n_obs^0.65."""
    curvature = np.maximum(np.abs(r / (1.0 - r) ** 2), 1e-6)
    m = (0.75 / math.pi) ** 0.8 * curvature**-0.4 * n_obs**0.8
    return np.clip(m, max(6, int(n_obs**0.4)), int(n_obs**0.65)).astype(np.int64)


def lm_order(n_obs: int) -> int:
    """Largest order of the autoregression at this length."""
    return min(LARGEST_ORDER, int(n_obs ** (1 / 3)))


def pp_lags(n_obs: int) -> int:
    """arch's default: ceil(12 (n / 100)^(1/4))."""
    return math.ceil(12.0 * (n_obs / 100.0) ** 0.25)


def as_lag(n_lags: int, n_obs: int) -> int:
    """The largest lag of a long-run variance, checked."""
    return _validate.as_integer(n_lags, "n_lags", 0, n_obs // 2)


def range_rows(sample: Sample, n_lags: int | None = None) -> ShortTests:
    """:func:`modified_rescaled_range` of many rows."""
    return _of_sums(sample, n_lags, ps.range_statistic, "range")


def vs_rows(sample: Sample, n_lags: int | None = None) -> ShortTests:
    """:func:`vs_test` of many rows."""
    return _of_sums(sample, n_lags, ps.vs_statistic, "vs")


def kpss_rows(sample: Sample, trend: str = "c", n_lags: int | None = None) -> ShortTests:
    """:func:`kpss_test` of many rows."""
    _validate.as_choice(trend, "trend", ("c", "ct"))
    take_off = ps.centred if trend == "c" else ps.detrended
    return _of_sums(sample, n_lags, ps.kpss_statistic, f"kpss_{trend}", take_off)


def _of_sums(
    sample: Sample,
    n_lags: int | None,
    statistic: Statistic,
    kind: str,
    take_off: Callable[[FloatArray], FloatArray] = ps.centred,
) -> ShortTests:
    _validate.require_length(sample.n_obs, "x", MIN_OBS)
    x, n_obs = take_off(sample.values), sample.n_obs
    # A straight line leaves nothing, or rounding.
    left = np.abs(x).max(axis=1) > 1e-12 * np.abs(sample.values).max(axis=1)
    r = np.zeros(len(x))
    r[left] = ps.first_autocorrelation(x[left])
    lags = ps.andrews_lags(r, n_obs)
    if n_lags is not None:
        lags = np.full(len(x), as_lag(n_lags, n_obs))
    found = np.full(len(x), np.nan)
    # Rows of one lag together: what is done to a row depends on no other.
    for lag in np.unique(lags):
        here = left & (lags == lag)
        if here.any():
            found[here] = statistic(x[here], ps.bartlett_variance(x[here], lags[here]))
    kinds, coefficients = _of_kind(kind, x, r)
    at = n_obs if n_lags is None else None
    return ShortTests(found, "greater", kinds, coefficients, lags, at)


def phillips_perron_rows(sample: Sample, trend: str = "c", n_lags: int | None = None) -> ShortTests:
    """:func:`phillips_perron_test` of many rows; a straight line has no statistic."""
    _validate.require_length(sample.n_obs, "x", MIN_OBS + 1)
    _validate.as_choice(trend, "trend", ("c", "ct"))
    n_obs, rows = sample.n_obs, sample.values
    used = pp_lags(n_obs) if n_lags is None else as_lag(n_lags, n_obs)
    increments = np.diff(rows)
    varies = np.ptp(increments, axis=1) > 0.0
    statistic, r = np.full(len(rows), np.nan), np.zeros(len(rows))
    if varies.any():
        statistic[varies] = ps.phillips_perron_tau(rows[varies], used, trend)
        r[varies] = ps.first_autocorrelation(increments[varies])
    kinds, lags = np.full(len(rows), f"pp_{trend}"), np.full(len(rows), used)
    return ShortTests(statistic, "less", kinds, r, lags, n_obs if n_lags is None else None)


def robinson_lm_rows(sample: Sample, order: int | None = None) -> ShortTests:
    """:func:`robinson_lm` of many rows."""
    _validate.require_length(sample.n_obs, "x", MIN_OBS)
    rows, n_obs = sample.values, sample.n_obs
    if order is None:
        statistic, used = ps.lm_statistic(rows, lm_order(n_obs))
    else:
        order = _validate.as_integer(order, "order", 0, LARGEST_ORDER)
        statistic, used = ps.lm_of_order(rows, order), np.full(len(rows), order)
    kinds, r = _of_kind("lm", rows, ps.first_autocorrelation(rows))
    return ShortTests(statistic, "greater", kinds, r, used, n_obs if order is None else None)


def lobato_robinson_rows(sample: Sample, bandwidth: Bandwidth = None) -> ShortTests:
    """:func:`lobato_robinson` of many rows."""
    _validate.require_length(sample.n_obs, "x", MIN_OBS)
    n_obs, r = sample.n_obs, ps.first_autocorrelation(sample.values)
    m = whittle_ordinates(r, n_obs)
    if bandwidth is not None:
        m = np.full(len(r), _validate.as_bandwidth(bandwidth, n_obs, 0.65, 3))
    power = sample.spectrum(int(m.max())).power
    statistic = np.empty(len(r))
    for size in np.unique(m):
        statistic[m == size] = ps.whittle_score(power[m == size, :size])
    kinds, coefficients = _of_kind("lobato_robinson", sample.values, r)
    at = n_obs if bandwidth is None else None
    return ShortTests(statistic, "less", kinds, coefficients, m, at, m)


def _of_kind(name: str, rows: FloatArray, r: FloatArray) -> tuple[NDArray[np.str_], FloatArray]:
    """The laws of AR(1) or of MA(1), by whose second autocorrelation is nearer, and coefficients.

    `r` are the first autocorrelations.
    """
    acov = ps.autocovariances(ps.centred(rows), 2)
    first, second = (acov[:, 1:] / np.maximum(acov[:, :1], np.finfo(float).tiny)).T
    autoregressive = np.abs(second) >= np.abs(second - first**2)
    moving = 2.0 * r / (1.0 + np.sqrt(np.maximum(1.0 - 4.0 * r**2, 0.0)))
    kinds = np.where(autoregressive, name, f"{name}_moving")
    return kinds, np.where(autoregressive, r, moving)
