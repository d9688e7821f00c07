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
        below = _below(self.probabilities, self.quantiles[np.newaxis], np.array([statistic]))
        return float(below[0])

    def score(self, statistic: float) -> float:
        """The normal deviate with as much probability below it."""
        return float(ndtri(min(max(self.cdf(statistic), 1e-15), 1.0 - 1e-15)))

    def quantile(self, probability: float) -> float:
        """The inverse of `cdf`."""
        return float(self._at(np.array(ndtri(probability))))

    def _at(self, scores: FloatArray) -> FloatArray:
        known, q = ndtri(self.probabilities), self.quantiles
        below = np.minimum(scores - known[0], 0.0) * (q[4] - q[0]) / (known[4] - known[0])
        beyond = np.maximum(scores - known[-1], 0.0) * (q[-1] - q[-5]) / (known[-1] - known[-5])
        return np.asarray(np.interp(scores, known, q) + below + beyond)

    def under(self, scores: Law) -> Law:
        """The law of a statistic whose normal scores by this law have that law (Beran, 1988).

        What an estimated d or coefficient moves, at which this law was read.
        """
        return Law(scores.probabilities, np.maximum.accumulate(self._at(scores.quantiles)))

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
    tables = _between(saved[statistic], saved["rows"], np.array([row]))[0]
    quantiles = _between(tables, saved["columns"], np.array([column]))[0]
    return Law(saved["probabilities"], np.maximum.accumulate(quantiles))


def pvalues(
    file: str, statistic: str, row: float, columns: FloatArray, values: FloatArray, side: str
) -> FloatArray:
    """Of many values of a statistic, each by the law of its own column."""
    saved = _file(file)
    tables = _between(saved[statistic], saved["rows"], np.array([row]))[0]
    quantiles = np.maximum.accumulate(_between(tables, saved["columns"], columns), axis=1)
    below = _below(saved["probabilities"], quantiles, values)
    return below if side == "less" else 1.0 - below


def _below(probabilities: FloatArray, q: FloatArray, values: FloatArray) -> FloatArray:
    """Probability of less than each value, by quantiles of shape (n_values, n_probabilities)."""
    scores, last = ndtri(probabilities), len(probabilities) - 1
    left = np.clip((q <= values[:, np.newaxis]).sum(axis=1) - 1, 0, last - 1)
    low, high = values < q[:, 0], values > q[:, -1]
    # Beyond the ends the slope is that over a few quantiles: neighbours in the tail are noisy.
    start, stop = np.where(high, last - 4, left), np.where(low, 4, left + 1)
    place, rows = np.where(high, last, left), np.arange(len(q))
    slope = (scores[stop] - scores[start]) / np.maximum(q[rows, stop] - q[rows, start], 1e-12)
    return np.asarray(ndtr(scores[place] + slope * (values - q[rows, place])))


def _between(tables: FloatArray, grid: FloatArray, values: FloatArray) -> FloatArray:
    """Tables along the grid on the first axis, straight between; shape (n_values, ...)."""
    i = np.clip(np.searchsorted(grid, values) - 1, 0, max(len(grid) - 2, 0))
    if len(grid) == 1:
        return np.asarray(tables[i])
    share = np.clip((values - grid[i]) / (grid[i + 1] - grid[i]), 0.0, 1.0)
    share = share.reshape(-1, *[1] * (tables.ndim - 1))
    return np.asarray((1.0 - share) * tables[i] + share * tables[i + 1])


def grid(file: str, name: str) -> FloatArray:
    """One array of a file."""
    return np.asarray(_file(file)[name])
