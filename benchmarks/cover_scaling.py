"""How often the 95% intervals of the scaling estimators cover, and how wide they are.

    python benchmarks/cover_scaling.py [--paths 1000] [--seed 8]

Prints a Markdown table: a row an estimator and length, a column a d; coverage in per cent under
fractional Gaussian noise and under ARFIMA(0, d, 0), and the standard error over the standard
deviation of the estimates (the larger of the two).  Lengths, d and seeds are not those of the
calibration.  Two standard errors of 1,000 paths are 1.4 points.
"""

from __future__ import annotations

import argparse

import numpy as np

import memtools as mt
from memtools.estimators.rows import rows_of
from memtools.spectral import Sample

NAMES = (
    *("detrended_fluctuation", "detrending_moving_average", "residual_variance"),
    *("rescaled_range", "aggregated_variance", "absolute_moments"),
    *("generalised_hurst", "higuchi"),
)
LENGTHS = (260, 700, 1500, 4000)
ORDERS = (-0.3, -0.2, 0.0, 0.15, 0.25, 0.35, 0.45)


def figures(d: float, process, n_obs: int, n_paths: int, rng) -> dict[str, tuple[float, ...]]:
    """Coverage, width, mean and root mean squared error by estimator."""
    sample = Sample(mt.simulate(process, n_obs, n_paths, rng))
    found = {}
    for name in NAMES:
        rows = rows_of(getattr(mt, name), {})(sample)
        error = rows.d - d
        covered = np.mean(np.abs(error) < 1.959964 * rows.stderr)
        width = float(np.mean(rows.stderr) / np.std(rows.d))
        found[name] = (100.0 * covered, width, error.mean(), np.sqrt(np.mean(error**2)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--paths", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=8)
    options = parser.parse_args()
    print(f"{options.paths} paths a cell, seed {options.seed}\n")
    cells = {}
    for n_obs in LENGTHS:
        for d in ORDERS:
            processes = mt.FractionalGaussianNoise(d + 0.5), mt.ARFIMAProcess(d=d)
            for kind, process in enumerate(processes):
                rng = np.random.default_rng([options.seed, n_obs, round(1000 * d + 1000), kind])
                for name, found in figures(d, process, n_obs, options.paths, rng).items():
                    cells[name, n_obs, d, kind] = found
    print("| estimator | n | " + " | ".join(f"d = {d:g}" for d in ORDERS) + " |")
    print("|---" * (len(ORDERS) + 2) + "|")
    for name in NAMES:
        for n_obs in LENGTHS:
            row = []
            for d in ORDERS:
                one, other = (cells[name, n_obs, d, kind] for kind in range(2))
                row.append(f"{one[0]:.0f}, {other[0]:.0f} ({max(one[1], other[1]):.2f})")
            print(f"| `{name}` | {n_obs:,} | " + " | ".join(row) + " |")
    print("\nroot mean squared error, fractional Gaussian noise / ARFIMA\n")
    for name in NAMES:
        for n_obs in LENGTHS:
            pairs = [[cells[name, n_obs, d, kind][3] for kind in range(2)] for d in ORDERS]
            shown = " | ".join(f"{a:.3f} / {b:.3f}" for a, b in pairs)
            print(f"| `{name}` | {n_obs:,} | {shown} |")


if __name__ == "__main__":
    main()
