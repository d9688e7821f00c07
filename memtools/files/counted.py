"""Columns of numbers that count time: years, 202001, 20200131, decimal years, seconds."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from memtools import _labels
from memtools._labels import named_like_time
from memtools._validate import FloatArray
from memtools.files import periods

_FIRST_DAY, _LAST_DAY = 10_000_101, 29_991_231
_DIGITS = {1: "%Y%m%d", 10**2: "%Y%m%d%H", 10**4: "%Y%m%d%H%M", 10**6: "%Y%m%d%H%M%S"}
_UNITS = (("s", 1e9), ("ms", 1e12), ("us", 1e15), ("ns", 1e18))
# Days since 1970 of the day 0 of spreadsheets, MATLAB, astronomers' Julian days and those
# modified, and between which numbers and under which names they are looked for.
_DAYS = r"dat|day|tag|fecha|jour|giorno"
_DAY_ZEROS = (
    (-40_587.0, 10_000, 90_000, r"^mjd"),
    (-25_569.0, 10_000, 80_000, _DAYS),
    (-719_529.0, 690_000, 780_000, _DAYS),
    (-2_440_587.5, 2_300_000, 2_600_000, rf"^b?jd|julian|{_DAYS}"),
)


def numbers_as_times(values: FloatArray, name: str, leading: bool) -> Any:
    """The times that a column of numbers counts as an index; None where it is a series.

    Only what strictly rises or falls counts time.  A leading column may be years, months
    (202001), days (20200131), decimal years or anything in equal steps; a column named like time
    also seconds since 1970, days of a spreadsheet or uneven times.
    """
    named = named_like_time(name) or _labels.counts_back(name)
    if len(values) < (2 if named else 3) or not (leading or named):
        return None
    if not np.isfinite(values[0]) or not np.isfinite(values).all():
        return None
    steps = np.diff(values)
    if not (np.all(steps > 0.0) or np.all(steps < 0.0)):
        # Days come twice where hours are told apart, or where series are stacked.
        low, high = float(values.min()), float(values.max())
        days = leading and low >= _FIRST_DAY and high <= _LAST_DAY
        if days and np.all(values == np.rint(values)):
            return _of_digits(values.astype(np.int64), int(low), int(high))
        return None
    if np.all(values == np.rint(values)) and float(np.abs(values).max()) < 2.0**62:
        return _whole_times(values.astype(np.int64), name, named)
    return _decimal_times(values, name, named)


def _whole_times(values: Any, name: str, named: bool) -> Any:
    import pandas as pd

    low, high = int(values.min()), int(values.max())
    if (index := _of_digits(values, low, high)) is not None:
        return index
    if (named and low >= 100_000_000) or (name.isdigit() and low >= 100_000_000_000):
        for unit, size in _UNITS:
            if 0.1 * size <= low and high < 10.0 * size:
                return pd.DatetimeIndex(pd.to_datetime(values, unit=unit))  # type: ignore[call-overload]
    if (index := _numbered_days(values, name)) is not None:
        return index
    steps = np.diff(values)
    even = bool((steps == steps[0]).all())
    years_like = low >= 1000 and high <= 2200
    unnamed = name.startswith("column ") or name == "index"
    return pd.Index(values) if named or even or years_like or unnamed else None


def _numbered_days(values: Any, name: str) -> Any:
    """Days counted from a day that programs agree on."""
    import pandas as pd

    for zero, low, high, names in _DAY_ZEROS:
        if low <= values.min() and values.max() <= high and re.search(names, name, re.IGNORECASE):
            return pd.DatetimeIndex(pd.to_datetime(values + zero, unit="D"))
    return None


def counted_days(values: FloatArray, index: Any) -> bool:
    """True for dates that were counted in days, from a day that the file does not name."""
    return hasattr(index, "tz") and float(values.max()) < _DAY_ZEROS[-1][2]


def _of_digits(values: Any, low: int, high: int) -> Any:
    """20200131 and with a time of day, 202001, 2020001 (a day of the year), 20201 (a quarter)."""
    import pandas as pd

    for size, form in _DIGITS.items():
        if low // size >= _FIRST_DAY and high // size <= _LAST_DAY:
            dates = pd.to_datetime(values.astype(str), format=form, errors="coerce")
            if not dates.isna().any():
                return pd.DatetimeIndex(dates)
    for size in (100, 1000, 10):
        if low // size < 1000 or high // size > 2999:
            continue
        found = periods.parted(values // size, values % size)
        orderly = periods.is_one_way if size == 100 else periods.is_regular
        if found is not None and orderly(found[0]):
            return found[0]
    return None


def _decimal_times(values: FloatArray, name: str, named: bool) -> Any:
    """Decimal years in steps of months or quarters as periods; other equal steps as numbers."""
    import pandas as pd

    steps = np.diff(values)
    if values.min() >= 1000.0 and values.max() <= 2300.0:
        for freq, many in (("M", 12), ("Q", 4)):
            count = np.floor(values * many + 0.05).astype(np.int64)
            # Decimals of a calendar's days drift by days from those of equal months.
            if np.all(np.diff(count) == np.sign(steps[0])) and _near(steps, 1.0 / many, 0.12):
                return _labels.periods(count - 1970 * many, freq=freq)
        for size, most in ((10, 4), (100, 12)):  # 2001.1 to 2001.4, or 2001.01 to 2001.12
            years, parts = np.divmod(np.rint(values * size).astype(np.int64), size)
            exact = np.abs(years + parts / size - values).max() < 1e-9
            if exact and parts.max() <= most:
                found = periods.parted(years, parts)
                if found is not None and periods.is_regular(found[0]):
                    return found[0]
    if named and values.min() >= 1e8 and values.max() < 1e10:
        return pd.DatetimeIndex(pd.to_datetime(values, unit="s"))
    if (index := _numbered_days(values, name)) is not None:
        return index.round("s")
    even = bool(np.all(np.abs(steps - steps[0]) <= 2e-3 * abs(steps[0])))
    return pd.Index(values) if even or named else None


def _near(steps: FloatArray, size: float, tolerance: float) -> bool:
    return bool(np.all(np.abs(np.abs(steps) - size) <= tolerance * size))
