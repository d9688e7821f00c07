"""Estimates of d: over the bandwidth, from scaling, and all side by side."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from memtools import _validate
from memtools.plotting.canvas import (
    BLUE,
    DASHED,
    DOTTED,
    GREEN,
    GREY,
    LITERAL,
    ORANGE,
    VERMILLION,
    as_axes,
    as_result,
    draw_area,
    draw_edges,
    draw_points,
    foreground,
    label_axes,
    legend_below,
    percent,
    plain_log_ticks,
    shown_name,
)
from memtools.results import BandwidthCurve, MemoryReport, ScalingEstimate

_D = "memory parameter d"
_WIDEST = 4.0  # of an interval for d that is drawn in full
_LIGHTEST = 0.01  # explanation that is drawn
# Colour and hatching: to be told apart in black and white as well.
_OF_VERDICT = {
    "long memory": (VERMILLION, ""),
    "short memory": (BLUE, "//"),
    "spurious": (ORANGE, ".."),
    "nonstationary": (GREY, "xx"),
    "antipersistent": (GREEN, "\\\\"),
}


def plot_bandwidth_curve(curve: BandwidthCurve, *, ax: Axes | None = None) -> Axes:
    """d over the number of ordinates, with pointwise interval and simultaneous band.

    Parameters
    ----------
    curve : BandwidthCurve
    ax : matplotlib Axes, optional
        Those of a new pyplot figure by default.

    Returns
    -------
    Axes
        The default bandwidth is marked; d = 0 and d = 1/2 bound stationary long memory.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import memtools as mt
    >>> curve = mt.memory_by_bandwidth(mt.datasets.load("nile"))
    >>> mt.plotting.plot_bandwidth_curve(curve, ax=Figure().subplots()).get_xlabel()
    'bandwidth m (Fourier ordinates)'
    """
    curve = as_result(curve, BandwidthCurve, "curve")
    ax = as_axes(ax)
    ax.set_xscale("log")
    m, level = np.asarray(curve.bandwidths), percent(curve.level)
    label = f"{level} band, all m at once"
    draw_area(ax, m, curve.band_low, curve.band_high, color=ORANGE, label=label)
    style: dict[str, Any] = {"color": BLUE, "linestyle": DASHED}
    draw_edges(ax, m, curve.low, curve.high, f"{level} interval, each m", **style)
    ax.plot(m, curve.d, color=BLUE, linewidth=2.0, label="estimate")
    _mark_stationary(ax.axhline)
    label = f"default m = {curve.chosen}"
    ax.axvline(curve.chosen, color=VERMILLION, linestyle=DOTTED, linewidth=1.5, label=label)
    at = np.flatnonzero(m == curve.chosen)
    draw_points(ax, m[at], curve.d[at], color=VERMILLION, marker="D", markersize=6.0)
    ax.margins(x=0.02)
    plain_log_ticks(ax.xaxis, whole=True)
    title = f"{curve.method}: {shown_name(curve.name)}"
    label_axes(ax, title, "bandwidth m (Fourier ordinates)", _D)
    legend_below(ax)
    return ax


def plot_scaling(estimate: ScalingEstimate, *, ax: Axes | None = None) -> Axes:
    """A statistic over the length of its window, on logarithmic scales, with the fitted line.

    Parameters
    ----------
    estimate : ScalingEstimate
        Of `rescaled_range`, `detrended_fluctuation` or `aggregated_variance`.
    ax : matplotlib Axes, optional
        Those of a new pyplot figure by default.

    Returns
    -------
    Axes
        The small dots are single windows: a pox plot.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import memtools as mt
    >>> estimate = mt.rescaled_range(mt.datasets.load("nile"))
    >>> mt.plotting.plot_scaling(estimate, ax=Figure().subplots()).get_xlabel()
    'window (observations)'
    """
    estimate = as_result(estimate, ScalingEstimate, "estimate")
    ax = as_axes(ax)
    ax.set_xscale("log")
    ax.set_yscale("log")
    style: dict[str, Any] = {"color": "0.65", "marker": ".", "markersize": 2.5}
    if len(estimate.pox):
        draw_points(ax, estimate.pox_scales, estimate.pox, label="single windows", **style)
    style = {"color": BLUE, "markersize": 4.5, "label": "average over windows"}
    draw_points(ax, estimate.scales, estimate.statistics, **style)
    ends = np.asarray(estimate.fitted, dtype=float)
    line = np.exp(estimate.intercept + estimate.slope * np.log(ends))
    label = f"fit, slope {estimate.slope:.2f}, d = {estimate.d:.2f}"
    ax.plot(ends, line, color=VERMILLION, linewidth=2.2, label=label)
    plain_log_ticks(ax.xaxis, whole=True)
    plain_log_ticks(ax.yaxis)
    label_axes(ax, estimate.method, "window (observations)", estimate.ordinate)
    legend_below(ax)
    return ax


def plot_estimates(report: MemoryReport, *, ax: Axes | None = None, level: float = 0.95) -> Axes:
    """All estimates of d with their intervals, one below the other.

    Parameters
    ----------
    report : MemoryReport
    ax : matplotlib Axes, optional
        Those of a new pyplot figure by default.
    level : float
        Coverage probability of the intervals.

    Returns
    -------
    Axes
        The headline d, of the weighed explanations, comes last.  An interval wider than 4 runs
        off the axis.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import memtools as mt
    >>> report = mt.estimate(mt.datasets.load("nile"))
    >>> mt.plotting.plot_estimates(report, ax=Figure().subplots()).get_title()
    'd of nile'
    """
    report = as_result(report, MemoryReport, "report")
    rows = report.rows(_validate.as_level(level))
    ax = as_axes(ax)
    _mark_stationary(ax.axvline)
    last = len(rows) - 1
    for label, chosen, marker, colour, face in [
        (
            "weighed explanations",
            [i == last for i in range(len(rows))],
            "D",
            VERMILLION,
            VERMILLION,
        ),
        ("one estimator", [i < last for i in range(len(rows))], "o", BLUE, "none"),
    ]:
        if any(chosen):
            style: dict[str, Any] = {"fmt": marker, "color": colour, "markerfacecolor": face}
            at = np.flatnonzero(chosen)
            d, reach = _with_reach([rows[i] for i in at])
            ax.errorbar(d, at, xerr=reach, markersize=6.0, capsize=2.5, label=label, **style)
    ax.set_yticks(range(len(rows)), [row["estimator"] for row in rows])
    ax.tick_params(axis="y", labelsize="small")
    ax.set_ylim(last + 0.6, -0.6)
    ax.set_xlim(*_readable_range(rows))
    title = f"d of {shown_name(report.name)}"
    label_axes(ax, title, f"{_D}, {percent(level)} intervals", "")
    legend_below(ax)
    return ax


_OVER_BARS: dict[str, Any] = {"va": "center", "fontsize": "x-small", "clip_on": True, **LITERAL}


def plot_worlds(report: MemoryReport, *, ax: Axes | None = None) -> Axes:
    """The rival explanations of a series and their weights.

    Parameters
    ----------
    report : MemoryReport
    ax : matplotlib Axes, optional
        Those of a new pyplot figure by default.

    Returns
    -------
    Axes
        A bar an explanation, its colour and hatching that of the verdict it speaks for.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import memtools as mt
    >>> report = mt.estimate(mt.datasets.load("nile"))
    >>> mt.plotting.plot_worlds(report, ax=Figure().subplots()).get_xlabel()
    'weight (%)'
    """
    report = as_result(report, MemoryReport, "report")
    ax = as_axes(ax)
    shown = [row for row in report.explanations if row.weight >= _LIGHTEST]
    for says in dict.fromkeys(row.says for row in shown):
        at = [i for i, row in enumerate(shown) if row.says == says]
        total = 100.0 * report.chances[says]
        colour, hatch = _OF_VERDICT[says]
        style: dict[str, Any] = {"color": colour, "hatch": hatch, "edgecolor": "white"}
        widths = [100.0 * shown[i].weight for i in at]
        ax.barh(at, widths, height=0.8, alpha=0.5, label=f"{says}, {total:.0f}%", **style)
    # Names lie over the bars: beside them they would leave a small figure no room.
    for i, row in enumerate(shown):
        ax.annotate(row.world, (0.0, i), (3, 0), textcoords="offset points", **_OVER_BARS)
    ax.set_yticks([])
    ax.set_ylim(len(shown) - 0.4, -0.6)
    ax.set_xlim(left=0.0)
    label_axes(ax, f"Rival explanations of {shown_name(report.name)}", "weight (%)", "")
    legend_below(ax)
    return ax


def _readable_range(rows: list[dict[str, Any]]) -> tuple[float, float]:
    """Ends of the axis: an interval that tells nothing runs off it instead of shrinking all."""
    ends = [0.0, 0.5]
    for row in rows:
        tells = row["high"] - row["low"] < _WIDEST
        ends += [row["low"], row["high"]] if tells else [np.clip(row["d"], -1.0, 2.0)]
    margin = 0.05 * (max(ends) - min(ends))
    return min(ends) - margin, max(ends) + margin


def _with_reach(rows: list[dict[str, Any]]) -> tuple[Any, Any]:
    """Estimates, and how far their intervals reach down and up."""
    d = np.array([row["d"] for row in rows])
    low, high = (np.array([row[key] for row in rows]) for key in ("low", "high"))
    return d, np.stack([d - low, high - d])


def _mark_stationary(line: Any) -> None:
    """Where long memory starts and where stationarity ends."""
    line(0.0, color=foreground(), linewidth=0.8)
    line(0.5, color=GREY, linewidth=0.8, linestyle=DASHED)
