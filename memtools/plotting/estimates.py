"""Estimates of d: over the bandwidth, from scaling, and of one or many series side by side."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from memtools import _validate
from memtools._validate import FloatArray
from memtools.plotting.canvas import (
    LITERAL,
    Canvas,
    as_result,
    percent,
    plain_log_ticks,
    shown_name,
)
from memtools.plotting.palette import BLUE, DASHED, DOTTED, GREEN, GREY, ORANGE, VERMILLION
from memtools.results import BandwidthCurve, MemoryReport, PanelReport, ScalingEstimate

_D = "memory parameter d"
_WIDEST = 4.0  # of an interval for d that is drawn in full
_LIGHTEST = 0.01  # explanation that is drawn
_MOST_NAMES = 40
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
    on = Canvas.of(curve, BandwidthCurve, "curve", ax)
    ax = on.ax
    ax.set_xscale("log")
    m, level = np.asarray(curve.bandwidths), percent(curve.level)
    label = f"{level} band, all m at once"
    on.area(m, curve.band_low, curve.band_high, color=ORANGE, label=label)
    style: dict[str, Any] = {"color": BLUE, "linestyle": DASHED}
    on.edges(m, curve.low, curve.high, f"{level} interval, each m", **style)
    ax.plot(m, curve.d, color=BLUE, linewidth=2.0, label="estimate")
    _mark_stationary(on, ax.axhline)
    label = f"default m = {curve.chosen}"
    ax.axvline(curve.chosen, color=VERMILLION, linestyle=DOTTED, linewidth=1.5, label=label)
    at = np.flatnonzero(m == curve.chosen)
    on.points(m[at], curve.d[at], color=VERMILLION, marker="D", markersize=6.0)
    ax.margins(x=0.02)
    plain_log_ticks(ax.xaxis, whole=True)
    title = f"{curve.method}: {shown_name(curve.name)}"
    return on.finished(title, "bandwidth m (Fourier ordinates)", _D)


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
    on = Canvas.of(estimate, ScalingEstimate, "estimate", ax)
    ax = on.ax
    ax.set(xscale="log", yscale="log")
    style: dict[str, Any] = {"color": "0.65", "marker": ".", "markersize": 2.5}
    if len(estimate.pox):
        on.points(estimate.pox_scales, estimate.pox, label="single windows", **style)
    style = {"color": BLUE, "markersize": 4.5, "label": "average over windows"}
    on.points(estimate.scales, estimate.statistics, **style)
    ends = np.asarray(estimate.fitted, dtype=float)
    line = np.exp(estimate.intercept + estimate.slope * np.log(ends))
    label = f"fit, slope {estimate.slope:.2f}, d = {estimate.d:.2f}"
    ax.plot(ends, line, color=VERMILLION, linewidth=2.2, label=label)
    plain_log_ticks(ax.xaxis, whole=True)
    plain_log_ticks(ax.yaxis)
    return on.finished(estimate.method, "window (observations)", estimate.ordinate)


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
    as_result(report, MemoryReport, "report")
    rows = report.rows(_validate.as_level(level))
    on = Canvas(ax)
    last = np.arange(len(rows)) == len(rows) - 1
    groups: dict[str, Any] = {
        "weighed explanations": (last, "D", VERMILLION, VERMILLION),
        "one estimator": (~last, "o", BLUE, "none"),
    }
    ends = np.array([[row[key] for key in ("d", "low", "high")] for row in rows])
    _draw_intervals(on, ends, groups, markersize=6.0, capsize=2.5)
    _name_rows(on, [row["estimator"] for row in rows])
    on.ax.set_ylim(len(rows) - 0.4, -0.6)
    on.ax.set_xlim(*_readable_range(rows))
    title = f"d of {shown_name(report.name)}"
    return on.finished(title, f"{_D}, {percent(level)} intervals", "")


def plot_panel(report: PanelReport, *, ax: Axes | None = None) -> Axes:
    """d of every series with its 95% interval, in the order of d.

    Parameters
    ----------
    report : PanelReport
    ax : matplotlib Axes, optional
        Those of a new pyplot figure by default.

    Returns
    -------
    Axes
        Filled: d above 0 at a false discovery rate of 5% over the panel.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import memtools as mt
    >>> report = mt.estimate_panel({"nile": mt.datasets.load("nile")})
    >>> mt.plotting.plot_panel(report, ax=Figure().subplots()).get_xlabel()
    'memory parameter d, 95% intervals'
    """
    on = Canvas.of(report, PanelReport, "report", ax)
    rows = sorted((row for row in report.rows if np.isfinite(row.d)), key=lambda row: row.d)
    found = np.array([row.qvalue < 0.05 for row in rows], dtype=bool)
    groups: dict[str, Any] = {
        "d above 0 at a false discovery rate of 5%": (found, "o", VERMILLION, VERMILLION),
        "not shown to be": (~found, "o", BLUE, "none"),
    }
    ends = np.array([[row.d, row.low, row.high] for row in rows]).reshape(-1, 3)
    _draw_intervals(on, ends, groups, markersize=4.0)
    _name_rows(on, [shown_name(row.name) for row in rows] if len(rows) <= _MOST_NAMES else [])
    on.ax.set_ylim(-0.6, len(rows) - 0.4)
    return on.finished(f"d of {len(rows)} series", f"{_D}, 95% intervals", "")


def _draw_intervals(on: Canvas, rows: FloatArray, groups: dict[str, Any], **style: Any) -> None:
    """Rows of d and the ends of its interval; each group has its marker, colour and face."""
    _mark_stationary(on, on.ax.axvline)
    d, low, high = rows.T
    for label, (chosen, marker, colour, face) in groups.items():
        if chosen.any():
            own = {"fmt": marker, "color": colour, "markerfacecolor": face, "label": label}
            reach = np.abs([d - low, high - d])[:, chosen]
            on.ax.errorbar(d[chosen], np.flatnonzero(chosen), xerr=reach, **style, **own)


def _name_rows(on: Canvas, names: list[str]) -> None:
    on.ax.set_yticks(range(len(names)), names)
    on.ax.tick_params(axis="y", labelsize="small")


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
    on = Canvas.of(report, MemoryReport, "report", ax)
    ax = on.ax
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
    return on.finished(f"Rival explanations of {shown_name(report.name)}", "weight (%)", "")


def _readable_range(rows: list[dict[str, Any]]) -> tuple[float, float]:
    """Ends of the axis: an interval that tells nothing runs off it instead of shrinking all."""
    ends = [0.0, 0.5]
    for row in rows:
        tells = row["high"] - row["low"] < _WIDEST
        ends += [row["low"], row["high"]] if tells else [np.clip(row["d"], -1.0, 2.0)]
    margin = 0.05 * (max(ends) - min(ends))
    return min(ends) - margin, max(ends) + margin


def _mark_stationary(on: Canvas, line: Any) -> None:
    """Where long memory starts and where stationarity ends."""
    line(0.0, color=on.ink, linewidth=0.8)
    line(0.5, color=GREY, linewidth=0.8, linestyle=DASHED)
