"""memtools replicate: the paper's tables again, beside its figures."""

from __future__ import annotations

import click

from memtools.cli.reviews import TableOrReviews
from memtools.replication import MODELS, SPLITS, compare_table2, replicate_table2

# Table 2 prints the RMSE on DJI times 100.
_UNITS = {"DJI": 100.0}


def _names(text: str | None, default: tuple[str, ...]) -> list[str]:
    return list(default) if text is None else [name.strip() for name in text.split(",")]


@click.command("replicate", cls=TableOrReviews)
@click.argument("table", type=click.Choice(["table2"]))
@click.option("--models", metavar="NAMES", help=f"Some of {','.join(MODELS)}.")
@click.option("--datasets", metavar="NAMES", help=f"Some of {','.join(SPLITS)}.")
@click.option("--seeds", default=100, show_default=True, help="Seeds 0 to this number - 1.")
@click.option("--jobs", type=int, help="Threads; one a core if not given.")
@click.option("--epochs", default=1000, show_default=True, help="Largest number of epochs.")
@click.option("--filter-length", default=100, show_default=True, help="K.")
@click.option(
    "--selection",
    type=click.Choice(["published", "plain"]),
    default="published",
    show_default=True,
    help="Keep the parameters after the best epoch's step, as the authors do, or before it.",
)
@click.option(
    "-o", "--out", help="Keep the runs in this file of JSON lines; a later call goes on there."
)
def command(
    table: str,
    models: str | None,
    datasets: str | None,
    seeds: int,
    jobs: int | None,
    epochs: int,
    filter_length: int,
    selection: str,
    out: str | None,
) -> None:
    """Train the networks of Zhao et al. (2020) again and compare the errors of their forecasts.

    The review classification of Tables 5 and 6 has options of its own: see
    "memtools replicate reviews --help".
    """
    runs = replicate_table2(
        _names(models, MODELS),
        _names(datasets, tuple(SPLITS)),
        seeds,
        jobs,
        out,
        filter_length=filter_length,
        n_epochs=epochs,
        selection=selection,
        progress=True,
    )
    header = f"{'model':7} {'data set':8} {'mean':>9} {'(sd)':>10} {'paper':>9} {'(sd)':>10}"
    click.echo(f"{header} {'diff/se':>7} {'failed':>6}")
    for row in compare_table2(runs).to_dict("records"):
        unit = _UNITS.get(row["dataset"], 1.0)
        own, paper = (
            f"{unit * row[mean]:9.4f} {f'({unit * row[sd]:.4f})':>10}"
            for mean, sd in (("mean", "sd"), ("paper_mean", "paper_sd"))
        )
        label = f"{row['model']:7} {row['dataset']:8}"
        click.echo(f"{label} {own} {paper} {row['difference_in_se']:7.1f} {row['n_failed']:6d}")
