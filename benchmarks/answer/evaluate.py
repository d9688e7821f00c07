"""Judge the verdict and the headline d on worlds that nothing was tuned to, once.

python evaluate.py run out.npz 60        rounds of every evaluation world at n = 256, 512, 2048
python evaluate.py show out.npz          the table, whatever it says
"""

import sys
import time
import zlib

import numpy as np
from evaluation_worlds import WORLDS

from memtools.worlds import weigh
from memtools.worlds.scorecard import shipped_rule

LENGTHS = (256, 512, 2048)
SEED = 20_417_733
AR_LIKE = (
    "AR(1), anywhere from 0.8 to 0.98",
    "yesterday and five days ago",
    "day, week, month of 21",
    "AR(1) added up",
    "ARMA, 0.9 and -0.6 within 0.03",
)
CLEAN = ("ARFIMA(0, d, 0)", "fGn", "ARFIMA(0, d, 0), strong")
RIGHT = {
    "short": ("short memory",),
    "mimics": ("spurious", "short memory"),
    "long": ("long memory",),
    "long with more": ("long memory",),
    "nonstationary": ("nonstationary",),
    "antipersistent": ("antipersistent",),
}


def run(out, reps):
    names = ["kind", "name", "n", "d", "verdict", "right", "error_rate", "headline", "low", "high"]
    names += ["evidence"]
    rows, start = [], time.time()
    for i in range(reps):
        for name, (kind, draw) in WORLDS.items():
            for n in LENGTHS:
                rng = np.random.default_rng([SEED, zlib.crc32(name.encode()), n, i])
                x, d = draw(rng, n)
                while len(np.unique(x)) < 2:
                    x, d = draw(rng, n)
                found = weigh(x)
                low, high = found.interval(0.95)
                rows.append(
                    (kind, name, n, d, found.verdict, found.right, found.error_rate, found.d,
                     low, high, found.chances["long memory"])
                )  # fmt: skip
        columns = zip(names, zip(*rows, strict=True), strict=True)
        np.savez(out, **{key: np.array(column) for key, column in columns})
        print(i + 1, len(rows), round(time.time() - start), flush=True)


def verdicts(path):
    """The shipped rule on drawn evidences, as the columns that `show` reads."""
    drawn = np.load(path)
    keys = [str(key) for key in drawn["keys"]]
    card = shipped_rule()
    rows = []
    for values, n in zip(drawn["X"], drawn["n"], strict=True):
        chances = card.chances(dict(zip(keys, values, strict=True)))
        verdict, right = card.verdict(chances, n)
        rate = np.nan if verdict == "undecided" else card.error_rate(verdict, n)
        rows.append((verdict, right, rate))
    columns = dict(zip(("verdict", "right", "error_rate"), zip(*rows, strict=True), strict=True))
    table = {key: np.array(column) for key, column in columns.items()}
    return table | {key: drawn[key] for key in ("kind", "name", "n", "d")}


def class_weights(kinds):
    """Every class counts the same, and within a class every world."""
    weights = np.empty(len(kinds))
    for kind in set(kinds):
        weights[kinds == kind] = 1.0 / (kinds == kind).sum()
    return weights


def show(t):
    right = np.array([v in RIGHT[k] for v, k in zip(t["verdict"], t["kind"], strict=True)])
    decided = t["verdict"] != "undecided"
    loud = np.isin(t["verdict"], ("long memory", "nonstationary"))
    for n in LENGTHS:
        at = t["n"] == n
        w = class_weights(t["kind"]) * at
        share = (w * decided).sum() / w.sum()
        wrong = (w * decided * ~right).sum() / (w * decided).sum()
        mimics = at & (t["kind"] == "mimics")
        alike = at & np.isin(t["name"], AR_LIKE)
        more = at & (t["kind"] == "long with more")
        print(f"n = {n}: decided {share:.3f}, wrong among decided {wrong:.3f}")
        print(f"  mimics called long or nonstationary {loud[mimics].mean():.3f}")
        print(f"  AR-like called long or nonstationary {loud[alike].mean():.3f}", end=" (")
        print(", ".join(f"{k}: {loud[at & (t['name'] == k)].mean():.2f}" for k in AR_LIKE) + ")")
        print(f"  long with more: right or undecided {(right | ~decided)[more].mean():.3f}")
        for least in (0.2, 0.3):
            clean = at & np.isin(t["name"], CLEAN) & (t["d"] >= least)
            found = (t["verdict"] == "long memory")[clean].mean()
            print(f"  clean long memory found, d >= {least}: {found:.3f}")
        for verdict in np.unique(t["verdict"][at & decided]):
            mine = at & (t["verdict"] == verdict)
            share = (w * ~right)[mine].sum() / w[mine].sum()
            print(f"  {verdict}: error_rate {t['error_rate'][mine].mean():.3f}, wrong {share:.3f}"
                  f" of {mine.sum()}")  # fmt: skip
        worst = {k: (decided & ~right)[at & (t["name"] == k)].mean() for k in np.unique(t["name"])}
        worst = sorted(worst.items(), key=lambda item: -item[1])[:12]
        print("  most often wrong:", ", ".join(f"{k} {v:.2f}" for k, v in worst))
        if "low" not in t:
            continue
        known = at & np.isfinite(t["d"])
        covered = (t["low"] <= t["d"]) & (t["d"] <= t["high"])
        kinds = {k: covered[known & (t["name"] == k)].mean() for k in np.unique(t["name"][known])}
        poor = {k: round(float(v), 2) for k, v in kinds.items() if v < 0.85}
        print(f"  95% interval of d covers {covered[known].mean():.3f}; below 0.85: {poor}")


if __name__ == "__main__":
    if sys.argv[1] == "run":
        run(sys.argv[2], int(sys.argv[3]))
    elif sys.argv[1] == "verdicts":
        show(verdicts(sys.argv[2]))
    else:
        show(dict(np.load(sys.argv[2])))
