"""Text, tables and plain dictionaries of a fitted model, and the residuals it leaves."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from memtools import _validate
from memtools._labels import is_labelled
from memtools._validate import FloatArray
from memtools.correlation import autocorrelation, autocorrelation_band
from memtools.results import ResidualDiagnostics
from memtools.results._base import plain
from memtools.results.tables import Table

if TYPE_CHECKING:
    from memtools.arfima.results import ARFIMAResults

_GRID = 201
# The density costs sample times grid: a longer sample is thinned evenly for it.
_DENSITY_OBS = 20_000


def residual_tests(results: ARFIMAResults) -> tuple[float, ...]:
    """Are the one-step errors uncorrelated, and normal?"""
    from statsmodels.stats.stattools import jarque_bera
    from statsmodels.tsa.stattools import q_stat

    seen, without_gaps = _centred(results.resid)
    box, pvalue = q_stat(autocorrelation(without_gaps, 1)[1:], len(seen))
    return float(box[0]), float(pvalue[0]), *map(float, jarque_bera(seen))


def _centred(residuals: Any) -> tuple[FloatArray, FloatArray]:
    """The residuals that were observed; all less their mean, nought at gaps."""
    values = np.asarray(residuals)
    seen = values[np.isfinite(values)]
    return seen, np.nan_to_num(values - seen.mean())


def residual_diagnostics(
    results: ARFIMAResults, n_lags: int | None = None, level: float = 0.95
) -> ResidualDiagnostics:
    """The numbers behind `plot_diagnostics`."""
    from scipy import stats

    residuals = results.standardized_resid
    seen, without_gaps = _centred(residuals)
    n_seen = len(seen)
    if n_lags is None:
        n_lags = min(n_seen - 1, int(10.0 * math.log10(n_seen)))
    n_lags = _validate.as_n_lags(n_lags, n_seen)
    reach = max(4.0, 1.1 * float(np.abs(seen).max()))
    grid = np.linspace(-reach, reach, _GRID)
    thinned = seen[:: -(-n_seen // _DENSITY_OBS)]
    return ResidualDiagnostics(
        residuals=residuals,
        grid=grid,
        density=stats.gaussian_kde(thinned)(grid),
        normal_density=stats.norm.pdf(grid),
        normal_quantiles=stats.norm.ppf((np.arange(n_seen) + 0.5) / n_seen),
        autocorrelations=autocorrelation(without_gaps, n_lags),
        band=autocorrelation_band(seen, n_lags, level=level),
        level=level,
    )


_WIDTH = 78


def summary_text(result: ARFIMAResults, level: float, width: int | None = None) -> str:
    """Heading, coefficients, tests of the residuals, notes."""
    table = coefficient_table(result, level)
    if width is not None and width < _WIDTH:
        return _narrow_text(result, table, level, width)
    double, single = "=" * _WIDTH, "-" * _WIDTH
    rows = [
        f"{name[:12]:<12}" + "".join(f"{cell:>11}" for cell in cells)
        for name, *cells in (table.header, *table.rows)
    ]
    lines = ["ARFIMA Results".center(_WIDTH).rstrip(), double]
    lines += [_pair(*row) for row in _heading(result)]
    lines += [double, rows[0], single, *rows[1:], double]
    lines += [_pair(*row) for row in _tests(result)]
    return "\n".join([*lines, double, "", *_note_lines(result, level, _WIDTH)])


def _narrow_text(result: ARFIMAResults, table: Table, level: float, width: int) -> str:
    """The same pairs and rows, one under the other."""
    lines = ["ARFIMA Results"]
    for pairs in (_heading(result), _tests(result)):
        for name, value in [*(row[:2] for row in pairs), *(row[2:] for row in pairs)]:
            if name:
                lines += textwrap.wrap(f"{name.rstrip(':')}: {value}", width)
            elif value:  # the second line of the sample
                lines[-1] += f" {value}"
    return "\n".join([*lines, "", table.text(width), "", *_note_lines(result, level, width)])


def _note_lines(result: ARFIMAResults, level: float, width: int) -> list[str]:
    lines = ["Notes:"]
    for i, note in enumerate(_notes(result, level), start=1):
        lines += textwrap.wrap(f"[{i}] {note}", width, subsequent_indent="    ")
    return lines


def _pair(left: str, left_value: str, right: str, right_value: str) -> str:
    return f"{left}{left_value:>{38 - len(left)}}   {right:<22}{right_value:>15}".rstrip()


def _heading(result: ARFIMAResults) -> list[tuple[str, str, str, str]]:
    model, endog = result.model, cast(Any, result.model.endog)
    name = str(getattr(endog, "name", None) or "y")
    first, last = "0", f"- {model.n_obs}"
    if is_labelled(endog):
        first, last = str(endog.index[0])[:10], f"- {str(endog.index[-1])[:10]}"
    method = {"whittle": "Whittle", "css": "CSS"}.get(result.method, result.method.split(",")[0])
    return [
        ("Dep. Variable:", name[:18], "No. Observations:", str(model.n_obs)),
        ("Model:", _title(result), "Log Likelihood", f"{result.llf:.3f}"),
        ("Method:", method, "AIC", f"{result.aic:.3f}"),
        ("Differences:", _differences(result), "BIC", f"{result.bic:.3f}"),
        ("Sample:", first, "HQIC", f"{result.hqic:.3f}"),
        ("", last, "Converged:", str(result.converged)),
    ]


def _differences(result: ARFIMAResults) -> str:
    times, period = result.model.design.season
    return f"{result.integration}" + (f" and {times} of lag {period}" if times else "")


def _title(result: ARFIMAResults) -> str:
    p, q = result.model.order
    d = "d" if result.model.given_d is None else f"{result.model.given_d:g}"
    season = result.model.seasonal_order
    return f"ARFIMA({p}, {d}, {q})" + (f"x{season}" if season else "")


def _tests(result: ARFIMAResults) -> list[tuple[str, str, str, str]]:
    """Ljung-Box at lag 1 and Jarque-Bera of the one-step errors."""
    box, box_p, bera, bera_p, skew, kurtosis = (f"{v:.2f}" for v in residual_tests(result))
    return [
        ("Ljung-Box (L1) (Q):", box, "Jarque-Bera (JB):", bera),
        ("Prob(Q):", box_p, "Prob(JB):", bera_p),
        ("Skew:", skew, "Kurtosis:", kurtosis),
    ]


def coefficient_table(result: ARFIMAResults, level: float) -> Table:
    """A row a parameter, in statsmodels' columns."""
    tail = (1.0 - level) / 2.0
    header = ["", "coef", "std err", "z", "P>|z|", f"[{tail:.3g}", f"{1.0 - tail:.3g}]"]
    columns = (result.params, result.bse, result.tvalues, result.pvalues)
    rows = []
    for name, value, stderr, z, pvalue, *ends in zip(
        result.param_names, *columns, *result.conf_int(1.0 - level).to_numpy().T, strict=True
    ):
        # A variance is above zero for sure, a given d was not estimated: there is no test.
        tested = [f"{z:.3f}", f"{pvalue:.3f}"] if math.isfinite(z) else ["-", "-"]
        cells = [_shown(value, 4), _shown(stderr, 3), *tested]
        rows.append([name, *cells, *(_shown(end, 3) for end in ends)])
    return Table("Coefficients", header, rows)


