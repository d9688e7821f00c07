"""Our own safetensors files: tensors by PyTorch's or the authors' names, options beside them.

The metadata entry "memtools" describes the network, so that nothing has to be asked for.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError, ModelFileError
from memtools.networks.files import safetensors
from memtools.networks.network import Network
from memtools.networks.recurrent_cell import Cell
from memtools.networks.registry import CLASSES, RELEASED
from memtools.networks.released_layer import ReleasedLayer
from memtools.networks.stacks import Bidirectional, Linear, Sequential

KEY = "memtools"


def to_bytes(network: Network) -> bytes:
    """A safetensors file of the network."""
    tensors: dict[str, FloatArray] = {}
    description = _describe(network, "", tensors)
    if network.scale is not None:
        description["scale"] = network.scale
    if network.protocol:
        description["protocol"] = dict(network.protocol)
    return safetensors.write(tensors, {"format": "pt", KEY: json.dumps(description)})


def _describe(network: Network, prefix: str, tensors: dict[str, FloatArray]) -> dict[str, Any]:
    """What the names do not tell; the tensors are added to `tensors`."""
    if isinstance(network, Sequential | Bidirectional):
        kind = type(network).__name__
        parts = network.parts.items()
        return {kind: [_describe(part, f"{prefix}{label}.", tensors) for label, part in parts]}
    if isinstance(network, Linear):
        tensors |= {prefix + name: value for name, value in network.params.items()}
        return {"cell": "Linear", "options": {"output_activation": network.output_activation}}
    if not isinstance(network, Cell | ReleasedLayer):
        raise InvalidInputError("network", "a network of this package", type(network).__name__)
    tensors |= {prefix + name: value for name, value in network.torch_names().items()}
    return {"cell": type(network).__name__, "options": network.options}


def from_tensors(description: str, tensors: Mapping[str, Any]) -> Network:
    """The network that `to_bytes` described."""
    told = json.loads(description)
    network = _rebuild(told, tensors)
    network.notes = ()  # of names that leave something open: here all is told
    if "scale" in told:
        low, high = map(float, told["scale"])
        if not (math.isfinite(low) and low < high < math.inf):
            raise ModelFileError(f"scale {told['scale']} in it are no two rising numbers")
        network.scale = low, high
    network.protocol = dict(told.get("protocol", {}))
    seen = network.protocol.get("n_train", 0)
    if not isinstance(seen, int) or seen < 0:
        raise ModelFileError(f"n_train {seen!r} in it is no number of values")
    return network


def _rebuild(description: Mapping[str, Any], tensors: Mapping[str, Any]) -> Network:
    for kind in ("Sequential", "Bidirectional"):
        if kind in description:
            groups: dict[str, dict[str, Any]] = {}
            for name, value in tensors.items():
                label, _, rest = name.partition(".")
                groups.setdefault(label, {})[rest] = value
            parts = description[kind]
            labels = ["forward", "backward"]
            if kind == "Sequential":
                labels = [str(i) for i in range(len(parts))]
            pairs = zip(parts, labels, strict=True)
            layers = [_rebuild(part, groups.get(label, {})) for part, label in pairs]
            return Sequential(layers) if kind == "Sequential" else Bidirectional(*layers)
    kind, options = description["cell"], description["options"]
    if kind == "Linear":
        return Linear(tensors, **options)
    if kind in RELEASED:
        return RELEASED[kind](tensors, **options)
    if kind not in CLASSES:
        raise ModelFileError(f"an unknown cell {kind!r}; known are {', '.join(CLASSES)}")
    return CLASSES[kind].from_torch_names(tensors, **options)
