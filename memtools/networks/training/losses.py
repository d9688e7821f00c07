"""Losses of a sequence of outputs and their derivatives."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from memtools._validate import FloatArray

# (outputs, targets) -> loss and its derivatives in the outputs
Loss = Callable[[FloatArray, FloatArray], tuple[float, FloatArray]]

# No target at this step: the cross entropy passes over it.
NO_LABEL = -1


def mean_squared_error(outputs: FloatArray, targets: FloatArray) -> tuple[float, FloatArray]:
    """Mean of (z - y)^2 over all entries."""
    residuals = (outputs - targets).ravel()
    loss = float(residuals @ residuals) / residuals.size
    return loss, (residuals * (2.0 / residuals.size)).reshape(outputs.shape)


def cross_entropy(outputs: FloatArray, labels: FloatArray) -> tuple[float, FloatArray]:
    """Mean of -log z_y over the labelled steps; outputs are probabilities."""
    steps = np.nonzero(labels != NO_LABEL)
    chosen = *steps, labels[steps].astype(np.intp)
    # A probability that underflowed keeps its loss finite.
    likely = np.maximum(outputs[chosen], np.finfo(outputs.dtype).tiny)
    derivatives = np.zeros_like(outputs)
    derivatives[chosen] = -1.0 / (likely * likely.size)
    return float(-np.log(likely).mean()), derivatives


LOSSES: dict[str, Loss] = {"mse": mean_squared_error, "cross_entropy": cross_entropy}
