"""Tables whose rows, not columns, are series: one row, a row a year, a row a place."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from memtools import _labels
from memtools._validate import FloatArray
from memtools.exceptions import DataFileError
from memtools.files import cells, dates
from memtools.files.options import ReadOptions
from memtools.files.table import Column, Table

_QUARTER = re.compile(r"^Q(?:tr)?\.? ?([1-4])$", re.IGNORECASE)
_FEWEST = 3


def unfolded(table: Table, options: ReadOptions) -> Table:
    """The table with series as columns.

    One row of numbers under no names is a series; so is a table of years by months.

    Raises
    ------
    DataFileError
        Where one row of data stands under names, or a series a row was asked for and is none.
    """
    if options.orient == "rows":
        return _transposed(table)
    if options.orient is not None:
        return table
    folded = _parts_of_years(table)
    if folded is not None:
        return folded
    numbers = [c for c in table.columns if c.kind == "number" and c.values is not None]
    _refuse_rows(table, numbers)
    one_row = bool(numbers) and numbers[0].values is not None and len(numbers[0].values) == 1
    if not one_row or len(numbers) < _FEWEST:
        return table
    odd = next((c for c in table.columns[1:] if c.kind == "text" and _digits(c)), None)
    if odd is not None or (table.columns[0].kind == "text" and table.columns[0].trouble):
        cell = odd or table.columns[0]
        shown = cells.quoted((cell.texts or [None])[0])
        raise DataFileError(
            f"{table.where(0, cell.name)}: {shown} is no number in a row of numbers; if it marks a "
            f"missing value say --na {shown}"
        )
    if table.header and _index_of([c.name for c in numbers]) is None:
        raise DataFileError(
            f"{table.source} has one row of data; if that row is the series say --orient rows"
        )
    unfolded = _transposed(table)
    unfolded.notes.append(f"one row of {len(numbers)} values is taken as the series")
    return unfolded


def _refuse_rows(table: Table, numbers: list[Column]) -> None:
    """Columns that are named by years or dates, and rows by what was measured then."""
    names = [c.name for c in numbers]
    n_rows = 0 if not numbers or numbers[0].values is None else len(numbers[0].values)
    if not table.header or not 1 < n_rows < len(names) or len(names) < _FEWEST:
        return
    if table.columns[0].kind == "text" and _index_of(names) is not None:
        raise DataFileError(
            f"{table.source}: its columns are {names[0]} to {names[-1]}; where rows are the series "
            "say --orient rows (and --column for one of them), else --orient columns"
        )


def _digits(column: Column) -> bool:
    return any(text and any(map(str.isdigit, text)) for text in column.texts or [])


def _transposed(table: Table) -> Table:
    """A column of numbers for each row; names that are dates or years become the index."""
    numbers = [c for c in table.columns if c.kind == "number" and c.values is not None]
    labels = next((c.texts for c in table.columns if c.kind == "text" and c.texts), None)
    if not numbers:
        raise DataFileError(f"{table.source} has no numeric column")
    matrix = np.array([c.values for c in numbers])
    n_series = matrix.shape[1]
    names = [str(labels[i]) if labels else str(i) for i in range(n_series)]
    if len(set(names)) < n_series:
        names = [str(i) for i in range(n_series)]
    columns = [Column(names[i], "number", values=matrix[:, i]) for i in range(n_series)]
    header = labels is not None
    if table.header:
        index = _index_of([c.name for c in numbers])
        if index is not None:
            columns.insert(0, Column("time", "time", index=index))
    heads = [c.name for c in numbers]
    place = table.place
    return Table(
        table.source,
        columns,
        header,
        lambda position: f"column {heads[position]}" if table.header else place(0),
        [*table.notes],
    )


def _index_of(names: list[str]) -> Any:
    """Names that are dates, periods or years as an index."""
    import pandas as pd

    if all(name.isdigit() and 1000 <= int(name) <= 2200 for name in names):
        return pd.Index([int(name) for name in names])
    if names and all(dates.is_date(name) for name in names):
        try:
            return dates.parsed_dates(names, None)[0]
        except cells.Unclear:
            return None
    return None


def _parts_of_years(table: Table) -> Table | None:
    """A row a year and a column a month or quarter as one series."""
    columns = [(_part_of_year(c.name), c) for c in table.columns]
    if not table.header and len(columns) == 13 and _go_on(table.columns[0].values):
        columns = [(("M", i) if i else None, c) for i, c in enumerate(table.columns)]
    found = {part: c for part, c in columns if part and c.kind in ("number", "empty")}
    others = [c for part, c in columns if part is None]
    for freq, n_parts in (("M", 12), ("Q", 4)):
        parts = [(freq, i + 1) for i in range(n_parts)]
        if all(part in found for part in parts):
            break
    else:
        return None
    named = [part for part, _ in columns if part in parts]
    if len(named) > n_parts or not others or others[0].values is None:
        return None
    years = others[0].values
    whole = np.all(years == np.rint(years)) and years.min() >= 1000 and years.max() <= 2300
    if not whole:
        return None
    order = np.argsort(years, kind="stable")
    empty = np.full(len(years), np.nan)
    cells_by_part = [
        c.values if c.values is not None else empty for c in (found[part] for part in parts)
    ]
    values = np.column_stack(cells_by_part)[order].ravel()
    first = (years[order].astype(np.int64) - 1970) * n_parts
    ordinals = (first[:, None] + np.arange(n_parts)).ravel()
    index = _labels.periods(ordinals, freq=freq)
    place = table.place
    seen = np.flatnonzero(~np.isnan(values))
    if not len(seen):
        return None
    last = int(seen[-1]) + 1  # what is to come of the last year
    what = ("4 quarters", "quarterly") if freq == "Q" else ("12 months", "monthly")
    note = f"{len(years)} years by {what[0]} are taken as one {what[1]} series"
    return Table(
        table.source,
        [
            Column(what[0].split()[1], "time", index=index[:last]),
            Column("value", "number", values=values[:last]),
        ],
        True,
        lambda position: place(int(order[position // n_parts])),
        [*table.notes, note],
    )


def _go_on(years: FloatArray | None) -> bool:
    return years is not None and len(years) > 1 and bool(np.all(np.diff(years) == 1.0))


def _part_of_year(name: str) -> tuple[str, int] | None:
    """("M", 1 to 12) of the name of a month, ("Q", 1 to 4) of that of a quarter."""
    name = name.strip(". ")
    if found := _QUARTER.match(name):
        return "Q", int(found[1])
    month = dates.month_number(name) if name.isalpha() and len(name) <= 10 else None
    return ("M", month) if month else None
