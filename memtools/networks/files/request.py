"""What the user says about a file, for every reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from memtools.networks.callables import BlackBox
from memtools.networks.files.self_check import SelfCheck
from memtools.networks.network import Network

# What a file or a model in memory is read as.
Model = Network | BlackBox


@dataclass(frozen=True, kw_only=True)
class Request:
    """The arguments of `load`.

    Attributes
    ----------
    cells : tuple of type or None
        Classes of the recurrent layers in order, or of the first.
    options : mapping
        Keyword arguments of the cells; `prefix` and `read_out` where they were given.
    template : object
        What tells the order of arrays without names.
    check : SelfCheck or None
    """

    cells: tuple[type[Network] | None, ...] = (None,)
    options: Mapping[str, Any] = field(default_factory=dict)
    template: Any = None
    check: SelfCheck | None = None
