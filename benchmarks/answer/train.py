"""Train the rule that turns evidences into a verdict, and its thresholds.

    python draw.py training_worlds drawn.npz 30 6
    python train.py drawn.npz

writes memtools/worlds/scorecard.json (weights) and memtools/worlds/thresholds.json (the chance at
which a verdict is given, and how often it was wrong).  Thresholds and error rates rest on chances
predicted for kinds of series that the weights of that prediction never saw: an eighth of all kinds
is left out at a time.  In them the kinds of former_worlds.py, drawn up to judge, count as much as
all others, which were drawn up to be hard, and in the error rates four times as much.  How often
autoregressions may be called long memory rests on series left out, not on kinds: they are known.
"""

import json
import sys
from datetime import date
from pathlib import Path

import former_worlds
import numpy as np
from scipy.optimize import minimize

import memtools
from memtools.worlds.scorecard import CLASSES, RIGHT_CLASSES, VERDICT_CLASSES, transforms

RIDGE = 100.0
FOLDS = 8
# Memory at a cycle is rarer than the other classes, which are as frequent as one another.
CYCLE = 0.25
LENGTHS = (64, 128, 256, 512, 1024, 2048, 4096, 8192)
# Largest share of wrong verdicts at each of these lengths.
PROMISE = (0.12, 0.1, 0.08, 0.06, 0.05, 0.04, 0.03, 0.03)
# A single verdict may be wrong this many times as often.
UNEVEN = 3.5
# Memory that is not there is announced less readily than anything else: this share of the
# autoregressions that look like it may be called long memory, and as many nonstationary.
LOUD = 0.035
AR_LIKE = (
    "AR(1) 0.7-0.85", "AR(1) 0.85-0.93", "AR(1) 0.93-0.97", "lags 1 and 5", "HAR 1, 5, 22",
    "sum of AR(1) to 8", "sum of AR(1) to 16", "ARMA(0.85-0.96, -0.75--0.4)",
    "autoregression 0.8 to 0.98", "lags 1 and 5, HAR-like", "three time constants to 16",
    "ARMA 0.9, -0.6",
)  # fmt: skip
# Share of the kinds drawn up to judge in the calibration of thresholds, and of error rates.
JUDGED, JUDGED_ERRORS = 0.5, 0.8
# Thresholds are smoothed over lengths by a kernel of this width in log n.
WIDTH = 0.45
LEAST = 0.55
OUT = Path(memtools.__file__).parent / "worlds"


def load(paths):
    drawn = [np.load(path) for path in paths]
    keys = [str(key) for key in drawn[0]["keys"]]
    joined = {k: np.concatenate([d[k] for d in drawn]) for k in ("X", "kind", "name", "n", "d")}
    return keys, joined


def columns_of(keys, values):
    parts = [transforms(key, values[:, i].astype(float)) for i, key in enumerate(keys)]
    sizes = [len(part) for part in parts]
    return np.stack([column for part in parts for column in part], axis=1), sizes


def class_weights(classes):
    counts = np.bincount(classes, minlength=len(CLASSES))
    weights = 1.0 / np.maximum(counts, 1)
    weights[CLASSES.index("long at a cycle")] *= CYCLE
    return (len(classes) / (len(CLASSES) - 1.0 + CYCLE) * weights)[classes]


def calibration_weights(weights, classes, names, share):
    """In each class the kinds drawn up to judge have this share of the weight."""
    former = np.isin(names, list(former_worlds.WORLDS))
    weights = weights.copy()
    for k in range(len(CLASSES)):
        mine = classes == k
        total, judged = weights[mine].sum(), weights[mine & former].sum()
        if judged > 0.0:
            weights[mine & former] *= share * total / judged
            weights[mine & ~former] *= (1.0 - share) * total / (total - judged)
    return weights


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


def verdicts_of(chances):
    """Most likely verdict of each series and the chance that it is right."""
    index = {name: i for i, name in enumerate(CLASSES)}
    verdicts = list(VERDICT_CLASSES)
    sums = np.stack(
        [chances[:, [index[c] for c in VERDICT_CLASSES[v]]].sum(axis=1) for v in verdicts], axis=1
    )
    rights = np.stack(
        [chances[:, [index[c] for c in RIGHT_CLASSES[v]]].sum(axis=1) for v in verdicts], axis=1
    )
    likely = sums.argmax(axis=1)
    return np.array(verdicts)[likely], rights[np.arange(len(likely)), likely]


def is_right(verdicts, kinds):
    pairs = zip(verdicts, kinds, strict=True)
    return np.array([v in RIGHT_CLASSES and k in RIGHT_CLASSES[v] for v, k in pairs])


def near(weights, n, length):
    return weights * np.exp(-0.5 * (np.log(n / length) / WIDTH) ** 2)


