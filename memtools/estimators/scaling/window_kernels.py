"""Compiled sums over windows: squares around lines, ranges of partial sums.

Kernels trust their arguments and take constants as arguments.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from memtools._compiled import njit

Array = NDArray[np.float64]


@njit(cache=True, nogil=True)
def family_squares(
    profile: Array, half: int, step: int, first: int, n_lengths: int, out: Array, sums: Array
) -> None:
    """Mean squares around lines, of windows of 2 half, 4 half, 8 half, ... values.

    Blocks of `half` values are summed up once; a window is two blocks that follow each other, and
    the blocks of the next length are every second window.  Windows start at every block (step 1)
    or every second (step 2).  Written from length number `first` on: the windows one after the
    other to `out`, their sum a length to `sums`.
    """
    n_blocks = len(profile) // half
    mean, moment, square = np.empty(n_blocks), np.empty(n_blocks), np.empty(n_blocks)
    for i in range(n_blocks):
        start = i * half
        origin = profile[start]  # lines hold constants: digits are kept
        total = tilt = squares = 0.0
        for t in range(half):
            y = profile[start + t] - origin
            total += y
            tilt += (t - 0.5 * (half - 1)) * y
            squares += y * y
        mean[i] = origin + total / half
        moment[i] = tilt
        square[i] = squares - total * total / half
    length, position = half, 0
    for number in range(n_lengths):
        scale = 2 * length
        norm = scale * (scale * scale - 1.0) / 12.0
        total = 0.0
        for i in range(n_blocks - 1):
            rise = mean[i + 1] - mean[i]
            squares = square[i] + square[i + 1] + 0.5 * length * rise * rise
            tilt = moment[i] + moment[i + 1] + 0.5 * length * length * rise
            if number >= first and i % step == 0:
                rest = max(squares - tilt * tilt / norm, 0.0) / scale
                out[position] = rest
                position += 1
                total += rest
            if i % 2 == 0:  # what stood here is read no more: its window is the next block
                j = i // 2
                left = mean[i]
                # Window i + 1 still needs block i + 1 alone, and j <= i.
                mean[j], moment[j], square[j] = left + 0.5 * rise, tilt, squares
        if number >= first:
            sums[number - first] = total
        n_blocks //= 2
        length = scale


@njit(cache=True, nogil=True)
def window_ranges(values: Array, scale: int, out: Array) -> None:
    """Range of the partial sums over standard deviation of each window; NaN where it is flat."""
    for window in range(len(out)):
        start = window * scale
        origin = values[start]
        total, flat = 0.0, True
        for t in range(scale):
            total += values[start + t] - origin
            flat = flat and values[start + t] == origin
        mean = total / scale
        level = low = high = squares = 0.0
        for t in range(scale):
            y = values[start + t] - origin - mean
            level += y
            squares += y * y
            low, high = min(low, level), max(high, level)
        out[window] = np.nan if flat else (high - low) / np.sqrt(squares / scale)
