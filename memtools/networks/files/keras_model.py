"""The layers of a Keras model as ours."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from memtools.exceptions import ModelFileError
from memtools.networks._tensors import as_float64
from memtools.networks.files import keras_layers as layers
from memtools.networks.files.keras_nodes import MERGES, MODELS, NORMS, Nodes, Tensor, shape_of
from memtools.networks.graphs import INPUT
from memtools.networks.network import Network
from memtools.networks.stacks import Bidirectional, joined
from memtools.networks.windows import Pool, Reversed, Window

_BOTH_MODES = {"concat": "concatenate", "sum": "add", "ave": "average", "mul": "multiply"}
_POINTWISE = ("Activation", "ReLU", "LeakyReLU", "ELU", "Softmax")
_MAX_STEPS = 10_000  # joined, or decoded


class Reader(Nodes):
    """A Keras model's configuration and weights into a network."""

    def layer(self, entry: dict[str, Any], name: str, given: list[Tensor]) -> Tensor:
        """The node of one call of a layer."""
        kind, config = layers.class_of(entry), entry["config"]
        x = given[0]
        shape = config.get("batch_input_shape")
        if x.node == INPUT and x.size is None and isinstance(shape, list):
            x = replace(x, **shape_of(shape))
        if kind in MERGES:
            return self.merge(kind, name, config, given)
        if len(given) > 1:
            if kind in (*layers.CELLS, "RNN", "Bidirectional"):
                raise ModelFileError(f"layer {name!r} takes {len(given)} tensors: an initial state")
            raise layers.unread(name, f"{kind} of {len(given)} tensors")
        if kind in layers.PASSIVE:
            return x
        if kind in MODELS:
            return self.nested(entry, name, x)
        if kind == "TimeDistributed":
            inner = layers.class_of(config["layer"])
            if inner in (*layers.CELLS, *MODELS, "Bidirectional", "Flatten", "Conv1D"):
                raise layers.unread(name, f"TimeDistributed({inner})")
            own = {**config["layer"]["config"], "name": config.get("name")}
            return self._simple(inner, name, own, x)
        if kind in ("RNN", "Bidirectional", *layers.CELLS):
            return self._recurrent(kind, name, config, x)
        if kind in ("Embedding", "Masking", "Reshape", "Flatten", "RepeatVector"):
            return self._shaping(kind, name, config, x)
        if kind in ("GlobalAveragePooling1D", "GlobalMaxPooling1D"):
            return self._pool(kind, name, config, x)
        return self._simple(kind, name, config, x)

    def _arrays(self, config: dict[str, Any]) -> list[Any]:
        """The arrays of a layer, read once for all its calls."""
        name = str(config.get("name"))
        found = list(self.arrays.get(name, ()))
        for array in found:
            if np.asarray(array).dtype.kind in "iub" and np.ndim(array) > 0:
                raise ModelFileError(
                    f"layer {name!r} with quantised weights ({np.asarray(array).dtype}): save the "
                    "model before it is quantised"
                )
        return [as_float64(array, name) for array in found]

    def _recurrent(self, kind: str, name: str, config: dict[str, Any], x: Tensor) -> Tensor:
        if not x.sequence and (self.decoder is None or x.node != self.decoder[0].node):
            raise ModelFileError(f"layer {name!r} runs along an axis that is no longer time")
        arrays = self._arrays(config)
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
        made = self._cells(name, [(kind, config)], arrays)
        if config.get("go_backwards"):
            if every:
                raise layers.unread(name, f"{kind} with go_backwards that turns time round")
            made = [Reversed(made[0], ends=True)]
        return self.add(name, made, x, sequence=every)

    def _cells(
        self, name: str, told: list[tuple[str, dict[str, Any]]], arrays: list[Any]
    ) -> list[Network]:
        """A network for each (class, configuration), the arrays shared out in order."""
        made = [joined(self._cell(kind, config, arrays)) for kind, config in told]
        if arrays:
            raise ModelFileError(f"layer {name!r} with {len(arrays)} arrays too many")
        return made

    def _cell(self, kind: str, config: dict[str, Any], arrays: list[Any]) -> list[Network]:
        """The cell of a layer, or the cells of RNN([...]); they take their arrays off the list."""
        cells = [(kind, config)]
        if kind == "RNN":
            inner = config["cell"]
            stacked = inner["class_name"] == "StackedRNNCells"
            entries = inner["config"]["cells"] if stacked else [inner]
            cells = [(layers.class_of(entry), entry["config"]) for entry in entries]
        made: list[Network] = []
        for own, told in cells:
            if own not in layers.CELLS:
                raise layers.unread(str(config.get("name")), f"RNN({own})")
            n = layers.n_arrays(own, told)
            made.append(layers.cell(own, told, arrays[:n], self.notes, self.keras_2))
            del arrays[:n]
        return made

    def _both_ways(
        self, name: str, config: dict[str, Any], arrays: list[Any], x: Tensor, every: bool
    ) -> Tensor:
        entries = [config["layer"], config.get("backward_layer") or config["layer"]]
        told = [(layers.class_of(entry), entry["config"]) for entry in entries]
        for kind, _ in told:
            if kind not in (*layers.CELLS, "RNN"):
                raise layers.unread(name, f"Bidirectional({kind})")
        if told[0][1].get("go_backwards"):
            raise layers.unread(name, "Bidirectional whose forward layer goes backwards")
        ahead, behind = self._cells(name, told, arrays)
        mode = config.get("merge_mode", "concat")
        if mode not in _BOTH_MODES:
            raise layers.unread(name, f"Bidirectional with merge_mode {mode!r}")
        if every and mode == "concat":
            return self.add(name, [Bidirectional(ahead, behind)], x)
        if self.decoder is not None and x.node == self.decoder[0].node:
            raise layers.unread(name, f"Bidirectional (merge_mode {mode!r}) in a decoder")
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
                raise layers.unread(name, "Embedding behind other layers")
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
            free = not x.sequence and x.node != INPUT and self.decoder is None
            if not free or not 0 < int(config["n"]) <= _MAX_STEPS:
                raise layers.unread(name, "RepeatVector")
            tensor = replace(x, node=f"{x.node}/repeated", steps=int(config["n"]), sequence=True)
            self.decoder = tensor, int(config["n"]), []
            return tensor
        if kind == "Flatten" and not x.sequence:
            return x
        if kind == "Reshape":
            return self._reshaped(name, [*config["target_shape"]], x)
        known = x.steps is not None and x.steps <= _MAX_STEPS and x.size is not None
        if x.steps is None or x.size is None or not known or x.late or x.node == INPUT:
            raise layers.unread(name, "Flatten of sequences of any length")
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
        raise layers.unread(name, f"Reshape to {tuple(target)}")

    def _pool(self, kind: str, name: str, config: dict[str, Any], x: Tensor) -> Tensor:
        if config.get("keepdims") or not x.sequence or x.size is None:
            raise layers.unread(name, kind)
        if config.get("data_format", "channels_last") != "channels_last":
            raise layers.unread(name, f"{kind} with channels first")
        way = "mean" if kind == "GlobalAveragePooling1D" else "maximum"
        self.notes.append(f"layer {name!r} pools over time; here over the steps up to each")
        return self.add(name, [Pool(way, x.size)], x, sequence=False)

    def _simple(self, kind: str, name: str, config: dict[str, Any], x: Tensor) -> Tensor:
        """Layers of a step alone, and convolutions."""
        if kind in layers.PASSIVE:
            return x
        if kind not in ("Dense", "Conv1D", "PReLU", *NORMS, *_POINTWISE):
            raise layers.unread(name, kind)
        arrays = [] if kind in _POINTWISE else self._arrays(config)
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
        if kind == "PReLU":
            return self.add(name, [layers.prelu_of(config, arrays, size)], x)
        if kind in NORMS:
            rank = 2 if x.sequence else 1
            return self.add(name, [layers.normalisation(kind, config, arrays, size, rank)], x)
        return self.add(name, [layers.elementwise(kind, config, size, self.keras_2)], x)
