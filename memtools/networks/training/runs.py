"""Epochs of Adam on the whole sequence or on windows of it, and iterations of L-BFGS."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np

from memtools._validate import FloatArray
from memtools.exceptions import DivergenceError
from memtools.networks.network import Network
from memtools.networks.training.data import LOSSES, TrainingData
from memtools.networks.training.objective import run_at
from memtools.networks.training.progress import Adam, Progress

_SHORTEST = 1e-6  # of a first step of L-BFGS
_NO_GAIN = 2  # its line search found no better point


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


def run_lbfgs(
    network: Network, data: TrainingData, progress: Progress, n_iterations: int, min_gain: float
) -> Progress:
    """Minimise the training loss; each iteration is an epoch of the history.

    A first step is as long as the parameters' unit.  Where a step leaves the finite numbers, it is
    begun again at the last parameters with a tenth of the unit; where no step along the direction
    gains, with the directions of before forgotten.
    """
    from scipy.optimize import minimize

    loss_of, n, unit = LOSSES[data.loss], data.n_train, 1.0

    def evaluate(scaled: FloatArray) -> tuple[float, FloatArray]:
        outputs, _, backward = run_at(network, unit * scaled, data.x[:n])
        loss, slopes = loss_of(outputs, data.y[:n])
        gradient = backward(slopes)
        if not (math.isfinite(loss) and np.isfinite(gradient).all()):
            raise DivergenceError(len(progress.losses), loss, math.nan)
        return loss, unit * gradient

    def after_iteration(scaled: FloatArray) -> None:
        theta = unit * scaled
        outputs, *_ = run_at(network, theta, data.x)
        loss = loss_of(outputs[:n], data.y[:n])[0]
        score = loss_of(outputs[n:], data.y[n:])[0] if len(data.x) > n else loss
        progress.theta = theta
        progress.record(loss, score, theta, min_gain)

    how: dict[str, Any] = {"method": "L-BFGS-B", "jac": True, "callback": after_iteration}
    while (left := n_iterations - len(progress.losses)) > 0:
        options = {"maxiter": left, "maxfun": 20 * left, "ftol": 0.0, "gtol": 1e-10 * unit}
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                end = minimize(evaluate, progress.theta / unit, options=options, **how)
        except DivergenceError:
            unit *= 0.1
            if unit < _SHORTEST:
                raise
            continue
        if end.status != _NO_GAIN or end.nit == 0:
            break
    if not progress.losses:  # the start is a stationary point
        after_iteration(progress.theta / unit)
    return progress
