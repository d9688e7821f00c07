"""From named tensors of a file to a network: which container, which names, what they lack."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from memtools.exceptions import InvalidInputError, MemtoolsWarning, ModelFileError
from memtools.networks._tensors import LANES, few
from memtools.networks.cells import LSTM, RNN
from memtools.networks.files.self_check import SelfCheck
from memtools.networks.lane_cells import MRNN
from memtools.networks.network import Network
from memtools.networks.released_layer import ReleasedLayer
from memtools.networks.released_names import read_released, released_layers
from memtools.networks.stacks import Bidirectional, Sequential
from memtools.networks.torch_names import UNTOLD, Readings, readings

_OUTPUT = "output_activation"


def network_from_groups(
    groups: Mapping[str, Mapping[str, Any]],
    cells: Sequence[type[Network] | None],
    options: Mapping[str, Any],
    check: SelfCheck | None = None,
    ordered: bool = True,
) -> Network:
    """The one network among the containers of a checkpoint.

    Parameters
    ----------
    groups : mapping
        Tensors by name, by path of their container.
    cells : sequence of type or None
        Of the recurrent layers, as the user says them.
    options : mapping
        Keyword arguments of the cells, `prefix` and `read_out`.
    check : SelfCheck or None
        Decides where the tensors leave several networks possible.
    ordered : bool
        Whether the tensors stand in the order in which their layers were made.
    """
    options = dict(options)
    prefix = options.pop("prefix", None) or ""
    chosen = {path: _starting(group, path, prefix) for path, group in groups.items()}
    chosen = {path: group for path, group in chosen.items() if group}
    if not chosen:
        names = [name for group in groups.values() for name in group]
        raise ModelFileError(f"no tensors with prefix {prefix!r}; found {few(names)}")
    released = [group for group in chosen.values() if released_layers(group)]
    if len(released) == 1 or _is_released(cells[0]):
        tensors = (released or list(chosen.values()))[0]
        layer = read_released(tensors, cells[0], options, bool(prefix))
        if layer is not None:
            return layer
    recurrent = {path: group for path, group in chosen.items() if any(map(_is_recurrent, group))}
    if len(recurrent) > 1:
        raise ModelFileError(f"networks in {few(list(recurrent))}: choose one with prefix=")
    tensors = next(iter((recurrent or chosen).values()))
    if prefix:
        options["prefix"] = ""  # done here; yet a part was chosen
    # a released layer has been read or refused above: these are cells
    found = readings(cells, tensors, options, ordered, chosen=bool(prefix))  # type: ignore[arg-type]
    network = _decided(found, check, options)
    authors = any(LANES.fullmatch(name) for name in tensors)
    if isinstance(network, MRNN) and network.fixed_d and authors and _OUTPUT not in options:
        notes = (*network.notes, "read-out activation tanh, as in the authors' MRNNF code")
        network = MRNN(network.params, **{**network.options, _OUTPUT: "tanh"})
        network.notes = notes
    for part in cells_of(network):
        if isinstance(part, LSTM):
            _warn_of_order(part)
    return network


def _decided(found: Readings, check: SelfCheck | None, options: Mapping[str, Any]) -> Network:
    """The network that the tensors tell; where they do not, the one that reproduces y."""
    if check is None:
        if found.doubt:
            raise ModelFileError(found.doubt)
        return next(found.networks())
    n_input = check.x.shape[-1]
    for network in found.tried():
        if network.n_input != n_input:
            raise InvalidInputError(
                "x", f"of shape (n_steps, {network.n_input})", f"shape {check.x.shape}"
            )
        for candidate in (network, *_with_relu(network, options)):
            if check.reproduces(candidate):
                kept = [note for note in candidate.notes if note != UNTOLD]
                candidate.notes = (*kept, "checked: it reproduces y")
                return candidate
    if found.doubt:
        raise ModelFileError(
            f"no order and no activation was found that reproduces y; {found.doubt}"
        )
    return next(found.networks())  # whose error then says by how much it differs


def _with_relu(network: Network, options: Mapping[str, Any]) -> list[Network]:
    """The network with ReLU in its plain RNNs, where nobody said their activation."""
    if "activation" in options or not any(type(part) is RNN for part in cells_of(network)):
        return []
    other = _replaced(network)
    kept = [note for note in network.notes if "is taken" not in note]
    other.notes = (*kept, "activation of the RNN: relu, found by x and y")
    return [other]


def _replaced(network: Network) -> Network:
    if isinstance(network, Sequential):
        return Sequential([_replaced(layer) for layer in network.layers])
    if isinstance(network, Bidirectional):
        return Bidirectional(_replaced(network.forward_layer), _replaced(network.backward_layer))
    if type(network) is RNN:
        return RNN(network.params, **{**network.options, "activation": "relu"})
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


def _is_released(cell: type[Network] | None) -> bool:
    return cell is not None and issubclass(cell, ReleasedLayer)


def _is_recurrent(name: str) -> bool:
    return any(
        part in name for part in ("weight_hh", "w_hh", "m_m.weight", "mm.weight", "_gate.", "gate.")
    )
