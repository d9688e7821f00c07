"""One series out of a file, as it is meant: pandas reads the numbers, we name what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from memtools import _validate, datasets, gaps
from memtools.exceptions import DataFileError, MemtoolsError
from memtools.files.columns import candidates_of, chosen, is_doubtful, series_of
from memtools.files.options import ReadOptions
from memtools.files.sources import as_utf8, path_of, read_bytes
from memtools.files.table import Table
from memtools.files.times import times_of
from memtools.files.wide import unfolded

if TYPE_CHECKING:
    from pandas import Series

__all__ = [
    "ReadOptions",
    "is_bundled",
    "read_panel",
    "read_series",
    "read_table",
]

_TEXT = (".csv", ".tsv", ".txt", ".dat", ".asc", ".prn", ".rdb", ".tab", ".data", "")
_JSON = (".json", ".jsonl", ".ndjson")


def read_series(
    source: str, column: str | None = None, missing: str = "raise", **options: Any
) -> Series:
    """One column of a file, of standard input, or a bundled series, in the order of time.

    Parameters
    ----------
    source : str
        Path of a file (delimited text, JSON, Excel, Parquet, Feather, NPY, NPZ, .mat, NetCDF,
        Zarr, HDF5 or EDF; text also compressed as .gz, .bz2, .xz, .zip or .zst); "-" for
        standard input; or the name of a bundled series.
    column : str, optional
        Name of the column (letter case, a unique beginning or one word of it suffice), or its
        number from 0 where there is no header; not needed where only one can be meant.
    missing : {"raise", "longest", "gaps", "drop"}
        "raise" refuses a file with missing values and says where the first is; the others keep
        them as NaN for the function that is given the series.
    **options
        As in `ReadOptions`: separator, decimal, thousands, header, na, dates, orient, sheet,
        variable.

    Returns
    -------
    pandas.Series
        float64, with dates, periods or years as its index where the file has them, and what
        was assumed in ``attrs["notes"]``.

    Raises
    ------
    DataFileError
        Where the file cannot be read, the column is not clear, a cell is wrong (its line and
        column are given), or the rows are in no order of time.
    MissingDependencyError
        Where a package is needed for this kind of file.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> import memtools as mt
    >>> path = pathlib.Path(tempfile.mkdtemp(), "flow.csv")
    >>> _ = path.write_text("Jahr;Abfluss\\n1903;4,9\\n1902;5,2\\n1901;4,7\\n")
    >>> flow = mt.files.read_series(str(path))
    >>> flow.to_dict()
    {1901: 4.7, 1902: 5.2, 1903: 4.9}
    >>> flow.attrs["notes"][0]
    'newest first: turned round, from 1901 to 1903'
    """
    _validate.as_choice(missing, "missing", gaps.CHOICES)
    if is_bundled(source):
        if column not in (None, source):
            raise DataFileError(f"the bundled series {source} has one column, {source}")
        return datasets.load(source)
    told = ReadOptions(**options, blank_is_gap=missing != "raise")
    table = read_table(source, told)
    times = times_of(table)
    found = chosen(table, times, column)
    return series_of(table, found, times, missing, told)


def read_panel(source: str, missing: str = "raise", **options: Any) -> dict[str, Series]:
    """The series of a file by name: its numeric columns less those that count time.

    Parameters
    ----------
    source : str
        Path, or "-" for standard input.
    missing, **options
        As in `read_series`.

    Returns
    -------
    dict of str to Series
        A single column without a header has the name of the file.

    Raises
    ------
    DataFileError
        As `read_series`.
    """
    told = ReadOptions(**options, blank_is_gap=missing != "raise")
    table = read_table(source, told)
    times = times_of(table)
    columns = candidates_of(table, times)
    if len(columns) <= 1 or any(is_doubtful(c) for c in table.columns):
        columns = [chosen(table, times, None)]
    found = [series_of(table, column, times, missing, told) for column in columns]
    if len(found) > 1 and not table.header:  # the name of the file is that of one series alone
        found = [s.rename(column.name) for s, column in zip(found, columns, strict=True)]
    return {str(series.name): series for series in found}


def is_bundled(source: str) -> bool:
    """True for the name of a bundled series that no file hides."""
    return source in datasets.names() and not Path(source).exists()


def read_table(source: str, options: ReadOptions | None = None) -> Table:
    """Every column of a file, sorted out.

    Parameters
    ----------
    source : str
        Path, or "-" for standard input.
    options : ReadOptions, optional

    Raises
    ------
    DataFileError
    """
    told = options or ReadOptions()
    try:
        return unfolded(_read(source, told), told)
    except MemtoolsError:
        raise
    except MemoryError:
        raise DataFileError(f"{source} is too large for the memory of this machine") from None
    except Exception as error:  # a reader of a damaged file may raise anything
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise DataFileError(f"{source} cannot be read: {reason}") from error


def _read(source: str, options: ReadOptions) -> Table:
    from memtools.files import binary

    if source != "-":
        path = path_of(source)
        reader = binary.READERS.get(path.suffix.lower())
        if reader is not None:
            return reader(path, options)
    data, suffix = read_bytes(source)
    name = "standard input" if source == "-" else source
    if source == "-":
        suffix = ".json" if data.lstrip()[:1] in (b"{", b"[") else ".csv"
    if suffix in binary.READERS:  # inside an archive
        raise DataFileError(f"{source}: unpack it first")
    if suffix not in (*_TEXT, *_JSON):
        allowed = ", ".join([*_TEXT[:-1], *_JSON, *binary.READERS])
        raise DataFileError(f"{source} must end in .csv or another of: {allowed}")
    data, notes = as_utf8(data, name)
    start = data[:200].lstrip()[:15].lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml")):
        raise DataFileError(f"{name} is a web page or XML, not a table")
    table = None
    if suffix in _JSON or start[:1] in (b"[", b"{"):
        from memtools.files.records import json_table

        try:
            table = json_table(data, suffix in (".jsonl", ".ndjson"), name, options)
        except DataFileError:
            if suffix in _JSON:
                raise
    if table is None:
        from memtools.files.delimited import delimited_table

        table = delimited_table(data, suffix, name, options)
    table.notes[:0] = notes
    return table
