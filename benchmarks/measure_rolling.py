"""How often rolling_memory raises an alarm: d constant, d constant and a shift, a change of d.

    python benchmarks/measure_rolling.py [--n-obs 500] [--paths 100] [--seed 14] [--only WORD ...]

Prints a Markdown table; shifts and changes are in the middle, shifts by one standard deviation.
"""

from __future__ import annotations

import argparse

import numpy as np

import memtools as mt

P = mt.ARFIMAProcess
CONSTANT = {
    "white noise": P(),
    "AR 0.8": P([0.8]),
    "MA 0.5": P(ma=[0.5]),
    "d 0.4": P(d=0.4),
    "d 0.3, AR 0.4": P([0.4], 0.3),
}
SHIFTED = {"white noise, a shift": P(), "d 0.2, a shift": P(d=0.2), "d 0.4, a shift": P(d=0.4)}
CHANGED = {"d from 0 to 0.45": (P(), P(d=0.45))}


def paths(name: str, n_obs: int, n_paths: int, rng: np.random.Generator) -> np.ndarray:
    half = n_obs // 2
    if name in CHANGED:
        before, after = CHANGED[name]
        parts = (before, half), (after, n_obs - half)
        return np.concatenate([mt.simulate(p, n, n_paths, rng) for p, n in parts], axis=1)
    process = (CONSTANT | SHIFTED)[name]
    x = mt.simulate(process, n_obs, n_paths, rng)
    if name in SHIFTED:
        x[:, half:] += np.sqrt(process.autocovariance(0)[0])
    return x


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n-obs", type=int, default=500)
    parser.add_argument("--paths", type=int, default=100)
    parser.add_argument("--seed", type=int, default=14)
    parser.add_argument("--only", nargs="*", default=[""])
    options = parser.parse_args()
    print(f"n = {options.n_obs}, {options.paths} paths, seed {options.seed}\n")
    print("| process | with an alarm |\n|---|---|")
    for name in {**CONSTANT, **SHIFTED, **CHANGED}:
        if any(word in name for word in options.only):
            rng = np.random.default_rng(options.seed)
            rows = paths(name, options.n_obs, options.paths, rng)
            share = np.mean([mt.rolling_memory(x).alarms.any() for x in rows])
            print(f"| {name} | {share:.1%} |", flush=True)


if __name__ == "__main__":
    main()
