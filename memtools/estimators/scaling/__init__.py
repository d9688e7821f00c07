"""Estimators of d from the growth of a statistic with the length of the window it is taken over."""

from memtools.estimators.scaling.blocks import absolute_moments as absolute_moments
from memtools.estimators.scaling.blocks import aggregated_variance as aggregated_variance
from memtools.estimators.scaling.cross import dcca as dcca
from memtools.estimators.scaling.fluctuations import detrended_fluctuation as detrended_fluctuation
from memtools.estimators.scaling.fluctuations import (
    detrending_moving_average as detrending_moving_average,
)
from memtools.estimators.scaling.fluctuations import residual_variance as residual_variance
from memtools.estimators.scaling.increments import generalised_hurst as generalised_hurst
from memtools.estimators.scaling.increments import higuchi as higuchi
from memtools.estimators.scaling.increments import variogram as variogram
from memtools.estimators.scaling.ranges import rescaled_range as rescaled_range
