"""d from the growth of a statistic with the length of the window it is taken over."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate
from memtools._validate import FloatArray
from memtools.estimators._ordinates import Rows
from memtools.results import ScalingEstimate
from memtools.spectral import Sample, as_sample

_MIN_OBS = 64
_PER_OCTAVE = 3
# Shortest window, and how many of the longest fit into the series.
_RANGE = {
    "rescaled_range": (16, 4),
    "detrended_fluctuation": (8, 4),
    "aggregated_variance": (4, 10),
}
# (a, b) of the root mean squared error a n_obs^-b over fractional noise, at the worst of
# d = -0.3, 0, 0.3, 0.45; benchmarks/calibrate_scaling.py made them.
_ERROR = {
    "rescaled_range": (0.665, 0.210),
    "detrended_fluctuation": (0.631, 0.304),
    "aggregated_variance": (0.562, 0.190),
}
# A cloud of more points is thinned evenly: nobody sees more.
_LARGEST_CLOUD = 2000
# Series that the compiled sums go through side by side.
_LANES = 32


def rescaled_range(x: ArrayLike, correction: bool = True) -> ScalingEstimate:
    """Hurst's rescaled range over windows of many lengths.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 64 observations, -1/2 < d < 1/2.
    correction : bool
        Less the expected R/S of independent normal values at each length (Anis and Lloyd),
        plus its limit sqrt(pi s / 2) (Weron, 2002): without it d of short windows is too high.

    Returns
    -------
    ScalingEstimate
        d = slope - 1/2 of log(R/S) on log(window length), windows of 16 to n_obs / 4 values
        that do not overlap.

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series of 64 observations or more.

    Notes
    -----
    The standard error is the root mean squared error under fractional noise of this length at
    the worst d of -0.3 ... 0.45, bias included, found by simulation: that of the regression is
    far too small, since the points share their data.  Short-run dynamics bias the estimate;
    semiparametric estimators are better in every respect but fame.  The Python package nolds
    has the same statistic in `hurst_rs(x, nvals, fit="poly", corrected=...)`; it corrects by
    subtracting the expectation's slope instead.

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
    0.18
    """
    values = as_sample(x, min_obs=_MIN_OBS).values
    scales, means, clouds = _windows(values, "rescaled_range")
    for i, scale in enumerate(scales):
        ratios = _ranges(values, int(scale))
        shift = _shift(int(scale)) if correction else 0.0
        clouds[i] = ratios[np.isfinite(ratios)] + shift
        means[i] = _mean_of_finite(ratios) + shift
    label = "R/S" + (", Anis-Lloyd corrected" if correction else "")
    return _line("rescaled_range", "Rescaled range", label, values, scales, means, clouds, 1.0)


def rescaled_range_rows(sample: Sample, correction: bool = True) -> Rows:
    """:func:`rescaled_range` of a sample of many rows."""
    scales = _scales(sample.n_obs, "rescaled_range")
    means = [
        _mean_of_finite(_ranges(sample.values, int(scale)))
        + (_shift(int(scale)) if correction else 0.0)
        for scale in scales
    ]
    return _lines("rescaled_range", sample.n_obs, scales, means, 1.0)


def _ranges(values: FloatArray, scale: int) -> FloatArray:
    """Range of the partial sums over standard deviation of each window; NaN where it is flat."""
    windows = _cut(values, scale)
    centred = windows - windows.mean(axis=-1, keepdims=True)
    sums = np.cumsum(centred, axis=-1)
    spread = np.maximum(sums.max(axis=-1), 0.0) - np.minimum(sums.min(axis=-1), 0.0)
    deviation = np.sqrt(np.mean(np.square(centred, out=centred), axis=-1))
    return np.divide(spread, deviation, out=np.full_like(spread, np.nan), where=deviation > 0.0)


def _mean_of_finite(ratios: FloatArray) -> FloatArray:
    finite = np.isfinite(ratios)
    count = finite.sum(axis=-1)
    total = np.where(finite, ratios, 0.0).sum(axis=-1)
    return np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)


def _shift(n: int) -> float:
    """What is added to R/S of n values: its limit under independence less its expectation."""
    return math.sqrt(0.5 * math.pi * n) - _expected_range(n)


def _expected_range(n: int) -> float:
    """Expected R/S of n independent normal values (Anis and Lloyd, 1976)."""
    i = np.arange(1.0, n)
    head = math.exp(math.lgamma(0.5 * (n - 1)) - math.lgamma(0.5 * n)) / math.sqrt(math.pi)
    return head * float(np.sqrt((n - i) / i).sum())


def detrended_fluctuation(x: ArrayLike, order: int = 1) -> ScalingEstimate:
    """Detrended fluctuation analysis.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 64 observations, d > -1/2; d may exceed 1/2.
    order : int
        Degree, 0..5, of the polynomial taken out of each window of the summed series:
        trends of one degree less in the series do no harm.

    Returns
    -------
    ScalingEstimate
        d = slope - 1/2 of log F(s) on log s, F the root mean square around the polynomials in
        windows of 8 (or twice the order and 6) to n_obs / 4 values, laid from either end.

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series of 64 observations or more, or the order is out
        of range.

    Notes
    -----
    The standard error is found by simulation, as that of :func:`rescaled_range`.  nolds:
    ``dfa(x, nvals, order=order, overlap=False, fit_exp="poly")`` has the same F(s) but for
    windows from one end only.

    References
    ----------
    Peng, C.-K. et al. (1994). Mosaic organization of DNA nucleotides. Physical Review E 49,
    1685-1689.
    Kantelhardt, J. W. et al. (2001). Detecting long-range correlations with detrended
    fluctuation analysis. Physica A 295, 441-454, equations (1)-(4).

    Examples
    --------
    >>> import memtools as mt
    >>> x = mt.simulate(mt.ARFIMAProcess(d=0.3), 4000, rng=1)
    >>> round(mt.detrended_fluctuation(x).d, 2)
    0.22
    """
    values = as_sample(x, min_obs=_MIN_OBS).values
    order = _validate.as_integer(order, "order", 0, 5)
    profile = np.cumsum(values - values.mean())
    scales, means, clouds = _windows(values, "detrended_fluctuation", 2 * order + 6)
    for i, scale in enumerate(scales):
        windows = np.vstack([_cut(profile, int(scale)), _cut(profile[::-1], int(scale))])
        windows -= windows[:, :1].copy()  # polynomials hold constants: digits are kept
        time = np.linspace(-1.0, 1.0, int(scale))
        basis = np.linalg.qr(np.vander(time, order + 1))[0]
        rest = windows - (windows @ basis) @ basis.T
        squares = np.mean(rest**2, axis=1)
        means[i] = math.sqrt(float(squares.mean()))
        clouds[i] = np.sqrt(squares)
    method = f"Detrended fluctuation analysis, order {order}"
    return _line("detrended_fluctuation", method, "F(s)", values, scales, means, clouds, 1.0)


def detrended_fluctuation_rows(sample: Sample, order: int = 1) -> Rows:
    """:func:`detrended_fluctuation` of order 1 of a sample of many rows."""
    from memtools.estimators.scaling_kernels import add_fluctuations

    _validate.as_integer(order, "order", 1, 1)
    values = sample.values
    n_rows, n_obs = values.shape
    scales = _scales(n_obs, "detrended_fluctuation", 2 * order + 6)
    squares = np.zeros((len(scales), n_rows))
    for first in range(0, n_rows, _LANES):
        block = values[first : first + _LANES]
        profiles = np.cumsum(block - block.mean(axis=1, keepdims=True), axis=1).T.copy()
        for i, scale in enumerate(scales.astype(int)):
            times = np.arange(scale) - 0.5 * (scale - 1)
            n_windows = n_obs // scale
            means = np.zeros(len(block))
            for start in (0, n_obs - n_windows * scale):
                add_fluctuations(profiles, times, start, n_windows, means)
            squares[i, first : first + _LANES] = means / (2 * n_windows)
    return _lines("detrended_fluctuation", n_obs, scales, list(np.sqrt(squares)), 1.0)


def aggregated_variance(x: ArrayLike) -> ScalingEstimate:
    """Variance-time plot: the variance of block means over the length of the blocks.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 64 observations, -1/2 < d < 1/2.

    Returns
    -------
    ScalingEstimate
        d = (slope + 1) / 2 of log variance on log block length, blocks of 4 to n_obs / 10.

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series of 64 observations or more.

    Notes
    -----
    The mean of the whole sample stands for the expectation, which lowers the variance of long
    blocks and so d under long memory; the standard error, found by simulation as that of
    :func:`rescaled_range`, counts this bias.  R: ``longmemo`` and ``fArma::aggvarFit`` draw the
    same plot.

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
    0.09
    """
    values = as_sample(x, min_obs=_MIN_OBS).values
    scales, means, clouds = _windows(values, "aggregated_variance")
    for i, scale in enumerate(scales):
        clouds[i] = _deviations(values, int(scale))
        means[i] = float(clouds[i].mean())
    label = "variance of block means"
    return _line(
        "aggregated_variance", "Aggregated variance", label, values, scales, means, clouds, 2.0
    )


def aggregated_variance_rows(sample: Sample) -> Rows:
    """:func:`aggregated_variance` of a sample of many rows."""
    scales = _scales(sample.n_obs, "aggregated_variance")
    means = [_deviations(sample.values, int(scale)).mean(axis=-1) for scale in scales]
    return _lines("aggregated_variance", sample.n_obs, scales, means, 2.0)


def _deviations(values: FloatArray, scale: int) -> FloatArray:
    """Squares of the block means about the mean of all."""
    centre = values.mean(axis=-1)[..., np.newaxis]
    return np.asarray((_cut(values, scale).mean(axis=-1) - centre) ** 2)


def _scales(n_obs: int, kind: str, shortest: int = 0) -> FloatArray:
    """Window lengths, evenly spaced in logarithms."""
    _validate.require_length(n_obs, "x", _MIN_OBS)
    low, share = _RANGE[kind]
    low, high = max(low, shortest), n_obs // share
    n_scales = max(4, round(_PER_OCTAVE * math.log2(max(high, 2 * low) / low)) + 1)
    return np.unique(np.rint(np.geomspace(min(low, high // 2), high, n_scales)))


def _windows(
    values: FloatArray, kind: str, shortest: int = 0
) -> tuple[FloatArray, FloatArray, list[FloatArray]]:
    """Window lengths, and room for the statistics."""
    scales = _scales(len(values), kind, shortest)
    return scales, np.empty(len(scales)), [np.empty(0)] * len(scales)


def _cut(values: FloatArray, scale: int) -> FloatArray:
    """Successive windows along the last axis; the rest that fills none is left out."""
    n_windows = values.shape[-1] // scale
    shape = (*values.shape[:-1], n_windows, scale)
    return np.asarray(values[..., : n_windows * scale].reshape(shape))


def _slopes(scales: FloatArray, means: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Least squares in logarithms along the last axis: slopes and intercepts."""
    logs = np.log(scales)
    centred = logs - logs.mean()
    ordinates = np.log(means)
    slope = np.vecdot(ordinates, centred) / float(centred @ centred)
    return slope, ordinates.mean(axis=-1) - slope * logs.mean()


