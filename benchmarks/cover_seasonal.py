"""Coverage of seasonal local Whittle at a known frequency, at a season's, and at a sought one.

    python benchmarks/cover_seasonal.py [--paths 400] [--seed 11] [--jobs 1]

Writes benchmarks/measured/seasonal.csv.
"""

from __future__ import annotations

import argparse
import csv
from functools import partial
from pathlib import Path

import memtools as mt

LENGTHS = (256, 1024, 4096)
ORDERS = (-0.3, 0.0, 0.2, 0.45)
FREQUENCY = 0.7
KNOWN = partial(mt.seasonal_local_whittle, frequency=FREQUENCY)
SEASON = partial(mt.seasonal_local_whittle, period=4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--paths", type=int, default=400)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    rows = []
    for d in ORDERS:
        cyclical = {"Gegenbauer": mt.GegenbauerProcess(FREQUENCY, d)}
        seasonal = {"seasonal, s = 4": mt.SeasonalARFIMAProcess(period=4, seasonal_d=d)}
        sought = {"known frequency": KNOWN, "largest ordinate": mt.seasonal_local_whittle}
        for estimators, processes in ((sought, cyclical), ({"season": SEASON}, seasonal)):
            found = mt.montecarlo.run(
                estimators, processes, LENGTHS, options.paths, options.seed, options.jobs, truth=d
            )
            for cell in found.cells:
                figures = cell.figures
                row = {"process": cell.process, "d": d, "at": cell.estimator, "n_obs": cell.n_obs}
                row |= {"paths": cell.n_paths, "bias": f"{figures['bias']:.3f}"}
                row |= {"sd": f"{figures['sd']:.3f}"}
                rows.append(row | {"covered": f"{100.0 * figures['coverage']:.1f}%"})
                print(rows[-1], flush=True)
    with open(Path(__file__).parent / "measured" / "seasonal.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
