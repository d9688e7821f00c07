"""From named tensors of a file to a network: which container, which names, what they lack."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from memtools.exceptions import MemtoolsWarning, ModelFileError
from memtools.networks.author_names import LANES
from memtools.networks.cells import LSTM, RNN
from memtools.networks.lane_cells import MRNN
from memtools.networks.network import Cell, Network
from memtools.networks.stacks import Bidirectional, Sequential
from memtools.networks.torch_names import network_from_torch

_OUTPUT = "output_activation"


def network_from_groups(
    groups: Mapping[str, Mapping[str, Any]],
    cell: type[Cell] | None,
    options: Mapping[str, Any],
    prefix: str,
) -> Network:
    """The one network among the containers of a checkpoint.

    Parameters
    ----------
    groups : mapping
        Tensors by name, by path of their container.
    cell : type or None
    options : mapping
        Keyword arguments of the cells.
    prefix : str
        Only tensors whose full name (path and name) starts so.
    """
    chosen = {path: _starting(group, path, prefix) for path, group in groups.items()}
    chosen = {path: group for path, group in chosen.items() if group}
    if not chosen:
        names = [name for group in groups.values() for name in group]
        raise ModelFileError(f"no tensors with prefix {prefix!r}; found {_few(names)}")
    recurrent = {path: group for path, group in chosen.items() if any(map(_is_recurrent, group))}
    if len(recurrent) > 1:
        raise ModelFileError(f"networks in {_few(recurrent)}: choose one with prefix=")
    tensors = next(iter((recurrent or chosen).values()))
    network = network_from_torch(cell, tensors, options)
    authors = any(LANES.fullmatch(name) for name in tensors)
    if isinstance(network, MRNN) and network.fixed_d and authors and _OUTPUT not in options:
        notes = (*network.notes, "read-out activation tanh, as in the authors' MRNNF code")
        network = MRNN(network.params, **{**network.options, _OUTPUT: "tanh"})
        network.notes = notes
    if "activation" not in options and any(type(part) is RNN for part in cells_of(network)):
        raise ModelFileError(
            "the file does not tell the activation of its RNN: pass activation='tanh' "
            "(PyTorch's default) or 'relu'"
        )
    for part in cells_of(network):
        if isinstance(part, LSTM):
            _warn_of_order(part)
    return network


def _warn_of_order(cell: LSTM) -> None:
    """Biases near 1 mark the forget gate: frameworks start it there, and training keeps it near."""
    biases = np.split(cell.params["bias_ih"] + cell.params["bias_hh"], 4)
    near_one = [i for i, b in enumerate(biases) if abs(b.mean() - 1.0) < 0.2 and b.std() < 0.2]
    if cell.n_hidden >= 4 and len(near_one) == 1 and near_one != [1]:
        block = "ifgo"[near_one[0]]
        warnings.warn(
            f"the biases near 1 of an LSTM stand in block {block}, not in f: are the gates in the "
            "order i, f, g, o? Give x and y to check",
            MemtoolsWarning,
            stacklevel=5,
        )


def cells_of(network: Network) -> Iterator[Network]:
    """The cells of a stack."""
    if isinstance(network, Sequential | Bidirectional):
        for part in network.parts.values():
            yield from cells_of(part)
    else:
        yield network


def _starting(group: Mapping[str, Any], path: str, prefix: str) -> dict[str, Any]:
    full = f"{path}." if path else ""
    return {name: value for name, value in group.items() if f"{full}{name}".startswith(prefix)}


def _is_recurrent(name: str) -> bool:
    return any(part in name for part in ("weight_hh", "m_m.weight", "mm.weight", "_gate.", "gate."))


def _few(names: Any) -> str:
    names = [name or "(top)" for name in names]
    return ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
