"""CSV and its kin: pandas reads the numbers, the layout says where they are.

Also what R prints of a vector or a yearly series: [1] 4.2 3.9, line after line.
"""

from __future__ import annotations

import io
import re
import warnings
from functools import cache
from itertools import islice
from typing import Any

import numpy as np

from memtools._validate import FloatArray
from memtools.exceptions import DataFileError
from memtools.files import cells, dates
from memtools.files.layout import NO_SEPARATOR, Layout, layout_of, lines_of, rows_of, sample_of
from memtools.files.options import ReadOptions
from memtools.files.table import Column, Table, table_of

_LINE_END = re.compile(rb"\r\n|\r|\n")
_COMMENT = re.compile(rb"(?m)^#[^\r\n]*")
_MOST_FOOTERS = 10
# Bytes that are looked at together: what a cache holds.
_PIECE = 1 << 16


def delimited_table(
    data: bytes, suffix: str, source: str, options: ReadOptions, row: str = "line"
) -> Table:
    """The table in UTF-8 text.

    Raises
    ------
    DataFileError
    """
    if not data[:4096].strip() and not data.strip():
        raise DataFileError(f"{source} is empty")
    if (found := printed_by_r(data[:4096], data, source)) is not None:
        return found
    layout = layout_of(sample_of(data), options, source, suffix)
    text = _Text(data, layout, source, row)
    frame = text.frame(options)
    frame, footers = _without_footers(frame, layout, text)
    if frame.shape == (len(frame), 1) and options.header is None and not layout.header:
        _refuse_count(frame, source, row, layout)
    notes = [*layout.notes, *text.notes, *footers]
    return table_of(
        frame,
        source,
        layout.header,
        lambda position: f"{row} {text.line(position)}",
        options,
        notes,
        comma_file=layout.separator != ";",
        text_of=lambda j: text.cells(j, len(frame)),
    )


def _refuse_count(frame: Any, source: str, row: str, layout: Layout) -> None:
    """Some programs write the number of values above them."""
    if len(frame) > 10 and frame.iloc[0, 0] == len(frame) - 1:
        raise DataFileError(
            f"{source}, {row} {layout.first + 1}: {len(frame) - 1} is the number of the values "
            "below; say --header to leave it out, --no-header if it is a value"
        )


