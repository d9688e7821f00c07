"""Which of the first rows hold names, where names may be numbers and numbers names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from memtools._labels import named_like_time
from memtools.exceptions import DataFileError
from memtools.files.cells import ALL_MISSING, is_number, is_plain_number
from memtools.files.dates import is_date
from memtools.files.options import ReadOptions

_FORMAT_ROW = re.compile(r"^\d+[sdnf]$")

Row = tuple[int, list[str]]


def kind_of(cell: str) -> str:
    """ "missing", "number", "date" or "text"."""
    if cell in ALL_MISSING:
        return "missing"
    if is_number(cell):
        return "number"
    return "date" if is_date(cell) else "text"


def header_of(
    rows: list[Row], width: int, options: ReadOptions, source: str, notes: list[str]
) -> tuple[list[str], int, bool]:
    """Names, how many rows they take, and whether there is a header at all."""
    first = rows[0][1]
    if options.header is False:
        return [], 0, False
    if len(first) == width - 1 and len(rows) > 1:
        if not any(len(cells) == width and cells[-1] for _, cells in rows[1:]):
            return [*first, ""], 1, True  # separators at the ends of rows
        return ["index", *first], 1, _row_names(rows, source)
    kinds = _column_kinds([cells for _, cells in rows[1:]] or [first], width)
    count = 0
    while count < min(len(rows), 6) and _is_head(rows[count][1], kinds, count):
        count += 1
    while 0 < count < min(len(rows), 12) and kinds[0] == "date" and _is_words(rows[count][1][0]):
        count += 1  # a preamble goes on where no date stands
    if options.header is True:
        count = max(count, 1)
    elif count == 0 and len(rows) > 1:
        why = _numeric_header(first, [cells for _, cells in rows[1:]], kinds, source)
        if why:
            notes.append(f"line {rows[0][0]} is taken as the header ({why}; else --no-header)")
            count = 1
        elif _may_be_names(first, [cells for _, cells in rows[1:]]):
            shown = ", ".join(first[:5])
            notes.append(f"line {rows[0][0]} ({shown}) is taken as values; if names, say --header")
    if count == len(rows) and not any(kind != "text" for kind in kinds):
        count = 1
    if count == 0:
        return [], 0, False
    start = _first_of_head(rows[:count], kinds)
    if start:
        notes.append(f"line {rows[start - 1][0]} and what is above is text before the table")
    head = [cells for _, cells in rows[start:count]]
    if count - start > 1:
        notes.append(f"lines {rows[start][0]} to {rows[count - 1][0]} are the header")
        head = [head[0], *(r for r in head[1:] if not all(map(_FORMAT_ROW.match, filter(None, r))))]
    padded = [[*row, *[""] * (width - len(row))] for row in head]
    names = [" ".join(dict.fromkeys(filter(None, parts))) for parts in zip(*padded, strict=True)]
    return names, count, True


def _row_names(rows: list[Row], source: str) -> bool:
    """R writes no name over its row names; "1,5" below "x" may be a decimal comma instead."""
    body = [cells for _, cells in rows[1:]]
    if len(body[0]) == 2 and all(
        len(cells) == 2 and cells[0].lstrip("-").isdigit() and cells[1].isdigit() for cells in body
    ):
        raise DataFileError(
            f"{source}, line {rows[1][0]}: {len(body[0])} cells, not {len(rows[0][1])}; for "
            "decimal commas say --decimal ',', for two columns --no-header"
        )
    return True


def _column_kinds(body: Sequence[Sequence[str]], width: int) -> list[str]:
    """ "number", "date", "text" or "missing" for each column, by most of its cells."""
    kinds = []
    for j in range(width):
        found = Counter(kind_of(cells[j]) for cells in body if j < len(cells))
        found.pop("missing", None)
        kinds.append(found.most_common(1)[0][0] if found else "missing")
    return kinds


def _is_head(cells: Sequence[str], kinds: Sequence[str], above: int) -> bool:
    """True where a row holds names: no cell is what its column holds, one at least is text."""
    typed = [(c, k) for c, k in zip(cells, kinds, strict=False) if k in ("number", "date")]
    if not typed:
        return above == 0
    found = [(kind_of(cell), kind) for cell, kind in typed]
    if any(kind == here for here, kind in found):
        return False
    return any(here != "missing" for here, _ in found)


def _first_of_head(head: Sequence[Row], kinds: Sequence[str]) -> int:
    """Where the names begin: at the row that names the column of dates, if one does."""
    dated = [j for j, kind in enumerate(kinds) if kind == "date"]
    for i, (_, cells) in enumerate(head):
        if len(cells) == len(kinds) and any(
            len(cells[j]) > 1 and named_like_time(cells[j]) for j in dated
        ):
            return i if all(cells) else 0
    return 0


def _numeric_header(
    first: Sequence[str], body: Sequence[Sequence[str]], kinds: Sequence[str], source: str
) -> str | None:
    """Why a first row that holds numbers is nevertheless a header, None where it is none."""
    if len(first) > 1 and first[0] == "" and any(first[1:]):
        return "its first cell is empty"
    if len(first) > 1 and kinds[0] == "date" and kind_of(first[0]) not in ("date", "missing"):
        return "it names the column of dates"
    numbers = [j for j, kind in enumerate(kinds) if kind == "number"]
    if not numbers or (len(first) > 1 and _counts([first, *body], numbers[0])):
        return None
    otherwise = [_written_otherwise(first[j], [r[j] for r in body if j < len(r)]) for j in numbers]
    if all(otherwise) and (len(first) > 1 or first[0].isdigit()):
        return "numbers with fewer decimals than any below"
    given = [first[j] for j in numbers]
    if not all(cell.isdigit() and str(int(cell)) == cell for cell in given):
        return None
    if kinds[0] == "text" and not is_number(first[0]) and all(map(_is_name, given)):
        return "numbers that are names, over a column of labels"
    within = [_within(first[j], [r[j] for r in body if j < len(r)]) for j in numbers]
    far = all(apart for _, apart in within)
    counting = [int(cell) for cell in given] == list(range(len(given)))
    years = all(1000 <= int(cell) <= 2200 for cell in given)
    whole = any(_some_whole(body, j) for j in numbers)
    if years and (far or (not whole and not any(inside for inside, _ in within))):
        return "years, far from the numbers below"
    if len(first) == 1 and (counting or far):
        raise DataFileError(
            f"{source}: its first line, {given[0]}, may be a header or a value; say --header or "
            "--no-header"
        )
    if counting and not whole:
        return "0, 1, 2, ... without decimals over numbers that have them"
    if counting and not any(inside for inside, _ in within):
        return "0, 1, 2, ..., far from the numbers below"
    return "far from the numbers below" if far else None


def _written_otherwise(cell: str, below: Sequence[str]) -> bool:
    """True for a number of fewer decimals than all below, where these are of a fixed number.

    Or of all digits that a float64 number has, which no program cuts for a whole number.
    """
    told = [text.lower() for text in below if is_plain_number(text)]
    if len(told) < 3 or not is_plain_number(cell):
        return False
    decimals = [len(text.partition("e")[0].partition(".")[2]) for text in told]
    digits = sorted(sum(c.isdigit() for c in text.partition("e")[0]) for text in told)
    fixed = any("." in text and text.partition("e")[0].endswith("0") for text in told)
    full = digits[len(digits) // 2] >= 13
    return len(cell.partition(".")[2]) < min(decimals) and (fixed or full)


def _may_be_names(first: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """True for a first row of short numbers that are whole, or that rise."""
    if not all(is_plain_number(cell) and len(cell) <= 6 for cell in first):
        return False
    if len(first) > 1 and (_counts([first, *body], 0) or not body):
        return False
    whole = all(_plain(cell).isdigit() for cell in first)
    return whole or (len(first) > 1 and all(float(a) < float(b) for a, b in pairwise(first)))


def _is_words(cell: str) -> bool:
    return kind_of(cell) == "text" and not any(c.isdigit() for c in cell)


def _is_name(cell: str) -> bool:
    return 1000 <= int(cell) <= 2200 or int(cell) < 100


def _plain(cell: str) -> str:
    return cell.lstrip("+-")


def _some_whole(body: Sequence[Sequence[str]], j: int) -> bool:
    cells = [_plain(row[j]) for row in body if j < len(row) and is_plain_number(row[j])]
    return sum(cell.isdigit() for cell in cells) > 0.05 * len(cells)


def _counts(rows: Sequence[Sequence[str]], j: int) -> bool:
    """True where a column goes on in equal steps from the very first row."""
    cells = [row[j] for row in rows if j < len(row)]
    if len(cells) < 3 or not all(map(is_plain_number, cells)):
        return False
    steps = [float(b) - float(a) for a, b in pairwise(cells)]
    return steps[0] != 0.0 and all(abs(s - steps[0]) < 1e-6 * abs(steps[0]) for s in steps)


def _within(cell: str, below: Sequence[str]) -> tuple[bool, bool]:
    """Whether a number lies between those below it, and whether it lies far from them all."""
    values = [float(text) for text in below if is_plain_number(text)]
    if not values:
        return True, False
    low, high, value = min(values), max(values), float(cell)
    distance = max(low - value, value - high)
    return distance <= 0.0, len(values) > 3 and distance > 3.0 * (high - low) > 0.0
