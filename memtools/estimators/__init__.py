"""Estimators of the memory parameter d: functions that return a MemoryEstimate."""

from memtools.estimators.bandwidth import adaptive_bandwidth as adaptive_bandwidth
from memtools.estimators.bandwidth import bootstrap_bandwidth as bootstrap_bandwidth
from memtools.estimators.bandwidth import plug_in_bandwidth as plug_in_bandwidth
from memtools.estimators.exact import exact_local_whittle as exact_local_whittle
from memtools.estimators.exact import two_step_local_whittle as two_step_local_whittle
from memtools.estimators.gaussian_noise import fgn_whittle as fgn_whittle
from memtools.estimators.log_periodogram import bias_reduced_gph as bias_reduced_gph
from memtools.estimators.log_periodogram import gph as gph
from memtools.estimators.log_periodogram import smoothed_gph as smoothed_gph
from memtools.estimators.log_periodogram import trimmed_gph as trimmed_gph
from memtools.estimators.multifractal import mfdfa as mfdfa
from memtools.estimators.multifractal import wavelet_leaders as wavelet_leaders
from memtools.estimators.multivariate import (
    multivariate_local_whittle as multivariate_local_whittle,
)
from memtools.estimators.parametric import fexp as fexp
from memtools.estimators.perturbed import contaminated_local_whittle as contaminated_local_whittle
from memtools.estimators.perturbed import local_whittle_plus_noise as local_whittle_plus_noise
from memtools.estimators.scaling import absolute_moments as absolute_moments
from memtools.estimators.scaling import aggregated_variance as aggregated_variance
from memtools.estimators.scaling import dcca as dcca
from memtools.estimators.scaling import detrended_fluctuation as detrended_fluctuation
from memtools.estimators.scaling import detrending_moving_average as detrending_moving_average
from memtools.estimators.scaling import generalised_hurst as generalised_hurst
from memtools.estimators.scaling import higuchi as higuchi
from memtools.estimators.scaling import rescaled_range as rescaled_range
from memtools.estimators.scaling import residual_variance as residual_variance
from memtools.estimators.scaling import variogram as variogram
from memtools.estimators.seasonal import seasonal_local_whittle as seasonal_local_whittle
from memtools.estimators.wavelet import wavelet_variance as wavelet_variance
from memtools.estimators.wavelet import wavelet_whittle as wavelet_whittle
from memtools.estimators.whittle import fully_extended_local_whittle as fully_extended_local_whittle
from memtools.estimators.whittle import local_whittle as local_whittle
