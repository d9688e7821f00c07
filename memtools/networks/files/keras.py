"""Keras' models: .keras archives, .h5 files, and the layers' configuration they share.

Keras' LSTM has its blocks in our order (i f c o); its GRU has z r h.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memtools._validate import FloatArray
from memtools.exceptions import ModelFileError
from memtools.networks._tensors import as_float64
from memtools.networks.cells import GRU, LSTM, RNN
from memtools.networks.files import hdf5
from memtools.networks.files.archive import Archive
from memtools.networks.network import Cell, Network
from memtools.networks.stacks import Bidirectional, Linear, add_read_out, joined

_CELLS: dict[str, type[Cell]] = {"LSTM": LSTM, "GRU": GRU, "SimpleRNN": RNN}
# Layers that do nothing when a trained network is run.
_PASSIVE = ("InputLayer", "Dropout", "SpatialDropout1D", "GaussianNoise", "GaussianDropout")
_ACTIVATIONS = {
    "linear": "identity",
    "tanh": "tanh",
    "sigmoid": "sigmoid",
    "relu": "relu",
    "softmax": "softmax",
}
# Where the weights of a layer lie in a .keras archive.
_PLACES = {
    **dict.fromkeys(_CELLS, ("cell",)),
    "Bidirectional": ("forward_layer/cell", "backward_layer/cell"),
    "TimeDistributed": ("layer",),
    "Dense": ("",),
}
Arrays = Sequence[NDArray[Any]]


def read_archive(archive: Archive) -> Network:
    """A .keras file: config.json beside model.weights.h5."""
    model = json.loads(archive.read("config.json"))
    root = hdf5.File(archive.read("model.weights.h5")).root
    counts: dict[str, int] = {}

    def weights(kind: str, name: str) -> Arrays:
        # Folders carry the class, numbered in the order of the layers, not the user's name.
        folder = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", kind).lower()
        number = counts[folder] = counts.get(folder, -1) + 1
        folder = f"layers/{folder}" + (f"_{number}" if number else "")
        arrays = []
        for place in _PLACES[kind]:
            path = "/".join(part for part in (folder, place, "vars") if part)
            names = sorted(root[path].children, key=int)
            arrays += [root[f"{path}/{name}"].array(f"{path}/{name}") for name in names]
        return arrays

    return network_from_config(model, weights)


def read_h5(data: bytes) -> Network:
    """A legacy .h5 file: the configuration is an attribute, weights lie under layer names."""
    root = hdf5.File(data).root
    config = root.attributes.get("model_config")
    if not isinstance(config, str):
        raise ModelFileError(
            "weights without the model's configuration (activations and order of the layers); "
            "save the whole model with model.save('name.keras')"
        )
    # Keras 2 wrote the groups at the top of a file of weights alone.
    group = root["model_weights"]

    def weights(kind: str, name: str) -> Arrays:
        layer = group[name]
        names = layer.attributes.get("weight_names", [])
        return [layer[path].array(f"{name}/{path}") for path in names]

    return network_from_config(json.loads(config), weights)


def network_from_config(model: dict[str, Any], weights: Callable[[str, str], Arrays]) -> Network:
    """The network that a model's configuration describes.

    Parameters
    ----------
    model : dict
        class_name and config of a Sequential, or of a Functional model without branches.
    weights : callable
        Arrays of a layer, given its class and name; called in the order of the layers.
    """
    if model.get("class_name") not in ("Sequential", "Functional", "Model"):
        raise ModelFileError(
            f"a Keras model of class {model.get('class_name')!r}, not Sequential or Functional"
        )
    layers: list[Network] = []
    notes: list[str] = []
    previous = None
    for entry in model["config"]["layers"]:
        kind, config = entry["class_name"], entry["config"]
        name = config.get("name") or entry.get("name")
        sources = _sources(entry.get("inbound_nodes", []))
        if sources and sources != {previous}:
            raise ModelFileError(f"layer {name!r} takes {sorted(sources)}: a model with branches")
        previous = name
        arrays = weights(kind, name) if kind in _PLACES else []
        _add_layer(layers, kind, config, [as_float64(a, name) for a in arrays], notes)
    if not any(isinstance(layer, Cell | Bidirectional) for layer in layers):
        kinds = ", ".join(entry["class_name"] for entry in model["config"]["layers"])
        raise ModelFileError(f"no recurrent layer in the model; it has {kinds}")
    network = joined(layers)
    network.notes = tuple(notes)
    return network


def _sources(inbound: Any) -> set[str]:
    """Names of the layers that feed a layer, from Keras 3's or Keras 2's description."""
    if isinstance(inbound, dict):
        if "keras_history" in inbound:
            return {inbound["keras_history"][0]}
        return {name for value in inbound.values() for name in _sources(value)}
    if isinstance(inbound, list):
        if len(inbound) == 4 and isinstance(inbound[0], str) and isinstance(inbound[1], int):
            return {inbound[0]}
        return {name for value in inbound for name in _sources(value)}
    return set()


def _add_layer(
    layers: list[Network],
    kind: str,
    config: dict[str, Any],
    arrays: list[FloatArray],
    notes: list[str],
) -> None:
    name = config.get("name")
    if kind in _PASSIVE:
        return
    if kind == "Embedding" and not layers:
        notes.append(f"layer {name!r} left out: the inputs are its vectors")
    elif kind in _CELLS:
        layers.append(_cell(kind, config, arrays, notes))
    elif kind == "Bidirectional":
        layers.append(_bidirectional(config, arrays, notes))
    elif kind == "Dense" or (
        kind == "TimeDistributed" and config["layer"]["class_name"] == "Dense"
    ):
        inner = config if kind == "Dense" else config["layer"]["config"]
        weight = arrays[0].T
        bias = arrays[1] if inner.get("use_bias", True) else np.zeros(len(weight))
        g = _activation(inner, "activation", name)
        if layers:
            add_read_out(layers, weight, bias, g)
        else:
            layers.append(Linear({"weight": weight, "bias": bias}, output_activation=g))
    else:
        known = ", ".join([*_CELLS, "Bidirectional", "Dense", "TimeDistributed(Dense)"])
        raise ModelFileError(f"layer {name!r} of class {kind}; known are {known}")


def _activation(config: dict[str, Any], key: str, name: str | None) -> str:
    value = config.get(key, "linear")
    if not isinstance(value, str) or value not in _ACTIVATIONS:
        known = ", ".join(_ACTIVATIONS)
        raise ModelFileError(f"layer {name!r} with {key} {value!r}; known are {known}")
    return _ACTIVATIONS[value]


def _bidirectional(
    config: dict[str, Any], arrays: list[FloatArray], notes: list[str]
) -> Bidirectional:
    inner, half = config["layer"], len(arrays) // 2
    if config.get("merge_mode", "concat") != "concat":
        got = config["merge_mode"]
        raise ModelFileError(f"layer {config.get('name')!r} with merge_mode {got!r}, not 'concat'")
    if inner["class_name"] not in _CELLS:
        raise ModelFileError(f"layer {config.get('name')!r} of {inner['class_name']} both ways")
    back = (config.get("backward_layer") or inner)["config"]
    return Bidirectional(
        _cell(inner["class_name"], inner["config"], arrays[:half], notes),
        _cell(inner["class_name"], {**back, "go_backwards": False}, arrays[half:], notes),
    )


def _cell(kind: str, config: dict[str, Any], arrays: list[FloatArray], notes: list[str]) -> Cell:
    name = config.get("name")
    if config.get("go_backwards"):
        raise ModelFileError(f"layer {name!r} goes backwards")
    if kind != "SimpleRNN" and _activation(config, "recurrent_activation", name) != "sigmoid":
        got = config["recurrent_activation"]
        raise ModelFileError(f"layer {name!r} with recurrent_activation {got!r}, not 'sigmoid'")
    if not config.get("return_sequences"):
        notes.append(f"layer {name!r} gives its last output only; here outputs at every step")
    use_bias = config.get("use_bias", True)
    if len(arrays) != 2 + use_bias:
        raise ModelFileError(f"layer {name!r} with {len(arrays)} weights")
    kernel, recurrent = arrays[0].T, arrays[1].T
    bias = arrays[2] if use_bias else np.zeros(len(kernel))
    options: dict[str, Any] = {"activation": _activation(config, "activation", name)}
    biases = [bias, np.zeros(len(kernel))]
    if kind == "GRU":
        options["reset_after"] = bool(config.get("reset_after", False))
        if options["reset_after"] and use_bias:
            biases = [bias[0], bias[1]]
        kernel, recurrent, *biases = (_swap_gates(a) for a in (kernel, recurrent, *biases))
    params = {
        "weight_ih": kernel,
        "weight_hh": recurrent,
        "bias_ih": biases[0],
        "bias_hh": biases[1],
    }
    return _CELLS[kind](params, **options)


def _swap_gates(array: FloatArray) -> FloatArray:
    """z r h to r z n, along the first axis."""
    z, r, n = np.split(array, 3)
    return np.concatenate([r, z, n])
