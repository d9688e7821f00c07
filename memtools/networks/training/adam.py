"""Adam over epochs, on the whole sequence or on windows of it."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from memtools._validate import FloatArray
from memtools.exceptions import DivergenceError
from memtools.networks.network import Network
from memtools.networks.training.data import TrainingData
from memtools.networks.training.losses import LOSSES
from memtools.networks.training.objective import run_at
from memtools.networks.training.progress import Progress


@dataclass
class Adam:
    """Kingma and Ba (2015), Algorithm 1, as PyTorch writes it."""

    learning_rate: float
    weight_decay: float = 0.0  # times the parameters is added to the gradient, as in PyTorch
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
        if self.weight_decay:
            gradient = gradient + self.weight_decay * theta
        self.mean = self.beta1 * self.mean + (1.0 - self.beta1) * gradient
        self.square = self.beta2 * self.square + (1.0 - self.beta2) * gradient * gradient
        scale = math.sqrt(1.0 - self.beta2**self.n_steps)
        rate = self.learning_rate / (1.0 - self.beta1**self.n_steps)
        return theta - rate * self.mean / (np.sqrt(self.square) / scale + self.epsilon)


class EpochRun(ABC):
    """Epochs of Adam until patience ends."""

    adam: Adam
    # Keep the parameters after an epoch's steps, not those it started from.
    keeps_last: bool

    def until(
        self,
        progress: Progress,
        n_epochs: int,
        patience: int,
        min_gain: float,
        after_epoch: Callable[[Progress], None],
    ) -> Progress:
        """Epochs until patience ends or `n_epochs` are done."""
        with np.errstate(over="ignore", invalid="ignore"):  # told by the error below
            while len(progress.losses) < n_epochs and progress.waited < patience:
                loss, score, stepped = self.epoch(progress.theta)
                if not (
                    math.isfinite(loss) and math.isfinite(score) and np.isfinite(stepped).all()
                ):
                    raise DivergenceError(len(progress.losses), loss, score)
                kept = stepped if self.keeps_last else progress.theta
                progress.record(loss, score, kept, min_gain)
                progress.theta = stepped
                after_epoch(progress)
        return progress

    @abstractmethod
    def epoch(self, theta: FloatArray) -> tuple[float, float, FloatArray]:
        """Training loss, validation loss, parameters after the steps."""


class AdamRun(EpochRun):
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
        self._loss = LOSSES[data.loss]
        # Windows step on the way: their validation loss belongs to the last parameters.
        self.keeps_last = keep_stepped or not whole
        self._network = network

    def epoch(self, theta: FloatArray) -> tuple[float, float, FloatArray]:
        return self._whole_epoch(theta) if self.truncation is None else self._windows(theta)

    def _whole_epoch(self, theta: FloatArray) -> tuple[float, float, FloatArray]:
        data, n = self.data, self.data.n_train
        outputs, _, backward = run_at(self._network, theta, data.x)
        loss, slopes = self._loss(outputs[:n], data.y[:n])
        score = self._loss(outputs[n:], data.y[n:])[0] if len(data.x) > n else loss
        return loss, score, self.adam.step(theta, backward(slopes))

    def _windows(self, theta: FloatArray) -> tuple[float, float, FloatArray]:
        data, n, total = self.data, self.data.n_train, 0.0
        assert self.truncation is not None
        state = self._network.initial_state(data.x.shape[1])
        for start in range(0, n, self.truncation):
            window = slice(start, min(start + self.truncation, n))
            outputs, state, backward = run_at(self._network, theta, data.x[window], state)
            loss, slopes = self._loss(outputs, data.y[window])
            total += loss * len(outputs)
            theta = self.adam.step(theta, backward(slopes))
            if not np.isfinite(theta).all():
                return loss, math.nan, theta
        if len(data.x) == n:
            return total / n, total / n, theta
        outputs, *_ = run_at(self._network, theta, data.x[n:], state)
        return total / n, self._loss(outputs, data.y[n:])[0], theta