def _shown(value: float, digits: int) -> str:
    """A number in at most ten characters."""
    plain = f"{value:.{digits}f}"
    small = value != 0.0 and abs(value) < 10.0**-digits
    return f"{value:.2e}" if small or len(plain) > 10 else plain


def _notes(result: ARFIMAResults, level: float) -> list[str]:
    notes = [
        "Standard errors of d, AR and MA from the Fisher information in the sample, of the "
        "regression by generalised least squares."
    ]
    if result.calibrated():
        notes = [
            "The estimates maximise the modified (restricted) profile likelihood; log-likelihood "
            "and criteria are those of the maximum of the likelihood (mle).",
            "z, P and intervals: likelihood ratios of the restricted likelihood for d, AR and MA, "
            "Student's t over what d may be for the regression, chi-square for sigma2. "
            f"{notes[0]}",
        ]
        sets = {name: result.confidence_set(name, level) for name in result.param_names}
        for name, pieces in sets.items():
            if len(pieces) > 1:
                listed = " and ".join(f"[{low:.3f}, {high:.3f}]" for low, high in pieces)
                notes.append(
                    f"The likelihood has several modes: the {level:.0%} set of {name} is {listed}."
                )
    else:
        shown = "z, P and intervals"
        if result.profiled:
            listed = ", ".join(result.profiled)
            notes += [f"{shown} of {listed}: likelihood ratios of the restricted likelihood."]
            shown += " of the others"
        notes[0] += f" {shown} are estimate -/+ standard errors."
    return [*notes, *result.notes]


def plain_fit(result: ARFIMAResults) -> dict[str, Any]:
    """Estimates, standard errors, intervals, criteria and modes in plain types."""
    frame = result.conf_int().set_axis(["low", "high"], axis=1)
    frame.insert(0, "estimate", result.params)
    frame.insert(1, "stderr", result.bse)
    names = ("d", "integration", "llf", "aic", "bic", "hqic", "converged", "modes", "notes")
    shown: dict[str, Any] = {
        "model": _title(result),
        "method": result.method,
        "n_obs": result.model.n_obs,
        "params": frame.to_dict(orient="index"),
        **{name: getattr(result, name) for name in names},
    }
    return {name: plain(value) for name, value in shown.items()}


def fit_tables(result: ARFIMAResults, level: float = 0.95) -> list[Table]:
    """Coefficients, then criteria and tests of the residuals, for pages and notebooks."""
    rows = [*_heading(result), *_tests(result)]
    pairs = [pair for a, b, c, d in rows for pair in ((a.rstrip(":"), b), (c.rstrip(":"), d))]
    facts = [pair for pair in pairs if pair[0]]
    return [
        coefficient_table(result, level),
        Table("The fit and its residuals", ["", "value"], facts),
    ]
