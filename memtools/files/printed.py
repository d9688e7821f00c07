"""What R prints of a vector or a yearly series: [1] 4.2 3.9, line after line."""

from __future__ import annotations

import re

import numpy as np

from memtools._validate import FloatArray
from memtools.exceptions import DataFileError
from memtools.files import cells
from memtools.files.table import Column, Table

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
