"""The columns of a file: which hold numbers, which hold time, which neither and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from memtools._validate import FloatArray
from memtools.files import cells, dates
from memtools.files.options import ReadOptions

# Above this share of cells that may be numbers, a column of text is no column of labels.
_MOSTLY = 0.5
_CLOSEST_TO_EXACT = 2**53


@dataclass
class Column:
    """One column of a file.

    Attributes
    ----------
    name : str
    kind : {"number", "time", "clock", "text", "empty"}
    values : ndarray or None
        Numbers, NaN where a cell is missing.
    index : Index or None
        Of a column of time.
    trouble : str or None
        Why a column whose cells hold digits is no column of numbers, with its place.
    texts : sequence of str or None
        The cells of a column of text.
    odd : str or None
        Where the first text stands in a column of labels that holds numbers too.
    notes : list of str
    """

    name: str
    kind: str
    values: FloatArray | None = None
    index: Any = None
    trouble: str | None = None
    texts: Sequence[str | None] | None = None
    odd: str | None = None
    notes: list[str] = field(default_factory=list)


@dataclass
class Table:
    """The columns of a file and what was assumed in reading it.

    Attributes
    ----------
    source : str
        As errors name it.
    columns : list of Column
    header : bool
        False where the columns are only numbered.
    place : callable
        "line 7" of the row at a position.
    notes : list of str
    text_of : callable, optional
        The cells of the column of a number as they stand in the file.
    """

    source: str
    columns: list[Column]
    header: bool
    place: Callable[[int], str]
    notes: list[str] = field(default_factory=list)
    text_of: Callable[[int], Sequence[str | None]] | None = None

    def cell(self, position: int, name: str) -> str | None:
        """A cell as it stands in the file; None where it is empty or the file is no text."""
        if self.text_of is None:
            return None
        names = [column.name for column in self.columns]
        return self.text_of(names.index(name))[position]

    def where(self, position: int, name: str) -> str:
        """ "flow.csv, line 7, column flow"."""
        shown = name if len(name) <= 60 else f"{name[:57]}..."
        return f"{self.source}, {self.place(position)}, column {shown}"


def table_of(
    frame: Any,
    source: str,
    header: bool,
    place: Callable[[int], str],
    options: ReadOptions,
    notes: Sequence[str] = (),
    comma_file: bool = True,
    text_of: Callable[[int], list[str | None]] | None = None,
) -> Table:
    """Sort out the columns of a frame as pandas read it.

    Parameters
    ----------
    frame : DataFrame
    source, header, place, notes
        As in `Table`.
    options : ReadOptions
    comma_file : bool
        Commas separate the cells (so that a decimal comma is not expected).
    text_of : callable, optional
        The cells of a column as they stand in the file, for columns that pandas took for
        numbers; only texts have them.
    """
    table = Table(source, [], header, place, list(notes), text_of)
    names = _told_apart([str(name) for name in frame.columns])
    raw: list[list[str | None] | None] = [_texts_of(frame.iloc[:, j]) for j in range(len(names))]
    for j in range(len(names)):
        texts = raw[j]
        if texts is not None and text_of is not None and _mixed(frame.iloc[:, j]):
            raw[j] = _told_cells(text_of(j))
        native = (
            texts is None
            and text_of is not None
            and _in_doubt(frame.iloc[:, j], options, comma_file)
        )
        if native and text_of is not None:
            raw[j] = _told_cells(text_of(j))
    texts_there = any(texts is not None for texts in raw)
    context = _decimal_of(frame, raw, options) if texts_there else options.decimal
    if context == "," and text_of is not None and options.decimal is None:
        for j in range(len(names)):
            if raw[j] is None and frame.dtypes.iloc[j].kind == "f":
                raw[j] = _told_cells(text_of(j))
    for j, name in enumerate(names):
        table.columns.append(
            _column(table, frame.iloc[:, j], name, raw[j], options, context, comma_file)
        )
    return table


def _told_apart(names: Sequence[str]) -> list[str]:
    """Names that stand several times are numbered: value (1), value (2)."""
    count, seen, told = Counter(names), Counter[str](), []
    for name in names:
        seen[name] += 1
        told.append(f"{name} ({seen[name]})" if count[name] > 1 else name)
    return told


def _told_cells(texts: Sequence[str | None]) -> list[str | None]:
    found = (None if text is None else text.strip() for text in texts)
    bare = (t[1:-1] if t is not None and len(t) > 1 and t[0] == t[-1] == "'" else t for t in found)
    return [None if text is None or text in cells.ALL_MISSING else text for text in bare]


def _texts_of(column: Any) -> list[str | None] | None:
    """Cells of a column of text, None where missing; None for columns of another type."""
    import pandas as pd

    if column.dtype.kind in "biufcMm" or isinstance(
        column.dtype, pd.PeriodDtype | pd.DatetimeTZDtype
    ):
        return None
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(object)
    values = column.tolist()
    if (
        values
        and all(_is_real(value) or _gone(value) for value in values)
        and any(map(_is_real, values))
    ):
        return None  # decimals and other objects that are numbers
    return _told_cells([None if _gone(value) else str(value) for value in values])


def _mixed(column: Any) -> bool:
    """True where pandas took some cells for numbers, whose writing is lost with that."""
    return column.dtype.kind == "O" and any(
        isinstance(value, int | float) and value == value for value in column.tolist()
    )


def _is_real(value: object) -> bool:
    from decimal import Decimal
    from numbers import Real

    return isinstance(value, Real | Decimal) and not isinstance(value, bool) and value == value


def _gone(value: object) -> bool:
    import pandas as pd

    return value is None or value is pd.NA or value is pd.NaT or value != value


def _in_doubt(column: Any, options: ReadOptions, comma_file: bool) -> bool:
    """True where "1.234" may be a thousand: semicolons separate, or the user told the marks."""
    told = options.decimal == "," or options.thousands is not None
    return column.dtype.kind == "f" and (told or not comma_file) and bool(len(column))


def _decimal_of(
    frame: Any, raw: Sequence[list[str | None] | None], options: ReadOptions
) -> str | None:
    """The decimal mark that some column shows beyond doubt."""
    if options.decimal is not None:
        return options.decimal
    found = set()
    for j, texts in enumerate(raw):
        if texts is None:
            if frame.dtypes.iloc[j].kind == "f":
                values = frame.iloc[:1000, j].to_numpy()
                if np.any(values[np.isfinite(values)] % 1.0):
                    found.add(".")
            continue
        told = [text for text in texts if text is not None]
        if not told or dates.is_date(told[0]) or not all(map(cells.is_number, told[:50])):
            continue
        try:
            marks = cells.marks_of(told)
        except cells.Unclear:
            continue
        if marks is not None:
            found.add(marks.decimal)
    return found.pop() if len(found) == 1 else None


def _column(
    table: Table,
    column: Any,
    name: str,
    texts: list[str | None] | None,
    options: ReadOptions,
    context: str | None,
    comma_file: bool,
) -> Column:
    import pandas as pd

    if texts is None:
        if (
            isinstance(column.dtype, pd.PeriodDtype | pd.DatetimeTZDtype)
            or column.dtype.kind == "M"
        ):
            return _dates_column(table, column, name)
        if column.dtype.kind == "m":
            return Column(name, "clock")
        if column.dtype.kind in "bc":
            what = "True and False" if column.dtype.kind == "b" else "complex numbers"
            return Column(name, "text", trouble=f"column {name} holds {what}")
        return numbers_column(table, column, name, options)
    told = [text for text in texts if text is not None and text not in options.na]
    if not told:
        return Column(name, "empty")
    if dates.is_date(told[0]) and not cells.is_plain_number(told[0]):
        return _text_dates(table, texts, name, options)
    numbers = sum(map(cells.looks_like_number, told))
    if numbers <= _MOSTLY * len(told):
        return Column(name, "text", texts=texts, odd=_odd(table, texts, name) if numbers else None)
    given = [None if text in options.na else text for text in texts]
    marks = None
    if options.decimal is not None or options.thousands is not None:
        decimal = options.decimal or ("," if options.thousands == "." else ".")
        marks = cells.Marks(decimal, options.thousands or "")
    try:
        values, notes = cells.parsed(given, marks, context, comma_file)
    except cells.Unclear as unclear:
        trouble = f"{table.where(unclear.position, name)}: {unclear.why}"
        shown = cells.quoted(texts[unclear.position])
        if unclear.why == f"{shown} is no number" and not shown.endswith("...'"):
            trouble += f"; if it marks a missing value say --na {shown}"
        return Column(name, "text", trouble=trouble, texts=texts)
    return Column(name, "number", values=values, notes=notes)


def _odd(table: Table, texts: Sequence[str | None], name: str) -> str:
    position = next(i for i, t in enumerate(texts) if t and not cells.looks_like_number(t))
    return f"{table.where(position, name)}: {cells.quoted(texts[position])} is no number"


def _dates_column(table: Table, column: Any, name: str) -> Column:
    import pandas as pd

    if column.isna().all():
        return Column(name, "empty")
    index = pd.Index(column.array, copy=False)
    trouble = None
    if index.hasnans:
        position = int(np.flatnonzero(index.isna())[0])
        trouble = f"{table.where(position, name)}: an empty cell is no date"
    return Column(name, "time", index=index, trouble=trouble)


def _text_dates(table: Table, texts: list[str | None], name: str, options: ReadOptions) -> Column:
    first = next(text for text in texts if text is not None)
    if dates.is_clock(first):
        return Column(name, "clock", texts=texts)
    try:
        index, notes = dates.parsed_dates(texts, options.dates)
    except dates.NoDates:
        return Column(name, "text", texts=texts)
    except cells.Unclear as unclear:
        trouble = f"{table.where(unclear.position, name)}: {unclear.why}"
        return Column(name, "time", trouble=trouble, texts=texts)
    return Column(name, "time", index=index, notes=notes)


def numbers_column(table: Table, column: Any, name: str, options: ReadOptions) -> Column:
    """Numbers of a pandas Series as a column, those that stand for missing values as NaN."""
    if column.dtype.kind == "O":
        try:
            values = np.array([np.nan if _gone(v) else float(v) for v in column], dtype=np.float64)
        except OverflowError:
            return Column(name, "text", trouble=f"column {name} holds numbers beyond 1.8e308")
    else:
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    trouble = _inexact(table, column, values, name) if column.dtype.kind in "iuO" else None
    if trouble:
        return Column(name, "text", trouble=trouble)
    for code in options.na:
        if cells.is_plain_number(code):
            values = np.where(values == float(code), np.nan, values)
    if len(values) and np.isnan(values[0]) and np.isnan(values).all():
        return Column(name, "empty")
    return Column(name, "number", values=values)


def _inexact(table: Table, column: Any, values: FloatArray, name: str) -> str | None:
    """What an integer says that no float64 holds."""
    large = np.flatnonzero(np.abs(values) >= _CLOSEST_TO_EXACT)
    for position in large:
        given = column.iloc[position]
        if isinstance(given, float):
            continue
        if int(values[position]) != int(given):
            return (
                f"{table.where(int(position), name)}: {given} has more digits than a float64 "
                "number holds"
            )
    return None
