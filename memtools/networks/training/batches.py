"""Adam over minibatches of sequences, each from the zero state; validation on other sequences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.networks.network import Network
from memtools.networks.training.adam import Adam, EpochRun
from memtools.networks.training.data import as_pair, as_sequences
from memtools.networks.training.layers import LayeredNetwork
from memtools.networks.training.losses import LOSSES, NO_LABEL


@dataclass(frozen=True)
class _How:
    network: Network
    loss: str
    batch_size: int
    dtype: Any


@dataclass(frozen=True)
class Batch:
    """Some sequences, as long as they have targets; `weight` is the number of targets."""

    x: Any  # in the precision of the training
    y: FloatArray
    weight: int


def batch_run(
    network: Network,
    x: ArrayLike,
    y: ArrayLike,
    validation: tuple[ArrayLike, ArrayLike] | None,
    loss: str,
    batch_size: int,
    dtype: Any,
    adam: Adam,
) -> BatchRun:
    """Training on the user's sequences, checked."""
    how = _How(network, loss, batch_size, dtype)
    batches = as_batches(how, x, y)
    more = [] if validation is None else as_batches(how, *as_pair(validation), "validation ")
    return BatchRun(how, batches, more, adam)


def as_batches(how: _How, x: ArrayLike, y: ArrayLike, prefix: str = "") -> list[Batch]:
    """The user's sequences, checked, in their order."""
    inputs, targets = as_sequences(how.network, x, y, how.loss, prefix)
    batches = []
    for start in range(0, inputs.shape[1], how.batch_size):
        part = slice(start, start + how.batch_size)
        labels, n_steps, weight = targets[:, part], len(targets), targets[:, part].size
        if how.loss == "cross_entropy":
            labelled = labels != NO_LABEL
            if not labelled.any():
                got = f"none in those from {start} on"
                raise InvalidInputError(f"{prefix}y", "with a class in each batch", got)
            # What comes after the last target has no part in the loss.
            n_steps, weight = int(np.flatnonzero(labelled.any(axis=1))[-1]) + 1, int(labelled.sum())
        batches.append(Batch(inputs[:n_steps, part].astype(how.dtype), labels[:n_steps], weight))
    return batches


class BatchRun(EpochRun):
    """Epochs of Adam over batches.

    Parameters
    ----------
    how : _How
    batches, validation : list of Batch
    adam : Adam
    """

    keeps_last = True  # the validation loss is that of the parameters after the steps

    def __init__(
        self, how: _How, batches: list[Batch], validation: list[Batch], adam: Adam
    ) -> None:
        self.adam, self._batches, self._validation = adam, batches, validation
        self._loss, self._passes = LOSSES[how.loss], LayeredNetwork(how.network, how.dtype)

    def epoch(self, theta: FloatArray) -> tuple[float, float, FloatArray]:
        losses = []
        for batch in self._batches:
            outputs, _ = self._passes.forward(theta, batch.x)
            loss, slopes = self._loss(outputs, batch.y)
            losses.append(loss)
            theta = self.adam.step(theta, self._passes.backward(theta, batch.x, slopes))
        loss = _weighted(losses, self._batches)
        if not self._validation:
            return loss, loss, theta
        scores = [
            self._loss(self._passes.forward(theta, batch.x)[0], batch.y)[0]
            for batch in self._validation
        ]
        return loss, _weighted(scores, self._validation), theta


def _weighted(losses: list[float], batches: list[Batch]) -> float:
    return float(np.average(losses, weights=[batch.weight for batch in batches]))
