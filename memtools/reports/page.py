"""What a report says, before it becomes HTML, Markdown or a sheet of paper."""

from __future__ import annotations

import platform
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from memtools import __version__
from memtools.results import PanelReport
from memtools.results.tables import Table

# What a verdict means for the reader: memory, none, or look out.
TONES = {
    "long memory": "memory",
    "short memory": "none",
    "antipersistent": "memory",
    "nonstationary": "care",
    "spurious": "care",
    "persistent": "memory",
    "growing": "care",
    "undecided": "care",
}


class Picture(NamedTuple):
    """A figure: `draw` draws it into Axes, `text` says what it shows and how to read it."""

    title: str
    text: str
    draw: Callable[..., Any]
    wide: bool = False


class Note(NamedTuple):
    """How something was computed, and where that is from."""

    term: str
    text: str
    references: Sequence[str] = ()


@cache
def method_notes(group: str) -> Sequence[Note]:
    """Of "estimators", "worlds", "series" or "network"."""
    path = resources.files("memtools.reports").joinpath("templates/notes.toml")
    held = tomllib.loads(path.read_text("utf-8"))
    sources = held["references"]
    return [Note(n["term"], n["text"], [sources[k] for k in n["references"]]) for n in held[group]]


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of the evidence."""

    title: str
    text: str = ""
    pictures: Sequence[Picture] = ()
    tables: Sequence[Table] = ()
    remarks: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Page:
    """Verdict and reasons first, then the evidence, then how it was computed."""

    kind: str
    title: str
    verdict: str
    tone: str
    facts: Sequence[tuple[str, str]]
    reasons: Sequence[str]
    advice: Sequence[str] = ()
    sections: Sequence[Section] = ()
    notes: Sequence[Note] = ()
    panel: PanelReport | None = None
    command: str | None = None
    versions: Sequence[tuple[str, str]] = field(default_factory=lambda: versions())


def versions() -> list[tuple[str, str]]:
    """What must be installed to get the same numbers."""
    import numpy as np
    import scipy

    return [
        ("memtools", __version__),
        ("numpy", np.__version__),
        ("scipy", scipy.__version__),
        ("python", platform.python_version()),
    ]
