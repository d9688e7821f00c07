"""MRNN and MLSTM from the names of the paper's authors.

Their cells are stacks of linear layers: m_m, f_m, ... and c_gate, i_gate, ... in the published
code, the same without underscores in an earlier one.  The constant d stands beside the cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.networks._tensors import Tensors
from memtools.networks.memory_cells import MLSTM, MRNN
from memtools.networks.network import Network

# (tensors, options of the user, one of several modules?, notes to add to) -> layers
Builder = Callable[[Tensors, Mapping[str, Any], bool, list[str]], list[Network]]

LANES = re.compile(r"((?:.*\.)?)([mfhxd])_?([mhdz])\.(weight|bias)", flags=re.DOTALL)
GATES = re.compile(r"((?:.*\.)?)([cifo])_?gate\.(weight|bias)", flags=re.DOTALL)
_CONSTANT_D = ("b_d", "bd", "bd1", "d_values")


def mrnn_builder(prefix: str) -> Builder:
    def build(
        tensors: Tensors, options: Mapping[str, Any], stacked: bool, notes: list[str]
    ) -> list[Network]:
        named = {}
        for name in tensors:
            match = LANES.fullmatch(name)
            if match and match[1] == prefix:
                named[f"{match[4]}_{match[2]}{match[3]}"] = name
        options = dict(options)
        fixed = options.setdefault("fixed_d", "weight_dd" not in named)
        params = {}
        for key, (shape, _) in MRNN._shapes_for(options).items():
            lane = {"bias_d": "dd", "bias_m": "mm", "bias_h": "hh", "bias_z": "hz"}.get(key)
            alias = key if lane is None else f"bias_{lane}"
            if key == "bias_d" and fixed:
                n_input = tensors.take(named.get("weight_fm", f"{prefix}f_m.weight"), 2).shape[1]
                params[key] = _constant_d(tensors, prefix, n_input)
            else:
                missing = f"{prefix}{alias[-2]}_{alias[-1]}.{alias[:-3]}"
                params[key] = tensors.take(named.get(alias, missing), len(shape.split()))
        if stacked:
            options["output_activation"] = "tanh" if fixed else "identity"
            notes.append(
                f"{prefix}: read-out activation {options['output_activation']}, as in the "
                "authors' code"
            )
        return [MRNN(params, **options)]

    return build


def _constant_d(tensors: Tensors, prefix: str, size: int) -> FloatArray:
    """The constant memory parameter of a cell: beside the cell, or in it."""
    outer = re.sub(r"[^.]*\.$", "", prefix)
    names = [place + leaf for place in (outer, prefix) for leaf in _CONSTANT_D]
    fitting = [name for name in dict.fromkeys(names) if name in tensors]
    fitting = [name for name in fitting if int(np.prod(tensors.shape(name))) == size]
    if len(fitting) != 1:
        allowed = f"one constant d of {size} values ({' or '.join(_CONSTANT_D)}) for {prefix!r}"
        raise InvalidInputError("mapping", allowed, ", ".join(fitting or tensors))
    return tensors.take(fitting[0], len(tensors.shape(fitting[0]))).reshape(-1)


def mlstm_builder(prefix: str) -> Builder:
    def build(
        tensors: Tensors, options: Mapping[str, Any], stacked: bool, notes: list[str]
    ) -> list[Network]:
        named = {}
        for name in tensors:
            match = GATES.fullmatch(name)
            if match and match[1] == prefix:
                named[match[2], match[3]] = name

        def gate(letter: str) -> tuple[FloatArray, FloatArray]:
            weight = named.get((letter, "weight"), f"{prefix}{letter}_gate.weight")
            bias = named.get((letter, "bias"), f"{prefix}{letter}_gate.bias")
            return tensors.take(weight, 2), tensors.take(bias, 1)

        weights, biases = zip(*(gate(letter) for letter in "ico"), strict=True)
        n_hidden = len(weights[0])
        n_input = weights[0].shape[1] - n_hidden
        for letter, weight in zip("ico", weights, strict=True):
            if weight.shape != (n_hidden, n_input + n_hidden) or n_input < 1:
                allowed = f"of shape (H, I + H) with H = {n_hidden}, I = {n_input}"
                raise InvalidInputError(
                    f"tensor {named[letter, 'weight']!r}", allowed, f"shape {weight.shape}"
                )
        blocks = np.concatenate(weights)
        params = {
            "weight_ih": blocks[:, :n_input],
            "weight_hh": blocks[:, n_input:],
            "bias": np.concatenate(biases),
        }
        options = dict(options)
        outer = re.sub(r"[^.]*\.$", "", prefix)
        constant = any(p + leaf in tensors for p in (outer, prefix) for leaf in _CONSTANT_D)
        if options.setdefault("fixed_d", constant):
            params["bias_d"] = _constant_d(tensors, prefix, n_hidden)
        else:
            weight, params["bias_d"] = gate("f")
            splits = [n_input, n_input + n_hidden]
            parts = np.split(weight, splits, axis=1)
            params |= dict(zip(("weight_xd", "weight_hd", "weight_dd"), parts, strict=True))
        for name in (f"{prefix}output", f"{prefix}out"):
            if f"{name}.weight" in tensors:
                params["weight_hz"] = tensors.take(f"{name}.weight", 2)
                params["bias_z"] = tensors.take(f"{name}.bias", 1)
        if stacked:
            options.pop("output_activation", None)
        return [MLSTM(params, **options)]

    return build
