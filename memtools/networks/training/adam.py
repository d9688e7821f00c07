"""Adam over epochs, on the whole sequence or on windows of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from memtools._validate import FloatArray
from memtools.exceptions import DivergenceError
from memtools.networks.network import Network, State
from memtools.networks.training.data import TrainingData
from memtools.networks.training.losses import LOSSES
from memtools.networks.training.passes import passes_of
from memtools.networks.training.progress import Progress


@dataclass
class Adam:
    """Kingma and Ba (2015), Algorithm 1, as PyTorch writes it."""

    learning_rate: float
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    n_steps: int = 0
    mean: FloatArray = field(default_factory=lambda: np.zeros(0))
    square: FloatArray = field(default_factory=lambda: np.zeros(0))

    def step(self, theta: FloatArray, gradient: FloatArray) -> FloatArray:
        """The parameters one step on."""
        if self.n_steps == 0:
            self.mean, self.square = np.zeros_like(theta), np.zeros_like(theta)
        self.n_steps += 1
        self.mean = self.beta1 * self.mean + (1.0 - self.beta1) * gradient
        self.square = self.beta2 * self.square + (1.0 - self.beta2) * gradient * gradient
        scale = math.sqrt(1.0 - self.beta2**self.n_steps)
        rate = self.learning_rate / (1.0 - self.beta1**self.n_steps)
        return theta - rate * self.mean / (np.sqrt(self.square) / scale + self.epsilon)


class AdamRun:
    """Epochs of Adam on one set of data.

    Parameters
    ----------
    network : Network
        Its kind counts, not its parameters.
    data : TrainingData
    truncation : int or None
        Steps a window.
    keep_stepped : bool
        Keep the parameters after an epoch's step, not those its losses belong to.
    adam : Adam
    """

    def __init__(
        self,
        network: Network,
        data: TrainingData,
        truncation: int | None,
        keep_stepped: bool,
        adam: Adam,
    ) -> None:
        whole = truncation is None or truncation >= data.n_train
        self.data, self.adam, self.truncation = data, adam, None if whole else truncation
        self._loss, self._keep_stepped = LOSSES[data.loss], keep_stepped
        self._passes = passes_of(network, data.x, carries_state=not whole)

    def until(
        self,
        progress: Progress,
        n_epochs: int,
        patience: int,
        min_gain: float,
        after_epoch: Callable[[Progress], None],
    ) -> Progress:
        """Epochs until patience ends or `n_epochs` are done."""
        while len(progress.losses) < n_epochs and progress.waited < patience:
            epoch = self._whole_epoch if self.truncation is None else self._truncated_epoch
            with np.errstate(over="ignore", invalid="ignore"):  # told by the error below
                loss, score, stepped = epoch(progress.theta)
            if not (math.isfinite(loss) and math.isfinite(score) and np.isfinite(stepped).all()):
                raise DivergenceError(len(progress.losses), loss, score)
            # Windows step on the way: their validation loss belongs to the last parameters.
            after = self._keep_stepped or self.truncation is not None
            progress.record(loss, score, stepped if after else progress.theta, min_gain)
            progress.theta = stepped
            after_epoch(progress)
        return progress

    def _whole_epoch(self, theta: FloatArray) -> tuple[float, float, FloatArray]:
        """Training loss, validation loss, parameters after the step."""
        data, n = self.data, self.data.n_train
        outputs, _ = self._passes.forward(theta, data.x)
        loss, slopes = self._loss(outputs[:n], data.y[:n])
        score = self._loss(outputs[n:], data.y[n:])[0] if len(data.x) > n else loss
        return loss, score, self.adam.step(theta, self._passes.backward(theta, data.x, slopes))

    def _truncated_epoch(self, theta: FloatArray) -> tuple[float, float, FloatArray]:
        data, n, total = self.data, self.data.n_train, 0.0
        assert self.truncation is not None
        state: State | None = None
        for start in range(0, n, self.truncation):
            window = slice(start, min(start + self.truncation, n))
            outputs, state = self._passes.forward(theta, data.x[window], state)
            loss, slopes = self._loss(outputs, data.y[window])
            total += loss * len(outputs)
            theta = self.adam.step(theta, self._passes.backward(theta, data.x[window], slopes))
        if len(data.x) == n:
            return total / n, total / n, theta
        outputs, _ = self._passes.forward(theta, data.x[n:], state)
        return total / n, self._loss(outputs, data.y[n:])[0], theta
