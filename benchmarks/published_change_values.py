"""Martins and Rodrigues' published critical values of a change of d, found again.

    python benchmarks/published_change_values.py [--draws 10000] [--n-obs 250 500 750]

For an increase and a decrease of d at 10, 5 and 1%: published, and of paths (1 - B)^-d of noise
from zero before the sample.  Their construction is the score of d: residuals of least squares in d
less their mean, and the variance of all of them.  Two standard errors of a difference of 10,000
draws are about 0.03, 0.04 and 0.09.  The time is that of the processor.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

import memtools as mt
from memtools import fractional
from memtools.inference import memory_change

LEVELS = (0.10, 0.05, 0.01)
# Martins and Rodrigues (2014), as in R's memochange, by n and d: increase, then decrease.
PUBLISHED = {
    (250, -0.4): (-1.532, -1.860, -2.398, -1.677, -1.958, -2.500),
    (250, -0.2): (-1.618, -1.920, -2.471, -1.619, -1.910, -2.491),
    (250, 0.0): (-1.626, -1.924, -2.474, -1.598, -1.880, -2.478),
    (250, 0.2): (-1.625, -1.900, -2.441, -1.632, -1.919, -2.503),
    (250, 0.4): (-1.614, -1.916, -2.519, -1.682, -1.968, -2.510),
    (500, -0.4): (-1.561, -1.875, -2.437, -1.692, -2.001, -2.581),
    (500, -0.2): (-1.592, -1.897, -2.434, -1.661, -1.953, -2.523),
    (500, 0.0): (-1.624, -1.927, -2.490, -1.642, -1.959, -2.490),
    (500, 0.2): (-1.642, -1.922, -2.548, -1.659, -1.967, -2.532),
    (500, 0.4): (-1.675, -1.994, -2.547, -1.710, -1.987, -2.549),
    (750, -0.4): (-1.336, -1.693, -2.289, -1.524, -1.855, -2.492),
    (750, 0.0): (-1.739, -2.030, -2.589, -1.758, -2.083, -2.679),
    (750, 0.4): (-2.175, -2.477, -3.051, -2.206, -2.479, -3.116),
}
_STEPS = 4


def quantiles(n_obs: int, d: float, n_draws: int, seed: int) -> np.ndarray:
    """Quantiles at the levels of the statistics against an increase, then a decrease."""
    noise = np.random.default_rng(seed).standard_normal((n_draws, n_obs))
    rows, orders = mt.fracint(noise, d, axis=1), np.full(n_draws, d)
    for _ in range(_STEPS):
        e = memory_change.convolved(rows, fractional.weights(orders, n_obs))
        e -= e.mean(axis=1, keepdims=True)
        lagged = memory_change.harmonic_sums(e)
        orders = orders + (lagged * e).sum(axis=1) / (lagged**2).sum(axis=1)
    found = memory_change.statistics(e)
    return np.concatenate([np.quantile(found[name], LEVELS) for name in ("increase", "decrease")])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=10_000)
    parser.add_argument("--n-obs", type=int, nargs="*", default=[250, 500, 750])
    options = parser.parse_args()
    print("| n | d | increase, published | found | decrease, published | found | seconds |")
    print("|---|---|---|---|---|---|---|")
    for (n_obs, d), published in PUBLISHED.items():
        if n_obs not in options.n_obs:
            continue
        start = time.process_time()
        found = quantiles(n_obs, d, options.draws, 8)
        seconds = time.process_time() - start
        both = (published[:3], found[:3], published[3:], found[3:])
        shown = " | ".join(", ".join(f"{v:.2f}" for v in values) for values in both)
        print(f"| {n_obs} | {d:g} | {shown} | {seconds:.0f} |", flush=True)


if __name__ == "__main__":
    main()
