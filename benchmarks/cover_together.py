"""Coverage of multivariate local Whittle, and mean and spread of its total memory's z.

    python benchmarks/cover_together.py [--paths 1000] [--seed 71] [--jobs 1] [--out FILE]

Gaussian series of equal correlation rho of their noise, d as named.  Writes
benchmarks/measured/together.csv; with --out a run that was cut short goes on where it was.
"""

from __future__ import annotations

import argparse
import csv
from functools import partial
from pathlib import Path

import numpy as np

import memtools as mt

# d, correlation, n_obs
DESIGN = (
    ([0.0], 0.0, 250),
    ([0.0] * 3, 0.0, 250),
    ([0.0] * 3, 0.0, 1000),
    ([0.0] * 3, 0.6, 1000),
    ([0.0] * 20, 0.0, 500),
    ([0.0] * 20, 0.0, 2000),
    ([0.1, 0.4], 0.0, 500),
    ([0.1, 0.4], 0.7, 500),
    ([-0.3, 0.0, 0.3], 0.5, 1000),
)


def drawn(
    d: list[float], rho: float, n_obs: int, n_paths: int, rng: np.random.Generator
) -> np.ndarray:
    """Series (n_paths, n_obs, k): fractional integrals of correlated noise, a start dropped."""
    k, start = len(d), 1000 if any(d) else 0
    noise = rng.standard_normal((n_paths, n_obs + start, k)) * np.sqrt(1.0 - rho)
    noise += np.sqrt(rho) * rng.standard_normal((n_paths, n_obs + start, 1))
    parts = [mt.fracint(noise[..., i], d[i], axis=1) for i in range(k)]
    return np.stack(parts, axis=-1)[:, start:]


def z(d: list[float], x: np.ndarray) -> float:
    total = mt.multivariate_local_whittle(x).total_memory
    return total.statistic - np.mean(d) / total.stderr


def covered(d: list[float], x: np.ndarray) -> float:
    low, high = mt.multivariate_local_whittle(x).confidence_interval()
    return float(np.mean((low <= d) & (d <= high)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--paths", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=71)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--out")
    options = parser.parse_args()
    rows = []
    for d, rho, n_obs in DESIGN:
        shown = f"{d[0]:g} x {len(d)}" if len(set(d)) == 1 else ", ".join(f"{v:g}" for v in d)
        found = mt.montecarlo.run(
            {"z": partial(z, d), "covered": partial(covered, d)},
            {f"{shown}, {rho}": partial(drawn, d, rho)},
            n_obs,
            options.paths,
            options.seed,
            options.jobs,
            options.out,
        )
        of_z, cover = (cell.figures for cell in found.cells)
        row = {"d": shown, "correlation": rho, "n_obs": n_obs, "paths": options.paths}
        row |= {"covered": f"{100.0 * cover['mean']:.1f}%"}
        rows.append(row | {"mean of z": f"{of_z['mean']:.2f}", "sd of z": f"{of_z['sd']:.3f}"})
        print(rows[-1], flush=True)
    with open(Path(__file__).parent / "measured" / "together.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
