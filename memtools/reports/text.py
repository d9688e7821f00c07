"""A report as text: one HTML page that needs nothing else, or Markdown and figures beside it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any
from urllib.parse import quote

import jinja2
from markupsafe import Markup, escape

from memtools.plotting.export import draw_png, draw_svg
from memtools.reports.page import Page, Picture, Section, Source
from memtools.reports.series import sparkline, sparkline_top, zero_line
from memtools.results._base import number
from memtools.results.tables import Table

_SIZE, _WIDE = (5.2, 3.7), (10.6, 3.4)


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("memtools.reports"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["number"] = number
    environment.filters["breakable"] = lambda name: escape(name).replace("_", Markup("_<wbr>"))
    environment.globals |= {"sparkline": sparkline, "sparkline_top": sparkline_top}
    environment.globals["zero_line"] = zero_line()
    return environment


def _asset(name: str) -> Markup:
    """A style sheet or script of ours, as it stands."""
    loader = _environment().loader
    assert loader is not None
    return Markup(loader.get_source(_environment(), name)[0].strip())


def page_html(page: Page) -> str:
    """The whole page; names of series and files are escaped as any text."""
    counter = iter(range(1, 1000))

    def svg(picture: Picture, wide: bool) -> Markup:
        prefix = f"figure-{next(counter)}"
        size = _size(picture, wide)
        return Markup(draw_svg(picture.draw, size, picture.title, picture.text, prefix))

    script = _asset("report.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    context: dict[str, Any] = {
        "page": page,
        "svg": svg,
        "style": _asset("report.css"),
        "script": script,
        "script_digest": digest,
    }
    return _environment().get_template("report.html").render(context)


def _size(picture: Picture, wide: bool) -> tuple[float, float]:
    width, height = _WIDE if wide else _SIZE
    return width, height * picture.tall


# -- Markdown ------------------------------------------------------------------------------------

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~$&<>-])")


def escaped(text: object) -> str:
    """Text on one line in which nothing is markup."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(text).split())).replace("\\-", "-")


def _code(text: str) -> str:
    """A code span around any text: its fence is longer than any inside."""
    text = " ".join(text.split())
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence} {text} {fence}"


def figures(page: Page) -> Iterator[tuple[str, bytes]]:
    """Name and contents of each figure's file."""
    for position, picture in enumerate(page.pictures(), 1):
        yield _file_name(position, picture), draw_png(picture.draw, _size(picture, picture.wide))


def _file_name(position: int, picture: Picture) -> str:
    words = re.sub(r"\W+", "-", picture.title.lower()).strip("-")
    return f"{position:02d}-{words}.png"


def page_markdown(page: Page, folder: str) -> str:
    """The page, whose figures are files in the folder."""
    return "\n".join(_lines(page, folder)) + "\n"


def _lines(page: Page, folder: str) -> Iterator[str]:
    counter = iter(range(1, 1000))
    yield f"# {escaped(page.title)}"
    yield ""
    yield f"{escaped(page.kind)} **{escaped(page.verdict.capitalize())}**"
    yield ""
    yield "; ".join(f"{escaped(name)}: {escaped(value)}" for name, value in page.facts)
    yield ""
    yield from _bullets(page.reasons)
    if page.meaning is not None:
        yield from ("## What it means", "")
        yield from (f"{escaped(page.meaning.text)} {_linked(page.meaning.read)}", "")
    if page.advice:
        yield from ("## What to do", "")
        yield from _bullets(page.advice)
    if page.panel is not None:
        yield from _panel(page)
    for section in page.sections:
        yield from _section(section, counter, folder)
    yield from ("## How it was computed", "")
    for note in page.notes:
        yield f"- **{escaped(note.term)}**: {escaped(note.text)}"
        yield from (f"  - {_linked(reference)}" for reference in note.references)
    yield from ("", "## To get it again", "")
    if page.command is not None:
        yield from (_code(page.command), "")
    yield ", ".join(f"{name} {version}" for name, version in page.versions)


def _bullets(lines: Sequence[str]) -> Iterator[str]:
    yield from (f"- {escaped(line)}" for line in lines)
    if lines:
        yield ""


def _linked(source: Source) -> str:
    return f"[{escaped(source.text)}](<{source.link}>)"


def _section(section: Section, counter: Iterator[int], folder: str) -> Iterator[str]:
    yield from (f"## {escaped(section.title)}", "")
    if section.text:
        yield from (escaped(section.text), "")
    for picture in section.pictures:
        address = f"<{quote(folder)}/{_file_name(next(counter), picture)}>"
        yield from (f"**{escaped(picture.title)}**: {escaped(picture.text)}", "")
        yield from (f"![{escaped(picture.title)}]({address})", "")
    for table in section.tables:
        yield from _table(table)
    yield from _bullets(section.remarks)


def _table(table: Table) -> Iterator[str]:
    yield from (escaped(table.caption), "")
    yield "| " + " | ".join(map(escaped, table.header)) + " |"
    yield "|---|" + "---:|" * (len(table.header) - 1)
    yield from ("| " + " | ".join(map(escaped, row)) + " |" for row in table.rows)
    yield ""


def _panel(page: Page) -> Iterator[str]:
    assert page.panel is not None
    header = ["series", "n", "verdict", "d", "low", "high", "reason"]
    rows = [
        [r.name, str(r.n_obs), r.verdict, *map(number, (r.d, r.low, r.high)), r.reason]
        for r in page.panel.rows
    ]
    yield from ("## The series", "")
    yield from _table(Table("d with 95% intervals", header, rows))
