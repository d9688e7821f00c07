"""Time ARFIMA fits, and R arfima's exact fit beside ours where R has the package.

OMP_NUM_THREADS=1 python benchmarks/bench_arfima.py [--long]
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

import memtools as mt

_R = """
suppressMessages(library(arfima)); x <- scan("{path}", quiet = TRUE)
cat(system.time(arfima(x, order = c(1, 0, 0), quiet = TRUE))["elapsed"])
"""


def clock(call, rounds: int = 9) -> float:
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1e3 * median(times)


def main() -> None:
    x = mt.simulate(mt.ARFIMAProcess(ar=[0.5], d=0.3), 2000, rng=1)
    model = mt.ARFIMA(x, order=(1, 0))
    model.fit()  # compiled code is loaded once
    exact = clock(lambda: model.fit(bias_correction=False))
    print(f"exact ARFIMA(1, d, 0), n = 2000    {exact:9.1f} ms")
    print(f"the same, bias corrected           {clock(model.fit):9.1f} ms")
    print(f"Whittle                            {clock(lambda: model.fit('whittle')):9.1f} ms")
    if shutil.which("Rscript"):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "x.txt")
            np.savetxt(path, x)
            done = subprocess.run(
                ["Rscript", "-e", _R.format(path=path)], capture_output=True, text=True, check=False
            )
        if done.returncode == 0:
            peer = 1e3 * float(done.stdout.split()[-1])
            print(
                f"R arfima, exact                    {peer:9.1f} ms, {peer / exact:.0f} times ours"
            )
    if "--long" in sys.argv:
        long = mt.ARFIMA(
            mt.simulate(mt.ARFIMAProcess(ar=[0.5], d=0.3), 100_000, rng=1), order=(1, 0)
        )
        print(f"exact, n = 1e5                     {clock(long.fit, 3):9.1f} ms")


if __name__ == "__main__":
    main()
