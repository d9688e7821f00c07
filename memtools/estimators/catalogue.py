"""Estimators of d that a user asks for by name, beside those that stand in every report."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from memtools._validate import Bandwidth
from memtools.estimators import scaling
from memtools.estimators.gaussian_noise import fgn_whittle
from memtools.estimators.log_periodogram import trimmed_gph
from memtools.estimators.parametric import fexp
from memtools.estimators.seasonal import seasonal_local_whittle
from memtools.estimators.wavelet import wavelet_variance, wavelet_whittle
from memtools.exceptions import InvalidInputError
from memtools.results import MemoryEstimate

OTHERS: dict[str, Callable[..., MemoryEstimate]] = {
    function.__name__: function
    for function in (
        *(fgn_whittle, fexp, trimmed_gph, wavelet_variance, wavelet_whittle),
        *(scaling.rescaled_range, scaling.detrended_fluctuation),
        *(scaling.detrending_moving_average, scaling.aggregated_variance),
        *(scaling.residual_variance, scaling.absolute_moments, scaling.higuchi),
        *(scaling.generalised_hurst, scaling.variogram, seasonal_local_whittle),
    )
}


def options_of(
    name: str, estimator: Callable[..., MemoryEstimate], bandwidth: Bandwidth, period: Any
) -> dict[str, Any]:
    """What an estimator takes of the options of a report; one that it has not is refused."""
    taken = inspect.signature(estimator).parameters
    options: dict[str, Any] = {}
    if "bandwidth" in taken:
        options["bandwidth"] = bandwidth
    elif bandwidth is not None:
        allowed = f"left out for {name}, which uses no number of Fourier ordinates"
        raise InvalidInputError("bandwidth", allowed, repr(bandwidth))
    if "period" in taken and not isinstance(period, str):
        options["period"] = int(period) if float(period).is_integer() else period
    return options
