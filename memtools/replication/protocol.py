"""One run of the paper's forecasting experiment: a model, a series, a seed.

Zhao et al. (2020), section 5, as their published code does it: the series is scaled to (0, 1) as
a whole, the input is x_t and the target x_{t+1}, training, validation and test follow each other
and the state is carried over.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import DivergenceError, InvalidInputError
from memtools.networks.training import train
from memtools.networks.whole_past import as_filter_length
from memtools.replication.models import build

PATIENCE = 100
LEARNING_RATE = 0.01
# The columns that a failed run leaves empty.
_EMPTY = dict.fromkeys(
    ("rmse", "mae", "mape", "epochs", "best_epoch", "validation_loss", "params", "error")
)


@dataclass(frozen=True)
class Experiment:
    """A series and where its parts end.

    Parameters
    ----------
    series : array_like, shape (n_obs,)
        n_obs values make n_obs - 1 pairs of input and target.
    n_train, n_validation : int
        Pairs of each part; the test takes the rest.
    """

    series: FloatArray
    n_train: int
    n_validation: int

    def __post_init__(self) -> None:
        series = _validate.as_varying_series(self.series, "series", 4)
        object.__setattr__(self, "series", series)
        _validate.as_integer(self.n_train, "n_train", 1)
        _validate.as_integer(self.n_validation, "n_validation", 1)
        n_pairs, needed = len(series) - 1, self.n_train + self.n_validation + 1
        if n_pairs < needed:
            allowed = f"of at least {needed + 1} values for this split"
            raise InvalidInputError("series", allowed, f"{len(series)}")

    @property
    def fingerprint(self) -> str:
        """Tells series and splits apart: rows of another one are other rows."""
        parts = f"{self.n_train} {self.n_validation} ".encode() + self.series.tobytes()
        return hashlib.sha256(parts).hexdigest()[:12]

    @property
    def first_target(self) -> int:
        """Index in `series` of the first value that the test part asks for."""
        return self.n_train + self.n_validation + 1


@dataclass(frozen=True)
class Settings:
    """What a run depends on besides model, series and seed."""

    filter_length: float = 100
    n_epochs: int = 1000
    selection: str = "plain"

    def __post_init__(self) -> None:
        as_filter_length(self.filter_length)
        _validate.as_integer(self.n_epochs, "n_epochs", 1)
        _validate.as_choice(self.selection, "selection", ["plain", "published"])

    @property
    def stored_length(self) -> int | None:
        """As a row has it: None for the whole past."""
        return None if math.isinf(self.filter_length) else int(self.filter_length)


def run_one(
    model: str, dataset: str, seed: int, experiment: Experiment, settings: Settings
) -> dict[str, Any]:
    """One row of the table of runs; a diverged run has its reason in `error` and no figures."""
    row: dict[str, Any] = {
        "model": model,
        "dataset": dataset,
        "experiment": experiment.fingerprint,
        "seed": seed,
        "filter_length": settings.stored_length,
        "n_epochs": settings.n_epochs,
        "selection": settings.selection,
    }
    series = experiment.series
    low, high = float(series.min()), float(series.max())
    scaled = (series - low) / (high - low)
    x, y = scaled[:-1], scaled[1:]
    first, end = experiment.n_train, experiment.n_train + experiment.n_validation
    try:
        result = train(
            build(model, seed, settings.filter_length, settings.selection == "published"),
            x[:first],
            y[:first],
            (x[first:end], y[first:end]),
            learning_rate=LEARNING_RATE,
            n_epochs=settings.n_epochs,
            patience=PATIENCE,
            keep="stepped" if settings.selection == "published" else "evaluated",
            progress=False,
        )
    except DivergenceError as error:
        return row | _EMPTY | {"error": str(error)}
    outputs, _ = result.network.forward(x[:, np.newaxis])
    errors = (outputs[end:, 0] - y[end:]) * (high - low)
    if not np.isfinite(errors).all():
        return row | _EMPTY | {"error": "the forecasts of the test part are not finite"}
    row |= _EMPTY | figures_of(errors, series[end + 1 :])
    row["epochs"], row["best_epoch"] = len(result.history["train_loss"]), result.best_epoch
    row["validation_loss"] = float(result.history["validation_loss"][result.best_epoch])
    row["params"] = {name: v.ravel().tolist() for name, v in result.network.params.items()}
    return row


def figures_of(errors: FloatArray, targets: FloatArray) -> dict[str, float]:
    """RMSE, MAE and, where no target is zero, MAPE (a fraction)."""
    figures = {
        "rmse": math.sqrt(float(errors @ errors) / len(errors)),
        "mae": float(np.abs(errors).mean()),
    }
    if (targets != 0.0).all():
        figures["mape"] = float(np.abs(errors / targets).mean())
    return figures
