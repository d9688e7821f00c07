"""Weights made ready for fits, a fitted law, and least squares for many designs."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memtools._validate import FloatArray

# A law is held to the data within this relative error, however exact the data: no power law is
# exact at short lags, and exponentials in great number must not win by the twelfth digit.
_TOLERANCE = 2e-3
_ROUNDING = 1e-12  # of the largest weight
STARTS = (1, 2, 4, 8, 14)  # lags before are left free: short-run dynamics
LEAST_STDERR = 1e-4  # of an exponent: what the tolerance of a law leaves open
MIN_VISIBLE = 6  # lags above the noise
_MOST_LAGS = 800


@dataclass(frozen=True)
class Data:
    """Weights at lags 1, 2, ... and the error to which a law is held at each."""

    lags: FloatArray
    values: FloatArray
    sigma: FloatArray
    visible: int  # the last lag that stands out of the noise
    scale: float  # values are the weights divided by it
    stride: int = 1  # lags are counted in units of it

    def since(self, first: int) -> tuple[FloatArray, FloatArray, FloatArray]:
        return self.lags[first - 1 :], self.values[first - 1 :], self.sigma[first - 1 :]


@dataclass(frozen=True)
class Fit:
    law: str
    rss: float  # in units of sigma
    n_params: float
    rate: float = math.nan
    stderr: float = math.nan
    first: int = 1
    last: int | None = None  # of a power law that ends
    modes: tuple[complex, ...] = ()
    head_rss: float = math.nan  # of a power law that ends, up to its end
    columns: Callable[[], FloatArray] = field(kw_only=True)  # the law's design at its lags
    tail: Fit | None = None  # what goes on after a power law that ends

    def bic(self, n: int) -> float:
        if self.last is None or self.tail is None:
            return n * math.log1p(self.rss / n) + self.n_params * math.log(n)
        # errors before and after the end may differ in size: one parameter more
        parts = ((self.last, self.head_rss), (n - self.last, self.tail.rss))
        likelihood = sum(m * math.log1p(rss / m) for m, rss in parts)
        return likelihood + (self.n_params + 1) * math.log(n)


def envelope(values: FloatArray) -> FloatArray:
    """Largest modulus within a few lags, a tenth of the lag further out."""
    k, size, modulus = np.arange(len(values)), len(values), np.abs(values)
    low, high = np.maximum(k - 1 - k // 10, 0), np.minimum(k + 2 + k // 10, size)
    return np.array([modulus[i:j].max() for i, j in zip(low, high, strict=True)])


def hankel(values: NDArray[Any]) -> NDArray[Any]:
    rows = min(len(values) // 2, 100)
    windows = np.lib.stride_tricks.sliding_window_view(values, len(values) - rows + 1)
    return windows[:, :: 1 + windows.shape[1] // 400]  # any columns will do


def _noise_level(values: FloatArray) -> float:
    """Standard deviation of white noise on the later half of the weights.

    A few exponentials make a Hankel matrix of low rank, and so, nearly, does a power law; what
    fills its other dimensions is noise.
    """
    matrix = hankel(values[len(values) // 2 :])
    singular = np.linalg.svd(matrix, compute_uv=False)
    # The median squared singular value of square white noise is 0.653 (Marchenko and Pastur).
    return float(np.median(singular)) / math.sqrt(0.653 * matrix.shape[1])


def prepare(weights: FloatArray, noise: FloatArray | None) -> Data:
    """Weights without what comes long after they are lost, every so many if they are many.

    Power laws and exponentials are such at every s-th lag too.
    """
    n_kept = _kept(weights, noise)
    stride = -(-n_kept // _MOST_LAGS)
    kept = slice(None, n_kept + 1, stride)
    data = _prepared(weights[kept], None if noise is None else noise[kept])
    return replace(data, stride=stride)


def _kept(weights: FloatArray, noise: FloatArray | None) -> int:
    """The largest lag that is used."""
    n = len(weights) - 1
    if n <= _MOST_LAGS:
        return n
    scale = float(np.abs(weights[1:]).max()) or 1.0
    error = _noise_level(weights[1:] / scale) if noise is None else noise[1:] / scale
    above = np.flatnonzero(np.abs(weights[1:] / scale) > 4.0 * np.maximum(error, _ROUNDING))
    last = int(above[-1]) + 1 if above.size else 0
    return min(n, max(last + last // 4, _MOST_LAGS))


def _prepared(weights: FloatArray, noise: FloatArray | None) -> Data:
    scale = float(np.abs(weights[1:]).max()) or 1.0
    values = weights[1:] / scale
    error = np.full(len(values), _noise_level(values)) if noise is None else noise[1:] / scale
    error = np.maximum(error, _ROUNDING)
    size = envelope(values)
    above = np.flatnonzero(size > 4.0 * error)
    return Data(
        lags=np.arange(1.0, len(values) + 1.0),
        values=values,
        sigma=np.hypot(error, _TOLERANCE * size),
        visible=int(above[-1]) + 1 if above.size else 0,
        scale=scale,
    )


def curve(data: Data, fit: Fit, n_lags: int) -> FloatArray:
    """Envelope of a fitted law at lags 0..n_lags, in the units of the weights."""
    drawn = np.full(n_lags + 1, np.nan)
    part: Fit | None = fit
    while part is not None:
        columns, y = part.columns(), data.values[part.first - 1 : part.last]
        sigma = data.sigma[part.first - 1 : part.last]
        fitted = columns @ coefficients(columns / sigma[:, np.newaxis], y / sigma)
        steady = (fitted >= 0.0).all() or (fitted <= 0.0).all()
        size = np.abs(fitted) if steady else envelope(fitted)
        lags = data.stride * np.arange(part.first, part.first + len(size))
        drawn[lags] = data.scale * size
        part = part.tail
    return drawn


def coefficients(columns: FloatArray, target: FloatArray) -> FloatArray:
    """Least squares, columns brought to one size first."""
    size = np.abs(columns).max(axis=0)
    size = np.where(size > 0.0, size, 1.0)
    return np.linalg.lstsq(columns / size, target, rcond=1e-13)[0] / size


def residual_sum(columns: FloatArray, target: FloatArray) -> float:
    return float(np.sum((target - columns @ coefficients(columns, target)) ** 2))


def residual_sums(columns: FloatArray, target: FloatArray) -> FloatArray:
    """Residual sums of many small designs (n_designs, n, p) at once."""
    gram = np.einsum("dki,dkj->dij", columns, columns)
    moment = np.einsum("dki,k->di", columns, target)
    gram += np.eye(gram.shape[-1]) * (1e-12 * np.trace(gram, axis1=1, axis2=2))[:, None, None]
    solved = np.linalg.solve(gram, moment[..., np.newaxis])[..., 0]
    return np.maximum(target @ target - np.einsum("di,di->d", moment, solved), 0.0)
