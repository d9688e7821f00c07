"""Result classes: frozen, keyword-only, with intervals, text and plain dictionaries.

Results know no estimator: they hold numbers and show them.
"""

from memtools.results._base import Result
from memtools.results.estimates import MemoryEstimate, TestResult
from memtools.results.forgetting import Imitation, InverseGamma, TimeConstants
from memtools.results.intervals import ConfidenceInterval
from memtools.results.models import (
    ContrastResult,
    ForecastResults,
    OrderSelection,
    ResidualDiagnostics,
)
from memtools.results.montecarlo import MonteCarloCell, MonteCarloResult
from memtools.results.networks import (
    Condition,
    DecayReport,
    ErgodicityReport,
    ImpulseWeights,
    NetworkReport,
)
from memtools.results.panels import PanelReport, PanelRow
from memtools.results.portraits import (
    BandwidthCurve,
    Correlogram,
    RollingMemory,
    ScalingEstimate,
    SeriesPortrait,
)
from memtools.results.report import Explanation, MemoryReport
from memtools.results.spectra import Spectrum
from memtools.results.tests import BreakTestResult, TestTable
from memtools.results.training import TrainingResult

__all__ = [
    "BandwidthCurve",
    "BreakTestResult",
    "Condition",
    "ConfidenceInterval",
    "ContrastResult",
    "Correlogram",
    "DecayReport",
    "ErgodicityReport",
    "Explanation",
    "ForecastResults",
    "Imitation",
    "ImpulseWeights",
    "InverseGamma",
    "MemoryEstimate",
    "MemoryReport",
    "MonteCarloCell",
    "MonteCarloResult",
    "NetworkReport",
    "OrderSelection",
    "PanelReport",
    "PanelRow",
    "ResidualDiagnostics",
    "Result",
    "RollingMemory",
    "ScalingEstimate",
    "SeriesPortrait",
    "Spectrum",
    "TestResult",
    "TestTable",
    "TimeConstants",
    "TrainingResult",
]
