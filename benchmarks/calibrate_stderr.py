"""Make the factors of memtools/estimators/_stderr.py.

For fractional noise with d in -0.3, 0, 0.3, 0.45 (and 1.2, 0.8 where the estimator holds there)
and 64 to 4096 observations, the factor by which the standard error from the Fisher sums must be
multiplied for the nominal 95% interval to cover 95%; averaged over d, then 1 + a m^-b is fitted
over m, the number of ordinates in use.

    python benchmarks/calibrate_stderr.py [--paths 10000] [--jobs 2] [ESTIMATOR ...]

Prints the dictionary to paste, and the table of factors it comes from.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from scipy.optimize import curve_fit

import memtools as mt
from memtools.estimators import _stderr

SIZES = (64, 128, 256, 512, 1024, 2048, 4096)
STATIONARY = (-0.3, 0.0, 0.3, 0.45)
Z = 1.959964
TAPERS = ("cosine", "kolmogorov", "bartlett", "hc")
# name -> (function, options, values of d)
ESTIMATORS = {
    "gph": (mt.gph, {}, STATIONARY),
    "smoothed_gph": (mt.smoothed_gph, {}, STATIONARY),
    # These need no factor: theirs lie between 0.99 and 1.02.
    **{
        f"bias_reduced_gph_{order}": (mt.bias_reduced_gph, {"order": order}, STATIONARY)
        for order in (1, 2)
    },
    "local_whittle": (mt.local_whittle, {}, STATIONARY),
    **{f"local_whittle_{t}": (mt.local_whittle, {"taper": t}, STATIONARY) for t in TAPERS},
    # Near d = 0.8 the plain standard error already covers, at any n.
    "exact_local_whittle": (mt.exact_local_whittle, {}, (*STATIONARY, 1.2)),
    "two_step_local_whittle": (mt.two_step_local_whittle, {}, (-0.3, 0.0, 0.3, 0.8, 1.2)),
    "fully_extended_local_whittle": (
        mt.fully_extended_local_whittle,
        {},
        (-0.3, 0.0, 0.3, 0.8, 1.2),
    ),
}


def paths(d: float, n_obs: int, n_paths: int) -> np.ndarray:
    """Fractional noise, summed once for d > 1/2; the seed depends on the case alone."""
    whole = int(d > 0.5)
    rng = np.random.default_rng([n_obs, round(1000 * (d + 1)), 20_000])
    process = mt.ARFIMAProcess(d=d - whole)
    x = mt.simulate(process, n_obs, n_paths=n_paths, rng=rng)
    return np.cumsum(x, axis=1) if whole else x


def factor(case: tuple[str, int, float, int]) -> tuple[str, int, float, int, float, float, float]:
    """Factor, bias and coverage (with the factor in force) for one estimator, n and d."""
    name, n_obs, d, n_paths = case
    function, options, _ = ESTIMATORS[name]
    estimates = [function(x, **options) for x in paths(d, n_obs, n_paths)]
    errors = np.array([e.d for e in estimates]) - d
    m = estimates[0].details.get("n_ordinates", estimates[0].bandwidth)
    in_force = estimates[0].stderr
    plain = in_force / _stderr.calibration(name, m)
    wanted = float(np.quantile(np.abs(errors), 0.95)) / (Z * plain)
    covered = float((np.abs(errors) < Z * in_force).mean())
    return name, n_obs, d, m, wanted, float(errors.mean()), covered


def fit(m: np.ndarray, wanted: np.ndarray) -> tuple[float, float]:
    """(a, b) of 1 + a m^-b."""
    (a, b), _ = curve_fit(
        lambda m, a, b: a * m**-b, m, wanted - 1.0, p0=(0.5, 0.6), bounds=([-1.0, 0.0], [3.0, 1.5])
    )
    return round(float(a), 3), round(float(b), 3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("estimators", nargs="*", default=list(ESTIMATORS))
    parser.add_argument("--paths", type=int, default=10_000)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    cases = [
        (name, n, d, options.paths)
        for name in options.estimators
        for n in SIZES
        for d in ESTIMATORS[name][2]
    ]
    with ProcessPoolExecutor(options.jobs) as pool:
        rows = []
        for row in pool.map(factor, cases):
            rows.append(row)
            name, n, d, m, wanted, bias, covered = row
            case = f"{name:32} n={n:5d} d={d:5.2f} m={m:4d}"
            print(f"{case} factor {wanted:.3f} bias {bias:+.4f} covers {covered:.4f}", flush=True)
    for name in options.estimators:
        mine = [row for row in rows if row[0] == name]
        sizes = sorted({row[3] for row in mine})
        mean = [np.mean([row[4] for row in mine if row[3] == m]) for m in sizes]
        print(f'    "{name}": {fit(np.array(sizes, float), np.array(mean))},', flush=True)


if __name__ == "__main__":
    main()
