"""What all scaling estimators share: window lengths and the fitted line."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError

IntArray: TypeAlias = NDArray[np.int64]
Clouds: TypeAlias = list[FloatArray]
# Of rows and window lengths to statistics (n_rows, n_scales); single windows of one row, if asked.
Measure: TypeAlias = Callable[[FloatArray, IntArray, Clouds | None], FloatArray]

MIN_OBS = 64
# Less than this share of the largest is what rounding leaves of nothing.
_ROUNDING = 1e-11
# Of the first look, in its biased units: where windows are the longer ones of d = -0.3; from where
# to where the series summed once more takes over.
_LONGER_AT = -0.2
_AGAIN_FROM, _AGAIN_AT = -0.05, -0.15


@dataclass(frozen=True)
class Statistic:
    """One way of measuring how a series spreads with the length of the window.

    Attributes
    ----------
    name : str
        Of the public function, and of its law.
    method, ordinate : str
        In words.
    measure : callable
    lengths : (shortest, share, odd)
        Default windows: from the shortest to n_obs / share, odd lengths where asked.
    power, offset : float
        The logarithm of the statistic grows like power H + offset.
    first : (float, float)
        Windows from about here on are fitted at n_obs = 1024, and where the series is
        antipersistent; they grow like the root of n_obs.  Shorter ones see the short run.
    highest : float
        End of the range of d.
    twice : bool
        An antipersistent series is summed once more; else its windows are longer.
    options : tuple
        What differs from the function's defaults; nothing does where it is empty.
    """

    name: str
    method: str
    ordinate: str
    measure: Measure
    lengths: tuple[int, int, bool]
    first: tuple[float, float]
    power: float = 1.0
    offset: float = 0.0
    highest: float = 0.5
    twice: bool = False
    options: tuple[Any, ...] = ()

    def scales(self, n_obs: int) -> IntArray:
        """Default window lengths: four an octave, so that blocks of one build the next."""
        _validate.require_length(n_obs, "x", MIN_OBS)
        shortest, share, odd = self.lengths
        octaves = 2 ** np.arange(max(1, n_obs.bit_length()))
        grid = np.concatenate([[1, 2, 3, 4, 6], *(b * octaves for b in (8, 10, 12, 14))])
        grid = grid + (grid % 2 == 0) if odd else grid
        kept = grid[(grid >= shortest) & (grid <= max(n_obs // share, 3 * shortest))]
        return np.unique(kept).astype(np.int64)

    def order_of(self, slope: FloatArray) -> FloatArray:
        """d as the slope has it."""
        return np.asarray((slope - self.offset) / self.power - 0.5)


@dataclass(frozen=True)
class Fit:
    """What is found in rows: statistics by scale, weighted lines through them, and their d."""

    table: FloatArray
    slope: FloatArray
    intercept: FloatArray
    weights: FloatArray
    raw: FloatArray


def fitted(
    statistic: Statistic,
    values: FloatArray,
    scales: IntArray,
    even: bool,
    clouds: Clouds | None = None,
) -> Fit:
    """Lines through the statistics of many rows; with `even`, all scales weigh the same.

    Otherwise the weight is 1 / s, as the variance of a logarithm grows like s, and fades below a
    first scale.  Where a first look says that a row is antipersistent, short windows tell more of
    the process than of d, as they add a constant to what grows like s^2H.
    """
    table = statistic.measure(values, scales, clouds)
    logs, (heights, good) = np.log(scales), _heights(statistic, table)
    if even:
        lines = _lines(logs, heights, good.astype(float))
        return Fit(table, *lines, statistic.order_of(lines[0]))
    weights = good / scales
    low, high = (math.sqrt(values.shape[-1] / 1024.0) * first for first in statistic.first)
    look = _lines(logs, heights, weights * _beyond(scales, low))
    raw = statistic.order_of(look[0])
    if not statistic.twice:
        share = np.clip(raw / _LONGER_AT, 0.0, 1.3)
        first = low * (high / low) ** share
        lines = _lines(logs, heights, weights * _beyond(scales, first[:, np.newaxis]))
        return Fit(table, *lines, statistic.order_of(lines[0]))
    # Kantelhardt et al. (2002, section 2): summed once more the constant is gone.
    share = np.clip((raw - _AGAIN_FROM) / (_AGAIN_AT - _AGAIN_FROM), 0.0, 1.0)
    rows = share > 0.0
    if rows.any():
        again = statistic.measure(profiles(values[rows]), scales, None)
        heights, good = _heights(statistic, again)
        slope = _lines(logs, heights, good / scales * _beyond(scales, high))[0]
        raw[rows] += share[rows] * (statistic.order_of(slope) - 1.0 - raw[rows])
    return Fit(table, *look, raw)


def holding(statistic: Statistic, table: FloatArray) -> NDArray[np.bool_]:
    """True for statistics that are numbers and more than rounding."""
    largest = np.where(np.isfinite(table), table, 0.0).max(axis=-1, keepdims=True)
    return np.isfinite(table) & (table > _ROUNDING**statistic.power * largest)


def _heights(statistic: Statistic, table: FloatArray) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Logarithms of statistics, and where there are any."""
    good = holding(statistic, table)
    return np.log(np.where(good, table, 1.0)), good


def _beyond(scales: IntArray, first: Any) -> FloatArray:
    ratio = (scales / first) ** 4.0
    return np.asarray(ratio / (1.0 + ratio))


def _lines(
    logs: FloatArray, heights: FloatArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Slopes, intercepts, and the weights, an entry a row."""
    weights = np.broadcast_to(weights, heights.shape)
    total = weights.sum(axis=-1)
    centred = logs - (np.vecdot(weights, logs) / total)[:, np.newaxis]
    tilted = weights * centred
    slope = np.vecdot(tilted, heights) / np.vecdot(tilted, centred)
    intercept = np.vecdot(weights, heights - slope[:, np.newaxis] * logs) / total
    return slope, intercept, weights


def as_scales(scales: Sequence[int] | None, shortest: int, n_obs: int) -> IntArray | None:
    """Window lengths as a user gives them, in order; None for the default."""
    if scales is None:
        return None
    given = _validate.as_array(scales, "scales")
    whole = given.ndim == 1 and bool(np.all(given == np.rint(given)))
    lengths = np.unique(given) if whole else given
    if not whole or len(lengths) < 4 or lengths[0] < shortest or lengths[-1] > n_obs // 2:
        allowed = f"four or more different whole numbers in {shortest}..{n_obs // 2}"
        raise InvalidInputError("scales", allowed, repr(scales)[:80])
    return lengths.astype(np.int64)


def with_options(statistic: Statistic, options: tuple[Any, ...], **changed: Any) -> Statistic:
    """The statistic under options of which no law is kept."""
    return replace(statistic, options=options, **changed)


def cut(values: FloatArray, scale: int) -> FloatArray:
    """Successive windows along the last axis; the rest that fills none is left out."""
    n_windows = values.shape[-1] // scale
    shape = (*values.shape[:-1], n_windows, scale)
    return np.asarray(values[..., : n_windows * scale].reshape(shape))


def profiles(values: FloatArray) -> FloatArray:
    """Sums of the series less its mean."""
    return np.cumsum(values - values.mean(axis=-1, keepdims=True), axis=-1)
