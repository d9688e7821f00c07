"""Distributions of coefficients of regressors, and of the innovation variance."""

from __future__ import annotations

import math
from dataclasses import dataclass

from memtools._validate import FloatArray
from memtools.results.intervals import ConfidenceInterval, normal_quantile

_LEAST_TAIL = 1e-12


@dataclass(frozen=True)
class Regression:
    """Student's t distributions of coefficients, mixed over d.

    Attributes
    ----------
    names : tuple of str
    mass : ndarray, shape (n_nodes,)
        Confidence mass of each d.
    beta, stderr : ndarray, shape (n_nodes, k)
    freedom : int
    """

    names: tuple[str, ...]
    mass: FloatArray
    beta: FloatArray
    stderr: FloatArray
    freedom: int

    def cdf(self, j: int, value: float) -> float:
        """Confidence that the coefficient is at most a value."""
        from scipy.special import stdtr

        distance = (value - self.beta[:, j]) / self.stderr[:, j]
        return float(self.mass @ stdtr(self.freedom, distance))

    def z(self, j: int, value: float) -> float:
        """The standard normal deviate of the same two-sided P-value."""
        return _deviate(self.cdf(j, value))

    def interval(self, j: int, level: float) -> ConfidenceInterval[float]:
        """Between equal tails."""
        from scipy.optimize import brentq

        width = float(self.stderr[:, j].max())
        low, high = float(self.beta[:, j].min()), float(self.beta[:, j].max())
        while self.cdf(j, low) > 0.5 - level / 2.0:
            low -= width
        while self.cdf(j, high) < 0.5 + level / 2.0:
            high += width
        scale = float(self.stderr[:, j].min())
        return ConfidenceInterval(
            *(
                float(brentq(lambda b, p=p: self.cdf(j, b) - p, low, high, xtol=1e-9 * scale))
                for p in (0.5 - level / 2.0, 0.5 + level / 2.0)
            )
        )


def _deviate(below: float) -> float:
    """Normal deviate of an estimate above a value that has this confidence below it."""
    tail = max(min(below, 1.0 - below), _LEAST_TAIL)
    return math.copysign(normal_quantile(1.0 - tail), 0.5 - below)


def variance_z(square: float, freedom: int, value: float) -> float:
    """Normal deviate of a value of a variance; nought is infinitely far."""
    from scipy.special import chdtrc

    return _deviate(float(chdtrc(freedom, square / value))) if value > 0.0 else math.inf


def variance_interval(square: float, freedom: int, level: float) -> ConfidenceInterval[float]:
    """Interval of a variance from a sum of squares with so many degrees of freedom."""
    from scipy.special import chdtri

    tails = (0.5 - level / 2.0, 0.5 + level / 2.0)
    return ConfidenceInterval(*(square / float(chdtri(freedom, tail)) for tail in tails))
