"""The referee: our estimators of d and everybody's whose program is here, on the same paths.

    python benchmarks/referee/run.py [--paths 40] [--lengths 256 1024 4096] [--minutes 14]
                                     [--rows FILE] [--page]

Each call goes on where the last one stopped: the paths' estimates are kept in --rows (JSON lines),
and --minutes ends a call after the cell at hand.  When all is done, their figures are written to
benchmarks/measured/referee.csv, the times of a call to referee_times.csv, and docs/referee.md,
docs/which_estimator.md and the picture are made from these and from public.py's figures.  --page
only does that.  --paths is for the shortest series: four times the length has half of them, and a
slow program is asked on 4 of 10.  A program that is absent has a row that says so; a crash on a
path is counted, and leaves it out.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import json
import time
import warnings
from collections.abc import Sequence
from pathlib import Path

import in_r
import numpy as np
import ours
import page
import peers
from entries import Entry, installed
from series import KINDS, LENGTHS, Kind

import memtools as mt

SEED = 20261126
ENTRIES: list[Entry] = [*ours.ENTRIES, *peers.ENTRIES, *in_r.ENTRIES]
COLUMNS = (
    *("estimator", "family", "process", "n_obs", "n_paths", "n_failed", "truth"),
    *("bias", "rmse", "rmse_stderr", "coverage", "width"),
)


def cell(kind: Kind, n_obs: int, paths: int, rows: Path | None) -> list[dict[str, object]]:
    """Figures of every estimator that is here, on the paths of one kind and length."""
    found: list[dict[str, object]] = []
    seed = np.random.SeedSequence(SEED, spawn_key=(KINDS.index(kind),))
    asked = at_length(paths, n_obs)
    for slow, share in ((False, asked), (True, fewer(asked))):
        named = {e.label: e for e in ENTRIES if e.slow == slow and not e.missing()}
        done = mt.montecarlo.run(
            named, {kind.name: kind}, n_obs, share, seed, n_jobs=1, out=rows, progress=False
        )
        found += [figures(one, kind) for one in done.cells]
    return found


def figures(one, kind: Kind) -> dict[str, object]:
    squares = (one.values - one.truth) ** 2
    rmse = np.sqrt(squares.mean()) if len(squares) else np.nan
    error = squares.std() / np.sqrt(len(squares)) / (2.0 * rmse) if len(squares) else np.nan
    covered = (one.low <= one.truth) & (one.truth <= one.high)
    asked = np.isfinite(one.low) & np.isfinite(one.high)
    shown = {
        "bias": np.mean(one.values - one.truth) if len(squares) else np.nan,
        "rmse": rmse,
        "rmse_stderr": error,
        "coverage": covered[asked].mean() if asked.any() else np.nan,
        "width": np.median((one.high - one.low)[asked]) if asked.any() else np.nan,
    }
    first = (one.estimator, kind.family, kind.name, one.n_obs, one.n_paths, one.n_failed, kind.d)
    return dict(zip(COLUMNS, first, strict=False)) | {k: f"{v:.4f}" for k, v in shown.items()}


def times() -> list[dict[str, object]]:
    """Seconds a call, warm, on one ARFIMA(0, 0.2, 0) of each length."""
    found: list[dict[str, object]] = []
    for n_obs in LENGTHS:
        x = mt.simulate(mt.ARFIMAProcess(d=0.2), n_obs, rng=1)
        for entry in ENTRIES:
            if not entry.missing():
                took = f"{entry.seconds(x):.6f}"
                found.append({"estimator": entry.label, "n_obs": n_obs, "seconds": took})
    return found


def made(paths: int) -> dict[str, object]:
    packages = dict.fromkeys(["memtools", "numpy", "scipy", *(e.package for e in peers.ENTRIES)])
    versions = installed(list(packages)) | {f"R's {p}": in_r.version(p) for p in in_r.PACKAGES}
    return {
        "command": f"python benchmarks/referee/run.py --paths {paths}",
        "day": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "paths": paths,
        "lengths": {n: at_length(paths, n) for n in LENGTHS},
        "slow": {n: fewer(at_length(paths, n)) for n in LENGTHS},
        "seed": SEED,
        "versions": versions,
    }


def at_length(paths: int, n_obs: int) -> int:
    """Errors shrink with the length, and so do those of their simulation: fewer paths do."""
    return max(1, round(paths * (min(LENGTHS) / n_obs) ** 0.5))


def fewer(paths: int) -> int:
    """Paths for a slow program."""
    return max(1, 2 * paths // 5)


def keep(path: Path, rows: list[dict[str, object]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--paths", type=int, default=40)
    parser.add_argument("--minutes", type=float, default=np.inf)
    parser.add_argument("--rows", type=Path)
    parser.add_argument("--lengths", type=int, nargs="+", default=LENGTHS)
    parser.add_argument("--page", action="store_true")
    options = parser.parse_args()
    if not options.page:
        limits = 60.0 * options.minutes, options.rows
        if not everything(options.lengths, options.paths, *limits):
            return
        keep(page.TIMES, times())
        page.MADE.write_text(json.dumps(made(options.paths), indent=1) + "\n")
    page.write()


def everything(lengths: Sequence[int], paths: int, seconds: float, rows: Path | None) -> bool:
    """All cells, the middle length first; False where the time is over before the end."""
    warnings.simplefilter("ignore")
    start, found = time.monotonic(), []
    for n_obs in sorted(lengths, key=lambda n: abs(n - 1024)):
        for kind in KINDS:
            found += cell(kind, n_obs, paths, rows)
            print(f"{time.monotonic() - start:6.0f} s  n = {n_obs}: {kind.name}", flush=True)
            keep(page.FIGURES, found + absent())
            if time.monotonic() - start > seconds:
                return False
    return True


def absent() -> list[dict[str, object]]:
    """A row for each program that is not here, with the reason where its process would stand."""
    there = [(entry, entry.missing()) for entry in ENTRIES]
    row = dict.fromkeys(COLUMNS, "")
    return [row | {"estimator": e.label, "process": why} for e, why in there if why]


if __name__ == "__main__":
    main()
