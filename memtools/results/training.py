"""What a training left, and for how long the units of a network keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

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


@dataclass(frozen=True, kw_only=True)
class InverseGamma(Result):
    """Inverse gamma law of time constants; together they forget like (1 + k / scale)^-shape.

    Attributes
    ----------
    shape : float
    scale : float
        In steps.
    """

    shape: float
    scale: float

    def summary(self) -> str:
        """The law in a line."""
        return f"inverse gamma, shape {self.shape:.3g}, scale {self.scale:.3g} steps"


@dataclass(frozen=True, kw_only=True)
class Imitation(Result):
    """A power law k^-exponent that a mixture of exponentials imitates.

    Attributes
    ----------
    first, last : int
        Lags between which it does.
    exponent : float
    worst : float
        Largest relative error there.
    """

    first: int
    last: int
    exponent: float
    worst: float

    def summary(self) -> str:
        """The law, its range and its error in a line."""
        lags = f"lags {self.first} to {self.last}"
        return f"k^-{self.exponent:.3g} at {lags}, within {self.worst:.1%}"


@dataclass(frozen=True, kw_only=True)
class TimeConstants(Result):
    """How long each unit keeps its state.

    Attributes
    ----------
    values : ndarray, shape (n_units,)
        T of exp(-k / T), in steps; negative for a mode that grows, infinite for one that stays.
    layers : ndarray of int, shape (n_units,)
        Number of the gated or linear layer of each, from 0.
    imitates : Imitation or None
        None where the mixture is no power law over a decade of lags.
    inverse_gamma : InverseGamma or None
        None for fewer than three units, or all alike.
    """

    values: FloatArray
    layers: NDArray[np.int64]
    imitates: Imitation | None
    inverse_gamma: InverseGamma | None

    def to_frame(self) -> pd.DataFrame:
        """A row a unit: layer and time constant."""
        import pandas as pd

        return pd.DataFrame({"layer": self.layers, "time_constant": self.values})

    def tables(self) -> list[Table]:
        """Quantiles of the time constants of each layer."""
        header = ["layer", "units", "smallest", "quarter", "median", "three quarters", "largest"]
        rows = []
        for layer in np.unique(self.layers):
            values = self.values[self.layers == layer]
            quantiles = np.quantile(values, [0.0, 0.25, 0.5, 0.75, 1.0], method="inverted_cdf")
            rows.append([str(layer), str(len(values)), *(f"{q:.4g}" for q in quantiles)])
        return [Table("Time constants (steps)", header, rows)]

    def _headline(self) -> tuple[str, list[str]]:
        law = [] if self.inverse_gamma is None else [self.inverse_gamma.summary()]
        imitated = "no power law over a decade of lags"
        if self.imitates is not None:
            imitated = self.imitates.summary()
        told = f"The units together imitate {imitated}; in the limit the longest rules."
        lines = [*law, told]
        return f"Time constants of {len(self.values)} units, in steps", lines
