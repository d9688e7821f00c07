"""Compiled sums of squares around straight lines, of many series side by side.

Kernels trust their arguments, call nothing outside this file and take constants as arguments.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from memtools._compiled import njit

Array = NDArray[np.float64]


@njit(cache=True, nogil=True)
def add_fluctuations(profiles: Array, times: Array, first: int, n_windows: int, out: Array) -> None:
    """Add to `out` the mean squares around lines of windows that follow each other.

    profiles has shape (n_obs, n_lanes): series beside each other fill the processor's vectors, and
    what is done to one depends on no other.  times are centred, as many as a window is long.
    The chord is taken off each window first, so that the sums of squares lose no digits.
    """
    scale, n_lanes = len(times), profiles.shape[1]
    norm = 0.0
    for t in range(scale):
        norm += times[t] * times[t]
    origin, chord = np.empty(n_lanes), np.empty(n_lanes)
    sums, moments, squares = np.empty(n_lanes), np.empty(n_lanes), np.empty(n_lanes)
    for window in range(n_windows):
        start = first + window * scale
        head, tail = profiles[start], profiles[start + scale - 1]
        for j in range(n_lanes):
            origin[j] = 0.5 * (head[j] + tail[j])
            chord[j] = (tail[j] - head[j]) / (scale - 1)
            sums[j] = moments[j] = squares[j] = 0.0
        t = 0
        while t + 4 <= scale:  # four at once: what is summed up stays in registers
            t0, t1, t2, t3 = times[t], times[t + 1], times[t + 2], times[t + 3]
            y0, y1 = profiles[start + t], profiles[start + t + 1]
            y2, y3 = profiles[start + t + 2], profiles[start + t + 3]
            for j in range(n_lanes):
                r0 = y0[j] - origin[j] - chord[j] * t0
                r1 = y1[j] - origin[j] - chord[j] * t1
                r2 = y2[j] - origin[j] - chord[j] * t2
                r3 = y3[j] - origin[j] - chord[j] * t3
                sums[j] += (r0 + r1) + (r2 + r3)
                moments[j] += (t0 * r0 + t1 * r1) + (t2 * r2 + t3 * r3)
                squares[j] += (r0 * r0 + r1 * r1) + (r2 * r2 + r3 * r3)
            t += 4
        while t < scale:
            y0 = profiles[start + t]
            for j in range(n_lanes):
                r0 = y0[j] - origin[j] - chord[j] * times[t]
                sums[j] += r0
                moments[j] += times[t] * r0
                squares[j] += r0 * r0
            t += 1
        for j in range(n_lanes):
            fitted = sums[j] * sums[j] / scale + moments[j] * moments[j] / norm
            out[j] += max(squares[j] - fitted, 0.0) / scale
