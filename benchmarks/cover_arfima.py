"""How often the 95% sets of an ARFIMA fit cover, parameter by parameter.

    OMP_NUM_THREADS=1 python benchmarks/cover_arfima.py [--n-obs 250] [--paths 400] [--seed 2026]
                                                        [--out FILE] [--method profile|wald]

A value is in the set where its own P-value is above 5%.  Prints a Markdown table: a row a
process, the coverage of each parameter in per cent, the share of paths whose likelihood has
several modes that the ratio does not reject, the bias of d.
"""

from __future__ import annotations

import argparse
import warnings
from functools import lru_cache, partial

import numpy as np

import memtools as mt
from memtools.results.intervals import normal_pvalue

# (ar, d, ma); the mean is 0 and the variance of the innovations 1.
PROCESSES = [
    ((), 0.0, ()),
    ((), 0.3, ()),
    ((), 0.45, ()),
    ((), 0.7, ()),
    ((0.5,), 0.3, ()),
    ((-0.5,), 0.3, ()),
    ((0.8,), 0.0, ()),
    ((0.3,), 0.7, ()),
    ((), 0.3, (0.5,)),
    ((), 0.3, (-0.5,)),
    ((), 0.2, (0.8,)),
    ((0.5,), 0.3, (0.4,)),
    ((0.5,), 0.3, (-0.3,)),
    ((0.7,), 0.2, (-0.4,)),
    ((0.5, 0.2), 0.3, ()),
    ((0.6, -0.3), 0.2, ()),
]
# A block of paths goes to every parameter in turn, which share the fits.
_BLOCK = 200


@lru_cache(maxsize=_BLOCK)
def fitted(path: bytes, order: tuple[int, int]) -> mt.ARFIMAResults:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mt.ConvergenceWarning)
        return mt.ARFIMA(np.frombuffer(path), order).fit()


@lru_cache(maxsize=_BLOCK)
def deviates(path: bytes, order: tuple[int, int], truth: tuple[float, ...], method: str):
    """Standardised distances of the estimates from the truth, by name."""
    fit = fitted(path, order)
    names = fit.param_names
    values = np.array([*truth] if "const" in names else [*truth][1:])
    if method == "profile":
        return dict(zip(names, fit.uncertainty.z(values), strict=True))
    return dict(zip(names, (fit.params - values) / fit.bse, strict=True))


def parameter(name, order, truth, method, x):
    """Estimate and P-value of the true value, as a test result."""
    path = x.tobytes()
    z = deviates(path, order, truth, method)
    if name not in z:
        raise mt.InvalidInputError("name", "a parameter of the fit", name)
    value = float(fitted(path, order).params[name])
    pvalue = normal_pvalue(float(z[name]), "two-sided")
    return mt.TestResult(
        statistic=value, pvalue=pvalue, null="true", alternative="two-sided", method=name
    )


def several(order, x):
    """1 where several modes are within reach."""
    return float(fitted(x.tobytes(), order).uncertainty.n_modes(0.95) > 1)


def row(process, n_obs, n_paths, seed, out, method):
    ar, d, ma = process
    order = (len(ar), len(ma))
    truth = (0.0, d, *ar, *ma, 1.0)
    names = ["const", "d", *(f"ar.L{i + 1}" for i in range(order[0]))]
    names += [*(f"ma.L{i + 1}" for i in range(order[1])), "sigma2"]
    estimators = {name: partial(parameter, name, order, truth, method) for name in names}
    estimators["several"] = partial(several, order)
    label = f"ar={ar} d={d} ma={ma} {method}"
    model = mt.ARFIMAProcess(ar=ar, d=d, ma=ma)
    done = mt.montecarlo.run(
        estimators, {label: model}, n_obs, n_paths, seed, n_jobs=1, out=out, truth=d, progress=False
    )
    cells = {cell.estimator: cell for cell in done.cells}
    covered = [
        f"{name} {100.0 * (1.0 - cells[name].figures['rejected']):.1f}"
        for name in names
        if cells[name].n_failed < n_paths
    ]
    modes = 100.0 * float(np.mean(cells["several"].values))
    bias = float(np.mean(cells["d"].values)) - d
    return (
        f"| ({order[0]}, d, {order[1]}) | d = {d:g}, ar {list(ar)}, ma {list(ma)} "
        f"| {', '.join(covered)} | {modes:.0f} | {bias:+.3f} |"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--n-obs", type=int, default=250)
    parser.add_argument("--paths", type=int, default=400)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--out")
    parser.add_argument("--method", choices=["profile", "wald"], default="profile")
    parser.add_argument("--only", type=int, nargs="*", default=range(len(PROCESSES)))
    options = parser.parse_args()
    print(f"n = {options.n_obs}, {options.paths} paths a row, seed {options.seed}\n")
    print("| model | process | coverage of the 95% sets, % | several modes, % | bias of d |")
    print("|---|---|---|---|---|")
    for i in options.only:
        process = PROCESSES[i]
        shown = (options.n_obs, options.paths, options.seed, options.out, options.method)
        print(row(process, *shown), flush=True)


if __name__ == "__main__":
    main()
