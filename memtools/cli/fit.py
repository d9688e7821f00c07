"""memtools fit: an ARFIMA model of a series."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from memtools import arfima
from memtools.cli._series import (
    as_order,
    as_seasonal_order,
    broken,
    headline,
    observed,
    print_json,
    refuse_given,
    series_with_gaps_argument,
    show,
    window,
)

if TYPE_CHECKING:
    from pandas import Series

    from memtools.arfima import ARFIMAResults
    from memtools.results import TemperedFit

_ORDER = (
    "Orders of the AR and MA parts, with a number between them a d that is held; or auto for the "
    "least BIC up to 2,2."
)

_SEASON = (
    "Orders of seasonal AR and MA parts and the period S; the seasonal memory D is estimated, or a "
    "number that is held (1: a seasonal difference)."
)


def model_options(command: Callable[..., None]) -> Callable[..., None]:
    """Which model is fitted, and how."""
    methods = click.Choice(["exact", "whittle", "css"])
    command = click.option("--method", type=methods, default="exact", show_default=True)(command)
    command = click.option("--seasonal-order", metavar="P,Q,S|P,D,Q,S", help=_SEASON)(command)
    order = {"default": "0,0", "metavar": "P,Q|P,D,Q|auto", "show_default": True, "help": _ORDER}
    return click.option("--order", **order)(command)  # type: ignore[arg-type]


@click.command("fit")
@series_with_gaps_argument
@model_options
@click.option("--tempered", is_flag=True, help="Fit ARTFIMA(P, d, lambda, Q): memory that ends.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.pass_context
def command(
    ctx: click.Context,
    name: str,
    values: Series,
    missing: str,
    order: str,
    seasonal_order: str | None,
    method: str,
    tempered: bool,
    as_json: bool,
) -> None:
    """Fit an ARFIMA(P, d, Q) model with a mean to a series.

    FILE is CSV, TSV, NPY, Parquet or JSON lines; "-" is standard input; or the name of a
    bundled series.
    """
    values = observed(values, missing)
    if tempered:
        refuse_given(ctx, "with --tempered", "seasonal_order")
        result: ARFIMAResults | TemperedFit = tempered_fit(values, order, method)
    else:
        result = fitted(name, values, order, seasonal_order, method)
    if as_json:
        print_json({"name": name} | result.to_dict())
    else:
        click.echo(broken(headline(name, values)))
        if isinstance(result, arfima.ARFIMAResults):
            click.echo(result.summary(width=window()))
        else:
            show(result)


def tempered_fit(values: Series, order: str, method: str) -> TemperedFit:
    """The fit of a tempered model of the orders asked for."""
    orders = as_order(order)
    if orders is None or len(orders) != 2:
        raise click.BadParameter(f"--tempered needs --order P,Q, without d; got {order}")
    return arfima.fit_artfima(values, orders, method)


def fitted(
    name: str,
    values: Series,
    order: str,
    seasonal_order: str | None,
    method: str,
    trend: str = "c",
    integration: int | None = None,
) -> ARFIMAResults:
    """The fit of the orders asked for."""
    orders, season = as_order(order), as_seasonal_order(seasonal_order)
    if orders is None and season is not None:
        raise click.BadParameter("--order auto knows no season: give P,Q with --seasonal-order")
    if orders is None:
        orders = arfima.select_arfima(values, max_p=2, max_q=2).order
    model = arfima.ARFIMA(values.rename(name), orders, None, trend, integration, season)
    return model.fit(method=method)
