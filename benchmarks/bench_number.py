"""Time and memory against the number of series, a memory map of float32, local Whittle.

    OMP_NUM_THREADS=1 python benchmarks/bench_number.py [--quick]

Each number in a fresh process: the largest resident memory of a process never falls again.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from _timing import keep

WORK = """
import json, sys, time, numpy as np, memtools as mt
x = np.load(sys.argv[1], mmap_mode="r")[: int(sys.argv[2])]
taken = []
for _ in range(int(sys.argv[3])):
    start = time.process_time()
    mt.estimate_many(x, n_jobs=1)
    taken.append(time.process_time() - start)
resident = int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) / 1024
print(json.dumps([min(taken), resident]))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds, few series")
    quick = parser.parse_args().quick
    numbers = [100, 1_000, 10_000, 100_000, *([] if quick else [1_000_000])]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.npy"
        shape = (numbers[-1], 256)
        x = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=shape)
        for i in range(0, len(x), 50_000):
            part = x[i : i + 50_000]
            part[:] = np.random.default_rng(i).standard_normal(part.shape, dtype=np.float32)
        x.flush()
        for n_series in numbers:
            command = [sys.executable, "-c", WORK, path, str(n_series), "3" if quick else "5"]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            seconds, resident = json.loads(done.stdout)
            print(
                f"{n_series:9,} series {1e6 * seconds / n_series:7.2f} us each {resident:6.0f} MB"
            )
            keep("by number of series", f"{n_series:,}", seconds, x=n_series)
            keep("by number of series", f"{n_series:,}, resident", resident, "MB", x=n_series)


if __name__ == "__main__":
    main()
