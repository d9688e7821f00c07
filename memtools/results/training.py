"""What a training left, networks held against linear models, and for how long units keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from memtools._validate import FloatArray
from memtools.results._base import Result
from memtools.results.tables import Table, as_frame

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
        filled = {key: values for key, values in self.history.items() if len(values)}
        return as_frame(filled).rename_axis("epoch")

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
        return as_frame({"layer": self.layers, "time_constant": self.values})

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
        law = self.inverse_gamma
        told = [] if law is None else [f"Law of the time constants: {law.summary()}"]
        imitated = "no power law over a decade of lags"
        if self.imitates is not None:
            imitated = self.imitates.summary()
        told += [f"The units together imitate {imitated}; in the limit the longest rules."]
        return f"Time constants of {len(self.values)} units, in steps", told


_LEVEL = 0.05


@dataclass(frozen=True, kw_only=True)
class NetworkSelection(Result, Generic[Trained]):
    """Errors of networks and linear models on the same values, told one step ahead.

    Attributes
    ----------
    rmse : mapping of str to float
        Root mean squared error by model, in the units of the series.
    tests : mapping of str to (float, float)
        Statistic and p-value of the test of Diebold and Mariano against the best linear model;
        negative where the model is better.
    winner : str
        The model with the smallest error.
    linear : str
        The better of AR and ARFIMA.
    n_told, n_origins : int
        Number of values told, and of origins.
    network : Network
        The winner, trained on the whole series.
    """

    rmse: Mapping[str, float]
    tests: Mapping[str, tuple[float, float]]
    winner: str
    linear: str
    n_told: int
    n_origins: int
    network: Trained

    @property
    def says(self) -> str:
        """Whether a network is better than a linear model, in a sentence."""
        networks = {n: e for n, e in self.rmse.items() if n not in ("AR", "ARFIMA")}
        best = min(networks, key=lambda name: networks[name])
        ratio = networks[best] / self.rmse[self.linear]
        p = self.tests[best][1]
        beyond = f"p = {p:.2g}" + (": may be chance" if p >= _LEVEL else "")
        if self.winner == best:
            told = f"{best} is better than the best linear model, {self.linear}"
            return f"{told}: its error is {1.0 - ratio:.1%} smaller ({beyond})."
        told = f"A linear model is better: {self.linear}. The error of the best network, {best}"
        return f"{told}, is {ratio - 1.0:.1%} larger ({beyond})."

    def table(self) -> pd.DataFrame:
        """A row a model: rmse, its ratio to the best linear one's, statistic, pvalue."""
        import pandas as pd

        rows = {
            name: (error, error / self.rmse[self.linear], *self.tests[name])
            for name, error in self.rmse.items()
        }
        columns = ["rmse", "ratio", "statistic", "pvalue"]
        return pd.DataFrame.from_dict(rows, orient="index", columns=columns)

    to_frame = table

    def tables(self) -> list[Table]:
        """The same as text."""
        rows = []
        for name, error in self.rmse.items():
            ratio, (t, p) = error / self.rmse[self.linear], self.tests[name]
            tested = ["-", "-"] if name == self.linear else [f"{t:.2f}", f"{p:.2g}"]
            rows.append([name, f"{error:.6g}", f"{ratio:.4f}", *tested])
        caption = f"One-step errors of {self.n_told} values from {self.n_origins} origins"
        return [Table(caption, ["model", "RMSE", f"to {self.linear}", "t", "p"], rows)]

    def _headline(self) -> tuple[str, list[str]]:
        return f"Best of {len(self.rmse)} models: {self.winner}", [self.says]

    def to_dict(self) -> dict[str, Any]:
        """Errors, tests, the sentence and the network's parameters in plain types."""
        shown = super().to_dict()
        params = {name: value.tolist() for name, value in self.network.params.items()}
        network = {"cell": repr(self.network), "params": params}
        return shown | {"says": self.says, "network": network}
