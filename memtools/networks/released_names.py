"""Layers of today's networks in a state dict, by the names under which they were released."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from memtools.exceptions import InvalidInputError
from memtools.networks._tensors import few
from memtools.networks.causal_convolution import CausalConvolution
from memtools.networks.convolution_names import read_convolutions
from memtools.networks.network import Network
from memtools.networks.registry import RELEASED
from memtools.networks.released_layer import ReleasedLayer


def released_layers(tensors: Mapping[str, Any]) -> dict[str, type[ReleasedLayer]]:
    """Prefix -> class of each layer, in the order of the tensors."""
    best: dict[str, tuple[float, type[ReleasedLayer]]] = {}
    for cell in RELEASED.values():
        for prefix, share in cell.places(tensors).items():
            if share > best.get(prefix, (0.0, cell))[0]:
                best[prefix] = share, cell
    order = {name: i for i, name in enumerate(tensors)}

    def position(prefix: str) -> int:
        return min(i for name, i in order.items() if name.startswith(prefix))

    return {prefix: best[prefix][1] for prefix in sorted(best, key=position)}


def read_released(
    tensors: Mapping[str, Any],
    cell: type[Any] | None,
    options: Mapping[str, Any],
    chosen: bool,
) -> Network | None:
    """The one released layer, or the convolutions, among the tensors; None where there is none.

    Parameters
    ----------
    tensors : mapping of str to array_like
    cell : type or None
        The class that the user says.
    options : mapping
        What the user says of the cell: none of it is a released layer's.
    chosen : bool
        Whether the user has chosen these among other tensors.
    """
    if cell is not None and not issubclass(cell, ReleasedLayer):
        return None
    layers = released_layers(tensors)
    if cell is not None:
        layers = {prefix: kind for prefix, kind in layers.items() if issubclass(kind, cell)}
    if not layers:
        network = read_convolutions(tensors, cell is CausalConvolution)
        if network is None and cell is not None:
            return cell.from_torch_names(tensors)  # whose error names what is missing
        return network
    if len(layers) > 1:
        kinds = " and ".join(dict.fromkeys(kind.__name__ for kind in layers.values()))
        got = f"{len(layers)} layers ({few(list(layers))})"
        raise InvalidInputError("mapping", f"one {kinds} layer: choose it by prefix=", got)
    prefix, kind = next(iter(layers.items()))
    layer = kind.placed(tensors, prefix, {})
    notes = []
    if options:
        notes.append(f"{', '.join(options)} not used: {kind.__name__} has none")
    around = [name for name in tensors if not name.startswith(prefix)]
    if around:
        notes.append(f"{kind.__name__} at {prefix!r} is read; left out: {few(around)}")
    elif chosen:
        notes.append(f"{kind.__name__} at {prefix!r} is read, without what stands around it")
    notes += kind.assumed()
    layer.notes = tuple(notes)
    return layer
