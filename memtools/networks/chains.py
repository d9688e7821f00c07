"""Which layers of a state dict stand in which order: what its names and sizes tell, what not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise, permutations, product

from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.networks._tensors import UntoldError
from memtools.networks.activations import OUTPUT_ACTIVATIONS
from memtools.networks.graphs import INPUT, Graph
from memtools.networks.network import Network
from memtools.networks.pointwise import POINTWISE, Activation
from memtools.networks.recurrent_cell import Cell
from memtools.networks.stacks import Linear, add_read_out, joined

# Words in names of networks that work side by side or one for the other, not one after the other.
_SIDES = re.compile(
    r"enc|encoder|dec|decoder|forward|backward|fwd|bwd|fw|bw|left|right|src|tgt|source|target|"
    r"student|teacher|actor|critic|policy|value|query|online|ema|generator|discriminator|"
    r"text|audio|video|image|question|answer|premise|hypothesis|user|item|prior|posterior"
)
_FRONT = re.compile(r"(?:^|[._])(?:in|inp|input|pre|first|emb|embed|encoder|front)|proj_in|fc_?0")
_MOST_ORDERS, _MOST_TRIES, _MOST_SIDES, _MOST_HEADS = 5040, 400, 6, 8
# What users put between layers, tried where x and y decide.
_BETWEEN = ("identity", "relu", "tanh", "sigmoid", "gelu", "elu", "leaky_relu", "silu", "softmax")


@dataclass(frozen=True, kw_only=True)
class Part:
    """A module of a state dict that is read: its layers, or the weight of a linear layer."""

    label: str
    kind: str
    n_input: int
    n_output: int
    layers: tuple[Network, ...] = ()
    weight: FloatArray | None = None
    bias: FloatArray | None = None
    members: tuple[str, ...] = ()  # names of several in one, side by side

    def __str__(self) -> str:
        return f"{self.label or '(no name)'} ({self.n_input} -> {self.n_output})"


# Parts, and activations by name between them.
Chain = tuple[Part | str, ...]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The orders in which parts may stand, the likeliest first, and the doubt about it.

    `others` are orders against that of the file, and parts of it, for those who can check;
    `labels` are all parts of the file.
    """

    chains: tuple[Chain, ...]
    others: tuple[Chain, ...] = ()
    doubt: UntoldError | None = None
    labels: tuple[str, ...] = ()
    told: bool = False

    def left_out(self, chain: Chain) -> list[str]:
        """Names of the parts that are not in a chain."""
        parts = [item for item in chain if isinstance(item, Part)]
        used = {name for part in parts for name in part.members or (part.label,)}
        return [label for label in self.labels if label not in used]


def read_order(
    parts: Sequence[Part],
    ordered: bool,
    read_out: str | Sequence[str] | None,
    recurrent_order: Sequence[str] | None = None,
) -> Reading:
    """The chain of the parts.

    Parameters
    ----------
    parts : sequence of Part
        In the order of the file.
    ordered : bool
        Whether that order is the one in which the layers were made (safetensors sorts by name).
    read_out : str, sequence of str or None
        The layer to stop at, or layers and activations in order.
    recurrent_order : sequence of str or None
        Labels of the recurrent parts in the order that the user says.
    """
    if read_out is not None and not isinstance(read_out, str):
        return _told(parts, list(read_out), ordered)
    kept = list(parts) if read_out is None else _up_to(parts, read_out, ordered)
    labels = tuple(part.label for part in parts)
    recurrent = [part for part in kept if part.kind == "recurrent"]
    orders = [tuple(kept)] if ordered and _fits(kept) else list(_fitting_orders(kept, ordered))
    if not ordered:
        orders = _likely(orders)
    if recurrent_order is not None:
        orders = [
            order
            for order in orders
            if [p.label for p in order if p.kind == "recurrent"] == list(recurrent_order)
        ]
    some = () if read_out is not None else tuple(_parts_of(kept))
    if not orders and not _branched(kept):
        if len(some) < 2:
            raise _misfit(kept)
        return Reading(chains=some, doubt=_misfit(kept), labels=labels)
    if not orders:
        doubt = UntoldError(
            f"how {_list(recurrent)}, side by side, are joined is not told", _one_of(recurrent)
        )
        chains = tuple(_branched(kept))
        return Reading(chains=chains, others=some, doubt=doubt, labels=labels)
    if len(orders) > 1:
        what = f"the order of {_list(kept)} is not told by their sizes"
        doubt = UntoldError(what, f"say it by {_in_order(orders[-1])}")
        return Reading(chains=tuple(orders), doubt=doubt, labels=labels)
    chains, may_be = tuple(orders), _bare_pair(orders[0])
    if _may_be_parallel(recurrent):
        chains += tuple(_branched(kept))
        what = f"{_list(recurrent)} may stand side by side or one after the other"
        ways = f"{_one_of(recurrent)}, a row of them by {_in_order(orders[0])}"
        may_be = UntoldError(what, ways)
    others = (*_fitting_orders(kept, False), *(some if may_be is not None else ()))
    return Reading(chains=chains, others=others, doubt=may_be, labels=labels)


