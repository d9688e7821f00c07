"""memtools train: a network on a series of one's own."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click
import numpy as np
from click.core import ParameterSource

from memtools import files
from memtools._output import as_output
from memtools.cli._series import (
    READING_NAMES,
    FilterLength,
    broken,
    complete_column,
    complete_file,
    given_options,
    print_notes,
    reading_options,
    refuse_given,
    show,
    tell,
    without_gaps,
)
from memtools.exceptions import InvalidInputError
from memtools.networks.files import save
from memtools.networks.filter_cells import FilterCell
from memtools.networks.filter_patterns import PATTERNS
from memtools.networks.network import Network
from memtools.networks.registry import CELLS
from memtools.networks.training import train
from memtools.selection import select_network

if TYPE_CHECKING:
    from pandas import Series


# Of one network's training by Adam.
_OF_ADAM = ("checkpoint", "validation", "pattern", "patience", "learning_rate")


@click.command("train")
@click.argument("file", metavar="FILE", shell_complete=complete_file)
@click.option(
    "--column",
    shell_complete=complete_column,
    help="Column of the file, by name (or number where there is no header).",
)
@click.option(
    "--cell",
    type=click.Choice([*CELLS, "auto"], case_sensitive=False),
    default="MRNN",
    show_default=True,
    help="auto: the best of several networks and linear models on a rolling origin.",
)
@click.option("--hidden", default=1, show_default=True, help="Number of hidden units.")
@click.option(
    "--filter-length",
    type=FilterLength(),
    default="100",
    show_default=True,
    help="K, or all: the whole past.",
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
    "--validation", default=0.2, show_default=True, help="Last part of the series, as a fraction."
)
@click.option(
    "--epochs", "n_epochs", default=1000, show_default=True, help="Largest number of epochs."
)
@click.option("--patience", default=100, show_default=True, help="Epochs without a gain.")
@click.option("--learning-rate", default=0.01, show_default=True)
@click.option("--seed", default=0, show_default=True, help="Of the initial values.")
@click.option("--checkpoint", help="Save the training here as it goes, and go on from there.")
@click.option("-o", "--out", required=True, help="The trained network (.safetensors).")
@reading_options
@click.pass_context
def command(
    ctx: click.Context,
    file: str,
    column: str | None,
    cell: str,
    hidden: int,
    filter_length: float,
    pattern: str,
    validation: float,
    seed: int,
    out: str,
    missing: str,
    reading: Mapping[str, Any],
    **how: Any,
) -> None:
    """Train a network to forecast a series one step ahead.

    The series is scaled to (0, 1) first.  The file keeps the scale and how the network was
    trained, so that memtools diagnose and memtools forecast take the series as it is.
    """
    if not 0.0 < validation < 1.0:
        raise click.BadParameter(f"--validation must be in (0, 1); got {validation:g}")
    as_output(out, (".safetensors",))  # before the work, not after it
    if cell == "auto":
        refuse_given(ctx, "with --cell auto", *_OF_ADAM)
    series = files.read_series(file, column, missing, **reading)
    tell(series)
    series = without_gaps(series, missing)
    if cell == "auto":
        given = ctx.get_parameter_source("n_epochs") is ParameterSource.COMMANDLINE
        more = {"n_epochs": how["n_epochs"]} if given else {}
        found = select_network(
            series, n_hidden=hidden, filter_length=filter_length, seed=seed, **more
        )
        network = found.network
        show(found)
        kept = f"  kept is {found.winner}, trained on all {len(series)} values: {network!r}"
        click.echo(broken(kept))
    else:
        network = _one(series, cell, hidden, filter_length, pattern, validation, seed, how)
    save(network, out)
    source = shlex.quote(file) + given_options(ctx, "column", "missing", *READING_NAMES)
    ahead = f"memtools forecast {source} --network {out} the future"
    told = f"memtools diagnose {out} --data {source} tells its memory"
    click.echo(broken(f"  saved in {out}\n  {told}\n  {ahead}"))
    print_notes()


def _one(
    series: Series,
    cell: str,
    hidden: int,
    filter_length: float,
    pattern: str,
    validation: float,
    seed: int,
    how: Mapping[str, Any],
) -> Network:
    """The cell asked for, trained on the first part of the series."""
    name, values = str(series.name), series.to_numpy()
    n_train = int((len(values) - 1) * (1.0 - validation))
    n_lags = 1 if math.isinf(filter_length) else filter_length
    if n_train <= n_lags or n_train >= len(values) - 1:
        allowed = f"long enough for {n_lags} lags and a validation part"
        raise InvalidInputError("series", allowed, f"{len(values)} values")
    low, high = float(values.min()), float(values.max())
    if low == high:
        raise InvalidInputError("series", "one that varies", f"the constant {low:g}")
    scaled = (values - low) / (high - low)
    x, y = scaled[:-1], scaled[1:]
    kind, options = CELLS[cell]
    if pattern != "fractional":
        if not issubclass(kind, FilterCell):
            raise InvalidInputError("--filter", f"left away for {cell}", pattern)
        options = {**options, "filter": pattern}
    start = kind.initialise(1, hidden, 1, rng=seed, filter_length=filter_length, **options)
    result = train(start, x[:n_train], y[:n_train], (x[n_train:], y[n_train:]), **how)
    rmse = np.sqrt(result.history["validation_loss"][result.best_epoch]) * (high - low)
    show(result)
    scaled_from = f"  scaled from ({low:g}, {high:g}); validation RMSE of {name} {rmse:.6g}"
    click.echo(broken(scaled_from))
    network = result.network
    network.scale = low, high
    network.protocol = {
        "n_train": n_train,
        "n_validation": len(x) - n_train,
        "validation_rmse": float(rmse),
        "seed": seed,
    }
    return network
