"""d of a window that moves over the series, and where it leaves the d of the whole."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import scipy.fft
from numpy.typing import ArrayLike

from memtools import _validate, gaps
from memtools._validate import FloatArray
from memtools.arfima.whittle import best_model
from memtools.estimators.exact import exact_local_whittle
from memtools.estimators.log_periodogram import gph, log_regression
from memtools.estimators.whittle import centred_logs, local_whittle, whittle_minimum
from memtools.exceptions import InvalidInputError
from memtools.inference.mean_shift import least_squares_dates, mean_shift_test
from memtools.processes import ARFIMAProcess
from memtools.results import MemoryEstimate, RollingMemory, Spectrum
from memtools.results.intervals import normal_pvalue, normal_quantile
from memtools.simulation import simulate
from memtools.spectral import Sample, as_sample

_MIN_OBS = 64
_ESTIMATORS: dict[str, Callable[..., MemoryEstimate]] = {
    "local_whittle": local_whittle,
    "exact_local_whittle": exact_local_whittle,
    "gph": gph,
}
# Draws of the critical value, and the most values that stand for a series.
_DRAWS = 500
_LENGTH = 2048
_MOST_WINDOWS = 48
# Windows side by side that stand for more.
_STRETCH = 32
# More windows than this are transformed at once.
_MANY_WINDOWS = 256
# Shifts in the mean are taken off where they are as sure as this.
_SURE = 0.01
_ORDERS = ((0, 0), (1, 0), (0, 1), (1, 1))
_D_RANGE = (-0.49, 0.98)
# The model of the short-run dynamics is of this many observations at most.
_MODELLED = 20_000


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
    told, as a window over a shift has more memory than the others without any change of d.  A
    window above the whole is an alarm only where it stays above without the shift in its mean that
    fits best, one below it where it is below the whole without its best shift as well; what such a
    shift takes of d where there is none, on average over 250 paths, is given back.
    Neighbouring windows share data and all share it with the whole series.  The critical value is
    from 500 draws (fixed seed) of noise with the ARMA part of the ARFIMA(<=1, d, <=1) model of
    least BIC, of each window's estimate and that of the whole: the power law of d itself changes
    the normalised periodogram to second order only.

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
    _validate.as_choice(estimator, "estimator", [*_ESTIMATORS])
    window, step = _as_windows(window, step, n_obs)
    level = _validate.as_level(level)
    function, starts = _ESTIMATORS[estimator], np.arange(0, n_obs - window + 1, step)
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
    dynamics = _short_run(sample.values) if seen.modulated is None else ((), ())
    critical = _rolling_quantile(n_obs, window, step, (m, band), level, plain, dynamics)
    critical /= float(np.nanmin(stderr))
    alarms = np.abs(d - whole.d) > critical * stderr
    if alarms.any():
        rest = _without_best_shift(function, sample.values, band, plain)
        alarms &= (d > whole.d) | (d < rest - critical * stderr)
    for i in np.flatnonzero(alarms & (d > whole.d)):
        part = rows[starts[i] : starts[i] + window]
        rest = _without_best_shift(function, part, m, plain) if np.isfinite(part).all() else d[i]
        alarms[i] = rest > whole.d + critical * stderr[i]
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
        alarms=alarms,
        shifts=shifts,
        index=seen.observed.index,
    )


def _as_windows(window: int | None, step: int | None, n_obs: int) -> tuple[int, int]:
    if window is None:
        window = max(_MIN_OBS, n_obs // 4)
    window = _validate.as_integer(window, "window", _MIN_OBS, n_obs - 1)
    if step is None:
        step = max(1, window // 8, -(-(n_obs - window) // (_MOST_WINDOWS - 1)))
    return window, _validate.as_integer(step, "step", 1, n_obs - window)


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


def _short_run(values: FloatArray) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """AR and MA coefficients of the short-run dynamics."""
    model = best_model(values[:_MODELLED], _ORDERS, _D_RANGE)
    return tuple(model.ar.round(3).tolist()), tuple(model.ma.round(3).tolist())


def _without_best_shift(
    function: Callable[..., MemoryEstimate],
    values: FloatArray,
    m: int,
    plain: Callable[[Spectrum], Any],
) -> float:
    """d without the shift in the mean that fits best, and what such a shift takes of d itself."""
    at = int(least_squares_dates(values[np.newaxis])[0])
    rest = _without_shifts(values, (at,))
    if np.ptp(rest) == 0.0:
        return -math.inf
    d = function(Sample(rest), m).d
    return d + _taken_by_shift(len(values), m, min(max(round(d, 1), -0.4), 0.4), plain)


@lru_cache(maxsize=64)
def _taken_by_shift(n_obs: int, m: int, d: float, plain: Callable[[Spectrum], Any]) -> float:
    """What d loses on average where the best shift is taken off noise that has none.

    About as 1 / m, by which a long series is stood for by a shorter one.
    """
    used, length = min(m, _LENGTH // 4), min(n_obs, _LENGTH)
    paths = simulate(ARFIMAProcess(d=d), length, _DRAWS // 2, 2)
    dates = least_squares_dates(paths)
    rest = [_without_shifts(x, (int(at),)) for x, at in zip(paths, dates, strict=True)]
    before, after = (_first(plain(Sample(rows).spectrum(used))) for rows in (paths, np.array(rest)))
    return float((before - after).mean()) * used / m


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
    dynamics: tuple[tuple[float, ...], tuple[float, ...]],
) -> float:
    """Quantile of max |d_window - d_whole| over the windows.

    Only the lowest ordinates matter, so a long series may be stood for by a shorter one with
    windows in proportion, and one of very many windows by a stretch: as many independent normal
    errors as have the median of the stretch's maximum, times the number of stretches.
    """
    if n_obs > _STRETCH * window:
        n_stretch = _STRETCH * window
        part = ordinates[0], round(ordinates[1] * n_stretch / n_obs)
        median = _rolling_quantile(n_stretch, window, step, part, 0.5, plain, dynamics)
        spread = _spread(window, ordinates[0], plain, dynamics)
        inside = 1.0 - normal_pvalue(median / spread, "two-sided")
        count = math.log(0.5) / math.log(inside) * n_obs / n_stretch
        return spread * normal_quantile(0.5 + 0.5 * level ** (1.0 / count))
    starts = np.arange(0, n_obs - window + 1, step)
    share = min(1.0, max(_LENGTH / n_obs, 4.0 * ordinates[0] / window))
    length, short = round(n_obs * share), round(window * share)
    places = np.rint(starts * share).astype(np.int64).clip(max=length - short)
    rng = np.random.default_rng(0)
    largest = np.empty(_DRAWS)
    for draw in range(_DRAWS):
        x = _coloured(rng.standard_normal(length), dynamics, length / n_obs)
        windows = np.lib.stride_tricks.sliding_window_view(x, short)[places]
        errors = _first(plain(Sample(windows).spectrum(ordinates[0])))
        whole = _first(plain(Sample(x).spectrum(min(ordinates[1], length // 2))))
        largest[draw] = np.abs(errors - whole).max()
    return float(np.quantile(largest, level))


def _spread(window: int, m: int, plain: Callable[[Spectrum], Any], dynamics: Any) -> float:
    """Standard deviation of the error of one window."""
    x = np.random.default_rng(1).standard_normal((4 * _DRAWS, window))
    return float(_first(plain(Sample(_coloured(x, dynamics, 1.0)).spectrum(m))).std())


def _coloured(noise: FloatArray, dynamics: Any, share: float) -> FloatArray:
    """Noise with the short-run dynamics, as of a series of which it is a share of the length."""
    if not any(dynamics):
        return noise
    n_obs = noise.shape[-1]
    frequencies = np.arange(n_obs // 2 + 1) * (2.0 * math.pi * share / n_obs)
    gain = ARFIMAProcess(dynamics[0], 0.0, dynamics[1]).spectral_density(frequencies)
    return np.asarray(scipy.fft.irfft(scipy.fft.rfft(noise) * np.sqrt(gain), n_obs))


def _minimum(spectrum: Spectrum) -> FloatArray:
    return whittle_minimum(centred_logs(spectrum.frequencies), spectrum.power)[0]
