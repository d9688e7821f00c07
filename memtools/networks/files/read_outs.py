"""Nodes that are one layer of ours: a cell and the linear layer that reads it out, a product and
its bias, a linear layer and its activation."""

from __future__ import annotations

from collections.abc import Sequence

from memtools.networks.network import Network
from memtools.networks.pointwise import Activation, Affine
from memtools.networks.recurrent_cell import Cell
from memtools.networks.stacks import Compound, Linear, add_read_out
from memtools.networks.variant_cells import VariantCell

Node = tuple[str, Network | str, Sequence[str]]


def with_read_outs(nodes: Sequence[Node]) -> list[Node]:
    """The nodes, each joined with the one before where that feeds it alone and they are one."""
    uses = [source for _, _, sources in nodes for source in sources]
    kept: list[Node] = []
    for name, layer, sources in nodes:
        before = kept[-1] if kept else None
        made = None
        if before is not None and list(sources) == [before[0]] and uses.count(before[0]) == 1:
            made = _one(before[1], layer)
        if made is not None and before is not None:
            kept[-1] = (name, made, before[2])
        else:
            kept.append((name, layer, sources))
    return kept


def remembers(layer: Network | str) -> bool:
    """A recurrent layer, or one made of such."""
    if isinstance(layer, Compound):
        return any(map(remembers, layer.parts.values()))
    return isinstance(layer, Cell | VariantCell)


def _one(before: Network | str, layer: Network | str) -> Network | None:
    """One layer for two."""
    known = isinstance(layer, Activation) and layer.kind in ("tanh", "sigmoid", "relu", "softmax")
    shifts = isinstance(layer, Affine) and bool((layer.params["scale"] == 1.0).all())
    if isinstance(before, Linear) and before.output_activation == "identity":
        if isinstance(layer, Affine) and shifts:
            bias = before.params["bias"] + layer.params["shift"]
            return Linear({"weight": before.params["weight"], "bias": bias})
        if isinstance(layer, Activation) and known:
            return Linear(before.params, output_activation=layer.kind)
    if isinstance(before, Cell) and isinstance(layer, Linear):
        row: list[Network] = [before]
        add_read_out(row, layer.params["weight"], layer.params["bias"], layer.output_activation)
        return row[0] if len(row) == 1 else None
    if isinstance(before, Cell) and "weight_hz" in before.params:
        if before.output_activation != "identity":
            return None
        if isinstance(layer, Affine) and shifts:
            bias = before.params["bias_z"] + layer.params["shift"]
            return before.replace({**before.params, "bias_z": bias})
        if isinstance(layer, Activation) and known:
            options = {**before.options, "output_activation": layer.kind}
            return type(before)(before.params, **options)
    return None
