"""The same work on many series: processes on one machine, in the order of the input."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from typing import TypeVar

from memtools._output import progress_bar

# Starting processes costs a second or two: less work than this is done here.
_MIN_TASKS = 40
_CHUNKS_PER_WORKER = 16
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

T = TypeVar("T")
R = TypeVar("R")


def run_each(
    function: Callable[[T], R],
    items: Sequence[T],
    n_jobs: int | None = None,
    title: str = "series",
    progress: bool | None = None,
) -> list[R]:
    """function of each item, in order; the number of workers never changes a result.

    Parameters
    ----------
    function : callable
        Of a module's top level: it and the items are sent to other processes.
    items : sequence
    n_jobs : int, optional
        Processes, all cores by default; 1, or few items: the calling process.
    title : str
        What stands before the progress bar.
    progress : bool, optional
        Draw a bar on standard error; by default in a terminal or a notebook.

    Returns
    -------
    list
    """
    n_jobs = min(n_jobs or os.cpu_count() or 1, len(items))
    with progress_bar(len(items), title, progress) as advance:
        if n_jobs <= 1 or len(items) < _MIN_TASKS:
            results = []
            for item in items:
                results.append(function(item))
                advance()
            return results
        return _in_processes(function, items, n_jobs, advance)


def _in_processes(
    function: Callable[[T], R], items: Sequence[T], n_jobs: int, advance: Callable[[], None]
) -> list[R]:
    size = max(1, len(items) // (n_jobs * _CHUNKS_PER_WORKER))
    chunks = [items[i : i + size] for i in range(0, len(items), size)]
    # Not forked: threads of BLAS and of the caller would be copied in the middle of their work.
    pool = ProcessPoolExecutor(n_jobs, multiprocessing.get_context("spawn"))
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        with _interrupts_ignored():
            futures = {pool.submit(_run_chunk, function, c): i for i, c in enumerate(chunks)}
        done: list[list[R]] = [[] for _ in chunks]
        for future in as_completed(futures):
            done[futures[future]] = future.result()
            for _ in done[futures[future]]:
                advance()
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
    pool.shutdown()
    return [result for chunk in done for result in chunk]


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Workers that start now leave an interrupt to us: they inherit what we ignore."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _run_chunk(function: Callable[[T], R], chunk: Sequence[T]) -> list[R]:
    return [function(item) for item in chunk]
