"""One series out of a file: CSV, TSV, NPY, Parquet, JSON lines or standard input."""

from __future__ import annotations

import csv
import io
import json
import math
import sys
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from memtools import datasets
from memtools.exceptions import DataFileError, MissingDependencyError

Columns = dict[str, NDArray[np.float64]]
# Line and text of each cell, by column.
Cells = dict[str, list[tuple[int, object]]]
_MISSING = ("", None, "NA", "N/A", "null", ".")
_TEXT = {".csv", ".tsv", ".txt", ".dat", ""}


def read_series(
    source: str, column: str | None = None, gaps: bool = False
) -> tuple[str, NDArray[np.float64]]:
    """Name and values of one column of a file, of standard input or of a bundled series.

    Parameters
    ----------
    source : str
        Path of a .csv, .tsv, .txt, .dat, .npy, .parquet, .jsonl or .ndjson file; "-" for
        standard input (text); or the name of a bundled series.
    column : str, optional
        Name of the column, or its number from 0 where there is no header; not needed where
        the file has one numeric column besides dates.
    gaps : bool
        Read empty cells, NA and null as NaN instead of refusing them.

    Returns
    -------
    name : str
    values : ndarray, shape (n_obs,)

    Raises
    ------
    DataFileError
        Where the file is missing or not readable, a row is bad (its line is given), or the
        column is missing or not clear (the columns are listed).
    """
    if source in datasets.names() and not Path(source).exists():
        if column not in (None, source):
            raise DataFileError(f"the bundled series {source} has one column, {source}")
        return source, datasets.load(source).to_numpy()
    columns = read_columns(source, gaps)
    return _choose(columns, column, source)


def read_panel(source: str) -> Columns:
    """The series of a file by name: its numeric columns less a leading one that merely counts.

    Parameters
    ----------
    source : str
        Path, or "-" for standard input.

    Returns
    -------
    dict of str to ndarray
        A single column without a header has the name of the file.

    Raises
    ------
    DataFileError
        As `read_series`.
    """
    columns = read_columns(source)
    if not columns:
        raise DataFileError(f"{source} has no numeric column")
    names = _without_time(columns)
    if len(names) == 1:
        return dict([_choose(columns, None, source)])
    return {name: columns[name] for name in names}


def read_columns(source: str, gaps: bool = False) -> Columns:
    """Every numeric column of a file, by name; dates and other labels are left out.

    Parameters
    ----------
    source : str
        Path, or "-" for standard input.
    gaps : bool
        Read empty cells, NA and null as NaN instead of refusing them.

    Returns
    -------
    dict of str to ndarray
    """
    if source == "-":
        data = sys.stdin.buffer.read()
        kind = ".jsonl" if data.lstrip()[:1] == b"{" else ".csv"
        return _text_columns(_decode(data, "standard input"), kind, "standard input", gaps)
    path = Path(source)
    if not path.is_file():
        known = ", ".join(datasets.names())
        what = "a folder" if path.is_dir() else "no file"
        raise DataFileError(f"{source} is {what}, nor one of the bundled series ({known})")
    kind = path.suffix.lower()
    try:
        if kind == ".npy":
            return _npy_columns(path)
        if kind == ".parquet":
            return _parquet_columns(path)
        data = path.read_bytes()
    except OSError as error:
        raise DataFileError(f"{source} cannot be read: {error.strerror or error}") from error
    if kind in _TEXT or kind in (".jsonl", ".ndjson"):
        return _text_columns(_decode(data, source), kind, source, gaps)
    allowed = ".csv, .tsv, .txt, .dat, .npy, .parquet, .jsonl or .ndjson"
    raise DataFileError(f"{source} must end in {allowed}")


