"""Orders of a model as a user gives them: (p, q), (p, d, q), and those of a season."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from memtools import _validate
from memtools.arfima.estimation import MAX_INTEGRATION
from memtools.arfima.parameters import D_RANGE, SEASONAL_D_RANGE, Dynamics, Season, is_stable
from memtools.exceptions import InvalidInputError
from memtools.processes._arma import NEAREST_ROOT, slowest_decay

_MOST_SEASONAL_DIFFERENCES = 2
# One-step errors of longer series stand on a filter that knows no season.
_LONGEST_WITH_SEASON = 20_000
# Whole seasons beyond those that differences and lags reach back.
_SEASONS_LEFT = 2


@dataclass(frozen=True)
class SeasonalOrder:
    """Seasonal orders of a model.

    Attributes
    ----------
    p, q : int
        Seasonal AR and MA terms.
    d : float or None
        The seasonal D that is held, None where it is estimated.
    period : int
    """

    p: int
    d: float | None
    q: int
    period: int

    @property
    def differences(self) -> int:
        """Seasonal differences that leave a stationary series."""
        return 0 if self.d is None else max(0, math.ceil(self.d - SEASONAL_D_RANGE[1]))

    @property
    def season(self) -> Season:
        """What the likelihood of the differenced series searches."""
        if self.d is None:
            return Season(self.p, self.q, self.period)
        held = self.d - self.differences
        return Season(self.p, self.q, self.period, (held, held))

    @property
    def names(self) -> tuple[str, ...]:
        """Of the parameters: D, then seasonal AR and MA terms by their lags."""
        lags = [self.period * (i + 1) for i in range(max(self.p, self.q))]
        ar, ma = lags[: self.p], lags[: self.q]
        return ("D", *(f"ar.S.L{lag}" for lag in ar), *(f"ma.S.L{lag}" for lag in ma))

    @property
    def given(self) -> tuple[int, float | None, int, int]:
        """(P, D, Q, s) as a user gives it."""
        return self.p, self.d, self.q, self.period

    def __str__(self) -> str:
        d = "D" if self.d is None else f"{self.d:g}"
        return f"({self.p}, {d}, {self.q}, {self.period})"


def as_order(order: Any, n_obs: int) -> tuple[tuple[int, int], float | None]:
    """(p, q), small enough for the sample, and the d that is held or None."""
    largest = n_obs // 8
    allowed = (
        f"(p, q) or (p, d, q), p and q integers in 0..{largest} for {n_obs} observations, d "
        "a number to hold or None to estimate"
    )
    try:
        p, *middle, q = order
        (d,) = middle or (None,)
    except (TypeError, ValueError) as error:
        raise InvalidInputError("order", allowed, repr(order)) from error
    for value in (p, q):
        if not _is_whole(value) or value > largest:
            raise InvalidInputError("order", allowed, repr(order))
    if d is not None:
        d = _validate.as_real(d, "d of order", D_RANGE[0], MAX_INTEGRATION + D_RANGE[1])
    return (int(p), int(q)), d


def as_seasonal_order(order: Any, n_obs: int) -> SeasonalOrder | None:
    """Seasonal orders that the sample is long enough for."""
    if order is None:
        return None
    allowed = (
        "(P, Q, s) or (P, D, Q, s), P and Q integers from 0, s a period of 2 observations or more, "
        "D a number to hold or None to estimate"
    )
    try:
        p, *middle, q, period = order
        (d,) = middle or (None,)
    except (TypeError, ValueError) as error:
        raise InvalidInputError("seasonal_order", allowed, repr(order)) from error
    if not all(map(_is_whole, (p, q, period))) or period < 2:
        raise InvalidInputError("seasonal_order", allowed, repr(order))
    if d is not None:
        highest = _MOST_SEASONAL_DIFFERENCES + SEASONAL_D_RANGE[1]
        d = _validate.as_real(d, "D of seasonal_order", SEASONAL_D_RANGE[0], highest)
    found = SeasonalOrder(int(p), d, int(q), int(period))
    needed = (found.differences + max(found.p, found.q) + _SEASONS_LEFT) * found.period
    if not needed <= n_obs <= _LONGEST_WITH_SEASON:
        allowed = f"{needed} to {_LONGEST_WITH_SEASON} observations long for seasonal_order {found}"
        raise InvalidInputError("endog", allowed, str(n_obs))
    return found


def require_stable(model: Dynamics) -> None:
    """Refuse parameters of parts that have roots on or inside the unit circle."""
    for sign, coefficients, _ in model.parts:
        phi = -sign * coefficients
        unit = len(phi) and slowest_decay(np.append(1.0, -phi)) <= NEAREST_ROOT
        if unit or not is_stable(phi):
            kind = "stationary AR" if sign < 0.0 else "invertible MA"
            got = ", ".join(f"{value:g}" for value in coefficients)
            raise InvalidInputError("params", f"of a {kind} part (roots outside 1)", got)


def _is_whole(value: Any) -> bool:
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    return whole and value >= 0
