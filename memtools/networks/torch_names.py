"""Networks from PyTorch's parameter names, from the paper authors' and from our own.

PyTorch's modules (weight_ih_l0, weight_hh_l0_reverse, ...) hold blocks i f g o (LSTM) and r z n
(GRU), as our cells do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.networks._tensors import GATES, LANES, Tensors, build_mlstm, build_mrnn, few
from memtools.networks.cells import RNN
from memtools.networks.chains import Chain, Part, Reading, build, read_order, tries
from memtools.networks.filter_cells import FilterCell
from memtools.networks.filter_patterns import PATTERNS, pattern_told_by
from memtools.networks.minimal_gru_names import with_own_names
from memtools.networks.network import Network
from memtools.networks.other_layers import TO_CHECK, with_other_layers
from memtools.networks.parametrised import recomputed
from memtools.networks.recurrent_cell import Cell
from memtools.networks.registry import CLASSES
from memtools.networks.stacks import Bidirectional

_TORCH = re.compile(
    r"((?:.*\.)?)((?:weight|bias)_(?:ih|hh|hr))(?:_l(\d+))?(_reverse)?", flags=re.DOTALL
)
_MRNN = {"mm", "fm", "hh", "xh", "hz", "mz"}
_OPTIONS = dict.fromkeys(name for cell in CLASSES.values() for name in cell.option_names())
_MAX_MODULES = 64
UNTOLD = (
    "a state dict does not tell what else stands between and after its modules (activations, "
    f"slices): {TO_CHECK}"
)
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
        Keyword arguments of the cells; `prefix` and `read_out` as `networks.load` has them.
    """
    return next(readings([cell], mapping, options).networks())


@dataclass(frozen=True, kw_only=True)
class Readings:
    """What a state dict may be: one network, or several where it does not tell."""

    reading: Reading
    notes: tuple[str, ...]
    output_activation: str | None

    def networks(self) -> Iterator[Network]:
        """The network; an error where the tensors leave a doubt."""
        if self.reading.doubt is not None:
            raise self.reading.doubt
        yield self._built(self.reading.chains[0])

    def tried(self) -> Iterator[Network]:
        """Every network that the tensors may be, the simplest first."""
        for chain in tries(self.reading, self.output_activation):
            yield self._built(chain)

    def _built(self, chain: Chain) -> Network:
        g = self.output_activation
        last = chain[-1]
        if g not in (None, "identity") and isinstance(last, Part) and last.kind == "linear":
            chain = (*chain, str(g))
        network = build(chain)
        notes = list(self.notes)
        if len(chain) > 1:
            names = [item if isinstance(item, str) else item.label or "the cell" for item in chain]
            notes.append(f"layers in the order {', '.join(names)}")
            notes.append(UNTOLD)
        if left := self.reading.left_out(chain):
            notes.append(f"left out: {few(left)}")
        network.notes = tuple(notes)
        return network


