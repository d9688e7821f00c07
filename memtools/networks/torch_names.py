"""Networks from PyTorch's parameter names, from the paper authors' and from our own.

PyTorch's modules (weight_ih_l0, weight_hh_l0_reverse, ...) hold blocks i f g o (LSTM) and r z n
(GRU), as our cells do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from itertools import pairwise, permutations
from typing import Any

import numpy as np

from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.networks._tensors import Tensors
from memtools.networks.author_names import GATES, LANES, build_mlstm, build_mrnn
from memtools.networks.memory_cells import FilterCell
from memtools.networks.network import Cell, Network
from memtools.networks.registry import CLASSES
from memtools.networks.stacks import Bidirectional, add_read_out, joined

_TORCH = re.compile(
    r"((?:.*\.)?)((?:weight|bias)_(?:ih|hh|hr))(?:_l(\d+))?(_reverse)?", flags=re.DOTALL
)
_MRNN = {"mm", "fm", "hh", "xh", "hz", "mz"}
_OPTIONS = dict.fromkeys(name for cell in CLASSES.values() for name in cell.option_names())
_MAX_MODULES = 64
_BLOCKS = {cell._n_blocks: cell for cell in CLASSES.values() if cell.in_torch}
_OWN = tuple(cell for cell in CLASSES.values() if not cell.in_torch)
# (tensors, options of the user, one of several modules?, notes to add to) -> layers
Builder = Callable[[Tensors, Mapping[str, Any], bool, list[str]], list[Network]]


def network_from_torch(
    cell: type[Cell] | None, mapping: Mapping[str, Any], options: Mapping[str, Any]
) -> Network:
    """The network that the tensors describe.

    Parameters
    ----------
    cell : type or None
        The class of the first recurrent layer, None to read it from names and shapes.
    mapping : mapping of str to array_like
        Tensors by name.
    options : mapping
        Keyword arguments of the cells.
    """
    for name in options:
        if name not in _OPTIONS:
            raise TypeError(f"unknown option {name!r}; the options are {', '.join(_OPTIONS)}")
    tensors = Tensors(mapping)
    modules = find_modules(tensors, cell)
    if not modules:
        wanted = "a recurrent cell" if cell is None else f"{cell.__name__}"
        found = ", ".join(f"{name} {tensors.shape(name)}" for name in list(tensors)[:20])
        allowed = f"the tensors of {wanted} by PyTorch's or the authors' names"
        raise InvalidInputError("mapping", allowed, found or "nothing")
    notes: list[str] = []
    stacks = [build(tensors, options, len(modules) > 1, notes) for _, build in modules]
    first = _first_cell(stacks[0][0])
    if cell is not None and not isinstance(first, cell):
        got = f"those of {type(first).__name__}"
        raise InvalidInputError("mapping", f"the tensors of {cell.__name__}", got)
    labels = [prefix.rstrip(".") or "(no prefix)" for prefix, _ in modules]
    layers = _chained(stacks, labels, notes)
    spare = [name for name in ("filter_length", "fixed_d") if name in options]
    if spare and not any(isinstance(layer, FilterCell) for layer in layers):
        notes.append(f"no filter in this network: {' and '.join(spare)} not used")
    network = _with_read_out(layers, tensors, options)
    unused = [name for name in tensors if name not in tensors.used]
    if unused:
        notes.append(f"tensors not used: {', '.join(unused)}")
    network.notes = tuple(notes)
    return network


def _first_cell(network: Network) -> Network:
    return network.forward_layer if isinstance(network, Bidirectional) else network


def find_modules(tensors: Tensors, cell: type[Cell] | None) -> list[tuple[str, Builder]]:
    """Recurrent modules, (prefix, builder), in the order of the tensors."""
    lanes: dict[str, set[str]] = {}
    gates: dict[str, set[str]] = {}
    torch_like: dict[str, None] = {}
    for name in tensors:
        if match := LANES.fullmatch(name):
            lanes.setdefault(match[1], set()).add(match[2] + match[3])
        elif match := GATES.fullmatch(name):
            gates.setdefault(match[1], set()).add(match[2])
        elif match := _TORCH.fullmatch(name):
            torch_like.setdefault(match[1])
    modules: dict[str, Builder] = {}
    for own in _OWN if cell is None else (cell,):
        modules |= {p: partial(_build_own, own, p) for p in _own_prefixes(tensors, own)}
    modules |= {p: partial(build_mrnn, p) for p, pairs in lanes.items() if len(pairs & _MRNN) > 2}
    modules |= {
        p: partial(build_mlstm, p) for p, names in gates.items() if {"c", "i", "o"} <= names
    }
    modules |= {p: partial(_build_torch, p) for p in torch_like if p not in modules}
    if len(modules) > _MAX_MODULES:
        allowed = f"at most {_MAX_MODULES} recurrent modules"
        raise InvalidInputError("mapping", allowed, str(len(modules)))
    order = {name: position for position, name in enumerate(tensors)}

    def position(prefix: str) -> int:
        return min(order[name] for name in tensors if name.startswith(prefix))

    return sorted(modules.items(), key=lambda item: position(item[0]))


def _own_prefixes(tensors: Tensors, cell: type[Cell]) -> list[str]:
    """Prefixes under which our own names of a cell without PyTorch names stand."""
    if cell not in _OWN:
        return []
    wanted = set(cell._shapes_for({"fixed_d": True})) - set(cell._optional)
    mark = min(wanted)
    prefixes = [name[: -len(mark)] for name in tensors if name.endswith(mark)]
    return [prefix for prefix in prefixes if all(prefix + name in tensors for name in wanted)]


def _build_own(
    cell: type[Cell],
    prefix: str,
    tensors: Tensors,
    options: Mapping[str, Any],
    stacked: bool,
    notes: list[str],
) -> list[Network]:
    """A cell by our own names; `stacked` and `notes` are other builders' concern."""
    options = _accepted(cell, options)
    if issubclass(cell, FilterCell):
        moving = [name for name in cell._shapes_for({}) if name not in cell._optional]
        options.setdefault("fixed_d", not all(prefix + name in tensors for name in moving))
    shapes = cell._shapes_for(options)
    names = [name for name in shapes if prefix + name in tensors]
    params = {name: tensors.take(prefix + name, len(shapes[name][0].split())) for name in names}
    return [cell(params, **options)]


