"""Weights that turn: power laws k^-a cos(l k + phase), with corrections in 1 / k, and patterns that
repeat, with noise on them.
"""

from __future__ import annotations

import numpy as np

from memtools._validate import FloatArray
from memtools.decay import law_kernels
from memtools.decay.board import Board, Found, bic, chosen
from memtools.decay.sequences import Rows, Sequences
from memtools.decay.smooth_laws import leading

_LEAST_TURNS = 1.5  # over the visible lags: fewer are no cycle
_LEAST_SIGNS = 2  # changes of sign
_PADDED = 4


def _start(seen: Sequences, first: int) -> FloatArray:
    """Exponent by the slope of the envelope, frequency by the peak of the flattened weights."""
    k = seen.lags[first - 1 :]
    inside = k <= np.maximum(seen.visible, first + 8)[:, np.newaxis]
    log_k = np.log(k)
    total = inside.sum(axis=1, keepdims=True)
    centred = log_k - (inside * log_k).sum(axis=1, keepdims=True) / total
    log_size = np.log(np.maximum(seen.envelope[:, first - 1 :], 1e-300))
    a = -(inside * centred * log_size).sum(axis=1) / (inside * centred**2).sum(axis=1)
    flat = np.where(inside, seen.values[:, first - 1 :], 0.0)
    flat = flat / np.maximum(seen.envelope[:, first - 1 :], 1e-300)
    size = _PADDED * len(k)
    power = np.abs(np.fft.rfft(flat, size, axis=1)) ** 2
    least = int(np.ceil(_LEAST_TURNS * _PADDED))
    peak = least + np.argmax(power[:, least:], axis=1)
    peak = np.minimum(peak, power.shape[1] - 2)
    rows = np.arange(len(seen))
    left, middle, right = (np.log(power[rows, peak + i] + 1e-300) for i in (-1, 0, 1))
    bend = np.minimum(left - 2.0 * middle + right, -1e-9)
    shift = np.clip(0.5 * (left - right) / bend, -0.5, 0.5)  # the top of the parabola
    return np.column_stack([np.clip(a, 0.05, 4.0), 2.0 * np.pi * (peak + shift) / size])


def fit(board: Board, rows: Rows, n_columns: int, first: int = 1, shift: float = 0.0) -> None:
    """Put the best turning power law on the board."""
    n = board.sequences.n
    rows = rows[~board.sequences.steep[rows]]
    shown = board.sequences.lags <= board.sequences.visible[rows, np.newaxis]
    signs = np.sign(board.sequences.values[rows]) * shown
    rows = rows[(signs[:, 1:] * signs[:, :-1] < 0.0).sum(axis=1) >= _LEAST_SIGNS]
    seen = board.sequences.take(rows)
    n_params = 2 + 2 * n_columns + first - 1
    if not len(rows) or n < n_params + 6:
        return
    k, y, sigma = board.sequences.fitted(rows, first)
    start = _start(seen, first)[:, np.newaxis]
    low, high = np.array([0.02, 0.0]), np.array([6.0, np.pi])
    law = law_kernels.TURNING, shift, 2 * n_columns
    theta, c, rss, variance = law_kernels.refined(*law, start, k, y, sigma, low, high, 8)
    reach = np.maximum(seen.visible, first).astype(float)
    sizes = np.hypot(c[:, :n_columns], c[:, n_columns:])
    a, frequency = theta.T
    turns = frequency * np.maximum(seen.visible, 1) / (2.0 * np.pi)
    sound = (a > 0.02) & (a < 6.0) & (turns > _LEAST_TURNS) & (frequency < np.pi)
    sound &= leading(sizes, k[0], reach)
    board.add(
        Found(
            law="turning power law",
            rows=rows,
            rss=rss,
            bic=np.where(sound, bic(rss, n_params, n), np.inf),
            kind=chosen(sound, "polynomial", ""),
            rate=a,
            variance=variance[:, 0],
            n_params=np.full(len(rows), n_params),
            first=first,
            frequency=frequency,
            draw=lambda i: c[i] @ law_kernels.law_columns(*law[:2], theta[i : i + 1], k, law[2])[0],
        )
    )


_LASTS = 0.5  # late envelope over the early one: less is a decay
_CYCLES = 4  # at least that many are seen


def fit_pattern(board: Board, rows: Rows) -> None:
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
