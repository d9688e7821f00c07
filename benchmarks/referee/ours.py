"""Our own estimators of d, each as it is called without options, and a few with."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from entries import Entry, Found

import memtools as mt


def arfima(x: np.ndarray, order: tuple[int, int]) -> Found:
    fitted = mt.ARFIMA(x, order).fit("whittle" if any(order) else "exact")
    return Found(fitted.d, *fitted.confidence_interval())


def best_arfima(x: np.ndarray) -> Found:
    fitted = mt.select_arfima(x, 1, 1, method="whittle").best
    return Found(fitted.d, *fitted.confidence_interval())


_CALLS: dict[str, Callable[[np.ndarray], Any]] = {
    "estimate": mt.estimate,
    "fgn_whittle": mt.fgn_whittle,
    "ARFIMA(0, d, 0)": partial(arfima, order=(0, 0)),
    "ARFIMA(1, d, 1), Whittle": partial(arfima, order=(1, 1)),
    "select_arfima, Whittle": best_arfima,
    "fexp": mt.fexp,
    "local_whittle": mt.local_whittle,
    "local_whittle, adaptive": partial(mt.local_whittle, bandwidth="adaptive"),
    "local_whittle, taper hc": partial(mt.local_whittle, taper="hc"),
    "exact_local_whittle": mt.exact_local_whittle,
    "two_step_local_whittle, line": partial(mt.two_step_local_whittle, trend_order=1),
    "local_whittle_plus_noise": mt.local_whittle_plus_noise,
    "contaminated_local_whittle": mt.contaminated_local_whittle,
    "gph": mt.gph,
    "gph, square-root": partial(mt.gph, bandwidth="square-root"),
    "trimmed_gph": mt.trimmed_gph,
    "bias_reduced_gph": mt.bias_reduced_gph,
    "wavelet_whittle": mt.wavelet_whittle,
    "wavelet_variance": mt.wavelet_variance,
    "detrended_fluctuation": mt.detrended_fluctuation,
    "detrending_moving_average": mt.detrending_moving_average,
    "residual_variance": mt.residual_variance,
    "rescaled_range": mt.rescaled_range,
    "aggregated_variance": mt.aggregated_variance,
    "absolute_moments": mt.absolute_moments,
    "generalised_hurst": mt.generalised_hurst,
    "higuchi": mt.higuchi,
}
_SLOW = ("estimate", "ARFIMA(0, d, 0)")
ENTRIES = [
    Entry("memtools", name, "memtools", call, name in _SLOW) for name, call in _CALLS.items()
]
