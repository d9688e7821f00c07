"""Sums of modes z^k, real or complex: found by ESPRIT, then moved to the least squares."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from memtools._validate import FloatArray
from memtools.decay.board import Board, Found, Words, bic
from memtools.decay.least_squares import solve
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


def mode_columns(z: Modes, k: FloatArray) -> FloatArray:
    """Real columns whose span is that of z^k: (rows, n, modes)."""
    log_z = np.log(np.where(z == 0.0, 1e-300, z))
    powers = np.exp(np.maximum(log_z.real, -700.0)[:, np.newaxis] * (k - k[0])[:, np.newaxis])
    turn = log_z.imag[:, np.newaxis] * (k - k[0])[:, np.newaxis]
    return np.asarray(powers * np.where(z.imag[:, np.newaxis] < 0.0, np.sin(turn), np.cos(turn)))


def polish(
    z: Modes, k: FloatArray, y: FloatArray, sigma: FloatArray, n_steps: int, even: bool = False
) -> tuple[Modes, FloatArray, FloatArray, FloatArray]:
    """Gauss-Newton on the modes: (modes, coefficients, residual sums, variances of log |z|).

    With `even` the moduli stay as they are where they are 1.
    """
    target, z = y / sigma, z.copy()
    columns = mode_columns(z, k) / sigma[..., np.newaxis]
    found, sums = solve(columns, target)
    variance = np.full(z.shape, np.inf)
    for turn in range(n_steps + 1):
        slope = _mode_slopes(z, columns, found, k)
        if even:
            held = (np.abs(np.abs(z) - 1.0) < 1e-12) & (z.imag >= 0.0)
            slope = np.where(held[:, np.newaxis], 0.0, slope)
        joint = np.concatenate([columns, slope], axis=-1)
        size = np.sqrt(np.einsum("rnp,rnp->rp", joint, joint))
        size = np.where(size > 0.0, size, 1.0)
        joint /= size[:, np.newaxis]
        inverse = np.linalg.inv(joint.transpose(0, 2, 1) @ joint + 1e-11 * np.eye(joint.shape[2]))
        m = z.shape[1]
        variance = np.einsum("rii->ri", inverse)[:, m:] / size[:, m:] ** 2
        if turn == n_steps:
            break
        moment = (joint.transpose(0, 2, 1) @ target[..., np.newaxis])[..., 0]
        step = (inverse @ moment[..., np.newaxis])[:, m:, 0] / size[:, m:]
        gain = _moved(z, step, columns, found, sums, k, sigma, target)
        if gain < 1e-3:
            n_steps = turn + 1 if turn + 1 < n_steps else n_steps
    return z, found, sums, np.maximum(variance, 0.0)


def _moved(
    z: Modes,
    step: FloatArray,
    columns: FloatArray,
    found: FloatArray,
    sums: FloatArray,
    k: FloatArray,
    sigma: FloatArray,
    target: FloatArray,
) -> float:
    """Move each row as far as it gains, in place; the largest relative gain."""
    upper, lower = z.imag > 0.0, z.imag < 0.0
    angle = np.where(upper, np.roll(step, -1, axis=1), 0.0)
    size = np.clip(step, -0.5, 0.5)
    moving, largest = np.arange(len(z)), 0.0
    for share in (1.0, 0.25):
        growth = np.exp(share * (size + 1j * np.clip(angle, -0.3, 0.3)))
        trial = np.where(lower, 0.0, z * growth)
        turned = np.where(upper & (trial.imag <= 0.0), z, trial)
        trial = np.where(lower, np.roll(turned.conj(), 1, axis=1), turned)[moving]
        trial *= np.minimum(1.0, _LARGEST / np.maximum(np.abs(trial), 1e-300))
        tried = mode_columns(trial, k) / sigma[moving, :, np.newaxis]
        coefficients, now = solve(tried, target[moving])
        better = np.isfinite(now) & (now < sums[moving])
        won = moving[better]
        worth = sums[won] > 1e-3 * len(k)
        gains = (sums[won] - now[better]) / (sums[won] + 1e-300)
        largest = max(largest, float(np.max(np.where(worth, gains, 0.0), initial=0.0)))
        z[won], columns[won], found[won] = trial[better], tried[better], coefficients[better]
        sums[won] = now[better]
        moving = moving[~better]
        if not len(moving):
            break
    return largest


def _mode_slopes(z: Modes, columns: FloatArray, c: FloatArray, k: FloatArray) -> FloatArray:
    """Derivatives of the fit by log |z|, in the column of z, and its angle, in the conjugate's."""
    part = columns * c[:, np.newaxis]
    upper, lower = (z.imag > 0.0)[:, np.newaxis], (z.imag < 0.0)[:, np.newaxis]
    before_c, before = np.roll(c, 1, axis=1)[:, np.newaxis], np.roll(columns, 1, axis=2)
    by_size = np.where(upper, part + np.roll(part, -1, axis=2), part)
    by_angle = before_c * columns - c[:, np.newaxis] * before
    return np.asarray(np.where(lower, by_angle, by_size) * (k - k[0])[:, np.newaxis])


def fit(
    board: Board,
    rows: Rows,
    n_modes: int,
    directions: FloatArray,
    slope: FloatArray,
    first: int = 1,
    n_steps: int = 3,
) -> None:
    """Put the best sum of so many modes on the board, free and with those near 1 put on it."""
    seen, n = board.sequences.take(rows), board.sequences.n
    if not len(rows) or n - first + 1 < 2 * n_modes + 3:
        return
    k, y, sigma = seen.lags[first - 1 :], seen.values[:, first - 1 :], seen.sigma[:, first - 1 :]
    start = esprit(directions, n_modes, slope, n)
    hoped = solve(mode_columns(start, k) / sigma[..., np.newaxis], y / sigma)[1]
    hoped = bic(_HOPE * hoped, 2 * n_modes + first - 2, n)
    worth = np.flatnonzero(hoped < board.limit()[rows])
    if not len(worth):
        return
    rows, y, sigma, start = rows[worth], y[worth], sigma[worth], start[worth]
    z, c, rss, variance = polish(start, k, y, sigma, n_steps)
    _put(board, rows, z, c, rss, variance, k, first)
    near = np.abs(np.log(np.maximum(np.abs(z), 1e-300))) * n < _EVEN
    at = np.flatnonzero(near.any(axis=1))
    if len(at):
        on = np.where(near, z / np.maximum(np.abs(z), 1e-300), z)[at]
        z, c, rss, variance = polish(on, k, y[at], sigma[at], n_steps, even=True)
        _put(board, rows[at], z, c, rss, variance, k, first)


def _put(
    board: Board,
    rows: Rows,
    z: Modes,
    c: FloatArray,
    rss: FloatArray,
    variance: FloatArray,
    k: FloatArray,
    first: int,
) -> None:
    size = np.abs(z)
    even = np.abs(size - 1.0) < 1e-12
    n_params = 2 * z.shape[1] + first - 1 - (even & (z.imag >= 0.0)).sum(axis=1)
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
            first=first,
            frequency=frequency,
            floor=floor,
            draw=lambda i: mode_columns(z[i : i + 1], k)[0] @ c[i],
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
    return -log_size[at], variance[at], np.abs(np.angle(z[at]))


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
