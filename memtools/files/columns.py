"""The column that is meant, in the order of time, with its dates."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from memtools import _labels, gaps
from memtools._validate import FloatArray
from memtools.exceptions import DataFileError
from memtools.files import cells, codes
from memtools.files.options import ReadOptions
from memtools.files.table import Column, Table
from memtools.files.times import Times, is_constant

_SHOWN = 10
_FEWEST = 8


def listed(names: Sequence[str]) -> str:
    """At most ten names."""
    short = [name if len(name) <= 60 else f"{name[:57]}..." for name in list(names)[:_SHOWN]]
    shown = ", ".join(short)
    more = len(names) - _SHOWN
    return (f"{shown} and {more:,} more" if more > 0 else shown) or "none"


def candidates_of(table: Table, times: Times) -> list[Column]:
    """Columns of numbers that count no time; in a table with names, constant ones only if alone."""
    found = [c for c in table.columns if c.kind == "number" and c.name not in times.names]
    if table.header and len(found) > 1:
        varying = [c for c in found if not is_constant(c.values)]
        if varying and len(varying) < len(found):
            gone = [c.name for c in found if c not in varying]
            times.notes.append(f"left aside, as constant: {listed(gone)}")
            found = varying
        counters = [c for c in found if c.values is not None and _counts(c.values)]
        if counters and len(counters) < len(found):
            times.notes.append(
                f"left aside, as counts of rows: {listed([c.name for c in counters])}"
            )
            return [c for c in found if c not in counters]
    return found


def _counts(values: FloatArray) -> bool:
    """True for 0, 1, 2, ... or 1, 2, 3, ..."""
    first = values[:_FEWEST]
    if len(first) < _FEWEST or first[0] not in (0.0, 1.0) or np.any(np.diff(first) != 1.0):
        return False
    return bool(np.all(np.diff(values) == 1.0))


def matched(table: Table, column: str) -> Column:
    """The column of that name; letter case, a unique beginning or a part of the name suffice.

    Raises
    ------
    DataFileError
    """
    by_name = {c.name: c for c in table.columns}
    if column in by_name:
        return by_name[column]
    wanted = column.strip().lower()
    for test in (
        lambda name: name.lower().strip() == wanted,
        lambda name: name.lower().startswith(wanted),
        lambda name: wanted in re.split(r"[\s/_]+", name.lower()),
    ):
        found = [c for name, c in by_name.items() if test(name)]
        if len(found) == 1:
            return found[0]
        if found:
            names = listed([c.name for c in found])
            raise DataFileError(f"{table.source}: --column {column} may be any of {names}")
    numbers = [c.name for c in table.columns if c.kind == "number"]
    close = difflib.get_close_matches(column, by_name, 1, 0.6)
    hint = f" (did you mean {close[0]}?)" if close else ""
    what = "no numeric column" if numbers else "no column"
    raise DataFileError(
        f"{table.source} has {what} {column!r}{hint}; it has: {listed(numbers or [*by_name])}"
    )


def chosen(table: Table, times: Times, column: str | None) -> Column:
    """The column asked for, or the only one that can be meant.

    Raises
    ------
    DataFileError
        Where several can be, or none is a series of numbers.
    """
    if column is not None:
        found = matched(table, column)
        if found.kind == "number":
            return found
        raise DataFileError(_why_not(table, found))
    found_all = candidates_of(table, times)
    doubtful = [c for c in table.columns if is_doubtful(c) and not (found_all and _one_text(c))]
    if doubtful:
        others = f"; or name another column with --column ({listed([c.name for c in found_all])})"
        raise DataFileError(f"{doubtful[0].trouble}{others if found_all else ''}")
    if len(found_all) > 1:
        names = listed([c.name for c in found_all])
        raise DataFileError(
            f"{table.source} has several numeric columns; choose one of: {names} with --column "
            f"(memtools report shows all){_hint(table, found_all)}"
        )
    if not found_all:
        for c in table.columns:
            if c.trouble or c.odd:
                raise DataFileError(c.trouble or c.odd)
        raise DataFileError(f"{table.source} has no numeric column{_only_time(table, times)}")
    return found_all[0]


def is_doubtful(column: Column) -> bool:
    """True for a column of text whose cells hold digits: it may be the series that is meant."""
    return column.kind == "text" and column.trouble is not None and column.texts is not None


def _one_text(column: Column) -> bool:
    """The same text everywhere: a name of the station, not a series."""
    return len(set(column.texts or [])) == 1


def _only_time(table: Table, times: Times) -> str:
    told = [c.name for c in table.columns if c.kind in ("text", "empty") or c.name in times.names]
    return f" (its columns {listed(told)} hold labels or time)" if told else ""


def _hint(table: Table, found: Sequence[Column]) -> str:
    if all(c.name.isdigit() and 1000 <= int(c.name) <= 2200 for c in found):
        return "; where a row is a series, say --orient rows"
    whole = all(c.values is not None and not np.any(c.values % 1.0) for c in found)
    if table.header or len(table.columns) != 2 or not whole:
        return ""
    return "; where the comma marks decimals, say --decimal ','"


def _why_not(table: Table, column: Column) -> str:
    if column.trouble:
        return column.trouble
    what = {
        "time": "holds dates",
        "clock": "holds times of day or durations",
        "empty": "holds no value",
        "text": "holds text",
    }[column.kind]
    return f"{table.source} has no numeric column {column.name!r}: it {what}"


def series_of(
    table: Table, column: Column, times: Times, missing: str, options: ReadOptions
) -> Any:
    """A pandas Series in the order of time, NaN where it has gaps; notes in its `attrs`.

    Raises
    ------
    DataFileError
        Where a value is missing and `missing` is "raise", or not finite, or looks like a code
        for a missing value.
    """
    import pandas as pd

    values = column.values
    assert values is not None
    ends = codes.ends_of(values)
    clean = bool(np.isfinite(ends).all())
    if not clean:
        _refuse_infinite(table, column, values)
    if not options.keeps_fill_values:
        _refuse_fill_value(table, column, values, ends)
    order = times.order
    if order is not None:
        placed = values[order]
        placed[order < 0] = np.nan
    else:
        order, placed = np.arange(0 if clean else len(values)), values
    index, trimmed = times.index, []
    if missing == "raise" and not (clean and len(placed) == len(values)):
        seen = np.flatnonzero(~np.isnan(placed))
        kept = slice(int(seen[0]), int(seen[-1]) + 1) if len(seen) else slice(None)
        trimmed = gaps.trimmed_note(kept.start or 0, len(placed) - (kept.stop or len(placed)))
        placed, order = placed[kept], order[kept]
        index = None if index is None else index[kept]
        _refuse_missing(table, column, index, placed, order)
    name = column.name
    if not table.header and name.isdigit():
        name = "standard input" if table.source == "standard input" else Path(table.source).stem
    series = pd.Series(placed, index=index, name=name, copy=False)
    own = (f"{name}: {note}" for note in [*column.notes, *trimmed])
    series.attrs["notes"] = (*table.notes, *times.notes, *own)
    return series


def _refuse_infinite(table: Table, column: Column, values: FloatArray) -> None:
    bad = np.flatnonzero(np.isinf(values))
    if len(bad):
        shown = table.cell(int(bad[0]), column.name) or f"{values[bad[0]]}"
        where = table.where(int(bad[0]), column.name)
        raise DataFileError(f"{where}: {cells.quoted(shown)} is no number that is finite")


def _refuse_fill_value(
    table: Table, column: Column, values: FloatArray, ends: tuple[float, float]
) -> None:
    code = codes.fill_value(values, ends)
    if code is None:
        return
    found = np.flatnonzero(values == code)
    cell = f"{code:.10g}"
    raise DataFileError(
        f"{table.where(int(found[0]), column.name)}: {cell} lies far from all other values "
        f"({len(found)} of {len(values)} cells); if it marks a missing value say --na {cell}, "
        "if it was observed --na none"
    )


def _refuse_missing(
    table: Table, column: Column, index: Any, placed: FloatArray, order: Any
) -> None:
    absent = np.flatnonzero(np.isnan(placed))
    if not len(absent):
        return
    choices = (
        f"{len(absent)} of {len(placed)} are missing: say --missing longest (the longest run "
        "without a gap), gaps (methods that allow for them) or drop (close up, for holidays)"
    )
    row = int(order[absent[0]])
    if row < 0:
        label = _labels.shown(index[absent[0]])
        raise DataFileError(f"{table.source} has no row for {label}; {choices}")
    cell = table.cell(row, column.name)
    shown = f"{cells.quoted(cell)} is no number" if cell else "an empty cell is no number"
    raise DataFileError(f"{table.where(row, column.name)}: {shown}; {choices}")