def readings(
    cells: Sequence[type[Cell] | None],
    mapping: Mapping[str, Any],
    options: Mapping[str, Any],
    ordered: bool = True,
    chosen: bool = False,
) -> Readings:
    """What the tensors may be.

    Parameters
    ----------
    cells : sequence of type or None
        Classes of the recurrent modules in order, or of the first; None to read them.
    mapping : mapping of str to array_like
        Tensors by name.
    options : mapping
        Keyword arguments of the cells; `prefix` and `read_out` as `networks.load` has them.
    ordered : bool
        Whether the tensors stand in the order in which their layers were made.
    chosen : bool
        Whether the user has chosen these among other tensors.
    """
    options = dict(options)
    prefix, read_out = options.pop("prefix", None), options.pop("read_out", None)
    for name in options:
        if name not in _OPTIONS:
            known = ", ".join([*_OPTIONS, "prefix", "read_out"])
            raise TypeError(f"unknown option {name!r}; the options are {known}")
    notes: list[str] = []
    named = Tensors(mapping).starting(prefix or "")
    named, options = with_own_names(named, options, notes)
    tensors, modules = _modules_of(Tensors(recomputed(named, notes)), _respelled(named), cells[0])
    several = len(modules) > 1
    stacks = [build_one(tensors, options, several, notes) for _, build_one in modules]
    if not ordered and len(cells) == len(stacks) > 1:
        rows = _as_told(cells, [_first_cell(stack[0]) for stack in stacks])
        modules, stacks = [modules[i] for i in rows], [stacks[i] for i in rows]
    _check_cells(cells, stacks)
    spare = [name for name in ("filter_length", "fixed_d") if name in options]
    layers = [layer for stack in stacks for layer in stack]
    if spare and not any(isinstance(layer, FilterCell) for layer in layers):
        notes.append(f"no filter in this network: {' and '.join(spare)} not used")
    recurrent = [
        Part(
            label=label.rstrip("."),
            kind="recurrent",
            n_input=stack[0].n_input,
            n_output=stack[-1].n_output,
            layers=tuple(stack),
        )
        for (label, _), stack in zip(modules, stacks, strict=True)
    ]
    parts = with_other_layers(tensors, recurrent, notes, chosen or bool(prefix or read_out))
    told = None if ordered or len(cells) < 2 else [part.label for part in recurrent]
    reading = read_order(parts, ordered, read_out, told)
    return Readings(
        reading=reading, notes=tuple(notes), output_activation=options.get("output_activation")
    )


def _modules_of(
    as_named: Tensors, respelled: Mapping[str, Any], cell: type[Cell] | None
) -> tuple[Tensors, list[tuple[str, Builder]]]:
    """The recurrent modules, and the tensors by the names that showed them."""
    for tensors in (as_named, Tensors(respelled)):
        if modules := find_modules(tensors, cell):
            return tensors, modules
    wanted = "a recurrent cell" if cell is None else f"{cell.__name__}"
    found = few([f"{name} {tensors.shape(name)}" for name in tensors])
    allowed = f"the tensors of {wanted} by PyTorch's or the authors' names"
    raise InvalidInputError("mapping", allowed, found or "nothing")


_SHORT = re.compile(
    r"(.*?)[._]?([wb])(?:eights?|ias)?_?(ih|hh)(_l\d+)?(_reverse)?", flags=re.DOTALL
)


