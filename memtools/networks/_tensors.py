"""A mapping of names to tensors, as a state dict is one."""

from __future__ import annotations

from collections.abc import Mapping
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

    def shape(self, name: str) -> tuple[int, ...]:
        value = self._values[name]
        return tuple(value.shape if hasattr(value, "shape") else np.shape(value))

    def take(self, name: str, ndim: int) -> FloatArray:
        """The tensor in float64; missing, misshapen and non-finite ones refused by name."""
        if name not in self._values:
            found = ", ".join(self._values) or "nothing"
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
