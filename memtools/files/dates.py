"""Columns that hold time: dates in any writing, periods, years, decimal years, counters."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from memtools import _labels
from memtools._validate import FloatArray
from memtools.files.cells import Unclear, quoted

_TIME = r"(?P<time>\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s?[AaPp]\.?[Mm]\.?)?)"
_ZONE = r"\s?(?P<zone>Z|UTC|GMT|[+\-]\d{2}(?::?\d{2})?)?"
_LATER = rf"(?:(?:[T ]|,\s){_TIME}{_ZONE})?"
_MONTH = r"(?P<name>[A-Za-zäéûàô]{3,10})\.?"
_WEEKDAY = r"(?:[A-Za-z]{2,9}\.?,?\s)?"
# Abbreviations of months in the languages that spreadsheets write most.
_MONTHS = {
    1: ("jan", "jän", "ene"),
    2: ("feb", "fév", "fev"),
    3: ("mar", "mär", "mrz", "mae", "mrt"),
    4: ("apr", "avr", "abr"),
    5: ("may", "mai", "mei", "maj", "mag"),
    6: ("jun", "juin", "giu"),
    7: ("jul", "juil", "lug"),
    8: ("aug", "aoû", "aou", "ago"),
    9: ("sep", "set"),
    10: ("oct", "okt", "out", "ott"),
    11: ("nov",),
    12: ("dec", "dez", "déc", "dic", "des"),
}
_MONTH_NUMBER = {name: number for number, names in _MONTHS.items() for name in names}
_FORMS = {
    "iso": re.compile(rf"^(?P<y>\d{{4}})([-/.])(?P<m>\d{{1,2}})\2(?P<d>\d{{1,2}}){_LATER}$"),
    "two": re.compile(
        rf"^(?P<a>\d{{1,2}})([-/.])(?P<b>\d{{1,2}})\2(?P<y>\d{{4}}|\d{{2}}){_LATER}$"
    ),
    "compact": re.compile(
        rf"^(?P<y>\d{{4}})(?P<m>\d{{2}})(?P<d>\d{{2}})[T ](?P<clock>\d{{4,6}}){_ZONE}$"
    ),
    "day name": re.compile(
        rf"^{_WEEKDAY}(?P<d>\d{{1,2}})[-/. ]{{0,2}}{_MONTH}[-/. ,]{{0,2}}"
        rf"(?P<y>\d{{4}}|\d{{2}}){_LATER}$"
    ),
    "name day": re.compile(
        rf"^{_WEEKDAY}{_MONTH}[ \-](?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?[ \-](?P<y>\d{{4}}){_LATER}$"
    ),
    "month": re.compile(r"^(?P<y>\d{4})(?:[-/]|[-/. ]?[Mm]|:(?=\d\d))(?P<m>\d{1,2})$"),
    "month first": re.compile(r"^(?:M)?(?P<m>\d{1,2})[-/](?P<y>\d{4})$"),
    "name year": re.compile(rf"^{_MONTH}[-/ ',]{{0,2}}(?P<y>\d{{4}}|\d{{2}})$"),
    "year name": re.compile(rf"^(?P<y>\d{{4}})[-/ .]?{_MONTH}$"),
    "quarter": re.compile(r"^(?P<y>\d{4})[-/. :]{0,2}[QqTt](?P<q>[1-4])$"),
    "number of quarter": re.compile(r"^(?P<q>[1-4])Q(?P<y>\d{4}|\d{2})$"),
    "quarter first": re.compile(r"^[QqTt](?P<q>[1-4])[-/. ]{0,2}(?P<y>\d{4})$"),
    "week": re.compile(r"^(?P<y>\d{4})-?W(?P<w>\d{2})(?:-?(?P<d>[1-7]))?$"),
    "range": re.compile(r"^(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})/\d{4}-\d{2}-\d{2}$"),
}
_CLOCK = re.compile(rf"^(?:\d+ days?,? ?)?[+\-]?{_TIME}$|^\d+ days?$")
_TIME_NAME = re.compile(
    r"^(.*[_ .])?(date|dates|datum|data|fecha|day|days|tag|time|zeit|timestamp|datetime|year|years|"
    r"jahr|ann[eé]e|a[nñ]o|month|monat|mois|mes|t|yr|yyyy|mm|dd|mo|decimal|decyear|period|quarter|"
    r"week|obs|observation|index|idx|step|hour|hours|minutes?|seconds?|sec|epoch|unix|utc|"
    r"time_period|jour|anno|hr|date ?time|nr|no|row|rownames|#)([_ .]?(utc|gmt|local|cet|est|date|"
    r"time|year|unix|s|ms|sec|seconds|hours?|days?|\(.*\)|\[.*\]))?$",
    re.IGNORECASE,
)


def is_date(text: str) -> bool:
    """True for a date, a period or a time of day in a writing that is known."""
    if not text or not (text[0].isdigit() or text[-1].isdigit() or text[0] in "+-"):
        return bool(text) and bool(_FORMS["year name"].match(text)) and _form(text) is not None
    return _form(text) is not None or bool(_CLOCK.match(text))


def is_clock(text: str) -> bool:
    """True for a time of day or a duration."""
    return bool(_CLOCK.match(text))


def named_like_time(name: str) -> bool:
    """True where the name of a column says that it holds time."""
    return bool(_TIME_NAME.match(name.strip()))


def _form(text: str) -> str | None:
    for form, pattern in _FORMS.items():
        match = pattern.match(text)
        if match and ("name" not in match.groupdict() or _month_number(match["name"])):
            return form
    return None


def _month_number(name: str) -> int | None:
    lowered = name.lower()
    return _MONTH_NUMBER.get(lowered[:4]) or _MONTH_NUMBER.get(lowered[:3])


def parsed_dates(texts: Sequence[str | None], order: str | None) -> tuple[Any, list[str]]:
    """A DatetimeIndex or PeriodIndex of text cells, and what was assumed.

    Parameters
    ----------
    texts : sequence of str or None
        None where a date is missing.
    order : {"day-first", "month-first"} or None

    Raises
    ------
    Unclear
        Where a cell is no date as the others are, is missing, or the order of day and month
        is open.
    """
    form = next((found for text in texts[:20] if text and (found := _form(text))), None)
    if form is None:
        raise Unclear(0, "no date")
    pattern = _FORMS[form]
    matches = []
    for position, text in enumerate(texts):
        match = pattern.match(text) if text is not None else None
        if match is None:
            raise Unclear(
                position, "an empty cell" if text is None else f"{quoted(text)} is no date"
            )
        matches.append(match)
    try:
        return _READERS[form](matches, order)
    except _Wrong as error:
        raise Unclear(error.position, f"{quoted(texts[error.position])} is no date") from None


class _Wrong(Exception):
    def __init__(self, position: int) -> None:
        super().__init__()
        self.position = position


Matches = Sequence[re.Match[str]]


def _years(matches: Matches) -> list[int]:
    """Two digits are 1969 to 2068, as in POSIX."""
    years = [int(m["y"]) for m in matches]
    if len(matches[0]["y"]) == 4:
        return years
    return [year + (1900 if year > 68 else 2000) for year in years]


def _stamps(
    matches: Matches, years: Sequence[int], months: Sequence[int], days: Sequence[int]
) -> Any:
    """Dates, and the times of day beside them; zones other than one become UTC."""
    import pandas as pd

    for i, (month, day) in enumerate(zip(months, days, strict=True)):
        if not (1 <= month <= 12 and 1 <= day <= 31):
            raise _Wrong(i)
    dates = [f"{y:04d}-{m:02d}-{d:02d}" for y, m, d in zip(years, months, days, strict=True)]
    groups = matches[0].groupdict()
    if groups.get("clock"):
        clocks = [f"{m['clock']:0<6}" for m in matches]
        dates = [f"{d}T{c[:2]}:{c[2:4]}:{c[4:6]}" for d, c in zip(dates, clocks, strict=True)]
    elif any(m.groupdict().get("time") for m in matches):
        clock = [_clock(m["time"]) if m["time"] else "00:00:00" for m in matches]
        dates = [f"{d}T{c}" for d, c in zip(dates, clock, strict=True)]
    zones = [(m.groupdict().get("zone") or "").strip() for m in matches]
    zoned = any(zones)
    if zoned:
        utc = {"": "+00:00", "Z": "+00:00", "UTC": "+00:00", "GMT": "+00:00"}
        dates = [d + utc.get(z, z) for d, z in zip(dates, zones, strict=True)]
    try:
        index = pd.DatetimeIndex(pd.to_datetime(dates, format="ISO8601", utc=zoned))
    except (ValueError, OverflowError):
        index = _far_dates(dates, zoned)
    if zoned and len(set(zones)) == 1 and zones[0] not in ("Z", "UTC", "GMT", "+00:00", "+0000"):
        index = index.tz_convert(pd.Timestamp(dates[0]).tz)
    return index


def _far_dates(dates: Sequence[str], zoned: bool) -> Any:
    """Dates before 1678 or after 2262; the first that the calendar does not know is named."""
    import pandas as pd

    values = np.empty(len(dates), dtype="datetime64[s]")
    for i, text in enumerate(dates):
        try:
            values[i] = np.datetime64(text[:19], "s")
        except ValueError:
            raise _Wrong(i) from None
    index = pd.DatetimeIndex(values)
    return index.tz_localize("UTC") if zoned else index


def _clock(text: str) -> str:
    found = re.match(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?\s?([AaPp])?", text)
    assert found is not None
    hour = int(found[1])
    if found[5]:
        hour = hour % 12 + (12 if found[5] in "Pp" else 0)
    fraction = f".{found[4][:9]}" if found[4] else ""
    return f"{hour:02d}:{found[2]}:{found[3] or '00'}{fraction}"


def _whole(matches: Matches, key: str) -> list[int]:
    return [int(m[key]) for m in matches]


def _month_names(matches: Matches) -> list[int]:
    numbers = [_month_number(m["name"]) or 0 for m in matches]
    if 0 in numbers:
        raise _Wrong(numbers.index(0))
    return numbers


def _ymd(matches: Matches, order: str | None) -> tuple[Any, list[str]]:
    return _stamps(matches, _years(matches), _whole(matches, "m"), _whole(matches, "d")), []


def _named(matches: Matches, order: str | None) -> tuple[Any, list[str]]:
    return _stamps(matches, _years(matches), _month_names(matches), _whole(matches, "d")), []


def _two(matches: Matches, order: str | None) -> tuple[Any, list[str]]:
    """Day and month in either order: what the numbers or the calendar allow, or refused."""
    years, a, b = _years(matches), _whole(matches, "a"), _whole(matches, "b")
    readings = {"day-first": (b, a), "month-first": (a, b)}
    if order is None and matches[0][2] == ".":
        order = "day-first"  # points between the numbers are written day first everywhere
    if order is None:
        possible = [k for k, (months, _) in readings.items() if max(months) <= 12]
        if len(possible) == 2:
            possible = _better({k: _stamps(matches, years, *readings[k]) for k in possible})
        if len(possible) != 1:
            text = matches[0].string
            raise Unclear(
                0, f"{quoted(text)}: day or month first? say --dates day-first or month-first"
            )
        order = possible[0]
    months, days = readings[order]
    return _stamps(matches, years, months, days), [f"dates are read {order.replace('-', ' ')}"]


def _better(readings: dict[str, Any]) -> list[str]:
    """Readings in the order of time; of these the ones with a regular calendar, if any."""
    sorted_ones = [
        key
        for key, index in readings.items()
        if index.is_monotonic_increasing or index.is_monotonic_decreasing
    ]
    if len(sorted_ones) < 2:
        return sorted_ones
    regular = [k for k in sorted_ones if _labels.calendar_of(readings[k].sort_values()).step]
    return regular or sorted_ones


def _periods(years: Sequence[int], parts: Sequence[int], freq: str, most: int) -> Any:

    for i, part in enumerate(parts):
        if not 1 <= part <= most:
            raise _Wrong(i)
    per_year = np.asarray(years, dtype=np.int64) - 1970
    ordinals = per_year * most + np.asarray(parts, dtype=np.int64) - 1
    return _labels.periods(ordinals, freq=freq)


def _monthly(months: Callable[[Matches], list[int]]) -> Callable[..., tuple[Any, list[str]]]:
    return lambda matches, order: (_periods(_years(matches), months(matches), "M", 12), [])


def _quarterly(matches: Matches, order: str | None) -> tuple[Any, list[str]]:
    return _periods(_years(matches), _whole(matches, "q"), "Q", 4), []


def _weekly(matches: Matches, order: str | None) -> tuple[Any, list[str]]:
    import datetime

    import pandas as pd

    days = []
    for i, m in enumerate(matches):
        try:
            days.append(datetime.date.fromisocalendar(int(m["y"]), int(m["w"]), int(m["d"] or 1)))
        except ValueError:
            raise _Wrong(i) from None
    return pd.DatetimeIndex(days), []


_READERS: dict[str, Callable[..., tuple[Any, list[str]]]] = {
    "iso": _ymd,
    "two": _two,
    "compact": _ymd,
    "day name": _named,
    "name day": _named,
    "month": _monthly(lambda matches: _whole(matches, "m")),
    "month first": _monthly(lambda matches: _whole(matches, "m")),
    "name year": _monthly(_month_names),
    "year name": _monthly(_month_names),
    "quarter": _quarterly,
    "quarter first": _quarterly,
    "number of quarter": _quarterly,
    "week": _weekly,
    "range": _ymd,
}


def numbers_as_times(values: FloatArray, name: str, leading: bool) -> Any:
    """The times that a column of numbers counts as an index; None where it is a series.

    Only what strictly rises or falls counts time.  A leading column may be years, months
    (202001), days (20200131), decimal years or anything in equal steps; a column named like time
    also seconds since 1970, spreadsheet days or uneven times.
    """

    if len(values) < (2 if named_like_time(name) else 3) or not np.isfinite(values).all():
        return None
    named = named_like_time(name)
    if not (leading or named):
        return None
    steps = np.diff(values)
    if not (np.all(steps > 0.0) or np.all(steps < 0.0)):
        return None
    if np.all(values == np.rint(values)) and float(np.abs(values).max()) < 2.0**62:
        return _whole_times(values.astype(np.int64), name, named, leading)
    return _decimal_times(values, named)


def _whole_times(values: Any, name: str, named: bool, leading: bool) -> Any:
    import pandas as pd

    low, high = int(values.min()), int(values.max())
    months, days = values // 100 % 100, values % 100
    if low >= 10_000_101 and high <= 29_991_231 and _ordinary(months, days):
        dates = pd.to_datetime(values.astype(str), format="%Y%m%d", errors="coerce")
        if not dates.isna().any():
            return pd.DatetimeIndex(dates)
    if low >= 100_001 and high <= 299_912 and (values % 100 >= 1).all() and (days <= 12).all():
        ordinals = (values // 100 - 1970) * 12 + values % 100 - 1
        return _labels.periods(ordinals, freq="M")
    if (named and low >= 100_000_000) or (name.isdigit() and low >= 100_000_000_000):
        for unit, size in (("s", 1e9), ("ms", 1e12), ("us", 1e15), ("ns", 1e18)):
            if 0.1 * size <= low and high < 10.0 * size:
                return pd.DatetimeIndex(pd.to_datetime(values, unit=unit))  # type: ignore[call-overload]
    if re.search(r"dat|day|tag|fecha", name, re.IGNORECASE) and low >= 10_000 and high <= 80_000:
        return pd.DatetimeIndex(pd.to_datetime(values, unit="D", origin="1899-12-30"))
    steps = np.diff(values)
    even = bool((steps == steps[0]).all())
    years_like = low >= 1000 and high <= 2200
    unnamed = name.startswith("column ") or name == "index"
    return pd.Index(values) if named or even or years_like or unnamed else None


def _ordinary(months: Any, days: Any) -> bool:
    return bool(((months >= 1) & (months <= 12) & (days >= 1) & (days <= 31)).all())


def _decimal_times(values: FloatArray, named: bool) -> Any:
    """Decimal years in steps of months or quarters as periods; other equal steps as numbers."""
    import pandas as pd

    steps = np.diff(values)
    if values.min() >= 1000.0 and values.max() <= 2300.0:
        for freq, many in (("M", 12), ("Q", 4)):
            count = np.floor(values * many + 0.05).astype(np.int64)
            # Decimals of a calendar's days drift by days from those of equal months.
            if np.all(np.diff(count) == np.sign(steps[0])) and _near(steps, 1.0 / many, 0.12):
                return _labels.periods(count - 1970 * many, freq=freq)
    if named and values.min() >= 1e8 and values.max() < 1e10:
        return pd.DatetimeIndex(pd.to_datetime(values, unit="s"))
    even = bool(np.all(np.abs(steps - steps[0]) <= 2e-3 * abs(steps[0])))
    return pd.Index(values) if even or named else None


def _near(steps: FloatArray, size: float, tolerance: float) -> bool:
    return bool(np.all(np.abs(np.abs(steps) - size) <= tolerance * size))
