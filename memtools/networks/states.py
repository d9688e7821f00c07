"""States of networks: nested tuples of arrays (n_batch, ...)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from memtools import _validate
from memtools.exceptions import InvalidInputError
from memtools.networks.tapes import State


def without_batch(state: State) -> State:
    """The state of the first of the batch."""
    return tuple(without_batch(part) if isinstance(part, tuple) else part[0] for part in state)


def checked_state(state: Any, like: State, batched: bool, name: str = "state") -> State:
    """The user's state with a batch axis, of the shapes of `like`."""
    if not isinstance(state, tuple | list) or len(state) != len(like):
        got = f"{type(state).__name__}" + (f" of {len(state)}" if hasattr(state, "__len__") else "")
        raise InvalidInputError(name, f"a tuple of {len(like)} (or None)", got)
    parts: list[Any] = []
    for i, (part, wanted) in enumerate(zip(state, like, strict=True)):
        if isinstance(wanted, tuple):
            parts.append(checked_state(part, wanted, batched, f"{name}[{i}]"))
            continue
        array = _validate.as_array(part, f"{name}[{i}]")
        array = array if batched else array[np.newaxis]
        if array.shape != wanted.shape:
            shape = wanted.shape if batched else wanted.shape[1:]
            raise InvalidInputError(f"{name}[{i}]", f"of shape {shape}", f"shape {np.shape(part)}")
        parts.append(np.array(array, order="C"))
    return tuple(parts)


def leaves(state: State) -> list[NDArray[Any]]:
    """The arrays of a nested state, in order."""
    found: list[NDArray[Any]] = []
    for part in state:
        found.extend(leaves(part) if isinstance(part, tuple) else [part])
    return found


def flatten(state: State) -> NDArray[Any]:
    """A state as (n_batch, size)."""
    arrays = leaves(state)
    if not arrays:
        return np.zeros((1, 0))
    return np.concatenate([array.reshape(len(array), -1) for array in arrays], axis=1)


def unflatten(flat: NDArray[Any], like: State) -> State:
    """The state of the shape of `like`, of any batch size, that `flatten` turned into `flat`."""
    arrays, position = [], 0
    for array in leaves(like):
        size = int(np.prod(array.shape[1:]))
        shape = (len(flat), *array.shape[1:])
        arrays.append(flat[:, position : position + size].reshape(shape))
        position += size
    return _nest(iter(arrays), like)


def _nest(arrays: Any, like: State) -> State:
    return tuple(_nest(arrays, p) if isinstance(p, tuple) else next(arrays) for p in like)
