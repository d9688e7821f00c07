"""Fluctuations of the summed series around what is taken off: polynomials, moving averages."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from memtools import _validate
from memtools._validate import FloatArray
from memtools.estimators._ordinates import Rows
from memtools.estimators.scaling.doors import of_rows, of_series
from memtools.estimators.scaling.frame import (
    Clouds,
    IntArray,
    Statistic,
    profiles,
    with_options,
)
from memtools.results import ScalingEstimate
from memtools.spectral import Sample

# Values that the windows of one length hold at a time.
_BLOCK = 2**20


def detrended_fluctuation(
    x: ArrayLike, order: int = 1, scales: Sequence[int] | None = None, overlap: bool = True
) -> ScalingEstimate:
    """Detrended fluctuation analysis.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 64 observations, -1/2 < d < 3/2.
    order : int
        Degree, 0..5, of the polynomial taken out of each window of the summed series:
        trends of one degree less in the series do no harm.
    scales : sequence of int, optional
        Lengths of the windows, in observations, which then weigh the same; by default
        4, 6, 8, 10, 12, 14 and these doubled again and again, up to n_obs / 4.
    overlap : bool
        Begin a window at the middle of the one before; else where it ends.

    Returns
    -------
    ScalingEstimate
        d from the slope, less 1/2, of log F(s) on log s, F the root mean square around the
        polynomials in windows of s values.

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series of 64 observations or more, or an option is out
        of range.

    Notes
    -----
    As all estimators by scaling: the line is fitted with weights 1 / s, from a first window on
    that grows like the root of n_obs (short windows see the process's short run).  Its d is then
    corrected by the mean it has under fractional noise; the interval holds the d under which the
    estimate is not in the tails, and the standard error is half of the 95% interval over 1.96,
    all by simulation (docs/estimators.md has the coverage).  Other options than the default's are
    simulated when they are first used, and a note says so.

    With d < 0 the process's short run adds a constant to F(s)^2 that fades like s^-(1 + 2 d).  The
    series summed once more is free of it (Kantelhardt et al., 2002): the more a first look says
    that d is negative, the more its d, less one, is taken.  `slope` stays that of the line shown.

    nolds: ``dfa(x, nvals, order=order, fit_exp="poly")`` has the same F(s) and, with
    ``scales=nvals``, the same `slope`, where its last window does not end with the series (it
    leaves that one out).  neurokit2's ``fractal_dfa(x, scale, overlap=False)`` is
    ``overlap=False``, and so is antropy's ``detrended_fluctuation(x)`` with its windows, from 4 to
    a tenth of the series.

    References
    ----------
    Peng, C.-K. et al. (1994). Mosaic organization of DNA nucleotides. Physical Review E 49,
    1685-1689.
    Kantelhardt, J. W. et al. (2001). Detecting long-range correlations with detrended
    fluctuation analysis. Physica A 295, 441-454, equations (1)-(4).
    Kantelhardt, J. W. et al. (2002). Multifractal detrended fluctuation analysis of nonstationary
    time series. Physica A 316, 87-114, section 2.

    Examples
    --------
    >>> import memtools as mt
    >>> x = mt.simulate(mt.ARFIMAProcess(d=0.3), 4000, rng=1)
    >>> round(mt.detrended_fluctuation(x).d, 2)
    0.24
    """
    statistic = _fluctuation(order, overlap)
    return of_series(statistic, x, scales, order + 3)


def detrended_fluctuation_rows(sample: Sample, order: int = 1, overlap: bool = True) -> Rows:
    """:func:`detrended_fluctuation` of a sample of many rows."""
    return of_rows(_fluctuation(order, overlap), sample)


def _fluctuation(order: int, overlap: bool) -> Statistic:
    order = _validate.as_integer(order, "order", 0, 5)
    overlap = _validate.as_flag(overlap, "overlap")
    if order == 1 and overlap:
        return DETRENDED_FLUCTUATION
    return with_options(
        DETRENDED_FLUCTUATION,
        (order, overlap),
        method=f"Detrended fluctuation analysis, order {order}",
        measure=partial(_polynomial, order=order, overlap=overlap),
        lengths=(2 * (order + 1) + 2, 4, False),
        highest=0.5 + order,
        twice=order > 0,
    )


def _lines_taken_off(values: FloatArray, scales: IntArray, clouds: Clouds | None) -> FloatArray:
    """Root mean squares around straight lines."""
    table = mean_squares(values, scales, True, clouds)
    if clouds is not None:
        clouds[:] = [np.sqrt(cloud) for cloud in clouds]
    return np.sqrt(table)


def mean_squares(
    values: FloatArray, scales: IntArray, overlap: bool, clouds: Clouds | None
) -> FloatArray:
    """Mean squares around lines, of windows whose lengths double; others by the direct way."""
    from memtools.estimators.scaling.window_kernels import family_squares

    n_obs, known = values.shape[-1], {int(s): i for i, s in enumerate(scales)}
    families = _families(known)
    if families is None:
        return _polynomial(values, scales, clouds, order=1, overlap=overlap, root=False)
    table = np.empty((len(values), len(scales)))
    step = 1 if overlap else 2
    counts = [(n_obs // (s // 2) - 1 + step - 1) // step for s in known]
    windows = np.empty(sum(counts))
    kept: dict[int, FloatArray] = {}
    for row, profile in enumerate(profiles(values)):
        for half, lengths in families.items():
            first = (lengths[0] // (2 * half)).bit_length() - 1
            sums = np.empty(len(lengths))
            family_squares(profile, half, step, first, first + len(lengths), windows, sums)
            start = 0
            for length, total in zip(lengths, sums, strict=True):
                count = counts[known[length]]
                table[row, known[length]] = total / count
                if clouds is not None:
                    kept[length] = windows[start : start + count].copy()
                start += count
    if clouds is not None:
        clouds.extend(kept[int(s)] for s in scales)
    return table


def _families(scales: dict[int, int]) -> dict[int, list[int]] | None:
    """Lengths that are a few halves doubled without a gap, by the half; None where they are not."""
    families: dict[int, list[int]] = {}
    for scale in scales:
        half = scale
        while half % 2 == 0 and half > 3:
            half //= 2
        if half not in (2, 3, 5, 7) or scale % 2:
            return None
        families.setdefault(half, []).append(scale)
    doubled = all(
        later == 2 * length for run in families.values() for length, later in pairwise(run)
    )
    return families if doubled else None


def _polynomial(
    values: FloatArray,
    scales: IntArray,
    clouds: Clouds | None,
    order: int,
    overlap: bool,
    root: bool = True,
) -> FloatArray:
    """(Root) mean squares around polynomials, window by window."""
    sums = profiles(values)
    means = []
    for scale in scales.tolist():
        basis = np.linalg.qr(np.vander(np.linspace(-1.0, 1.0, scale), order + 1))[0]
        step = max(1, scale // 2) if overlap else scale
        view = sliding_window_view(sums, scale, axis=-1)[:, ::step]
        squares = np.empty(view.shape[:2])
        block = max(1, _BLOCK // (view.shape[1] * scale))
        for first in range(0, len(view), block):
            windows = view[first : first + block]
            windows = windows - windows[..., :1]  # polynomials hold constants: digits are kept
            rest = windows - (windows @ basis) @ basis.T
            squares[first : first + block] = np.mean(np.square(rest, out=rest), axis=-1)
        means.append(squares.mean(axis=-1))
        if clouds is not None:
            clouds.append(np.sqrt(squares[0]) if root else squares[0])
    table = np.stack(means, axis=-1)
    return np.sqrt(table) if root else table


DETRENDED_FLUCTUATION = Statistic(
    name="detrended_fluctuation",
    method="Detrended fluctuation analysis, order 1",
    ordinate="F(s)",
    measure=_lines_taken_off,
    lengths=(4, 4, False),
    first=(4.0, 10.0),
    highest=1.5,
    twice=True,
)


def detrending_moving_average(x: ArrayLike, scales: Sequence[int] | None = None) -> ScalingEstimate:
    """Detrending moving average: deviations from a centred average of the summed series.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 64 observations, -1/2 < d < 3/2.
    scales : sequence of int, optional
        Odd lengths of the averages, in observations, which then weigh the same; by default 3, 5,
        7, 9, 11, ..., four an octave, up to n_obs / 4.

    Returns
    -------
    ScalingEstimate
        d from the slope, less 1/2, of log F(s) on log s, F the root mean square of the summed
        series less its average over the s values around.

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series of 64 observations or more, or a scale is even or
        out of range.

    Notes
    -----
    The centred window is the best of those that Gu and Zhou compare (their theta = 1/2); Alessio
    et al. average over the past, which adds a bias.  Weights, correction and standard error as
    those of :func:`detrended_fluctuation`.

    References
    ----------
    Alessio, E. et al. (2002). Second-order moving average and scaling of stochastic time series.
    European Physical Journal B 27, 197-200.
    Gu, G.-F. and Zhou, W.-X. (2010). Detrending moving average algorithm for multifractals.
    Physical Review E 82, 011136.

    Examples
    --------
    >>> import memtools as mt
    >>> x = mt.simulate(mt.ARFIMAProcess(d=0.3), 4000, rng=1)
    >>> round(mt.detrending_moving_average(x).d, 2)
    0.24
    """
    if scales is not None:
        for scale in scales:
            if scale % 2 == 0:
                raise _validate.InvalidInputError("scales", "odd", str(scale))
    return of_series(DETRENDING_MOVING_AVERAGE, x, scales, 3)


def detrending_moving_average_rows(sample: Sample) -> Rows:
    """:func:`detrending_moving_average` of a sample of many rows."""
    return of_rows(DETRENDING_MOVING_AVERAGE, sample)


def _averages_taken_off(values: FloatArray, scales: IntArray, clouds: Clouds | None) -> FloatArray:
    sums = profiles(values)
    twice = np.zeros((len(sums), sums.shape[1] + 1))
    np.cumsum(sums - sums.mean(axis=-1, keepdims=True), axis=-1, out=twice[:, 1:])
    sums -= sums.mean(axis=-1, keepdims=True)
    means = []
    for scale in scales.tolist():
        half, n_windows = scale // 2, sums.shape[1] - scale + 1
        rest = twice[:, scale:] - twice[:, :-scale]
        rest /= -scale
        rest += sums[:, half : half + n_windows]
        means.append(np.vecdot(rest, rest) / n_windows)
    return np.sqrt(np.stack(means, axis=-1))


DETRENDING_MOVING_AVERAGE = Statistic(
    name="detrending_moving_average",
    method="Detrending moving average, centred",
    ordinate="F(s)",
    measure=_averages_taken_off,
    lengths=(3, 4, True),
    first=(6.0, 11.0),
    highest=1.5,
    twice=True,
)


def residual_variance(
    x: ArrayLike, average: str = "mean", scales: Sequence[int] | None = None
) -> ScalingEstimate:
    """Variance of the residuals of straight lines through the sums within blocks.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 64 observations, -1/2 < d < 3/2.
    average : {"mean", "median"}
        Over the blocks; the median is for heavy tails.
    scales : sequence of int, optional
        Lengths of the blocks, in observations, which then weigh the same; by default those of
        :func:`detrended_fluctuation`.

    Returns
    -------
    ScalingEstimate
        d = (slope - 1) / 2 of the log variance on the log length.

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series of 64 observations or more, or an option is out
        of range.

    Notes
    -----
    With the mean this is detrended fluctuation analysis of order 1, squared, with sample
    variances in blocks that do not overlap; it is here under the name that teletraffic knows.
    R: ``fArma::pengFit(x, method = average)``.  lrdbench's VarianceResidual has the same ordinates.
    Weights, correction and standard error as those of :func:`detrended_fluctuation`.

    References
    ----------
    Taqqu, M. S., Teverovsky, V. and Willinger, W. (1995). Estimators for long-range dependence:
    an empirical study. Fractals 3, 785-798, section 3.5.

    Examples
    --------
    >>> import memtools as mt
    >>> x = mt.simulate(mt.ARFIMAProcess(d=0.3), 4000, rng=1)
    >>> round(mt.residual_variance(x).d, 2)
    0.24
    """
    return of_series(_residuals(average), x, scales, 4)


def residual_variance_rows(sample: Sample, average: str = "mean") -> Rows:
    """:func:`residual_variance` of a sample of many rows."""
    return of_rows(_residuals(average), sample)


def _residuals(average: str) -> Statistic:
    _validate.as_choice(average, "average", ("mean", "median"))
    if average == "mean":
        return RESIDUAL_VARIANCE
    ordinate = "median residual variance"
    return with_options(RESIDUAL_VARIANCE, (average,), measure=_median_residuals, ordinate=ordinate)


def _mean_residuals(values: FloatArray, scales: IntArray, clouds: Clouds | None) -> FloatArray:
    share = scales / (scales - 1.0)
    table = share * mean_squares(values, scales, False, clouds)
    if clouds is not None:
        clouds[:] = [s * cloud for s, cloud in zip(share, clouds, strict=True)]
    return table


def _median_residuals(values: FloatArray, scales: IntArray, clouds: Clouds | None) -> FloatArray:
    medians = []
    for row in values:
        own: Clouds = []
        _mean_residuals(row[np.newaxis], scales, own)
        medians.append([float(np.median(cloud)) for cloud in own])
        if clouds is not None:
            clouds.extend(own)
    return np.array(medians)


RESIDUAL_VARIANCE = Statistic(
    name="residual_variance",
    method="Residual variance",
    ordinate="residual variance",
    measure=_mean_residuals,
    lengths=(4, 4, False),
    first=(6.0, 11.0),
    power=2.0,
    highest=1.5,
    twice=True,
)
