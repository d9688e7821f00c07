"""Networks held against linear models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic

from memtools.results._base import Result
from memtools.results.tables import Table
from memtools.results.training import Trained

if TYPE_CHECKING:
    import pandas as pd

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
