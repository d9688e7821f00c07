"""NumPy archives, without pickles."""

from __future__ import annotations

import io
import math
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from memtools.exceptions import ModelFileError
from memtools.networks.files.archive import Archive


def read(archive: Archive) -> dict[str, NDArray[Any]]:
    """Arrays by name."""
    arrays = {}
    for name in archive.names:
        if not name.endswith(".npy"):
            raise ModelFileError(f"member {name!r} is no array")
        arrays[name.removesuffix(".npy")] = _array(name, archive.read(name))
    return arrays


def _array(name: str, data: bytes) -> NDArray[Any]:
    stream = io.BytesIO(data)
    version = npy.read_magic(stream)
    read_header = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
    if version not in read_header:
        raise ModelFileError(f"member {name!r} in NPY format {version}")
    shape, fortran_order, dtype = read_header[version](stream)
    if dtype.hasobject:
        raise ModelFileError(f"member {name!r} holds pickled objects, which are not read")
    body = data[stream.tell() :]
    if any(n < 0 for n in shape) or math.prod(shape) * dtype.itemsize != len(body):
        raise ModelFileError(f"member {name!r}: {len(body)} bytes for shape {shape} of {dtype}")
    return np.frombuffer(body, dtype).reshape(shape, order="F" if fortran_order else "C")
