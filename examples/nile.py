"""The Nile: local Whittle estimates of d beside those of Stata, pyelw and LongMemoryTS.

    python examples/nile.py [--minima nile.csv] [--quick]

With the annual minima at the Roda gauge, 622-1284 (a CSV file with columns year, nile; 663 rows),
Stata's printed estimates stand beside ours.  Without that file, or besides, the bundled annual flow
at Aswan, 1871-1970, and pyelw's estimates where pyelw is installed.  --quick leaves out the full
report.
"""

from __future__ import annotations

import argparse
import os
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

import memtools as mt

# Stata: whittle (Baum, Hurn and Lindsay, 2020, Stata Journal 20); power -> (m, plain, exact).
# Its line for power 0.9 has more ordinates than the series has frequencies, which we refuse.
STATA = {
    0.4: (13, 0.538433, 0.523264),
    0.5: (25, 0.466848, 0.453753),
    0.6: (49, 0.459277, 0.450481),
    0.65: (68, 0.409044, 0.407459),
    0.7: (94, 0.385763, 0.392375),
    0.8: (180, 0.376356, 0.408864),
}
# LongMemoryTS 0.1.0, local.W: sums m ordinates and divides by m - 2
LONG_MEMORY_TS = {49: 0.417, 94: 0.3745}


def minima(path: Path) -> None:
    x = pd.read_csv(path)["nile"].to_numpy(dtype=float)
    print(f"Annual minima, {len(x)} observations")
    print("  power    m | local Whittle   Stata  LongMemoryTS | exact, sample mean   Stata")
    for power, (m, plain, exact) in STATA.items():
        ours = mt.local_whittle(x, power)
        ours_exact = mt.exact_local_whittle(x, power, mean="sample")
        assert ours.bandwidth == m
        other = f"{LONG_MEMORY_TS[m]:.4f}" if m in LONG_MEMORY_TS else "-"
        print(
            f"  {power:5} {m:4} |        {ours.d:.4f}  {plain:.4f}  {other:>12} |"
            f"             {ours_exact.d:.4f}  {exact:.4f}"
        )


def flow() -> None:
    x = mt.datasets.load("nile").to_numpy()
    print(f"Annual flow, {len(x)} observations")
    if not find_spec("pyelw"):
        print("  (pyelw is not installed: no numbers to set beside ours)")
    print("   m | local Whittle   pyelw | exact, sample mean   pyelw")
    for m in (10, 15, 19, 25):
        plain, exact = mt.local_whittle(x, m).d, mt.exact_local_whittle(x, m, mean="sample").d
        lw, elw = _pyelw(x, m)
        print(f"  {m:2} |        {plain:.4f}  {lw:>6} |             {exact:.4f}  {elw:>6}")


def _pyelw(x: np.ndarray, m: int) -> tuple[str, str]:
    if not find_spec("pyelw"):
        return "-", "-"
    from pyelw import ELW, LW

    plain = LW().fit(x - x.mean(), m=m).d_hat_
    exact = ELW(mean_est="mean").fit(x, m=m).d_hat_
    return f"{plain:.4f}", f"{exact:.4f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    folder = os.environ.get("MEMTOOLS_DATA")
    default = Path(folder) / "nile.csv" if folder else None
    parser.add_argument("--minima", type=Path, default=default, help="CSV file of the minima")
    parser.add_argument("--quick", action="store_true", help="leave out the full report")
    options = parser.parse_args()
    if options.minima:
        minima(options.minima)
        print()
    flow()
    if not options.quick:
        print()
        print(mt.estimate(mt.datasets.load("nile")).summary())


if __name__ == "__main__":
    main()
