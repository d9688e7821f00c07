"""Make memtools/inference/spurious_laws.npz: the law of Qu's statistic by ordinates and trimming.

    python benchmarks/make_spurious_laws.py [--draws 100000] [--jobs 1]

Under the null the ordinates over their density are independent exponential variables to first
order, whatever the series: they are drawn, and d is estimated from them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from make_short_laws import PROBABILITIES

import memtools as mt
from memtools.inference.spurious import largest_score, score_process

TARGET = Path(mt.__file__).parent / "inference" / "spurious_laws.npz"
ORDINATES = (10, 15, 20, 30, 50, 80, 150, 300, 1000, 5000)
TRIMMINGS = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5)
FEW = {300: 0.5, 1000: 0.2, 5000: 0.1}


def exponentials(n: int, n_paths: int, rng: np.random.Generator) -> np.ndarray:
    return rng.exponential(size=(n_paths, n))


def scores(power: np.ndarray) -> np.ndarray:
    process, _ = score_process(np.arange(1.0, power.shape[1] + 1.0), power)
    return np.stack([largest_score(process, trimming) for trimming in TRIMMINGS], axis=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=100_000)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    table = np.empty((len(ORDINATES), len(TRIMMINGS), len(PROBABILITIES)))
    for i, m in enumerate(ORDINATES):
        draws = int(options.draws * FEW.get(m, 1.0))
        found = mt.montecarlo.draw(scores, exponentials, m, draws, 7, options.jobs)
        table[i] = np.quantile(found, PROBABILITIES, axis=0).T
        upper = np.quantile(found[:, 1:3], (0.9, 0.95, 0.975, 0.99), axis=0).T
        print(m, upper.round(3).tolist(), flush=True)
    order = np.argsort(np.array(ORDINATES) ** -0.5)
    np.savez_compressed(
        TARGET,
        rows=np.array(ORDINATES, float)[order] ** -0.5,
        columns=np.array(TRIMMINGS),
        probabilities=PROBABILITIES,
        score=table[order].astype(np.float32),
    )


if __name__ == "__main__":
    main()
