"""The part of HDF5 that Keras' files use, read by ourselves.

The HDF5 library loops or crashes on some damaged files (2.0.0: 6 in 3,000 with flipped bits),
which no Python code can catch. pyfive 1.3.0, in Python alone and behind a budget of bytes and of
calls, was tried in its place: it inflates a compressed megabyte to a gigabyte before a size can be
asked, takes 0.5 to 1 GB for 2 in 1,500 files with flipped bits, and 5 to 10 s for 18 kB whose
header continues itself (`tests/networks/test_hostile_files.py` has it), for what it adds: data in
chunks, which Keras does not write. Read here: format version 0 and 1 of the superblock, old-style
groups, contiguous and compact data, numbers and strings; what h5py writes unless told otherwise.

References
----------
The HDF Group, HDF5 File Format Specification, version 3.0; section numbers below are its own.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memtools.exceptions import ModelFileError
from memtools.networks.files.archive import MAX_GROWTH

START = b"\x89HDF\r\n\x1a\n"
_MAX_PARTS = 500_000
# Types of header messages (IV.A.2).
_DATASPACE, _LINK_INFO, _DATATYPE, _LINK, _EXTERNAL = 0x01, 0x02, 0x03, 0x06, 0x07
_LAYOUT, _FILTERS, _ATTRIBUTE, _CONTINUATION, _SYMBOL_TABLE = 0x08, 0x0B, 0x0C, 0x10, 0x11


@dataclass(frozen=True, kw_only=True)
class _Type:
    """Type of an element: a NumPy type, or a string of varying length."""

    dtype: np.dtype[Any] | None
    size: int


class File:
    """An HDF5 file in memory.

    Parameters
    ----------
    data : bytes
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._n_parts = self._n_bytes = 0
        self._nodes: dict[int, Node] = {}
        if not data.startswith(START):
            raise ModelFileError("no HDF5 file")
        version, sizes = data[8], data[13:15]
        if version > 1:
            raise ModelFileError(
                "an HDF5 file in the newer format (libver='latest'); save it with h5py's defaults"
            )
        if sizes != b"\x08\x08":
            raise ModelFileError("an HDF5 file with unusual addresses")
        start = 24 + 4 * version
        (base,) = self.unpack("<Q", start)
        if base != 0:
            raise ModelFileError("an HDF5 file inside another file")
        end, _, _, address = self.unpack("<QQQQ", start + 16)
        if end > len(data):
            raise ModelFileError(f"an HDF5 file of {end:,} bytes, cut off at {len(data):,}")
        self.root = self.node(address)

    def node(self, address: int) -> Node:
        """The object whose header stands there."""
        if address not in self._nodes:
            self._nodes[address] = Node(self, address)
        return self._nodes[address]

    def count(self, n_parts: int = 1) -> None:
        """Every part of the file that is looked at counts, so that circles end."""
        self._n_parts += n_parts
        if self._n_parts > _MAX_PARTS:
            raise ModelFileError("a damaged HDF5 file: it runs in circles")

    def read(self, address: int, size: int) -> bytes:
        """Bytes of the file; going beyond its end is damage."""
        if address + size > len(self.data):
            raise ModelFileError("a damaged HDF5 file: it points beyond its end")
        return self.data[address : address + size]

    def unpack(self, layout: str, address: int) -> tuple[Any, ...]:
        return struct.unpack(layout, self.read(address, struct.calcsize(layout)))

    def count_bytes(self, n_bytes: int) -> None:
        """Data sets may lie over each other only so far."""
        self._n_bytes += n_bytes
        if self._n_bytes > len(self.data) + MAX_GROWTH // 4:
            raise ModelFileError("an HDF5 file with data sets that repeat each other")

    def expect(self, signature: bytes, address: int) -> None:
        """Each part starts with its signature."""
        self.count()
        if self.read(address, len(signature)) != signature:
            raise ModelFileError(f"a damaged HDF5 file: no {signature!r} where one should be")


