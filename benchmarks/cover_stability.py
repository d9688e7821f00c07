"""Do the simultaneous band of d over bandwidth and the alarms of rolling d hold their level?

    python benchmarks/cover_stability.py [--paths 2000]

Shares of paths of fractional noise: with an alarm at all (1,500 observations), and with the band
around d at all bandwidths up to n^0.7 or n^0.8 (1,000 observations).  Nominal: 5% and 95%.
"""

from __future__ import annotations

import argparse

import numpy as np

import memtools as mt


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--paths", type=int, default=2000)
    n_paths = parser.parse_args().paths
    for d in (0.0, 0.4):
        process = mt.ARFIMAProcess(d=d)
        paths = mt.simulate(process, 1500, n_paths=n_paths, rng=5)
        alarms = np.mean([mt.rolling_memory(path).alarms.any() for path in paths])
        print(f"d = {d}: alarms {alarms:.3f}", end="")
        paths = mt.simulate(process, 1000, n_paths=n_paths, rng=6)
        for exponent in (0.7, 0.8):
            grid = np.unique(np.geomspace(16, 1000**exponent, 40).astype(int))
            curves = [mt.memory_by_bandwidth(path, bandwidths=grid) for path in paths]
            held = np.mean([np.all((c.band_low < d) & (d < c.band_high)) for c in curves])
            print(f", band to n^{exponent} {held:.3f}", end="")
        print()


if __name__ == "__main__":
    main()
