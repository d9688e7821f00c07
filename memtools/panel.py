"""estimate() on many series at once: which of them have long memory?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from memtools import correlation
from memtools.batch import run_each
from memtools.exceptions import InvalidInputError
from memtools.memory import estimate
from memtools.results.panels import PanelReport, PanelRow

_LARGEST_LAG = 60
# Starting processes costs a second or two: fewer series are done here.
_MIN_SERIES = 40


def estimate_panel(
    data: Any,
    n_jobs: int | None = None,
    name: str = "panel",
    progress: bool | None = None,
) -> PanelReport:
    """Estimate d of every column, combine, and say what it means, a row a series.

    Parameters
    ----------
    data : DataFrame, mapping of str to array_like, or array_like of shape (n_obs, n_series)
        The series; of a mapping they may differ in length.
    n_jobs : int, optional
        Workers at once, all cores by default (of few series: one); 1 is the calling process.
        Their number changes no result.
    name : str
        Title of the report.
    progress : bool, optional
        Draw a progress bar on standard error; by default in a terminal or a notebook.

    Returns
    -------
    PanelReport
        A series that `estimate` refuses (constant, too short, not finite) is a row "not
        estimated", with the reason.

    Raises
    ------
    InvalidInputError
        Where `data` holds no series, or `n_jobs` is not positive.

    Examples
    --------
    >>> import memtools as mt
    >>> nile = mt.datasets.load("nile")
    >>> mt.estimate_panel({"flow": nile, "constant": [1.0] * 50}).counts()
    {'long memory': 1, 'not estimated': 1}
    """
    columns = list(_columns(data).items())
    if n_jobs is None and len(columns) < _MIN_SERIES:
        n_jobs = 1
    rows = run_each(_row, columns, n_jobs, "series", progress)
    return PanelReport(name=name, rows=tuple(rows))


def _columns(data: Any) -> dict[str, Any]:
    """Values by name; what they are is seen series by series."""
    if isinstance(data, Mapping):
        columns = {str(key): values for key, values in data.items()}
    elif hasattr(data, "columns") and hasattr(data, "iloc"):
        columns = {str(key): data.iloc[:, i] for i, key in enumerate(data.columns)}
        if len(columns) < data.shape[1]:
            raise InvalidInputError("data", "columns of different names", "a name twice")
    else:
        values = np.asarray(data)
        if values.ndim != 2:
            raise InvalidInputError(
                "data", "an array of shape (n_obs, n_series)", f"shape {values.shape}"
            )
        columns = {str(i): values[:, i] for i in range(values.shape[1])}
    if not columns:
        raise InvalidInputError("data", "one series or more", "none")
    return {key: np.asarray(values) for key, values in columns.items()}


def _row(item: tuple[str, ArrayLike]) -> PanelRow:
    name, values = item
    n_obs = len(np.atleast_1d(np.asarray(values)))
    try:
        report = estimate(values, name=name)
    except InvalidInputError as error:
        return PanelRow(
            name=name,
            n_obs=n_obs,
            verdict="not estimated",
            d=math.nan,
            low=math.nan,
            high=math.nan,
            reason=str(error),
            autocorrelations=np.empty(0),
        )
    low, high = report.confidence_interval()
    lag = min(_LARGEST_LAG, n_obs // 2)
    return PanelRow(
        name=name,
        n_obs=n_obs,
        verdict=report.verdict,
        d=report.d,
        low=low,
        high=high,
        reason=report.reasons[0],
        autocorrelations=correlation.autocorrelation(report.values, lag),
    )
