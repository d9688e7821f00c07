"""Layers of a state dict beside the recurrent ones: linear, normalising, embedding."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from memtools.networks._tensors import Tensors, UntoldError, few
from memtools.networks.chains import Part
from memtools.networks.filter_cells import FilterCell
from memtools.networks.pointwise import LayerNorm, batch_norm

# Counters and the like that no output depends on.
_COUNTERS = re.compile(r"(?:.*\.)?(?:num_batches_tracked|n_averaged|step|epoch|version)", re.DOTALL)
_EPSILON = 1e-5
# What normalisations are called whose tensors are those of a layer normalisation.
_OTHER_NORM = re.compile(r"bn|batch|group|gn|inst")
TO_CHECK = "give x and y to check"


def with_other_layers(
    tensors: Tensors, recurrent: Sequence[Part], notes: list[str], chosen: bool
) -> list[Part]:
    """All parts in the order of the tensors; what is no layer of a known kind is refused.

    Parameters
    ----------
    tensors : Tensors
    recurrent : sequence of Part
        Already read.
    notes : list of str
        What is assumed or left out is added.
    chosen : bool
        Whether the user has chosen a part by its name: then others may be left out, with a note.
    """
    first = recurrent[0]
    place = {name: i for i, name in enumerate(tensors)}
    found = [(_place(part, place, tensors), part) for part in recurrent]
    inherited = [name for name in tensors if _is_idle(name, tensors, recurrent)]
    strange: list[str] = []
    single: list[str] = []
    left, idle = dict[str, dict[str, str]](), set(inherited)
    for name in tensors:
        if name not in tensors.used and name not in idle:
            stem, _, leaf = name.rpartition(".")
            left.setdefault(stem, {})[leaf] = name
    for stem, leaves in left.items():
        part = _part(tensors, stem, leaves, first, notes)
        numbers = all(np.prod(tensors.shape(name)) == 1 for name in leaves.values())
        if part is None and numbers and not (stem and "weight" in leaves):
            single += leaves.values()  # a temperature, a loss's own; a module's weight is a PReLU
        elif part is None:
            strange += [name for name in leaves.values() if name not in tensors.used]
        elif part.kind != "embedding":
            found.append((min(place[name] for name in leaves.values()), part))
    if inherited:
        notes.append(f"tensors not used: {few(inherited)}")
    if single:
        notes.append(f"single numbers of no layer, left out: {few(single)}")
    if strange and not chosen:
        shapes = few([f"{name} {tensors.shape(name)}" for name in strange])
        label = f"{first.label}."
        ways = f"take the recurrent layer alone by prefix={label!r}" if first.label else ""
        what = f"also {shapes}, of no recurrent, linear, normalising or embedding layer"
        raise UntoldError(what, ways)
    if strange:
        notes.append(f"tensors left out, of no layer that is known: {few(strange)}")
    return [part for _, part in sorted(found, key=lambda item: item[0])]


def _is_idle(name: str, tensors: Tensors, recurrent: Sequence[Part]) -> bool:
    """A counter, or what the authors' modules inherit and never use."""
    if name in tensors.used:
        return False
    authors = [part.label for part in recurrent if isinstance(part.layers[0], FilterCell)]
    inherited = any(name.startswith(f"{label}.") if label else "." not in name for label in authors)
    return inherited or _COUNTERS.fullmatch(name) is not None


def _place(part: Part, place: dict[str, int], tensors: Tensors) -> int:
    stem = f"{part.label}." if part.label else ""
    return min(place[name] for name in tensors.used if name.startswith(stem))


def _part(
    tensors: Tensors, stem: str, leaves: dict[str, str], first: Part, notes: list[str]
) -> Part | None:
    """The layer whose tensors are `leaves`, None for a kind that a state dict does not tell."""
    shapes = {leaf: tensors.shape(name) for leaf, name in leaves.items()}
    shape = shapes.get("weight", ())
    known = {"weight", "bias", "running_mean", "running_var"}
    if len(shape) == 2 and set(shapes) <= {"weight", "bias"}:
        n_output, n_input = shape
        if "bias" not in shapes and _is_embedding(stem, shape, first):
            tensors.used.add(leaves["weight"])
            joined = "" if n_input == first.n_input else " and others (sizes differ)"
            notes.append(f"{stem} {shape} left out: the inputs are its vectors{joined}")
            return Part(label=stem, kind="embedding", n_input=n_output, n_output=n_input)
        weight = tensors.take(leaves["weight"], 2)
        bias = tensors.take(leaves["bias"], 1) if "bias" in leaves else np.zeros(n_output)
        return Part(
            label=stem, kind="linear", n_input=n_input, n_output=n_output, weight=weight, bias=bias
        )
    if "running_mean" in shapes and set(shapes) <= known:
        values = {leaf: tensors.take(name, 1) for leaf, name in leaves.items()}
        notes.append(f"{stem}: batch normalisation with PyTorch's default epsilon, {_EPSILON:g}")
        moments = values["running_mean"], values["running_var"]
        layer = batch_norm(*moments, values.get("weight"), values.get("bias"), _EPSILON)
        n = layer.n_output
        return Part(label=stem, kind="norm", n_input=n, n_output=n, layers=(layer,))
    vectors = set(shapes) == {"weight", "bias"} and len(shape) == 1 and shape == shapes["bias"]
    if vectors and not _OTHER_NORM.search(stem.lower()):
        notes.append(
            f"{stem}: taken as layer normalisation with PyTorch's default epsilon, {_EPSILON:g}; "
            f"it could be group or batch normalisation over a sequence, of like tensors: {TO_CHECK}"
        )
        scale, shift = tensors.take(leaves["weight"], 1), tensors.take(leaves["bias"], 1)
        norm = LayerNorm({"scale": scale, "shift": shift}, epsilon=_EPSILON)
        n = norm.n_output
        return Part(label=stem, kind="norm", n_input=n, n_output=n, layers=(norm,))
    return None


def _is_embedding(stem: str, shape: tuple[int, ...], first: Part) -> bool:
    """By its name, or because only as a table of vectors it fits in front."""
    if re.search(r"emb|wte|lookup", stem.lower()):
        return True
    return shape[1] == first.n_input and first.n_input not in (shape[0], first.n_output)
