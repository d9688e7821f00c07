"""Train the rule that turns evidences into a verdict, and its thresholds.

    python draw.py training_worlds drawn.npz 16 7
    python draw.py training_worlds slow.npz 25 9 slow
    python draw.py slow_worlds beside.npz 60 11 all 256,512,1024,384,2048,720
    python train.py drawn.npz slow.npz beside.npz

writes memtools/worlds/scorecard.json (weights) and memtools/worlds/thresholds.json: the chance at
which a verdict is given, how likely a slow autoregression may be beside it, and how often it was
wrong.  Those rest on chances predicted for kinds of series that the weights of that prediction
never saw: an eighth of all kinds is left out at a time.  In them the kinds drawn up to judge count
more than all others, which were drawn up to be hard.
"""

import json
import sys
from datetime import date
from pathlib import Path

import numpy as np
import slow_worlds
from scipy.optimize import minimize
from training_worlds import JUDGED as JUDGED_KINDS

import memtools
from memtools.worlds.scorecard import (
    CLASSES,
    LOUD_VERDICTS,
    PLAIN,
    RIGHT_CLASSES,
    VERDICT_CLASSES,
    transforms,
)

RIDGE = 200.0
FOLDS = 8
# Classes are as frequent as one another, but short and long memory are two each, and memory at a
# cycle is rarer.
SHARES = {"short": 0.6, "slow": 0.4, "long": 0.65, "pure": 0.35, "long at a cycle": 0.25}
LENGTHS = (64, 128, 256, 512, 1024, 2048, 4096, 8192)
# Largest share of wrong verdicts at each of these lengths.
PROMISE = (0.12, 0.1, 0.08, 0.06, 0.05, 0.04, 0.03, 0.03)
# A single verdict may be wrong this many times as often.
UNEVEN = 2.2
# Largest share of slow autoregressions that are called long memory or nonstationary.
LOUD = 0.05
# Share of the kinds drawn up to judge in the calibration of thresholds, and of error rates.
JUDGED, JUDGED_ERRORS = 0.65, 1.0
# Thresholds are smoothed over lengths by a kernel of this width in log n, the last by a narrow one.
WIDTH, NARROW = 0.45, 0.3
LEAST = 0.55
OUT = Path(memtools.__file__).parent / "worlds"


def load(paths):
    drawn = [np.load(path) for path in paths]
    keys = [str(key) for key in drawn[0]["keys"]]
    joined = {k: np.concatenate([d[k] for d in drawn]) for k in ("X", "kind", "name", "n", "d")}
    pure = np.isin(joined["name"], slow_worlds.PURE) & (joined["d"] >= slow_worlds.STRONG)
    joined["kind"][pure] = "pure"
    return keys, joined


def columns_of(keys, values):
    parts = [transforms(key, values[:, i].astype(float)) for i, key in enumerate(keys)]
    sizes = [len(part) for part in parts]
    return np.stack([column for part in parts for column in part], axis=1), sizes


def class_weights(classes, names):
    """Classes by their shares, in each every kind as much as another, however often drawn."""
    shares = np.array([SHARES.get(name, 1.0) for name in CLASSES])
    _, kinds, counts = np.unique(names, return_inverse=True, return_counts=True)
    weights = 1.0 / counts[kinds]
    sums = np.bincount(classes, weights, minlength=len(CLASSES))
    return len(classes) / shares.sum() * weights * (shares / np.maximum(sums, 1e-9))[classes]


def calibration_weights(weights, classes, names, share):
    """In each class the kinds drawn up to judge have this share of the weight."""
    judged_kinds = np.isin(names, list(JUDGED_KINDS))
    weights = weights.copy()
    for k in range(len(CLASSES)):
        mine = classes == k
        total, judged = weights[mine].sum(), weights[mine & judged_kinds].sum()
        if judged > 0.0:
            weights[mine & judged_kinds] *= share * total / judged
            weights[mine & ~judged_kinds] *= (1.0 - share) * total / (total - judged)
    return weights


def slow_weights(names):
    """Each group of slow autoregressions by its share, each kind within it alike; others 0."""
    weights = np.zeros(len(names))
    for group, members in slow_worlds.GROUPS.items():
        for name in members:
            mine = names == name
            share = slow_worlds.SHARES[group] / len(members)
            weights[mine] = share / max(mine.sum(), 1)
    return weights / weights.sum()