class _Text:
    """Text with its layout: a frame, and lines and cells where something is wrong."""

    def __init__(self, data: bytes, layout: Layout, source: str, row: str) -> None:
        self.layout, self.source, self.row = layout, source, row
        self.notes: list[str] = []
        self._numbered: list[tuple[int, list[str]]] | None = None
        if b"#" in data:
            data = _COMMENT.sub(b"", data)
        self.data = data
        ends = islice(_LINE_END.finditer(data), layout.first)
        self.start = max((end.end() for end in ends), default=0)  # of the first row of data

    def rows(self) -> list[tuple[int, list[str]]]:
        """Line and cells of every row of data."""
        if self._numbered is None:
            lines = lines_of(self.data.decode())[self.layout.first :]
            self._numbered = list(rows_of(lines, self.layout.separator, self.layout.first))
        return self._numbered

    def line(self, position: int) -> int:
        rows = self.rows()
        return rows[min(position, len(rows) - 1)][0] if rows else self.layout.first + 1

    def cells(self, column: int, n_rows: int) -> list[str | None]:
        """The cells of a column as they stand there."""
        rows = self.rows()[:n_rows]
        if len(rows) < n_rows:
            raise DataFileError(f"{self.source}: not a table (quotes or ends of lines are mixed)")
        return [(cells[column] or None) if column < len(cells) else None for _, cells in rows]

    def frame(self, options: ReadOptions) -> Any:
        """What pandas makes of it; rows of another length than the header's are refused."""
        import pandas as pd

        layout = self.layout
        given: dict[str, Any] = {}
        if layout.separator == " ":
            given["sep"] = r"\s+"
        else:
            given |= {"sep": layout.separator, "skipinitialspace": layout.padded}
        told = [code for code in options.na if code != "none"]
        if layout.odd_missing or told:
            given["na_values"] = [*cells.MISSING, *told]
        if _needs_round_trip():
            given["float_precision"] = "round_trip"
        stamps = _iso_columns(self, layout)
        try:
            with warnings.catch_warnings():
                # A column of numbers here and text there is read again, cell by cell.
                warnings.simplefilter("ignore", pd.errors.DtypeWarning)
                body = io.BytesIO(self.data)
                body.seek(self.start)
                frame = pd.read_csv(
                    body,
                    header=None,
                    parse_dates=stamps or False,
                    date_format="ISO8601" if stamps else None,
                    **given,
                )
        except (ValueError, OverflowError, pd.errors.ParserError) as error:
            self.refuse_ragged()
            reason = " ".join(str(error).split()).removeprefix("Error tokenizing data. C error: ")
            raise DataFileError(f"{self.source}: not a table ({reason[:200]})") from None
        if frame.shape[1] != len(layout.names) or not isinstance(frame.index, pd.RangeIndex):
            self.refuse_ragged()
            raise DataFileError(f"{self.source}: not a table of {len(layout.names)} columns")
        frame.columns = pd.Index(layout.names)
        last = frame.iloc[:, -1]
        if len(layout.names) > 1 and last.isna().any() and not self.is_even(len(frame)):
            self.refuse_ragged()
        return self._with_blank_lines(frame, options)

    def is_even(self, n_rows: int) -> bool:
        """True where there are as many separators as rows of full length need."""
        layout = self.layout
        if layout.separator == " " or b'"' in self.data:
            return False
        found = self.count(layout.separator.encode())
        return found == n_rows * (len(layout.names) - 1)

    def count(self, mark: bytes) -> int:
        """How often a mark stands in the rows of data."""
        body = np.frombuffer(self.data, dtype=np.uint8)[self.start :]
        pieces = (body[i : i + _PIECE] for i in range(0, len(body), _PIECE))
        return sum(int(np.count_nonzero(piece == mark[0])) for piece in pieces)

    def refuse_ragged(self) -> None:
        """Name the first row that has more or fewer cells than the others."""
        width = len(self.layout.names)
        rows = self.rows()
        for position, (number, found) in enumerate(rows):
            footer = len(found) == 1 and len(rows) - position <= _MOST_FOOTERS
            if len(found) != width and not (footer and width > 1 and not found[0][:1].isdigit()):
                raise DataFileError(
                    f"{self.source}, {self.row} {number}: {len(found)} cells, not {width}"
                )

    def _with_blank_lines(self, frame: Any, options: ReadOptions) -> Any:
        """A blank line among those of one column is a gap where gaps are asked for, or told."""
        if self.layout.separator != NO_SEPARATOR or self.count(b"\n") <= len(frame):
            return frame
        data = self.data.rstrip()
        body = lines_of(data.decode())[self.layout.first :]
        told = [i for i, line in enumerate(body) if line.strip()]
        blank = len(body) - len(told)
        if not blank or len(told) != len(frame):
            return frame
        if any(line and not line.strip() for line in body):  # cells that hold blanks
            kept = [i for i, line in enumerate(body) if line]
            self._numbered = [(self.layout.first + i + 1, [body[i].strip()]) for i in kept]
            return frame.set_axis(told).reindex(kept).reset_index(drop=True)
        if options.blank_is_gap:
            self._numbered = [(self.layout.first + i + 1, [c.strip()]) for i, c in enumerate(body)]
            return frame.set_axis(told).reindex(range(len(body)))
        plural = "s are" if blank > 1 else " is"
        self.notes.append(f"{blank} blank line{plural} left out (a gap is written NA)")
        return frame


def _typed(cell: str) -> bool:
    return cells.is_number(cell.strip()) or dates.is_date(cell.strip())


