"""Which memory filter finds which memory: six patterns on two series, and their weights.

    python examples/filter_patterns.py [--quick] [--figure FILE]

The first series has seasonal long memory (Gegenbauer, a period of 12), the second is
ARFIMA(0, 0.4, 0).  An MRNNF with each filter is trained on the first two thirds by L-BFGS, from
several starts; told are the error of one-step forecasts of the rest, that of the innovations being
1, and the filter as learnt.
"""

from __future__ import annotations

import argparse
import math

import numpy as np

import memtools as mt
from memtools import networks
from memtools.networks.filter_patterns import PATTERNS

PROCESSES = {
    "period 12": mt.GegenbauerProcess(frequency=2.0 * math.pi / 12.0, d=0.4),
    "ARFIMA(0, 0.4, 0)": mt.ARFIMAProcess(d=0.4),
}
K = 100


def trained(x: np.ndarray, pattern: str, n_starts: int, n_epochs: int) -> networks.MRNN:
    """The best of some starts by the last fifth of the training part."""
    inputs, targets, n = x[:-1], x[1:], int(0.8 * (len(x) - 1))
    found = []
    for seed in range(n_starts):
        options = {"filter_length": K, "filter": pattern, "fixed_d": True}
        start = networks.MRNN.initialise(1, 1, 1, rng=seed, **options)
        held_out = inputs[n:], targets[n:]
        how = {"optimizer": "lbfgs", "n_epochs": n_epochs}
        result = mt.train(start, inputs[:n], targets[:n], held_out, **how)
        found.append((result.history["validation_loss"][result.best_epoch], seed, result.network))
    return min(found)[2]


def study(n_starts: int, n_epochs: int) -> dict[tuple[str, str], tuple[float, networks.MRNN]]:
    """Error of the last third over the innovations', and the network, by series and pattern."""
    found = {}
    for name, process in PROCESSES.items():
        x = mt.simulate(process, 3000, rng=11)
        scaled = (x - x.min()) / (x.max() - x.min())
        first = 2000
        for pattern in PATTERNS:
            network = trained(scaled[:first], pattern, n_starts, n_epochs)
            told = network.forward(scaled[:-1, np.newaxis])[0][first - 1 :, 0]
            errors = (told - scaled[first:]) * (x.max() - x.min())
            found[name, pattern] = float(np.sqrt(np.mean(errors**2))), network
    return found


def weights_of(network: networks.MRNN) -> np.ndarray:
    """Of lags 1..K."""
    return PATTERNS[network.filter].weights(network.params, K)[0]


def draw(found: dict[tuple[str, str], tuple[float, networks.MRNN]], path: str) -> None:
    """The weights of each filter as learnt."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.0, 3.8), layout="constrained")
    lags = np.arange(1, K + 1)
    for axes, name in zip(figure.subplots(1, 2), PROCESSES, strict=True):
        for pattern in PATTERNS:
            weights = weights_of(found[name, pattern][1])
            axes.plot(lags, weights, label=pattern, linewidth=1.2)
        axes.axhline(0.0, color="0.8", linewidth=0.8, zorder=0)
        axes.set(xscale="log", xlabel="Lag", ylabel="Weight of the filter", title=name)
        axes.set_yscale("symlog", linthresh=1e-3)
    axes.legend(loc="lower right", fontsize="small")
    figure.savefig(path, dpi=80)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="two starts, 80 iterations")
    parser.add_argument("--figure", help="draw the weights into this file")
    options = parser.parse_args()
    found = study(*((2, 80) if options.quick else (4, 300)))
    print(f"{'series':18} {'filter':13} {'error':>6}  as learnt")
    for (name, pattern), (error, network) in found.items():
        print(f"{name:18} {pattern:13} {error:6.3f}  {network.law.says}")
    if options.figure:
        draw(found, options.figure)


if __name__ == "__main__":
    main()
