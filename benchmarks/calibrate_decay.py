"""Which thresholds of classify_decay balance wrong and undecided verdicts?

Each threshold of `memtools/decay` is set to some values around its own, the others as they are,
and the kinds of decay_kinds.py are classified: shares that are wrong and undecided.  Seeds below
100 are for this; the tables in the guide are of other seeds.

    python benchmarks/calibrate_decay.py                    # 10 of each kind, seed 60
    python benchmarks/calibrate_decay.py --each 40 --seed 61 --only _MARGIN,_HOPE
"""

from __future__ import annotations

import argparse
from unittest import mock

from decay_kinds import KINDS
from decay_laws import OUTCOMES, study

# module, threshold, values; the one in use is read from the module
THRESHOLDS = (
    ("verdict", "_MARGIN", (0.0, 1.5, 6.0, 12.0)),
    ("verdict", "_FEW_LAGS", (0.0, 40.0, 160.0)),
    ("verdict", "_ROUGH_MARGIN", (0.0, 3.0, 12.0)),
    ("verdict", "_WORST", (0.1, 0.2, 0.5)),
    ("verdict", "_LEAST_SEEN", (6, 9, 18)),
    ("board", "_HOPELESS", (3.0, 6.0, 24.0)),
    ("cut_laws", "_BEND", (4.0, 16.0)),
    ("cut_laws", "_MISFIT", (10.0, 160.0)),
    ("selection", "_FITTED", (2.5, 250.0)),
    ("selection", "_ROUGH", (200.0, 20000.0)),
    ("law_fits", "_HOPE", (0.1, 0.6)),
    ("law_fits", "_MOST_TURNS", (1, 6)),
    ("mode_laws", "_DOMINANT", (0.005, 0.1)),
)
EVALUATED = 100  # seeds from here on are for evaluation


def shares(each, seed):
    """Percent wrong of those decided, and undecided."""
    counts = study(KINDS, each, seed)
    total = {name: sum(c for (_, key), c in counts.items() if key == name) for name in OUTCOMES}
    decided = max(total["right"] + total["wrong"], 1)
    return 100.0 * total["wrong"] / decided, 100.0 * total["undecided"] / sum(total.values())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--each", type=int, default=10)
    parser.add_argument("--seed", type=int, default=60)
    parser.add_argument("--only", default="", help="names of thresholds, by commas")
    options = parser.parse_args()
    if options.seed >= EVALUATED:
        parser.error(f"seeds of {EVALUATED} and more are for evaluation")
    wanted = options.only.split(",") if options.only else [name for _, name, _ in THRESHOLDS]
    print("threshold                    value    wrong %  undecided %")
    wrong, undecided = shares(options.each, options.seed)
    print(f"{'all as they are':36}{wrong:9.2f}{undecided:12.2f}", flush=True)
    for module, name, values in THRESHOLDS:
        for value in values if name in wanted else ():
            with mock.patch(f"memtools.decay.{module}.{name}", value):
                wrong, undecided = shares(options.each, options.seed)
            print(f"{module + '.' + name:26}{value:10g}{wrong:9.2f}{undecided:12.2f}", flush=True)


if __name__ == "__main__":
    main()
