"""A report as Markdown: text and tables, which read well as they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from memtools.reports.page import Page, Section
from memtools.results._base import number
from memtools.results.tables import Table

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
