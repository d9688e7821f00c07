"""Coverage of the intervals of ARFIMA models with seasonal orders.

    python benchmarks/cover_seasonal_arfima.py [--paths 200] [--seed 31] [--lengths 160 400]

The exact fit with its bias corrected, a mean estimated, at the true orders.  Writes
benchmarks/measured/seasonal_arfima.csv, a row a parameter: what the printed intervals cover, and
what estimate -/+ 1.96 standard errors would.
"""

from __future__ import annotations

import argparse
import csv
import warnings
from pathlib import Path

import numpy as np

import memtools as mt

# order, seasonal order, truth
DESIGN = {
    "(0, d, 0)x(0, D, 0, 4)": ((0, 0), (0, 0, 4), {"d": 0.2, "seasonal_d": 0.2}),
    "(0, d, 0)x(0, D, 0, 12)": ((0, 0), (0, 0, 12), {"d": -0.1, "seasonal_d": 0.35}),
    "(0, d, 0)x(0, 0, 1, 12)": ((0, 0), (0, 0.0, 1, 12), {"d": 0.3, "seasonal_ma": [-0.5]}),
    "(0, d, 1)x(0, D, 0, 4)": ((0, 1), (0, 0, 4), {"d": 0.3, "seasonal_d": 0.1, "ma": [0.4]}),
    "(0, d, 0)x(1, D, 0, 4)": (
        (0, 0),
        (1, 0, 4),
        {"d": 0.2, "seasonal_d": 0.2, "seasonal_ar": [0.5]},
    ),
}


def truths(fit: mt.ARFIMAResults, process: mt.SeasonalARFIMAProcess) -> dict[str, float]:
    """True values by the names of the fit."""
    values = [process.d, *process.ar, *process.ma, process.seasonal_d]
    values += [*process.seasonal_ar, *process.seasonal_ma, 1.0]
    found = dict(zip(fit.param_names[1:], values, strict=True))
    held = ["D"] if fit.model.seasonal_order.d is not None else []
    return {"const": 0.0} | {k: v for k, v in found.items() if k not in held}


def ratio_root(fit: mt.ARFIMAResults, name: str, value: float) -> float:
    """Signed root of the likelihood ratio whose crossings of 1.96 are the ends of an interval."""
    profiles = fit._of_season
    return profiles.z(profiles.free[fit.profiled.index(name)], value)


def cell(order, seasonal_order, process, n_obs: int, n_paths: int, seed: list[int]) -> list[dict]:
    """Bias, spread and coverage of each parameter."""
    estimates, stderrs, inside = [], [], []
    for x in mt.simulate(process, n_obs, n_paths, np.random.default_rng(seed)):
        fit = mt.ARFIMA(x, order, seasonal_order=seasonal_order, integration=0).fit()
        truth = truths(fit, process)
        values = np.array(list(truth.values()))
        normal = fit.conf_int(method="wald").loc[list(truth)].to_numpy()
        by_wald = (normal[:, 0] <= values) & (values <= normal[:, 1])
        covered = [by_wald | np.isin(list(truth), fit.profiled), by_wald]
        for name in fit.profiled:  # a walk to the ends would cost ten times as much
            covered[0][list(truth).index(name)] &= abs(ratio_root(fit, name, truth[name])) < 1.96
        inside.append(covered)
        estimates.append(fit.params[list(truth)] - values)
        stderrs.append(fit.bse[list(truth)])  # NaN, and not covered, at an edge
    return [
        {
            "parameter": name,
            "truth": value,
            "bias": f"{np.mean(estimates, axis=0)[i]:.3f}",
            "sd": f"{np.std(estimates, axis=0)[i]:.3f}",
            "stderr": f"{np.nanmean(stderrs, axis=0)[i]:.3f}",
            "covered": f"{100.0 * np.mean(inside, axis=0)[0, i]:.0f}%",
            "by Wald": f"{100.0 * np.mean(inside, axis=0)[1, i]:.0f}%",
        }
        for i, (name, value) in enumerate(truth.items())
    ]


def write(rows: list[dict]) -> None:
    """What is there so far."""
    with open(Path(__file__).parent / "measured" / "seasonal_arfima.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--paths", type=int, default=200)
    parser.add_argument("--seed", type=int, default=31)
    parser.add_argument("--lengths", type=int, nargs="*", default=[160, 400])
    options = parser.parse_args()
    warnings.simplefilter("ignore", mt.ConvergenceWarning)
    rows = []
    for n_obs in options.lengths:
        for k, (name, (order, seasonal_order, parts)) in enumerate(DESIGN.items()):
            process = mt.SeasonalARFIMAProcess(period=seasonal_order[-1], **parts)
            seed = [options.seed, k, n_obs]
            for row in cell(order, seasonal_order, process, n_obs, options.paths, seed):
                rows.append({"model": name, "n_obs": n_obs, "paths": options.paths} | row)
                print(rows[-1], flush=True)
            write(rows)


if __name__ == "__main__":
    main()
