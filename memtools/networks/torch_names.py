"""Parameters by PyTorch's names, and by the names of the paper's authors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from memtools.networks.network import Cell, Network


def network_from_torch(
    cell: type[Cell], mapping: Mapping[str, Any], options: Mapping[str, Any]
) -> Network:
    """The network that the tensors of a state dict describe."""
    raise NotImplementedError
