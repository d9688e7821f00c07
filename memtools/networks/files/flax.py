"""Flax' trees: msgpack files, and arrays by the path of their leaf in npz or safetensors.

linen's LSTMCell and OptimizedLSTMCell have gates i f g o, each with its own matrices (ii, if, ig,
io of the inputs; hi, hf, hg, ho of the hidden units, with the bias), GRUCell r z n, SimpleCell i
and h.  nnx' cells hold the blocks together: dense_i and dense_h, i f g o and r z n.

Of MessagePack the part that Flax uses is read, within bounds.

References
----------
The MessagePack specification, https://github.com/msgpack/msgpack/blob/master/spec.md; Flax writes
an array as extension 1, the packed tuple (shape, name of the type, bytes), a NumPy scalar as 3.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memtools._validate import FloatArray
from memtools.exceptions import ModelFileError
from memtools.networks._tensors import few
from memtools.networks.files.safetensors import widen_bfloat16
from memtools.networks.files.self_check import Request
from memtools.networks.files.state_dicts import network_from_groups
from memtools.networks.network import Network

_MAX_PARTS, _MAX_DEPTH = 250_000, 60
_TYPES = {
    "float64": "<f8",
    "float32": "<f4",
    "float16": "<f2",
    "bfloat16": "<u2",
    "int64": "<i8",
    "int32": "<i4",
    "int16": "<i2",
    "int8": "i1",
    "uint64": "<u8",
    "uint32": "<u4",
    "uint16": "<u2",
    "uint8": "u1",
    "bool": "?",
}
_NUMBERS = {
    0xCA: ">f", 0xCB: ">d", 0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q",
    0xD0: ">b", 0xD1: ">h", 0xD2: ">i", 0xD3: ">q",
}  # fmt: skip
# first byte -> bytes of the length: binary, string, array, map, extension
_BINARY = {0xC4: 1, 0xC5: 2, 0xC6: 4}
_STRING = {0xD9: 1, 0xDA: 2, 0xDB: 4}
_ARRAY, _MAP = {0xDC: 2, 0xDD: 4}, {0xDE: 2, 0xDF: 4}
_EXTENSION = {0xC7: 1, 0xC8: 2, 0xC9: 4}
_FIXED_EXTENSION = {0xD4: 1, 0xD5: 2, 0xD6: 4, 0xD7: 8, 0xD8: 16}


def unpacked(data: bytes) -> Any:
    """The one object of a file."""
    reader = _Reader(memoryview(data))
    value = reader.value(0)
    if reader.at != len(data):
        raise ModelFileError("a damaged msgpack file: bytes after its object")
    return value


class _Reader:
    def __init__(self, data: memoryview) -> None:
        self.data, self.at, self._n_parts = data, 0, 0

    def take(self, n_bytes: int) -> memoryview:
        if n_bytes > len(self.data) - self.at:
            raise ModelFileError("a damaged msgpack file: it ends within a value")
        self.at += n_bytes
        return self.data[self.at - n_bytes : self.at]

    def length(self, n_bytes: int) -> int:
        return int.from_bytes(self.take(n_bytes), "big")

    def value(self, depth: int) -> Any:
        """The value that starts here."""
        self._n_parts += 1
        if self._n_parts > _MAX_PARTS or depth > _MAX_DEPTH:
            raise ModelFileError("a msgpack file of too many parts, or nested too deep")
        (first,) = self.take(1)
        if first <= 0x7F or first >= 0xE0:
            return first if first <= 0x7F else first - 256
        if first in (0xC0, 0xC2, 0xC3):
            return {0xC0: None, 0xC2: False, 0xC3: True}[first]
        if first in _NUMBERS:
            layout = _NUMBERS[first]
            return struct.unpack(layout, self.take(struct.calcsize(layout)))[0]
        if 0xA0 <= first <= 0xBF or first in _STRING:
            size = first & 0x1F if first < 0xC0 else self.length(_STRING[first])
            return bytes(self.take(size)).decode()
        if first in _BINARY:
            return self.take(self.length(_BINARY[first]))
        if 0x90 <= first <= 0x9F or first in _ARRAY:
            size = first & 0x0F if first < 0xC0 else self.length(_ARRAY[first])
            return [self.value(depth + 1) for _ in range(min(size, len(self.data)))]
        if 0x80 <= first <= 0x8F or first in _MAP:
            return self._map(first & 0x0F if first < 0xC0 else self.length(_MAP[first]), depth)
        if first in _EXTENSION or first in _FIXED_EXTENSION:
            fixed = _FIXED_EXTENSION.get(first)
            size = self.length(_EXTENSION[first]) if fixed is None else fixed
            (kind,) = self.take(1)
            return _extension(kind, self.take(size), depth)
        raise ModelFileError(f"a damaged msgpack file: a value of kind {first:#x}")

    def _map(self, size: int, depth: int) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for _ in range(min(size, len(self.data))):
            key = self.value(depth + 1)
            if not isinstance(key, str | int) or key in found:
                raise ModelFileError(f"a msgpack map with the key {key!r} twice, or no name")
            found[key] = self.value(depth + 1)
        return found


def _extension(kind: int, body: memoryview, depth: int) -> Any:
    """An array or a NumPy scalar; complex numbers and others are no weights."""
    if kind not in (1, 3):
        raise ModelFileError(f"a msgpack file with values of extension {kind}")
    shape, name, values = _Reader(body).value(depth + 1)
    if isinstance(name, str) and name in _TYPES and isinstance(values, memoryview):
        return _array(shape, name, values)
    raise ModelFileError(f"an array of type {name!r}; known are {', '.join(_TYPES)}")


def _array(shape: Any, name: str, values: memoryview) -> NDArray[Any]:
    dtype = np.dtype(_TYPES[name])
    shape = tuple(shape) if isinstance(shape, list) else ()
    plain = all(type(n) is int and n >= 0 for n in shape)
    if not plain or math.prod(shape) * dtype.itemsize != len(values):
        raise ModelFileError(f"an array of shape {shape} and type {name} in {len(values)} bytes")
    array = np.frombuffer(values, dtype).reshape(shape)
    return widen_bfloat16(array) if name == "bfloat16" else array


_SEPARATOR = re.compile(r"[./]")
# Modules of a cell: LSTM's, GRU's, the simple one's; nnx' own.
_LSTM = ("ii", "if", "ig", "io"), ("hi", "hf", "hg", "ho")
_GRU = ("ir", "iz", "in"), ("hr", "hz", "hn")


def is_tree(data: bytes) -> bool:
    """A msgpack map of a few entries."""
    return bool(data) and (0x81 <= data[0] <= 0x8F or data[0] in (0xDE, 0xDF))


def read(data: bytes) -> dict[str, NDArray[Any]]:
    """Arrays by path, the parts joined by '/'."""
    return dict(_flat(unpacked(data), ""))


def _flat(node: Any, path: str) -> Iterator[tuple[str, NDArray[Any]]]:
    if isinstance(node, np.ndarray):
        yield path, node
    elif isinstance(node, dict):
        if set(node) == {"__msgpack_chunked_array__", "shape", "chunks"}:
            yield path, _joined(node)
            return
        for key, value in node.items():
            yield from _flat(value, f"{path}/{key}" if path else str(key))


def _joined(node: dict[str, Any]) -> NDArray[Any]:
    """A large array in pieces of its flat values."""
    shape, chunks = (
        [value[key] for key in sorted(value, key=int)] for value in (node["shape"], node["chunks"])
    )
    if not all(isinstance(chunk, np.ndarray) for chunk in chunks):
        raise ModelFileError("a damaged array in pieces")
    flat = np.concatenate([chunk.reshape(-1) for chunk in chunks])
    if not all(isinstance(n, int) and n >= 0 for n in shape) or math.prod(shape) != flat.size:
        raise ModelFileError(f"pieces of {flat.size} values for shape {shape}")
    return flat.reshape(shape)


def has_names(tensors: Mapping[str, Any]) -> bool:
    """Leaves called kernel below modules of a cell."""
    return bool(_cells(tensors))


def _parts(name: str) -> tuple[str, str]:
    """(module, leaf) of a name, the module's parts joined by dots; wrappers of state left out."""
    pieces = [p for p in _SEPARATOR.split(name) if p not in ("params", "value", "raw_value")]
    return ".".join(pieces[:-1]), pieces[-1] if pieces else ""


