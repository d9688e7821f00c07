"""Estimators of the memory parameter d: functions that return a MemoryEstimate."""

from memtools.estimators.bandwidth import (
    adaptive_bandwidth,
    bootstrap_bandwidth,
    plug_in_bandwidth,
)
from memtools.estimators.exact import exact_local_whittle, two_step_local_whittle
from memtools.estimators.gaussian_noise import fgn_whittle
from memtools.estimators.log_periodogram import bias_reduced_gph, gph, smoothed_gph
from memtools.estimators.parametric import fexp
from memtools.estimators.perturbed import contaminated_local_whittle, local_whittle_plus_noise
from memtools.estimators.scaling import (
    aggregated_variance,
    detrended_fluctuation,
    rescaled_range,
)
from memtools.estimators.whittle import fully_extended_local_whittle, local_whittle

__all__ = [
    "adaptive_bandwidth",
    "aggregated_variance",
    "bias_reduced_gph",
    "bootstrap_bandwidth",
    "contaminated_local_whittle",
    "detrended_fluctuation",
    "exact_local_whittle",
    "fexp",
    "fgn_whittle",
    "fully_extended_local_whittle",
    "gph",
    "local_whittle",
    "local_whittle_plus_noise",
    "plug_in_bandwidth",
    "rescaled_range",
    "smoothed_gph",
    "two_step_local_whittle",
]
