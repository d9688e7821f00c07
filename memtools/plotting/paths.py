"""Along time: the series, its rolling d, its forecasts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.plotting.canvas import Canvas, as_result, percent, shown_name, unit_of
from memtools.plotting.palette import BLUE, DASHED, ORANGE, VERMILLION
from memtools.results import ForecastResults, RollingMemory, SeriesPortrait


def plot_series(portrait: SeriesPortrait, *, ax: Axes | None = None) -> Axes:
    """The series with its rolling mean.

    Parameters
    ----------
    portrait : SeriesPortrait
    ax : matplotlib Axes, optional
        Those of a new pyplot figure by default.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import memtools as mt
    >>> portrait = mt.portray(mt.datasets.load("nile"))
    >>> mt.plotting.plot_series(portrait, ax=Figure().subplots()).get_title()
    'nile'
    """
    on = Canvas.of(portrait, SeriesPortrait, "portrait", ax)
    ax = on.ax
    n_obs = len(portrait.values)
    points, unit = time_points(portrait.index, n_obs)
    on.line(points, portrait.values, color=BLUE, linewidth=0.8, label="observations")
    label = f"mean over {portrait.mean_window} observations"
    on.line(points, portrait.rolling_mean, color=VERMILLION, linewidth=2.2, label=label)
    ax.margins(x=0.01)
    format_times(ax, points)
    return on.finished(shown_name(portrait.name), unit, f"value ({unit_of(portrait.name)})")


def plot_rolling_memory(
    rolling: RollingMemory, *, ax: Axes | None = None, index: Any = None
) -> Axes:
    """d of a moving window, the range one constant d allows, and the alarms outside it.

    Parameters
    ----------
    rolling : RollingMemory
    ax : matplotlib Axes, optional
        Those of a new pyplot figure by default.
    index : array_like, optional
        Dates or times of all observations of the series, by default those of the result.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import memtools as mt
    >>> rolling = mt.rolling_memory(mt.datasets.load("sunspots"))
    >>> mt.plotting.plot_rolling_memory(rolling, ax=Figure().subplots()).get_ylabel()
    'memory parameter d'
    """
    on = Canvas.of(rolling, RollingMemory, "rolling", ax)
    ax = on.ax
    last = int(rolling.ends[-1])
    index = rolling.index if index is None else index
    if index is not None and len(index) <= last:
        raise InvalidInputError("index", f"of {last + 1} labels or more", f"{len(index)}")
    points, unit = time_points(index, last + 1 if index is None else len(index))
    ends, half = points[rolling.ends], rolling.critical * rolling.stderr
    label = f"{percent(rolling.level)} range of one constant d"
    low, high = rolling.reference - half, rolling.reference + half
    on.area(ends, low, high, color=ORANGE, label=label)
    label = f"whole series, d = {rolling.reference:.2f}"
    ax.axhline(rolling.reference, color=on.ink, linestyle=DASHED, linewidth=1.0, label=label)
    marker = "." if len(ends) <= 60 else ""
    label = f"window of {rolling.window} observations"
    ax.plot(ends, rolling.d, color=BLUE, marker=marker, linewidth=1.6, label=label)
    alarms = np.asarray(rolling.alarms, dtype=bool)
    if alarms.any():
        style = {"color": VERMILLION, "marker": "X", "markersize": 7.0}
        on.points(ends[alarms], rolling.d[alarms], label="alarm", **style)
    format_times(ax, points)
    where = "end of the window" + ("" if unit == "date" else f" ({unit})")
    return on.finished(f"Rolling d of {shown_name(rolling.name)}", where, "memory parameter d")


def plot_forecast(
    forecast: ForecastResults,
    history: Any = None,
    *,
    ax: Axes | None = None,
    levels: Sequence[float] = (0.5, 0.8, 0.95),
) -> Axes:
    """Forecasts with a fan of prediction intervals.

    Parameters
    ----------
    forecast : ForecastResults
    history : array_like, shape (n_obs,), optional
        The sample or its end, drawn before the forecasts; NaN at gaps.
    ax : matplotlib Axes, optional
        Those of a new pyplot figure by default.
    levels : sequence of float
        Coverage probabilities, pointwise.

    Returns
    -------
    Axes
        Against the labels of the forecasts, where `history` has labels of the same kind; else
        against the steps ahead, the last observation at 0.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import memtools as mt
    >>> flow = mt.datasets.load("nile")
    >>> forecast = mt.ARFIMA(flow, (0, 0)).fit().get_forecast(10)
    >>> mt.plotting.plot_forecast(forecast, flow, ax=Figure().subplots()).get_title()
    'Forecasts of nile'
    """
    as_result(forecast, ForecastResults, "forecast")
    chosen = sorted({_validate.as_level(level, "levels") for level in levels}, reverse=True)
    past = None if history is None else _with_gaps(history)
    on = Canvas(ax)
    ax = on.ax
    before, after, unit = _forecast_points(forecast, history)
    if past is not None:
        on.line(before, past, color=on.ink, linewidth=1.0, label="observations")
    for i, level in enumerate(chosen):
        ends = np.column_stack(forecast.confidence_interval(level))
        alpha = 0.16 + 0.5 * i / max(len(chosen), 2)
        style = {"color": BLUE, "alpha": alpha, "label": percent(level)}
        on.area(after, ends[:, 0], ends[:, 1], **style)
    mean = np.asarray(forecast.predicted_mean)
    marker = "o" if len(mean) <= 12 else ""
    ax.plot(after, mean, color=BLUE, marker=marker, markersize=4.0, linewidth=2.0, label="forecast")
    format_times(ax, after)
    name = getattr(history, "name", None)
    title = "Forecasts" if name is None else f"Forecasts of {shown_name(name)}"
    return on.finished(title, unit, f"value ({unit_of(name)})")


def _forecast_points(forecast: ForecastResults, history: Any) -> tuple[Any, Any, str]:
    """Coordinates of the history and of the forecasts, and the label of their axis."""
    steps, n_obs = len(forecast.predicted_mean), 0 if history is None else len(history)
    after, before = (_labels(values) for values in (forecast.predicted_mean, history))
    if after is not None and history is None:
        return after[:0], after, "date" if is_date(after) else "time"
    if after is not None and before is not None and is_date(after) == is_date(before):
        if is_date(after):
            return before, after, "date"
        if before[-1] < after[0]:
            return before, after, "time"
    return np.arange(1 - n_obs, 1), np.arange(1, steps + 1), "steps ahead (observations)"


def _with_gaps(history: Any) -> FloatArray:
    values, gaps = _validate.as_series_with_gaps(history, "history")
    return np.where(gaps, np.nan, values)


def _labels(values: Any) -> Any:
    """Coordinates of the labels of a pandas Series; None where there are none."""
    labelled = hasattr(values, "index") and hasattr(values, "to_numpy")
    return coordinates(values.index) if labelled else None


def coordinates(index: Any) -> Any:
    """Dates (datetime64) or numbers of a pandas Index or an array; None for other labels."""
    values = np.asarray(index)
    if values.dtype == object:
        values = _as_dates(index)
    number = np.issubdtype(values.dtype, np.number)
    return values if number or is_date(values) else None


def time_points(index: Any, n_obs: int) -> tuple[Any, str]:
    """Coordinates of the observations and the label of their axis.

    What is neither dates nor numbers is counted from 0, as a series without index is.
    """
    count = np.arange(n_obs)
    points = None if index is None else coordinates(index)
    if points is None or np.array_equal(points, count):
        return count, "observation"
    return points, "date" if is_date(points) else "time"


def is_date(points: Any) -> bool:
    """True for an array of datetime64."""
    return bool(np.issubdtype(points.dtype, np.datetime64))


def _as_dates(index: Any) -> Any:
    """Days or instants of periods, dates with a time zone or date objects; else as they came."""
    import pandas as pd

    labels = pd.Index(index)
    if isinstance(labels, pd.PeriodIndex):
        try:
            return labels.to_timestamp().to_numpy()
        except pd.errors.OutOfBoundsDatetime:  # years before 1678
            days = [f"{p.year:04d}-{p.month:02d}-{p.day:02d}" for p in labels]
            return np.array(days, dtype="datetime64[D]")
    if isinstance(labels, pd.DatetimeIndex):
        return labels.tz_localize(None).to_numpy()
    return labels.to_numpy()


def format_times(ax: Axes, points: Any) -> None:
    """Few, short date labels, where the points are dates."""
    if is_date(points):
        locator = AutoDateLocator(minticks=3, maxticks=8)
        ax.xaxis.set_major_locator(locator)
        ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))
