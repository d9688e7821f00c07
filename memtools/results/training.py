"""What a training left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from memtools._validate import FloatArray
from memtools.results._base import Result
from memtools.results.tables import Table

if TYPE_CHECKING:
    import pandas as pd


class HasParams(Protocol):
    """What a result shows of a network."""

    @property
    def params(self) -> Mapping[str, FloatArray]:
        """Parameters by name."""


Trained = TypeVar("Trained", bound=HasParams)


@dataclass(frozen=True, kw_only=True)
class TrainingResult(Result, Generic[Trained]):
    """A trained network and the way to it.

    Attributes
    ----------
    network : Network
        With the parameters of the best epoch.
    history : mapping of str to ndarray
        "train_loss" and "validation_loss" (empty without validation), an entry an epoch.
    best_epoch : int
        Epoch with the smallest validation (else training) loss, from 0.
    stopped : {"patience", "epochs"}
        What ended the training.
    """

    network: Trained
    history: Mapping[str, FloatArray]
    best_epoch: int
    stopped: str

    def to_frame(self) -> pd.DataFrame:
        """The history, a row an epoch."""
        import pandas as pd

        filled = {key: values for key, values in self.history.items() if len(values)}
        return pd.DataFrame(filled).rename_axis("epoch")

    def summary(self) -> str:
        """The training in a few lines."""
        lines = [f"{self.network!r}", f"  {len(self.history['train_loss'])} epochs, best"]
        lines[1] += f" {self.best_epoch}, stopped by {self.stopped}"
        for key, values in self.history.items():
            if len(values):
                lines.append(f"  {key.replace('_', ' ')} {values[self.best_epoch]:.6g}")
        return "\n".join(lines)

    def tables(self) -> list[Table]:
        """First, best and last loss."""
        n_epochs = len(self.history["train_loss"])
        epochs = sorted({0, self.best_epoch, n_epochs - 1}) if n_epochs else []
        filled = {key: values for key, values in self.history.items() if len(values)}
        rows = [[str(e), *(f"{values[e]:.6g}" for values in filled.values())] for e in epochs]
        return [Table("Losses", ["epoch", *(key.replace("_", " ") for key in filled)], rows)]

    def _headline(self) -> tuple[str, list[str]]:
        stop = f"best epoch {self.best_epoch}, stopped by {self.stopped}"
        return f"{self.network!r}", [f"{len(self.history['train_loss'])} epochs, {stop}"]

    def to_dict(self) -> dict[str, Any]:
        """History, best epoch and parameters in plain types."""
        shown = super().to_dict()
        params = {name: value.tolist() for name, value in self.network.params.items()}
        return shown | {"network": {"cell": repr(self.network), "params": params}}
