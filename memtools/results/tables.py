"""Tables of text, and how results look in a notebook."""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pandas import DataFrame

# The least width of a column of names that go on over several lines.
_LEAST_NAME = 18
_CELL = "padding:0.15em 0.7em"
_WORDS = re.compile(r"[A-Za-z]{2}")
_HEAD = f"{_CELL};border-bottom:1px solid rgba(128,128,128,0.6)"


# Columns of the window that tables are made for; None is as many as they like.
_WINDOW: ContextVar[int | None] = ContextVar("window", default=None)


@contextmanager
def in_window(width: int) -> Iterator[None]:
    """Inside, tables that are told no width are made for a window of so many columns."""
    token = _WINDOW.set(width)
    try:
        yield
    finally:
        _WINDOW.reset(token)


class Table(NamedTuple):
    """A caption, headings of the columns, rows of text; the first cell heads its row."""

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]

    def holds_words(self, column: int) -> bool:
        """Words stand left in HTML, numbers right."""
        return not column or any(_WORDS.search(row[column]) for row in self.rows)

    def text(self, width: int | None = None) -> str:
        """Columns padded with blanks, first column left, others right, a rule below the header.

        In a window too narrow for that, names go on over several lines, or above their numbers.
        """
        width = _WINDOW.get() if width is None else width
        lines = [self.header, *self.rows]
        widths = [max(len(row[i]) for row in lines) for i in range(len(self.header))]
        rest = sum(widths[1:]) + 2 * (len(widths) - 1)
        room = widths[0] if width is None else min(widths[0], width - rest)
        longest = max((len(word) for row in lines for word in row[0].split()), default=0)
        if room < min(widths[0], max(_LEAST_NAME, longest)):
            return "\n".join(_stacked(row, widths[1:], width or 0) for row in lines)

        def line(row: Sequence[str]) -> str:
            first, *more = textwrap.wrap(row[0], room) or [""]
            cells = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
            return "\n".join(["  ".join([first.ljust(room), *cells]).rstrip(), *more])

        return "\n".join([line(self.header), "-" * (room + rest), *map(line, self.rows)])

    def html(self) -> str:
        """A table element in the colours of the page around it; all text is escaped."""
        sides = ["left" if self.holds_words(i) else "right" for i in range(len(self.header))]
        head = "".join(
            f'<th scope="col" style="{_HEAD};text-align:{side}">{html.escape(cell)}</th>'
            for side, cell in zip(sides, self.header, strict=True)
        )
        rows = "".join(f"<tr>{_row(row, sides)}</tr>" for row in self.rows)
        caption = f'<caption style="text-align:left">{html.escape(self.caption)}</caption>'
        return (
            f'<table style="border-collapse:collapse;background:none">{caption}'
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        )


def _stacked(row: Sequence[str], widths: Sequence[int], width: int) -> str:
    """The name of a row above its other cells."""
    cells = [cell.rjust(w) for cell, w in zip(row[1:], widths, strict=True)]
    lines = textwrap.wrap(row[0], width)
    line = " "
    for cell in cells:
        if len(line) + 1 + len(cell) > width and line.strip():
            lines.append(line)
            line, cell = " ", cell.strip().rjust(min(len(cell), width - 2))
        if len(cell) > width - 2:
            *whole, cell = textwrap.wrap(cell.strip(), width - 2) or [""]
            lines += [f"  {part}" for part in whole]
        line += f" {cell}"
    return "\n".join(part.rstrip() for part in [*lines, line] if part.strip())


def as_frame(data: Any, **options: Any) -> DataFrame:
    """A DataFrame; pandas is loaded no sooner."""
    import pandas as pd

    return pd.DataFrame(data, **options)


def frame_table(caption: str, frame: Any) -> Table:
    """A DataFrame as a table of text, its index first."""
    rows = [
        [str(label), *(f"{v:.6g}" if isinstance(v, float) else str(v) for v in values)]
        for label, *values in frame.itertuples(name=None)
    ]
    return Table(caption, ["", *map(str, frame.columns)], rows)


def _row(row: Sequence[str], sides: Sequence[str]) -> str:
    first, *rest = (html.escape(cell) for cell in row)
    cells = [f'<th scope="row" style="{_CELL};text-align:left;font-weight:normal">{first}</th>']
    cells += [
        f'<td style="{_CELL};text-align:{side}">{cell}</td>'
        for side, cell in zip(sides[1:], rest, strict=True)
    ]
    return "".join(cells)


def notebook_html(headline: str, lines: Sequence[str], tables: Sequence[Table]) -> str:
    """A headline, a list and tables, in the colours of the page around them."""
    items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
    parts = [f"<p><strong>{html.escape(headline)}</strong></p>"]
    parts += [f"<ul>{items}</ul>"] if items else []
    return f"<div>{''.join(parts + [table.html() for table in tables])}</div>"
