"""memtools datasets: the series that can be named instead of a file."""

from __future__ import annotations

import click

from memtools import datasets
from memtools.cli._series import broken


@click.command("datasets")
def command() -> None:
    """List the series that can be named instead of a file."""
    for name in datasets.names():
        click.echo(broken(f"{name:12} {datasets.describe(name)}"))
