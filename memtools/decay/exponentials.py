"""Sums of exponentials, tempered power laws and stretched exponentials."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from memtools._validate import FloatArray
from memtools.decay.laws import (
    MIN_VISIBLE,
    Data,
    Fit,
    coefficients,
    envelope,
    hankel,
    residual_sum,
    residual_sums,
)

_MAX_MODES = 8
_FEW = 5  # lags after the end of a law that are left free


def _modes(values: FloatArray, n_modes: int, slope: float) -> list[NDArray[np.complex128]]:
    """Modes z of sum c z^k by ESPRIT, for 1..n_modes; `slope` flattens the decay first."""
    flat = values * np.exp(slope * np.arange(len(values)))
    matrix = hankel(flat / np.abs(flat).max())
    basis = np.linalg.svd(matrix, full_matrices=False)[0]
    found = []
    for m in range(1, min(n_modes, min(matrix.shape) - 1) + 1):
        turn = np.linalg.lstsq(basis[:-1, :m], basis[1:, :m], rcond=None)[0]
        z = np.linalg.eigvals(turn).astype(complex) * math.exp(-slope)
        size = np.abs(z)
        near = 1.0 + 3.0 / len(values)  # noise may push a slow mode that far beyond the circle
        limit = np.where(size < near, 1.0, math.exp(min(0.05, 300.0 / len(values))))
        found.append(np.where(size > limit, z * (limit / np.maximum(size, limit)), z))
    return found


def _mode_columns(z: NDArray[np.complex128], k: FloatArray) -> FloatArray:
    """Real columns whose span is that of z^k: one of each pair counts twice."""
    upper = z[z.imag >= 0.0]
    powers = np.exp(np.outer(k - k[0], np.log(np.where(upper == 0.0, 1e-300, upper))))
    return np.column_stack([powers.real, powers.imag[:, upper.imag > 0.0]])


def exponential_fits(
    data: Data, first: int, n_modes: int = _MAX_MODES, last: int | None = None
) -> list[Fit]:
    """Best sums of 0, 1, 2, ... modes on the lags from `first`, up to `last` if given."""
    k, y, sigma = (v[: None if last is None else last - first + 1] for v in data.since(first))
    rss = [float(np.sum((y / sigma) ** 2))]
    modes: list[tuple[complex, ...]] = [()]
    n_seen = min(max(data.visible - first + 1, 0), len(k))
    if n_seen >= 4 and y[:n_seen].any():
        seen = y[:n_seen]
        slope = -float(np.polyfit(k[:n_seen], np.log(envelope(seen) + 1e-300), 1)[0])
        slope = min(max(slope, 0.0), 600.0 / n_seen)  # the flattened weights must not overflow
        for flatten in {0.0, slope / 2.0, slope}:
            for m, z in enumerate(_modes(seen, n_modes, flatten), 1):
                columns = _mode_columns(z, k) / sigma[:, np.newaxis]
                residual = residual_sum(columns, y / sigma)
                if m == len(rss):
                    rss.append(math.inf)
                    modes.append(())
                if residual < rss[m]:
                    rss[m], modes[m] = residual, tuple(z)
    return [_sum_of_modes(k, first, r, z) for r, z in zip(rss, modes, strict=True)]


def _sum_of_modes(k: FloatArray, first: int, rss: float, modes: tuple[complex, ...]) -> Fit:
    def columns() -> FloatArray:
        return _mode_columns(np.array(modes, dtype=complex), k)

    n_params = 2 * len(modes) + first - 1
    rate = _slowest(modes)
    return Fit("exponential", rss, n_params, rate, first=first, modes=modes, columns=columns)


def polished(data: Data, fit: Fit) -> Fit:
    """The sum of modes nearest to the weights, from those that ESPRIT found."""
    from scipy.optimize import leastsq

    k, y, sigma = (v[: _size(fit)] for v in data.since(fit.first))
    z = np.array([mode for mode in fit.modes if mode.imag >= 0.0 and mode != 0.0])
    turning = z.imag > 0.0
    n_modes = len(z) + int(turning.sum())
    if not len(z) or n_modes != len(fit.modes) or len(k) < 2 * n_modes:
        return fit

    def modes(q: FloatArray) -> NDArray[np.complex128]:
        angle = np.where(z.real < 0.0, math.pi, 0.0)
        angle[turning] = q[len(z) :]
        size = np.exp(np.clip(q[: len(z)], -700.0, 0.05))
        return np.asarray(np.where(turning, size * np.exp(1j * angle), size * np.cos(angle)))

    def residuals(q: FloatArray) -> FloatArray:
        columns = _mode_columns(modes(q), k) / sigma[:, np.newaxis]
        return y / sigma - columns @ coefficients(columns, y / sigma)

    start = np.concatenate([np.log(np.abs(z)), np.angle(z[turning])])
    calls = 8 * (len(start) + 1)
    q = leastsq(residuals, start, full_output=True, ftol=1e-4, xtol=1e-6, maxfev=calls)[0]
    found, rss = modes(q), float(np.sum(residuals(q) ** 2))
    before = fit.rss if fit.tail is None else fit.head_rss
    if not rss < before or np.any((found.imag <= 0.0) & turning):
        return fit
    whole = (*found, *found[turning].conj())
    better = _sum_of_modes(k, fit.first, rss, tuple(map(complex, whole)))
    return with_tail(replace(better, last=fit.last), fit.tail)


def _size(fit: Fit) -> int | None:
    return None if fit.last is None else fit.last - fit.first + 1


def _slowest(modes: tuple[complex, ...]) -> float:
    """Rate of the slowest mode a lag."""
    return -math.log(max(map(abs, modes))) if modes and any(modes) else math.inf


def rate_stderr(data: Data, fit: Fit) -> float:
    """Standard error of the rate of the slowest mode, from the bend of the residual sum."""
    k, y, sigma = data.since(fit.first)
    z = np.array(fit.modes)
    slowest = np.isclose(np.abs(z), np.abs(z).max(), rtol=1e-9)

    def objective(step: float) -> float:
        columns = _mode_columns(np.where(slowest, z * math.exp(-step), z), k)
        return residual_sum(columns / sigma[:, np.newaxis], y / sigma)

    step = 1e-3 * max(fit.rate, 1e-3)
    bend = (objective(-step) - 2.0 * fit.rss + objective(step)) / step**2
    scale = max(1.0, fit.rss / max(len(k) - fit.n_params, 1.0))
    return math.sqrt(2.0 * scale / bend) if bend > 0.0 else math.inf


def bent_fits(data: Data) -> list[Fit]:
    """k^-a exp(-r k) with a correction, and exp(-r k^b): decays that are exponential in the end."""
    fits = []
    seen = max(data.visible, MIN_VISIBLE)
    rates = np.geomspace(1.0 / seen, 3.0, 20)
    for first in (1, 4):
        if seen - first + 1 < MIN_VISIBLE:
            break
        k, y, sigma = data.since(first)
        target, exponents = y / sigma, np.arange(-4.0, 2.01, 0.2)
        fits.append(_tempered(k, target, sigma, rates, exponents, first))
        fits.append(_stretched(k, target, sigma, rates[0] * np.geomspace(1, 300, 60), first))
    return fits


def _tempered(
    k: FloatArray,
    target: FloatArray,
    sigma: FloatArray,
    rates: FloatArray,
    exponents: FloatArray,
    first: int,
) -> Fit:
    t = k / k[0]
    power, best = np.log(t) * -exponents[:, np.newaxis], (math.inf, 0.0, 0)
    for r in rates:
        designs = np.exp(power - r * (k - k[0]))[..., np.newaxis] * (t[:, np.newaxis] ** [0, -1])
        sums = residual_sums(designs / sigma[:, np.newaxis], target)
        best = min(best, (float(sums.min()), float(r), int(np.argmin(sums))))
    rss, rate, i = best

    def columns() -> FloatArray:
        return np.exp(power[i] - rate * (k - k[0]))[:, np.newaxis] * t[:, np.newaxis] ** [0, -1]

    return Fit("tempered", rss, 3 + first, rate, first=first, columns=columns)


def _stretched(
    k: FloatArray, target: FloatArray, sigma: FloatArray, rates: FloatArray, first: int
) -> Fit:
    best = (math.inf, 0.0, 0)
    for b in np.arange(0.3, 1.0, 0.05):
        column = np.exp(-np.outer(rates, k**b - k[0] ** b))[..., np.newaxis]
        sums = residual_sums(column / sigma[:, np.newaxis], target)
        best = min(best, (float(sums.min()), float(b), int(np.argmin(sums))))
    rss, b, i = best

    def columns() -> FloatArray:
        return np.exp(-rates[i] * (k**b - k[0] ** b))[:, np.newaxis]

    return Fit("stretched", rss, 2 + first, b, first=first, columns=columns)


def tail_after(data: Data, last: int) -> Fit:
    """The best number of modes after the end of a power law."""
    n = len(data.lags)
    if n - last < _FEW:
        return Fit("free", 0.0, n, first=last + 1, columns=lambda: np.eye(n - last))
    return polished(data, min(exponential_fits(data, last + 1, 6), key=lambda fit: fit.bic(n)))


def with_tail(head: Fit, tail: Fit | None) -> Fit:
    """A power law that goes on as `tail` after its end; as it is if it has none."""
    if head.last is None or tail is None:
        return head
    n_params = head.n_params + tail.n_params - head.last + 1
    rss = head.rss + tail.rss
    return replace(head, rss=rss, n_params=n_params, head_rss=head.rss, tail=tail)


def cut_modes(data: Data, powers: list[Fit]) -> list[Fit]:
    """Modes up to the lags where power laws end, the same tails after them.

    A power law that ends is free to change its law there: so is its rival, with no more
    parameters (with more, modes imitate any smooth head).
    """
    ends: dict[tuple[int, int], Fit] = {}
    for fit in sorted(powers, key=lambda fit: fit.n_params):  # the last is the freest
        if fit.last is not None:
            ends[fit.first, fit.last] = fit
    rivals = [
        (with_tail(replace(head, last=last), power.tail), power)
        for (first, last), power in ends.items()
        for head in exponential_fits(data, first, 6, last)
    ]
    return [rival for rival, power in rivals if rival.n_params <= power.n_params]
