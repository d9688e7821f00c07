"""JSON: lines, arrays, records, columns, and pandas' other orients."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from memtools.exceptions import DataFileError
from memtools.files.columns import listed
from memtools.files.options import ReadOptions
from memtools.files.table import Table, table_of

# Fewer parts are no series.
_FEWEST = 3
_PANDAS_SPLIT = {"columns", "data"}


def json_table(data: bytes, lines: bool, source: str, options: ReadOptions) -> Table:
    """The table in JSON text.

    Raises
    ------
    DataFileError
    """
    text = data.decode()
    if not text.strip():
        raise DataFileError(f"{source} is empty")
    if not lines:
        try:
            return _whole(json.loads(text), source, options)
        except (json.JSONDecodeError, RecursionError) as error:
            if text.strip().count("\n") == 0 or not _first_line_is_json(text):
                where = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
                raise DataFileError(f"{source}{where}: not JSON ({_told(error)})") from None
    return _lines(text, source, options)


def _told(error: Exception) -> str:
    return error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"


def _first_line_is_json(text: str) -> bool:
    try:
        json.loads(text.strip().split("\n", 1)[0])
    except (json.JSONDecodeError, RecursionError):
        return False
    return True


def _lines(text: str, source: str, options: ReadOptions) -> Table:
    """An object, a number or a list a line."""
    numbers, values = [], []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            values.append(json.loads(line))
        except (json.JSONDecodeError, RecursionError) as error:
            raise DataFileError(f"{source}, line {number}: not JSON ({_told(error)})") from None
        numbers.append(number)
    return _records(values, source, options, lambda i: f"line {numbers[i]}")


def _whole(value: Any, source: str, options: ReadOptions) -> Table:
    """One JSON value: a list, columns, pandas' orients, or one of these below other keys."""
    if isinstance(value, dict) and options.variable is not None:
        if options.variable not in value:
            keys = listed([str(key) for key in value])
            raise DataFileError(f"{source} has no key {options.variable!r}; it has: {keys}")
        value = value[options.variable]
    if isinstance(value, list):
        inner = [part for part in value if _is_table(part)]
        if len(inner) == 1 and not _is_scalar(inner[0]) and len(value) <= 2:
            return _whole(inner[0], source, replace(options, variable=None))
        return _records(value, source, options, lambda i: f"record {i + 1}")
    if not isinstance(value, dict):
        raise DataFileError(f"{source} holds one JSON value, not a series")
    rows = _rows_of(value)
    if rows is not None:
        return _records(rows, source, options, lambda i: f"record {i + 1}")
    tables = [key for key, part in value.items() if _is_table(part)]
    if len(tables) == 1:
        return _whole(value[tables[0]], source, replace(options, variable=None))
    keys = listed([str(key) for key in tables or value])
    if tables:
        raise DataFileError(f"{source} holds {keys}; choose one with --variable")
    raise DataFileError(f"{source}: no series among the JSON keys {keys}")


def _is_scalar(value: Any) -> bool:
    return not isinstance(value, list | dict)


def _is_table(value: Any) -> bool:
    """True for what holds rows: a list, or an object of objects, of lists or of numbers."""
    parts = list(value.values()) if isinstance(value, dict) else value
    if not isinstance(parts, list):
        return False
    if any(map(_is_table, parts)) or len(parts) < _FEWEST:
        return any(map(_is_table, parts))
    if isinstance(value, list) or all(isinstance(v, dict) for v in parts):
        return True
    return all(v is None or isinstance(v, int | float) for v in parts)


def _rows_of(value: dict[str, Any]) -> list[Any] | None:
    """The rows of an object that is a table, None where tables may lie below its keys."""
    if value.keys() >= _PANDAS_SPLIT:
        rows = [dict(zip(value["columns"], row, strict=False)) for row in value["data"]]
        index = value.get("index")
        if isinstance(index, list) and len(index) == len(rows):
            return [{"index": label} | row for label, row in zip(index, rows, strict=True)]
        return rows
    parts = list(value.values())
    if all(isinstance(v, dict) for v in parts):
        flat = all(v and all(map(_is_scalar, v.values())) for v in parts)
        return _nested(value) if flat and len({frozenset(v) for v in parts}) == 1 else None
    columns = all(isinstance(v, list) and all(map(_is_scalar, v)) for v in parts)
    if len(parts) > 1 and columns and len({len(v) for v in parts}) == 1:
        return [dict(zip(value, row, strict=True)) for row in zip(*parts, strict=True)]
    if parts and all(isinstance(v, int | float) or v is None for v in parts):
        return [{"index": key, "value": v} for key, v in value.items()]
    return None


def _nested(value: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """pandas' orients "columns" (the default) and "index": columns are the fewer keys."""
    outer, inner = list(value), list(next(iter(value.values())))
    if len(outer) <= len(inner):
        return [{"index": key} | {name: value[name][key] for name in outer} for key in inner]
    return [{"index": key} | value[key] for key in outer]


def _records(values: list[Any], source: str, options: ReadOptions, place: Any) -> Table:
    import pandas as pd

    if not values:
        raise DataFileError(f"{source} holds no records")
    if all(isinstance(v, list) for v in values):
        width = len(values[0])
        values = [{str(i): cell for i, cell in enumerate(row)} for row in values]
        if any(len(row) != width for row in values):
            raise DataFileError(f"{source}: rows of different lengths")
        header = False
    else:
        header = True
        values = [v if isinstance(v, dict) else {"value": v} for v in values]
    keys = list(values[0])
    for i, row in enumerate(values):
        if row.keys() != values[0].keys():
            shown = f"keys {list(row)[:10]}, not {keys[:10]}"
            raise DataFileError(f"{source}, {place(i)}: {shown}")
    nested = [k for k in keys if not _is_scalar(values[0][k])]
    if len(nested) == len(keys):
        raise DataFileError(f"{source}, {place(0)}: {nested[0]} holds a list or an object")
    notes = [f"left aside, as lists or objects: {listed(nested)}"] if nested else []
    kept = [key for key in keys if key not in nested]
    frame = pd.DataFrame({key: _column([row[key] for row in values]) for key in kept})
    return table_of(frame, source, header, place, options, notes)


def _column(values: list[Any]) -> Any:
    """Numbers as such; everything else as objects, so that no cell is changed on the way."""
    import pandas as pd

    whole = all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
    if whole and any(isinstance(v, float) for v in values):
        return pd.Series(values, dtype="float64")
    return pd.Series(values, dtype="object")
