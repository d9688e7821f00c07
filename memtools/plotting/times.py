"""Where the observations of a series lie on the time axis."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter


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
