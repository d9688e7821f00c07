"""A loss with its gradient along 1e4 to 1e6 steps: time a step, and memory at its peak.

    python benchmarks/long_training.py [--rounds 3]

One unit, K = 100 lags or the whole past, each length in a process of its own: processor time a
step, the least of some rounds, and how much the process grew beyond its data.  "one tape" turns
off what runs long series in segments.
"""

from __future__ import annotations

import argparse
import math
import resource
import subprocess
import sys
import time

import numpy as np

LENGTHS = (10_000, 100_000, 1_000_000)
KINDS = [(name, k) for name in ("MRNN", "MLSTM") for k in (100, math.inf)]


def measure(name: str, filter_length: float, n_steps: int, rounds: int, one_tape: bool) -> None:
    from memtools import networks
    from memtools.networks import segments
    from memtools.networks.registry import cell_named

    if one_tape:
        segments._MOST_BYTES = 1 << 60
    cell, options = cell_named(name)
    network = cell.initialise(1, 1, 1, rng=0, filter_length=filter_length, **options)
    x, y = np.random.default_rng(0).standard_normal((2, n_steps, 1))
    networks.loss_and_gradient(network, x[:100], y[:100])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    taken = []
    for _ in range(rounds):
        start = time.process_time()
        networks.loss_and_gradient(network, x, y)
        taken.append(time.process_time() - start)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024.0
    print(f"{1e9 * min(taken) / n_steps:8.0f} ns a step {grown:8.0f} MB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        name, filter_length, n_steps, one_tape = options.one
        measure(
            name,
            math.inf if filter_length == "inf" else int(filter_length),
            int(n_steps),
            options.rounds,
            one_tape == "True",
        )
        return
    for name, filter_length in KINDS:
        for n_steps, one_tape in [*((n, False) for n in LENGTHS), (LENGTHS[-1], True)]:
            lags = "whole past" if math.isinf(filter_length) else f"K = {filter_length}"
            how = "one tape" if one_tape else ""
            print(f"{name:6} {lags:10} {n_steps:9,} {how:8}", end="", flush=True)
            one = [name, str(filter_length), str(n_steps), str(one_tape)]
            rounds = ["--rounds", str(options.rounds)]
            subprocess.run([sys.executable, __file__, *rounds, "--one", *one], check=True)


if __name__ == "__main__":
    main()