class Node:
    """A group or a data set: children, attributes, values."""

    def __init__(self, file: File, address: int) -> None:
        self.file = file
        self._messages = _header_messages(file, address)

    def message(self, kind: int) -> bytes | None:
        """First header message of a kind."""
        return next((body for k, body in self._messages if k == kind), None)

    @property
    def attributes(self) -> dict[str, Any]:
        """Attributes by name: str, list of str, or arrays."""
        bodies = [body for kind, body in self._messages if kind == _ATTRIBUTE]
        return dict(_attribute(self.file, body) for body in bodies)

    @cached_property
    def children(self) -> dict[str, int]:
        """Names in a group, with the addresses of their objects."""
        table = self.message(_SYMBOL_TABLE)
        if table is None:
            if self.message(_LINK) is not None or self.message(_LINK_INFO) is not None:
                raise ModelFileError("an HDF5 group in the newer format; use h5py's defaults")
            return {}
        tree, heap = struct.unpack_from("<QQ", table)
        self.file.expect(b"HEAP", heap)
        size, _, start = self.file.unpack("<QQQ", heap + 8)
        names = self.file.read(start, size)
        found: dict[str, int] = {}
        for leaf in _leaves(self.file, tree):
            self.file.expect(b"SNOD", leaf)
            (n_entries,) = self.file.unpack("<H", leaf + 6)
            self.file.count(n_entries)
            for i in range(n_entries):
                at, address, kind = self.file.unpack("<QQI", leaf + 8 + 40 * i)
                name = names[at : names.index(b"\0", at)].decode()
                if kind == 2 or not name:
                    raise ModelFileError("an HDF5 file with links to elsewhere")
                found[name] = address
        return found

    def __contains__(self, path: str) -> bool:
        return self._find(path) is not None

    def __getitem__(self, path: str) -> Node:
        node = self._find(path)
        if node is None:
            raise ModelFileError(f"no {path!r} in the HDF5 file")
        return node

    def _find(self, path: str) -> Node | None:
        node = self
        for part in path.split("/"):
            address = node.children.get(part)
            if address is None:
                return None
            node = self.file.node(address)
        return node

    def array(self, name: str) -> NDArray[Any]:
        """Values of a data set; `name` is for the error."""
        space, kind, layout = map(self.message, (_DATASPACE, _DATATYPE, _LAYOUT))
        if space is None or kind is None or layout is None:
            raise ModelFileError(f"{name!r} in the HDF5 file is no data set")
        if self.message(_FILTERS) or self.message(_EXTERNAL) or layout[0] not in (3, 4):
            raise ModelFileError(f"{name!r} is compressed or stored outside the HDF5 file")
        element, shape = _datatype(kind), _dataspace(space)
        if element.dtype is None:
            raise ModelFileError(f"{name!r} in the HDF5 file holds no numbers")
        size = math.prod(shape) * element.size
        self.file.count_bytes(size)
        if layout[1] == 0:
            body = layout[4 : 4 + size]
        elif layout[1] == 1:
            (address,) = struct.unpack_from("<Q", layout, 2)
            body = self.file.read(address, size) if size else b""
        else:
            raise ModelFileError(f"{name!r} is stored in chunks, which Keras does not do")
        return np.frombuffer(body, element.dtype).reshape(shape)


