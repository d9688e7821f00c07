"""Networks: impulse weights and their decay, eigenvalues, gates."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.plotting.canvas import Canvas, plain_log_ticks
from memtools.plotting.palette import (
    BLUE,
    DASH_DOT,
    DASHED,
    DOTTED,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    VERMILLION,
)
from memtools.results import DecayReport, ImpulseWeights, NetworkReport, TimeConstants

_LAWS = {
    "polynomial": ("power law", VERMILLION, "-"),
    "exponential": ("exponential", GREEN, DASHED),
    "tempered": ("tempered power law", ORANGE, DASH_DOT),
    "stretched": ("stretched exponential", PURPLE, DOTTED),
    "persistent": ("no decay", GREEN, DASH_DOT),
    "growing": ("growth", ORANGE, "-"),
}
_BINS = 40


def plot_impulse_weights(
    report: NetworkReport | ImpulseWeights,
    scale: str = "semilog",
    *,
    ax: Axes | None = None,
    decay: DecayReport | None = None,
) -> Axes:
    """Impulse weights |A_k| with the fitted laws of decay and the crossover.

    Parameters
    ----------
    report : NetworkReport or ImpulseWeights
        Of several outputs and inputs the pair that the report's verdict rests on is drawn; of
        ImpulseWeights the one with the largest late weights.
    scale : {"semilog", "loglog"}
        An exponential is straight in the first, a power law in the second (from lag 1).
    ax : matplotlib Axes, optional
        Those of a new pyplot figure by default.
    decay : DecayReport, optional
        The laws; by default those of the NetworkReport.

    Returns
    -------
    Axes
        Weights that are zero or have overflowed are left out.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import memtools as mt
    >>> report = mt.diagnose(mt.networks.LSTM.initialise(1, 1, 1, rng=0))
    >>> mt.plotting.plot_impulse_weights(report, "loglog", ax=Figure().subplots()).get_xlabel()
    'lag k (steps)'
    """
    if isinstance(report, NetworkReport):
        impulse, decay = report.impulse, report.decay if decay is None else decay
        output, column = report.entry
    elif isinstance(report, ImpulseWeights):
        impulse = report
        output, column = impulse.strongest()
    else:
        got = type(report).__name__
        raise InvalidInputError("report", "a NetworkReport or ImpulseWeights", got)
    _validate.as_choice(scale, "scale", ("semilog", "loglog"))
    on = Canvas(ax)
    ax = on.ax
    ax.set_yscale("log")
    if scale == "loglog":
        ax.set_xscale("log")
    first = 1 if scale == "loglog" else 0
    lags = np.arange(first, impulse.n_lags + 1)
    sizes = np.abs(impulse.values[first:, output, column])
    seen = (sizes > 0.0) & np.isfinite(sizes)
    low, high = _visible_range(sizes[seen])
    on.points(lags[seen], sizes[seen], color=BLUE, markersize=3.5, label="weight |A_k|")
    _draw_noise(on, lags, impulse.stderr[first:, output, column], low)
    if decay is not None:
        _draw_laws(on, decay, first, low, high)
    ax.set_ylim(0.5 * low, 2.0 * high)
    last = float(lags[seen & (sizes >= low)].max(initial=first))
    right = min(1.2 * max(last, 10.0), 1.05 * impulse.n_lags)
    ax.set_xlim(0.9 if scale == "loglog" else -0.02 * right, right)
    if scale == "loglog":
        plain_log_ticks(ax.xaxis, whole=True)
    pair = "" if impulse.values[0].size == 1 else f", output {output}, input {column}"
    return on.finished(f"Impulse weights{pair}", "lag k (steps)", "|A_k| (output per input)")


def plot_eigenvalues(report: NetworkReport, *, ax: Axes | None = None) -> Axes:
    """Eigenvalues of the recurrent matrix or of the mean Jacobian in the unit disc.

    Parameters
    ----------
    report : NetworkReport
    ax : matplotlib Axes, optional
        Those of a new pyplot figure by default.

    Returns
    -------
    Axes
        Says so where the network has none.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import memtools as mt
    >>> report = mt.diagnose(mt.networks.RNN.initialise(1, 4, 1, rng=0))
    >>> mt.plotting.plot_eigenvalues(report, ax=Figure().subplots()).get_xlabel()
    'real part'
    """
    on = Canvas.of(report, NetworkReport, "report", ax)
    ax = on.ax
    values = np.asarray(report.eigenvalues)
    angle = np.linspace(0.0, 2.0 * math.pi, 361)
    style = {"color": on.ink, "linewidth": 1.0}
    on.line(np.cos(angle), np.sin(angle), label="unit circle", **style)
    for line in (ax.axhline, ax.axvline):
        line(0.0, color=GREY, linewidth=0.6)
    if len(values):
        radius = float(np.abs(values).max())
        style = {"color": VERMILLION, "markersize": 5.0, "alpha": 0.8}
        label = f"{report.spectrum_of}, largest modulus {radius:.3g}"
        on.points(values.real, values.imag, label=label, **style)
    else:
        on.message("no recurrent matrix")
    edge = 1.1 * max(1.0, float(np.abs(values).max(initial=0.0)))
    ax.set(xlim=(-edge, edge), ylim=(-edge, edge), aspect="equal")
    return on.finished("Eigenvalues", "real part", "imaginary part")


def plot_gates(report: NetworkReport, *, ax: Axes | None = None) -> Axes:
    """Distribution of each gate's values, a gate a row.

    Parameters
    ----------
    report : NetworkReport
    ax : matplotlib Axes, optional
        Those of a new pyplot figure by default.

    Returns
    -------
    Axes
        Heights are shares of the steps and units, every row to its own highest bin; the bar is
        the median.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import memtools as mt
    >>> report = mt.diagnose(mt.networks.LSTM.initialise(1, 1, 1, rng=0))
    >>> mt.plotting.plot_gates(report, ax=Figure().subplots()).get_xlabel()
    'value of the gate'
    """
    on = Canvas.of(report, NetworkReport, "report", ax)
    ax = on.ax
    gates = {name: np.ravel(values) for name, values in report.gates.items() if np.size(values)}
    if not gates:
        on.message("no gates")
    ends = [(float(values.min()), float(values.max())) for values in gates.values()]
    low = min([0.0, *(end[0] for end in ends)])
    high = max([1.0, *(end[1] for end in ends)])
    edges = np.linspace(low, high, _BINS + 1)
    for row, values in enumerate(gates.values()):
        counts = np.histogram(values, edges)[0]
        heights = row - 0.8 * counts / counts.max()
        label = "share of steps and units" if row == 0 else None
        on.area(edges, row, np.append(heights, row), color=BLUE, step="post", label=label)
        ax.stairs(heights, edges, baseline=row, color=BLUE, linewidth=1.2)
        median = float(np.median(values))
        label = "median" if row == 0 else None
        ax.plot([median] * 2, [row, row - 0.8], color=VERMILLION, linewidth=2.2, label=label)
    ax.set_yticks(range(len(gates)), list(gates))
    ax.set_ylim(max(len(gates), 1) - 0.8, -1.0)
    ax.set_xlim(low, high)
    return on.finished("Gates", "value of the gate", "")


def _visible_range(sizes: FloatArray) -> tuple[float, float]:
    """From the largest weight down to the smallest, at most 8 decades."""
    if not len(sizes):
        return 0.1, 1.0
    high = float(sizes.max())
    return max(float(sizes.min()), 1e-8 * high), high


def _draw_noise(on: Canvas, lags: Any, stderr: FloatArray, low: float) -> None:
    """Below their standard errors weights are noise."""
    if not stderr.any():
        return
    style = {"color": GREY, "label": "below the standard error"}
    on.area(lags, 0.1 * low, np.maximum(stderr, 0.1 * low), **style)


def _draw_laws(on: Canvas, decay: DecayReport, first: int, low: float, high: float) -> None:
    """The fitted envelopes where they are near the weights, and the end of a power law."""
    for kind, curve in decay.curves.items():
        label, colour, line = _LAWS.get(kind, (kind, on.ink, DASHED))
        if kind == decay.verdict:
            label += " (verdict)"
        lags = np.arange(first, len(curve))
        near = (curve[first:] > 0.5 * low) & (curve[first:] < 2.0 * high)
        on.ax.plot(lags[near], curve[first:][near], color=colour, linestyle=line, label=label)
    if decay.crossover_lag is not None:
        label = f"crossover, lag {decay.crossover_lag}"
        on.ax.axvline(decay.crossover_lag, color=on.ink, linestyle=DOTTED, label=label)


def plot_time_constants(constants: TimeConstants, *, ax: Axes | None = None) -> Axes:
    """Time constants of the units with their inverse gamma law.

    Parameters
    ----------
    constants : TimeConstants
    ax : matplotlib Axes, optional
        Those of a new pyplot figure by default.

    Returns
    -------
    Axes
        Share of the units a bin of equal width in logarithms; those that do not decay are left out.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import memtools as mt
    >>> constants = mt.time_constants(mt.networks.LSTM.initialise(1, 64, 1, rng=0))
    >>> mt.plotting.plot_time_constants(constants, ax=Figure().subplots()).get_xlabel()
    'time constant T (steps)'
    """
    on = Canvas.of(constants, TimeConstants, "constants", ax)
    ax = on.ax
    values = np.asarray(constants.values)
    values = values[np.isfinite(values) & (values > 0.0)]
    if len(values):
        low, high = 0.8 * values.min(), 1.25 * values.max()
        edges = np.geomspace(low, high, min(max(int(len(values) ** 0.5), 5), _BINS) + 1)
        share = np.full(len(values), 1.0 / len(values))
        style: dict[str, Any] = {"histtype": "step", "color": BLUE, "linewidth": 1.6}
        ax.hist(values, edges.tolist(), weights=share, label=f"{len(values)} units", **style)
        ax.set_xscale("log")
        law = constants.inverse_gamma
        if law is not None:
            t = np.geomspace(low, high, 200)
            log_density = law.shape * np.log(law.scale / t) - law.scale / t - math.lgamma(law.shape)
            width = math.log(edges[1] / edges[0])  # a bin's, of log T
            label = law.summary()
            ax.plot(t, width * np.exp(log_density), color=VERMILLION, linestyle=DASHED, label=label)
        plain_log_ticks(ax.xaxis)
    else:
        on.message("no unit decays")
    return on.finished("Time constants", "time constant T (steps)", "share of units")