def _decode(data: bytes, source: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise DataFileError(f"{source} is not UTF-8 text (line {line})") from None


def _npy_columns(path: Path) -> Columns:
    try:
        array = np.load(path, allow_pickle=False)
    except ValueError as error:
        raise DataFileError(f"{path} is not a NumPy array file of numbers: {error}") from None
    if array.dtype.kind not in "iuf" or array.ndim not in (1, 2):
        got = f"{array.dtype} of shape {array.shape}"
        raise DataFileError(f"{path} must hold a 1-D or 2-D array of real numbers; it holds {got}")
    if array.ndim == 1:
        return {path.stem: array.astype(np.float64)}
    return {str(i): array[:, i].astype(np.float64) for i in range(array.shape[1])}


def _parquet_columns(path: Path) -> Columns:
    try:
        import pyarrow.parquet as parquet
    except ImportError:
        raise MissingDependencyError("pyarrow", "reading Parquet files", "io") from None
    try:
        table = parquet.read_table(path)
    except (OSError, ValueError) as error:
        raise DataFileError(f"{path} is not a Parquet file: {error}") from None
    frame = table.to_pandas()
    numeric = frame.select_dtypes("number")
    return {str(name): numeric[name].to_numpy(dtype=np.float64) for name in numeric}


def _text_columns(text: str, kind: str, source: str, gaps: bool) -> Columns:
    if not text.strip():
        raise DataFileError(f"{source} is empty")
    if kind in (".jsonl", ".ndjson"):
        return _json_columns(text, source, gaps)
    return _delimited_columns(text, kind, source, gaps)


def _json_columns(text: str, source: str, gaps: bool) -> Columns:
    """JSON lines: an object or a number a line."""
    rows: list[tuple[int, dict[str, object]]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except json.JSONDecodeError as error:
            raise DataFileError(f"{source}, line {number}: not JSON ({error.msg})") from None
        rows.append((number, value if isinstance(value, dict) else {"value": value}))
    keys = list(rows[0][1])
    for number, row in rows:
        if set(row) != set(keys):
            raise DataFileError(f"{source}, line {number}: keys {list(row)}, not {keys}")
    cells = {key: [(number, row[key]) for number, row in rows] for key in keys}
    return _numeric(cells, source, gaps)


def _delimited_columns(text: str, kind: str, source: str, gaps: bool) -> Columns:
    """CSV, TSV, semicolons or blanks; with or without a header; dates are labels."""
    sample = "\n".join(islice((line for line in text.splitlines() if line.strip()), 2))
    if kind == ".tsv" or "\t" in sample:
        delimiter = "\t"
    else:
        # Semicolons first: where they separate, a comma is a decimal mark and no number to us.
        delimiter = next((c for c in ";," if c in sample), " ")
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, skipinitialspace=True)
    rows: list[tuple[int, list[str]]] = []
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if delimiter == " ":
                cells = [cell for cell in cells if cell]
            rows.append((reader.line_num, cells))
    except csv.Error as error:
        raise DataFileError(f"{source}, line {reader.line_num}: {error}") from None
    rows = _without_blank_lines(rows, gaps)
    first = rows[0][1]
    header = not any(_is_number(cell) for cell in first)
    quoted = sample.splitlines()[-1].lstrip().startswith('"')
    if header and quoted and len(rows) > 1 and len(first) == len(rows[1][1]) - 1:
        first = ["index", *first]  # R writes no name over its row names, which it quotes
    width = len(first)
    names = [name or f"column {i}" for i, name in enumerate(first)] if header else None
    body = rows[1:] if header else rows
    for number, row in body:
        if len(row) != width:
            raise DataFileError(f"{source}, line {number}: {len(row)} cells, not {width}")
    if not body:
        raise DataFileError(f"{source} has a header and no data")
    names = names or [str(i) for i in range(width)]
    if len(set(names)) < width:
        raise DataFileError(f"{source}: two columns have the same name ({', '.join(names)})")
    named: Cells = {n: [(line, row[i]) for line, row in body] for i, n in enumerate(names)}
    return _numeric(named, source, gaps)


def _without_blank_lines(
    rows: list[tuple[int, list[str]]], gaps: bool
) -> list[tuple[int, list[str]]]:
    """Rows with cells; with `gaps`, a blank line inside a single column is an empty cell."""
    told = [i for i, (_, cells) in enumerate(rows) if any(cells)]
    if not gaps or max(len(rows[i][1]) for i in told) > 1:
        return [rows[i] for i in told]
    return [(line, cells or [""]) for line, cells in rows[told[0] : told[-1] + 1]]


def _is_number(cell: object) -> bool:
    try:
        float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return not isinstance(cell, bool)


def _is_missing(cell: object) -> bool:
    return cell in _MISSING or (_is_number(cell) and math.isnan(float(cell)))  # type: ignore[arg-type]


def _numeric(cells: Cells, source: str, gaps: bool) -> Columns:
    """Columns of numbers; a column is one where most of its cells are numbers.

    A cell that is no number among numbers is refused by line, or, where `gaps` are allowed and
    it says that nothing was observed, becomes NaN: nothing is dropped.
    """
    columns: Columns = {}
    for name, given in cells.items():
        column = [(n, math.nan if gaps and _is_missing(v) else v) for n, v in given]
        told = [value for _, value in column if not (gaps and _is_missing(value))]
        if sum(map(_is_number, told)) * 2 <= len(told):
            continue  # dates and other labels
        for line, value in column:
            if gaps and _is_missing(value):
                continue
            if not _is_number(value) or not math.isfinite(float(value)):  # type: ignore[arg-type]
                shown = "an empty cell" if value in ("", None) else repr(value)
                raise DataFileError(f"{source}, line {line}, column {name}: {shown} is no number")
        columns[name] = np.array([float(value) for _, value in column])  # type: ignore[arg-type]
    return columns


def _choose(columns: Columns, column: str | None, source: str) -> tuple[str, NDArray[np.float64]]:
    listed = ", ".join(columns) or "none"
    if column is not None:
        if column not in columns:
            raise DataFileError(f"{source} has no numeric column {column!r}; it has: {listed}")
        return column, columns[column]
    if not columns:
        raise DataFileError(f"{source} has no numeric column")
    candidates = _without_time(columns)
    if len(candidates) > 1:
        raise DataFileError(f"{source} has several numeric columns; choose one of: {listed}")
    name = candidates[0]
    if name.isdigit():  # no header: the file's name says more
        return ("standard input" if source == "-" else Path(source).stem), columns[name]
    return name, columns[name]


def _without_time(columns: Columns) -> list[str]:
    """Column names less a leading one that merely counts (years, row numbers)."""
    names = list(columns)
    if len(names) >= 2:
        steps = np.diff(columns[names[0]])
        if steps.size and steps[0] != 0.0 and np.all(steps == steps[0]):
            return names[1:]
    return names
