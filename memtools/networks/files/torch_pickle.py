"""PyTorch's .pt and .pth files without PyTorch and without pickle.

The pickle inside is read by a small machine of our own, which never imports or calls anything
that a file names.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memtools.exceptions import ModelFileError
from memtools.networks._tensors import few
from memtools.networks.files.archive import MAX_GROWTH, Archive
from memtools.networks.files.formats import KINDS
from memtools.networks.files.pickle_machine import ADVICE, Global, Inert, Machine
from memtools.networks.files.safetensors import widen_bfloat16

LEGACY_START = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
_MAX_ITEMS = 1000
_STORAGES = {
    "DoubleStorage": "f8",
    "FloatStorage": "f4",
    "HalfStorage": "f2",
    "BFloat16Storage": "u2",
    "LongStorage": "i8",
    "IntStorage": "i4",
    "ShortStorage": "i2",
    "CharStorage": "i1",
    "ByteStorage": "u1",
    "BoolStorage": "?",
}


@dataclass(frozen=True, kw_only=True)
class _Storage:
    """The numbers behind one or several tensors; `read` fetches them."""

    kind: str
    n_values: int
    read: Callable[[], bytes]

    def values(self, byte_order: str) -> NDArray[Any]:
        dtype = np.dtype(byte_order + _STORAGES[self.kind])
        data = self.read()
        if len(data) < self.n_values * dtype.itemsize:
            raise ModelFileError(f"a storage of {len(data)} bytes for {self.n_values} {dtype}")
        return np.frombuffer(data, dtype, self.n_values)


class Tensor:
    """A view of a storage, read only when it is made an array."""

    byte_order = "<"

    def __init__(self, storage: Any, offset: Any, shape: Any, strides: Any) -> None:
        numbers = (offset, *shape, *strides) if _tuples(shape, strides) else (None,)
        if not isinstance(storage, _Storage) or not all(
            type(n) is int and 0 <= n < 2**48 for n in numbers
        ):
            raise ModelFileError("a damaged description of a tensor")
        self.storage, self.offset, self.shape, self.strides = storage, offset, shape, strides
        steps = zip(shape, strides, strict=True)
        last = offset + sum((n - 1) * step for n, step in steps)
        size = math.prod(shape)
        if size > storage.n_values or (size and last >= storage.n_values):
            raise ModelFileError(f"a tensor of shape {shape} in {storage.n_values} numbers")

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype(_STORAGES[self.storage.kind])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        values = self.storage.values(self.byte_order)
        if self.storage.kind == "BFloat16Storage":
            values = widen_bfloat16(values.astype(np.uint16))
        steps = [step * values.itemsize for step in self.strides]
        start = values[self.offset :]
        array = np.lib.stride_tricks.as_strided(start, self.shape, steps, writeable=False)
        return np.array(array, dtype, copy=copy)


def _tuples(shape: Any, strides: Any) -> bool:
    return isinstance(shape, tuple) and isinstance(strides, tuple) and len(shape) == len(strides)


def read_archive(archive: Archive, size: int) -> dict[str, dict[str, Tensor]]:
    """Tensors of a file of PyTorch 1.6 and later, by container and name."""
    if any("archive_format" in name or "/models/" in name for name in archive.names):
        raise ModelFileError(f"an exported program (torch.export), not a state dict; {ADVICE}")
    if any("/code/" in name for name in archive.names):
        raise ModelFileError(f"a TorchScript program, not a state dict; {ADVICE}")
    pickles = [name for name in archive.names if name.rpartition("/")[2] == "data.pkl"]
    if len(pickles) != 1:
        raise ModelFileError(
            f"an archive of {few(archive.names)}, which is none of {KINDS}; where a model is in "
            "it, unpack it and give that"
        )
    folder = pickles[0].removesuffix("data.pkl")
    byte_order = "<"
    if f"{folder}byteorder" in archive and archive.read(f"{folder}byteorder") == b"big":
        byte_order = ">"

    read = cache(archive.read)  # many tensors may share a storage

    def storage(identity: Any) -> _Storage:
        kind, key, n_values = _storage_identity(identity)
        return _Storage(kind=kind, n_values=n_values, read=partial(read, f"{folder}data/{key}"))

    root = Machine(storage, _REBUILD).run(io.BytesIO(archive.read(pickles[0])))
    return _collect(root, byte_order, size)


def read_legacy(data: bytes) -> dict[str, dict[str, Tensor]]:
    """Tensors of a file of PyTorch before 1.6: five pickles, then the storages one by one."""
    stream = io.BytesIO(data)
    places: dict[str, tuple[int, int]] = {}
    kinds: dict[str, str] = {}

    def storage(identity: Any) -> _Storage:
        kind, key, n_values = _storage_identity(identity)
        kinds[key] = kind

        def read() -> bytes:
            start, end = places[key]
            return data[start:end]

        return _Storage(kind=kind, n_values=n_values, read=read)

    _, _, system, root, keys = (Machine(storage, _REBUILD).run(stream) for _ in range(5))
    if not isinstance(keys, list) or not isinstance(system, dict):
        raise ModelFileError("a damaged file of an old PyTorch")
    for key in keys:
        start = stream.tell() + 8
        n_values = int.from_bytes(data[start - 8 : start], "little")
        end = start + n_values * np.dtype(_STORAGES[kinds[key]]).itemsize
        if end > len(data):
            raise ModelFileError(f"storage {key!r} goes beyond the end of the file")
        places[key] = (start, end)
        stream.seek(end)
    return _collect(root, "<" if system.get("little_endian", True) else ">", len(data))


def _storage_identity(identity: Any) -> tuple[str, str, int]:
    tag, kind, key, _, n_values, *part = identity
    name = kind.name.removeprefix("torch.") if isinstance(kind, Global) else ""
    if name not in _STORAGES:
        raise ModelFileError(f"weights of type {name or kind}; known are {', '.join(_STORAGES)}")
    if tag != "storage" or type(n_values) is not int or n_values < 0 or any(part):
        raise ModelFileError(f"a storage that is part of another, or damaged; {ADVICE}")
    return name, str(key), n_values


def _collect(root: Any, byte_order: str, size: int) -> dict[str, dict[str, Tensor]]:
    """Every dict with tensors in it, by its path; optimisers' own left out."""
    found: dict[str, dict[str, Tensor]] = {}
    seen: set[int] = set()

    def walk(node: Any, path: str, depth: int) -> None:
        items = _items(node)
        if not items or id(node) in seen or depth > 8:
            return
        seen.add(id(node))
        tensors = {str(k): v for k, v in items.items() if isinstance(v, Tensor)}
        if tensors:
            found[path] = tensors
            _refuse_arrays(items)
        for key, value in items.items():
            if not str(key).startswith("optim"):
                walk(value, f"{path}.{key}" if path else str(key), depth + 1)

    walk(root, "", 0)
    if not found:
        raise ModelFileError(f"no tensors by name in the file; {ADVICE}")
    total = sum(8 * math.prod(t.shape) for group in found.values() for t in group.values())
    if total > 4 * size + MAX_GROWTH // 2:  # half precision grows fourfold
        raise ModelFileError("tensors that repeat each other")
    for group in found.values():
        for tensor in group.values():
            tensor.byte_order = byte_order
    return found


