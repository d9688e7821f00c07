"""Where the table in a text lies: separator, lines before it, header, width."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from memtools.exceptions import DataFileError
from memtools.files.cells import MISSING, is_number
from memtools.files.header import Row, header_of, kind_of
from memtools.files.options import ReadOptions

SAMPLE_ROWS = 200
_SEPARATORS = ("\t", ";", "|", ",", " ")
# Separates nothing: a file of one column.
NO_SEPARATOR = "\x1f"
_COMMENTS = ("#", "%", "//")
_MOST_LINES_BEFORE = 60


@dataclass
class Layout:
    """How the lines of a text make a table.

    Attributes
    ----------
    separator : str
        One character; a blank for any number of blanks.
    first : int
        Number, from 0, of the line that holds the first row of data.
    names : list of str
    header : bool
        False where the names are only numbers of columns.
    notes : list of str
        What was assumed.
    odd_missing, padded : bool
        Whether the first rows have cells such as "..", which pandas does not know for missing,
        and blanks after separators.
    """

    separator: str
    first: int
    names: list[str]
    header: bool
    notes: list[str] = field(default_factory=list)
    odd_missing: bool = False
    padded: bool = False


def rows_of(lines: Sequence[str], separator: str, start: int = 0) -> Iterator[Row]:
    """Line number from 1 and stripped cells of every line that is neither blank nor a comment."""
    if separator == " ":
        for number, line in enumerate(lines, start=start + 1):
            cells = next(csv.reader([line], delimiter=" ", skipinitialspace=True), [])
            kept = [cell for cell in cells if cell]
            if kept and not line.startswith(_COMMENTS):
                yield number, kept
        return
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=True)
    above = 0  # a quoted cell may hold ends of lines: a row is where it starts
    for cells in reader:
        first, above = above, reader.line_num
        if any(cell.strip() for cell in cells) and not lines[first].startswith(_COMMENTS):
            yield start + first + 1, [_unquoted(cell.strip()) for cell in cells]


def _unquoted(cell: str) -> str:
    return cell[1:-1] if len(cell) > 1 and cell[0] == cell[-1] == "'" else cell


def layout_of(sample: str, options: ReadOptions, source: str, suffix: str) -> Layout:
    """The layout that the first lines of a text show."""
    lines = lines_of(sample)
    notes: list[str] = []
    separator = options.separator
    start = 0
    if named := re.fullmatch(r"\"?sep=(.)\"?[,;\t ]*", lines[0].strip(), re.IGNORECASE):
        separator, start = separator or named[1], 1
    told_lines = (
        n for n in islice(lines, start, None) if n.strip() and not n.startswith(_COMMENTS)
    )
    kept = list(islice(told_lines, SAMPLE_ROWS + 1))
    if not kept:
        raise DataFileError(f"{source} has no data")
    if separator is None:
        separator = "\t" if suffix == ".tsv" else _separator(kept[:SAMPLE_ROWS], options, source)
    try:
        rows = list(
            islice(rows_of(lines[start:], separator, start), SAMPLE_ROWS + _MOST_LINES_BEFORE)
        )
    except csv.Error as error:
        raise DataFileError(f"{source}: not a table ({error})") from None
    width = _width(rows)
    top = _top(rows, width, source, notes)
    rows = rows[top:]
    names, skipped, header = header_of(rows, width, options, source, notes)
    if not names:
        names = _comment_names(lines, rows[0][0] - 1, separator, width, notes)
        header = bool(names)
    if header and skipped >= len(rows):
        raise DataFileError(f"{source} has a header and no data")
    names = names or [str(i) for i in range(width)]
    odd = any(cell in MISSING for _, found in rows for cell in found)
    padded = any(f"{separator} " in line for line in kept[: SAMPLE_ROWS + 1])
    first = rows[skipped][0] - 1
    return Layout(separator, first, _named(names), header, notes, odd, padded)


def _separator(lines: Sequence[str], options: ReadOptions, source: str) -> str:
    """The separator that cuts most of the body into cells that mean something."""
    best, best_score = NO_SEPARATOR, 0.0
    for candidate in _SEPARATORS:
        if not any(candidate in lines[k * len(lines) // 4] for k in range(4)):
            continue  # few lines at the most have it
        try:
            rows = [cells for _, cells in rows_of(lines, candidate)]
        except csv.Error:
            continue
        # The mark of numbers separates too only where these stand in quotes.
        inside = any(candidate in cell for row in rows for cell in row)
        if candidate in (options.decimal, options.thousands) and not inside:
            continue
        body = rows[len(rows) // 3 :]
        width, count = Counter(map(len, body)).most_common(1)[0] if body else (1, 0)
        regular = 0.5 if len(rows[0]) == width else 0.8  # a bad row among few is no layout
        if width < 2 or count < regular * len(body):
            continue
        if candidate == " " and len(rows[0]) > width and len(rows) > 1:
            continue
        body = [row for row in body if len(row) == width]
        cells = [cell for row in body for cell in row]
        meant = sum(kind_of(cell) != "text" for cell in cells) / len(cells)
        score = 0.05 + meant
        if score > best_score + 1e-9:
            best, best_score = candidate, score
    if best == " ":
        _refuse_blank_thousands([cells for _, cells in rows_of(lines, " ")], source)
    return best


def _refuse_blank_thousands(rows: Sequence[Sequence[str]], source: str) -> None:
    body = rows[len(rows) // 3 :]
    group = re.compile(r"^\d{3}([.,]\d+)?$")
    if all(len(r) == 2 and r[0].isdigit() and len(r[0]) <= 3 and group.match(r[1]) for r in body):
        shown = " ".join(body[0])
        raise DataFileError(
            f"{source}: {shown!r} may be one number or two; say --thousands ' ' or --separator ' '"
        )


def _width(rows: Sequence[Row]) -> int:
    body = rows[len(rows) // 3 :]
    return Counter(len(cells) for _, cells in body).most_common(1)[0][0]


def _top(rows: list[Row], width: int, source: str, notes: list[str]) -> int:
    """How many rows before the table are titles; one that starts with a number is none."""
    top = 0
    while top < len(rows) - 1:
        cells = rows[top][1]
        told = [cell for cell in cells if cell]
        below = rows[top + 1][1]
        short_header = (
            len(cells) == width - 1
            and len(below) == width
            and any(kind_of(cell) in ("number", "date") for cell in below)
        )
        title = len(told) == 1 and width >= 2 and bool(cells[0]) and not is_number(cells[0])
        if (len(cells) == width or short_header) and not (title and not short_header):
            break
        if is_number(told[0]) or (width == 1 and len(cells) > 1 and top > 0):
            number, cells = rows[top]
            raise DataFileError(f"{source}, line {number}: {len(cells)} cells, not {width}")
        if width == 2 and len(cells) == 1 and not title:
            break
        top += 1
    if top:
        first, last = rows[0][0], rows[top - 1][0]
        where = f"line {first} is" if first == last else f"lines {first} to {last} are"
        notes.append(f"{where} text before the table")
    return top


def _comment_names(
    lines: Sequence[str], first: int, separator: str, width: int, notes: list[str]
) -> list[str]:
    """Names out of the comment right above the data, as numpy.savetxt writes them."""
    above = [line for line in lines[:first] if line.strip()]
    if not above or not above[-1].startswith(_COMMENTS):
        return []
    text = above[-1].lstrip("#%/ ").rstrip()
    for separators in (separator, "\t", ",", ";", " "):
        rows = list(rows_of([text], separators)) if text else []
        if rows and len(rows[0][1]) == width and not any(map(is_number, rows[0][1])):
            notes.append(f"the names of the columns are those of the comment {text!r}")
            return rows[0][1]
    return []


def _named(names: Sequence[str]) -> list[str]:
    return [name or f"column {i}" for i, name in enumerate(names)]


def lines_of(text: str) -> list[str]:
    """Lines ended as Unix, Windows or an old Macintosh ends them, and by nothing else."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def sample_of(data: bytes, size: int = 1 << 16) -> str:
    """The first whole lines of UTF-8 text."""
    text = data[:size].decode(errors="ignore")
    if len(data) > size:
        text = text[: max(text.rfind("\n"), text.rfind("\r")) + 1] or text
    return text
