"""A memory filter that is not cut: (1 - B)^d over the whole past, by modes that any d shares.

The state of such a filter is (n_batch, n_modes, n): S_t = exp(-s) S_{t-1} + x_t, and its value
sum_m c_m(d) S_t,m, the weights c_m(d) / d interpolated by cubics in d.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from memtools import _validate
from memtools._validate import FloatArray
from memtools.fractional import exponential_modes

# modes, their weights on a grid of d, what they keep of themselves a step
Modes = tuple[FloatArray, FloatArray, FloatArray]


def as_filter_length(value: Any) -> float:
    """K, or infinity for the whole past; whole numbers stay integers."""
    if isinstance(value, float) and value == math.inf:
        return value
    return _validate.as_integer(value, "filter_length", 1)


@cache
def tables() -> tuple[FloatArray, FloatArray]:
    """Weights over -d on a grid of d, (n_cells + 3, n_modes), and what a mode keeps a step."""
    modes = exponential_modes()
    return modes.grid(), np.exp(-modes.rates)


def no_past(n_batch: int, n: int) -> FloatArray:
    """The modes before the first step."""
    return np.zeros((n_batch, len(tables()[1]), n))


def fade(past: FloatArray, newest: FloatArray) -> FloatArray:
    """The modes (n_batch, n_modes, n) one step on."""
    return tables()[1][:, np.newaxis] * past + newest[:, np.newaxis]


def filtered(past: FloatArray, d: FloatArray) -> FloatArray:
    """sum_{j >= 1} w_j(d) of the value of j - 1 steps before; d of shape (n,) or (n_batch, n)."""
    grid = tables()[0]
    n_cells = len(grid) - 3
    cell = np.clip((2.0 * n_cells * d.real).astype(int), 0, n_cells - 1)
    u = 2.0 * n_cells * d - cell
    below, above, last = u + 1.0, u - 1.0, u - 2.0
    cubic = (
        -u * above * last,
        3.0 * below * above * last,
        -3.0 * below * u * last,
        below * u * above,
    )
    sums = [w[..., np.newaxis] * grid[cell + i] for i, w in enumerate(cubic)]
    weights = -d[..., np.newaxis] * (sums[0] + sums[1] + sums[2] + sums[3]) / 6.0
    value: FloatArray = np.einsum("bmn,nm->bn" if d.ndim == 1 else "bmn,bnm->bn", past, weights)
    return value


def along(x: FloatArray, past: FloatArray) -> tuple[Modes, FloatArray]:
    """What the kernels read of a series (n_steps, n_batch, n) known beforehand; the past left."""
    from memtools.networks.memory_kernels import tabulate

    n_steps, n_batch, n = x.shape
    weights, fading = tables()
    series = np.ascontiguousarray(x.transpose(1, 2, 0)).reshape(-1, n_steps)
    modes = past.transpose(0, 2, 1).reshape(n_batch * n, -1).copy()
    table = np.empty((n_batch * n, n_steps, len(fading)))
    tabulate(series, modes, fading, table)
    return (table.reshape(n_batch, n, n_steps, -1), weights, fading), as_state(modes, n)


def owed_along(shape: tuple[int, int, int]) -> tuple[Modes, Callable[[], FloatArray]]:
    """Room for adjoints of the modes along a series (n_steps, n_batch, n); of the series then."""
    from memtools.networks.memory_kernels import tabulate_backward

    n_steps, n_batch, n = shape
    weights, fading = tables()
    room = np.zeros((n_batch, n, n_steps, len(fading)))

    def of_series() -> FloatArray:
        owed = np.empty((n_batch * n, n_steps))
        tabulate_backward(room.reshape(n_batch * n, n_steps, -1), fading, owed)
        return owed.reshape(n_batch, n, n_steps).transpose(2, 0, 1)

    return (room, weights, fading), of_series


def now(past: FloatArray) -> Modes:
    """What the kernels read and write of modes that go along with the steps; a copy."""
    return np.array(past.transpose(0, 2, 1), order="C"), *tables()


def as_state(modes: FloatArray, n: int) -> FloatArray:
    """The modes, as the kernels left them, as a state."""
    return np.ascontiguousarray(modes.reshape(-1, n, len(tables()[1])).transpose(0, 2, 1))


def of_one(modes: Modes) -> Modes:
    """The modes of one unit without its axes."""
    return modes[0][0, 0], *modes[1:]
