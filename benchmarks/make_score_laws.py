"""Make memtools/inference/NAME_scores.npz: what estimating d or a coefficient does to a test.

    python benchmarks/make_score_laws.py NAME ... [--draws 2000] [--jobs 1]

NAME is trend, difference, tempering or contamination.  A test that reads its law at an estimate
has p-values that are not uniform: quantiles of their normal scores, on paths of the null by length
and d (trend, difference) or, at d = 0.2, AR or MA coefficient, d and coefficient estimated as in
the test.  In infinitely many observations estimates are exact and scores normal.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

import numpy as np
from make_short_laws import PROBABILITIES
from scipy.special import ndtri

import memtools as mt
from memtools.arfima.whittle import best_model
from memtools.inference import contaminated, differenced, tempering, trend
from memtools.inference import partial_sums as ps
from memtools.inference.laws import law
from memtools.inference.spurious import D_RANGE, filtered

FOLDER = Path(mt.__file__).parent / "inference"
LENGTHS = (50, 100, 200, 400, 1000, 2000)
ORDERS = (-0.35, 0.05, 0.3, 0.55, 0.8, 1.05, 1.35)
OF_NOISE = (-0.35, -0.1, 0.1, 0.3, 0.45, 0.6, 0.8)
FILTERED = (-0.3, 0.15, 0.35, 0.6, 0.85)
COEFFICIENTS = (-0.45, 0.0, 0.25, 0.5, 0.75)


def of_slopes(_: str, rows: np.ndarray) -> np.ndarray:
    place = rows.shape[1] ** -0.5
    d = [trend.memory_around(ps.detrended(row[np.newaxis])) for row in rows]
    laws = (law("trend_laws", "slope", place, order) for order in d)
    scores = [of.score(s) for of, s in zip(laws, trend.slope_ratio(rows), strict=True)]
    return np.array(scores)


def of_differences(name: str, rows: np.ndarray) -> np.ndarray:
    n_obs = rows.shape[1]
    d = differenced.estimated_memory(rows, int(n_obs**differenced.EXPONENT))
    found = dict(zip(("kpss", "phillips_perron"), differenced.statistics(rows, d), strict=True))
    laws = (law("difference_laws", name, n_obs**-0.5, order) for order in d)
    return np.array([of.score(s) for of, s in zip(laws, found[name], strict=True)])


def of_gains(_: str, rows: np.ndarray) -> np.ndarray:
    found = tempering.gains(rows)
    laws = (tempering.first_law(*at, rows.shape[1]) for at in tempering.read_at(found))
    return np.array([of.score(s) for of, s in zip(laws, found.statistic, strict=True)])


def of_ratios(_: str, rows: np.ndarray) -> np.ndarray:
    """An AR(1) part is taken off every row."""
    m = int(rows.shape[1] ** 0.7)
    found = []
    for row in rows:
        white = filtered(row, best_model(row, ((1, 0),), D_RANGE))
        statistic, d, _ = contaminated.likelihood_ratio(white, m)
        found.append(law("contamination_laws", "ratio", m**-0.5, d).score(statistic))
    return np.array(found)


def of_part(kind: str, coefficient: float) -> mt.ARFIMAProcess:
    ar, ma = ((coefficient,), ()) if kind == "ar" else ((), (coefficient,))
    return mt.ARFIMAProcess(ar, 0.2, ma)


# name -> scores of rows, and by the law's name its columns and their processes
LAWS = {
    "trend": (of_slopes, {"slope": {d: mt.ARFIMAProcess(d=d) for d in ORDERS}}),
    "difference": (
        of_differences,
        {
            name: {d: mt.ARFIMAProcess(d=d) for d in OF_NOISE}
            for name in ("kpss", "phillips_perron")
        },
    ),
    "tempering": (
        of_gains,
        {kind: {c: of_part(kind, c) for c in COEFFICIENTS} for kind in ("ar", "ma")},
    ),
    "contamination": (of_ratios, {"ar": {c: of_part("ar", c) for c in FILTERED}}),
}


def make(name: str, draws: int, jobs: int) -> None:
    scores, kinds = LAWS[name]
    laws = {}
    for kind, processes in kinds.items():
        table = np.empty((len(LENGTHS) + 1, len(processes), len(PROBABILITIES)))
        table[-1] = ndtri(PROBABILITIES)
        for i, n_obs in enumerate(LENGTHS):
            for j, process in enumerate(processes.values()):
                found = mt.montecarlo.draw(partial(scores, kind), process, n_obs, draws, 43, jobs)
                table[i, j] = np.quantile(found, PROBABILITIES)
            print(name, kind, n_obs, table[i, :, -8].round(2).tolist(), flush=True)
        laws[kind] = table[::-1].astype(np.float32)
    np.savez_compressed(
        FOLDER / f"{name}_scores.npz",
        rows=np.array([*LENGTHS, np.inf])[::-1] ** -0.5,
        columns=np.array([*processes]),
        probabilities=PROBABILITIES,
        **laws,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="+", choices=list(LAWS))
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    for name in options.names:
        make(name, options.draws, options.jobs)


if __name__ == "__main__":
    main()
