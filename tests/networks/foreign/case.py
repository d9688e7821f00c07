"""Model files as users write them, with the framework's outputs beside them.

A case writes a file and tells x, y: the inputs and what the framework gave.  It is expected to be
read (outputs equal y), or refused; then every way that the error names is followed.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memtools import networks
from memtools.exceptions import InvalidInputError, ModelFileError
from memtools.networks.files.self_check import SelfCheck
from tests.networks.foreign.advice import followed


@dataclass(frozen=True, kw_only=True)
class Written:
    """A file, the inputs, and the outputs of its framework."""

    path: Any
    x: NDArray[Any]
    y: NDArray[Any]
    options: dict[str, Any] = field(default_factory=dict)
    model: Any = None  # what wrote it, for whom the advice is
    # words of the advice -> what does as they say, and reads that
    ways: Mapping[str, Callable[[], Any]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One kind of file."""

    name: str
    write: Callable[[Path], Written]
    refused: str = ""  # a part of the error, where it is right to refuse
    note: str = ""  # a part of a note that must stand there


CASES: dict[str, Case] = {}


def case(
    name: str, refused: str = "", note: str = ""
) -> Callable[[Callable[[Path], Written]], Callable[[Path], Written]]:
    """Register a kind of file."""

    def register(write: Callable[[Path], Written]) -> Callable[[Path], Written]:
        assert name not in CASES, name
        CASES[name] = Case(name=name, write=write, refused=refused, note=note)
        return write

    return register


def outcome(one: Case, folder: Path) -> tuple[str, str, Any]:
    """("right" | "refused" | "wrong" | "advice fails", what was said, the network)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        written = one.write(folder)
        check = SelfCheck(written.x, written.y)
        try:
            network = networks.load(written.path, **written.options)
        except ModelFileError as error:
            failed = followed(folder, written, str(error), check)
            return ("advice fails" if failed else "refused"), f"{error}{failed}", None
        said = " | ".join(network.notes)
        try:
            error = check.error(network)
        except InvalidInputError as failed:
            return "wrong", f"{failed}; {network!r}; notes: {said}", network
        if error > 1e-4:
            return "wrong", f"differs by {error:.3g}; {network!r}; notes: {said}", network
        if one.note and one.note not in said:
            return "wrong", f"no note of {one.note!r}: {said}", network
        return "right", said, network


def random(*shape: int, seed: int = 0) -> NDArray[np.float32]:
    """Inputs."""
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)
