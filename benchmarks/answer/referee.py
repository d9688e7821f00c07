"""The model selection suite of the public referee (pip install lrdbench), more replicates.

    python referee.py 5                      times as many paths a cell as the suite's 8
    python referee.py 5 tcp://host:8786      the series on the workers of a Dask cluster

runs the suite itself through the plug-in memtools.lrdbench, and shows its table (its positives are
scores above 1/2).  Then, on the same generators, the area under the curve of `.evidence` with true
and false positives of the verdict, and the same on ARFIMA(1, 0.3, 0) and (0, 0.3, 1) against
ARMA(1, 1).
"""

import os
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

import numpy as np
import yaml
from blocks import arfima, arma
from lrdbench.cli import main as lrdbench
from lrdbench.defaults import build_default_generator_registry
from scipy.stats import rankdata

from memtools.batch import run_each
from memtools.many import engine_at
from memtools.worlds import weigh


def manifest():
    path = files("lrdbench") / "configs/suites/neural_lrd_model_selection_ground_truth.yaml"
    return yaml.safe_load(path.read_text())


def run_suite(times):
    """The referee's own run and metrics, with our estimator alone."""
    suite = manifest()
    for block in suite["source"]["generators"]:
        block["replicates"] *= times
    ours = {"name": "memtools", "family": "discrimination", "target_estimand": "lrd_class"}
    suite["estimators"] = [ours | {"supports_ci": False, "params": {}}]
    os.environ["LRD_BENCH_ESTIMATOR_PLUGIN"] = "memtools.lrdbench"
    with tempfile.TemporaryDirectory() as folder:
        suite["report"] = {"formats": ["csv"], "export_root": folder}
        path = Path(folder) / "manifest.yaml"
        path.write_text(yaml.safe_dump(suite))
        lrdbench(["run", str(path)])
        for table in sorted(Path(folder).rglob("*.csv")):
            if "leaderboard" in table.name or "metric" in table.name:
                print(table.name, table.read_text()[:3000], sep="\n")


def records(reps):
    """(has long memory, series) of the suite's generators, with its own generators."""
    suite = manifest()
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


def judged(drawn):
    name, long, x = drawn
    found = weigh(x)
    return name, long, found.chances["long memory"], found.verdict == "long memory"


def judge(title, drawn, executor=None):
    rows = run_each(judged, list(drawn), title=title, executor=executor)
    names, long, score, said = (np.array(column) for column in zip(*rows, strict=True))
    ranks = rankdata(score)
    n_long, n_short = long.sum(), (~long).sum()
    area = (ranks[long].sum() - n_long * (n_long + 1) / 2) / (n_long * n_short)
    print(f"{title}: area {area:.4f}, true {said[long].mean():.3f}, false {said[~long].mean():.3f}")
    for name in dict.fromkeys(names):
        mine = names == name
        print(f"  {name}: said long {said[mine].mean():.2f}, evidence {score[mine].mean():.2f}")


if __name__ == "__main__":
    run_suite(int(sys.argv[1]))
    scheduler = sys.argv[2] if len(sys.argv) > 2 else None
    with engine_at(None, scheduler, None) as executor:
        judge("model selection suite", records(8 * int(sys.argv[1])), executor)
        judge("harder", harder(8 * int(sys.argv[1])), executor)
