"""estimate() on many series at once: which of them have long memory?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from memtools import _labels, _validate, correlation, gaps
from memtools.batch import run_each
from memtools.exceptions import InvalidInputError
from memtools.memory import estimate
from memtools.results.intervals import adjusted_pvalues
from memtools.results.panels import PanelReport, PanelRow

_LARGEST_LAG = 60
# Starting processes costs a second or two: fewer series are done here.
_MIN_SERIES = 40


def estimate_panel(
    data: Any,
    n_jobs: int | None = None,
    name: str = "panel",
    progress: bool | None = None,
    orient: str | None = None,
    missing: str = "raise",
    *,
    trend: str = "auto",
    season: str | float = "auto",
    breaks: str | Sequence[Any] = "auto",
    smallest_d: float = 0.1,
    executor: Any = None,
) -> PanelReport:
    """Has each of these series long memory?  :func:`estimate` of every column, a row a series.

    Parameters
    ----------
    data : DataFrame, mapping of str to array_like, or array_like of two dimensions
        The series, those of a mapping also of different lengths.  Frames may be of pandas or
        polars, arrays masked or of xarray.
    n_jobs : int, optional
        Workers at once, all cores by default (of few series: one); 1 is the calling process.
        Their number changes no result.
    name : str
        Title of the report.
    progress : bool, optional
        Draw a progress bar on standard error; by default in a terminal or a notebook.
    orient : {"columns", "rows"}, optional
        Whether a series is a column or a row.  By default a column of a frame, another dimension
        than "time" of a DataArray, and a column of an array of shape (n_obs, n_series); asked
        for where an array has more columns than rows.
    missing : {"raise", "longest", "gaps", "drop"}
        As in :func:`estimate`.
    trend, season, breaks, smallest_d
        Of every series, as in :func:`estimate`.
    executor : concurrent.futures.Executor, Dask client or None
        Does the work instead; the caller's to shut down.

    Returns
    -------
    PanelReport
        A series that `estimate` refuses (constant, too short, not finite) is a row "not
        estimated", with the reason.

    Raises
    ------
    InvalidInputError
        Where `data` holds no series, `n_jobs` is not positive, or it is not clear whether a
        series is a row or a column.

    Examples
    --------
    >>> import memtools as mt
    >>> nile = mt.datasets.load("nile")
    >>> mt.estimate_panel({"flow": nile, "constant": [1.0] * 50}).counts()
    {'undecided': 1, 'not estimated': 1}
    """
    _validate.as_choice(orient, "orient", ("columns", "rows", None))
    _validate.as_choice(missing, "missing", gaps.CHOICES)
    found = _columns(data, orient)
    options = {"trend": trend, "season": season, "breaks": breaks, "smallest_d": smallest_d}
    columns = list(found.items())
    if n_jobs is None and len(columns) < _MIN_SERIES:
        n_jobs = 1
    work = partial(_row, options | {"missing": missing})
    rows = run_each(work, columns, n_jobs, "series", progress, executor)
    return PanelReport(name=name, rows=_with_qvalues(rows))


def _with_qvalues(rows: list[PanelRow]) -> tuple[PanelRow, ...]:
    """The rows with their p-values corrected over the panel (Benjamini and Hochberg, 1995)."""
    qvalues = adjusted_pvalues(np.array([row.pvalue for row in rows]))
    return tuple(replace(row, qvalue=float(q)) for row, q in zip(rows, qvalues, strict=True))


def _columns(data: Any, orient: str | None) -> dict[str, Any]:
    """Values by name; what they are is seen series by series."""
    if isinstance(data, Mapping):
        columns = {str(key): values for key, values in data.items()}
    elif hasattr(data, "columns"):
        columns = _of_frame(data, orient)
    else:
        columns = _of_array(data, orient)
    if not columns:
        raise InvalidInputError("data", "one series or more", "none")
    return columns


def _plain(values: Any) -> Any:
    """An array, NaN where a mask hides a value; a Series keeps its dates."""
    if _labels.is_labelled(values) and _labels.holds_time(values.index):
        return values
    if isinstance(values, np.ma.MaskedArray) and values.dtype.kind in "iuf":
        return np.ma.filled(values.astype(np.float64), np.nan)
    return np.asarray(values)


def _of_frame(data: Any, orient: str | None) -> dict[str, Any]:
    """Columns (or rows) of a pandas or polars frame; those of dates or durations are no series."""
    names = [str(name) for name in data.columns]
    if len(set(names)) < len(names):
        raise InvalidInputError("data", "columns of different names", "a name twice")
    columns = {
        name: data.iloc[:, i] if hasattr(data, "iloc") else data[:, i]
        for i, name in enumerate(names)
    }
    kept = {name: c for name, c in columns.items() if np.asarray(c[:1]).dtype.kind not in "mM"}
    if orient != "rows":
        return kept
    matrix = np.column_stack([np.asarray(column) for column in kept.values()])
    labels = data.index if hasattr(data, "iloc") else range(len(matrix))
    return {str(label): matrix[i] for i, label in enumerate(labels)}


def _of_array(data: Any, orient: str | None) -> dict[str, Any]:
    """Columns or rows of an array; of a DataArray, what runs along time."""
    allowed = "an array of shape (n_obs, n_series), or a mapping of series by name"
    try:
        values = data if isinstance(data, np.ma.MaskedArray) else np.asarray(data)
    except ValueError as error:
        raise InvalidInputError("data", allowed, "rows of different lengths") from error
    if values.ndim != 2:
        raise InvalidInputError("data", allowed, f"shape {values.shape}")
    dims = getattr(data, "dims", None)
    labels: Any = None
    if isinstance(dims, tuple) and "time" in dims and orient is None:
        orient = "columns" if dims[0] == "time" else "rows"
        other = dims[1 - dims.index("time")]
        labels = data.indexes.get(other) if hasattr(data, "indexes") else None
    if orient is None and values.shape[0] < values.shape[1]:
        allowed = "said to hold a series a row (orient='rows') or a column (orient='columns')"
        raise InvalidInputError("data", allowed, f"an array of shape {values.shape}")
    rows = values if orient == "rows" else values.T
    names = range(len(rows)) if labels is None else labels
    return {str(name): row for name, row in zip(names, rows, strict=True)}


def _row(options: dict[str, Any], item: tuple[str, Any]) -> PanelRow:
    name, given = item
    period = _labels.period_shown(given.index) if _labels.is_labelled(given) else None
    values = _plain(given)
    n_obs = len(np.atleast_1d(np.asarray(values)))
    try:
        report = estimate(values, name=name, **options)
    except InvalidInputError as error:
        return PanelRow(
            name=name,
            n_obs=n_obs,
            verdict="not estimated",
            d=math.nan,
            low=math.nan,
            high=math.nan,
            evidence=math.nan,
            pvalue=math.nan,
            qvalue=math.nan,
            reason=str(error),
            autocorrelations=np.empty(0),
            period=period,
        )
    low, high = report.confidence_interval()
    lag = min(_LARGEST_LAG, report.n_obs // 2)
    return PanelRow(
        name=name,
        n_obs=n_obs,
        verdict=report.verdict,
        d=report.d,
        low=low,
        high=high,
        evidence=report.evidence,
        pvalue=report.chance_below(0.0),
        qvalue=math.nan,
        reason=report.answer,
        autocorrelations=correlation.autocorrelation(report.values, lag, missing="gaps"),
        period=period,
    )
