"""memtools rolling: d of a window that moves over the series."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from memtools import _labels, rolling
from memtools.cli._series import broken, observed, print_json, series_with_gaps_argument
from memtools.results._base import number

if TYPE_CHECKING:
    from pandas import Series


@click.command("rolling")
@series_with_gaps_argument
@click.option("--window", type=int, help="Observations in a window; a quarter of the series.")
@click.option("--step", type=int, help="Observations between windows.")
@click.option(
    "--estimator",
    type=click.Choice(["local_whittle", "exact_local_whittle", "gph"]),
    default="local_whittle",
    show_default=True,
)
@click.option(
    "--level", default=0.95, show_default=True, help="Probability of no alarm under a constant d."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def command(name: str, values: Series, missing: str, as_json: bool, **windows: Any) -> None:
    """Estimate d in windows, and tell which leave the d of the whole series.

    Windows and the whole read the same band of frequencies; sure shifts in the mean are taken off
    first, and told.
    """
    result = rolling.rolling_memory(
        observed(values, missing), name=name, missing=missing, **windows
    )
    if as_json:
        print_json(result.to_dict())
        return
    told = f"{name}: {result.summary()}; d of the whole {number(result.reference)}"
    click.echo(broken(told))
    frame = result.to_frame()
    click.echo(f"{'window ends':>12}  {'d':>8}  (error)")
    for end, row in frame.iterrows():
        mark = "  alarm" if row.alarms else ""
        click.echo(f"{_labels.shown(end):>12}  {number(row.d):>8}  ({number(row.stderr)}){mark}")
