"""Sequences and targets as training takes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.networks.network import Network

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


@dataclass(frozen=True)
class TrainingData:
    """Training steps and, after them, validation steps of the same sequences.

    x (n_steps, n_batch, n_input); y (n_steps, n_batch, n_output), or labels (n_steps, n_batch).
    """

    x: FloatArray
    y: FloatArray
    n_train: int
    loss: str


def as_training_data(
    network: Network,
    x: ArrayLike,
    y: ArrayLike,
    validation: tuple[ArrayLike, ArrayLike] | None,
    loss: str,
) -> TrainingData:
    """The user's sequences, checked and joined."""
    inputs, targets = as_sequences(network, x, y, loss)
    if validation is None:
        return TrainingData(inputs, targets, len(inputs), loss)
    more = as_sequences(network, *as_pair(validation), loss, prefix="validation ")
    if more[0].shape[1] != inputs.shape[1]:
        allowed = f"the same {inputs.shape[1]} sequences as x, further on"
        raise InvalidInputError("validation", allowed, f"{more[0].shape[1]} sequences")
    joined = np.concatenate([inputs, more[0]]), np.concatenate([targets, more[1]])
    return TrainingData(*joined, len(inputs), loss)


def as_pair(validation: tuple[ArrayLike, ArrayLike]) -> tuple[ArrayLike, ArrayLike]:
    """The user's validation part."""
    if not isinstance(validation, tuple | list) or len(validation) != 2:
        raise InvalidInputError("validation", "a pair (x, y) or None", type(validation).__name__)
    return validation[0], validation[1]


def as_sequences(
    network: Network, x: ArrayLike, y: ArrayLike, loss: str, prefix: str = ""
) -> tuple[FloatArray, FloatArray]:
    """Inputs (n_steps, n_batch, n_input) and targets that fit the network."""
    inputs = _with_batch(_validate.as_array(x, f"{prefix}x"), network.n_input, f"{prefix}x")
    targets = _validate.as_array(y, f"{prefix}y")
    if loss == "cross_entropy":
        targets = targets[:, np.newaxis] if targets.ndim == 1 else targets
        wanted: tuple[int, ...] = inputs.shape[:2]
        _check_labels(targets, network, f"{prefix}y")
    else:
        targets = _with_batch(targets, network.n_output, f"{prefix}y")
        wanted = (*inputs.shape[:2], network.n_output)
    if targets.shape != wanted:
        allowed = f"as long as {prefix}x, shape {wanted}"
        raise InvalidInputError(f"{prefix}y", allowed, f"shape {targets.shape}")
    return inputs, targets


def _with_batch(values: FloatArray, n_columns: int, name: str) -> FloatArray:
    if values.ndim == 1 and n_columns == 1:
        values = values[:, np.newaxis]
    if values.ndim == 2:
        values = values[:, np.newaxis]
    if values.ndim != 3 or values.shape[2] != n_columns or 0 in values.shape:
        allowed = f"of shape (n_steps, {n_columns}) or (n_steps, n_batch, {n_columns})"
        raise InvalidInputError(name, allowed, f"shape {values.shape}")
    return np.ascontiguousarray(values)


def _check_labels(labels: FloatArray, network: Network, name: str) -> None:
    if getattr(network, "output_activation", "softmax") != "softmax":
        allowed = "with output_activation='softmax' for the cross entropy"
        raise InvalidInputError("network", allowed, repr(network))
    allowed = f"class numbers 0..{network.n_output - 1}, or {NO_LABEL} for none"
    whole = labels == np.floor(labels)
    if not (whole & (labels >= NO_LABEL) & (labels < network.n_output)).all():
        raise InvalidInputError(name, allowed, "other numbers")
    if (labels == NO_LABEL).all():
        raise InvalidInputError(name, f"{allowed}, at least one class", "none")
