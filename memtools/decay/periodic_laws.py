"""Patterns that repeat, with noise on them."""

from __future__ import annotations

import numpy as np

from memtools.decay.board import Board, Found, bic
from memtools.decay.sequences import Rows

_LASTS = 0.5  # late envelope over the early one: less is a decay
_CYCLES = 4  # at least that many are seen


def fit(board: Board, rows: Rows) -> None:
    """Put the mean of all cycles of the best period on the board."""
    size, n = board.sequences.envelope[rows], board.sequences.n
    late, early = size[:, -n // 4 :].max(axis=1), size[:, : n // 2].max(axis=1)
    rows = rows[late > _LASTS * early]
    if not len(rows):
        return
    seen = board.sequences.take(rows)
    best = np.full(len(rows), np.inf)
    rss, periods = best.copy(), np.zeros(len(rows), dtype=int)
    for period in range(2, n // _CYCLES + 1):
        left = ((seen.values - _pattern(seen.values, period)) / seen.sigma) ** 2
        total = bic(left.sum(axis=1), period + 1, n)
        better = total < best
        best[better], rss[better], periods[better] = total[better], left.sum(axis=1)[better], period
    none = np.zeros(len(rows))
    board.add(
        Found(
            law="a pattern that repeats",
            rows=rows,
            rss=rss,
            bic=best,
            kind=np.full(len(rows), "persistent").astype("U12"),
            rate=none,
            variance=none,
            n_params=periods + 1,
            frequency=2.0 * np.pi / periods,
            draw=lambda i: _pattern(seen.values[i : i + 1], int(periods[i]))[0],
        )
    )


def _pattern(values: np.ndarray, period: int) -> np.ndarray:
    """The mean over cycles of each row, repeated."""
    n = values.shape[1]
    whole = n // period * period
    mean = values[:, :whole].reshape(len(values), -1, period).mean(axis=1)
    return np.tile(mean, (1, n // period + 1))[:, :n]
