"""Laws without turns: power laws, with a floor or logarithmic, tempered, stretched, growing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from memtools import fractional
from memtools._validate import FloatArray
from memtools.decay.board import Board, Found, Words, bic
from memtools.decay.least_squares import Basis, column_products, grid_sums, refine
from memtools.decay.sequences import TOLERANCE, Flags, Ints, Rows

_SLOPE_STEP = 1e-4
_HOPE = 0.3  # of the residual sum at the end of a straight step
_LEAST_EXPONENT = 0.02  # flatter power laws are constants
_LARGEST_EXPONENT = 6.0
_MOST_GROWTH = 8.0
_FEW = 8.0  # lags
_MOST_FLOOR = 4.0  # over the law at lag 1: a larger constant is no floor, it persists
_CANCELS = 0.1
_SETTLED = 1.0  # log of power law over short-run dynamics at the last lag seen
_LEAST_REACH = 8.0  # last lag over shift: with less, a power law is no power law yet


@dataclass(frozen=True, eq=False)
class Law:
    """A law with nonlinear parameters theta on a grid, and linear ones solved for."""

    name: str
    basis: Basis
    grid: FloatArray  # (designs, q)
    low: FloatArray
    high: FloatArray
    n_params: int
    kind: Callable[[FloatArray, FloatArray, FloatArray, FloatArray], Words]
    # of theta, coefficients, lags and the last lag that stands out
    rate: int = 0  # which entry of theta
    floor: int | None = None  # which coefficient
    own: str = ""  # the verdict it stands for, where it stands for one only
    starts: int = 1  # points of the grid, of which the best end is taken
    rate_at: Callable[[FloatArray, Ints], FloatArray] | None = None  # of laws without a rate


@lru_cache(maxsize=256)
def _designs(law: Law, n: int, first: int) -> tuple[FloatArray, FloatArray]:
    """Columns of the law at each point of its grid, and its slopes there."""
    k = np.arange(first, n + 1.0)
    columns = [law.basis(law.grid, k)]
    for h in _SLOPE_STEP * np.eye(law.grid.shape[1]):
        columns.append((law.basis(law.grid + h, k) - law.basis(law.grid - h, k))[..., :1])
    designs = np.concatenate(columns, axis=2)
    size = np.abs(designs).max(axis=1, keepdims=True)
    designs /= np.where(size > 0.0, size, 1.0)
    return designs, column_products(designs)


def fit(board: Board, law: Law, rows: Rows, first: int = 1, n_steps: int = 6) -> None:
    """Put the best of the law on these rows on the board."""
    n = board.sequences.n
    if not len(rows) or n - first + 1 < law.n_params + 3:
        return
    seen = board.sequences.take(rows)
    k, y, sigma = seen.lags[first - 1 :], seen.values[:, first - 1 :], seen.sigma[:, first - 1 :]
    sums = grid_sums(y, sigma, *_designs(law, n, first))
    # the slopes as columns of their own: about what is left after the best step from the grid
    hoped = bic(_HOPE * sums[..., -1].min(axis=1), law.n_params + first - 1, n)
    near = np.flatnonzero(hoped < board.limit(law.own)[rows])
    if not len(near):
        return
    rows, seen, y, sigma = rows[near], seen.take(near), y[near], sigma[near]
    q = law.grid.shape[1]
    starts = np.argsort(sums[near, :, -1 - q], axis=1)[:, : law.starts]
    theta, found, rss, variance = _refined(law, starts, k, y, sigma, n_steps)
    reach = np.maximum(seen.visible, first).astype(float)
    again = np.flatnonzero(law.kind(theta, found, k, reach) == "")
    if len(again) and law.name.startswith("power law") and found.shape[1] > 1:
        # the second term led: start from its exponent
        other = theta[again]
        other[:, law.rate] += 1.0
        tried = refine(law.basis, other, k, y[again], sigma[again], law.low, law.high, n_steps)
        for whole, part in zip((theta, found, rss, variance), tried, strict=True):
            whole[again] = part
    rate = theta[:, law.rate] if law.rate_at is None else law.rate_at(theta, seen.visible)
    n_params = np.full(len(rows), law.n_params + first - 1)
    kind = law.kind(theta, found, k, reach)
    at_edge = (theta[:, law.rate] <= law.low[law.rate]) | (theta[:, law.rate] >= law.high[law.rate])
    total = bic(rss, n_params, n)
    board.add(
        Found(
            law=law.name,
            rows=rows,
            rss=rss,
            bic=np.where((kind == "") | at_edge, np.inf, total),
            kind=kind,
            rate=rate,
            variance=variance[:, law.rate],
            n_params=n_params,
            first=first,
            floor=None if law.floor is None else found[:, law.floor],
            draw=lambda i: (law.basis(theta[i : i + 1], k) @ found[i])[0],
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


def _refined(
    law: Law, starts: Ints, k: FloatArray, y: FloatArray, sigma: FloatArray, n_steps: int
) -> tuple[FloatArray, ...]:
    """The best end of several starts."""
    best = refine(law.basis, law.grid[starts[:, 0]], k, y, sigma, law.low, law.high, n_steps)
    for start in starts.T[1:]:
        other = refine(law.basis, law.grid[start], k, y, sigma, law.low, law.high, n_steps)
        better = other[2] < best[2]
        for whole, part in zip(best, other, strict=True):
            whole[better] = part[better]
    return best


# -- the laws -------------------------------------------------------------------------------------


def _by_sign(theta: FloatArray, *_: FloatArray) -> Words:
    return np.where(theta[:, 0] < 0.0, "growing", "exponential").astype("U12")


def _exponential_basis(theta: FloatArray, k: FloatArray) -> FloatArray:
    return np.exp(np.clip(-theta[:, :1] * (k - k[0]), -700.0, 700.0))[..., np.newaxis]


@lru_cache
def constant() -> Law:
    """The same at all lags; its one parameter is linear."""

    def basis(theta: FloatArray, k: FloatArray) -> FloatArray:
        return np.ones((len(theta), len(k), 1))

    def kind(theta: FloatArray, *_: FloatArray) -> Words:
        return np.full(len(theta), "persistent").astype("U12")

    grid = np.zeros((1, 1))
    return Law("constant", basis, grid, np.array([-1.0]), np.array([1.0]), 1, kind)


@lru_cache
def exponential(n: int) -> Law:
    rates = np.geomspace(1e-5, 6.0, 60)
    grid = np.concatenate([-rates[rates < 500.0 / n], rates])[:, np.newaxis]
    low, high = np.array([-600.0 / n]), np.array([12.0])
    return Law("exponential", _exponential_basis, grid, low, high, 2, _by_sign)


def leading(c: FloatArray, first: float, reach: FloatArray) -> Flags:
    """Whether the first of c (1, 1 / t, ...) leads in the middle of the lags seen, and after.

    Where it does not, another exponent is meant, or the corrections are the fit.
    """
    middle = np.sqrt(first / reach)[:, np.newaxis]
    sizes = np.abs(c) * middle ** np.arange(c.shape[1])
    return np.asarray(sizes[:, 0] > 0.5 * sizes.sum(axis=1))


def _power_kind(theta: FloatArray, c: FloatArray, k: FloatArray, reach: FloatArray) -> Words:
    leads = leading(c, k[0], reach)
    a = theta[:, 0]
    flat = "persistent" if c.shape[1] == 1 else ""  # with more columns: a law on a floor
    kind = np.where(a > _LEAST_EXPONENT, "polynomial", flat)
    kind = np.where(a < -_LEAST_EXPONENT, "growing", kind)
    return np.where(leads, kind, "").astype("U12")


@lru_cache
def power(n_columns: int, shift: float = 0.0) -> Law:
    """k^-a (1, 1 / k, 1 / k^2), of k or of k + 1."""

    def basis(theta: FloatArray, k: FloatArray) -> FloatArray:
        log_t = np.log((k + shift) / (k[0] + shift))
        return np.exp(-(theta[:, :1, np.newaxis] + np.arange(n_columns)) * log_t[:, np.newaxis])

    grid = np.concatenate([-np.arange(_MOST_GROWTH, 0.0, -0.25), np.arange(0.0, 4.6, 0.1)])
    low, high = np.array([-_MOST_GROWTH - 1.0]), np.array([_LARGEST_EXPONENT])
    laws = basis, grid[:, np.newaxis], low, high, 1 + n_columns, _power_kind
    return Law("power law", *laws)


@lru_cache
def with_floor(n_columns: int, shift: float = 0.0) -> Law:
    """k^-a (1, 1 / k) and a constant."""

    def basis(theta: FloatArray, k: FloatArray) -> FloatArray:
        law = power(n_columns, shift).basis(theta, k)
        return np.concatenate([law, np.ones((*law.shape[:2], 1))], axis=2)

    def kind(theta: FloatArray, c: FloatArray, k: FloatArray, reach: FloatArray) -> Words:
        # a tiny exponent and a floor that cancel are neither
        sound = (np.abs(c[:, 0]) < 2.0) & (np.abs(c[:, -1]) < 1.1)
        # a law that is over within a few lags is short-run dynamics of a constant
        seen = np.abs(c[:, 0]) * ((k[0] + shift) / (k[0] + shift + _FEW)) ** theta[:, 0]
        sound &= seen > 2.0 * TOLERANCE * np.abs(c[:, -1])
        sound &= leading(c[:, :-1], k[0], reach)
        persists = np.abs(c[:, -1]) > _MOST_FLOOR * np.abs(c[:, 0])
        return np.where(sound, np.where(persists, "persistent", "polynomial"), "").astype("U12")

    grid = np.arange(0.1, 4.6, 0.1)[:, np.newaxis]
    low, high, n_params = np.array([0.05]), np.array([_LARGEST_EXPONENT]), 2 + n_columns
    return Law("power law on a floor", basis, grid, low, high, n_params, kind, floor=n_columns)


@lru_cache
def logarithmic(first: int) -> Law:
    """1 / log(k + s): slower than any power; lag 1 may be free."""

    def basis(theta: FloatArray, k: FloatArray) -> FloatArray:
        s = np.exp(theta[:, :1]) + 1.0 - k[0]
        return 1.0 / np.log(k + s)[..., np.newaxis]

    def kind(theta: FloatArray, *_: FloatArray) -> Words:
        return np.full(len(theta), "polynomial").astype("U12")

    grid = np.linspace(-3.0, 2.0, 26)[:, np.newaxis]
    low, high = np.array([-8.0]), np.array([2.5])
    return Law("1 / log k", basis, grid, low, high, 2, kind, own="polynomial")


@lru_cache
def tempered(n: int, n_columns: int, shift: float = 0.0) -> Law:
    """k^-a exp(-r k) (1, 1 / k); k^m rho^k is one of them."""

    def basis(theta: FloatArray, k: FloatArray) -> FloatArray:
        log_t = np.log((k + shift) / (k[0] + shift))[:, np.newaxis]
        exponent = (theta[:, 1:, np.newaxis] + np.arange(n_columns)) * log_t
        decay = theta[:, :1] * (k - k[0])
        return np.exp(np.clip(-exponent - decay[..., np.newaxis], -700.0, 700.0))

    def kind(theta: FloatArray, c: FloatArray, k: FloatArray, reach: FloatArray) -> Words:
        return np.where(leading(c, k[0], reach), "exponential", "").astype("U12")

    rates, exponents = np.geomspace(1.5 / n, 3.0, 16), np.arange(-5.0, 3.01, 0.5)
    grid = np.array([(r, a) for r in rates for a in exponents])
    low, high = np.array([1.0 / n, -9.0]), np.array([8.0, 4.0])
    return Law("tempered", basis, grid, low, high, 2 + n_columns, kind, own="exponential")


def _stretched_basis(theta: FloatArray, k: FloatArray) -> FloatArray:
    b = theta[:, 1:]
    grown = np.exp(theta[:, :1]) * (k**b - k[0] ** b)
    return np.exp(-np.minimum(grown, 700.0))[..., np.newaxis]


def _stretched_kind(theta: FloatArray, _: FloatArray, k: FloatArray, reach: FloatArray) -> Words:
    # with a small b, or a small reach, it is a power law under another name
    fall = np.exp(theta[:, 0]) * (reach ** theta[:, 1] - k[0] ** theta[:, 1])
    sound = (theta[:, 1] < 0.98) & (theta[:, 1] > 0.2) & (fall > 1.0)
    return np.where(sound, "exponential", "").astype("U12")


def _stretched_rate(theta: FloatArray, visible: Ints) -> FloatArray:
    """Rate of the envelope at the last lag seen."""
    r, b = np.exp(theta[:, 0]), theta[:, 1]
    return np.asarray(r * b * np.maximum(visible, 1) ** (b - 1.0))


@lru_cache
def stretched(n: int) -> Law:
    """exp(-r k^b), 0 < b < 1: its rate a lag goes to zero, yet no power law is slower."""
    grid = np.array([(r, b) for r in np.linspace(-5.0, 2.0, 24) for b in np.arange(0.25, 1.0, 0.1)])
    low, high = np.array([-9.0, 0.15]), np.array([4.0, 1.0])
    laws = _stretched_basis, grid, low, high, 3, _stretched_kind
    return Law("stretched", *laws, own="exponential", rate_at=_stretched_rate)


@lru_cache
def shifted_power() -> Law:
    """(k + s)^-a for any s of a few lags."""

    def basis(theta: FloatArray, k: FloatArray) -> FloatArray:
        s = np.exp(theta[:, 1:]) - 1.0
        return np.exp(-theta[:, :1] * np.log((k + s) / (k[0] + s)))[..., np.newaxis]

    def kind(theta: FloatArray, _: FloatArray, k: FloatArray, reach: FloatArray) -> Words:
        sound = (theta[:, 0] > _LEAST_EXPONENT) & (np.exp(theta[:, 1]) * _LEAST_REACH < reach)
        return np.where(sound, "polynomial", "").astype("U12")

    grid = np.array([(a, q) for a in np.arange(0.1, 4.6, 0.2) for q in np.linspace(-1.5, 2.5, 9)])
    low, high = np.array([0.02, -2.3]), np.array([_LARGEST_EXPONENT, 3.0])
    return Law("power law", basis, grid, low, high, 3, kind, own="polynomial")


@lru_cache
def fractional_noise(n_columns: int) -> Law:
    """(1 - B)^order / (1 - p B): weights of ARFIMA, with more columns those of its kin.

    Columns: the weights at lag k; those of (1 - B)^order at k and k + 1; p^k.
    """

    def basis(theta: FloatArray, k: FloatArray) -> FloatArray:
        n = int(k[-1]) + 2
        u = fractional.weights(theta[:, 0], n)
        powers = theta[:, 1:] ** np.arange(n)
        size = next_fast_len(2 * n)
        both = np.fft.rfft(u, size, axis=1) * np.fft.rfft(powers, size, axis=1)
        mixed = np.fft.irfft(both, size, axis=1)
        at = k.astype(int)
        found = [mixed[:, at], u[:, at], u[:, at + 1], powers[:, at]][:n_columns]
        return np.stack(found, axis=-1)

    def kind(theta: FloatArray, c: FloatArray, k: FloatArray, reach: FloatArray) -> Words:
        # the mode of its own, and the weights' short-run part, must be over at the end
        at = np.minimum(reach, k[-1]).astype(int) - int(k[0])
        parts = (basis(theta, k) * c[:, np.newaxis])[np.arange(len(c)), at]
        late = _settled(parts, 3)
        late &= np.abs(theta[:, 1]) ** reach < reach ** -(1.0 + theta[:, 0]) * np.exp(-_SETTLED)
        sound = late & (np.abs(theta[:, 0]) > 0.02)
        return np.where(sound, "polynomial", "").astype("U12")

    def rate(theta: FloatArray, _: Ints) -> FloatArray:
        return 1.0 + theta[:, 0]

    orders = np.concatenate([np.arange(-0.9, -0.04, 0.1), np.arange(0.05, 0.96, 0.1)])
    poles = np.concatenate([np.arange(-0.85, 0.0, 0.2), np.arange(0.1, 0.95, 0.1)])
    grid = np.array([(order, p) for order in orders for p in poles])
    low, high = np.array([-0.98, -0.98]), np.array([0.98, 0.98])
    laws = basis, grid, low, high, 2 + n_columns, kind
    return Law("power law with short-run dynamics", *laws, own="polynomial", rate_at=rate)


def _settled(parts: FloatArray, n_power: int) -> Flags:
    """At a late lag the modes are over, and the power laws do not cancel to a steeper one."""
    total = np.abs(parts).sum(axis=1)
    modes = np.abs(parts[:, n_power:]).sum(axis=1)
    return np.asarray((modes < 0.5 * total) & (np.abs(parts.sum(axis=1)) > _CANCELS * total))


@lru_cache
def two_lanes() -> Law:
    """Weights of ARFIMA and its kin, and a mode of another lane."""
    inner = fractional_noise(4)

    def basis(theta: FloatArray, k: FloatArray) -> FloatArray:
        mode = theta[:, 2:] ** k
        return np.concatenate([inner.basis(theta[:, :2], k), mode[..., np.newaxis]], axis=2)

    def kind(theta: FloatArray, c: FloatArray, k: FloatArray, reach: FloatArray) -> Words:
        at = np.minimum(reach, k[-1]).astype(int) - int(k[0])
        late = _settled((basis(theta, k) * c[:, np.newaxis])[np.arange(len(c)), at], 4)
        return np.where(late, inner.kind(theta[:, :2], c[:, :4], k, reach), "").astype("U12")

    orders = (-0.8, -0.5, -0.25, 0.1, 0.25, 0.45, 0.8)
    poles = (-0.75, -0.45, -0.15, 0.15, 0.45, 0.75)
    grid = np.array([(d, p, q) for d in orders for p in poles for q in poles if p != q])
    low, high = np.array([-0.98, -0.98, -0.98]), np.array([0.98, 0.98, 0.98])
    laws = basis, grid, low, high, 8, kind
    return Law(inner.name, *laws, own="polynomial", starts=4, rate_at=inner.rate_at)


def next_fast_len(size: int) -> int:
    """The next power of two."""
    return 1 << (size - 1).bit_length()
