"""How often the 95% intervals of d cover, with the defaults of each estimator and the adaptive m.

    python benchmarks/cover_estimators.py [--paths 1000] [--seed 7] [--jobs 1]

Prints a Markdown table: a row a process, a column an estimator, coverage in per cent at n = 512
and 2048.  Two standard errors of 1,000 paths are 1.4 points.
"""

from __future__ import annotations

import argparse
import warnings
from functools import partial

import memtools as mt

LENGTHS = (512, 2048)
ESTIMATORS = {
    "local_whittle": mt.local_whittle,
    "local_whittle, adaptive": partial(mt.local_whittle, bandwidth="adaptive"),
    "gph": mt.gph,
    "gph, square-root": partial(mt.gph, bandwidth="square-root"),
    "fexp": mt.fexp,
    "exact_local_whittle": mt.exact_local_whittle,
}
PROCESSES = {
    f"fGn H = {hurst}": mt.FractionalGaussianNoise(hurst) for hurst in (0.25, 0.5, 0.75, 0.9)
}
PROCESSES |= {
    "AR 0.5": mt.ARFIMAProcess([0.5]),
    "MA 0.5": mt.ARFIMAProcess(ma=[0.5]),
    "ARFIMA(1, 0.3, 0), 0.5": mt.ARFIMAProcess([0.5], 0.3),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--paths", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    print(f"{options.paths} paths a cell, seed {options.seed}; n = 512 / 2048\n")
    print("| process | " + " | ".join(ESTIMATORS) + " |")
    print("|---" * (len(ESTIMATORS) + 1) + "|")
    warnings.simplefilter("ignore", mt.ConvergenceWarning)
    for name, process in PROCESSES.items():
        done = mt.montecarlo.run(
            ESTIMATORS, {name: process}, LENGTHS, options.paths, options.seed, options.jobs
        )
        cells = {(c.estimator, c.n_obs): 100.0 * c.figures["coverage"] for c in done.cells}
        shown = [" / ".join(f"{cells[key, n]:.1f}" for n in LENGTHS) for key in ESTIMATORS]
        print(f"| {name} | " + " | ".join(shown) + " |", flush=True)


if __name__ == "__main__":
    main()
