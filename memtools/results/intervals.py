"""The one normal interval of the house, and the normal distribution it comes from."""

from __future__ import annotations

import math
from typing import Any, Generic, NamedTuple, TypeVar

from memtools import _validate

Number = TypeVar("Number")


class ConfidenceInterval(NamedTuple, Generic[Number]):
    """The two ends of an interval, or of many: numbers, arrays or Series."""

    low: Number
    high: Number


def normal_quantile(probability: float) -> float:
    """Quantile of the standard normal distribution."""
    from statistics import NormalDist

    return NormalDist().inv_cdf(probability)


def normal_cdf(value: float) -> float:
    """Distribution function of the standard normal distribution."""
    return 0.5 * math.erfc(-value / math.sqrt(2.0))


def normal_pvalue(statistic: float, alternative: str) -> float:
    """P-value of a standard normal statistic ("two-sided", "greater" or "less")."""
    if alternative == "two-sided":
        return math.erfc(abs(statistic) / math.sqrt(2.0))
    signed = statistic if alternative == "greater" else -statistic
    return 0.5 * math.erfc(signed / math.sqrt(2.0))


def normal_half_width(level: float) -> float:
    """z of the two-sided interval of this level, in standard errors."""
    return normal_quantile(0.5 + _validate.as_level(level) / 2.0)


def normal_interval(value: Number, stderr: Number, level: float) -> ConfidenceInterval[Number]:
    """value -/+ z stderr, number by number."""
    half: Any = normal_half_width(level) * stderr  # type: ignore[operator]
    return ConfidenceInterval(value - half, value + half)
