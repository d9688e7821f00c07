"""The options that every command on a series takes: which column, how it is read, what is done."""

from __future__ import annotations

import functools
import glob
import json
import math
import shlex
import shutil
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from memtools import _labels, datasets, files
from memtools.exceptions import DataFileError, MemtoolsError
from memtools.gaps import CHOICES
from memtools.gaps import observed as handled
from memtools.results.tables import in_window

if TYPE_CHECKING:
    from pandas import Series

    from memtools.results import Result

_READING = (
    click.option(
        "--missing",
        type=click.Choice(CHOICES),
        default="raise",
        show_default=True,
        help="Values that are missing: refused, the longest run without them taken, kept as gaps "
        "by methods that allow for them, or dropped and closed up.",
    ),
    click.option("--separator", metavar="CHAR", help="What parts the cells of a text file."),
    click.option("--decimal", metavar="CHAR", help="Decimal mark, '.' or ','."),
    click.option("--thousands", metavar="CHAR", help="Mark between thousands."),
    click.option("--header/--no-header", default=None, help="Whether the first line holds names."),
    click.option("--na", multiple=True, metavar="VALUE", help="A cell that marks a missing value."),
    click.option(
        "--dates", type=click.Choice(["day-first", "month-first"]), help="How 03/04/2020 is read."
    ),
    click.option(
        "--orient", type=click.Choice(["columns", "rows"]), help="Is a series a column or a row?"
    ),
    click.option("--sheet", help="Sheet of a workbook."),
    click.option("--variable", help="Variable of a .mat, NetCDF, Zarr, HDF5, NPZ or EDF file."),
)
_COMMANDLINE = ParameterSource.COMMANDLINE
READING_NAMES = (
    *("separator", "decimal", "thousands", "header", "na", "dates", "orient", "sheet", "variable"),
)

_ENDLESS = 1_000_000  # columns of a pipe, for lines that programs read


def reading_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command --missing and the options of how a file is read.

    It is called with `missing` and a mapping `reading` for `files.read_series`.
    """

    @functools.wraps(command)
    def wrapped(**options: Any) -> None:
        reading = {name: options.pop(name) for name in READING_NAMES}
        command(reading=reading, **options)

    for option in reversed(_READING):
        wrapped = option(wrapped)
    return wrapped


def series_argument(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command FILE, --column, --log, --difference and the options of reading.

    It is called with `name` and `values`, a pandas Series without gaps that has the dates of the
    file as its index.
    """

    @functools.wraps(command)
    def whole(name: str, values: Series, missing: str, **options: Any) -> None:
        command(name=name, values=without_gaps(values, missing), **options)

    return series_with_gaps_argument(whole)


def series_with_gaps_argument(command: Callable[..., None]) -> Callable[..., None]:
    """The same for a command that sees to gaps itself: it is also called with `missing`."""

    @functools.wraps(command)
    def changed(
        name: str, values: Series, take_log: bool, difference: bool, **options: Any
    ) -> None:
        name, values = transformed(name, values, take_log, difference)
        command(name=name, values=values, **options)

    return file_argument(changed)


def file_argument(command: Callable[..., None]) -> Callable[..., None]:
    """The same for a command that takes logarithms and differences itself."""

    @click.argument("file", metavar="FILE", shell_complete=complete_file)
    @click.option(
        "--column",
        shell_complete=complete_column,
        help="Column of the file, by name or the beginning of one (a number where there is no "
        "header).",
    )
    @click.option("--log", "take_log", is_flag=True, help="Take logarithms first.")
    @click.option("--difference", is_flag=True, help="Take first differences (after --log).")
    @click.option("--gaps", is_flag=True, hidden=True, help="The former --missing gaps.")
    @reading_options
    @functools.wraps(command)
    def wrapped(
        file: str,
        column: str | None,
        missing: str,
        gaps: bool,
        reading: Mapping[str, Any],
        **options: Any,
    ) -> None:
        missing = "gaps" if gaps else missing
        series = files.read_series(file, column, missing, **reading)
        tell(series)
        command(name=str(series.name), values=series, missing=missing, **options)
        print_notes()

    return wrapped


def complete_file(ctx: click.Context, param: click.Parameter, typed: str) -> list[CompletionItem]:
    """Names of series and files; bash drops the names where it is to list the files itself."""
    names = [name for name in datasets.names() if name.startswith(typed)]
    if typed and names:
        paths = [str(path) for path in Path().glob(f"{glob.escape(typed)}*") if path.is_file()]
        return [*map(CompletionItem, (*names, *paths))]
    return [*map(CompletionItem, names), CompletionItem(typed, type="file")]


def complete_column(ctx: click.Context, param: click.Parameter, typed: str) -> list[str]:
    """Columns of the file that stands before, none where it cannot be read."""
    places = [ctx.params.get("file"), *ctx.args]  # what click has not parsed yet is in args
    file = next((place for place in places if place), "")
    try:
        names = list(files.read_panel(file, missing="drop"))
    except MemtoolsError:
        return []
    return [name for name in names if name.startswith(typed)]


def tell(series: Series) -> None:
    """Keep what was assumed in reading; it is told once the command has done its work."""
    _notes().extend(note for note in series.attrs.get("notes", ()) if note not in _notes())


def _notes() -> list[str]:
    found: list[str] = click.get_current_context().meta.setdefault("memtools.notes", [])
    return found


