"""memtools replicate: the paper's tables again, beside its figures."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from memtools import replication
from memtools._output import as_output, write_whole
from memtools.cli._series import FilterLength
from memtools.exceptions import InvalidInputError
from memtools.networks.filter_patterns import PATTERNS
from memtools.replication import MODELS, SPLITS

if TYPE_CHECKING:
    import pandas as pd

# Table 2 prints the RMSE on DJI times 100.
_UNITS = {"DJI": 100.0}
_MODELS = (*MODELS, *replication.FURTHER)
_FIGURES = (".pdf", ".png", ".svg")
_TABLES = {
    "table2": "mean RMSE, MAE and MAPE, t-tests",
    "table3": "the minima over the seeds",
    "effect-of-k": f"filters of {', '.join(map(str, replication.FILTER_LENGTHS))} lags",
    "short-memory": "a series that an RNN generates",
}


@click.command("reviews")
@click.option("--models", metavar="NAMES", help=f"Some of {','.join(replication.REVIEW_MODELS)}.")
@click.option(
    "--seeds", "n_seeds", default=10, show_default=True, help="Seeds 0 to this number - 1."
)
@click.option(
    "--jobs", "n_jobs", type=click.IntRange(1), help="Processes at once; all cores by default."
)
@click.option("--epochs", "n_epochs", default=100, show_default=True, help="Number of epochs.")
@click.option(
    "--hidden", "n_hidden", default=128, show_default=True, help="Hidden units of both layers."
)
@click.option("--filter-length", default=50, show_default=True, help="K.")
@click.option(
    "--arrangement",
    type=click.Choice(replication.ARRANGEMENTS),
    default=replication.ARRANGEMENTS[0],
    show_default=True,
    help="Words of one review in a sequence, or scrambled as by the published script.",
)
@click.option(
    "-o", "--out", help="Keep the runs in this file of JSON lines; a later call goes on there."
)
def reviews(models: str | None, **options: Any) -> None:
    """Train the review classifiers of Zhao et al. (2020), Tables 5 and 6, again."""
    data = replication.review_data()
    names = _names(models, replication.REVIEW_MODELS)
    runs = replication.replicate_reviews(names, data=data, **options)
    header = (
        f"{'model':7} {'figure':13} {'mean':>7} {'(sd)':>9} {'best':>7} {'paper':>7} {'(sd)':>9}"
    )
    click.echo(f"{header} {'diff/se':>7} {'failed':>6}")
    for row in replication.compare_reviews(runs).to_dict("records"):
        own = f"{row['mean']:7.4f} {'({:.4f})'.format(row['sd']):>9} {row['best']:7.4f}"
        paper = f"{row['paper_mean']:7.4f} {'({:.4f})'.format(row['paper_sd']):>9}"
        last = f"{row['difference_in_se']:7.1f} {row['n_failed']:6d}"
        click.echo(f"{row['model']:7} {row['figure']:13} {own} {paper} {last}")
    click.echo("\nwithout reading a word")
    for row in replication.review_rivals(data).to_dict("records"):
        figures = f"accuracy {row['accuracy']:.4f}  cross entropy {row['cross_entropy']:.4f}"
        click.echo(f"{row['model']:12} {figures}")


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
            return reviews.make_context(f"{info_name} reviews", args[1:], parent)
        return super().make_context(info_name, args, parent, **extra)


@click.command("replicate", cls=TableOrReviews)
@click.argument("table", type=click.Choice([*_TABLES]))
@click.option("--models", metavar="NAMES", help=f"Some of {', '.join(_MODELS)}.")
@click.option("--datasets", metavar="NAMES", help=f"Some of {','.join(SPLITS)}.")
@click.option(
    "--seeds", "n_seeds", default=100, show_default=True, help="Seeds 0 to this number - 1."
)
@click.option(
    "--jobs", "n_jobs", type=click.IntRange(1), help="Threads at once; all cores by default."
)
@click.option(
    "--epochs", "n_epochs", default=1000, show_default=True, help="Largest number of epochs."
)
@click.option(
    "--filter-length", type=FilterLength(), help="K, 100 if not given, or all: the whole past."
)
@click.option(
    "--filter",
    "pattern",
    type=click.Choice([*PATTERNS]),
    default="fractional",
    show_default=True,
    help="Pattern of the filter of MRNNF, MLSTMF, MGRU, ...",
)
@click.option(
    "--selection",
    type=click.Choice(["plain", "published"]),
    default="plain",
    show_default=True,
    help="Keep the parameters of the best epoch, or do as the published code: those one step on, "
    "and tanh on MRNNF's output.",
)
@click.option("--baselines", is_flag=True, help="Also AR(30) and ARFIMA, on the same split.")
@click.option(
    "--figure", help="Also boxplots of the seeds (Figure 4) into this .pdf, .png or .svg."
)
@click.option(
    "-o", "--out", help="Keep the runs in this file of JSON lines; a later call goes on there."
)
def command(
    table: str,
    models: str | None,
    datasets: str | None,
    filter_length: float | None,
    pattern: str,
    baselines: bool,
    figure: str | None,
    **options: Any,
) -> None:
    """Train the networks of Zhao et al. (2020) again and compare the errors of their forecasts.

    TABLE is table2 (means of RMSE, MAE and MAPE, t-tests), table3 (minima over the seeds),
    effect-of-k (filters of 25, 50, 75 and 100 lags) or short-memory (a series that an RNN
    generates).  All write the same kind of file.  The review classification has options of its
    own: see "memtools replicate reviews --help".
    """
    _refuse_unused(table, datasets=datasets, filter_length=filter_length, figure=figure)
    if figure is not None:
        as_output(figure, _FIGURES)  # before the work, not after it
    series: Sequence[str] | dict[str, replication.Experiment] = _names(datasets, tuple(SPLITS))
    options["filter"] = pattern
    if models is None and pattern != "fractional":
        models = "MRNNF,MLSTMF"
    if table == "effect-of-k":
        chosen = _names(models, replication.FILTER_MODELS)
        runs = replication.replicate_filter_lengths(chosen, series, **options)
        _print_filter_lengths(replication.compare_filter_lengths(runs))
    else:
        if table == "short-memory":
            experiment, best = replication.short_memory()
            series = {"short": experiment}
        options["filter_length"] = 100 if filter_length is None else filter_length
        runs = replication.replicate_table2(_names(models, MODELS), series, **options)
        _print_runs(table, runs)
    if table == "short-memory":
        click.echo(f"\nForecasts of the network that made the series: {best:.4f}")
    if baselines:
        _print_baselines(replication.baselines(series))
    if figure is not None:
        _draw(runs, figure)


def _refuse_unused(table: str, **given: object) -> None:
    """No option is left aside in silence."""
    unused = {"effect-of-k": ("filter_length", "figure"), "short-memory": ("datasets",)}
    for name in unused.get(table, ()):
        if given[name] is not None:
            option = f"--{name.replace('_', '-')}"
            raise InvalidInputError(option, f"left away for {table}", str(given[name]))


def _print_runs(table: str, runs: pd.DataFrame) -> None:
    if table == "table3":
        _print_minima(runs)
    else:
        _print_means(replication.compare_table2(runs))
        _print_tests(runs)


def _draw(runs: pd.DataFrame, path: str) -> None:
    from memtools.plotting import plot_replication

    figure = plot_replication(runs, replication.TABLE2)[0].figure
    kind = Path(path).suffix[1:]
    write_whole(path, lambda file: figure.savefig(file, format=kind))


def _names(text: str | None, default: tuple[str, ...]) -> list[str]:
    return list(default) if text is None else [name.strip() for name in text.split(",")]


def _width(figures: pd.DataFrame) -> int:
    """Of the column of models."""
    return max(7, int(figures["model"].str.len().max()))


def _label(row: dict[Hashable, Any], width: int) -> str:
    return f"{row['model']:{width}} {row['dataset']:8}"


def _mean(row: dict[Hashable, Any], mean: str = "mean", sd: str = "sd") -> str:
    unit = _UNITS.get(row["dataset"], 1.0)
    if row[mean] != row[mean]:  # the paper has no such cell
        return f"{'-':>9} {'':>10}"
    return f"{unit * row[mean]:9.4f} {f'({unit * row[sd]:.4f})':>10}"


def _print_means(figures: pd.DataFrame) -> None:
    width = _width(figures)
    header = f"{'model':{width}} {'data set':8} {'RMSE':>9} {'(sd)':>10} {'paper':>9} {'(sd)':>10}"
    click.echo(f"{header} {'diff/se':>7} {'MAE':>9} {'MAPE':>8} {'failed':>6}")
    for row in figures.to_dict("records"):
        unit = _UNITS.get(row["dataset"], 1.0)
        paper = _mean(row, "paper_mean", "paper_sd")
        z = row["difference_in_se"]
        errors = f"{unit * row['mae']:9.4f} {100.0 * row['mape']:7.1f}%"
        line = (
            f"{_label(row, width)} {_mean(row)} {paper} {'-' if z != z else f'{z:.1f}':>7} {errors}"
        )
        click.echo(f"{line} {row['n_failed']:6d}")


def _print_tests(runs: pd.DataFrame) -> None:
    """MRNN against those of its rivals that were run, from two seeds on."""
    rivals = tuple(name for name in ("RNN", "LSTM") if (runs.model == name).any())
    if not rivals or not (runs.model == "MRNN").any() or runs.seed.nunique() < 2:
        return
    click.echo("\nt-test that MRNN has the smaller mean")
    for row in replication.compare_models(runs, "MRNN", rivals).to_dict("records"):
        text = f"against {row['rival']:7} t = {row['statistic']:7.2f}  p = {row['pvalue']:.2g}"
        click.echo(f"{row['dataset']:8} {text}")


def _print_minima(runs: pd.DataFrame) -> None:
    width = _width(runs)
    click.echo(f"{'model':{width}} {'data set':8} {'RMSE':>9} {'MAE':>9} {'MAPE':>8} {'seed':>5}")
    for row in replication.minima(runs).to_dict("records"):
        unit = _UNITS.get(row["dataset"], 1.0)
        errors = f"{unit * row['rmse']:9.4f} {unit * row['mae']:9.4f} {100.0 * row['mape']:7.1f}%"
        click.echo(f"{_label(row, width)} {errors} {row['seed']:5d}")


def _print_filter_lengths(figures: pd.DataFrame) -> None:
    header = f"{'model':7} {'data set':8} {'K':>4} {'RMSE':>9} {'(sd)':>10} {'minimum':>9}"
    click.echo(f"{header} {'MAE':>9} {'MAPE':>8} {'less longest K':>15} {'(se)':>10}")
    for row in figures.sort_values(["model", "dataset", "filter_length"]).to_dict("records"):
        unit = _UNITS.get(row["dataset"], 1.0)
        least = f"{unit * row['minimum']:9.4f} {unit * row['mae']:9.4f} {100.0 * row['mape']:7.1f}%"
        paired = f"{unit * row['difference']:15.4f} {unit * row['difference_stderr']:10.4f}"
        line = f"{_label(row, 7)} {row['filter_length']:4d} {_mean(row)} {least} {paired}"
        click.echo(line + (" *" if row["best"] else ""))
    click.echo("* smallest mean")


def _print_baselines(figures: pd.DataFrame) -> None:
    click.echo(f"\n{'model':7} {'data set':8} {'RMSE':>9} {'MAE':>9} {'MAPE':>8}")
    for row in figures.to_dict("records"):
        unit = _UNITS.get(row["dataset"], 1.0)
        errors = f"{unit * row['rmse']:9.4f} {unit * row['mae']:9.4f} {100.0 * row['mape']:7.1f}%"
        click.echo(f"{_label(row, 7)} {errors}")
