"""All that a report shows of one series, and its correlogram."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from memtools import _validate, correlation, gaps, spectral
from memtools._validate import FloatArray
from memtools.arfima.whittle import best_model
from memtools.estimators.exact import exact_local_whittle
from memtools.estimators.log_periodogram import gph
from memtools.estimators.scaling import (
    aggregated_variance,
    detrended_fluctuation,
    rescaled_range,
)
from memtools.estimators.whittle import local_whittle
from memtools.exceptions import ConvergenceWarning, InvalidInputError
from memtools.inference.battery import memory_tests
from memtools.memory import estimate
from memtools.processes import ARFIMAProcess
from memtools.results import (
    Correlogram,
    MemoryEstimate,
    MemoryReport,
    RollingMemory,
    ScalingEstimate,
    SeriesPortrait,
    Spectrum,
    TestTable,
)
from memtools.rolling import rolling_memory
from memtools.spectral import Sample, as_sample
from memtools.stability import bandwidth_curve

_MIN_OBS, _MIN_OBS_SCALING = 32, 64
_LONGEST_DEFAULT_LAG = 200
# Observations with which tests of memory are run in a second or two.
_TESTED = (50, 50_000)
_LARGEST_PARTIAL = 40
# Where the long-memory band of the correlogram exists.
_LARGEST_D = 0.49
_ARMA_ORDERS = ((0, 0), (1, 0), (2, 0), (0, 1), (1, 1))
_ARFIMA_ORDERS = ((0, 0), (1, 0), (0, 1), (1, 1))
_SCALING: tuple[Callable[..., ScalingEstimate], ...] = (
    aggregated_variance,
    rescaled_range,
    detrended_fluctuation,
)


def correlogram(
    x: ArrayLike,
    n_lags: int | None = None,
    d: float | None = None,
    level: float = 0.95,
    name: str | None = None,
    missing: str = "raise",
) -> Correlogram:
    """Autocorrelations with three bands, and the two laws they may follow.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
    n_lags : int, optional
        Largest lag; by default a quarter of the series, at most 200.
    d : float, optional
        Memory parameter of the long-memory band; by default the exact local Whittle estimate.
        There is no such band for d outside [0, 1/2).
    level : float
        Pointwise coverage probability of the bands.
    name : str, optional
        Name of the series; by default that of a pandas Series.
    missing : {"raise", "longest", "gaps", "drop"}
        Missing values as in :func:`estimate`; with "gaps" the bands count the pairs observed.

    Returns
    -------
    Correlogram

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series, or `n_lags` is out of range.

    Notes
    -----
    `implied` is what the best ARFIMA model with d in (0, 1/2) and the best ARMA model (by
    Whittle's likelihood and BIC, orders up to two) lead one to expect of the *sample*
    autocorrelations of a series of this length: centred on the sample mean, those of long memory
    lie below the process's own, E r_k = (1 - k / n) (gamma_k - v) / (gamma_0 - v) to first order,
    v the variance of the mean.

    References
    ----------
    Beran, J. (1994). Statistics for Long-Memory Processes, sections 2.1 and 4.3.

    Examples
    --------
    >>> import memtools as mt
    >>> x = mt.simulate(mt.ARFIMAProcess(d=0.4), 1000, rng=1)
    >>> found = mt.correlogram(x, n_lags=50)
    >>> sorted(found.bands)
    ['bartlett', 'long-memory', 'white']
    >>> found.absolute_sums.shape
    (51,)
    """
    whole = gaps.whole(x, missing)
    sample = as_sample(x if isinstance(x, Sample) else whole.values, min_obs=8)
    values, n_obs = sample.values, sample.n_obs
    seen = values if whole.modulated is None else whole.observed.values
    if n_lags is None:
        n_lags = min(n_obs // 4, _LONGEST_DEFAULT_LAG)
    n_lags = _validate.as_integer(n_lags, "n_lags", 1, n_obs - 1)
    rho = correlation.autocorrelation(seen, n_lags, "gaps")
    if d is None:
        d = _d_of_band(sample)
    kinds: list[tuple[str, float | None]] = [("white", None), ("bartlett", None)]
    if d is not None and 0.0 <= d < 0.5:
        kinds.append(("long-memory", min(d, _LARGEST_D)))
    wider = _fewer_pairs(whole.observed.missing, n_lags)
    bands = {}
    for kind, of in kinds:
        low, high = correlation.autocorrelation_band(values, n_lags, kind, of, level)
        bands[kind] = low * wider, high * wider
    return Correlogram(
        name=_validate.as_name(x, name),
        n_obs=n_obs,
        values=rho,
        partial=correlation.partial_autocorrelation(seen, min(n_lags, _LARGEST_PARTIAL), "gaps"),
        bands=bands,
        level=level,
        d=kinds[-1][1],
        implied=_implied(sample, n_lags, d is not None and 0.0 < d < 0.5),
    )


def _fewer_pairs(missing: NDArray[np.bool_], n_lags: int) -> FloatArray:
    """Square root of how many times more pairs a series without gaps has, at lags 0..n_lags."""
    n_obs, seen = len(missing), (~missing).astype(np.float64)
    if not missing.any():
        return np.ones(n_lags + 1)
    lags = np.arange(n_lags + 1)
    pairs = np.array([seen[: n_obs - k] @ seen[k:] for k in lags])
    return np.sqrt((n_obs - lags) / np.maximum(pairs, 1.0))


def _d_of_band(sample: Sample) -> float | None:
    try:
        return max(exact_local_whittle(sample).d, 0.0)
    except InvalidInputError:  # too short, or without power at low frequencies
        return None


def _implied(sample: Sample, n_lags: int, with_memory: bool) -> dict[str, FloatArray]:
    """Expected sample autocorrelations under the best long- and the best short-memory model."""
    rivals: list[tuple[str, tuple[tuple[int, int], ...], tuple[float, float]]] = []
    if with_memory:
        rivals.append(("long memory", _ARFIMA_ORDERS, (0.01, _LARGEST_D)))
    rivals.append(("short memory", _ARMA_ORDERS, (0.0, 0.0)))
    expected = {}
    for kind, orders, d_range in rivals:
        try:
            model = best_model(sample, orders, d_range)
        except InvalidInputError:  # nothing left to model
            continue
        p, q = len(model.ar), len(model.ma)
        name = f"ARFIMA({p}, {model.d:.2f}, {q})" if d_range[1] else f"ARMA({p}, {q})"
        process = ARFIMAProcess(model.ar, model.d, model.ma)
        expected[f"{kind}: {name}"] = _expected(process, sample.n_obs, n_lags)
    return expected


def _expected(process: ARFIMAProcess, n_obs: int, n_lags: int) -> FloatArray:
    acov = process.autocovariance(n_obs - 1)
    shares = 1.0 - np.arange(n_obs) / n_obs
    of_mean = (2.0 * float(shares @ acov) - acov[0]) / n_obs
    expected = shares[: n_lags + 1] * (acov[: n_lags + 1] - of_mean) / (acov[0] - of_mean)
    expected[0] = 1.0
    return np.asarray(expected)


def portray(
    x: ArrayLike | MemoryReport, name: str | None = None, missing: str = "raise"
) -> SeriesPortrait:
    """All that a report shows of one series.

    Parameters
    ----------
    x : array_like, shape (n_obs,), or MemoryReport
        At least 32 observations; the index of a pandas Series is kept.  Of a report the series
        it is about, and the report stands in the portrait as it is.
    name : str, optional
        Name of the series; by default that of a pandas Series or of the report.
    missing : {"raise", "longest", "gaps", "drop"}
        Missing values as in :func:`estimate`.

    Returns
    -------
    SeriesPortrait
        Its `report` is that of `estimate`.

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series of 32 observations or more.

    Examples
    --------
    >>> import memtools as mt
    >>> portrait = mt.portray(mt.datasets.load("nile"))
    >>> portrait.report.verdict == mt.estimate(mt.datasets.load("nile")).verdict
    True
    """
    series, missing = (x.values, "gaps") if isinstance(x, MemoryReport) else (x, missing)
    whole = gaps.whole(series, missing)
    values = _validate.as_squarable_series(whole.values, min_obs=_MIN_OBS)
    sample = as_sample(values)
    name = _validate.as_name(x, name)
    if isinstance(x, MemoryReport):
        report = x
    else:
        report = estimate(x, name=name, missing=missing)
    periodogram = Sample(values).spectrum()
    mean_window = max(5, len(values) // 20) | 1
    bandwidth = report.options.get("bandwidth")
    stationary, gappy = report.d < _LARGEST_D, whole.modulated is not None
    curve = "local_whittle" if report.d < 0.6 else "exact_local_whittle"
    return SeriesPortrait(
        name=name,
        values=whole.observed.values,
        index=report.index,
        rolling_mean=_rolling_mean(values, mean_window),
        mean_window=mean_window,
        report=report,
        correlogram=correlogram(
            whole.observed.values if gappy else sample,
            d=min(max(report.d, 0.0), _LARGEST_D) if stationary else None,
            name=name,
            missing="gaps",
        ),
        periodogram=periodogram,
        smoothed=spectral.smoothed_spectrum(values, truncation=0.6),
        model=_model_spectrum(values),
        log_periodogram=_with_intercept(periodogram, gph(sample, bandwidth)),
        local_whittle=_with_intercept(periodogram, local_whittle(sample, bandwidth)),
        bandwidth_curve=bandwidth_curve(sample, curve, None, 0.95, name),
        scaling={
            function.__name__: function(sample)
            for function in _SCALING
            if len(values) >= _MIN_OBS_SCALING
        },
        rolling=_rolling(whole, curve, name, report.index) if len(values) >= 256 else None,
        tests=None if gappy else _tests(values, name, report.index),
    )


def _tests(values: FloatArray, name: str, index: Any) -> TestTable | None:
    """Every test of memory; breaks are dated by the labels of the series."""
    if not _TESTED[0] <= len(values) <= _TESTED[1]:
        return None
    if index is None:
        return memory_tests(values, name=name)
    from pandas import Series

    return memory_tests(Series(values, index), name=name)


def _rolling(whole: gaps.Whole, estimator: str, name: str, index: Any) -> RollingMemory:
    found = rolling_memory(whole.observed.values, estimator=estimator, name=name, missing="gaps")
    return replace(found, index=index)


def _rolling_mean(values: FloatArray, window: int) -> FloatArray:
    """Centred mean over an odd window; NaN where it does not fit."""
    mean = np.full(len(values), np.nan)
    half = window // 2
    mean[half : len(values) - half] = np.convolve(values, np.full(window, 1.0 / window), "valid")
    return mean


def _with_intercept(periodogram: Spectrum, result: MemoryEstimate) -> MemoryEstimate:
    """The estimate and the log power at log frequency zero of its line."""
    m = int(result.bandwidth or 0)
    frequencies, power = periodogram.frequencies[:m], periodogram.power[:m]
    shape = -2.0 * result.d * np.log(frequencies)
    if result.method.startswith("GPH"):
        # Logarithms of exponential ordinates lie Euler's constant below that of their mean.
        level = float(np.mean(np.log(power) - shape)) + np.euler_gamma
    else:
        level = math.log(float(np.mean(power * np.exp(-shape))))
    return replace(result, details={**result.details, "intercept": level})


def _model_spectrum(values: FloatArray) -> Spectrum | None:
    """Spectral density of the ARFIMA model of least BIC among small orders, by Whittle."""
    from memtools.arfima.model import ARFIMA

    fits = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for order in ((0, 0), (1, 0), (0, 1), (1, 1)):
            try:
                fits.append(ARFIMA(values, order).fit("whittle"))
            except InvalidInputError:  # nothing left to model, or out of its units
                continue
    if not fits:
        return None
    best = min(fits, key=lambda fit: fit.bic)
    frequencies = spectral.fourier_frequencies(len(values))
    k = best.integration
    level = ARFIMAProcess(best.ar, best.d - k, best.ma, best.sigma2)
    power = level.spectral_density(frequencies) * (2.0 * np.sin(frequencies / 2.0)) ** (-2 * k)
    p, q = best.model.order
    return Spectrum(
        frequencies=frequencies,
        power=power,
        n_obs=len(values),
        method=f"ARFIMA({p}, {best.d:.2f}, {q}), Whittle",
    )
