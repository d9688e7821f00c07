"""How often mean_breaks keeps breaks where there are none, and finds those that there are.

    python benchmarks/measure_breaks.py [--paths 100] [--seed 4]

Prints a Markdown table: level shifts of at most three, n = 250 and 500; found is the right number,
dates within 5% of the length.
"""

from __future__ import annotations

import argparse

import numpy as np

import memtools as mt

P = mt.ARFIMAProcess
NOISE = {"white noise": P(), "AR 0.5": P([0.5]), "d 0.2": P(d=0.2), "d 0.4": P(d=0.4)}
NOISE["d 0.3, AR 0.4"] = P([0.4], 0.3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--paths", type=int, default=100)
    parser.add_argument("--seed", type=int, default=4)
    options = parser.parse_args()
    print(f"{options.paths} paths a cell, seed {options.seed}; n = 250 / 500\n")
    print("| process | breaks seen where there is none | two shifts by 3 sd found |")
    print("|---|---|---|")
    for name, process in NOISE.items():
        false, found = [], []
        for n_obs in (250, 500):
            paths = mt.simulate(process, n_obs, options.paths, options.seed)
            seen = [mt.mean_breaks(x, max_breaks=3).positions for x in paths]
            false.append(np.mean([len(s) > 0 for s in seen]))
            at = np.array([n_obs // 3, 2 * n_obs // 3])
            up = np.zeros(n_obs)
            up[at[0] : at[1]] = 3.0
            size = np.sqrt(process.autocovariance(0)[0])
            seen = [mt.mean_breaks(x + size * up, max_breaks=3).positions for x in paths]
            found.append(
                np.mean([len(s) == 2 and np.abs(s - at).max() < 0.05 * n_obs for s in seen])
            )
        shown = (" / ".join(f"{100 * v:.0f}%" for v in row) for row in (false, found))
        print(f"| {name} | {' | '.join(shown)} |", flush=True)


if __name__ == "__main__":
    main()
