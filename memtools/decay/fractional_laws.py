"""ARFIMA weights, with short-run dynamics, as a power law."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from memtools import fractional
from memtools._validate import FloatArray
from memtools.decay.exponentials import with_tail
from memtools.decay.laws import LEAST_STDERR, Data, Fit, coefficients, residual_sums

_SHORT_RUN = np.concatenate([-np.arange(0.9, 0.0, -0.15), np.arange(0.05, 0.96, 0.1)])
_ORDERS = np.concatenate([np.arange(-0.5, -0.01, 0.05), np.arange(0.05, 0.96, 0.05)])
_RANGE = {True: (0.02, 0.97), False: (-0.6, -0.02)}  # of the order, by sign
_LARGEST_POLE = 0.98
_HOPELESS = 100.0  # in BIC: a sign of the order that far behind on the grid is not refined


@dataclass(frozen=True)
class _Design:
    """Columns of (1 - B)^order / (1 - pole B), and modes of its poles, if asked for.

    A filter that starts at lag 1 leaves a mode of its own pole; another lane adds one of its own.
    """

    leads: tuple[int, ...]  # 0: at lag k + 1, 1: at lag k, 2: at lag k - 1
    n_poles: int
    modes: bool = False

    @property
    def n_params(self) -> int:
        return 1 + self.n_poles + len(self.leads) + (self.n_poles if self.modes else 0)

    def columns(self, p: FloatArray, k: FloatArray) -> FloatArray:
        from scipy.signal import lfilter

        u, n = fractional.weights(p[0], len(k) + 2), len(k)
        if self.n_poles:
            u = lfilter([1.0], [1.0, -p[1]], u)
        found = [u[2 - lead : 2 - lead + n] for lead in self.leads]
        return np.column_stack([*found, *(pole**k for pole in p[1:] if self.modes)])


_AS_GIVEN, _ONE_LAG_ON = _Design((1,), 0), _Design((0,), 0)
_AR, _ARMA = _Design((1,), 1), _Design((0, 1, 2), 1)
_LANES, _ARMA_LANES = _Design((0,), 2, modes=True), _Design((0, 1, 2), 2, modes=True)


def fractional_fits(data: Data, tails: Mapping[int | None, Fit | None]) -> list[Fit]:
    """ARFIMA weights from (1 - B)^d alone to orders (1, d, 2) with another mode, nested.

    Whole, or up to a lag after which its tail goes on.
    """
    n, fits = len(data.lags), []
    grid = [np.array([order, pole]) for order in _ORDERS for pole in _SHORT_RUN]
    positive = np.array([p[0] > 0.0 for p in grid])
    shape = _Design((0, 1, 2), 1, modes=True)
    designs = np.stack([shape.columns(p, data.lags) for p in grid])
    for last, tail in tails.items():
        y, sigma = data.values[:last], data.sigma[:last]
        rss = residual_sums(designs[:, :last] / sigma[:, np.newaxis], y / sigma)
        for side in (positive, ~positive):  # the two kinds have minima of their own
            if len(y) * math.log((rss[side].min() + len(y)) / (rss.min() + len(y))) > _HOPELESS:
                continue
            start = grid[int(np.flatnonzero(side)[np.argmin(rss[side])])]
            heads = [_refined(data, last, d, start[:1]) for d in (_AS_GIVEN, _ONE_LAG_ON)]
            heads += [_refined(data, last, design, start) for design in (_AR, _ARMA)]
            lanes = [_refined(data, last, _ARMA_LANES, np.append(start, p)) for p in (-0.4, 0.4)]
            best = min(lanes, key=lambda head: head[0].rss)
            heads += [best, _refined(data, last, _LANES, best[1])]
            fits += [with_tail(head, tail) for head, _ in heads]
    return [fit for fit in fits if fit.n_params < n]


def _refined(
    data: Data, last: int | None, design: _Design, start: FloatArray
) -> tuple[Fit, FloatArray]:
    """Least squares near a start, and the order and poles found."""
    from scipy.optimize import leastsq

    k, y, sigma = data.lags[:last], data.values[:last], data.sigma[:last]
    least, most = _RANGE[bool(start[0] > 0.0)]
    poles = np.full(design.n_poles, _LARGEST_POLE)
    low, high = np.append(least, -poles), np.append(most, poles)

    def inside(q: FloatArray) -> FloatArray:
        return low + (high - low) * (0.5 + np.arctan(q) / math.pi)

    def residuals(q: FloatArray) -> FloatArray:
        columns = design.columns(inside(q), k) / sigma[:, np.newaxis]
        return y / sigma - columns @ coefficients(columns, y / sigma)

    share = np.clip((start - low) / (high - low), 0.02, 0.98)
    found = leastsq(
        residuals,
        np.tan(math.pi * (share - 0.5)),
        full_output=True,
        maxfev=12 * (len(start) + 1),
        ftol=1e-5,
        xtol=1e-5,
    )
    q, covariance = np.asarray(found[0]), found[1]
    p, rss = inside(q), float(np.sum(residuals(q) ** 2))
    scale = max(1.0, rss / max(len(k) - design.n_params, 1))
    slope = (high[0] - low[0]) / (math.pi * (1.0 + q[0] ** 2))
    variance = math.inf if covariance is None else float(covariance[0, 0])
    stderr = max(abs(slope) * math.sqrt(scale * max(variance, 0.0)), LEAST_STDERR)
    rate = 1.0 + float(p[0])
    return Fit(
        "power", rss, design.n_params, rate, stderr, 1, last, columns=lambda: design.columns(p, k)
    ), p
