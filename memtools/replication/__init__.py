"""The paper's experiments again: Table 2 and what hangs on it, side by side with its figures."""

from memtools.replication.baseline import autoregression, baselines, fractional_model
from memtools.replication.experiments import (
    FILTER_LENGTHS,
    FILTER_MODELS,
    compare_filter_lengths,
    replicate_filter_lengths,
    short_memory,
)
from memtools.replication.models import MODELS, build, rebuild
from memtools.replication.protocol import Experiment
from memtools.replication.published import TABLE2, compare_models, compare_table2, minima
from memtools.replication.table import SPLITS, replicate_table2

__all__ = [
    "FILTER_LENGTHS",
    "FILTER_MODELS",
    "MODELS",
    "SPLITS",
    "TABLE2",
    "Experiment",
    "autoregression",
    "baselines",
    "build",
    "compare_filter_lengths",
    "compare_models",
    "compare_table2",
    "fractional_model",
    "minima",
    "rebuild",
    "replicate_filter_lengths",
    "replicate_table2",
    "short_memory",
]