def _parts_of(parts: Sequence[Part]) -> Iterator[Chain]:
    """The row of recurrent layers, and each alone, with one linear layer behind it or none."""
    recurrent = [part for part in parts if part.kind == "recurrent"]
    rows = [tuple(recurrent), *((part,) for part in recurrent if len(recurrent) > 1)]
    heads = [part for part in parts if part.kind == "linear"][:_MOST_HEADS]
    for row in filter(_fits, rows[:_MOST_HEADS]):
        yield from ((*row, head) for head in heads if head.n_input == row[-1].n_output)
        yield row


def _in_order(parts: Sequence[Part]) -> str:
    """The argument that says an order, with the user's own names."""
    return f"read_out={[part.label for part in parts]} (in their order, activations between them)"


def _one_of(parts: Sequence[Part]) -> str:
    label = next(part.label for part in parts if part.label)
    return f"take one of them by prefix={label + '.'!r}"


def _misfit(parts: Sequence[Part]) -> UntoldError:
    """The layers that do not form a row, and what to do."""
    recurrent = [part for part in parts if part.kind == "recurrent"]
    heads = [p.label for p in parts if p.kind == "linear" and p.n_input == recurrent[-1].n_output]
    if len(heads) > 1:
        names = ", ".join(heads[:10])
        return UntoldError(
            f"{len(heads)} read-outs ({names})", f"choose one by read_out={heads[0]!r}"
        )
    label = recurrent[-1].label
    ways = f"take those that do, up to the recurrent layer, by read_out={label!r}"
    return UntoldError(f"{_list(parts)} do not feed each other", ways)


def _list(parts: Sequence[Part]) -> str:
    """At most ten parts with their sizes."""
    shown = ", ".join(map(str, parts[:10]))
    return shown + (f" and {len(parts) - 10} more" if len(parts) > 10 else "")


def find_part(parts: Sequence[Part], name: str) -> Part:
    """The part of that name, or whose name ends so."""
    stem = name.removesuffix(".weight").rstrip(".")
    exact = [part for part in parts if part.label == stem]
    found = exact or [part for part in parts if part.label.endswith(f".{stem}")]
    if len(found) != 1:
        got = f"{name!r} ({'several' if found else 'none'} of that name)"
        raise InvalidInputError("read_out", f"one of {_list(parts)}", got)
    return found[0]


def _told(parts: Sequence[Part], names: list[str], ordered: bool) -> Reading:
    """The chain that the user says; without a recurrent layer in it, the file's own come first."""
    chain: list[Part | str] = []
    for name in names:
        known = any(p.label == name or p.label.endswith(f".{name}") for p in parts)
        chain.append(name if name in POINTWISE and not known else find_part(parts, name))
    told = [item for item in chain if isinstance(item, Part)]
    if not any(part.kind == "recurrent" for part in told):
        last = max(i for i, part in enumerate(parts) if part.kind == "recurrent")
        before = [part for part in parts[: last + 1] if part.kind != "linear" or ordered]
        chain = [*(part for part in before if part not in told), *chain]
    if not _fits([item for item in chain if isinstance(item, Part)]):
        got = _list([item for item in chain if isinstance(item, Part)])
        raise InvalidInputError("read_out", "layers that feed each other", got)
    return Reading(chains=(tuple(chain),), labels=tuple(part.label for part in parts), told=True)


