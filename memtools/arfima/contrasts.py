"""Linear hypotheses on named parameters: reading them, Wald tests of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError

_TERM = re.compile(r"\s*([+-]?)\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)\s*\*?\s*)?([^\s+\-*=,]*)")


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
