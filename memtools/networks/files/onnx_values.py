"""The values of an ONNX graph, operation by operation in NumPy, within bounds.

It serves two ends: constants that exporters leave to be computed, and a literal run of a small
input, against which the network that was read is held.  Definitions are those of ONNX' operators
(https://onnx.ai/onnx/operators/), sizes are bounded before anything is built.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np
import scipy.special
from numpy.typing import NDArray

from memtools.exceptions import ModelFileError
from memtools.networks.activations import relu, sigmoid
from memtools.networks.files.onnx_cells import run_cell
from memtools.networks.files.protobuf import Operation

Array = NDArray[Any]
_TYPES = {1: "f8", 6: "i4", 7: "i8", 9: "?", 10: "f8", 11: "f8", 2: "u1", 3: "i1"}


class UnknownOperationError(ModelFileError):
    """The graph has an operation that is not run here."""


class Values:
    """Values by name, computed when they are wanted and kept.

    Parameters
    ----------
    source : mapping of str to Operation
        The operation that gives a name.
    known : mapping of str to ndarray
        Constants, and the inputs of a run.
    n_bytes : int
        What all computed values may take together.
    """

    def __init__(
        self, source: Mapping[str, Operation], known: Mapping[str, Array], n_bytes: int
    ) -> None:
        self.source, self.known = source, dict(known)
        self._unknown: set[str] = set()
        self._left = n_bytes

    def of(self, name: str) -> Array | None:
        """The value of a name; None where it depends on an input that is not given."""
        stack = [name]
        while stack:
            top = stack[-1]
            if top in self.known or top in self._unknown:
                stack.pop()
                continue
            op = self.source.get(top)
            if op is None:
                self._unknown.add(stack.pop())
                continue
            names = [item for item in op.inputs if item]
            waiting = [n for n in names if n not in self.known and n not in self._unknown]
            if waiting and len(stack) <= 4 * len(self.source) + 16:
                stack += waiting
                continue
            stack.pop()
            if waiting or any(n in self._unknown for n in names):
                self._unknown.update(item for item in op.outputs if item)
            else:
                self._run(op)
        return self.known.get(name)

    def _run(self, op: Operation) -> None:
        """Run one operation whose inputs are known."""
        given = [self.known[item] if item else None for item in op.inputs]
        if op.kind in ("RNN", "LSTM", "GRU"):
            results = run_cell(op, given)
        elif op.kind in _OPERATIONS:
            self._allow(op, given)
            result = _OPERATIONS[op.kind](op, given)
            results = result if isinstance(result, list) else [np.asarray(result)]
        else:
            raise UnknownOperationError(f"operation {op.kind}")
        self._left -= sum(result.nbytes for result in results)
        if self._left < 0:
            raise ModelFileError("an ONNX file whose values grow beyond their size in the file")
        for name, value in zip(op.outputs, results, strict=False):
            if name:
                self.known[name] = value

    def _allow(self, op: Operation, given: list[Array | None]) -> None:
        """Refuse, before it is built, what would not fit."""
        size = bound_of(op.kind, op.attributes, given)
        if 8 * size > self._left:
            raise ModelFileError(f"operation {op.kind} that makes {size:,} numbers")


def bound_of(kind: str, attributes: Mapping[str, Any], given: Sequence[Array | None]) -> int:
    """Numbers that an operation makes at most; of a product, a hundredth of its work."""
    arrays = [array for array in given if array is not None]
    size = sum(array.size for array in arrays)
    if kind in ("Expand", "ConstantOfShape", "Reshape", "Tile"):
        last = arrays[-1]
        if last.size > 16 or last.dtype.kind not in "iu":
            raise ModelFileError(f"operation {kind} with a shape of {last.size} numbers")
        base = arrays[0].size if kind == "Tile" else 1
        return max(size, base * math.prod(abs(int(n)) for n in last.reshape(-1)))
    if kind == "Range":
        start, stop, step = (float(array.reshape(-1)[0]) for array in arrays)
        return 2**60 if step == 0 else int(abs((stop - start) / step)) + 1
    if kind == "Pad" and len(arrays) > 1:
        pads = zip(arrays[0].shape * 2, arrays[1].reshape(-1).tolist(), strict=False)
        return math.prod(n + abs(int(p)) for n, p in pads)
    if kind == "MatMul" and len(arrays) == 2:
        inner = arrays[0].shape[-1] if arrays[0].ndim else 1
        rows = arrays[0].size // max(inner, 1)
        columns = arrays[1].shape[-1] if arrays[1].ndim > 1 else 1
        batch = math.prod(arrays[1].shape[:-2])
        return max(rows * columns * batch, rows * columns * batch * inner // 100)
    if kind in ("Gemm", "Conv") and len(arrays) > 1:
        first, second = arrays[0].size, arrays[1].size
        return max(size, first * second // 100 if kind == "Conv" else first * second)
    if kind in ("Gather", "GatherND") and len(arrays) > 1 and arrays[0].ndim:
        axis = attributes.get("axis", 0) if kind == "Gather" else 0
        return int(arrays[1].size * arrays[0].size // max(arrays[0].shape[axis], 1))
    if kind == "Einsum":
        return math.prod(max(array.size, 1) for array in arrays)
    if kind in _BROADCAST or len({array.shape for array in arrays}) > 1:
        try:
            return max(size, math.prod(np.broadcast_shapes(*(array.shape for array in arrays))))
        except ValueError:  # not made to be broadcast
            return size
    return size


def _axes(op: Operation, given: list[Array | None], default: list[int] | None) -> Any:
    """Axes were attributes in older opsets and are inputs since."""
    if len(given) > 1 and given[1] is not None:
        return tuple(int(axis) for axis in given[1].reshape(-1))
    axes = op.attributes.get("axes", default)
    return None if axes is None else tuple(int(axis) for axis in axes)


def _slice(op: Operation, given: list[Any]) -> Array:
    x = given[0]
    if len(given) == 1:
        starts, ends = op.attributes["starts"], op.attributes["ends"]
        axes, steps = op.attributes.get("axes"), None
    else:
        starts, ends = given[1].tolist(), given[2].tolist()
        axes = given[3].tolist() if len(given) > 3 and given[3] is not None else None
        steps = given[4].tolist() if len(given) > 4 and given[4] is not None else None
    axes = list(range(len(starts))) if axes is None else axes
    steps = [1] * len(starts) if steps is None else steps
    index: list[slice] = [slice(None)] * x.ndim
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        n = x.shape[axis]
        # below -n with a negative step means "to the first": None in Python
        stop = None if step < 0 and end < -n else end
        index[axis] = slice(start, stop, step)
    return np.asarray(x[tuple(index)])


def _reshape(op: Operation, given: list[Any]) -> Array:
    x, shape = given[0], [int(n) for n in given[1].reshape(-1)]
    if not op.attributes.get("allowzero", 0):
        shape = [x.shape[i] if n == 0 else n for i, n in enumerate(shape)]
    return np.asarray(x.reshape(shape))


def _flatten(op: Operation, given: list[Any]) -> Array:
    axis = op.attributes.get("axis", 1)
    return np.asarray(given[0].reshape(math.prod(given[0].shape[:axis]), -1))


def _unsqueeze(op: Operation, given: list[Any]) -> Array:
    axes = _axes(op, given, [0])
    return np.expand_dims(given[0], axes)


def _reduced(function: Callable[..., Any]) -> Callable[[Operation, list[Any]], Array]:
    def run(op: Operation, given: list[Any]) -> Array:
        axes = _axes(op, given, None)
        return np.asarray(
            function(given[0], axis=axes, keepdims=bool(op.attributes.get("keepdims", 1)))
        )

    return run


def _gemm(op: Operation, given: list[Any]) -> Array:
    a, b, attributes = given[0], given[1], op.attributes
    a = a.T if attributes.get("transA", 0) else a
    b = b.T if attributes.get("transB", 0) else b
    y = attributes.get("alpha", 1.0) * (a @ b)
    extra = len(given) > 2 and given[2] is not None
    return np.asarray(y + attributes.get("beta", 1.0) * given[2] if extra else y)


def _softmax(op: Operation, given: list[Any]) -> Array:
    """Along an axis, the last by default (before opset 13: all from axis 1 on)."""
    x, axis = given[0], op.attributes.get("axis", -1)
    if "axis" not in op.attributes and x.ndim > 2:
        raise UnknownOperationError("operation Softmax without an axis")
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return np.asarray(e / e.sum(axis=axis, keepdims=True))


def _cast(op: Operation, given: list[Any]) -> Array:
    kind = op.attributes.get("to", 1)
    if kind not in _TYPES:
        raise UnknownOperationError(f"operation Cast to type {kind}")
    return np.asarray(given[0]).astype(_TYPES[kind])


def _batch_norm(op: Operation, given: list[Any]) -> Array:
    x, scale, shift, mean, variance = given[:5]
    shape = (1, -1) + (1,) * (x.ndim - 2)
    scale, shift, mean, variance = (a.reshape(shape) for a in (scale, shift, mean, variance))
    root = np.sqrt(variance + op.attributes.get("epsilon", 1e-5))
    return np.asarray((x - mean) / root * scale + shift)


def _layer_norm(op: Operation, given: list[Any]) -> Array:
    x, axis = given[0], op.attributes.get("axis", -1)
    axes = tuple(range(axis % x.ndim, x.ndim))
    centred = x - x.mean(axis=axes, keepdims=True)
    root = np.sqrt((centred**2).mean(axis=axes, keepdims=True) + op.attributes.get("epsilon", 1e-5))
    y = centred / root * given[1]
    return np.asarray(y + given[2] if len(given) > 2 and given[2] is not None else y)


def _split(op: Operation, given: list[Any]) -> list[Array]:
    axis, n = op.attributes.get("axis", 0), len(op.outputs)
    sizes = given[1].tolist() if len(given) > 1 and given[1] is not None else None
    sizes = op.attributes.get("split", sizes)
    if sizes is None:
        step = -(-given[0].shape[axis] // n)
        return list(np.split(given[0], range(step, given[0].shape[axis], step), axis))
    return list(np.split(given[0], np.cumsum(sizes)[:-1], axis))


def _filled(op: Operation, given: list[Any]) -> Array:
    value = op.attributes.get("value")
    fill = np.zeros(1) if value is None else np.asarray(value).reshape(-1)
    return np.full([int(n) for n in given[0].reshape(-1)], fill[0], dtype=fill.dtype)


def _constant(op: Operation, given: list[Any]) -> Array:
    for key, value in op.attributes.items():
        if key == "value" and isinstance(value, np.ndarray):
            return value
        if key in ("value_int", "value_ints"):
            return np.asarray(value, dtype=np.int64)
        if key in ("value_float", "value_floats"):
            return np.asarray(value, dtype=float)
    raise UnknownOperationError("operation Constant without numbers")


def _leaky(op: Operation, given: list[Any]) -> Array:
    return np.where(given[0] > 0, given[0], op.attributes.get("alpha", 0.01) * given[0])


def _elu(op: Operation, given: list[Any]) -> Array:
    below = np.exp(np.minimum(given[0], 0.0)) - 1.0
    return np.where(given[0] > 0, given[0], op.attributes.get("alpha", 1.0) * below)


def _reverse(op: Operation, given: list[Any]) -> Array:
    """ReverseSequence: each sequence's first so many steps turned round."""
    time, batch = op.attributes.get("time_axis", 0), op.attributes.get("batch_axis", 1)
    x = np.array(np.moveaxis(given[0], (time, batch), (0, 1)))
    for i, n in enumerate(given[1].reshape(-1).tolist()):
        x[:n, i] = x[:n, i][::-1]
    return np.moveaxis(x, (0, 1), (time, batch))


