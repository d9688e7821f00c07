"""Time against the length of the series: the estimators, the likelihood, the whole answer.

    OMP_NUM_THREADS=1 python benchmarks/bench_length.py [--quick]

Least processor times.
"""

from __future__ import annotations

import argparse
import time

from _timing import keep

import memtools as mt

WORKS = {
    "gph": (mt.gph, 1_000_000),
    "local_whittle": (mt.local_whittle, 1_000_000),
    "exact_local_whittle": (mt.exact_local_whittle, 1_000_000),
    "detrended_fluctuation": (mt.detrended_fluctuation, 1_000_000),
    "fracdiff": (lambda x: mt.fracdiff(x, 0.4), 1_000_000),
    "ARFIMA(1, d, 0), Whittle": (lambda x: mt.ARFIMA(x, (1, 0)).fit("whittle"), 100_000),
    "estimate": (mt.estimate, 10_000),
}
LENGTHS = (100, 1_000, 10_000, 100_000, 1_000_000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds")
    rounds = 2 if parser.parse_args().quick else 5
    for name, (work, longest) in WORKS.items():
        for n_obs in (n for n in LENGTHS if n <= longest):
            x = mt.simulate(mt.ARFIMAProcess(d=0.3), n_obs, rng=1)
            work(x)
            taken = []
            for _ in range(rounds):
                start = time.process_time()
                work(x)
                taken.append(time.process_time() - start)
            print(f"{name:28} n = {n_obs:9,} {1e3 * min(taken):10.3f} ms", flush=True)
            keep("by length of the series", f"{name}, n = {n_obs:,}", min(taken), x=n_obs, of=name)


if __name__ == "__main__":
    main()
