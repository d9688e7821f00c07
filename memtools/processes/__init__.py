"""Long-memory processes: autocovariance, spectral density, weights, information.

Model objects answer theory; simulation and likelihood both use them.
"""

from memtools.processes._base import Process
from memtools.processes.arfima import ARFIMAProcess
from memtools.processes.fractional_gaussian import FractionalGaussianNoise
from memtools.processes.gegenbauer import GegenbauerProcess
from memtools.processes.seasonal import SeasonalARFIMAProcess
from memtools.processes.tempered import TemperedARFIMAProcess
from memtools.processes.varfima import VARFIMAProcess

__all__ = [
    "ARFIMAProcess",
    "FractionalGaussianNoise",
    "GegenbauerProcess",
    "Process",
    "SeasonalARFIMAProcess",
    "TemperedARFIMAProcess",
    "VARFIMAProcess",
]
