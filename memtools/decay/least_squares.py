"""Residual sums of every design of a grid on every row."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from memtools._validate import FloatArray
from memtools.decay import grid_kernels
from memtools.decay.sequences import Ints

_DENSE, _SCREENED = 16, 48  # lags all used, and about all lags used, where only the start is sought


def grid_sums(
    values: FloatArray, weight: FloatArray, columns: FloatArray, products: FloatArray, p: int
) -> FloatArray:
    """Weighted residual sums (rows, designs, p); entry [..., j] is of the first j + 1 columns.

    The designs are the same for all rows, `columns` (n, designs times p): the normal equations
    of all are two products of matrices.
    """
    n_rows, n_designs = len(values), columns.shape[1] // p
    gram = (weight @ products).reshape(n_rows, n_designs, -1)
    moment = ((weight * values) @ columns).reshape(n_rows, n_designs, p)
    return grid_kernels.grid_sums(gram, moment, (weight * values**2).sum(axis=1), p)


def column_products(columns: FloatArray, p: int) -> FloatArray:
    """Products of the columns of each design, for `grid_sums`: (n, designs times pairs)."""
    each = columns.reshape(len(columns), -1, p)
    pairs = [each[..., i] * each[..., j] for i in range(p) for j in range(i, p)]
    return np.stack(pairs, axis=-1).reshape(len(columns), -1)


@lru_cache
def screening_lags(first: int, n: int) -> tuple[Ints, FloatArray]:
    """Some of the lags first..n, denser where laws bend, and how many each stands for."""
    k = np.arange(first, n + 1)
    if len(k) <= _SCREENED:
        return k, np.ones(len(k))
    late = np.geomspace(_DENSE, len(k), _SCREENED - _DENSE + 1).round().astype(int)
    edges = np.unique(np.concatenate([np.arange(_DENSE), late]))
    return k[(edges[:-1] + edges[1:] - 1) // 2], np.diff(edges) * 1.0
