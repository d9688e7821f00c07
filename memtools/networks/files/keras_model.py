"""A Keras model's configuration as a graph of our layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memtools.exceptions import ModelFileError
from memtools.networks._tensors import as_float64
from memtools.networks.files import keras_layers as layers
from memtools.networks.files.keras_config import entries_of, output_names, shape_of, sources_of
from memtools.networks.graphs import INPUT, simplified
from memtools.networks.network import Network
from memtools.networks.recurrent_cell import Cell
from memtools.networks.stacks import Bidirectional, Compound, add_read_out, joined
from memtools.networks.variant_cells import VariantCell
from memtools.networks.windows import Late, Pool, Repeated, Reversed, Window

# (class, name, configuration) -> arrays in Keras' order; called in the order of the layers
Weights = Callable[[str, str, dict[str, Any]], Sequence[NDArray[Any]]]
_MERGES = {
    "Add": "add",
    "Average": "average",
    "Concatenate": "concatenate",
    "Maximum": "maximum",
    "Minimum": "minimum",
    "Multiply": "multiply",
    "Subtract": "subtract",
}
_BOTH_MODES = {"concat": "concatenate", "sum": "add", "ave": "average", "mul": "multiply"}
_NORMS = ("BatchNormalization", "LayerNormalization", "Normalization", "Rescaling")
_POINTWISE = ("Activation", "ReLU", "LeakyReLU", "ELU", "Softmax")
_MODELS = ("Sequential", "Functional", "Model")
_MAX_STEPS = 10_000  # joined, or decoded


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


class Reader:
    """Layers of a model, one after the other, into nodes.

    Parameters
    ----------
    weights : callable
    keras_2 : bool
        Whether Keras 2 wrote the model: its hard_sigmoid is another.
    """

    def __init__(self, weights: Weights, keras_2: bool) -> None:
        self.weights, self.keras_2 = weights, keras_2
        self.nodes: list[tuple[str, Network | str, Sequence[str]]] = []
        self.notes: list[str] = []
        self.n_input: int | None = None
        self._decoder: tuple[Tensor, int, list[Network]] | None = None

    def network(self, model: dict[str, Any]) -> Network:
        """The network of a model's configuration."""
        out = self._finished(self.model(model, Tensor(node=INPUT, size=None)))
        if not any(_remembers(layer) for _, layer, _ in self.nodes if isinstance(layer, Network)):
            kinds = ", ".join(str(entry.get("class_name")) for entry in entries_of(model)[:10])
            raise ModelFileError(f"no recurrent layer in the model; it has {kinds}")
        assert self.n_input is not None
        network = simplified(self._with_read_outs(), out.node, self.n_input)
        network.notes = tuple(dict.fromkeys(self.notes))
        return network

    def _with_read_outs(self) -> list[tuple[str, Network | str, Sequence[str]]]:
        """Linear layers that read out the cell before them become part of it."""
        uses = [source for _, _, sources in self.nodes for source in sources]
        kept: list[tuple[str, Network | str, Sequence[str]]] = []
        for name, layer, sources in self.nodes:
            before = kept[-1] if kept else None
            linear = getattr(layer, "output_activation", None) is not None and not _remembers(layer)
            alone = before is not None and list(sources) == [before[0]]
            if linear and alone and before is not None and uses.count(before[0]) == 1:
                row = [before[1]] if isinstance(before[1], Network) else []
                if row and isinstance(row[0], Cell) and isinstance(layer, Network):
                    p = layer.params
                    add_read_out(row, p["weight"], p["bias"], layer.output_activation)  # type: ignore[attr-defined]
                    if len(row) == 1:
                        kept[-1] = (name, row[0], before[2])
                        continue
            kept.append((name, layer, sources))
        return kept

    def model(self, model: dict[str, Any], start: Tensor) -> Tensor:
        """Nodes of a model, which may stand inside another; its output."""
        kind = model.get("class_name")
        if kind not in _MODELS:
            raise ModelFileError(
                f"a Keras model of class {kind!r}, whose code is not in the file: rebuild it as a "
                "Sequential or Functional model and save that, or give it as a function"
            )
        outputs: dict[str, Tensor] = {}
        previous = start
        for entry in entries_of(model):
            name = str(entry["config"].get("name") or entry.get("name"))
            sources = list(dict.fromkeys(sources_of(entry.get("inbound_nodes", []), name)))
            unknown = [source for source in sources if source not in outputs]
            if unknown:
                raise ModelFileError(f"layer {name!r} takes {unknown[0]!r}, which comes later")
            given = [outputs[source] for source in sources] or [previous]
            if entry["class_name"] == "InputLayer":
                given = [
                    self._input(entry["config"], start, bool(outputs) and kind != "Sequential")
                ]
            previous = outputs[name] = self.layer(entry, given)
        ends = output_names(model)
        if len(ends) > 1:
            self.notes.append(
                f"the model's first output is read; it also gives {', '.join(ends[1:])}"
            )
        return outputs[ends[0]] if ends else previous

    def _input(self, config: dict[str, Any], start: Tensor, again: bool) -> Tensor:
        if again:
            raise ModelFileError(
                "a model of several inputs: give it as a function of one sequence (diagnose, "
                "impulse_weights)"
            )
        shape = config.get("batch_shape") or config.get("batch_input_shape")
        if start.node != INPUT or not isinstance(shape, list):
            return start
        return replace(start, **shape_of(shape))

    def layer(self, entry: dict[str, Any], given: list[Tensor]) -> Tensor:
        """The node of one layer."""
        kind, config = str(entry["class_name"]), entry["config"]
        name = str(config.get("name") or entry.get("name"))
        x = given[0]
        shape = config.get("batch_input_shape")
        if x.node == INPUT and x.size is None and isinstance(shape, list):
            x = replace(x, **shape_of(shape))
        if kind in _MERGES:
            return self._merge(kind, name, config, given)
        if len(given) > 1:
            raise ModelFileError(f"layer {name!r} takes {len(given)} tensors: an initial state?")
        if kind in layers.PASSIVE:
            return x
        if kind in _MODELS:
            return self._nested(entry, name, x)
        if kind == "TimeDistributed":
            inner = config["layer"]
            if inner["class_name"] in (*layers.CELLS, *_MODELS, "Bidirectional", "Flatten"):
                raise layers.advised(name, f"TimeDistributed({inner['class_name']})")
            entry = {"class_name": inner["class_name"], "config": {**inner["config"], "name": name}}
            return self._simple(entry, name, x, self._arrays(kind, name, config))
        if kind in ("RNN", "Bidirectional", *layers.CELLS):
            return self._recurrent(kind, name, config, x)
        if kind in ("Embedding", "Masking", "Reshape", "Flatten", "RepeatVector"):
            return self._shaping(kind, name, config, x)
        if kind in ("GlobalAveragePooling1D", "GlobalMaxPooling1D"):
            return self._pool(kind, name, config, x)
        return self._simple(entry, name, x, None)

    def _arrays(self, kind: str, name: str, config: dict[str, Any]) -> list[Any]:
        found = list(self.weights(kind, name, config))
        for array in found:
            if np.asarray(array).dtype.kind in "iub" and np.ndim(array) > 0:
                raise ModelFileError(
                    f"layer {name!r} with quantised weights ({np.asarray(array).dtype}): save the "
                    "model before it is quantised"
                )
        return [as_float64(array, name) for array in found]

    def add(self, name: str, made: list[Network], x: Tensor, **changes: Any) -> Tensor:
        """Nodes for layers in a row."""
        if self._decoder is not None and x.node == self._decoder[0].node:
            self._decoder[2].extend(made)
            size = made[-1].n_output if made else x.size
            tensor = replace(x, size=size, **{k: v for k, v in changes.items() if k != "late"})
            if changes.get("sequence") is False:  # the decoder's last step: it is complete
                return self._finished(tensor, last=True)
            return tensor
        source = x.node
        for i, layer in enumerate(made):
            if x.node == INPUT and self.n_input is None:
                self.n_input = layer.n_input
            node = name if i == len(made) - 1 else f"{name}/{i}"
            late = x.late and not isinstance(layer, Window) and _remembers(layer)
            self.nodes.append((node, Late(layer, x.late) if late else layer, [source]))
            source = node
        return replace(x, node=source, size=made[-1].n_output, **changes)

    def _finished(self, x: Tensor, last: bool = False) -> Tensor:
        """What a RepeatVector and the layers behind it make of one input."""
        if self._decoder is None or x.node != self._decoder[0].node:
            return x
        start, n_steps, made = self._decoder
        self._decoder = None
        if not made:
            raise ModelFileError("a RepeatVector with no recurrent layer behind it")
        self.notes.append(
            f"a decoder of {n_steps} steps: its outputs "
            + ("(the last)" if last else "stand side by side")
            + ", here for the sequence up to each step"
        )
        before = replace(start, node=start.node.removesuffix("/repeated"), sequence=False)
        return self.add("decoder", [Repeated(joined(made), n_steps, last=last)], before)

    def _merge(self, kind: str, name: str, config: dict[str, Any], given: list[Tensor]) -> Tensor:
        given = [self._finished(x) for x in given]
        axis = config.get("axis", -1)
        rank = 2 if given[0].sequence else 1
        if kind == "Concatenate" and axis not in (-1, rank):
            raise layers.advised(name, f"Concatenate along axis {axis}")
        if len({(x.sequence, x.late) for x in given}) > 1:
            raise ModelFileError(f"layer {name!r} joins sequences of different lengths")
        known = [x.size for x in given if x.size is not None]
        if any(x.node == INPUT for x in given) and self.n_input is None:
            self.n_input = next(x.size for x in given if x.node == INPUT)
        if len(known) < len(given) or self.n_input is None:
            raise ModelFileError(f"layer {name!r}: the number of inputs is not told")
        self.nodes.append((name, _MERGES[kind], [x.node for x in given]))
        size = sum(known) if kind == "Concatenate" else known[0]
        return replace(given[0], node=name, size=size)

    def _nested(self, entry: dict[str, Any], name: str, x: Tensor) -> Tensor:
        outer = self.weights
        groups = outer(entry["class_name"], name, entry["config"])
        assert callable(groups)
        self.weights = groups
        end = self.model(entry, x)
        self.weights = outer
        return end

    def _recurrent(self, kind: str, name: str, config: dict[str, Any], x: Tensor) -> Tensor:
        if not x.sequence and (self._decoder is None or x.node != self._decoder[0].node):
            raise ModelFileError(f"layer {name!r} runs along an axis that is no longer time")
        arrays = self._arrays(kind, name, config)
        inner = config["layer"]["config"] if kind == "Bidirectional" else config
        every = bool(inner.get("return_sequences"))
        if inner.get("return_state"):
            self.notes.append(f"layer {name!r} also gives its state, which is left out")
        if not every:
            self.notes.append(
                f"layer {name!r} gives its last output only; here outputs at every step"
            )
        if kind == "Bidirectional":
            return self._both_ways(name, config, arrays, x, every)
        made = [joined(self._cell(kind, config, arrays))]
        if config.get("go_backwards"):
            if every:
                raise layers.advised(name, f"{kind} with go_backwards that turns time round")
            made = [Reversed(made[0], ends=True)]
        return self.add(name, made, x, sequence=every)

    def _cell(self, kind: str, config: dict[str, Any], arrays: list[Any]) -> list[Network]:
        """The cell of a layer, or the cells of RNN([...])."""
        if kind != "RNN":
            return [layers.cell(kind, config, arrays, self.notes, self.keras_2)]
        inner = config["cell"]
        cells = inner["config"]["cells"] if inner["class_name"] == "StackedRNNCells" else [inner]
        made: list[Network] = []
        for entry in cells:
            if entry["class_name"] not in layers.CELLS:
                raise layers.advised(str(config.get("name")), f"RNN({entry['class_name']})")
            n = 2 + bool(entry["config"].get("use_bias", True))
            own, arrays = arrays[:n], arrays[n:]
            made.append(
                layers.cell(entry["class_name"], entry["config"], own, self.notes, self.keras_2)
            )
        return made

    def _both_ways(
        self, name: str, config: dict[str, Any], arrays: list[Any], x: Tensor, every: bool
    ) -> Tensor:
        inner, half = config["layer"], len(arrays) // 2
        if inner["class_name"] not in (*layers.CELLS, "RNN"):
            raise layers.advised(name, f"Bidirectional({inner['class_name']})")
        back = (config.get("backward_layer") or inner)["config"]
        ahead = joined(self._cell(inner["class_name"], inner["config"], arrays[:half]))
        behind = joined(self._cell(inner["class_name"], back, arrays[half:]))
        mode = config.get("merge_mode", "concat")
        if mode not in _BOTH_MODES:
            raise layers.advised(name, f"Bidirectional with merge_mode {mode!r}")
        if every and mode == "concat":
            return self.add(name, [Bidirectional(ahead, behind)], x)
        if not every:
            self.notes.append(f"layer {name!r}: its backward part stands for the whole sequence")
        forward = self.add(f"{name}/forward", [ahead], x, sequence=every)
        backward = self.add(f"{name}/backward", [Reversed(behind, ends=not every)], x)
        self.nodes.append((name, _BOTH_MODES[mode], [forward.node, backward.node]))
        size = ahead.n_output + behind.n_output if mode == "concat" else ahead.n_output
        return replace(forward, node=name, size=size)

    def _shaping(self, kind: str, name: str, config: dict[str, Any], x: Tensor) -> Tensor:
        """Layers that change shapes, or what the inputs are."""
        if kind == "Embedding":
            if x.node != INPUT:
                raise layers.advised(name, "Embedding behind other layers")
            self._arrays(kind, name, config)  # counted: layers of the class are numbered
            self.notes.append(f"layer {name!r} left out: the inputs are its vectors")
            if config.get("mask_zero"):
                self.notes.append(f"layer {name!r} masks index 0: here no step is skipped")
            return replace(x, size=int(config["output_dim"]), sequence=True)
        if kind == "Masking":
            self.notes.append(
                f"layer {name!r} skips steps of {config.get('mask_value', 0.0)}: here none is"
            )
            return x
        if kind == "RepeatVector":
            free = not x.sequence and x.node != INPUT and self._decoder is None
            if not free or not 0 < int(config["n"]) <= _MAX_STEPS:
                raise layers.advised(name, "RepeatVector")
            tensor = replace(x, node=f"{x.node}/repeated", steps=int(config["n"]), sequence=True)
            self._decoder = tensor, int(config["n"]), []
            return tensor
        if kind == "Flatten" and not x.sequence:
            return x
        if kind == "Reshape":
            return self._reshaped(name, [*config["target_shape"]], x)
        known = x.steps is not None and x.steps <= _MAX_STEPS and x.size is not None
        if x.steps is None or x.size is None or not known or x.late or x.node == INPUT:
            raise layers.advised(name, "Flatten of sequences of any length")
        self.notes.append(
            f"layer {name!r} joins {x.steps} steps; here the last so many at each step"
        )
        lags = range(x.steps - 1, -1, -1)
        return self.add(name, [Window(list(lags), x.size)], x, sequence=False)

    def _reshaped(self, name: str, target: list[Any], x: Tensor) -> Tensor:
        """Shapes that change nothing, and that of the inputs into sequences."""
        if len(target) == 2 and x.node == INPUT and target[1] not in (None, -1):
            self.notes.append(f"layer {name!r}: the inputs are given as sequences of {target[1]}")
            return replace(x, size=int(target[1]), sequence=True, steps=None)
        same = len(target) == (2 if x.sequence else 1) and target[-1] in (x.size, -1)
        if same and (not x.sequence or target[0] in (x.steps, -1)):
            return x
        raise layers.advised(name, f"Reshape to {tuple(target)}")

    def _pool(self, kind: str, name: str, config: dict[str, Any], x: Tensor) -> Tensor:
        if config.get("keepdims") or not x.sequence or x.size is None:
            raise layers.advised(name, kind)
        if config.get("data_format", "channels_last") != "channels_last":
            raise layers.advised(name, f"{kind} with channels first")
        way = "mean" if kind == "GlobalAveragePooling1D" else "maximum"
        self.notes.append(f"layer {name!r} pools over time; here over the steps up to each")
        return self.add(name, [Pool(way, x.size)], x, sequence=False)

    def _simple(
        self, entry: dict[str, Any], name: str, x: Tensor, arrays: list[Any] | None
    ) -> Tensor:
        """Layers of a step alone, and convolutions."""
        kind, config = str(entry["class_name"]), {**entry["config"], "name": name}
        if kind in layers.PASSIVE:
            return x
        if kind not in ("Dense", "Conv1D", *_NORMS, *_POINTWISE):
            raise layers.advised(name, kind)
        if arrays is None:
            arrays = [] if kind in _POINTWISE else self._arrays(kind, name, config)
        if kind == "Dense":
            return self.add(name, layers.dense(config, arrays, self.keras_2), x)
        if kind == "Conv1D":
            made, late = layers.convolution(config, arrays, self.keras_2)
            if late:
                self.notes.append(f"layer {name!r} gives {late} steps less: here the first are 0")
            return self.add(name, made, x, late=x.late + late)
        told = (int(array.size) for array in arrays if array.ndim)
        size = x.size if x.size is not None else next(told, None)
        if size is None:
            raise ModelFileError(f"layer {name!r}: the number of inputs is not told")
        if kind in _NORMS:
            rank = 2 if x.sequence else 1
            return self.add(name, [layers.normalisation(kind, config, arrays, size, rank)], x)
        return self.add(name, [layers.elementwise(kind, config, size, self.keras_2)], x)


def _remembers(layer: Any) -> bool:
    """A recurrent layer, or one made of such."""
    if isinstance(layer, Compound):
        return any(map(_remembers, layer.parts.values()))
    return isinstance(layer, Cell | VariantCell)
