"""The options that every command on a series takes: which column, logarithms, differences."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click
import numpy as np

from memtools import files
from memtools._validate import FloatArray
from memtools.exceptions import DataFileError


def series_argument(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command FILE, --column, --log, --difference; it is called with name and values."""
    return _series_argument(command)


def series_with_gaps_argument(command: Callable[..., None]) -> Callable[..., None]:
    """The same and --gaps: with it, NaN stands in values for what was not observed."""
    help_text = "Read empty cells, NA and NaN as values that were not observed."
    return click.option("--gaps", is_flag=True, help=help_text)(_series_argument(command))


def _series_argument(command: Callable[..., None]) -> Callable[..., None]:

    @click.argument("file", metavar="FILE")
    @click.option(
        "--column", help="Column of the file, by name (or number where there is no header)."
    )
    @click.option("--log", "take_log", is_flag=True, help="Take logarithms first.")
    @click.option("--difference", is_flag=True, help="Take first differences (after --log).")
    @functools.wraps(command)
    def wrapped(
        file: str,
        column: str | None,
        take_log: bool,
        difference: bool,
        gaps: bool = False,
        **options: Any,
    ) -> None:
        name, values = files.read_series(file, column, gaps)
        name, values = transformed(name, values, take_log, difference)
        command(name=name, values=values, **options)

    return wrapped


def transformed(
    name: str, values: FloatArray, take_log: bool, difference: bool
) -> tuple[str, FloatArray]:
    """The series after --log and --difference, and its name."""
    if take_log:
        bad = values <= 0.0
        if bad.any():
            position = int(np.argmax(bad))
            raise DataFileError(
                f"--log needs positive values; observation {position} is {values[position]:g}"
            )
        name, values = f"log {name}", np.log(values)
    if difference:
        name, values = f"differenced {name}", np.diff(values)
    return name, values


def as_numbers(text: str, option: str) -> list[float]:
    """Numbers with commas between them; nothing for an empty text."""
    try:
        return [float(part) for part in text.split(",") if part.strip()]
    except ValueError:
        allowed = "numbers with commas between them"
        raise click.BadParameter(f"{option} must be {allowed}; got {text!r}") from None


def as_order(text: str) -> tuple[int, int] | None:
    """ "p,q", or None for "auto"."""
    if text == "auto":
        return None
    numbers = text.split(",")
    if len(numbers) != 2 or not all(number.strip().isdigit() for number in numbers):
        raise click.BadParameter(f"--order must be P,Q or auto; got {text!r}")
    return int(numbers[0]), int(numbers[1])
