"""memtools estimate: d of a series, with intervals and a verdict."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from memtools import memory
from memtools._validate import Bandwidth
from memtools.cli._series import series_with_gaps_argument
from memtools.results._base import number

if TYPE_CHECKING:
    from pandas import Series

    from memtools.results import MemoryReport

_RULES = ("plug-in", "adaptive", "bootstrap")


@click.command("estimate")
@series_with_gaps_argument
@click.option(
    "--method",
    default="all",
    metavar="all|NAME",
    help=f"One estimator instead of all: {', '.join(memory.METHODS)}.",
)
@click.option(
    "--bandwidth",
    metavar="M|EXPONENT|RULE",
    help="Fourier ordinates: a number, an exponent of the series' length, or plug-in, adaptive, "
    "bootstrap.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def command(
    name: str,
    values: Series,
    missing: str,
    method: str,
    bandwidth: str | None,
    as_json: bool,
) -> None:
    """Estimate the memory parameter d of a series.

    FILE is CSV, Excel, Parquet, JSON, NPY or another table of numbers; "-" is standard input; or
    the name of a bundled series (see "memtools datasets").  Returns, not prices: for prices add
    --log --difference.
    """
    if method != "all" and method not in memory.METHODS:
        raise click.BadParameter(
            f"--method must be all or one of {', '.join(memory.METHODS)}; got {method!r}"
        )
    report = memory.estimate(
        values,
        bandwidth=_as_bandwidth(bandwidth, values),
        methods=None if method == "all" else [method],
        name=name,
        missing=missing,
    )
    if as_json:
        click.echo(json.dumps(report.to_dict(), indent=2))
    else:
        _print(report)


def _as_bandwidth(text: str | None, values: Series) -> Bandwidth:
    if text is None:
        return None
    if text in _RULES:
        from memtools.estimators import bandwidth

        if text == "bootstrap":
            return bandwidth.bootstrap_bandwidth(values, rng=0)
        if text == "adaptive":
            return bandwidth.adaptive_bandwidth(values)
        return bandwidth.plug_in_bandwidth(values)
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        allowed = f"a number, an exponent in (0, 1), or {', '.join(_RULES)}"
        raise click.BadParameter(f"--bandwidth must be {allowed}; got {text!r}") from None


def _print(report: MemoryReport) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    console.print(Text(report.headline(), style="bold"))
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("estimator", no_wrap=True)
    for heading in ("d", "std err", "95% interval", "m"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in report.rows():
        interval = f"[{number(row['low'], 3)}, {number(row['high'], 3)}]"
        cells = [row["estimator"], number(row["d"]), number(row["stderr"]), interval]
        style = "bold" if row["estimator"] == "combined" else None
        table.add_row(*map(Text, [*cells, str(row["bandwidth"] or "")]), style=style)
    console.print(table)
    for remark in report.remarks():
        console.print(Text(remark))
    console.print(Text(f"Verdict: {report.verdict}", style="bold"))
    reasons = Table.grid(padding=(0, 1))
    for reason in report.reasons:
        reasons.add_row("  -", Text(reason))
    console.print(reasons)
