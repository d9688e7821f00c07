"""ARFIMA among the forecasters of sktime."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import pandas as pd
from scipy.special import ndtri
from sktime.forecasting.base import BaseForecaster

from memtools import arfima


class ARFIMAForecaster(BaseForecaster):
    """ARFIMA(p, d, q) by exact maximum likelihood, with regressors and normal intervals.

    Parameters
    ----------
    order : tuple
        (p, q), or (p, d, q) with a number d that is held.
    trend : {"n", "c", "t", "ct"}
    method : {"exact", "whittle", "css"}
        As `memtools.ARFIMA.fit` takes it.

    Attributes
    ----------
    results_ : memtools.ARFIMAResults
        The fit.

    Examples
    --------
    >>> import memtools as mt
    >>> from memtools.adapters import ARFIMAForecaster
    >>> flow = mt.datasets.load("nile")
    >>> ARFIMAForecaster().fit(flow, fh=[1, 2]).predict().index.tolist()
    [1971, 1972]
    """

    _tags = {  # noqa: RUF012 - as sktime has them
        "capability:exogenous": True,
        "capability:insample": False,
        "capability:pred_int": True,
        "capability:pred_int:insample": False,
        "capability:missing_values": False,
        "requires-fh-in-fit": False,
        "y_inner_mtype": "pd.Series",
        "X_inner_mtype": "pd.DataFrame",
        "python_dependencies": "memtools",
    }

    def __init__(
        self, order: tuple[Any, ...] = (0, 0), trend: str = "c", method: str = "exact"
    ) -> None:
        self.order, self.trend, self.method = order, trend, method
        super().__init__()

    def _fit(self, y: Any, X: Any, fh: Any) -> Self:
        exog = None if X is None else X.to_numpy(dtype=float)
        model = arfima.ARFIMA(y.to_numpy(dtype=float), self.order, exog, self.trend)
        self.results_ = model.fit(self.method)
        self._name = y.name
        return self

    def _forecasts(self, fh: Any, X: Any) -> Any:
        places = fh.to_relative(self.cutoff).to_numpy() - 1
        n_steps = int(places.max()) + 1
        exog = None
        if X is not None:
            given = X.to_numpy(dtype=float)
            exog = given[:n_steps]
            if len(given) < n_steps:  # rows of the horizon alone: no forecast looks at the others
                exog = np.zeros((n_steps, given.shape[1]))
                exog[places] = given
        return self.results_.get_forecast(n_steps, exog), places

    def _predict(self, fh: Any, X: Any) -> Any:
        forecasts, places = self._forecasts(fh, X)
        index = fh.to_absolute_index(self.cutoff)
        return pd.Series(forecasts.predicted_mean[places], index=index, name=self._name)

    def _predict_interval(self, fh: Any, X: Any, coverage: list[float]) -> Any:
        forecasts, places = self._forecasts(fh, X)
        name = self._get_varnames()[0]
        columns = {}
        for level in coverage:
            reach = ndtri(0.5 + 0.5 * level) * forecasts.se_mean[places]  # sktime has any level
            columns[name, level, "lower"] = forecasts.predicted_mean[places] - reach
            columns[name, level, "upper"] = forecasts.predicted_mean[places] + reach
        index = fh.to_absolute_index(self.cutoff)
        return pd.DataFrame(columns, index=index)

    @classmethod
    def get_test_params(cls, parameter_set: str = "default") -> list[dict[str, Any]]:
        """Options that sktime's own checks are run with."""
        return [{"order": (0, 0)}, {"order": (1, 0.0, 0), "method": "css"}]
