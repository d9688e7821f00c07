"""The table of a fitted model in the layout that statsmodels' users know."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from memtools._validate import FloatArray
from memtools.results._base import plain
from memtools.results.tables import Table

if TYPE_CHECKING:
    from memtools.arfima.results import ARFIMAResults

_WIDTH = 78


def summary_text(result: ARFIMAResults, level: float) -> str:
    """Heading, coefficients, tests of the residuals, notes."""
    double, single = "=" * _WIDTH, "-" * _WIDTH
    lines = ["ARFIMA Results".center(_WIDTH).rstrip(), double]
    lines += [_pair(*row) for row in _heading(result)]
    lines += [double, *_coefficients(result, level, single), double]
    lines += [_pair(*row) for row in _diagnostics(np.asarray(result.resid))]
    lines += [double, "", "Notes:"]
    for i, note in enumerate(_notes(result, level), start=1):
        lines += textwrap.wrap(f"[{i}] {note}", _WIDTH, subsequent_indent="    ")
    return "\n".join(lines)


def _pair(left: str, left_value: str, right: str, right_value: str) -> str:
    return f"{left:<20}{left_value:>18}   {right:<22}{right_value:>15}".rstrip()


def _heading(result: ARFIMAResults) -> list[tuple[str, str, str, str]]:
    model = result.model
    p, q = model.order
    name = str(getattr(model.endog, "name", None) or "y")
    first, last = "0", f"- {model.n_obs}"
    index = getattr(model.endog, "index", None)
    if index is not None and not callable(index):
        first, last = str(index[0])[:10], f"- {str(index[-1])[:10]}"
    method = {"whittle": "Whittle", "css": "CSS"}.get(result.method, result.method.split(",")[0])
    return [
        ("Dep. Variable:", name[:18], "No. Observations:", str(model.n_obs)),
        ("Model:", f"ARFIMA({p}, d, {q})", "Log Likelihood", f"{result.llf:.3f}"),
        ("Method:", method, "AIC", f"{result.aic:.3f}"),
        ("Differences:", str(result.integration), "BIC", f"{result.bic:.3f}"),
        ("Sample:", first, "HQIC", f"{result.hqic:.3f}"),
        ("", last, "Converged:", str(result.converged)),
    ]


def _coefficients(result: ARFIMAResults, level: float, rule: str) -> list[str]:
    tail = (1.0 - level) / 2.0
    low, high = f"[{tail:.3g}", f"{1.0 - tail:.3g}]"
    header = f"{'':<12}{'coef':>11}{'std err':>11}{'z':>11}{'P>|z|':>11}{low:>11}{high:>11}"
    rows = [header, rule]
    columns = zip(
        result.param_names,
        result.params,
        result.bse,
        result.tvalues,
        result.pvalues,
        result.conf_int(1.0 - level).to_numpy(),
        strict=True,
    )
    for name, value, stderr, z, pvalue, (lower, upper) in columns:
        cells = [_shown(value, 4), _shown(stderr, 3), f"{z:.3f}", f"{pvalue:.3f}"]
        cells += [_shown(lower, 3), _shown(upper, 3)]
        rows.append(f"{name[:12]:<12}" + "".join(f"{cell:>11}" for cell in cells))
    return rows


def _shown(value: float, digits: int) -> str:
    """A number in at most ten characters."""
    plain = f"{value:.{digits}f}"
    small = value != 0.0 and abs(value) < 10.0**-digits
    return f"{value:.2e}" if small or len(plain) > 10 else plain


def _diagnostics(resid: FloatArray) -> list[tuple[str, str, str, str]]:
    """Ljung-Box at lag 1 and Jarque-Bera of the one-step errors."""
    n_obs = int(np.isfinite(resid).sum())
    centred = np.nan_to_num(resid - np.nanmean(resid))  # gaps add nothing
    variance = float(centred @ centred) / n_obs
    rho = float(centred[1:] @ centred[:-1]) / (n_obs * variance)
    box = n_obs * (n_obs + 2.0) * rho**2 / (n_obs - 1.0)
    skew = float(np.sum(centred**3)) / n_obs / variance**1.5
    kurtosis = float(np.sum(centred**4)) / n_obs / variance**2
    bera = n_obs / 6.0 * (skew**2 + (kurtosis - 3.0) ** 2 / 4.0)
    return [
        ("Ljung-Box (L1) (Q):", f"{box:.2f}", "Jarque-Bera (JB):", f"{bera:.2f}"),
        ("Prob(Q):", f"{math.erfc(math.sqrt(box / 2.0)):.2f}", "Prob(JB):", _p(bera)),
        ("Skew:", f"{skew:.2f}", "Kurtosis:", f"{kurtosis:.2f}"),
    ]


def _p(bera: float) -> str:
    return f"{math.exp(-bera / 2.0):.2f}"  # chi-square with two degrees of freedom


def _notes(result: ARFIMAResults, level: float) -> list[Any]:
    from memtools.arfima.results import PROFILE_MAX_OBS

    notes = [
        "Standard errors of d, AR and MA from the Fisher information in the sample, of the "
        "regression by generalised least squares."
    ]
    if result.model.n_obs <= PROFILE_MAX_OBS:
        notes.append(
            f"The {level:.0%} interval of d inverts the likelihood ratio of the modified profile "
            "likelihood; the others are estimate -/+ z standard errors."
        )
    return [*notes, *result.notes]


def plain_fit(result: ARFIMAResults) -> dict[str, Any]:
    """Estimates, standard errors, intervals, criteria and modes in plain types."""
    ends, errors = result.conf_int(), result.bse
    estimates = {
        name: {
            "estimate": result.params[name],
            "stderr": errors[name],
            "low": ends.loc[name, 0],
            "high": ends.loc[name, 1],
        }
        for name in result.param_names
    }
    shown: dict[str, Any] = plain(
        {
            "model": f"ARFIMA({result.model.order[0]}, d, {result.model.order[1]})",
            "method": result.method,
            "n_obs": result.model.n_obs,
            "params": estimates,
            "d": result.d,
            "integration": result.integration,
            "llf": result.llf,
            "aic": result.aic,
            "bic": result.bic,
            "hqic": result.hqic,
            "converged": result.converged,
            "modes": result.modes,
            "notes": result.notes,
        }
    )
    return shown


def fit_tables(result: ARFIMAResults, level: float = 0.95) -> list[Table]:
    """Coefficients, then criteria and tests of the residuals, for pages and notebooks."""
    tail = (1.0 - level) / 2.0
    header = ["", "coef", "std err", "z", "P>|z|", f"[{tail:.3g}", f"{1.0 - tail:.3g}]"]
    columns = (result.params, result.bse, result.tvalues, result.pvalues)
    ends = result.conf_int(1.0 - level).to_numpy().T
    rows = [
        [name, *(_shown(value, 4) for value in values)]
        for name, *values in zip(result.param_names, *columns, *ends, strict=True)
    ]
    tests = [*_heading(result), *_diagnostics(np.asarray(result.resid))]
    pairs = [
        (label.rstrip(":"), value) for a, b, c, d in tests for label, value in ((a, b), (c, d))
    ]
    facts = [pair for pair in pairs if pair[0]]
    return [
        Table("Coefficients", header, rows),
        Table("The fit and its residuals", ["", "value"], facts),
    ]
