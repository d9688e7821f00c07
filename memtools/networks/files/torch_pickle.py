"""PyTorch's .pt and .pth files without PyTorch and without pickle.

The pickle inside is read by a small machine of our own that knows plain containers, numbers,
strings and tensors.  It never imports or calls anything that a file names.
"""

from __future__ import annotations

import io
import math
import pickletools
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memtools.exceptions import ModelFileError
from memtools.networks.files.archive import MAX_GROWTH, Archive
from memtools.networks.files.safetensors import widen_bfloat16

LEGACY_START = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
_MAX_OPCODES = 250_000
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
_ADVICE = (
    "only state dicts are read, never executed objects: save the weights alone with "
    "torch.save(model.state_dict(), path)"
)


@dataclass(frozen=True, kw_only=True)
class _Global:
    """A name in the file, standing for itself."""

    name: str


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
    pickles = [name for name in archive.names if name.rpartition("/")[2] == "data.pkl"]
    if len(pickles) != 1 or any("/code/" in name for name in archive.names):
        raise ModelFileError(f"a TorchScript program, not a state dict; {_ADVICE}")
    folder = pickles[0].removesuffix("data.pkl")
    byte_order = "<"
    if f"{folder}byteorder" in archive and archive.read(f"{folder}byteorder") == b"big":
        byte_order = ">"

    read = cache(archive.read)  # many tensors may share a storage

    def storage(identity: Any) -> _Storage:
        kind, key, n_values = _storage_identity(identity)
        return _Storage(kind=kind, n_values=n_values, read=partial(read, f"{folder}data/{key}"))

    root = _Machine(storage).run(io.BytesIO(archive.read(pickles[0])))
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

    _, _, system, root, keys = (_Machine(storage).run(stream) for _ in range(5))
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
    tag, kind, key, _, n_values, *_ = identity
    name = kind.name.removeprefix("torch.") if isinstance(kind, _Global) else ""
    if tag != "storage" or name not in _STORAGES or type(n_values) is not int or n_values < 0:
        raise ModelFileError(f"an unknown storage {kind}")
    return name, str(key), n_values


def _collect(root: Any, byte_order: str, size: int) -> dict[str, dict[str, Tensor]]:
    """Every dict with tensors in it, by its path; optimisers' own left out."""
    found: dict[str, dict[str, Tensor]] = {}
    seen: set[int] = set()

    def walk(node: Any, path: str, depth: int) -> None:
        if not isinstance(node, dict) or id(node) in seen or depth > 8:
            return
        seen.add(id(node))
        tensors = {str(k): v for k, v in node.items() if isinstance(v, Tensor)}
        if tensors:
            found[path] = tensors
        for key, value in node.items():
            if not str(key).startswith("optim"):
                walk(value, f"{path}.{key}" if path else str(key), depth + 1)

    walk(root, "", 0)
    if not found:
        raise ModelFileError(f"no tensors by name in the file; {_ADVICE}")
    total = sum(8 * math.prod(t.shape) for group in found.values() for t in group.values())
    if total > 4 * size + MAX_GROWTH // 2:  # half precision grows fourfold
        raise ModelFileError("tensors that repeat each other")
    for group in found.values():
        for tensor in group.values():
            tensor.byte_order = byte_order
    return found


