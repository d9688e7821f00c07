"""Linear hypotheses on named parameters: reading them, Wald tests of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.results import Result
from memtools.results._base import number
from memtools.results.estimates import normal_pvalue, normal_quantile
from memtools.results.tables import Table

_TERM = re.compile(r"\s*([+-]?)\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)\s*\*?\s*)?([^\s+\-*=,]*)")


@dataclass(frozen=True, kw_only=True)
class ContrastResult(Result):
    """Wald tests of linear hypotheses.

    Attributes
    ----------
    effect, sd : ndarray
        Estimated linear combinations and their standard errors.
    value : ndarray
        Their values under the hypotheses.
    hypotheses : tuple of str
    """

    effect: FloatArray
    sd: FloatArray
    value: FloatArray
    hypotheses: tuple[str, ...]

    @property
    def tvalue(self) -> FloatArray:
        """Standardised distances from the hypotheses."""
        return (self.effect - self.value) / self.sd

    statistic = tvalue

    @property
    def pvalue(self) -> FloatArray:
        """Two-sided normal p-values."""
        return np.array([normal_pvalue(z, "two-sided") for z in self.tvalue])

    def conf_int(self, level: float = 0.95) -> FloatArray:
        """Wald intervals of the linear combinations, shape (n_hypotheses, 2)."""
        half = normal_quantile(0.5 + _validate.as_level(level) / 2.0) * self.sd
        return np.column_stack([self.effect - half, self.effect + half])

    def to_frame(self) -> Any:
        """Table with a row a hypothesis."""
        import pandas as pd

        ends = self.conf_int()
        columns = {
            "coef": self.effect,
            "std err": self.sd,
            "z": self.tvalue,
            "P>|z|": self.pvalue,
            "[0.025": ends[:, 0],
            "0.975]": ends[:, 1],
        }
        return pd.DataFrame(columns, index=list(self.hypotheses))

    def tables(self) -> list[Table]:
        """The same as text."""
        frame = self.to_frame()
        rows = [[label, *(number(v) for v in row)] for label, *row in frame.itertuples(name=None)]
        return [Table("Wald tests", ["hypothesis", *frame.columns], rows)]

    def _headline(self) -> tuple[str, list[str]]:
        return "Linear hypotheses", []

    def summary(self) -> str:
        """The table as text."""
        return str(self.to_frame().to_string(float_format=lambda value: f"{value:.4f}"))


def contrast_matrix(
    hypothesis: Any, names: Sequence[str]
) -> tuple[FloatArray, FloatArray, tuple[str, ...]]:
    """Rows, right-hand sides and labels of linear hypotheses."""
    if isinstance(hypothesis, str):
        parts = [part.strip() for part in hypothesis.split(",")]
        read = [_read(part, names) for part in parts]
        labels = tuple(parts)
        return np.array([row for row, _ in read]), np.array([value for _, value in read]), labels
    rows = np.atleast_2d(_validate.as_array(hypothesis, "hypothesis"))
    if rows.ndim != 2 or rows.shape[1] != len(names):
        allowed = f"a matrix with {len(names)} columns, or text"
        raise InvalidInputError("hypothesis", allowed, f"shape {rows.shape}")
    labels = tuple(f"c{i}" for i in range(len(rows)))
    return rows, np.zeros(len(rows)), labels


def _read(text: str, names: Sequence[str]) -> tuple[FloatArray, float]:
    left, _, right = text.partition("=")
    allowed = f"like 'd = 0' with the names {tuple(names)}"
    try:
        value = float(right) if right.strip() else 0.0
    except ValueError as error:
        raise InvalidInputError("hypothesis", allowed, repr(text)) from error
    row = np.zeros(len(names))
    position = 0
    left = left.strip()
    while position < len(left) or not left:
        match = _TERM.match(left, position)
        if match is None or match.group(3) not in names:
            raise InvalidInputError("hypothesis", allowed, repr(text))
        sign = -1.0 if match.group(1) == "-" else 1.0
        row[list(names).index(match.group(3))] += sign * float(match.group(2) or 1.0)
        position = match.end()
    return row, value
