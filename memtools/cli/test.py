"""memtools test: every test of memory on a series, or one."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from memtools import files, inference
from memtools.cli._series import READING_NAMES, print_json, refuse_given, series_argument
from memtools.inference import mean_segments

if TYPE_CHECKING:
    from pandas import Series

_BREAKS = "mean_breaks"


def _of_several(command: Callable[..., None]) -> Callable[..., None]:
    """Run a test of several series on all columns of FILE, other tests on one of them."""

    @functools.wraps(command)
    def wrapped(**options: Any) -> None:
        import pandas as pd

        name = options["names"]
        if name not in inference.TESTS_OF_SEVERAL:
            return command(**options)
        if options["column"] is not None or options["missing"] == "gaps":
            raise click.BadParameter(f"{name} takes all columns, without gaps: no --column")
        reading = {key: options[key] for key in READING_NAMES}
        series = files.read_panel(options["file"], options["missing"], **reading)
        lengths = {len(values) for values in series.values()}
        if len(lengths) > 1:
            raise click.BadParameter(f"{name} needs columns of one length; got {sorted(lengths)}")
        x = pd.DataFrame({key: np.asarray(v, dtype=float) for key, v in series.items()})
        found = inference.TESTS_OF_SEVERAL[name](x)
        if options["as_json"]:
            return print_json(found.to_dict())
        return click.echo(f"{', '.join(map(str, series))}\n{found.summary()}")

    return wrapped


@click.command("test")
@click.option(
    "--test",
    "names",
    type=click.Choice(["all", *inference.TESTS, _BREAKS, *inference.TESTS_OF_SEVERAL]),
    default="all",
    show_default=True,
    help="Which one; mean_breaks is no test but dates several breaks; those after it are of all "
    "columns of FILE at once (the residual test of the first on the others).",
)
@click.option(
    "--kind",
    type=click.Choice(list(mean_segments.KINDS)),
    default="level",
    show_default=True,
    help="Of mean_breaks: shifts of a level, or bends of a trend.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@_of_several
@series_argument
@click.pass_context
def command(
    ctx: click.Context, name: str, values: Series, names: str, kind: str, as_json: bool
) -> None:
    """Test a series for long memory, and its memory for being spurious.

    Short against long memory, true against spurious, a shift in the mean.
    """
    if names == _BREAKS:
        breaks = mean_segments.mean_breaks(values, kind)
        return print_json(breaks.to_dict()) if as_json else click.echo(breaks.summary())
    refuse_given(ctx, f"without --test {_BREAKS}", "kind")
    table = inference.memory_tests(values, names, name)
    return print_json(table.to_dict()) if as_json else click.echo(table.summary())
