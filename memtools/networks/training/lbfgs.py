"""Limited-memory BFGS through SciPy."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from memtools._validate import FloatArray
from memtools.exceptions import DivergenceError
from memtools.networks.network import Network
from memtools.networks.training.data import TrainingData
from memtools.networks.training.losses import LOSSES
from memtools.networks.training.objective import run_at
from memtools.networks.training.progress import Progress


def run_lbfgs(
    network: Network, data: TrainingData, progress: Progress, n_iterations: int, min_gain: float
) -> Progress:
    """Minimise the training loss; each iteration is an epoch of the history."""
    from scipy.optimize import minimize

    loss_of, n = LOSSES[data.loss], data.n_train

    def evaluate(theta: FloatArray) -> tuple[float, FloatArray]:
        outputs, _, backward = run_at(network, theta, data.x[:n])
        loss, slopes = loss_of(outputs, data.y[:n])
        gradient = backward(slopes)
        if not (math.isfinite(loss) and np.isfinite(gradient).all()):
            raise DivergenceError(len(progress.losses), loss, math.nan)
        return loss, gradient

    def after_iteration(theta: FloatArray) -> None:
        outputs, *_ = run_at(network, theta, data.x)
        loss = loss_of(outputs[:n], data.y[:n])[0]
        score = loss_of(outputs[n:], data.y[n:])[0] if len(data.x) > n else loss
        progress.theta = theta.copy()
        progress.record(loss, score, progress.theta, min_gain)

    options = {"maxiter": n_iterations, "maxfun": 20 * n_iterations, "ftol": 0.0, "gtol": 1e-10}
    how: dict[str, Any] = {"method": "L-BFGS-B", "callback": after_iteration, "options": options}
    minimize(evaluate, progress.theta, jac=True, **how)
    if not progress.losses:  # the start is a stationary point
        after_iteration(progress.theta)
    return progress
