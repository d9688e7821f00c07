"""Adam over minibatches of sequences, each from the zero state; validation on other sequences."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.networks._parameters import flatten, unflatten
from memtools.networks.network import Network
from memtools.networks.packing import Array, Packing
from memtools.networks.training.data import LOSSES, NO_LABEL, as_pair, as_sequences
from memtools.networks.training.progress import Adam
from memtools.networks.training.runs import EpochRun


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


def record_batch(
    network: Network, theta: FloatArray, batch: Batch, dtype: Any = np.float64
) -> tuple[Array, Callable[[Array], FloatArray]]:
    """Outputs of the rows, and the function from dL/dz to the gradient in double precision.

    Networks that cannot be packed run with the padding.
    """
    now = network.with_values(unflatten(network.params, theta.astype(dtype, copy=False)))
    mask = batch.packing.mask
    if now.packs:
        rows = batch.x[mask][:, np.newaxis].astype(dtype, copy=False)
        tape = now.record_packed(rows, batch.packing)
        outputs = tape.outputs[:, 0]
    else:
        tape = now.record(batch.x, now.initial_state(batch.packing.n_batch))
        outputs = tape.outputs[mask]

    def backward(dz: Array) -> FloatArray:
        if now.packs:
            adjoint = dz[:, np.newaxis]
        else:
            adjoint = np.zeros_like(tape.outputs)
            adjoint[mask] = dz
        gradient, _ = tape.backward(adjoint)
        flat = flatten({name: gradient[name] for name in network.params})
        return flat.astype(np.float64, copy=False)

    return outputs, backward


class BatchRun(EpochRun):
    """Epochs of Adam over batches.

    Parameters
    ----------
    network : Network
        Its kind counts, not its parameters.
    dtype : data type
        Of the passes.
    batches, validation : list of Batch
    loss : str
    adam : Adam
    """

    keeps_last = True  # the validation loss is that of the parameters after the steps

    def __init__(
        self,
        network: Network,
        dtype: Any,
        batches: list[Batch],
        validation: list[Batch],
        loss: str,
        adam: Adam,
    ) -> None:
        self.adam, self._batches, self._validation = adam, batches, validation
        self._loss, self._network, self._dtype = LOSSES[loss], network, dtype

    def epoch(self, theta: FloatArray) -> tuple[float, float, FloatArray]:
        losses = []
        for batch in self._batches:
            outputs, backward = record_batch(self._network, theta, batch, self._dtype)
            loss, slopes = self._loss(outputs, batch.y)
            losses.append(loss)
            theta = self.adam.step(theta, backward(slopes))
            if not np.isfinite(theta).all():
                return loss, math.nan, theta
        loss = _mean(losses, self._batches)
        if not self._validation:
            return loss, loss, theta
        scores = [self._loss(self._outputs(theta, b), b.y)[0] for b in self._validation]
        return loss, _mean(scores, self._validation), theta

    def _outputs(self, theta: FloatArray, batch: Batch) -> Array:
        return record_batch(self._network, theta, batch, self._dtype)[0]


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
    if precision == "single" and not network.packs:
        allowed = "of RNN, LSTM, TwoLaneRNN, Linear and cells with a constant d for this precision"
        raise InvalidInputError("network", allowed, repr(network))
    dtype = np.float64 if precision == "double" else np.float32
    return BatchRun(network, dtype, batches, more, loss, adam)
