"""A change of d at an unknown date: Martins and Rodrigues' test, the date and its interval."""

from __future__ import annotations

import math

import numpy as np
import scipy.fft
from numpy.typing import ArrayLike

from memtools import _validate, fractional, spectral
from memtools._validate import FloatArray
from memtools.arfima.parameters import Dynamics
from memtools.arfima.whittle import best_model
from memtools.estimators.whittle import centred_logs, local_whittle, whittle_minimum
from memtools.inference.laws import law
from memtools.inference.mean_shift import label_of
from memtools.results import BreakTestResult, ConfidenceInterval
from memtools.spectral import Sample

MIN_OBS = 50
TRIMMING = 0.2
ALTERNATIVES = {"change": "d changes once", "increase": "d increases", "decrease": "d decreases"}
_ORDERS = ((0, 0), (1, 0), (0, 1), (1, 1))
_D_RANGE = (-0.49, 0.98)
# Beyond this the differences of the series are looked at.
_LARGEST_D = 0.75
_STEPS = 3
# Orders before and after that a date is looked for with, and the paths of its interval.
_D_GRID = np.linspace(-0.5, 1.5, 41).round(2)
_PATHS, _LENGTH = 200, 600


def memory_change_test(
    x: ArrayLike, alternative: str = "change", level: float | None = 0.95
) -> BreakTestResult:
    """Martins and Rodrigues' test that d is the same all the time.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 50 observations, of -1/2 < d < 3/2.
    alternative : {"change", "increase", "decrease"}
        What d does under the alternative.
    level : float
        Of the interval of the date; None for none, which is faster.

    Returns
    -------
    BreakTestResult
        With `date`, `interval` and `size`, the d after the date less that before; `details` holds
        "d" (under the null), "d_before", "d_after", "order" (p, q) and "critical_values".

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series of 50 observations or more, or an argument is out
        of range.

    Notes
    -----
    e are the residuals of the ARFIMA(<=1, d, <=1) model of least BIC (Whittle) with d of least
    squares; with d above 3/4 of the differences.  For every date from 20 to 80% of the series e_t
    is regressed on e*_t = sum_j e_{t-j} / j and the scores of the ARMA part, over the observations
    before, with the variance of all e; the smallest t of e* speaks for an increase, the smallest
    on the series turned round for a decrease, the largest square of both for either.  P-values are
    from 5,000 to 10,000 paths of ARFIMA(0, d, 0) at this length (up to 2,000) that d and the mean
    are estimated on.

    The date is the one of least sum of squares of (1 - B)^d_t (x_t - mean) over all dates, with
    d on a grid of 0.05 and a mean of its own before and after; the interval that of dates found
    in 200 paths with this change (seed fixed).  The published critical values are found again with
    the mean of e for that of the series (`benchmarks/published_change_values.py`); at d = 0 the
    two are one.  R: memochange's ``MR_test(x, statistic = "standard")`` has the variance up to the
    date, with longer tails than the published values that it compares with, and d by
    ``longmemo::WhittleEst``, of fractional Gaussian noise.

    References
    ----------
    Martins, L. F. and Rodrigues, P. M. M. (2014). Testing for persistence change in fractionally
    integrated models: an application to world inflation rates. Computational Statistics and Data
    Analysis 76, 502-522.

    Examples
    --------
    >>> import numpy as np
    >>> import memtools as mt
    >>> rng = np.random.default_rng(1)
    >>> x = np.concatenate([rng.standard_normal(300), mt.fracint(rng.standard_normal(300), 0.8)])
    >>> found = mt.memory_change_test(x, "increase")
    >>> found.pvalue < 0.01, 250 < found.position < 350
    (True, True)
    """
    values = _validate.as_varying_series(x, min_obs=MIN_OBS)
    _validate.as_choice(alternative, "alternative", list(ALTERNATIVES))
    level = None if level is None else _validate.as_level(level)
    n_obs, used, whole = len(values), values, 0
    if local_whittle(Sample(values), 0.65).d > _LARGEST_D and np.ptp(np.diff(values)) > 0.0:
        used, whole = np.diff(values), 1
    model = best_model(used, _ORDERS, _D_RANGE)
    white = _without_arma(used - used.mean(), model)[np.newaxis]
    e, orders = _settled(white, np.array([model.d]), model)
    statistic, d_all = float(statistics(e, model)[alternative][0]), float(orders[0])
    null = law("change_laws", alternative, n_obs**-0.5, d_all)
    side = "greater" if alternative == "change" else "less"
    position, before, after = _least_squares(
        _without_arma(values - values.mean(), model)[np.newaxis]
    )
    at, d = int(position[0]), (float(before[0]), float(after[0]))
    labels = _validate.index_of(x)
    told = f"d = {d[0]:z.2f} before, {d[1]:z.2f} after"
    if d[0] == d[1]:
        told = f"d = {d[0]:z.2f} before and after: the date says nothing of d"
    ends = None if level is None else _interval(n_obs, at, d, level)
    return BreakTestResult(
        statistic=statistic,
        pvalue=null.pvalue(statistic, side),
        null=f"d = {d_all + whole:z.2f} all the time",
        alternative=ALTERNATIVES[alternative],
        method="Change of d (Martins-Rodrigues)",
        position=at,
        date=label_of(labels, at),
        interval=ends and ConfidenceInterval(*(label_of(labels, end) for end in ends)),
        positions=ends,
        level=level,
        size=d[1] - d[0],
        details={
            "d": d_all + whole,
            "d_before": d[0],
            "d_after": d[1],
            "order": (len(model.ar), len(model.ma)),
            "n_obs": n_obs,
            "critical_values": null.critical_values(side),
        },
        finding=told,
    )


