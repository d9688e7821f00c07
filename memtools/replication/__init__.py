"""The paper's experiments again: Table 2 and what hangs on it, side by side with its figures."""

from memtools.replication.baseline import autoregression, baselines, fractional_model
from memtools.replication.experiments import (
    FILTER_LENGTHS,
    FILTER_MODELS,
    compare_filter_lengths,
    replicate_filter_lengths,
    short_memory,
)
from memtools.replication.models import MODELS, REVIEW_MODELS, build, build_classifier, rebuild
from memtools.replication.protocol import Experiment
from memtools.replication.published import TABLE2, TABLE5, compare_models, compare_table2, minima
from memtools.replication.review_files import ReviewData, review_data
from memtools.replication.reviews import (
    ARRANGEMENTS,
    compare_reviews,
    replicate_reviews,
)
from memtools.replication.rivals import review_rivals
from memtools.replication.table import SPLITS, replicate_table2

__all__ = [
    "ARRANGEMENTS",
    "FILTER_LENGTHS",
    "FILTER_MODELS",
    "MODELS",
    "REVIEW_MODELS",
    "SPLITS",
    "TABLE2",
    "TABLE5",
    "Experiment",
    "ReviewData",
    "autoregression",
    "baselines",
    "build",
    "build_classifier",
    "compare_filter_lengths",
    "compare_models",
    "compare_reviews",
    "compare_table2",
    "fractional_model",
    "minima",
    "rebuild",
    "replicate_filter_lengths",
    "replicate_reviews",
    "replicate_table2",
    "review_data",
    "review_rivals",
    "short_memory",
]