def _refuse_arrays(items: dict[Any, Any]) -> None:
    """Refuse NumPy arrays among the weights, by their names: they would be missed in silence."""
    for name, value in items.items():
        named = isinstance(name, str) and ("." in name or name.startswith(("weight", "bias")))
        if named and isinstance(value, Inert) and value.maker.endswith("multiarray._reconstruct"):
            raise ModelFileError(
                f"{name!r} is a NumPy array among PyTorch's tensors: save it as torch.as_tensor("
                "array), or all arrays with numpy.savez"
            )


def _items(node: Any) -> dict[Any, Any]:
    """What a container holds, by key or by place."""
    if isinstance(node, list | tuple):
        return dict(enumerate(node)) if len(node) <= _MAX_ITEMS else {}
    if isinstance(node, Inert):
        return node.items
    return node if isinstance(node, dict) else {}


def _strided(storage: Any, offset: Any, shape: Any, strides: Any, *rest: Any) -> Tensor:
    """A plain tensor; its gradient's flag and hooks are left out, a sign kept for later is not."""
    if any(rest[2:]):
        raise ModelFileError("a tensor that is negated when read: save tensor.resolve_neg()")
    return Tensor(storage, offset, shape, strides)


# What the calls that state dicts need give here; every other name stands for itself, uncalled.
_REBUILD: dict[str, Callable[..., Any]] = {
    "collections.OrderedDict": lambda *pairs: dict(*pairs),
    "collections.defaultdict": lambda *_: {},
    "collections.Counter": lambda *pairs: dict(*pairs),
    "torch._utils._rebuild_tensor_v2": _strided,
    "torch._utils._rebuild_parameter": lambda tensor, *_: tensor,
    "torch._utils._rebuild_parameter_with_state": lambda tensor, *_: tensor,
    "torch._tensor._rebuild_from_type_v2": lambda rebuild, kind, parts, _: _of_type(rebuild, parts),
    "torch.Size": tuple,
    "torch.device": lambda *names: names,
}


def _of_type(rebuild: Any, parts: Any) -> Any:
    """A tensor with attributes of its own."""
    if isinstance(rebuild, Global) and rebuild.name in _REBUILD and isinstance(parts, tuple):
        return _REBUILD[rebuild.name](*parts)
    raise ModelFileError(f"a tensor of an unknown kind ({rebuild})")
