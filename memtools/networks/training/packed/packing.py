"""Sequences of unequal lengths without their padding."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]  # of float32 or float64


class Packing:
    """Where the steps of sequences, the longest first, lie in one array of rows.

    Parameters
    ----------
    lengths : ndarray of int, shape (n_batch,)
        Not increasing, the last at least 1.

    Attributes
    ----------
    n_batch, n_rows : int
    mask : ndarray of bool, shape (n_steps, n_batch)
        ``padded[mask]`` are the rows.
    offsets : ndarray of int, shape (n_steps + 1,)
        First row of each step.
    steps : list of (rows, before, after, n)
        For each step its rows, and those of the states before and after it in an array that
        starts with the `n_batch` states before the first step; n is their number.
    before : ndarray of int, shape (n_rows,)
        Row of the state before each row, in that array.
    """

    def __init__(self, lengths: Array) -> None:
        self.mask = np.arange(lengths[0])[:, np.newaxis] < lengths
        counts = self.mask.sum(axis=1)
        self.n_batch, self.n_rows = len(lengths), int(counts.sum())
        self.offsets = np.concatenate([[0], np.cumsum(counts)])
        starts = np.concatenate([[0], self.n_batch + self.offsets[:-2]])
        places = [*zip(self.offsets.tolist(), starts.tolist(), counts.tolist(), strict=False)]
        self.before = np.concatenate([np.arange(start, start + n) for _, start, n in places])
        self.steps = [
            (
                slice(first, first + n),
                slice(start, start + n),
                slice(self.n_batch + first, self.n_batch + first + n),
                n,
            )
            for first, start, n in places
        ]

    def states(self, n: int, dtype: Any) -> Array:
        """Zero states before the first step, and room for those after each row."""
        return np.zeros((self.n_batch + self.n_rows, n), dtype)
