"""What the residuals of a fitted model should look like, beside what they do."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from memtools import _validate
from memtools._validate import FloatArray
from memtools.correlation import autocorrelation, autocorrelation_band
from memtools.results import ResidualDiagnostics

if TYPE_CHECKING:
    from memtools.arfima.results import ARFIMAResults

_GRID = 201
# The density costs sample times grid: a longer sample is thinned evenly for it.
_DENSITY_OBS = 20_000


class ResidualTests(NamedTuple):
    """Ljung and Box's statistic at lag 1, Jarque and Bera's, their p-values and the moments."""

    ljung_box: float
    ljung_box_pvalue: float
    jarque_bera: float
    jarque_bera_pvalue: float
    skew: float
    kurtosis: float


def residual_tests(results: ARFIMAResults) -> ResidualTests:
    """Are the one-step errors uncorrelated, and normal?"""
    from statsmodels.stats.stattools import jarque_bera
    from statsmodels.tsa.stattools import q_stat

    seen, without_gaps = _centred(results.resid)
    box, pvalue = q_stat(autocorrelation(without_gaps, 1)[1:], len(seen))
    return ResidualTests(float(box[0]), float(pvalue[0]), *map(float, jarque_bera(seen)))


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
