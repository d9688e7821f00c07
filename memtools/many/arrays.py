"""Series in arrays: checked, estimated, and given back in their shape."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError, MemtoolsWarning
from memtools.many.blocks import COLUMNS, Plan
from memtools.many.engines import table_of
from memtools.results import ManyEstimates
from memtools.results.many import told_failures
from memtools.results.report import VERDICTS


def of_array(data: Any, plan: Plan, work: dict[str, Any]) -> ManyEstimates:
    """Series along the last axis; a warning tells how many failed."""
    values = as_numbers(data)
    if values.ndim < 2:
        allowed = "an array of shape (n_series, n_obs); x[np.newaxis] makes one of a single series"
        raise InvalidInputError("data", allowed, f"shape {values.shape}")
    table = table_of(values.reshape(-1, values.shape[-1]), plan, **work)
    found = as_result(table, values.shape, plan)
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


def as_result(table: FloatArray, shape: tuple[int, ...], plan: Plan) -> ManyEstimates:
    """A table in the shape of the series, p-values adjusted."""
    columns: dict[str, Any] = {}
    for k, name in enumerate(plan.columns):
        columns[name] = table[:, k].reshape(shape[:-1]).copy()
    further: dict[str, Any] = {name: columns.pop(name) for name in plan.columns[len(COLUMNS) :]}
    if "verdict" in further:
        words = np.array([*VERDICTS, ""])
        places = np.where(np.isfinite(further["verdict"]), further["verdict"], len(VERDICTS))
        further["verdict"] = words[places.astype(int)]
    code = columns.pop("code").astype(np.int8)
    bandwidth = columns.pop("bandwidth").astype(np.int32)
    return ManyEstimates(
        estimator=plan.name,
        n_obs=shape[-1],
        code=code,
        bandwidth=bandwidth,
        pvalue=adjusted(columns["single_pvalue"]),
        details=further,
        **columns,
    )


def adjusted(pvalues: FloatArray) -> FloatArray:
    """p-values after Benjamini and Hochberg (1995); NaN are left out and stay."""
    from scipy.stats import false_discovery_control

    found = np.full(pvalues.shape, np.nan)
    known = np.isfinite(pvalues)
    if known.any():
        found[known] = false_discovery_control(pvalues[known])
    return found


def warn_of_failures(code: NDArray[np.int8], stacklevel: int) -> None:
    """One warning for all series that failed."""
    told = told_failures(code)
    if told is not None:
        warnings.warn(f"{told} (see code)", MemtoolsWarning, stacklevel=stacklevel)
