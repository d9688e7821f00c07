"""A report on sheets: PDF pages of A4, or one tall PNG."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from itertools import islice

from memtools.plotting import export
from memtools.plotting.canvas import shown_name
from memtools.reports.page import Page, Picture
from memtools.results.tables import Table

# Inches.
_A4 = (8.27, 11.69)
_PNG_WIDTH = 11.0
_MARGIN = 0.6
_ROW, _PDF_ROW, _PDF_ROWS = 3.3, 2.75, 4
_TABLE_WIDTH = 96

Lines = list[tuple[str, str]]


def page_pdf(page: Page) -> bytes:
    """Verdict, reasons and tables; six figures a page; notes."""
    with export.house_style():
        return export.save_pdf(_pdf_pages(page), _metadata(page, "Title", "Subject"))


def page_png(page: Page) -> bytes:
    """Verdict and reasons, then the figures in two columns."""
    lines = _head(page) + _foot(page)
    rows = _grid(_pictures(page))
    text = sum(export.line_height(style) for style, _ in lines)
    height = text + 2 * _MARGIN + _ROW * len(rows)
    with export.house_style():
        figure = export.Figure(figsize=(_PNG_WIDTH, height))
        bottom = export.write_text(figure, _head(page), height - _MARGIN, _MARGIN, height)
        _draw_rows(figure, rows, bottom - 0.1, _ROW)
        foot = sum(export.line_height(style) for style, _ in _foot(page))
        export.write_text(figure, _foot(page), foot + 0.7 * _MARGIN, _MARGIN, height)
        return export.save_png(figure, _metadata(page, "Title", "Description"))


def _metadata(page: Page, title: str, subject: str) -> dict[str, str]:
    """Names in printable ASCII only: all that every reader of metadata can show."""
    name = shown_name(page.title).encode("ascii", "replace").decode()
    software = f"memtools {page.versions[0][1]}"
    creator = {"Creator": software, "Producer": software} if title and subject == "Subject" else {}
    return {title: f"{name}: {page.verdict}", subject: page.kind, **creator}


def _pictures(page: Page) -> list[Picture]:
    return [picture for section in page.sections for picture in section.pictures]


def _tables(page: Page) -> list[Table]:
    return [table for section in page.sections for table in section.tables]


def _wrapped(style: str, text: str, width: int, indent: str = "") -> Lines:
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    lines = textwrap.wrap(text, width, subsequent_indent=indent) or [""]
    return [(style, line) for line in lines]


def _head(page: Page, width: int = 118) -> Lines:
    lines = _wrapped("title", page.title, int(0.5 * width))
    lines += _wrapped("verdict", f"{page.kind} {page.verdict.capitalize()}.", int(0.7 * width))
    lines += _wrapped("text", "; ".join(f"{name}: {value}" for name, value in page.facts), width)
    for title, bullets in (("Why", page.reasons), ("What to do", page.advice)):
        lines += [("head", title)] if bullets else []
        for bullet in bullets:
            lines += _wrapped("text", f"- {bullet}", width, "  ")
    return lines


def _foot(page: Page, width: int = 118) -> Lines:
    lines: Lines = [("head", "To get it again")]
    lines += _wrapped("mono", page.command, width) if page.command else []
    lines.append(("text", ", ".join(f"{name} {version}" for name, version in page.versions)))
    return lines


def _table_lines(table: Table) -> Lines:
    lines: Lines = [("head", line) for _, line in _wrapped("head", table.caption, 80)]
    return lines + [("mono", line[:_TABLE_WIDTH]) for line in table.text().splitlines()]


def _note_lines(page: Page, width: int) -> Lines:
    lines: Lines = [("head", "How it was computed")]
    for note in page.notes:
        lines += _wrapped("text", f"{note.term}: {note.text}", width, "   ")
        for reference in note.references:
            lines += _wrapped("small", reference, width + 16)
    return lines


def _pdf_pages(page: Page) -> Iterator[export.Figure]:
    width = 92
    lines = _head(page, width)
    for table in _tables(page):
        lines += _table_lines(table)
    yield from _text_pages(lines)
    waiting = iter(_grid(_pictures(page)))
    while rows := list(islice(waiting, _PDF_ROWS)):
        yield _picture_page(rows)
    yield from _text_pages(_note_lines(page, width) + _foot(page, width))


def _text_pages(lines: Lines) -> Iterator[export.Figure]:
    room = _A4[1] - 2 * _MARGIN
    while lines:
        used, count = 0.0, 0
        while count < len(lines) and used + export.line_height(lines[count][0]) <= room:
            used += export.line_height(lines[count][0])
            count += 1
        figure = export.Figure(figsize=_A4)
        export.write_text(figure, lines[:count], _A4[1] - _MARGIN, _MARGIN, _A4[1])
        yield figure
        lines = lines[count:]


def _picture_page(rows: list[list[Picture]]) -> export.Figure:
    figure = export.Figure(figsize=_A4)
    _draw_rows(figure, rows, _A4[1] - 0.5 * _MARGIN, _PDF_ROW)
    return figure


def _draw_rows(
    figure: export.Figure, rows: list[list[Picture]], top: float, row_height: float
) -> None:
    """Rows of figures from `top` (inches above the lower edge) down."""
    if not rows:
        return
    height = figure.get_figheight()
    share = row_height * len(rows) / height
    cells = [[(picture.draw, picture.wide) for picture in row] for row in rows]
    export.draw_grid(figure, cells, (0.03, top / height - share, 0.94, share))


def _grid(pictures: Sequence[Picture]) -> list[list[Picture]]:
    """Rows of two; wide figures have a row of their own."""
    rows: list[list[Picture]] = []
    for picture in pictures:
        if picture.wide or not rows or len(rows[-1]) == 2 or rows[-1][0].wide:
            rows.append([])
        rows[-1].append(picture)
    return rows
