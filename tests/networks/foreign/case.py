"""Model files as users write them, with the framework's outputs beside them.

A case writes a file and tells x, y: the inputs and what the framework gave.  It is expected to be
read (outputs equal y), or refused; then `follow` does what the error advises, and that is read.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memtools import networks
from memtools.exceptions import ModelFileError
from memtools.networks.files.self_check import SelfCheck


@dataclass(frozen=True, kw_only=True)
class Written:
    """A file, the inputs, and the outputs of its framework."""

    path: Any
    x: NDArray[Any]
    y: NDArray[Any]
    options: dict[str, Any] = field(default_factory=dict)
    model: Any = None  # what wrote it, for whom the advice is


@dataclass(frozen=True, kw_only=True)
class Case:
    """One kind of file."""

    name: str
    write: Callable[[Path], Written]
    refused: str = ""  # a part of the error, where it is right to refuse
    follow: Callable[[Path, Written], Any] | None = None
    note: str = ""  # a part of a note that must stand there


CASES: dict[str, Case] = {}


def case(
    name: str,
    refused: str = "",
    follow: Callable[[Path, Written], Any] | None = None,
    note: str = "",
) -> Callable[[Callable[[Path], Written]], Callable[[Path], Written]]:
    """Register a kind of file."""

    def register(write: Callable[[Path], Written]) -> Callable[[Path], Written]:
        assert name not in CASES, name
        CASES[name] = Case(name=name, write=write, refused=refused, follow=follow, note=note)
        return write

    return register


def outcome(one: Case, folder: Path) -> tuple[str, str]:
    """("right" | "refused" | "wrong" | "advice fails", what was said)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        written = one.write(folder)
        check = SelfCheck(written.x, written.y)
        try:
            network = networks.load(written.path, **written.options)
        except ModelFileError as error:
            return _after_refusal(one, folder, written, str(error))
        error = check.error(network)
        said = " | ".join(network.notes)
        if error > 1e-4:
            return "wrong", f"differs by {error:.3g}; {network!r}; notes: {said}"
        if one.note and one.note not in said:
            return "wrong", f"no note of {one.note!r}: {said}"
        return "right", said


def _after_refusal(one: Case, folder: Path, written: Written, said: str) -> tuple[str, str]:
    if one.follow is None:
        return "refused", said
    try:
        network = one.follow(folder, written)
    except ModelFileError as error:
        return "advice fails", f"{said} -> {error}"
    if network is None:  # the advice is to get another file
        return "refused", said
    error = SelfCheck(written.x, written.y).error(network)
    if error > 1e-4:
        return "advice fails", f"{said} -> differs by {error:.3g}"
    return "refused", said


def random(*shape: int, seed: int = 0) -> NDArray[np.float32]:
    """Inputs."""
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def load(path: Any, **options: Any) -> Any:
    """A network, warnings aside."""
    return networks.load(path, **options)
