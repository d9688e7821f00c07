"""Golden values of the local Whittle family from pyelw, at explicit bandwidths.

Run with MEMTOOLS_DATA naming the folder of nile.csv, tree7.csv, arfima.csv and DJI.csv.
"""

import csv
import datetime
import importlib.metadata
import json
import os
from pathlib import Path

import numpy as np
from pyelw import ELW, LW, LWLFC, TwoStepELW

COLUMNS = {"nile": "nile", "tree7": "x", "arfima": "x", "DJI": "x"}
VELASCO_STEP = {"cosine": 3, "kolmogorov": 3, "bartlett": 2}

CONVENTIONS = {
    "m": "number of Fourier ordinates j = 1..m",
    "mean": "pyelw never removes the mean in LW and LWLFC: x - x.mean() was passed there. Passing "
    "x itself moves d by up to 1.7e-4 with the Bartlett taper, by less than 1e-7 elsewhere",
    "left out": "Velasco tapers where their step p does not divide m: pyelw then divides its "
    "floor(m / p) terms by m / p, which moves d by up to 0.12 and is not to be matched",
    "n_obs": "length of the series behind the frequencies 2 pi j / n_obs (after differencing, or "
    "after the first observation was dropped)",
    "cosine": "h_t = (1 - cos(2 pi t / n)) / 2, t = 1..n; ordinates j = 3, 6, .. <= m",
    "bartlett": "h_t = 1 - |t - c| / c, c = ceil(n / 2), t = 1..n; ordinates j = 2, 4, .. <= m",
    "kolmogorov": "threefold convolution of floor((n + 2) / 3) ones, zeros at the end up to n; "
    "ordinates j = 3, 6, .. <= m",
    "hc": "Hurvich and Chen (2000): differenced `diff` times, then h_t = (1 - exp(i 2 pi (t - 1/2) "
    "/ n)) / 2, transform with exp(+i), frequencies at j + 1/2, j = 1..m, power law in the "
    "frequency itself, not in 2 sin(frequency / 2); d is that of the undifferenced series",
    "power": "tapered periodogram |sum h_t x_t exp(i t l)|^2 / (2 pi sum |h_t|^2), n / 2 for hc",
    "exact_local_whittle": "mean: none or mean (sample mean). With none the level itself is "
    "differenced: nile d = 0.016 is the true minimum of that objective and no estimate of the "
    "memory",
    "two_step": "Shimotsu (2010): trend_order 0 removes the mean, 1 a line; first step with the "
    "cosine taper. The second step searches d_step1 +- 2.576 stderr_step1 only",
    "contaminated": "Hou and Perron (2014), a search from few starts. Lower objectives exist for "
    "DJI at m = 252 and 254 (7e-4): judge by the objective, lower is better",
    "stderr": "local_whittle untapered, exact and contaminated: observed curvature (exact: second "
    "difference with a step of 1% of d); Velasco tapers: sqrt(p Phi / (4 m)); hc: sqrt(1.5 / "
    "(4 sum v_j^2)), v the centred log(2 sin(frequency / 2)); two-step: 1 / (2 sqrt(m))",
    "precision": "golden-section search: d good to 5e-8",
}


def read_series(name):
    with (Path(os.environ["MEMTOOLS_DATA"]) / f"{name}.csv").open() as file:
        return np.array([float(row[COLUMNS[name]]) for row in csv.DictReader(file)])


def bandwidths(name, n_obs):
    """n^0.5, n^0.65 (and Stata's 49 and 94), each also rounded down to a multiple of 6."""
    chosen = [int(n_obs**0.5), int(n_obs**0.65)] + ([49, 94] if name == "nile" else [])
    return sorted({*chosen, *(m - m % 6 for m in chosen)})


def common(fit):
    return {
        "m": int(fit.m_),
        "n_obs": int(fit.n_),
        "d": float(fit.d_hat_),
        "stderr": float(fit.se_),
        "stderr_asymptotic": float(fit.ase_),
        "objective": float(fit.objective_),
    }


def local_whittle_values(name, x, m):
    options = [{"taper": taper} for taper in ("none", *VELASCO_STEP)]
    options += [{"taper": "hc", "diff": 1}]
    for option in options:
        if m % VELASCO_STEP.get(option["taper"], 1) == 0:
            fit = LW(**option).fit(x - x.mean(), m=m)
            yield {"series": name, **option, **common(fit)}


def exact_values(name, x, m):
    for mean in ("none", "mean"):
        yield {"series": name, "mean": mean} | common(ELW(mean_est=mean).fit(x, m=m))


def two_step_values(name, x, m):
    if m % VELASCO_STEP["cosine"]:
        return
    for order in (0, 1):
        fit = TwoStepELW(taper="cosine", trend_order=order).fit(x, m=m)
        yield {
            "series": name,
            "taper": "cosine",
            "trend_order": order,
            **common(fit),
            "d_step1": float(fit.d_step1_),
            "stderr_step1": float(fit.se_step1_),
        }


def contaminated_values(name, x, m):
    fit = LWLFC(noise=False).fit(x - x.mean(), m=m)
    yield {"series": name} | common(fit) | {"theta": float(fit.theta_)}


def tapered_ordinates(name, x):
    for taper in (*VELASCO_STEP, "hc"):
        data = LW().prepare_data(x - x.mean(), 30, taper, diff=1)
        yield {
            "series": name,
            "taper": taper,
            "diff": int(taper == "hc"),
            "frequencies": data["freqs"][:8].tolist(),
            "power": data["I_X"][:8].tolist(),
        }


FAMILIES = {
    "local_whittle": ("LW(taper=taper, diff=diff).fit(x - x.mean(), m=m)", local_whittle_values),
    "exact_local_whittle": ("ELW(mean_est=mean).fit(x, m=m)", exact_values),
    "two_step_local_whittle": (
        "TwoStepELW(taper='cosine', trend_order=trend_order).fit(x, m=m)",
        two_step_values,
    ),
    "contaminated_local_whittle": (
        "LWLFC(noise=False).fit(x - x.mean(), m=m)",
        contaminated_values,
    ),
}


def as_text(golden):
    """JSON with one value a line."""
    values = golden.pop("values")
    blocks = [
        f"  {json.dumps(family)}: [\n   "
        + ",\n   ".join(json.dumps(value) for value in rows)
        + "\n  ]"
        for family, rows in values.items()
    ]
    head = json.dumps(golden, indent=1)
    return head[:-2] + ',\n "values": {\n' + ",\n".join(blocks) + "\n }\n}\n"


def main():
    series = {name: read_series(name) for name in COLUMNS}
    values = {
        family: [
            value
            for name, x in series.items()
            for m in bandwidths(name, len(x))
            for value in compute(name, x, m)
        ]
        for family, (_, compute) in FAMILIES.items()
    }
    values["tapered_periodogram"] = [
        value for name in ("nile", "tree7") for value in tapered_ordinates(name, series[name])
    ]
    golden = {
        "program": {name: importlib.metadata.version(name) for name in ("pyelw", "numpy")},
        "command": "MEMTOOLS_DATA=FOLDER python local_whittle_peers.py",
        "calls": {family: call for family, (call, _) in FAMILIES.items()}
        | {"tapered_periodogram": "LW().prepare_data(x - x.mean(), 30, taper, diff=diff)"},
        "date": datetime.date.today().isoformat(),
        "conventions": CONVENTIONS,
        "values": values,
    }
    Path(__file__).with_suffix(".json").write_text(as_text(golden))


if __name__ == "__main__":
    main()
