"""Measure size and power of every test of memory; writes benchmarks/measured/tests.csv.

    python benchmarks/measure_tests.py [--paths 4000] [--jobs 1] [--out RUNS.jsonl]
                                       [--only TEST ...] [--tenth K]

A row a test, process and length: the share of p-values up to 5%, its standard error, and whether
the null holds.  Cells that the file has from as many paths are kept, unless --only names their
test; the file is written after every cell.  With --tenth K every tenth cell, beginning with the
K-th, is measured again from another seed and held against the file: a difference of more than 4
standard errors, in a cell or on average, ends in status 1.
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
from memtools.arfima import whittle

COLUMNS = ("test", "process", "n_obs", "null", "paths", "rejected", "stderr")
TABLE = Path(__file__).parent / "measured" / "tests.csv"
LENGTHS = (250, 500, 2000)
P = mt.ARFIMAProcess
SHORT = {"white noise": P(), "AR 0.5": P([0.5]), "AR 0.8": P([0.8]), "MA 0.5": P(ma=[0.5])}
LONG = {"d 0.2": P(d=0.2), "d 0.4": P(d=0.4)}
MIXED = {**LONG, "d 0.3, AR 0.4": P([0.4], 0.3)}
UNDER_NOISE = {"d 0.4, MA -0.5": P(d=0.4, ma=[-0.5])}


def remembered(function: Callable[..., Any]) -> Callable[..., Any]:
    """Several tests look for the same models of the same path."""
    known: dict[Any, Any] = {}

    def of(x: Any, *options: Any) -> Any:
        key = hash(getattr(x, "values", x).tobytes()), options
        if key not in known:
            if len(known) > 10_000:
                known.clear()
            known[key] = function(x, *options)
        return known[key]

    return of


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


def with_trend(
    process: Any, slope: float, n_obs: int, n_paths: int, rng: np.random.Generator
) -> np.ndarray:
    """A trend that rises by `slope` over the series."""
    return mt.simulate(process, n_obs, n_paths, rng) + slope * np.linspace(-0.5, 0.5, n_obs)


def of_two_orders(n_obs: int, n_paths: int, rng: np.random.Generator) -> np.ndarray:
    """d = 0 and then, apart from it, 0.4."""
    halves = [
        mt.simulate(P(d=d), half, n_paths, rng)
        for d, half in ((0.0, n_obs // 2), (0.4, n_obs - n_obs // 2))
    ]
    return np.concatenate(halves, axis=1)


def pairs(
    n_obs: int,
    n_paths: int,
    rng: np.random.Generator,
    levels: bool = False,
    d: tuple[float, float] = (0.2, 0.4),
) -> np.ndarray:
    """Two series of correlation 0.5, side by side in a row of 2 n_obs."""
    n_obs //= 2
    rows = []
    for _ in range(n_paths):
        x = mt.simulate_varfima(list(d), n_obs, cov=[[1.0, 0.5], [0.5, 1.0]], rng=rng)
        if levels:
            x = rng.standard_normal((n_obs, 2))
            x += mt.random_level_shifts(n_obs, 6.1 / n_obs, 1.0, rng)[:, np.newaxis]
        rows.append(x.T.ravel())
    return np.array(rows)


def of_pairs(test: Callable[..., Any], row: np.ndarray) -> Any:
    return test(row.reshape(2, -1).T)


UNIT = {"random walk": partial(summed, P()), "ARIMA(1,1,0) 0.3": partial(summed, P([0.3]))}
SHIFTS = {f"shift 1, {name}": partial(shifted, p, 1.0) for name, p in {"d 0": P(), **LONG}.items()}
AGAINST_LONG = ("modified_rescaled_range", "vs_test", "kpss_test", "robinson_lm", "lobato_robinson")
AGAINST_SPURIOUS = {
    "qu_test": mt.qu_test,
    "qu_test full": partial(mt.qu_test, prewhiten="full"),
    "contamination_test": mt.contamination_test,
    "difference_test": mt.difference_test,
    "split_sample_test": mt.split_sample_test,
    "temporal_aggregation_test": mt.temporal_aggregation_test,
}
TRENDS = {f"trend of 1, {name}": partial(with_trend, p, 1.0) for name, p in LONG.items()}
TEMPERED = {"d 0.4 tempered 0.1": mt.TemperedARFIMAProcess(d=0.4, tempering=0.1)}
# Further tests of one model of memory: what holds, what does not.
MODELS: dict[str, tuple[Callable[..., Any], dict[str, Any], dict[str, Any]]] = {
    "trend_test": (mt.trend_test, {"d 0": P(), **MIXED, **UNIT}, TRENDS),
    "memory_change_test": (
        partial(mt.memory_change_test, level=None),
        MIXED,
        {"d 0 to 0.4": of_two_orders},
    ),
    "tempering_test": (mt.tempering_test, MIXED, TEMPERED),
    "goodness_of_fit_test": (mt.goodness_of_fit_test, MIXED, {"level shifts": with_levels}),
}
PAIRS = {
    "multivariate_spurious_test": (
        partial(of_pairs, mt.multivariate_spurious_test),
        {"two series, d 0.2 and 0.4": pairs},
        {"two series, level shifts": partial(pairs, levels=True)},
    ),
    "equal_memory_test": (
        partial(of_pairs, mt.equal_memory_test),
        {"two series, d 0.3": partial(pairs, d=(0.3, 0.3))},
        {"two series, d 0.2 and 0.4": pairs},
    ),
}
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
    for name, function in AGAINST_SPURIOUS.items():
        true = MIXED | UNDER_NOISE
        found += [(name, function, p, s, n, True) for (p, s), n in product(true.items(), LENGTHS)]
        found += [(name, function, "level shifts", with_levels, n, False) for n in LENGTHS]
    none = {"d 0": P(), **LONG}
    for name, function in MEANS.items():
        found += [(name, function, p, s, n, True) for (p, s), n in product(none.items(), LENGTHS)]
        found += [
            (name, function, p, s, n, False) for (p, s), n in product(SHIFTS.items(), LENGTHS)
        ]
    for models, factor in ((MODELS, 1), (PAIRS, 2)):
        for name, (function, holds, fails) in models.items():
            for processes, null in ((holds, True), (fails, False)):
                found += [
                    (name, function, p, s, factor * n, null)
                    for (p, s), n in product(processes.items(), LENGTHS)
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
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--tenth", type=int)
    options = parser.parse_args()
    whittle.candidates = remembered(whittle.candidates)
    if options.tenth is not None:
        sys.exit(compare(options))
    known = table()
    rows = {cell_key(cell): known.get(cell_key(cell)) for cell in cells()}
    # Tests of one process together: they share its models.
    for cell in sorted(cells(), key=lambda cell: (cell[4], cell[2])):
        before = rows[cell_key(cell)]
        enough = before is not None and int(before["paths"]) >= options.paths
        if cell[0] not in options.only if options.only else enough:
            continue
        rows[cell_key(cell)] = measured(cell, 12, options)
        print(*rows[cell_key(cell)].values(), flush=True)
        with open(TABLE, "w", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(row for row in rows.values() if row)


def table() -> dict[tuple[str, str, int], dict[str, Any]]:
    """The file's rows by test, process and length."""
    with open(TABLE, newline="") as file:
        return {(r["test"], r["process"], int(r["n_obs"])): r for r in csv.DictReader(file)}


def cell_key(cell: tuple[Any, ...]) -> tuple[str, str, int]:
    return cell[0], cell[2], cell[4]


def compare(options: argparse.Namespace) -> int:
    """1 where a cell differs from the file, else 0."""
    known = table()
    distances = []
    for cell in [c for c in cells() if cell_key(c) in known][options.tenth % 10 :: 10]:
        row = measured(cell, 13 + options.tenth, options)
        before = known[cell_key(cell)]
        n, old, new = int(before["paths"]), float(before["rejected"]), row["rejected"]
        # Both from one share: that of a cell without a single rejection has no error of its own.
        pooled = (n * old + options.paths * new + 0.5) / (n + options.paths + 1.0)
        error = math.sqrt(pooled * (1.0 - pooled) * (1.0 / n + 1.0 / options.paths))
        z = (new - old) / error
        distances.append(z)
        print(*row.values(), "before", before["rejected"], f"z = {z:.1f}", flush=True)
    # Together they tell of a shift that no cell can.
    together = abs(sum(distances)) / math.sqrt(len(distances))
    return int(max(map(abs, distances)) > 4.0 or together > 4.0)


if __name__ == "__main__":
    main()
