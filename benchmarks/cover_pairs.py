"""Size and power of the tests of two series: equal memory of a pair, and cointegrating residuals.

    python benchmarks/cover_pairs.py [--paths 1000] [--seed 43] [--jobs 1] [--out FILE]
        [--only paired_memory residual_cointegration]

Writes benchmarks/measured/paired_memory.csv and residual_cointegration.csv: the share of paths that
each test rejects at 5%, by length.  With --out a run that was cut short goes on where it was.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.ndimage import median_filter
from scipy.signal import lfilter
from scipy.special import expit

import memtools as mt

MEASURED = Path(__file__).parent / "measured"
LENGTHS = (256, 1024, 4096)
# Pairs (n_paths, n_obs, 2) of n_obs, n_paths, generator.
Draw = Callable[[int, int, np.random.Generator], np.ndarray]
Make = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def made_of(make: Make, d: float = 0.35) -> Draw:
    """Series of memory d, a row each, and what is made of them."""

    def draw(n_obs: int, n_paths: int, rng: np.random.Generator) -> np.ndarray:
        x = mt.simulate(mt.ARFIMAProcess(d=d), n_obs, n_paths, rng)
        return np.stack([x, make(x, rng)], axis=-1)

    return draw


def filtered(ar: list[float], ma: list[float] | None = None) -> Make:
    poles = np.append(1.0, -np.array(ar))
    return lambda x, rng: lfilter(ma or [1.0], poles, x, axis=1)


def independent(d: float, ar: tuple[float, ...] = ()) -> Make:
    return lambda x, rng: mt.simulate(mt.ARFIMAProcess(ar=ar, d=d), x.shape[1], len(x), rng)


def noisy(make: Make, scale: float = 1.0) -> Make:
    return lambda x, rng: make(x, rng) + scale * rng.standard_normal(x.shape)


def differenced(d: float, then: Make = lambda x, rng: x) -> Make:
    return lambda x, rng: then(mt.fracdiff(x, d, axis=1), rng)


def network(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A network of twelve tanh units, other weights each time it is asked for."""
    recurrent, inward, outward = rng.standard_normal((12, 12)), *rng.standard_normal((2, 12))
    recurrent *= 0.8 / np.abs(np.linalg.eigvals(recurrent)).max()
    state, outputs = np.zeros((len(x), 12)), np.empty_like(x)
    for t, column in enumerate(x.T):
        state = np.tanh(state @ recurrent.T + np.outer(column, inward))
        outputs[:, t] = state @ outward
    return outputs


