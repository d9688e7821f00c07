"""An ONNX graph as layers, and the proof that they do what the graph does."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice, product
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from memtools._validate import FloatArray
from memtools.exceptions import ModelFileError
from memtools.networks.files.onnx_cells import CELLS, cell_of
from memtools.networks.files.onnx_proof import proved
from memtools.networks.files.protobuf import Operation
from memtools.networks.files.read_outs import remembers, with_read_outs
from memtools.networks.graphs import INPUT, prelu, simplified
from memtools.networks.network import Network
from memtools.networks.pointwise import Activation, Affine, LayerNorm
from memtools.networks.stacks import Bidirectional, Linear
from memtools.networks.windows import Pool, Reversed

_ACTIVATIONS = {
    "Tanh": "tanh",
    "Sigmoid": "sigmoid",
    "Relu": "relu",
    "Softmax": "softmax",
    "Softplus": "softplus",
    "Softsign": "softsign",
}
# They move numbers about or, in a trained network, do nothing.
_PASSIVE = (
    *("Transpose", "Squeeze", "Unsqueeze", "Reshape", "Flatten", "Identity", "Cast", "Dropout"),
    "Split",
)
# They choose a step or a part of it, or pool: which, the literal run shows.
_CHOOSING = {
    "Gather": ("", "first"),
    "Slice": ("", "first"),
    "ReduceMean": ("mean",),
    "ReduceMax": ("maximum",),
    "ReduceSum": ("sum",),
}
_MERGES = {"Add": "add", "Concat": "concatenate", "Mul": "multiply", "Max": "maximum"}
_MERGES |= {"Sub": "subtract", "Min": "minimum", "Sum": "add", "Mean": "average"}
_MOST_READINGS = 16


class GraphLike(Protocol):
    """What a graph answers."""

    operations: list[Operation]
    source: dict[str, Operation]
    inputs: dict[str, list[int | None]]
    outputs: list[str]
    constants: dict[str, NDArray[Any]]

    def constant(self, name: str) -> NDArray[Any] | None: ...
    def weight(self, name: str) -> FloatArray | None: ...
    def run(self, output: str, given: dict[str, NDArray[Any]]) -> NDArray[Any] | None: ...


def read_layers(graph: GraphLike) -> Network:
    """The network of the first output, if layers that are known do what the graph does."""
    output = graph.outputs[0]
    needed, start = _needed(graph, output)
    choices = [op for op in needed if op.kind in _CHOOSING]
    options = [_CHOOSING[op.kind] for op in choices]
    error: ModelFileError | None = None
    for pools in islice(product(*options), _MOST_READINGS):
        wanted = {id(op): pool for op, pool in zip(choices, pools, strict=True)}
        reading = _Reading(graph, wanted)
        network = reading.network(needed, start, output)
        try:
            where = proved(graph, network, start, output)
        except ModelFileError as failed:
            error = error or failed
            continue
        notes = [*reading.notes, *where]
        if len(graph.outputs) > 1:
            others = ", ".join(graph.outputs[1:11])
            notes.append(f"the graph's first output is read; it also has {others}")
        network.notes = tuple(dict.fromkeys(notes))
        return network
    assert error is not None
    raise error


def _needed(graph: GraphLike, output: str) -> tuple[list[Operation], str]:
    """Operations on the way from the input to the output, in order; the name they start from."""
    order: list[Operation] = []
    starts: dict[str, None] = {}
    state: dict[str, int] = {}
    stack = [output]
    while stack:
        name = stack[-1]
        op = graph.source.get(name)
        if op is None or _is_lookup(graph, op):
            starts.setdefault(name)
            stack.pop()
            continue
        if state.get(id_of(op)) == 2:
            stack.pop()
            continue
        data = _data_inputs(graph, op)
        waiting = [
            n
            for n in data
            if n in graph.source
            and state.get(id_of(graph.source[n])) != 2
            and not _is_lookup(graph, graph.source[n])
        ]
        if not waiting:
            for item in data:
                if item not in graph.source or _is_lookup(graph, graph.source[item]):
                    starts.setdefault(item)
            state[id_of(op)] = 2
            order.append(op)
            stack.pop()
        elif state.get(id_of(op)) == 1 and len(stack) > len(graph.operations) + 1:
            raise ModelFileError("a graph that runs in circles")
        else:
            state[id_of(op)] = 1
            stack.append(waiting[0])
    if len(starts) != 1:
        names = ", ".join(list(starts)[:10]) or "nothing"
        raise ModelFileError(f"an output that comes from {names}, not from one input")
    start = next(iter(starts))
    if start not in graph.inputs and start not in graph.source:
        raise ModelFileError(f"no way back from the output to an input (stopped at {start!r})")
    return order, start


def id_of(op: Operation) -> str:
    """One name of an operation: its first output."""
    return next((name for name in op.outputs if name), "")


def _is_lookup(graph: GraphLike, op: Operation) -> bool:
    """A table of vectors chosen by indices: an embedding."""
    return op.kind == "Gather" and graph.constant(op.inputs[0]) is not None


def _data_inputs(graph: GraphLike, op: Operation) -> list[str]:
    """The inputs that carry the sequence; shapes, bounds and states are left to the literal run."""
    names = [name for name in op.inputs if name and graph.constant(name) is None]
    if op.kind in (*CELLS, *_PASSIVE, *_CHOOSING, "ReverseSequence"):
        names = op.inputs[:1]
    known = (*CELLS, *_PASSIVE, *_CHOOSING, *_ACTIVATIONS, *_MERGES)
    known += ("MatMul", "Gemm", "Div", "LeakyRelu", "Elu", "HardSigmoid", "ReverseSequence")
    known += ("BatchNormalization", "LayerNormalization", "PRelu")
    if op.kind not in known or not names:
        raise ModelFileError(f"operation {op.kind} is none of the layers that are read")
    if len(names) > 1 and op.kind not in _MERGES:
        raise ModelFileError(f"operation {op.kind} of {len(names)} values that vary")
    return list(dict.fromkeys(names))


class _Reading:
    """Nodes of a graph of layers, with one choice of what its choosing operations do."""

    def __init__(self, graph: GraphLike, pools: dict[int, str]) -> None:
        self.graph, self.pools = graph, pools
        self.nodes: list[tuple[str, Network | str, Sequence[str]]] = []
        self.places: dict[str, tuple[str, bool]] = {}  # name -> node, time turned round
        self.pairs: dict[str, tuple[str, str]] = {}  # Y_h of both ways -> a node each
        self.sizes: dict[str, int] = {}
        self.notes: list[str] = []

    def network(self, needed: list[Operation], start: str, output: str) -> Network:
        """The network of the operations."""
        self.places[start] = (INPUT, False)
        for op in needed:
            self._read(op)
        if not any(remembers(layer) for _, layer, _ in self.nodes):
            kinds = ", ".join(sorted({op.kind for op in self.graph.operations})[:10]) or "nothing"
            raise ModelFileError(f"no RNN, LSTM or GRU on the way to the output; found {kinds}")
        node, turned = self.places[output]
        if turned:
            raise ModelFileError("an output whose time is turned round")
        return simplified(with_read_outs(self.nodes), node, self.sizes[INPUT])

    def _read(self, op: Operation) -> None:
        data = [n for n in op.inputs if n and n in self.places]
        node, turned = self.places[data[0]]
        if op.kind in CELLS:
            self._recurrent(op, node, turned)
            return
        made: list[Network] = []
        if data[0] in self.pairs and op.kind in (*_PASSIVE, *_CHOOSING):
            self._one_or_both(op, data[0])
            return
        if op.kind == "ReverseSequence" or (op.kind == "Slice" and _turns(self.graph, op)):
            turned = not turned
        elif op.kind in _CHOOSING:
            self.notes.append(f"the graph chooses or pools steps ({op.kind}); here at every step")
            if self.pools[id(op)]:
                made = [Pool(self.pools[id(op)], self._size(node))]
        elif op.kind in _PASSIVE:
            pass
        elif len(data) > 1 or (op.kind in _MERGES and op.inputs.count(data[0]) > 1):
            self._merge(op)
            return
        else:
            made = self._layer(op, node)
        self._put(op, node, turned, made)

    def _put(self, op: Operation, node: str, turned: bool, made: list[Network]) -> None:
        for i, layer in enumerate(made):
            name = id_of(op) + (f"/{i}" if i < len(made) - 1 else "")
            self.sizes.setdefault(node, layer.n_input)
            self.nodes.append((name, layer, [node]))
            self.sizes[name] = layer.n_output
            node = name
        for name in op.outputs:
            if name:
                self.places[name] = (node, turned)

    def _size(self, node: str) -> int:
        if node not in self.sizes:
            raise ModelFileError("the number of inputs is not told")
        return self.sizes[node]

    def _recurrent(self, op: Operation, node: str, turned: bool) -> None:
        layer = cell_of(op, self.graph.weight)
        if turned:
            layer = Reversed(layer)
        if len(op.outputs) > 2 and op.outputs[2] and op.outputs[2] in _used(self.graph):
            raise ModelFileError("an output from the cell state of an LSTM")
        self._put(op, node, False, [layer])
        if len(op.outputs) > 1 and op.outputs[1] in _used(self.graph):
            if isinstance(layer, Bidirectional):
                self._both_ends(op, node, layer)
                return
            ends = [Reversed(layer.layer, ends=True)] if isinstance(layer, Reversed) else None
            self.notes.append("the graph gives its last output only; here outputs at every step")
            if ends:
                name = f"{id_of(op)}/end"
                self.nodes.append((name, ends[0], [node]))
                self.sizes[name] = layer.n_output
                self.places[op.outputs[1]] = (name, False)
        if turned:  # its outputs stand in the order that it was given
            for name in op.outputs[:1]:
                self.places[name] = (self.places[name][0], True)

    def _both_ends(self, op: Operation, node: str, layer: Bidirectional) -> None:
        """The last of each way: of the forward one up to a step, of the backward one in all."""
        self.notes.append(
            "the graph gives its last output only; here outputs at every step, its backward part "
            "for the whole sequence"
        )
        names = f"{id_of(op)}/ahead", f"{id_of(op)}/behind"
        parts = layer.forward_layer, Reversed(layer.backward_layer, ends=True)
        for name, part in zip(names, parts, strict=True):
            self.nodes.append((name, part, [node]))
            self.sizes[name] = part.n_output
        self.pairs[op.outputs[1]] = names
        self.places[op.outputs[1]] = (names[0], False)

    def _one_or_both(self, op: Operation, name: str) -> None:
        """One way chosen by its number, or both handed on and put side by side at the end."""
        pair = self.pairs[name]
        chosen = self.graph.constant(op.inputs[1]) if len(op.inputs) > 1 else None
        picks = op.kind in ("Gather", "Slice") and chosen is not None and np.size(chosen) == 1
        if picks and chosen is not None:
            self._put(op, pair[int(np.ravel(chosen)[0]) % 2], False, [])
            return
        for output in op.outputs:
            self.pairs[output] = pair
        both = f"{id_of(op)}/both"
        self.nodes.append((both, "concatenate", list(pair)))
        self.sizes[both] = self.sizes[pair[0]] + self.sizes[pair[1]]
        self.places[id_of(op)] = (both, False)

    def _merge(self, op: Operation) -> None:
        places = [self.places[name] for name in op.inputs if name in self.places]
        if len(places) < len([name for name in op.inputs if name]):
            raise ModelFileError(f"operation {op.kind} of constants and several values")
        if len({turned for _, turned in places}) > 1:
            raise ModelFileError(f"operation {op.kind} of values in both orders of time")
        sizes = [self._size(node) for node, _ in places]
        name, kind = id_of(op), _MERGES[op.kind]
        self.nodes.append((name, kind, [node for node, _ in places]))
        self.sizes[name] = sum(sizes) if kind == "concatenate" else sizes[0]
        self.places[name] = (name, places[0][1])

    def _layer(self, op: Operation, node: str) -> list[Network]:
        """Layers of a step alone."""
        if op.kind in ("MatMul", "Gemm"):
            return [_linear(self.graph, op)]
        size = self._size(node)
        if op.kind in _ACTIVATIONS:
            return [Activation(_ACTIVATIONS[op.kind], size)]
        if op.kind in ("LeakyRelu", "Elu"):
            kind, default = ("leaky_relu", 0.01) if op.kind == "LeakyRelu" else ("elu", 1.0)
            return [Activation(kind, size, slope=float(op.attributes.get("alpha", default)))]
        if op.kind == "HardSigmoid":
            sixth = abs(op.attributes.get("alpha", 0.2) - 1.0 / 6.0) < 1e-6
            return [Activation("hard_sigmoid" if sixth else "hard_sigmoid_fifth", size)]
        constants = [self.graph.weight(name) for name in op.inputs]
        values = [np.ravel(value) for value in constants if value is not None]
        if op.kind == "BatchNormalization" and len(values) == 4:
            scale = values[0] / np.sqrt(values[3] + op.attributes.get("epsilon", 1e-5))
            return [Affine({"scale": scale, "shift": values[1] - values[2] * scale})]
        if op.kind == "PRelu" and len(values) == 1:
            return [prelu(np.broadcast_to(values[0], size))]
        if op.kind == "LayerNormalization" and values:
            shift = values[1] if len(values) > 1 else np.zeros(size)
            epsilon = float(op.attributes.get("epsilon", 1e-5))
            return [LayerNorm({"scale": values[0], "shift": shift}, epsilon=epsilon)]
        if op.kind not in ("Add", "Sub", "Mul", "Div") or len(values) != 1:
            raise ModelFileError(f"operation {op.kind} of {len(values)} constants")
        return [_affine(op.kind, np.broadcast_to(values[0], size), constants[0] is not None)]


def _used(graph: GraphLike) -> set[str]:
    """Names that an operation or the first output takes."""
    return {name for op in graph.operations for name in op.inputs} | set(graph.outputs[:1])


def _turns(graph: GraphLike, op: Operation) -> bool:
    """A Slice from the end to the start of one axis."""
    steps = graph.constant(op.inputs[4]) if len(op.inputs) > 4 else None
    return steps is not None and np.ravel(steps).tolist() == [-1]


def _linear(graph: GraphLike, op: Operation) -> Network:
    """A product with a matrix of weights on its right, its bias and its factors."""
    a = op.attributes
    values = [graph.weight(item) if item else None for item in op.inputs]
    if values[0] is not None or len(values) < 2 or values[1] is None or values[1].ndim != 2:
        raise ModelFileError(f"a product without a weight matrix ({op.name})")
    weight = values[1] if a.get("transB", 0) else values[1].T
    bias = values[2] if len(values) > 2 else None
    weight = float(a.get("alpha", 1.0)) * weight
    shift = np.zeros(len(weight)) if bias is None else float(a.get("beta", 1.0)) * np.ravel(bias)
    return Linear({"weight": weight, "bias": np.broadcast_to(shift, len(weight))})


def _affine(kind: str, value: FloatArray, first: bool) -> Network:
    """x + v, x - v, v - x, x v, x / v."""
    one, zero = np.ones(len(value)), np.zeros(len(value))
    if kind == "Div" and first:
        raise ModelFileError("a constant divided by what varies")
    scale, shift = {
        "Add": (one, value),
        "Sub": (-one, value) if first else (one, -value),
        "Mul": (value, zero),
        "Div": (one / value, zero),
    }[kind]
    return Affine({"scale": scale, "shift": shift})
