"""Frequencies: the log-periodogram with its two lines, and the spectral density."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator, StrMethodFormatter

from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.plotting.canvas import Canvas, plain_log_ticks, shown_name, unit_of
from memtools.plotting.palette import BLUE, DASHED, DOTTED, GREEN, GREY, VERMILLION
from memtools.results import MemoryEstimate, SeriesPortrait, Spectrum

_FREQUENCY = "frequency (radians per observation)"
_PERIOD = "period (observations)"


def plot_log_periodogram(portrait: SeriesPortrait, *, ax: Axes | None = None) -> Axes:
    """Periodogram on logarithmic scales with the lines of two estimates and their bandwidths.

    Parameters
    ----------
    portrait : SeriesPortrait
    ax : matplotlib Axes, optional
        Those of a new pyplot figure by default.

    Returns
    -------
    Axes
        The slope of a line is -2d.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import memtools as mt
    >>> portrait = mt.portray(mt.datasets.load("nile"))
    >>> mt.plotting.plot_log_periodogram(portrait, ax=Figure().subplots()).get_yscale()
    'log'
    """
    on = Canvas.of(portrait, SeriesPortrait, "portrait", ax)
    ax = on.ax
    ax.set(xscale="log", yscale="log")
    frequencies, power = _with_power(portrait.periodogram)
    used = max(portrait.log_periodogram.bandwidth or 0, portrait.local_whittle.bandwidth or 0)
    inside = frequencies <= 2.0 * math.pi * (used + 0.5) / portrait.periodogram.n_obs
    for label, chosen, colour, marker in [
        ("ordinates used", inside, BLUE, "o"),
        ("other ordinates", ~inside, GREY, "."),
    ]:
        style = {"marker": marker, "markersize": 3.5, "color": colour}
        on.points(frequencies[chosen], power[chosen], label=label, **style)
    n_obs = portrait.periodogram.n_obs
    _draw_estimate(on, portrait.log_periodogram, n_obs, "GPH", VERMILLION, "-")
    _draw_estimate(on, portrait.local_whittle, n_obs, "local Whittle", GREEN, DASHED)
    ax.yaxis.set_minor_locator(NullLocator())
    plain_log_ticks(ax.xaxis)
    _add_periods(ax, None)
    return on.finished(
        f"Log-periodogram of {shown_name(portrait.name)}", _FREQUENCY, _power(portrait)
    )


def plot_spectrum(spectrum: SeriesPortrait | Spectrum, *, ax: Axes | None = None) -> Axes:
    """Spectral density: of a portrait periodogram, smoothed periodogram and fitted model.

    Parameters
    ----------
    spectrum : SeriesPortrait or Spectrum
    ax : matplotlib Axes, optional
        Those of a new pyplot figure by default.

    Returns
    -------
    Axes
        Power on a logarithmic scale; ordinates without power are left out.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import memtools as mt
    >>> spectrum = mt.smoothed_spectrum(mt.datasets.load("nile"))
    >>> mt.plotting.plot_spectrum(spectrum, ax=Figure().subplots()).get_title()
    'Spectral density'
    """
    if not isinstance(spectrum, SeriesPortrait | Spectrum):
        got = type(spectrum).__name__
        raise InvalidInputError("spectrum", "a SeriesPortrait or a Spectrum", got)
    on = Canvas(ax)
    ax = on.ax
    ax.set_yscale("log")
    smooth: dict[str, Any] = {"color": BLUE, "linewidth": 2.0}
    if isinstance(spectrum, Spectrum):
        title = "Spectral density"
        _draw_spectrum(on, spectrum, _first_up(spectrum.method), smooth)
    else:
        title = f"Spectral density of {shown_name(spectrum.name)}"
        _draw_spectrum(on, spectrum.periodogram, "periodogram", {"color": "0.7", "linewidth": 0.8})
        _draw_spectrum(on, spectrum.smoothed, "smoothed periodogram", smooth)
        if spectrum.model is not None:
            style = {"color": VERMILLION, "linewidth": 2.0, "linestyle": DASHED}
            _draw_spectrum(on, spectrum.model, spectrum.model.method, style)
    ax.set_xlim(0.0, math.pi)
    _add_periods(ax, (2, 3, 4, 6, 12, 24))
    return on.finished(title, _FREQUENCY, _power(spectrum))


def _power(shown: SeriesPortrait | Spectrum) -> str:
    return f"power ({unit_of(getattr(shown, 'name', ''))}, squared)"


def _first_up(text: str) -> str:
    return text[:1].upper() + text[1:]


def _with_power(spectrum: Spectrum) -> tuple[FloatArray, FloatArray]:
    """Frequencies and powers that have a logarithm."""
    positive = spectrum.power > 0.0
    return spectrum.frequencies[positive], spectrum.power[positive]


def _draw_spectrum(on: Canvas, spectrum: Spectrum, label: str, style: dict[str, Any]) -> None:
    frequencies, power = _with_power(spectrum)
    on.line(frequencies, power, label=label, **style)


def _draw_estimate(
    on: Canvas, estimate: MemoryEstimate, n_obs: int, label: str, colour: str, line: Any
) -> None:
    """The straight line of an estimate over its ordinates, and where they end."""
    m = estimate.bandwidth
    if m is None or "intercept" not in estimate.details:
        return
    ends = 2.0 * math.pi * np.array([1.0, m]) / n_obs
    power = np.exp(estimate.details["intercept"] - 2.0 * estimate.d * np.log(ends))
    label = f"{label}, d = {estimate.d:.2f}, m = {m}"
    on.line(ends, power, color=colour, linestyle=line, linewidth=2.2, label=label)
    on.ax.axvline(ends[1], color=colour, linestyle=DOTTED, linewidth=1.2)


def _add_periods(ax: Axes, ticks: tuple[int, ...] | None) -> None:
    """The period 2 pi / frequency along the top, at given ticks or those of a log scale."""

    def inverse(values: Any) -> Any:
        # Axes may start at frequency 0, whose period no axis can show.
        return 2.0 * math.pi / np.maximum(values, 1e-9)

    top = ax.secondary_xaxis("top", functions=(inverse, inverse))
    if ticks is None:
        top.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    else:
        top.xaxis.set_major_locator(FixedLocator(ticks))
    top.xaxis.set_minor_locator(NullLocator())
    top.set_xlabel(_PERIOD)
