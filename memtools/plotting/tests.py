"""Tests of memory: their p-values, and the breaks that they date."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from memtools import _validate
from memtools._labels import shown
from memtools.exceptions import InvalidInputError
from memtools.plotting.canvas import Canvas, percent, shown_name, unit_of
from memtools.plotting.palette import BLUE, DASHED, GREY, VERMILLION
from memtools.plotting.paths import format_times, time_points
from memtools.results import BreakTestResult, MeanBreaks, SeriesPortrait, TestResult, TestTable

_SMALLEST = 1e-4  # p-value that is told apart
_LEVEL = 0.05
_NAMED = 4  # dates in a legend


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
        Values below 0.0001 stand at its mark.

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
        (pvalues >= _LEVEL, BLUE, "o", "not against it"),
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
    ax.set_xticks([1.0, 0.1, 0.01, 0.001, _SMALLEST], ["1", "0.1", "0.01", "0.001", "<0.0001"])
    return on.finished(f"Tests of {shown_name(table.name)}", "p-value", "")


def plot_by_lag(found: TestResult, *, ax: Axes | None = None) -> Axes:
    """Lo's modified rescaled range, or V/S, over the lags of its long-run variance.

    Parameters
    ----------
    found : TestResult
        Of `modified_rescaled_range` or `vs_test`.
    ax : matplotlib Axes, optional
        Those of a new pyplot figure by default.

    Returns
    -------
    Axes
        Few lags leave short memory in and reject it; many take long memory off as well.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import memtools as mt
    >>> found = mt.vs_test(mt.datasets.load("nile"))
    >>> mt.plotting.plot_by_lag(found, ax=Figure().subplots()).get_ylabel()
    'statistic'
    """
    on = Canvas.of(found, TestResult, "found", ax)
    if "by_lag" not in found.details:
        allowed = "of modified_rescaled_range or vs_test"
        raise InvalidInputError("found", allowed, found.method)
    by_lag = found.details["by_lag"]
    used, critical = found.details["n_lags"], found.details["critical_values"]["5%"]
    on.points(list(by_lag), list(by_lag.values()), color=BLUE, linestyle="-", label="statistic")
    label = f"of the test, lags up to {used} (p = {found.pvalue:.2g})"
    on.points([used], [by_lag[used]], color=VERMILLION, marker="D", markersize=8.0, label=label)
    label = f"5% critical value at {used}"
    on.ax.axhline(critical, color=GREY, linestyle=DASHED, linewidth=1.0, label=label)
    on.whole_ticks()
    return on.finished(found.method, "largest lag of the long-run variance", "statistic")


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
        Bars at the foot are the intervals of the dates.  A break that its test does not find at 5%
        is drawn faintly, without one.

    See Also
    --------
    plot_break_dates : of one test, or of `mean_breaks`.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import memtools as mt
    >>> portrait = mt.portray(mt.datasets.load("nile"))
    >>> mt.plotting.plot_breaks(portrait, ax=Figure().subplots()).get_title()
    'Breaks in nile'
    """
    on = Canvas.of(portrait, SeriesPortrait, "portrait", ax)
    points, unit = time_points(portrait.index, len(portrait.values))
    on.line(points, portrait.values, color=GREY, linewidth=0.7, label="observations")
    results = {} if portrait.tests is None else portrait.tests.results
    for name in ("mean_shift_test", "memory_change_test"):
        found = results.get(name)
        if isinstance(found, BreakTestResult):
            _draw_break(on.ax, points, found)
    return _finished(on, points, unit, portrait.name)


