"""Every comparison with other programs and with the literature, on one page: docs/validation.md.

    MEMTOOLS_DATA=FOLDER python benchmarks/validation.py      compares, and writes the page
    python benchmarks/validation.py --page                    only writes the page

FOLDER has the paper's series and the Nile minima (nile.csv, tree7.csv, arfima.csv, DJI.csv,
traffic.csv).  What was compared is kept in benchmarks/measured/validation.csv: of each line the
largest difference, and one pair of numbers to look at.  tests/test_claims.py holds that the page is
what was kept, and that the tests it names are there.
"""

from __future__ import annotations

import csv
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import equivalents
import numpy as np

import memtools as mt
from memtools.inference.laws import law

ROOT = Path(__file__).parents[1]
PAGE, STORE = ROOT / "docs" / "validation.md", ROOT / "benchmarks" / "measured" / "validation.csv"
GOLDEN = ROOT / "tests" / "golden"
_MARKS = re.compile(r"(<!-- validation: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_COLUMNS = ("part", "what", "source", "compared", "ours", "theirs", "difference", "within", "test")
_MEMTOOLS = "memtools: local_whittle, m = 64"
Pairs = Iterable[tuple[Any, Any]]


@dataclass(frozen=True)
class Comparison:
    """Numbers of ours beside theirs, with the tolerance and the test that hold them together."""

    part: str
    what: str
    golden: str
    pairs: Callable[[dict[str, Any]], Pairs]
    within: float
    test: str
    relative: bool = False
    literature: str = ""

    def line(self) -> dict[str, str]:
        path = GOLDEN / f"{self.golden}.json"
        kept = {} if self.literature else json.loads(path.read_text())
        differences, shown = [], None
        for ours, theirs in self.pairs(kept):
            a, b = np.atleast_1d(ours).astype(float), np.atleast_1d(theirs).astype(float)
            scale = np.maximum(np.abs(b), 1e-300) if self.relative else 1.0
            differences.append(float(np.max(np.abs(a - b) / scale)))
            shown = shown or (a.ravel()[-1], b.ravel()[-1])
        assert shown is not None, self.what
        unit = " (relative)" if self.relative else ""
        values = (
            *(self.part, self.what, self.literature or source(kept), str(len(differences))),
            *(f"{value:.6g}" for value in shown),
            *(f"{max(differences):.1e}{unit}", f"{self.within:g}{unit}", self.test),
        )
        return dict(zip(_COLUMNS, values, strict=True))


def source(kept: dict[str, Any]) -> str:
    """Programs and day of a golden file's birth certificate."""
    program = kept["program"]
    if isinstance(program, dict) and "source" in program:
        program = program["source"].partition(" (")[0]
    elif isinstance(program, dict):
        program = ", ".join(f"{name} {version}" for name, version in program.items())
    return f"{program}; {kept['date']}" if "date" in kept else program


def read(name: str) -> np.ndarray:
    path = Path(os.environ["MEMTOOLS_DATA"]) / f"{name}.csv"
    column = 1 if name in ("nile", "traffic") else 0
    return np.loadtxt(path, delimiter=",", skiprows=1, usecols=column)


def at_m(function: Callable[..., Any], key: str, *options: str) -> Callable[..., Iterator[Any]]:
    """Pairs of d at the rows' own bandwidth, and further columns of the rows as arguments."""

    def pairs(kept: dict[str, Any]) -> Iterator[Any]:
        for row in kept["values"][key]:
            arguments = [None if row[name] == "none" else row[name] for name in options]
            yield function(read(row["series"]), row["m"], *arguments).d, row["d"]

    return pairs


def stata(kept: dict[str, Any]) -> Iterator[Any]:
    for row in kept["values"]:
        if row["m"] <= 663 // 2 and not row["detrended"]:
            exact = row["method"] != "local_whittle"
            x = read(row["series"])
            found = mt.exact_local_whittle(x, row["m"], "sample") if exact else None
            yield (found or mt.local_whittle(x, row["m"])).d, row["d"]


def exact_means(x: np.ndarray, m: int, mean: str | None) -> Any:
    return mt.exact_local_whittle(x, m, "zero" if mean is None else "sample")


def likelihoods(kept: dict[str, Any]) -> Iterator[Any]:
    for row in kept["values"]["given"]:
        if row["mean_by"] == "sample":
            process = mt.ARFIMAProcess(row["ar"], row["d"], row["ma"], row["sigma2"])
            x = read(row["series"]) - row["mean"]
            found = mt.gaussian_loglike(x, process.autocovariance(len(x) - 1))
            yield found, row["loglik"]
            yield found, row["loglik_supergauss"]


def autocovariances(kept: dict[str, Any]) -> Iterator[Any]:
    for row in kept["values"]:
        process = mt.ARFIMAProcess(row["ar"], row["d"], row["ma"])
        exact = np.array(row["autocovariance"])
        found = process.autocovariance(max(kept["lags"]))[kept["lags"]]
        yield found / exact[0], exact / exact[0]


def fgn_spectra(kept: dict[str, Any]) -> Iterator[Any]:
    for row in kept["values"]:
        process = mt.FractionalGaussianNoise(row["hurst"])
        frequencies = np.array(kept["frequencies"])
        yield process.spectral_density(frequencies), row["spectral_density"]


def scaling(kept: dict[str, Any]) -> Iterator[Any]:
    x = np.asarray(mt.datasets.load("sunspots"), dtype=float)
    for row in kept["rows"]:
        yield (
            getattr(mt, row["function"])(x, scales=row["scales"], **row["options"]).slope,
            row["slope"],
        )


def multifractal(kept: dict[str, Any]) -> Iterator[Any]:
    x = np.asarray(mt.datasets.load("sunspots"), dtype=float)
    found = mt.mfdfa(x, kept["q"], scales=kept["scales"], n_surrogates=0).fluctuations
    yield found, kept["MFDFA"]
    yield found, kept["fathon"]


def wavelets(kept: dict[str, Any]) -> Iterator[Any]:
    x = np.asarray(mt.datasets.load("sp500_abs"), dtype=float)[: kept["n_obs"]]
    options = {"octaves": kept["octaves"], "n_surrogates": 0, "n_boot": 2}
    found = mt.wavelet_leaders(x, kept["q"], **options)
    yield found.q * found.hurst, kept["zeta"]
    yield found.intermittency, kept["c2"]
    octaves = (1, len(kept["variances"]))
    yield mt.wavelet_variance(x, octaves=octaves).details["variances"], kept["variances"]


def differences(kept: dict[str, Any]) -> Iterator[Any]:
    for row in kept["values"]["diffseries"]:
        x = read(row["series"])
        yield mt.fracdiff(x - x.mean(), row["d"])[: len(row["first"])], row["first"]


def smoothed(kept: dict[str, Any]) -> Iterator[Any]:
    for row in kept["values"]["smoothed_gph"]:
        yield mt.smoothed_gph(read(row["series"]), row["m"], row["n_lags"]).d, row["d"]


def correlations(kept: dict[str, Any]) -> Iterator[Any]:
    for row in kept["values"]["correlation"]:
        x = read(row["series"])
        yield mt.autocorrelation(x, row["n_lags"]), row["autocorrelation"]
        yield mt.partial_autocorrelation(x, row["n_lags"]), row["partial_autocorrelation"]


def in_r(kept: dict[str, Any]) -> Iterator[Any]:
    rows = [row for row in equivalents.ROWS if row.program in equivalents.IN_R and row.ours]
    for row in rows:
        if row.within <= 1e-4:
            yield equivalents.ours(row), kept["values"][f"{row.program}: {row.theirs}"]


def fitted(kept: dict[str, Any]) -> Iterator[Any]:
    """The exact likelihood at every mode that R's arfima found and the same mean."""
    for row in kept["values"]:
        for mode in row["refined_sample_mean"]:
            x = read(row["series"])
            process = mt.ARFIMAProcess(mode["ar"], mode["d"], mode["ma"], mode["sigma2"])
            acov = process.autocovariance(len(x) - 1)
            yield mt.gaussian_loglike(x - x.mean(), acov), mode["loglik"]


def shimotsu_phillips(kept: dict[str, Any]) -> Iterator[Any]:
    """Bias and deviation of the exact estimator: 400 paths beside the paper's 10,000."""
    table = kept["values"][0]
    for d, bias, sd, _ in table["rows"]:
        if -1.5 < d < 1.5:
            noise = np.random.default_rng(1).standard_normal((400, table["n"]))
            found = [mt.exact_local_whittle(mt.fracint(x, d), table["m"], "zero").d for x in noise]
            yield np.mean(found) - d, bias
            yield np.std(found), sd


def quantiles(table: str, name: str, printed: dict[float, float], *at: float) -> Callable[..., Any]:
    """Of a law that is shipped, at (1 / m^1/2, trimming), beside the printed ones."""

    def pairs(_: dict[str, Any]) -> Iterator[Any]:
        found = law(table, name, *(at or (0.0, 0.0)))
        yield from ((found.quantile(level), value) for level, value in printed.items())

    return pairs


QU = {0.90: 1.118, 0.95: 1.252, 0.975: 1.374, 0.99: 1.517}
VS = {0.90: 0.1518, 0.95: 0.1869, 0.99: 0.2684}
LO = {0.025: 0.809, 0.90: 1.620, 0.95: 1.747, 0.975: 1.862, 0.99: 2.001}
COMPARISONS = [
    Comparison("semiparametric", "`gph` and R's fdGPH", "semiparametric_r",
               at_m(mt.gph, "gph"), 1e-8, "tests/estimators/test_golden.py"),
    Comparison("semiparametric", "`smoothed_gph` and R's fdSperio", "semiparametric_r",
               smoothed, 1e-8, "tests/estimators/test_golden.py"),
    Comparison("semiparametric", "`local_whittle`, `exact_local_whittle` and Stata's whittle",
               "stata_local_whittle", stata, 3e-6, "tests/estimators/test_golden.py"),
    Comparison("semiparametric", "`local_whittle` and pyelw, five tapers", "local_whittle_peers",
               at_m(mt.local_whittle, "local_whittle", "taper"), 1e-6,
               "tests/estimators/test_golden.py"),
    Comparison("semiparametric", "`exact_local_whittle` and pyelw", "local_whittle_peers",
               at_m(exact_means, "exact_local_whittle", "mean"), 1e-5,
               "tests/estimators/test_golden.py"),
    Comparison("semiparametric", "`two_step_local_whittle` and pyelw", "local_whittle_peers",
               at_m(mt.two_step_local_whittle, "two_step_local_whittle", "trend_order"), 1e-5,
               "tests/estimators/test_golden.py"),
    Comparison("scaling", "slopes and nolds, antropy, neurokit2, lrdbench", "scaling", scaling,
               1e-9, "tests/estimators/test_scaling.py"),
    Comparison("scaling", "fluctuations of `mfdfa` and MFDFA, fathon", "multifractal", multifractal,
               1e-6, "tests/estimators/test_multifractal.py", True),
    Comparison("scaling", "wavelet variances, exponents by leaders laid in and pymultifracs",
               "pymultifracs", wavelets, 1e-9, "tests/estimators/test_multifractal.py", True),
    Comparison("primitives", "`fracdiff` and R's diffseries", "semiparametric_r", differences, 1e-8,
               "tests/test_fractional.py"),
    Comparison("primitives", "autocorrelations and R's acf, pacf", "semiparametric_r", correlations,
               1e-9, "tests/test_correlation.py"),
    Comparison("processes", "ARFIMA autocovariances and mpmath", "arfima_autocovariance",
               autocovariances, 1e-12, "tests/test_processes.py"),
    Comparison("processes", "spectrum of fractional noise and mpmath", "fgn_spectrum", fgn_spectra,
               1e-9, "tests/test_processes.py", True),
    Comparison("processes", "exact log-likelihood and R's ltsa, arfima, SuperGauss", "arfima_r",
               likelihoods, 1e-6, "tests/test_toeplitz.py"),
    Comparison("processes", "the same at the modes that R's arfima finds", "arfima_fits_r", fitted,
               1e-5, "tests/test_arfima_model.py"),
    Comparison("programs", "calls of fracdiff, longmemo, forecast, LongMemoryTS", "equivalents_r",
               in_r, 1e-4, "tests/test_equivalents.py"),
    Comparison("literature", "bias and deviation of `exact_local_whittle`, Shimotsu and Phillips "
               "(2005), table 1", "published_monte_carlo", shimotsu_phillips, 2e-2,
               "tests/estimators/test_monte_carlo.py"),
    Comparison("literature", "critical values of `qu_test` at 5,000 ordinates", "",
               quantiles("spurious_laws", "score", QU, 5000**-0.5, 0.02), 2.5e-2,
               "tests/inference/test_spurious.py", True, "Qu (2011), table 1"),
    Comparison("literature", "limit law of V/S", "", quantiles("short_laws", "vs", VS), 1e-4,
               "tests/inference/test_short_memory.py",
               literature="Giraitis, Kokoszka, Leipus and Teyssiere (2003)"),
    Comparison("literature", "limit law of `modified_rescaled_range`", "",
               quantiles("short_laws", "range", LO), 1e-3, "tests/inference/test_short_memory.py",
               literature="Lo (1991), table II"),
]  # fmt: skip
# Compared by tests that train, or that need other programs' classes: not repeated here.
RECORDED = [
    ("networks", "losses of the first epochs, seed by seed", "first_epochs", "3.3e-7 (relative)",
     "tests/replication/test_protocol.py"),
    ("networks", "losses of the review models", "review_epochs", "as the test says",
     "tests/replication/test_reviews.py"),
    ("networks", "cells of the authors' code", "authors_cells", "1e-6",
     "tests/networks/test_cells.py"),
    ("tests", "change of d (memochange)", "tests_r", "1e-8 (relative)",
     "tests/inference/test_changes.py"),
    ("tests", "Qu's test (LongMemoryTS), shifts in the mean (memochange)", "shifts_r",
     "as the test says", "tests/inference/test_r_programs.py"),
    ("tests", "narrow-band least squares, LongMemoryTS", "cointegration", "1e-9 (relative)",
     "tests/inference/test_cointegration.py"),
    ("processes", "tempered models: autocovariances and fits", "artfima_r", "as the test says",
     "tests/test_artfima.py"),
    ("programs", "Whittle and FEXP fits of longmemo, with the differences it makes", "longmemo_r",
     "as the test says", "tests/estimators/test_parametric.py"),
]  # fmt: skip
_LAYERS = ("1e-05 (relative)", "tests/networks/test_released_layers.py")


def recorded() -> Iterator[dict[str, str]]:
    """Golden files that only tests compare; what nobody listed by the test it is in."""
    listed = {golden: (part, what, *held) for part, what, golden, *held in RECORDED}
    compared = {one.golden for one in COMPARISONS}
    for path in sorted(GOLDEN.rglob("*.json")):
        golden = path.stem
        if golden in compared:
            continue
        layer = ("networks", f"layers of {golden}, initial and trained", *_LAYERS)
        other = layer if path.parent != GOLDEN else ("programs", golden, "", reader(golden))
        part, what, within, test = listed.get(golden, other)
        kept = source(json.loads(path.read_text()))
        told = {"part": part, "what": what, "source": kept, "within": within, "test": test}
        yield dict.fromkeys(_COLUMNS, "") | told


def reader(golden: str) -> str:
    tests = [p for p in sorted((ROOT / "tests").rglob("test_*.py")) if golden in p.read_text()]
    return str(tests[0].relative_to(ROOT))


def paper() -> Iterator[dict[str, str]]:
    """Table 2 of Zhao et al. (2020): the means of docs/replication.md beside the printed ones."""
    text = (ROOT / "docs" / "replication.md").read_text()
    rows = text[text.index("## Test RMSE") :].split("\n\n")[2].splitlines()[2:]
    with (ROOT / "memtools" / "replication" / "published.csv").open(newline="") as file:
        printed = {(row["group"], row["name"]): row["mean"] for row in csv.DictReader(file)}
    for row in rows:
        model, *cells = [cell.strip() for cell in row.strip("|").split("|")]
        for group, cell in zip(("arfima", "DJI", "traffic", "tree7"), cells, strict=True):
            mean, _, errors = cell.split()
            value = float(printed[group, model]) * (100.0 if group == "DJI" else 1.0)
            told = (
                *("paper", f"test RMSE of {model} on {group}", "Zhao et al. (2020), table 2"),
                *("100 seeds", mean, f"{value:g}", f"{errors} standard errors", ""),
                "docs/replication.md",
            )
            yield dict(zip(_COLUMNS, told, strict=True))


def referee() -> Iterator[dict[str, str]]:
    """Mean absolute errors that lrdbench publishes, and what its pipelines have here."""
    kept = ROOT / "benchmarks" / "measured" / "referee_public.csv"
    if not kept.exists():
        return
    with kept.open(newline="") as file:
        rows = list(csv.DictReader(file))
    ours = {row["family"]: row for row in rows if row["estimator"] == _MEMTOOLS}
    for row in rows:
        if row["estimator"] == "local Whittle, m = 64" and row["family"] != "AR(1)":
            mine, value = ours[row["family"]], float(row["published"])
            errors = (float(mine["mae"]) - value) / float(mine["mae_stderr"])
            values = (
                *("referee", f"mean error of `local_whittle` at m = 64, {row['family']}"),
                *("lrdbench 2.0.0", f"{mine['n_paths']} paths a cell", mine["mae"]),
                *(f"{value:.4f}", f"{errors:+.1f} standard errors", "", "docs/referee.md"),
            )
            yield dict(zip(_COLUMNS, values, strict=True))


HEADS = [
    "what",
    "source",
    "compared",
    "ours, one of them",
    "theirs",
    "largest difference",
    "within",
]


def block(rows: list[dict[str, str]], part: str) -> str:
    head = [*HEADS, "held by"]
    lines = ["", "| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for row in rows:
        if row["part"] == part:
            lines.append("| " + " | ".join(row[name] for name in _COLUMNS[1:]) + " |")
    return "\n".join(lines) + "\n"


def page(text: str) -> str:
    with STORE.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return _MARKS.sub(lambda m: m.group(1) + block(rows, m.group(2)) + m.group(3), text)


def main() -> None:
    if "--page" not in sys.argv:
        rows = [one.line() for one in COMPARISONS]
        rows += [*recorded(), *paper(), *referee()]
        with STORE.open("w", newline="") as file:
            writer = csv.DictWriter(file, _COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    PAGE.write_text(page(PAGE.read_text()))


if __name__ == "__main__":
    main()
