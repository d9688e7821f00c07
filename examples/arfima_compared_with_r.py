"""Writes docs/arfima_compared_with_r.md: our ARFIMA numbers beside R's on the same data.

    MEMTOOLS_DATA=FOLDER python examples/arfima_compared_with_r.py > docs/arfima_compared_with_r.md

R's numbers come from tests/golden (programs, versions and commands are there).
"""

import json
import math
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import memtools as mt

GOLDEN = Path(__file__).parents[1] / "tests" / "golden"
COLUMNS = {"nile": 1, "tree7": 0, "arfima": 0}


def read(name: str) -> np.ndarray:
    folder = os.environ.get("MEMTOOLS_DATA")
    if folder is None:
        sys.exit("set MEMTOOLS_DATA to the folder of the CSV files")
    file = Path(folder) / f"{name}.csv"
    return np.loadtxt(file, delimiter=",", skiprows=1, usecols=COLUMNS[name])


def golden(name: str) -> dict:
    return json.loads((GOLDEN / name).read_text())


def numbers(values: list[float], digits: int = 4) -> str:
    return ", ".join(f"{value:.{digits}f}" for value in values) or "-"


def below(gap: float) -> str:
    """The power of ten that a difference stays below; rounding error alone is 1e-9."""
    return f"< 1e{math.ceil(math.log10(max(gap, 1e-9) * (1.0 + 1e-9))):d}"


def table(header: str, rows: Iterator[str]) -> None:
    print(header)
    print("|" + "---|" * (header.count("|") - 1))
    print("\n".join(rows), end="\n\n")


def likelihoods(cases: list[dict]) -> Iterator[str]:
    for case in cases:
        model = mt.ARFIMA(read(case["series"]), (len(case["ar"]), len(case["ma"])))
        params = [case["mean"], case["d"], *case["ar"], *case["ma"], case["sigma2"]]
        ours = model.loglike(params)
        what = f"{numbers(case['ar'], 3)} | {case['d']:.3f} | {numbers(case['ma'], 3)}"
        gap = abs(ours - case["loglik"])
        row = f"| {case['series']} | {what} | {case['loglik']:.6f} | {ours:.6f} | {below(gap)} |"
        yield row


def modes(cases: list[dict]) -> Iterator[str]:
    for case in cases:
        if not case["refined_gls_mean"]:
            continue
        fit = mt.ARFIMA(read(case["series"]), (case["p"], case["q"]))
        fit = fit.fit(bias_correction=False)
        for theirs in case["refined_gls_mean"]:
            distance = [abs(mode.loglike - theirs["loglik"]) for mode in fit.modes]
            ours = fit.modes[int(np.argmin(distance))]
            chosen = "yes" if ours is fit.modes[0] else ""
            yield (
                f"| {case['series']} ({case['p']}, d, {case['q']}) | {theirs['d']:.5f} | "
                f"{ours.d:.5f} | {numbers(theirs['ar'])} | {numbers(list(ours.ar))} | "
                f"{theirs['loglik']:.6f} | {ours.loglike:.6f} | {chosen} |"
            )


def fracdiff(cases: list[dict]) -> Iterator[str]:
    for case in cases:
        if not case["standardised"]:
            continue
        fit = mt.ARFIMA(read(case["series"]), (case["p"], case["q"]))
        fit = fit.fit(bias_correction=False)
        stderr = f"{case['stderr'][0]:.4f}" if case["stderr"] else "none"
        yield (
            f"| {case['series']} ({case['p']}, d, {case['q']}) | {case['d']:.4f} | {fit.d:.4f} | "
            f"{numbers(case['ar'])} | {numbers(list(fit.ar))} | {numbers(case['ma'])} | "
            f"{numbers(list(fit.ma))} | {stderr} | {fit.bse['d']:.4f} |"
        )


def forecasts(cases: list[dict]) -> Iterator[str]:
    for case in cases:
        x = read(case["series"]) - case["mean"]
        model = mt.ARFIMA(x, (len(case["ar"]), len(case["ma"])), trend="n")
        found = model.at([case["d"], *case["ar"], *case["ma"], case["sigma2"]]).get_forecast(
            len(case["forecast"])
        )
        gaps = np.abs(found.predicted_mean + case["mean"] - case["forecast"])
        errors = np.abs(found.se_mean - case["stderr"]) / np.array(case["stderr"])
        what = f"{numbers(case['ar'], 3)} | {case['d']:.3f} | {numbers(case['ma'], 3)}"
        last = f"{case['forecast'][-1]:.6f} | {found.predicted_mean[-1] + case['mean']:.6f}"
        yield (
            f"| {case['series']} | {what} | {last} | {below(gaps.max())} | {below(errors.max())} |"
        )


def main() -> None:
    given, fits = golden("arfima_r.json"), golden("arfima_fits_r.json")
    values, programs = given["values"], given["program"]
    versions = ", ".join(f"{name} {version}" for name, version in programs.items())
    print("# ARFIMA compared with R\n")
    print("Written by `examples/arfima_compared_with_r.py`; R's numbers and the scripts that made")
    print(f"them are in `tests/golden` ({versions}).")
    print("MA signs are ours, $1 + \\theta B$, everywhere: arfima, ltsa and fracdiff turn them.\n")
    print("## Log-likelihood at given parameters\n")
    print("R: `arfima::tacvfARFIMA` with `maxlag = 2^14` and `ltsa::DLLoglikelihood`, plus its")
    print("missing constant.  memtools: `ARFIMA(x, order).loglike(params)`.\n")
    table(
        "| series | ar | d | ma | R | memtools | gap |",
        likelihoods([case for case in values["given"] if case["mean_by"] == "gls"]),
    )
    print("## Modes of the exact likelihood\n")
    print("R: all modes of `arfima::arfima`, refined with the mean by generalised least squares.")
    print("memtools: the nearest of `fit().modes`; the last column marks the one reported as the")
    print("estimate, by the restricted likelihood among invertible modes.\n")
    header = "| model | d (R) | d | ar (R) | ar | log-likelihood (R) | log-likelihood | chosen |"
    table(header, modes(fits["values"]))
    print("## fracdiff's approximation\n")
    print("`fracdiff::fracdiff` on the standardised series (it is not invariant to scale with ARMA")
    print("terms).  Its estimates approximate ours; its standard errors are the ones its help page")
    print("calls too narrow.\n")
    header = "| model | d (R) | d | ar (R) | ar | ma (R) | ma | s.e. of d (R) | s.e. of d |"
    table(header, fracdiff(values["fracdiff_fits"]))
    print("## Forecasts\n")
    print("Exact predictors ten steps ahead at given parameters (`ltsa::TrenchForecast`), mean and")
    print("standard error: largest difference over the steps.\n")
    header = "| series | ar | d | ma | last (R) | last | gap of means | relative gap of s.e. |"
    table(header, forecasts(values["forecasts"]))


if __name__ == "__main__":
    main()
