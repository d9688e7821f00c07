"""Laws without turns put on the board: screened on a grid, refined from its best point.

The screening takes the residual sums of every design of the grid on every row.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from memtools._validate import FloatArray
from memtools.decay import grid_kernels, law_kernels
from memtools.decay.board import Board, Found, bic
from memtools.decay.sequences import Flags, Ints, Rows, Sequences
from memtools.decay.smooth_laws import Law

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


_SLOPE_STEP = 1e-4
_HOPE = 0.3  # of the residual sum at the end of a straight step
_ROUND = 50
# laws with a second term that decays by one power more: where it led, another exponent is meant
_LED = (
    law_kernels.POWER,
    law_kernels.FLOOR,
    law_kernels.FRACTIONAL,
    law_kernels.TWO_LANES,
)
_MOST_TURNS = 3  # in the later half of the lags: these laws have none there


@lru_cache(maxsize=256)
def _designs(law: Law, n: int, first: int) -> tuple[Ints, FloatArray, FloatArray, FloatArray]:
    """Lags, how many each stands for, columns and slopes of the law on its grid, their products."""
    lags, times = screening_lags(first, n)
    k = np.arange(first, n + 1.0)
    columns = [law.columns(law.grid, k)]
    for h in _SLOPE_STEP * np.eye(law.grid.shape[1]):
        columns.append((law.columns(law.grid + h, k) - law.columns(law.grid - h, k))[:, :1])
    designs = np.concatenate(columns, axis=1)[..., lags - first]
    size = np.abs(designs).max(axis=2, keepdims=True)
    designs /= np.where(size > 0.0, size, 1.0)
    p = designs.shape[1]
    flat = np.ascontiguousarray(designs.transpose(2, 0, 1).reshape(len(lags), -1))
    return lags, times, flat, column_products(flat, p)


def _screened(law: Law, first: int, y: FloatArray, sigma: FloatArray) -> FloatArray:
    """Residual sums of the grid of a law, at some of the lags in place of all."""
    n = y.shape[1] + first - 1
    lags, times, columns, products = _designs(law, rounded(n), first)
    lags = lags[: np.searchsorted(lags, n, side="right")]
    at, m = lags - first, len(lags)
    p = law.n_columns + law.grid.shape[1]
    return grid_sums(y[:, at], times[:m] / sigma[:, at] ** 2, columns[:m], products[:m], p)


def rounded(n: int) -> int:
    """Lags for which grids are made: those of similar lengths share them."""
    return -(-n // _ROUND) * _ROUND


def hoped(seen: Sequences, law: Law, rows: Rows) -> FloatArray:
    """About what is left after the best step from the grid: slopes as columns of their own."""
    _, y, sigma = seen.fitted(rows)
    return _HOPE * _screened(law, 1, y, sigma)[..., -1].min(axis=1)


def turning(seen: Sequences, rows: Rows) -> Flags:
    """Rows that change sign too often, late, for a law without turns."""
    return np.asarray(seen.late_turns[rows] > _MOST_TURNS)


def possible(seen: Sequences, rows: Rows) -> Flags:
    """Rows that may follow a power law without turns."""
    return ~(turning(seen, rows) | seen.steep[rows])


def fit(board: Board, law: Law, rows: Rows, first: int = 1) -> None:
    """Put the best of the law on these rows on the board."""
    seen = board.sequences
    n = seen.n
    rows = rows[possible(seen, rows)] if law.is_power else rows[~turning(seen, rows)]
    if not len(rows) or n - first + 1 < law.n_params + 3:
        return
    k, y, sigma = seen.fitted(rows, first)
    sums = _screened(law, first, y, sigma)
    # the slopes as columns of their own: about what is left after the best step from the grid
    hoped = bic(_HOPE * sums[..., -1].min(axis=1), law.n_params + first - 1, n)
    near = np.flatnonzero(hoped < board.limit(law.own, rows))
    if not len(near):
        return
    rows, y, sigma = rows[near], y[near], sigma[near]
    of_columns = sums[near, :, law.n_columns - 1]
    if law.starts == 1:
        starts = of_columns.argmin(axis=1)[:, np.newaxis]
    else:
        starts = np.argsort(of_columns, axis=1)[:, : law.starts]
    theta, found, rss, variance = law.refined(law.grid[starts], k, y, sigma)
    visible = seen.visible[rows]
    reach = np.maximum(visible, first).astype(float)
    kind = law.kind(theta, found, k, reach)
    again = np.flatnonzero(kind == "")
    if len(again) and law.code in _LED and law.n_columns > 1:
        # the second term led: start from its exponent
        other = theta[again]
        other[:, law.rate] += 1.0
        tried = law.refined(other[:, np.newaxis], k, y[again], sigma[again])
        for whole, part in zip((theta, found, rss, variance), tried, strict=True):
            whole[again] = part
        kind = law.kind(theta, found, k, reach)
    rate = theta[:, law.rate] if law.rate_at is None else law.rate_at(theta, visible)
    n_params = np.full(len(rows), law.n_params + first - 1)
    at_edge = (theta[:, law.rate] <= law.low[law.rate]) | (theta[:, law.rate] >= law.high[law.rate])
    board.add(
        Found(
            law=law.name,
            rows=rows,
            rss=rss,
            bic=np.where((kind == "") | at_edge, np.inf, bic(rss, n_params, n)),
            kind=kind,
            rate=rate,
            variance=variance[:, law.rate],
            n_params=n_params,
            first=first,
            floor=None if law.floor is None else found[:, law.floor],
            draw=lambda i: found[i] @ law.columns(theta[i : i + 1], k)[0],
        )
    )


def nothing(board: Board) -> None:
    """No law at all: what is seen is noise."""
    seen, rows = board.sequences, np.arange(len(board.sequences))
    rss = ((seen.values / seen.sigma) ** 2).sum(axis=1)
    none = np.full(len(rows), np.nan)
    board.add(
        Found(
            law="nothing",
            rows=rows,
            rss=rss,
            bic=bic(rss, 0, seen.n),
            kind=np.full(len(rows), "flat").astype("U12"),
            rate=none,
            variance=none,
            n_params=np.zeros(len(rows), dtype=int),
            draw=lambda i: np.zeros(seen.n),
        )
    )