def statistics(residuals: FloatArray, model: Dynamics | None = None) -> dict[str, FloatArray]:
    """The three statistics of rows of residuals, those of a model with an ARMA part or of none."""
    forward = _ratios(residuals, model)
    backward = _ratios(np.ascontiguousarray(residuals[:, ::-1]), model)
    both = np.maximum((forward**2).max(axis=1), (backward**2).max(axis=1))
    return {"change": both, "increase": forward.min(axis=1), "decrease": backward.min(axis=1)}


def fractional_residuals(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Residuals of fractional noise around a mean and d of least squares; a row a series."""
    frequencies, power = spectral.ordinates(rows, (rows.shape[1] - 1) // 2)
    sines = centred_logs(2.0 * np.sin(0.5 * frequencies))
    return _settled(rows, np.asarray(whittle_minimum(sines, power, _D_RANGE)[0]), None)


def _settled(
    rows: FloatArray, d: FloatArray, model: Dynamics | None
) -> tuple[FloatArray, FloatArray]:
    """Residuals and d after Gauss and Newton's steps, so that e* tells nothing of the whole.

    From Whittle's d the ratios would be shifted by about -0.2 at 500 observations.
    """
    ones = np.ones((1, rows.shape[1]))
    if model is not None:
        ones = _without_arma(ones, model)
    for step in range(_STEPS + 1):
        weights = fractional.weights(d, rows.shape[1])
        e = _around_mean(convolved(rows, weights), convolved(ones, weights))
        if step < _STEPS:
            design = _design(e, model)
            squares = np.swapaxes(design, 1, 2) @ design
            slopes = np.linalg.pinv(squares) @ np.einsum("ijk,ij->ik", design, e)[..., np.newaxis]
            d = np.asarray(np.clip(d + slopes[:, 0, 0], *_D_RANGE), dtype=np.float64)
    return e, d


def _around_mean(differenced: FloatArray, ones: FloatArray) -> FloatArray:
    """Differences of the series less those of a constant, by least squares."""
    mean = (differenced * ones).sum(axis=-1) / (ones**2).sum(axis=-1)
    return np.asarray(differenced - mean[..., np.newaxis] * ones)


def convolved(rows: FloatArray, weights: FloatArray) -> FloatArray:
    n_obs = rows.shape[-1]
    size = scipy.fft.next_fast_len(2 * n_obs, real=True)
    product = scipy.fft.rfft(rows, size) * scipy.fft.rfft(weights, size)
    return np.asarray(scipy.fft.irfft(product, size)[..., :n_obs])


def _without_arma(values: FloatArray, model: Dynamics) -> FloatArray:
    from scipy.signal import lfilter

    ar, ma = np.concatenate([[1.0], -model.ar]), np.concatenate([[1.0], model.ma])
    return np.asarray(lfilter(ar, ma, values))


def _ratios(e: FloatArray, model: Dynamics | None) -> FloatArray:
    """t of e* over the first 20 to 80% of the observations, shape (n_rows, n_dates)."""
    n_obs = e.shape[1]
    design = _design(e, model)
    # To date i: sums over the observations before it; the first has no regressor.
    dates = np.arange(math.floor(TRIMMING * n_obs), math.ceil((1.0 - TRIMMING) * n_obs) + 1) - 1
    squares = np.cumsum(design[..., :, np.newaxis] * design[..., np.newaxis, :], axis=1)[:, dates]
    products = np.cumsum(design * e[..., np.newaxis], axis=1)[:, dates]
    inverse = np.asarray(np.linalg.pinv(squares, hermitian=True)) if model else 1.0 / squares
    slopes = (inverse @ products[..., np.newaxis])[..., 0]
    variance = (e**2).mean(axis=1, keepdims=True)
    return np.asarray(slopes[..., 0] / np.sqrt(variance * inverse[..., 0, 0]))


def _design(e: FloatArray, model: Dynamics | None) -> FloatArray:
    """e* and what the coefficients of the ARMA part move e by, on a last axis."""
    columns = [harmonic_sums(e)]
    if model is not None:
        columns += [_delayed(e, k + 1, -model.ar) for k in range(len(model.ar))]
        columns += [_delayed(e, k + 1, model.ma) for k in range(len(model.ma))]
    return np.stack(columns, axis=-1)


def harmonic_sums(e: FloatArray) -> FloatArray:
    """e*_t = sum_j e_{t-j} / j of rows."""
    return convolved(e, np.concatenate([[0.0], 1.0 / np.arange(1.0, e.shape[1])]))


def _delayed(e: FloatArray, lag: int, polynomial: FloatArray) -> FloatArray:
    """e_{t-lag} over 1 + polynomial(B): what a coefficient of the ARMA part moves e by."""
    from scipy.signal import lfilter

    under = np.concatenate([[1.0], polynomial])
    moved = np.zeros_like(e)
    moved[:, lag:] = lfilter([1.0], under, e, axis=1)[:, :-lag]
    return moved


def _least_squares(
    rows: FloatArray, grid: FloatArray = _D_GRID
) -> tuple[np.ndarray, FloatArray, FloatArray]:
    """Date, d before and d after of least sum of squares in each row."""
    n_rows, n_obs = rows.shape
    dates = np.arange(math.floor(TRIMMING * n_obs), math.ceil((1.0 - TRIMMING) * n_obs) + 1)
    # Of the observations before and after each date: the least sum of squares, and its order.
    least = np.full((2, n_rows, len(dates)), np.inf)
    orders = np.zeros(least.shape)
    size = scipy.fft.next_fast_len(2 * n_obs, real=True)
    for d in grid:
        weights = fractional.weights(float(d), n_obs)
        y, ones = fractional.convolve_causal(rows, weights), np.cumsum(weights)
        squares, products, norms = (np.cumsum(v, axis=-1) for v in (y**2, y * ones, ones**2))
        # Each part has a level of its own: that of all would make the quieter one look long.
        early = squares[:, dates - 1] - products[:, dates - 1] ** 2 / norms[dates - 1]
        both = scipy.fft.rfft(y, size) * scipy.fft.rfft(ones, size).conj()
        from_date = scipy.fft.irfft(both, size)
        late = squares[:, -1:] - squares[:, dates - 1]
        late -= from_date[:, dates] ** 2 / norms[n_obs - dates - 1]
        for part, found in enumerate((early, late)):
            better = found < least[part]
            least[part][better], orders[part][better] = found[better], d
    best = least.sum(axis=0).argmin(axis=1)
    before, after = orders[:, np.arange(n_rows), best]
    return dates[best], before, after


def _interval(n_obs: int, at: int, d: tuple[float, float], level: float) -> tuple[int, int]:
    """Dates found in paths of noise whose d changes like this; a long series is cut down."""
    length = min(n_obs, _LENGTH)
    here = round(at * length / n_obs)
    noise = np.random.default_rng(0).standard_normal((_PATHS, length))
    before = fractional.fracint(noise[:, :here], d[0], axis=1)
    known = np.concatenate([before, np.zeros((_PATHS, length - here))], axis=1)
    # (1 - B)^d after = e from here on, given what came before.
    left = noise[:, here:] - fractional.fracdiff(known, d[1], axis=1)[:, here:]
    paths = np.concatenate([before, fractional.fracint(left, d[1], axis=1)], axis=1)
    moved = _least_squares(paths, _D_GRID[::2])[0] - here
    low, high = np.quantile(moved, [0.5 - level / 2.0, 0.5 + level / 2.0])
    ends = math.floor(at - high), math.ceil(at - low)
    return max(ends[0], 1), min(ends[1], n_obs - 1)
