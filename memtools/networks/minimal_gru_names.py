"""Files of the minimal GRU: the paper's names and those of minGRU-pytorch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from memtools.exceptions import InvalidInputError
from memtools.networks._tensors import Tensors

_JOINT = re.compile(r"((?:.*\.)?)to_hidden_and_gate\.weight", re.DOTALL)
_PARTS = re.compile(r"((?:.*\.)?)linear_([zh])\.weight", re.DOTALL)
_OURS = {"z": "update", "h": "candidate"}


def with_own_names(
    mapping: Mapping[str, Any], options: Mapping[str, Any], notes: list[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The mapping with minimal GRUs under our names, and the options with what their names tell.

    minGRU-pytorch: to_hidden_and_gate.weight (2H, I), candidate first, without biases,
    to_out.weight (O, H) or none, in log space.  The paper's listing: linear_z, linear_h .weight,
    .bias, of which it has two versions.
    """
    tensors = Tensors(mapping)
    found: dict[str, Any] = {}
    options = dict(options)
    for name in tensors:
        if match := _JOINT.fullmatch(name):
            prefix = match[1]
            joint = tensors.take(name, 2)
            if len(joint) % 2:
                raise InvalidInputError(f"tensor {name!r}", "of shape (2H, I)", f"{joint.shape}")
            size = len(joint) // 2
            found |= _cell(prefix, joint[size:], np.zeros(size), joint[:size], np.zeros(size))
            if f"{prefix}to_out.weight" in tensors:
                weight = tensors.take(f"{prefix}to_out.weight", 2)
                found[f"{prefix}weight_hz"] = weight
                found[f"{prefix}bias_z"] = np.zeros(len(weight))
            if options.setdefault("activation", "positive") == "positive":
                notes.append(f"{prefix}: the candidate is positive, as minGRU-pytorch has it")
        elif (match := _PARTS.fullmatch(name)) and match[2] == "z":
            prefix = match[1]
            parts = []
            for letter in _OURS:
                weight = tensors.take(f"{prefix}linear_{letter}.weight", 2)
                bias = f"{prefix}linear_{letter}.bias"
                parts += [
                    weight,
                    tensors.take(bias, 1) if bias in tensors else np.zeros(len(weight)),
                ]
            found |= _cell(prefix, *parts)
            if options.setdefault("activation", "identity") == "identity":
                notes.append(
                    f"{prefix}: the candidate is linear, as in section 3.1 of the paper; its "
                    "version in log space has activation='positive'"
                )
    if not found:
        return dict(mapping), options
    return {n: v for n, v in mapping.items() if n not in tensors.used} | found, options


def _cell(
    prefix: str, gate: Any, gate_bias: Any, candidate: Any, candidate_bias: Any
) -> dict[str, Any]:
    own = {
        "weight_update": gate,
        "bias_update": gate_bias,
        "weight_candidate": candidate,
        "bias_candidate": candidate_bias,
    }
    return {prefix + name: value for name, value in own.items()}
