"""memtools fit: an ARFIMA model of a series."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from memtools import arfima
from memtools._validate import FloatArray
from memtools.cli._series import as_order, series_with_gaps_argument

if TYPE_CHECKING:
    from memtools.arfima import ARFIMAResults

ORDER_HELP = "Orders of the AR and MA parts, or auto for the least BIC up to 2,2."


@click.command("fit")
@series_with_gaps_argument
@click.option("--order", default="0,0", metavar="P,Q|auto", show_default=True, help=ORDER_HELP)
@click.option(
    "--method", type=click.Choice(["exact", "whittle", "css"]), default="exact", show_default=True
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def command(name: str, values: FloatArray, order: str, method: str, as_json: bool) -> None:
    """Fit an ARFIMA(P, d, Q) model with a mean to a series.

    FILE is CSV, TSV, NPY, Parquet or JSON lines; "-" is standard input; or the name of a
    bundled series.
    """
    result = fitted(name, values, order, method)
    if as_json:
        click.echo(json.dumps({"name": name} | result.to_dict(), indent=2))
    else:
        click.echo(f"{name}: {len(values)} observations")
        click.echo(result.summary())


def fitted(name: str, values: FloatArray, order: str, method: str) -> ARFIMAResults:
    """The fit of the orders asked for."""
    import pandas as pd

    orders = as_order(order)
    if orders is None:
        orders = arfima.select_arfima(values, max_p=2, max_q=2).order
    return arfima.ARFIMA(pd.Series(values, name=name), order=orders).fit(method=method)
