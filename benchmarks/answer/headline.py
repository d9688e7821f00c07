"""The headline d on the 33-cell design of the public referee: error and coverage.

python headline.py 60        paths a cell
"""

import sys

import numpy as np
from blocks import arma, fgn, fraction

from memtools.worlds import weigh

CELLS = {
    "fGn": [(h - 0.5, lambda rng, n, d: fgn(rng, n, d + 0.5)) for h in (0.25, 0.5, 0.75, 0.85)],
    "ARFIMA(0, d, 0)": [(d, fraction) for d in (-0.25, 0.0, 0.25)],
    "AR(1)": [
        (0.0, lambda rng, n, d, phi=phi: arma(rng, n, [phi])) for phi in (-0.5, 0.5, 0.8, 0.95)
    ],
}


def main():
    reps = int(sys.argv[1])
    for family, cells in CELLS.items():
        errors, covered = [], []
        for c, (d, draw) in enumerate(cells):
            for n in (512, 1024, 2048):
                mine = []
                for i in range(reps):
                    found = weigh(draw(np.random.default_rng([77, len(family), c, n, i]), n, d))
                    low, high = found.interval(0.95)
                    mine.append((abs(found.d - d), low <= d <= high, high - low))
                errors += [m[0] for m in mine]
                covered += [m[1] for m in mine]
                print(family, c, n, np.round(np.mean(mine, axis=0), 3), flush=True)
        print(f"{family}: error {np.mean(errors):.4f}, coverage {np.mean(covered):.3f}")


main()
