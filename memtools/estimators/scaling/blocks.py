"""Moments of block means over the length of the blocks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

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
    cut,
    with_options,
)
from memtools.results import ScalingEstimate
from memtools.spectral import Sample


def aggregated_variance(x: ArrayLike, scales: Sequence[int] | None = None) -> ScalingEstimate:
    """Variance-time plot: the variance of block means over the length of the blocks.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 64 observations, -1/2 < d < 1/2.
    scales : sequence of int, optional
        Lengths of the blocks, in observations, which then weigh the same; by default 2, 3, 4, 6,
        8, 10, ..., four an octave, up to n_obs / 10.

    Returns
    -------
    ScalingEstimate
        d from (slope + 1) / 2 of log variance on log block length.

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series of 64 observations or more, or a scale is out of
        range.

    Notes
    -----
    The mean of the whole sample stands for the expectation, which lowers the variance of long
    blocks and so the slope under long memory; the correction puts that back.  Weights,
    correction and standard error as those of :func:`detrended_fluctuation`.  R: ``longmemo`` and
    ``fArma::aggvarFit`` draw the same plot; with ``scales`` `slope` is that of the line
    through it.

    References
    ----------
    Beran, J. (1994). Statistics for Long-Memory Processes, section 4.4.
    Taqqu, M. S., Teverovsky, V. and Willinger, W. (1995). Estimators for long-range dependence:
    an empirical study. Fractals 3, 785-798, section 3.1.

    Examples
    --------
    >>> import memtools as mt
    >>> x = mt.simulate(mt.ARFIMAProcess(d=0.3), 4000, rng=1)
    >>> round(mt.aggregated_variance(x).d, 2)
    0.18
    """
    return of_series(AGGREGATED_VARIANCE, x, scales, 1)


def aggregated_variance_rows(sample: Sample) -> Rows:
    """:func:`aggregated_variance` of a sample of many rows."""
    return of_rows(AGGREGATED_VARIANCE, sample)


def absolute_moments(
    x: ArrayLike, moment: float = 1.0, scales: Sequence[int] | None = None
) -> ScalingEstimate:
    """Absolute moments of block means over the length of the blocks.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 64 observations, -1/2 < d < 1/2.
    moment : float
        Power k, in (0, 4], of the absolute deviations from the mean of the series; 2 is
        :func:`aggregated_variance`.
    scales : sequence of int, optional
        Lengths of the blocks, in observations, which then weigh the same; by default those of
        :func:`aggregated_variance`.

    Returns
    -------
    ScalingEstimate
        d from slope / k + 1/2 of the log moment on the log length.

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series of 64 observations or more, or an option is out
        of range.

    Notes
    -----
    Weights, correction and standard error as those of :func:`detrended_fluctuation`.  R:
    ``fArma::absvalFit(x, moment = k)`` has the same ordinates.

    References
    ----------
    Taqqu, M. S., Teverovsky, V. and Willinger, W. (1995). Estimators for long-range dependence:
    an empirical study. Fractals 3, 785-798, section 3.3.

    Examples
    --------
    >>> import memtools as mt
    >>> x = mt.simulate(mt.ARFIMAProcess(d=0.3), 4000, rng=1)
    >>> round(mt.absolute_moments(x).d, 2)
    0.18
    """
    return of_series(_moments(moment), x, scales, 1)


def absolute_moments_rows(sample: Sample, moment: float = 1.0) -> Rows:
    """:func:`absolute_moments` of a sample of many rows."""
    return of_rows(_moments(moment), sample)


def _moments(moment: float) -> Statistic:
    moment = _validate.as_real(moment, "moment", 0.1, 4.0)
    if moment == 1.0:
        return ABSOLUTE_MOMENTS
    return with_options(
        ABSOLUTE_MOMENTS,
        (moment,),
        method=f"Absolute moments, power {moment:g}",
        ordinate=f"absolute moment {moment:g} of block means",
        measure=partial(_measure, moment=moment),
        power=moment,
        offset=-moment,
    )


def _measure(
    values: FloatArray, scales: IntArray, clouds: Clouds | None, moment: float
) -> FloatArray:
    centred = values - values.mean(axis=-1, keepdims=True)
    means = []
    for scale in scales.tolist():
        blocks = cut(centred, scale).mean(axis=-1)
        powers = blocks**2 if moment == 2.0 else np.abs(blocks) ** moment
        means.append(powers.mean(axis=-1))
        if clouds is not None:
            clouds.append(powers[0])
    return np.stack(means, axis=-1)


AGGREGATED_VARIANCE = Statistic(
    name="aggregated_variance",
    method="Aggregated variance",
    ordinate="variance of block means",
    measure=partial(_measure, moment=2.0),
    lengths=(2, 10, False),
    first=(1.0, 3.5),
    power=2.0,
    offset=-2.0,
)
ABSOLUTE_MOMENTS = Statistic(
    name="absolute_moments",
    method="Absolute moments",
    ordinate="mean absolute block mean",
    measure=partial(_measure, moment=1.0),
    lengths=(2, 10, False),
    first=(1.0, 3.5),
    power=1.0,
    offset=-1.0,
)
