"""memtools forecast: the future of a series by an ARFIMA model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from memtools import _labels, _validate
from memtools.cli._series import file_argument, headline, observed, print_json, transformed
from memtools.cli.fit import fitted, model_options

if TYPE_CHECKING:
    from pandas import DataFrame, Series


@click.command("forecast")
@file_argument
@click.option("--steps", default=10, show_default=True, help="How many values ahead.")
@model_options
@click.option("--level", default=0.95, show_default=True, help="Probability of the intervals.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV, which memtools reads again.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def command(
    name: str,
    values: Series,
    missing: str,
    take_log: bool,
    difference: bool,
    steps: int,
    order: str,
    method: str,
    level: float,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Forecast a series by an ARFIMA(P, d, Q) model, with intervals that grow.

    FILE is as in memtools estimate.  With --log or --difference the model is that of the
    logarithms or differences, and the forecasts come back in the units of the file: after
    logarithms the mean is exp(m + s^2 / 2), m and s the mean and standard error of the
    logarithm, and the ends of the intervals are exp of its own.
    """
    level = _validate.as_level(level, "--level")
    if as_csv and as_json:
        raise click.BadParameter("--csv and --json exclude each other")
    shown, series = transformed(name, observed(values, missing), take_log, False)
    trend, integration = ("t", 1) if difference else ("c", None)
    result = fitted(shown, series, order, method, trend, integration)
    frame = result.get_forecast(steps).to_frame(level, exponentiate=take_log)
    frame.index.name = "step" if _labels.period_shown(series.index) is None else "date"
    if as_csv:
        click.echo(_dated(frame).to_csv(), nl=False)
    elif as_json:
        dated = _labels.period_shown(series.index) is not None
        rows = [
            {"step": i + 1} | ({"date": _labels.shown(frame.index[i])} if dated else {}) | row
            for i, row in enumerate(frame.to_dict("records"))
        ]
        told = {"name": name, "n_obs": len(series), "level": level, "forecast": rows}
        print_json(told | {"units": _units(take_log, difference)})
    else:
        click.echo(f"{headline(name, series)}; {steps} steps ahead, level {level:g}")
        click.echo(_dated(frame).to_string())
        click.echo(_units(take_log, difference))


def _dated(frame: DataFrame) -> DataFrame:
    """With the dates as text, without empty times of day."""
    shown = frame.set_axis([_labels.shown(label) for label in frame.index])
    shown.index.name = frame.index.name
    return shown


def _units(take_log: bool, difference: bool) -> str:
    """What the forecasts are forecasts of."""
    if not take_log and not difference:
        return "in the units of the file"
    model = "a model of " + ("differences of " if difference else "")
    if not take_log:
        return f"in the units of the file, by {model}the series"
    return (
        f"in the units of the file, by {model}logarithms: means are exp(m + s^2 / 2), which allows "
        "for the bias of exp(m)"
    )
