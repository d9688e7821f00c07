"""memtools report: the evidence on one series, or on every column of a file, as one page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from memtools import files, reports
from memtools._output import as_output
from memtools.cli._series import (
    complete_column,
    complete_file,
    print_notes,
    reading_options,
    tell,
    transformed,
)
from memtools.cli.estimate import answer_options

if TYPE_CHECKING:
    from pandas import Series


@click.command("report")
@click.argument("file", metavar="FILE", shell_complete=complete_file)
@click.option(
    "-o", "--out", help="File to write: .html, .pdf, .png or .md; by default FILE's name and .html."
)
@click.option(
    "--column",
    shell_complete=complete_column,
    help="Column of the file, by name or the beginning of one.",
)
@click.option("--all-columns", is_flag=True, help="A table with a row a column, also of one.")
@click.option("--log", "take_log", is_flag=True, help="Take logarithms first.")
@click.option("--difference", is_flag=True, help="Take first differences (after --log).")
@click.option("--jobs", type=click.IntRange(1), help="Processes at once; all cores by default.")
@answer_options
@reading_options
@click.pass_context
def command(
    ctx: click.Context,
    file: str,
    out: str | None,
    column: str | None,
    all_columns: bool,
    take_log: bool,
    difference: bool,
    jobs: int | None,
    missing: str,
    answer: dict[str, Any],
    reading: Mapping[str, Any],
) -> None:
    """Write verdict, reasons, figures and tables on one series into one file.

    FILE is as in memtools estimate.  A file with several numeric columns, where none is named,
    becomes a table with a row a column.
    """
    if all_columns and column is not None:
        raise click.BadParameter("--column and --all-columns exclude each other")
    out = out or f"{'report' if file == '-' else Path(file).stem}.html"
    as_output(out, reports.SUFFIXES)  # before the work, not after it
    shown = ctx.find_root().obj
    if column is None and not files.is_bundled(file):
        columns = files.read_panel(file, missing, **reading)
        if all_columns or len(columns) > 1:
            tell(next(iter(columns.values())))
            changed = [transformed(n, s, take_log, difference) for n, s in columns.items()]
            _write_panel(
                _title(file), dict(changed), out, jobs, answer | {"missing": missing}, shown
            )
            print_notes()
            return
        series = next(iter(columns.values()))
    else:
        series = files.read_series(file, column, missing, **reading)
    tell(series)
    name, series = transformed(str(series.name), series, take_log, difference)
    _write_series(name, series, out, answer | {"missing": missing}, shown)
    print_notes()


def _title(file: str) -> str:
    return "standard input" if file == "-" else Path(file).name


def _write_series(name: str, series: Series, out: str, options: dict[str, Any], shown: str) -> None:
    from memtools.memory import estimate
    from memtools.portrait import portray

    portrait = portray(estimate(series, name=name, **options), name)
    reports.write(portrait, out, shown)
    click.echo(f"{name}: {portrait.report.verdict}; {out}")


def _write_panel(
    title: str,
    columns: dict[str, Series],
    out: str,
    jobs: int | None,
    options: dict[str, Any],
    shown: str,
) -> None:
    from memtools.panel import estimate_panel

    report = estimate_panel(columns, jobs, title, **options)
    reports.write(report, out, shown)
    counts = ", ".join(f"{count} {verdict}" for verdict, count in report.counts().items())
    click.echo(f"{len(report.rows)} series: {counts}; {out}")
