"""The command line: parse, call, print.

Each command lives in a module of its own, which is loaded only when it is called.
"""

from __future__ import annotations

import importlib
import logging
import os
import shlex
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from memtools import __version__
from memtools._guessed import command_hint
from memtools._output import interrupts_as_such
from memtools.exceptions import MemtoolsError, MemtoolsWarning

# command -> one line of help; the function of that name lives in memtools.cli.<command>
_COMMANDS = {
    "estimate": "Estimate the memory parameter d of a series, with intervals and a verdict.",
    "test": "Test a series for long memory, spurious memory and shifts in the mean.",
    "rolling": "Follow d through a series, with alarms where it changes.",
    "report": "Write the evidence on a series, or on many, as a page with figures.",
    "fit": "Fit an ARFIMA model to a series.",
    "forecast": "Forecast a series by an ARFIMA model, with intervals.",
    "simulate": "Draw paths of an ARFIMA process or of fractional Gaussian noise.",
    "diagnose": "Does a trained network have long memory?",
    "train": "Train a network on a series, save it as safetensors.",
    "replicate": "Train the paper's networks again and compare with its tables.",
    "datasets": "List the series that can be named instead of a file.",
}


class _LazyGroup(click.Group):
    """A group whose commands are imported when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            if cmd_name.startswith("-"):
                return None
            hint = command_hint(cmd_name, _COMMANDS)
            raise click.UsageError(f"No such command {cmd_name!r}.{hint}", ctx)
        command: click.Command = importlib.import_module(f"memtools.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="memtools")
def _memtools() -> None:
    """Does this series, or this trained network, have long memory?"""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; bad usage or input prints one line and exits with status 2."""
    # A home that cannot be written is no news on every figure.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.showwarning = _tell
        with _sign_of_life():
            _run(sys.argv[1:] if arguments is None else arguments)


@contextmanager
def _sign_of_life() -> Iterator[None]:
    """A word after a second, where somebody looks on and no answer has come yet."""
    completing = "_MEMTOOLS_COMPLETE" in os.environ  # it would stand in the line that is typed
    if completing or not sys.stderr.isatty():
        yield
        return
    timer = threading.Timer(1.0, click.echo, ["memtools: at work ..."], {"err": True})
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _run(given: list[str]) -> None:
    try:
        shown = shlex.join(["memtools", *given])  # reports tell how they were made
        with interrupts_as_such():
            _memtools.main(args=given, prog_name="memtools", standalone_mode=False, obj=shown)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        sys.exit(2)
    except click.ClickException as error:
        _fail(error.format_message())
    except MemtoolsError as error:
        _fail(str(error))
    except MemoryError as error:
        _fail(f"not enough memory: {error}" if str(error) else "not enough memory")
    except (KeyboardInterrupt, click.Abort):
        click.echo("memtools: interrupted", err=True)
        sys.exit(130)
    except BrokenPipeError:
        # The reader (head, less) has gone: nothing is left to say, also not at exit.
        sys.stdout = None
        sys.exit(0)


def _tell(message: Warning | str, category: type[Warning], *place: Any, **given: Any) -> None:
    """A warning of ours as one line; those of other packages are not for this reader."""
    if issubclass(category, MemtoolsWarning):
        click.echo(f"memtools: note: {message}", err=True)


def _fail(message: str) -> None:
    click.echo(f"memtools: error: {' '.join(message.split())}", err=True)
    sys.exit(2)
