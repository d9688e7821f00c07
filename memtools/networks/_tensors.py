"""A mapping of names to tensors, as a state dict is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError


class Tensors:
    """A mapping of names to tensors that knows which of them were used."""

    def __init__(self, mapping: Mapping[str, Any]) -> None:
        if not isinstance(mapping, Mapping):
            got = type(mapping).__name__
            raise InvalidInputError("mapping", "a mapping of names to arrays", got)
        self._values = {str(name): value for name, value in mapping.items()}
        self.used: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __iter__(self) -> Any:
        return iter(self._values)

    def starting(self, prefix: str) -> dict[str, Any]:
        """The tensors whose names start so, under their full names."""
        chosen = {name: v for name, v in self._values.items() if name.startswith(prefix)}
        if not chosen:
            got = few(list(self._values)) or "no tensors"
            raise InvalidInputError("prefix", f"the start of a name ({prefix!r} is none)", got)
        return chosen

    def shape(self, name: str) -> tuple[int, ...]:
        value = self._values[name]
        return tuple(value.shape if hasattr(value, "shape") else np.shape(value))

    def take(self, name: str, ndim: int) -> FloatArray:
        """The tensor in float64; missing, misshapen and non-finite ones refused by name."""
        if name not in self._values:
            found = few(list(self._values)) or "nothing"
            raise InvalidInputError("mapping", f"a mapping with a tensor {name!r}", found)
        self.used.add(name)
        array = as_float64(self._values[name], name)
        if array.ndim != ndim:
            raise InvalidInputError(f"tensor {name!r}", f"{ndim}-D", f"shape {array.shape}")
        return array


def as_float64(value: Any, name: str) -> FloatArray:
    """An array, or a PyTorch tensor of any real type on any device, as float64."""
    if hasattr(value, "detach"):
        value = value.detach().cpu().double().numpy()
    return _validate.as_array(value, f"tensor {name!r}")


def few(names: Sequence[str]) -> str:
    """At most ten names."""
    names = [name or "(top)" for name in names]
    return ", ".join(names[:10]) + (f" and {len(names) - 10:,} more" if len(names) > 10 else "")