def _range(op: Operation, given: list[Any]) -> Array:
    start, stop, step = (array.reshape(-1)[0] for array in given)
    if step == 0 or abs((stop - start) / step) > 1e5:
        raise ModelFileError("operation Range that makes too many numbers")
    return np.arange(start, stop, step)


def _of_all(function: Callable[..., Any]) -> Callable[[Operation, list[Any]], Any]:
    return lambda op, given: function(*given)


def _of_first(function: Callable[[Any], Any]) -> Callable[[Operation, list[Any]], Any]:
    return lambda op, given: function(given[0])


_BROADCAST: dict[str, Callable[..., Any]] = {
    "Add": np.add,
    "Div": lambda a, b: a // b if a.dtype.kind in "iu" else a / b,
    "Equal": np.equal,
    "Greater": np.greater,
    "Less": np.less,
    "Max": lambda *v: reduce(np.maximum, v),
    "Mean": lambda *v: reduce(np.add, v) / len(v),
    "Min": lambda *v: reduce(np.minimum, v),
    "Mul": np.multiply,
    "Pow": np.power,
    "Sub": np.subtract,
    "Sum": lambda *v: reduce(np.add, v),
    "Where": np.where,
}
_SINGLE: dict[str, Callable[[Any], Any]] = {
    "Abs": np.abs,
    "Erf": scipy.special.erf,
    "Exp": np.exp,
    "HardSwish": lambda v: v * np.clip(v / 6.0 + 0.5, 0.0, 1.0),
    "Identity": lambda v: v,
    "Log": np.log,
    "Neg": np.negative,
    "Not": np.logical_not,
    "Relu": relu,
    "Sigmoid": sigmoid,
    "Size": lambda v: np.array(v.size, dtype=np.int64),
    "Softplus": lambda v: np.logaddexp(v, 0.0),
    "Softsign": lambda v: v / (1.0 + np.abs(v)),
    "Sqrt": np.sqrt,
    "Tanh": np.tanh,
}
_OPERATIONS: dict[str, Callable[[Operation, list[Any]], Any]] = {
    **{kind: _of_all(function) for kind, function in _BROADCAST.items()},
    **{kind: _of_first(function) for kind, function in _SINGLE.items()},
    "BatchNormalization": _batch_norm,
    "Cast": _cast,
    "Clip": lambda op, given: np.clip(
        given[0],
        given[1] if len(given) > 1 and given[1] is not None else op.attributes.get("min", -np.inf),
        given[2] if len(given) > 2 and given[2] is not None else op.attributes.get("max", np.inf),
    ),
    "Concat": lambda op, given: np.concatenate(given, op.attributes.get("axis", 0)),
    "Constant": _constant,
    "ConstantOfShape": _filled,
    "Dropout": lambda op, given: given[0],
    "Elu": _elu,
    "Expand": lambda op, given: (
        given[0] * np.ones([int(n) for n in given[1]], dtype=given[0].dtype)
    ),
    "Flatten": _flatten,
    "Gather": lambda op, given: np.take(given[0], given[1], axis=op.attributes.get("axis", 0)),
    "Gemm": _gemm,
    "HardSigmoid": lambda op, given: np.clip(
        op.attributes.get("alpha", 0.2) * given[0] + op.attributes.get("beta", 0.5), 0.0, 1.0
    ),
    "LayerNormalization": _layer_norm,
    "LeakyRelu": _leaky,
    "MatMul": lambda op, given: given[0] @ given[1],
    "Range": _range,
    "ReduceMax": _reduced(np.max),
    "ReduceMean": _reduced(np.mean),
    "ReduceSum": _reduced(np.sum),
    "Reshape": _reshape,
    "ReverseSequence": _reverse,
    "Shape": lambda op, given: np.array(
        given[0].shape[op.attributes.get("start", 0) : op.attributes.get("end")], dtype=np.int64
    ),
    "Slice": _slice,
    "Softmax": _softmax,
    "Split": _split,
    "Squeeze": lambda op, given: np.squeeze(given[0], _axes(op, given, None)),
    "Tile": lambda op, given: np.tile(given[0], given[1].tolist()),
    "Transpose": lambda op, given: given[0].transpose(op.attributes.get("perm")),
    "Unsqueeze": _unsqueeze,
}
