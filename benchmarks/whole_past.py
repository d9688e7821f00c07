"""A training epoch with the whole past beside one with K = 100 lags, and one with a single lag.

    python benchmarks/whole_past.py [--rounds 60]

One unit, 2,000 steps, ten epochs a turn; the kinds take turns, the minimum of each is printed.
"""

from __future__ import annotations

import argparse
import math
import time

import numpy as np

from memtools import networks
from memtools.networks.registry import cell_named

LENGTHS = (1, 100, math.inf)
N_EPOCHS = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=60)
    rounds = parser.parse_args().rounds
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((2, 2000, 1))
    kinds = {}
    for name in ("MRNN", "MRNNF", "MLSTM", "MLSTMF"):
        cell, options = cell_named(name)
        for length in LENGTHS:
            network = cell.initialise(1, 1, 1, rng=0, filter_length=length, **options)
            networks.train(network, x, y, n_epochs=1)
            kinds[name, length] = network
    least = dict.fromkeys(kinds, math.inf)
    for _ in range(rounds):
        for kind, network in kinds.items():
            start = time.process_time()
            networks.train(network, x, y, n_epochs=N_EPOCHS)
            least[kind] = min(least[kind], (time.process_time() - start) / N_EPOCHS)
    print(f"{'':8}{'K = 100':>12}{'K = 1':>8}{'whole past':>12}")
    for name in dict.fromkeys(name for name, _ in kinds):
        ours = least[name, 100]
        ratios = f"{least[name, 1] / ours:8.2f}{least[name, math.inf] / ours:12.2f}"
        print(f"{name:8}{1e6 * ours:9.0f} us{ratios}")


if __name__ == "__main__":
    main()
