"""How long do the units of an LSTM keep, and which power law do they imitate together?

Language has a power law of forgetting, and Mahto et al. (2021) give an LSTM one by drawing the time
constants T of its units from an inverse gamma law of shape 0.56: each unit forgets exponentially,
their mean like k^-0.56.  This does so with 1,150 units (their second layer), PyTorch's initial
LSTM and the chrono initialisation (T uniform up to 200) beside it, and reads T back from the gates.

    python examples/time_constants.py                         # prints, and draws time_constants.png
    python examples/time_constants.py --quick                 # fewer units, no picture
    python examples/time_constants.py model.pt another.safetensors
"""

from __future__ import annotations

import argparse

import numpy as np

import memtools as mt
from memtools import networks

SHAPE, SCALE = 0.56, 1.0


def lstm(n_units, time_constants=None):
    """An initial LSTM, its forget biases set so that its units have these time constants."""
    network = networks.LSTM.initialise(8, n_units, rng=0)
    if time_constants is None:
        return network
    params = {name: values.copy() for name, values in network.params.items()}
    forget = slice(n_units, 2 * n_units)
    params["bias_ih"][forget] = -np.log(np.expm1(1.0 / time_constants))  # s(b)^k = exp(-k / T)
    params["bias_hh"][forget] = 0.0
    return networks.LSTM(params)


def own_networks(n_units):
    rng = np.random.default_rng(1)
    drawn = 1.0 / rng.gamma(SHAPE, 1.0 / SCALE, n_units)
    return {
        "PyTorch's initial LSTM": lstm(n_units),
        "chrono, T up to 200": lstm(n_units, rng.uniform(1.0, 199.0, n_units)),
        "inverse gamma, shape 0.56": lstm(n_units, np.clip(drawn, 0.2, 1e6)),
    }


def draw(found, path):
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(found), figsize=(4.5 * len(found), 4.2), squeeze=False)
    for ax, (name, constants) in zip(axes[0], found.items(), strict=True):
        mt.plotting.plot_time_constants(constants, ax=ax)
        ax.set_title(name)
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    print(f"drawn: {path}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("files", nargs="*", help="files of trained networks, in place of the three")
    parser.add_argument("--quick", action="store_true", help="400 units, no picture")
    parser.add_argument("--out", default="time_constants.png")
    options = parser.parse_args()
    read = {path: networks.load(path) for path in options.files}
    chosen = read or own_networks(400 if options.quick else 1150)
    found = {name: mt.time_constants(network) for name, network in chosen.items()}
    for name, constants in found.items():
        print(f"{name}\n{constants.summary()}\n")
    if not options.quick:
        draw(found, options.out)


if __name__ == "__main__":
    main()
