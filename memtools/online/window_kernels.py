"""Compiled update of a window's Fourier transform and of its local Whittle estimate.

Kernels trust their arguments and take constants as arguments.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from memtools._compiled import njit

Array = NDArray[np.float64]


@njit(cache=True, nogil=True)
def roll(
    new: Array, ring: Array, place: int, transform: Array, turn: Array, logs: Array, state: Array,
    out: Array,
) -> None:  # fmt: skip
    """Move a full window over new values; out receives d after each.

    transform and turn hold real and imaginary parts, shape (2, m); state holds d, the largest
    absolute value, and what squared ordinates must exceed per square of that.
    """
    d, largest, least = state
    m = len(logs)
    power = np.empty(m)
    for i in range(len(new)):
        change = new[i] - ring[place]
        ring[place] = new[i]
        place = place + 1 if place + 1 < len(ring) else 0
        largest = max(largest, abs(new[i]))
        smallest = math.inf
        for j in range(m):
            a, b = transform[0, j] + change, transform[1, j]
            transform[0, j] = a * turn[0, j] - b * turn[1, j]
            transform[1, j] = a * turn[1, j] + b * turn[0, j]
            power[j] = a * a + b * b
            smallest = min(smallest, power[j])
        if not smallest > least * largest * largest:
            d = 0.0
            out[i] = math.nan
            continue
        for _ in range(60):
            total = mean = square = 0.0
            for j in range(m):
                weight = math.exp(2.0 * d * logs[j]) * power[j]
                total += weight
                mean += weight * logs[j]
                square += weight * logs[j] * logs[j]
            mean /= total
            step = -0.5 * mean / max(square / total - mean * mean, 1e-12)
            d = min(max(d + min(max(step, -1.0), 1.0), -5.0), 5.0)
            if abs(step) < 1e-6:  # Newton's next would be of the size of its square
                break
        out[i] = d
    state[0], state[1] = d, largest
