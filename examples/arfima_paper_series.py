"""The ARFIMA series of Zhao et al. (2020): do the exact intervals cover the truth?

The series follows (1 - 0.7 B + 0.4 B^2) (1 - B)^0.4 Y = (1 - 0.2 B) eps.  Prints the true values,
those of R's fracdiff on the same file, and ours.  ``--quick`` takes the first 1000 observations.

    MEMTOOLS_DATA=FOLDER python examples/arfima_paper_series.py [--quick]
"""

import os
import sys
from pathlib import Path

import numpy as np

import memtools as mt

TRUTH = {"d": 0.4, "ar.L1": 0.7, "ar.L2": -0.4, "ma.L1": -0.2}
FRACDIFF = {"d": 0.416, "ar.L1": 0.716, "ar.L2": -0.415, "ma.L1": -0.219}  # MA sign turned


def main(quick: bool = False) -> None:
    folder = os.environ.get("MEMTOOLS_DATA")
    if folder is None:
        sys.exit("set MEMTOOLS_DATA to the folder of arfima.csv")
    x = np.loadtxt(Path(folder) / "arfima.csv", delimiter=",", skiprows=1, usecols=0)
    fit = mt.ARFIMA(x[:1000] if quick else x, (2, 1)).fit()
    print(fit.summary())
    ends = fit.conf_int()
    print(f"\n{'':8}{'true':>8}{'fracdiff':>10}{'memtools':>10}   95% interval")
    for name, truth in TRUTH.items():
        low, high = ends.loc[name]
        inside = "covers" if low <= truth <= high else "misses"
        print(
            f"{name:8}{truth:8.3f}{FRACDIFF[name]:10.3f}{fit.params[name]:10.3f}"
            f"   [{low:.3f}, {high:.3f}] {inside}"
        )


if __name__ == "__main__":
    main("--quick" in sys.argv[1:])