def fit(columns, classes, weights, start=None):
    """Multinomial logistic regression with a ridge, by L-BFGS; single precision speeds the sums."""
    n, p = columns.shape
    k = len(CLASSES)
    target = np.eye(k, dtype=np.float32)[classes]
    weights = weights.astype(np.float32)

    def loss(theta):
        coefficients = theta.reshape(p + 1, k).astype(np.float32)
        score = columns @ coefficients[1:] + coefficients[0]
        score -= score.max(axis=1, keepdims=True)
        log_sum = np.log(np.exp(score).sum(axis=1, keepdims=True))
        log_chance = score - log_sum
        residual = (np.exp(log_chance) - target) * weights[:, None]
        value = -(weights * log_chance[np.arange(n), classes]).sum()
        value += 0.5 * RIDGE * (coefficients[1:] ** 2).sum()
        slope = columns.T @ residual + RIDGE * coefficients[1:]
        return float(value), np.vstack([residual.sum(axis=0), slope]).ravel().astype(float)

    start = np.zeros((p + 1) * k) if start is None else start.ravel()
    options = {"maxiter": 300, "ftol": 1e-7}
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options=options)
    return found.x.reshape(p + 1, k)


def chances_of(columns, coefficients):
    score = columns @ coefficients[1:] + coefficients[0]
    shares = np.exp(score - score.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


def out_of_sample(columns, classes, weights, groups, start):
    """Chances of each series by a rule trained without its group; `start` speeds it only."""
    names = np.unique(groups)
    order = np.random.default_rng(0).permutation(len(names))
    fold = dict(zip(names, order % FOLDS, strict=True))
    folds = np.array([fold[name] for name in groups])
    chances = np.empty((len(classes), len(CLASSES)))
    for k in range(FOLDS):
        rest = folds != k
        chances[~rest] = chances_of(
            columns[~rest], fit(columns[rest], classes[rest], weights[rest], start)
        )
    return chances


class Judged:
    """Most likely verdict of each series, its chance of being right, and whether it is.

    `slow` is the chance of a slow autoregression beside memory where the verdict is loud, else 0.
    """

    def __init__(self, chances, kinds, n):
        index = {name: i for i, name in enumerate(CLASSES)}
        verdicts = np.array(list(VERDICT_CLASSES))

        def sums(classes):
            columns = [chances[:, [index[c] for c in classes[v]]].sum(axis=1) for v in verdicts]
            return np.stack(columns, axis=1)

        likely = sums(VERDICT_CLASSES).argmax(axis=1)
        self.verdicts, self.n = verdicts[likely], n
        self.chance = sums(RIGHT_CLASSES)[np.arange(len(likely)), likely]
        pairs = zip(self.verdicts, kinds, strict=True)
        self.right = np.array([kind in RIGHT_CLASSES[verdict] for verdict, kind in pairs])
        self.loud = np.isin(self.verdicts, LOUD_VERDICTS)
        loud_classes = [index[c] for v in LOUD_VERDICTS for c in VERDICT_CLASSES[v]]
        slow, memory = chances[:, index["slow"]], chances[:, loud_classes].sum(axis=1)
        memory += (PLAIN - 1.0) * chances[:, index["pure"]]
        self.slow = np.where(self.loud, slow / (slow + memory), 0.0)

    def given(self, thresholds, slowest):
        """Whether the verdict is given."""
        asked = np.empty(len(self.n))
        for verdict, levels in thresholds.items():
            mine = self.verdicts == verdict
            asked[mine] = np.interp(np.log(self.n[mine]), np.log(LENGTHS), levels)
        most = np.interp(np.log(self.n), np.log(LENGTHS), slowest)
        return (self.chance >= asked) & (self.slow <= most)


def near(weights, n, length, width=WIDTH):
    return weights * np.exp(-0.5 * (np.log(n / length) / width) ** 2)


def calibrate(judged, weights, alike):
    """Thresholds by verdict and length, and the most that a slow autoregression may be likely.

    One threshold keeps the promise over all verdicts; a verdict that is wrong clearly more often
    asks for more.  Both are found in turn, each with the other.
    """
    slowest = np.ones(len(LENGTHS))
    for _ in range(3):
        quiet = judged.given({v: np.zeros(len(LENGTHS)) for v in VERDICT_CLASSES}, slowest)
        thresholds = thresholds_of(judged, weights * quiet)
        slowest = slowest_of(judged, thresholds, alike)
    return thresholds, slowest


def thresholds_of(judged, weights):
    thresholds = {verdict: [] for verdict in VERDICT_CLASSES}
    for length, promise in zip(LENGTHS, PROMISE, strict=True):
        here = near(weights, judged.n, length)
        common = _least(judged.chance, judged.right, here, promise)
        for verdict in VERDICT_CLASSES:
            mine = judged.verdicts == verdict
            own = _least(judged.chance[mine], judged.right[mine], here[mine], UNEVEN * promise)
            thresholds[verdict].append(round(max(common, own), 4))
    return thresholds


def slowest_of(judged, thresholds, alike):
    """By length: the share above which so few slow autoregressions are left as LOUD asks."""
    heard = np.flatnonzero(judged.loud & judged.given(thresholds, np.ones(len(LENGTHS))))
    order = heard[np.argsort(judged.slow[heard])]
    found = []
    for length in LENGTHS:
        here = near(alike, judged.n, length, NARROW)
        first = int(np.searchsorted(np.cumsum(here[order]) / here.sum(), LOUD))
        found.append(round(float(judged.slow[order[first]]), 4) if first < len(order) else 1.0)
    return found


def errors_of(judged, weights, given):
    """By verdict and length: how often it is wrong where it is given."""
    errors = {verdict: [] for verdict in VERDICT_CLASSES}
    for length in LENGTHS:
        here = near(weights, judged.n, length)
        for verdict in VERDICT_CLASSES:
            mine = given & (judged.verdicts == verdict)
            wrong = (here * ~judged.right)[mine].sum() / max(here[mine].sum(), 1e-12)
            errors[verdict].append(round(float(wrong), 4))
    return errors


def _least(chance, right, weights, promise):
    """The least chance from which on the share of wrong keeps the promise."""
    order = np.argsort(-chance)
    total = np.cumsum(weights[order])
    wrong = np.cumsum((weights * ~right)[order]) / np.maximum(total, 1e-12)
    kept = np.flatnonzero(
        (wrong <= promise) & (chance[order] >= LEAST) & (total > 0.01 * total[-1])
    )
    return float(chance[order][int(kept.max()) if len(kept) else 0])


def main():
    keys, drawn = load(sys.argv[1:])
    raw, sizes = columns_of(keys, drawn["X"])
    classes = np.array([CLASSES.index(kind) for kind in drawn["kind"]])
    weights = class_weights(classes, drawn["name"])
    mean, scale = raw.mean(axis=0), raw.std(axis=0) + 1e-9
    columns = ((raw - mean) / scale).astype(np.float32)
    coefficients = fit(columns, classes, weights)
    chances = out_of_sample(columns, classes, weights, drawn["name"], coefficients)
    judged = Judged(chances, drawn["kind"], drawn["n"])
    thresholds, slowest = calibrate(
        judged,
        calibration_weights(weights, classes, drawn["name"], JUDGED),
        slow_weights(drawn["name"]),
    )
    given = judged.given(thresholds, slowest)
    for_errors = calibration_weights(weights, classes, drawn["name"], JUDGED_ERRORS)
    errors = errors_of(judged, for_errors, given)
    slopes = coefficients[1:] / scale[:, None]
    evidences, at = {}, 0
    for key, size in zip(keys, sizes, strict=True):
        evidences[key] = {
            "means": [float(f"{v:.5g}") for v in mean[at : at + size]],
            "weights": [[float(f"{v:.4g}") for v in row] for row in slopes[at : at + size]],
        }
        at += size
    certificate = {
        "made by": "benchmarks/answer/train.py",
        "worlds": f"{len(np.unique(drawn['name']))} kinds of benchmarks/answer",
        "series": str(len(classes)),
        "date": date.today().isoformat(),
        "numpy": np.__version__,
    }
    text = {"certificate": certificate, "intercepts": coefficients[0].round(5).tolist()}
    (OUT / "scorecard.json").write_text(dumped(text | {"evidences": evidences}))
    held = {"certificate": certificate, "lengths": list(LENGTHS)}
    held |= {"thresholds": thresholds, "slowest": slowest, "error_rates": errors}
    (OUT / "thresholds.json").write_text(dumped(held))
    report(drawn, weights, judged, given)
    for verdict in thresholds:
        print(verdict, thresholds[verdict], errors[verdict])


def dumped(value):
    """JSON with short lists on one line."""
    lines = json.dumps(value, indent=1)
    out, depth = [], 0
    for line in lines.splitlines():
        opens = line.rstrip().endswith("[")
        if depth:
            out[-1] += line.strip() if out[-1].endswith("[") else " " + line.strip()
        else:
            out.append(line)
        depth += opens - line.strip().startswith("]")
    return "\n".join(out) + "\n"


def report(drawn, weights, judged, given):
    """What is reached on kinds left out, every kind the same; slow autoregressions by group."""
    for length in LENGTHS[2:6]:
        about = np.abs(np.log(drawn["n"] / length)) < 0.35
        decided = about & given
        share = weights[decided].sum() / weights[about].sum()
        wrong = (weights * ~judged.right)[decided].sum() / weights[decided].sum()
        print(f"n = {length}: decided {share:.3f}, wrong of decided {wrong:.3f}; loud", end="")
        for group, names in slow_worlds.GROUPS.items():
            mine = about & np.isin(drawn["name"], names)
            print(f", {group} {(judged.loud & given)[mine].mean():.3f}", end="")
        print()


if __name__ == "__main__":
    main()
