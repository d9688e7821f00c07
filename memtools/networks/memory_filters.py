"""A memory filter's past: K lags, or the whole of it by modes that any d shares.

The past is a part of a cell's state.  Cut, it is the K last values, the newest first,
(n_batch, K, n).  Whole, it is (n_batch, n_modes, n): S_t = exp(-s) S_{t-1} + x_t, and the filter's
value is sum_m c_m(d) S_t,m, the weights c_m(d) / d interpolated by cubics in d.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from memtools import _validate, fractional
from memtools._validate import FloatArray
from memtools.networks.tapes import by_channel, extend, newest

# what a kernel reads or writes
Reads = Any
# room for adjoints of the modes of n steps, and those of the series out of it
RoomOf = Callable[[int], tuple[FloatArray, Callable[[], FloatArray]]]


def as_filter_length(value: Any) -> float:
    """K, or infinity for the whole past; whole numbers stay integers."""
    if isinstance(value, float) and value == math.inf:
        return value
    return _validate.as_integer(value, "filter_length", 1)


def filter_of(length: float) -> MemoryFilter:
    """The filter of as many lags."""
    return WholePast() if math.isinf(length) else CutPast(int(length))


class MemoryFilter(ABC):
    """sum_{j >= 1} w_j(d) of the value of j - 1 steps before, over so many lags.

    Attributes
    ----------
    length : float
        K, or infinity.
    inverse : ndarray
        1 / j for lags j = 1..K, as the kernels of a moving d take it; of the whole past one.
    """

    length: float
    inverse: FloatArray

    @abstractmethod
    def no_past(self, n_batch: int, n: int, before: int = 0) -> FloatArray:
        """The past before the first step, without the `before` newest lags."""

    @abstractmethod
    def seen(self, value: FloatArray, past: FloatArray) -> tuple[FloatArray, FloatArray]:
        """What the filter reads with the newest value, and the past of the next step."""

    @abstractmethod
    def value(self, window: FloatArray, d: FloatArray) -> FloatArray:
        """The filter of what it reads; d of shape (n,) or (n_batch, n)."""

    @abstractmethod
    def fed(
        self, past: FloatArray, n_steps: int
    ) -> tuple[Reads, Callable[[FloatArray | None], Reads], Callable[[], FloatArray]]:
        """Of a series that the kernel makes itself: reads, room of adjoints, the past left.

        The room holds the adjoints of the past left, if given.
        """

    @abstractmethod
    def owed_past(self, room: Reads) -> FloatArray:
        """Adjoints of the past before the first step."""

    @abstractmethod
    def of_one(self, reads: Reads) -> Reads:
        """Of one unit without its axes."""

    @abstractmethod
    def sum_of_moduli(self, d: float) -> float:
        """sum_j |w_j(d)| over its lags, 0 < d < 1/2."""


class CutPast(MemoryFilter):
    """The newest K lags."""

    def __init__(self, length: int) -> None:
        self.length: int = length
        self.inverse = 1.0 / np.arange(1.0, length + 1.0)

    def no_past(self, n_batch: int, n: int, before: int = 0) -> FloatArray:
        return np.zeros((n_batch, self.length - before, n))

    def seen(self, value: FloatArray, past: FloatArray) -> tuple[FloatArray, FloatArray]:
        window = np.concatenate([value[:, np.newaxis], past], axis=1)
        return window, window[:, :-1]

    def value(self, window: FloatArray, d: FloatArray) -> FloatArray:
        return weighted(window, fractional.weights(d, self.length + 1)[..., 1:])

    def fed(
        self, past: FloatArray, n_steps: int
    ) -> tuple[Reads, Callable[[FloatArray | None], Reads], Callable[[], FloatArray]]:
        series = by_channel(extend(past, n_steps))

        def room_of(after: FloatArray | None) -> FloatArray:
            room = np.zeros_like(series)
            if after is not None:
                room[..., n_steps:] = after[:, ::-1].transpose(0, 2, 1)
            return room

        return series, room_of, lambda: newest(series.transpose(2, 0, 1), self.length)

    def owed_past(self, room: FloatArray) -> FloatArray:
        return newest(room[..., : self.length].transpose(2, 0, 1), self.length)

    def of_one(self, reads: Reads) -> Reads:
        return reads[0, 0]

    def sum_of_moduli(self, d: float) -> float:
        return 1.0 - float(np.prod(1.0 - d * self.inverse))


class WholePast(MemoryFilter):
    """All lags."""

    length = math.inf
    inverse = np.ones(1)

    def no_past(self, n_batch: int, n: int, before: int = 0) -> FloatArray:
        return np.zeros((n_batch, len(tables()[1]), n))

    def seen(self, value: FloatArray, past: FloatArray) -> tuple[FloatArray, FloatArray]:
        modes = tables()[1][:, np.newaxis] * past + value[:, np.newaxis]
        return modes, modes

    def value(self, window: FloatArray, d: FloatArray) -> FloatArray:
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
        return weighted(window, weights)

    def fed(
        self, past: FloatArray, n_steps: int
    ) -> tuple[Reads, Callable[[FloatArray | None], Reads], Callable[[], FloatArray]]:
        modes = np.array(past.transpose(0, 2, 1), order="C")

        def room_of(after: FloatArray | None) -> Reads:
            room = np.zeros_like(past) if after is None else after
            return np.array(room.transpose(0, 2, 1), order="C"), *tables()

        return (modes, *tables()), room_of, lambda: _as_state(modes, past.shape[2])

    def owed_past(self, room: Reads) -> FloatArray:
        return _as_state(room[0], room[0].shape[1])

    def of_one(self, reads: Reads) -> Reads:
        return reads[0][0, 0], *reads[1:]

    def sum_of_moduli(self, d: float) -> float:
        return 1.0


@cache
def tables() -> tuple[FloatArray, FloatArray]:
    """Weights over -d on a grid of d, (n_cells + 3, n_modes), and what a mode keeps a step."""
    modes = fractional.exponential_modes()
    return modes.grid(), np.exp(-modes.rates)


def modes_along(x: FloatArray, past: FloatArray) -> tuple[FloatArray, RoomOf, FloatArray]:
    """Modes (n_batch, n, n_steps, n_modes) of a series (n_steps, n_batch, n), room, past left."""
    from memtools.networks.lane_kernels import tabulate, tabulate_backward

    n_steps, n_batch, n = x.shape
    fading = tables()[1]
    series = np.ascontiguousarray(x.transpose(1, 2, 0)).reshape(-1, n_steps)
    modes = past.transpose(0, 2, 1).reshape(n_batch * n, -1).copy()
    table = np.empty((n_batch * n, n_steps, len(fading)))
    tabulate(series, modes, fading, table)

    def room_of(n_back: int) -> tuple[FloatArray, Callable[[], FloatArray]]:
        room = np.zeros((n_batch, n, n_back, len(fading)))

        def of_series() -> FloatArray:
            owed = np.empty((n_batch * n, n_back))
            tabulate_backward(room.reshape(n_batch * n, n_back, -1), fading, owed)
            return owed.reshape(n_batch, n, n_back).transpose(2, 0, 1)

        return room, of_series

    return table.reshape(n_batch, n, n_steps, -1), room_of, _as_state(modes, n)


def weighted(window: FloatArray, weights: FloatArray) -> FloatArray:
    """Of (n_batch, K, n) with weights (n, K) or (n_batch, n, K)."""
    total: FloatArray = np.einsum(
        "bkn,nk->bn" if weights.ndim == 2 else "bkn,bnk->bn", window, weights
    )
    return total


def _as_state(modes: FloatArray, n: int) -> FloatArray:
    """The modes, as the kernels left them, as a state."""
    return np.ascontiguousarray(modes.reshape(-1, n, len(tables()[1])).transpose(0, 2, 1))
