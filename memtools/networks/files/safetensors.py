"""safetensors: a JSON header with names, types and places, then the bytes of the tensors."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memtools.exceptions import ModelFileError

_MAX_HEADER, _MAX_TENSORS = 4 * 2**20, 20_000
_TYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "BF16": "<u2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "i1",
    "U8": "u1",
    "BOOL": "?",
}


def widen_bfloat16(bits: NDArray[np.uint16]) -> NDArray[np.float32]:
    """bfloat16 is the upper half of a float32."""
    return (bits.astype(np.uint32) << 16).view(np.float32)


def read(data: bytes) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """Tensors by name, and the metadata of the file."""
    length = int.from_bytes(data[:8], "little")
    if length > min(_MAX_HEADER, len(data) - 8):
        raise ModelFileError(f"a header of {length:,} bytes in a file of {len(data):,}")
    header = json.loads(data[8 : 8 + length].decode("utf-8"), object_pairs_hook=_without_repeats)
    if not isinstance(header, dict):
        raise ModelFileError("a header that is no JSON object")
    if len(header) > _MAX_TENSORS:
        raise ModelFileError(f"a header of more than {_MAX_TENSORS:,} tensors")
    metadata = header.pop("__metadata__", {})
    body = memoryview(data)[8 + length :]
    places = {name: _place(name, entry, len(body)) for name, entry in header.items()}
    at = 0
    for start, end in sorted(places.values()):
        if start != at:
            what = "overlap" if start < at else "leave a hole"
            raise ModelFileError(f"tensors that {what} at byte {start:,}: a damaged file")
        at = end
    if at != len(body):
        raise ModelFileError(f"tensors of {at:,} bytes in a body of {len(body):,}")
    tensors = {name: _tensor(name, header[name], body[a:b]) for name, (a, b) in places.items()}
    return tensors, metadata if isinstance(metadata, dict) else {}


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object each of whose names stands once."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in found if names.count(name) > 1)
        raise ModelFileError(f"two tensors of the name {twice!r}")
    return found


def _place(name: str, entry: Any, n_bytes: int) -> tuple[int, int]:
    """Start and end of a tensor in the body."""
    try:
        start, end = entry["data_offsets"]
        inside = 0 <= start <= end <= n_bytes
    except (KeyError, TypeError, ValueError) as error:
        raise ModelFileError(f"tensor {name!r} without data_offsets") from error
    if not inside or type(start) is not int or type(end) is not int:
        raise ModelFileError(f"tensor {name!r} at bytes {start}..{end} of {n_bytes}")
    return start, end


def _tensor(name: str, entry: Any, body: memoryview) -> NDArray[Any]:
    kind, shape = entry.get("dtype"), entry.get("shape")
    if not isinstance(kind, str) or kind not in _TYPES:
        raise ModelFileError(f"tensor {name!r} of type {kind}; known are {', '.join(_TYPES)}")
    dtype = np.dtype(_TYPES[kind])
    positive = isinstance(shape, list) and all(type(n) is int and n >= 0 for n in shape)
    if not positive or math.prod(shape) * dtype.itemsize != len(body):
        raise ModelFileError(
            f"tensor {name!r} of shape {shape} and type {kind} in {len(body)} bytes"
        )
    array = np.frombuffer(body, dtype).reshape(shape)
    return widen_bfloat16(array) if kind == "BF16" else array


def write(tensors: Mapping[str, NDArray[Any]], metadata: Mapping[str, str]) -> bytes:
    """The bytes of a safetensors file with float64 tensors."""
    header: dict[str, Any] = {"__metadata__": dict(metadata)}
    position = 0
    for name, array in tensors.items():
        end = position + 8 * array.size
        shape = list(array.shape)
        header[name] = {"dtype": "F64", "shape": shape, "data_offsets": [position, end]}
        position = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    body = b"".join(np.ascontiguousarray(array, "<f8").tobytes() for array in tensors.values())
    return len(text).to_bytes(8, "little") + text + body
