"""Linear rivals of the networks: what one step ahead asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.replication.protocol import Experiment, figures_of
from memtools.replication.table import SPLITS, experiments_of

if TYPE_CHECKING:
    import pandas as pd


def autoregression(experiment: Experiment, order: int = 30) -> dict[str, float]:
    """Errors of an AR(p) with intercept, fitted by least squares to the training part alone.

    Parameters
    ----------
    experiment : Experiment
        Series and split, as the networks have them.
    order : int
        p.

    Returns
    -------
    dict
        rmse, mae and (where no target is zero) mape over the test part.
    """
    order = _validate.as_integer(order, "order", 1)
    if experiment.n_train < 2 * order + 2:
        allowed = f"at least {2 * order + 2} for order {order}"
        raise InvalidInputError("n_train", allowed, str(experiment.n_train))
    x, n_train = experiment.series, experiment.n_train
    design, targets = _lagged(x[: n_train + 1], order), x[order : n_train + 1]
    coefficients = np.linalg.lstsq(design, targets, rcond=None)[0]
    return _figures(experiment, _lagged(x[experiment.first_target - order :], order) @ coefficients)


def _lagged(x: FloatArray, order: int) -> FloatArray:
    """A row for each value from x[order] on: 1 and the `order` values before it."""
    windows = np.lib.stride_tricks.sliding_window_view(x[:-1], order)
    return np.column_stack([np.ones(len(windows)), windows])


def _figures(experiment: Experiment, forecasts: FloatArray) -> dict[str, float]:
    targets = experiment.series[experiment.first_target :]
    return figures_of(forecasts - targets, targets)


def fractional_model(experiment: Experiment, order: tuple[int, int] = (2, 1)) -> dict[str, float]:
    """Errors of an ARFIMA(p, d, q) with mean, by exact likelihood on the training part alone.

    Parameters
    ----------
    experiment : Experiment
        Series and split, as the networks have them.
    order : tuple of int
        (p, q); (2, 1) is the order that the paper's ARFIMA series was drawn with.

    Returns
    -------
    dict
        rmse, mae and (where no target is zero) mape over the test part, of one-step forecasts
        from all values before; and d.
    """
    from memtools.arfima import ARFIMA

    model = ARFIMA(experiment.series[: experiment.n_train + 1], order=order)
    fitted = model.fit(bias_correction=False)  # as R's arfima would
    forecasts = np.asarray(fitted.apply(experiment.series).fittedvalues)
    figures = _figures(experiment, forecasts[experiment.first_target :])
    return {**figures, "d": float(fitted.d)}


def baselines(
    datasets: Sequence[str] | Mapping[str, Experiment] = tuple(SPLITS),
) -> pd.DataFrame:
    """Both rivals on each series: rows of the table of runs without a seed.

    Parameters
    ----------
    datasets : sequence of str, or mapping of str to Experiment
        As :func:`replicate_table2` takes them.

    Returns
    -------
    DataFrame
        A row a series and rival: model, dataset, rmse, mae, mape, d.
    """
    import pandas as pd

    rows = []
    for dataset, experiment in experiments_of(datasets).items():
        rows += [
            {"model": "AR(30)", "dataset": dataset, **autoregression(experiment)},
            {"model": "ARFIMA", "dataset": dataset, **fractional_model(experiment)},
        ]
    return pd.DataFrame(rows)
