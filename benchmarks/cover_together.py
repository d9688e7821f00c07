"""Coverage of multivariate local Whittle, and the spread of its total memory's z.

    python benchmarks/cover_together.py [--paths 1000] [--seed 5]

Gaussian series of equal correlation rho of their noise, d as named.
"""

from __future__ import annotations

import argparse

import numpy as np

import memtools as mt

# d, correlation, n_obs
DESIGN = (
    ([0.0], 0.0, 250),
    ([0.0] * 3, 0.0, 250),
    ([0.0] * 3, 0.0, 1000),
    ([0.0] * 3, 0.6, 1000),
    ([0.0] * 20, 0.0, 2000),
    ([0.1, 0.4], 0.0, 500),
    ([0.1, 0.4], 0.7, 500),
    ([-0.3, 0.0, 0.3], 0.5, 1000),
)


def drawn(d: list[float], rho: float, n_obs: int, rng: np.random.Generator) -> np.ndarray:
    """Series (n_obs, k): fractional integrals of correlated noise, a long start dropped."""
    k, start = len(d), 1000 if any(d) else 0
    noise = rng.standard_normal((n_obs + start, k)) * np.sqrt(1.0 - rho)
    noise += np.sqrt(rho) * rng.standard_normal((n_obs + start, 1))
    return np.column_stack([mt.fracint(noise[:, i], d[i]) for i in range(k)])[start:]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--paths", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=5)
    options = parser.parse_args()
    heads = f"{'covered':>8} {'mean z':>7} {'sd of z':>8} {'bias':>7}"
    print(f"{'d':>18} {'rho':>4} {'n':>5} {'m':>4} {heads}")
    for d, rho, n_obs in DESIGN:
        rng = np.random.default_rng([options.seed, n_obs, len(d)])
        covered, z, bias, m = [], [], [], 0
        for _ in range(options.paths):
            found = mt.multivariate_local_whittle(drawn(d, rho, n_obs, rng))
            low, high = found.confidence_interval()
            covered.append(np.mean((low <= d) & (d <= high)))
            total, m = found.total_memory, found.bandwidth
            z.append(total.statistic - np.mean(d) / total.stderr)
            bias.append(np.mean(found.d - d))
        shown = f"{d[0]:g} x {len(d)}" if len(set(d)) == 1 else ", ".join(f"{v:g}" for v in d)
        line = f"{100.0 * np.mean(covered):7.1f}% {np.mean(z):7.3f} {np.std(z):8.3f}"
        line += f" {np.mean(bias):7.3f}"
        print(f"{shown:>18} {rho:4.1f} {n_obs:5d} {m:4d} {line}", flush=True)


if __name__ == "__main__":
    main()
