"""d from the growth of a statistic with the window it is taken over."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.results._base import DRAWN, number
from memtools.results.estimates import MemoryEstimate, TestResult
from memtools.results.intervals import (
    ConfidenceInterval,
    normal_half_width,
    normal_pvalue,
    normal_quantile,
    normal_scores,
    straight,
)

# Of the quantiles that a scaling estimate knows of its law under noise.
PROBABILITIES = (
    *(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5),
    *(0.75, 0.9, 0.95, 0.975, 0.99, 0.995, 0.999),
)
# A line has this many scales of its own, or more.
_APART = 4
_FAR = 9.0


class Crossover(NamedTuple):
    """Where the slope of a statistic changes, its 95% interval, and the slope on either side."""

    scale: float
    low: float
    high: float
    slope_below: float
    slope_above: float

    def __str__(self) -> str:
        return (
            f"crossover at {self.scale:g} [{self.low:g}, {self.high:g}] observations: slope "
            f"{number(self.slope_below, 2)} below, {number(self.slope_above, 2)} above"
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class ScalingEstimate(MemoryEstimate):
    """d from the growth of a statistic with the window it is taken over.

    Attributes
    ----------
    scales : ndarray, shape (n_scales,)
        Window lengths, in observations.
    statistics : ndarray, shape (n_scales,)
        Average of the statistic over the windows of one length.
    pox_scales, pox : ndarray, shape (n_points,)
        The statistic of single windows: the cloud of a pox plot.
    slope, intercept : float
        Of log(statistic) on log(scale), natural logarithms.
    weights : ndarray, shape (n_scales,)
        Of the scales in the fit of the line.
    fitted : (first, last)
        The range of scales the line is fitted to: shorter ones have next to no weight.
    ordinate : str
        What the statistic is, as the label of an axis.
    orders : ndarray, shape (n_orders,)
        Of the fractional noise whose law is known.
    deviations : ndarray, shape (n_orders, 15)
        Quantiles of the estimate less the order under noise of this length, at `PROBABILITIES`.
    largest_bend : float
        What n_obs times the gains of `bends` under one law exceed with probability 5%.
    """

    scales: FloatArray
    statistics: FloatArray
    weights: FloatArray
    pox_scales: FloatArray
    pox: FloatArray
    slope: float
    intercept: float
    fitted: tuple[float, float]
    ordinate: str
    orders: FloatArray = field(repr=False, metadata=DRAWN)
    deviations: FloatArray = field(repr=False, metadata=DRAWN)
    largest_bend: float = field(repr=False, metadata=DRAWN)

    @property
    def crossover(self) -> Crossover | None:
        """Where the slope changes, if two lines fit better than one; else None.

        The lines meet at one of the scales.  They are said to fit better where n_obs times what
        they take off the weighted sum of squared residuals is more than it is under fractional
        noise of this d in 95% of series.  The interval holds the scales at which they take off
        less than at the best by no more than this.
        """
        good = (self.weights > 0.0) & (self.statistics > 0.0)
        logs, heights = np.log(self.scales[good]), np.log(self.statistics[good])
        gains, changes = bends(logs, heights, self.weights[good])
        gains *= self.n_obs
        if not gains.size or gains.max() <= self.largest_bend:
            return None
        places = self.scales[good][_APART : len(logs) - _APART]
        near = places[gains >= gains.max() - self.largest_bend]
        best = int(gains.argmax())
        below = _slope_below(logs, heights, self.weights[good], float(np.log(places[best])))
        return Crossover(
            scale=float(places[best]),
            low=float(near[0]),
            high=float(near[-1]),
            slope_below=below,
            slope_above=below + float(changes[best]),
        )

    def confidence_interval(self, level: float = 0.95) -> ConfidenceInterval[float]:
        """The d under which the estimate is in neither tail of its law; `test` inverted.

        Parameters
        ----------
        level : float
            Coverage probability, 0.5 or more.

        Returns
        -------
        ConfidenceInterval
            With fields `low` and `high`.
        """
        low, high = accepted_orders(np.array(self.d), level, self.orders, self.deviations)
        return ConfidenceInterval(float(low), float(high))

    def null(self, level: float = 0.95) -> ConfidenceInterval[float]:
        """Where d of white noise (H = 1/2) lies, for this length and these scales.

        Parameters
        ----------
        level : float
            Probability between the two quantiles, 0.5 to 0.998.

        Returns
        -------
        ConfidenceInterval
            With fields `low` and `high`.
        """
        level = _validate.as_level(level)
        largest = 2.0 * PROBABILITIES[-1] - 1.0
        if level > largest:
            raise InvalidInputError("level", f"at most {largest:g}", f"{level:g}")
        scores = [normal_quantile(0.5 - 0.5 * level), normal_quantile(0.5 + 0.5 * level)]
        low, high = np.interp(scores, _scores(), deviations_at(0.0, self.orders, self.deviations))
        return ConfidenceInterval(float(low), float(high))

    def test(self, d0: float = 0.0, alternative: str = "two-sided") -> TestResult:
        """Test of d = d0 by the law of the estimate under white noise, or fractional noise.

        Parameters
        ----------
        d0 : float
            Value of d under the null hypothesis.
        alternative : {"two-sided", "greater", "less"}
            Side of `d0` on which d lies under the alternative.

        Returns
        -------
        TestResult
            `statistic` is a normal score: of d in its law under d = d0.
        """
        found = super().test(d0, alternative)
        deviations = deviations_at(d0, self.orders, self.deviations)
        score = float(law_scores(np.array(self.d - d0), deviations))
        noise = "white noise" if d0 == 0.0 else "fractional noise"
        return replace(
            found,
            statistic=score,
            pvalue=normal_pvalue(score, alternative),
            null=f"d = {d0:g}, {noise}",
            method=f"{self.method} against its law under {noise}",
        )

    def summary(self) -> str:
        """The estimate, and where white noise would put it."""
        low, high = self.null()
        test = self.test()
        found = self.crossover
        bend = "" if found is None else f"\n  {found}"
        return (
            f"{super().summary()}\n"
            f"  of white noise d lies in [{number(low)}, {number(high)}] (95%); p-value of d = 0: "
            f"{test.pvalue:.4g}{bend}"
        )


def _scores() -> FloatArray:
    return np.array([normal_quantile(p) for p in PROBABILITIES])


def law_scores(values: FloatArray, quantiles: FloatArray) -> FloatArray:
    """Normal scores of values in a law of these quantiles; neighbours in the tail are noisy."""
    return normal_scores(values, (quantiles, _scores()), reach=4)


def deviations_at(d: float, orders: FloatArray, deviations: FloatArray) -> FloatArray:
    """The quantiles of an estimate less d, between those at the orders on either side."""
    return np.array([np.interp(d, orders, column) for column in deviations.T])


def accepted_orders(
    found: FloatArray, level: float, orders: FloatArray, deviations: FloatArray
) -> ConfidenceInterval[FloatArray]:
    """Neyman's interval: the orders under which estimates lie between two quantiles of their law.

    Parameters
    ----------
    found : ndarray
        Estimates.
    level : float
    orders, deviations : ndarray, shape (n_orders,) and (n_orders, 15)
        As those of :class:`ScalingEstimate`.
    """
    half = normal_half_width(level)
    scores, ends = _scores(), []
    beyond = max(1.0, half / scores[-1])
    # Past the outer orders the deviations are those there.
    orders = np.concatenate([[orders[0] - _FAR], orders, [orders[-1] + _FAR]])
    deviations = beyond * np.vstack([deviations[:1], deviations, deviations[-1:]])
    for score in (half, -half):
        nodes = orders + [np.interp(score, scores, row) for row in deviations]
        # Where a law hardly moves with d the quantiles of few draws may cross.
        nodes = np.maximum.accumulate(nodes - 0.05 * orders) + 0.05 * orders
        ends.append(straight(found, nodes, orders))
    return ConfidenceInterval(*ends)


def bends(
    logs: FloatArray, heights: FloatArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Two lines that meet at a scale against one, for every scale with enough on either side.

    Parameters
    ----------
    logs : ndarray, shape (n_scales,)
        Logarithms of the scales.
    heights, weights : ndarray, shape (..., n_scales)

    Returns
    -------
    gains, changes : ndarray, shape (..., n_places)
        Weighted sum of squared residuals of one line less that of two; change of the slope.
    """
    rest = _without_line(logs, heights, weights)
    places = logs[_APART : len(logs) - _APART]
    gains = np.empty((*heights.shape[:-1], len(places)))
    changes = np.empty_like(gains)
    for i, place in enumerate(places):
        hinge = np.broadcast_to(np.maximum(logs - place, 0.0), heights.shape)
        own = _without_line(logs, hinge, weights)
        tilted = weights * own
        spread = np.vecdot(tilted, own)
        changes[..., i] = np.vecdot(tilted, rest) / spread
        gains[..., i] = changes[..., i] ** 2 * spread
    return gains, changes


def _without_line(logs: FloatArray, heights: FloatArray, weights: FloatArray) -> FloatArray:
    """What a weighted line leaves."""
    total = weights.sum(axis=-1, keepdims=True)
    along = logs - (weights * logs).sum(axis=-1, keepdims=True) / total
    centred = heights - (weights * heights).sum(axis=-1, keepdims=True) / total
    slope = (weights * along * centred).sum(axis=-1) / (weights * along * along).sum(axis=-1)
    return np.asarray(centred - slope[..., np.newaxis] * along)


def _slope_below(logs: FloatArray, heights: FloatArray, weights: FloatArray, place: float) -> float:
    design = np.stack([np.ones_like(logs), logs, np.maximum(logs - place, 0.0)], axis=1)
    root = np.sqrt(weights)
    return float(np.linalg.lstsq(root[:, np.newaxis] * design, root * heights)[0][1])
