"""Correlation of two series by scale: detrended cross-correlation analysis."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from memtools import _validate
from memtools._validate import FloatArray, RandomState
from memtools.estimators.scaling.fluctuations import detrended_fluctuation
from memtools.estimators.scaling.frame import MIN_OBS, IntArray, as_scales, profiles
from memtools.exceptions import InvalidInputError
from memtools.processes import ARFIMAProcess
from memtools.results import ConfidenceInterval, ScaleCorrelation
from memtools.simulation import simulate
from memtools.spectral import as_sample


def dcca(
    x: ArrayLike,
    y: ArrayLike,
    order: int = 1,
    scales: Sequence[int] | None = None,
    overlap: bool = True,
    n_paths: int = 200,
    level: float = 0.95,
    rng: RandomState = 0,
) -> ScaleCorrelation:
    """Detrended cross-correlation analysis: the correlation of two series by scale.

    Parameters
    ----------
    x, y : array_like, shape (n_obs,)
        Two series of the same length, 64 observations or more, in step.
    order : int
        Degree, 0..5, of the polynomial taken out of each window of the summed series.
    scales : sequence of int, optional
        Window lengths, in observations; by default 2 (order + 3) to n_obs / 4, four an octave.
    overlap : bool
        Begin a window at the middle of the one before; else where it ends.
    n_paths : int
        Pairs of independent paths, 20 or more, that `null` is drawn from.
    level : float
        Of `null`.
    rng : int, SeedSequence, Generator or None
        Source of randomness; by default the same band at every call.

    Returns
    -------
    ScaleCorrelation
        `rho` in [-1, 1] at each scale, and `null`, where that of two independent series lies.

    Raises
    ------
    InvalidInputError
        Where the series are not finite, varying and of one length, or an option is out of range.

    Notes
    -----
    rho(s) is the mean over the windows of the covariance of what the polynomials leave, over the
    root of the product of the variances.  Two series with memory seem correlated at long scales
    although they are independent: `null` is drawn for ARFIMA(0, d, 0) with each series' own d,
    where the asymptotic 2 / sqrt(n) is far too narrow.

    fathon: ``DCCA(toAggregated(x), toAggregated(y)).computeRho(scales, polOrd=order)`` is
    ``overlap=False``.

    References
    ----------
    Podobnik, B. and Stanley, H. E. (2008). Detrended cross-correlation analysis: a new method for
    analyzing two nonstationary time series. Physical Review Letters 100, 084102.
    Zebende, G. F. (2011). DCCA cross-correlation coefficient: quantifying level of
    cross-correlation. Physica A 390, 614-618, equation (4).
    Podobnik, B. et al. (2011). Statistical tests for power-law cross-correlated processes.
    Physical Review E 84, 066118.

    Examples
    --------
    >>> import memtools as mt
    >>> x, y = mt.simulate(mt.ARFIMAProcess(d=0.3), 1000, n_paths=2, rng=1)
    >>> found = mt.dcca(x, x + y, rng=1)
    >>> bool(found.rho[0] > found.null.high[0])
    True
    """
    first, second = (as_sample(s, name, MIN_OBS) for s, name in ((x, "x"), (y, "y")))
    n_obs = first.n_obs
    if second.n_obs != n_obs:
        raise InvalidInputError("y", f"as long as x, {n_obs} observations", str(second.n_obs))
    _validate.require_same_labels(y, x, "y", "x")
    order = _validate.as_integer(order, "order", 0, 5)
    overlap = _validate.as_flag(overlap, "overlap")
    n_paths = _validate.as_integer(n_paths, "n_paths", 20)
    level = _validate.as_level(level)
    # Another stream than that of series drawn with the same seed.
    generator = np.random.default_rng(_validate.as_rng(rng).integers(2**62))
    given = as_scales(scales, order + 3, n_obs)
    lengths = _default_scales(n_obs, order) if given is None else given
    rho = _rho(first.values, second.values, lengths, order, overlap)
    memory = [detrended_fluctuation(one).d for one in (first, second)]
    drawable = _drawable(memory)
    null = np.empty((n_paths, len(lengths)))
    for i in range(n_paths):
        one, other = (simulate(ARFIMAProcess(d=d), n_obs, rng=generator) for d in drawable)
        null[i] = _rho(one, other, lengths, order, overlap)
    low, high = np.quantile(null, [0.5 - 0.5 * level, 0.5 + 0.5 * level], axis=0)
    return ScaleCorrelation(
        scales=lengths.astype(float),
        rho=rho,
        null=ConfidenceInterval(low, high),
        level=level,
        d=(memory[0], memory[1]),
        n_obs=n_obs,
    )


def _drawable(memory: list[float]) -> list[float]:
    """Orders that a process is drawn with: 1/2 is neither here nor there."""
    return [float(np.clip(d + 0.002 * (abs(d - 0.5) < 0.001), -0.9, 1.4)) for d in memory]


def _default_scales(n_obs: int, order: int) -> IntArray:
    low, high = 2 * (order + 3), n_obs // 4
    number = max(4, round(4.0 * np.log2(high / low)) + 1)
    return np.unique(np.rint(np.geomspace(low, high, number))).astype(np.int64)


def _rho(x: FloatArray, y: FloatArray, scales: IntArray, order: int, overlap: bool) -> FloatArray:
    sums = profiles(np.stack([x, y]))
    found = []
    for scale in scales.tolist():
        basis = np.linalg.qr(np.vander(np.linspace(-1.0, 1.0, scale), order + 1))[0]
        step = max(1, scale // 2) if overlap else scale
        windows = sliding_window_view(sums, scale, axis=-1)[:, ::step]
        windows = windows - windows[..., :1]
        rest = windows - (windows @ basis) @ basis.T
        power = float(np.vdot(rest[0], rest[0])) * float(np.vdot(rest[1], rest[1]))
        if not power > 0.0:
            raise InvalidInputError("x", f"a series that varies in windows of {scale}", "not so")
        found.append(float(np.vdot(rest[0], rest[1])) / np.sqrt(power))
    return np.array(found)
