"""Weights that PyTorch's files hold in parts: norms, orthogonal maps, masks, dropped-out copies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import scipy.linalg

from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.networks._tensors import as_float64

_PARTS = re.compile(
    r"(?P<module>(?:.*\.)?)parametrizations\.(?P<name>[^.]+)\.(?P<part>original[01]?|\d+\..+)",
    flags=re.DOTALL,
)
_ADVICE = (
    "torch.nn.utils.parametrize.remove_parametrizations(module, name) before the weights are saved"
)


def recomputed(mapping: Mapping[str, Any], notes: list[str]) -> dict[str, Any]:
    """The tensors with every weight under its own name, computed from the parts that stand there.

    weight_norm (both its forms), spectral_norm (both), orthogonal, prune's masks, and AWD-LSTM's
    `weight_hh_l0_raw` (the weight itself; the other is a copy with dropout).

    Parameters
    ----------
    mapping : mapping of str to array_like
    notes : list of str
        What was computed is added.
    """
    tensors = {str(name): value for name, value in mapping.items()}
    groups: dict[tuple[str, str], dict[str, str]] = {}
    for name in tensors:
        if match := _PARTS.fullmatch(name):
            parts = groups.setdefault((match["module"], match["name"]), {})
            parts[match["part"]] = name
    weights: dict[str, tuple[FloatArray, list[str]]] = {}
    for (module, name), parts in groups.items():
        values = {part: _take(tensors, full) for part, full in parts.items()}
        target = module + name
        weights[target] = _parametrised(target, values, notes), list(parts.values())
    weights |= _older_forms(tensors, notes)
    return _in_place(tensors, weights) if weights else tensors


def _take(tensors: Mapping[str, Any], name: str) -> FloatArray:
    return as_float64(tensors[name], name)


def _in_place(
    tensors: dict[str, Any], weights: dict[str, tuple[FloatArray, list[str]]]
) -> dict[str, Any]:
    """The tensors with each weight where the first of its parts stood: order tells layers apart."""
    target = {part: name for name, (_, parts) in weights.items() for part in parts}
    kept: dict[str, Any] = {}
    for name, value in tensors.items():
        if name in target:
            kept.setdefault(target[name], weights[target[name]][0])
        elif name not in weights:
            kept[name] = value
    return kept


def _parametrised(target: str, values: dict[str, FloatArray], notes: list[str]) -> FloatArray:
    """torch.nn.utils.parametrizations: weight_norm, spectral_norm or orthogonal."""
    kinds = {part.partition(".")[2] for part in values if part[0].isdigit()}
    layers = {part.partition(".")[0] for part in values if part[0].isdigit()}
    if {"original0", "original1"} == set(values):
        notes.append(f"{target}: recomputed from its norm and direction (weight_norm)")
        return _with_norm(target, values["original0"], values["original1"])
    if "original" in values and len(layers) == 1:
        (layer,), original = layers, values["original"]
        if kinds == {"_u", "_v"}:
            notes.append(f"{target}: divided by its spectral norm")
            return _spectral(target, original, values[f"{layer}._u"], values[f"{layer}._v"])
        if kinds == {"base"} and original.ndim == 2:
            map_name = "matrix exponential" if len(set(original.shape)) == 1 else "Householder"
            notes.append(
                f"{target}: orthogonal, by PyTorch's default map ({map_name}); the file does not "
                "tell the map"
            )
            return _orthogonal(original, values[f"{layer}.base"])
    found = ", ".join(values)
    raise InvalidInputError(f"tensor {target!r}", "a known parametrisation", f"{found}; {_ADVICE}")


def _with_norm(target: str, norm: FloatArray, direction: FloatArray) -> FloatArray:
    """g v / |v|, the norm over the axes where g has length 1."""
    if norm.size == 1:
        return norm.reshape(-1)[0] * direction / np.linalg.norm(direction)
    if norm.ndim != direction.ndim or any(
        n not in (1, m) for n, m in zip(norm.shape, direction.shape, strict=True)
    ):
        shapes = f"{norm.shape} and {direction.shape}"
        raise InvalidInputError(f"tensor {target!r}", "a norm that fits its direction", shapes)
    axes = tuple(i for i, n in enumerate(norm.shape) if n == 1)
    return norm * direction / np.sqrt((direction**2).sum(axis=axes, keepdims=True))


def _spectral(target: str, weight: FloatArray, u: FloatArray, v: FloatArray) -> FloatArray:
    """W / u'Wv, u and v as training left them, which is what PyTorch's evaluation uses."""
    matrix = weight.reshape(len(weight), -1)
    turned = np.moveaxis(weight, 1, 0).reshape(weight.shape[1], -1)  # dim=1 was asked
    fitting = [
        float(u @ m @ v)
        for m in (matrix, turned)
        if u.shape == (len(m),) and v.shape == (m.shape[1],)
    ]
    if not fitting:
        got = f"shapes {weight.shape}, {u.shape}, {v.shape}"
        raise InvalidInputError(f"tensor {target!r}", "vectors that fit its matrix", got)
    # a square matrix fits both ways: its own vectors give the larger value
    return weight / max(fitting, key=abs)


def _orthogonal(x: FloatArray, base: FloatArray) -> FloatArray:
    """The map of torch.nn.utils.parametrizations.orthogonal: base Q(x), tall matrices."""
    tall = x.T if x.shape[0] < x.shape[1] else x
    if x.shape[0] == x.shape[1]:
        lower = np.tril(tall)
        q = scipy.linalg.expm(lower - lower.T)
    else:
        lower = np.tril(tall, -1)
        q = np.eye(*tall.shape)
        for i in range(tall.shape[1] - 1, -1, -1):
            v = lower[:, i].copy()
            v[i] = 1.0
            q -= np.outer(2.0 / (v @ v) * v, v @ q)
        q = q * np.trunc(np.diagonal(tall))
    q = base @ q
    return q.T if x.shape[0] < x.shape[1] else q


def _older_forms(
    tensors: dict[str, Any], notes: list[str]
) -> dict[str, tuple[FloatArray, list[str]]]:
    """`_g`, `_v`; `_orig`, `_u`, `_v`; `_orig`, `_mask`; `_raw`: weights that a hook sets."""
    found: dict[str, tuple[FloatArray, list[str]]] = {}
    for name in tensors:
        stem, orig, raw = name[:-2], name.removesuffix("_orig"), name.removesuffix("_raw")
        if name.endswith("_g") and f"{stem}_v" in tensors:
            parts = [name, f"{stem}_v"]
            found[stem] = _with_norm(stem, *(_take(tensors, part) for part in parts)), parts
            notes.append(f"{stem}: recomputed from its norm and direction (weight_norm)")
        elif orig != name and f"{orig}_mask" in tensors:
            parts = [name, f"{orig}_mask"]
            found[orig] = _take(tensors, name) * _take(tensors, parts[1]), parts
            notes.append(f"{orig}: pruned by its mask")
        elif orig != name and f"{orig}_u" in tensors and f"{orig}_v" in tensors:
            parts = [name, f"{orig}_u", f"{orig}_v"]
            found[orig] = _spectral(orig, *(_take(tensors, part) for part in parts)), parts
            notes.append(f"{orig}: divided by its spectral norm")
        elif raw != name and raw.rpartition(".")[2].startswith("weight_"):
            found[raw] = _take(tensors, name), [name]
            notes.append(f"{raw}: taken from {name} (WeightDrop), without its dropout")
    return found
