"""What happens after each epoch: a saved state to go on from, a progress bar."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from memtools._output import progress_bar, write_whole
from memtools.exceptions import InvalidInputError
from memtools.networks.network import Network
from memtools.networks.training.adam import Adam
from memtools.networks.training.progress import Progress

_EPOCHS_BETWEEN_SAVES = 25


@contextmanager
def watch(
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
