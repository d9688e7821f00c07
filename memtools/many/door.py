"""estimate_many(): one estimator or test, on arrays, frames and grids of series."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from memtools.exceptions import InvalidInputError
from memtools.many.arrays import as_result, of_array, warn_of_failures
from memtools.many.blocks import Plan, as_plan
from memtools.many.engines import columns_of
from memtools.many.grids import of_xarray
from memtools.many.lazy import of_dask


def estimate_many(
    data: Any,
    estimator: str | Callable[..., Any] = "local_whittle",
    dim: str | None = None,
    engine: Any = "threads",
    n_jobs: int | None = None,
    *,
    progress: bool | None = None,
    **options: Any,
) -> Any:
    """One estimator of d, one test, or :func:`estimate`, on each of a great many series.

    Parameters
    ----------
    data : ndarray, DataFrame, DataArray, Dataset or dask array
        An array holds a series along its last axis, of shape (n_series, n_obs), memory maps and
        float32 included; a DataFrame (pandas, polars) a series a column; of xarray's objects the
        series run along `dim`.
    estimator : str or callable
        Name of a public function that takes one series and returns a MemoryEstimate, a TestResult
        or a MemoryReport ("gph", "vs_test", "estimate"), or such a function.
    dim : str, optional
        Dimension of time of an xarray object; by default "time".
    engine : {"threads", "dask"} or distributed.Client
        Threads of this process (other processes for estimators that have no form for many rows);
        or the workers of a Dask cluster: the program's client, else workers of this machine for
        the time of the call.
    n_jobs : int, optional
        Workers at once, all cores by default.  Neither their number nor the engine changes a bit
        of the result.
    progress : bool, optional
        Draw a progress bar on standard error; by default in a terminal or a notebook.
    **options
        Of the estimator: ``bandwidth=0.7``, ``taper="hc"``.

    Returns
    -------
    ManyEstimates, DataFrame, Dataset, or dict of str to dask array
        Of an array with arrays as attributes; of a DataFrame a row a series; of an xarray object
        a Dataset over its other dimensions with their coordinates, a Dataset of several
        variables with a dimension "variable"; of a dask array, or an xarray object that holds
        one, the same lazily.

    Raises
    ------
    InvalidInputError
        Where `data` holds no series of numbers, or `estimator` or an option is none.

    Warns
    -----
    MemtoolsWarning
        Where series could not be estimated: they are NaN with a code, and the others go on.  (What
        is lazy cannot warn: look at `code`.)

    See Also
    --------
    estimate_grid : from a file to a file, larger than memory, resumable.
    estimate_panel : the report on each of a few hundred series.

    Notes
    -----
    What is found of a series is what the function finds of it alone, to 1e-12.  The estimators of
    the log-periodogram and local Whittle kinds, fractional Gaussian noise, `fexp` of order 0, the
    scaling estimators and the six tests of short against long memory take blocks of rows that fit
    the cache, by the same code; all others go series by series.

    p-values are those of each estimate's own test, adjusted over all series that have one.  What is
    found among many counts far out in the tails: log-periodogram and local Whittle estimates have
    the law for it that they have under white noise (see `MemoryEstimate.test`), with the exact
    forms the normal one finds a third to a half more below p = 0.003.  Neighbours on a grid
    depend on each other: Benjamini and Hochberg's procedure holds its rate under positive
    dependence (Benjamini and Yekutieli, 2001, theorem 1.2).

    References
    ----------
    Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate: a practical and
    powerful approach to multiple testing. JRSS B 57, 289-300.
    Benjamini, Y. and Yekutieli, D. (2001). The control of the false discovery rate in multiple
    testing under dependency. Annals of Statistics 29, 1165-1188.

    Examples
    --------
    >>> import memtools as mt
    >>> paths = mt.simulate(mt.ARFIMAProcess(d=0.4), 512, n_paths=100, rng=1)
    >>> found = mt.estimate_many(paths, "local_whittle")
    >>> found.d.shape, int(found.code.sum())
    ((100,), 0)
    >>> bool(found.d[7] == mt.local_whittle(paths[7]).d)
    True
    """
    plan = as_plan(estimator, options)
    home = type(data).__module__.split(".")[0]
    work = {"engine": engine, "n_jobs": n_jobs, "progress": progress}
    if home == "xarray":
        return of_xarray(data, plan, dim, work)
    if dim is not None:
        raise InvalidInputError("dim", "None: only xarray's objects have dimensions", repr(dim))
    if home == "dask":
        return of_dask(data, plan)
    if hasattr(data, "columns"):
        return _of_frame(data, plan, work)
    return of_array(data, plan, work)


def _of_frame(data: Any, plan: Plan, work: dict[str, Any]) -> Any:
    """A row a column of a frame."""
    import pandas as pd

    frame: pd.DataFrame = data.to_pandas() if hasattr(data, "to_pandas") else data
    kinds = {str(name): kind for name, kind in frame.dtypes.items()}
    odd = [name for name, kind in kinds.items() if not pd.api.types.is_numeric_dtype(kind)]
    if odd or not kinds:
        got = ", ".join(map(repr, odd[:10])) or "no column"
        raise InvalidInputError("data", "columns of numbers (drop or convert the others)", got)
    values = frame.to_numpy(dtype=np.float64, na_value=np.nan).T
    found = as_result(columns_of(values, plan, **work), values.shape, plan)
    warn_of_failures(found.code, stacklevel=4)
    return found.to_frame().set_index(frame.columns)
