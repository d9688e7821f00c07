"""One estimator on a block of rows: the numbers of each series, or why it has none."""

from __future__ import annotations

import inspect
import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import memtools
from memtools import _validate
from memtools._validate import FloatArray
from memtools.estimators import rows as batched
from memtools.exceptions import ConvergenceWarning, InvalidInputError
from memtools.inference import rows as tests_in_rows
from memtools.memory import estimate
from memtools.results import MemoryReport
from memtools.results.intervals import normal_half_width, normal_scores
from memtools.results.many import CODES, NOT_YET
from memtools.results.report import VERDICTS
from memtools.spectral import ComplexArray, Sample

COLUMNS = ("d", "stderr", "bandwidth", "statistic", "single_pvalue", "code")
REPORT_COLUMNS = (*COLUMNS, "low", "high", "evidence", "verdict")
CODE = COLUMNS.index("code")
# Types of columns that hold no reals.
KINDS: dict[str, Any] = {"bandwidth": np.int32, "code": np.int8, "verdict": np.int8}
_NUMBER = {reason: float(k) for k, reason in CODES.items()}
# Values that are worked on at once: with their transforms they fit a core's second cache.
_VALUES = 2**17
# Estimators whose rows share evaluations are faster with more of them.
_SHARED_VALUES, _MOST_SHARED = 2**18, 256
# Homes of functions of one series that can be named.
_ROOMS = ("estimators", "inference", "memory")


