"""Adam over minibatches of sequences, each from the zero state; validation on other sequences."""

from __future__ import annotations

import math
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
from memtools.networks.training.packed import Array, PackedNetwork, Packing, can_pack


@dataclass(frozen=True)
class Batch:
    """Some sequences, the longest first, up to the last target of each.

    x (n_steps, n_batch, n_input); y the targets of the rows of `packing`, `weight` their number.
    """

    x: FloatArray
    y: FloatArray
    packing: Packing
    weight: int


def as_batches(
    network: Network, x: ArrayLike, y: ArrayLike, loss: str, batch_size: int, prefix: str = ""
) -> list[Batch]:
    """The user's sequences, checked, in batches of their order."""
    inputs, targets = as_sequences(network, x, y, loss, prefix)
    n_steps, n_sequences = inputs.shape[:2]
    lengths, weights = np.full(n_sequences, n_steps), np.full(n_sequences, n_steps)
    if loss == "cross_entropy":
        labelled = targets != NO_LABEL
        weights = labelled.sum(axis=0)
        if not weights.all():
            got = f"none in sequence {int(weights.argmin())}"
            raise InvalidInputError(f"{prefix}y", "with a class in each sequence", got)
        # What comes after the last target has no part in the loss.
        lengths = n_steps - labelled[::-1].argmax(axis=0)
    batches = []
    for start in range(0, n_sequences, batch_size):
        order = start + np.argsort(-lengths[start : start + batch_size], kind="stable")
        packing = Packing(lengths[order])
        longest = len(packing.mask)
        rows = targets[:longest, order][packing.mask]
        batches.append(Batch(inputs[:longest, order], rows, packing, int(weights[order].sum())))
    return batches


class PaddedNetwork:
    """As `PackedNetwork`, for every network, in double precision."""

    def __init__(self, network: Network) -> None:
        self._passes = LayeredNetwork(network)

    def forward(self, theta: FloatArray, x: FloatArray, packing: Packing) -> FloatArray:
        self._last = theta, x, packing.mask
        return self._passes.forward(theta, x)[0][packing.mask]

    def backward(self, dz: FloatArray) -> FloatArray:
        theta, x, mask = self._last
        padded = np.zeros((*mask.shape, dz.shape[-1]))
        padded[mask] = dz
        return self._passes.backward(theta, x, padded)


class BatchRun(EpochRun):
    """Epochs of Adam over batches.

    Parameters
    ----------
    passes : PackedNetwork or PaddedNetwork
    batches, validation : list of Batch
    loss : str
    adam : Adam
    """

    keeps_last = True  # the validation loss is that of the parameters after the steps

    def __init__(
        self,
        passes: PackedNetwork | PaddedNetwork,
        batches: list[Batch],
        validation: list[Batch],
        loss: str,
        adam: Adam,
    ) -> None:
        self.adam, self._batches, self._validation = adam, batches, validation
        self._loss, self._passes = LOSSES[loss], passes

    def epoch(self, theta: FloatArray) -> tuple[float, float, FloatArray]:
        losses = []
        for batch in self._batches:
            loss, slopes = self._loss(self._outputs(theta, batch), batch.y)
            losses.append(loss)
            theta = self.adam.step(theta, self._passes.backward(slopes))
            if not np.isfinite(theta).all():
                return loss, math.nan, theta
        loss = _mean(losses, self._batches)
        if not self._validation:
            return loss, loss, theta
        scores = [self._loss(self._outputs(theta, b), b.y)[0] for b in self._validation]
        return loss, _mean(scores, self._validation), theta

    def _outputs(self, theta: FloatArray, batch: Batch) -> Array:
        return self._passes.forward(theta, batch.x, batch.packing)


def _mean(losses: list[float], batches: list[Batch]) -> float:
    return float(np.average(losses, weights=[batch.weight for batch in batches]))


def batch_run(
    network: Network,
    x: ArrayLike,
    y: ArrayLike,
    validation: tuple[ArrayLike, ArrayLike] | None,
    loss: str,
    batch_size: int,
    precision: str,
    adam: Adam,
) -> BatchRun:
    """Training on the user's sequences, checked."""
    batches = as_batches(network, x, y, loss, batch_size)
    more: list[Batch] = []
    if validation is not None:
        more = as_batches(network, *as_pair(validation), loss, batch_size, "validation ")
    passes: PackedNetwork | PaddedNetwork
    if can_pack(network):
        dtype: Any = np.float64 if precision == "double" else np.float32
        passes = PackedNetwork(network, dtype)
    elif precision == "double":
        passes = PaddedNetwork(network)
    else:
        allowed = "of RNN, LSTM, TwoLaneRNN, Linear and cells with a constant d for this precision"
        raise InvalidInputError("network", allowed, repr(network))
    return BatchRun(passes, batches, more, loss, adam)