def _cells(tensors: Mapping[str, Any]) -> dict[str, str]:
    """Kind of every cell by its module."""
    children: dict[str, set[str]] = {}
    for name in tensors:
        module, leaf = _parts(str(name))
        outer, _, inner = module.rpartition(".")
        if leaf in ("kernel", "bias") and inner:
            children.setdefault(outer, set()).add(inner.rstrip("_"))
    found = {}
    for module, names in children.items():
        if {*_LSTM[0], *_LSTM[1]} <= names:
            found[module] = "LSTM"
        elif {*_GRU[0], *_GRU[1]} <= names:
            found[module] = "GRU"
        elif {"dense_i", "dense_h"} <= names:
            found[module] = "nnx"
        elif {"i", "h"} <= names:
            found[module] = "RNN"
    return found


def network_of_tree(tensors: Mapping[str, Any], request: Request) -> Network:
    """The network of a Flax tree: its cells under PyTorch's names, then as a state dict."""
    tree = {_path(str(name)): np.asarray(value) for name, value in tensors.items()}
    prefix = str(request.options.get("prefix", "")).replace("/", ".").removeprefix("params.")
    tree = {path: value for path, value in tree.items() if path.startswith(prefix)}
    if not tree:
        raise ModelFileError(f"no arrays with prefix {prefix!r}; found {few(list(tensors))}")
    states = [path for path in tree if path.split(".")[0] in ("opt_state", "step", "tx")]
    tree = {path: value for path, value in tree.items() if path not in states}
    named: dict[str, Any] = {}
    used: set[str] = set()
    for module, kind in _cells(tree).items():
        stem = f"{module}." if module else ""
        own = {
            path[len(stem) :].replace("if_.", "if."): value
            for path, value in tree.items()
            if path.startswith(stem)
        }
        used |= {path for path in tree if path.startswith(stem)} if own else set()
        named |= {stem + name: value for name, value in _torch_names(module, kind, own).items()}
    named |= _others({path: value for path, value in tree.items() if path not in used})
    options = {key: value for key, value in request.options.items() if key != "prefix"}
    found = network_from_groups({"": named}, request.cells, options, request.check, ordered=False)
    if states:
        found.notes = (*found.notes, f"left out, state of the training: {few(states)}")
    return found


