"""Make the errors of memtools/estimators/scaling.py.

For fractional noise with d in -0.3, 0, 0.3, 0.45 and 128 to 8192 observations, bias, standard
deviation and root mean squared error of each estimator; a n^-b is fitted to the worst of the
latter over d.

    python benchmarks/calibrate_scaling.py [--paths 1000]

Prints the dictionary to paste, and the table it comes from.
"""

from __future__ import annotations

import argparse

import numpy as np

import memtools as mt

SIZES = (128, 512, 2048, 8192)
ORDERS = (-0.3, 0.0, 0.3, 0.45)
ESTIMATORS = (mt.rescaled_range, mt.detrended_fluctuation, mt.aggregated_variance)


def errors(n_obs: int, d: float, n_paths: int) -> np.ndarray:
    """Estimate less d, a column an estimator; the seed depends on the case alone."""
    rng = np.random.default_rng([n_obs, round(1000 * (d + 1)), 30_000])
    paths = mt.simulate(mt.ARFIMAProcess(d=d), n_obs, n_paths=n_paths, rng=rng)
    return np.array([[estimator(x).d - d for estimator in ESTIMATORS] for x in paths])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--paths", type=int, default=1000)
    n_paths = parser.parse_args().paths
    worst = np.zeros((len(SIZES), len(ESTIMATORS)))
    for i, n_obs in enumerate(SIZES):
        for d in ORDERS:
            found = errors(n_obs, d, n_paths)
            rmse = np.sqrt(np.mean(found**2, axis=0))
            worst[i] = np.maximum(worst[i], rmse)
            for j, estimator in enumerate(ESTIMATORS):
                bias, sd = found[:, j].mean(), found[:, j].std()
                within = np.mean(np.abs(found[:, j]) < 1.96 * worst_error(estimator, n_obs))
                print(
                    f"{estimator.__name__:22s} n {n_obs:5d} d {d:5.2f} bias {bias:7.4f} "
                    f"sd {sd:.4f} rmse {rmse[j]:.4f} covered {within:.3f}"
                )
    for j, estimator in enumerate(ESTIMATORS):
        slope, level = np.polyfit(np.log(SIZES), np.log(worst[:, j]), 1)
        print(f'    "{estimator.__name__}": ({np.exp(level):.3f}, {-slope:.3f}),')


def worst_error(estimator, n_obs: int) -> float:
    """The error in force."""
    from memtools.estimators import scaling

    a, b = scaling._ERROR[estimator.__name__]
    return a * n_obs**-b


if __name__ == "__main__":
    main()
