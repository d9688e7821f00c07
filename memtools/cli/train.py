"""memtools train: a network on a series of one's own."""

from __future__ import annotations

import math
from typing import Any

import click
import numpy as np

from memtools import files
from memtools._output import as_output
from memtools.cli._series import FilterLength, complete_column, complete_file, print_notes, tell
from memtools.exceptions import InvalidInputError
from memtools.networks.files import save
from memtools.networks.registry import CELLS
from memtools.networks.training import train


@click.command("train")
@click.argument("file", metavar="FILE", shell_complete=complete_file)
@click.option(
    "--column",
    shell_complete=complete_column,
    help="Column of the file, by name (or number where there is no header).",
)
@click.option(
    "--cell", type=click.Choice([*CELLS], case_sensitive=False), default="MRNN", show_default=True
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
def command(
    file: str,
    column: str | None,
    cell: str,
    hidden: int,
    filter_length: float,
    validation: float,
    seed: int,
    out: str,
    **how: Any,
) -> None:
    """Train a network to forecast a series one step ahead.

    The series is scaled to (0, 1) first; the network that is saved takes and gives scaled values.
    """
    if not 0.0 < validation < 1.0:
        raise click.BadParameter(f"--validation must be in (0, 1); got {validation:g}")
    as_output(out, (".safetensors",))  # before the work, not after it
    series = files.read_series(file, column)
    tell(series)
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
    start = kind.initialise(1, hidden, 1, rng=seed, filter_length=filter_length, **options)
    result = train(start, x[:n_train], y[:n_train], (x[n_train:], y[n_train:]), **how)
    save(result.network, out)
    rmse = np.sqrt(result.history["validation_loss"][result.best_epoch]) * (high - low)
    click.echo(result.summary())
    click.echo(f"  scaled from ({low:g}, {high:g}); validation RMSE of {name} {rmse:.6g}")
    click.echo(f"  saved in {out}; memtools diagnose {out} --data {file} --scale tells its memory")
    print_notes()
