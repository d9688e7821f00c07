"""Laws of the size alone, for weights that look random: many modes at once, gates that move.

Where no law follows the weights themselves, their size may still follow one: as if drawn with
the standard deviation s_k, log s_k a straight line in k or in log k.  Or each weight is the last
one times a random factor.
"""

from __future__ import annotations

import numpy as np

from memtools._validate import FloatArray
from memtools.decay.board import Board, Found, Words, bic, chosen
from memtools.decay.sequences import Rows, Sequences
from memtools.decay.size_kernels import scored

_STEPS = 24
_STEEPEST = 4.0  # exponent of a size: in few lags an exponential looks like a steeper one
_ONE_SIGN = 0.95  # share of the visible weights
_LEAST_SEEN = 16
_LEAST = 1e-6  # of the largest weight: smaller sizes are taken as that


def fit_sizes(board: Board, rows: Rows, first: int = 1) -> None:
    """Put on the board sizes that are constant, exponential, a power law, and tempered."""
    if not len(rows):
        return
    seen, n = board.sequences.take(rows), board.sequences.n
    k, y = seen.lags[first - 1 :], seen.values[:, first - 1 :]
    square, sigma = y**2 + (_LEAST * seen.envelope[:, first - 1 :]) ** 2, seen.sigma[:, first - 1 :]
    reference = 2.0 * np.log(sigma).sum(axis=1)
    late = np.mean(square[:, -(n // 4) :], axis=1, keepdims=True)
    if seen.known:
        floors = [(seen.noise[:, first - 1 :] ** 2, 0)]
    else:
        floors = [(0.0 * square, 0), (np.broadcast_to(late, square.shape), 1)]
    log_k = np.log(k)
    columns = {"flat": [], "exponential": [k], "power": [log_k], "tempered": [log_k, k]}
    for name, parts in columns.items():
        x = np.column_stack(
            [np.ones(len(k)), *((part - part.mean()) / np.ptp(part) for part in parts)]
        )
        for floor, extra in floors:
            beta = scored(x, square, np.ascontiguousarray(floor), _STEPS)
            size = np.exp(np.clip(beta @ x.T, -600.0, 50.0)) + floor
            likelihood = (np.log(size) + square / size - 1.0).sum(axis=1) - reference
            n_params = x.shape[1] + extra + first - 1
            slope = -0.5 * beta[:, -1] / (np.ptp(parts[-1]) if parts else 1.0)
            total = likelihood + n_params * np.log(n)
            _put(board, rows, name, slope, beta, total, n_params, first, k, size)


def _put(
    board: Board,
    rows: Rows,
    name: str,
    slope: FloatArray,
    beta: FloatArray,
    total: FloatArray,
    n_params: int,
    first: int,
    k: FloatArray,
    size: FloatArray,
) -> None:
    kind = {
        "flat": chosen(slope == slope, "flat", ""),
        "exponential": chosen(slope > 0.0, "exponential", "growing"),
        "power": np.where(
            slope > _STEEPEST,
            "",
            np.where(slope > 0.02, "polynomial", np.where(slope < -0.02, "growing", "flat")),
        ),
        "tempered": chosen(slope * len(k) > 0.5, "exponential", ""),
    }[name]
    board.add(
        Found(
            law=f"size, {name}",
            rows=rows,
            rss=np.full(len(rows), np.inf),
            bic=np.where(kind == "", np.inf, total),
            kind=kind.astype("U12"),
            rate=slope,
            variance=np.full(len(rows), np.nan),
            n_params=np.full(len(rows), n_params),
            first=first,
            draw=lambda i: np.sqrt(size[i]),
        )
    )


def fit_steps(board: Board, rows: Rows) -> None:
    """Each weight the last one times rho or 1 - a / (k + s), and a random error."""
    if not len(rows):
        return
    seen, n = board.sequences.take(rows), board.sequences.n
    k, sigma = seen.lags[1:], seen.sigma[:, 1:]
    y, before = seen.values[:, 1:] / sigma, seen.values[:, :-1] / sigma
    rho = (before * y).sum(axis=1) / np.maximum((before**2).sum(axis=1), 1e-300)
    rss = ((y - rho[:, np.newaxis] * before) ** 2).sum(axis=1)
    shown = seen.lags <= seen.visible[:, np.newaxis]
    signs = np.abs((shown * np.sign(seen.values)).sum(axis=1))
    steady = (signs > _ONE_SIGN * seen.visible) & (seen.visible >= _LEAST_SEEN)
    rate = -np.log(np.clip(rho, 1e-300, None))
    kind = np.where(steady & (rate * n > 0.05), "exponential", "")
    variance = 1.0 / np.maximum((before**2).sum(axis=1) * rho**2, 1e-300)
    _put_steps(board, rows, rss, 2, rate, variance, kind.astype("U12"), seen)
    for shift in (0.0, 1.0):
        share = before / (k + shift)
        a = -(share * (y - before)).sum(axis=1) / np.maximum((share**2).sum(axis=1), 1e-300)
        a = np.clip(a, -4.0, 4.0)
        rss = ((y - before + a[:, np.newaxis] * share) ** 2).sum(axis=1)
        variance = 1.0 / np.maximum((share**2).sum(axis=1), 1e-300)
        _put_steps(
            board, rows, rss, 3, a, variance, chosen(steady & (a > 0.02), "polynomial", ""), seen
        )


def _put_steps(
    board: Board,
    rows: Rows,
    rss: FloatArray,
    n_params: int,
    rate: FloatArray,
    variance: FloatArray,
    kind: Words,
    seen: Sequences,
) -> None:
    total = bic(rss, n_params, seen.n)
    board.add(
        Found(
            law="random factors",
            rows=rows,
            rss=rss,
            bic=np.where(kind == "", np.inf, total),
            kind=kind,
            rate=rate,
            variance=variance,
            n_params=np.full(len(rows), n_params),
            draw=lambda i: seen.values[i],
        )
    )
