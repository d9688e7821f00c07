"""How often the cointegrating rank is right, and the intervals of cointegrating coefficients.

    python benchmarks/cover_cointegration.py [--paths 400] [--seed 7]

Writes benchmarks/measured/cointegration_rank.csv (share of paths with each rank, and share in which
the eigenvalues' size selects another) and cointegrating_regression.csv (bias and standard
deviation of the coefficient, mean standard error, coverage of the 95% interval).
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path
from typing import Any

import numpy as np

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
# d of the regressor, d of the error, correlation of their innovations
REGRESSIONS = (
    (0.4, 0.0, 0.0),
    (0.4, 0.0, 0.6),
    (0.3, -0.2, 0.6),
    (0.45, 0.0, 0.0),
    (0.4, 0.05, -0.4),
    (0.8, 0.2, 0.0),
    (0.8, 0.2, 0.6),
)


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


def regressions(paths: int, seed: int) -> list[dict[str, Any]]:
    rows = []
    for i, (d, d_error, correlation) in enumerate(REGRESSIONS):
        for n_obs in LENGTHS:
            rng = np.random.default_rng([seed, n_obs, i])
            drawn = []
            for _ in range(paths):
                own, error = rng.standard_normal((2, 4 * n_obs))
                own = correlation * error + np.sqrt(1.0 - correlation**2) * own
                x, u = integrated(own, d), integrated(error, d_error)
                drawn.append((x + u, x))
            for method in (mt.narrow_band_least_squares, mt.fully_modified_least_squares):
                found = [method(y, x) for y, x in drawn]
                beta = np.array([one.coefficients[0] - 1.0 for one in found])
                error = np.array([one.stderr[0] for one in found])
                row = {"d of x": d, "d of error": d_error, "correlation": correlation}
                row |= {"n_obs": n_obs, "paths": paths, "method": method.__name__.split("_")[0]}
                row |= {"bias": f"{beta.mean():.3f}", "sd": f"{beta.std():.3f}"}
                row |= {"mean stderr": f"{error.mean():.3f}"}
                rows.append(row | {"covered": f"{100 * np.mean(abs(beta) < 1.96 * error):.1f}%"})
                print(rows[-1], flush=True)
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
    options = parser.parse_args()
    write("cointegration_rank.csv", ranks(options.paths, options.seed))
    write("cointegrating_regression.csv", regressions(options.paths, options.seed))


if __name__ == "__main__":
    main()
