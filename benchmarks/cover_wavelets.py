"""Coverage, bias and spread of the wavelet estimators.

python benchmarks/cover_wavelets.py [--paths 300] [--seed 3]
"""

from __future__ import annotations

import argparse

import numpy as np

import memtools as mt


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--paths", type=int, default=300)
    parser.add_argument("--seed", type=int, default=3)
    options = parser.parse_args()
    print(f"{'n':>5} {'d':>5} {'process':8} {'estimator':17} {'bias':>7} {'sd':>6} {'covered':>8}")
    for n_obs in (256, 1024, 4096):
        for d in (-0.3, 0.0, 0.2, 0.45):
            kinds = {"ARFIMA": mt.ARFIMAProcess(d=d), "noise": mt.FractionalGaussianNoise(d + 0.5)}
            for name, process in kinds.items():
                paths = mt.simulate(process, n_obs, n_paths=options.paths, rng=options.seed)
                for estimator in (mt.wavelet_variance, mt.wavelet_whittle):
                    found = [estimator(x) for x in paths]
                    values = np.array([f.d for f in found])
                    covered = np.mean(np.abs(values - d) < 1.96 * found[0].stderr)
                    line = f"{values.mean() - d:7.3f} {values.std():6.3f} {100 * covered:7.1f}%"
                    print(f"{n_obs:5d} {d:5.2f} {name:8} {estimator.__name__:17} {line}")


if __name__ == "__main__":
    main()
