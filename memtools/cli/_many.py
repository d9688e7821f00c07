"""Every series of a file: each for itself, to a file (memtools estimate -o), or all at once."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from memtools import _output, files
from memtools.cli._series import (
    READING_NAMES,
    print_json,
    print_notes,
    show,
    tell,
    transformed,
    without_gaps,
)
from memtools.exceptions import MemtoolsWarning
from memtools.results import Result

if TYPE_CHECKING:
    from pandas import DataFrame

# What grids are kept in; anything else is read as a table, a column a series.
_GRIDS = (".nc", ".nc4", ".netcdf", ".zarr")
_TABLES = (".csv", ".parquet", ".json")
_IN_FOLDERS = (".csv", ".tsv", ".parquet")


# The estimator and its options from --method and the other options.
Choice = Callable[[str, dict[str, Any]], tuple[str, dict[str, Any]]]


def many_options(choose: Choice) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command on a series -o and the options for all series of a file."""

    def decorated(command: Callable[..., None]) -> Callable[..., None]:
        @click.option(
            "-o",
            "--output",
            metavar="FILE",
            help="Estimate every series of the file, or of a folder of tables, and write .nc or "
            ".zarr of a grid, else .csv, .parquet or .json.",
        )
        @click.option("--dim", help="Dimension of time of a grid [time].")
        @click.option(
            "--engine",
            type=click.Choice(["threads", "dask"]),
            default="threads",
            show_default=True,
            help="What estimates many series.",
        )
        @click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler, tcp://host:8786.")
        @click.option("--workers", type=int, metavar="N", help="Workers at once [all cores].")
        @functools.wraps(command)
        def wrapped(output: str | None, dim: str | None, engine: str, scheduler: str | None,
                    workers: int | None, **options: Any) -> None:  # fmt: skip
            given = {"dim": dim, "scheduler": scheduler, "workers": workers}
            if output is not None:
                method, chosen = choose(options["method"], options)
                _estimate(output, method, {"engine": engine} | given, options, chosen)
                return
            asked = [f"--{name}" for name, value in given.items() if value is not None]
            if asked or engine != "threads":
                raise click.UsageError(f"{(asked or ['--engine'])[0]} needs -o FILE")
            command(**options)

        return wrapped

    return decorated


def of_all_columns(
    option: str, known: Collection[str], call: Callable[[str, DataFrame, dict[str, Any]], Result]
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command what is known of all columns of FILE at once, by one of its options."""

    def decorated(command: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(command)
        def wrapped(**options: Any) -> None:
            name = options[option]
            if name not in known:
                return command(**options)
            if options["column"] is not None or options["missing"] == "gaps":
                raise click.BadParameter(f"{name} takes all columns, without gaps: no --column")
            x = _all_columns(name, options)
            found = call(name, x, options)
            if options["as_json"]:
                return print_json(found.to_dict())
            show(found, f"{', '.join(map(str, x))}\n")
            return print_notes()

        return wrapped

    return decorated


def _all_columns(name: str, options: dict[str, Any]) -> DataFrame:
    """The columns of FILE in step, transformed, less the rows that --missing leaves out."""
    import pandas as pd

    reading = {key: options[key] for key in READING_NAMES}
    panel = files.read_panel(options["file"], options["missing"], **reading)
    lengths = {len(values) for values in panel.values()}
    if len(lengths) > 1:
        raise click.BadParameter(f"{name} needs columns of one length; got {sorted(lengths)}")
    columns = {}
    for key, values in panel.items():
        tell(values)
        log, difference = options["take_log"], options["difference"]
        columns[key] = transformed(key, values, log, difference)[1].to_numpy()
    x = pd.DataFrame(columns)
    incomplete = pd.Series(np.where(x.isna().any(axis=1), np.nan, 0.0), name="rows")
    return x.loc[without_gaps(incomplete, options["missing"]).index]


def _estimate(
    output: str, method: str, how: dict[str, Any], options: dict[str, Any], chosen: dict[str, Any]
) -> None:
    """Every series of the file; what is told goes to standard error."""
    source = options["file"]
    reading = {name: options[name] for name in READING_NAMES}
    for name in ("column", "take_log", "difference", "as_json"):
        if options[name]:
            raise click.UsageError(
                f"--{name.removeprefix('take_').removeprefix('as_')} is not for -o"
            )
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", MemtoolsWarning)
        if Path(source).suffix.lower() in _GRIDS:
            _of_grid(source, output, method, how, reading, chosen)
        else:
            _of_table(
                source, output, method, how, {"missing": options["missing"]} | reading, chosen
            )
    for warning in told:
        if issubclass(warning.category, MemtoolsWarning):
            click.echo(f"memtools: note: {warning.message}", err=True)


def _of_grid(
    source: str, output: str, method: str, how: dict[str, Any], reading: Any, chosen: dict[str, Any]
) -> None:
    from memtools import many

    unused = [n for n in READING_NAMES if n != "variable" and reading[n] not in (None, ())]
    if unused:
        raise click.UsageError(f"--{unused[0]} is not for a grid")
    places = {"variable": reading["variable"], "dim": how["dim"], "scheduler": how["scheduler"]}
    found = many.estimate_grid(
        source, output, method, engine=how["engine"], n_jobs=how["workers"], **places, **chosen
    )
    sizes = ", ".join(f"{name} {size}" for name, size in found.sizes.items())
    found.close()
    click.echo(f"{output}: {method} over {sizes}")


def _of_table(
    source: str, output: str, method: str, how: dict[str, Any], reading: dict[str, Any],
    chosen: dict[str, Any],
) -> None:  # fmt: skip
    import pandas as pd

    from memtools import many
    from memtools.results.intervals import adjusted_pvalues

    if how["dim"] is not None:
        raise click.UsageError("--dim is for grids (.nc, .zarr)")
    target = _output.as_output(output, _TABLES)
    parts = []
    with many.engine_at(how["engine"], how["scheduler"], how["workers"]) as engine:
        for path in _tables_of(source):
            panel = files.read_panel(path, **reading)
            frame = pd.DataFrame({n: values.reset_index(drop=True) for n, values in panel.items()})
            found = many.estimate_many(
                frame, method, engine=engine, n_jobs=how["workers"], **chosen
            )
            found.index.name = "series"
            if path != source:
                found.insert(0, "file", Path(path).name)
            parts.append(found)
    found = pd.concat(parts)
    # Over all files: those of each were adjusted for its own number.
    found["pvalue"] = adjusted_pvalues(found["single_pvalue"].to_numpy())
    if target.suffix.lower() == ".csv":
        _output.write_whole(target, found.to_csv().encode())
    elif target.suffix.lower() == ".json":
        _output.write_whole(target, found.reset_index().to_json(orient="records").encode())
    else:
        _output.write_whole(target, lambda file: found.reset_index().to_parquet(file))
    click.echo(f"{output}: {method} of {len(found)} series")


def _tables_of(source: str) -> list[str]:
    """The file, or the tables of a folder by name: one at a time is in memory."""
    if not Path(source).is_dir():
        return [source]
    found = sorted(p for p in Path(source).iterdir() if p.suffix.lower() in _IN_FOLDERS)
    if not found:
        raise click.UsageError(f"{source} holds no {', '.join(_IN_FOLDERS)}")
    return [str(path) for path in found]
