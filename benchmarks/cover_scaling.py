"""How often the 95% intervals of the scaling estimators cover, and how wide they are.

    python benchmarks/cover_scaling.py [--paths 1000] [--seed 9]

Prints a Markdown table: a row an estimator and length, a column a d; coverage in per cent under
fractional Gaussian noise and under ARFIMA(0, d, 0), and the mean width of the intervals over that
which the standard deviation of the estimates asks for (the larger of the two).  Lengths, d and
seeds are not those of the calibration.  Two standard errors of 1,000 paths are 1.4 points.  Then
root mean squared errors, and those of the line through equal weights at nolds' windows, which is
nolds' dfa (tests/estimators/test_scaling.py).
"""

from __future__ import annotations

import argparse

import numpy as np

import memtools as mt
from memtools.estimators.rows import rows_of
from memtools.estimators.scaling.fluctuations import detrended_fluctuation_rows, mean_squares
from memtools.results import accepted_orders
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
    paths = mt.simulate(process, n_obs, n_paths, rng)
    sample, found = Sample(paths), {}
    for name in NAMES:
        estimator = getattr(mt, name)
        one, rows = estimator(paths[0]), rows_of(estimator, {})(sample)
        low, high = accepted_orders(rows.d, 0.95, one.orders, one.deviations)
        covered = np.mean((low <= d) & (d <= high))
        width = float(np.mean(high - low) / (2.0 * 1.959964 * np.std(rows.d)))
        error = rows.d - d
        found[name] = (100.0 * covered, width, error.mean(), np.sqrt(np.mean(error**2)))
    return found


def nolds_windows(n_obs: int) -> np.ndarray:
    """Those of nolds' dfa by default: from 4 to a tenth of the series, each 1.2 times the last."""
    steps = int(np.log(0.1 * n_obs / 4.0) / np.log(1.2))
    return np.unique((4.0 * 1.2 ** np.arange(steps + 1)).astype(int))


def beside_nolds(n_paths: int, seed: int) -> None:
    print("\nroot mean squared error of detrended_fluctuation / of nolds' line\n")
    for n_obs in (1024, 4096):
        scales = nolds_windows(n_obs)
        logs = np.log(scales) - np.log(scales).mean()
        for d in (0.2, 0.3, 0.4, 0.45):
            shown = []
            processes = mt.FractionalGaussianNoise(d + 0.5), mt.ARFIMAProcess(d=d)
            for kind, process in enumerate(processes):
                rng = np.random.default_rng([seed, n_obs, round(1000 * d), kind])
                paths = mt.simulate(process, n_obs, n_paths, rng)
                heights = 0.5 * np.log(mean_squares(paths, scales, True, None))
                lines = heights @ logs / (logs @ logs) - 0.5
                for found in (detrended_fluctuation_rows(Sample(paths)).d, lines):
                    shown.append(f"{np.sqrt(np.mean((found - d) ** 2)):.4f}")
            print(f"| {n_obs:,} | {d:g} | {shown[0]} / {shown[1]} | {shown[2]} / {shown[3]} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--paths", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=9)
    options = parser.parse_args()
    print(f"{options.paths} paths a cell, seed {options.seed}\n", flush=True)
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
    beside_nolds(options.paths, options.seed)


if __name__ == "__main__":
    main()
