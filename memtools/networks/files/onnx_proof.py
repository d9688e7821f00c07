"""The proof that layers do what an ONNX graph does: a literal run of small inputs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError, ModelFileError
from memtools.networks.files.onnx_values import UnknownOperationError
from memtools.networks.files.self_check import SelfCheck
from memtools.networks.network import Network

# Of the literal runs; a batch that shares no factor with usual lengths.
_BATCH, _MOST_LENGTHS, _MOST_NUMBERS = 7, 8, 2**20
_TOLERANCE = 1e-6


def proved(graph: Any, network: Network, start: str, output: str) -> list[str]:
    """Run the graph literally and hold the network against it; what is to be said of its input.

    In the layout that the input has, every length that the graph takes must give the same.
    """
    notes = []
    lookup = graph.source.get(start)
    if lookup is not None:
        notes.append(f"the embedding {lookup.name or start!r} left out: the inputs are its vectors")
    failed = ModelFileError("its operations do more than the layers found in it")
    for layout in _layouts(graph, network, start):
        outcomes, lengths = [], []
        for x, given in layout:
            try:
                y = graph.run(output, {start: given})
            except UnknownOperationError as error:
                failed = error
                break
            except Exception:  # sizes that the graph does not take
                continue
            if y is not None:
                outcomes.append(_agrees(network, x, y))
                lengths.append(str(len(x)))
            if outcomes and not outcomes[-1]:
                break
        if outcomes and all(outcomes):
            if len(outcomes) < len(layout):
                only = ", ".join(lengths)
                notes.append(f"the graph runs for sequences of {only} steps; its layers for any")
            return notes
    raise failed


def _agrees(network: Network, x: FloatArray, y: NDArray[Any]) -> bool:
    """The network gives what the graph gave; Y of a recurrent operation has (time, way, batch)."""
    if not np.isfinite(y).all():
        return False
    four = y.ndim == 4
    arranged = y.transpose(0, 2, 1, 3).reshape(y.shape[0], y.shape[2], -1) if four else y
    for values in (y, arranged):
        try:
            if SelfCheck(x, values, compiled=False).error(network) <= _TOLERANCE:
                return True
        except InvalidInputError:
            continue
    return False


def _layouts(
    graph: Any, network: Network, start: str
) -> Iterator[list[tuple[FloatArray, FloatArray]]]:
    """Inputs for the network and, in each layout that it may have, for the graph."""
    rng, n = np.random.default_rng(0), network.n_input
    shape = graph.inputs.get(start) or [None, None, None]
    if len(shape) == 2 or start not in graph.inputs:
        each = [shape[0]] if len(shape) == 2 and shape[0] else _lengths(graph)
        rows = [rng.standard_normal((steps, n)) for steps in each]
        yield [(x, x) for x in rows]
    if len(shape) != 3:
        return
    for time, batch in ((0, 1), (1, 0)):
        lengths = _lengths(graph) if shape[time] is None else [int(shape[time] or 0)]
        n_batch = shape[batch] or _BATCH
        inputs = [
            rng.standard_normal((steps, n_batch, n))
            for steps in lengths
            if steps * n_batch * n <= _MOST_NUMBERS
        ]
        yield [(x, x if time == 0 else np.ascontiguousarray(x.swapaxes(0, 1))) for x in inputs]


def _lengths(graph: Any) -> list[int]:
    """Lengths to try: some, those that stand in the graph as numbers, and a few more."""
    found = {7, 11}
    for array in graph.constants.values():
        if array.dtype.kind in "iu" and array.size <= 8:
            found |= {int(k) + more for k in array.reshape(-1) for more in (0, 2) if 2 <= k <= 64}
    return sorted(found)[:_MOST_LENGTHS]
