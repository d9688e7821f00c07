"""Result classes: frozen, keyword-only, with intervals, text and plain dictionaries.

Results know no estimator: they hold numbers and show them.
"""

from memtools.results._base import Result as Result
from memtools.results.differencing import MinimumDifference as MinimumDifference
from memtools.results.estimates import BreakTestResult as BreakTestResult
from memtools.results.estimates import MeanBreaks as MeanBreaks
from memtools.results.estimates import MemoryEstimate as MemoryEstimate
from memtools.results.estimates import TestResult as TestResult
from memtools.results.estimates import TestTable as TestTable
from memtools.results.forecasts import NetworkForecast as NetworkForecast
from memtools.results.intervals import ConfidenceInterval as ConfidenceInterval
from memtools.results.many import ManyEstimates as ManyEstimates
from memtools.results.models import ContrastResult as ContrastResult
from memtools.results.models import ForecastResults as ForecastResults
from memtools.results.models import OrderSelection as OrderSelection
from memtools.results.models import ResidualDiagnostics as ResidualDiagnostics
from memtools.results.models import TemperedFit as TemperedFit
from memtools.results.multifractal import MultifractalSpectrum as MultifractalSpectrum
from memtools.results.multifractal import ScaleCorrelation as ScaleCorrelation
from memtools.results.multivariate import CointegratingRegression as CointegratingRegression
from memtools.results.multivariate import CointegrationRank as CointegrationRank
from memtools.results.multivariate import MultivariateEstimate as MultivariateEstimate
from memtools.results.multivariate import TotalMemory as TotalMemory
from memtools.results.networks import Condition as Condition
from memtools.results.networks import DecayReport as DecayReport
from memtools.results.networks import ErgodicityReport as ErgodicityReport
from memtools.results.networks import ImpulseWeights as ImpulseWeights
from memtools.results.networks import NetworkReport as NetworkReport
from memtools.results.panels import MonteCarloCell as MonteCarloCell
from memtools.results.panels import MonteCarloResult as MonteCarloResult
from memtools.results.panels import PanelReport as PanelReport
from memtools.results.panels import PanelRow as PanelRow
from memtools.results.portraits import BandwidthCurve as BandwidthCurve
from memtools.results.portraits import Correlogram as Correlogram
from memtools.results.portraits import RollingMemory as RollingMemory
from memtools.results.portraits import SeriesPortrait as SeriesPortrait
from memtools.results.portraits import Spectrum as Spectrum
from memtools.results.report import Explanation as Explanation
from memtools.results.report import MemoryReport as MemoryReport
from memtools.results.scaling import PROBABILITIES as PROBABILITIES
from memtools.results.scaling import Crossover as Crossover
from memtools.results.scaling import ScalingEstimate as ScalingEstimate
from memtools.results.scaling import accepted_orders as accepted_orders
from memtools.results.scaling import bends as bends
from memtools.results.scaling import deviations_at as deviations_at
from memtools.results.scaling import law_scores as law_scores
from memtools.results.training import Imitation as Imitation
from memtools.results.training import InverseGamma as InverseGamma
from memtools.results.training import NetworkSelection as NetworkSelection
from memtools.results.training import TimeConstants as TimeConstants
from memtools.results.training import TrainingResult as TrainingResult
