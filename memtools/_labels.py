"""What a pandas, xarray or polars object carries, its order in time, and putting it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from memtools.exceptions import InvalidInputError

# Weekdays that exchanges close in a row at the most; longer silences are gaps.
_LONGEST_HOLIDAY = 5
_DAY = 86_400


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """How labels follow each other.

    Attributes
    ----------
    step : str or None
        What lies between two of them ("day", "weekday", "month", "3 months"); None where no
        regular step is seen.
    freq : str, DateOffset or None
        The step as pandas takes it, for dates.
    full : Index or None
        All labels of the calendar from the first to the last, where some are missing.
    n_holidays : int
        Weekdays left out that count as holidays.
    """

    step: str | None = None
    freq: Any = None
    full: Any = None
    n_holidays: int = 0


def is_labelled(x: Any) -> bool:
    """True for a pandas Series or DataFrame."""
    return hasattr(x, "index") and hasattr(x, "to_numpy")


def time_axis(x: Any, shape: tuple[int, ...]) -> int:
    """Where time runs: down the rows of frames and of one column, else along the last axis."""
    dims = getattr(x, "dims", None)
    if isinstance(dims, tuple) and "time" in dims:
        return dims.index("time")
    down = hasattr(x, "columns") or (len(shape) == 2 and shape[1] == 1)
    return 0 if down else len(shape) - 1


def restored(values: Any, like: Any) -> Any:
    """Values of the shape of `like` in its dress: pandas, xarray or polars, else as they are."""
    home = type(like).__module__.split(".")[0]
    if home == "xarray":
        return like.copy(data=values)
    if home == "polars":
        if hasattr(like, "columns"):
            return type(like)(values, schema=like.columns)
        return type(like)(like.name, values)
    if is_labelled(like) and hasattr(like, "columns"):
        return type(like)(values, index=like.index, columns=like.columns)
    if is_labelled(like) and hasattr(like, "name"):
        return type(like)(values, index=like.index, name=like.name)
    return values


def as_labelled(x: Any) -> Any:
    """A one-dimensional DataArray with coordinates as a pandas Series, anything else as it is."""
    if type(x).__module__.startswith("xarray.") and getattr(x, "ndim", 0) == 1:
        return x.to_series().rename(x.name) if x.dims[0] in x.indexes else x
    return x


def index_of(x: Any) -> Any:
    """The pandas index that an object carries, None for anything else."""
    return x.index if is_labelled(x) else None


def holds_time(index: Any) -> bool:
    """True for an index of dates or periods."""
    import pandas as pd

    return isinstance(index, pd.DatetimeIndex | pd.PeriodIndex)


def periods(ordinals: Any, freq: Any) -> Any:
    """Periods by number, 0 for the one that holds 1970-01-01."""
    import pandas as pd

    return pd.PeriodIndex.from_ordinals(ordinals, freq=freq)  # type: ignore[attr-defined]


def calendar_of(index: Any) -> Calendar:
    """The calendar of strictly rising dates, periods or whole numbers."""
    import pandas as pd

    if len(index) < 3:
        return Calendar()
    if isinstance(index, pd.PeriodIndex):
        found = _stepped(np.asarray(index.asi8))
        if found is None:
            return Calendar()
        base, ordinals = found
        unit = str(index.freqstr)
        step = _plural(base, {"M": "month", "Q": "quarter", "Y": "year"}.get(unit[0], unit))
        full = None if ordinals is None else periods(ordinals, index.freq)
        return Calendar(step=step, freq=unit if base == 1 else f"{base}{unit}", full=full)
    if isinstance(index, pd.DatetimeIndex):
        return _of_dates(index)
    if pd.api.types.is_integer_dtype(index.dtype):
        found = _stepped(index.to_numpy().astype(np.int64))
        if found is None:
            return Calendar()
        base, whole = found
        return Calendar(step=str(base), full=None if whole is None else pd.Index(whole))
    return Calendar()


def _plural(base: int, unit: str) -> str:
    return unit if base == 1 else f"{base} {unit}s"


def _stepped(ordinals: Any) -> tuple[int, Any] | None:
    """The step of whole numbers and, where some are missing, all of them."""
    steps = np.diff(ordinals)
    base = int(steps.min())
    if base <= 0 or np.any(steps % base):
        return None
    n_full = (int(ordinals[-1]) - int(ordinals[0])) // base + 1
    if n_full == len(ordinals):
        return base, None
    if n_full > 2 * len(ordinals):
        return None
    return base, np.arange(ordinals[0], ordinals[-1] + base, base)


def _of_dates(index: Any) -> Calendar:
    """Months, weekdays, days or shorter steps."""
    import pandas as pd

    per_day = _DAY * {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[index.unit]
    steps = np.diff(index.asi8)
    least, most = int(steps.min()), int(steps.max())
    naive = index.tz_localize(None) if index.tz is not None else index
    if least >= 27 * per_day and (monthly := _of_months(index, naive)) is not None:
        return monthly
    if least >= per_day - per_day // 12:  # days of 23 hours where clocks are put forward
        days, clock = np.divmod(naive.asi8, per_day)
        if np.all(clock == clock[0]):
            return _of_days(index, days)
    if least != most:
        found = _stepped(index.asi8)
    else:
        found = (least, None) if least > 0 else None
    if found is None:
        return Calendar()
    base, ordinals = found
    length = pd.Timedelta(base, index.unit)
    full = None
    if ordinals is not None:
        full = pd.DatetimeIndex(ordinals.view(f"M8[{index.unit}]"))
        if index.tz is not None:
            full = full.tz_localize("UTC").tz_convert(index.tz)
    shown_step = str(length).removeprefix("0 days ")
    return Calendar(step=shown_step, freq=pd.tseries.frequencies.to_offset(length), full=full)


def _of_days(index: Any, days: Any) -> Calendar:
    """Days, weeks or weekdays."""
    import pandas as pd

    if int(np.diff(days).min()) < 7 and np.all((days + 3) % 7 < 5):
        return _of_weekdays(index, days)
    found = _stepped(days)
    if found is None:
        return Calendar()
    base, ordinals = found
    step = {1: "day", 7: "week"}.get(base, f"{base} days")
    freq = f"{base}D" if base > 1 else "D"
    if ordinals is None:
        return Calendar(step=step, freq=freq)
    return Calendar(step=step, freq=freq, full=pd.date_range(index[0], index[-1], freq=freq))


def _of_months(index: Any, naive: Any) -> Calendar | None:
    """A calendar of months, quarters or years on one day of the month or on the last."""
    import pandas as pd

    last = bool(naive.is_month_end.all())
    one_day = len(np.unique(naive.day)) == 1
    if not (last or one_day) or len(np.unique(naive.hour)) > 1:
        return None
    months = np.asarray(naive.year, dtype=np.int64) * 12 + naive.month - 1
    found = _stepped(months) if np.diff(months).min() > 0 else None
    if found is None:
        return None
    base, ordinals = found
    step = {12: "year", 3: "quarter"}.get(base, _plural(base, "month"))
    if last:
        offset: Any = pd.offsets.MonthEnd(base)
    elif index[0].day == 1:
        offset = pd.offsets.MonthBegin(base)
    else:
        offset = pd.offsets.DateOffset(months=base)
    if ordinals is None:
        return Calendar(step=step, freq=offset)
    full = pd.DatetimeIndex([index[0] + offset * i for i in range(len(ordinals))])
    return Calendar(step=step, freq=offset, full=full)


def _of_weekdays(index: Any, days: Any) -> Calendar:
    """Mondays to Fridays; what is left out for at most a week is a holiday."""
    import pandas as pd

    dates = days.astype("datetime64[D]")
    left_out = np.busday_count(dates[:-1], dates[1:]) - 1
    n_left_out = int(left_out.sum())
    if n_left_out > 0.5 * len(index) or np.median(left_out) > 0:
        return Calendar()
    long = np.flatnonzero(left_out > _LONGEST_HOLIDAY)
    n_holidays = n_left_out - int(left_out[long].sum())
    if not len(long):
        return Calendar(step="weekday", freq="B", n_holidays=n_holidays)
    more = [pd.bdate_range(index[i], index[i + 1], inclusive="neither") for i in long]
    full = index.append(more).sort_values() if len(more) else index
    return Calendar(step="weekday", freq="B", full=full, n_holidays=n_holidays)


def in_time_order(x: Any, name: str) -> tuple[Any, tuple[str, ...]]:
    """A pandas object whose dates rise, and what was done to it.

    Newest first is turned round; unsorted dates and dates that come twice are refused by
    position.  Whole numbers that fall in equal steps are turned round too.
    """
    x = as_labelled(x)
    if not is_labelled(x) or len(x) < 2:
        return x, ()
    import pandas as pd

    index = x.index
    if not holds_time(index):
        if not pd.api.types.is_integer_dtype(index.dtype):
            return x, ()
        steps = np.diff(index.to_numpy().astype(np.int64))
        if steps[0] < 0 and np.all(steps == steps[0]):
            return x.iloc[::-1], (turned_round(index),)
        return x, ()
    if index.hasnans:
        position = int(np.flatnonzero(index.isna())[0])
        raise InvalidInputError(name, "labelled with dates", f"a missing date at {position}")
    if index.is_monotonic_decreasing and index.is_unique:
        return x.iloc[::-1], (turned_round(index),)
    problem = first_disorder(index)
    if problem is not None:
        position, why = problem
        allowed = "in the order of time, each date once (sort_index, or take one series out)"
        raise InvalidInputError(name, allowed, f"{why} at position {position}")
    return x, ()


def turned_round(index: Any) -> str:
    """What is said where the newest observation came first."""
    return f"newest first: turned round, from {shown(index[-1])} to {shown(index[0])}"


def first_disorder(index: Any) -> tuple[int, str] | None:
    """Position and description of the first date that comes twice or too late."""
    ordinals = np.asarray(index.asi8) if holds_time(index) else np.asarray(index)
    steps = np.diff(ordinals)
    if not len(steps) or steps.min() > 0:
        return None
    falls = int(np.sum(steps < 0)) > len(steps) / 2
    bad = np.flatnonzero(steps >= 0 if falls else steps <= 0)
    position = int(bad[0]) + 1 if len(bad) else 1
    label, before = index[position], index[position - 1]
    if label == before:
        return position, f"{shown(label)} a second time"
    return position, f"{shown(label)} after {shown(before)}"


def shown(label: Any) -> str:
    """A date without an empty time of day."""
    return str(label).removesuffix(" 00:00:00")


def period_shown(index: Any) -> str | None:
    """ "1871 to 1970": the period that labels cover; None for mere positions."""
    import pandas as pd

    if index is None or len(index) == 0:
        return None
    labels = pd.Index(index) if not isinstance(index, pd.Index) else index
    if isinstance(labels, pd.RangeIndex) and labels.start == 0 and labels.step == 1:
        return None
    if pd.api.types.is_numeric_dtype(labels.dtype):
        if np.array_equal(labels.to_numpy(), np.arange(len(labels))):
            return None
    elif not holds_time(labels):
        return None
    return f"{shown(labels[0])} to {shown(labels[-1])}"
