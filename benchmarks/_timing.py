"""Alternating timings: every candidate once a round, so that a busy machine is busy for all."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

Clock = Callable[[], float]  # does the work once and returns the seconds it took


def timed(work: Callable[[], object], calls: int = 1) -> Clock:
    """Seconds per call of `work`, over `calls` calls.

    Several calls follow an untimed one: caches and heap are then those of this work, not of the
    candidate before.
    """

    def clock() -> float:
        if calls > 1:
            work()
        start = time.perf_counter()
        for _ in range(calls):
            work()
        return (time.perf_counter() - start) / calls

    return clock


def compare(title: str, clocks: dict[str, Clock], repeats: int) -> None:
    """Print medians, and medians of the ratios ours / other within a round; ours comes first."""
    for clock in clocks.values():
        clock()  # caches, lazy imports
    rounds = [{name: clock() for name, clock in clocks.items()} for _ in range(repeats)]
    ours = next(iter(clocks))
    print(f"\n{title} ({repeats} rounds)")
    for name in clocks:
        seconds = median(r[name] for r in rounds)
        ratio = median(r[ours] / r[name] for r in rounds)
        print(f"  {name:40} {1e3 * seconds:10.3f} ms   ours / this {ratio:8.3f}")
