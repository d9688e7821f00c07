"""How often the intervals of network forecasts hold the value: python network_forecasts.py."""

import argparse
import itertools

import numpy as np

import memtools as mt
from memtools import networks
from memtools.networks.registry import cell_named

STEPS, LEVELS, AHEAD = 20, (0.8, 0.95), (1, 5, 20)
KINDS = ("simulation", "conformal")
PROCESSES = {
    "ARFIMA(0, 0.4, 0)": (mt.ARFIMAProcess(d=0.4), "normal"),
    "AR(1), 0.8": (mt.ARFIMAProcess(ar=[0.8]), "normal"),
    "ARFIMA(1, 0.3, 0), t(4) noise": (mt.ARFIMAProcess(ar=[0.5], d=0.3), "t"),
}


def series(process, noise, n_obs, rng):
    """Gaussian noise, or Student's with 4 degrees of freedom."""
    if noise == "normal":
        return mt.simulate(process, n_obs, rng=rng)
    shocks = rng.standard_t(4, 2 * n_obs)
    return mt.simulate(process, n_obs, innovations=shocks, method="filter")


def trained(x, seed, cell="MRNNF"):
    """As memtools train --cell auto does it, on the values up to the forecasts."""
    low, high = x.min(), x.max()
    scaled = (x - low) / (high - low)
    n_train = int(0.8 * (len(x) - 1))
    kind, more = cell_named(cell)
    start = kind.initialise(1, 1, 1, rng=seed, filter_length=100, **more)
    held_out = scaled[n_train:-1], scaled[n_train + 1 :]
    result = mt.train(
        start, scaled[:n_train], scaled[1 : n_train + 1], held_out, optimizer="lbfgs", n_epochs=200
    )
    result.network.scale, result.network.protocol = (low, high), {"n_train": n_train}
    return result.network


def covered(process, noise, n_obs, n_paths, cell):
    """Shares (kinds of intervals, levels, steps ahead) of values inside."""
    inside = np.zeros((n_paths, len(KINDS), len(LEVELS), len(AHEAD)))
    for i in range(n_paths):
        x = series(process, noise, n_obs + STEPS, np.random.default_rng([2026, n_obs, i]))
        network = trained(x[:n_obs], i, cell)
        for k, kind in enumerate(KINDS):
            future = networks.forecast(network, x[:n_obs], STEPS, intervals=kind, rng=i)
            for j, level in enumerate(LEVELS):
                low, high = future.confidence_interval(level)
                held = (low <= x[n_obs:]) & (x[n_obs:] <= high)
                inside[i, k, j] = held[np.array(AHEAD) - 1]
    return inside.mean(axis=0)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--paths", type=int, default=400)
    parser.add_argument("--n-obs", type=int, nargs="+", default=[500, 2000])
    parser.add_argument("--cells", nargs="+", default=["MRNNF"])
    parser.add_argument("--processes", nargs="+", default=[*PROCESSES], choices=[*PROCESSES])
    options = parser.parse_args()
    print(f"{options.paths} series a row; shares of values inside, 1, 5 and 20 steps ahead")
    print(
        f"{'cell':21} {'process':30} {'n':>5} {'intervals':10}  {'80%':^17}  {'95%':^17}",
        flush=True,
    )
    for cell, name, n_obs in itertools.product(options.cells, options.processes, options.n_obs):
        shares = covered(*PROCESSES[name], n_obs, options.paths, cell)
        for kind, levels in zip(KINDS, shares, strict=True):
            shown = "  ".join(" ".join(f"{100 * s:5.1f}" for s in row) for row in levels)
            print(f"{cell:21} {name:30} {n_obs:5} {kind:10}  {shown}", flush=True)


if __name__ == "__main__":
    main()
