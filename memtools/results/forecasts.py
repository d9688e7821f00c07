"""Forecasts that are told by paths: means, errors and order statistics of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.results._base import Result
from memtools.results.intervals import ConfidenceInterval
from memtools.results.tables import Table, frame_table

if TYPE_CHECKING:
    from pandas import DataFrame

_SHOWN_STEPS = 20


@dataclass(frozen=True, kw_only=True, eq=False)
class NetworkForecast(Result):
    """Forecasts of a network with prediction intervals from paths.

    Attributes
    ----------
    paths : ndarray, shape (n_paths, steps) or (n_paths, steps, n_series)
        Simulated futures, or the forecasts plus each error seen at their horizon.
    intervals : {"simulation", "conformal"}
        What the paths are.
    index : Index or None
        Labels of the steps.
    columns : tuple of str or None
        Names of the series where there are several.
    """

    paths: FloatArray
    intervals: str
    index: Any = None
    columns: tuple[str, ...] | None = None

    @property
    def predicted_mean(self) -> Any:
        """Mean of the paths, (steps,) or (steps, n_series); with the labels of the series."""
        return self._labelled(self.paths.mean(axis=0))

    @property
    def se_mean(self) -> Any:
        """Standard deviation of the paths."""
        return self._labelled(self.paths.std(axis=0, ddof=1))

    def confidence_interval(self, level: float = 0.95) -> ConfidenceInterval[Any]:
        """Prediction intervals: order statistics of the paths.

        Parameters
        ----------
        level : float
            Probability that one future observation lies inside, 0.5 or more.

        Raises
        ------
        InvalidInputError
            Where there are too few paths for this level.
        """
        outside, m = 0.5 * (1.0 - _validate.as_level(level)), len(self.paths)
        low = math.floor(outside * (m + 1) + 1e-9)
        if low < 1:
            most = 1.0 - 2.0 / (m + 1)
            allowed = f"at most {most:.3g} with {m} errors (a longer series has more)"
            raise InvalidInputError("level", allowed, f"{level:g}")
        ordered = np.sort(self.paths, axis=0)
        return ConfidenceInterval(
            self._labelled(ordered[low - 1]), self._labelled(ordered[m - low])
        )

    def conf_int(self, alpha: float = 0.05) -> Any:
        """Prediction intervals, as statsmodels has them.

        Parameters
        ----------
        alpha : float
            Probability that one future observation lies outside, at most 0.5.

        Returns
        -------
        ndarray, shape (steps, 2) or (steps, 2, n_series), or DataFrame
            With columns "lower" and "upper".
        """
        low, high = self.confidence_interval(1.0 - _validate.as_alpha(alpha))
        if self.index is None:
            return np.stack([low, high], axis=1)
        return self._frame({"lower": low, "upper": high})

    def to_frame(self, level: float = 0.95) -> DataFrame:
        """Table with columns mean, mean_se, mean_ci_lower, mean_ci_upper, a row a step.

        Of several series, a block of these columns each.
        """
        low, high = self.confidence_interval(level)
        columns = {"mean": self.predicted_mean, "mean_se": self.se_mean}
        return self._frame(columns | {"mean_ci_lower": low, "mean_ci_upper": high})

    summary_frame = to_frame

    def _frame(self, columns: dict[str, Any]) -> DataFrame:
        import pandas as pd

        if self.paths.ndim == 2:
            return pd.DataFrame(columns, index=self.index)
        names = self.columns or tuple(map(str, range(self.paths.shape[2])))
        values = {key: np.asarray(value) for key, value in columns.items()}
        blocks = {
            name: pd.DataFrame({k: v[:, i] for k, v in values.items()}, index=self.index)
            for i, name in enumerate(names)
        }
        return pd.concat(blocks, axis=1)

    def _labelled(self, values: FloatArray) -> Any:
        if self.index is None:
            return values
        import pandas as pd

        if values.ndim == 1:
            return pd.Series(values, index=self.index)
        return pd.DataFrame(values, index=self.index, columns=self.columns)

    def summary(self) -> str:
        """The table as text."""
        return str(self.to_frame().to_string())

    def tables(self) -> list[Table]:
        """The same as text, the first steps where there are many."""
        return [frame_table("Forecasts and 95% intervals", self.to_frame().head(_SHOWN_STEPS))]

    def _headline(self) -> tuple[str, list[str]]:
        kind = "simulated paths" if self.intervals == "simulation" else "errors of the past"
        steps = self.paths.shape[1]
        more = [f"the first {_SHOWN_STEPS} are shown"] if steps > _SHOWN_STEPS else []
        return f"Forecasts of {steps} values by {len(self.paths)} {kind}", more

    def to_dict(self) -> dict[str, Any]:
        """Lists of the index, means, standard errors and 95% limits."""
        low, high = self.confidence_interval()
        shown = {
            "mean": self.predicted_mean,
            "mean_se": self.se_mean,
            "mean_ci_lower": low,
            "mean_ci_upper": high,
        }
        index = range(self.paths.shape[1]) if self.index is None else self.index
        told = {name: np.asarray(values).tolist() for name, values in shown.items()}
        return {"intervals": self.intervals, "index": [str(label) for label in index], **told}
