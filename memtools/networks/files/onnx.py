"""ONNX graphs: layers that are known, read as a network; any other, run as a black box.

What is read is held against a literal run of the graph on a small input, so that nothing that the
graph does besides (initial states, another axis, a scaled product) can be overlooked.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memtools._validate import FloatArray
from memtools.exceptions import ModelFileError
from memtools.networks._tensors import as_float64, few
from memtools.networks.files import onnx_program
from memtools.networks.files.archive import MAX_GROWTH
from memtools.networks.files.onnx_cells import CELLS, UnusableError, cell_of
from memtools.networks.files.onnx_layers import read_layers
from memtools.networks.files.onnx_values import Values
from memtools.networks.files.protobuf import Operation, Reader, integers, operation, text
from memtools.networks.files.self_check import Model, Request
from memtools.networks.network import Network

_MAX_DEPTH = 20  # of graphs within graphs


class Graph:
    """Operations and constants of a model.

    Parameters
    ----------
    data : bytes
    folder : Path or None
        Where the model lies, and the file of its large tensors.
    """

    def __init__(self, data: bytes, folder: Path | None = None) -> None:
        self.reader = Reader(folder)
        model = self.reader.fields(memoryview(data))
        if 7 not in model or 8 not in model or not isinstance(model[7][-1], memoryview):
            raise ModelFileError("no graph, or no version of its operations, in the ONNX file")
        graph = self.reader.fields(model[7][-1])
        self.operations = [operation(self.reader, item) for item in graph.get(1, [])]
        self.constants = self._constants(graph)
        inputs = [self._described(item) for item in graph.get(11, [])]
        self.inputs = {name: shape for name, shape in inputs if name not in self.constants}
        self.outputs = [text(self.reader.fields(item), 1) for item in graph.get(12, [])]
        self.source = {name: op for op in self.operations for name in op.outputs if name}
        size = sum(array.nbytes for array in self.constants.values())
        self.n_bytes = 4 * max(len(data), size) + MAX_GROWTH // 2
        self._folded = Values(self.source, self.constants, self.n_bytes)
        self._left = self.n_bytes

    def _constants(self, graph: Mapping[int, list[Any]]) -> dict[str, NDArray[Any]]:
        tensors = [
            (text(self.reader.fields(i), 8), self.reader.tensor(i)) for i in graph.get(5, [])
        ]
        return dict(tensors)

    def _described(self, item: Any) -> tuple[str, list[int | None]]:
        """Name and shape of an input; None for axes of any length."""
        value = self.reader.fields(item)
        shape: list[int | None] = []
        for outer in value.get(2, []):
            for tensor in self.reader.fields(outer).get(1, []):
                for dims in self.reader.fields(tensor).get(2, []):
                    for dim in self.reader.fields(dims).get(1, []):
                        known = integers(self.reader.fields(dim), 1)
                        shape.append(known[-1] if known and known[-1] > 0 else None)
        return text(value, 1), shape

    def constant(self, name: str) -> NDArray[Any] | None:
        """Value of a name that does not depend on the input, else None."""
        return self._folded.of(name)

    def weight(self, name: str) -> FloatArray | None:
        """A constant in float64; counted, for operations may share it only so far."""
        value = self.constant(name)
        if value is None:
            return None
        self._left -= 8 * value.size
        if self._left < 0:
            raise ModelFileError("an ONNX file with weights that repeat each other")
        return as_float64(value, name)

    def run(self, output: str, given: Mapping[str, NDArray[Any]]) -> NDArray[Any] | None:
        """The value of an output, literally."""
        known = {**self._folded.known, **given}
        return Values(self.source, known, self.n_bytes).of(output)


def read(data: bytes, folder: Path | None, request: Request) -> Model:
    """The network of an ONNX file, or the model as a function."""
    request.refuse("read_out")
    graph = Graph(data, folder)
    if "prefix" in request.options:
        return _chosen(graph, str(request.options["prefix"]))
    if not graph.outputs:
        raise ModelFileError("a graph without outputs")
    try:
        network = read_layers(graph)
    except UnusableError:
        raise
    except Exception as error:  # whatever damaged or unknown graphs make of the reader
        known = isinstance(error, ModelFileError)
        reason = str(error) if known else "its operations are no layers that are read"
        return onnx_program.program(data, folder, f"{reason}{_cells_within(graph)}")
    return network


def _cells_within(graph: Graph) -> str:
    """What prefix= could choose."""
    found = [_label(op) for op, _ in _all_cells(graph)]
    return f"; recurrent operations that prefix= chooses: {few(found)}" if found else ""


def _label(op: Operation) -> str:
    return op.name or op.outputs[0]


def _chosen(graph: Graph, prefix: str) -> Network:
    """One recurrent operation, wherever it stands, taken out of its graph."""
    found = _all_cells(graph)
    chosen = [(op, scope) for op, scope in found if _label(op).startswith(prefix)]
    if len(chosen) != 1:
        names = few([_label(op) for op, _ in found])
        raise ModelFileError(
            f"{len(chosen)} recurrent operations whose name starts with {prefix!r}; found {names}"
        )
    op, scope = chosen[0]
    values = Values(scope.source, scope.constants, graph.n_bytes)

    def weight(name: str) -> FloatArray | None:
        value = values.of(name)
        return None if value is None else as_float64(value, name)

    network = cell_of(op, weight)
    network.notes = (
        f"the recurrent operation {_label(op)} alone: the inputs are what feeds it, the outputs "
        "its hidden units",
    )
    given = {
        name: np.ones([n or free for n, free in zip(shape, (7, 5, 3), strict=False)])
        for name, shape in graph.inputs.items()
    }
    fed = Values(scope.source, {**scope.constants, **given}, graph.n_bytes)
    lengths, states = op.inputs[4:5], [name for name in op.inputs[5:7] if name]
    if any(lengths):
        network.notes += ("the graph gives it lengths of the sequences: here to the end",)
    if any(name in graph.inputs or not _is_zero(fed, name) for name in states):
        network.notes += ("the graph gives it an initial state: here from zero",)
    return network


def _is_zero(values: Values, name: str) -> bool:
    """Whether a value is zeros, whatever goes in."""
    try:
        value = values.of(name)
    except Exception:  # operations that are not known here
        return False
    return value is not None and not value.any()


class _Scope:
    """Operations and constants of a graph within a graph, with those around it."""

    def __init__(self, source: dict[str, Operation], constants: dict[str, NDArray[Any]]) -> None:
        self.source, self.constants = source, constants


def _all_cells(graph: Graph) -> list[tuple[Operation, _Scope]]:
    """Recurrent operations of the graph and of the graphs inside its operations."""
    found: list[tuple[Operation, _Scope]] = []
    queue = [(graph.operations, _Scope(graph.source, graph.constants), 0)]
    while queue:
        operations, scope, depth = queue.pop()
        for op in operations:
            if op.kind in CELLS:
                found.append((op, scope))
            for value in op.attributes.values():
                if isinstance(value, memoryview) and depth < _MAX_DEPTH:
                    fields = graph.reader.fields(value)
                    inner = [operation(graph.reader, item) for item in fields.get(1, [])]
                    source = {name: o for o in inner for name in o.outputs if name}
                    constants = {**scope.constants, **graph._constants(fields)}
                    queue.append((inner, _Scope({**scope.source, **source}, constants), depth + 1))
    return found
