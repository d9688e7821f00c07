"""Training curves of one network, and the errors of many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import FigureBase

from memtools.exceptions import InvalidInputError
from memtools.plotting.canvas import (
    BLUE,
    DASHED,
    DOTTED,
    GREY,
    LITERAL,
    VERMILLION,
    as_axes,
    as_panels,
    as_result,
    draw_points,
    foreground,
    label_axes,
    legend_below,
    plain_log_ticks,
    shown_name,
    whole_ticks,
)
from memtools.results import TrainingResult

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = ("model", "dataset", "rmse")


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
    result = as_result(result, TrainingResult, "result")
    ax = as_axes(ax)
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
    ax.axvline(best, color=foreground(), linestyle=DOTTED, linewidth=1.0)
    style = {"color": foreground(), "marker": "D", "markersize": 6.0}
    draw_points(ax, [best], [losses[best]], label=f"best epoch, {best}", **style)
    whole_ticks(ax)
    plain_log_ticks(ax.yaxis)
    label_axes(ax, f"Training, stopped by {result.stopped}", "epoch", "loss")
    legend_below(ax)
    return ax


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
        label_axes(ax, shown_name(dataset), "test RMSE (units of the series)", "")
        legend_below(ax)
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
