"""Filters of inputs, which are known before the first step: their values as polynomials in d.

With u = 4 d - 1, w_j(d) = -d sum_k p_j,k u^k for 0 < d < 1/2: 16 terms are exact to rounding where
the filter is cut, and hold 1.2e-7 of every weight of the whole past.  So is the filter's value at
step t, -d sum_k a_t,k u^k: a_t are sums over the inputs that no parameter changes.  They are made
once and kept for all epochs of a training; a step of a moving d then costs 16 multiplications.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import scipy.fft
from numpy.polynomial import chebyshev

from memtools import fractional
from memtools._validate import FloatArray
from memtools.networks.memory_filters import (
    CutPast,
    MemoryFilter,
    WholePast,
    modes_along,
    tables,
    weighted,
)
from memtools.networks.tapes import by_channel, extend, newest

N_TERMS = 16
_MOST_KEPT = 1 << 26  # bytes
_MOST_AT_HAND = 1 << 18  # numbers
# d (n_steps, n_batch, n) and the adjoints of the values -> those of the inputs
OfInputs = Callable[[FloatArray, FloatArray], FloatArray]


def input_filter_of(length: float) -> InputFilter:
    """The filter of as many lags."""
    return WholeInputs() if math.isinf(length) else CutInputs(int(length))


class InputFilter(MemoryFilter):
    """As MemoryFilter, of inputs."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[FloatArray, FloatArray, FloatArray]] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_kept": {}}

    def laid_out(self, x: FloatArray, past: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The terms of a series (n_steps, n_batch, n), (n_batch, n, n_steps, 16); the past left.

        Those of the last two series, training's and its first part, are kept.
        """
        if past.any():
            return self._lay(x, past)
        kept = self._kept.get(len(x))
        if kept is None or not np.array_equal(kept[0], x):
            table, left = self._lay(x, past)
            kept = x.copy(), table, left
            if table.nbytes <= _MOST_KEPT:
                self._kept = {**dict([*self._kept.items()][-1:]), len(x): kept}
        return kept[1], kept[2].copy()

    @abstractmethod
    def _lay(self, x: FloatArray, past: FloatArray) -> tuple[FloatArray, FloatArray]: ...

    @abstractmethod
    def owed(self, adjoints: FloatArray) -> FloatArray:
        """From adjoints of the terms to those of the inputs, (n_steps, n_batch, n)."""

    def along_d(self, table: FloatArray, d: float) -> tuple[FloatArray, FloatArray]:
        """Values of one series at a constant d, and their derivatives in d."""
        u, k = 4.0 * d - 1.0, np.arange(N_TERMS)
        powers = u**k
        slopes = np.append(0.0, k[1:] * powers[:-1])
        values, changes = (table @ np.stack([powers, slopes], axis=1)).T
        return -d * values, -(values + 4.0 * d * changes)

    def of_inputs(self, d: FloatArray, value: FloatArray) -> FloatArray:
        """Adjoints of the inputs, given d and the adjoints of the values, (n_steps, n_batch, n)."""
        powers = np.vander((4.0 * d - 1.0).ravel(), N_TERMS, increasing=True)
        adjoints = (-d * value).reshape(-1, 1) * powers
        return self.owed(adjoints.reshape(*d.shape, N_TERMS).transpose(1, 2, 0, 3))


class CutInputs(InputFilter, CutPast):
    """The newest K lags."""

    def __init__(self, length: int) -> None:
        InputFilter.__init__(self)
        CutPast.__init__(self, length)

    def _lay(self, x: FloatArray, past: FloatArray) -> tuple[FloatArray, FloatArray]:
        n_past, series = past.shape[1], extend(past, len(x))
        series[n_past:] = x
        windows = np.lib.stride_tricks.sliding_window_view(by_channel(series), self.length, axis=2)
        terms = _of_lags(self.length)[::-1]
        table = np.empty((*windows.shape[:3], N_TERMS))
        for part in _parts(len(x), self.length):
            np.matmul(np.ascontiguousarray(windows[:, :, part]), terms, out=table[:, :, part])
        return table, newest(series, n_past)

    def owed(self, adjoints: FloatArray) -> FloatArray:
        from memtools.networks.lane_kernels import owe_lags

        n_batch, n, n_steps, _ = adjoints.shape
        owed = np.zeros((n_batch * n, self.length - 1 + n_steps))
        flat = np.ascontiguousarray(adjoints).reshape(n_batch * n, n_steps, N_TERMS)
        owe_lags(flat, _of_lags(self.length), owed)
        return owed[:, self.length - 1 :].reshape(n_batch, n, n_steps).transpose(2, 0, 1)


class WholeInputs(InputFilter, WholePast):
    """All lags."""

    def value(self, window: FloatArray, d: FloatArray) -> FloatArray:
        u, weights = 4.0 * d[..., np.newaxis] - 1.0, np.zeros((*d.shape, window.shape[1]))
        for terms in _of_modes().T[::-1]:
            weights = weights * u + terms
        return weighted(window, -d[..., np.newaxis] * weights)

    def _lay(self, x: FloatArray, past: FloatArray) -> tuple[FloatArray, FloatArray]:
        _, n_batch, n = x.shape
        table, fading = np.empty((n_batch, n, len(x), N_TERMS)), tables()[1]
        for part in _parts(len(x), len(fading)):
            modes, _, past = modes_along(x[part], past)
            np.matmul(modes, _of_modes(), out=table[:, :, part])
        return table, past

    def owed(self, adjoints: FloatArray) -> FloatArray:
        from memtools.networks.lane_kernels import tabulate_backward

        n_batch, n, n_steps, _ = adjoints.shape
        of_modes = (adjoints @ _of_modes().T).reshape(n_batch * n, n_steps, -1)
        owed = np.empty((n_batch * n, n_steps))
        tabulate_backward(of_modes, tables()[1], owed)
        return owed.reshape(n_batch, n, n_steps).transpose(2, 0, 1)


def _parts(n_steps: int, width: int) -> list[slice]:
    """Steps whose rows of that width are at hand at a time."""
    size = max(1, _MOST_AT_HAND // width)
    return [slice(start, start + size) for start in range(0, n_steps, size)]


@cache
def _nodes() -> FloatArray:
    """d at Chebyshev's points."""
    return (np.cos(np.pi * (np.arange(N_TERMS) + 0.5) / N_TERMS) + 1.0) / 4.0


def _terms(values: FloatArray) -> FloatArray:
    """From values at the nodes, (16, size), to terms, (size, 16).

    By Chebyshev's coefficients, small in high orders: a product of both matrices loses digits.
    """
    found = scipy.fft.dct(values, axis=0) / N_TERMS
    found[0] /= 2.0
    each = [chebyshev.cheb2poly(row) for row in np.eye(N_TERMS)]
    to_powers = np.array([np.pad(row, (0, N_TERMS - len(row))) for row in each])
    return np.ascontiguousarray(found.T @ to_powers)


@cache
def _of_lags(n_lags: int) -> FloatArray:
    """p_j,k of lags 1..K, (K, 16)."""
    d = _nodes()
    return _terms(fractional.weights(d, n_lags + 1)[:, 1:] / -d[:, np.newaxis])


@cache
def _of_modes() -> FloatArray:
    """Likewise of the weights of the modes, (n_modes, 16)."""
    modes = fractional.exponential_modes()
    return _terms(np.array([modes.weights(float(d)) / -d for d in _nodes()]))
