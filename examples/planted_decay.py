"""Is classify_decay right?  Networks whose answer is known, with noise on their weights.

Kinds: linear RNNs (real, complex, near-unit, repeated eigenvalues; full matrices), LSTM and GRU
with constant and varying gates, MRNNF, MLSTMF, ARFIMA weights; d uniform on 0.05..0.45, filters
of 25 to infinitely many lags; noise of 0 and 1e-6 to 1e-2, half of them relative to each weight,
half to the largest.  The classifier was developed on seeds 1 to 5 and 100 to 107; the report below
is on others.

    python examples/planted_decay.py                # 1,000 networks
    python examples/planted_decay.py --quick        # 60
"""

from __future__ import annotations

import argparse
from collections import Counter

import numpy as np

import memtools as mt
from memtools import networks

N_LAGS = 200
NOISE = (0.0, 1e-6, 1e-4, 1e-3, 1e-2)
LENGTHS = (25, 50, 75, 100, 200, 1000)  # of filters; the last sees no end within the lags


def modes(rng, eigenvalues):
    """Weights of a linear RNN with these eigenvalues (and conjugates) and random amplitudes."""
    c = rng.standard_normal(len(eigenvalues))
    if np.iscomplexobj(eigenvalues):
        c = c + 1j * rng.standard_normal(len(eigenvalues))
    return (c * eigenvalues ** np.arange(N_LAGS + 1.0)[:, np.newaxis]).sum(axis=1).real


def real_eigenvalues(rng):
    return modes(rng, rng.uniform(-0.95, 0.97, rng.integers(1, 9)))


def complex_eigenvalues(rng):
    n = rng.integers(1, 5)
    return modes(rng, rng.uniform(0.5, 0.97, n) * np.exp(1j * rng.uniform(0.05, 3.1, n)))


def near_unit_eigenvalue(rng):
    rest = rng.uniform(-0.9, 0.9, rng.integers(0, 6))
    return modes(rng, np.append(rest, rng.uniform(0.98, 0.9995)))


def near_unit_pair(rng):
    size = np.append(rng.uniform(0.3, 0.9, rng.integers(0, 4)), rng.uniform(0.97, 0.999))
    return modes(rng, size * np.exp(1j * rng.uniform(0.02, 3.0, len(size))))


def repeated_eigenvalues(rng):
    """A Jordan block: polynomials of degree r - 1 in k times rho^k."""
    k, r, rho = np.arange(N_LAGS + 1.0), rng.integers(2, 5), rng.uniform(0.3, 0.97)
    return ((1.0 + k[:, np.newaxis]) ** np.arange(r) @ rng.standard_normal(r)) * rho**k


def full_matrix(rng):
    n = rng.integers(4, 33)
    w = rng.standard_normal((n, n))
    w *= rng.uniform(0.6, 0.98) / np.abs(np.linalg.eigvals(w)).max()
    params = {"weight_ih": rng.standard_normal((n, 1)), "weight_hh": w}
    params |= {"bias_ih": np.zeros(n), "bias_hh": np.zeros(n)}
    params |= {"weight_hz": rng.standard_normal((1, n)), "bias_z": [0.0]}
    return closed_form(networks.RNN(params, activation="identity"))


def closed_form(network):
    return mt.impulse_weights(network, n_lags=N_LAGS).values[:, 0, 0]


def gated(rng, cell, block, n_blocks, varying):
    """LSTM or GRU with forget (update) biases of its own; gates constant or not."""
    n = int(rng.integers(1, 5))
    options = {} if varying else {"activation": "identity"}
    network = cell.initialise(1, n, 1, rng=rng, **options)
    params = {key: value.copy() for key, value in network.params.items()}
    rows = slice(block * n, (block + 1) * n)
    params["bias_ih"][rows] = rng.uniform(-1.0, 4.0, n)
    gates = np.ones(n_blocks * n, dtype=bool)
    candidate = slice(2 * n, 3 * n)
    gates[candidate] = False
    if not varying:
        params["weight_ih"][gates] = 0.0
        params["weight_hh"][:] = 0.0
        return closed_form(cell(params, **options))
    x = rng.standard_normal((N_LAGS + 400, 1))
    return mt.impulse_weights(cell(params), x, n_lags=N_LAGS).values[:, 0, 0]


def lstm_constant(rng):
    return gated(rng, networks.LSTM, 1, 4, varying=False)


def lstm_varying(rng):
    return gated(rng, networks.LSTM, 1, 4, varying=True)


