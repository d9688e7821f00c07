"""What the residuals of a fitted model should look like, beside what they do."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from memtools import _validate
from memtools.correlation import autocorrelation, autocorrelation_band
from memtools.results import ResidualDiagnostics

if TYPE_CHECKING:
    from memtools.arfima.results import ARFIMAResults

_GRID = 201
# The density costs sample times grid: a longer sample is thinned evenly for it.
_DENSITY_OBS = 20_000


def residual_diagnostics(
    results: ARFIMAResults, n_lags: int | None = None, level: float = 0.95
) -> ResidualDiagnostics:
    """The numbers behind `plot_diagnostics`."""
    from scipy import stats

    residuals = results.standardized_resid
    values = np.asarray(residuals)
    seen = values[np.isfinite(values)]
    without_gaps = np.nan_to_num(values - seen.mean())  # at gaps: products that add nothing
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
