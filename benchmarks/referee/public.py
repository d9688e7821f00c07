"""lrdbench, the public referee, with our estimators among its own (pip install lrdbench).

    python benchmarks/referee/public.py cells [--paths 40] [--minutes 14] [--rows FILE]
    python benchmarks/referee/public.py suites [--minutes 14] [--rows FILE]

`cells` is the design of its published table: fractional Gaussian noise, ARFIMA(0, d, 0) and AR(1)
at n = 512, 1,024 and 2,048, thirty-three cells, mean absolute error of H.  The first two come from
its generators, AR(1), which it has none of, from `memtools.simulate`; both sides' estimators see
the same paths through its interface.  `suites` runs the suites that the package brings by its own
runner and keeps its leaderboards.  Its bootstrap intervals are left out (hours) except where a
leaderboard counts them.  Both go on where they stopped with the same --rows; figures go to
benchmarks/measured/referee_public.csv and referee_suites.csv.
"""

from __future__ import annotations

import argparse
import math
import os
import tempfile
import time
import warnings
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import page
import yaml
from public_entries import OURS, PUBLISHED, THEIRS, specification
from run import keep

import memtools as mt
from memtools._output import RowStore

os.environ["LRD_BENCH_ESTIMATOR_PLUGIN"] = "memtools.lrdbench"
LENGTHS = (512, 1024, 2048)
CELLS: dict[str, tuple[str, tuple[float, ...]]] = {
    "fGn": ("H", (0.25, 0.5, 0.75, 0.85)),
    "ARFIMA": ("d", (-0.25, 0.0, 0.25)),
    "AR(1)": ("phi", (-0.5, 0.5, 0.8, 0.95)),
}
SEED = 20261126
# These check that the program runs, or ask for a time constant, or have no truth.
_OTHER_SUITES = ("smoke_", "neural_timescale_triangle")
_INTERVALS = ("coverage", "ci_width")  # and what is made of them
_IN_SUITES = {
    "lrd_class": ("memtools",),
    "other": (
        *("memtools", "memtools_fgn_whittle", "memtools_select_arfima", "memtools_local_whittle"),
        *("memtools_exact_local_whittle", "memtools_fexp", "memtools_gph"),
        *("memtools_detrended_fluctuation", "memtools_detrending_moving_average"),
        *("memtools_generalised_hurst", "memtools_higuchi", "memtools_rescaled_range"),
        *("memtools_two_step_local_whittle", "memtools_contaminated_local_whittle"),
    ),
}


def path_of(family: str, value: float, n_obs: int, seed: list[int]) -> tuple[np.ndarray, float]:
    """A path of a cell, and its H."""
    from lrdbench.defaults import build_default_generator_registry

    key = CELLS[family][0]
    if family == "AR(1)":
        return mt.simulate(mt.ARFIMAProcess([value]), n_obs, rng=np.random.SeedSequence(seed)), 0.5
    generator = build_default_generator_registry().get(family)
    state = int(np.random.SeedSequence(seed).generate_state(1)[0])
    params = {"n": n_obs, "sigma": 1.0, key: value}
    made = generator.generate(record_id="r", params=params, seed=state, manifest_id=None)
    return np.asarray(made.values), value + (0.5 if key == "d" else 0.0)


def cells(paths: int, seconds: float, rows: Path | None) -> None:
    start = time.monotonic()
    with RowStore(rows, ("family", "value", "n_obs", "path")) as store:
        for i in range(paths):
            for c, (family, (_, values)) in enumerate(CELLS.items()):
                for v, value in enumerate(values):
                    for n_obs in LENGTHS:
                        key = (family, value, n_obs, i)
                        if key not in store.rows:
                            store.add(fitted(key, [SEED, c, v, n_obs, i]))
            print(f"{time.monotonic() - start:6.0f} s  path {i + 1} of {paths}", flush=True)
            if time.monotonic() - start > seconds:
                break
        keep(page.PUBLIC, list(table(store.rows.values())))


def fitted(key: tuple[str, float, int, int], seed: list[int]) -> dict[str, Any]:
    from lrdbench.defaults import build_default_estimator_registry
    from lrdbench.testing import synthetic_series_record

    family, value, n_obs, i = key
    x, hurst = path_of(family, value, n_obs, seed)
    record, registry = synthetic_series_record(x), build_default_estimator_registry()
    row: dict[str, Any] = {"family": family, "value": value, "n_obs": n_obs, "path": i}
    for label, (name, params) in {**THEIRS, **OURS}.items():
        build = mt.lrdbench.ENTRY_POINTS.get(name)
        build = registry.get(name) if build is None else build
        found = build(specification(name, params)).fit(record)
        inside = None
        if found.valid and found.ci_low is not None:
            inside = bool(found.ci_low <= hurst <= found.ci_high)
        row[label] = [abs(found.point - hurst) if found.valid else None, inside]
    return row


