"""The paper's experiments again: Table 2 and what hangs on it, side by side with its figures."""

from memtools.replication.baseline import autoregression
from memtools.replication.models import MODELS, build
from memtools.replication.protocol import Experiment
from memtools.replication.published import TABLE2, compare_models, compare_table2
from memtools.replication.table import SPLITS, replicate_table2

__all__ = [
    "MODELS",
    "SPLITS",
    "TABLE2",
    "Experiment",
    "autoregression",
    "build",
    "compare_models",
    "compare_table2",
    "replicate_table2",
]
