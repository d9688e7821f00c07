"""Reports: a result in, one file out (.html, .pdf, .png or .md).

The file holds all it shows: figures as SVG, styles, a small script.  It is written whole or not at
all.
"""

from __future__ import annotations

import os
from typing import Any

from memtools._output import as_output, write_whole
from memtools.exceptions import InvalidInputError
from memtools.reports.page import Page
from memtools.results import MemoryReport, NetworkReport, PanelReport, SeriesPortrait

__all__ = [
    "SUFFIXES",
    "write_network_report",
    "write_panel_report",
    "write_report",
    "write_series_report",
]

SUFFIXES = (".html", ".pdf", ".png", ".md")
PANEL_SUFFIXES = (".html", ".md")


def write_series_report(
    portrait: SeriesPortrait, path: str | os.PathLike[str], command: str | None = None
) -> None:
    """Write what is known of one series.

    Parameters
    ----------
    portrait : SeriesPortrait
        Of `portray`.
    path : str or path-like
        Ends in .html, .pdf, .png or .md.  Markdown holds text and tables, no figures.
    command : str, optional
        The command line or code that makes this report again; shown at its end.

    Raises
    ------
    OutputFileError
        Where the file cannot be written; nothing is left half done.
    """
    from memtools.reports.series import series_page

    _expect(portrait, SeriesPortrait, "portrait")
    target = as_output(path, SUFFIXES)
    write_whole(target, _rendered(series_page(portrait, command), target.suffix.lower()))


def write_network_report(
    report: NetworkReport, path: str | os.PathLike[str], command: str | None = None
) -> None:
    """Write what is known of one network.

    Parameters
    ----------
    report : NetworkReport
        Of `diagnose`.
    path, command
        As in `write_series_report`.
    """
    from memtools.reports.network import network_page

    _expect(report, NetworkReport, "report")
    target = as_output(path, SUFFIXES)
    write_whole(target, _rendered(network_page(report, command), target.suffix.lower()))


def write_panel_report(
    report: PanelReport, path: str | os.PathLike[str], command: str | None = None
) -> None:
    """Write a table with a row a series, to be sorted by a click.

    Parameters
    ----------
    report : PanelReport
        Of `estimate_panel`.
    path : str or path-like
        Ends in .html or .md.
    command : str, optional
        As in `write_series_report`.
    """
    from memtools.reports.panel import panel_page

    _expect(report, PanelReport, "report")
    target = as_output(path, PANEL_SUFFIXES)
    write_whole(target, _rendered(panel_page(report, command), target.suffix.lower()))


def write_report(result: Any, path: str | os.PathLike[str]) -> None:
    """Write the report of any result that has one."""
    if isinstance(result, PanelReport):
        write_panel_report(result, path, _code("estimate_panel(data)", path))
    elif isinstance(result, NetworkReport):
        data = "" if result.residual_memory is None else ", x"
        write_network_report(result, path, _code(f"diagnose(network{data})", path))
    elif isinstance(result, MemoryReport):
        from memtools.portrait import portray

        as_output(path, SUFFIXES)  # before the work, not after it
        write_series_report(portray(result), path, _code("estimate(x)", path))
    else:
        _expect(result, SeriesPortrait, "result")
        write_series_report(result, path, _code("portray(x)", path))


def _code(call: str, path: str | os.PathLike[str]) -> str:
    return f"memtools.{call}.to_html({os.fspath(path)!r})"


def _expect(value: object, kind: type, name: str) -> None:
    if not isinstance(value, kind):
        raise InvalidInputError(name, f"a {kind.__name__}", type(value).__name__)


def _rendered(page: Page, suffix: str) -> bytes:
    if suffix == ".html":
        from memtools.reports.html import page_html

        return page_html(page).encode("utf-8", "replace")
    if suffix == ".md":
        from memtools.reports.markdown import page_markdown

        return page_markdown(page).encode("utf-8", "replace")
    from memtools.reports import sheets

    return sheets.page_pdf(page) if suffix == ".pdf" else sheets.page_png(page)
