"""Is d the same at all bandwidths and at all times?"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate, gaps
from memtools._validate import FloatArray
from memtools.estimators.exact import exact_local_whittle
from memtools.estimators.log_periodogram import bias_reduced_gph, gph, log_regression
from memtools.estimators.whittle import centred_logs, local_whittle, whittle_minimum
from memtools.exceptions import InvalidInputError
from memtools.inference.mean_shift import mean_shift_test
from memtools.results import BandwidthCurve, MemoryEstimate, RollingMemory, Spectrum
from memtools.results.intervals import normal_interval, normal_pvalue, normal_quantile
from memtools.spectral import Sample, as_sample

_MIN_OBS = 64
_ESTIMATORS: dict[str, Callable[..., MemoryEstimate]] = {
    "local_whittle": local_whittle,
    "exact_local_whittle": exact_local_whittle,
    "gph": gph,
    "bias_reduced_gph": bias_reduced_gph,
}
_N_BANDWIDTHS = 40
_DRAWS = 20_000
# Rolling windows: draws of white noise, and the most values that stand for a series.
_ROLLING_DRAWS = 500
_ROLLING_LENGTH = 2048
_MOST_WINDOWS = 48
# Windows side by side that stand for more.
_STRETCH = 32
# More windows than this are transformed at once.
_MANY_WINDOWS = 256
# Shifts in the mean are taken off where they are as sure as this.
_SURE = 0.01


def memory_by_bandwidth(
    x: ArrayLike,
    estimator: str = "local_whittle",
    bandwidths: ArrayLike | None = None,
    level: float = 0.95,
    name: str | None = None,
) -> BandwidthCurve:
    """Estimates of d over the number m of Fourier ordinates, with a simultaneous band.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 64 observations.
    estimator : {"local_whittle", "exact_local_whittle", "gph", "bias_reduced_gph"}
    bandwidths : array_like of int, optional
        Increasing numbers m; by default 40, evenly spaced in logarithms from
        max(12, n_obs^0.4) to n_obs^0.8, and the estimator's own.
    level : float
        Coverage probability of the pointwise intervals and of the band.
    name : str, optional

    Returns
    -------
    BandwidthCurve

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series of 64 observations or more, or a bandwidth is
        out of range.

    Notes
    -----
    Estimates at m < m' share the m lowest ordinates: scores add up, so their errors have the
    correlation sqrt(m / m').  The band is d -/+ c stderr, c the quantile of the largest
    absolute value of a normal vector with these correlations (20,000 draws of fixed seed).
    Where the curve leaves a horizontal line by more than the band, short-run dynamics are in.

    References
    ----------
    Robinson, P. M. (1995). Gaussian semiparametric estimation of long range dependence.
    Annals of Statistics 23, 1630-1661.
    Montiel Olea, J. L. and Plagborg-Moller, M. (2019). Simultaneous confidence bands: theory,
    implementation, and an application to SVARs. Journal of Applied Econometrics 34, 1-17.

    Examples
    --------
    >>> import memtools as mt
    >>> x = mt.simulate(mt.ARFIMAProcess(d=0.3), 1000, rng=1)
    >>> curve = mt.memory_by_bandwidth(x)
    >>> curve.chosen, curve.bandwidths[[0, -1]]
    (89, array([ 16, 251]))
    >>> bool((curve.band_high - curve.band_low > curve.high - curve.low).all())
    True
    """
    sample = as_sample(x, min_obs=_MIN_OBS)
    return bandwidth_curve(sample, estimator, bandwidths, level, _validate.as_name(x, name))


def bandwidth_curve(
    sample: Sample, estimator: str, bandwidths: ArrayLike | None, level: float, name: str
) -> BandwidthCurve:
    """The same of a checked series, which may be shorter."""
    _validate.as_choice(estimator, "estimator", tuple(_ESTIMATORS))
    level = _validate.as_level(level)
    function = _ESTIMATORS[estimator]
    chosen = function(sample)
    grid = _as_bandwidths(bandwidths, sample.n_obs, int(chosen.bandwidth or 0))
    found = [function(sample, int(m)) for m in grid]
    d = np.array([result.d for result in found])
    stderr = np.array([result.stderr for result in found])
    low, high = normal_interval(d, stderr, level)
    band = _sup_quantile(tuple(int(m) for m in grid), level) * stderr
    return BandwidthCurve(
        name=name,
        method=chosen.method,
        bandwidths=grid,
        d=d,
        stderr=stderr,
        low=low,
        high=high,
        band_low=d - band,
        band_high=d + band,
        level=level,
        chosen=int(chosen.bandwidth or 0),
    )


def _as_bandwidths(bandwidths: ArrayLike | None, n_obs: int, chosen: int) -> Any:
    """Increasing whole numbers of ordinates, the estimator's own among the default ones."""
    if bandwidths is None:
        ends = max(12.0, n_obs**0.4), min(n_obs**0.8, n_obs // 2)
        grid = np.rint(np.geomspace(*ends, _N_BANDWIDTHS)).astype(np.int64)
        return np.union1d(grid, [chosen])
    given = _validate.as_series(bandwidths, "bandwidths")
    whole = np.all(given == np.rint(given)) and np.all(np.diff(given) > 0)
    if not whole or given[0] < 3 or given[-1] > n_obs // 2:
        allowed = f"increasing whole numbers in 3..{n_obs // 2}"
        raise InvalidInputError("bandwidths", allowed, f"{given.tolist()[:6]}")
    return given.astype(np.int64)


@lru_cache(maxsize=32)
def _sup_quantile(bandwidths: tuple[int, ...], level: float) -> float:
    """Quantile of max |z_m| for a normal vector of correlations sqrt(m / m')."""
    m = np.array(bandwidths, dtype=float)
    shared = np.sqrt(m[:-1] / m[1:])
    z = np.random.default_rng(0).standard_normal((_DRAWS, len(m)))
    for i, r in enumerate(shared):
        z[:, i + 1] = r * z[:, i] + math.sqrt(1.0 - r * r) * z[:, i + 1]
    return float(np.quantile(np.abs(z).max(axis=1), level))


def rolling_memory(
    x: ArrayLike,
    window: int | None = None,
    step: int | None = None,
    level: float = 0.95,
    estimator: str = "local_whittle",
    name: str | None = None,
    missing: str = "raise",
) -> RollingMemory:
    """d of a window that moves over the series, and where it leaves the d of the whole.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 128 observations.
    window : int, optional
        Length of the window, at least 64 and less than n_obs; by default a quarter of the
        series, at least 64.
    step : int, optional
        Observations between windows; by default an eighth of the window, more where there
        would be over 48 windows.
    level : float
        Probability of no alarm at all where d is constant.
    estimator : {"local_whittle", "exact_local_whittle", "gph"}
    name : str, optional
        Name of the series; by default that of a pandas Series.
    missing : {"raise", "longest", "gaps", "drop"}
        Missing values as in :func:`estimate`; with "gaps" a window observed for less than
        half of its length is a hole (NaN).

    Returns
    -------
    RollingMemory
        `alarms` are the windows whose d is further from that of the whole series than chance
        explains over all windows at once; d of a window that does not vary is NaN.

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series of 128 observations or more, or window or step
        is out of range.

    Notes
    -----
    Windows and the whole series read the same band of frequencies, so that short-run dynamics
    move both alike; shifts in the mean (`mean_shift_test`, "wald", at 1%) are taken off first and
    told, as a window over a shift has more memory than the others without any change of d.
    Neighbouring windows share data and all share it with the whole series.  The critical value
    is found by drawing white noise (500 draws of fixed seed), whose normalised periodogram has
    the law of that of any long-memory series to first order, and taking the local Whittle
    estimate of each window and of the whole.

    References
    ----------
    Robinson, P. M. (1995). Gaussian semiparametric estimation of long range dependence.
    Annals of Statistics 23, 1630-1661.
    Cajueiro, D. O. and Tabak, B. M. (2004). The Hurst exponent over time: testing the assertion
    that emerging markets are becoming more efficient. Physica A 336, 521-537.

    Examples
    --------
    >>> import memtools as mt
    >>> x = mt.simulate(mt.ARFIMAProcess(d=0.3), 1000, rng=1)
    >>> bool(mt.rolling_memory(x).alarms.any())
    False
    """
    seen = gaps.whole(x, missing)
    sample = as_sample(x if isinstance(x, Sample) else seen.values, min_obs=2 * _MIN_OBS)
    n_obs = sample.n_obs
    _validate.as_choice(estimator, "estimator", ("local_whittle", "exact_local_whittle", "gph"))
    if window is None:
        window = max(_MIN_OBS, n_obs // 4)
    window = _validate.as_integer(window, "window", _MIN_OBS, n_obs - 1)
    if step is None:
        step = max(1, window // 8, -(-(n_obs - window) // (_MOST_WINDOWS - 1)))
    step = _validate.as_integer(step, "step", 1, n_obs - window)
    level = _validate.as_level(level)
    function = _ESTIMATORS[estimator]
    starts = np.arange(0, n_obs - window + 1, step)
    shifts: tuple[int, ...] = ()
    if seen.modulated is None:
        shifts = level_shifts(sample.values, window)
        sample = Sample(_without_shifts(sample.values, shifts)) if shifts else sample
    rows = sample.values if seen.modulated is None else seen.observed.values
    d, stderr, m = _of_windows(function, rows, starts, window)
    # The same band as the windows': short-run dynamics then move both alike.
    band = min(n_obs // 2, round(m * n_obs / window))
    whole = seen.widened(function(sample, band))
    plain = log_regression if estimator == "gph" else _minimum
    critical = _rolling_quantile(n_obs, window, step, (m, band), level, plain)
    critical /= float(np.nanmin(stderr))
    return RollingMemory(
        name=_validate.as_name(x, name),
        method=whole.method,
        window=window,
        step=step,
        ends=starts + window - 1,
        d=d,
        stderr=stderr,
        reference=whole.d,
        critical=float(critical),
        level=level,
        alarms=np.abs(d - whole.d) > critical * stderr,
        shifts=shifts,
        index=seen.observed.index,
    )


def level_shifts(values: FloatArray, least: int) -> tuple[int, ...]:
    """Positions of shifts in the mean, each at least `least` observations from the next.

    The series is cut where a shift passes Shao's test at 1%, which memory does not deceive, and
    both parts are looked at again.
    """
    if len(values) < 2 * least or np.ptp(values) == 0.0:
        return ()
    found = mean_shift_test(values, "wald", level=None)
    if found.pvalue > _SURE or not least <= found.position <= len(values) - least:
        return ()
    at = found.position
    after = (at + position for position in level_shifts(values[at:], least))
    return (*level_shifts(values[:at], least), at, *after)


def _without_shifts(values: FloatArray, shifts: tuple[int, ...]) -> FloatArray:
    return np.concatenate([part - part.mean() for part in np.split(values, shifts)])


def _of_windows(
    function: Callable[..., MemoryEstimate], rows: FloatArray, starts: Any, window: int
) -> tuple[FloatArray, FloatArray, int]:
    """d and its standard error for each window, and the ordinates used."""
    rules: dict[Any, Callable[[Spectrum], Any]] = {local_whittle: _minimum, gph: log_regression}
    fast = rules.get(function)
    views = np.lib.stride_tricks.sliding_window_view(rows, window)[starts]
    many = len(starts) > _MANY_WINDOWS
    if (
        fast is not None
        and many
        and np.isfinite(rows).all()
        and (np.ptp(views, axis=1) > 0.0).all()
    ):
        first = function(views[0])
        m = first.bandwidth or 0
        spectrum = Sample(views).spectrum(m)
        if (spectrum.power > 0.0).all():
            return _first(fast(spectrum)), np.full(len(views), first.stderr), m
    found = [_window_estimate(function, view) for view in views]
    d, stderr = (np.array([getattr(r, k, math.nan) for r in found]) for k in ("d", "stderr"))
    used = [result.bandwidth or 0 for result in found if result is not None]
    if not used:
        raise InvalidInputError("x", "a series that varies in some window", "none that does")
    return d, stderr, used[0]


def _first(found: Any) -> FloatArray:
    return np.asarray(found[0] if isinstance(found, tuple) else found)


def _window_estimate(
    function: Callable[..., MemoryEstimate], values: FloatArray
) -> MemoryEstimate | None:
    """The estimate of one window; None where it does not vary or was seldom observed."""
    try:
        window = gaps.whole(values, "gaps")
        return window.widened(function(window.values))
    except InvalidInputError:
        return None


@lru_cache(maxsize=32)
def _rolling_quantile(
    n_obs: int,
    window: int,
    step: int,
    ordinates: tuple[int, int],
    level: float,
    plain: Callable[[Spectrum], Any],
) -> float:
    """Quantile of max |d_window - d_whole| over the windows.

    Only the lowest ordinates matter, so a long series may be stood for by a shorter one with
    windows in proportion, and one of very many windows by a stretch: as many independent normal
    errors as have the median of the stretch's maximum, times the number of stretches.
    """
    if n_obs > _STRETCH * window:
        n_stretch = _STRETCH * window
        part = ordinates[0], round(ordinates[1] * n_stretch / n_obs)
        median = _rolling_quantile(n_stretch, window, step, part, 0.5, plain)
        spread = _spread(window, ordinates[0], plain)
        inside = 1.0 - normal_pvalue(median / spread, "two-sided")
        count = math.log(0.5) / math.log(inside) * n_obs / n_stretch
        return spread * normal_quantile(0.5 + 0.5 * level ** (1.0 / count))
    starts = np.arange(0, n_obs - window + 1, step)
    share = min(1.0, max(_ROLLING_LENGTH / n_obs, 4.0 * ordinates[0] / window))
    length, short = round(n_obs * share), round(window * share)
    places = np.rint(starts * share).astype(np.int64).clip(max=length - short)
    rng = np.random.default_rng(0)
    largest = np.empty(_ROLLING_DRAWS)
    for draw in range(_ROLLING_DRAWS):
        x = rng.standard_normal(length)
        windows = np.lib.stride_tricks.sliding_window_view(x, short)[places]
        errors = _first(plain(Sample(windows).spectrum(ordinates[0])))
        whole = _first(plain(Sample(x).spectrum(min(ordinates[1], length // 2))))
        largest[draw] = np.abs(errors - whole).max()
    return float(np.quantile(largest, level))


def _spread(window: int, m: int, plain: Callable[[Spectrum], Any]) -> float:
    """Standard deviation of the error of one window."""
    x = np.random.default_rng(1).standard_normal((4 * _ROLLING_DRAWS, window))
    return float(_first(plain(Sample(x).spectrum(m))).std())


def _minimum(spectrum: Spectrum) -> FloatArray:
    return whittle_minimum(centred_logs(spectrum.frequencies), spectrum.power)[0]
