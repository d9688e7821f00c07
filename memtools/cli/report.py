"""memtools report: the evidence on one series, or on every column of a file, as one page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from memtools import datasets, files, reports
from memtools._output import as_output
from memtools._validate import FloatArray
from memtools.cli._series import transformed


@click.command("report")
@click.argument("file", metavar="FILE")
@click.option("-o", "--out", required=True, help="File to write: .html, .pdf, .png or .md.")
@click.option("--column", help="Column of the file, by name (or number where there is no header).")
@click.option("--all-columns", is_flag=True, help="A table with a row a column, also of one.")
@click.option("--log", "take_log", is_flag=True, help="Take logarithms first.")
@click.option("--difference", is_flag=True, help="Take first differences (after --log).")
@click.option("--jobs", type=click.IntRange(1), help="Processes at once; all cores by default.")
@click.pass_context
def command(
    ctx: click.Context,
    file: str,
    out: str,
    column: str | None,
    all_columns: bool,
    take_log: bool,
    difference: bool,
    jobs: int | None,
) -> None:
    """Write verdict, reasons, figures and tables on one series into one file.

    FILE is CSV, TSV, NPY, Parquet or JSON lines; "-" is standard input; or the name of a
    bundled series.  A file with several numeric columns, where none is named, becomes a table
    with a row a column (.html or .md).
    """
    if all_columns and column is not None:
        raise click.BadParameter("--column and --all-columns exclude each other")
    as_output(out, reports.SUFFIXES)  # before the work, not after it
    shown = ctx.find_root().obj
    if column is None and not _is_bundled(file):
        columns = files.read_panel(file)
        if all_columns or len(columns) > 1:
            as_output(out, reports.PANEL_SUFFIXES)
            changed = [transformed(n, v, take_log, difference) for n, v in columns.items()]
            _write_panel(_title(file), dict(changed), out, jobs, shown)
            return
        name, values = next(iter(columns.items()))
        index = None
    else:
        name, values, index = _read(file, column)
    name, values = transformed(name, values, take_log, difference)
    _write_series(name, values, None if index is None else index[-len(values) :], out, shown)


def _is_bundled(file: str) -> bool:
    return file in datasets.names() and not Path(file).exists()


def _read(file: str, column: str | None) -> tuple[str, FloatArray, Any]:
    """Name, values and, of bundled series, the times."""
    name, values = files.read_series(file, column)
    return name, values, datasets.load(file).index if _is_bundled(file) else None


def _title(file: str) -> str:
    return "standard input" if file == "-" else Path(file).name


def _write_series(name: str, values: FloatArray, index: Any, out: str, shown: str) -> None:
    import pandas as pd

    from memtools.portrait import portray

    portrait = portray(values if index is None else pd.Series(values, index), name)
    reports.write(portrait, out, shown)
    click.echo(f"{name}: {portrait.report.verdict}; {out}")


def _write_panel(
    title: str, columns: dict[str, FloatArray], out: str, jobs: int | None, shown: str
) -> None:
    from memtools.panel import estimate_panel

    report = estimate_panel(columns, jobs, title)
    reports.write(report, out, shown)
    counts = ", ".join(f"{count} {verdict}" for verdict, count in report.counts().items())
    click.echo(f"{len(report.rows)} series: {counts}; {out}")
