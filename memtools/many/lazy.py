"""Series in dask arrays: the same numbers, when they are asked for."""

from __future__ import annotations

import warnings
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError, MemtoolsWarning
from memtools.many.arrays import adjusted
from memtools.many.blocks import COLUMNS, Plan
from memtools.many.engines import blockwise


def of_dask(data: Any, plan: Plan) -> dict[str, Any]:
    """Columns by name as dask arrays over the other axes; series along the last."""
    import dask.array

    if data.ndim < 2:
        allowed = "an array of shape (n_series, n_obs); x[None] makes one of a single series"
        raise InvalidInputError("data", allowed, f"shape {data.shape}")
    if data.dtype.kind not in "iuf":
        raise InvalidInputError("data", "real numbers", f"data of type {data.dtype}")
    if len(data.chunks[-1]) > 1:
        message = (
            f"series in {len(data.chunks[-1])} chunks are put together, which moves all data; "
            "store them whole, or rechunk({-1: -1}) where it costs least"
        )
        warnings.warn(message, MemtoolsWarning, stacklevel=4)
        data = data.rechunk({data.ndim - 1: -1})
    n_columns = len(plan.columns)
    table = dask.array.map_blocks(
        partial(_of_chunk, plan),
        data,
        dtype=np.float64,
        chunks=(*data.chunks[:-1], (n_columns,)),
        meta=np.empty((0,) * data.ndim),
    )
    kinds = {"code": np.int8, "bandwidth": np.int32, "verdict": np.int8}
    found = {
        name: _column(table, k, kinds.get(name, np.float64)) for k, name in enumerate(plan.columns)
    }
    single = found["single_pvalue"]
    # All p-values are needed for the adjustment of one.
    whole = single.rechunk(dict.fromkeys(range(single.ndim), -1))
    found["pvalue"] = whole.map_blocks(adjusted, dtype=np.float64, meta=np.empty((0,) * whole.ndim))
    names = (*COLUMNS[:4], "pvalue", "single_pvalue", "code", *plan.columns[len(COLUMNS) :])
    return {name: found[name] for name in names}


def _column(table: Any, k: int, kind: Any) -> Any:
    column = table[..., k]
    if kind is np.int8:
        column = column.map_blocks(np.nan_to_num, nan=-1.0, dtype=np.float64)
    return column.astype(kind)


def _of_chunk(plan: Plan, values: NDArray[Any]) -> FloatArray:
    """The plan's columns on a new last axis."""
    rows = np.ascontiguousarray(values).reshape(-1, values.shape[-1])
    return blockwise(plan, rows).reshape(*values.shape[:-1], len(plan.columns))