def gated(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A leaky unit that opens with its input."""
    outputs = np.empty_like(x)
    state = np.zeros(len(x))
    for t, column in enumerate(x.T):
        gate = expit(column - 1.0)
        state = (1.0 - gate) * state + gate * column
        outputs[:, t] = state
    return outputs


# Pairs by name: whether both have one d, whether the rule was chosen looking at them, the draw.
PAIRS: dict[str, tuple[bool, bool, Draw]] = {
    "independent, d 0.35": (True, True, made_of(independent(0.35))),
    "independent, the second with AR(1) 0.8": (True, True, made_of(independent(0.35, (0.8,)))),
    "tanh": (True, True, made_of(lambda x, rng: np.tanh(x))),
    "mean of the last 5, exactly": (True, True, made_of(filtered([], [0.2] * 5))),
    "AR(1) filter 0.5, exactly": (True, True, made_of(filtered([0.5]))),
    "AR(1) filter 0.8, exactly": (True, True, made_of(filtered([0.8]))),
    "AR(1) filter 0.95, exactly": (True, True, made_of(filtered([0.95]))),
    "MA(1) filter -0.9, exactly": (True, True, made_of(filtered([], [1.0, -0.9]))),
    "AR(1) filter 0.8, exactly, of white noise": (True, True, made_of(filtered([0.8]), d=0.0)),
    "AR(1) filter 0.5 and noise": (True, True, made_of(noisy(filtered([0.5])))),
    "AR(1) filter 0.8 and noise": (True, True, made_of(noisy(filtered([0.8])))),
    "AR(1) filter 0.8 of tanh": (
        True,
        True,
        made_of(lambda x, rng: filtered([0.8])(np.tanh(x), rng)),
    ),
    "noise of twice its scale added": (True, True, made_of(noisy(lambda x, rng: x, 2.0))),
    "white noise of white noise": (True, True, made_of(lambda x, rng: np.tanh(x), d=0.0)),
    "AR(1) filter 0.7, exactly, d 0.2": (True, False, made_of(filtered([0.7]), d=0.2)),
    "leaky integrator 0.97": (True, False, made_of(filtered([0.97], [0.03]))),
    "ARMA(1, 1) filter 0.9, -0.4": (True, False, made_of(filtered([0.9], [1.0, -0.4]))),
    "AR(2) filter of roots 0.9, 0.5": (True, False, made_of(filtered([1.4, -0.45]))),
    "mean of the last 20, exactly": (True, False, made_of(filtered([], [0.05] * 20))),
    "median of 9": (True, False, made_of(lambda x, rng: median_filter(x, (1, 9)))),
    "AR(1) filter 0.9 and a third of its noise": (
        True,
        False,
        made_of(noisy(filtered([0.9], [0.1]), 0.3)),
    ),
    "positive part": (True, False, made_of(lambda x, rng: np.maximum(x, 0.0))),
    "twelve tanh units": (True, False, made_of(network)),
    "a gated unit": (True, False, made_of(gated)),
    "independent, d 0.35 and 0.1": (False, True, made_of(independent(0.1))),
    "difference of order 0.2": (False, True, made_of(differenced(0.2))),
    "white noise added to its difference of order 0.2": (
        False,
        True,
        made_of(differenced(0.2, noisy(lambda x, rng: x))),
    ),
    "AR(1) filter 0.8 of its difference of order 0.3": (
        False,
        True,
        made_of(differenced(0.3, filtered([0.8]))),
    ),
    "tanh of the AR(1) filter 0.6 of its difference of order 0.25": (
        False,
        False,
        made_of(differenced(0.25, lambda x, rng: np.tanh(filtered([0.6])(x, rng)))),
    ),
    "AR(1) filter 0.7 of its integral of order 0.15": (
        False,
        False,
        made_of(differenced(-0.15, filtered([0.7]))),
    ),
    "twelve tanh units on its difference of order 0.3": (
        False,
        False,
        made_of(differenced(0.3, network)),
    ),
    "square: d 0.2": (False, False, made_of(lambda x, rng: x**2)),
}


def regression(d: float, d_error: float, phi: float = 0.0) -> Draw:
    """y = x + error, errors of an AR(1) of this coefficient."""

    def draw(n_obs: int, n_paths: int, rng: np.random.Generator) -> np.ndarray:
        own, error = rng.standard_normal((2, n_paths, n_obs))
        x = mt.fracint(own, d, axis=1)
        error = mt.fracint(lfilter([1.0], [1.0, -phi], error, axis=1), d_error, axis=1)
        return np.stack([x, x + error], axis=-1)

    return draw


# d of the regressor, which is tested, d of the error, AR(1) of the error.
REGRESSIONS: dict[str, tuple[bool, Draw]] = {
    "d 1, error 1": (True, regression(1.0, 1.0)),
    "d 1, error 1 with AR(1) 0.5": (True, regression(1.0, 1.0, 0.5)),
    "d 1, error 1 with AR(1) -0.5": (True, regression(1.0, 1.0, -0.5)),
    "d 1, error 0.8": (False, regression(1.0, 0.8)),
    "d 1, error 0.5": (False, regression(1.0, 0.5)),
    "d 1, error 0": (False, regression(1.0, 0.0)),
}
TESTS = {
    "paired_memory": (lambda pair: mt.paired_memory_test(pair[:, 0], pair[:, 1]), PAIRS),
    "residual_cointegration": (
        lambda pair: mt.residual_cointegration_test(pair[:, 1], pair[:, 0]),
        REGRESSIONS,
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--paths", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=43)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--out")
    parser.add_argument("--only", nargs="*", default=list(TESTS), choices=TESTS)
    options = parser.parse_args()
    for name in options.only:
        test, kinds = TESTS[name]
        rows = []
        for kind, (null, *seen, draw) in kinds.items():
            found = mt.montecarlo.run(
                {name: test},
                {kind: draw},
                LENGTHS,
                options.paths,
                options.seed,
                options.jobs,
                options.out,
            )
            row = {"pair": kind, "one d": "yes" if null else "no"}
            if seen:
                row["seen"] = "yes" if seen[0] else "no"
            row["paths"] = options.paths
            for cell in found.cells:
                row[f"n = {cell.n_obs:,}"] = f"{100.0 * cell.figures['rejected']:.1f}%"
            rows.append(row)
            print(*row.values(), sep=" | ", flush=True)
        with open(MEASURED / f"{name}.csv", "w", newline="") as file:
            writer = csv.DictWriter(file, rows[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    main()
