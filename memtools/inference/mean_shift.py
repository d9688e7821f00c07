"""A shift in the mean of a series with memory: tests that memory does not deceive."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate, spectral
from memtools._validate import FloatArray
from memtools.estimators.whittle import local_whittle
from memtools.inference import shift_statistics
from memtools.inference.laws import law
from memtools.long_run import memory_robust_variance
from memtools.processes import ARFIMAProcess
from memtools.results import BreakTestResult, ConfidenceInterval
from memtools.simulation import simulate

METHODS = {
    "wilcoxon": "Self-normalised Wilcoxon (Betken)",
    "wald": "Self-normalised sup Wald (Shao)",
    "cusum": "CUSUM-LM",
    "fixed-b": "Fixed-b sup Wald",
}
MIN_OBS = 50
_BANDWIDTH = 0.7
_RANGE = (-0.4, 0.49)
# Paths that the interval of the date rests on, and their longest length.
_PATHS, _LENGTH = 400, 1000


def memory_level(values: FloatArray, d: float) -> FloatArray:
    """Long-run variance under memory d, from the ordinates that d is estimated on; row by row."""
    spectrum = spectral.Sample(values).spectrum(int(values.shape[-1] ** _BANDWIDTH))
    return memory_robust_variance(spectrum, d)


def estimated_memory(values: FloatArray) -> float:
    """The local Whittle estimate, moved to where the laws are known."""
    return min(max(local_whittle(spectral.Sample(values), _BANDWIDTH).d, _RANGE[0]), _RANGE[1])


def mean_shift_test(
    x: ArrayLike, method: str = "wilcoxon", d: float | None = None, level: float | None = 0.95
) -> BreakTestResult:
    """Is there a shift in the mean, or only memory?

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 50 observations.
    method : {"wilcoxon", "wald", "cusum", "fixed-b"}
        Self-normalised Wilcoxon, robust against outliers; self-normalised difference of means;
        CUSUM over its standard deviation under memory d; sup Wald with the long-run variance of
        a tenth of all lags.
    d : float, optional
        Memory under the null, in [-0.4, 0.49]; by default the local Whittle estimate on n^0.7
        ordinates, moved into that range.  A shift makes the estimate larger and the test
        careful.
    level : float, optional
        Of the interval of the date; None for none, which is faster.

    Returns
    -------
    BreakTestResult
        With `date` (least squares), `interval`, `size` of the shift; `details` holds "d", the
        mean "before" it and "critical_values".

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series of 50 observations or more, or an argument is out
        of range.

    Notes
    -----
    Dates within 15% of the ends are left out.  P-values are from 5,000 to 20,000 paths of
    ARFIMA(0, d, 0) at this d and length (up to 2,000); those of the CUSUM, which d enters, where d
    is estimated allow for that.  The interval is that of dates found in
    400 paths with this memory and a shift of this size (seed fixed).
    R: memochange's ``snsupwald(x, d)``, ``CUSUMLM(x, d, delta = 0.7)`` (which has one ordinate
    more) and ``fixbsupw(x, d, bandw = 0.1)`` give these statistics; its ``snwilcoxon`` looks at
    all dates, although its critical values are for the inner 70%.

    References
    ----------
    Betken, A. (2016). Testing for change-points in long-range dependent time series by means of
    a self-normalized Wilcoxon test. Journal of Time Series Analysis 37, 785-809.
    Shao, X. (2011). A simple test of changes in mean in the possible presence of long-range
    dependence. Journal of Time Series Analysis 32, 598-606.
    Iacone, F., Leybourne, S. J. and Taylor, A. M. R. (2014). A fixed-b test for a break in level
    at an unknown time under fractional integration. JTSA 35, 40-54.
    Wenger, K., Leschinski, C. and Sibbertsen, P. (2019). Change-in-mean tests in long-memory time
    series: a review of recent developments. AStA Advances in Statistical Analysis 103, 237-256.

    Examples
    --------
    >>> import memtools as mt
    >>> found = mt.mean_shift_test(mt.datasets.load("nile"))
    >>> found.date, found.pvalue < 0.05
    (1899, True)
    """
    values = _validate.as_varying_series(x, min_obs=MIN_OBS)
    _validate.as_choice(method, "method", list(METHODS))
    level = None if level is None else _validate.as_level(level)
    estimated = d is None
    d = estimated_memory(values) if d is None else _validate.as_real(d, "d", *_RANGE)
    n_obs = len(values)
    statistic = _largest(values, method, d)
    null = law("shift_laws", method, n_obs**-0.5, d)
    if estimated and method == "cusum":
        # d moves this statistic itself.
        null = null.under(law("shift_laws", "cusum_estimated", n_obs**-0.5, d))
    position, shift = _least_squares(values)
    before = float(values[:position].mean())
    labels = _validate.index_of(x)
    ends = None if level is None else _interval(values, position, shift, level)
    return BreakTestResult(
        statistic=statistic,
        pvalue=null.pvalue(statistic, "greater"),
        null=f"a constant mean, memory d = {d:z.2f}",
        alternative="one shift in the mean",
        method=METHODS[method],
        position=position,
        date=label_of(labels, position),
        interval=ends and ConfidenceInterval(*(label_of(labels, end) for end in ends)),
        positions=ends,
        level=level,
        size=shift,
        details={
            "d": d,
            "n_obs": n_obs,
            "before": before,
            "critical_values": null.critical_values("greater"),
        },
        finding=f"mean {before:.5g} before, {before + shift:.5g} after",
    )


def cusum_score(values: FloatArray, d: float) -> float:
    """Normal score of the CUSUM under its law at this d."""
    null = law("shift_laws", "cusum", len(values) ** -0.5, d)
    return null.score(_largest(values, "cusum", d))


def _largest(values: FloatArray, method: str, d: float) -> float:
    row = values[np.newaxis]
    if method == "cusum":
        return float(shift_statistics.cusum(row, d, memory_level(row, d)).max())
    statistics = {
        "wilcoxon": shift_statistics.wilcoxon,
        "wald": shift_statistics.wald,
        "fixed-b": shift_statistics.fixed_b,
    }
    return float(statistics[method](row).max())


def least_squares_dates(rows: FloatArray) -> np.ndarray:
    """Number of observations before the shift that least squares finds in each row."""
    k = shift_statistics.break_dates(rows.shape[1])
    sums = shift_statistics.running_sums(rows)[:, k - 1]
    return np.asarray(k[np.argmax(sums**2 / (k * (rows.shape[1] - k)), axis=1)])


def _least_squares(values: FloatArray) -> tuple[int, float]:
    position = int(least_squares_dates(values[np.newaxis])[0])
    return position, float(values[position:].mean() - values[:position].mean())


def _interval(values: FloatArray, position: int, shift: float, level: float) -> tuple[int, int]:
    """Dates in paths like the series without its shift, this shift put in again.

    A long series is stood for by a shorter one: the partial sums of both grow as n^(1/2 + d).
    """
    n_obs = len(values)
    rest = values.copy()
    rest[position:] -= shift
    d = estimated_memory(rest)
    length = min(n_obs, _LENGTH)
    noise = simulate(ARFIMAProcess(d=d), length, _PATHS, rng=0)
    limit = math.gamma(1.0 - 2.0 * d) / math.gamma(1.0 - d) / math.gamma(1.0 + d) / (1.0 + 2.0 * d)
    own = math.sqrt(limit / float(memory_level(rest, d))) * (n_obs / length) ** (0.5 - d)
    here = round(position * length / n_obs)
    noise[:, here:] += shift * own
    moved = (least_squares_dates(noise) - here) * n_obs / length
    low, high = np.quantile(moved, [0.5 - level / 2.0, 0.5 + level / 2.0])
    ends = math.floor(position - high), math.ceil(position - low)
    return max(ends[0], 1), min(ends[1], n_obs - 1)


def label_of(labels: Any, position: int) -> Any:
    """Label of an observation, its position where there are none."""
    if labels is None:
        return position
    label = labels[position]
    return label.item() if isinstance(label, np.number) else label