def _respelled(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """Names such as enc_w_ih, enc_b_hh, fc_w, enc_emb as PyTorch spells them."""
    found: dict[str, Any] = {}
    for name, value in mapping.items():
        stem, kind = name[:-2], {"_w": "weight", "_b": "bias"}.get(name[-2:])
        if match := _SHORT.fullmatch(name):
            whole = {"w": "weight", "b": "bias"}[match[2]]
            prefix = f"{match[1]}." if match[1] else ""
            found[f"{prefix}{whole}_{match[3]}{match[4] or ''}{match[5] or ''}"] = value
        elif kind is not None:
            found[f"{stem}.{kind}"] = value
        elif name.endswith("_emb"):
            found[f"{name}.weight"] = value
        else:
            found[name] = value
    return found if len(found) == len(mapping) else dict(mapping)


def _as_told(cells: Sequence[type[Cell] | None], found: list[Network]) -> list[int]:
    """The modules in the order in which the user says their cells, if each can be had."""
    left = list(range(len(found)))
    rows: list[int] = []
    for cell in cells:
        fitting = [i for i in left if cell is None or isinstance(found[i], cell)]
        if not fitting:
            return list(range(len(found)))
        rows.append(fitting[0])
        left.remove(fitting[0])
    return rows


def _check_cells(cells: Sequence[type[Cell] | None], stacks: list[list[Network]]) -> None:
    """The cells are those that the user says."""
    found = [_first_cell(stack[0]) for stack in stacks]
    layers = [_first_cell(layer) for stack in stacks for layer in stack]
    if len(cells) not in (1, len(found), len(layers)):
        got = f"{len(cells)} classes for {len(found)} modules of {len(layers)} layers"
        raise InvalidInputError("cell", "a class for each recurrent module, or one", got)
    against = layers if len(cells) == len(layers) else found
    for cell, layer in zip(cells, against, strict=False):
        if cell is not None and not isinstance(layer, cell):
            got = f"those of {type(layer).__name__}"
            raise InvalidInputError("mapping", f"the tensors of {cell.__name__}", got)


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
    found: dict[str, None] = {}
    for pattern in PATTERNS if issubclass(cell, FilterCell) else ("none",):
        shapes = cell._shapes_for({"fixed_d": True, "filter": pattern})
        wanted = set(shapes) - set(cell._optional)
        mark = min(wanted)
        prefixes = [name[: -len(mark)] for name in tensors if name.endswith(mark)]
        found |= {p: None for p in prefixes if all(p + name in tensors for name in wanted)}
    return list(found)


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
        may_move = cell._shapes_for({}) != cell._shapes_for({"fixed_d": True})
        moves = may_move and all(prefix + name in tensors for name in moving)
        options.setdefault("fixed_d", not moves)
        own = {name.removeprefix(prefix) for name in tensors if name.startswith(prefix)}
        if options["fixed_d"] and (pattern := pattern_told_by(own)):
            options.setdefault("filter", pattern)
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
            suffix = ("" if match[3] is None else f"_l{match[3]}") + (match[4] or "")
            suffixes[suffix] = (int(match[3] or 0), match[4] is not None)
    both = any(reverse for _, reverse in suffixes.values())
    wanted = [(k, r) for k in range(len(suffixes)) for r in ((False, True) if both else (False,))]
    if sorted(suffixes.values()) != wanted[: len(suffixes)] or (both and len(suffixes) % 2):
        allowed = "layers _l0, _l1, ... each in the same directions"
        raise InvalidInputError(f"module {prefix!r}", allowed, few(list(suffixes)) or "none")
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
    projection = f"{prefix}weight_hr{suffix}"
    own_read_out: dict[str, FloatArray] = {}
    if projection in tensors:
        # h = W_hr o sigma(c) feeds back through W_hh: W_hh W_hr acts on o sigma(c) itself
        weight_hr = tensors.take(projection, 2)
        _check_projection(projection, weight_hr, params["weight_hh"])
        params["weight_hh"] = params["weight_hh"] @ weight_hr
        own_read_out = {"weight_hz": weight_hr, "bias_z": np.zeros(len(weight_hr))}
    n_rows, n_hidden = params["weight_hh"].shape
    if n_hidden == 0 or n_rows % n_hidden or n_rows // n_hidden not in _BLOCKS:
        allowed = "of shape (H, H), (3H, H) or (4H, H) (RNN, GRU, LSTM)"
        name = f"tensor {prefix + 'weight_hh' + suffix!r}"
        raise InvalidInputError(name, allowed, f"shape {(n_rows, n_hidden)}")
    params |= _biases(tensors, prefix, suffix, n_rows, n_hidden, notes) | own_read_out
    cell = _BLOCKS[n_rows // n_hidden]
    own = _accepted(cell, options)
    own.pop("output_activation", None)
    if cell is RNN and "activation" not in own:
        note = "the file does not tell the activation of its RNN: tanh, PyTorch's default, is taken"
        notes += [] if note in notes else [note]
    if not suffix and f"{prefix}weight_hz" in tensors:  # our own names
        own["output_activation"] = options.get("output_activation", "identity")
        params["weight_hz"] = tensors.take(f"{prefix}weight_hz", 2)
        params["bias_z"] = tensors.take(f"{prefix}bias_z", 1)
    return cell(params, **own)


def _check_projection(name: str, weight_hr: FloatArray, weight_hh: FloatArray) -> None:
    n_out, n_hidden = weight_hr.shape
    if weight_hh.shape != (4 * n_hidden, n_out):
        allowed = f"a projection that fits weight_hh of shape {weight_hh.shape}"
        raise InvalidInputError(f"tensor {name!r}", allowed, f"shape {weight_hr.shape}")


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