def _up_to(parts: Sequence[Part], read_out: str, ordered: bool) -> list[Part]:
    """The parts that `read_out` ends."""
    last = find_part(parts, read_out)
    recurrent = [part for part in parts if part.kind == "recurrent"]
    if last.kind == "recurrent":
        first = parts.index(recurrent[0]) if ordered else 0
        upto = enumerate(parts[: parts.index(last) + 1])
        return [part for i, part in upto if part.kind == "recurrent" or i < first]
    end = parts.index(recurrent[-1])
    before = [part for part in parts[: end + 1] if part is not last] if ordered else recurrent
    direct = _fits([*before, last])
    between = [p for p in parts[end + 1 : parts.index(last)] if ordered and not direct]
    return [*before, *between, last]


def _fits(parts: Sequence[Part]) -> bool:
    """Each takes what the one before gives, and a recurrent layer is among them."""
    return bool(parts) and all(a.n_output == b.n_input for a, b in pairwise(parts))


def _fitting_orders(parts: Sequence[Part], ordered: bool) -> Iterator[tuple[Part, ...]]:
    """Orders whose sizes fit, numbered layers in the order of their numbers."""
    base = sorted(parts, key=_natural) if not ordered else list(parts)
    if len(base) > 7:
        base_fits = [tuple(base)] if _fits(base) else []
        yield from base_fits
        return
    fixed = [part for part in base if part.kind == "recurrent"]
    seen = 0
    for order in islice(permutations(base), _MOST_ORDERS):
        same = [part for part in order if part.kind == "recurrent"]
        families = {_family(part) for part in fixed}
        rising = len(families) > 1 or same == fixed
        if rising and _fits(order):
            seen += 1
            yield order
            if seen == 24:
                return


def _likely(orders: list[tuple[Part, ...]]) -> list[tuple[Part, ...]]:
    """Of orders that differ by a linear layer before or behind all, the one with it behind.

    Sizes of a read-out, hidden to outputs, fit in front where outputs are as many as inputs, yet a
    layer in front is called so.
    """
    behind = [order for order in orders if order[0].kind == "recurrent"]
    if len(behind) != 1 or any(
        _FRONT.search(part.label.lower()) for part in behind[0] if part.kind == "linear"
    ):
        return orders
    linear = next((part for part in behind[0] if part.kind == "linear"), None)
    return behind if linear is not None and linear.n_output != linear.n_input else orders


def _natural(part: Part) -> list[tuple[int, str]]:
    pieces = re.split(r"(\d+)", part.label)
    return [(int(piece), "") if piece.isdigit() else (-1, piece) for piece in pieces]


def _family(part: Part) -> str:
    return re.sub(r"\d+", "#", part.label)


def _may_be_parallel(recurrent: Sequence[Part]) -> bool:
    """Several recurrent modules that neither names nor sizes show to be a stack."""
    if len(recurrent) < 2:
        return False
    words = [
        frozenset(w for w in re.split(r"[._\d]+", part.label.lower()) if _SIDES.fullmatch(w))
        for part in recurrent
    ]
    return len(set(words)) > 1 or len({part.n_input for part in recurrent}) == 1


