"""Golden slopes of scaling estimators from other programs, with the windows given.

python scaling_peers.py sunspots.txt        one number a line: memtools.datasets.load("sunspots")
"""

import importlib.metadata
import json
import sys
import warnings

import antropy
import lrdbench.estimators.geometric as geometric
import lrdbench.estimators.temporal as temporal
import neurokit2
import nolds
import numpy as np

# Of nolds' half-overlapping windows none may end with the series: it leaves that one out.
HALVES = [4, 8, 10, 14, 20, 28, 40, 56]
BLOCKS = [8, 10, 15, 20, 30, 45, 60]
LAGS = list(range(1, 31))


def rows(x):
    sums = np.cumsum(x - x.mean())
    curve = np.concatenate([[0.0], sums])
    longer = temporal._aggregation_scales(len(x), min_scale=8, max_scale=60, scale_ratio=1.5)
    geometric_lags = np.unique(np.round(np.geomspace(1.0, 30.0, 12)).astype(int))
    yield (
        "nolds.dfa",
        "detrended_fluctuation",
        HALVES,
        {},
        nolds.dfa(x, nvals=HALVES, order=1, fit_exp="poly"),
    )
    yield (
        "nolds.dfa order 2",
        "detrended_fluctuation",
        HALVES[1:],
        {"order": 2},
        nolds.dfa(x, nvals=HALVES[1:], order=2, fit_exp="poly"),
    )
    yield (
        "nolds.hurst_rs",
        "rescaled_range",
        BLOCKS,
        {"correction": False},
        nolds.hurst_rs(x, nvals=BLOCKS, fit="poly", corrected=False, unbiased=False),
    )
    yield (
        "neurokit2.fractal_dfa",
        "detrended_fluctuation",
        BLOCKS,
        {"overlap": False},
        (neurokit2.fractal_dfa(x, scale=np.array(BLOCKS), overlap=False, order=1)[0]),
    )
    # antropy's windows are its own: from 4 to a tenth of the series, each 1.2 times the last.
    yield (
        "antropy.detrended_fluctuation",
        "detrended_fluctuation",
        antropy.fractal._log_n(4, 0.1 * len(x), 1.2),
        {"overlap": False},
        antropy.detrended_fluctuation(x),
    )
    yield "antropy.higuchi_fd", "higuchi", LAGS, {}, -antropy.higuchi_fd(curve, 30)
    yield (
        "lrdbench Higuchi",
        "higuchi",
        LAGS,
        {},
        -geometric._higuchi_fractal_dimension(curve, k_max=30),
    )
    for q in (1.0, 2.0):
        hurst = geometric._ghe_hurst(curve, n_scales=12, h_max=30, q=q)
        name = f"lrdbench GHE, q = {q:g}"
        yield name, "generalised_hurst", geometric_lags.tolist(), {"q": q}, q * hurst
    yield (
        "lrdbench VarianceResidual",
        "residual_variance",
        longer,
        {},
        2.0 * (temporal._variance_residual_hurst(x, min_scale=8, max_scale=60)),
    )


def main():
    warnings.simplefilter("ignore")
    x = np.loadtxt(sys.argv[1])
    keys = ("program", "function", "scales", "options", "slope")
    found = [dict(zip(keys, row, strict=True)) | {"series": "sunspots"} for row in rows(x)]
    for row in found:
        row["slope"], row["scales"] = float(row["slope"]), [int(s) for s in row["scales"]]
    names = ("nolds", "antropy", "neurokit2", "lrdbench", "numpy")
    print(
        json.dumps(
            {
                "program": {name: importlib.metadata.version(name) for name in names},
                "command": "python scaling_peers.py sunspots.txt",
                "conventions": "the series less its mean is summed; antropy and lrdbench are given "
                "the sums with a zero before them",
                "rows": found,
            },
            indent=1,
        )
    )


main()
