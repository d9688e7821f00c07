"""A store of estimates that is written region by region, and goes on where it was stopped."""

from __future__ import annotations

import json
import math
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from memtools._output import RowStore
from memtools.exceptions import InvalidInputError, OutputFileError
from memtools.many.arrays import warn_of_failures
from memtools.many.blocks import COLUMNS, KINDS, Plan, typed
from memtools.many.grids import attributes_of
from memtools.many.regions import Grid, opened, values_of, warn_of_unread, xarray_of
from memtools.results.intervals import adjusted_pvalues
from memtools.results.many import NOT_YET


class Store:
    """The output, and a file beside it that holds which regions are done."""

    def __init__(self, target: Path, grid: Grid, plan: Plan) -> None:
        self.target, self._grid, self._plan = target, grid, plan
        whole = target.suffix == ".zarr"
        self._path = target if whole else target.with_name(f"{target.name}.parts.zarr")
        self._log = target.with_name(f"{target.name}.progress.jsonl")
        call = {
            "source": grid.path,
            "variable": grid.variable,
            "dim": grid.dim,
            "shape": [*grid.shape, grid.n_obs],
            "step": list(grid.step),
            "estimator": plan.name,
            "options": {name: repr(value) for name, value in plan.options.items()},
        }
        self._call = json.dumps(call, sort_keys=True)
        self._rows: RowStore | None = None
        if target.exists() and not self._log.exists():
            allowed = "a name that is free"
            raise InvalidInputError("out", allowed, f"{target}, which is there already")

    def __enter__(self) -> Store:
        with _writing(self):
            rows = RowStore(self._log, ("region",))
            begun = rows.rows.get(("call",))
            if begun is not None and begun["call"] != self._call:
                rows.__exit__(None, None, None)
                allowed = f"a name that is free, or the call that {self._log} was begun with"
                raise InvalidInputError("out", allowed, str(self.target))
            if begun is None:
                shutil.rmtree(self._path, ignore_errors=True)
                self._frame()
                rows.add({"region": "call", "call": self._call})
            self._rows = rows
        return self

    def __exit__(self, *raised: Any) -> None:
        if self._rows is not None:
            self._rows.__exit__(*raised)

    def _frame(self) -> None:
        """The store without its numbers: dimensions, coordinates, attributes."""
        import dask.array

        xarray = xarray_of()
        grid, attributes = self._grid, attributes_of(self._plan.columns)
        names = (
            *COLUMNS[:4],
            "pvalue",
            "single_pvalue",
            "code",
            *self._plan.columns[len(COLUMNS) :],
        )
        variables = {}
        for name in names:
            kind = np.dtype(KINDS.get(name, np.float64))
            fill = math.nan if kind.kind == "f" else NOT_YET if kind == np.int8 else 0
            empty = dask.array.full(grid.shape, fill, dtype=kind, chunks=grid.step)
            variables[name] = xarray.Variable(grid.dims, empty, attributes[name])
        values = values_of(grid.path, grid.variable, grid.dim)
        kept = {n: c.load() for n, c in values.coords.items() if grid.dim not in c.dims}
        about = {"estimator": self._plan.name, "n_obs": grid.n_obs, "dim": grid.dim}
        frame = xarray.Dataset(variables, kept, about | {"variable": grid.variable})
        for coordinate in frame.coords.values():
            coordinate.encoding.clear()
        frame.to_zarr(self._path, mode="w", compute=False, consolidated=False)

    def missing(self) -> list[tuple[slice, ...]]:
        """Regions that are not done, those with chunks that could not be read among them."""
        assert self._rows is not None
        done = {key[0] for key, row in self._rows.rows.items() if not row.get("troubles")}
        return [region for region in self._grid.regions() if _key(region) not in done]

    def take(self, regions: list[tuple[slice, ...]], work: Iterator[Any]) -> None:
        """Write tables as they come; a region is done when all of it is written."""
        import zarr

        assert self._rows is not None
        with _writing(self):
            group: Any = zarr.open_group(str(self._path), mode="r+", use_consolidated=False)
        for i, (table, troubles) in work:
            region = regions[i]
            with _writing(self):
                for k, name in enumerate(self._plan.columns):
                    group[name][region] = typed(name, table[..., k])
                self._rows.add({"region": _key(region), "troubles": troubles})

    def progress(self) -> str:
        """How far the work is, and that it can go on; nothing before it has begun."""
        rows = self._rows.rows if self._rows else {}
        done = sum(key != ("call",) for key in rows)
        regions = len(self._grid.regions())
        return (
            f"; {done} of {regions} regions are done, the same call again goes on from there"
            if done
            else ""
        )

    def finish(self) -> Any:
        """Adjust the p-values, write NetCDF where it is wanted, tell, and open what was written."""
        xarray = xarray_of()
        import zarr

        assert self._rows is not None
        with _writing(self):
            group: Any = zarr.open_group(str(self._path), mode="r+", use_consolidated=False)
            group["pvalue"][...] = adjusted_pvalues(group["single_pvalue"][...])
            code = group["code"][...]
            troubles = [t for row in self._rows.rows.values() for t in row.get("troubles", ())]
            if self._path != self.target:
                part = self.target.with_name(f".{self.target.name}.part")
                with xarray.open_zarr(self._path, consolidated=False, chunks=None) as data:
                    data.to_netcdf(part)
                os.replace(part, self.target)
            if not troubles:
                self._log.unlink()
                if self._path != self.target:
                    shutil.rmtree(self._path)
        warn_of_unread(troubles, "; the same call reads them again", 4)
        warn_of_failures(code, stacklevel=4)
        return opened(str(self.target))


def _key(region: tuple[slice, ...]) -> str:
    return ",".join(f"{along.start}:{along.stop}" for along in region)


@contextmanager
def _writing(store: Store) -> Iterator[None]:
    """A full disk, or one that cannot be written, is one clear error."""
    try:
        yield
    except OutputFileError:
        raise
    except OSError as error:
        why = error.strerror or str(error)
        raise OutputFileError(
            f"{store.target} cannot be written: {why}{store.progress()}"
        ) from error
