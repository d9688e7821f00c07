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
    """A figure: `draw` draws it into Axes, `text` says what it shows and how to read it.

    `wide` ones take the whole width; `tall` is the height in heights of others.
    """

    title: str
    text: str
    draw: Callable[..., Any]
    wide: bool = False
    tall: float = 1.0


class Source(NamedTuple):
    """A text to read, and its address."""

    text: str
    link: str


class Note(NamedTuple):
    """How something was computed, and where that is from."""

    term: str
    text: str
    references: Sequence[Source] = ()


class Meaning(NamedTuple):
    """What the verdict means for the reader, and where to read on."""

    text: str
    read: Source


@cache
def _held() -> dict[str, Any]:
    path = resources.files("memtools.reports").joinpath("templates/notes.toml")
    return tomllib.loads(path.read_text("utf-8"))


def method_notes(group: str) -> Sequence[Note]:
    """Of "estimators", "worlds", "series" or "network"."""
    texts, links = _held()["references"], _held()["links"]
    return [
        Note(n["term"], n["text"], [Source(texts[k], links[k]) for k in n["references"]])
        for n in _held()[group]
    ]


def meaning(kind: str, verdict: str) -> Meaning:
    """Two sentences: what long and short memory are, and what the verdict says to a reader.

    `kind` is "series", "panel" (of any verdict) or "network".
    """
    held = _held()["meaning"][kind]
    read = Source(held["read"], _held()["links"][held["reference"]])
    return Meaning(f"{held['first']} {held['all' if kind == 'panel' else verdict]}", read)


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
    meaning: Meaning | None = None
    advice: Sequence[str] = ()
    sections: Sequence[Section] = ()
    notes: Sequence[Note] = ()
    panel: PanelReport | None = None
    command: str | None = None
    versions: Sequence[tuple[str, str]] = field(default_factory=lambda: versions())

    def pictures(self) -> list[Picture]:
        """All figures in their order."""
        return [picture for section in self.sections for picture in section.pictures]


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
