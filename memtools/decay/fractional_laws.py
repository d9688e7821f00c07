"""ARFIMA weights, with short-run dynamics, as a power law."""

from __future__ import annotations

import math

import numpy as np

from memtools import fractional
from memtools._validate import FloatArray
from memtools.decay.exponentials import with_tail
from memtools.decay.laws import LEAST_STDERR, Data, Fit, residual_sums

_SHORT_RUN = np.concatenate([-np.arange(0.9, 0.0, -0.15), np.arange(0.05, 0.96, 0.1)])
_ORDERS = np.concatenate([np.arange(-0.5, -0.01, 0.05), np.arange(0.05, 0.96, 0.05)])


def _fractional_columns(n: int, order: float, pole: float) -> FloatArray:
    """Weights of (1 - B)^order / (1 - pole B) at lags k + 1, k, k - 1 for k = 1..n: (n, 3)."""
    from scipy.signal import lfilter

    u = lfilter([1.0], [1.0, -pole], fractional.weights(order, n + 2))
    return np.column_stack([u[2:], u[1:-1], u[:-2]])


def fractional_fits(data: Data, ends: list[int | None]) -> list[Fit]:
    """ARFIMA(1, d, 2) weights, with or without one further mode, whole or cut."""
    n, fits = len(data.lags), []
    designs = [(order, pole) for order in _ORDERS for pole in _SHORT_RUN]
    signs = np.array([order > 0.0 for order, _ in designs])
    modes = {pole: (pole**data.lags)[:, np.newaxis] for pole in _SHORT_RUN}
    columns = np.stack(
        [np.column_stack([_fractional_columns(n, *pair), modes[pair[1]]]) for pair in designs]
    )
    for last in ends:
        y, sigma = data.values[:last], data.sigma[:last]
        rss = residual_sums(columns[:, :last] / sigma[:, np.newaxis], y / sigma)
        two_poles = []
        for side in (signs, ~signs):  # the two kinds have minima of their own
            start = designs[int(np.flatnonzero(side)[np.argmin(rss[side])])]
            fits.append(_refined_fractional(data, last, start))
            for pole in (-0.4, 0.4):
                two_poles.append(_refined_fractional(data, last, (*start, pole)))
        fits.append(min(two_poles, key=lambda fit: fit.rss))
    return [with_tail(data, fit) for fit in fits]


def _refined_fractional(data: Data, last: int | None, start: tuple[float, ...]) -> Fit:
    from scipy.optimize import least_squares

    k, y, sigma = data.lags[:last], data.values[:last], data.sigma[:last]

    def design(p: FloatArray) -> FloatArray:
        columns = _fractional_columns(len(k), p[0], p[1])
        if len(p) == 3:  # a filter that starts at lag 1 leaves a mode of its own pole
            columns = np.column_stack([columns, p[1] ** k, p[2] ** k])
        return columns

    def residuals(p: FloatArray) -> FloatArray:
        columns = design(p) / sigma[:, np.newaxis]
        return y / sigma - columns @ np.linalg.lstsq(columns, y / sigma, rcond=1e-12)[0]

    side = (0.02, 0.97) if start[0] > 0.0 else (-0.6, -0.02)
    bounds = [side[0]] + [-0.98] * (len(start) - 1), [side[1]] + [0.98] * (len(start) - 1)
    found = least_squares(residuals, start, bounds=bounds, max_nfev=20)
    n_params = 5 if len(start) == 2 else 8
    rss, jac = 2.0 * float(found.cost), np.asarray(found.jac)
    scale = max(1.0, rss / max(len(k) - n_params, 1))
    variance = float(np.linalg.pinv(jac.T @ jac)[0, 0])
    stderr = max(math.sqrt(scale * max(variance, 0.0)), LEAST_STDERR)
    exponent = 1.0 + float(found.x[0])
    return Fit("power", rss, n_params, exponent, stderr, 1, last, columns=lambda: design(found.x))
