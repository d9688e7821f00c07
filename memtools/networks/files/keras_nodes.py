"""A Keras model's configuration as a graph: which layer feeds which, and what it says of each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memtools.exceptions import ModelFileError
from memtools.networks.files import keras_layers as layers
from memtools.networks.files.read_outs import Node, remembers, with_read_outs
from memtools.networks.graphs import INPUT, simplified
from memtools.networks.network import Network
from memtools.networks.stacks import Linear, joined
from memtools.networks.windows import Late, Pool, Repeated


def entries_of(model: dict[str, Any]) -> list[dict[str, Any]]:
    """Layers of a model's configuration; Keras 2.2's Sequential is a bare list of them."""
    config = model["config"]
    found: list[dict[str, Any]] = config if isinstance(config, list) else config["layers"]
    return found


def ends_of(model: dict[str, Any], key: str) -> list[tuple[str, int]]:
    """(layer, its call) of a Functional model's "input_layers" or "output_layers"."""
    config = model["config"]
    given = config.get(key, []) if isinstance(config, dict) else []
    if isinstance(given, list) and len(given) == 3 and isinstance(given[0], str):
        given = [given]
    return list(_references(given))


def _references(value: Any) -> Iterator[tuple[str, int]]:
    if isinstance(value, dict):
        value = list(value.values())
    for item in value if isinstance(value, list) else []:
        if isinstance(item, list) and len(item) == 3 and isinstance(item[0], str):
            yield str(item[0]), int(item[1])
        else:
            yield from _references(item)


def calls_of(inbound: Any, name: str) -> list[list[tuple[str, int]]]:
    """(layer, its call) that feed each call of a layer, by Keras 3's or Keras 2's description."""
    calls = inbound if isinstance(inbound, list) else [inbound]
    return [list(dict.fromkeys(_histories(call, name))) for call in calls if call]


def _histories(value: Any, name: str) -> Iterator[tuple[str, int]]:
    if isinstance(value, dict):
        if "keras_history" in value:
            yield from _first_tensor(value["keras_history"], name)
            return
        for item in value.values():
            yield from _histories(item, name)
    elif isinstance(value, list):
        if len(value) in (3, 4) and isinstance(value[0], str) and isinstance(value[1], int):
            yield from _first_tensor(value, name)
            return
        for item in value:
            yield from _histories(item, name)


def _first_tensor(history: list[Any], name: str) -> Iterator[tuple[str, int]]:
    source, call, tensor = history[:3]
    if tensor:
        raise ModelFileError(
            f"layer {name!r} takes the state of {source!r}: an encoder and a decoder, which are no "
            "row of layers; save each as a model of its own"
        )
    yield str(source), int(call)


def shape_of(shape: list[Any]) -> dict[str, Any]:
    """Size and steps from (batch, steps, size) or (batch, size)."""
    if len(shape) > 3:
        raise InputsError(f"inputs of shape {tuple(shape[1:])}, which are no sequence of vectors")
    if len(shape) == 3:
        return {"size": shape[2], "steps": shape[1], "sequence": True}
    return {"size": None, "steps": None, "sequence": True}


# (class, name, configuration) -> arrays in Keras' order; called in the order of the layers
Weights = Callable[[str, str, dict[str, Any]], Sequence[NDArray[Any]]]
MERGES = {
    "Add": "add",
    "Average": "average",
    "Concatenate": "concatenate",
    "Maximum": "maximum",
    "Minimum": "minimum",
    "Multiply": "multiply",
    "Subtract": "subtract",
}
MODELS = ("Sequential", "Functional", "Model")
NORMS = (
    *("BatchNormalization", "LayerNormalization", "RMSNormalization", "UnitNormalization"),
    *("Normalization", "Rescaling"),
)
# Layers that may hold arrays; counted in their order, for files number them by class.
_WEIGHTED = (
    *("Dense", "Conv1D", "Embedding", "PReLU", "TimeDistributed", "RNN", "Bidirectional"),
    *(*NORMS, *layers.CELLS, *MODELS),
)


@dataclass(frozen=True, kw_only=True)
class Tensor:
    """What flows between two layers: a node of the graph and the shape of its values.

    Attributes
    ----------
    node : str
    size : int or None
        Of the last axis; None for indices, or where it is not told yet.
    steps : int or None
        Length of the sequences, if fixed.
    sequence : bool
        False after a layer that gives the last step only.
    late : int
        Steps that convolutions without padding have swallowed.
    """

    node: str
    size: int | None
    steps: int | None = None
    sequence: bool = True
    late: int = 0


