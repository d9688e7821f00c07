"""memtools test: every test of memory on a series, or one."""

from __future__ import annotations

import click

from memtools import inference
from memtools._validate import FloatArray
from memtools.cli._series import print_json, series_argument


@click.command("test")
@click.option(
    "--test",
    "names",
    type=click.Choice(["all", *inference.TESTS]),
    default="all",
    show_default=True,
    help="Which one.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@series_argument
def command(name: str, values: FloatArray, names: str, as_json: bool) -> None:
    """Test a series for long memory, and its memory for being spurious.

    Short against long memory, true against spurious, a shift in the mean.
    """
    table = inference.memory_tests(values, names, name)
    if as_json:
        print_json(table.to_dict())
    else:
        click.echo(table.summary())
