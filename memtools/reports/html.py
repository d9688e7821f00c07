"""A report as one HTML page that needs nothing else: no network, no script."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import Any

import jinja2
from markupsafe import Markup

from memtools.plotting.export import draw_svg
from memtools.reports.page import Page, Picture
from memtools.reports.panel import sparkline, zero_line
from memtools.results._base import number

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
