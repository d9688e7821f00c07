"""Where blocks of rows are worked on: threads, processes, or a Dask cluster."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from memtools._validate import FloatArray
from memtools.batch import as_workers, each_done
from memtools.exceptions import InvalidInputError, MissingDependencyError
from memtools.many.blocks import KINDS, Plan, typed

# By name, over the series.
Columns: TypeAlias = dict[str, NDArray[Any]]

ENGINES = ("threads", "dask")
# Starting processes costs a second or two: fewer series are done here.
_MIN_SERIES = 40
_MOST_BLOCKS = 16  # of a task
_TASK_VALUES = 2**20  # that go to another process


def columns_of(
    values: NDArray[Any],
    plan: Plan,
    engine: Any = "threads",
    n_jobs: int | None = None,
    progress: bool | None = None,
) -> Columns:
    """The plan's columns over all rows; neither engine nor workers change a bit of them."""
    n_rows, n_obs = values.shape
    out = empty_columns(n_rows, plan)
    if plan.rows is None and n_jobs is None and n_rows < _MIN_SERIES:
        n_jobs = 1
    with executor_of(engine, n_jobs) as executor:
        threads = executor is None and plan.rows is not None
        spans = _spans(n_rows, _rows_of_task(plan, n_rows, n_obs, threads))
        if threads:
            tasks: list[Any] = spans
            work: Any = partial(_of_span, plan, values)
        else:
            tasks = [values[a:b] for a, b in spans]
            work = partial(blockwise, plan)
        options: dict[str, Any] = {"executor": executor, "threads": threads}
        for i, table in each_done(work, tasks, n_jobs, "blocks of series", progress, **options):
            fill(out, slice(*spans[i]), table)
    return out


def empty_columns(shape: int | tuple[int, ...], plan: Plan) -> Columns:
    return {name: np.empty(shape, KINDS.get(name, np.float64)) for name in plan.columns}


def fill(columns: Columns, place: Any, table: FloatArray) -> None:
    """A part of the columns from a table, columns along its last axis."""
    for k, (name, column) in enumerate(columns.items()):
        column[place] = typed(name, table[..., k])


def blockwise(plan: Plan, values: NDArray[Any]) -> FloatArray:
    """The plan's columns of rows, a block that fits the cache at a time."""
    values = np.asarray(values)  # slices of a memory map are slow
    size = plan.n_rows(values.shape[1])
    room = np.empty((min(size, len(values)), values.shape[1] // 2 + 1), dtype=np.complex128)
    parts = [plan.table(values[i : i + size], room) for i in range(0, len(values), size)]
    return np.concatenate(parts) if parts else np.empty((0, len(plan.columns)))


def _of_span(plan: Plan, values: NDArray[Any], span: tuple[int, int]) -> FloatArray:
    rows = values[slice(*span)]
    table = blockwise(plan, rows)
    if isinstance(rows, np.memmap):
        _let_go(rows)
    return table


def _let_go(rows: np.memmap[Any, Any]) -> None:
    """Pages of a file that were read need not stay in this process's memory."""
    whole: Any = rows
    while isinstance(whole.base, np.ndarray):
        whole = whole.base
    mapped = getattr(rows, "_mmap", None)
    # Private pages hold what was changed: those must stay.
    if mapped is None or rows.mode not in ("r", "r+") or not hasattr(mapped, "madvise"):
        return
    origin = np.frombuffer(mapped, dtype=np.uint8).ctypes.data
    low, high = np.lib.array_utils.byte_bounds(rows)
    page = mmap.PAGESIZE
    start, stop = -(-(low - origin) // page) * page, (high - origin) // page * page
    if stop > start:
        mapped.madvise(mmap.MADV_DONTNEED, start, stop - start)


def _rows_of_task(plan: Plan, n_rows: int, n_obs: int, threads: bool) -> int:
    """A function of the data alone, never of the workers."""
    block = plan.n_rows(n_obs)
    if threads:
        return block * max(1, min(_MOST_BLOCKS, n_rows // (32 * block)))
    if plan.rows is None:
        return max(1, min(64, n_rows // 64))
    return max(1, min(_TASK_VALUES // max(n_obs, 1), n_rows // 16))


def _spans(n_rows: int, size: int) -> list[tuple[int, int]]:
    return [(i, min(i + size, n_rows)) for i in range(0, n_rows, size)]


@contextmanager
def executor_of(engine: Any, n_jobs: int | None) -> Iterator[Any]:
    """None for this machine's threads and processes, else a Dask client.

    "dask" is the client that the program has, or workers of this machine for the time of the
    call; they are processes of their own, and a script needs no main guard.
    """
    if hasattr(engine, "get_executor"):
        yield engine
        return
    if not isinstance(engine, str) or engine not in ENGINES:
        allowed = "'threads', 'dask' or a distributed.Client"
        raise InvalidInputError("engine", allowed, repr(engine))
    if engine == "threads":
        yield None
        return
    with client_of(None, n_jobs) as client:
        yield client


@contextmanager
def engine_at(engine: Any, scheduler: str | None, n_jobs: int | None) -> Iterator[Any]:
    """An engine for `estimate_many`: as it is, or the client of the scheduler at an address."""
    if scheduler is None:
        yield engine
        return
    with client_of(scheduler, n_jobs) as client:
        yield client


@contextmanager
def client_of(address: str | None, n_jobs: int | None) -> Iterator[Any]:
    """A client of the scheduler at an address, of the one there is, or of one made for now."""
    try:
        import distributed
        from distributed.deploy.subprocess import SubprocessCluster
    except ImportError as error:
        raise MissingDependencyError("distributed", "engine='dask'") from error
    if address is not None:
        try:
            client = distributed.Client(address, timeout=10, set_as_default=False)
        except (OSError, ValueError) as error:
            allowed = "the address of a Dask scheduler that answers"
            raise InvalidInputError("scheduler", allowed, repr(address)) from error
        with client:
            yield client
        return
    try:
        yield distributed.get_client()
        return
    except ValueError:
        pass
    with (
        SubprocessCluster(
            n_workers=as_workers(n_jobs), threads_per_worker=1, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        yield client
