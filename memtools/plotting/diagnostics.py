"""The residuals of a fitted ARFIMA model in four panels, as statsmodels lays them out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import FigureBase

from memtools.plotting.canvas import (
    BLUE,
    DASHED,
    VERMILLION,
    as_panels,
    as_result,
    draw_bars,
    draw_edges,
    draw_line,
    draw_points,
    foreground,
    label_axes,
    legend_below,
    percent,
)
from memtools.plotting.times import format_times, time_points

if TYPE_CHECKING:
    from memtools.arfima import ARFIMAResults
    from memtools.results import ResidualDiagnostics

_UNIT = "residual (sd)"


def plot_diagnostics(results: ARFIMAResults, *, fig: FigureBase | None = None) -> Any:
    """Standardised residuals: over time, histogram, normal quantiles, autocorrelations.

    Parameters
    ----------
    results : ARFIMAResults
    fig : matplotlib Figure, optional
        A new one of pyplot by default.

    Returns
    -------
    ndarray of four Axes

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import memtools as mt
    >>> fit = mt.ARFIMA(mt.datasets.load("nile"), (0, 0)).fit()
    >>> mt.plotting.plot_diagnostics(fit, fig=Figure(layout="constrained")).shape
    (4,)
    """
    from memtools.arfima import ARFIMAResults as Fit
    from memtools.arfima.diagnostics import residual_diagnostics

    shown = residual_diagnostics(as_result(results, Fit, "results"))
    panels = as_panels(fig, 2, 2).ravel()
    for ax, draw in zip(
        panels, (_draw_path, _draw_density, _draw_quantiles, _draw_acf), strict=True
    ):
        draw(ax, shown)
        legend_below(ax)
    return panels


def _draw_path(ax: Axes, shown: ResidualDiagnostics) -> None:
    values = np.asarray(shown.residuals)
    points, unit = time_points(getattr(shown.residuals, "index", None), len(values))
    ax.axhline(0.0, color=foreground(), linewidth=0.8)
    draw_line(ax, points, values, color=BLUE, linewidth=0.9)
    ax.margins(x=0.01)
    format_times(ax, points)
    label_axes(ax, "Standardised residuals", unit, _UNIT)


def _draw_density(ax: Axes, shown: ResidualDiagnostics) -> None:
    values = shown.observed
    style: dict[str, Any] = {"color": "0.8", "edgecolor": "0.5", "label": "histogram"}
    ax.hist(values, bins="auto", density=True, **style)
    draw_line(ax, shown.grid, shown.density, color=BLUE, linewidth=2.0, label="kernel density")
    style = {"color": VERMILLION, "linewidth": 2.0, "linestyle": DASHED, "label": "N(0, 1)"}
    draw_line(ax, shown.grid, shown.normal_density, **style)
    label_axes(ax, "Distribution of the residuals", _UNIT, "density")


def _draw_quantiles(ax: Axes, shown: ResidualDiagnostics) -> None:
    theory, sample = shown.normal_quantiles, np.sort(shown.observed)
    draw_points(ax, theory, sample, color=BLUE, markersize=3.0, label="residuals")
    style = {"color": VERMILLION, "linewidth": 1.5, "linestyle": DASHED, "label": "N(0, 1)"}
    draw_line(ax, theory[[0, -1]], theory[[0, -1]], **style)
    label_axes(ax, "Normal Q-Q", "quantile of N(0, 1) (sd)", _UNIT)


def _draw_acf(ax: Axes, shown: ResidualDiagnostics) -> None:
    lags = np.arange(1, len(shown.autocorrelations))
    low, high = (end[1:] for end in shown.band)
    style = {"color": foreground(), "linestyle": DASHED}
    draw_edges(ax, lags, low, high, f"white noise {percent(shown.level)}", **style)
    draw_bars(ax, lags, shown.autocorrelations[1:], "autocorrelation")
    label_axes(ax, "Correlogram of the residuals", "lag (observations)", "autocorrelation")
