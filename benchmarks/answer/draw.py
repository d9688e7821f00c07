"""Evidences of many drawn series, saved for training: python draw.py worlds out.npz reps seed."""

import importlib
import sys
import time
import zlib

import numpy as np

from memtools.worlds.candidates import Options, candidates_of
from memtools.worlds.evidences import evidences_of

FIXED = (256, 512, 1024, 2048)


def main():
    module, out, reps, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    only = [int(v) for v in sys.argv[5].split(",")] if len(sys.argv) > 5 else None
    worlds = importlib.import_module(module).WORLDS
    rows, kinds, names, ns, ds, keys = [], [], [], [], [], None
    start = time.time()
    for name, (kind, draw) in worlds.items():
        for i in range(reps):
            rng = np.random.default_rng([seed, zlib.crc32(name.encode()), i])
            if only:
                n = only[i % len(only)]
            elif i % 2:
                n = FIXED[(i // 2) % 4]
            else:
                n = int(np.exp(rng.uniform(np.log(64), np.log(10_000))))
                n = int(n / 2 ** rng.integers(0, 2)) if n > 4000 else n
                n = max(64, round(n / 32) * 32)  # few lengths: tables are made once a length
            x, d = draw(rng, n)
            while len(np.unique(x)) < 2:
                x, d = draw(rng, n)
            found = evidences_of(candidates_of(x, Options()))
            keys = list(found)
            rows.append(list(found.values()))
            kinds.append(kind), names.append(name), ns.append(n), ds.append(d)
        print(name, len(rows), round(time.time() - start), flush=True)
    np.savez(out, X=np.array(rows, dtype=np.float32), kind=kinds, name=names, n=ns, d=ds, keys=keys)


main()
