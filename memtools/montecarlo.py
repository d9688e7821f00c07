"""Bias, error, coverage, size and power of any estimator or test over any process."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.random import Generator, SeedSequence

from memtools import _validate
from memtools._output import RowStore
from memtools._validate import FloatArray, RandomState
from memtools.batch import each_done
from memtools.exceptions import InvalidInputError
from memtools.processes import Process
from memtools.results import MonteCarloCell, MonteCarloResult
from memtools.simulation import simulate

__all__ = ["draw", "run"]

# Draws paths of shape (n_paths, n_obs, ...): a process, or a function of n_obs, n_paths, generator.
Source: TypeAlias = Process | Callable[[int, int, Generator], FloatArray]

_BLOCK = 200  # paths that share a seed
_KEY = ("estimator", "process", "n_obs", "level", "seed", "block", "n_paths")
_NUMBERS = ("values", "low", "high", "pvalues")
_MOST_VALUES = 2**22


def run(
    estimator: Callable[..., Any] | Mapping[str, Callable[..., Any]],
    process: Source | Mapping[str, Source],
    n_obs: int | Sequence[int],
    n_paths: int = 1000,
    rng: int | SeedSequence | Generator | None = None,
    n_jobs: int | None = None,
    out: str | Path | None = None,
    *,
    truth: float | None = None,
    level: float = 0.95,
    alpha: float = 0.05,
    progress: bool | None = None,
    executor: Any = None,
) -> MonteCarloResult:
    """Let estimators or tests work on simulated paths.

    Parameters
    ----------
    estimator : callable, or mapping of names to callables
        Called with one path; returns a `MemoryEstimate` (or anything with `d` and
        `confidence_interval`), a `TestResult` (or anything with `statistic` and `pvalue`), or a
        number.
    process : Process or callable, or mapping of names to these
        Drawn by :func:`memtools.simulate`; a callable is called as
        ``process(n_obs, n_paths, generator)`` and returns shape (n_paths, n_obs), or (n_paths,
        n_obs, n_series) for estimators of several series.
    n_obs : int or sequence of int
        Lengths of the paths.
    n_paths : int
        Paths a cell.
    rng : int, SeedSequence, Generator or None
        Every 200 paths have a spawned seed of their own.  All estimators see the same paths, and
        more paths begin with those of fewer.
    n_jobs : int, optional
        Workers at once, all cores by default; their number changes no result.
    out : path, optional
        File of JSON lines to which the work goes as it comes; a later call with the same seed
        does only what is missing.  What an estimator's name stands for is for you to keep.
    truth : float, optional
        The true value; by default d (or H - 1/2) of the process, where it has one.
    level : float
        Of the intervals asked for.
    alpha : float
        A p-value up to this is a rejection: of the test's null, or of d = 0 for an estimate.
    progress : bool, optional
        Draw a progress bar on standard error; by default in a terminal or a notebook.
    executor : concurrent.futures.Executor, Dask client or None
        Does the work instead; the caller's to shut down.

    Returns
    -------
    MonteCarloResult
        A cell an estimator, process and length, with `to_frame()`.

    Raises
    ------
    InvalidInputError
        Where an argument is out of range, or `out` is given without a seed.

    Notes
    -----
    The share of rejections is the size where the null holds and the power where it does not;
    its standard error is that of a binomial share, that of the bias sd / sqrt(n_paths).  Paths
    that the estimator refuses are counted and left out.

    References
    ----------
    Morris, T. P., White, I. R. and Crowther, M. J. (2019). Using simulation studies to evaluate
    statistical methods. Statistics in Medicine 38, 2074-2102, table 6.

    Examples
    --------
    >>> import memtools as mt
    >>> done = mt.montecarlo.run(mt.local_whittle, mt.ARFIMAProcess(d=0.3), 500, 200, rng=1)
    >>> cell = done.cells[0].figures
    >>> abs(cell["bias"]) < 0.02 and cell["coverage"] > 0.9
    True
    """
    estimators = _named(estimator, "estimator")
    processes = _named(process, "process")
    lengths = [n_obs] if isinstance(n_obs, int | np.integer) else list(n_obs)
    lengths = [_validate.as_integer(n, "n_obs", 2) for n in lengths]
    n_paths = _validate.as_integer(n_paths, "n_paths", 1)
    level = _validate.as_level(level)
    alpha = _validate.as_real(alpha, "alpha", 0.0, 1.0, closed=False)
    seed = _as_seed(rng, out)
    blocks = [(b, min(_BLOCK, n_paths - start)) for b, start in _starts(n_paths, _BLOCK)]
    # Estimators in the innermost loop, so that those of one path can share what they compute.
    wanted = {
        (e, p, n, level, str(seed.entropy), b, size): (estimators[e], processes[p], n, seed, b)
        for p in processes
        for n in lengths
        for b, size in blocks
        for e in estimators
    }
    with RowStore(out, _KEY) as store:
        missing = [key for key in wanted if key not in store.rows]
        tasks = [(*wanted[key], key[-1], level) for key in missing]
        for i, found in each_done(
            _block, tasks, n_jobs, "blocks of paths", progress, executor=executor
        ):
            store.add(dict(zip(_KEY, missing[i], strict=True)) | found)
        rows: dict[tuple[str, str, int], list[dict[str, Any]]] = {}
        for e, p, n, *block in wanted:
            rows.setdefault((e, p, n), []).append(store.rows[e, p, n, *block])
    cells = []
    for (_, p, _), here in rows.items():
        value = _truth(processes[p]) if truth is None else float(truth)
        cells.append(_cell(here, value, alpha))
    return MonteCarloResult(cells=tuple(cells))


def draw(
    statistic: Callable[[FloatArray], FloatArray],
    process: Source,
    n_obs: int,
    n_paths: int,
    rng: RandomState = None,
    n_jobs: int | None = None,
    progress: bool | None = None,
    executor: Any = None,
) -> FloatArray:
    """A statistic of simulated paths, many paths at once: for critical values.

    Parameters
    ----------
    statistic : callable
        Of an array of shape (n, n_obs), a path a row; returns shape (n, ...).
    process : Process or callable
        As of :func:`run`.
    n_obs, n_paths : int
    rng : int, SeedSequence, Generator or None
    n_jobs : int, optional
        Workers at once, all cores by default; their number changes no result.
    progress : bool, optional
        Draw a progress bar on standard error; by default in a terminal or a notebook.
    executor : concurrent.futures.Executor, Dask client or None
        As of :func:`run`.

    Returns
    -------
    ndarray, shape (n_paths, ...)

    Examples
    --------
    >>> import numpy as np
    >>> import memtools as mt
    >>> means = mt.montecarlo.draw(lambda x: x.mean(axis=1), mt.ARFIMAProcess(), 100, 1000, rng=1)
    >>> bool(abs(np.quantile(means, 0.975) - 0.196) < 0.02)
    True
    """
    n_obs = _validate.as_integer(n_obs, "n_obs", 1)
    n_paths = _validate.as_integer(n_paths, "n_paths", 1)
    size = max(1, min(1000, _MOST_VALUES // n_obs))
    seed = _as_seed(rng, None)
    tasks = [
        (process, n_obs, seed, b, min(size, n_paths - start)) for b, start in _starts(n_paths, size)
    ]
    work = partial(_statistics, statistic)
    done = dict(each_done(work, tasks, n_jobs, "paths", progress, executor=executor))
    return np.concatenate([done[i] for i in range(len(tasks))])


def _statistics(statistic: Callable[[FloatArray], FloatArray], task: tuple[Any, ...]) -> FloatArray:
    return statistic(_paths(*task))


def _starts(n_paths: int, size: int) -> list[tuple[int, int]]:
    return list(enumerate(range(0, n_paths, size)))


def _named(given: Any, name: str) -> dict[str, Any]:
    """Names and what they stand for."""
    named = dict(given) if isinstance(given, Mapping) else {_name(given): given}
    for label, value in named.items():
        drawn = name == "process" and hasattr(value, "autocovariance")
        if not (callable(value) or drawn):
            raise InvalidInputError(f"{name} {label!r}", "callable", type(value).__name__)
    if not named:
        raise InvalidInputError(name, "one or more", "none")
    return named


def _name(value: Any) -> str:
    if isinstance(value, partial):
        options = [*map(repr, value.args), *(f"{k}={v!r}" for k, v in value.keywords.items())]
        return f"{_name(value.func)}({', '.join(options)})"
    return str(getattr(value, "__name__", None) or repr(value))


def _as_seed(rng: RandomState, out: str | Path | None) -> SeedSequence:
    if rng is None and out is not None:
        raise InvalidInputError("rng", "a seed where out is given", "None")
    if isinstance(rng, SeedSequence):
        return rng
    if isinstance(rng, Generator) or rng is None:
        return SeedSequence(int(_validate.as_rng(rng).integers(2**63)))
    _validate.as_rng(rng)
    return SeedSequence(int(rng))


def _truth(process: Any) -> float:
    if hasattr(process, "hurst"):
        return float(process.hurst) - 0.5
    return float(getattr(process, "d", math.nan))


def _paths(process: Source, n_obs: int, seed: SeedSequence, block: int, size: int) -> FloatArray:
    child = SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, block))
    generator = np.random.default_rng(child)
    if not callable(process):
        return simulate(process, n_obs, size, generator)
    paths = np.asarray(process(n_obs, size, generator), dtype=float)
    if paths.shape[:2] != (size, n_obs):
        raise InvalidInputError("process", f"a source of shape {(size, n_obs)}", str(paths.shape))
    return paths


def _block(task: tuple[Any, ...]) -> dict[str, Any]:
    """Figures of every path of a block, in columns."""
    estimator, process, n_obs, seed, block, size, level = task
    found = []
    for path in _paths(process, n_obs, seed, block, size):
        try:
            found.append(_figures(estimator(path), level))
        except InvalidInputError:
            continue
    columns = np.array(found, dtype=float).reshape(-1, len(_NUMBERS)).T
    return {
        name: [value if math.isfinite(value) else None for value in column.tolist()]
        for name, column in zip(_NUMBERS, columns, strict=True)
    }


def _figures(result: Any, level: float) -> tuple[float, float, float, float]:
    """Value, interval, p-value."""
    if hasattr(result, "pvalue"):
        return result.statistic, math.nan, math.nan, result.pvalue
    if not hasattr(result, "d"):
        return float(result), math.nan, math.nan, math.nan
    low, high = result.confidence_interval(level)
    pvalue = result.test(0.0).pvalue if hasattr(result, "test") else math.nan
    return result.d, low, high, pvalue


def _cell(rows: list[dict[str, Any]], truth: float, alpha: float) -> MonteCarloCell:
    columns = {
        name: np.array([v for row in rows for v in row[name]], dtype=float) for name in _NUMBERS
    }
    n_paths = sum(row["n_paths"] for row in rows)
    first = rows[0]
    return MonteCarloCell(
        estimator=first["estimator"],
        process=first["process"],
        n_obs=first["n_obs"],
        n_paths=n_paths,
        n_failed=n_paths - len(columns["values"]),
        truth=truth,
        level=first["level"],
        alpha=alpha,
        **columns,
    )