def _path(name: str) -> str:
    module, leaf = _parts(name)
    return f"{module}.{leaf}" if module else leaf


def _torch_names(module: str, kind: str, own: Mapping[str, Any]) -> dict[str, FloatArray]:
    """A cell's arrays under PyTorch's names; kernels are (inputs, outputs) in Flax."""

    def kernel(*names: str) -> FloatArray:
        return np.concatenate([_float(own, f"{name}.kernel", module).T for name in names])

    def bias(*names: str) -> FloatArray:
        parts = []
        for name in names:
            size = _float(own, f"{name}.kernel", module).shape[1]
            given = f"{name}.bias" in own
            parts.append(_float(own, f"{name}.bias", module) if given else np.zeros(size))
        return np.concatenate(parts)

    groups = {"LSTM": _LSTM, "GRU": _GRU, "RNN": (("i",), ("h",))}
    ins, outs = groups.get(kind, (("dense_i",), ("dense_h",)))
    known = {f"{name}.{leaf}" for name in (*ins, *outs) for leaf in ("kernel", "bias")}
    extra = [name for name in own if name not in known]
    if extra:
        raise ModelFileError(f"{module}: a cell with {few(extra)} besides, which is not known")
    return {
        "weight_ih": kernel(*ins),
        "weight_hh": kernel(*outs),
        "bias_ih": bias(*ins),
        "bias_hh": bias(*outs),
    }


def _float(own: Mapping[str, Any], name: str, module: str) -> FloatArray:
    if name not in own:
        raise ModelFileError(f"{module}: no {name!r} in the tree")
    return np.asarray(own[name], dtype=np.float64)


def _others(tree: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    """Dense, LayerNorm, BatchNorm and Embed as PyTorch's linear, normalising, embedding layers."""
    leaves = {"scale": "weight", "mean": "running_mean", "var": "running_var"}
    named: dict[str, Any] = {}
    for path, value in tree.items():
        module, _, leaf = path.rpartition(".")
        module = module.removeprefix("batch_stats.")
        stem = f"{module}." if module else ""
        if leaf == "kernel" and value.ndim == 2:
            named[f"{stem}weight"] = value.T
        elif leaf == "embedding":
            named[f"{stem}embedding.weight"] = value
        else:
            named[stem + leaves.get(leaf, leaf)] = value
    return named
