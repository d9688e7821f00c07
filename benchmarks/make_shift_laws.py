"""Make memtools/inference/shift_laws.npz: laws of the tests of a shift in the mean, by n and d.

    python benchmarks/make_shift_laws.py [known] [estimated] [--draws 10000] [--jobs 1]

Known: quantiles of the largest statistic over all dates, on ARFIMA(0, d, 0) of known d without a
shift.  Estimated: those of the CUSUM's normal score under the law at the d estimated on the path.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

import numpy as np
from make_short_laws import PROBABILITIES

import memtools as mt
from memtools.inference import shift_statistics
from memtools.inference.mean_shift import cusum_score, estimated_memory, memory_level

TARGET = Path(mt.__file__).parent / "inference" / "shift_laws.npz"
LENGTHS = (50, 100, 250, 500, 1000, 2000)
ORDERS = (-0.4, -0.2, 0.0, 0.1, 0.2, 0.3, 0.4, 0.45, 0.49)
METHODS = ("wilcoxon", "wald", "cusum", "fixed-b")
FEW = {1000: 0.5, 2000: 1.0}


def largest(rows: np.ndarray, d: float) -> np.ndarray:
    """The four statistics; shape (n_rows, 4)."""
    found = (
        shift_statistics.wilcoxon(rows),
        shift_statistics.wald(rows),
        shift_statistics.cusum(rows, d, memory_level(rows, d)),
        shift_statistics.fixed_b(rows),
    )
    return np.stack([statistic.max(axis=1) for statistic in found], axis=1)


def scores(rows: np.ndarray) -> np.ndarray:
    return np.array([cusum_score(row, estimated_memory(row)) for row in rows])


def estimated(options: argparse.Namespace) -> None:
    law = np.empty((len(LENGTHS), len(ORDERS), len(PROBABILITIES)))
    for i, n_obs in enumerate(LENGTHS):
        draws = int(options.draws * FEW.get(n_obs, 1.0))
        for j, d in enumerate(ORDERS):
            process = mt.ARFIMAProcess(d=d)
            found = mt.montecarlo.draw(scores, process, n_obs, draws, 32, options.jobs)
            law[i, j] = np.quantile(found, PROBABILITIES)
        print(n_obs, law[i, :, -8].round(3).tolist(), flush=True)
    with np.load(TARGET) as saved:
        laws = {name: saved[name] for name in saved.files}
    laws["cusum_estimated"] = law[np.argsort(np.array(LENGTHS) ** -0.5)].astype(np.float32)
    np.savez_compressed(TARGET, **laws)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", default=["known", "estimated"])
    parser.add_argument("--draws", type=int, default=10_000)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    for part in options.parts:
        {"known": known, "estimated": estimated}[part](options)


def known(options: argparse.Namespace) -> None:
    laws = np.empty((len(METHODS), len(LENGTHS), len(ORDERS), len(PROBABILITIES)))
    for i, n_obs in enumerate(LENGTHS):
        draws = int(options.draws * FEW.get(n_obs, 1.0))
        for j, d in enumerate(ORDERS):
            statistic = partial(largest, d=d)
            process = mt.ARFIMAProcess(d=d)
            found = mt.montecarlo.draw(statistic, process, n_obs, draws, 31, options.jobs)
            laws[:, i, j] = np.quantile(found, PROBABILITIES, axis=0).T
        print(n_obs, laws[:, i, :, -8].round(3).tolist(), flush=True)
    order = np.argsort(np.array(LENGTHS) ** -0.5)
    np.savez_compressed(
        TARGET,
        rows=np.array(LENGTHS, float)[order] ** -0.5,
        columns=np.array(ORDERS),
        probabilities=PROBABILITIES,
        **{m: law[order].astype(np.float32) for m, law in zip(METHODS, laws, strict=True)},
    )


if __name__ == "__main__":
    main()
