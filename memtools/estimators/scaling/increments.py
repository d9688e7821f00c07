"""Moments of the increments of the summed series over their lag."""

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
    profiles,
    with_options,
)
from memtools.results import ScalingEstimate
from memtools.spectral import Sample


def generalised_hurst(
    x: ArrayLike, q: float = 2.0, scales: Sequence[int] | None = None
) -> ScalingEstimate:
    """Generalised Hurst exponent: how the q-th moment of increments grows with their lag.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 64 observations, -1/2 < d < 1/2: the increments; their sums are looked at.
    q : float
        Power of the absolute increments, in [0.1, 4].
    scales : sequence of int, optional
        Lags, in observations, which then weigh the same; by default 1, 2, 3, 4, 6, 8, ..., four
        an octave, up to n_obs / 10.

    Returns
    -------
    ScalingEstimate
        d from slope / q - 1/2 of the log moment of y_{t+s} - y_t on log s, y the sums of the
        series less its mean; `hurst` is H(q).

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series of 64 observations or more, or an option is out
        of range.

    Notes
    -----
    Weights, correction and standard error as those of :func:`detrended_fluctuation`; the
    correction puts back what the sample mean takes off long lags.  lrdbench's GHE with
    ``input_representation: increments`` sums without taking the mean off, so it needs a mean of
    zero.  For multifractals see :func:`mfdfa`.

    References
    ----------
    Di Matteo, T. (2007). Multi-scaling in finance. Quantitative Finance 7, 21-36, equation (1).

    Examples
    --------
    >>> import memtools as mt
    >>> x = mt.simulate(mt.ARFIMAProcess(d=0.3), 4000, rng=1)
    >>> round(mt.generalised_hurst(x).d, 2)
    0.2
    """
    return of_series(_generalised(q), x, scales, 1)


def generalised_hurst_rows(sample: Sample, q: float = 2.0) -> Rows:
    """:func:`generalised_hurst` of a sample of many rows."""
    return of_rows(_generalised(q), sample)


def _generalised(q: float) -> Statistic:
    q = _validate.as_real(q, "q", 0.1, 4.0)
    if q == 2.0:
        return GENERALISED_HURST
    return with_options(
        GENERALISED_HURST,
        (q,),
        method=f"Generalised Hurst exponent, q = {q:g}",
        ordinate=f"moment {q:g} of increments",
        measure=partial(_moments, power=q),
        power=q,
    )


def variogram(x: ArrayLike, scales: Sequence[int] | None = None) -> ScalingEstimate:
    """Variogram of the summed series over the lag.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 64 observations, -1/2 < d < 1/2: the increments; their sums are looked at.
    scales : sequence of int, optional
        Lags, in observations, which then weigh the same; by default those of
        :func:`generalised_hurst`.

    Returns
    -------
    ScalingEstimate
        d from slope / 2 - 1/2 of the log of half the mean square of y_{t+s} - y_t on log s, y
        the sums of the series less its mean; the fractal dimension of y is 3/2 - d.

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series of 64 observations or more, or a scale is out of
        range.

    Notes
    -----
    The same line as that of ``generalised_hurst(x, q=2)``, half as high: one estimator with two
    names.

    References
    ----------
    Gneiting, T., Sevcikova, H. and Percival, D. B. (2012). Estimators of fractal dimension:
    assessing the roughness of time series and spatial data. Statistical Science 27, 247-277,
    section 2.3.

    Examples
    --------
    >>> import numpy as np
    >>> import memtools as mt
    >>> x = mt.simulate(mt.ARFIMAProcess(d=0.3), 4000, rng=1)
    >>> bool(np.isclose(mt.variogram(x).d, mt.generalised_hurst(x).d))
    True
    """
    return of_series(VARIOGRAM, x, scales, 1)


def variogram_rows(sample: Sample) -> Rows:
    """:func:`variogram` of a sample of many rows."""
    return of_rows(VARIOGRAM, sample)


