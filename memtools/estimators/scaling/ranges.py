"""Hurst's rescaled range."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache, partial

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate
from memtools._validate import FloatArray
from memtools.estimators._ordinates import Rows
from memtools.estimators.scaling.doors import of_rows, of_series
from memtools.estimators.scaling.frame import (
    Clouds,
    IntArray,
    Statistic,
    with_options,
)
from memtools.results import ScalingEstimate
from memtools.spectral import Sample


def rescaled_range(
    x: ArrayLike, correction: bool = True, scales: Sequence[int] | None = None
) -> ScalingEstimate:
    """Hurst's rescaled range over windows of many lengths.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 64 observations, -1/2 < d < 1/2.
    correction : bool
        Less the expected R/S of independent normal values at each length (Anis and Lloyd),
        plus its limit sqrt(pi s / 2) (Weron, 2002): without it d of short windows is too high.
    scales : sequence of int, optional
        Lengths of the windows, in observations, which then weigh the same; by default 8, 10, 12,
        14 and these doubled again and again, up to n_obs / 4.

    Returns
    -------
    ScalingEstimate
        d from the slope, less 1/2, of log(R/S) on log(window length), of windows that do not
        overlap.

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series of 64 observations or more, or a scale is out of
        range.

    Notes
    -----
    Weights, correction and standard error as those of :func:`detrended_fluctuation`: the slope of
    fractional noise is too near to 1/2, which the correction puts right.  For a random walk it
    stays below 1, and a note says that d is out of range.  nolds:
    ``hurst_rs(x, nvals, fit="poly", corrected=False, unbiased=False)`` is the slope with
    ``correction=False, scales=nvals``; its own correction subtracts the expectation's slope.

    References
    ----------
    Hurst, H. E. (1951). Long-term storage capacity of reservoirs. Transactions of the ASCE 116,
    770-799.
    Anis, A. A. and Lloyd, E. H. (1976). The expected value of the adjusted rescaled Hurst range
    of independent normal summands. Biometrika 63, 111-116.
    Weron, R. (2002). Estimating long-range dependence: finite sample properties and confidence
    intervals. Physica A 312, 285-299, equations (3)-(6).

    Examples
    --------
    >>> import memtools as mt
    >>> x = mt.simulate(mt.ARFIMAProcess(d=0.3), 4000, rng=1)
    >>> round(mt.rescaled_range(x).d, 2)
    0.25
    """
    return of_series(_statistic(correction), x, scales, 4)


def rescaled_range_rows(sample: Sample, correction: bool = True) -> Rows:
    """:func:`rescaled_range` of a sample of many rows."""
    return of_rows(_statistic(correction), sample)


def _statistic(correction: bool) -> Statistic:
    if _validate.as_flag(correction, "correction"):
        return RESCALED_RANGE
    return with_options(
        RESCALED_RANGE, ("as it is",), ordinate="R/S", measure=partial(_measure, shifted=False)
    )


def _measure(
    values: FloatArray, scales: IntArray, clouds: Clouds | None, shifted: bool = True
) -> FloatArray:
    means = []
    for scale in scales.tolist():
        ratios = _ranges(values, scale)
        shift = _shift(scale) if shifted else 0.0
        means.append(_mean_of_finite(ratios) + shift)
        if clouds is not None:
            clouds.append(ratios[np.isfinite(ratios)] + shift)
    return np.stack(means, axis=-1)


RESCALED_RANGE = Statistic(
    name="rescaled_range",
    method="Rescaled range",
    ordinate="R/S, Anis-Lloyd corrected",
    measure=_measure,
    lengths=(8, 4, False),
    first=(4.0, 85.0),
)


def _ranges(values: FloatArray, scale: int) -> FloatArray:
    """R/S of each window of each row; NaN where it is flat."""
    from memtools.estimators.scaling.window_kernels import window_ranges

    ratios = np.empty((len(values), values.shape[1] // scale))
    for row, out in zip(values, ratios, strict=True):
        window_ranges(row, scale, out)
    return ratios


def _mean_of_finite(ratios: FloatArray) -> FloatArray:
    finite = np.isfinite(ratios)
    count = finite.sum(axis=-1)
    total = np.where(finite, ratios, 0.0).sum(axis=-1)
    return np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)


@lru_cache(maxsize=512)
def _shift(n: int) -> float:
    """What is added to R/S of n values: its limit under independence less its expectation."""
    return math.sqrt(0.5 * math.pi * n) - _expected_range(n)


def _expected_range(n: int) -> float:
    """Expected R/S of n independent normal values (Anis and Lloyd, 1976)."""
    i = np.arange(1.0, n)
    head = math.exp(math.lgamma(0.5 * (n - 1)) - math.lgamma(0.5 * n)) / math.sqrt(math.pi)
    return head * float(np.sqrt((n - i) / i).sum())
