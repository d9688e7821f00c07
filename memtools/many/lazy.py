"""Series in dask arrays: the same numbers, when they are asked for."""

from __future__ import annotations

import warnings
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError, MemtoolsWarning
from memtools.many.blocks import COLUMNS, KINDS, Plan, typed
from memtools.many.engines import blockwise
from memtools.many.regions import coordinates, first_line, unread
from memtools.results.intervals import adjusted_pvalues


class _Alone(NamedTuple):
    """What reads one chunk by itself, and what the chunk is called."""

    graph: dict[Any, Any]
    key: Any
    shape: tuple[int, ...]
    place: str


def of_dask(data: Any, plan: Plan, values: Any = None) -> dict[str, Any]:
    """Columns by name as dask arrays over the other axes; series along the last.

    `values` is the DataArray that holds the data, if one does: its labels say where a chunk is.
    """
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
    alone = _each_alone(data, values)
    held = None if alone is None else dask.array.from_array(alone, 1, name=f"alone-{data.name}")
    table = dask.array.map_blocks(
        partial(_of_chunk if held is None else _of_alone, plan),
        data if held is None else held,
        dtype=np.float64,
        chunks=(*data.chunks[:-1], (n_columns,)),
        meta=np.empty((0,) * data.ndim),
    )
    found = {
        name: table[..., k].map_blocks(partial(typed, name), dtype=KINDS.get(name, np.float64))
        for k, name in enumerate(plan.columns)
    }
    single = found["single_pvalue"]
    # All p-values are needed for the adjustment of one.
    whole = single.rechunk(dict.fromkeys(range(single.ndim), -1))
    found["pvalue"] = whole.map_blocks(
        adjusted_pvalues, dtype=np.float64, meta=np.empty((0,) * whole.ndim)
    )
    names = (*COLUMNS[:4], "pvalue", "single_pvalue", "code", *plan.columns[len(COLUMNS) :])
    return {name: found[name] for name in names}


def _each_alone(data: Any, values: Any) -> NDArray[Any] | None:
    """Chunks of a file, each with its own way to be read: one that cannot be stops no other.

    None where no file is read, or chunks share their work.
    """
    from dask.core import flatten
    from dask.optimization import cull

    keys = list(flatten(data.__dask_keys__()))
    graph = dict(data.__dask_optimize__(data.__dask_graph__(), keys))
    held = [getattr(task, "value", task) for task in graph.values()]
    arrays = [one for one in held if hasattr(one, "dtype") and hasattr(one, "shape")]
    if not arrays or any(isinstance(one, np.ndarray) or hasattr(one, "client") for one in held):
        return None
    parts = [cull(graph, [key])[0] for key in keys]
    if sum(map(len, parts)) > 2 * len(graph):
        return None
    alone = np.empty(data.numblocks, dtype=object)
    ends = [np.cumsum([0, *sizes]).tolist() for sizes in data.chunks]
    for place, part, key in zip(np.ndindex(alone.shape), parts, keys, strict=True):
        piece = tuple(slice(e[i], e[i + 1]) for e, i in zip(ends, place, strict=True))
        shape = tuple(along.stop - along.start for along in piece)
        alone[place] = _Alone(part, key, shape, _called(piece[:-1], values))
    return alone


def _called(piece: tuple[slice, ...], values: Any) -> str:
    if values is not None:
        return coordinates(values, piece)
    return ", ".join(f"axis {k}: {a.start}..{a.stop - 1}" for k, a in enumerate(piece))


def _of_alone(plan: Plan, held: NDArray[Any]) -> FloatArray:
    """As `_of_chunk`, of a chunk that is read here; one that cannot be has the code for it."""
    from dask.local import get_sync

    alone: _Alone = held.item()
    try:
        values = get_sync(alone.graph, alone.key)
    except Exception as error:  # of a codec, a file system, a reader
        told = f"a chunk could not be read: {alone.place} ({first_line(error)})"
        warnings.warn(told, MemtoolsWarning, stacklevel=1)
        return unread(alone.shape[:-1], len(plan.columns))
    return _of_chunk(plan, values)


def _of_chunk(plan: Plan, values: NDArray[Any]) -> FloatArray:
    """The plan's columns on a new last axis."""
    rows = np.ascontiguousarray(values).reshape(-1, values.shape[-1])
    return blockwise(plan, rows).reshape(*values.shape[:-1], len(plan.columns))
