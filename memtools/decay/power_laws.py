"""Power laws, whole or up to a lag after which exponentials go on."""

from __future__ import annotations

import math

import numpy as np

from memtools._validate import FloatArray
from memtools.decay.exponentials import tail_after, with_tail
from memtools.decay.fractional_laws import fractional_fits
from memtools.decay.laws import LEAST_STDERR, MIN_VISIBLE, STARTS, Data, Fit, residual_sum

EXPONENTS = np.arange(0.4, 2.001, 0.05)  # of a power law
_LEAST_EXPONENT, _LARGEST_EXPONENT = 0.42, 1.95
_MIN_SPAN = 8  # last lag over first of a power law that ends
_LEAST_END = 20
_TAIL_MODES = np.concatenate([[0.0], np.exp(-np.geomspace(1e-3, 3.0, 40))])


def _power_columns(k: FloatArray, exponent: float | FloatArray, shift: float) -> FloatArray:
    """k^-a (1, k0 / k, (k0 / k)^2) for each exponent: (..., n, 3)."""
    t = (k + shift)[:, np.newaxis]
    relative = (t[0] / t) ** np.arange(3)
    return (t / t[0]) ** -np.asarray(exponent)[..., np.newaxis, np.newaxis] * relative


def _head_rss(k: FloatArray, y: FloatArray, sigma: FloatArray, shift: float) -> FloatArray:
    """Residual sums of power laws on the lags up to each: (n_exponents, n)."""
    columns = _power_columns(k, EXPONENTS, shift) / sigma[:, np.newaxis]
    target = y / sigma
    gram = np.cumsum(columns[..., :, np.newaxis] * columns[..., np.newaxis, :], axis=1)
    moment = np.cumsum(columns * target[:, np.newaxis], axis=1)
    diagonal = np.einsum("akii->aki", gram)
    diagonal *= 1.0 + 1e-13
    solved = np.linalg.solve(gram[:, 5:], moment[:, 5:, :, np.newaxis])[..., 0]
    rss = np.zeros(moment.shape[:2])
    rss[:, 5:] = np.cumsum(target**2)[5:] - np.einsum("aki,aki->ak", moment[:, 5:], solved)
    return np.maximum(rss, 0.0)


def _tail_rss(k: FloatArray, y: FloatArray, sigma: FloatArray) -> FloatArray:
    """Residual sums of one mode of either sign on the lags after each: (n,), 0 at the last."""
    target = y / sigma
    best = np.full(len(k), math.inf)
    for z in np.concatenate([_TAIL_MODES, -_TAIL_MODES[1:]]):
        # backwards from the last lag, so that no power underflows
        column = np.exp(np.maximum((k - k[0]) * math.log(abs(z) or 1e-300), -700.0))
        column *= np.where((k % 2 == 1) & (z < 0.0), -1.0, 1.0)
        column = column / sigma
        gram, moment, square = (
            np.cumsum(v[::-1])[::-1] for v in (column**2, column * target, target**2)
        )
        rss = square - np.divide(moment**2, gram, out=np.zeros_like(gram), where=gram > 1e-280)
        best[:-1] = np.minimum(best[:-1], np.maximum(rss[1:], 0.0))
    best[-1] = 0.0
    return best


def power_fits(data: Data) -> list[Fit]:
    """Power laws on all lags, and such as end at a lag after which modes go on."""
    fits: list[Fit] = []
    tails: dict[int | None, Fit | None] = {None: None}
    for last in _jump(data):
        tails[last] = tail_after(data, last)
    for first in STARTS:
        if data.visible - first + 1 < MIN_VISIBLE or first > data.visible // 3 + 1:
            break
        k, y, sigma = data.since(first)
        after = _tail_rss(k, y, sigma)
        ends: dict[int, tuple[float, float]] = {}
        for shift in (0.0, 1.0):
            heads = _head_rss(k, y, sigma, shift)
            fits.append(_refined(data, first, None, shift, heads[:, -1]))
            for j in _candidate_ends(heads, after, first):
                if j not in ends or heads[:, j].min() < ends[j][0]:
                    ends[j] = (heads[:, j].min(), shift)
                    last = first + j
                    if last not in tails:
                        tails[last] = tail_after(data, last)
                    head = _refined(data, first, last, shift, heads[:, j])
                    fits.append(with_tail(head, tails[last]))
    if fits:
        fits += fractional_fits(data, tails)
    # an exponent at the end of its range is that of another law
    inner = [fit for fit in fits if _LEAST_EXPONENT < fit.rate < _LARGEST_EXPONENT]
    return inner or fits


