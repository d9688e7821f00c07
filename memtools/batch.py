"""The same work on many items, in this process or in others: one pool, one meaning of n_jobs."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Any, TypeVar

from loky import ProcessPoolExecutor, cpu_count

from memtools import _validate
from memtools._output import progress_bar
from memtools.exceptions import EngineError

_CHUNKS_PER_WORKER = 32
_LOOK_SECONDS = 2.0  # between looks at whether a scheduler is still there
_ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMBA")}

T = TypeVar("T")
R = TypeVar("R")


def as_workers(n_jobs: int | None) -> int:
    """How many workers: every core that this process may use for None."""
    if n_jobs is None:
        return cpu_count()
    return _validate.as_integer(n_jobs, "n_jobs", 1, 4096)


def run_each(
    function: Callable[[T], R],
    items: Sequence[T],
    n_jobs: int | None = None,
    title: str = "series",
    progress: bool | None = None,
    executor: Any = None,
) -> list[R]:
    """function of each item, in order, many items at a time; otherwise as :func:`each_done`."""
    n_chunks = _CHUNKS_PER_WORKER * as_workers(n_jobs)
    size = max(1, len(items) // n_chunks)
    chunks = [items[i : i + size] for i in range(0, len(items), size)]
    work = partial(_of_chunk, function)
    done = dict(each_done(work, chunks, n_jobs, title, progress, executor=executor))
    return [result for i in range(len(chunks)) for result in done[i]]


def _of_chunk(function: Callable[[T], R], chunk: Sequence[T]) -> list[R]:
    return [function(item) for item in chunk]


def each_done(
    function: Callable[[T], R],
    items: Sequence[T],
    n_jobs: int | None = None,
    title: str = "runs",
    progress: bool | None = None,
    *,
    executor: Any = None,
    threads: bool = False,
) -> Iterator[tuple[int, R]]:
    """(position, function of the item there) as they come; workers never change a result.

    Parameters
    ----------
    function : callable
        Also one of a script or a notebook, which other processes get by value: a script needs
        no main guard and is never run again.
    items : sequence
    n_jobs : int, optional
        Workers at once, all cores by default; 1: the calling process.
    title : str
        What stands before the progress bar.
    progress : bool, optional
        Draw a bar on standard error; by default in a terminal or a notebook.
    executor : concurrent.futures.Executor, Dask client or None
        Does the work instead; the caller's to shut down.
    threads : bool
        Threads in place of processes: for work that leaves the interpreter free.

    Notes
    -----
    Where the caller stops early, an error or an interrupt included, no worker is left running.
    """
    n_jobs = min(as_workers(n_jobs), len(items))
    with progress_bar(len(items), title, progress) as advance:
        if executor is None and n_jobs <= 1:
            for i, item in enumerate(items):
                yield i, function(item)
                advance()
            return
        with _pool(executor, n_jobs, threads) as pool:
            with _interrupts_ignored():
                futures = {pool.submit(function, item): i for i, item in enumerate(items)}
            try:
                for future in _as_they_end(futures, executor):
                    # Let go of: the results of a long work together may be large.
                    yield futures.pop(future), future.result()
                    advance()
            except BaseException:
                _stop(pool, futures)
                raise


def _as_they_end(futures: Iterable[Future[Any]], client: Any) -> Iterator[Future[Any]]:
    """Futures as they end; a Dask client that has lost its scheduler is waited for no longer."""
    waiting, silent = set(futures), 0
    while waiting:
        done, waiting = wait(waiting, timeout=_LOOK_SECONDS, return_when=FIRST_COMPLETED)
        silent = 0 if getattr(client, "status", "running") == "running" else silent + 1
        if silent and (not done or any(future.cancelled() for future in done)):
            raise EngineError(f"the Dask scheduler at {_address(client)} is lost")
        yield from done


def _address(client: Any) -> str:
    return str(getattr(getattr(client, "scheduler", None), "addr", None) or "the address given")


def _pool(executor: Any, n_jobs: int, threads: bool) -> AbstractContextManager[Executor]:
    if hasattr(executor, "get_executor"):  # a Dask client
        # No call repeats another: no need to compare their arguments.
        executor = executor.get_executor(pure=False)
    if executor is not None:
        return nullcontext(executor)
    if threads:
        return ThreadPoolExecutor(n_jobs)
    return ProcessPoolExecutor(
        n_jobs, env=_ONE_THREAD, initializer=_end_with, initargs=(os.getpid(),)
    )


def _end_with(parent: int) -> None:
    """Workers of a program that was killed, and could not end them, end by themselves."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _stop(pool: Executor, futures: Iterable[Future[Any]]) -> None:
    if isinstance(pool, ProcessPoolExecutor):
        pool.shutdown(kill_workers=True)
    else:
        for future in futures:
            future.cancel()


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Processes that start now leave an interrupt to us: they inherit what we ignore."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