def plot_break_dates(
    found: BreakTestResult | MeanBreaks, x: ArrayLike, *, ax: Axes | None = None
) -> Axes:
    """A series with the break that a test dates, or all breaks that `mean_breaks` keeps.

    Parameters
    ----------
    found : BreakTestResult or MeanBreaks
        Of `mean_shift_test`, `memory_change_test` or `mean_breaks`.
    x : array_like, shape (n_obs,)
        The series it is of.
    ax : matplotlib Axes, optional
        Those of a new pyplot figure by default.

    Returns
    -------
    Axes
        A bar at the foot is the interval of a date.  A break that its test does not find at 5% is
        drawn faintly, without one.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import memtools as mt
    >>> flow = mt.datasets.load("nile")
    >>> found = mt.mean_shift_test(flow)
    >>> ax = mt.plotting.plot_break_dates(found, flow, ax=Figure().subplots())
    >>> ax.get_legend().get_texts()[1].get_text()
    'mean shifts by -248 at 1899 (p = 0.019)'
    """
    if not isinstance(found, BreakTestResult | MeanBreaks):
        allowed = "a BreakTestResult or a MeanBreaks"
        raise InvalidInputError("found", allowed, type(found).__name__)
    values = _validate.as_varying_series(x)
    n_obs = found.n_obs if isinstance(found, MeanBreaks) else found.details["n_obs"]
    if len(values) != n_obs:
        allowed = f"the series that was tested, of {n_obs} observations"
        raise InvalidInputError("x", allowed, str(len(values)))
    on = Canvas(ax)
    points, unit = time_points(_validate.index_of(x), n_obs)
    on.line(points, values, color=GREY, linewidth=0.7, label="observations")
    if isinstance(found, BreakTestResult):
        _draw_break(on.ax, points, found)
    else:
        _draw_breaks(on, points, found)
    return _finished(on, points, unit, _validate.as_name(x, None))


def _finished(on: Canvas, points: Any, unit: str, name: str) -> Axes:
    on.ax.margins(x=0.01)
    format_times(on.ax, points)
    return on.finished(f"Breaks in {shown_name(name)}", unit, f"value ({unit_of(name)})")


def _draw_breaks(on: Canvas, points: Any, found: MeanBreaks) -> None:
    dates = ", ".join(map(shown, found.dates[:_NAMED])) or "none"
    more = f" and {len(found.dates) - _NAMED} more" if len(found.dates) > _NAMED else ""
    style: dict[str, Any] = {"color": VERMILLION, "linewidth": 2.0}
    if found.fitted[0] == found.fitted[1]:
        style["drawstyle"] = "steps-post"
    label = f"{found.kind}: {dates}{more} (d = {found.d:z.2f})"
    on.line(points, found.fitted, label=label, **style)
    for position in found.positions:
        on.ax.axvline(points[position], color=VERMILLION, linestyle=DASHED, linewidth=1.0)


def _draw_break(ax: Axes, points: Any, found: BreakTestResult) -> None:
    before = found.details.get("before")
    is_found, at = found.pvalue < _LEVEL, points[found.position]
    date = shown(found.date)
    if before is not None:
        what, colour, height = "shift in the mean", VERMILLION, 0.06
        told = f"mean shifts by {found.size:+.3g} at {date}"
        style: dict[str, Any] = {"linestyle": "-", "linewidth": 1.6}
    else:
        what, colour, height = "change of d", BLUE, 0.025
        first, then = (found.details[f"d_{side}"] for side in ("before", "after"))
        told = f"d = {first:z.2f} before {date}, {then:z.2f} after"
        style = {"linestyle": DASHED, "linewidth": 1.6}
    told = told if is_found else f"no {what} found"
    style |= {"color": colour, "alpha": 1.0 if is_found else 0.4}
    ax.axvline(at, label=f"{told} (p = {found.pvalue:.2g})", **style)
    if before is not None:
        after = before + found.size
        for left, right, level in ((points[0], at, before), (at, points[-1], after)):
            ax.plot([left, right], [level, level], **style | {"linewidth": 2.0})
    if is_found and found.positions is not None:
        label = f"{percent(found.level or 0.0)} interval of the date ({what})"
        bar: dict[str, Any] = {"linewidth": 80.0 * height, "solid_capstyle": "butt", "alpha": 0.7}
        span = [points[position] for position in found.positions]
        foot = ax.get_xaxis_transform()
        ax.plot(span, [height, height], transform=foot, color=colour, label=label, **bar)
