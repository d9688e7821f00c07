"""memtools diagnose: does a trained network have long memory?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click
import numpy as np

from memtools import diagnosis, files, reports
from memtools._output import as_output
from memtools._validate import FloatArray
from memtools.cli._series import (
    READING_NAMES,
    FilterLength,
    print_json,
    print_notes,
    reading_options,
    refuse_given,
    show,
    tell,
    without_gaps,
)
from memtools.exceptions import DataFileError
from memtools.networks.files import load


@click.command("diagnose")
@click.argument("model_file", metavar="MODELFILE")
@click.option("--cell", help="Cell of the network where the file does not tell: LSTM, MRNNF, ...")
@click.option("--activation", help="Of the hidden units where the file does not tell.")
@click.option(
    "--filter-length",
    type=FilterLength(),
    help="K of MRNN and MLSTM, which no file tells, or all: the whole past.",
)
@click.option("--prefix", help="Take the tensors, or the operation, whose name starts so.")
@click.option("--read-out", help="The layer to end with, or layers and activations by commas.")
@click.option("--output-activation", help="Of the read-out, where the file does not tell.")
@click.option("--check", metavar="FILE", help="NPZ of x and y: what the framework gave for x.")
@click.option("--data", metavar="FILE", help="Series the network was trained on, in its units.")
@click.option("--column", help="Column of --data; all numeric columns if the network takes more.")
@click.option(
    "--scale", is_flag=True, help="Scale --data to (0, 1), where the file does not tell its scale."
)
@click.option(
    "--lags",
    type=click.IntRange(16),
    help="Largest lag of the impulse weights; 200, or what it takes.",
)
@click.option("--input-bound", type=float, help="Largest input that theorems may assume.")
@click.option("-o", "--out", help="Also write a page with figures: .html, .pdf, .png or .md.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@reading_options
@click.pass_context
def command(
    ctx: click.Context,
    model_file: str,
    cell: str | None,
    check: str | None,
    data: str | None,
    column: str | None,
    scale: bool,
    lags: int | None,
    input_bound: float | None,
    out: str | None,
    as_json: bool,
    missing: str,
    reading: Mapping[str, Any],
    **told: Any,
) -> None:
    """Tell how the impulse weights of a trained network decay, and what theory says.

    MODELFILE is .safetensors (or their index.json), .pt or .pth (state dict), .npz, .keras, .h5,
    .onnx or Flax' .msgpack.  What was left out or assumed stands under the verdict.
    """
    if out is not None:
        as_output(out, reports.SUFFIXES)  # before the work, not after it
    network = load(model_file, cell.split(",") if cell else None, **told | _checked(check))
    x = None
    if data is None:
        refuse_given(ctx, "without --data", "missing", *READING_NAMES)
    else:
        if column is None and network.n_input > 1:
            refuse_given(ctx, "for several columns", "missing")
            columns = files.read_panel(data, **reading)
            if len(columns) != network.n_input:
                raise DataFileError(
                    f"{data} must have {network.n_input} numeric columns; it has {len(columns)}"
                )
            x = np.column_stack(list(columns.values()))
        else:
            series = files.read_series(data, column, missing, **reading)
            tell(series)
            x = without_gaps(series, missing).to_numpy()
    if scale:
        if x is None:
            raise click.BadParameter("--scale needs --data")
        if getattr(network, "scale", None) is None:  # a file that tells it scales itself
            x = _scaled(x)
    report = diagnosis.diagnose(network, x, n_lags=lags, input_bound=input_bound)
    report = diagnosis.in_command_words(report)
    if out is not None:
        reports.write(report, out, ctx.find_root().obj)
    if as_json:
        print_json(report.to_dict())
    else:
        show(report)
    print_notes()


def _checked(check: str | None) -> dict[str, FloatArray]:
    """The arrays x and y of an NPZ file."""
    if check is None:
        return {}
    try:
        with np.load(check, allow_pickle=False) as arrays:
            return {name: np.asarray(arrays[name]) for name in ("x", "y")}
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise DataFileError(
            f"{check} must be an NPZ file with the arrays x and y (numpy.savez(path, x=x, y=y)): "
            f"{error}"
        ) from error


def _scaled(x: FloatArray) -> FloatArray:
    """Each column from 0 to 1."""
    low, high = x.min(axis=0), x.max(axis=0)
    if np.any(low == high):
        raise click.BadParameter("--scale needs data that vary")
    return np.asarray((x - low) / (high - low))
