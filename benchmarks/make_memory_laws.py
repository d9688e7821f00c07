"""Make laws of tests under true memory, by n and d: memtools/inference/NAME_laws.npz.

    python benchmarks/make_memory_laws.py NAME ... [--draws 10000] [--jobs 1]

NAME is difference, change, trend, ar or ma (tempering's under ARFIMA(1, 0.3, 0) and (0, 0.3, 1) by
coefficient).  Quantiles over paths of ARFIMA(0, d, 0), d estimated as in the test.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

import numpy as np
from make_short_laws import PROBABILITIES

import memtools as mt
from memtools.inference import differenced, memory_change, tempering, trend

FOLDER = Path(mt.__file__).parent / "inference"
LENGTHS = (50, 100, 250, 500, 1000, 2000)
FEW = {1000: 0.5, 2000: 0.5}
COEFFICIENTS = (-0.6, -0.3, 0.0, 0.2, 0.4, 0.6, 0.8)
AROUND_TREND = (-0.4, -0.2, 0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.4)
STATIONARY = (-0.45, -0.2, 0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.95)


def difference(rows: np.ndarray) -> np.ndarray:
    m = max(6, int(rows.shape[1] ** differenced.EXPONENT))
    return np.stack(differenced.statistics(rows, differenced.estimated_memory(rows, m)), axis=1)


def change(rows: np.ndarray) -> np.ndarray:
    found = memory_change.statistics(memory_change.fractional_residuals(rows)[0])
    return np.stack(list(found.values()), axis=1)


def gain(rows: np.ndarray) -> np.ndarray:
    return tempering.gains(rows).statistic[:, np.newaxis]


def slope(rows: np.ndarray) -> np.ndarray:
    return trend.slope_ratio(rows)[:, np.newaxis]


# name -> statistics of rows, their names, orders d (or coefficients)
LAWS = {
    "difference": (difference, ("kpss", "phillips_perron"), STATIONARY),
    "change": (change, tuple(memory_change.ALTERNATIVES), STATIONARY[:-1]),
    "ar": (gain, ("ar",), COEFFICIENTS),
    "ma": (gain, ("ma",), COEFFICIENTS),
    "trend": (slope, ("slope",), AROUND_TREND),
}


# Laws that share a file.
FILES = {"ar": "tempering", "ma": "tempering"}


def drawn(name: str, value: float, n_obs: int, n_paths: int, rng: np.random.Generator):
    """Paths of the null: beyond d = 1/2 drawn at d - 1 and summed."""
    if FILES.get(name) == "tempering":
        ar, ma = ((value,), ()) if name == "ar" else ((), (value,))
        model = mt.ARFIMAProcess(ar, 0.3, ma)
    else:
        model = mt.ARFIMAProcess(d=value)
    return mt.simulate(model, n_obs, n_paths, rng)


def make(name: str, draws: int, jobs: int) -> None:
    statistic, names, orders = LAWS[name]
    laws = np.empty((len(names), len(LENGTHS), len(orders), len(PROBABILITIES)))
    for i, n_obs in enumerate(LENGTHS):
        n_paths = int(draws * FEW.get(n_obs, 1.0))
        for j, d in enumerate(orders):
            source = partial(drawn, name, d)
            found = mt.montecarlo.draw(statistic, source, n_obs, n_paths, 41, jobs)
            laws[:, i, j] = np.quantile(found, PROBABILITIES, axis=0).T
        print(name, n_obs, laws[:, i, :, -8].round(3).tolist(), flush=True)
    order = np.argsort(np.array(LENGTHS) ** -0.5)
    target = FOLDER / f"{FILES.get(name, name)}_laws.npz"
    kept = dict(np.load(target)) if name in FILES and target.exists() else {}
    kept |= {key: law[order].astype(np.float32) for key, law in zip(names, laws, strict=True)}
    kept |= {"rows": np.array(LENGTHS, float)[order] ** -0.5, "columns": np.array(orders)}
    np.savez_compressed(target, **kept | {"probabilities": PROBABILITIES})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="+", choices=list(LAWS))
    parser.add_argument("--draws", type=int, default=10_000)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    for name in options.names:
        make(name, options.draws, options.jobs)


if __name__ == "__main__":
    main()
