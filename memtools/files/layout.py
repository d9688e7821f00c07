"""Where the table in a text lies: separator, lines before it, header, width."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise

from memtools.exceptions import DataFileError
from memtools.files.cells import ALL_MISSING, MISSING, is_number, is_plain_number
from memtools.files.dates import is_date
from memtools.files.options import ReadOptions

SAMPLE_ROWS = 200
_SEPARATORS = ("\t", ";", "|", ",", " ")
# Separates nothing: a file of one column.
NO_SEPARATOR = "\x1f"
_COMMENTS = ("#", "%", "//")
_FORMAT_ROW = re.compile(r"^\d+[sdnf]$")
_MOST_LINES_BEFORE = 60

Row = tuple[int, list[str]]


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
    if told := re.fullmatch(r"\"?sep=(.)\"?[,;\t ]*", lines[0].strip(), re.IGNORECASE):
        separator, start = separator or told[1], 1
    kept = [line for line in lines[start:] if line.strip() and not line.startswith(_COMMENTS)]
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
    names, skipped, header = _header(rows, width, options, source, notes)
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
        if candidate in (options.decimal, options.thousands):
            continue
        try:
            rows = [cells for _, cells in rows_of(lines, candidate)]
        except csv.Error:
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
        meant = sum(_kind(cell) != "text" for cell in cells) / len(cells)
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


def _kind(cell: str) -> str:
    if cell in ALL_MISSING:
        return "missing"
    if is_number(cell):
        return "number"
    return "date" if is_date(cell) else "text"


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
            and any(_kind(cell) in ("number", "date") for cell in below)
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


def _header(
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
    if options.header is True:
        count = max(count, 1)
    elif count == 0 and len(rows) > 1:
        why = _numeric_header(first, [cells for _, cells in rows[1:]], kinds, source)
        if why:
            notes.append(f"line {rows[0][0]} is taken as the header ({why}; else --no-header)")
            count = 1
    if count == len(rows) and not any(kind != "text" for kind in kinds):
        count = 1
    if count == 0:
        return [], 0, False
    head = [cells for _, cells in rows[:count]]
    if count > 1:
        notes.append(f"lines {rows[0][0]} to {rows[count - 1][0]} are the header")
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
        found = Counter(_kind(cells[j]) for cells in body if j < len(cells))
        found.pop("missing", None)
        kinds.append(found.most_common(1)[0][0] if found else "missing")
    return kinds


def _is_head(cells: Sequence[str], kinds: Sequence[str], above: int) -> bool:
    """True where a row holds names: no cell is what its column holds, one at least is text."""
    typed = [(c, k) for c, k in zip(cells, kinds, strict=False) if k in ("number", "date")]
    if not typed:
        return above == 0
    found = [(_kind(cell), kind) for cell, kind in typed]
    if any(kind == here for here, kind in found):
        return False
    return any(here != "missing" for here, _ in found)


def _numeric_header(
    first: Sequence[str], body: Sequence[Sequence[str]], kinds: Sequence[str], source: str
) -> str | None:
    """Why a first row that holds numbers is nevertheless a header, None where it is none."""
    if len(first) > 1 and first[0] == "" and any(first[1:]):
        return "its first cell is empty"
    if len(first) > 1 and kinds[0] == "date" and _kind(first[0]) not in ("date", "missing"):
        return "it names the column of dates"
    numbers = [j for j, kind in enumerate(kinds) if kind == "number"]
    given = [first[j] for j in numbers]
    if not given or not all(cell.isdigit() and str(int(cell)) == cell for cell in given):
        return None
    if len(first) > 1 and _counts([first, *body], numbers[0]):
        return None
    if kinds[0] == "text" and not is_number(first[0]) and all(map(_is_name, given)):
        return "numbers that are names, over a column of labels"
    whole = [all(_plain(r[j]).isdigit() for r in body if j < len(r)) for j in numbers]
    within = [_within(first[j], [r[j] for r in body if j < len(r)]) for j in numbers]
    counting = [int(cell) for cell in given] == list(range(len(given)))
    years = all(1000 <= int(cell) <= 2200 for cell in given)
    if counting or years:
        what = "0, 1, 2, ..." if counting else "years"
        if not any(_some_whole(body, j) for j in numbers):
            return f"{what} without decimals over numbers that have them"
        if not any(inside for inside, _ in within):
            return (
                f"{what}, far from the numbers below"
                if not all(whole) or counting or all(far for _, far in within)
                else None
            )
        if counting and all(whole) and len(first) == 1:
            raise DataFileError(
                f"{source}: its first line, {given[0]}, may be a header or a value; say --header "
                "or --no-header"
            )
        return None
    return "far from the numbers below" if all(far for _, far in within) else None


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
