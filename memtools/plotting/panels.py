"""d of many series, with intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from memtools.plotting.canvas import (
    BLUE,
    DASHED,
    GREY,
    VERMILLION,
    as_axes,
    as_result,
    foreground,
    label_axes,
    legend_below,
    shown_name,
)
from memtools.results import PanelReport

_MOST_NAMES = 40


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
        Filled: long memory at a false discovery rate of 5% over the panel.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import memtools as mt
    >>> report = mt.estimate_panel({"nile": mt.datasets.load("nile")})
    >>> mt.plotting.plot_panel(report, ax=Figure().subplots()).get_xlabel()
    'memory parameter d, 95% intervals'
    """
    report = as_result(report, PanelReport, "report")
    ax = as_axes(ax)
    rows = sorted((row for row in report.rows if np.isfinite(row.d)), key=lambda row: row.d)
    found = np.array([row.qvalue < 0.05 for row in rows], dtype=bool)
    d = np.array([row.d for row in rows])
    reach = np.abs([[row.d - row.low for row in rows], [row.high - row.d for row in rows]])
    ax.axvline(0.0, color=foreground(), linewidth=0.8)
    ax.axvline(0.5, color=GREY, linewidth=0.8, linestyle=DASHED)
    for label, chosen, colour, face in [
        ("long memory at a false discovery rate of 5%", found, VERMILLION, VERMILLION),
        ("not shown to have it", ~found, BLUE, "none"),
    ]:
        if chosen.any():
            at = np.flatnonzero(chosen)
            style: dict[str, Any] = {"fmt": "o", "color": colour, "markerfacecolor": face}
            ax.errorbar(d[at], at, xerr=reach[:, at], markersize=4.0, label=label, **style)
    if len(rows) <= _MOST_NAMES:
        ax.set_yticks(range(len(rows)), [shown_name(row.name) for row in rows])
        ax.tick_params(axis="y", labelsize="small")
    else:
        ax.set_yticks([])
    label_axes(ax, f"d of {len(rows)} series", "memory parameter d, 95% intervals", "")
    legend_below(ax)
    return ax
