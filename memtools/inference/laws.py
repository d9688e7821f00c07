"""Laws of statistics under their nulls: simulated quantiles, shipped beside this file.

A file `NAME.npz` holds `rows` and `columns` (the grid), `probabilities`, and for every statistic
an array of quantiles of shape (rows, columns, probabilities); benchmarks/make_NAME.py made it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from memtools._validate import FloatArray

ALPHAS = (0.10, 0.05, 0.01)


@dataclass(frozen=True)
class Law:
    """A distribution by its quantiles."""

    probabilities: FloatArray
    quantiles: FloatArray

    def cdf(self, statistic: float) -> float:
        """Straight lines between the quantiles on normal scores, and beyond the outer ones."""
        scores, q = ndtri(self.probabilities), self.quantiles
        if statistic < q[0] or statistic > q[-1]:
            # The slope over a few quantiles: neighbours in the tail are noisy.
            a, b = (0, 4) if statistic < q[0] else (-5, -1)
            end = a if statistic < q[0] else b
            slope = (scores[b] - scores[a]) / max(q[b] - q[a], 1e-12)
            return float(ndtr(scores[end] + slope * (statistic - q[end])))
        return float(ndtr(np.interp(statistic, q, scores)))

    def quantile(self, probability: float) -> float:
        """Quantile of a probability between the outer ones."""
        return float(np.interp(ndtri(probability), ndtri(self.probabilities), self.quantiles))

    def pvalue(self, statistic: float, side: str) -> float:
        """Probability of a statistic at least as far out ("greater", "less")."""
        below = self.cdf(statistic)
        return below if side == "less" else 1.0 - below

    def critical_values(self, side: str) -> dict[str, float]:
        """At 10, 5 and 1%."""
        tails = {f"{alpha:.0%}": alpha if side == "less" else 1.0 - alpha for alpha in ALPHAS}
        return {name: self.quantile(p) for name, p in tails.items()}


@lru_cache(maxsize=8)
def _file(name: str) -> dict[str, Any]:
    with np.load(Path(__file__).parent / f"{name}.npz") as saved:
        return {key: saved[key].astype(float) for key in saved.files}


def law(file: str, statistic: str, row: float, column: float) -> Law:
    """The law between the nearest rows and columns, at the edge beyond them."""
    saved = _file(file)
    tables = saved[statistic]
    for axis, value in (("rows", row), ("columns", column)):
        grid = saved[axis]
        i = int(np.clip(np.searchsorted(grid, value) - 1, 0, max(len(grid) - 2, 0)))
        if len(grid) == 1:
            tables = tables[0]
            continue
        share = np.clip((value - grid[i]) / (grid[i + 1] - grid[i]), 0.0, 1.0)
        tables = (1.0 - share) * tables[i] + share * tables[i + 1]
    return Law(saved["probabilities"], np.maximum.accumulate(tables))


def columns(file: str) -> FloatArray:
    """The grid of the second variable."""
    return np.asarray(_file(file)["columns"])
