"""Covariance matrix of the estimates of an ARFIMA regression."""

from __future__ import annotations

import numpy as np
from scipy.linalg import block_diag

from memtools._validate import FloatArray
from memtools.arfima.design import Level
from memtools.arfima.likelihood import ExactLikelihood
from memtools.arfima.parameters import Dynamics, Space
from memtools.arfima.whittle import WhittleLikelihood

_MAX_CONDITION = 1e12
# Of the partial autocorrelations and d; the gradient is exact to about 1e-9.
_STEP = 1e-3


def covariance(level: Level, model: Dynamics, sigma2: float) -> FloatArray:
    """Blocks of the regression, of (d, AR, MA), and of sigma2.

    NaN for a dynamic block whose information is singular: AR and MA parts that cancel.
    """
    regression: FloatArray = np.empty((0, 0))
    if level.names:
        normal = ExactLikelihood(level).profile(model).normal
        k = len(level.names)
        regression = sigma2 * np.asarray(np.linalg.inv(normal), dtype=np.float64)[:k, :k]
    if level.markers.shape[1]:
        information = _observed_information(level, model)
    else:
        whittle = WhittleLikelihood(level.values, max(len(model.ar), len(model.ma)))
        information = whittle.information(model)
    scale = np.sqrt(np.diag(information))
    if np.linalg.cond(information / np.outer(scale, scale)) > _MAX_CONDITION:
        dynamic: FloatArray = np.full_like(information, np.nan)
    else:
        dynamic = np.asarray(np.linalg.inv(information), dtype=np.float64)
    variance = np.array([[2.0 * sigma2**2 / level.n_seen]])
    return np.asarray(block_diag(regression, dynamic, variance))


def _observed_information(level: Level, model: Dynamics) -> FloatArray:
    """Hessian of minus the profile log-likelihood in (d, AR, MA), where gaps leave no spectrum.

    Differences of the gradient, which vanishes at the estimate: no second derivatives of the
    change of coordinates are needed.
    """
    space = Space(len(model.ar), len(model.ma))
    point = space.clip(space.point(model))
    likelihood = ExactLikelihood(level)
    hessian = np.empty((len(point), len(point)))
    for i, (low, high) in enumerate(space.bounds):
        up, down = point.copy(), point.copy()
        up[i], down[i] = min(point[i] + _STEP, high), max(point[i] - _STEP, low)
        change = likelihood.objective(up, space)[1] - likelihood.objective(down, space)[1]
        hessian[i] = change / (up[i] - down[i])
    back = np.linalg.inv(space.jacobian(point))
    return np.asarray(back.T @ (0.5 * (hessian + hessian.T)) @ back)
