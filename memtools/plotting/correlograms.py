"""Autocorrelations: with bands, in logarithms, partial, and their absolute sums."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from memtools import portrait
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.plotting.canvas import Canvas, percent, plain_log_ticks, shown_name
from memtools.plotting.palette import (
    BLUE,
    DASH_DOT,
    DASHED,
    DOTTED,
    GREEN,
    GREY,
    ORANGE,
    VERMILLION,
)
from memtools.results import Correlogram

_LAG = "lag (observations)"
# With a smaller d the band of long memory is that of noise.
_FLAT = 0.005


def _correlogram(shown: Any) -> Correlogram:
    if isinstance(shown, Correlogram):
        return shown
    if np.ndim(shown) == 0:
        kinds = "a Correlogram or a series"
        raise InvalidInputError("correlogram", kinds, type(shown).__name__)
    return portrait.correlogram(shown)


def plot_acf(correlogram: Correlogram | ArrayLike, *, ax: Axes | None = None) -> Axes:
    """Autocorrelations with bands under three hypotheses and what two rival models imply.

    Parameters
    ----------
    correlogram : Correlogram or array_like, shape (n_obs,)
        Or the series, whose correlogram with its defaults is drawn.
    ax : matplotlib Axes, optional
        Those of a new pyplot figure by default.

    Returns
    -------
    Axes
        Lag 0, which is always 1, is left out.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import memtools as mt
    >>> ax = Figure(layout="constrained").subplots()
    >>> mt.plotting.plot_acf(mt.datasets.load("nile"), ax=ax).get_xlabel()
    'lag (observations)'
    """
    correlogram = _correlogram(correlogram)
    on = Canvas(ax)
    ax = on.ax
    _draw_bands(on, correlogram)
    lags = _lags(correlogram.values)
    on.bars(lags, correlogram.values[1:], "autocorrelation")
    for law, style in _laws(correlogram, lags):
        ax.plot(lags, law, **style)
    _limit(ax, correlogram)
    return on.finished(f"ACF of {shown_name(correlogram.name)}", _LAG, "autocorrelation")


def plot_log_acf(correlogram: Correlogram | ArrayLike, *, ax: Axes | None = None) -> Axes:
    """Absolute autocorrelations on logarithmic scales, where a power law is straight.

    Parameters
    ----------
    correlogram : Correlogram or array_like, shape (n_obs,)
        Or the series, whose correlogram with its defaults is drawn.
    ax : matplotlib Axes, optional
        Those of a new pyplot figure by default.

    Returns
    -------
    Axes
        Negative autocorrelations are hollow; zeros have no logarithm and are left out.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import memtools as mt
    >>> shown = mt.correlogram(mt.datasets.load("nile"))
    >>> mt.plotting.plot_log_acf(shown, ax=Figure().subplots()).get_xscale()
    'log'
    """
    correlogram = _correlogram(correlogram)
    on = Canvas(ax)
    ax = on.ax
    ax.set(xscale="log", yscale="log")
    lags, values = _lags(correlogram.values), correlogram.values[1:]
    style: dict[str, Any]
    for label, chosen, face in [
        ("positive", values > 0.0, BLUE),
        ("negative, absolute value", values < 0.0, "none"),
    ]:
        if chosen.any():
            style = {"color": BLUE, "markerfacecolor": face, "markersize": 4.0}
            on.points(lags[chosen], np.abs(values[chosen]), label=label, **style)
    low, high = _positive_range(values)
    for law, style in _laws(correlogram, lags):
        visible = (law > 0.5 * low) & (law < 2.0 * high)
        ax.plot(lags[visible], law[visible], **style)
    if "white" in correlogram.bands:
        upper = correlogram.bands["white"][1][1:]
        label = f"white noise {percent(correlogram.level)}"
        ax.plot(lags, upper, color=on.ink, linestyle=DASHED, linewidth=1.0, label=label)
    ax.set_ylim(0.7 * low, 1.5 * high)
    plain_log_ticks(ax.xaxis, whole=True)
    plain_log_ticks(ax.yaxis)
    title = f"Log-log ACF of {shown_name(correlogram.name)}"
    return on.finished(title, _LAG, "|autocorrelation|")


def plot_pacf(correlogram: Correlogram | ArrayLike, *, ax: Axes | None = None) -> Axes:
    """Partial autocorrelations with the band of white noise.

    Parameters
    ----------
    correlogram : Correlogram or array_like, shape (n_obs,)
        Or the series, whose correlogram with its defaults is drawn.
    ax : matplotlib Axes, optional
        Those of a new pyplot figure by default.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import memtools as mt
    >>> shown = mt.correlogram(mt.datasets.load("nile"))
    >>> mt.plotting.plot_pacf(shown, ax=Figure().subplots()).get_ylabel()
    'partial autocorrelation'
    """
    correlogram = _correlogram(correlogram)
    on = Canvas(ax)
    ax = on.ax
    partial = correlogram.partial
    if "white" in correlogram.bands:
        low, high = (end[1 : len(partial)] for end in correlogram.bands["white"])
        on.white_noise(_lags(partial), low, high, correlogram.level)
    on.bars(_lags(partial), partial[1:], "partial autocorrelation")
    title = f"PACF of {shown_name(correlogram.name)}"
    return on.finished(title, _LAG, "partial autocorrelation")


def plot_absolute_sums(correlogram: Correlogram | ArrayLike, *, ax: Axes | None = None) -> Axes:
    """Sums of |autocorrelation| up to each lag: under short memory they level off.

    Parameters
    ----------
    correlogram : Correlogram or array_like, shape (n_obs,)
        Or the series, whose correlogram with its defaults is drawn.
    ax : matplotlib Axes, optional
        Those of a new pyplot figure by default.

    Returns
    -------
    Axes
        Beside them the sums of what the rival models imply; noise alone adds to those of the
        sample at every lag.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import memtools as mt
    >>> shown = mt.correlogram(mt.datasets.load("nile"))
    >>> mt.plotting.plot_absolute_sums(shown, ax=Figure().subplots()).get_xlabel()
    'lag (observations)'
    """
    correlogram = _correlogram(correlogram)
    on = Canvas(ax)
    ax = on.ax
    sums = correlogram.absolute_sums
    ax.plot(np.arange(len(sums)), sums, color=BLUE, linewidth=2.0, label="sample")
    lags = np.arange(len(sums))
    for law, style in _laws(correlogram, lags):
        ax.plot(lags, np.cumsum(np.abs(law)), **style)
    ax.set_ylim(bottom=0.0)
    title = f"Summed |ACF| of {shown_name(correlogram.name)}"
    return on.finished(title, _LAG, "sum of |autocorrelation|")


def _lags(values: FloatArray) -> Any:
    return np.arange(1, len(values))


def _draw_bands(on: Canvas, correlogram: Correlogram) -> None:
    lags, level = _lags(correlogram.values), percent(correlogram.level)
    ends = {kind: (low[1:], high[1:]) for kind, (low, high) in correlogram.bands.items()}
    flat = correlogram.d is not None and abs(correlogram.d) < _FLAT
    if "long-memory" in ends and not flat:
        of_d = "" if correlogram.d is None else f", d = {correlogram.d:.2f}"
        on.area(lags, *ends["long-memory"], color=ORANGE, label=f"long memory {level}{of_d}")
    if "white" in ends:
        on.white_noise(lags, *ends["white"], correlogram.level)
    if "bartlett" in ends:
        style = {"color": GREY, "linestyle": DASH_DOT}
        on.edges(lags, *ends["bartlett"], f"Bartlett {level}", **style)


def _laws(correlogram: Correlogram, lags: Any) -> list[tuple[Any, dict[str, Any]]]:
    """What the rival models imply at some lags, with the style of their lines."""
    found: list[tuple[Any, dict[str, Any]]] = []
    for model, law in correlogram.implied.items():
        style: dict[str, Any] = {"linewidth": 2.0, "label": model, "color": VERMILLION}
        if model.startswith("short"):
            style |= {"color": GREEN, "linestyle": DOTTED}
        found.append((law[lags], style))
    return found


def _limit(ax: Axes, correlogram: Correlogram) -> None:
    """Keep a law that runs off at small lags from squeezing the data."""
    ends = [end[1:] for pair in correlogram.bands.values() for end in pair]
    shown = np.concatenate([correlogram.values[1:], *ends])
    low, high = float(shown.min()), float(shown.max())
    margin = 0.06 * (high - low)
    ax.set_ylim(low - margin, high + margin)


def _positive_range(values: FloatArray) -> tuple[float, float]:
    """Where the absolute values lie, but for the few that happen to be next to nothing."""
    sizes = np.abs(values[values != 0.0])
    if not len(sizes):
        return 0.1, 1.0
    return max(float(sizes.min()), 1e-3 * float(sizes.max())), float(sizes.max())
