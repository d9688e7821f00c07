"""Power laws that turn: k^-a cos(l k + phase), with corrections in 1 / k."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from memtools._validate import FloatArray
from memtools.decay.board import Board, Found, bic, chosen
from memtools.decay.least_squares import Basis, refine
from memtools.decay.sequences import Rows, Sequences
from memtools.decay.smooth_laws import leading

_LEAST_TURNS = 1.5  # over the visible lags: fewer are no cycle
_PADDED = 4


@lru_cache
def _basis(n_columns: int, shift: float) -> Basis:
    def basis(theta: FloatArray, k: FloatArray) -> FloatArray:
        log_t = np.log((k + shift) / (k[0] + shift))
        size = np.exp(-(theta[:, :1, np.newaxis] + np.arange(n_columns)) * log_t[:, np.newaxis])
        turn = (theta[:, 1:] * k)[..., np.newaxis]
        return np.concatenate([size * np.cos(turn), size * np.sin(turn)], axis=2)

    return basis


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
    seen, n = board.sequences.take(rows), board.sequences.n
    n_params = 2 + 2 * n_columns + first - 1
    if not len(rows) or n < n_params + 6:
        return
    k, y, sigma = seen.lags[first - 1 :], seen.values[:, first - 1 :], seen.sigma[:, first - 1 :]
    start, basis = _start(seen, first), _basis(n_columns, shift)
    low, high = np.array([0.02, 0.0]), np.array([6.0, np.pi])
    theta, c, rss, variance = refine(basis, start, k, y, sigma, low, high, n_steps=8)
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
            draw=lambda i: (basis(theta[i : i + 1], k) @ c[i])[0],
        )
    )
