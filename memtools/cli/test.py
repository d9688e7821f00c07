"""memtools test: every test of memory on a series, or one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from memtools import inference
from memtools.cli._many import of_all_columns
from memtools.cli._series import print_json, refuse_given, series_argument, show, window
from memtools.exceptions import MemtoolsError
from memtools.inference import mean_segments
from memtools.results import Result, TestTable

if TYPE_CHECKING:
    from pandas import DataFrame, Series

_NAMES = ", ".join(inference.TESTS)
_OF_SEVERAL = ", ".join(inference.TESTS_OF_SEVERAL)
# No tests of memory: not in the table of all.
_BREAKS = "mean_breaks"
_ALONE: dict[str, Callable[..., Result]] = {
    _BREAKS: mean_segments.mean_breaks,
    "minimum_difference": lambda x, kind: inference.minimum_difference(x),
}


def _of_all_columns(name: str, x: DataFrame, options: dict[str, Any]) -> Result:
    refuse_given(click.get_current_context(), f"without --test {_BREAKS}", "kind")
    return inference.TESTS_OF_SEVERAL[name](x)


@click.command("test")
@click.option(
    "--test",
    "names",
    metavar="all|NAME",
    type=click.Choice(["all", *inference.TESTS, *_ALONE, *inference.TESTS_OF_SEVERAL]),
    default="all",
    show_default=True,
    help=f"All tests of one series, or one: {_NAMES}; mean_breaks, which dates several breaks, or "
    "minimum_difference, the least d to difference by; or of all columns of FILE at once: "
    f"{_OF_SEVERAL} (the residual test of the first on the others, the paired test of the others "
    "against the first).",
)
@click.option(
    "--kind",
    type=click.Choice(list(mean_segments.KINDS)),
    default="level",
    show_default=True,
    help="Of mean_breaks: shifts of a level, or bends of a trend.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@of_all_columns("names", inference.TESTS_OF_SEVERAL, _of_all_columns)
@series_argument
@click.pass_context
def command(
    ctx: click.Context, name: str, values: Series, names: str, kind: str, as_json: bool
) -> None:
    """Test a series for long memory, and its memory for being spurious.

    Short against long memory, true against spurious, a shift in the mean: each test has a null of
    its own, and a small p-value speaks against it.
    """
    if names != _BREAKS:
        refuse_given(ctx, f"without --test {_BREAKS}", "kind")
    if names in _ALONE:
        found: Result = _ALONE[names](values, kind)
    else:
        found = inference.memory_tests(values, names, name)
        if not found.results:
            raise MemtoolsError(f"no test is fit for {name}: {next(iter(found.skipped.values()))}")
    if as_json:
        print_json(found.to_dict())
    elif isinstance(found, TestTable) and names != "all":
        show(found.results[names], f"{name}, {found.n_obs} observations\n{names}: ")
    elif isinstance(found, TestTable):
        click.echo(found.summary(window()))
    else:
        show(found)
