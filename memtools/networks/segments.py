"""Long sequences a segment at a time: the first state of each is kept, the tape made again."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from memtools._validate import FloatArray
from memtools.networks.network import Network
from memtools.networks.tapes import Gradient, State, flatten, unflatten

# Numbers that a step keeps on the tape, an input or unit: 16 terms of a filter, gates, states.
_KEPT = 16
_MOST_BYTES = 1 << 27
_FEWEST_STEPS = 4096  # fewer cost more between the kernels than in them

Recorded = tuple[FloatArray, State, Callable[[FloatArray], Gradient]]


def recorded(network: Network, x: FloatArray, state: State) -> Recorded:
    """Outputs, last state, and from dL/dz of the first steps to the gradient.

    With one tape, or, where that would be longer than 128 MB, with one of about sqrt(n_steps)
    steps at a time (Chen et al., 2016, arXiv 1604.06174, section 4): two forward passes instead
    of one, and the same numbers.
    """
    if in_segments(network, x):
        return _in_segments(network, x, state, max(math.isqrt(len(x)), _FEWEST_STEPS))
    tape = network.record(x, state)
    return tape.outputs, tape.end, lambda dz: tape.backward(dz)[0]


def in_segments(network: Network, x: FloatArray) -> bool:
    """A cell that can be, along inputs (n_steps, n_batch, n_input) that are long enough."""
    if not network.in_segments:
        return False
    width = x.shape[0] * x.shape[1] * (network.n_input + network.n_hidden)  # type: ignore[attr-defined]
    return 8 * _KEPT * width > _MOST_BYTES


def _in_segments(network: Network, x: FloatArray, state: State, size: int) -> Recorded:
    parts = [slice(start, start + size) for start in range(0, len(x), size)]
    outputs, starts = np.empty((*x.shape[:2], network.n_output)), [state]
    for part in parts:
        tape = network.record(x[part], starts[-1])
        outputs[part] = tape.outputs
        starts.append(tape.end)
    end = starts.pop()

    def backward(dz: FloatArray) -> Gradient:
        after = unflatten(np.zeros_like(flatten(end)), end)
        total: Gradient = {}
        for part, start in zip(parts[::-1], starts[::-1], strict=True):
            if part.start >= len(dz):
                continue
            tape = network.record(x[part], start)
            assert tape.between is not None
            gradient, after = tape.between(dz[part], after)
            total = {name: total.get(name, 0.0) + value for name, value in gradient.items()}
        return total

    return outputs, end, backward
