"""What a pandas, xarray or polars object carries, its order in time, and putting it back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from memtools.exceptions import InvalidInputError

# Weekdays that exchanges close in a row at the most; longer silences are gaps.
_LONGEST_HOLIDAY = 5
_DAY = 86_400
_TIME_NAME = re.compile(
    r"^(.*[_ .])?(date|dates|datum|data|fecha|day|days|tag|time|zeit|timestamp|datetime|year|years|"
    r"jahr|ann[eé]e|a[nñ]o|month|monat|mois|mes|t|yr|yyyy|mm|dd|mo|decimal|decyear|period|quarter|"
    r"week|obs|observation|index|idx|step|hour|hours|minutes?|seconds?|sec|epoch|unix|utc|m?jd|doy|jday|yday|"
    r"time_period|jour|anno|hr|date ?time|nr|no|row|rownames|datenum|zeitpunkt|uhrzeit|messzeit|#)"
    r"([_ .]?(utc|gmt|local|cet|est|date|time|year|unix|s|ms|sec|seconds|hours?|days?|\(.*\)|"
    r"\[.*\]))?$",
    re.IGNORECASE,
)
# Ages count back from the present, as ice and sediments are dated.
_AGE_NAME = re.compile(
    r"(?:^|[\s_.(\[-])(?:ages?|b\.?p\.?|ybp|b2k|ka|kyr|ma|myr|before present)(?:$|[\s_.)\],-])",
    re.IGNORECASE,
)


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


def column_names(x: Any, count: int) -> tuple[str, ...]:
    """Names of a frame's columns, of the other dimension of xarray, of one series; else numbers."""
    names = getattr(x, "columns", None)
    if names is None and getattr(x, "ndim", 0) == 1 and getattr(x, "name", None) is not None:
        names = (x.name,)
    if names is None and getattr(x, "ndim", 0) == 2 and hasattr(x, "indexes"):
        names = x.indexes.get(x.dims[1])
    return tuple(map(str, range(count) if names is None else names))


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


def named_like_time(name: Any) -> bool:
    """True where the name of a column or an index says that it holds time."""
    return bool(_TIME_NAME.match(str(name).strip()))


def counts_back(name: Any) -> bool:
    """True for the name of ages before the present: the larger, the earlier."""
    return bool(_AGE_NAME.search(str(name)))


def in_time_order(x: Any, name: str) -> tuple[Any, tuple[str, ...]]:
    """A pandas object whose dates rise and leave none out, and what was done to it.

    Newest first is turned round, so are ages before the present; unsorted dates and dates that
    come twice are refused by position.  Dates that a regular calendar lacks are put in as NaN.
    """
    x = as_labelled(x)
    if not is_labelled(x) or len(x) < 2:
        return x, ()
    import pandas as pd

    index = x.index
    dated = holds_time(index)
    if not dated and not pd.api.types.is_numeric_dtype(index.dtype):
        return x, ()
    if dated and index.hasnans:
        position = int(np.flatnonzero(index.isna())[0])
        raise InvalidInputError(name, "labelled with dates", f"a missing date at {position}")
    notes: list[str] = []
    # Ages that were turned round before are negative.
    if not dated and counts_back(index.name) and index.is_unique and index.max() > 0:
        if index.is_monotonic_increasing:
            x = x.iloc[::-1]
        if x.index.is_monotonic_decreasing:
            first, last = (f"{label:g}" for label in (x.index[0], x.index[-1]))
            notes.append(f"{index.name} counts back: the series runs from {first} to {last}")
            x = x.set_axis(-x.index)
    elif index.is_monotonic_decreasing and index.is_unique:
        notes.append(turned_round(index))
        x = x.iloc[::-1]
    if not dated and not named_like_time(index.name):
        return x, tuple(notes)
    problem = first_disorder(x.index)
    if problem is not None:
        if not dated:
            return x, tuple(notes)
        position, why = problem
        allowed = "in the order of time, each date once (sort_index, or take one series out)"
        raise InvalidInputError(name, allowed, f"{why} at position {position}")
    if getattr(x, "attrs", {}).get("closed_up"):
        return x, tuple(notes)
    return _completed(x, dated, notes)


def _completed(x: Any, dated: bool, notes: list[str]) -> tuple[Any, tuple[str, ...]]:
    """With the dates that a regular calendar lacks, or a word on what they follow."""
    calendar = calendar_of(x.index)
    if calendar.full is not None:
        n_missing = len(calendar.full) - len(x)
        first = shown(calendar.full[int(np.argmax(~calendar.full.isin(x.index)))])
        notes.append(f"{n_missing} of {len(calendar.full)} dates are missing, the first {first}")
        x = x.reindex(calendar.full.rename(x.index.name))
    elif calendar.n_holidays:
        notes.append(f"weekdays; {calendar.n_holidays} left out are taken for holidays")
    elif dated and calendar.step is None and len(x) > 2:
        notes.append("the dates follow no regular step: observations are taken as equally far")
    return x, tuple(notes)


def runs_back(x: Any, axis: int, name: str) -> bool:
    """True where the labels of pandas or xarray on an axis run from the newest to the oldest.

    Raises
    ------
    InvalidInputError
        Where dates are in no order, come twice or leave some out.
    """
    index = None
    if is_labelled(x):
        index = x.index if axis in (0, -x.ndim) else None
    elif type(x).__module__.startswith("xarray.") and hasattr(x, "dims"):
        index = x.indexes.get(x.dims[axis])
    if index is None or len(index) < 2:
        return False
    import pandas as pd

    rows = pd.Series(0.0, index=index)
    rows.attrs = dict(x.attrs)
    ordered, notes = in_time_order(rows, name)
    if len(ordered) != len(rows):
        allowed = (
            "complete in time (mt.estimate and mt.ARFIMA take gaps; reset_index(drop=True) "
            "counts rows as equally far)"
        )
        raise InvalidInputError(name, allowed, notes[-1])
    return ordered is not rows


def turned_round(index: Any) -> str:
    """What is said where the newest observation came first."""
    return f"newest first: turned round, from {shown(index[-1])} to {shown(index[0])}"


def first_disorder(index: Any) -> tuple[int, str] | None:
    """Position and description of the first date that comes twice or too late."""
    if index.is_monotonic_increasing and index.is_unique:
        return None
    ordinals = np.asarray(index.asi8) if holds_time(index) else np.asarray(index)
    steps = np.diff(ordinals)
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
