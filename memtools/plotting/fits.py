"""What fits left: residuals of a model, training curves of a network, the errors of many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import FigureBase

from memtools.exceptions import InvalidInputError
from memtools.plotting.canvas import (
    LITERAL,
    Canvas,
    as_panels,
    as_result,
    plain_log_ticks,
    shown_name,
)
from memtools.plotting.palette import BLUE, DASHED, DOTTED, GREY, VERMILLION
from memtools.plotting.paths import format_times, time_points
from memtools.results import ResidualDiagnostics, TrainingResult

if TYPE_CHECKING:
    import pandas as pd

    from memtools.arfima import ARFIMAResults

_UNIT = "residual (sd)"
_COLUMNS = ("model", "dataset", "rmse")


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
    draws = _draw_path, _draw_density, _draw_quantiles, _draw_acf
    for ax, draw in zip(panels, draws, strict=True):
        draw(Canvas(ax), shown)
    return panels


def _draw_path(on: Canvas, shown: ResidualDiagnostics) -> None:
    values = np.asarray(shown.residuals)
    points, unit = time_points(getattr(shown.residuals, "index", None), len(values))
    on.ax.axhline(0.0, color=on.ink, linewidth=0.8)
    on.line(points, values, color=BLUE, linewidth=0.9)
    on.ax.margins(x=0.01)
    format_times(on.ax, points)
    on.finished("Standardised residuals", unit, _UNIT)


def _draw_density(on: Canvas, shown: ResidualDiagnostics) -> None:
    values = shown.observed
    style: dict[str, Any] = {"color": "0.8", "edgecolor": "0.5", "label": "histogram"}
    on.ax.hist(values, bins="auto", density=True, **style)
    on.line(shown.grid, shown.density, color=BLUE, linewidth=2.0, label="kernel density")
    style = {"color": VERMILLION, "linewidth": 2.0, "linestyle": DASHED, "label": "N(0, 1)"}
    on.line(shown.grid, shown.normal_density, **style)
    on.finished("Distribution of the residuals", _UNIT, "density")


def _draw_quantiles(on: Canvas, shown: ResidualDiagnostics) -> None:
    theory, sample = shown.normal_quantiles, np.sort(shown.observed)
    on.points(theory, sample, color=BLUE, markersize=3.0, label="residuals")
    style = {"color": VERMILLION, "linewidth": 1.5, "linestyle": DASHED, "label": "N(0, 1)"}
    on.line(theory[[0, -1]], theory[[0, -1]], **style)
    on.finished("Normal Q-Q", "quantile of N(0, 1) (sd)", _UNIT)


def _draw_acf(on: Canvas, shown: ResidualDiagnostics) -> None:
    lags = np.arange(1, len(shown.autocorrelations))
    low, high = (end[1:] for end in shown.band)
    on.white_noise(lags, low, high, shown.level)
    on.bars(lags, shown.autocorrelations[1:], "autocorrelation")
    on.finished("Correlogram of the residuals", "lag (observations)", "autocorrelation")


def plot_training(result: TrainingResult, *, ax: Axes | None = None) -> Axes:
    """Training and validation loss over the epochs, the best epoch marked.

    Parameters
    ----------
    result : TrainingResult
    ax : matplotlib Axes, optional
        Those of a new pyplot figure by default.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import numpy as np
    >>> from matplotlib.figure import Figure
    >>> import memtools as mt
    >>> x = np.sin(np.arange(60.0))[:, np.newaxis]
    >>> network = mt.networks.RNN.initialise(1, 1, 1, rng=0)
    >>> result = mt.train(network, x[:-1], x[1:], n_epochs=5)
    >>> mt.plotting.plot_training(result, ax=Figure().subplots()).get_xlabel()
    'epoch'
    """
    on = Canvas.of(result, TrainingResult, "result", ax)
    ax = on.ax
    ax.set_yscale("log")
    styles = {"train_loss": (BLUE, "-"), "validation_loss": (VERMILLION, DASHED)}
    for key, losses in result.history.items():
        if len(losses):
            colour, line = styles.get(key, (GREY, "-"))
            label, epochs = key.replace("_", " "), np.arange(len(losses))
            ax.plot(epochs, losses, color=colour, linestyle=line, label=label)
    watched = len(result.history.get("validation_loss", ())) > 0
    losses = result.history["validation_loss" if watched else "train_loss"]
    best = result.best_epoch
    ax.axvline(best, color=on.ink, linestyle=DOTTED, linewidth=1.0)
    style = {"color": on.ink, "marker": "D", "markersize": 6.0}
    on.points([best], [losses[best]], label=f"best epoch, {best}", **style)
    on.whole_ticks()
    plain_log_ticks(ax.yaxis)
    return on.finished(f"Training, stopped by {result.stopped}", "epoch", "loss")


def plot_replication(
    frame: pd.DataFrame,
    published: Mapping[str, Mapping[str, tuple[float, float]]] | None = None,
    *,
    fig: FigureBase | None = None,
) -> Any:
    """Boxplots of the test RMSE over the seeds, a panel a data set.

    Parameters
    ----------
    frame : DataFrame
        Columns model, dataset and rmse, as :func:`replicate_table2` returns it; models and data
        sets keep their order.  Runs without RMSE (diverged) are counted beside the model's name.
    published : mapping of data set to mapping of model to (mean, sd), optional
        Drawn beside the boxes: `memtools.replication.TABLE2`.
    fig : matplotlib Figure, optional
        A new one of pyplot by default.

    Returns
    -------
    ndarray of Axes, one a data set

    References
    ----------
    Zhao, J. et al. (2020). Do RNN and LSTM have long memory? ICML, Figure 4.

    Examples
    --------
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> import memtools as mt
    >>> frame = pd.DataFrame({"model": "RNN", "dataset": "tree7", "rmse": [0.28, 0.29, 0.30]})
    >>> mt.plotting.plot_replication(frame, mt.replication.TABLE2, fig=Figure())[0].get_title()
    'tree7'
    """
    missing = [name for name in _COLUMNS if name not in getattr(frame, "columns", ())]
    if missing or not len(frame):
        got = f"none of {missing}" if missing else "no rows"
        raise InvalidInputError("frame", f"a DataFrame with rows and columns {_COLUMNS}", got)
    datasets = list(dict.fromkeys(frame["dataset"]))
    n_columns = 1 if len(datasets) == 1 else 2
    panels = as_panels(fig, -(-len(datasets) // n_columns), n_columns).ravel()
    for ax in panels[len(datasets) :]:
        ax.remove()
    for ax, dataset in zip(panels, datasets, strict=False):
        runs = frame[frame["dataset"] == dataset]
        _draw_boxes(ax, runs, dict((published or {}).get(str(dataset), {})))
        Canvas(ax).finished(shown_name(dataset), "test RMSE (units of the series)", "")
    return panels[: len(datasets)]


def _draw_boxes(ax: Axes, runs: pd.DataFrame, published: dict[str, tuple[float, float]]) -> None:
    models = list(dict.fromkeys(runs["model"]))
    cells = [runs.loc[runs["model"] == model, "rmse"] for model in models]
    names = [shown_name(model) for model in models]
    for i, cell in enumerate(cells):
        if cell.isna().any():
            names[i] += f" ({int(cell.isna().sum())} failed)"
    line = {"color": BLUE}
    ax.boxplot(
        [cell.dropna().to_numpy() for cell in cells],
        positions=range(len(cells)),
        orientation="horizontal",
        widths=0.5,
        boxprops=line,
        whiskerprops=line,
        capprops=line,
        medianprops={"color": BLUE, "linewidth": 2.0},
        flierprops={"marker": ".", "markeredgecolor": GREY, "markersize": 4.0},
    )
    known = [(i, *published[model]) for i, model in enumerate(models) if model in published]
    if known:
        at, means, sds = (np.array(column) for column in zip(*known, strict=True))
        style: dict[str, Any] = {"fmt": "D", "color": VERMILLION, "markersize": 4.0}
        label = "published mean and sd"
        ax.errorbar(means, at + 0.38, xerr=sds, capsize=2.0, label=label, **style)
    ax.set_yticks(range(len(names)), names, **LITERAL)
    ax.set_ylim(len(names) - 0.3, -0.5)
