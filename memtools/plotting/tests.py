"""Tests of memory: their p-values, and the breaks that they date."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from memtools.plotting.canvas import Canvas, percent, shown_name, unit_of
from memtools.plotting.palette import BLUE, DASHED, GREY, ORANGE, VERMILLION
from memtools.plotting.paths import format_times, time_points
from memtools.results import BreakTestResult, SeriesPortrait, TestTable

_SMALLEST = 1e-4  # p-value that is told apart
_LEVEL = 0.05


def plot_tests(table: TestTable, *, ax: Axes | None = None) -> Axes:
    """P-values of all tests, the smaller the further to the right.

    Parameters
    ----------
    table : TestTable
    ax : matplotlib Axes, optional
        Those of a new pyplot figure by default.

    Returns
    -------
    Axes
        Values below 0.0001 stand at the edge.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import memtools as mt
    >>> table = mt.memory_tests(mt.datasets.load("nile"))
    >>> mt.plotting.plot_tests(table, ax=Figure().subplots()).get_xlabel()
    'p-value'
    """
    on = Canvas.of(table, TestTable, "table", ax)
    ax = on.ax
    names = list(table.results)
    pvalues = np.array([max(table.results[name].pvalue, _SMALLEST) for name in names])
    ax.set_xscale("log")
    for kept, colour, marker, label in (
        (pvalues < _LEVEL, VERMILLION, "D", "against the null at 5%"),
        (pvalues >= _LEVEL, BLUE, "o", "not"),
    ):
        at = np.flatnonzero(kept)
        if len(at):
            style: dict[str, Any] = {"color": colour, "marker": marker, "linestyle": "none"}
            ax.plot(pvalues[at], at, label=label, markersize=5.0, **style)
    ax.axvline(_LEVEL, color=GREY, linestyle=DASHED, linewidth=1.0, label="5%")
    ax.set_yticks(range(len(names)), names)
    ax.tick_params(axis="y", labelsize="x-small")
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.set_xlim(1.4, 0.7 * _SMALLEST)
    return on.finished(f"Tests of {shown_name(table.name)}", "p-value", "")


def plot_breaks(portrait: SeriesPortrait, *, ax: Axes | None = None) -> Axes:
    """The series with the shift in its mean and the change of its d, dated with their intervals.

    Parameters
    ----------
    portrait : SeriesPortrait
        With `tests`.
    ax : matplotlib Axes, optional
        Those of a new pyplot figure by default.

    Returns
    -------
    Axes
        A break that its test does not find at 5% is drawn faintly.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import memtools as mt
    >>> portrait = mt.portray(mt.datasets.load("nile"))
    >>> mt.plotting.plot_breaks(portrait, ax=Figure().subplots()).get_title()
    'Breaks in nile'
    """
    on = Canvas.of(portrait, SeriesPortrait, "portrait", ax)
    ax = on.ax
    points, unit = time_points(portrait.index, len(portrait.values))
    on.line(points, portrait.values, color=GREY, linewidth=0.7, label="observations")
    results = {} if portrait.tests is None else portrait.tests.results
    for name, colour, style in (
        ("mean_shift_test", VERMILLION, "-"),
        ("memory_change_test", BLUE, DASHED),
    ):
        found = results.get(name)
        if isinstance(found, BreakTestResult):
            _draw_break(ax, points, found, colour, style, "d" if style == DASHED else "mean")
    ax.margins(x=0.01)
    format_times(ax, points)
    title = f"Breaks in {shown_name(portrait.name)}"
    return on.finished(title, unit, f"value ({unit_of(portrait.name)})")


def _draw_break(
    ax: Axes, points: Any, found: BreakTestResult, colour: str, style: Any, what: str
) -> None:
    strength = 1.0 if found.pvalue < _LEVEL else 0.45
    label = f"{what}, {'+' if found.size > 0 else ''}{found.size:.3g}, P {found.pvalue:.2g}"
    at = points[found.position]
    ax.axvline(at, color=colour, linestyle=style, alpha=strength, linewidth=1.6, label=label)
    if found.positions is not None:
        low, high = (points[position] for position in found.positions)
        ends = f"{percent(found.level or 0.0)} interval of its date" if what == "mean" else None
        shade = ORANGE if what == "mean" else colour
        ax.axvspan(low, high, color=shade, alpha=0.25 * strength, linewidth=0.0, label=ends)
    before = found.details.get("before")
    if before is not None:
        after = before + found.size
        for left, right, level in ((points[0], at, before), (at, points[-1], after)):
            ax.plot([left, right], [level, level], color=colour, linewidth=2.0, alpha=strength)
