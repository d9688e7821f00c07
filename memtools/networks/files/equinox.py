"""Equinox' .eqx files: bare arrays one after the other, in the order of a template's leaves."""

from __future__ import annotations

import dataclasses
import io
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from memtools.exceptions import ModelFileError

ADVICE = (
    "an Equinox file: bare arrays without names; pass template= a module of the same shape (as to "
    "eqx.tree_deserialise_leaves), or a mapping of names to shapes in the order of its leaves"
)
_MAX_LEAVES, _MAX_DEPTH = 20_000, 50
_MAX_HEADER = 2**20


def is_equinox(path: Path, data: bytes) -> bool:
    """Several NPY arrays in a row, or such an ending."""
    several = data.startswith(b"\x93NUMPY") and data.count(b"\x93NUMPY") > 1
    return several or path.suffix == ".eqx"


def read(data: bytes, template: Any) -> dict[str, NDArray[Any]]:
    """Arrays by the names of the template's leaves."""
    start = data.find(b"\x93NUMPY", 0, _MAX_HEADER)  # a line of the user's own may stand before
    if start < 0:
        raise ModelFileError("no NPY arrays in it, as Equinox writes them; leave template= out")
    stream = io.BytesIO(data)
    stream.seek(start)
    arrays: dict[str, NDArray[Any]] = {}
    for name, shape in leaves(template):
        if len(arrays) == _MAX_LEAVES:
            raise ModelFileError(f"a template of more than {_MAX_LEAVES:,} leaves")
        array = _array(stream, name)
        if array.shape != shape:
            raise ModelFileError(f"leaf {name!r}: the template has {shape}, the file {array.shape}")
        arrays[name] = array
    if stream.read(1):
        raise ModelFileError(f"more arrays in the file than the template's {len(arrays)} leaves")
    return {name: array for name, array in arrays.items() if array.ndim}


def _array(stream: io.BytesIO, name: str) -> NDArray[Any]:
    version = npy.read_magic(stream)
    readers = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
    if version not in readers:
        raise ModelFileError(f"leaf {name!r} in NPY format {version}")
    shape, fortran_order, dtype = readers[version](stream)
    if dtype.hasobject or any(n < 0 for n in shape):
        raise ModelFileError(f"leaf {name!r} is no array of numbers")
    size = math.prod(shape) * dtype.itemsize
    body = stream.read(min(size, stream.getbuffer().nbytes))
    if len(body) != size:
        raise ModelFileError(f"leaf {name!r}: {len(body)} bytes for shape {shape} of {dtype}")
    return np.frombuffer(body, dtype).reshape(shape, order="F" if fortran_order else "C")


def leaves(template: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Names and shapes of the leaves that Equinox writes, in its order.

    Fields of a module in the order of their definition (static ones left out), items of lists and
    tuples in order, of dicts by key; arrays and numbers are leaves.
    """
    if depth > _MAX_DEPTH:
        raise ModelFileError("a template nested too deep")
    stem = f"{path}." if path else ""
    if hasattr(template, "shape") and hasattr(template, "dtype"):
        yield path, tuple(template.shape)
    elif isinstance(template, bool | int | float | complex):
        yield path, ()
    elif dataclasses.is_dataclass(template):
        for field in dataclasses.fields(template):
            if not field.metadata.get("static", False):
                yield from leaves(getattr(template, field.name), stem + field.name, depth + 1)
    elif isinstance(template, Mapping):
        shapes = all(isinstance(value, list | tuple) for value in template.values())
        for key in template if shapes else sorted(template):
            value = template[key]
            if shapes and all(isinstance(n, int) for n in value):
                yield f"{stem}{key}", tuple(value)
            else:
                yield from leaves(value, f"{stem}{key}", depth + 1)
    elif isinstance(template, list | tuple):
        for i, item in enumerate(template):
            yield from leaves(item, f"{stem}{i}", depth + 1)
