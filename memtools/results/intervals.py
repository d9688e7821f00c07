"""The one normal interval of the house, the normal distribution it comes from, many p-values."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

import numpy as np

from memtools import _validate
from memtools._validate import FloatArray

Number = TypeVar("Number")
# Values of a statistic, rising, and the normal scores that they have in its law.
Law: TypeAlias = tuple[FloatArray, FloatArray]
LawMaker: TypeAlias = Callable[[], Law]


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


def normal_scores(values: FloatArray | float, law: Law, reach: int = 1) -> FloatArray:
    """Normal scores of values in a law: straight between its nodes, and on beyond the last."""
    return straight(values, *law, reach)


def straight(
    values: FloatArray | float, nodes: FloatArray, heights: FloatArray, reach: int = 1
) -> FloatArray:
    """Straight lines through rising nodes; the slope beyond is that over `reach` intervals."""
    found = np.interp(values, nodes, heights)
    for end, inner, outside in (
        (0, reach, values < nodes[0]),
        (-1, -1 - reach, values > nodes[-1]),
    ):
        if np.any(outside):
            slope = (heights[end] - heights[inner]) / (nodes[end] - nodes[inner])
            found = np.where(outside, heights[end] + slope * (values - nodes[end]), found)
    return np.asarray(found)


def adjusted_pvalues(pvalues: FloatArray) -> FloatArray:
    """p-values after Benjamini and Hochberg (1995); NaN are left out and stay.

    As SciPy's `false_discovery_control`, in place: of a billion series every copy is 8 GB.
    """
    found = np.array(pvalues)
    flat = found.reshape(-1)
    n_known = flat.size - int(np.count_nonzero(np.isnan(flat)))
    order = np.argsort(flat)[:n_known]  # NaN come last
    ranked = flat[order]
    ranked *= n_known / np.arange(1.0, n_known + 1.0)
    np.minimum.accumulate(ranked[::-1], out=ranked[::-1])
    flat[order] = np.minimum(ranked, 1.0, out=ranked)
    return found