def refuse_given(ctx: click.Context, where: str, *names: str) -> None:
    """No option is left aside in silence."""
    for option in ctx.command.params:
        source = ctx.get_parameter_source(option.name or "")
        if option.name in names and source is _COMMANDLINE:
            raise click.BadParameter(f"{option.opts[0]} has no meaning {where}")


def print_notes() -> None:
    """What was assumed, on standard error."""
    for note in _notes():
        click.echo(f"memtools: note: {note}", err=True)


def window(piped: int = 80) -> int:
    """Columns of the terminal; what COLUMNS says, or `piped`, in a pipe."""
    return max(shutil.get_terminal_size((piped, 24)).columns, 20)


def show(result: Result, before: str = "") -> None:
    """Print a result in the columns of the terminal: tables made narrow, long lines broken."""
    with in_window(window(piped=_ENDLESS)):
        text = f"{before}{result.summary()}"
    click.echo(broken(text))


def broken(text: str) -> str:
    """Lines longer than the terminal go on below, indented; no word is cut."""
    width = window(piped=_ENDLESS)
    return "\n".join(
        line
        if len(line) <= width
        else textwrap.fill(
            line,
            width,
            subsequent_indent=" " * (len(line) - len(line.lstrip(" -")) + 2 * (line[:1] != " ")),
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in text.splitlines()
    )


def given_options(ctx: click.Context, *names: str) -> str:
    """Options of the command line as they were written there, to be written again."""
    written: list[str] = []
    for option in ctx.command.params:
        if option.name in names and ctx.get_parameter_source(option.name) is _COMMANDLINE:
            value = ctx.params[option.name]
            if isinstance(value, bool):
                written.append((option.opts if value else option.secondary_opts)[0])
                continue
            for one in value if isinstance(value, tuple) else (value,):
                written += [option.opts[0], str(one)]
    return "".join(f" {word}" for word in map(shlex.quote, written))


def print_json(shown: Mapping[str, Any]) -> None:
    """An answer for programs, with what was assumed in reading as its first notes."""
    own = [note for note in shown.get("notes", ()) if note not in _notes()]
    click.echo(json.dumps({**shown, "notes": [*_notes(), *own]}, indent=2))


def observed(series: Series, missing: str) -> Series:
    """The series with --missing longest or drop done, and told."""
    found = handled(series, missing)
    _notes().extend(found.notes)
    return found.series.rename(series.name)


def without_gaps(series: Series, missing: str) -> Series:
    """The same for a command that has no use for gaps."""
    if missing == "gaps" and series.isna().any():
        raise click.BadParameter("--missing gaps is not for this command; say longest or drop")
    return observed(series, missing)


def headline(name: str, series: Series) -> str:
    """ "flow: 100 observations, 1871 to 1970"."""
    n_gaps = int(series.isna().sum())
    missing = f" ({n_gaps} of them missing)" if n_gaps else ""
    period = _labels.period_shown(series.index)
    return f"{name}: {len(series)} observations{missing}" + (f", {period}" if period else "")


def transformed(name: str, series: Series, take_log: bool, difference: bool) -> tuple[str, Series]:
    """The series after --log and --difference, and its name."""
    if take_log:
        bad = series.to_numpy() <= 0.0
        if bad.any():
            position = int(np.argmax(bad))
            raise DataFileError(
                f"--log needs positive values; observation {position} is {series.iloc[position]:g}"
            )
        name, series = f"log {name}", np.log(series)
    if difference:
        name, series = f"differenced {name}", series.diff().iloc[1:]
    return name, series


def as_numbers(text: str, option: str) -> list[float]:
    """Numbers with commas between them; nothing for an empty text."""
    try:
        return [float(part) for part in text.split(",") if part.strip()]
    except ValueError:
        allowed = "numbers with commas between them"
        raise click.BadParameter(f"{option} must be {allowed}; got {text!r}") from None


def as_order(text: str) -> tuple[int, int] | tuple[int, float, int] | None:
    """ "p,q", "p,d,q" with a d that is held, or None for "auto"."""
    if text == "auto":
        return None
    p, *middle, q = text.split(",") if "," in text else ("", "")
    try:
        held = [float(number) for number in middle]
    except ValueError:
        held = [0.0, 0.0]
    if len(held) > 1 or not (p.strip().isdigit() and q.strip().isdigit()):
        raise click.BadParameter(f"--order must be P,Q or P,D,Q or auto; got {text!r}")
    return (int(p), *held, int(q))  # type: ignore[return-value]


def as_seasonal_order(text: str | None) -> Any:
    """ "P,Q,S", or "P,D,Q,S" with a D that is held."""
    if text is None:
        return None
    p, *middle, q, period = text.split(",") if text.count(",") > 1 else ("", "", "")
    try:
        held = [float(number) for number in middle]
    except ValueError:
        held = [0.0, 0.0]
    if len(held) > 1 or not all(part.strip().isdigit() for part in (p, q, period)):
        raise click.BadParameter(f"--seasonal-order must be P,Q,S or P,D,Q,S; got {text!r}")
    return (int(p), *held, int(q), int(period))


class FilterLength(click.ParamType):
    """A number of lags, or "all": the whole past."""

    name = "K|all"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        if value == "all":
            return math.inf
        if isinstance(value, float):
            return value
        try:
            n_lags = int(str(value))
        except ValueError:
            n_lags = 0
        if n_lags < 1:
            self.fail(f"must be a number of lags, or all for the whole past; got {value!r}", param)
        return n_lags
