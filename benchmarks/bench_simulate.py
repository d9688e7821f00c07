"""Simulation of ARFIMA(1, 0.3, 1) beside R's fracdiff.sim.

    OMP_NUM_THREADS=1 python benchmarks/bench_simulate.py [--quick] [--long]

fracdiff is optional (R).  --long draws one path of 10 million values and prints the memory.
"""

from __future__ import annotations

import argparse
import resource
import time

from _r_clock import r_clock
from _timing import Clock, compare, keep, timed

import memtools as mt

PROCESS = mt.ARFIMAProcess(ar=[0.5], d=0.3, ma=[0.2])


def bench(n_obs: int, repeats: int) -> None:
    clocks: dict[str, Clock] = {"memtools": timed(lambda: mt.simulate(PROCESS, n_obs, rng=1), 10)}
    work = f"fracdiff.sim({n_obs}, ar = 0.5, ma = -0.2, d = 0.3)"
    peer = r_clock("library(fracdiff); set.seed(1)", work, 1)
    if peer:
        clocks["fracdiff.sim"] = peer
    compare(f"simulate ARFIMA(1, 0.3, 1), n = {n_obs}", clocks, repeats, {"fracdiff.sim": 1 / 100})


def draw_long_path() -> None:
    start = time.perf_counter()
    path = mt.simulate(PROCESS, 10_000_000, rng=1)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    keep("simulate ARFIMA(1, 0.3, 1), n = 10,000,000", "memtools", seconds)
    keep("simulate ARFIMA(1, 0.3, 1), n = 10,000,000", "peak memory", peak, "GB", asked=4.0)
    print(f"\nn = {len(path)}: {seconds:.1f} s, peak memory of the process {peak:.2f} GiB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--long", action="store_true")
    options = parser.parse_args()
    bench(10_000, 3 if options.quick else 15)
    if options.long:
        draw_long_path()
