"""Make memtools/inference/contamination_laws.npz and goodness_laws.npz, from exponential ordinates.

    python benchmarks/make_contamination_laws.py [--draws 20000] [--jobs 1]

Under the null the ordinates over their density are independent exponential variables to first
order: the likelihood ratio of Hou and Perron's contamination by m and d, and Beran's goodness of
fit by the number of ordinates.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

import numpy as np
from make_short_laws import PROBABILITIES
from make_spurious_laws import exponentials
from scipy import stats

import memtools as mt
from memtools.inference.contaminated import D_RANGE
from memtools.inference.goodness import standardised

FOLDER = Path(mt.__file__).parent / "inference"
ORDINATES = (10, 15, 25, 40, 70, 130, 300)
ORDERS = (-0.4, -0.2, 0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
SPACING = 0.01
RATIOS = np.concatenate([[0.0], np.geomspace(1e-3, 1e5, 60)])
FITTED = (25, 50, 100, 200, 500, 1000)


def grid(m: int) -> tuple[np.ndarray, np.ndarray]:
    """1 / g of every d and ratio, and the mean of log g; the ratio 0 comes first for each d."""
    j = np.arange(1.0, m + 1.0)
    d = np.arange(D_RANGE[0] + SPACING, D_RANGE[1], SPACING)
    g = j ** (-2.0 * d[:, None, None]) + RATIOS[:, None] * j**-2.0
    return (1.0 / g).reshape(-1, m), np.log(g).mean(axis=2)


def ratios(d: float, inverse: np.ndarray, logs: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """2 m times the gain of the contamination."""
    m = rows.shape[1]
    power = rows * np.arange(1.0, m + 1.0) ** (-2.0 * d)
    means = (inverse @ power.T).reshape(*logs.shape, -1) / m
    objective = np.log(means) + logs[..., np.newaxis]
    plain = objective[:, 0]
    k = np.clip(plain.argmin(axis=0), 1, len(plain) - 2)
    a, b, c = (np.take_along_axis(plain, k[None] + i, 0)[0] for i in (-1, 0, 1))
    # A parabola through the lowest three: the grid is coarse beside the error of d.
    lowest = b - (a - c) ** 2 / (8.0 * np.maximum(a - 2.0 * b + c, 1e-12))
    best = objective.reshape(-1, objective.shape[-1]).min(axis=0)
    return np.maximum(2.0 * m * (np.maximum(lowest, plain.min(axis=0) - 1e-3) - best), 0.0)


def contamination(draws: int, jobs: int) -> np.ndarray:
    law = np.empty((len(ORDINATES), len(ORDERS), len(PROBABILITIES)))
    for i, m in enumerate(ORDINATES):
        inverse, logs = grid(m)
        for j, d in enumerate(ORDERS):
            found = [
                mt.montecarlo.draw(partial(ratios, d, inverse, logs), exponentials, m, 500, k, jobs)
                for k in range(draws // 500)
            ]
            law[i, j] = np.quantile(np.concatenate(found), PROBABILITIES)
        print(m, law[i, :, -8].round(2).tolist(), flush=True)
    return law


def goodness(draws: int, jobs: int) -> np.ndarray:
    rows = [
        mt.montecarlo.draw(standardised, exponentials, m, draws * max(1, 2000 // m), 5, jobs)
        for m in FITTED
    ]
    found = [np.quantile(row, PROBABILITIES) for row in rows]
    return np.array([*found, stats.norm.ppf(PROBABILITIES)])


def save(name: str, rows: np.ndarray, columns: tuple[float, ...], **laws: np.ndarray) -> None:
    order = np.argsort(rows)
    kept = {key: law[order].astype(np.float32) for key, law in laws.items()}
    grids = {"rows": rows[order], "columns": np.array(columns), "probabilities": PROBABILITIES}
    np.savez_compressed(FOLDER / f"{name}_laws.npz", **grids, **kept)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=20_000)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    fitted = goodness(options.draws, options.jobs)[:, np.newaxis]
    print(fitted[:, 0, [1, 9, 18, -8, -2]].round(2).tolist(), flush=True)
    save("goodness", np.array([*FITTED, np.inf]) ** -0.5, (0.0,), z=fitted)
    law = contamination(options.draws, options.jobs)
    save("contamination", np.array(ORDINATES, float) ** -0.5, ORDERS, ratio=law)


if __name__ == "__main__":
    main()
