"""The part of MessagePack that Flax' files use, within bounds.

References
----------
The MessagePack specification, https://github.com/msgpack/msgpack/blob/master/spec.md; Flax writes
an array as extension 1, the packed tuple (shape, name of the type, bytes), a NumPy scalar as 3.
"""

from __future__ import annotations

import math
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memtools.exceptions import ModelFileError
from memtools.networks.files.safetensors import widen_bfloat16

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
