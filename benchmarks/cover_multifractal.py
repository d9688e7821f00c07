"""Coverage of the intervals of multifractal spectra, on fractional noise: one exponent.

python benchmarks/cover_multifractal.py [--paths 100] [--seed 11] [--lengths 1024 4096]
    [--hurst 0.3 0.5 0.7 0.9] [--methods mfdfa wavelet_leaders]
"""

from __future__ import annotations

import argparse

import numpy as np

import memtools as mt

Q = (-3.0, -1.0, 1.0, 2.0, 3.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--paths", type=int, default=100)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--lengths", type=int, nargs="*", default=[1024, 4096])
    parser.add_argument("--hurst", type=float, nargs="*", default=[0.3, 0.5, 0.7, 0.9])
    parser.add_argument("--methods", nargs="*", default=["mfdfa", "wavelet_leaders"])
    options = parser.parse_args()
    heads = "".join(f"{f'h({q:g})':>8}" for q in Q)
    print(f"{'n':>5} {'H':>4} {'method':16}{heads}{'c2':>8}")
    for n_obs in options.lengths:
        for hurst in options.hurst:
            noise = mt.FractionalGaussianNoise(hurst)
            paths = mt.simulate(noise, n_obs, n_paths=options.paths, rng=options.seed)
            for method in (getattr(mt, name) for name in options.methods):
                found = [method(x, Q, rng=i) for i, x in enumerate(paths)]
                missed = np.array([f.hurst - hurst for f in found])
                share = (np.abs(missed) < 1.96 * np.array([f.stderr for f in found])).mean(axis=0)
                c2 = np.mean([abs(f.intermittency) < 1.96 * f.intermittency_stderr for f in found])
                cells = "".join(f"{100 * s:7.0f}%" for s in share)
                last = f"{100 * c2:7.0f}%" if method is mt.wavelet_leaders else ""
                print(f"{n_obs:5d} {hurst:4.1f} {method.__name__:16}{cells}{last}", flush=True)


if __name__ == "__main__":
    main()
