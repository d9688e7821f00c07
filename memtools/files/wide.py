"""Tables whose rows, not columns, are series: one row, a row a year, a row a place."""

from __future__ import annotations

from typing import Any

import numpy as np

from memtools import _labels
from memtools._validate import FloatArray
from memtools.exceptions import DataFileError
from memtools.files import cells, dates
from memtools.files.options import ReadOptions
from memtools.files.table import Column, Table

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
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
    months = _months(table)
    if months is not None:
        return months
    numbers = [c for c in table.columns if c.kind == "number" and c.values is not None]
    one_row = bool(numbers) and numbers[0].values is not None and len(numbers[0].values) == 1
    if not one_row or len(numbers) < _FEWEST:
        return table
    odd = next((c for c in table.columns[1:] if c.kind == "text" and _digits(c)), None)
    if odd is not None or (table.columns[0].kind == "text" and table.columns[0].trouble):
        where = table.where(0, (odd or table.columns[0]).name)
        raise DataFileError(f"{where}: no number in a row of numbers")
    if table.header and _index_of([c.name for c in numbers]) is None:
        raise DataFileError(
            f"{table.source} has one row of data; if that row is the series say --orient rows"
        )
    unfolded = _transposed(table)
    unfolded.notes.append(f"one row of {len(numbers)} values is taken as the series")
    return unfolded


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


def _months(table: Table) -> Table | None:
    """A row a year and a column a month as one monthly series."""

    by_month: dict[int, FloatArray] = {}
    others = []
    for column in table.columns:
        key = column.name.lower().strip(". ")[:3]
        plain = column.name.lower().strip(". ").isalpha() and len(column.name) <= 9
        if plain and key in _MONTHS and column.kind in ("number", "empty"):
            n_rows = next((len(c.values) for c in table.columns if c.values is not None), 0)
            empty = np.full(n_rows, np.nan)
            by_month[_MONTHS.index(key)] = empty if column.values is None else column.values
        else:
            others.append(column)
    if len(by_month) != 12 or not others or others[0].values is None:
        return None
    years = others[0].values
    whole = np.all(years == np.rint(years)) and years.min() >= 1000 and years.max() <= 2300
    if not whole:
        return None
    order = np.argsort(years, kind="stable")
    values = np.column_stack([by_month[i] for i in range(12)])[order].ravel()
    ordinals = ((years[order].astype(np.int64) - 1970)[:, None] * 12 + np.arange(12)).ravel()
    index = _labels.periods(ordinals, freq="M")
    place = table.place
    seen = np.flatnonzero(~np.isnan(values))
    if not len(seen):
        return None
    last = int(seen[-1]) + 1  # the months to come of the last year
    note = f"{len(years)} years by 12 months are taken as one monthly series"
    return Table(
        table.source,
        [
            Column("month", "time", index=index[:last]),
            Column("value", "number", values=values[:last]),
        ],
        True,
        lambda position: place(int(order[position // 12])),
        [*table.notes, note],
    )
