"""Patterns of the memory filter on the paper's four series, beside ARFIMA and AR(30).

python benchmarks/filter_patterns.py runs.jsonl reads what these commands have kept (any number of
seeds, the same file for all patterns) and trains nothing itself:

    memtools replicate table2 --models MRNNF --filter PATTERN -o runs.jsonl
"""

import argparse
import json
from pathlib import Path

import numpy as np
from scipy.stats import ttest_rel

import memtools as mt
from memtools.networks.filter_patterns import PATTERNS

SERIES = ("arfima", "DJI", "traffic", "tree7")
UNITS = {"DJI": 100.0}
LEVEL = 0.05


def errors_by_seed(path):
    """{(model, pattern, series): {seed: RMSE}}; a failed run is infinite."""
    found = {}
    for line in Path(path).read_text().splitlines():
        row = json.loads(line)
        cell = row["model"], row.get("filter", "fractional"), row["dataset"]
        rmse = np.inf if row["rmse"] is None else row["rmse"]
        found.setdefault(cell, {})[row["seed"]] = rmse
    return found


def holm(pvalues):
    """Adjusted so that one false rejection among all has at most the level's probability."""
    order, m = np.argsort(pvalues), len(pvalues)
    adjusted = np.empty(m)
    stepped = np.maximum.accumulate(np.sort(pvalues) * (m - np.arange(m)))
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def compared(errors, model):
    """Rows (pattern, series, seeds, mean, difference, its standard error, p).

    Differences are to the fractional filter, on the seeds that both have on all series.
    """
    rows = []
    for pattern in PATTERNS:
        cells = [errors[model, p, s] for p in (pattern, "fractional") for s in SERIES]
        seeds = sorted(set.intersection(*map(set, cells)))
        seeds = [seed for seed in seeds if all(cell[seed] < np.inf for cell in cells)]
        for series in SERIES:
            own, base = (
                np.array([errors[model, p, series][s] for s in seeds]) * UNITS.get(series, 1.0)
                for p in (pattern, "fractional")
            )
            difference = own - base
            spread = difference.std(ddof=1) / np.sqrt(len(seeds))
            p = 1.0 if pattern == "fractional" else float(ttest_rel(own, base).pvalue)
            rows.append((pattern, series, len(seeds), own.mean(), difference.mean(), spread, p))
    return rows


def shown(model, rows):
    others = [row for row in rows if row[0] != "fractional"]
    pairs = zip([row[:2] for row in others], holm([row[-1] for row in others]), strict=True)
    adjusted = dict(pairs)
    print(f"\n{model}: RMSE (difference to the fractional on the same seeds, its standard error);")
    print(f"* where the paired t-test rejects at 5% over all {len(others)}, by Holm\n")
    print("| filter | seeds | " + " | ".join(SERIES) + " |\n|---|---|" + "---|" * len(SERIES))
    for pattern in PATTERNS:
        own, cells = [row for row in rows if row[0] == pattern], []
        for _, series, _, mean, difference, spread, _ in own:
            digits = 1 if series == "traffic" else 4
            cell = f"{mean:.{digits}f}"
            if pattern != "fractional":
                star = "*" if adjusted[pattern, series] < LEVEL else ""
                cell += f" ({difference:+.{digits}f}, {spread:.{digits}f}){star}"
            cells.append(cell)
        print(f"| {pattern} | {own[0][2]} | " + " | ".join(cells) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs")
    errors = errors_by_seed(parser.parse_args().runs)
    for model in sorted({key[0] for key in errors}):
        if all((model, p, s) in errors for p in PATTERNS for s in SERIES):
            shown(model, compared(errors, model))
    table = mt.replication.baselines().set_index(["model", "dataset"])["rmse"]
    for name in ("ARFIMA", "AR(30)"):
        told = [UNITS.get(s, 1.0) * table[name, s] for s in SERIES]
        cells = [f"{v:.{1 if s == 'traffic' else 4}f}" for v, s in zip(told, SERIES, strict=True)]
        print(f"| {name} | | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
