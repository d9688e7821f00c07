"""memtools forecast: the future of a series by an ARFIMA model."""

from __future__ import annotations

import json

import click

from memtools import _validate
from memtools._validate import FloatArray
from memtools.cli._series import series_with_gaps_argument
from memtools.cli.fit import ORDER_HELP, fitted


@click.command("forecast")
@series_with_gaps_argument
@click.option("--steps", default=10, show_default=True, help="How many values ahead.")
@click.option("--order", default="0,0", metavar="P,Q|auto", show_default=True, help=ORDER_HELP)
@click.option(
    "--method", type=click.Choice(["exact", "whittle", "css"]), default="exact", show_default=True
)
@click.option("--level", default=0.95, show_default=True, help="Probability of the intervals.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def command(
    name: str,
    values: FloatArray,
    steps: int,
    order: str,
    method: str,
    level: float,
    as_json: bool,
) -> None:
    """Forecast a series by an ARFIMA(P, d, Q) model, with intervals that grow.

    FILE is CSV, TSV, NPY, Parquet or JSON lines; "-" is standard input; or the name of a
    bundled series.
    """
    level = _validate.as_level(level, "--level")
    result = fitted(name, values, order, method)
    frame = result.get_forecast(steps).to_frame(level)
    if as_json:
        rows = [{"step": i + 1} | row for i, row in enumerate(frame.to_dict("records"))]
        shown = {"name": name, "n_obs": len(values), "level": level, "forecast": rows}
        click.echo(json.dumps(shown, indent=2))
    else:
        click.echo(f"{name}: {len(values)} observations, {steps} steps ahead, level {level:g}")
        click.echo(frame.to_string())
