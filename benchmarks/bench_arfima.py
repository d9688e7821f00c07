"""Time ARFIMA fits, and R arfima's exact fit beside ours where R has the package.

OMP_NUM_THREADS=1 python benchmarks/bench_arfima.py [--quick] [--long]
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from _timing import compare, timed

import memtools as mt

_R = """
suppressMessages(library(arfima)); x <- scan("{path}", quiet = TRUE)
cat(sum(system.time(arfima(x, order = c(1, 0, 0), quiet = TRUE))[1:2]))
"""


def from_r(x: np.ndarray) -> float | None:
    """Seconds of R arfima's exact fit, by R's clock; None without it."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.txt")
        np.savetxt(path, x)
        command = ["Rscript", "-e", _R.format(path=path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    return float(done.stdout.split()[-1]) if done.returncode == 0 else None


def main() -> None:
    quick, long = "--quick" in sys.argv, "--long" in sys.argv
    x = mt.simulate(mt.ARFIMAProcess(ar=[0.5], d=0.3), 2000, rng=1)
    model = mt.ARFIMA(x, order=(1, 0))
    clocks = {
        "exact": timed(lambda: model.fit(bias_correction=False)),
        "exact, bias corrected": timed(model.fit),
        "Whittle": timed(lambda: model.fit("whittle")),
    }
    peer, asked = from_r(x), {}
    if peer is not None:
        clocks["R arfima, exact (once)"] = lambda: peer
        asked = {"R arfima, exact (once)": 1 / 20}
    compare("fit of ARFIMA(1, d, 0), n = 2,000", clocks, 3 if quick else 9, asked)
    if long:
        process = mt.ARFIMAProcess(ar=[0.5], d=0.3)
        fit = mt.ARFIMA(mt.simulate(process, 100_000, rng=1), order=(1, 0)).fit
        compare("fit of ARFIMA(1, d, 0), n = 100,000", {"exact, bias corrected": timed(fit)}, 3)


if __name__ == "__main__":
    main()
