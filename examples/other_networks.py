"""The memory filter in a GRU, a minimal GRU, a state space and a convolution: what weights tell.

    python examples/other_networks.py [--quick] [--figure FILE]

Left: impulse weights of the linear networks with the whole past, d = 0.3, beside the laws that
are proved, k^-(1 - d) for what is integrated and k^-(1 + d) for what reads the filter or is fed
back.  Right: an MGRU, cut at K = 100, whose feedback is below and above the border where it grows.
Printed: the rate between the last two octaves of lags, and what diagnose says.
"""

from __future__ import annotations

import argparse
import math

import numpy as np

import memtools as mt
from memtools import networks

D, K = 0.3, 100
LOGIT = math.log(2.0 * D / (1.0 - 2.0 * D))
BORDER = float(np.prod(1.0 - D / np.arange(1.0, K + 1.0)))


def gru(c: float, filter_length: float = math.inf) -> networks.MGRU:
    """h = (1 - B)^-d (x_t + c h_{t-1}): gates of one half, candidate without activation."""
    params = {
        "weight_ih": [[0.0], [0.0], [2.0]],
        "weight_hh": [[0.0], [0.0], [4.0 * c]],
        "bias": np.zeros(3),
        "bias_n": [0.0],
        "bias_d": [LOGIT],
    }
    return networks.MGRU(params, filter_length=filter_length, activation="identity")


def minimal() -> networks.MMinimalGRU:
    params = {"weight_update": [[0.0]], "bias_update": [0.0], "bias_d": [LOGIT]}
    params |= {"weight_candidate": [[2.0]], "bias_candidate": [0.0]}
    return networks.MMinimalGRU(params, filter_length=math.inf, activation="identity")


def reading(kind: type[networks.Cell]) -> networks.Cell:
    """Drawn, with no activation; units of a state space keep their state for four steps."""
    network = kind.initialise(1, 3, 1, rng=4, filter_length=math.inf, activation="identity")
    known = {"bias_d": [LOGIT], "bias_rate": np.full(3, -math.log(4.0))}
    return network.replace({k: known.get(k, value) for k, value in network.params.items()})


def uncut() -> dict[str, networks.Cell]:
    return {
        "MMinimalGRU": minimal(),
        "MGRU, c = 0": gru(0.0),
        "MGRU, c = -0.2": gru(-0.2),
        "MGRU, c = -1": gru(-1.0),
        "FractionalStateSpace": reading(networks.FractionalStateSpace),
        "FractionalConvolution": reading(networks.FractionalConvolution),
    }


def study(n_lags: int) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Impulse weights of the uncut networks, and of the cut MGRU about the border."""
    lasting = {name: weights_of(network, n_lags) for name, network in uncut().items()}
    shares = (0.5, 0.95, 1.05, 1.2)
    growing = {f"c = {share:g} of the border": weights_of(gru(share * BORDER, K), 1000)
               for share in shares}  # fmt: skip
    return lasting, growing


def weights_of(network: networks.Cell, n_lags: int) -> np.ndarray:
    return mt.impulse_weights(network, n_lags=n_lags).values[:, 0, 0]


def rate(weights: np.ndarray) -> float:
    """Of k^-rate over the last octave."""
    n = len(weights) - 1
    return float(-np.log2(abs(weights[n] / weights[n // 2])))


def draw(lasting: dict[str, np.ndarray], growing: dict[str, np.ndarray], path: str) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.0, 4.0), layout="constrained")
    left, right = figure.subplots(1, 2)
    for name, weights in lasting.items():
        lags = np.arange(1, len(weights))
        size = np.abs(weights[1:])
        left.plot(lags, size / size.max(), label=name, linewidth=1.3)
    for power in (D - 1.0, -D - 1.0):
        left.plot(lags, lags**power, color="0.75", linewidth=3.0, zorder=0)
        left.annotate(f"$k^{{{power:.1f}}}$", (lags[-1], lags[-1] ** power), color="0.4")
    left.set(xscale="log", yscale="log", xlabel="Lag $k$", title="Whole past, $d = 0.3$")
    left.set_ylabel("Impulse weight, largest = 1")
    left.set_ylim(bottom=1e-8)
    left.legend(fontsize="small", loc="lower left")
    for name, weights in growing.items():
        right.plot(np.arange(1, len(weights)), np.abs(weights[1:]), label=name, linewidth=1.3)
    right.set(yscale="log", xlabel="Lag $k$", title=f"MGRU cut at $K = {K}$, fed back")
    right.legend(fontsize="small")
    figure.savefig(path, dpi=80)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="500 lags instead of 4,000")
    parser.add_argument("--figure", help="draw the weights into this file")
    arguments = parser.parse_args()
    lasting, growing = study(500 if arguments.quick else 4000)
    print("network                   rate  diagnosed as")
    for name, network in uncut().items():
        report = mt.diagnose(network)
        told = f"{report.verdict}, k^-{report.decay.rate:.3g}"
        print(f"{name:24} {rate(lasting[name]):5.2f}  {told}")
    print(f"\nMGRU cut at K = {K}: border c = {BORDER:.4f}")
    for name, weights in growing.items():
        print(f"{name:24} weight at lag 1,000: {weights[-1]:.3g}")
    if arguments.figure:
        draw(lasting, growing, arguments.figure)


if __name__ == "__main__":
    main()
