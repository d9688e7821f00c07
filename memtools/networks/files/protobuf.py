"""The wire format of ONNX's protocol buffers: messages, tensors, attributes.

Field numbers are those of onnx.proto (ONNX 1.15).
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memtools.exceptions import ModelFileError
from memtools.networks.files.archive import MAX_GROWTH
from memtools.networks.files.safetensors import widen_bfloat16
from memtools.networks.files.shards import sibling

_MAX_FIELDS = 200_000
# TensorProto.DataType -> NumPy, and the field of the values where they are not raw
_TYPES = {
    1: ("<f4", 4),
    2: ("u1", 5),
    3: ("i1", 5),
    4: ("<u2", 5),
    5: ("<i2", 5),
    6: ("<i4", 5),
    7: ("<i8", 7),
    9: ("?", 5),
    10: ("<f2", 5),
    11: ("<f8", 10),
    12: ("<u4", 11),
    13: ("<u8", 11),
    16: ("<u2", 5),
}


class Reader:
    """Messages of one file; their fields are counted, so that no file takes long.

    Parameters
    ----------
    folder : Path or None
        Where the file lies, and where the files of its large tensors must lie.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._n_fields = 0
        self._folder = folder
        self._n_external = 0

    def fields(self, data: memoryview) -> dict[int, list[Any]]:
        """Values of a message by field number: ints, or memoryviews."""
        found: dict[int, list[Any]] = {}
        at = 0
        while at < len(data):
            self._n_fields += 1
            if self._n_fields > _MAX_FIELDS:
                raise ModelFileError(f"an ONNX file of more than {_MAX_FIELDS:,} fields")
            key, at = _varint(data, at)
            number, wire = key >> 3, key & 7
            value: Any
            if wire == 0:
                value, at = _varint(data, at)
            elif wire in (1, 2, 5):
                size, at = _varint(data, at) if wire == 2 else ({1: 8, 5: 4}[wire], at)
                if at + size > len(data):
                    raise ModelFileError("a damaged ONNX file: a field beyond its end")
                value, at = data[at : at + size], at + size
            else:
                raise ModelFileError("a damaged ONNX file: an unknown kind of field")
            found.setdefault(number, []).append(value)
        return found

    def tensor(self, data: memoryview) -> NDArray[Any]:
        """A TensorProto as an array."""
        message = self.fields(data)
        name = text(message, 8)
        kind = message.get(2, [0])[-1]
        if kind not in _TYPES:
            raise ModelFileError(f"tensor {name!r} of ONNX type {kind}")
        dtype, field = _TYPES[kind]
        shape = integers(message, 1)
        if 13 in message or message.get(14, [0])[-1] == 1:
            values = self._external(message, name, dtype, shape)
        elif 9 in message:
            values = _raw(message, dtype)
        else:
            values = _listed(message, field, dtype)
        if any(n < 0 for n in shape) or math.prod(shape) != values.size:
            raise ModelFileError(f"tensor {name!r}: {values.size} values for shape {shape}")
        return (widen_bfloat16(values) if kind == 16 else values).reshape(shape)

    def _external(
        self, message: dict[int, list[Any]], name: str, dtype: str, shape: list[int]
    ) -> NDArray[Any]:
        """Values in a file beside the model, as PyTorch's exporter writes them by default."""
        places = [self.fields(item) for item in message.get(13, [])]
        entries = {text(place, 1): text(place, 2) for place in places}
        if self._folder is None:
            raise ModelFileError(f"tensor {name!r} lies in another file; give the model's path")
        try:
            path = sibling(self._folder, entries.get("location"))
        except ModelFileError as error:
            raise ModelFileError(
                f"tensor {name!r}: {error}; keep the model's data file beside it, under its name"
            ) from error
        numbers = [entries.get(key, "0") for key in ("offset", "length")]
        if any(n < 0 for n in shape) or not all(number.isdecimal() for number in numbers):
            raise ModelFileError(f"tensor {name!r} at {numbers} for shape {shape}")
        size = math.prod(shape) * np.dtype(dtype).itemsize
        offset, length = int(numbers[0]), int(numbers[1]) or size
        if length != size or offset + size > path.stat().st_size:
            raise ModelFileError(
                f"tensor {name!r}: {length:,} bytes at {offset:,} of {path.name} for shape {shape}"
            )
        self._n_external += size
        if self._n_external > path.stat().st_size + MAX_GROWTH // 4:
            raise ModelFileError("an ONNX file with tensors that repeat each other")
        with path.open("rb") as stream:
            stream.seek(offset)
            return np.frombuffer(stream.read(size), dtype)


def _raw(message: dict[int, list[Any]], dtype: str) -> NDArray[Any]:
    return np.frombuffer(message[9][-1], dtype)


def _listed(message: dict[int, list[Any]], field: int, dtype: str) -> NDArray[Any]:
    """Values in a typed field: packed floats, or varints."""
    if field in (4, 10):
        return np.frombuffer(b"".join(message.get(field, [])), dtype)
    values = integers(message, field)
    if dtype in ("<f2", "<u2"):  # half precision as its bits
        return np.array(values, "<u2").view(dtype)
    return np.array(values, dtype)


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            break
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise ModelFileError("a damaged ONNX file: a number without an end")


def _signed(value: int) -> int:
    return value - 2**64 if value >= 2**63 else value


def integers(message: dict[int, list[Any]], field: int) -> list[int]:
    """Repeated integers, packed or not."""
    found: list[int] = []
    for value in message.get(field, []):
        if isinstance(value, int):
            found.append(_signed(value))
            continue
        at = 0
        while at < len(value):
            number, at = _varint(value, at)
            found.append(_signed(number))
    return found


def text(message: dict[int, list[Any]], field: int) -> str:
    """A string field, empty if absent."""
    return bytes(message[field][-1]).decode() if field in message else ""


def texts(message: dict[int, list[Any]], field: int) -> list[str]:
    """A repeated string field."""
    return [bytes(value).decode() for value in message.get(field, [])]


@dataclass(frozen=True, kw_only=True)
class Operation:
    """A NodeProto: one operation of the graph; its kind has its domain before it unless ONNX'."""

    kind: str
    name: str
    inputs: list[str]
    outputs: list[str]
    attributes: dict[str, Any]


def operation(reader: Reader, data: memoryview) -> Operation:
    """Read a NodeProto."""
    message = reader.fields(data)
    attributes = {}
    for item in message.get(5, []):
        attribute = reader.fields(item)
        attributes[text(attribute, 1)] = _attribute(reader, attribute)
    kind, domain = text(message, 4), text(message, 7)
    return Operation(
        kind=kind if domain in ("", "ai.onnx") else f"{domain}::{kind}",
        name=text(message, 3),
        inputs=texts(message, 1),
        outputs=texts(message, 2),
        attributes=attributes,
    )


def _attribute(reader: Reader, message: dict[int, list[Any]]) -> Any:
    """Value of an AttributeProto, by the field that is set."""
    if 5 in message:
        return reader.tensor(message[5][-1])
    if 6 in message:  # a graph, read when it is wanted
        return message[6][-1]
    if 9 in message:
        return texts(message, 9)
    if 8 in message:
        return integers(message, 8)
    if 7 in message:
        return [struct.unpack("<f", v)[0] for v in message[7] if len(v) == 4]
    if 4 in message:
        return text(message, 4)
    if 2 in message:
        return struct.unpack("<f", message[2][-1])[0]
    return _signed(message.get(3, [0])[-1])
