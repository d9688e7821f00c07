"""Layers that feed each other otherwise than in a row: branches, sums, skipped connections."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, Self

import numpy as np

from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.networks.network import Network, State
from memtools.networks.pointwise import Activation, Affine
from memtools.networks.stacks import Compound, Sequential
from memtools.networks.tapes import Tape

INPUT = "input"
# What several branches make together, entry by entry; "concatenate" puts them side by side.
MERGES: dict[str, Callable[[Sequence[FloatArray]], FloatArray]] = {
    "add": lambda parts: reduce(np.add, parts),
    "average": lambda parts: reduce(np.add, parts) / len(parts),
    "concatenate": lambda parts: np.concatenate(parts, axis=-1),
    "maximum": lambda parts: reduce(np.maximum, parts),
    "minimum": lambda parts: reduce(np.minimum, parts),
    "multiply": lambda parts: reduce(np.multiply, parts),
    "subtract": lambda parts: parts[0] - parts[1],
}


class Graph(Compound):
    """Layers and merges, each fed by the input or by what stands before it.

    Parameters
    ----------
    nodes : sequence of (name, layer, sources)
        In an order in which each node's sources stand before it; a layer is a Network of one
        source, or the name of a merge ("add", "average", "concatenate", "maximum", "minimum",
        "multiply", "subtract") of several.  "input" names the input.  The last node gives the
        output.
    n_input : int

    Notes
    -----
    The state is the tuple of the layers' states, in order.
    """

    def __init__(
        self, nodes: Sequence[tuple[str, Network | str, Sequence[str]]], n_input: int
    ) -> None:
        sizes = {INPUT: n_input}
        self.nodes = tuple((name, layer, tuple(sources)) for name, layer, sources in nodes)
        for name, layer, sources in self.nodes:
            if name in sizes or not sources or any(source not in sizes for source in sources):
                raise InvalidInputError("nodes", "names known before they are used", repr(name))
            sizes[name] = _size(name, layer, [sizes[source] for source in sources])
        if not self.nodes:
            raise InvalidInputError("nodes", "at least one", "none")
        self.parts = {n: layer for n, layer, _ in self.nodes if isinstance(layer, Network)}
        self.n_input, self.n_output = n_input, sizes[self.nodes[-1][0]]

    def _of(self, parts: Sequence[Network]) -> Self:
        layers = dict(zip(self.parts, parts, strict=True))
        nodes = [(name, layers.get(name, layer), sources) for name, layer, sources in self.nodes]
        return type(self)(nodes, self.n_input)

    @property
    def is_linear(self) -> bool:
        entry_by_entry = ("multiply", "maximum", "minimum")
        return all(
            layer.is_linear if isinstance(layer, Network) else layer not in entry_by_entry
            for _, layer, _ in self.nodes
        )

    @property
    def has_filter(self) -> bool:  # type: ignore[override]
        return any(part.has_filter for part in self.parts.values())

    @property
    def last_lag(self) -> float:
        reach = {INPUT: 0.0}
        for name, layer, sources in self.nodes:
            own = layer.last_lag if isinstance(layer, Network) else 0.0
            reach[name] = own + max(reach[source] for source in sources)
        return reach[self.nodes[-1][0]]

    def step(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        return self._through(x, state, lambda layer: layer.step)

    def _run_steps(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        return self._through(x, state, lambda layer: layer._run_steps)

    def record(self, x: FloatArray, state: State) -> Tape:
        outputs, end = self._through(x, state, lambda layer: layer.run)
        return Tape(outputs, end, self._no_backward)

    def _through(
        self, x: FloatArray, state: State, run: Callable[[Network], Any]
    ) -> tuple[FloatArray, State]:
        values, after = {INPUT: x}, []
        states = iter(state)
        for name, layer, sources in self.nodes:
            given = [values[source] for source in sources]
            if isinstance(layer, Network):
                values[name], end = run(layer)(np.ascontiguousarray(given[0]), next(states))
                after.append(end)
            else:
                values[name] = MERGES[layer](given)
        return values[self.nodes[-1][0]], tuple(after)


def _size(name: str, layer: Network | str, sizes: list[int]) -> int:
    """Number of outputs of a node, its inputs checked."""
    if isinstance(layer, Network):
        if sizes != [layer.n_input]:
            allowed = f"one source of {layer.n_input} outputs"
            raise InvalidInputError(f"node {name!r}", allowed, f"sources of {sizes}")
        return layer.n_output
    if layer not in MERGES:
        raise InvalidInputError(f"node {name!r}", f"one of {', '.join(MERGES)}", repr(layer))
    if layer == "concatenate":
        return sum(sizes)
    if len(set(sizes)) != 1 or (layer == "subtract" and len(sizes) != 2):
        raise InvalidInputError(f"node {name!r}", "sources of one size", f"sources of {sizes}")
    return sizes[0]


def simplified(
    nodes: Sequence[tuple[str, Network | str, Sequence[str]]], output: str, n_input: int
) -> Network:
    """The network of what leads to `output`: a layer, a row of layers, or a Graph."""
    by_name = {name: (layer, sources) for name, layer, sources in nodes}
    wanted, queue = set(), [output]
    while queue:
        name = queue.pop()
        if name not in wanted and name != INPUT:
            wanted.add(name)
            queue += by_name[name][1]
    used = [node for node in nodes if node[0] in wanted]
    row = [layer for _, layer, _ in used if isinstance(layer, Network)]
    before = [INPUT, *(name for name, _, _ in used)]
    in_a_row = all(list(node[2]) == [last] for node, last in zip(used, before, strict=False))
    if not in_a_row or len(row) < len(used):
        return Graph(used, n_input)
    return row[0] if len(row) == 1 else Sequential(row)


def prelu(slopes: FloatArray) -> Graph:
    """A rectifier with a slope of its own for each entry below zero: relu(x) - slope relu(-x)."""
    n = len(slopes)
    nodes: list[tuple[str, Network | str, list[str]]] = [
        ("above", Activation("relu", n), [INPUT]),
        ("turned", Affine({"scale": -np.ones(n), "shift": np.zeros(n)}), [INPUT]),
        ("below", Activation("relu", n), ["turned"]),
        ("sloped", Affine({"scale": -slopes, "shift": np.zeros(n)}), ["below"]),
        ("both", "add", ["above", "sloped"]),
    ]
    return Graph(nodes, n)
