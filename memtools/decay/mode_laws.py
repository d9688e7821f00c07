"""Sums of modes z^k, real or complex: found by ESPRIT, then moved to the least squares."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from memtools._validate import FloatArray
from memtools.decay import law_kernels
from memtools.decay.board import Board, Found, Words, bic
from memtools.decay.sequences import Flags, Rows, Sequences

Modes = NDArray[np.complex128]

MOST_MODES = 8
_HOPE = 0.2  # of the residual sum before the modes are moved
_LARGEST = 1.3  # modulus of a mode
_EVEN = 0.1  # |log |z|| times the lags: modes that near the unit circle are tried on it
_DOMINANT = 0.02  # of the late fit: a mode below that share is not the slowest that matters


def window_directions(seen: Sequences, slope: FloatArray, width: int) -> FloatArray:
    """Directions that windows of the flattened rows have in common, the strongest first."""
    n = int(min(seen.n, max(seen.visible.max(), 2 * width)))
    growth = np.minimum(slope[:, np.newaxis] * (seen.lags[:n] - 1.0), 650.0)
    flat = seen.values[:, :n] * np.exp(growth)
    flat /= np.maximum(np.abs(flat).max(axis=1, keepdims=True), 1e-300)
    windows = np.lib.stride_tricks.sliding_window_view(flat, width, axis=1)
    inside = np.arange(windows.shape[1]) <= np.maximum(seen.visible[:, np.newaxis] - width, width)
    windows = np.where(inside[..., np.newaxis], windows, 0.0)
    vectors = np.linalg.eigh(windows.transpose(0, 2, 1) @ windows)[1]
    return np.ascontiguousarray(vectors[..., ::-1])


def slopes(seen: Sequences) -> FloatArray:
    """Rate of the envelope over the visible lags: the decay that ESPRIT is spared."""
    log_size = np.log(np.maximum(seen.envelope, 1e-300))
    weight = (seen.lags <= np.maximum(seen.visible, 2)[:, np.newaxis]).astype(float)
    total = weight.sum(axis=1, keepdims=True)
    k = seen.lags - (weight * seen.lags).sum(axis=1, keepdims=True) / total
    rate = -(weight * k * log_size).sum(axis=1) / (weight * k * k).sum(axis=1)
    return np.asarray(np.clip(rate, 0.0, 600.0 / np.maximum(seen.visible, 1)))


def esprit(directions: FloatArray, n_modes: int, slope: FloatArray, n_lags: int) -> Modes:
    """Modes of the shift that the first directions have in common: (rows, n_modes)."""
    v = directions[..., :n_modes]
    ahead, last = v[:, :-1].transpose(0, 2, 1) @ v[:, 1:], v[:, -1]
    share = np.maximum(1.0 - (last**2).sum(axis=1), 1e-12)[:, np.newaxis, np.newaxis]
    outer = last[:, :, np.newaxis] * last[:, np.newaxis, :]
    turn = ahead + outer @ ahead / share
    z = np.linalg.eigvals(turn).astype(complex) * np.exp(-slope)[:, np.newaxis]
    size, limit = np.abs(z), np.exp(min(0.3, 500.0 / n_lags))
    return np.where(size > limit, z * (limit / np.maximum(size, limit)), z)


def fit(board: Board, rows: Rows, starts: list[Modes], n_steps: int = 3) -> None:
    """Put the best sum of modes on the board, free and with those near 1 put on it.

    Of several starts (rows, modes) the one that fits best as it is is taken.
    """
    seen, n, n_modes = board.sequences, board.sequences.n, starts[0].shape[1]
    if not len(rows) or n < 2 * n_modes + 3:
        return
    k, y, sigma = seen.fitted(rows)
    sums = [law_kernels.polished(z, y, sigma, 0, False, _LARGEST)[2] for z in starts]
    start = np.stack(starts)[np.argmin(sums, axis=0), np.arange(len(rows))]
    hoped = bic(_HOPE * np.min(sums, axis=0), 2 * n_modes - 1, n)
    worth = np.flatnonzero(hoped < board.limit(rows=rows))
    if not len(worth):
        return
    rows, y, sigma = rows[worth], y[worth], sigma[worth]
    z, c, rss, variance = law_kernels.polished(start[worth], y, sigma, n_steps, False, _LARGEST)
    _put(board, rows, z, c, rss, variance, k)
    near = np.abs(np.log(np.maximum(np.abs(z), 1e-300))) * n < _EVEN
    at = np.flatnonzero(near.any(axis=1))
    if len(at):
        on = np.where(near, z / np.maximum(np.abs(z), 1e-300), z)[at]
        polished = law_kernels.polished(on, y[at], sigma[at], n_steps, True, _LARGEST)
        z, c, rss, variance = polished
        _put(board, rows[at], z, c, rss, variance, k)


def _put(
    board: Board,
    rows: Rows,
    z: Modes,
    c: FloatArray,
    rss: FloatArray,
    variance: FloatArray,
    k: FloatArray,
) -> None:
    size = np.abs(z)
    even = np.abs(size - 1.0) < 1e-12
    n_params = 2 * z.shape[1] - (even & (z.imag >= 0.0)).sum(axis=1)
    rate, spread, frequency = _slowest(z, c, variance, k)
    kind, floor, settled = _kind(z, c, k, rate)
    grows = kind == "growing"
    kind = np.where(grows & ~_seen_growing(board.sequences.envelope[rows], rate), "", kind)
    total = bic(rss, n_params, board.sequences.n)
    board.add(
        Found(
            law="exponentials",
            rows=rows,
            rss=rss,
            bic=np.where(np.isfinite(rss), total, np.inf),
            kind=kind,
            rate=np.where(np.isfinite(settled), settled, rate),
            variance=spread,
            n_params=n_params,
            frequency=frequency,
            floor=floor,
            draw=lambda i: c[i] @ law_kernels.mode_columns(z[i : i + 1], len(k))[0],
        )
    )


def _seen_growing(size: FloatArray, rate: FloatArray) -> Flags:
    """Whether the envelope grows over the last quarter, half as fast as a mode at least."""
    n = size.shape[1]
    return np.log(size[:, -1] / np.maximum(size[:, -n // 4], 1e-300)) > -rate * n / 8.0


def _sizes(z: Modes, c: FloatArray) -> FloatArray:
    """Amplitude of each mode at the first lag; both of a pair have the pair's."""
    other = np.where(z.imag > 0.0, np.roll(c, -1, axis=1), np.roll(c, 1, axis=1))
    return np.hypot(c, np.where(z.imag == 0.0, 0.0, other))


