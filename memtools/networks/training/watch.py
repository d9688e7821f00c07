"""What happens after each epoch: a saved state to go on from, a progress bar."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from memtools._output import progress_bar, write_whole
from memtools.exceptions import InvalidInputError
from memtools.networks.training.adam import Adam
from memtools.networks.training.progress import Progress

_EPOCHS_BETWEEN_SAVES = 25


@contextmanager
def watch(
    adam: Adam, progress: Progress, n_epochs: int, checkpoint: str | Path | None, bar: bool
) -> Iterator[Callable[[Progress], None]]:
    """A function to call after each epoch; a saved training is read into `adam`, `progress`."""
    path = None if checkpoint is None else Path(checkpoint)
    if path is not None and path.exists():
        _load(path, adam, progress)
    with progress_bar(n_epochs, "epochs", bar, len(progress.losses)) as advance:

        def after_epoch(now: Progress) -> None:
            advance()
            if path is not None and len(now.losses) % _EPOCHS_BETWEEN_SAVES == 0:
                _save(path, adam, now)

        yield after_epoch
    if path is not None:
        _save(path, adam, progress)


def _save(path: Path, adam: Adam, progress: Progress) -> None:
    """Whole or not at all: a killed run leaves the file before."""
    values: dict[str, Any] = {f"adam.{k}": v for k, v in asdict(adam).items()}
    values |= {f"progress.{k}": v for k, v in asdict(progress).items()}
    file = io.BytesIO()
    np.savez(file, **values)
    write_whole(path, file.getvalue())


def _load(path: Path, adam: Adam, progress: Progress) -> None:
    try:
        with np.load(path, allow_pickle=False) as saved:
            values = {key: saved[key] for key in saved.files}
    except (OSError, ValueError, EOFError) as error:
        raise InvalidInputError("checkpoint", "a saved training", f"{path} ({error})") from error
    n_values = progress.theta.size
    if "progress.theta" not in values or values["progress.theta"].size != n_values:
        allowed = f"a saved training of a network of {n_values} parameters"
        raise InvalidInputError("checkpoint", allowed, str(path))
    for name, value in values.items():
        prefix, key = name.split(".")
        target = adam if prefix == "adam" else progress
        plain = value if isinstance(getattr(target, key), np.ndarray) else value.tolist()
        setattr(target, key, plain)
