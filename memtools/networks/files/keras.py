"""Keras' files: .keras archives, .h5 files, weights alone; and its models in memory."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError, MemtoolsError, ModelFileError
from memtools.networks.callables import BlackBox
from memtools.networks.files import hdf5
from memtools.networks.files import keras_layers as layers
from memtools.networks.files.archive import Archive
from memtools.networks.files.keras_model import Reader
from memtools.networks.files.keras_nodes import MODELS, InputsError, Weights
from memtools.networks.files.self_check import Request
from memtools.networks.files.state_dicts import network_from_groups
from memtools.networks.network import Network
from memtools.networks.other_layers import TO_CHECK

_ADVICE = (
    "say the cells by cell='LSTM' (or a list, one a layer), or save the whole model with "
    "model.save('name.keras')"
)
_LAST_WAYS = (
    "give the model itself in place of its file (keras.models.load_model), or a function of a "
    "sequence"
)
Arrays = Sequence[NDArray[Any]]


def read_archive(archive: Archive, request: Request) -> Network:
    """A .keras file: config.json beside model.weights.h5."""
    model = json.loads(archive.read("config.json"))
    root = hdf5.File(archive.read("model.weights.h5")).root
    version = ""
    if "metadata.json" in archive:
        version = str(json.loads(archive.read("metadata.json")).get("keras_version", ""))
    request.refuse("prefix", "read_out")
    return _network(_by_class(root, "layers"), version.startswith("2."), model)


def _network(weights: Weights, keras_2: bool, model: dict[str, Any]) -> Network:
    """The network of a configuration; where a layer is not read, with the ways that are left."""
    try:
        return Reader(weights, keras_2).network(model)
    except MemtoolsError as error:
        ways = "give a function of one sequence" if isinstance(error, InputsError) else _LAST_WAYS
        raise ModelFileError(f"{error}; {ways}") from error


def _snake(name: str) -> str:
    name = re.sub(r"\W+", "", name)
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def _by_class(root: hdf5.Node, folder: str) -> Callable[..., Any]:
    """Arrays of each layer: folders carry the class, numbered in the order of the layers."""
    counts: dict[str, int] = {}
    if folder not in root:  # TensorFlow 2.12 and 2.13
        older = folder.replace("layers", "_layer_checkpoint_dependencies")
        folder = older if older in root else folder

    def weights(kind: str, name: str, config: Mapping[str, Any]) -> Any:
        stem = _snake("Functional" if kind == "Model" else kind)
        number = counts[stem] = counts.get(stem, -1) + 1
        place = f"{folder}/{stem}" + (f"_{number}" if number else "")
        if place not in root:
            raise ModelFileError(f"no weights of layer {name!r} at {place!r}")
        if kind in MODELS:
            return _by_class(root, f"{place}/layers")
        found: list[NDArray[Any]] = []
        for inner in _places(kind, config):
            path = "/".join(part for part in (place, inner, "vars") if part)
            if path not in root:
                continue
            node = root[path]
            stored = node.attributes.get("name")
            if not inner and isinstance(stored, str) and stored != name:
                raise ModelFileError(f"weights of layer {stored!r} where those of {name!r} belong")
            names = sorted(node.children, key=int)
            found += [root[f"{path}/{number}"].array(f"{path}/{number}") for number in names]
        return found

    return weights


def _places(kind: str, config: Mapping[str, Any]) -> list[str]:
    """Where the arrays of a layer lie in its folder."""
    if kind == "Bidirectional":
        inner = _places(config["layer"]["class_name"], config["layer"]["config"])
        return [f"{way}_layer/{place}" for way in ("forward", "backward") for place in inner]
    if kind == "TimeDistributed":
        return ["layer"]
    if kind == "RNN":
        cell = config["cell"]
        if cell["class_name"] != "StackedRNNCells":
            return ["cell"]
        stems, counts = [], dict[str, int]()
        for entry in cell["config"]["cells"]:
            stem = _snake(entry["class_name"])
            number = counts[stem] = counts.get(stem, -1) + 1
            stems.append(f"cell/cells/{stem}" + (f"_{number}" if number else ""))
        return stems
    return ["cell"] if kind in ("LSTM", "GRU", "SimpleRNN") else [""]


def read_h5(data: bytes, request: Request) -> Network:
    """A legacy .h5 file: the configuration is an attribute, weights lie under layer names."""
    root = hdf5.File(data).root
    attributes = root.attributes
    config = attributes.get("model_config")
    if not isinstance(config, str):
        return _weights_alone(root, request)
    request.refuse("prefix", "read_out")
    group = root["model_weights"]
    version = str(attributes.get("keras_version", "2"))

    def weights(kind: str, name: str, config: Mapping[str, Any]) -> Any:
        arrays = _named_arrays(group, name)
        if kind not in MODELS:
            return [array for _, array in arrays]

        def inner(kind: str, name: str, config: Mapping[str, Any]) -> Any:
            if kind in MODELS:  # all arrays stand in the outermost model's list
                return inner
            return [array for path, array in arrays if name in path.split("/")[:-1]]

        return inner

    return _network(weights, version.startswith(("1.", "2")), json.loads(config))


def _named_arrays(group: hdf5.Node, name: str) -> list[tuple[str, NDArray[Any]]]:
    """Arrays of a layer in the order of its attribute."""
    layer = group[name]
    names = layer.attributes.get("weight_names", [])
    return [(path, layer[path].array(f"{name}/{path}")) for path in map(str, names)]


def read_model(model: Any, request: Request) -> Network:
    """A Keras model, or one layer, in memory."""
    request.refuse("prefix", "read_out")
    if not hasattr(model, "layers"):
        entry = {"class_name": type(model).__name__, "config": model.get_config()}
        described = {"class_name": "Sequential", "config": {"layers": [entry]}}
        return _network(lambda kind, name, config: model.get_weights(), False, described)
    return _network(_live(model), False, json.loads(model.to_json()))


def as_box(model: Any) -> BlackBox:
    """A Keras model as a function of a sequence; one of so many steps alone, of the last so many.

    Raises
    ------
    InvalidInputError
        Where it takes no single sequence.
    """
    shape = getattr(model, "input_shape", None)
    sizes = [shape[-1]] if isinstance(shape, tuple) and len(shape) == 3 else []
    if not sizes and not isinstance(shape, list):  # a class of the user's own: by its weights
        sizes = list(dict.fromkeys(w.shape[0] for w in model.weights if len(w.shape) > 1))
    failed = InvalidInputError("network", "a model of one input (batch, steps, size)", f"{shape}")
    for size in sizes:
        try:
            return BlackBox(lambda x: _given(model, x), int(size))
        except InvalidInputError as error:
            failed = error
    n_steps = shape[1] if isinstance(shape, tuple) and len(shape) == 3 else None
    if not isinstance(n_steps, int):
        raise failed

    def of_windows(x: FloatArray) -> NDArray[Any]:
        padded = np.concatenate([np.zeros((n_steps - 1, *x.shape[1:])), x])
        each = [padded[t : t + n_steps] for t in range(len(x))]
        y = _given(model, np.concatenate(each, axis=1))
        return y.reshape(*x.shape[:2], -1)

    box = BlackBox(of_windows, int(sizes[0]))
    note = f"it takes {n_steps} steps alone: here at each step the last so many, zeros before"
    box.notes = (note, *box.notes)
    return box


def _given(model: Any, x: FloatArray) -> NDArray[Any]:
    """The first output of a model for (n_steps, n_batch, n_input)."""
    y = model.predict_on_batch(np.ascontiguousarray(x.swapaxes(0, 1)))
    while isinstance(y, tuple | list | dict) and y:
        y = next(iter(y.values())) if isinstance(y, dict) else y[0]
    return np.asarray(y)


def _live(model: Any) -> Callable[..., Any]:
    by_name = {layer.name: layer for layer in model.layers}

    def weights(kind: str, name: str, config: Mapping[str, Any]) -> Any:
        layer = by_name[name]
        return _live(layer) if kind in MODELS else layer.get_weights()

    return weights


# -- weights alone ---------------------------------------------------------------------------------


def _weights_alone(root: hdf5.Node, request: Request) -> Network:
    """A file of weights: arrays by layer, the cells as the user says; then as a state dict."""
    if request.cells == (None,):
        raise ModelFileError(
            "weights without the model's configuration (cells, activations, order of the layers): "
            + _ADVICE
        )
    names = root.attributes.get("layer_names")
    ordered = isinstance(names, list)
    by_layer = (
        {name: [array for _, array in _named_arrays(root, name)] for name in names}
        if isinstance(names, list)
        else _found_arrays(root)
    )
    tensors: dict[str, Any] = {}
    reset_after = set[bool]()
    both = False
    for name, arrays in by_layer.items():
        label = name.replace(".", "_").replace("/", ".")
        ways = _ways(label, arrays)
        for stem, suffix, own in ways:
            if len(own[1]) * 3 == own[1].shape[1] and len(own) > 2:
                reset_after.add(own[2].size == 2 * own[1].shape[1])
            tensors |= {f"{stem}.{key}{suffix}": a for key, a in _cell_tensors(own).items()}
            both |= suffix.endswith("_reverse")
        if not ways:
            tensors |= _other_tensors(label, arrays)
    options = dict(request.options)
    if len(reset_after) > 1:
        raise ModelFileError(f"weights of GRUs with and without reset_after: {_ADVICE}")
    if reset_after:
        options["reset_after"] = reset_after.pop()
    network = network_from_groups({"": tensors}, request.cells, options, request.check, ordered)
    taken = "in a row" + (", both directions joined side by side" if both else "")
    note = (
        "weights without a configuration do not tell activations, nor which layer feeds which: "
        f"taken as Keras' defaults (tanh, sigmoid gates) {taken}"
    )
    network.notes = (note if request.check else f"{note}: {TO_CHECK}", *network.notes)
    return network


def _ways(label: str, arrays: Arrays) -> list[tuple[str, str, Arrays]]:
    """(name, suffix as in PyTorch, arrays) of a cell, or of one for each direction; else none."""
    for place, suffix in ((".forward_layer", "_l0"), (".backward_layer", "_l0_reverse")):
        if label.endswith(place) and _is_cell(arrays):
            return [(label.removesuffix(place), suffix, arrays)]
    if _is_cell(arrays):
        return [(label, "", arrays)]
    half = len(arrays) // 2
    if len(arrays) in (4, 6) and _is_cell(arrays[:half]) and _is_cell(arrays[half:]):
        return [(label, "_l0", arrays[:half]), (label, "_l0_reverse", arrays[half:])]
    return []


def _found_arrays(root: hdf5.Node) -> dict[str, list[NDArray[Any]]]:
    """Arrays of Keras 3's .weights.h5 by the layer's folder."""
    found: dict[str, list[NDArray[Any]]] = {}

    def walk(node: hdf5.Node, path: str, depth: int) -> None:
        names = list(node.children)
        if path.endswith("vars"):
            layer = re.sub(
                r"^(?:layers|_layer_checkpoint_dependencies)/|/(?:cell/)?vars$", "", path
            )
            arrays = [node[name].array(f"{path}/{name}") for name in sorted(names, key=int)]
            if arrays:
                found.setdefault(layer, []).extend(arrays)
            return
        for name in names:
            if depth < 12 and not name.startswith(("optimizer", "metrics")):
                walk(node[name], f"{path}/{name}" if path else name, depth + 1)

    walk(root, "", 0)
    return found


def _is_cell(arrays: Arrays) -> bool:
    """Kernel (I, gH), recurrent kernel (H, gH), and a bias or none."""
    if len(arrays) not in (2, 3) or arrays[0].ndim != 2 or arrays[1].ndim != 2:
        return False
    n_hidden, n_columns = arrays[1].shape
    return arrays[0].shape[1] == n_columns and n_columns in (n_hidden, 3 * n_hidden, 4 * n_hidden)


def _cell_tensors(arrays: Arrays) -> dict[str, NDArray[Any]]:
    """PyTorch's names and order of blocks."""
    n_hidden, n_columns = arrays[1].shape
    bias = np.asarray(arrays[2] if len(arrays) > 2 else np.zeros(n_columns), float)
    kernel, recurrent = arrays[0].T, arrays[1].T
    if bias.shape == (2 * n_columns,):
        kernel, recurrent = layers.from_cudnn(*arrays[:2])
        bias = bias.reshape(2, n_columns)
    biases = bias if bias.ndim == 2 else np.stack([bias, np.zeros_like(bias)])
    found = {
        "weight_ih": kernel,
        "weight_hh": recurrent,
        "bias_ih": biases[0],
        "bias_hh": biases[1],
    }
    if n_columns == 3 * n_hidden:  # z r h
        order = np.r_[n_hidden : 2 * n_hidden, :n_hidden, 2 * n_hidden : 3 * n_hidden]
        found = {name: array[order] for name, array in found.items()}
    return found


def _other_tensors(label: str, arrays: Arrays) -> dict[str, Any]:
    """Dense, embedding and batch normalisation; others keep names that nothing knows."""
    shapes = [array.ndim for array in arrays]
    if shapes == [2, 1] and arrays[0].shape[1] == len(arrays[1]):
        return {f"{label}.weight": arrays[0].T, f"{label}.bias": arrays[1]}
    if shapes == [2] and "emb" in label:
        return {f"{label}.weight": arrays[0]}
    if shapes == [2]:
        return {f"{label}.weight": arrays[0].T}
    if shapes == [1, 1, 1, 1]:
        # Keras' epsilon is 1e-3, that of the tensors' reader 1e-5
        variance = np.asarray(arrays[3], float) + (1e-3 - 1e-5)
        names = ("weight", "bias", "running_mean", "running_var")
        return {f"{label}.{n}": a for n, a in zip(names, [*arrays[:3], variance], strict=True)}
    return {f"{label}.array_{i}": array for i, array in enumerate(arrays)}
