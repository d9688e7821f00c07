"""A linear autoregression beside the networks: what one step ahead asks for."""

from __future__ import annotations

import numpy as np

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.replication.protocol import Experiment


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
    x, first_test = experiment.series, experiment.n_train + experiment.n_validation
    design, targets = _lagged(x[: experiment.n_train + 1], order), x[order : experiment.n_train + 1]
    coefficients = np.linalg.lstsq(design, targets, rcond=None)[0]
    forecasts = _lagged(x[first_test + 1 - order :], order) @ coefficients
    targets = x[first_test + 1 :]
    errors = forecasts - targets
    figures = {"rmse": float(np.sqrt(np.mean(errors**2))), "mae": float(np.abs(errors).mean())}
    if (targets != 0.0).all():
        figures["mape"] = float(np.abs(errors / targets).mean())
    return figures


def _lagged(x: FloatArray, order: int) -> FloatArray:
    """A row for each value from x[order] on: 1 and the `order` values before it."""
    windows = np.lib.stride_tricks.sliding_window_view(x[:-1], order)
    return np.column_stack([np.ones(len(windows)), windows])
