"""Compiled sums of squares around polynomials, of many series side by side.

Kernels trust their arguments, call nothing outside this file and take constants as arguments.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@numba.njit(cache=True, nogil=True)
def fluctuations(profiles: Array, basis: Array, first: int, n_windows: int, out: Array) -> None:
    """Add the mean squares that an orthonormal basis leaves of successive windows, lane by lane.

    profiles has shape (n_obs, n_lanes): what is done to a lane depends on no other, and lanes
    beside each other fill the processor's vectors.
    """
    scale, n_columns = basis.shape
    n_lanes = profiles.shape[1]
    weights = np.empty((n_columns, n_lanes))
    squares = np.empty(n_lanes)
    origin = np.empty(n_lanes)
    for window in range(n_windows):
        start = first + window * scale
        weights[:] = 0.0
        squares[:] = 0.0
        for lane in range(n_lanes):
            origin[lane] = profiles[start, lane]  # the basis holds constants: no digits are lost
        for t in range(scale):
            for k in range(n_columns):
                b = basis[t, k]
                for lane in range(n_lanes):
                    weights[k, lane] += b * (profiles[start + t, lane] - origin[lane])
        for t in range(scale):
            for lane in range(n_lanes):
                rest = profiles[start + t, lane] - origin[lane]
                for k in range(n_columns):
                    rest -= basis[t, k] * weights[k, lane]
                squares[lane] += rest * rest
        for lane in range(n_lanes):
            out[lane] += squares[lane] / scale
