"""Second looks: local Whittle at several bandwidths, V/S, Qu's statistic, halves."""

from __future__ import annotations

import numpy as np

from memtools._validate import FloatArray
from memtools.worlds.bins import rows_power
from memtools.worlds.shapes import D_GRID

_ZERO = int(np.argmin(np.abs(D_GRID)))
_EXPONENTS = (0.5, 0.6, 0.8)
_QU_EXPONENT = 0.7
_QU_FIRST = 0.02


def second_looks(x: FloatArray, power: FloatArray) -> dict[str, float]:
    """Evidences of a centred series and its ordinates."""
    n_obs = len(x)
    shown = {}
    for exponent in _EXPONENTS:
        m = max(8, int(n_obs**exponent))
        curve = local_whittle_curve(power[None, :m], n_obs)[0]
        best = int(curve.argmax())
        shown[f"place: local d {exponent}"] = float(D_GRID[best])
        gain = float(curve[best] - curve[_ZERO])
        shown[f"local {exponent}"] = gain if best > _ZERO else -gain
    shown |= _of_sums(x)
    shown["place: Qu"] = _qu(power, n_obs)
    half = n_obs // 2
    halves = np.stack([x[:half], x[-half:]])
    own = rows_power(halves - halves.mean(axis=1, keepdims=True))[:, : max(8, int(half**0.65))]
    curves = local_whittle_curve(own, half)
    apart = curves.max(axis=1).sum() - curves.sum(axis=0).max()
    shown["halves differ in d"] = float(apart)
    shown["place: d of halves"] = float(D_GRID[int(curves.sum(axis=0).argmax())])
    return shown


def local_whittle_curve(power: FloatArray, n_obs: int) -> FloatArray:
    """Local log-likelihood (n_rows, n_d) of the lowest ordinates (n_rows, m)."""
    m = power.shape[1]
    log_l = np.log(2.0 * np.pi * np.arange(1, m + 1) / n_obs)
    laws = np.exp(2.0 * D_GRID[:, None] * log_l)
    scale = np.maximum(power @ laws.T, 1e-300) / m
    return np.asarray(-m * (np.log(scale) - 2.0 * D_GRID * log_l.mean()))


def _of_sums(x: FloatArray) -> dict[str, float]:
    """V/S (Giraitis, Kokoszka, Leipus and Teyssiere, 2003) over three numbers of lags."""
    n_obs = len(x)
    spread = float(np.cumsum(x).var()) / n_obs
    largest = int(n_obs**0.5)
    acov = np.array([x @ x, *(x[k:] @ x[:-k] for k in range(1, largest + 1))]) / n_obs
    shown = {}
    for exponent in (0.25, 0.35, 0.5):
        q = int(n_obs**exponent)
        weights = 2.0 * (1.0 - np.arange(1, q + 1) / (q + 1.0))
        variance = max(acov[0] + weights @ acov[1 : q + 1], 1e-3 * acov[0])
        shown[f"place: V/S {exponent}"] = float(np.log(spread / variance))
    return shown


def _qu(power: FloatArray, n_obs: int) -> float:
    """Log of Qu's (2011) W at m = n^0.7."""
    m = max(8, int(n_obs**_QU_EXPONENT))
    lowest = power[:m]
    d = D_GRID[int(local_whittle_curve(lowest[None], n_obs)[0].argmax())]
    j = np.arange(1.0, m + 1.0)
    nu = np.log(j) - np.log(j).mean()
    ratio = lowest * j ** (2.0 * d)
    partial = np.cumsum(nu * (ratio / ratio.mean() - 1.0)) / np.sqrt(nu @ nu)
    return float(np.log(np.abs(partial[int(_QU_FIRST * m) :]).max() + 1e-9))