class InputsError(ModelFileError):
    """A model that is no function of one sequence."""


class Nodes(ABC):
    """Layers of a model, one after the other, into nodes.

    Parameters
    ----------
    weights : callable
    keras_2 : bool
        Whether Keras 2 wrote the model: its hard_sigmoid is another.
    """

    def __init__(self, weights: Weights, keras_2: bool) -> None:
        self.weights, self.keras_2 = weights, keras_2
        self.nodes: list[Node] = []
        self.notes: list[str] = []
        self.n_input: int | None = None
        self.arrays: Mapping[str, Any] = {}
        self._inputs: dict[str, Tensor] = {}
        self.decoder: tuple[Tensor, int, list[Network]] | None = None

    @abstractmethod
    def layer(self, entry: dict[str, Any], name: str, given: list[Tensor]) -> Tensor:
        """The node of one call of a layer."""

    def network(self, model: dict[str, Any]) -> Network:
        """The network of a model's configuration."""
        out = self.finished(self.model(model, Tensor(node=INPUT, size=None)))
        if not any(remembers(layer) for _, layer, _ in self.nodes):
            kinds = ", ".join(str(entry.get("class_name")) for entry in entries_of(model)[:10])
            raise ModelFileError(f"no recurrent layer in the model; it has {kinds}")
        assert self.n_input is not None
        network = simplified(with_read_outs(self.nodes), out.node, self.n_input)
        network.notes = tuple(dict.fromkeys(self.notes))
        return network

    def model(self, model: dict[str, Any], start: Tensor) -> Tensor:
        """Nodes of a model, which may stand inside another; its output."""
        kind = model.get("class_name")
        if kind not in MODELS:
            raise ModelFileError(
                f"a Keras model of class {kind!r}, whose code is not in the file: rebuild it as a "
                "Sequential or Functional model and save that"
            )
        entries = [(entry, _name(entry)) for entry in entries_of(model)]
        outer, self.arrays = (
            self.arrays,
            {
                name: self.weights(str(entry["class_name"]), name, entry["config"])
                for entry, name in entries
                if entry["class_name"] in _WEIGHTED
            },
        )
        if start.node == INPUT:
            self._side_by_side(model, entries)
        outputs: dict[tuple[str, int], Tensor] = {}
        waiting: list[tuple[dict[str, Any], str, int, list[tuple[str, int]]]] = []
        previous = start
        for entry, name in entries:
            calls = calls_of(entry.get("inbound_nodes", []), name) or [[]]
            waiting += [(entry, name, i, sources) for i, sources in enumerate(calls)]
            ready = [call for call in waiting if all(s in outputs for s in call[3])]
            while ready:
                for call in ready:
                    one, own, i, sources = call
                    given = [outputs[source] for source in sources] or [previous]
                    if one["class_name"] == "InputLayer":
                        given = [self._inputs.get(own) or _input(one["config"], start)]
                    label = f"{own}/call_{i}" if i else own
                    previous = outputs[own, i] = self.layer(one, label, given)
                    waiting.remove(call)
                ready = [call for call in waiting if all(s in outputs for s in call[3])]
        if waiting:
            raise ModelFileError(f"layer {waiting[0][1]!r} takes what no layer gives")
        self.arrays = outer
        ends = ends_of(model, "output_layers")
        if len(ends) > 1:
            others = ", ".join(name for name, _ in ends[1:])
            self.notes.append(f"the model's first output is read; it also gives {others}")
        return outputs[ends[0]] if ends else previous

    def _side_by_side(
        self, model: dict[str, Any], entries: list[tuple[dict[str, Any], str]]
    ) -> None:
        """Several inputs as one, each the part of it that belongs to it."""
        found = {name: e["config"] for e, name in entries if e["class_name"] == "InputLayer"}
        names = [name for name, _ in ends_of(model, "input_layers") if name in found]
        if len(names) < 2:
            return
        tensors = {name: _input(found[name], Tensor(node=name, size=None)) for name in names}
        sizes = [tensors[name].size or 0 for name in names]
        if not all(sizes):
            raise InputsError(f"several inputs ({', '.join(names)}), not all of them sequences")
        self.n_input = sum(sizes)
        rows = np.split(np.eye(self.n_input), np.cumsum(sizes)[:-1])
        for name, own in zip(names, rows, strict=True):
            self.nodes.append((name, Linear({"weight": own, "bias": np.zeros(len(own))}), [INPUT]))
        self._inputs = tensors
        shown = ", ".join(f"{name} ({size})" for name, size in zip(names, sizes, strict=True))
        self.notes.append(f"several inputs side by side, in the order {shown}")

    def nested(self, entry: dict[str, Any], name: str, x: Tensor) -> Tensor:
        """Nodes of a model inside another."""
        own = _name(entry)
        if name != own:
            raise ModelFileError(f"model {own!r}, inside another, is used several times")
        outer, self.weights = self.weights, self.arrays[own]
        end = self.model(entry, x)
        self.weights = outer
        return end

    def add(self, name: str, made: list[Network], x: Tensor, **changes: Any) -> Tensor:
        """Nodes for layers in a row."""
        if self.decoder is not None and x.node == self.decoder[0].node:
            self.decoder[2].extend(made)
            size = made[-1].n_output if made else x.size
            tensor = replace(x, size=size, **{k: v for k, v in changes.items() if k != "late"})
            if changes.get("sequence") is False:  # the decoder's last step: it is complete
                return self.finished(tensor, last=True)
            return tensor
        source = x.node
        for i, layer in enumerate(made):
            if x.node == INPUT and self.n_input is None:
                self.n_input = layer.n_input
            node = name if i == len(made) - 1 else f"{name}/{i}"
            late = x.late and (remembers(layer) or isinstance(layer, Pool))
            self.nodes.append((node, Late(layer, x.late) if late else layer, [source]))
            source = node
        return replace(x, node=source, size=made[-1].n_output, **changes)

    def finished(self, x: Tensor, last: bool = False) -> Tensor:
        """What a RepeatVector and the layers behind it make of one input."""
        if self.decoder is None or x.node != self.decoder[0].node:
            return x
        start, n_steps, made = self.decoder
        self.decoder = None
        if not made:
            raise ModelFileError("a RepeatVector with no recurrent layer behind it")
        self.notes.append(
            f"a decoder of {n_steps} steps: its outputs "
            + ("(the last)" if last else "stand side by side")
            + ", here for the sequence up to each step"
        )
        before = replace(start, node=start.node.removesuffix("/repeated"), sequence=False)
        return self.add("decoder", [Repeated(joined(made), n_steps, last=last)], before)

    def merge(self, kind: str, name: str, config: dict[str, Any], given: list[Tensor]) -> Tensor:
        """Several tensors as one."""
        given = [self.finished(x) for x in given]
        axis = config.get("axis", -1)
        rank = 2 if given[0].sequence else 1
        if kind == "Concatenate" and axis not in (-1, rank):
            raise layers.unread(name, f"Concatenate along axis {axis}")
        if len({(x.sequence, x.late) for x in given}) > 1:
            raise ModelFileError(f"layer {name!r} joins sequences of different lengths")
        known = [x.size for x in given if x.size is not None]
        if any(x.node == INPUT for x in given) and self.n_input is None:
            self.n_input = next(x.size for x in given if x.node == INPUT)
        if len(known) < len(given) or self.n_input is None:
            raise ModelFileError(f"layer {name!r}: the number of inputs is not told")
        if kind != "Concatenate":
            given = [self._widened(name, i, x, max(known)) for i, x in enumerate(given)]
        self.nodes.append((name, MERGES[kind], [x.node for x in given]))
        return replace(
            given[0], node=name, size=sum(known) if kind == "Concatenate" else max(known)
        )

    def _widened(self, name: str, i: int, x: Tensor, size: int) -> Tensor:
        """One number a step, such as a gate, stands for as many as the others have."""
        if x.size != 1 or size == 1:
            return x
        wide = Linear({"weight": np.ones((size, 1)), "bias": np.zeros(size)})
        return self.add(f"{name}/wide_{i}", [wide], x)


def _name(entry: dict[str, Any]) -> str:
    return str(entry["config"].get("name") or entry.get("name"))


def _input(config: dict[str, Any], start: Tensor) -> Tensor:
    """A model's input, of the shape that it tells where nothing stands before it."""
    shape = config.get("batch_shape") or config.get("batch_input_shape")
    if start.size is not None or not isinstance(shape, list):
        return start
    return replace(start, **shape_of(shape))
