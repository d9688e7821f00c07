"""Martins and Rodrigues' published critical values of a change of d, found again.

    python benchmarks/published_change_values.py [--draws 10000]

At d = 0, n = 250 and 500, for an increase, a decrease and either: published, those of the statistic
with the variance of all residuals, and those of ours, with the variance up to the date.  Two
standard errors of a difference of 10,000 draws are about 0.09, 0.05 and 0.04 at 1, 5 and 10%.
"""

from __future__ import annotations

import argparse
import math

import numpy as np

from memtools.inference import memory_change

LEVELS = (0.01, 0.05, 0.10)
KINDS = ("increase", "decrease", "either")
# Martins and Rodrigues (2014), as in R's memochange: d = 0, 1, 5, 10%.
PUBLISHED = {
    250: ((-2.474, -1.924, -1.626), (-2.478, -1.880, -1.598), (-2.631, -2.176, -1.900)),
    500: ((-2.490, -1.927, -1.624), (-2.490, -1.959, -1.642), (-2.686, -2.202, -1.940)),
}


def of_whole_variance(residuals: np.ndarray) -> np.ndarray:
    """Smallest ratio over the dates, its variance that of all residuals; a row a series."""
    n_obs = residuals.shape[1]
    low, high = memory_change.TRIMMING * n_obs, (1.0 - memory_change.TRIMMING) * n_obs
    dates = np.arange(math.floor(low), math.ceil(high) + 1) - 1
    lagged = memory_change.harmonic_sums(residuals)
    products = np.cumsum(lagged * residuals, axis=1)[:, dates]
    squares = np.cumsum(lagged**2, axis=1)[:, dates]
    scale = np.sqrt((residuals**2).mean(axis=1, keepdims=True))
    return np.asarray((products / np.sqrt(squares) / scale).min(axis=1))


def quantiles(n_obs: int, n_draws: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Quantiles of both statistics, shape (kinds, levels)."""
    rows = np.random.default_rng(seed).standard_normal((n_draws, n_obs))
    residuals = memory_change.fractional_residuals(rows)[0]
    whole = [of_whole_variance(r) for r in (residuals, np.ascontiguousarray(residuals[:, ::-1]))]
    found = memory_change.statistics(residuals)
    part = [found["increase"], found["decrease"]]
    whole, part = ([*each, np.minimum(*each)] for each in (whole, part))
    return np.quantile(whole, LEVELS, axis=1).T, np.quantile(part, LEVELS, axis=1).T


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=10_000)
    options = parser.parse_args()
    print("| n | d | published 1, 5, 10% | variance of all | variance up to the date |")
    print("|---|---|---|---|---|")
    for n_obs, published in PUBLISHED.items():
        rows = zip(KINDS, published, *quantiles(n_obs, options.draws, 8), strict=True)
        for kind, *values in rows:
            shown = (", ".join(f"{v:.3f}" for v in three) for three in values)
            print(f"| {n_obs} | {kind} | {' | '.join(shown)} |", flush=True)


if __name__ == "__main__":
    main()
