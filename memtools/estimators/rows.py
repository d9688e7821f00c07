"""Which estimators take many rows at once, and with which options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from memtools.estimators._ordinates import Rows
from memtools.estimators.exact import (
    exact_local_whittle,
    exact_local_whittle_rows,
    two_step_local_whittle,
    two_step_rows,
)
from memtools.estimators.gaussian_noise import fgn_whittle, fgn_whittle_rows
from memtools.estimators.log_periodogram import (
    bias_reduced_gph,
    bias_reduced_gph_rows,
    gph,
    gph_rows,
)
from memtools.estimators.parametric import fexp, fexp_rows
from memtools.estimators.scaling.blocks import (
    absolute_moments,
    absolute_moments_rows,
    aggregated_variance,
    aggregated_variance_rows,
)
from memtools.estimators.scaling.fluctuations import (
    detrended_fluctuation,
    detrended_fluctuation_rows,
    detrending_moving_average,
    detrending_moving_average_rows,
    residual_variance,
    residual_variance_rows,
)
from memtools.estimators.scaling.increments import (
    generalised_hurst,
    generalised_hurst_rows,
    higuchi,
    higuchi_rows,
    variogram,
    variogram_rows,
)
from memtools.estimators.scaling.ranges import (
    rescaled_range,
    rescaled_range_rows,
)
from memtools.estimators.whittle import local_whittle, local_whittle_rows
from memtools.spectral import Sample

RowFunction = Callable[..., Rows]


def _two_step(sample: Sample, **options: Any) -> Rows:
    return two_step_rows(sample, **options)[0]


_ROWS: dict[Callable[..., Any], RowFunction] = {
    gph: gph_rows,
    bias_reduced_gph: bias_reduced_gph_rows,
    local_whittle: local_whittle_rows,
    exact_local_whittle: exact_local_whittle_rows,
    two_step_local_whittle: _two_step,
    fgn_whittle: fgn_whittle_rows,
    fexp: fexp_rows,
    rescaled_range: rescaled_range_rows,
    detrended_fluctuation: detrended_fluctuation_rows,
    detrending_moving_average: detrending_moving_average_rows,
    aggregated_variance: aggregated_variance_rows,
    absolute_moments: absolute_moments_rows,
    residual_variance: residual_variance_rows,
    generalised_hurst: generalised_hurst_rows,
    variogram: variogram_rows,
    higuchi: higuchi_rows,
}
NAMES = tuple(function.__name__ for function in _ROWS)
# Those whose rows share the evaluations of their objective.
SHARING = (exact_local_whittle_rows, _two_step, fgn_whittle_rows)
# What the functions of rows have of an option; anything else is done series by series.
_ONLY = {fexp: {"order": 0}}


def rows_of(function: Callable[..., Any], options: Mapping[str, Any]) -> RowFunction | None:
    """The function of many rows that finds what `function` finds of each, if there is one."""
    if function not in _ROWS or options.get("trend_order"):
        return None
    bandwidth = options.get("bandwidth")
    if isinstance(bandwidth, str) and not (function is gph and bandwidth == "square-root"):
        return None  # rules look at each series
    if function is fexp and "order" not in options:
        return None  # the mean over several orders
    if options.get("scales") is not None:
        return None  # windows of a user's
    only = _ONLY.get(function, {})
    return _ROWS[function] if all(options.get(k, v) == v for k, v in only.items()) else None
