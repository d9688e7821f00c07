"""Time constants of a network's units, and what they imitate together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from memtools._validate import FloatArray
from memtools.results._base import Result
from memtools.results.tables import Table

if TYPE_CHECKING:
    import pandas as pd


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

    def summary(self) -> str:
        """Quantiles, the inverse gamma law, and the power law that is imitated."""
        table = self.tables()[0]
        lines = [table.caption, table.text()]
        if self.inverse_gamma is not None:
            lines.append(f"Law of the time constants: {self.inverse_gamma.summary()}")
        imitated = "no power law over a decade of lags"
        if self.imitates is not None:
            imitated = self.imitates.summary()
        lines.append(f"The units together imitate {imitated}; in the limit the longest rules.")
        return "\n".join(lines)

    def _headline(self) -> tuple[str, list[str]]:
        imitated = None if self.imitates is None else self.imitates.summary()
        return f"Time constants of {len(self.values)} units", [imitated] if imitated else []
