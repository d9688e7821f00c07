"""Named parameters of a cell: their shapes in symbols, their check and their initial values.

A shape is written as a string such as "4H I": I inputs, H hidden units, O outputs, K filter
weights, N delays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError

# name -> (shape, fan-in): "4H I" and "I+H" are sums and multiples of the sizes
Shapes = Mapping[str, tuple[str, str]]
READ_OUT: Shapes = {"weight_hz": ("O H", "H"), "bias_z": ("O", "H")}


def size_of(expression: str, sizes: Mapping[str, int]) -> int:
    """Value of "I+2H", given the sizes."""
    total = 0
    for term in expression.split("+"):
        factor, letter = _split(term)
        total += factor * sizes[letter]
    return total


def _split(term: str) -> tuple[int, str]:
    match = re.fullmatch(r"(\d*)([A-Z])", term)
    assert match is not None, term
    return int(match[1] or 1), match[2]


def check_params(
    params: Mapping[str, Any], shapes: Shapes, optional: tuple[str, ...], name: str
) -> tuple[dict[str, FloatArray], dict[str, int]]:
    """Parameters as float64 arrays in the order of `shapes`, and the sizes read from them.

    The parameters in `optional` (a read-out) are there all together or not at all.
    """
    if not isinstance(params, Mapping):
        raise InvalidInputError("params", "a mapping of names to arrays", type(params).__name__)
    wanted = dict(shapes)
    if optional and not any(key in params for key in optional):
        wanted = {key: value for key, value in wanted.items() if key not in optional}
    expected = ", ".join(wanted)
    for key in wanted:
        if key not in params:
            got = f"no tensor {key!r} (found: {', '.join(map(str, params)) or 'nothing'})"
            raise InvalidInputError("params", f"the tensors of {name} ({expected})", got)
    for key in params:
        if key not in wanted:
            got = f"an extra tensor {key!r}"
            raise InvalidInputError("params", f"the tensors of {name} ({expected})", got)
    arrays = {key: _as_parameter(params[key], key) for key in wanted}
    sizes: dict[str, int] = {}
    for key, (shape, _) in wanted.items():
        _match(arrays[key], shape, sizes, key)
    return arrays, sizes


def _as_parameter(value: Any, key: str) -> FloatArray:
    if isinstance(value, np.ndarray) and value.dtype == np.float16:
        value = value.astype(np.float64)
    array = np.array(_validate.as_array(value, f"params[{key!r}]"), order="C")
    array.flags.writeable = False
    return array


def _match(array: NDArray[Any], shape: str, sizes: dict[str, int], key: str) -> None:
    """Read new sizes from the array, hold it against those already known."""
    terms = shape.split()
    allowed = f"of shape ({', '.join(terms)})"
    if sizes:
        allowed += " with " + ", ".join(f"{k} = {v}" for k, v in sizes.items())
    error = InvalidInputError(f"params[{key!r}]", allowed, f"shape {array.shape}")
    if array.ndim != len(terms):
        raise error
    for length, term in zip(array.shape, terms, strict=True):
        factor, letter = _split(term)
        if (
            length == 0
            or length % factor
            or sizes.setdefault(letter, length // factor) != (length // factor)
        ):
            raise error


def draw_params(shapes: Shapes, sizes: Mapping[str, int], rng: Generator) -> dict[str, FloatArray]:
    """Uniform initial values on (-1, 1) / sqrt(fan-in), PyTorch's choice for these layers."""
    params = {}
    for key, (shape, fan_in) in shapes.items():
        bound = 1.0 / np.sqrt(size_of(fan_in, sizes))
        extent = tuple(size_of(term, sizes) for term in shape.split())
        params[key] = rng.uniform(-bound, bound, extent)
    return params


def flatten(params: Mapping[str, FloatArray]) -> FloatArray:
    """All parameters one after the other."""
    return np.concatenate([value.ravel() for value in params.values()])


def unflatten(like: Mapping[str, FloatArray], theta: FloatArray) -> dict[str, FloatArray]:
    """Parameters by name out of a flat vector; names and shapes as in `like`."""
    params, start = {}, 0
    for name, value in like.items():
        params[name] = theta[start : start + value.size].reshape(value.shape)
        start += value.size
    return params
