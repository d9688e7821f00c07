"""Tables 1 and 2 of Shimotsu and Phillips (2005), theirs and ours side by side.

    python examples/published_monte_carlo.py [--paths 10000] [--quick]

Bias and standard deviation of four local Whittle estimators on fractional noise that starts at
zero, x_t = (1 - B)^-d u_t for t >= 1, with 500 observations and m = 56.  "z" is the difference of
the two biases in standard errors of simulation (both runs); |z| beyond 3 is marked.  Our search
for the exact estimator ends at d = -3, so that its row of d = -3.5 cannot agree.
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path

import numpy as np

import memtools as mt

PUBLISHED = Path(__file__).parent.parent / "tests" / "golden" / "published_monte_carlo.json"
N_PUBLISHED = 10_000
# name of a column in the published tables -> how we compute it
ESTIMATORS = {
    "exact_local_whittle": lambda x, m: mt.exact_local_whittle(x, m, mean="zero"),
    "local_whittle, untapered": lambda x, m: mt.local_whittle(x, m),
    "local_whittle, Hurvich-Chen taper": lambda x, m: mt.local_whittle(x, m, taper="hc"),
    "local_whittle, Velasco taper": lambda x, m: mt.local_whittle(x, m, taper="bartlett"),
}


def published_tables() -> list[dict]:
    tables = json.loads(PUBLISHED.read_text())["values"]
    return [table for table in tables if table["paper"] == "Shimotsu and Phillips (2005)"]


def simulated(name: str, d: float, n_obs: int, m: int, n_paths: int) -> np.ndarray:
    """Estimates minus d over paths; every estimator sees the same paths."""
    noise = np.random.default_rng(20050801).standard_normal((n_paths, n_obs))
    paths = mt.fracint(noise, d)
    return np.array([ESTIMATORS[name](path, m).d - d for path in paths])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--paths", type=int, default=N_PUBLISHED, help="replications")
    parser.add_argument("--quick", action="store_true", help="100 replications, four values of d")
    options = parser.parse_args()
    n_paths = 100 if options.quick else options.paths
    for table in published_tables():
        print(f"\nTable {table['table']}: {table['estimator']} ({n_paths} replications)")
        print("     d |  bias: paper     ours      z |    sd: paper    ours")
        rows = table["rows"][3:11:2] if options.quick else table["rows"]
        for d, bias, sd, _ in rows:
            errors = simulated(table["estimator"], d, table["n"], table["m"], n_paths)
            spread = math.sqrt(sd**2 / N_PUBLISHED + errors.var(ddof=1) / n_paths)
            z = (errors.mean() - bias) / spread
            mark = "  <--" if abs(z) > 3.0 else ""
            print(
                f"  {d:4.1f} | {bias:12.4f} {errors.mean():8.4f} {z:6.1f} |"
                f" {sd:12.4f} {errors.std(ddof=1):7.4f}{mark}"
            )


if __name__ == "__main__":
    main()
