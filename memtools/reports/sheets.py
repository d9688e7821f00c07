"""A report on sheets: PDF pages of A4, or one tall PNG."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from memtools.plotting import export
from memtools.plotting.canvas import shown_name
from memtools.plotting.export import Block, Drawings, Words
from memtools.reports.page import Page, Picture, Section, Source
from memtools.results.tables import Table

# Inches.
_A4 = (8.27, 11.69)
_PNG_WIDTH = 11.0
_MARGIN = 0.6
_ROW, _PDF_ROW = 3.3, 2.55
# Characters of a line of text at these widths of sheets.
_PNG_LINE, _PDF_LINE = 140, 108
# Widest line of a table on A4 by the style it is set in.
_TABLE_WIDTHS = {"mono": 112, "fine": 140, "finest": 176}
_LONGEST_CELL = 60

Lines = list[tuple[str, str]]


def page_pdf(page: Page) -> bytes:
    """Verdict and reasons, then section by section figures and tables; notes."""
    blocks: list[Block] = [*_head(page, _PDF_LINE)]
    for section in page.sections:
        blocks += _section(section, _PDF_LINE, _PDF_ROW)
        for table in section.tables:
            blocks += _table(table)
        blocks += [Words([line]) for r in section.remarks for line in _bullet(r, _PDF_LINE)]
    if page.panel is not None:
        blocks += _table(page.panel.whole_table())
    blocks += [*_foot(page, _PDF_LINE), *_notes(page, _PDF_LINE)]
    sheets = (export.sheet(part, _A4, _MARGIN) for part in _paged(blocks))
    with export.house_style():
        return export.save_pdf(sheets, _metadata(page, "Title", "Subject"))


def page_png(page: Page) -> bytes:
    """Verdict and reasons, then the figures in two columns."""
    blocks: list[Block] = [*_head(page, _PNG_LINE)]
    for section in page.sections:
        if section.pictures:
            blocks += _section(section, _PNG_LINE, _ROW)
    blocks += _foot(page, _PNG_LINE)
    height = sum(block.height for block in blocks) + 2 * _MARGIN
    with export.house_style():
        figure = export.sheet(blocks, (_PNG_WIDTH, height), _MARGIN)
        return export.save_png(figure, _metadata(page, "Title", "Description"))


def _metadata(page: Page, title: str, subject: str) -> dict[str, str]:
    """Names in printable ASCII only: all that every reader of metadata can show."""
    name = shown_name(page.title).encode("ascii", "replace").decode()
    software = f"memtools {page.versions[0][1]}"
    creator = {"Creator": software, "Producer": software} if title and subject == "Subject" else {}
    return {title: f"{name}: {page.verdict}", subject: page.kind, **creator}


def _paged(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """Blocks by sheets; what is joined to the next is not parted from it."""
    room = _A4[1] - 2 * _MARGIN
    waiting: list[Block] = []
    sheet: list[Block] = []
    used = 0.0
    for block in blocks:
        waiting.append(block)
        if block.joined:
            continue
        height = sum(part.height for part in waiting)
        if sheet and used + height > room:
            yield sheet
            sheet, used = [], 0.0
        sheet += waiting
        used += height
        waiting = []
    yield sheet + waiting


def _wrapped(style: str, text: str, width: int, indent: str = "") -> Lines:
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    lines = textwrap.wrap(text, width, subsequent_indent=indent) or [""]
    return [(style, line) for line in lines]


def _bullet(text: str, width: int) -> list[Lines]:
    return [[line] for line in _wrapped("text", f"- {text}", width, "  ")]


def _head(page: Page, width: int) -> Iterator[Words]:
    lines = _wrapped("title", page.title, int(0.5 * width))
    lines += _wrapped("verdict", f"{page.kind} {page.verdict.capitalize()}.", int(0.7 * width))
    lines += _wrapped("text", "; ".join(f"{name}: {value}" for name, value in page.facts), width)
    yield from (Words([[line]]) for line in lines)
    for title, bullets in (("Why", page.reasons), ("What to do", page.advice)):
        if bullets:
            yield Words([[("head", title)]], joined=True)
        yield from (Words([line]) for bullet in bullets for line in _bullet(bullet, width))
    if page.meaning is not None:
        yield Words([[("head", "What it means"), *_wrapped("text", page.meaning.text, width)]])
        yield Words([_wrapped("small", _with_link(page.meaning.read), width)])


def _with_link(source: Source) -> str:
    return f"{source.text}: {source.link}"


def _section(section: Section, width: int, row_height: float) -> Iterator[Block]:
    yield Words([[("head", section.title)]], joined=bool(section.text or section.pictures))
    if section.text:
        yield Words([_wrapped("text", section.text, width)], joined=bool(section.pictures))
    for row in _rows(section.pictures):
        alone = row[0].wide
        each = width + 14 if alone else (width + 14) // 2
        yield Words([_wrapped("small", picture.text, each) for picture in row], joined=True)
        height = row_height * max(picture.tall for picture in row)
        yield Drawings([picture.draw for picture in row], alone, height)


def _table(table: Table) -> Iterator[Words]:
    rows = [[textwrap.shorten(cell, _LONGEST_CELL) or cell[:9] for cell in r] for r in table.rows]
    lines = table._replace(rows=rows).text().splitlines()
    widest = max(map(len, lines))
    style = next((s for s, room in _TABLE_WIDTHS.items() if widest <= room), "finest")
    caption: Lines = [("head", line) for _, line in _wrapped("head", table.caption, 80)]
    yield Words([caption + [(style, line) for line in lines[:3]]])
    yield from (Words([[(style, line)]]) for line in lines[3:])


def _notes(page: Page, width: int) -> Iterator[Words]:
    yield Words([[("head", "How it was computed")]], joined=True)
    for note in page.notes:
        lines = _wrapped("text", f"{note.term}: {note.text}", width, "   ")
        for reference in note.references:
            lines += _wrapped("small", _with_link(reference), width + 16)
        yield Words([lines])


def _foot(page: Page, width: int) -> Iterator[Words]:
    lines: Lines = [("head", "To get it again")]
    lines += _wrapped("mono", page.command, width) if page.command else []
    lines.append(("text", ", ".join(f"{name} {version}" for name, version in page.versions)))
    yield Words([lines])


def _rows(pictures: Sequence[Picture]) -> list[list[Picture]]:
    """Rows of two; wide figures have a row of their own."""
    rows: list[list[Picture]] = []
    for picture in pictures:
        if picture.wide or not rows or len(rows[-1]) == 2 or rows[-1][0].wide:
            rows.append([])
        rows[-1].append(picture)
    return rows
