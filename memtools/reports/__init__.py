"""Reports: a result in, one file out (.html, .pdf, .png or .md).

The file holds all it shows: figures as SVG, styles, a small script.  It is written whole or not at
all.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Any

from memtools._output import as_folder, as_output, write_whole
from memtools.exceptions import InvalidInputError, OutputFileError
from memtools.reports.page import Page
from memtools.results import MemoryReport, NetworkReport, PanelReport, SeriesPortrait

__all__ = ["SUFFIXES", "to_html", "write"]

SUFFIXES = (".html", ".pdf", ".png", ".md")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def write(result: Any, path: str | os.PathLike[str], command: str | None = None) -> None:
    """Write what is known of a series, a network or a panel of series.

    Parameters
    ----------
    result : MemoryReport, SeriesPortrait, NetworkReport or PanelReport
        Of `estimate`, `portray`, `diagnose` or `estimate_panel`.
    path : str or path-like
        Ends in .html, .pdf, .png or .md.  The figures of Markdown lie beside it as PNG, in the
        folder NAME_figures.
    command : str, optional
        The command line or code that makes this report again; shown at its end.

    Raises
    ------
    InvalidInputError
        Where the result has no page.
    OutputFileError
        Where the file cannot be written; nothing is left half done.
    """
    call = _call(result)
    target = as_output(path, SUFFIXES)  # before the work, not after it
    page = _page(result, command or f"memtools.{call}.write({os.fspath(path)!r})")
    if target.suffix.lower() == ".md":
        _write_markdown(page, target)
    else:
        write_whole(target, _rendered(page, target.suffix.lower()))


def to_html(result: Any, path: str | os.PathLike[str] | None = None) -> str | None:
    """The page of a result in HTML, written where a path is given.

    Parameters
    ----------
    result : MemoryReport, SeriesPortrait, NetworkReport or PanelReport
    path : str or path-like, optional
        Ends in .html.

    Raises
    ------
    InvalidInputError
        Where the result has no page, or the path another ending.
    OutputFileError
        Where the file cannot be written; nothing is left half done.
    """
    if path is None:
        return _rendered(_page(result, f"memtools.{_call(result)}.to_html()"), ".html").decode()
    if not str(path).lower().endswith(".html"):
        raise InvalidInputError("path", "a name in .html (write takes others)", str(path))
    write(result, path)
    return None


def _call(result: Any) -> str:
    """Code that makes the result again."""
    if isinstance(result, NetworkReport):
        return f"diagnose(network{'' if result.residual_memory is None else ', x'})"
    calls = {
        PanelReport: "estimate_panel(data)",
        MemoryReport: "estimate(x)",
        SeriesPortrait: "portray(x)",
    }
    if type(result) not in calls:
        kinds = ", ".join(kind.__name__ for kind in (*calls, NetworkReport))
        raise InvalidInputError("result", f"one with a page ({kinds})", type(result).__name__)
    return calls[type(result)]


def _page(result: Any, command: str) -> Page:
    if isinstance(result, PanelReport):
        from memtools.reports.series import panel_page

        return panel_page(result, command)
    if isinstance(result, NetworkReport):
        from memtools.reports.network import network_page

        return network_page(result, command)
    from memtools.portrait import portray
    from memtools.reports.series import series_page

    return series_page(portray(result) if isinstance(result, MemoryReport) else result, command)


def _write_markdown(page: Page, target: Path) -> None:
    """The text, last of all, and its figures beside it."""
    from memtools.reports.text import figures, page_markdown

    folder = target.with_name(f"{target.stem}_figures")
    new = not folder.exists()
    if page.pictures():
        as_folder(folder)
    try:
        for name, data in figures(page):
            write_whole(folder / name, data)
        write_whole(target, _written(page_markdown(page, folder.name)))
    except OutputFileError:
        if new:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _rendered(page: Page, suffix: str) -> bytes:
    if suffix == ".html":
        from memtools.reports.text import page_html

        return _written(page_html(page))
    from memtools.reports import sheets

    return sheets.page_pdf(page) if suffix == ".pdf" else sheets.page_png(page)


def _written(text: str) -> bytes:
    """A file that every reader takes: control characters of names, which HTML forbids, become ?."""
    return _CONTROL.sub("?", text).encode("utf-8", "replace")