def thresholds_of(verdicts, chance, right, weights, n, alike, loud):
    """By verdict and length: the chance from which on it is given.

    One threshold keeps the promise over all verdicts; a verdict that is wrong clearly more often
    asks for more, and so does one that autoregressions get.
    """
    thresholds = {verdict: [] for verdict in VERDICT_CLASSES}
    for length, promise in zip(LENGTHS, PROMISE, strict=True):
        here = near(weights, n, length)
        common, _ = _least(chance, right, here, promise)
        for verdict in VERDICT_CLASSES:
            mine = verdicts == verdict
            own, _ = _least(chance[mine], right[mine], here[mine], UNEVEN * promise)
            level = max(common, own)
            if verdict in ("long memory", "nonstationary"):
                level = max(level, _quiet(loud[1], loud[0] == verdict, here, alike))
            thresholds[verdict].append(round(level, 4))
    return thresholds


def errors_of(verdicts, chance, right, weights, n, thresholds):
    """By verdict and length: how often it is wrong where it is given."""
    errors = {verdict: [] for verdict in VERDICT_CLASSES}
    given = chance >= asked_of(verdicts, n, thresholds)
    for length in LENGTHS:
        here = near(weights, n, length)
        for verdict in VERDICT_CLASSES:
            mine = given & (verdicts == verdict)
            wrong = (here * ~right)[mine].sum() / max(here[mine].sum(), 1e-12)
            errors[verdict].append(round(float(wrong), 4))
    return errors


def _quiet(chance, mine, weights, alike):
    """The least chance from which on few autoregressions are given a verdict."""
    heard = np.flatnonzero(mine & alike)
    order = heard[np.argsort(-chance[heard])]
    share = np.cumsum(weights[order]) / weights[alike].sum()
    first = int(np.searchsorted(share, LOUD))
    return float(chance[order[first]]) if first < len(order) else 0.0


def _least(chance, right, weights, promise):
    """The least chance from which on the share of wrong keeps the promise, and that share."""
    order = np.argsort(-chance)
    total = np.cumsum(weights[order])
    wrong = np.cumsum((weights * ~right)[order]) / np.maximum(total, 1e-12)
    kept = np.flatnonzero(
        (wrong <= promise) & (chance[order] >= LEAST) & (total > 0.01 * total[-1])
    )
    last = int(kept.max()) if len(kept) else 0
    return float(chance[order][last]), float(wrong[last])


def asked_of(verdicts, n, thresholds):
    """The threshold of each series."""
    asked = np.empty(len(n))
    for verdict, levels in thresholds.items():
        mine = verdicts == verdict
        asked[mine] = np.interp(np.log(n[mine]), np.log(LENGTHS), levels)
    return asked


def main():
    keys, drawn = load(sys.argv[1:])
    raw, sizes = columns_of(keys, drawn["X"])
    classes = np.array([CLASSES.index(kind) for kind in drawn["kind"]])
    weights = class_weights(classes)
    mean, scale = raw.mean(axis=0), raw.std(axis=0) + 1e-9
    columns = ((raw - mean) / scale).astype(np.float32)
    coefficients = fit(columns, classes, weights)
    chances = out_of_sample(columns, classes, weights, drawn["name"], coefficients)
    verdicts, chance = verdicts_of(chances)
    right = is_right(verdicts, drawn["kind"])
    known = out_of_sample(columns, classes, weights, np.arange(len(classes)), coefficients)
    loud, alike = verdicts_of(known), np.isin(drawn["name"], AR_LIKE)
    report("every kind the same:", drawn, weights, right, chance)
    judged = calibration_weights(weights, classes, drawn["name"], JUDGED_ERRORS)
    weights = calibration_weights(weights, classes, drawn["name"], JUDGED)
    thresholds = thresholds_of(verdicts, chance, right, weights, drawn["n"], alike, loud)
    errors = errors_of(verdicts, chance, right, judged, drawn["n"], thresholds)
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
        "worlds": f"{len(np.unique(drawn['name']))} of benchmarks/answer/training_worlds.py",
        "series": str(len(classes)),
        "date": date.today().isoformat(),
        "numpy": np.__version__,
    }
    text = {"certificate": certificate, "intercepts": coefficients[0].round(5).tolist()}
    (OUT / "scorecard.json").write_text(dumped(text | {"evidences": evidences}))
    held = {"certificate": certificate, "lengths": list(LENGTHS)}
    held |= {"thresholds": thresholds, "error_rates": errors}
    (OUT / "thresholds.json").write_text(dumped(held))
    asked = asked_of(verdicts, drawn["n"], thresholds)
    report("kinds never seen, by the thresholds:", drawn, weights, right, chance, asked)
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


def report(title, drawn, weights, right, chance, asked=None):
    """Decided and wrong where the chance passes its threshold, or by the promise itself."""
    print(title)
    for length, promise in zip(LENGTHS[2:6], PROMISE[2:6], strict=True):
        near = np.abs(np.log(drawn["n"] / length)) < 0.35
        least = _least(chance[near], right[near], weights[near], promise)[0]
        decided = near & (chance >= (least if asked is None else asked))
        share = weights[decided].sum() / weights[near].sum()
        wrong = (weights * ~right)[decided].sum() / weights[decided].sum()
        print(f"n = {length}: decided {share:.2f}, wrong of decided {wrong:.3f}")


if __name__ == "__main__":
    main()
