"""What memtools train --cell auto finds on a series: python cell_auto.py SERIES... [--cells ...].

A row a series: the winner on the rolling origin, the error of every candidate over the least, and
the test of Diebold and Mariano of the best network against the better linear model.
"""

import argparse

import memtools as mt
from memtools.selection import CANDIDATES, LINEAR

SERIES = ("arfima", "DJI", "traffic", "tree7", "sunspots", "vix", "sp500_abs")


def told(name, cells):
    found = mt.select_network(mt.datasets.load(name), cells, progress=False)
    table, models = found.rmse, [*LINEAR, *cells]
    best = min(cells, key=lambda cell: table[cell])
    errors = " ".join(f"{table[model] / min(table.values()):7.4f}" for model in models)
    statistic, p = found.tests[best]
    print(f"{name:10} {errors}  {found.winner:8} {best:8} {statistic:6.2f} {p:6.3f}", flush=True)
    print(f"  {found.says}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("series", nargs="*", default=SERIES)
    parser.add_argument("--cells", nargs="+", default=list(CANDIDATES))
    options = parser.parse_args()
    names = " ".join(f"{name[:7]:>7}" for name in (*LINEAR, *options.cells))
    print(f"{'series':10} {names}  winner   network       t      p")
    for name in options.series:
        told(name, options.cells)


if __name__ == "__main__":
    main()
