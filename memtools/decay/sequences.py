"""Sequences of weights made ready for fits, a row each: scale, noise, the lags that tell.

And what is no law: weights that start late, end exactly, or repeat exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from memtools._validate import FloatArray

# A law is held to the data within this relative error, however exact the data: no power law is
# exact at short lags, and exponentials in great number must not win by the twelfth digit.
TOLERANCE = 2e-3
_SMALLEST = 1e-135  # of the largest weight: the squares of smaller ones underflow
_WIDTH = 12  # of the windows whose common directions are signal, the others noise
MOST_LAGS = 800
_STEEPEST = 2.0**7.5  # over half of the lags: exponents are at most 6
_LEAST_TURNS = 8  # visible lags in which an alternation is told

Ints = NDArray[np.int64]
Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Sequences:
    """Weights at lags 1, 2, ..., n, a row each, and the error to which a law is held at each."""

    lags: FloatArray  # (n,)
    values: FloatArray  # (rows, n), largest modulus 1
    sigma: FloatArray
    noise: FloatArray  # known standard errors, or one read off the later half
    envelope: FloatArray
    visible: Ints  # (rows,): the last lag that stands out of the noise
    scale: FloatArray  # (rows,)
    scatter: FloatArray  # (rows,): mean squared residual that no few modes can fit, a low guess
    late_turns: Ints  # (rows,): changes of sign in the later half of the visible lags
    steep: Flags  # (rows,): the later half falls faster than any power law that is tried
    alternating: Flags  # (rows,): the visible weights change sign at each lag; values do not
    known: bool  # the noise was given

    def __len__(self) -> int:
        return len(self.values)

    @property
    def n(self) -> int:
        return len(self.lags)

    def fitted(self, rows: Rows, first: int = 1) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Lags from the first on, values and errors there of some rows."""
        late = slice(first - 1, None)
        values = np.ascontiguousarray(self.values[rows, late])
        return self.lags[late], values, np.ascontiguousarray(self.sigma[rows, late])

    def take(self, rows: Rows | slice) -> Sequences:
        return Sequences(
            self.lags,
            self.values[rows],
            self.sigma[rows],
            self.noise[rows],
            self.envelope[rows],
            self.visible[rows],
            self.scale[rows],
            self.scatter[rows],
            self.late_turns[rows],
            self.steep[rows],
            self.alternating[rows],
            self.known,
        )


