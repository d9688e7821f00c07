"""How often mean_breaks keeps breaks where there are none, and finds those that there are.

    python benchmarks/measure_breaks.py [--n-obs 250 500 2000] [--paths 100] [--seed 4]
                                        [--costs [level or trend]]

Prints a Markdown table.  Level shifts, at most five: none; of a third of the paths one by two
standard deviations in the middle, and up and down by three after each third.  Found is the right
number and all dates within 5% of the length.  With --costs instead: the 95% quantile of the largest
gain in -2 log L a break where there is none, the share of paths with an AR part in the model, and
the mean of its d; the constants of memtools/inference/mean_segments.py are from seeds 71 to 91.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np

import memtools as mt
from memtools.inference.mean_segments import fits

P = mt.ARFIMAProcess
NOISE = {
    "white noise": P(),
    "d 0.2": P(d=0.2),
    "d 0.4": P(d=0.4),
    "AR 0.8": P([0.8]),
    "MA 0.5": P(ma=[0.5]),
    "d 0.3, AR 0.4": P([0.4], 0.3),
    "d 0.3, MA 0.5": P(d=0.3, ma=[0.5]),
}
MOST = 5
SHIFTS: dict[str, tuple[float, tuple[float, ...]]] = {
    "seen where there is none": (0.0, ()),
    "one shift by 2 sd found": (2.0, (1 / 2,)),
    "two shifts by 3 sd found": (3.0, (1 / 3, 2 / 3)),
}


def shares(name: str, n_obs: int, options: argparse.Namespace) -> list[str]:
    paths = mt.simulate(NOISE[name], n_obs, options.paths, options.seed)
    sd = float(np.sqrt(NOISE[name].autocovariance(0)[0]))
    found = []
    for size, places in SHIFTS.values():
        at = [round(place * n_obs) for place in places]
        level = size * sd * (np.searchsorted(at, np.arange(n_obs), side="right") % 2)
        few = paths if not at else paths[: -(-options.paths // 3)]
        seen = [mt.mean_breaks(x + level, max_breaks=MOST).positions for x in few]
        right = [
            len(s) == len(at) and np.abs(np.subtract(s, at)).max() < 0.05 * n_obs if at else s != ()
            for s in seen
        ]
        found.append(f"{100 * np.mean(right):.0f}%")
    return found


def costs(name: str, n_obs: int, options: argparse.Namespace) -> list[str]:
    gains, orders, d = [], [], []
    for x in mt.simulate(NOISE[name], n_obs, options.paths, options.seed):
        order, rows = fits(x, options.costs, MOST)
        gains.append(max((rows[0][1] - value) / len(at) for at, value, *_ in rows[1:]))
        orders.append(order[0])
        d.append(rows[0][2])
    return [f"{np.quantile(gains, 0.95):.1f}", f"{np.mean(orders):.0%}", f"{np.mean(d):.2f}"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n-obs", type=int, nargs="*", default=[250, 500, 2000])
    parser.add_argument("--paths", type=int, default=100)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--costs", nargs="?", const="level", choices=("level", "trend"))
    options = parser.parse_args()
    heads = ["gain of a break, 95%", "with AR", "d"] if options.costs else [*SHIFTS]
    row: Callable[..., list[str]] = costs if options.costs else shares
    print(f"{options.paths} paths a cell, seed {options.seed}\n")
    print("| process | n |", " | ".join(heads), "|")
    print("|---|---|" + "---|" * len(heads))
    for n_obs in options.n_obs:
        for name in NOISE:
            print(f"| {name} | {n_obs} |", " | ".join(row(name, n_obs, options)), "|", flush=True)


if __name__ == "__main__":
    main()
