"""Tests of memory: short against long, true against spurious, breaks, cointegration."""

from memtools.inference.battery import TESTS, TESTS_OF_SEVERAL, memory_tests
from memtools.inference.cointegrating_rank import cointegration_rank
from memtools.inference.cointegrating_regression import (
    fully_modified_least_squares,
    narrow_band_least_squares,
)
from memtools.inference.cointegration_residuals import residual_cointegration_test
from memtools.inference.contaminated import contamination_test
from memtools.inference.differenced import difference_test
from memtools.inference.differencing import minimum_difference
from memtools.inference.equality import (
    equal_memory_test,
    split_sample_test,
    temporal_aggregation_test,
)
from memtools.inference.goodness import goodness_of_fit_test
from memtools.inference.mean_segments import mean_breaks
from memtools.inference.mean_shift import mean_shift_test
from memtools.inference.memory_change import memory_change_test
from memtools.inference.paired import paired_memory_test
from memtools.inference.short_memory import (
    kpss_test,
    lobato_robinson,
    modified_rescaled_range,
    phillips_perron_test,
    robinson_lm,
    vs_test,
)
from memtools.inference.spurious import qu_test
from memtools.inference.spurious_panel import multivariate_spurious_test
from memtools.inference.tempering import tempering_test
from memtools.inference.trend import trend_test

__all__ = [
    "TESTS",
    "TESTS_OF_SEVERAL",
    "cointegration_rank",
    "contamination_test",
    "difference_test",
    "equal_memory_test",
    "fully_modified_least_squares",
    "goodness_of_fit_test",
    "kpss_test",
    "lobato_robinson",
    "mean_breaks",
    "mean_shift_test",
    "memory_change_test",
    "memory_tests",
    "minimum_difference",
    "modified_rescaled_range",
    "multivariate_spurious_test",
    "narrow_band_least_squares",
    "paired_memory_test",
    "phillips_perron_test",
    "qu_test",
    "residual_cointegration_test",
    "robinson_lm",
    "split_sample_test",
    "tempering_test",
    "temporal_aggregation_test",
    "trend_test",
    "vs_test",
]