def _slowest(
    z: Modes, c: FloatArray, variance: FloatArray, k: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Rate, its variance and the frequency of the slowest mode that carries something."""
    log_size = np.log(np.maximum(np.abs(z), 1e-300))
    sizes = _sizes(z, c)
    # at its most a slow mode stands out at the last lag
    late = np.log(np.maximum(sizes, 1e-300)) + log_size * (k[-1] - k[0])
    carries = late >= late.max(axis=1, keepdims=True) + np.log(_DOMINANT)
    pick = np.argmax(np.where(carries & (z.imag >= 0.0), log_size, -np.inf), axis=1)
    at = (np.arange(len(z)), pick)
    spread = np.where(np.abs(log_size[at]) < 1e-12, 0.0, variance[at])  # one put on the circle
    return -log_size[at], spread, np.abs(np.angle(z[at]))


def _kind(
    z: Modes, c: FloatArray, k: FloatArray, rate: FloatArray
) -> tuple[Words, FloatArray, FloatArray]:
    """Verdict, the floor (a mode at 1 smaller than the rest), and the rate of the rest."""
    level = np.abs(z - 1.0) < 1e-12
    sizes = _sizes(z, c)
    floor = np.where(level, c, 0.0).sum(axis=1)
    rest = np.where(level, 0.0, sizes)
    below = level.any(axis=1) & (np.abs(floor) < rest.sum(axis=1)) & (np.abs(rate) < 1e-12)
    log_size = np.where(level | (rest == 0.0), -np.inf, np.log(np.maximum(np.abs(z), 1e-300)))
    slow = -log_size.max(axis=1)
    below &= slow > 0.05 / len(k)
    kind = np.where(rate > 0.0, "exponential", "growing")
    kind = np.where((np.abs(rate) < 1e-12) & ~below, "persistent", kind)
    kind = np.where(below, "exponential", kind).astype("U12")
    return kind, np.where(below, floor, 0.0), np.where(below, slow, np.inf)
