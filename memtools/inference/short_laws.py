"""The row statistics of the tests against long memory with the lags they choose themselves."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.fft

from memtools._validate import FloatArray
from memtools.inference import partial_sums as ps

LARGEST_ORDER = 8  # of the autoregression that Robinson's LM statistic allows for


def whittle_ordinates(r: FloatArray, n_obs: int) -> np.ndarray:
    """Plug-in number of ordinates for AR(1) (Lobato and Robinson, 1998), at most n_obs^0.65."""
    curvature = np.maximum(np.abs(r / (1.0 - r) ** 2), 1e-6)
    m = (0.75 / math.pi) ** 0.8 * curvature**-0.4 * n_obs**0.8
    return np.clip(m, max(6, int(n_obs**0.4)), int(n_obs**0.65)).astype(np.int64)


def of_kind(name: str, rows: FloatArray, r: float) -> tuple[str, float]:
    """The law of AR(1) or of MA(1), by whose second autocorrelation is nearer, and its coefficient.

    `r` is the first autocorrelation.
    """
    acov = ps.autocovariances(ps.centred(rows), 2)[0]
    first, second = acov[1:] / acov[0]
    if abs(second) >= abs(second - first**2):
        return name, r
    return f"{name}_moving", 2.0 * r / (1.0 + math.sqrt(max(1.0 - 4.0 * r**2, 0.0)))


def lm_order(n_obs: int) -> int:
    """Largest order of the autoregression at this length."""
    return min(LARGEST_ORDER, int(n_obs ** (1 / 3)))


def pp_lags(n_obs: int) -> int:
    """arch's default: ceil(12 (n / 100)^(1/4))."""
    return math.ceil(12.0 * (n_obs / 100.0) ** 0.25)


def _partial(
    statistic: Callable[..., FloatArray], take_off: Callable[..., FloatArray] = ps.centred
) -> Callable[[FloatArray], FloatArray]:
    def of_rows(rows: FloatArray) -> FloatArray:
        x = take_off(rows)
        lags = ps.andrews_lags(ps.first_autocorrelation(x), rows.shape[1])
        return statistic(x, ps.bartlett_variance(x, lags))

    return of_rows


def _lobato_robinson(rows: FloatArray) -> FloatArray:
    n_obs = rows.shape[1]
    m = whittle_ordinates(ps.first_autocorrelation(rows), n_obs)
    power = np.abs(scipy.fft.rfft(rows)[:, 1 : int(m.max()) + 1]) ** 2
    statistic = np.empty(len(rows))
    for size in np.unique(m):
        statistic[m == size] = ps.whittle_score(power[m == size, :size])
    return statistic


def _robinson_lm(rows: FloatArray) -> FloatArray:
    return ps.lm_statistic(rows, lm_order(rows.shape[1]))[0]


def _phillips_perron(trend: str) -> Callable[[FloatArray], FloatArray]:
    def of_rows(rows: FloatArray) -> FloatArray:
        paths = np.cumsum(rows, axis=1)
        return ps.phillips_perron_tau(paths, pp_lags(rows.shape[1]), trend)

    return of_rows


# name of a law -> the statistic of rows of short memory (for PP: of the increments)
STATISTICS: dict[str, Any] = {
    "range": _partial(ps.range_statistic),
    "vs": _partial(ps.vs_statistic),
    "kpss_c": _partial(ps.kpss_statistic),
    "kpss_ct": _partial(ps.kpss_statistic, ps.detrended),
    "pp_c": _phillips_perron("c"),
    "pp_ct": _phillips_perron("ct"),
    "lm": _robinson_lm,
    "lobato_robinson": _lobato_robinson,
}

# Of these the law depends on whether the first autocorrelation is an AR(1)'s or an MA(1)'s.
OF_MOVING = ("lm", "lobato_robinson")