def _header_messages(file: File, address: int) -> list[tuple[int, bytes]]:
    """Messages of an object header, version 1 (IV.A.1.a)."""
    file.expect(b"\x01", address)
    n_messages, _, size = file.unpack("<HII", address + 2)
    blocks = [(address + 16, size)]
    messages: list[tuple[int, bytes]] = []
    for start, length in blocks:
        file.count(1 + length // 8)
        block, at = file.read(start, length), 0
        while at + 8 <= length and len(messages) < n_messages:
            kind, n_bytes = struct.unpack_from("<HH", block, at)
            body = block[at + 8 : at + 8 + n_bytes]
            messages.append((kind, body))
            if kind == _CONTINUATION:
                blocks.append(struct.unpack_from("<QQ", body))
            at += 8 + n_bytes
    return messages


def _leaves(file: File, address: int, depth: int = 0) -> list[int]:
    """Addresses of the symbol table nodes under a version 1 B-tree (III.A.1)."""
    file.expect(b"TREE", address)
    kind, level, n_used = file.unpack("<BBH", address + 4)
    if kind != 0 or level > 8 or depth > 8:
        raise ModelFileError("a damaged HDF5 file: no tree of a group")
    file.count(n_used)
    children = [file.unpack("<Q", address + 32 + 16 * i)[0] for i in range(n_used)]
    if level == 0:
        return children
    return [leaf for child in children for leaf in _leaves(file, child, depth + 1)]


def _dataspace(body: bytes) -> tuple[int, ...]:
    """Shape (IV.A.2.b)."""
    version, n_dims = body[0], body[1]
    if version not in (1, 2) or n_dims > 8:
        raise ModelFileError("a damaged HDF5 file: no shape")
    return struct.unpack_from(f"<{n_dims}Q", body, 8 if version == 1 else 4)


def _datatype(body: bytes) -> _Type:
    """Element type (IV.A.2.d): integers, floats, strings."""
    kind, flags, size = body[0] & 0x0F, body[1], struct.unpack_from("<I", body, 4)[0]
    order = ">" if flags & 1 else "<"
    if kind == 0 and size in (1, 2, 4, 8):
        return _Type(dtype=np.dtype(f"{order}{'i' if flags & 8 else 'u'}{size}"), size=size)
    if kind == 1 and size in (2, 4, 8) and not flags & 0x40:
        return _Type(dtype=np.dtype(f"{order}f{size}"), size=size)
    if kind == 3:
        return _Type(dtype=np.dtype(f"S{size}"), size=size)
    if kind == 9 and flags & 0x0F == 1:
        return _Type(dtype=None, size=16)
    raise ModelFileError(f"an HDF5 file with data of unusual type (class {kind}, {size} bytes)")


def _attribute(file: File, body: bytes) -> tuple[str, Any]:
    """Name and value (IV.A.2.m)."""
    version, flags, n_name, n_type, n_space = struct.unpack_from("<BBHHH", body)
    if version not in (1, 2, 3) or (version > 1 and flags):
        raise ModelFileError("a damaged HDF5 file: no attribute")
    at, parts = 9 if version == 3 else 8, []
    for size in (n_name, n_type, n_space):
        parts.append(body[at : at + size])
        at += (size + 7) // 8 * 8 if version == 1 else size
    name = parts[0].split(b"\0")[0].decode()
    element, shape = _datatype(parts[1]), _dataspace(parts[2]) if n_space else ()
    n_values = math.prod(shape)
    values = body[at : at + n_values * element.size]
    if element.dtype is None:
        strings = [_varying_string(file, values[16 * i : 16 * i + 16]) for i in range(n_values)]
        return name, strings if shape else strings[0]
    array = np.frombuffer(values, element.dtype, n_values).reshape(shape)
    if element.dtype.kind == "S":
        strings = [item.decode() for item in array.reshape(-1).tolist()]
        return name, strings if shape else strings[0]
    return name, array


def _varying_string(file: File, reference: bytes) -> str:
    """A string in a global heap (III.E)."""
    length, address, index = struct.unpack("<IQI", reference)
    if length == 0:
        return ""
    file.expect(b"GCOL", address)
    (size,) = file.unpack("<Q", address + 8)
    at, end = address + 16, address + size
    while at + 16 <= end:
        file.count()
        number, _, _, n_bytes = file.unpack("<HHIQ", at)
        if number == index:
            return file.read(at + 16, min(length, n_bytes)).decode()
        at += 16 + (n_bytes + 7) // 8 * 8
        if number == 0:
            break
    raise ModelFileError("a damaged HDF5 file: a string is missing")