def _branched(parts: Sequence[Part]) -> list[tuple[Part, ...]]:
    """Recurrent modules of one input side by side, joined in each way that fits what follows."""
    recurrent = [part for part in parts if part.kind == "recurrent"]
    if len(recurrent) < 2 or len({part.n_input for part in recurrent}) > 1:
        return []
    rest = [part for part in parts if part.kind != "recurrent"]
    found: list[tuple[Part, ...]] = []
    for way in ("concatenate", "add", "multiply", "average"):
        if way != "concatenate" and len({part.n_output for part in recurrent}) > 1:
            continue
        orders = permutations(recurrent) if way == "concatenate" else [tuple(recurrent)]
        for side_by_side in islice(orders, _MOST_SIDES):
            both = _joined(side_by_side, way)
            found += islice((order for order in permutations([both, *rest]) if _fits(order)), 4)
    return found


def _joined(recurrent: Sequence[Part], way: str) -> Part:
    """Recurrent modules side by side as one part."""
    nodes: list[tuple[str, Network | str, list[str]]] = [
        (part.label or "cell", joined(part.layers), [INPUT]) for part in recurrent
    ]
    nodes.append(("joined", way, [name for name, _, _ in nodes]))
    graph = Graph(nodes, recurrent[0].n_input)
    label = f"{' and '.join(part.label for part in recurrent)} ({way})"
    return Part(
        label=label,
        kind="recurrent",
        n_input=graph.n_input,
        n_output=graph.n_output,
        layers=(graph,),
        members=tuple(part.label for part in recurrent),
    )


def _bare_pair(order: Sequence[Part]) -> UntoldError | None:
    """Two linear layers one after the other would be one: something stands between them."""
    for a, b in pairwise(order):
        if a.kind == b.kind == "linear":
            names = f"{a.label!r} and {b.label!r}"
            row = [
                item
                for part in order
                for item in ((part.label, "relu") if part is a else (part.label,))
            ]
            return UntoldError(
                f"what stands between the linear layers {names} is not in the file",
                f"say it by read_out={row} (with its activation), or stop at read_out={a.label!r}",
            )
    return None


def tries(reading: Reading, output_activation: str | None) -> Iterator[Chain]:
    """Chains with activations put between the parts and at the end, the simplest first."""
    for chains in (reading.chains, reading.others):
        yield from _tried(chains, reading.told, output_activation)


def _tried(chains: Sequence[Chain], told: bool, output_activation: str | None) -> Iterator[Chain]:
    ends = _BETWEEN if output_activation is None else ("identity",)
    every = []
    for chain in chains:
        gaps = 0 if told else max(len(chain) - 1, 0)
        choices = list(islice(product(_BETWEEN, repeat=min(gaps, 3)), _MOST_TRIES))
        every += [(chain, choice, end) for choice in choices for end in ends]
    every.sort(key=lambda item: sum(g != "identity" for g in (*item[1], item[2])))
    for chain, choice, end in every[:_MOST_TRIES]:
        filled: list[Part | str] = []
        # gaps nearest to the output first: heads are where activations stand
        first = len(chain) - 1 - len(choice)
        for i, part in enumerate(chain):
            filled.append(part)
            if choice and first <= i < len(chain) - 1 and choice[i - first] != "identity":
                filled.append(choice[i - first])
        yield (*filled, *([] if end == "identity" else [end]))


def build(chain: Chain) -> Network:
    """The network of a chain."""
    layers: list[Network] = []
    before: Part | str | None = None
    for item in chain:
        if isinstance(item, str):
            linear = isinstance(before, Part) and before.kind == "linear"
            if linear and item in OUTPUT_ACTIVATIONS:
                layers[-1] = _activated(layers[-1], item)
            else:
                layers.append(Activation(item, layers[-1].n_output))
        elif item.weight is None or item.bias is None:
            layers.extend(item.layers)
        elif layers:
            add_read_out(layers, item.weight, item.bias, "identity")
        else:
            layers.append(Linear({"weight": item.weight, "bias": item.bias}))
        before = item
    return joined(layers)


def _activated(layer: Network, g: str) -> Network:
    """The layer, whose last part is a linear one, with g on its outputs."""
    if isinstance(layer, Linear):
        return Linear(layer.params, output_activation=g)
    assert isinstance(layer, Cell)
    return type(layer)(layer.params, **{**layer.options, "output_activation": g})
