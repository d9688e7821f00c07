"""What the residuals of a fitted model should look like, beside what they do."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from memtools import _validate
from memtools._validate import FloatArray
from memtools.correlation import autocorrelation, autocorrelation_band
from memtools.results import Result

if TYPE_CHECKING:
    from memtools.arfima.results import ARFIMAResults

_GRID = 201
# The density costs sample times grid: a longer sample is thinned evenly for it.
_DENSITY_OBS = 20_000


@dataclass(frozen=True, kw_only=True, eq=False)
class ResidualDiagnostics(Result):
    """Standardised residuals and the numbers of their four usual figures.

    Attributes
    ----------
    residuals : ndarray or Series, shape (n_obs,)
        One-step prediction errors over their standard deviations, NaN at gaps.
    grid : ndarray, shape (n_grid,)
        Where the densities are evaluated.
    density, normal_density : ndarray, shape (n_grid,)
        Gaussian kernel estimate (Scott's bandwidth), and N(0, 1).
    normal_quantiles : ndarray, shape (n_observed,)
        Of N(0, 1) at (i - 1/2) / n_observed, for the ordered residuals.
    autocorrelations : ndarray, shape (n_lags + 1,)
        Of the residuals, lag 0 first.
    band : (low, high)
        Pointwise band of white noise, arrays of shape (n_lags + 1,).
    level : float
        Coverage probability of the band.
    """

    residuals: Any
    grid: FloatArray
    density: FloatArray
    normal_density: FloatArray
    normal_quantiles: FloatArray
    autocorrelations: FloatArray
    band: tuple[FloatArray, FloatArray]
    level: float

    @property
    def observed(self) -> FloatArray:
        """The residuals that are no gaps."""
        values = np.asarray(self.residuals)
        return values[np.isfinite(values)]

    def summary(self) -> str:
        """How many residuals and autocorrelations are large."""
        values, rho = self.observed, self.autocorrelations[1:]
        low, high = (end[1:] for end in self.band)
        outside = int(np.sum((rho < low) | (rho > high)))
        return (
            f"{len(values)} standardised residuals, {int(np.sum(np.abs(values) > 3.0))} beyond "
            f"3 sd\n{outside} of {len(rho)} autocorrelations outside the "
            f"{100.0 * self.level:g}% band of white noise"
        )


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
