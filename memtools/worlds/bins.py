"""Fourier ordinates in bins: single ones at low frequencies, means of neighbours above."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy.fft

from memtools._validate import FloatArray

_SINGLE = 32
# The widest bin holds this part of the ordinates.
_NUMBER = 96
_LONG = 20_000


@dataclass(frozen=True, eq=False)
class Bins:
    """Where the ordinates j = 1..n_obs // 2 of a series fall.

    Attributes
    ----------
    starts : ndarray of int
        First ordinate of each bin, from 0.
    frequencies : ndarray
        Mean frequency of a bin.
    weights : ndarray
        Share of the ordinates in a bin: the Nyquist frequency counts half, all sum to one.
    """

    n_obs: int
    starts: np.ndarray
    frequencies: FloatArray
    weights: FloatArray

    def means(self, power: FloatArray) -> FloatArray:
        """Weighted mean of the ordinates (..., n_obs // 2) in each bin."""
        sums = np.add.reduceat(power, self.starts, axis=-1)
        counts = np.diff(self.starts, append=self.n_obs // 2).astype(float)
        if self.n_obs % 2 == 0:
            sums[..., -1] -= 0.5 * power[..., -1]
            counts[-1] -= 0.5
        return sums / counts


@lru_cache(maxsize=64)
def bins_of(n_obs: int, number: int = _NUMBER, single: int = _SINGLE) -> Bins:
    """Bins of a series of n_obs observations: the lowest alone, none wider than 1 / number."""
    last = n_obs // 2
    widest = max(1, round(last / number))
    relative = 16 if n_obs <= _LONG else 32
    starts, at = [], 0
    while at < last:
        starts.append(at)
        at += min(max(1, at // relative) if at >= single else 1, widest)
    if len(starts) > 1 and last - starts[-1] < widest // 2:
        starts.pop()
    first = np.array(starts)
    counts = np.diff(first, append=last).astype(float)
    middle = first + 1.0 + 0.5 * (counts - 1.0)
    if n_obs % 2 == 0:
        counts[-1] -= 0.5
    return Bins(n_obs, first, middle * (2.0 * math.pi / n_obs), counts / counts.sum())


def rows_power(rows: FloatArray) -> FloatArray:
    """|DFT|^2 / n at j = 1..n // 2 of each row: the periodogram but for 2 pi."""
    transform = scipy.fft.rfft(rows, axis=-1)[..., 1:]
    n_obs = rows.shape[-1]
    return (transform.real**2 + transform.imag**2)[..., : n_obs // 2] / n_obs