def _moments(
    values: FloatArray, scales: IntArray, clouds: Clouds | None, power: float
) -> FloatArray:
    sums, means = _paths(values), []
    for lag in scales.tolist():
        rise = sums[:, lag:] - sums[:, :-lag]
        if power == 2.0:
            means.append(np.vecdot(rise, rise) / rise.shape[1])
        else:
            means.append((np.abs(rise) ** power).mean(axis=-1))
    return np.stack(means, axis=-1)


def _half_squares(values: FloatArray, scales: IntArray, clouds: Clouds | None) -> FloatArray:
    return 0.5 * _moments(values, scales, clouds, 2.0)


def _paths(values: FloatArray) -> FloatArray:
    """The summed series from zero on: as many increments as values."""
    return np.pad(profiles(values), ((0, 0), (1, 0)))


GENERALISED_HURST = Statistic(
    name="generalised_hurst",
    method="Generalised Hurst exponent, q = 2",
    ordinate="mean square of increments",
    measure=partial(_moments, power=2.0),
    lengths=(1, 10, False),
    first=(1.0, 5.5),
    power=2.0,
)
VARIOGRAM = Statistic(
    name="generalised_hurst",
    method="Variogram",
    ordinate="variogram",
    measure=_half_squares,
    lengths=(1, 10, False),
    first=(1.0, 5.5),
    power=2.0,
)


def higuchi(x: ArrayLike, scales: Sequence[int] | None = None) -> ScalingEstimate:
    """Higuchi's length of the summed series' curve over the lag at which it is followed.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 64 observations, -1/2 < d < 1/2: the increments; their sums are the curve.
    scales : sequence of int, optional
        Lags k, in observations, which then weigh the same; by default those of
        :func:`generalised_hurst`.

    Returns
    -------
    ScalingEstimate
        d from slope + 3/2 of log L(k) on log k; the fractal dimension of the curve is -slope.

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series of 64 observations or more, or a scale is out of
        range.

    Notes
    -----
    Weights, correction and standard error as those of :func:`detrended_fluctuation`.
    ``antropy.higuchi_fd(numpy.r_[0.0, numpy.cumsum(x - x.mean())], k_max)`` is `-slope` with
    ``scales=range(1, k_max + 1)``, and so is lrdbench's Higuchi of that curve.

    References
    ----------
    Higuchi, T. (1988). Approach to an irregular time series on the basis of the fractal theory.
    Physica D 31, 277-283, equations (1) and (2).

    Examples
    --------
    >>> import memtools as mt
    >>> x = mt.simulate(mt.ARFIMAProcess(d=0.3), 4000, rng=1)
    >>> round(mt.higuchi(x).d, 2)
    0.2
    """
    return of_series(HIGUCHI, x, scales, 1)


def higuchi_rows(sample: Sample) -> Rows:
    """:func:`higuchi` of a sample of many rows."""
    return of_rows(HIGUCHI, sample)


def _curve_lengths(values: FloatArray, scales: IntArray, clouds: Clouds | None) -> FloatArray:
    """Mean over the k starting points of the length of the curve in steps of k."""
    sums, lengths = _paths(values), []
    n_points = sums.shape[1]
    for lag in scales.tolist():
        steps = np.abs(sums[:, lag:] - sums[:, :-lag])
        # Starting points m < some have one step more.
        n_steps, some = divmod(n_points - lag, lag)
        share = np.full(lag, 1.0 / n_steps)
        share[:some] = 1.0 / (n_steps + 1)
        whole = steps[:, : n_steps * lag].reshape(len(sums), n_steps, lag).sum(axis=1)
        whole[:, :some] += steps[:, n_steps * lag :]
        lengths.append(np.vecdot(whole, share) * (n_points - 1) / lag**3)
    return np.stack(lengths, axis=-1)


HIGUCHI = Statistic(
    name="higuchi",
    method="Higuchi's curve length",
    ordinate="L(k)",
    measure=_curve_lengths,
    lengths=(1, 10, False),
    first=(1.0, 5.5),
    offset=-2.0,
)
