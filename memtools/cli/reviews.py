"""memtools replicate reviews: the paper's review classification again."""

from __future__ import annotations

import click

from memtools.replication import (
    REVIEW_MODELS,
    compare_reviews,
    replicate_reviews,
    review_data,
    review_rivals,
)
from memtools.replication.reviews import ARRANGEMENTS


class TableOrReviews(click.Command):
    """`memtools replicate`: its tables, and `reviews` with options of its own."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: object,
    ) -> click.Context:
        if args[:1] == ["reviews"]:
            return command.make_context(f"{info_name} reviews", args[1:], parent)
        return super().make_context(info_name, args, parent, **extra)


@click.command("reviews")
@click.option("--models", metavar="NAMES", help=f"Some of {','.join(REVIEW_MODELS)}.")
@click.option("--seeds", default=10, show_default=True, help="Seeds 0 to this number - 1.")
@click.option("--jobs", type=click.IntRange(1), help="Processes at once; all cores by default.")
@click.option("--epochs", default=100, show_default=True, help="Number of epochs.")
@click.option("--hidden", default=128, show_default=True, help="Hidden units of both layers.")
@click.option("--filter-length", default=50, show_default=True, help="K.")
@click.option(
    "--arrangement",
    type=click.Choice(ARRANGEMENTS),
    default=ARRANGEMENTS[0],
    show_default=True,
    help="Words of one review in a sequence, or scrambled as by the published script.",
)
@click.option(
    "-o", "--out", help="Keep the runs in this file of JSON lines; a later call goes on there."
)
def command(
    models: str | None,
    seeds: int,
    jobs: int | None,
    epochs: int,
    hidden: int,
    filter_length: int,
    arrangement: str,
    out: str | None,
) -> None:
    """Train the review classifiers of Zhao et al. (2020), Tables 5 and 6, again."""
    data = review_data()
    runs = replicate_reviews(
        REVIEW_MODELS if models is None else [name.strip() for name in models.split(",")],
        seeds,
        jobs,
        out,
        arrangement=arrangement,
        data=data,
        n_hidden=hidden,
        filter_length=filter_length,
        n_epochs=epochs,
    )
    header = (
        f"{'model':7} {'figure':13} {'mean':>7} {'(sd)':>9} {'best':>7} {'paper':>7} {'(sd)':>9}"
    )
    click.echo(f"{header} {'diff/se':>7} {'failed':>6}")
    for row in compare_reviews(runs).to_dict("records"):
        own = f"{row['mean']:7.4f} {'({:.4f})'.format(row['sd']):>9} {row['best']:7.4f}"
        paper = f"{row['paper_mean']:7.4f} {'({:.4f})'.format(row['paper_sd']):>9}"
        last = f"{row['difference_in_se']:7.1f} {row['n_failed']:6d}"
        click.echo(f"{row['model']:7} {row['figure']:13} {own} {paper} {last}")
    click.echo("\nwithout reading a word")
    for row in review_rivals(data).to_dict("records"):
        figures = f"accuracy {row['accuracy']:.4f}  cross entropy {row['cross_entropy']:.4f}"
        click.echo(f"{row['model']:12} {figures}")
