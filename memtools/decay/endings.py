"""Weights that start late, end exactly, or repeat exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from memtools._validate import FloatArray

_ROUNDING = 1e-14  # of the largest weight
_BEFORE = 1e-8  # of the first weights, what may stand before them
_REPEATS = 1e-10  # of the largest weight
_DROP = 1e4  # a fall in one lag that no law shows
_UNDERFLOW = 1e-200


@dataclass(frozen=True)
class Ending:
    """The last lag that is not zero."""

    last: int


def delay_of(values: FloatArray, noise: FloatArray | None) -> int:
    """Lags before the first weight, if two or more are zero (or noise, where that is given)."""
    size = np.abs(values)
    threshold = _ROUNDING * size.max()
    level = threshold if noise is None else np.maximum(4.0 * noise, threshold)
    start = int(np.argmax(size > level))
    if start < 2:
        return 0
    if noise is None:  # a jump: growth from next to nothing is no delay
        return start if size[:start].max() < _BEFORE * size[start : start + 3].max() else 0
    return start if size[start : start + 3].max() > 8.0 * float(noise[0]) else 0


def ending(values: FloatArray) -> Ending | None:
    """The end of weights after which only zeros, or rounding, are left; None for an underflow."""
    size = np.abs(values)
    above = np.flatnonzero(size > _ROUNDING * size.max())
    last = int(above[-1])
    if last == len(values) - 1:
        return None
    after, before = size[last + 1 :].max(), size[last]
    if after == 0.0:  # a decay that underflows has passed all the sizes between
        return Ending(last) if before > _UNDERFLOW * size.max() else None
    falls = size[1 : last + 1] / np.maximum(size[:last], 1e-300)
    steepest = falls[falls > 0.0].min(initial=1.0)
    return Ending(last) if after / before < min(1.0 / _DROP, 1e-2 * steepest) else None


def period_of(values: FloatArray) -> int | None:
    """Lags after which the weights from lag 1 on repeat to rounding, seen at least twice."""
    w = values[1:]
    n, size = len(w), float(np.abs(w).max())
    if np.abs(w[n // 2 :]).max() < 0.5 * size:
        return None
    for period in range(1, n // 2 + 1):
        near = abs(w[period] - w[0]) < _REPEATS * size
        if near and np.abs(w[period:] - w[:-period]).max() < _REPEATS * size:
            return period
    return None
