"""The time of the rows: the column, or the parts, that say it, in order and complete."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from memtools import _labels
from memtools._validate import FloatArray
from memtools.exceptions import DataFileError
from memtools.files import cells, dates
from memtools.files.table import Column, Table

_CALENDAR_PARTS = {
    "year": r"^(year|yr|yyyy|jahr|ann[eé]e|a[nñ]o|anno)$",
    "month": r"^(month|mon|mo|mm|monat|mois|mes)$",
    "quarter": r"^(quarter|qtr|quartal|trimestre)$",
    "day": r"^(day|dy|dd|tag|jour)$",
    "hour": r"^(hour|hr|hh)$",
}


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
    index, name = _from_parts(table, times)
    leading = True
    for i, column in enumerate(table.columns):
        found = None
        if column.name in times.names:
            continue
        if column.kind in ("time", "clock"):
            times.names.add(column.name)
            found = column.index
            if column.trouble and index is None:
                raise DataFileError(column.trouble)
        elif column.kind == "number" and column.values is not None:
            open_still = index is None or _counts_rows(index)
            others = any(c.kind == "number" or c.trouble for c in table.columns[i + 1 :])
            found = dates.numbers_as_times(
                column.values, column.name, leading and open_still and others
            )
            if found is None:
                leading = leading and is_constant(column.values)
                continue
            times.names.add(column.name)
            if not dates.named_like_time(column.name) and not _counts_rows(found):
                times.notes.append(f"{column.name} is taken for the time")
        elif column.kind == "text" and (column.trouble or not leading):
            leading = False
        if found is not None and (
            index is None or (_counts_rows(index) and not _counts_rows(found))
        ):
            index, name = _with_clock(table, column, found), column.name
            times.notes += column.notes
    if index is not None and name is not None:
        _in_order(table, times, index, name)
    return times


def _counts_rows(index: Any) -> bool:
    """True for 0, 1, 2, ... or 1, 2, 3, ..., which any better time replaces."""
    import pandas as pd

    if not pd.api.types.is_integer_dtype(index.dtype) or index[0] not in (0, 1):
        return False
    return bool(np.array_equal(index, np.arange(index[0], index[0] + len(index))))


def _from_parts(table: Table, times: Times) -> tuple[Any, str | None]:
    """Columns named year, month, day and hour as dates."""
    import pandas as pd

    parts: dict[str, Column] = {}
    for column in table.columns:
        for part, pattern in _CALENDAR_PARTS.items():
            whole = column.kind == "number" and column.values is not None
            if whole and re.match(pattern, column.name.strip(), re.IGNORECASE):
                parts.setdefault(part, column)
    for column in table.columns:
        if "year" in parts and not {"month", "quarter"} & parts.keys() and _named_months(column):
            months = [float(text[1:]) for text in column.texts or [] if text]
            parts["month"] = Column(column.name, "number", values=np.array(months))
    if {"year", "quarter"} <= parts.keys() and "month" not in parts:
        return _quarters({k: parts[k] for k in ("year", "quarter")}, times)
    parts.pop("quarter", None)
    if not {"year", "month"} <= parts.keys():
        return None, None
    values = {part: column.values for part, column in parts.items()}
    if any(v is None or np.any(v != np.rint(v)) for v in values.values()):
        return None, None
    times.names |= {column.name for column in parts.values()}
    year, month = (np.asarray(values[k], dtype=np.int64) for k in ("year", "month"))
    if np.any((month < 1) | (month > 12)):
        return None, None
    if "day" not in parts:
        return _labels.periods((year - 1970) * 12 + month - 1, freq="M"), "month"
    given = {k: np.asarray(v, dtype=np.int64) for k, v in values.items()}
    try:
        index = pd.DatetimeIndex(pd.to_datetime(pd.DataFrame(given)))
    except (ValueError, OverflowError) as error:
        names = ", ".join(parts)
        raise DataFileError(f"{table.source}: {names} are no dates ({error})") from None
    return index, "day"


def _named_months(column: Column) -> bool:
    """True for M01 to M12, as offices number months."""
    texts = column.texts or []
    return bool(texts) and all(text and re.fullmatch(r"M(0[1-9]|1[0-2])", text) for text in texts)


def _quarters(parts: dict[str, Column], times: Times) -> tuple[Any, str | None]:
    year, quarter = (np.asarray(parts[k].values) for k in ("year", "quarter"))
    whole = np.all(year == np.rint(year)) and np.all(np.isin(quarter, (1.0, 2.0, 3.0, 4.0)))
    if not whole:
        return None, None
    times.names |= {column.name for column in parts.values()}
    ordinals = (year.astype(np.int64) - 1970) * 4 + quarter.astype(np.int64) - 1
    return _labels.periods(ordinals, "Q"), "quarter"


def _with_clock(table: Table, column: Column, index: Any) -> Any:
    """Days with the time of day of another column, where there is one."""
    import pandas as pd

    clock = next((c for c in table.columns if c.kind == "clock" and c.texts), None)
    if clock is None or clock is column or not isinstance(index, pd.DatetimeIndex):
        return index
    if index.is_unique or clock.texts is None or None in clock.texts:
        return index
    try:
        texts = [f"{d:%Y-%m-%d} {t}" for d, t in zip(index, clock.texts, strict=True)]
        return dates.parsed_dates(texts, None)[0]
    except cells.Unclear:
        return index


def _in_order(table: Table, times: Times, index: Any, name: str) -> None:
    """Oldest first; what is no order is refused; periods that are missing are put in."""
    order = None
    dated = _labels.holds_time(index)
    if _labels.holds_time(index) and index.hasnans:
        raise DataFileError(f"{table.where(int(np.argmax(index.isna())), name)}: no date")
    if len(index) > 1 and index[0] > index[-1] and index[::-1].is_monotonic_increasing:
        times.notes.append(_labels.turned_round(index))
        index, order = index[::-1], np.arange(len(index))[::-1]
    disorder = _labels.first_disorder(index)
    if disorder is not None:
        position, why = disorder
        what = "sort the file by it, or " if " after " in why else ""
        raise DataFileError(
            f"{table.where(position, name)}: {why}; {what}keep one series, each date once"
        )
    calendar = _labels.calendar_of(index)
    if calendar.full is not None and (dated or dates.named_like_time(name)):
        found = calendar.full.get_indexer(index)
        full = np.full(len(calendar.full), -1)
        full[found] = np.arange(len(index)) if order is None else order
        n_missing = len(full) - len(index)
        first = _labels.shown(calendar.full[int(np.argmax(full < 0))])
        times.notes.append(f"{n_missing} of {len(full)} dates are missing, the first {first}")
        index, order = calendar.full, full
    elif calendar.n_holidays:
        times.notes.append(f"weekdays; {calendar.n_holidays} left out are taken for holidays")
    elif dated and calendar.step is None and len(index) > 2:
        times.notes.append(
            "the dates follow no regular step: observations are taken as equally far"
        )
    times.index, times.order = index.rename(name), order


def is_constant(values: FloatArray | None) -> bool:
    if values is None:
        return True
    seen = values[~np.isnan(values)]
    return bool(len(seen) > 1 and np.all(seen == seen[0]))
