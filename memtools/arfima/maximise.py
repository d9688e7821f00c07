"""A quasi-Newton search in a box that starts from the Fisher information.

Likelihoods of ARFIMA models are nearly quadratic in the metric of their information: a handful
of evaluations reaches the top where a search that starts from the unit matrix needs dozens.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from memtools._validate import FloatArray

Objective = Callable[[FloatArray], tuple[float, FloatArray]]

_MAX_STEPS = 200
_MAX_HALVINGS = 30
_SUFFICIENT = 1e-4
# Largest move of a coordinate in one step: the quadratic model is local.
_LARGEST_MOVE = 0.5


@dataclass(frozen=True)
class Minimum:
    """Where a search ended."""

    point: FloatArray
    objective: float
    converged: bool
    n_evaluations: int


def minimise(
    objective: Objective,
    start: FloatArray,
    curvature: FloatArray,
    bounds: list[tuple[float, float]],
    tolerance: float,
) -> Minimum:
    """Local minimum of `objective` (value and gradient) in a box.

    Stops where the quadratic model promises a decrease below `tolerance`.  Steps are
    projected on the box; coordinates held at a bound leave the quadratic model
    (Bertsekas, 1982, SIAM Journal on Control and Optimization 20, 221-246).
    """
    low, high = np.array(bounds).T
    x = np.clip(start, low, high)
    value, gradient = objective(x)
    matrix, n_evaluations = curvature.copy(), 1
    fresh = True
    for _ in range(_MAX_STEPS):
        free = ~(((x <= low) & (gradient > 0.0)) | ((x >= high) & (gradient < 0.0)))
        step = np.zeros(len(x))
        # The pseudo-inverse: informations of tiny samples can be singular.
        step[free] = -np.linalg.pinv(matrix[np.ix_(free, free)], hermitian=True) @ gradient[free]
        promised = -float(gradient @ step)
        if promised <= 2.0 * tolerance:
            return Minimum(x, value, True, n_evaluations)
        step *= min(1.0, _LARGEST_MOVE / float(np.abs(step).max()))
        for _halving in range(_MAX_HALVINGS):
            trial = np.clip(x + step, low, high)
            trial_value, trial_gradient = objective(trial)
            n_evaluations += 1
            if trial_value <= value + _SUFFICIENT * float(gradient @ (trial - x)):
                break
            step *= 0.5
        else:
            if fresh:  # no descent left even along the information's own direction
                flat = promised <= 1e3 * max(tolerance, np.finfo(float).eps * abs(value))
                return Minimum(x, value, flat, n_evaluations)
            matrix, fresh = curvature.copy(), True
            continue
        matrix = _updated(matrix, trial - x, trial_gradient - gradient)
        x, value, gradient, fresh = trial, trial_value, trial_gradient, False
    return Minimum(x, value, False, n_evaluations)


def _updated(matrix: FloatArray, move: FloatArray, change: FloatArray) -> FloatArray:
    """BFGS with Powell's damping: stays positive definite."""
    image = matrix @ move
    bend, target = float(move @ change), float(move @ image)
    if target <= 0.0:
        return matrix
    if bend < 0.2 * target:
        share = 0.8 * target / (target - bend)
        change = share * change + (1.0 - share) * image
        bend = float(move @ change)
    return matrix - np.outer(image, image) / target + np.outer(change, change) / bend