def envelope(values: FloatArray) -> FloatArray:
    """Largest modulus within a few lags, a tenth of the lag further out; along the last axis."""
    size = values.shape[-1]
    k = np.arange(size)
    low, high = np.maximum(k - 1 - k // 10, 0), np.minimum(k + 2 + k // 10, size)
    level = np.frexp(high - low)[1] - 1  # floor(log2(width))
    table, best = np.abs(values), np.empty(values.shape)
    for j in range(int(level.max()) + 1):  # table[i] is the maximum of 2^j values from i on
        at = level == j
        best[..., at] = np.maximum(table[..., low[at]], table[..., high[at] - 2**j])
        if 2 ** (j + 1) <= size:
            table = np.maximum(table[..., : -(2**j)], table[..., 2**j :])
    return best


def prepare(weights: FloatArray, noise: FloatArray | None) -> Sequences:
    """Rows of weights, lag 0 first and not used, with the noise given or read off them."""
    scale = np.abs(weights[:, 1:]).max(axis=1)
    scale = np.where(scale > 0.0, scale, 1.0)
    values = weights[:, 1:] / scale[:, np.newaxis]
    if noise is None:
        error = np.broadcast_to(noise_level(values)[:, np.newaxis], values.shape)
    else:
        error = noise[:, 1:] / scale[:, np.newaxis]
    size = envelope(values)
    seen = size > np.maximum(4.0 * error, _SMALLEST)
    n = values.shape[1]
    visible = np.where(seen.any(axis=1), n - np.argmax(seen[:, ::-1], axis=1), 0)
    alternating = _alternate(values, visible)
    values = np.where(alternating[:, np.newaxis], values * (-1.0) ** np.arange(n), values)
    sigma = np.hypot(error, TOLERANCE * np.maximum(size, _SMALLEST))
    return Sequences(
        lags=np.arange(1.0, n + 1.0),
        values=values,
        sigma=sigma,
        noise=error,
        envelope=size,
        visible=visible,
        scale=scale,
        scatter=(1.0 - 2.0 / np.sqrt(n)) * smallest_variance(values, sigma),
        late_turns=late_turns(values, error, visible),
        steep=falls_steeply(size, visible),
        alternating=alternating,
        known=noise is not None,
    )


def _alternate(values: FloatArray, visible: Ints) -> Flags:
    """Whether a mode of period two is on the law, in the lags that stand out of the noise."""
    signs, k = np.sign(values), np.arange(2, values.shape[1] + 1)
    turns = signs[:, 1:] * signs[:, :-1] < 0.0
    found = visible >= _LEAST_TURNS
    for last in (visible, np.maximum(visible // 8, _LEAST_TURNS)):  # in the tail alone: no
        found = found & ((turns & (k <= last[:, np.newaxis])).sum(axis=1) > 0.8 * (last - 1))
    return np.asarray(found)


def falls_steeply(size: FloatArray, visible: Ints) -> Flags:
    """Whether the envelope falls faster than a power law in the later half of the lags seen."""
    rows, last = np.arange(len(size)), np.maximum(visible, 2)
    fall = size[rows, last // 2 - 1] / np.maximum(size[rows, last - 1], 1e-300)
    return np.asarray((visible >= _LEAST_TURNS) & (fall > _STEEPEST))


def late_turns(values: FloatArray, error: FloatArray, visible: Ints) -> Ints:
    """Changes of sign that stand out of the noise, in the later half of the lags up to visible."""
    signs = np.sign(values) * (np.abs(values) > 4.0 * error)
    last = visible[:, np.newaxis]
    k = np.arange(2, values.shape[1] + 1)
    inside = (k <= last) & (2 * k > last + 1)
    return np.asarray(((signs[:, 1:] * signs[:, :-1] < 0.0) & inside).sum(axis=1))


def noise_level(values: FloatArray) -> FloatArray:
    """Standard deviation of white noise on the later half of each row."""
    return np.sqrt(smallest_variance(values[:, values.shape[1] // 2 :]))


def smallest_variance(values: FloatArray, unit: FloatArray | None = None) -> FloatArray:
    """Variance of white noise on each row, in squared units of each window's middle.

    A few exponentials fill few directions of the windows of a sequence, and so, nearly, does a
    power law; what fills the others is noise.
    """
    width = min(_WIDTH, values.shape[1] // 2)
    windows = np.lib.stride_tricks.sliding_window_view(values, width, axis=1)
    size = np.abs(values).max(axis=1, keepdims=True)
    size = np.where(size > 0.0, size, 1.0)
    windows = windows / size[..., np.newaxis]
    if unit is not None:
        middle = unit[:, width // 2 : width // 2 + windows.shape[1]] / size
        # kept away from overflow: only ratios matter to the directions
        low = middle.min(axis=1, keepdims=True)
        windows, size = windows * (low / middle)[..., np.newaxis], 1.0 / low
    vectors = np.linalg.eigh(windows.transpose(0, 2, 1) @ windows)[1][..., width // 4 :]
    left = (windows @ vectors[..., : max(width // 3, 1)]) ** 2
    # the median is deaf to a jump; that of chi-squared(1) is 0.455
    found = np.median(left, axis=1).mean(axis=1) / 0.455
    return np.asarray(found * size[:, 0] ** 2)


def thinned(weights: FloatArray, noise: FloatArray | None) -> tuple[Ints, int]:
    """Which lags of one long sequence are used, and the step between them.

    Those after the weights are lost in the noise tell nothing; power laws and exponentials are
    such at every s-th lag too.
    """
    n = len(weights) - 1
    if n <= MOST_LAGS:
        return np.arange(n + 1), 1
    size = np.abs(weights[1:])
    scale = float(size.max()) or 1.0
    error = noise_level(weights[np.newaxis, 1:] / scale)[0] * scale if noise is None else noise[1:]
    above = np.flatnonzero(size > np.maximum(4.0 * error, 1e-15 * scale))
    last = int(above[-1]) + 1 if above.size else 0
    kept = min(n, max(last + last // 4, MOST_LAGS))
    step = -(-kept // MOST_LAGS)
    return np.arange(0, kept + 1, step), step


_ROUNDING = 1e-14  # of the largest weight
_BEFORE = 1e-8  # of the first weights, what may stand before them
_REPEATS = 1e-10  # of the largest weight
_DROP = 1e4  # a fall in one lag that no law shows
_UNDERFLOW = 1e-200


@dataclass(frozen=True)
class Ending:
    """The last lag that is not zero."""

    last: int


def delay_of(values: FloatArray, noise: FloatArray | None) -> int:
    """Lags before the first weight, if two or more are zero (or noise, where that is given)."""
    size = np.abs(values)
    threshold = _ROUNDING * size.max()
    level = threshold if noise is None else np.maximum(4.0 * noise, threshold)
    start = int(np.argmax(size > level))
    if start < 2:
        return 0
    if noise is None:  # a jump: growth from next to nothing is no delay
        return start if size[:start].max() < _BEFORE * size[start : start + 3].max() else 0
    return start if size[start : start + 3].max() > 8.0 * float(noise[0]) else 0


def ending(values: FloatArray) -> Ending | None:
    """The end of weights after which only zeros, or rounding, are left; None for an underflow."""
    size = np.abs(values)
    above = np.flatnonzero(size > _ROUNDING * size.max())
    last = int(above[-1])
    if last == len(values) - 1:
        return None
    after, before = size[last + 1 :].max(), size[last]
    if after == 0.0:  # a decay that underflows has passed all the sizes between
        return Ending(last) if before > _UNDERFLOW * size.max() else None
    falls = size[1 : last + 1] / np.maximum(size[:last], 1e-300)
    steepest = falls[falls > 0.0].min(initial=1.0)
    return Ending(last) if after / before < min(1.0 / _DROP, 1e-2 * steepest) else None


def period_of(values: FloatArray) -> int | None:
    """Lags after which the weights from lag 1 on repeat to rounding, seen at least twice."""
    w = values[1:]
    n, size = len(w), float(np.abs(w).max())
    if np.abs(w[n // 2 :]).max() < 0.5 * size:
        return None
    for period in range(1, n // 2 + 1):
        near = abs(w[period] - w[0]) < _REPEATS * size
        if near and np.abs(w[period:] - w[:-period]).max() < _REPEATS * size:
            return period
    return None
