"""One variable of a file, cut into regions of whole chunks, and what a worker does with one."""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memtools._validate import FloatArray
from memtools.exceptions import DataFileError, InvalidInputError, MissingDependencyError
from memtools.many.blocks import CODE, Plan
from memtools.many.engines import blockwise
from memtools.many.grids import as_dim
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
        stored = values.encoding.get("preferred_chunks", {})
        chunk = tuple(min(int(stored.get(d, 1)), n) for d, n in zip(dims, shape, strict=True))
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
    try:
        return _table(grid, plan, region), []
    except (DataFileError, InvalidInputError):
        raise
    except Exception as error:  # of a codec, a file system, a reader: chunk by chunk, then
        shape = tuple(along.stop - along.start for along in region)
        table = np.full((*shape, len(plan.columns)), np.nan)
        troubles = []
        for piece in _pieces(region, grid.chunk):
            place = tuple(
                slice(a.start - b.start, a.stop - b.start)
                for a, b in zip(piece, region, strict=True)
            )
            try:
                table[place] = _table(grid, plan, piece)
            except Exception as trouble:
                table[place] = math.nan
                table[place][..., 2], table[place][..., CODE] = 0.0, _UNREADABLE
                troubles.append(f"{_coordinates(grid, piece)} ({_first_line(trouble)})")
        if not troubles:
            raise DataFileError(f"{grid.path} could be read only at the second attempt") from error
        return table, troubles


def _table(grid: Grid, plan: Plan, region: tuple[slice, ...]) -> FloatArray:
    values: NDArray[Any] = values_of(grid.path, grid.variable, grid.dim)[region].values
    rows = values.reshape(-1, grid.n_obs)
    return blockwise(plan, rows).reshape(*values.shape[:-1], len(plan.columns))


def _coordinates(grid: Grid, piece: tuple[slice, ...]) -> str:
    """ "lat 10..12.5, lon 0..20", by labels where there are some."""
    values = values_of(grid.path, grid.variable, grid.dim)
    words = []
    for name, along in zip(grid.dims, piece, strict=True):
        first, last = along.start, along.stop - 1
        if name in values.coords:
            labels = values.coords[name].values
            first, last = labels[first], labels[last]
        words.append(f"{name} {first}..{last}")
    return ", ".join(words)


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else 'without a word'}"[:200]