def _jump(data: Data) -> set[int]:
    """Lags on either side of which the weights jump most: a filter may end there."""
    seen = slice(_LEAST_END - 3, data.visible + 4)
    bends = np.abs(np.diff((data.values / data.sigma)[seen], 4))
    if len(bends) == 0:
        return set()
    # a jump after lag k shows in fourth differences as -1, 3, -3, 1 times its size
    k = _LEAST_END + int(np.argmax(bends))
    return {end for end in (k - 1, k) if end < len(data.lags)}


def _candidate_ends(heads: FloatArray, after: FloatArray, first: int) -> list[int]:
    """Where a power law may end: best with one mode after it; last before it fails."""
    low, high = max(_MIN_SPAN * first, _LEAST_END) - first, heads.shape[1] - 1
    if high <= low:
        return []
    best = int(np.argmin((heads + after).min(axis=0)[low:high])) + low
    per_lag = heads.min(axis=0)[low:] / np.arange(low + 1.0, heads.shape[1] + 1.0)
    fails = np.flatnonzero(per_lag > 3.0 * max(per_lag[0], 0.5))
    last = low + int(fails[0]) - 1 if fails.size else best
    return sorted({best, min(max(last, low), high - 1)})


def _refined(data: Data, first: int, last: int | None, shift: float, on_grid: FloatArray) -> Fit:
    """Power law on the lags first..last, near the best exponent of the grid."""
    from scipy.optimize import minimize_scalar

    k, y, sigma = (v[: None if last is None else last - first + 1] for v in data.since(first))

    def objective(exponent: float) -> float:
        columns = _power_columns(k, exponent, shift) / sigma[:, np.newaxis]
        return residual_sum(columns, y / sigma)

    a, step = float(EXPONENTS[np.argmin(on_grid)]), 1e-3
    low, high = max(a - 0.06, EXPONENTS[0]), min(a + 0.06, EXPONENTS[-1])
    found = minimize_scalar(objective, bounds=(low, high), method="bounded")
    a, rss = float(found.x), float(found.fun)
    bend = (objective(a - step) - 2.0 * rss + objective(a + step)) / step**2
    scale = max(1.0, rss / max(len(k) - 4, 1))
    stderr = max(math.sqrt(2.0 * scale / bend), LEAST_STDERR) if bend > 0.0 else math.inf
    return Fit(
        "power",
        rss,
        4 + first - 1,
        a,
        stderr,
        first,
        last,
        columns=lambda: _power_columns(k, a, shift),
    )


def one_step_fits(data: Data) -> tuple[list[Fit], list[Fit]]:
    """Laws whose rate varies at random from lag to lag: each weight predicted from the last.

    Products of gates seen along one path are such: w_k = w_{k-1} (rho + noise); the rival is
    w_k = w_{k-1} (1 - a / (k + s)).
    """
    k, y, sigma = data.lags[1:], data.values[1:] / data.sigma[1:], data.sigma[1:]
    before = data.values[:-1] / sigma
    first = float(np.sum((y - before) ** 2))
    rho = float(before @ y) / max(float(before @ before), 1e-300)
    rss = float(np.sum((y - rho * before) ** 2))
    if not 0.0 < rho < 1.0:
        return [], []
    rate, best = -math.log(rho), (first, 0.0, 0.0)
    for shift in (0.0, 1.0):
        share = before / (k + shift)
        a = -float(share @ (y - before)) / max(float(share @ share), 1e-300)
        a = min(max(a, float(EXPONENTS[0])), float(EXPONENTS[-1]))
        best = min(best, (float(np.sum((y - before + a * share) ** 2)), a, shift))
    power_rss, a, shift = best
    lags = data.lags
    exponential = Fit(
        "exponential", rss, 2, rate, columns=lambda: np.exp(-rate * lags)[:, np.newaxis]
    )
    power = Fit("power", power_rss, 3, a, columns=lambda: (lags + shift)[:, np.newaxis] ** -a)
    return [exponential], [power]
