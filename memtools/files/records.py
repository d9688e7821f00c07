"""JSON: lines, arrays, records, columns, and pandas' other orients."""

from __future__ import annotations

import json
from typing import Any

from memtools.exceptions import DataFileError
from memtools.files.options import ReadOptions
from memtools.files.table import Table, table_of

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
    """One JSON value: a list, columns, records below one key, or pandas' split and table."""
    if isinstance(value, list):
        return _records(value, source, options, lambda i: f"record {i + 1}")
    if not isinstance(value, dict):
        raise DataFileError(f"{source} holds one JSON value, not a series")
    if value.keys() >= _PANDAS_SPLIT:
        frame = [dict(zip(value["columns"], row, strict=False)) for row in value["data"]]
        index = value.get("index")
        if isinstance(index, list) and len(index) == len(frame):
            frame = [{"index": label} | row for label, row in zip(index, frame, strict=True)]
        return _records(frame, source, options, lambda i: f"record {i + 1}")
    inner = next(iter(value.values())) if len(value) == 1 else None
    if isinstance(inner, dict) and any(isinstance(v, list | dict) for v in inner.values()):
        return _whole(inner, source, options)
    lists = [v for v in value.values() if isinstance(v, list)]
    if len(lists) == 1 and lists[0] and isinstance(lists[0][0], dict):
        return _records(lists[0], source, options, lambda i: f"record {i + 1}")
    if value and all(isinstance(v, dict) for v in value.values()):
        return _nested(value, source, options)
    if value and len(lists) == len(value) and len({len(v) for v in lists}) == 1:
        rows = [dict(zip(value, row, strict=True)) for row in zip(*lists, strict=True)]
        return _records(rows, source, options, lambda i: f"record {i + 1}")
    if value and all(isinstance(v, int | float) or v is None for v in value.values()):
        rows = [{"index": key, "value": v} for key, v in value.items()]
        return _records(rows, source, options, lambda i: f"record {i + 1}")
    raise DataFileError(
        f"{source}: no series among the JSON keys {', '.join(map(str, list(value)[:10]))}"
    )


def _nested(value: dict[str, dict[str, Any]], source: str, options: ReadOptions) -> Table:
    """pandas' orients "columns" (the default) and "index": columns are the fewer keys."""
    outer, inner = list(value), list(next(iter(value.values())))
    by_column = len(outer) <= len(inner)
    labels, names = (inner, outer) if by_column else (outer, inner)
    rows = [
        {"index": label}
        | {name: value[name].get(label) if by_column else value[label].get(name) for name in names}
        for label in labels
    ]
    return _records(rows, source, options, lambda i: f"record {i + 1}")


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
    nested = next((k for k in keys if isinstance(values[0][k], dict | list)), None)
    if nested is not None:
        raise DataFileError(f"{source}, {place(0)}: {nested} holds a list or an object")
    frame = pd.DataFrame({key: _column([row[key] for row in values]) for key in keys})
    return table_of(frame, source, header, place, options)


def _column(values: list[Any]) -> Any:
    """Numbers as such; everything else as objects, so that no cell is changed on the way."""
    import pandas as pd

    whole = all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
    if whole and any(isinstance(v, float) for v in values):
        return pd.Series(values, dtype="float64")
    return pd.Series(values, dtype="object")
