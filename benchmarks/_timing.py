"""Alternating timings: every candidate once a round, so that a busy machine is busy for all.

What is timed is printed, and kept for `run_all.py` where that is what calls.
"""

from __future__ import annotations

import atexit
import json
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import quantiles
from typing import Any

Clock = Callable[[], float]  # does the work once and returns the seconds it took

_FOUND: list[dict[str, Any]] = []


def keep(work: str, candidate: str, value: float, unit: str = "s", **further: Any) -> None:
    """One figure of the run; run_all.py says where they go."""
    _FOUND.append({"work": work, "candidate": candidate, "value": value, "unit": unit} | further)


@atexit.register
def _write() -> None:
    target = os.environ.get("MEMTOOLS_FIGURES")
    if target and _FOUND:
        Path(target).write_text(json.dumps(_FOUND))


def timed(work: Callable[[], object], calls: int = 1, clock: Clock = time.process_time) -> Clock:
    """Seconds per call of `work`, over `calls` calls; by default the processor's.

    Several calls follow an untimed one: caches and heap are then those of this work, not of the
    candidate before.
    """

    def run() -> float:
        if calls > 1:
            work()
        start = clock()
        for _ in range(calls):
            work()
        return (clock() - start) / calls

    return run


def compare(
    title: str,
    clocks: dict[str, Clock],
    repeats: int,
    asked: Mapping[str, float] | None = None,
    parts: Mapping[str, int] | None = None,
) -> None:
    """Print and keep each candidate's least and middle seconds, and ours over theirs; ours first.

    Ratios are of the least times: on a busy machine these say most.  `asked` has the largest
    allowed, by candidate; of slow candidates the clock measures one of `parts`.
    """
    for clock in clocks.values():
        clock()  # caches, lazy imports
    rounds = [{name: clock() for name, clock in clocks.items()} for _ in range(repeats)]
    ours = next(iter(clocks))
    print(f"\n{title} ({repeats} rounds)")
    least = {n: min(r[n] for r in rounds) * (parts or {}).get(n, 1) for n in clocks}
    for name in clocks:
        scale = (parts or {}).get(name, 1)
        low, middle, high = (
            scale * q for q in quantiles([r[name] for r in rounds], n=4, method="inclusive")
        )
        ratio = least[ours] / least[name]
        limit = (asked or {}).get(name)
        wanted = "" if limit is None else f"  asked {limit:.3g}"
        print(
            f"  {name:44} {1e3 * least[name]:10.3f} ms  middle {1e3 * middle:10.3f}"
            f"   ours / this {ratio:7.3f}{wanted}",
            flush=True,
        )
        spread = (high - low) / middle
        further = {"middle": middle, "spread": spread, "ratio": ratio, "rounds": repeats}
        keep(title, name, least[name], asked=limit, **further)
