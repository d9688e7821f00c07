"""The Nile: two modes of the likelihood, and forecasts of the annual flow.

    MEMTOOLS_DATA=FOLDER python examples/arfima_nile.py [--quick]

The yearly minima 622-1284 come from MEMTOOLS_DATA (left out where it is not set); the annual flow
1871-1970 is bundled.  ``--quick`` leaves the minima out as well.
"""

import os
import sys
from pathlib import Path

import numpy as np
import pandas as pd

import memtools as mt


def minima(folder: str) -> None:
    values = np.loadtxt(Path(folder) / "nile.csv", delimiter=",", skiprows=1, usecols=1)
    index = pd.period_range("0622", periods=len(values), freq="Y")
    fit = mt.ARFIMA(pd.Series(values, index, name="minimum"), (1, 0)).fit()
    print(fit.summary())
    print("\nAll modes of the likelihood (R arfima: (-0.594, 0.995) and (0.355, 0.066)):")
    for mode in fit.mle.modes:
        print(f"  d = {mode.d:7.4f}  ar = {mode.ar[0]:7.4f}  log-likelihood {mode.loglike:.4f}")


def flow() -> None:
    series = mt.datasets.load("nile")
    choice = mt.select_arfima(series, max_p=1, max_q=1)
    print("\n" + choice.summary())
    fit = choice.best
    low, high = fit.conf_int().loc["d"]
    print(f"\nd = {fit.d:.3f} [{low:.3f}, {high:.3f}], at the maximum {fit.mle.d:.3f}")
    print("\nForecasts of the next five years, 80% intervals:")
    print(fit.get_forecast(5).summary_frame(0.8).round(1).to_string())


def main(quick: bool = False) -> None:
    folder = os.environ.get("MEMTOOLS_DATA")
    if folder is not None and not quick:
        minima(folder)
    flow()


if __name__ == "__main__":
    main("--quick" in sys.argv[1:])
