"""Series in arrays: checked, estimated, and given back in their shape."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memtools.exceptions import InvalidInputError, MemtoolsWarning
from memtools.many.blocks import COLUMNS, Plan
from memtools.many.engines import Columns, columns_of
from memtools.results import ManyEstimates
from memtools.results.intervals import adjusted_pvalues
from memtools.results.many import told_failures
from memtools.results.report import VERDICTS


def of_array(data: Any, plan: Plan, work: dict[str, Any]) -> ManyEstimates:
    """Series along the last axis; a warning tells how many failed."""
    values = as_numbers(data)
    if values.ndim < 2:
        allowed = "an array of shape (n_series, n_obs); x[np.newaxis] makes one of a single series"
        raise InvalidInputError("data", allowed, f"shape {values.shape}")
    columns = columns_of(values.reshape(-1, values.shape[-1]), plan, **work)
    found = as_result(columns, values.shape, plan)
    warn_of_failures(found.code, stacklevel=4)
    return found


def as_numbers(data: Any) -> NDArray[Any]:
    """An array of numbers, a memory map as it is; masked values become NaN."""
    if isinstance(data, np.ma.MaskedArray):
        data = np.ma.filled(data.astype(np.float64), np.nan) if data.mask.any() else data.data
    try:
        values = np.asanyarray(data)
    except ValueError as error:
        raise InvalidInputError("data", "series of one length", "a ragged sequence") from error
    if values.dtype.kind not in "iuf":
        raise InvalidInputError("data", "real numbers", f"data of type {values.dtype}")
    return values


def as_result(columns: Columns, shape: tuple[int, ...], plan: Plan) -> ManyEstimates:
    """Columns in the shape of the series, p-values adjusted."""
    shaped: dict[str, Any] = {k: column.reshape(shape[:-1]) for k, column in columns.items()}
    further = {name: shaped.pop(name) for name in plan.columns[len(COLUMNS) :]}
    if "verdict" in further:
        further["verdict"] = np.array([*VERDICTS, ""])[further["verdict"]]
    return ManyEstimates(
        estimator=plan.name,
        n_obs=shape[-1],
        pvalue=adjusted_pvalues(shaped["single_pvalue"]),
        details=further,
        **shaped,
    )


def warn_of_failures(code: NDArray[np.int8], stacklevel: int) -> None:
    """One warning for all series that failed."""
    told = told_failures(code)
    if told is not None:
        warnings.warn(f"{told} (see code)", MemtoolsWarning, stacklevel=stacklevel)
