"""How often the 95% intervals of d cover, with the defaults of each estimator and the adaptive m.

    python benchmarks/cover_estimators.py [--paths 1000] [--seed 7] [--jobs 1] [--wide]

Prints a Markdown table: a row a process, a column an estimator, coverage in per cent at n = 512
and 2048.  Two standard errors of 1,000 paths are 1.4 points.  With --wide: local Whittle and its
exact form on fractional noise of H = 0.9 by bandwidth, n = 512, beside the bias of infinitely many
observations.
"""

from __future__ import annotations

import argparse
import math
import warnings
from functools import partial

import numpy as np
from scipy.optimize import minimize_scalar

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


def limit(exact: bool, share: float) -> float:
    """Bias of d on fractional noise of H = 0.9 in the ordinates up to a share of n."""
    frequencies = np.linspace(1e-4, 2.0 * math.pi * share, 20_000)
    density = mt.FractionalGaussianNoise(0.9).spectral_density(frequencies)
    logs = np.log(frequencies)
    # The difference multiplies by |2 sin(l / 2)|^2d; the objective takes off the mean of log l.
    filtered = np.log(2.0 * np.sin(0.5 * frequencies)) if exact else logs

    def objective(d: float) -> float:
        return math.log(np.mean(density * np.exp(2.0 * d * filtered))) - 2.0 * d * logs.mean()

    return float(minimize_scalar(objective, bounds=(0.0, 1.0), method="bounded").x) - 0.4


def wide(paths: int, seed: int, jobs: int) -> None:
    print(f"{paths} paths a cell, seed {seed}, n = 512: coverage in %, bias, bias in the limit\n")
    print("| bandwidth | local_whittle | exact_local_whittle |")
    print("|---|---|---|")
    process = {"fGn": mt.FractionalGaussianNoise(0.9)}
    for exponent in (0.65, 0.8, 0.87):
        functions = (mt.local_whittle, mt.exact_local_whittle)
        estimators = {f.__name__: partial(f, bandwidth=exponent) for f in functions}
        done = mt.montecarlo.run(estimators, process, 512, paths, seed, jobs)
        shown = [
            f"{100.0 * c.figures['coverage']:.1f}, {c.figures['bias']:+.3f}, "
            f"{limit('exact' in c.estimator, 512 ** (exponent - 1.0)):+.3f}"
            for c in done.cells
        ]
        print(f"| n^{exponent} | {' | '.join(shown)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--paths", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--wide", action="store_true")
    options = parser.parse_args()
    if options.wide:
        wide(options.paths, options.seed, options.jobs)
        return
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
