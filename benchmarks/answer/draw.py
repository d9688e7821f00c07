"""Evidences of many drawn series, saved for training.

python draw.py training_worlds out.npz 16 7         rounds of every kind, and a seed
python draw.py training_worlds out.npz 25 9 slow    of the kinds of one class
python draw.py slow_worlds out.npz 60 11 all 256,512,1024,384,2048,720      of these lengths
"""

import importlib
import sys
import time
import zlib

import numpy as np

from memtools.worlds.candidates import Options, candidates_of
from memtools.worlds.evidences import evidences_of

# One length a round: tables are made once a length.
ROUNDS = (
    512, 2048, 256, 1024, 128, 4096, 384, 1441, 256, 512, 2048, 705, 192, 2880, 96, 8192,
    512, 1024, 256, 2048, 320, 6000, 450, 1700, 160, 600, 2500, 850, 64, 3400, 220, 10_000,
)  # fmt: skip


def main():
    module, out, reps, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    worlds = importlib.import_module(module).WORLDS
    chosen = sys.argv[5] if len(sys.argv) > 5 else "all"
    worlds = {k: pair for k, pair in worlds.items() if chosen in ("all", pair[0])}
    lengths = [int(n) for n in sys.argv[6].split(",")] if len(sys.argv) > 6 else ROUNDS
    rows, kinds, names, ns, ds, keys = [], [], [], [], [], None
    start = time.time()
    for i in range(reps):
        for name, (kind, draw) in worlds.items():
            rng = np.random.default_rng([seed, zlib.crc32(name.encode()), i])
            n = lengths[i % len(lengths)]
            x, d = draw(rng, n)
            while len(np.unique(x)) < 2:
                x, d = draw(rng, n)
            found = evidences_of(candidates_of(x, Options()))
            keys = list(found)
            rows.append(list(found.values()))
            kinds.append(kind), names.append(name), ns.append(n), ds.append(d)
        print(i + 1, len(rows), round(time.time() - start), flush=True)
        table = np.array(rows, dtype=np.float32)
        np.savez(out, X=table, kind=kinds, name=names, n=ns, d=ds, keys=keys)


main()
