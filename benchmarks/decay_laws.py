"""Right, wrong, undecided: classify_decay on weights whose law is known.

Every kind over its whole range of parameters, 50 to 2000 lags, without noise and with noise of
1e-6 to 1e-2 (half of it relative to each weight, half to the largest; half of it told).  The
classifier was developed on seeds below 100; the table in the guide is of seed 2026.

    python benchmarks/decay_laws.py                # 60 of each kind
    python benchmarks/decay_laws.py --each 200 --seed 7 --kinds cyclic,delayed
"""

from __future__ import annotations

import argparse
import time
from collections import Counter

import numpy as np
from decay_kinds import KINDS

import memtools as mt

NOISE = (0.0, 0.0, 1e-6, 1e-4, 1e-3, 1e-2)
LENGTHS = (50, 100, 200, 200, 200, 500, 2000)
OUTCOMES = ("right", "wrong", "undecided")


def planted(kind, seed, number, n_lags=None, noisy=True):
    """Weights, their standard errors if told, and what is true of them."""
    rng = np.random.default_rng([seed, number, KINDS.index(kind)])
    n_lags = int(rng.choice(LENGTHS)) if n_lags is None else n_lags
    w, truth = kind(rng, n_lags)
    level, relative, told = rng.choice(NOISE), rng.random() < 0.5, rng.random() < 0.5
    if not noisy or truth["verdict"] == "finite" or truth.get("delay"):
        return w, None, truth  # exact zeros are what these are about
    size = level * (np.abs(w) if relative else np.full(len(w), np.abs(w[1:]).max()))
    return w + size * rng.standard_normal(len(w)), size if told and level else None, truth


def outcome(report, truth, noisy):
    """Verdict, and in exact weights also rate, frequency, delay, end and floor."""
    if report.verdict != truth["verdict"]:
        return "undecided" if report.verdict == "undecided" else "wrong"
    if noisy:
        return "right"
    near = [abs(report.rate - truth["rate"]) <= truth.get("loose", 0.02)] if "rate" in truth else []
    if "frequency" in truth:
        near.append(
            report.frequency is not None and abs(report.frequency - truth["frequency"]) < 0.01
        )
    if "delay" in truth:
        near.append(abs(report.delay - truth["delay"]) <= 1)
    if "crossover_lag" in truth:
        near.append(
            report.crossover_lag is not None
            and abs(report.crossover_lag - truth["crossover_lag"]) <= 1
        )
    if "floor" in truth:
        near.append(report.floor is not None and abs(report.floor - truth["floor"]) < 0.05)
    return "right" if all(near) else "wrong"


def study(kinds, each, seed, n_lags=None, noisy=True, show=False):
    """Counts of (kind, outcome)."""
    counts = Counter()
    for kind in kinds:
        for number in range(each):
            w, noise, truth = planted(kind, seed, number, n_lags, noisy)
            report = mt.classify_decay(w, noise)
            found = outcome(report, truth, noisy)
            counts[kind.__name__, found] += 1
            if show and found != "right":
                print(
                    f"  {kind.__name__} {number} n={len(w) - 1} {found}: {report.verdict} "
                    f"{report.rate:.4g} {truth} {report.evidence[:2]}"
                )
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--each", type=int, default=60)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--lags", type=int, default=None)
    parser.add_argument("--exact", action="store_true", help="no noise; rates are compared too")
    parser.add_argument("--kinds", default="")
    parser.add_argument("--show", action="store_true", help="print each one that is not right")
    options = parser.parse_args()
    wanted = options.kinds.split(",") if options.kinds else [kind.__name__ for kind in KINDS]
    kinds = [kind for kind in KINDS if kind.__name__ in wanted]
    began = time.perf_counter()
    counts = study(kinds, options.each, options.seed, options.lags, not options.exact, options.show)
    print(f"{'kind':20}" + "".join(f"{name:>11}" for name in OUTCOMES))
    for kind in kinds:
        print(
            f"{kind.__name__:20}"
            + "".join(f"{counts[kind.__name__, name]:11d}" for name in OUTCOMES)
        )
    right, wrong, undecided = (
        sum(c for (_, key), c in counts.items() if key == name) for name in OUTCOMES
    )
    print(
        f"wrong {wrong / max(right + wrong, 1):.2%} of decided, undecided "
        f"{undecided / (right + wrong + undecided):.2%}; "
        f"{(time.perf_counter() - began) / (right + wrong + undecided):.4f} s each"
    )


if __name__ == "__main__":
    main()