@cache
def _needs_round_trip() -> bool:
    """True before pandas 3.1, whose default is to round correctly."""
    import pandas as pd

    major, minor = (int(part) for part in pd.__version__.split(".")[:2])
    return (major, minor) < (3, 1)


def _iso_columns(text: _Text, layout: Layout) -> list[int]:
    """Columns whose first cell is an ISO date, which pandas parses as it reads."""
    lines = lines_of(sample_of(text.data))[layout.first :]
    first = next(rows_of(lines, layout.separator), (0, []))[1]
    iso = re.compile(r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?$")
    return [j for j, cell in enumerate(first) if iso.match(cell)]


def _without_footers(frame: Any, layout: Layout, text: _Text) -> tuple[Any, list[str]]:
    """Less empty rows, and rows of text below a table of more than one column."""
    notes: list[str] = []
    if frame.shape[1] < 2 or not len(frame) or frame.dtypes.iloc[0].kind in "iufM":
        return frame, notes
    rest = frame.iloc[:, 1:].isna().all(axis=1).to_numpy()
    labels = frame.iloc[:, 0]
    dated = dates.is_date(str(labels.iloc[0]))
    cut = len(frame)
    while cut > 0 and len(frame) - cut < _MOST_FOOTERS:
        label = labels.iloc[cut - 1]
        named = isinstance(label, str) and not label.strip()[:1].isdigit() and not _typed(label)
        if not ((rest[cut - 1] and (named or label != label)) or (dated and named)):
            break
        cut -= 1
    if 0 < cut < len(frame):
        notes.append(f"{text.row} {text.line(cut)} and what follows is text below the table")
        frame = _retyped(frame.iloc[:cut])
    return frame, notes


def _retyped(frame: Any) -> Any:
    """The columns as pandas would have read them without the rows taken away."""
    import pandas as pd

    again = {}
    for name in frame.columns:
        column = frame[name]
        told = column.dropna()
        if (
            column.dtype.kind not in "biufM"
            and len(told)
            and all(cells.is_plain_number(str(v)) for v in told)
        ):
            column = column.map(lambda v: np.nan if v != v or v is None else float(v)).astype(float)
        again[name] = column
    return pd.DataFrame(again, columns=frame.columns)


_LINE = re.compile(r"^\s*\[(\d+)\]\s+(.*)$")
_HEAD = re.compile(r"^\s*(?:Time Series:|(Start|End|Frequency) = (.+))\s*$")


def printed_by_r(start: bytes, data: bytes, source: str) -> Table | None:
    """The vector that R printed, None where the text is none.

    Raises
    ------
    DataFileError
        Where a cell is no number.
    """
    first = start.lstrip()
    if not (first.startswith((b"[1] ", b"Time Series:"))):
        return None
    head: dict[str, str] = {}
    found: list[tuple[int, str]] = []
    for number, line in enumerate(data.decode().splitlines(), start=1):
        if told := _HEAD.match(line):
            head[told[1] or ""] = (told[2] or "").strip()
        elif row := _LINE.match(line):
            if int(row[1]) != len(found) + 1:
                return None
            found += [(number, cell) for cell in row[2].split()]
        elif line.strip():
            return None
    for number, cell in found:
        if cell not in cells.ALL_MISSING and not cells.is_plain_number(cell):
            raise DataFileError(f"{source}, line {number}: {cells.quoted(cell)} is no number")
    values: FloatArray = np.array(
        [np.nan if cell in cells.ALL_MISSING else float(cell) for _, cell in found], np.float64
    )
    columns = [Column("value", "number", values=values)]
    if head.get("Frequency") == "1" and head.get("Start", "").isdigit():
        years: FloatArray = np.arange(len(values), dtype=np.float64) + int(head["Start"])
        columns.insert(0, Column("year", "number", values=years))
    notes = [f"{len(values)} values as R prints a vector"]
    return Table(source, columns, True, lambda i: f"line {found[i][0]}", notes)
