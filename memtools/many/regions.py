"""One variable of a file, cut into regions of whole chunks, and what a worker does with one."""

from __future__ import annotations

import itertools
import math
import os
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memtools._validate import FloatArray
from memtools.exceptions import (
    DataFileError,
    InvalidInputError,
    MemtoolsWarning,
    MissingDependencyError,
)
from memtools.many.blocks import CODE, Plan
from memtools.many.engines import Columns, blockwise, empty_columns, fill
from memtools.results.many import CODES

# Values of a region: what a worker holds at once, with their transforms.
_REGION_VALUES = 2**22
_UNREADABLE = next(k for k, reason in CODES.items() if reason == "could not be read")


@dataclass(frozen=True)
class Grid:
    """One variable of a file, and the regions that it is cut into.

    Attributes
    ----------
    path, variable, dim : str
    dims, shape : tuple
        Of what is not time.
    n_obs : int
    chunk, step : tuple of int
        Lengths of a stored chunk and of a region along each of `dims`.
    """

    path: str
    variable: str
    dim: str
    dims: tuple[str, ...]
    shape: tuple[int, ...]
    n_obs: int
    chunk: tuple[int, ...]
    step: tuple[int, ...]

    def regions(self) -> list[tuple[slice, ...]]:
        """In the order of the dimensions."""
        return list(_pieces(tuple(slice(0, n) for n in self.shape), self.step))


def xarray_of() -> Any:
    try:
        import dask  # noqa: F401 - xarray needs it to write the frame of a store
        import xarray
    except ImportError as error:
        raise MissingDependencyError("xarray", "estimate_grid") from error
    return xarray


def as_dim(values: Any, dim: str | None) -> str:
    dims = [str(d) for d in values.dims]
    if dim is None and "time" in dims:
        return "time"
    if dim is None or dim not in dims:
        got = "None" if dim is None else repr(dim)
        raise InvalidInputError("dim", f"one of {', '.join(map(repr, dims)) or 'none'}", got)
    return dim


def opened(path: str) -> Any:
    """A file, lazily; chunks are read when they are asked for."""
    xarray = xarray_of()
    is_store = Path(path).is_dir() or path.rstrip("/").endswith(".zarr")
    how = {"engine": "zarr", "consolidated": False} if is_store else {}
    try:
        return xarray.open_dataset(path, chunks=None, **how)
    except FileNotFoundError as error:
        raise DataFileError(f"{path}: no such file") from error
    except Exception as error:  # whatever a reader says of a file that is none
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise DataFileError(f"{path} cannot be opened: {first}") from error


def grid_of(path: str, variable: str | None, dim: str | None) -> Grid:
    path = os.path.abspath(path)
    with opened(path) as data:
        if variable is None:
            dim = as_dim(data, dim)
            names = [str(n) for n, v in data.data_vars.items() if dim in v.dims and v.ndim > 1]
            if len(names) != 1:
                shown = ", ".join(map(repr, names[:10])) or "none"
                raise InvalidInputError("variable", f"one over {dim!r} and more", shown)
            variable = names[0]
        elif variable not in data.data_vars:
            known = ", ".join(repr(str(n)) for n in list(data.data_vars)[:10])
            raise InvalidInputError("variable", f"one of {known}", repr(variable))
        values = data[variable]
        dim = as_dim(values, dim)
        if values.dtype.kind not in "iuf":
            raise InvalidInputError("variable", "of real numbers", f"data of type {values.dtype}")
        dims = tuple(str(d) for d in values.dims if d != dim)
        if not dims:
            allowed = f"one over {dim!r} and another dimension (memtools estimate takes a series)"
            raise InvalidInputError("variable", allowed, repr(variable))
        shape = tuple(values.sizes[d] for d in dims)
        chunk = _stored_chunk(values, dims, shape)
        n_obs = values.sizes[dim]
    return Grid(path, variable, dim, dims, shape, n_obs, chunk, _steps(chunk, shape, n_obs))


def _steps(chunk: tuple[int, ...], shape: tuple[int, ...], n_obs: int) -> tuple[int, ...]:
    """Whole chunks, joined from the last dimension on while a region stays small enough."""
    step = list(chunk)
    for k in reversed(range(len(shape))):
        room = _REGION_VALUES // max(1, n_obs * math.prod(step))
        step[k] = min(shape[k], step[k] * max(1, room))
    return tuple(step)


