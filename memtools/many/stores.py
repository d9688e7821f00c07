"""estimate_grid(): from a file of series to a file of estimates, region by region, resumable."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from memtools import _output
from memtools.batch import each_done
from memtools.many.blocks import as_plan
from memtools.many.engines import engine_at, executor_of
from memtools.many.outputs import Store
from memtools.many.regions import grid_of, of_region


def estimate_grid(
    source: str | os.PathLike[str],
    out: str | os.PathLike[str],
    estimator: str | Callable[..., Any] = "local_whittle",
    variable: str | None = None,
    dim: str | None = None,
    engine: Any = "threads",
    n_jobs: int | None = None,
    *,
    scheduler: str | None = None,
    progress: bool | None = None,
    **options: Any,
) -> Any:
    """:func:`estimate_many` from a NetCDF file or Zarr store to another, larger than memory.

    Parameters
    ----------
    source : path
        A NetCDF file or a Zarr store; every worker opens it for itself.
    out : path
        Ends in .zarr or .nc.  What is done is written at once; the same call after a kill, a full
        disk or a lost scheduler goes on from there.
    estimator : str or callable
        As of :func:`estimate_many`.
    variable : str, optional
        By default the only one along `dim`.
    dim : str, optional
        Dimension of time; by default "time".
    engine : {"threads", "dask"} or distributed.Client
    n_jobs : int, optional
        Workers at once, all cores by default.
    scheduler : str, optional
        Address of a Dask scheduler, ``tcp://host:8786``, whose workers see `source` under the same
        path; engine is then "dask".
    progress : bool, optional
        Draw a progress bar on standard error; by default in a terminal or a notebook.
    **options
        Of the estimator.

    Returns
    -------
    Dataset
        What was written, opened lazily.

    Raises
    ------
    InvalidInputError
        Where `variable` or `dim` is none of the file's, or `out` is there already and no unfinished
        output of this very call.
    DataFileError
        Where `source` cannot be opened.
    OutputFileError
        Where `out` cannot be written.
    EngineError
        Where the scheduler is lost.

    Warns
    -----
    MemtoolsWarning
        Where series could not be estimated, or chunks not be read: they have the code "could not be
        read", the warning their coordinates, and the same call reads them again.

    Notes
    -----
    Series are best stored whole, chunks over the other dimensions: a region is made of whole
    chunks, about 4e6 values.  p-values are adjusted at the end, when all are known: 8 bytes a
    series are held for that.

    Examples
    --------
    >>> import memtools as mt
    >>> mt.estimate_grid("t2m.zarr", "d.zarr", variable="t2m")  # doctest: +SKIP
    """
    plan = as_plan(estimator, options)
    target = (
        _output.as_output(out, (".zarr", ".nc")) if not str(out).endswith(".zarr") else Path(out)
    )
    grid = grid_of(str(source), variable, dim)
    store = Store(target, grid, plan)
    with (
        store,
        engine_at(engine, scheduler, n_jobs) as chosen,
        executor_of(chosen, n_jobs) as executor,
    ):
        missing = store.missing()
        threads = executor is None and plan.rows is not None
        tasks = [(grid, plan, region) for region in missing]
        found = each_done(
            of_region, tasks, n_jobs, "regions", progress, executor=executor, threads=threads
        )
        store.take(missing, found)
    return store.finish()
