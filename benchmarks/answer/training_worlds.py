"""The worlds on which the weights of the evidences and the thresholds are trained.

A world is a class, and a draw (rng, n) -> (series, its d or nan).  Parameters are drawn anew for
each series.  This file gathers those of all others but the evaluation worlds.
"""

import evaluated_worlds
import former_worlds
import further_worlds
import slow_worlds
import training_far
import training_long
import training_mimics
import training_short
from blocks import Worlds

PARTS = (
    training_short, slow_worlds, training_mimics, training_long, training_far,
    further_worlds, former_worlds, evaluated_worlds,
)  # fmt: skip
# Drawn up to judge, and worlds for training since they were looked at.
JUDGED = frozenset(former_worlds.WORLDS) | frozenset(evaluated_worlds.WORLDS)

WORLDS = Worlds()
for part in PARTS:
    for name, (kind, draw) in part.WORLDS.items():
        if part is slow_worlds and kind == "long":
            continue  # drawn with them alone
        WORLDS.add("slow" if name in slow_worlds.NAMES else kind, name, draw)
