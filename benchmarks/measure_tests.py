"""Measure size and power of every test of memory; writes benchmarks/measured/tests.csv.

    python benchmarks/measure_tests.py [--paths 4000] [--jobs 1] [--out RUNS.jsonl] [--tenth K]

A row a test, process and length: the share of p-values up to 5%, its standard error, and whether
the null holds.  With --tenth K every tenth cell, beginning with the K-th, is measured again from
another seed and held against the file: a difference of more than 4 standard errors ends in
status 1.
"""

from __future__ import annotations

import argparse
import csv
import math
import sys
from collections.abc import Callable
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

import memtools as mt

TABLE = Path(__file__).parent / "measured" / "tests.csv"
LENGTHS = (250, 500, 2000)
P = mt.ARFIMAProcess
SHORT = {"white noise": P(), "AR 0.5": P([0.5]), "AR 0.8": P([0.8]), "MA 0.5": P(ma=[0.5])}
LONG = {"d 0.2": P(d=0.2), "d 0.4": P(d=0.4)}
MIXED = {**LONG, "d 0.3, AR 0.4": P([0.4], 0.3)}


def summed(process: Any, n_obs: int, n_paths: int, rng: np.random.Generator) -> np.ndarray:
    return np.cumsum(mt.simulate(process, n_obs, n_paths, rng), axis=1)


def shifted(
    process: Any, size: float, n_obs: int, n_paths: int, rng: np.random.Generator
) -> np.ndarray:
    x = mt.simulate(process, n_obs, n_paths, rng)
    x[:, n_obs // 2 :] += size
    return x


def with_levels(n_obs: int, n_paths: int, rng: np.random.Generator) -> np.ndarray:
    """White noise of variance 5 and a mean that jumps six times on average: Qu (2011), DGP 1."""
    noise = math.sqrt(5.0) * rng.standard_normal((n_paths, n_obs))
    levels = [mt.random_level_shifts(n_obs, 6.1 / n_obs, math.sqrt(5.0), rng) for _ in noise]
    return noise + np.array(levels)


UNIT = {"random walk": partial(summed, P()), "ARIMA(1,1,0) 0.3": partial(summed, P([0.3]))}
SHIFTS = {f"shift 1, {name}": partial(shifted, p, 1.0) for name, p in {"d 0": P(), **LONG}.items()}
AGAINST_LONG = ("modified_rescaled_range", "vs_test", "kpss_test", "robinson_lm", "lobato_robinson")
AGAINST_SPURIOUS = ("qu_test", "split_sample_test", "temporal_aggregation_test")
MEANS = {
    f"mean_shift_test {method}": partial(mt.mean_shift_test, method=method, level=None)
    for method in ("wilcoxon", "wald", "cusum", "fixed-b")
}


def cells() -> list[tuple[str, Callable[..., Any], str, Any, int, bool]]:
    """Test, its function, process, its source, length, whether the null holds."""
    found = []
    for name in AGAINST_LONG:
        function = getattr(mt, name)
        found += [(name, function, p, s, n, True) for (p, s), n in product(SHORT.items(), LENGTHS)]
        found += [(name, function, p, s, n, False) for (p, s), n in product(LONG.items(), LENGTHS)]
    pp = "phillips_perron_test"
    found += [
        (pp, mt.phillips_perron_test, p, s, n, True) for (p, s), n in product(UNIT.items(), LENGTHS)
    ]
    found += [
        (pp, mt.phillips_perron_test, p, s, n, False)
        for (p, s), n in product(LONG.items(), LENGTHS)
    ]
    for name in AGAINST_SPURIOUS:
        function = getattr(mt, name)
        found += [(name, function, p, s, n, True) for (p, s), n in product(MIXED.items(), LENGTHS)]
        found += [(name, function, "level shifts", with_levels, n, False) for n in LENGTHS]
    none = {"d 0": P(), **LONG}
    for name, function in MEANS.items():
        found += [(name, function, p, s, n, True) for (p, s), n in product(none.items(), LENGTHS)]
        found += [
            (name, function, p, s, n, False) for (p, s), n in product(SHIFTS.items(), LENGTHS)
        ]
    return found


def measured(cell: tuple[Any, ...], seed: int, options: argparse.Namespace) -> dict[str, Any]:
    test, function, process, source, n_obs, null = cell
    done = mt.montecarlo.run(
        {test: function}, {process: source}, n_obs, options.paths, seed, options.jobs, options.out
    )
    figures = done.cells[0].figures
    row = {"test": test, "process": process, "n_obs": n_obs, "null": null, "paths": options.paths}
    share = {
        "rejected": round(figures["rejected"], 4),
        "stderr": round(figures["rejected_stderr"], 4),
    }
    return row | share


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--paths", type=int, default=4000)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--out")
    parser.add_argument("--tenth", type=int)
    options = parser.parse_args()
    if options.tenth is not None:
        sys.exit(compare(options))
    rows = []
    for cell in cells():
        rows.append(measured(cell, 12, options))
        print(*rows[-1].values(), flush=True)
    TABLE.parent.mkdir(exist_ok=True)
    with open(TABLE, "w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def compare(options: argparse.Namespace) -> int:
    """1 where a cell differs from the file, else 0."""
    with open(TABLE, newline="") as file:
        known = {(r["test"], r["process"], int(r["n_obs"])): r for r in csv.DictReader(file)}
    worst = 0.0
    for cell in cells()[options.tenth % 10 :: 10]:
        row = measured(cell, 13 + options.tenth, options)
        before = known[row["test"], row["process"], row["n_obs"]]
        error = math.hypot(row["stderr"], float(before["stderr"])) or 1.0 / options.paths
        z = (row["rejected"] - float(before["rejected"])) / error
        worst = max(worst, abs(z))
        print(*row.values(), "before", before["rejected"], f"z = {z:.1f}", flush=True)
    return int(worst > 4.0)


if __name__ == "__main__":
    main()