def gru_constant(rng):
    return gated(rng, networks.GRU, 1, 3, varying=False)


def gru_varying(rng):
    return gated(rng, networks.GRU, 1, 3, varying=True)


def logit_d(rng):
    d = rng.uniform(0.05, 0.45)
    return np.log(2.0 * d / (1.0 - 2.0 * d))


def mrnnf(rng):
    """Linear MRNNF, one unit a lane; the memory lane no less than a third of the other."""
    w, signs = rng.uniform(-0.7, 0.7, 2), rng.choice([-1.0, 1.0], 2)
    params = {"weight_mm": [[w[0]]], "bias_m": [0.0], "weight_fm": [[1.0]], "bias_h": [0.0]}
    params |= {"weight_hh": [[w[1]]], "weight_xh": [[1.0]], "bias_z": [0.0]}
    params |= {"weight_hz": [[signs[0] * rng.uniform(0.0, 0.3)]], "weight_mz": [[signs[1]]]}
    params["bias_d"] = [logit_d(rng)]
    length = int(rng.choice(LENGTHS))
    options = {"filter_length": length, "fixed_d": True, "activation": "identity"}
    return closed_form(networks.MRNN(params, **options))


def mlstmf(rng):
    """Linear MLSTMF with constant gates."""
    params = {"weight_ih": [[0.0], [1.0], [0.0]], "weight_hh": np.zeros((3, 1))}
    params |= {"bias": rng.standard_normal(3), "bias_d": [logit_d(rng)]}
    length = int(rng.choice(LENGTHS))
    options = {"filter_length": length, "fixed_d": True, "activation": "identity"}
    return closed_form(networks.MLSTM(params, **options))


def arfima(rng):
    """ARFIMA(1, d, 0): its weights on the past (d) or on the noise (-d)."""
    d, phi = rng.choice([-1.0, 1.0]) * rng.uniform(0.05, 0.45), rng.uniform(-0.7, 0.7)
    w = mt.fracdiff_weights(d, N_LAGS)
    return np.convolve(w, phi ** np.arange(N_LAGS + 1.0))[: N_LAGS + 1]


def fractional_noise(rng):
    return mt.fracdiff_weights(rng.uniform(0.05, 0.45), N_LAGS)


KINDS = {
    real_eigenvalues: "exponential",
    complex_eigenvalues: "exponential",
    near_unit_eigenvalue: "exponential",
    near_unit_pair: "exponential",
    repeated_eigenvalues: "exponential",
    full_matrix: "exponential",
    lstm_constant: "exponential",
    lstm_varying: "exponential",
    gru_constant: "exponential",
    gru_varying: "exponential",
    mrnnf: "polynomial",
    mlstmf: "polynomial",
    arfima: "polynomial",
    fractional_noise: "polynomial",
}


def planted(seed, number):
    """Weights with noise, the truth about them, and their kind."""
    rng = np.random.default_rng([seed, number])
    kind = list(KINDS)[number % len(KINDS)]
    weights = kind(rng)
    level, relative = rng.choice(NOISE), rng.random() < 0.5
    size = np.abs(weights) if relative else np.abs(weights[1:]).max()
    noisy = weights + level * size * rng.standard_normal(len(weights))
    return noisy, KINDS[kind], kind.__name__


def study(n_networks, seed):
    """Counts of (kind, outcome), outcome in right, wrong, undecided."""
    counts = Counter()
    for number in range(n_networks):
        weights, truth, kind = planted(seed, number)
        verdict = mt.classify_decay(weights).verdict
        outcome = "right" if verdict == truth else "undecided"
        if verdict not in (truth, "undecided"):
            outcome = "wrong"
        counts[kind, outcome] += 1
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="60 networks instead of 1,000")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--networks", type=int, default=1000)
    arguments = parser.parse_args()
    counts = study(60 if arguments.quick else arguments.networks, arguments.seed)
    outcomes = ("right", "wrong", "undecided")
    print(f"{'kind':22}" + "".join(f"{outcome:>11}" for outcome in outcomes))
    for kind in KINDS:
        row = [counts[kind.__name__, outcome] for outcome in outcomes]
        print(f"{kind.__name__:22}" + "".join(f"{count:11d}" for count in row))
    right, wrong, undecided = (
        sum(count for (_, key), count in counts.items() if key == outcome) for outcome in outcomes
    )
    print(f"right {right / max(right + wrong, 1):.2%} of decided, ", end="")
    print(f"undecided {undecided / (right + wrong + undecided):.2%}")


if __name__ == "__main__":
    main()
