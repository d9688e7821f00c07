"""Where a training stands, and what happens after each epoch: a saved state, a progress bar."""

from __future__ import annotations

import hashlib
import io
import math
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from memtools._output import progress_bar, write_whole
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.networks.network import Network

_EPOCHS_BETWEEN_SAVES = 25


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


@dataclass
class Progress:
    """Where a training stands: enough to stop it early, to keep the best, to go on later."""

    theta: FloatArray
    best: FloatArray
    best_epoch: int = -1
    best_score: float = math.inf
    reference: float = math.inf  # training loss that the patience measures against
    waited: int = 0
    losses: list[float] = field(default_factory=list)
    validation_losses: list[float] = field(default_factory=list)

    def record(self, loss: float, score: float, kept: FloatArray, min_gain: float) -> None:
        """One epoch: its losses and the parameters to keep if it is the best so far."""
        if score < self.best_score:
            self.best_score, self.best_epoch, self.best = score, len(self.losses), kept
        if self.reference - loss > min_gain:
            self.reference, self.waited = loss, 0
        else:
            self.waited += 1
        self.losses.append(loss)
        self.validation_losses.append(score)


@contextmanager
def watched(
    adam: Adam,
    progress: Progress,
    n_epochs: int,
    checkpoint: str | Path | None,
    identity: str,
    bar: bool | None,
) -> Iterator[Callable[[Progress], None]]:
    """A function to call after each epoch; a saved training is read into `adam`, `progress`.

    `identity` tells trainings apart: another one's checkpoint is refused.
    """
    path = None if checkpoint is None else Path(checkpoint)
    if path is not None and path.exists():
        _load(path, adam, progress, identity)
    with progress_bar(n_epochs, "epochs", bar, len(progress.losses)) as advance:

        def after_epoch(now: Progress) -> None:
            advance()
            if path is not None and len(now.losses) % _EPOCHS_BETWEEN_SAVES == 0:
                _save(path, adam, now, identity)

        yield after_epoch
    if path is not None:
        _save(path, adam, progress, identity)


def identity_of(network: Network, *parts: Any) -> str:
    """Digest of a network with its values, of arrays and of settings."""
    digest = hashlib.sha256(repr(network).encode())
    for value in network.params.values():
        digest.update(value.tobytes())
    for part in parts:
        named = isinstance(part, str | float | int | None)
        digest.update(repr(part).encode() if named else np.asarray(part, dtype=float).tobytes())
    return digest.hexdigest()


def _save(path: Path, adam: Adam, progress: Progress, identity: str) -> None:
    """Whole or not at all: a killed run leaves the file before."""
    values = _values(adam, progress)
    write_whole(path, lambda file: np.savez(file, identity=identity, **values))


def _values(adam: Adam, progress: Progress) -> dict[str, Any]:
    values: dict[str, Any] = {f"adam.{k}": v for k, v in asdict(adam).items()}
    return values | {f"progress.{k}": v for k, v in asdict(progress).items()}


def _load(path: Path, adam: Adam, progress: Progress, identity: str) -> None:
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as saved:
            values = {key: saved[key] for key in saved.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise InvalidInputError("checkpoint", "a saved training", f"{path} ({error})") from error
    if values.keys() != {"identity", *_values(adam, progress)}:
        raise InvalidInputError("checkpoint", "a saved training", f"{path}, another file")
    n_values = progress.theta.size
    if values["progress.theta"].size != n_values:
        allowed = f"a saved training of a network of {n_values} parameters"
        raise InvalidInputError("checkpoint", allowed, str(path))
    if str(values.pop("identity")) != identity:
        allowed = "of the same network, data and settings"
        raise InvalidInputError("checkpoint", allowed, f"{path}, of another training")
    for name, value in values.items():
        prefix, key = name.split(".")
        target = adam if prefix == "adam" else progress
        plain = value if isinstance(getattr(target, key), np.ndarray) else value.tolist()
        setattr(target, key, plain)
