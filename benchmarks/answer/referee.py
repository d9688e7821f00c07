"""The model selection suite of the public referee (pip install lrdbench), more replicates.

    python referee.py 40        paths a cell (the suite itself has 8)

Prints the area under the curve of `.evidence`, and true and false positives of the verdict; then
the same on ARFIMA(1, 0.3, 0) and (0, 0.3, 1) against ARMA(1, 1).
"""

import sys
from importlib.resources import files

import numpy as np
import yaml
from blocks import arfima, arma
from lrdbench.defaults import build_default_generator_registry
from scipy.stats import rankdata

from memtools.worlds import weigh


def records(reps):
    """(has long memory, series) of the suite's generators, with its own generators."""
    path = files("lrdbench") / "configs/suites/neural_lrd_model_selection_ground_truth.yaml"
    suite = yaml.safe_load(path.read_text())
    registry = build_default_generator_registry()
    for block in suite["source"]["generators"]:
        grid = block["params"]
        key = next(k for k in ("H", "d", "tau_max") if k in grid)
        for value in grid[key]:
            params = {"n": 2048, "sigma": 1.0, key: value}
            generator = registry.get(block["family"])
            long = {"H": value > 0.5, "d": value > 0.0, "tau_max": False}[key]
            for i in range(reps):
                record = generator.generate(
                    record_id="r", params=params, seed=1000 * i + 7, manifest_id=None
                )
                yield f"{block['family']} {key} = {value}", long, np.asarray(record.values)


def harder(reps):
    """Where a BIC rule over few orders fails."""
    draws = {
        "ARFIMA(1, 0.3, 0), ar 0.3": (True, lambda r: arfima(r, 2048, 0.3, [0.3])),
        "ARFIMA(0, 0.3, 1), ma 0.4": (True, lambda r: arfima(r, 2048, 0.3, (), [0.4])),
        "ARMA(1, 1) 0.8, -0.4": (False, lambda r: arma(r, 2048, [0.8], [-0.4])),
        "ARMA(1, 1) 0.9, -0.6": (False, lambda r: arma(r, 2048, [0.9], [-0.6])),
    }
    for name, (long, draw) in draws.items():
        for i in range(reps):
            yield name, long, draw(np.random.default_rng([5, i]))


def judge(title, drawn):
    rows = []
    for name, long, x in drawn:
        found = weigh(x)
        rows.append((name, long, found.chances["long memory"], found.verdict == "long memory"))
    names, long, score, said = (np.array(column) for column in zip(*rows, strict=True))
    ranks = rankdata(score)
    n_long, n_short = long.sum(), (~long).sum()
    area = (ranks[long].sum() - n_long * (n_long + 1) / 2) / (n_long * n_short)
    print(f"{title}: area {area:.4f}, true {said[long].mean():.3f}, false {said[~long].mean():.3f}")
    for name in dict.fromkeys(names):
        mine = names == name
        print(f"  {name}: said long {said[mine].mean():.2f}, evidence {score[mine].mean():.2f}")


if __name__ == "__main__":
    judge("model selection suite", records(int(sys.argv[1])))
    judge("harder", harder(int(sys.argv[1])))
