"""A report as text: one HTML page that needs nothing else, or Markdown without figures."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import jinja2
from markupsafe import Markup

from memtools.plotting.export import draw_svg
from memtools.reports.page import Page, Picture, Section
from memtools.reports.series import sparkline, zero_line
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
    environment.globals.update(sparkline=sparkline, zero_line=zero_line())
    return environment


def _asset(name: str) -> Markup:
    """A style sheet or script of ours, as it stands."""
    loader = _environment().loader
    assert loader is not None
    return Markup(loader.get_source(_environment(), name)[0].strip())


def page_html(page: Page) -> str:
    """The whole page; names of series and files are escaped as any text."""
    counter = iter(range(1, 1000))

    def svg(picture: Picture) -> Markup:
        size = _WIDE if picture.wide else _SIZE
        prefix = f"figure-{next(counter)}"
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


def page_markdown(page: Page) -> str:
    """The page without its figures."""
    return "\n".join(_lines(page)) + "\n"


def _lines(page: Page) -> Iterator[str]:
    yield f"# {escaped(page.title)}"
    yield ""
    yield f"{escaped(page.kind)} **{escaped(page.verdict.capitalize())}**"
    yield ""
    yield "; ".join(f"{escaped(name)}: {escaped(value)}" for name, value in page.facts)
    yield ""
    yield from _bullets(page.reasons)
    if page.advice:
        yield from ("## What to do", "")
        yield from _bullets(page.advice)
    if page.panel is not None:
        yield from _panel(page)
    for section in page.sections:
        yield from _section(section)
    yield from ("## How it was computed", "")
    for note in page.notes:
        yield f"- **{escaped(note.term)}**: {escaped(note.text)}"
        yield from (f"  - {escaped(reference)}" for reference in note.references)
    yield from ("", "## To get it again", "")
    if page.command is not None:
        yield from (_code(page.command), "")
    yield ", ".join(f"{name} {version}" for name, version in page.versions)


def _bullets(lines: Sequence[str]) -> Iterator[str]:
    yield from (f"- {escaped(line)}" for line in lines)
    if lines:
        yield ""


def _section(section: Section) -> Iterator[str]:
    yield from (f"## {escaped(section.title)}", "")
    if section.text:
        yield from (escaped(section.text), "")
    yield from _bullets([f"{p.title}: {p.text}" for p in section.pictures])
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
