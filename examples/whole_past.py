"""(1 - B)^d without an end: how well few exponentials hold it, and a task where a cut must fail.

    python examples/whole_past.py [--quick] [--figure FILE]

The first table has the largest relative error of w_j(d) over lags 1 to 1e6 and |d| <= 1/2.  The
second has an MRNNF that is to learn the filter of inputs which hold a level for 5,000 steps, plus
noise: the weights beyond lag 100 (d = 0.25) still sum to a fifth, which a filter cut at K = 100
does not see.  What it must miss at the true d is computed beside it.  Learnt are d, gain and
constant alone, since a recurrence beside the filter would take over part of what is cut.
"""

from __future__ import annotations

import argparse
import math
from typing import Any

import numpy as np
from scipy.optimize import minimize

import memtools as mt
from memtools import networks
from memtools.fractional import exponential_modes

D, NOISE, HOLD, K = 0.25, 0.05, 5000, 100
ORDERS = (-0.49, -0.25, 0.0, 0.25, 0.49)
NUMBERS = (5, 8, 12, 16, 20, 24, 28, 32, 36, 40)


def errors() -> dict[int, float]:
    """Largest relative error by the number of modes."""
    return {n: max(exponential_modes(n).relative_error(d) for d in ORDERS) for n in NUMBERS}


def levels(n_steps: int, rng: np.random.Generator) -> np.ndarray:
    """Levels of either sign, held for 5,000 steps each."""
    n_levels = -(-n_steps // HOLD)
    signs = np.resize([1.0, -1.0], n_levels)
    return np.repeat(signs * rng.uniform(0.5, 1.5, n_levels), HOLD)[:n_steps]


def filter_alone(filter_length: float) -> networks.MRNN:
    """An MRNNF without recurrence: gain times filter, plus a constant."""
    options = {"filter_length": filter_length, "fixed_d": True, "activation": "identity"}
    drawn = networks.MRNN.initialise(1, 1, 1, rng=0, **options)
    params = {name: np.zeros_like(value) for name, value in drawn.params.items()}
    return drawn.replace(params | {"weight_fm": [[1.0]], "weight_mz": [[1.0]]})


def learnt(network: networks.MRNN, x: np.ndarray, y: np.ndarray) -> networks.MRNN:
    """d, gain and constant of least squares, by L-BFGS on the exact gradient."""
    names = ("bias_d", "weight_mz", "bias_z")

    def at(theta: np.ndarray) -> networks.MRNN:
        new = {n: np.full_like(network.params[n], t) for n, t in zip(names, theta, strict=True)}
        return network.replace(network.params | new)

    def objective(theta: np.ndarray) -> tuple[float, list[float]]:
        loss, gradient = networks.loss_and_gradient(at(theta), x, y)
        return loss, [float(gradient[name].sum()) for name in names]

    start = [network.params[name].item() for name in names]
    return at(minimize(objective, start, jac=True, method="L-BFGS-B", tol=1e-12).x)


def task(n_steps: int, seed: int = 7) -> dict[str, tuple[float, float]]:
    """Root mean square error on later data, and d, of each filter."""
    rng = np.random.default_rng(seed)
    x = levels(2 * n_steps, rng)
    w = -mt.fracdiff_weights(D, len(x))[1:]
    y = -np.convolve(x, w)[: len(x)] + NOISE * rng.standard_normal(len(x))
    beyond = -np.convolve(x, np.where(np.arange(len(w)) < K, 0.0, w))[n_steps : len(x)]
    missed = float(np.sqrt(NOISE**2 + np.mean(beyond**2)))
    found = {f"cut at {K}, computed": (missed, D)}
    truth = {"bias_d": [math.log(2.0 * D / (1.0 - 2.0 * D))], "weight_mz": [[1.0]]}
    for label, length in (("whole past, learnt", math.inf), (f"cut at {K}, learnt", K)):
        network = learnt(filter_alone(length), x[:n_steps], y[:n_steps])
        found[label] = error(network, x, y, n_steps), float(network.d[0])
    true = filter_alone(K)
    found[f"cut at {K}, the true d"] = error(true.replace(true.params | truth), x, y, n_steps), D
    return found


def error(network: networks.MRNN, x: np.ndarray, y: np.ndarray, first: int) -> float:
    z, _ = network.forward(x[:, np.newaxis])
    return float(np.sqrt(np.mean((z[first:, 0] - y[first:]) ** 2)))


def draw(path: str) -> None:
    """Errors over the lags and over the number of modes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.0, 3.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    lags = np.unique(np.geomspace(1.0, 1e7, 1500).round())
    for n in (8, 16, 24, 36):
        modes: Any = exponential_modes(n)
        worst = np.zeros(len(lags))
        for d in (-0.49, 0.25, 0.49):
            w = np.abs(mt.fracdiff_weights(d, int(lags[-1])))[lags.astype(int)]
            worst = np.maximum(worst, np.abs(np.abs(modes.approximation(d, lags)) / w - 1.0))
        left.loglog(lags, worst, label=f"{n} modes")
    left.axvline(1e6, color="0.6", linestyle=":")
    left.set(xlabel="Lag", ylabel="Relative error of $w_j(d)$, |d| up to 0.49", ylim=(1e-13, 2.0))
    left.legend(loc="lower right")
    found = errors()
    right.semilogy([*found], [*found.values()], marker="o")
    right.axhline(1e-6, color="0.6", linestyle=":")
    right.set(xlabel="Number of modes", ylabel="Largest relative error, lags 1 to 1e6")
    figure.savefig(path, dpi=80)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="20,000 steps instead of 100,000")
    parser.add_argument("--figure", help="draw the errors into this file")
    options = parser.parse_args()
    print(f"{'modes':>10} {'largest relative error':>23}")
    for n, largest in errors().items():
        print(f"{n:10d} {largest:23.1e}")
    print(f"\n{'filter':>24} {'error / noise':>14} {'d':>7}")
    for label, (missed, d) in task(20_000 if options.quick else 100_000).items():
        print(f"{label:>24} {missed / NOISE:14.3f} {d:7.4f}")
    if options.figure:
        draw(options.figure)


if __name__ == "__main__":
    main()