def _pieces(region: tuple[slice, ...], step: tuple[int, ...]) -> Iterator[tuple[slice, ...]]:
    spans = [
        [slice(i, min(i + size, along.stop)) for i in range(along.start, along.stop, size)]
        for along, size in zip(region, step, strict=True)
    ]
    return itertools.product(*spans)


@lru_cache(maxsize=4)
def values_of(path: str, variable: str, dim: str) -> Any:
    """The variable, time last; opened once by each worker."""
    return opened(path)[variable].transpose(..., dim)


def of_region(task: tuple[Grid, Plan, tuple[slice, ...]]) -> tuple[FloatArray, list[str]]:
    """The plan's columns of a region's series, and what could not be read."""
    grid, plan, region = task
    values = values_of(grid.path, grid.variable, grid.dim)
    return read_region(values, grid.chunk, region, partial(blockwise, plan), len(plan.columns))


def read_region(
    values: Any,
    chunk: tuple[int, ...],
    region: tuple[slice, ...],
    estimated: Callable[[NDArray[Any]], FloatArray],
    n_columns: int,
) -> tuple[FloatArray, list[str]]:
    """The columns of a region of a variable that is not in memory, time last; what was unreadable.

    Chunk by chunk where the region as a whole cannot be read.
    """

    def table_of(piece: tuple[slice, ...]) -> FloatArray:
        read: NDArray[Any] = values[piece].values
        rows = read.reshape(-1, read.shape[-1])
        return estimated(rows).reshape(*read.shape[:-1], n_columns)

    try:
        return table_of(region), []
    except (DataFileError, InvalidInputError):
        raise
    except Exception as error:  # of a codec, a file system, a reader
        shape = tuple(along.stop - along.start for along in region)
        table, troubles = unread(shape, n_columns), []
        for piece in _pieces(region, chunk):
            place = tuple(
                slice(a.start - b.start, a.stop - b.start)
                for a, b in zip(piece, region, strict=True)
            )
            try:
                table[place] = table_of(piece)
            except Exception as trouble:
                troubles.append(f"{coordinates(values, piece)} ({first_line(trouble)})")
        if not troubles:
            raise DataFileError(
                "a region of the file could be read only at the second attempt"
            ) from error
        return table, troubles


def unread(shape: tuple[int, ...], n_columns: int) -> FloatArray:
    """The columns of series that could not be read."""
    table = np.full((*shape, n_columns), np.nan)
    table[..., 2], table[..., CODE] = 0.0, _UNREADABLE
    return table


def of_unread(values: Any, estimated: Callable[[NDArray[Any]], Columns], plan: Plan) -> Columns:
    """The columns of a variable that xarray has not read yet, a region in memory at a time."""
    *shape, n_obs = values.shape
    chunk = _stored_chunk(values, values.dims[:-1], tuple(shape))
    whole = tuple(slice(0, n) for n in shape)
    columns, troubles = empty_columns(tuple(shape), plan), []

    def table_of(rows: NDArray[Any]) -> FloatArray:
        return np.stack(list(estimated(rows).values()), axis=-1, dtype=np.float64)

    for region in _pieces(whole, _steps(chunk, tuple(shape), n_obs)):
        table, lost = read_region(values, chunk, region, table_of, len(plan.columns))
        fill(columns, region, table)
        troubles += lost
    warn_of_unread(troubles)
    return columns


def warn_of_unread(troubles: list[str], further: str = "", stacklevel: int = 3) -> None:
    """One warning for all chunks that could not be read."""
    if troubles:
        told = f"{len(troubles)} chunks could not be read: {'; '.join(troubles[:10])}{further}"
        warnings.warn(told, MemtoolsWarning, stacklevel=stacklevel)


def _stored_chunk(values: Any, dims: tuple[Any, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    stored = values.encoding.get("preferred_chunks", {})
    return tuple(min(int(stored.get(d, 1)), n) for d, n in zip(dims, shape, strict=True))


def coordinates(values: Any, piece: tuple[slice, ...]) -> str:
    """ "lat 10..12.5, lon 0..20", by labels where there are some."""
    words = []
    for name, along in zip(values.dims, piece, strict=False):
        first, last = along.start, along.stop - 1
        if name in values.coords:
            labels = values.coords[name].values
            first, last = labels[first], labels[last]
        words.append(f"{name} {first}..{last}")
    return ", ".join(words)


def first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else 'without a word'}"[:200]
