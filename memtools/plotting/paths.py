"""Along time: the series, its rolling d, its forecasts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.plotting.canvas import (
    BLUE,
    DASHED,
    ORANGE,
    VERMILLION,
    as_axes,
    as_result,
    draw_area,
    draw_line,
    draw_points,
    foreground,
    label_axes,
    legend_below,
    percent,
    shown_name,
)
from memtools.plotting.times import coordinates, format_times, is_date, time_points
from memtools.results import RollingMemory, SeriesPortrait

if TYPE_CHECKING:
    from memtools.results import ForecastResults


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
    portrait = as_result(portrait, SeriesPortrait, "portrait")
    ax = as_axes(ax)
    n_obs = len(portrait.values)
    points, unit = time_points(portrait.index, n_obs)
    draw_line(ax, points, portrait.values, color=BLUE, linewidth=0.8, label="observations")
    label = f"mean over {portrait.mean_window} observations"
    draw_line(ax, points, portrait.rolling_mean, color=VERMILLION, linewidth=2.2, label=label)
    ax.margins(x=0.01)
    format_times(ax, points)
    label_axes(ax, shown_name(portrait.name), unit, "value (units of the series)")
    legend_below(ax)
    return ax


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
    rolling = as_result(rolling, RollingMemory, "rolling")
    ax = as_axes(ax)
    last = int(rolling.ends[-1])
    index = rolling.index if index is None else index
    if index is not None and len(index) <= last:
        raise InvalidInputError("index", f"of {last + 1} labels or more", f"{len(index)}")
    points, unit = time_points(index, last + 1 if index is None else len(index))
    ends, half = points[rolling.ends], rolling.critical * rolling.stderr
    label = f"{percent(rolling.level)} range of one constant d"
    low, high = rolling.reference - half, rolling.reference + half
    draw_area(ax, ends, low, high, color=ORANGE, label=label)
    label = f"whole series, d = {rolling.reference:.2f}"
    ax.axhline(rolling.reference, color=foreground(), linestyle=DASHED, linewidth=1.0, label=label)
    marker = "." if len(ends) <= 60 else ""
    label = f"window of {rolling.window} observations"
    ax.plot(ends, rolling.d, color=BLUE, marker=marker, linewidth=1.6, label=label)
    alarms = np.asarray(rolling.alarms, dtype=bool)
    if alarms.any():
        style = {"color": VERMILLION, "marker": "X", "markersize": 7.0}
        draw_points(ax, ends[alarms], rolling.d[alarms], label="alarm", **style)
    format_times(ax, points)
    where = "end of the window" + ("" if unit == "date" else f" ({unit})")
    label_axes(ax, f"Rolling d of {shown_name(rolling.name)}", where, "memory parameter d")
    legend_below(ax)
    return ax


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
    from memtools.results import ForecastResults as Forecasts

    forecast = as_result(forecast, Forecasts, "forecast")
    chosen = sorted({_validate.as_level(level, "levels") for level in levels}, reverse=True)
    past = None if history is None else _with_gaps(history)
    ax = as_axes(ax)
    before, after, unit = _forecast_points(forecast, history)
    if past is not None:
        draw_line(ax, before, past, color=foreground(), linewidth=1.0, label="observations")
    for i, level in enumerate(chosen):
        ends = np.column_stack(forecast.confidence_interval(level))
        alpha = 0.16 + 0.5 * i / max(len(chosen), 2)
        style = {"color": BLUE, "alpha": alpha, "label": percent(level)}
        draw_area(ax, after, ends[:, 0], ends[:, 1], **style)
    mean = np.asarray(forecast.predicted_mean)
    marker = "o" if len(mean) <= 12 else ""
    ax.plot(after, mean, color=BLUE, marker=marker, markersize=4.0, linewidth=2.0, label="forecast")
    format_times(ax, after)
    name = getattr(history, "name", None)
    title = "Forecasts" if name is None else f"Forecasts of {shown_name(name)}"
    label_axes(ax, title, unit, "value (units of the series)")
    legend_below(ax)
    return ax


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
