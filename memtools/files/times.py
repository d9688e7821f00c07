"""The time of the rows: the column, or the parts, that say it, in order and complete."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from memtools import _labels
from memtools._validate import FloatArray
from memtools.exceptions import DataFileError, InvalidInputError
from memtools.files import cells, dates, periods
from memtools.files.counted import counted_days, numbers_as_times
from memtools.files.table import Column, Table

_PARTS = {
    "year": r"^(year|yr|yyyy|jahr|ann[eé]e|a[nñ]o|anno|iyear|ano|rok)$",
    "month": r"^(month|mon|mo|mm|monat|mois|mes|mese|imonth)$",
    "quarter": r"^(quarter|qtr|quartal|trimestre|q)$",
    "half": r"^(half|semester|semestre|halbjahr)$",
    "week": r"^(week|wk|woche|semaine|semana|kw|iso_?week|week_?no)$",
    "day of year": r"^(doy|day_?of_?year|jday|julian( day)?|yday|jd)$",
    "period": r"^(period|periode|per)$",
    "day": r"^(day|dy|dd|tag|jour|dom|iday)$",
    "hour": r"^(hour|hr|hh|stunde|heure|hora|ihour)$",
    "minute": r"^(minute|min|mi|minuto)$",
}
_HOUR = re.compile(
    r"^(hours?|hr|hh|stunde|heure|hora|time|zeit|hhmm|hour[ _]?ending|he|uhrzeit|utc)([ _(].*)?$",
    re.IGNORECASE,
)


_FEW = 100
_FEW_PARTS = 6


@dataclass
class Times:
    """The time of each row, the columns that say it, and rows in the order of time.

    Attributes
    ----------
    names : set of str
        Columns that hold time; none of them is a series.
    index : Index or None
        In the order of time.
    order : ndarray or None
        Positions of the rows in that order, -1 for a period that the file lacks.
    notes : list of str
    """

    names: set[str] = field(default_factory=set)
    index: Any = None
    order: Any = None
    notes: list[str] = field(default_factory=list)


def times_of(table: Table) -> Times:
    """The time of the rows, from the first column that holds it or from its parts.

    Raises
    ------
    DataFileError
        Where dates are missing, unsorted or come twice.
    """
    times = Times()
    if len(table.columns) < 2:
        if table.columns and table.columns[0].kind == "time":
            times.names.add(table.columns[0].name)
        return times
    found = [*_found(table, times)]
    real = [f for f in found if not _counts_rows(f[0])]
    # A file may carry dates of another thing: that of its download, of a start.
    best = next((f for f in real if periods.is_one_way(f[0])), None) or next(
        iter(real or found), None
    )
    if best is None:
        _from_labels(table, times)
        return times
    index, column, notes = best
    times.notes += notes
    rivals = [
        c.name for i, c, _ in real if c.kind == "time" and c is not column and not i.equals(index)
    ]
    if column.kind == "time" and rivals:
        times.notes.append(f"{column.name} is taken for the time, not {', '.join(rivals)}")
    _in_order(table, times, _with_clock(table, column, index, times), column.name)
    return times


def _found(table: Table, times: Times) -> Iterator[tuple[Any, Column, list[str]]]:
    """Every column that holds or counts time as an index; its names are kept from the series."""
    parts = _from_parts(table, times)
    if parts is not None:
        yield parts
    leading = True
    for i, column in enumerate(table.columns):
        if column.name in times.names:
            continue
        if column.kind in ("time", "clock"):
            times.names.add(column.name)
            if column.trouble and parts is None:
                raise DataFileError(column.trouble)
            if column.index is not None:
                parts = parts or (column.index, column, [])
                yield column.index, column, column.notes
        elif column.kind == "number" and column.values is not None:
            open_still = parts is None or _counts_rows(parts[0])
            others = any(c.kind == "number" or c.trouble for c in table.columns[i + 1 :])
            index = numbers_as_times(column.values, column.name, leading and others)
            again = not open_still and not _labels.named_like_time(column.name)
            if index is None or (again and not _labels.holds_time(index)):
                leading = leading and is_constant(column.values)
                continue
            times.names.add(column.name)
            told = _labels.named_like_time(column.name) or _counts_rows(index)
            notes = [] if told else [f"{column.name} is taken for the time"]
            if counted_days(column.values, index):
                first = _labels.shown(index[0])
                notes.append(f"{column.name}: {column.values[0]:.10g} is read as {first}")
            parts = parts if parts and not _counts_rows(parts[0]) else (index, column, notes)
            yield index, column, notes
        elif column.kind == "text" and (column.trouble or not leading):
            leading = False


def _counts_rows(index: Any) -> bool:
    """True for 0, 1, 2, ... or 1, 2, 3, ..., which any better time replaces."""
    import pandas as pd

    if not pd.api.types.is_integer_dtype(index.dtype) or index[0] not in (0, 1):
        return False
    return bool(np.array_equal(index, np.arange(index[0], index[0] + len(index))))


def _from_parts(table: Table, times: Times) -> tuple[Any, Column, list[str]] | None:
    """Columns named year and a part of it, day and hour as dates."""
    parts: dict[str, Column] = {}
    numbers: dict[str, Any] = {}
    for column in table.columns:
        for part, pattern in _PARTS.items():
            if part in parts or not re.match(pattern, column.name.strip(" _<>"), re.IGNORECASE):
                continue
            values = _whole_numbers(column)
            if values is not None:
                parts[part], numbers[part] = column, values
                break
    year = numbers.get("year")
    if year is None:
        return _from_unnamed_parts(table, times)
    if "month" in parts and "day" in parts:
        return _calendar_days(table, parts, numbers, times)
    for part in ("month", "quarter", "half", "week", "day of year", "period", "day"):
        if part not in parts:
            continue
        tag = "day" if part == "day of year" else part
        found = periods.parted(year, numbers[part], "" if part in ("period", "day") else tag)
        if found is None:
            return None
        index, note = found
        times.names |= {parts["year"].name, parts[part].name}
        return index, parts[part], [note] if note else []
    return None


def _from_unnamed_parts(table: Table, times: Times) -> tuple[Any, Column, list[str]] | None:
    """Years, months and perhaps days in first columns that have no names."""
    first = table.columns[:3]
    if len(table.columns) < 3 or any(map(_has_name, first[:2] if table.header else [])):
        return None
    found = [_whole_numbers(column) for column in first]
    if found[0] is None or found[1] is None or len(found[0]) < _FEW_PARTS:
        return None
    if found[2] is not None and len(table.columns) > 3:
        days = periods.days_of(*found)
        if days is not None and periods.is_one_way(days):
            times.names |= {column.name for column in first}
            return days, first[2], ["the first columns are taken for year, month and day"]
    index = periods.parted(found[0], found[1])
    if index is None or not _labels.holds_time(index[0]) or not periods.is_regular(index[0]):
        return None
    times.names |= {column.name for column in first[:2]}
    what = "month" if index[1] is None else "part of it"
    return index[0], first[1], [f"the first columns are taken for year and {what}"]


def _has_name(column: Column) -> bool:
    return not column.name.startswith("column ")


def _whole_numbers(column: Column) -> Any:
    """The whole numbers of a column, or those that its texts name: M01, Q1, March."""
    if column.kind == "number" and column.values is not None and np.isfinite(column.values).all():
        near = float(np.abs(column.values).max()) < 1e9
        whole = near and np.all(column.values == np.rint(column.values))
        return column.values.astype(np.int64) if whole else None
    if column.kind != "text" or not column.texts:
        return None
    found = []
    for text in column.texts:
        tagged = re.fullmatch(r"[A-Za-z]{0,2}(\d{1,3})", text or "")
        number = int(tagged[1]) if tagged else dates.month_number(text or "")
        if number is None:
            return None
        found.append(number)
    return np.array(found)


def _calendar_days(
    table: Table, parts: dict[str, Column], numbers: dict[str, Any], times: Times
) -> tuple[Any, Column, list[str]]:
    import pandas as pd

    told = {k: v for k, v in numbers.items() if k in ("year", "month", "day", "hour", "minute")}
    last = [*told][-1]
    if "hour" not in told:
        told.pop("minute", None)
    hour = told.pop("hour", None)
    try:
        index = pd.DatetimeIndex(pd.to_datetime(pd.DataFrame(told)))
    except (ValueError, OverflowError) as error:
        raise DataFileError(f"{table.source}: {', '.join(told)} are no dates ({error})") from None
    if hour is not None:
        index = index + _time_of_day(hour)
        told["hour"] = hour
    times.names |= {parts[k].name for k in told}
    return index, parts[last], []


def _time_of_day(hours: Any) -> Any:
    """Hours, or 930 and 93000 with minutes and seconds, as durations; 24 ends the day."""
    import pandas as pd

    if hours.max() <= 24:
        return pd.to_timedelta(hours * 60, unit="min")
    seconds = hours % 100 if hours.max() > 2400 else 0
    minutes = hours // 100 if hours.max() > 2400 else hours
    return pd.to_timedelta((minutes // 100 * 60 + minutes % 100) * 60 + seconds, unit="s")


def _with_clock(table: Table, column: Column, index: Any, times: Times) -> Any:
    """Days with the time of day of another column, where days alone come twice."""
    import pandas as pd

    if not isinstance(index, pd.DatetimeIndex) or index.is_unique:
        return index
    for clock in table.columns:
        if clock is column:
            continue
        if clock.kind == "clock" and clock.texts is not None and None not in clock.texts:
            texts = [f"{d:%Y-%m-%d} {t}" for d, t in zip(index, clock.texts, strict=True)]
            with suppress(cells.Unclear):
                return dates.parsed_dates(texts, None)[0]
        hours = _whole_numbers(clock) if _HOUR.match(clock.name.strip(" _<>")) else None
        if hours is not None and hours.min() >= 0 and hours.max() <= 240_000:
            times.names.add(clock.name)
            return index + _time_of_day(hours)
    return index


def _from_labels(table: Table, times: Times) -> None:
    """Labels that are read as no dates but hold years: newest first is turned round all the same.

    A first column of labels named like time is told, as its order is not looked at.
    """
    for column in table.columns:
        texts = column.texts
        if column.kind != "text" or not texts or column.trouble:
            continue
        found = [re.findall(r"(?<!\d)[12]\d{3}(?!\d)", text or "") for text in texts]
        if len(texts) > 2 and all(found):
            years = np.array([int(f[0]) for f in found])
            if years[0] > years[-1] and np.all(np.diff(years) <= 0):
                times.order = np.arange(len(texts))[::-1]
                first, last = texts[-1], texts[0]
                times.notes.append(f"newest first: turned round, from {first} to {last}")
                return
        if _labels.named_like_time(column.name) or (all(found) and len(set(texts)) == len(texts)):
            times.notes.append(
                f"{column.name} ({cells.quoted(texts[0])}, ...) is read as no date: rows are taken "
                "in the order of the file"
            )
            return


def _in_order(table: Table, times: Times, index: Any, name: str) -> None:
    """Oldest first; what is no order is refused; periods that are missing are put in."""
    import pandas as pd

    rows = pd.Series(np.arange(len(index), dtype=np.int32), index=index.rename(name), copy=False)
    try:
        ordered, notes = _labels.in_time_order(rows, name)
    except InvalidInputError:
        if index.hasnans:
            where = table.where(int(np.argmax(index.isna())), name)
            raise DataFileError(f"{where}: no date") from None
        position, why = _labels.first_disorder(index) or (0, "no order")
        what = "sort the file by it, or " if " after " in why else ""
        where = table.where(position, name)
        raise DataFileError(f"{where}: {why}; {what}keep one series, each date once") from None
    times.notes += notes
    times.index = ordered.index
    if ordered is not rows:
        times.order = ordered.fillna(-1).to_numpy(dtype=np.int64)


def is_constant(values: FloatArray | None) -> bool:
    """True for the same number in all cells that hold one, two at least."""
    if values is None:
        return True
    if len(values) > _FEW and not is_constant(values[:_FEW]):
        return False
    seen = values[~np.isnan(values)]
    return bool(len(seen) > 1 and np.all(seen == seen[0]))