class _Machine:
    """The part of pickle's stack machine that state dicts use: a method an operation."""

    def __init__(self, storage: Callable[[Any], _Storage]) -> None:
        self.storage = storage
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: dict[int, Any] = {}

    def run(self, stream: io.BytesIO) -> Any:
        """The object of one pickle; the stream stands after it."""
        self.stack, self.marks, self.memo = [], [], {}
        for count, (opcode, argument, _) in enumerate(pickletools.genops(stream)):
            if count > _MAX_OPCODES:
                raise ModelFileError(f"a pickle of more than {_MAX_OPCODES:,} operations")
            if opcode.name == "STOP":
                return self.stack.pop()
            if opcode.name in _LITERALS:
                self.stack.append(argument)
            elif opcode.name in _CONSTANTS:
                self.stack.append(_CONSTANTS[opcode.name]())
            else:
                name = _SAME.get(opcode.name, opcode.name).lower()
                operation = getattr(self, f"op_{name}", None)
                if operation is None:
                    what = f"a pickle that does more than hold tensors ({opcode.name})"
                    raise ModelFileError(f"{what}; {_ADVICE}")
                operation(argument)
        raise ModelFileError("a pickle without an end")

    def op_proto(self, _: Any) -> None:
        """Protocol number and frames change nothing."""

    def op_put(self, index: int) -> None:
        self.memo[index] = self.stack[-1]

    def op_memoize(self, _: Any) -> None:
        self.memo[len(self.memo)] = self.stack[-1]

    def op_get(self, index: int) -> None:
        self.stack.append(self.memo[index])

    def op_mark(self, _: Any) -> None:
        self.marks.append(len(self.stack))

    def since_mark(self) -> list[Any]:
        start = self.marks.pop()
        items = self.stack[start:]
        del self.stack[start:]
        return items

    def op_tuple(self, _: Any) -> None:
        self.stack.append(tuple(self.since_mark()))

    def last(self, n: int) -> None:
        items = tuple(self.stack[-n:])
        del self.stack[-n:]
        self.stack.append(items)

    def op_tuple1(self, _: Any) -> None:
        self.last(1)

    def op_tuple2(self, _: Any) -> None:
        self.last(2)

    def op_tuple3(self, _: Any) -> None:
        self.last(3)

    def top(self, kind: type) -> Any:
        if not isinstance(self.stack[-1], kind):
            raise ModelFileError(f"a damaged pickle; {_ADVICE}")
        return self.stack[-1]

    def op_setitem(self, _: Any) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        self.top(dict)[key] = value

    def op_setitems(self, _: Any) -> None:
        items = self.since_mark()
        self.top(dict).update(zip(items[::2], items[1::2], strict=True))

    def op_append(self, _: Any) -> None:
        item = self.stack.pop()
        self.top(list).append(item)

    def op_appends(self, _: Any) -> None:
        items = self.since_mark()
        self.top(list).extend(items)

    def op_global(self, argument: str) -> None:
        """A name that stands for a known thing; every other is refused."""
        name = argument.replace(" ", ".", 1)
        known = name in _REBUILD or name in _PASSIVE
        if not known and name.removeprefix("torch.") not in _STORAGES:
            raise ModelFileError(f"a pickle that wants to use {name!r}; {_ADVICE}")
        self.stack.append(_Global(name=name))

    def op_stack_global(self, _: Any) -> None:
        leaf, module = self.stack.pop(), self.stack.pop()
        self.op_global(f"{module} {leaf}")

    def op_binpersid(self, _: Any) -> None:
        self.stack.append(self.storage(self.stack.pop()))

    def op_reduce(self, _: Any) -> None:
        arguments, called = self.stack.pop(), self.stack.pop()
        if not isinstance(called, _Global) or called.name not in _REBUILD:
            raise ModelFileError(f"a pickle that wants to call {called}; {_ADVICE}")
        self.stack.append(_REBUILD[called.name](*arguments))

    def op_build(self, _: Any) -> None:
        # What torch keeps on an OrderedDict (_metadata) holds no weights.
        self.stack.pop()
        self.top(dict)


_LITERALS = {
    *("BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "UNICODE"),
    *("BININT", "BININT1", "BININT2", "INT", "LONG", "LONG1", "LONG4"),
    *("BINFLOAT", "FLOAT", "BINBYTES", "SHORT_BINBYTES"),
}
_CONSTANTS: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_DICT": dict,
    "EMPTY_LIST": list,
    "EMPTY_TUPLE": tuple,
    "EMPTY_SET": list,
}
_SAME = {
    **dict.fromkeys(("BINPUT", "LONG_BINPUT"), "PUT"),
    **dict.fromkeys(("BINGET", "LONG_BINGET"), "GET"),
    "FRAME": "PROTO",
    "ADDITEMS": "APPENDS",
}
# Known names: what their call gives here, and those that are only passed around.
_REBUILD: dict[str, Callable[..., Any]] = {
    "collections.OrderedDict": lambda *pairs: dict(*pairs),
    "torch._utils._rebuild_tensor_v2": lambda *parts: Tensor(*parts[:4]),
    "torch._utils._rebuild_parameter": lambda tensor, *_: tensor,
    "torch.Size": tuple,
    "torch.device": lambda *names: names,
}
_PASSIVE = {
    *("torch.float64", "torch.float32", "torch.float16", "torch.bfloat16"),
    *("torch.int64", "torch.int32", "torch.bool"),
}
