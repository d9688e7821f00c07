"""Size and power of the tests of two series: equal memory of a pair, and cointegrating residuals.

    python benchmarks/cover_pairs.py [--paths 1000] [--seed 41]

Writes benchmarks/measured/paired_memory.csv and residual_cointegration.csv: the share of paths that
each test rejects at 5%, by length.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.signal import lfilter

import memtools as mt

MEASURED = Path(__file__).parent / "measured"
LENGTHS = (256, 1024, 4096)
Draw = Callable[[int, np.random.Generator], tuple[np.ndarray, np.ndarray]]


def memory(n_obs: int, d: float, rng: np.random.Generator) -> np.ndarray:
    return mt.simulate(mt.ARFIMAProcess(d=d), n_obs, rng=rng)


def made_of(make: Callable[[np.ndarray, np.random.Generator], np.ndarray], d: float = 0.35) -> Draw:
    """A series of memory d, and what is made of it."""

    def draw(n_obs: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        x = memory(n_obs, d, rng)
        return x, make(x, rng)

    return draw


# Pairs by name, and whether both have one d.
PAIRS: dict[str, tuple[bool, Draw]] = {
    "independent, d 0.35": (True, made_of(lambda x, rng: memory(len(x), 0.35, rng))),
    "tanh": (True, made_of(lambda x, rng: np.tanh(x))),
    "mean of the last 5, exactly": (True, made_of(lambda x, rng: lfilter(np.ones(5), 5.0, x))),
    "AR(1) filter 0.5, exactly": (True, made_of(lambda x, rng: lfilter([1.0], [1.0, -0.5], x))),
    "AR(1) filter 0.8, exactly": (True, made_of(lambda x, rng: lfilter([1.0], [1.0, -0.8], x))),
    "AR(1) filter 0.5 and noise": (
        True,
        made_of(lambda x, rng: lfilter([1.0], [1.0, -0.5], x) + rng.standard_normal(len(x))),
    ),
    "white noise of white noise": (True, made_of(lambda x, rng: np.tanh(x), d=0.0)),
    "independent, d 0.35 and 0.1": (False, made_of(lambda x, rng: memory(len(x), 0.1, rng))),
    "difference of order 0.2": (False, made_of(lambda x, rng: mt.fracdiff(x, 0.2))),
    "white noise added to its difference of order 0.2": (
        False,
        made_of(lambda x, rng: mt.fracdiff(x, 0.2) + rng.standard_normal(len(x))),
    ),
}


def regression(d: float, d_error: float, phi: float = 0.0) -> Draw:
    """y = x + error, errors of an AR(1) of this coefficient."""

    def draw(n_obs: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        own, error = rng.standard_normal((2, n_obs))
        x = mt.fracint(own, d)
        return x + mt.fracint(lfilter([1.0], [1.0, -phi], error), d_error), x

    return draw


# d of the regressor, which is tested, d of the error, AR(1) of the error.
REGRESSIONS: dict[str, tuple[bool, Draw]] = {
    "d 1, error 1": (True, regression(1.0, 1.0)),
    "d 1, error 1 with AR(1) 0.5": (True, regression(1.0, 1.0, 0.5)),
    "d 1, error 1 with AR(1) -0.5": (True, regression(1.0, 1.0, -0.5)),
    "d 1, error 0.8": (False, regression(1.0, 0.8)),
    "d 1, error 0.5": (False, regression(1.0, 0.5)),
    "d 1, error 0": (False, regression(1.0, 0.0)),
}


def measured(test, kinds, n_paths: int, seed: int) -> list[dict[str, str]]:
    rows = []
    for k, (name, (null, draw)) in enumerate(kinds.items()):
        row = {"pair": name, "one d": "yes" if null else "no", "paths": n_paths}
        for n_obs in LENGTHS:
            rng = np.random.default_rng([seed, k, n_obs])
            rejected = [test(*draw(n_obs, rng)).pvalue < 0.05 for _ in range(n_paths)]
            row[f"n = {n_obs:,}"] = f"{100.0 * np.mean(rejected):.1f}%"
        rows.append(row)
        print(row, flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--paths", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=41)
    options = parser.parse_args()
    tests = {
        "paired_memory": (mt.paired_memory_test, PAIRS),
        "residual_cointegration": (mt.residual_cointegration_test, REGRESSIONS),
    }
    for name, (test, kinds) in tests.items():
        rows = measured(test, kinds, options.paths, options.seed)
        with open(MEASURED / f"{name}.csv", "w", newline="") as file:
            writer = csv.DictWriter(file, rows[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    main()
