"""Laws without turns: power laws, with a floor or logarithmic, tempered, stretched, growing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from memtools._validate import FloatArray
from memtools.decay import law_kernels
from memtools.decay.board import Words
from memtools.decay.sequences import TOLERANCE, Flags, Ints

_STEPS = 6  # of Gauss-Newton
_EXPONENTIAL = (law_kernels.EXPONENTIAL, law_kernels.TEMPERED, law_kernels.STRETCHED)
_LEAST_EXPONENT = 0.02  # flatter power laws are constants
_LARGEST_EXPONENT = 6.0
_MOST_GROWTH = 8.0
_FEW = 8.0  # lags
_MOST_FLOOR = 4.0  # over the law at lag 1: a larger constant is no floor, it persists
_CANCELS = 0.1
_SETTLED = 1.0  # log of power law over short-run dynamics at the last lag seen
_LEAST_REACH = 8.0  # last lag over shift: with less, a power law is no power law yet


# of theta, coefficients, lags and the last lag that stands out
Kind = Callable[[FloatArray, FloatArray, FloatArray, FloatArray], Words]


@dataclass(frozen=True, eq=False)
class Law:
    """A law with nonlinear parameters theta on a grid, and linear ones solved for."""

    name: str
    code: int  # of its columns in `law_kernels`
    n_columns: int
    grid: FloatArray  # (designs, q)
    low: FloatArray
    high: FloatArray
    n_params: int
    kind: Kind
    shift: float = 0.0  # of the lags
    rate: int = 0  # which entry of theta
    floor: int | None = None  # which coefficient
    own: str = ""  # the verdict it stands for, where it stands for one only
    starts: int = 1  # points of the grid, of which the best end is taken
    rate_at: Callable[[FloatArray, Ints], FloatArray] | None = None  # of laws without a rate

    @property
    def is_power(self) -> bool:
        """Whether it falls by less than a power in the end."""
        return self.code not in _EXPONENTIAL

    def columns(self, theta: FloatArray, k: FloatArray) -> FloatArray:
        """Columns at each theta: (points, columns, n)."""
        return law_kernels.law_columns(self.code, self.shift, theta, k, self.n_columns)

    def refined(
        self, starts: FloatArray, k: FloatArray, y: FloatArray, sigma: FloatArray
    ) -> tuple[FloatArray, ...]:
        """Theta, coefficients, residual sums and variances from the best of (rows, starts, q)."""
        laws = self.code, self.shift, self.n_columns, np.ascontiguousarray(starts)
        return law_kernels.refined(*laws, k, y, sigma, self.low, self.high, _STEPS)


# -- the laws -------------------------------------------------------------------------------------


def _by_sign(theta: FloatArray, *_: FloatArray) -> Words:
    return np.where(theta[:, 0] < 0.0, "growing", "exponential").astype("U12")


@lru_cache
def constant() -> Law:
    """The same at all lags; its one parameter is linear."""

    def kind(theta: FloatArray, *_: FloatArray) -> Words:
        return np.full(len(theta), "persistent").astype("U12")

    grid = np.zeros((1, 1))
    low, high = np.array([-1.0]), np.array([1.0])
    return Law("constant", law_kernels.CONSTANT, 1, grid, low, high, 1, kind)


@lru_cache
def exponential(n: int) -> Law:
    rates = np.geomspace(1e-5, 6.0, 60)
    grid = np.concatenate([-rates[rates < 500.0 / n], rates])[:, np.newaxis]
    low, high = np.array([-600.0 / n]), np.array([12.0])
    return Law("exponential", law_kernels.EXPONENTIAL, 1, grid, low, high, 2, _by_sign)


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

    grid = np.concatenate([-np.arange(_MOST_GROWTH, 0.0, -0.25), np.arange(0.0, 4.6, 0.1)])
    low, high = np.array([-_MOST_GROWTH - 1.0]), np.array([_LARGEST_EXPONENT])
    laws = law_kernels.POWER, n_columns, grid[:, np.newaxis], low, high, 1 + n_columns
    return Law("power law", *laws, _power_kind, shift)


def _floor_kind(
    shift: float | FloatArray, theta: FloatArray, c: FloatArray, k: FloatArray
) -> Words:
    """Polynomial on a floor, persistent where the floor is most of it."""
    # a tiny exponent and a floor that cancel are neither
    sound = (np.abs(c[:, 0]) < 2.0) & (np.abs(c[:, 1]) < 1.1)
    # a law that is over within a few lags is short-run dynamics of a constant
    seen = np.abs(c[:, 0]) * ((k[0] + shift) / (k[0] + shift + _FEW)) ** theta[:, 0]
    sound &= seen > 2.0 * TOLERANCE * np.abs(c[:, 1])
    persists = np.abs(c[:, 1]) > _MOST_FLOOR * np.abs(c[:, 0])
    return np.where(sound, np.where(persists, "persistent", "polynomial"), "").astype("U12")


@lru_cache
def with_floor(shift: float) -> Law:
    """(k + s)^-a and a constant."""

    def kind(theta: FloatArray, c: FloatArray, k: FloatArray, _: FloatArray) -> Words:
        return _floor_kind(shift, theta, c, k)

    grid = np.arange(0.1, 4.6, 0.1)[:, np.newaxis]
    low, high = np.array([0.05]), np.array([_LARGEST_EXPONENT])
    laws = law_kernels.FLOOR, 2, grid, low, high, 3, kind, shift
    return Law("power law on a floor", *laws, floor=1)


@lru_cache
def logarithmic(first: int) -> Law:
    """1 / log(k + s): slower than any power; lag 1 may be free."""

    def kind(theta: FloatArray, *_: FloatArray) -> Words:
        return np.full(len(theta), "polynomial").astype("U12")

    grid = np.linspace(-3.0, 2.0, 26)[:, np.newaxis]
    low, high = np.array([-8.0]), np.array([2.5])
    return Law("1 / log k", law_kernels.LOGARITHMIC, 1, grid, low, high, 2, kind, own="polynomial")


@lru_cache
def tempered(n: int, n_columns: int, shift: float = 0.0) -> Law:
    """k^-a exp(-r k) (1, 1 / k); k^m rho^k is one of them."""

    def kind(theta: FloatArray, c: FloatArray, k: FloatArray, reach: FloatArray) -> Words:
        return np.where(leading(c, k[0], reach), "exponential", "").astype("U12")

    rates, exponents = np.geomspace(1.5 / n, 3.0, 16), np.arange(-5.0, 3.01, 0.5)
    grid = np.array([(r, a) for r in rates for a in exponents])
    low, high = np.array([1.0 / n, -9.0]), np.array([8.0, 4.0])
    laws = law_kernels.TEMPERED, n_columns, grid, low, high, 2 + n_columns, kind, shift
    return Law("tempered", *laws, own="exponential")


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
    laws = law_kernels.STRETCHED, 1, grid, low, high, 3, _stretched_kind
    return Law("stretched", *laws, own="exponential", rate_at=_stretched_rate)


def _shifted(name: str, n_columns: int, kind: Kind, **options: Any) -> Law:
    grid = np.array([(a, q) for a in np.arange(0.1, 4.6, 0.2) for q in np.linspace(-1.5, 2.5, 9)])
    low, high = np.array([0.02, -2.3]), np.array([_LARGEST_EXPONENT, 3.0])
    laws = law_kernels.SHIFTED, n_columns, grid, low, high, 2 + n_columns, kind
    return Law(name, *laws, **options)


@lru_cache
def shifted_power() -> Law:
    """(k + s)^-a for any s of a few lags."""

    def kind(theta: FloatArray, _: FloatArray, k: FloatArray, reach: FloatArray) -> Words:
        sound = (theta[:, 0] > _LEAST_EXPONENT) & (np.exp(theta[:, 1]) * _LEAST_REACH < reach)
        return np.where(sound, "polynomial", "").astype("U12")

    return _shifted("power law", 1, kind, own="polynomial")


@lru_cache
def shifted_with_floor() -> Law:
    """(k + s)^-a for any s of a few lags, and a constant."""

    def kind(theta: FloatArray, c: FloatArray, k: FloatArray, reach: FloatArray) -> Words:
        sound = (theta[:, 0] > 0.05) & (np.exp(theta[:, 1]) * _LEAST_REACH < reach)
        on_floor = _floor_kind(np.exp(theta[:, 1]) - 1.0, theta, c, k)
        return np.where(sound, on_floor, "").astype("U12")

    return _shifted("power law on a floor", 2, kind, floor=1)


@lru_cache
def fractional_noise(n_columns: int) -> Law:
    """(1 - B)^order / (1 - p B): weights of ARFIMA, with more columns those of its kin.

    Columns: the weights at lag k; those of (1 - B)^order at k and k + 1; p^k.
    """

    def kind(theta: FloatArray, c: FloatArray, k: FloatArray, reach: FloatArray) -> Words:
        # the mode of its own, and the weights' short-run part, must be over at the end
        at = np.minimum(reach, k[-1]).astype(int) - int(k[0])
        parts = (
            c
            * law_kernels.law_columns(law_kernels.FRACTIONAL, 0.0, theta, k, n_columns)[
                np.arange(len(c)), :, at
            ]
        )
        late = _settled(parts, 3)
        late &= np.abs(theta[:, 1]) ** reach < reach ** -(1.0 + theta[:, 0]) * np.exp(-_SETTLED)
        sound = late & (np.abs(theta[:, 0]) > 0.02)
        return np.where(sound, "polynomial", "").astype("U12")

    def rate(theta: FloatArray, _: Ints) -> FloatArray:
        return 1.0 + theta[:, 0]

    orders = np.concatenate([np.arange(-0.9, -0.04, 0.1), np.arange(0.05, 0.96, 0.1)])
    poles = np.concatenate([np.arange(-0.85, 0.0, 0.2), np.arange(0.1, 0.95, 0.1), [0.95, 0.98]])
    grid = np.array([(order, p) for order in orders for p in poles])
    low, high = np.array([-0.98, -0.98]), np.array([0.98, 0.98])
    laws = law_kernels.FRACTIONAL, n_columns, grid, low, high, 2 + n_columns, kind
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

    def kind(theta: FloatArray, c: FloatArray, k: FloatArray, reach: FloatArray) -> Words:
        at = np.minimum(reach, k[-1]).astype(int) - int(k[0])
        parts = law_kernels.law_columns(law_kernels.TWO_LANES, 0.0, theta, k, 5)
        late = _settled(c * parts[np.arange(len(c)), :, at], 4)
        return np.where(late, inner.kind(theta[:, :2], c[:, :4], k, reach), "").astype("U12")

    orders = (-0.8, -0.5, -0.25, 0.1, 0.25, 0.45, 0.8)
    poles = (-0.75, -0.45, -0.15, 0.15, 0.45, 0.75)
    grid = np.array([(d, p, q) for d in orders for p in poles for q in poles if p != q])
    low, high = np.array([-0.98, -0.98, -0.98]), np.array([0.98, 0.98, 0.98])
    laws = law_kernels.TWO_LANES, 5, grid, low, high, 8, kind
    return Law(inner.name, *laws, own="polynomial", starts=4, rate_at=inner.rate_at)
