"""How often the cointegrating rank is right, and the intervals of cointegrating coefficients.

    python benchmarks/cover_cointegration.py [--paths 400] [--seed 7] [--only ranks|regressions]

Writes benchmarks/measured/cointegration_rank.csv (share of paths with each rank, and share in which
the eigenvalues' size selects another) and cointegrating_regression.csv (bias, root mean squared
error and coverage of the 95% interval of the first coefficient by each method).
"""

from __future__ import annotations

import argparse
import csv
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy.signal import lfilter

import memtools as mt

MEASURED = Path(__file__).parent / "measured"
LENGTHS = (256, 1024, 4096)

# name: loadings of the common parts, their d, d of the errors (None: none), correlation, rank
SYSTEMS: dict[str, tuple[list[list[float]], float, float | None, float, int]] = {
    "two of d 0.4": ([[1, 0], [0, 1]], 0.4, None, 0.0, 0),
    "two of d 0.4, correlation 0.8": ([[1, 0], [0, 1]], 0.4, None, 0.8, 0),
    "two of d 1": ([[1, 0], [0, 1]], 1.0, None, 0.0, 0),
    "three of d 0.3": ([[1, 0, 0], [0, 1, 0], [0, 0, 1]], 0.3, None, 0.0, 0),
    "two, common d 0.4, errors 0": ([[1], [1]], 0.4, 0.0, 0.0, 1),
    "two, common d 0.4, errors 0.2": ([[1], [1]], 0.4, 0.2, 0.0, 1),
    "two, common d 0.8, errors 0.2": ([[1], [1]], 0.8, 0.2, 0.0, 1),
    "three, two common d 0.8, errors 0": ([[1, 0], [0, 1], [1, -1]], 0.8, 0.0, 0.0, 1),
    "three, one common d 0.4, errors 0": ([[1], [1], [1]], 0.4, 0.0, 0.0, 2),
}
# d of the regressors, d of the error, correlation of the innovations of the error with those of the
# first regressor, number of regressors, AR coefficient of the error
REGRESSIONS = (
    (0.42, 0.0, 0.0, 1, 0.0),
    (0.42, 0.0, 0.3, 1, 0.0),
    (0.35, -0.1, 0.5, 1, 0.0),
    (0.45, 0.1, -0.7, 1, 0.0),
    (0.2, -0.1, 0.6, 1, 0.0),
    (0.4, 0.0, 0.6, 1, 0.4),
    (0.3, 0.0, 0.5, 2, 0.0),
    (0.7, 0.1, 0.5, 1, 0.0),
    (1.0, 0.3, -0.5, 1, 0.0),
)
METHODS = {
    "narrow": mt.narrow_band_least_squares,
    "single": partial(mt.fully_modified_least_squares, correction="single"),
    "solved": mt.fully_modified_least_squares,
}


def integrated(noise: np.ndarray, d: float) -> np.ndarray:
    """Fractional integrals of rows of noise, the first three quarters dropped."""
    return mt.fracint(noise, d, axis=-1)[..., noise.shape[-1] * 3 // 4 :]


def system(name: str, n_obs: int, rng: np.random.Generator) -> np.ndarray:
    loadings, d, d_error, correlation, _ = SYSTEMS[name]
    weights = np.array(loadings, dtype=float)
    noise = rng.standard_normal((weights.shape[1], 4 * n_obs))
    noise[1:] = correlation * noise[:1] + np.sqrt(1.0 - correlation**2) * noise[1:]
    x = weights @ integrated(noise, d)
    if d_error is not None:
        x += integrated(rng.standard_normal((len(weights), 4 * n_obs)), d_error)
    return x.T


def ranks(paths: int, seed: int) -> list[dict[str, Any]]:
    rows = []
    for name in SYSTEMS:
        for n_obs in LENGTHS:
            rng = np.random.default_rng([seed, n_obs, list(SYSTEMS).index(name)])
            found = [mt.cointegration_rank(system(name, n_obs, rng)) for _ in range(paths)]
            true = SYSTEMS[name][4]
            shares = [np.mean([one.rank == r for one in found]) for r in range(3)]
            selected = np.mean([one.selected_rank == true for one in found])
            row = {"series": name, "true rank": true, "n_obs": n_obs, "paths": paths}
            row |= {f"rank {r}": f"{100 * share:.1f}%" for r, share in enumerate(shares)}
            rows.append(row | {"selection right": f"{100 * selected:.1f}%"})
            print(rows[-1], flush=True)
    return rows


def relation(
    cell: tuple[float, float, float, int, float], n_obs: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """y of coefficients 1 on regressors that are correlated with each other by 1/2."""
    d, d_error, correlation, k, ar = cell
    error, *own = rng.standard_normal((1 + k, 4 * n_obs))
    first = correlation * error + np.sqrt(1.0 - correlation**2) * own[0]
    noise = np.array([first, *(0.5 * first + np.sqrt(0.75) * other for other in own[1:])])
    x = integrated(noise, d)
    return x.sum(axis=0) + integrated(lfilter([1.0], [1.0, -ar], error), d_error), x.T


def regressions(paths: int, seed: int) -> list[dict[str, Any]]:
    rows = []
    for i, cell in enumerate(REGRESSIONS):
        for n_obs in LENGTHS:
            rng = np.random.default_rng([seed, n_obs, i])
            drawn = [relation(cell, n_obs, rng) for _ in range(paths)]
            names = ("d of x", "d of error", "correlation", "regressors", "AR of error")
            row = dict(zip(names, cell, strict=True)) | {"n_obs": n_obs}
            for name, method in METHODS.items():
                found = [method(y, x) for y, x in drawn]
                off = np.array([one.coefficients[0] - 1.0 for one in found])
                error = np.array([one.stderr[0] for one in found])
                row |= {"bias " + name: f"{off.mean():.3f}"}
                row |= {"rmse " + name: f"{np.sqrt(np.mean(off**2)):.3f}"}
                row |= {"covered " + name: f"{100 * np.mean(abs(off) < 1.96 * error):.0f}%"}
            rows.append(row)
            print(row, flush=True)
    return rows


def write(name: str, rows: list[dict[str, Any]]) -> None:
    with open(MEASURED / name, "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--paths", type=int, default=400)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", choices=("ranks", "regressions"))
    options = parser.parse_args()
    if options.only != "regressions":
        write("cointegration_rank.csv", ranks(options.paths, options.seed))
    if options.only != "ranks":
        write("cointegrating_regression.csv", regressions(options.paths, options.seed))


if __name__ == "__main__":
    main()
