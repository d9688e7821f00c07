"""Hostile model files: seconds until they are refused, and memory taken beyond their size.

    python benchmarks/bench_hostile_files.py

The goals are one second and 200 MB for each file; the files are those of the tests.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

from _timing import keep

sys.path.insert(0, str(Path(__file__).parents[1]))

from memtools import networks
from memtools.exceptions import ModelFileError
from tests.networks.test_hostile_files import BOMBS


def refused(path: Path) -> float:
    """Seconds until the file is refused."""
    start = time.perf_counter()
    with contextlib.suppress(ModelFileError):
        networks.load(path)
        raise AssertionError("a hostile file was read")
    return time.perf_counter() - start


def peak_beyond(path: Path) -> float:
    """Megabytes at the peak beyond the file's size."""
    tracemalloc.start()
    refused(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return (peak - path.stat().st_size) / 2**20


def main() -> None:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model"
        for name, data in BOMBS.items():
            path.write_bytes(data)
            refused(path)  # lazy imports
            rows.append((refused(path), peak_beyond(path), name))
    print(f"{'file':20}{'seconds':>9}{'MB beyond its size':>20}")
    for seconds, megabytes, name in sorted(rows, reverse=True)[:8]:
        print(f"{name:20}{seconds:9.3f}{max(megabytes, 0.0):20.1f}")
    work = f"{len(rows)} hostile model files, the worst"
    keep(work, "until it is refused", max(rows)[0], asked=1.0)
    keep(work, "memory beyond its size", max(r[1] for r in rows), "MB", asked=200.0)
    print(f"{len(rows)} files: at most {max(rows)[0]:.3f} s, {max(r[1] for r in rows):.1f} MB")


if __name__ == "__main__":
    main()