def table(rows: Any) -> Iterator[dict[str, object]]:
    """Mean absolute error by estimator and family, every cell alike, with its standard error."""
    rows = list(rows)
    for label in (*THEIRS, *OURS):
        for family, printed in zip(CELLS, PUBLISHED.get(label, (np.nan,) * 3), strict=True):
            mine = [row for row in rows if row["family"] == family]
            errors, inside = zip(*(row[label] for row in mine), strict=True)
            values = np.array([e for e in errors if e is not None])
            cell = np.array([f"{r['value']} {r['n_obs']}" for r in mine])
            there = cell[[e is not None for e in errors]]
            parts = [values[there == c] for c in np.unique(there)]
            spread = np.sqrt(sum(p.var() / len(p) for p in parts)) / len(parts)
            covered = [c for c in inside if c is not None]
            yield {
                "estimator": label,
                "family": family,
                "published": printed,
                "n_paths": len(mine) // len(np.unique(cell)),
                "n_failed": sum(e is None for e in errors),
                "mae": f"{np.mean([p.mean() for p in parts]):.4f}",
                "mae_stderr": f"{spread:.4f}",
                "coverage": f"{np.mean(covered):.3f}" if covered else "nan",
            }


def suites(seconds: float, rows: Path | None) -> None:
    """Every suite once, by the referee's own runner, with ours among its estimators."""
    start = time.monotonic()
    mt.estimate(np.random.default_rng(0).standard_normal(512))
    with RowStore(rows, ("suite",)) as store:
        for name, suite in wanted():
            if (name,) in store.rows:
                continue
            if time.monotonic() - start > seconds:
                break
            store.add({"suite": name, "boards": played(suite)})
            print(f"{time.monotonic() - start:6.0f} s  {name}", flush=True)
        flat = [place for row in store.rows.values() for place in places(row)]
        keep(page.SUITES, flat)


def wanted() -> list[tuple[str, dict[str, Any]]]:
    """The suites that ask for d or for a class, small ones first."""
    root = files("lrdbench") / "configs/suites"
    named = [path.name.removesuffix(".yaml") for path in root.iterdir() if "." in path.name]
    named = [name for name in named if not name.startswith(_OTHER_SUITES)]
    found = [(name, yaml.safe_load((root / f"{name}.yaml").read_text())) for name in named]
    return sorted(found, key=lambda pair: (observations(pair[1]), pair[0]))


def observations(suite: dict[str, Any]) -> int:
    total = 0
    for block in suite["source"]["generators"]:
        grid = [v if isinstance(v, list) else [v] for k, v in block["params"].items() if k != "n"]
        lengths = np.sum(block["params"]["n"])
        total += int(lengths * math.prod(map(len, grid)) * block.get("replicates", 1))
    return total


def played(suite: dict[str, Any]) -> list[dict[str, Any]]:
    """Leaderboards of one suite with ours in it."""
    from lrdbench.runner import run_manifest_path

    counted = {c for board in suite["leaderboards"] for c in board["component_metrics"]}
    if not any(name.startswith(_INTERVALS) for name in counted):
        for estimator in suite["estimators"]:
            if "n_bootstrap" in (estimator.get("params") or {}):
                estimator["params"]["n_bootstrap"] = 0
        called = [m if isinstance(m, str) else m["name"] for m in suite["metrics"]]
        pairs = zip(suite["metrics"], called, strict=True)
        suite["metrics"] = [m for m, name in pairs if not name.startswith(_INTERVALS)]
    for target in sorted({e["target_estimand"] for e in suite["estimators"]}):
        for name in _IN_SUITES.get(target, _IN_SUITES["other"]):
            if not any(e["name"] == name for e in suite["estimators"]):
                suite["estimators"].append(
                    {"name": name, "family": "memtools", "target_estimand": target,
                     "supports_ci": target != "lrd_class", "params": {}}
                )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        suite["report"] = {"formats": ["csv"], "export_root": folder}
        path = Path(folder) / "suite.yaml"
        path.write_text(yaml.safe_dump(suite))
        boards = run_manifest_path(path).leaderboards
    return [
        {"board": row.metadata.get("leaderboard", ""), "estimator": row.estimator_name,
         "rank": row.rank, "score": row.score, "components": dict(row.component_values)}
        for row in boards
    ]  # fmt: skip


def places(row: dict[str, Any]) -> Iterator[dict[str, object]]:
    for place in sorted(row["boards"], key=lambda p: p["rank"]):
        components = {k: v for k, v in place["components"].items() if v is not None}
        shown = "; ".join(f"{k} {v:.4g}" for k, v in components.items())
        one = {"suite": row["suite"], "rank": place["rank"], "estimator": place["estimator"]}
        yield one | {"score": f"{place['score']:.4f}", "components": shown}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("cells", "suites"))
    parser.add_argument("--paths", type=int, default=40)
    parser.add_argument("--minutes", type=float, default=np.inf)
    parser.add_argument("--rows", type=Path)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    if options.what == "cells":
        cells(options.paths, 60.0 * options.minutes, options.rows)
    else:
        suites(60.0 * options.minutes, options.rows)


if __name__ == "__main__":
    main()
