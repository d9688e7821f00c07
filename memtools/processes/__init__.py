"""Long-memory processes: autocovariance, spectral density, weights, information.

Model objects answer theory; simulation and likelihood both use them.
"""

from memtools.processes._base import Process
from memtools.processes.arfima import ARFIMAProcess
from memtools.processes.fractional_gaussian import FractionalGaussianNoise

__all__ = ["ARFIMAProcess", "FractionalGaussianNoise", "Process"]