def _accepted(cell: type[Cell], options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that concern a cell of this class."""
    return {name: value for name, value in options.items() if name in cell.option_names()}


def _build_torch(
    prefix: str, tensors: Tensors, options: Mapping[str, Any], stacked: bool, notes: list[str]
) -> list[Network]:
    """The layers of one of PyTorch's modules, or one of its cells."""
    suffixes: dict[str, tuple[int, bool]] = {}
    for name in tensors:
        match = _TORCH.fullmatch(name)
        if match and match[1] == prefix:
            if match[2] == "weight_hr":
                allowed = "an LSTM without projection (proj_size=0)"
                raise InvalidInputError("mapping", allowed, f"a tensor {name!r}")
            suffix = ("" if match[3] is None else f"_l{match[3]}") + (match[4] or "")
            suffixes[suffix] = (int(match[3] or 0), match[4] is not None)
    both = any(reverse for _, reverse in suffixes.values())
    wanted = [(k, r) for k in range(len(suffixes)) for r in ((False, True) if both else (False,))]
    if sorted(suffixes.values()) != wanted[: len(suffixes)] or (both and len(suffixes) % 2):
        allowed = "layers _l0, _l1, ... each in the same directions"
        raise InvalidInputError(f"module {prefix!r}", allowed, ", ".join(suffixes) or "none")
    ordered = sorted(suffixes, key=lambda suffix: suffixes[suffix])
    cells = [_torch_cell(tensors, prefix, suffix, options, notes) for suffix in ordered]
    if not both:
        return list(cells)
    pairs = zip(cells[::2], cells[1::2], strict=True)
    return [Bidirectional(ahead, back) for ahead, back in pairs]


def _torch_cell(
    tensors: Tensors, prefix: str, suffix: str, options: Mapping[str, Any], notes: list[str]
) -> Cell:
    params = {
        name: tensors.take(f"{prefix}{name}{suffix}", 2) for name in ("weight_ih", "weight_hh")
    }
    n_rows, n_hidden = params["weight_hh"].shape
    if n_hidden == 0 or n_rows % n_hidden or n_rows // n_hidden not in _BLOCKS:
        allowed = "of shape (H, H), (3H, H) or (4H, H) (RNN, GRU, LSTM)"
        name = f"tensor {prefix + 'weight_hh' + suffix!r}"
        raise InvalidInputError(name, allowed, f"shape {(n_rows, n_hidden)}")
    params |= _biases(tensors, prefix, suffix, n_rows, n_hidden, notes)
    cell = _BLOCKS[n_rows // n_hidden]
    own = _accepted(cell, options)
    own.pop("output_activation", None)
    if not suffix and f"{prefix}weight_hz" in tensors:  # our own names
        own["output_activation"] = options.get("output_activation", "identity")
        params["weight_hz"] = tensors.take(f"{prefix}weight_hz", 2)
        params["bias_z"] = tensors.take(f"{prefix}bias_z", 1)
    return cell(params, **own)


def _biases(
    tensors: Tensors, prefix: str, suffix: str, n_rows: int, n_hidden: int, notes: list[str]
) -> dict[str, FloatArray]:
    """PyTorch's two biases; from the one of Equinox, with bias_n inside a GRU's reset; or none."""
    pair = [f"{prefix}{name}{suffix}" for name in ("bias_ih", "bias_hh")]
    bias_hh = np.zeros(n_rows)
    if any(name in tensors for name in pair):
        bias_ih, bias_hh = (tensors.take(name, 1) for name in pair)
    elif f"{prefix}bias{suffix}" in tensors:
        bias_ih = tensors.take(f"{prefix}bias{suffix}", 1)
        if n_rows == 3 * n_hidden:
            bias_hh[2 * n_hidden :] = tensors.take(f"{prefix}bias_n{suffix}", 1)
    else:
        notes.append(f"no {' and '.join(pair)}: biases are zero")
        bias_ih = bias_hh
    return {"bias_ih": bias_ih, "bias_hh": bias_hh}


def _chained(stacks: list[list[Network]], labels: list[str], notes: list[str]) -> list[Network]:
    """The layers of all modules in an order in which their sizes fit; that of the file first."""

    def fits(order: tuple[int, ...]) -> bool:
        return all(stacks[a][-1].n_output == stacks[b][0].n_input for a, b in pairwise(order))

    orders = permutations(range(len(stacks))) if len(stacks) <= 6 else [tuple(range(len(stacks)))]
    fitting = next(filter(fits, orders), None)
    if fitting is None:
        allowed = "the tensors of layers that feed each other"
        sizes = ", ".join(
            f"{label} {stack[0].n_input} -> {stack[-1].n_output}"
            for label, stack in zip(labels, stacks, strict=True)
        )
        raise InvalidInputError("mapping", allowed, f"{len(stacks)} modules: {sizes}")
    if len(stacks) > 1:
        names = ", ".join(labels[i] for i in fitting)
        notes.append(f"layers in the order {names}; what stands between them is not in the tensors")
    return [layer for i in fitting for layer in stacks[i]]


def _with_read_out(layers: list[Network], tensors: Tensors, options: Mapping[str, Any]) -> Network:
    """Layers and the linear layer that reads them out, if the tensors have one."""
    last = layers[-1]
    names = [
        name.removesuffix("weight")
        for name in tensors
        if re.fullmatch(r"(?:.*\.)?weight", name, flags=re.DOTALL)
        and name not in tensors.used
        and "emb" not in name.lower()
        and len(tensors.shape(name)) == 2
        and tensors.shape(name)[1] == last.n_output
    ]
    if len(names) > 1:
        found = ", ".join(f"{name}weight" for name in names)
        raise InvalidInputError("mapping", "the tensors of one read-out", f"{len(names)}: {found}")
    if names:
        weight = tensors.take(f"{names[0]}weight", 2)
        has_bias = f"{names[0]}bias" in tensors
        bias = tensors.take(f"{names[0]}bias", 1) if has_bias else np.zeros(len(weight))
        add_read_out(layers, weight, bias, options.get("output_activation", "identity"))
    return joined(layers)
