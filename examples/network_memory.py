"""Theorems 1 to 4 as experiments: what processes and impulse weights of each cell do.

Left: local Whittle on simulated processes of random networks rejects d = 0 at its nominal 5%.
Right: weights of linear networks; slope -(d + 1) for MRNNF, exponential for RNN.

    python examples/network_memory.py           # 50 networks of 20,000 observations a cell
    python examples/network_memory.py --quick   # 10 of 2,000
"""

from __future__ import annotations

import argparse

import numpy as np

import memtools as mt
from memtools import networks


def rejections(cell, n_networks, n_obs):
    """Share of networks whose process local Whittle says has d other than 0, and the mean d."""
    found = []
    for seed in range(n_networks):
        network = cell.initialise(1, 1, 1, rng=seed)
        found.append(mt.local_whittle(mt.simulate_network(network, n_obs, rng=1000 + seed)))
    rejected = np.mean([estimate.test(0.0).pvalue < 0.05 for estimate in found])
    return rejected, np.mean([estimate.d for estimate in found])


def mrnnf(d, filter_length):
    lane = {"weight_mm": [[0.3]], "weight_fm": [[1.0]], "weight_hh": [[0.5]], "weight_xh": [[1.0]]}
    read_out = {"weight_hz": [[0.2]], "weight_mz": [[1.0]], "bias_z": [0.0]}
    biases = {"bias_m": [0.0], "bias_h": [0.0], "bias_d": [np.log(2.0 * d / (1.0 - 2.0 * d))]}
    options = {"filter_length": filter_length, "fixed_d": True, "activation": "identity"}
    return networks.MRNN({**lane, **read_out, **biases}, **options)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    n_networks, n_obs = (10, 2000) if quick else (50, 20000)
    print("Theorem 1, corollaries: share of rejections of d = 0 at 5%, mean estimate")
    for cell in (networks.RNN, networks.LSTM, networks.GRU):
        share, mean = rejections(cell, n_networks, n_obs)
        print(f"  {cell.__name__:5} {share:6.1%} {mean:8.4f}")
    print("Theorem 2: spectral radius and verdict of linear RNNs")
    for size in (0.5, 1.5):
        network = networks.RNN.initialise(1, 3, 1, rng=0, activation="identity")
        params = {key: size * value for key, value in network.params.items()}
        report = mt.ergodicity(network.replace(params))
        print(f"  {report.bound:.3f} {report.verdict}")
    print("Theorem 3: slope of log|A_k| on log k, lags 200 to 1000, and -(d + 1)")
    k = np.arange(200, 1001)
    for d in (0.1, 0.25, 0.4):
        weights = mt.impulse_weights(mrnnf(d, 2000), n_lags=1000).values[200:, 0, 0]
        slope = np.polyfit(np.log(k), np.log(np.abs(weights)), 1)[0]
        print(f"  {slope:.4f} {-(d + 1.0):.4f}")
    print("A filter cut at K = 80, d = 0.3:")
    weights = mt.impulse_weights(mrnnf(0.3, 80), n_lags=200).values[:, 0, 0]
    print(mt.classify_decay(weights).summary())


if __name__ == "__main__":
    main()