def _lines(
    kind: str, n_obs: int, scales: FloatArray, means: list[FloatArray], power: float
) -> Rows:
    """Slopes of many rows: see _line."""
    table = np.stack(means, axis=-1)
    good = np.isfinite(table) & (table > 0.0)
    slope = _slopes(scales, np.where(good, table, 1.0))[0]
    for row in np.flatnonzero(~good.all(axis=-1)):
        slope[row] = _slopes(scales[good[row]], table[row, good[row]])[0]
    a, b = _ERROR[kind]
    return Rows(slope - 0.5 if power == 1.0 else 0.5 * (slope + 1.0), a * n_obs**-b)


def _line(
    kind: str,
    method: str,
    ordinate: str,
    values: FloatArray,
    scales: FloatArray,
    means: FloatArray,
    clouds: list[FloatArray],
    power: float,
) -> ScalingEstimate:
    """Least squares in logarithms; a statistic to the power of one grows like s^(d + 1/2)."""
    good = np.isfinite(means) & (means > 0.0)
    slope, intercept = _slopes(scales[good], means[good])
    a, b = _ERROR[kind]
    pox_scales = np.concatenate([np.full(len(c), s) for s, c in zip(scales, clouds, strict=True)])
    pox = np.concatenate(clouds)
    step = -(-len(pox) // _LARGEST_CLOUD)
    return ScalingEstimate(
        d=float(slope) - 0.5 if power == 1.0 else 0.5 * (float(slope) + 1.0),
        stderr=a * len(values) ** -b,
        method=method,
        n_obs=len(values),
        stderr_kind="root mean squared error under fractional noise",
        scales=scales,
        statistics=means,
        pox_scales=pox_scales[::step],
        pox=pox[::step],
        slope=float(slope),
        intercept=float(intercept),
        fitted=(float(scales[good][0]), float(scales[good][-1])),
        ordinate=ordinate,
    )
