"""Covariance matrix of the estimates of an ARFIMA regression."""

from __future__ import annotations

import numpy as np
from scipy.linalg import block_diag

from memtools._validate import FloatArray
from memtools.arfima.design import Level
from memtools.arfima.exact import ExactLikelihood
from memtools.arfima.parameters import Dynamics
from memtools.arfima.whittle import WhittleLikelihood

_MAX_CONDITION = 1e12


def covariance(level: Level, model: Dynamics, sigma2: float) -> FloatArray:
    """Blocks of the regression, of (d, AR, MA), and of sigma2.

    NaN for a dynamic block whose information is singular: AR and MA parts that cancel.
    """
    n_obs = len(level.values)
    regression: FloatArray = np.empty((0, 0))
    if level.names:
        normal = ExactLikelihood(level).profile(model).normal
        regression = sigma2 * np.asarray(np.linalg.inv(normal), dtype=np.float64)
    whittle = WhittleLikelihood(level.values, max(len(model.ar), len(model.ma)))
    information = whittle.information(model)
    scale = np.sqrt(np.diag(information))
    if np.linalg.cond(information / np.outer(scale, scale)) > _MAX_CONDITION:
        dynamic: FloatArray = np.full_like(information, np.nan)
    else:
        dynamic = np.asarray(np.linalg.inv(information), dtype=np.float64)
    variance = np.array([[2.0 * sigma2**2 / n_obs]])
    return np.asarray(block_diag(regression, dynamic, variance))