@dataclass(frozen=True)
class Plan:
    """An estimator and its options, ready for blocks of rows.

    Attributes
    ----------
    name : str
    function : callable
        Of one series.
    options : mapping
    rows : callable or None
        The same of many rows, where there is one that knows these options.
    """

    name: str
    function: Callable[..., Any]
    options: Mapping[str, Any]
    rows: Callable[..., Any] | None

    @property
    def columns(self) -> tuple[str, ...]:
        """What the columns of a table are."""
        return REPORT_COLUMNS if self.function is estimate else COLUMNS

    def n_rows(self, n_obs: int) -> int:
        """Rows of a block; a function of the length alone, as no result may depend on it."""
        if self.rows in batched.SHARING:
            return max(1, min(_MOST_SHARED, _SHARED_VALUES // max(n_obs, 1)))
        return max(16, _VALUES // max(n_obs, 1))

    def table(self, values: NDArray[Any], room: ComplexArray | None = None) -> FloatArray:
        """The columns of each row, shape (n_rows, n_columns); values of shape (n_rows, n_obs).

        `room` is that of a :class:`Sample`.
        """
        rows = np.asarray(values, dtype=np.float64)
        squares = np.einsum("rt,rt->r", rows, rows)
        codes = self._codes(rows, squares)
        if not codes.any():
            return self._estimated(rows, squares, room)
        table = _empty(len(rows), len(self.columns))
        table[:, CODE] = codes
        good = np.flatnonzero(codes == 0.0)
        if len(good):
            table[good] = self._estimated(rows[good], squares[good], room)
        return table

    def _estimated(
        self, rows: FloatArray, squares: FloatArray, room: ComplexArray | None
    ) -> FloatArray:
        if self.rows is None:
            return self._one_by_one(rows)
        return self._of_rows(_in_safe_units(rows, squares, room))

    def _codes(self, rows: FloatArray, squares: FloatArray) -> FloatArray:
        """Why rows cannot be estimated, as `as_varying_series` sees it; 0 where they can."""
        if not rows.shape[1]:
            return np.full(len(rows), _NUMBER["no values"])
        codes = np.zeros(len(rows))
        # Few rows need a closer look: those that may be constant, and sums that are no number.
        near = np.flatnonzero(rows[:, 0] == rows[:, rows.shape[1] // 2])
        if len(near):
            codes[near[np.ptp(rows[near], axis=1) == 0.0]] = _NUMBER["constant"]
        odd = np.flatnonzero(~np.isfinite(squares))
        if len(odd):
            odd = odd[~np.isfinite(rows[odd]).all(axis=1)]
            empty = np.isnan(rows[odd]).all(axis=1)
            seen_to = self.options.get("missing", "raise") != "raise"
            some = 0.0 if seen_to else _NUMBER["missing or infinite values"]
            codes[odd] = np.where(empty, _NUMBER["no values"], some)
        return codes

    def _of_rows(self, sample: Sample) -> FloatArray:
        """By the estimator's own function of many rows."""
        assert self.rows is not None
        table = _empty(len(sample.values), len(COLUMNS))
        try:
            found = self.rows(sample, **self.options)
        except InvalidInputError as error:
            if error.name != "x":
                raise
            table[:, CODE] = _reason(error)
            return table
        if hasattr(found, "pvalue"):
            known = np.isfinite(found.statistic)
            table[:, 2] = np.where(known, found.bandwidth, 0)
            table[:, 3] = np.where(known, found.statistic, math.nan)
            table[:, 4] = np.where(known, found.pvalue, math.nan)
            table[:, CODE] = np.where(known, 0.0, _NUMBER["refused by the estimator"])
            return table
        table[:, 0], table[:, 1] = found.d, found.stderr
        table[:, 2] = found.bandwidth or 0
        table[:, CODE] = np.where(found.converged, 0.0, 10.0)
        if not np.all(found.powered):
            powerless = ~np.broadcast_to(found.powered, len(table))
            table[powerless] = [math.nan, math.nan, 0.0, math.nan, math.nan, 5.0]
        usual = found.statistic is None
        table[:, 3] = table[:, 0] / table[:, 1] if usual else found.statistic
        scores = table[:, 3] if found.law is None else normal_scores(table[:, 0], found.law())
        table[:, 4] = _two_sided(scores)
        return table

    def _one_by_one(self, rows: FloatArray) -> FloatArray:
        table = _empty(len(rows), len(self.columns))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # the code tells
            for i, row in enumerate(rows):
                try:
                    table[i] = _figures(self.function(row, **self.options), self.columns)
                except InvalidInputError as error:
                    if error.name in ("estimator", *self.options):
                        raise
                    table[i, CODE] = _reason(error)
        return table


def typed(name: str, column: FloatArray) -> NDArray[Any]:
    """A column of a table in its type; of whole numbers -1 stands for none."""
    kind = KINDS.get(name)
    return column if kind is None else np.nan_to_num(column, nan=NOT_YET).astype(kind)


def _empty(n_rows: int, n_columns: int) -> FloatArray:
    """A table of nothing yet, each column in one piece."""
    table = np.full((n_columns, n_rows), np.nan).T
    table[:, 2] = 0.0
    return table


def as_plan(estimator: Any, options: Mapping[str, Any]) -> Plan:
    """An estimator by name, or a function of one series."""
    function = _named(estimator) if isinstance(estimator, str) else estimator
    if not callable(function):
        allowed = "the name of an estimator or a test, or a function of one series"
        raise InvalidInputError("estimator", allowed, repr(estimator))
    name = estimator if isinstance(estimator, str) else getattr(function, "__name__", "function")
    _require_known(function, name, options)
    rows = batched.rows_of(function, options) or tests_in_rows.rows_of(function, options)
    return Plan(name, function, dict(options), rows)


def _named(name: str) -> Callable[..., Any]:
    homes = {n: home.split(".")[0] for n, home in memtools._HOMES.items()}
    if homes.get(name) not in _ROOMS:
        known = [n for n, home in homes.items() if home in _ROOMS and n[0].islower()]
        shown = ", ".join([n for n in known if name[:3] in n][:10] or [*batched.NAMES, "estimate"])
        raise InvalidInputError("estimator", f"the name of one ({shown}, ...)", repr(name))
    function: Callable[..., Any] = getattr(memtools, name)
    return function


def _require_known(function: Callable[..., Any], name: str, options: Mapping[str, Any]) -> None:
    """An option that the function does not take is an error of the call, not of a series."""
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return
    if any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        return
    for option in options:
        if option not in list(parameters)[1:]:
            known = ", ".join(list(parameters)[1:]) or "none"
            raise InvalidInputError("options", f"options of {name} ({known})", repr(option))


def _in_safe_units(rows: FloatArray, squares: FloatArray, room: ComplexArray | None) -> Sample:
    """Rows, those whose squares would overflow or vanish scaled as one series is."""
    odd = np.flatnonzero((squares < 1e-230) | (squares > 1e230))
    if len(odd):
        rows, squares = rows.copy(), squares.copy()
        for i in odd:
            rows[i] = _validate.as_varying_series(rows[i])
        squares[odd] = np.einsum("rt,rt->r", rows[odd], rows[odd])
    sample = Sample(rows, room)
    sample.kept["squares"] = squares
    return sample


def _reason(error: InvalidInputError) -> float:
    if "power" in error.allowed:
        return _NUMBER["no power at the frequencies in use"]
    if "observation" in error.allowed and "long" in error.allowed:
        return _NUMBER["too short"]
    return _NUMBER["refused by the estimator"]


def _two_sided(statistic: Any) -> Any:
    from scipy.special import erfc

    return erfc(np.abs(statistic) / math.sqrt(2.0))


def _figures(result: Any, columns: tuple[str, ...]) -> list[float]:
    """The numbers of one result, in the order of the columns."""
    if isinstance(result, MemoryReport):
        low, high = result.confidence_interval()
        stderr = (high - low) / (2.0 * normal_half_width(0.95))
        statistic = result.d / stderr if stderr else math.nan
        found = [result.d, stderr, 0.0, statistic, result.chance_below(0.0), 0.0]
        further = [low, high, result.evidence, float(VERDICTS.index(result.verdict))]
        return found + further * (columns is REPORT_COLUMNS)
    if hasattr(result, "statistic") and hasattr(result, "pvalue"):
        used = result.details.get("bandwidth") if hasattr(result, "details") else None
        return [math.nan, math.nan, used or 0.0, float(result.statistic), float(result.pvalue), 0.0]
    if not (hasattr(result, "d") and hasattr(result, "stderr")):
        allowed = "a function that returns an estimate of d, a test or a report"
        raise InvalidInputError("estimator", allowed, f"one that returns {type(result).__name__}")
    if not getattr(result, "identified", True):
        return [math.nan, math.nan, 0.0, math.nan, math.nan, _NUMBER["d not identified"]]
    if hasattr(result, "test"):
        test = result.test()
        statistic, pvalue = test.statistic, test.pvalue
    else:
        statistic = result.d / result.stderr
        pvalue = float(_two_sided(statistic))
    code = 0.0 if getattr(result, "converged", True) else 10.0
    bandwidth = getattr(result, "bandwidth", None) or 0.0
    return [float(result.d), float(result.stderr), bandwidth, statistic, pvalue, code]
