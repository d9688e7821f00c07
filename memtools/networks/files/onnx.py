"""ONNX graphs of recurrent layers in a row: RNN, LSTM, GRU, linear layers, activations.

The graph is followed from its first output back to its input.  Blocks of the LSTM stand in the
order i o f c, of the GRU z r h.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from memtools._validate import FloatArray
from memtools.exceptions import ModelFileError
from memtools.networks._tensors import as_float64
from memtools.networks.cells import GRU, LSTM, RNN
from memtools.networks.files.archive import MAX_GROWTH
from memtools.networks.files.protobuf import Operation, Reader, operation, text
from memtools.networks.network import Cell, Network
from memtools.networks.stacks import Bidirectional, Linear, add_read_out, joined

# class, its blocks in our order, the default activations
_CELLS: dict[str, tuple[type[Cell], tuple[int, ...], tuple[str, ...]]] = {
    "RNN": (RNN, (0,), ("Tanh",)),
    "LSTM": (LSTM, (0, 2, 3, 1), ("Sigmoid", "Tanh", "Tanh")),
    "GRU": (GRU, (1, 0, 2), ("Sigmoid", "Tanh")),
}
_ACTIVATIONS = {"Tanh": "tanh", "Sigmoid": "sigmoid", "Relu": "relu", "Softmax": "softmax"}
# They move numbers about or, in a trained network, do nothing.
_PASSIVE = (
    "Transpose",
    "Squeeze",
    "Unsqueeze",
    "Reshape",
    "Flatten",
    "Identity",
    "Cast",
    "Dropout",
)
_CHOOSING = ("Gather", "Slice", "ReduceMean")
_MAX_DEPTH = 200


class Graph:
    """Operations and constants of a model.

    Parameters
    ----------
    data : bytes
    """

    def __init__(self, data: bytes) -> None:
        reader = Reader()
        model = reader.fields(memoryview(data))
        if 7 not in model or 8 not in model or not isinstance(model[7][-1], memoryview):
            raise ModelFileError("no graph, or no version of its operations, in the ONNX file")
        graph = reader.fields(model[7][-1])
        self.operations = [operation(reader, item) for item in graph.get(1, [])]
        self.constants: dict[str, NDArray[Any]] = {}
        for item in graph.get(5, []):
            self.constants[text(reader.fields(item), 8)] = reader.tensor(item)
        inputs = [text(reader.fields(item), 1) for item in graph.get(11, [])]
        self.inputs = [name for name in inputs if name not in self.constants]
        self.outputs = [text(reader.fields(item), 1) for item in graph.get(12, [])]
        self._n_bytes, self._n_bytes_allowed = 0, 4 * len(data) + MAX_GROWTH // 2
        self.source = {name: op for op in self.operations for name in op.outputs if name}

    def constant(self, name: str, depth: int = 0) -> NDArray[Any] | None:
        """Value of a name that does not depend on the input, else None."""
        if name in self.constants or name not in self.source or depth > _MAX_DEPTH:
            return self.constants.get(name)
        op = self.source[name]
        if op.kind == "Constant":
            value = op.attributes.get("value")
            return value if isinstance(value, np.ndarray) else None
        if op.kind not in _FOLDED:
            return None
        values = [self.constant(item, depth + 1) for item in op.inputs if item]
        known = [value for value in values if value is not None]
        if len(known) < len(values) or not known:
            return None
        self.constants[name] = _FOLDED[op.kind](op, known)
        return self.constants[name]

    def weight(self, name: str) -> FloatArray | None:
        """A constant in float64; counted, for operations may share it only so far."""
        value = self.constant(name)
        if value is None:
            return None
        self._n_bytes += 8 * value.size
        if self._n_bytes > self._n_bytes_allowed:
            raise ModelFileError("an ONNX file with weights that repeat each other")
        return as_float64(value, name)


def _axes(op: Operation, values: list[NDArray[Any]]) -> tuple[int, ...]:
    """Axes were attributes up to opset 12 and are inputs since."""
    axes = values[1].tolist() if len(values) > 1 else op.attributes.get("axes", [0])
    return tuple(int(axis) for axis in axes)


def _slice(op: Operation, values: list[NDArray[Any]]) -> NDArray[Any]:
    if len(values) == 1:
        bounds = [op.attributes["starts"], op.attributes["ends"], op.attributes.get("axes", [0])]
    else:
        bounds = [value.tolist() for value in values[1:4]]
    index: list[slice] = [slice(None)] * values[0].ndim
    for start, end, axis in zip(*bounds, strict=True):
        index[axis] = slice(start, end)
    return values[0][tuple(index)]


# How weights reach the recurrent operations where an exporter did not fold constants.
_FOLDED: dict[str, Any] = {
    "Identity": lambda op, values: values[0],
    "Cast": lambda op, values: values[0],
    "Transpose": lambda op, values: values[0].transpose(op.attributes.get("perm")),
    "Unsqueeze": lambda op, values: np.expand_dims(values[0], _axes(op, values)),
    "Squeeze": lambda op, values: np.squeeze(values[0], _axes(op, values)),
    "Concat": lambda op, values: np.concatenate(values, op.attributes.get("axis", 0)),
    "Slice": _slice,
}


def read(data: bytes) -> Network:
    """The network of an ONNX file."""
    graph = Graph(data)
    notes: list[str] = []
    steps = _path_back(graph, notes)
    layers: list[Network] = []
    while steps:
        op = steps.pop(0)
        if op.kind in _CELLS:
            layers.append(_cell(graph, op))
        elif op.kind in ("MatMul", "Gemm"):
            summed = op.kind == "MatMul" and bool(steps) and steps[0].kind == "Add"
            weight, bias = _linear(graph, op, steps.pop(0) if summed else None)
            active = bool(steps) and steps[0].kind in _ACTIVATIONS
            g = _ACTIVATIONS[steps.pop(0).kind] if active else "identity"
            if layers:
                add_read_out(layers, weight, bias, g)
            else:
                layers.append(Linear({"weight": weight, "bias": bias}, output_activation=g))
        else:
            raise ModelFileError(f"operation {op.kind} that follows no linear layer")
    if not any(isinstance(layer, Cell | Bidirectional) for layer in layers):
        kinds = ", ".join(sorted({op.kind for op in graph.operations})) or "nothing"
        raise ModelFileError(f"no RNN, LSTM or GRU on the way to the first output; found {kinds}")
    network = joined(layers)
    network.notes = tuple(notes)
    return network


def _path_back(graph: Graph, notes: list[str]) -> list[Operation]:
    """Operations that compute, in order, from the input to the first output."""
    if not graph.outputs:
        raise ModelFileError("a graph without outputs")
    if len(graph.outputs) > 1:
        notes.append(
            f"the graph's first output is read; it also has {', '.join(graph.outputs[1:])}"
        )
    name, steps = graph.outputs[0], []
    for _ in range(len(graph.operations)):
        if name not in graph.source:
            break
        op = graph.source[name]
        data = [item for item in op.inputs if item and graph.constant(item) is None]
        if op.kind in _CELLS:
            if name in op.outputs[2:3]:
                raise ModelFileError("the graph's output is the cell state of an LSTM")
            if name in op.outputs[1:2]:
                notes.append("the graph gives its last output only; here outputs at every step")
            data = op.inputs[:1]
        elif op.kind in _CHOOSING:
            notes.append(f"the graph chooses among steps ({op.kind}); here outputs at every step")
            data = op.inputs[:1]
        elif op.kind in _PASSIVE:
            data = op.inputs[:1]
        if len(data) != 1 or op.kind not in (*_CELLS, *_ACTIVATIONS, *_CHOOSING, *_PASSIVE, *_SUMS):
            raise ModelFileError(
                f"operation {op.kind} ({', '.join(data) or 'no input'}); read are "
                f"{', '.join(_CELLS)} with linear layers and activations, in a row"
            )
        if op.kind not in (*_CHOOSING, *_PASSIVE):
            steps.append(op)
        name = data[0]
    if name not in graph.inputs:
        raise ModelFileError(f"no way back from the first output to an input (stopped at {name!r})")
    return steps[::-1]


_SUMS = ("MatMul", "Gemm", "Add")


def _linear(graph: Graph, op: Operation, add: Operation | None) -> tuple[FloatArray, FloatArray]:
    """Weight (O, I) and bias of a product and the Add behind it."""
    a = op.attributes
    if a.get("transA", 0) or a.get("alpha", 1.0) != 1.0 or a.get("beta", 1.0) != 1.0:
        raise ModelFileError(f"a scaled product ({op.name})")
    values = [graph.weight(item) for item in op.inputs]
    if values[0] is not None or len(values) < 2 or values[1] is None or values[1].ndim != 2:
        raise ModelFileError(f"a product without a weight matrix ({op.name})")
    weight = values[1] if a.get("transB", 0) else values[1].T
    bias = values[2] if len(values) > 2 else None
    if add is not None:
        found = [graph.weight(item) for item in add.inputs]
        bias = next(value for value in found if value is not None)
    if bias is None:
        return weight, np.zeros(len(weight))
    return weight, np.broadcast_to(bias.reshape(-1), len(weight))


def _cell(graph: Graph, op: Operation) -> Network:
    kind, order, default = _CELLS[op.kind]
    a = op.attributes
    n_directions = 2 if a.get("direction", "forward") == "bidirectional" else 1
    if a.get("direction", "forward") == "reverse":
        raise ModelFileError(f"{op.kind} {op.name!r} runs backward only")
    for name in ("clip", "input_forget"):
        if a.get(name):
            raise ModelFileError(f"{op.kind} {op.name!r} with {name}")
    options = _options(op, [*a.get("activations", default * n_directions)], default)
    weights = []
    for position, label in ((1, "W"), (2, "R")):
        value = graph.weight(op.inputs[position])
        if value is None or value.ndim != 3 or len(value) != n_directions:
            raise ModelFileError(f"{op.kind} {op.name!r}: {label} is no constant of three axes")
        weights.append(value)
    n_rows = weights[0].shape[1]
    biases = np.zeros((n_directions, 2 * n_rows))
    if len(op.inputs) > 3 and op.inputs[3]:
        value = graph.weight(op.inputs[3])
        if value is None or value.shape != biases.shape:
            raise ModelFileError(f"{op.kind} {op.name!r}: B is no constant of shape {biases.shape}")
        biases = value
    if len(op.inputs) > 7 and op.inputs[7]:
        raise ModelFileError(f"{op.kind} {op.name!r} with peepholes")
    if n_rows % len(order):
        raise ModelFileError(f"{op.kind} {op.name!r}: W of shape {weights[0].shape}")

    def arranged(array: FloatArray) -> FloatArray:
        blocks = np.split(array, len(order))
        return np.concatenate([blocks[i] for i in order])

    cells = [
        kind(
            {
                "weight_ih": arranged(weights[0][i]),
                "weight_hh": arranged(weights[1][i]),
                "bias_ih": arranged(biases[i][:n_rows]),
                "bias_hh": arranged(biases[i][n_rows:]),
            },
            **options,
        )
        for i in range(n_directions)
    ]
    return cells[0] if n_directions == 1 else Bidirectional(*cells)


def _options(op: Operation, activations: list[str], default: tuple[str, ...]) -> dict[str, Any]:
    """Keyword arguments of the cell, from the attributes."""
    gates, state = default[:1] if len(default) > 1 else (), set()
    for i, name in enumerate(activations):
        if len(default) > 1 and i % len(default) == 0:
            if (name,) != gates:
                raise ModelFileError(f"{op.kind} {op.name!r} with gates {name}, not Sigmoid")
        else:
            state.add(name)
    if len(state) != 1 or not state <= set(_ACTIVATIONS) - {"Softmax"}:
        raise ModelFileError(f"{op.kind} {op.name!r} with activations {', '.join(activations)}")
    options: dict[str, Any] = {"activation": _ACTIVATIONS[state.pop()]}
    if op.kind == "GRU":
        options["reset_after"] = bool(op.attributes.get("linear_before_reset", 0))
    return options
