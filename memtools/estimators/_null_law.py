"""Laws that estimates of d have in finite samples, as normal scores of d - d0.

Under Gaussian white noise the ordinates are independent exponential variables E_j.  R'(d) of local
Whittle rises with d, so that its estimate is below x where sum_j v_j exp(2 x v_j) E_j > 0; the
slope of a log-periodogram regression is sum_j w_j log E_j.  The distribution functions of both
sums are Phi(r*), whose relative error stays small far out in the tails.

References
----------
Barndorff-Nielsen, O. E. (1990). Approximate interval probabilities. JRSS B 52, 485-496.
Lugannani, R. and Rice, S. (1980). Saddle point approximation for the distribution of the sum of
independent random variables. Advances in Applied Probability 12, 475-490.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from memtools._validate import FloatArray
from memtools.results.intervals import Law

_NODES = 256
# What a law differs from the normal one by falls like m^-1/2: beyond, it is taken from here.
MOST_ORDINATES = 256
# Ends of the range of d - d0.
_RANGE = 5.0


@lru_cache(maxsize=64)
def whittle_law(n_ordinates: int, stretch: float = 1.0) -> Law:
    """Of the local Whittle estimate from the first ordinates, d - d0 times `stretch`."""
    v = centred_logs(min(n_ordinates, MOST_ORDINATES))
    spread = 0.5 / math.sqrt(float(v @ v))
    half = np.sinh(np.linspace(0.0, math.asinh(_RANGE / spread), _NODES // 2 + 1)[1:])
    nodes = spread * np.concatenate([-half[::-1], half])
    logs = 2.0 * np.multiply.outer(nodes, v)
    # The unit is free: the largest is one.
    a = v * np.exp(logs - logs.max(axis=1, keepdims=True))
    a /= np.abs(a).max(axis=1, keepdims=True)
    s = _saddlepoints(a)
    height = np.log1p(-s[:, np.newaxis] * a).sum(axis=1)
    bend = np.square(a / (1.0 - s[:, np.newaxis] * a)).sum(axis=1)
    law = nodes, -_modified_root(s, height, bend)
    if n_ordinates > MOST_ORDINATES:
        v = centred_logs(n_ordinates)
        law = of_more(law, spread, 0.5 / math.sqrt(float(v @ v)), MOST_ORDINATES / n_ordinates)
    return law[0] * stretch, law[1]


def centred_logs(n_ordinates: int) -> FloatArray:
    """v_j = log j less its mean, j = 1..n_ordinates."""
    v = np.log(np.arange(1.0, n_ordinates + 1.0))
    return np.asarray(v - v.mean())


def regression_law(weights: FloatArray) -> Law:
    """Of sum_j w_j log E_j, the weights adding up to zero."""
    from scipy.special import gammaln, polygamma, psi

    # Saddlepoints between the poles of K, dense at zero and towards the poles.
    half = 1.0 - (1.0 - (np.arange(_NODES // 2) + 0.5) / (_NODES // 2)) ** 2
    s = np.concatenate([-half[::-1] / weights.max(), half / -weights.min()])
    z = 1.0 + np.multiply.outer(s, weights)
    nodes = psi(z) @ weights
    height = s * nodes - gammaln(z).sum(axis=1)
    return nodes, _modified_root(s, height, polygamma(1, z) @ (weights * weights))


def of_more(law: Law, spread: float, smaller: float, ratio: float) -> Law:
    """A law of few ordinates as that of more: a standard deviation of `smaller` for `spread`.

    What it differs from the normal one by gets less by the root of the ratio of their numbers.
    """
    u = law[0] / spread
    return u * smaller, u + (law[1] - u) * math.sqrt(ratio)


def _saddlepoints(a: FloatArray) -> FloatArray:
    """Where K'(s) = sum_j a_j / (1 - s a_j) is zero, a row each: Newton's method in a bracket."""
    low, high = 1.0 / a.min(axis=1), 1.0 / a.max(axis=1)
    s = np.zeros(len(a))
    for _ in range(100):
        tilted = a / (1.0 - s[:, np.newaxis] * a)
        slope = tilted.sum(axis=1)
        high, low = np.where(slope > 0.0, s, high), np.where(slope > 0.0, low, s)
        wanted = s - slope / (tilted * tilted).sum(axis=1)
        wanted = np.where((low < wanted) & (wanted < high), wanted, 0.5 * (low + high))
        moved, s = np.abs(wanted - s), wanted
        if (moved <= 1e-10 * np.abs(s)).all():
            break
    return s


def _modified_root(s: FloatArray, height: FloatArray, bend: FloatArray) -> FloatArray:
    """r* = w + log(u / w) / w at saddlepoints s that are not zero.

    `height` is s x - K(s), half of w squared; `bend` is K''(s).
    """
    w = np.sign(s) * np.sqrt(2.0 * height)
    return np.asarray(w + np.log(s * np.sqrt(bend) / w) / w)
