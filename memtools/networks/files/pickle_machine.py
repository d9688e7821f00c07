"""Pickle's stack machine without pickle: nothing that a file names is imported or called.

Plain containers, numbers and strings are built; a value of any other class (argparse.Namespace,
pathlib's paths, datetime's dates, NumPy's scalars, a configuration of the user's own) becomes an
inert one.
"""

from __future__ import annotations

import io
import pickletools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from memtools.exceptions import ModelFileError

_MAX_OPCODES = 250_000
ADVICE = (
    "only state dicts are read, never executed objects: save the weights alone with "
    "torch.save(model.state_dict(), path)"
)
# Nothing of these is data: such a file wants to be executed.
_EXECUTING = {
    *("os", "posix", "nt", "sys", "subprocess", "builtins", "__builtin__", "importlib", "runpy"),
    *("shutil", "socket", "pty", "commands", "ctypes", "operator", "webbrowser", "code", "timeit"),
    *("pickle", "_pickle", "marshal", "multiprocessing", "asyncio", "http", "urllib"),
}
_BUILTIN = {
    *("set", "frozenset", "dict", "list", "tuple", "complex", "range", "slice", "bytearray"),
    *("int", "float", "str", "bytes", "bool", "object"),
}
_WHOLE = {
    "torch.nn.": "a whole module, whose code is not in the file",
    "torch.fx.": "a whole module, whose code is not in the file",
    "torch.jit.": "a TorchScript program",
    "torch._utils._rebuild_qtensor": "quantised weights; save them before quantising",
    "torch._utils._rebuild_sparse": "sparse weights; make them dense before saving",
    "torch._utils._rebuild": "weights of an unusual type; save them as float32 on the CPU",
    "torch.storage._load_from_bytes": "tensors pickled one by one",
    "torch.ao.": "quantised weights; save them before quantising",
    "sklearn.": "a pickled scikit-learn object",
}


@dataclass(frozen=True, kw_only=True)
class Global:
    """A name in the file, standing for itself."""

    name: str


@dataclass(kw_only=True, eq=False)
class Inert:
    """A value of a class that is not known, with what was put into it by key.

    Attributes
    ----------
    maker : str
        The name that was called to make it.
    """

    maker: str = ""
    items: dict[Any, Any] = field(default_factory=dict)


class Machine:
    """The part of pickle's stack machine that checkpoints use: a method an operation.

    Parameters
    ----------
    storage : callable
        From a persistent identity to what it stands for.
    rebuild : mapping
        What calls of known names give; every other call gives an `Inert` value.
    """

    def __init__(
        self, storage: Callable[[Any], Any], rebuild: Mapping[str, Callable[..., Any]]
    ) -> None:
        self.storage, self.rebuild = storage, rebuild
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
                    raise ModelFileError(f"{what}; {ADVICE}")
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
            raise ModelFileError(f"a damaged pickle; {ADVICE}")
        return self.stack[-1]

    def op_pop(self, _: Any) -> None:
        self.stack.pop()

    def op_pop_mark(self, _: Any) -> None:
        self.since_mark()

    def op_dict(self, _: Any) -> None:
        items = self.since_mark()
        self.stack.append(dict(zip(items[::2], items[1::2], strict=True)))

    def op_list(self, _: Any) -> None:
        self.stack.append(self.since_mark())

    def op_setitem(self, _: Any) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        self.mapping()[key] = value

    def op_setitems(self, _: Any) -> None:
        items = self.since_mark()
        self.mapping().update(zip(items[::2], items[1::2], strict=True))

    def mapping(self) -> dict[Any, Any]:
        """The dict on the stack, or that of a value of an unknown class."""
        top = self.stack[-1]
        items: dict[Any, Any] = top.items if isinstance(top, Inert) else self.top(dict)
        return items

    def op_append(self, _: Any) -> None:
        item = self.stack.pop()
        if not isinstance(self.stack[-1], Inert):
            self.top(list).append(item)

    def op_appends(self, _: Any) -> None:
        items = self.since_mark()
        if not isinstance(self.stack[-1], Inert):
            self.top(list).extend(items)

    def op_global(self, argument: str) -> None:
        """A name, which stands for itself; names that say that more than data is there refuse."""
        name = argument.replace(" ", ".", 1)
        root = name.partition(".")[0]
        harmless = root in ("builtins", "__builtin__") and name.partition(".")[2] in _BUILTIN
        if root in _EXECUTING and not harmless:
            raise ModelFileError(f"a pickle that wants to use {name!r}; {ADVICE}")
        for start, what in _WHOLE.items():
            if name.startswith(start) and name not in self.rebuild:
                raise ModelFileError(f"{what} ({name}); {ADVICE}")
        self.stack.append(Global(name=name))

    def op_stack_global(self, _: Any) -> None:
        leaf, module = self.stack.pop(), self.stack.pop()
        self.op_global(f"{module} {leaf}")

    def op_binpersid(self, _: Any) -> None:
        self.stack.append(self.storage(self.stack.pop()))

    def op_reduce(self, _: Any) -> None:
        arguments, called = self.stack.pop(), self.stack.pop()
        if isinstance(called, Global) and called.name in self.rebuild:
            self.stack.append(self.rebuild[called.name](*arguments))
        elif isinstance(called, Global | Inert):
            self.stack.append(Inert(maker=called.name if isinstance(called, Global) else ""))
        else:
            raise ModelFileError(f"a damaged pickle; {ADVICE}")

    def op_newobj(self, _: Any) -> None:
        self.op_reduce(None)

    def op_newobj_ex(self, _: Any) -> None:
        self.stack.pop()  # its keyword arguments
        self.op_reduce(None)

    def op_frozenset(self, _: Any) -> None:
        self.stack.append(tuple(self.since_mark()))

    def op_build(self, _: Any) -> None:
        # What torch keeps on an OrderedDict (_metadata), and the state of a value of a class that
        # is not known, hold no weights.
        self.stack.pop()
        if not isinstance(self.stack[-1], Inert | Global):
            self.top(dict)


_LITERALS = {
    *("BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "UNICODE"),
    *("STRING", "BINSTRING", "SHORT_BINSTRING", "BYTEARRAY8"),
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
