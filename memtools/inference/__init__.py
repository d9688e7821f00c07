"""Tests of memory: short against long, true against spurious, breaks."""

from memtools.inference.battery import TESTS, memory_tests
from memtools.inference.equality import (
    equal_memory_test,
    split_sample_test,
    temporal_aggregation_test,
)
from memtools.inference.mean_shift import mean_shift_test
from memtools.inference.short_memory import (
    kpss_test,
    lobato_robinson,
    modified_rescaled_range,
    phillips_perron_test,
    robinson_lm,
    vs_test,
)
from memtools.inference.spurious import qu_test

__all__ = [
    "TESTS",
    "equal_memory_test",
    "kpss_test",
    "lobato_robinson",
    "mean_shift_test",
    "memory_tests",
    "modified_rescaled_range",
    "phillips_perron_test",
    "qu_test",
    "robinson_lm",
    "split_sample_test",
    "temporal_aggregation_test",
    "vs_test",
]
