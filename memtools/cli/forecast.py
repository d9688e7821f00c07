"""memtools forecast: the future of a series by an ARFIMA model or a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from memtools import _labels, _validate
from memtools.cli._series import (
    broken,
    file_argument,
    headline,
    observed,
    print_json,
    refuse_given,
    transformed,
    window,
)
from memtools.cli.fit import fitted, model_options
from memtools.exceptions import ModelFileError
from memtools.networks.files import load
from memtools.networks.forecasting import forecast
from memtools.networks.network import Network
from memtools.results.tables import Table, frame_table

if TYPE_CHECKING:
    from pandas import DataFrame, Series

# Options that have no meaning for a network.
_OF_MODELS = ("order", "seasonal_order", "method", "take_log", "difference")


@click.command("forecast")
@file_argument
@click.option("--steps", default=10, show_default=True, help="How many values ahead.")
@model_options
@click.option(
    "--network", "model_file", metavar="MODELFILE", help="Forecast by this network, not by ARFIMA."
)
@click.option(
    "--intervals",
    type=click.Choice(["simulation", "conformal"]),
    default="simulation",
    show_default=True,
    help="Of a network: simulated paths, or its past errors at each horizon.",
)
@click.option("--level", default=0.95, show_default=True, help="Probability of the intervals.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV, which memtools reads again.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.pass_context
def command(
    ctx: click.Context,
    name: str,
    values: Series,
    missing: str,
    take_log: bool,
    difference: bool,
    steps: int,
    model_file: str | None,
    intervals: str,
    order: str,
    seasonal_order: str | None,
    method: str,
    level: float,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Forecast a series by an ARFIMA(P, d, Q) model, or a trained network, with intervals.

    FILE is as in memtools estimate.  With --log or --difference the model is that of the
    logarithms or differences, and the forecasts come back in the units of the file: after
    logarithms the mean is exp(m + s^2 / 2), m and s the mean and standard error of the
    logarithm, and the ends of the intervals are exp of its own.

    --network takes a file of memtools train, which knows its scale, or any network that takes
    the series as it is and tells its next value.
    """
    level = _validate.as_level(level, "--level")
    if as_csv and as_json:
        raise click.BadParameter("--csv and --json exclude each other")
    if model_file is not None:
        refuse_given(ctx, "with --network", *_OF_MODELS)
        network = load(model_file)
        if not isinstance(network, Network):
            raise ModelFileError(f"{model_file} is no network of layers that can forecast")
        series = observed(values, missing)
        future = forecast(network, series.rename(name), steps, intervals=intervals)
        frame = future.to_frame(level)
        _print(
            name, series, frame, level, as_csv, as_json, _by_network(model_file, future.intervals)
        )
        return
    refuse_given(ctx, "without --network", "intervals")
    shown, series = transformed(name, observed(values, missing), take_log, False)
    trend, integration = ("t", 1) if difference else ("c", None)
    result = fitted(shown, series, order, seasonal_order, method, trend, integration)
    frame = result.get_forecast(steps).to_frame(level, exponentiate=take_log)
    _print(name, series, frame, level, as_csv, as_json, _units(take_log, difference))


def _print(
    name: str,
    series: Series,
    frame: DataFrame,
    level: float,
    as_csv: bool,
    as_json: bool,
    units: str,
) -> None:
    """The forecasts as text, CSV or JSON."""
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
        print_json(told | {"units": units})
    else:
        ahead = f"{headline(name, series)}; {len(frame)} steps ahead, level {level:g}"
        click.echo(broken(ahead))
        click.echo(_table(_dated(frame)).text(window()))
        click.echo(broken(units))


def _table(frame: DataFrame) -> Table:
    table = frame_table("", frame)
    return table._replace(header=[str(frame.index.name), *table.header[1:]])


def _dated(frame: DataFrame) -> DataFrame:
    """With the dates as text, without empty times of day."""
    shown = frame.set_axis([_labels.shown(label) for label in frame.index])
    shown.index.name = frame.index.name
    return shown


def _by_network(model_file: str, intervals: str) -> str:
    how = "simulated paths" if intervals == "simulation" else "its past errors at each horizon"
    return f"in the units of the file, by the network in {model_file}; intervals of {how}"


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
