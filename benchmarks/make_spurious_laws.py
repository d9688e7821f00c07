"""Make memtools/inference/spurious_laws.npz: the law of Qu's statistic by ordinates and trimming.

    python benchmarks/make_spurious_laws.py [score] [filtered] [--draws 100000] [--jobs 1]

Score: under the null the ordinates over their density are independent exponential variables to
first order, whatever the series: they are drawn, and d is estimated from them.  Filtered: by how
much an AR(1) part that is estimated and taken off draws the 95% quantile of Qu's statistic
together, on paths of ARFIMA(1, 0.3, 0).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from make_short_laws import PROBABILITIES

import memtools as mt
from memtools.arfima.whittle import best_model
from memtools.inference.spurious import D_RANGE, filtered, largest_score, score_process

TARGET = Path(mt.__file__).parent / "inference" / "spurious_laws.npz"
ORDINATES = (10, 15, 20, 30, 50, 80, 150, 300, 1000, 5000)
TRIMMINGS = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5)
FEW = {300: 0.5, 1000: 0.2, 5000: 0.1}
LENGTHS = (60, 100, 250, 500, 1000, 2000, 5000)
COEFFICIENTS = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9)


def exponentials(n: int, n_paths: int, rng: np.random.Generator) -> np.ndarray:
    return rng.exponential(size=(n_paths, n))


def scores(power: np.ndarray) -> np.ndarray:
    process, _ = score_process(np.arange(1.0, power.shape[1] + 1.0), power)
    return np.stack([largest_score(process, trimming) for trimming in TRIMMINGS], axis=1)


def ratios(rows: np.ndarray) -> np.ndarray:
    """Qu's statistic over the 95% quantile of its law, an AR(1) part taken off."""
    m = max(10, int(rows.shape[1] ** 0.7))
    found = []
    for row in rows:
        white = filtered(row, best_model(row, ((1, 0),), D_RANGE))
        result = mt.qu_test(white, bandwidth=m, prewhiten=False)
        found.append(result.statistic / result.details["critical_values"]["5%"])
    return np.array(found)


def shares(options: argparse.Namespace) -> None:
    table = np.ones((len(LENGTHS) + 1, len(COEFFICIENTS)))
    for i, n_obs in enumerate(LENGTHS):
        draws = int(options.draws * (0.01 if n_obs < 5000 else 0.005))
        for j, phi in enumerate(COEFFICIENTS[1:], 1):
            process = mt.ARFIMAProcess([phi], 0.3)
            found = mt.montecarlo.draw(ratios, process, n_obs, draws, 17, options.jobs)
            table[i, j] = np.quantile(found, 0.95)
        print(n_obs, table[i].round(2).tolist(), flush=True)
    save(
        filtered_rows=np.array([*LENGTHS, np.inf])[::-1] ** -0.5,
        filtered_columns=np.array(COEFFICIENTS),
        filtered_score=table[::-1],
    )


def save(**laws: np.ndarray) -> None:
    kept = dict(np.load(TARGET)) if TARGET.exists() else {}
    np.savez_compressed(TARGET, **kept | laws)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", default=["score", "filtered"])
    parser.add_argument("--draws", type=int, default=100_000)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    for part in options.parts:
        {"score": plain, "filtered": shares}[part](options)


def plain(options: argparse.Namespace) -> None:
    table = np.empty((len(ORDINATES), len(TRIMMINGS), len(PROBABILITIES)))
    for i, m in enumerate(ORDINATES):
        draws = int(options.draws * FEW.get(m, 1.0))
        found = mt.montecarlo.draw(scores, exponentials, m, draws, 7, options.jobs)
        table[i] = np.quantile(found, PROBABILITIES, axis=0).T
        upper = np.quantile(found[:, 1:3], (0.9, 0.95, 0.975, 0.99), axis=0).T
        print(m, upper.round(3).tolist(), flush=True)
    order = np.argsort(np.array(ORDINATES) ** -0.5)
    save(
        rows=np.array(ORDINATES, float)[order] ** -0.5,
        columns=np.array(TRIMMINGS),
        probabilities=PROBABILITIES,
        score=table[order].astype(np.float32),
    )


if __name__ == "__main__":
    main()
