"""What training makes of the paper's networks: every network of Table 2, diagnosed.

Does the impulse weights' verdict agree with theorems 3 and 4, which d is learnt, and how much
memory is left in the residual?  Runs and diagnoses are kept in files and not repeated.

    python examples/trained_networks.py               # 30 seeds, half an hour on one core
    python examples/trained_networks.py --quick       # two models, two seeds, short training
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

import memtools as mt
from memtools import replication
from memtools._output import RowStore
from memtools.replication.table import KEY

N_CHUNKS = 200


def moving_d(network, x):
    """Values of d along the data; one where it is constant, none where there is none."""
    if not hasattr(network, "d"):
        return []
    if network.fixed_d:
        return network.d.tolist()
    state, place, found = None, network.state_names.index("d"), []
    for chunk in np.array_split(x[:, np.newaxis], N_CHUNKS):
        _, state = network.forward(chunk, state)
        found.append(float(state[place][0]))
    return found


def diagnose(run, x):
    """One row: verdict, theorem, d of the weights, the network, the output and the residual."""
    published = run["selection"] == "published"
    network = replication.rebuild(run["model"], run["params"], run["filter_length"], published)
    report, d = mt.diagnose(network, x), moving_d(network, x)
    row = {
        "verdict": report.verdict,
        "theorem": report.theorem.verdict,
        "weights_d": report.decay.d,
        "crossover": report.decay.crossover_lag,
        "learnt_d": float(np.median(d)) if d else None,
        "spread_d": float(np.ptp(d)) if d else None,
    }
    for name in ("output", "residual"):
        estimate = getattr(report, f"{name}_memory")
        row[f"{name}_d"] = None if estimate is None else float(estimate.d)
        row[f"{name}_p"] = None if estimate is None else float(estimate.test(0.0).pvalue)
    return row


def linear_residuals(name, x):
    """Memory of the series and of what AR(30) and ARFIMA(2, d, 1) leave of it."""
    n_train, _ = replication.SPLITS[name]
    windows = np.lib.stride_tricks.sliding_window_view(x, 31)
    design = np.column_stack([np.ones(len(windows)), windows[:, :-1]])
    n = n_train - 30
    coefficients = np.linalg.lstsq(design[:n], windows[:n, -1], rcond=None)[0]
    fitted = mt.ARFIMA(x[: n_train + 1], order=(2, 1)).fit(bias_correction=False)
    fitted = fitted.apply(x)
    series = {"series": x, "AR(30)": windows[:, -1] - design @ coefficients, "ARFIMA": fitted.resid}
    print(f"{name}: d of", end="")
    for label, values in series.items():
        estimate = mt.local_whittle(values)
        print(f"  {label} {estimate.d:.3f} (p = {estimate.test(0.0).pvalue:.2g})", end="")
    print()


def share(values):
    return f"{100.0 * np.mean(values):4.0f}%"


def show(frame):
    print(
        f"{'model':7} {'series':8} {'long':>5} {'short':>5} {'stays':>5} {'open':>5} {'ergodic':>7}"
        f" {'weights d':>9} {'cut':>4} {'learnt d (10%, 90%)':>22} {'moves':>6}"
        f" {'out d':>6} {'p<.05':>5} {'res d':>6} {'p<.05':>5}"
    )
    for (model, name), cell in frame.groupby(["model", "dataset"], sort=False):
        kinds = ("long memory", "short memory", "persistent", "undecided")
        verdicts = [share(cell.verdict == kind) for kind in kinds]
        ergodic = share(cell.theorem == "geometrically ergodic")
        cut = "-" if cell.crossover.isna().all() else f"{cell.crossover.median():.0f}"
        weights = "-" if cell.weights_d.isna().all() else f"{cell.weights_d.median():.2f}"
        learnt, moves = "-", "-"
        if cell.learnt_d.notna().any():
            low, middle, high = cell.learnt_d.quantile([0.1, 0.5, 0.9])
            learnt, moves = f"{middle:.2f} ({low:.2f}, {high:.2f})", f"{cell.spread_d.median():.2f}"
        ends = [
            f"{cell[f'{end}_d'].median():6.2f} {share(cell[f'{end}_p'] < 0.05):>5}"
            for end in ("output", "residual")
        ]
        print(
            f"{model:7} {name:8} {' '.join(verdicts)} {ergodic:>7} {weights:>9} {cut:>4}"
            f" {learnt:>22} {moves:>6} {' '.join(ends)}"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--runs", help="file of the trained networks, as memtools replicate has it")
    parser.add_argument("--out", help="file of the diagnoses")
    arguments = parser.parse_args()
    models, names, options = replication.MODELS, list(replication.SPLITS), {}
    if arguments.quick:
        models, names, arguments.seeds = ("RNN", "MRNNF"), ["traffic"], 2
        options = {"n_epochs": 20}
    runs = mt.replicate_table2(models, names, arguments.seeds, out=arguments.runs, **options)
    scaled = {}
    for name in names:
        x = mt.datasets.load(name).to_numpy()
        linear_residuals(name, x)
        scaled[name] = (x - x.min()) / (x.max() - x.min())
    rows = []
    with RowStore(arguments.out, KEY) as store:
        for run in runs[runs.error.isna()].sort_values("seed", kind="stable").to_dict("records"):
            key = {name: run[name] for name in store.key}
            if tuple(key.values()) not in store.rows:
                store.add(key | diagnose(run, scaled[run["dataset"]]))
            rows.append(store.rows[tuple(key.values())])
    frame = pd.DataFrame(rows)
    order = {model: i for i, model in enumerate(models)}
    show(
        frame.sort_values(["model", "dataset"], key=lambda c: c.map(order).fillna(0), kind="stable")
    )


if __name__ == "__main__":
    main()
