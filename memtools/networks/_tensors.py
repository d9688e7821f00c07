"""Tensors by name, and those of the memory cells by the names of the authors' modules."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.networks.filter_patterns import PATTERNS, PREFIX, pattern_told_by
from memtools.networks.lane_cells import MRNN, author_name
from memtools.networks.memory_cells import MLSTM
from memtools.networks.network import Network


class UntoldError(InvalidInputError):
    """Tensors that tell too little of their network.

    Parameters
    ----------
    what : str
        What they do not tell.
    ways : str
        The arguments that say it.
    """

    def __init__(self, what: str, ways: str) -> None:
        super().__init__(
            "mapping", "tensors that tell their network", f"{what}: {ways}".rstrip(": ")
        )
        self.what, self.ways = what, ways

    def __reduce__(self) -> Any:
        return type(self), (self.what, self.ways)


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
    kind = str(getattr(value, "dtype", "")).removeprefix("torch.")
    if kind in ("int8", "uint8") and len(value.shape):
        allowed = "of floating point (quantised weights: save the model before it is quantised)"
        raise InvalidInputError(f"tensor {name!r}", allowed, kind)
    if hasattr(value, "detach"):
        value = value.detach().cpu().double().numpy()
    return _validate.as_array(value, f"tensor {name!r}")


def few(names: Sequence[str]) -> str:
    """At most ten names."""
    names = [name or "(top)" for name in names]
    return ", ".join(names[:10]) + (f" and {len(names) - 10:,} more" if len(names) > 10 else "")


LANES = re.compile(r"((?:.*\.)?)([mfhxd])_?([mhdz])\.(weight|bias)", flags=re.DOTALL)
GATES = re.compile(r"((?:.*\.)?)([cifo])_?gate\.(weight|bias)", flags=re.DOTALL)
_CONSTANT_D = ("b_d", "bd", "bd1", "d_values")


def build_mrnn(
    prefix: str, tensors: Tensors, options: Mapping[str, Any], stacked: bool, notes: list[str]
) -> list[Network]:
    """The MRNN whose tensors start with `prefix`; `stacked` if it is one of several modules."""
    found = {}
    for name in tensors:
        match = LANES.fullmatch(name)
        if match and match[1] == prefix:
            found[f"{match[2]}_{match[3]}.{match[4]}"] = name
    options = dict(options)
    fixed = options.setdefault("fixed_d", "d_d.weight" not in found)
    params = _pattern_parameters(prefix, tensors, options)
    for key, (shape, _) in MRNN._shapes_for(options).items():
        if key in params:
            continue
        if key == "bias_d" and fixed:
            name = found.get("f_m.weight", f"{prefix}f_m.weight")
            params[key] = _constant_d(tensors, prefix, tensors.take(name, 2).shape[1])
        else:
            name = author_name(key)
            params[key] = tensors.take(found.get(name, prefix + name), len(shape.split()))
    if stacked:
        options["output_activation"] = "tanh" if fixed else "identity"
        g = options["output_activation"]
        notes.append(f"{prefix}: read-out activation {g}, as in the authors' code")
    return [MRNN(params, **options)]


def _pattern_parameters(
    prefix: str, tensors: Tensors, options: dict[str, Any]
) -> dict[str, FloatArray]:
    """What a filter has besides or instead of a constant d; the pattern goes to the options."""
    for place in dict.fromkeys(("", _outer(prefix), prefix)):
        stem = place + PREFIX
        own = {name[len(stem) :]: name for name in tensors if name.startswith(stem)}
        if own:
            options.setdefault("filter", pattern_told_by(own) or "fractional")
            shapes = PATTERNS[options["filter"]].shapes
            return {
                key: tensors.take(name, len(shapes[key].split()))
                for key, name in own.items()
                if key in shapes
            }
    return {}


def _outer(prefix: str) -> str:
    return re.sub(r"[^.]*\.$", "", prefix)


def _constant_d(tensors: Tensors, prefix: str, size: int) -> FloatArray:
    """The constant memory parameter of a cell: beside the cell, or in it."""
    names = [place + leaf for place in (_outer(prefix), prefix) for leaf in _CONSTANT_D]
    fitting = [name for name in dict.fromkeys(names) if name in tensors]
    fitting = [name for name in fitting if int(np.prod(tensors.shape(name))) == size]
    if len(fitting) != 1:
        allowed = f"one constant d of {size} values ({' or '.join(_CONSTANT_D)}) for {prefix!r}"
        raise InvalidInputError("mapping", allowed, ", ".join(fitting or tensors))
    return tensors.take(fitting[0], len(tensors.shape(fitting[0]))).reshape(-1)


def build_mlstm(
    prefix: str, tensors: Tensors, options: Mapping[str, Any], stacked: bool, notes: list[str]
) -> list[Network]:
    """The MLSTM whose tensors start with `prefix`; `stacked` if it is one of several modules."""
    weights, biases = zip(*(_gate(tensors, prefix, letter) for letter in "ico"), strict=True)
    n_hidden = len(weights[0])
    n_input = weights[0].shape[1] - n_hidden
    for letter, weight in zip("ico", weights, strict=True):
        _check_gate(weight, (n_hidden, max(n_input, 1) + n_hidden), f"{prefix}{letter}_gate.weight")
    blocks = np.concatenate(weights)
    params = {
        "weight_ih": blocks[:, :n_input],
        "weight_hh": blocks[:, n_input:],
        "bias": np.concatenate(biases),
    }
    options = dict(options)
    places = [place + leaf for place in (_outer(prefix), prefix) for leaf in _CONSTANT_D]
    own = _pattern_parameters(prefix, tensors, options)
    constant = bool(own) or any(place in tensors for place in places)
    if options.setdefault("fixed_d", constant):
        params |= own
        if "bias_d" in PATTERNS[options.get("filter", "fractional")].shapes:
            params["bias_d"] = _constant_d(tensors, prefix, n_hidden)
    else:
        weight, params["bias_d"] = _gate(tensors, prefix, "f")
        _check_gate(weight, (n_hidden, n_input + 2 * n_hidden), f"{prefix}f_gate.weight")
        parts = np.split(weight, [n_input, n_input + n_hidden], axis=1)
        params |= dict(zip(("weight_xd", "weight_hd", "weight_dd"), parts, strict=True))
    if f"{prefix}output.weight" in tensors:
        params["weight_hz"] = tensors.take(f"{prefix}output.weight", 2)
        params["bias_z"] = tensors.take(f"{prefix}output.bias", 1)
    if stacked:
        options.pop("output_activation", None)
    return [MLSTM(params, **options)]


def _gate(tensors: Tensors, prefix: str, letter: str) -> tuple[FloatArray, FloatArray]:
    stem = f"{prefix}{letter}_gate"
    older = f"{prefix}{letter}gate"
    stem = older if f"{older}.weight" in tensors or f"{older}.bias" in tensors else stem
    return tensors.take(f"{stem}.weight", 2), tensors.take(f"{stem}.bias", 1)


def _check_gate(weight: FloatArray, shape: tuple[int, int], name: str) -> None:
    if weight.shape != shape:
        raise InvalidInputError(f"tensor {name!r}", f"of shape {shape}", f"shape {weight.shape}")
