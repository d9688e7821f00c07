"""Models in memory: PyTorch modules and Keras models, known by what they can do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from memtools.exceptions import InvalidInputError
from memtools.networks.files import keras
from memtools.networks.files.state_dicts import network_from_groups
from memtools.networks.network import Cell, Network


def read(model: Any, cell: type[Cell] | None, options: Mapping[str, Any], prefix: str) -> Network:
    """A network from a torch module, a Keras model or layer, or a mapping of tensors."""
    if hasattr(model, "get_config") and hasattr(model, "get_weights"):
        # first: on PyTorch's backend a Keras model has a state dict too
        return _from_keras(model)
    if hasattr(model, "state_dict") and hasattr(model, "modules"):
        return network_from_groups({"": model.state_dict()}, cell, _told(model, options), prefix)
    if isinstance(model, Mapping):
        return network_from_groups({"": model}, cell, options, prefix)
    allowed = "a path, a torch module, a Keras model or a mapping of tensors"
    raise InvalidInputError("path", allowed, type(model).__name__)


def _told(module: Any, options: Mapping[str, Any]) -> Mapping[str, Any]:
    """What live PyTorch modules tell beyond their state dict."""
    found = {m.nonlinearity for m in module.modules() if hasattr(m, "nonlinearity")}
    return {**options, "activation": found.pop()} if len(found) == 1 else options


def _from_keras(model: Any) -> Network:
    entries = getattr(model, "layers", None) or [model]
    # A TimeDistributed or Bidirectional layer has no `layers`, but a model of one layer has.
    by_name = {layer.name: layer for layer in entries}
    config = {
        "layers": [
            {"class_name": type(layer).__name__, "config": layer.get_config()} for layer in entries
        ]
    }
    inbound = model.get_config().get("layers", []) if entries != [model] else []
    for entry in config["layers"]:
        for described in inbound:
            if described["config"].get("name") == entry["config"].get("name"):
                entry["inbound_nodes"] = described.get("inbound_nodes", [])

    def weights(kind: str, name: str) -> keras.Arrays:
        return by_name[name].get_weights()

    kind = re.sub("^Model$", "Functional", type(model).__name__) if entries != [model] else None
    return keras.network_from_config(
        {"class_name": kind or "Sequential", "config": config}, weights
    )
