"""Every comparison with peers and with ourselves, and the page that prints them.

    python benchmarks/run_all.py [--quick] [--only bench_many ...] [--page]

runs each program of `PROGRAMS` in a process of its own, keeps its figures in
benchmarks/measured/performance.json, a program at a time, with the command, the day, the machine
and the versions, and writes them into docs/performance.md between the marks of each program.
--page only writes.  docs/draw_performance.py draws the curves from the same file, and
tests/test_claims.py holds that what is printed is what was kept.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
STORE = ROOT / "benchmarks" / "measured" / "performance.json"
PAGE = ROOT / "docs" / "performance.md"
# Programs, and what they are given where time is no matter.
PROGRAMS: dict[str, list[str]] = {
    "bench_startup": [],
    "bench_length": [],
    "bench_estimators": [],
    "bench_likelihood": [],
    "bench_arfima": ["--long"],
    "bench_simulate": ["--long"],
    "bench_training": [],
    "bench_cells": [],
    "bench_reading": [],
    "bench_hostile_files": [],
    "bench_number": [],
    "bench_many": [],
}
PACKAGES = ("numpy", "scipy", "numba", "pandas", "pyelw", "antropy", "dask", "xarray", "zarr")
_MARKS = re.compile(r"(<!-- measured: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def measured(name: str, quick: bool) -> dict[str, Any] | None:
    """The figures of one program, and what they were made by."""
    arguments = ["--quick"] if quick else PROGRAMS[name]
    command = " ".join(["python", f"benchmarks/{name}.py", *arguments])
    print(f"\n==== {command}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "figures.json"
        environment = os.environ | {
            "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), "MEMTOOLS_FIGURES": str(target)
        }  # fmt: skip
        program = [sys.executable, ROOT / "benchmarks" / f"{name}.py", *arguments]
        done = subprocess.run(program, env=environment, cwd=ROOT, check=False)
        if done.returncode or not target.exists():
            print(f"{name} ended with {done.returncode}: its former figures stay")
            return None
        figures = json.loads(target.read_text())
    day = datetime.datetime.now(datetime.UTC).date().isoformat()
    return {"command": command, "day": day, "machine": machine(), "figures": figures}


def machine() -> str:
    """Processor, cores, how busy they are, and versions."""
    text = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    model = re.search(r"model name\s*: (.*)", text)
    versions = [f"Python {platform.python_version()}"]
    for package in PACKAGES:
        try:
            versions.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            versions.append(f"no {package}")
    name = model.group(1).strip() if model else platform.machine()
    load = f"{os.getloadavg()[0]:.0f} processes at work"
    return f"{name}, {os.cpu_count()} cores, {load}; {', '.join(versions)}"


def block(run: dict[str, Any]) -> str:
    """What the page prints of a program."""
    lines = [f"`{run['command']}`, {run['day']}: {run['machine']}.", ""]
    lines += [
        "| work | | least | middle | ours / this | asked | |",
        "|---|---|---|---|---|---|---|",
    ]
    last = None
    for figure in run["figures"]:
        work = "" if figure["work"] == last else figure["work"]
        last = figure["work"]
        middle = shown(figure["middle"], "s") if "middle" in figure else ""
        limit, ratio = figure.get("asked"), figure.get("ratio")
        reached = figure["value"] if ratio is None else ratio
        met = "" if limit is None else "met" if reached <= limit else "not met"
        asked = "" if limit is None else number(limit) if ratio else shown(limit, figure["unit"])
        cells = [work, figure["candidate"], shown(figure["value"], figure["unit"]), middle]
        cells += [number(ratio) if ratio is not None else "", asked, met]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def number(value: float) -> str:
    return f"{value:.3g}"


def shown(value: float, unit: str) -> str:
    """Seconds in the unit that suits them, other units as they are."""
    if unit != "s":
        return f"{value:.3g} {unit}".replace(" x", "")
    if value >= 1.0:
        return f"{value:.3g} s"
    return f"{1e3 * value:.3g} ms" if value >= 1e-3 else f"{1e6 * value:.3g} us"


def page(text: str, runs: dict[str, Any]) -> str:
    """The page with every program's block as it was measured last."""

    def filled(match: re.Match[str]) -> str:
        run = runs.get(match.group(2))
        return match.group(1) + (block(run) if run else "Not measured.\n") + match.group(3)

    return _MARKS.sub(filled, text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds, small data")
    parser.add_argument("--only", nargs="+", choices=list(PROGRAMS), default=list(PROGRAMS))
    parser.add_argument("--page", action="store_true", help="write the page, measure nothing")
    options = parser.parse_args()
    for name in () if options.page else options.only:
        run = measured(name, options.quick)
        if run is not None:
            STORE.write_text(json.dumps(kept() | {name: run}, indent=1) + "\n")
    PAGE.write_text(page(PAGE.read_text(), kept()))


def kept() -> dict[str, Any]:
    """The last run of every program."""
    runs: dict[str, Any] = json.loads(STORE.read_text()) if STORE.exists() else {}
    return {name: runs[name] for name in PROGRAMS if name in runs}


if __name__ == "__main__":
    main()
