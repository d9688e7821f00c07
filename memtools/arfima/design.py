"""The sample: its order and labels, its observations and regressors, and their differences."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memtools import _labels, _validate, gaps
from memtools._labels import is_labelled
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError


def as_sample(endog: Any, exog: Any) -> tuple[Any, Any, tuple[str, ...]]:
    """Series and regressors in the order of time, less missing values at the ends; notes."""
    ordered, notes = _labels.in_time_order(endog, "endog")
    if notes and exog is not None:
        if not is_labelled(exog):
            exog = np.asarray(exog)[::-1]
        elif not exog.index.equals(ordered.index):
            exog = exog.iloc[::-1]
    values = _validate.as_floats(ordered, "endog")
    if values.ndim != 1 or not np.isnan(values).any() or np.isnan(values).all():
        return ordered, exog, notes
    seen = np.flatnonzero(~np.isnan(values))
    start, stop = int(seen[0]), int(seen[-1]) + 1
    if stop - start == len(values):
        return ordered, exog, notes
    more = gaps.trimmed_note(start, len(values) - stop)
    kept = ordered.iloc[start:stop] if is_labelled(ordered) else values[start:stop]
    if exog is not None and len(exog) == len(values):
        exog = exog.iloc[start:stop] if is_labelled(exog) else np.asarray(exog)[start:stop]
    return kept, exog, (*notes, *more)


def joined(old: Any, new: Any, name: str) -> Any:
    """Two samples one after the other; the labels of the first go on where the second has none."""
    if is_labelled(old):
        import pandas as pd

        if not is_labelled(new):
            index = gaps.future_index(old.index, len(new))
            new = (
                pd.DataFrame(new, index=index, columns=old.columns)
                if hasattr(old, "columns")
                else pd.Series(new, index=index, name=old.name)
            )
        try:
            follows = len(new) == 0 or bool(new.index[0] > old.index[-1])
        except TypeError:  # labels of two kinds
            follows = False
        if not follows:
            got = f"one from {new.index[0]} after {old.index[-1]}"
            raise InvalidInputError(name, "with an index after that of the sample", got)
        return pd.concat([old, new])
    first, second = np.asarray(old), np.asarray(new)
    if second.ndim < first.ndim:
        second = second.reshape(len(second), -1)
    return np.concatenate([first, second])


_TRENDS = {"n": (), "c": ("const",), "t": ("drift",), "ct": ("const", "drift")}
_PARAMETERS = ("const", "drift", "d", "D", "sigma2")
_TERM = re.compile(r"(ar|ma)\.(S\.)?L\d+")
_MIN_OBS = 16
# Columns are collinear where a singular value falls below this share of the largest.
_RANK_TOLERANCE = 1e-9
_PERFECT = 1e-10
# sigma2 squared is the variance of its estimate.
_LARGEST = 1e70
# So that each gap leaves the differenced series at a place of its own.
_SEEN_FIRST = 3
# Numbers in the indicators of the gaps, and observations that the residuals of a series with
# gaps are computed for in quadratic time each.
_LARGEST_MARKERS = 2_000_000
_LONGEST_WITH_GAPS = 20_000


@dataclass(frozen=True)
class Level:
    """One series on its regressors after `integration` differences, and those of a season.

    Attributes
    ----------
    values : ndarray, shape (n_obs - n_lost,)
    design : ndarray, shape (n_obs - n_lost, n_regressors)
    names : tuple of str
        The regressors.
    integration : int
    n_lost : int
        Observations that the differences use up.
    markers : ndarray, shape (n_obs - n_lost, n_gaps)
        Differenced indicators of the gaps: with a coefficient for each gap, what the gaps are
        filled with does not matter.
    """

    values: FloatArray
    design: FloatArray
    names: tuple[str, ...]
    integration: int
    n_lost: int
    markers: FloatArray

    @property
    def n_seen(self) -> int:
        """Number of values that observations, not gaps, stand behind."""
        return len(self.values) - self.markers.shape[1]

    def without_regression(self, beta: FloatArray) -> Level:
        """The level less its regression with given coefficients."""
        rest = self.values - self.design @ beta
        return replace(self, values=rest, design=np.empty((len(rest), 0)), names=())

    def residuals(self) -> FloatArray:
        """What least squares leaves of the series."""
        return self.values - self.design @ self.least_squares()

    def least_squares(self) -> FloatArray:
        """Coefficients of the regressors by ordinary least squares."""
        beta = np.linalg.lstsq(self.design, self.values, rcond=None)[0]
        return np.asarray(beta, dtype=np.float64)


class Design:
    """Series and regressors in levels; the source of every `Level`.

    Parameters
    ----------
    endog : array_like, shape (n_obs,)
    exog : array_like or None, shape (n_obs, k)
    trend : {"n", "c", "t", "ct"}
    season : (int, int)
        Number of seasonal differences and the period, 1 where there is no season.
    """

    def __init__(self, endog: Any, exog: Any, trend: Any, season: tuple[int, int] = (0, 1)) -> None:
        self.trend: str = _validate.as_choice(trend, "trend", tuple(_TRENDS))
        self.season = season
        self.values, self.gaps = _filled(endog, season)
        size, spread = float(np.abs(self.values).max()), float(np.ptp(self.values))
        if size > _LARGEST or 0.0 < spread < 1.0 / _LARGEST:
            got = f"values of size {size:g} that spread over {spread:g}"
            allowed = "in units whose fourth powers are float64 numbers (rescale)"
            raise InvalidInputError("endog", allowed, got)
        self.n_obs = len(self.values)
        self.markers = np.zeros((self.n_obs, len(self.gaps)))
        self.markers[self.gaps, np.arange(len(self.gaps))] = 1.0
        self.exog, self.exog_names = self.as_exog(exog, self.n_obs)
        _validate.require_same_labels(exog, endog, "exog", "endog")
        self.names = (*_TRENDS[self.trend], *self.exog_names)
        if len(self.names) > self.n_obs // 4:
            allowed = f"at most {self.n_obs // 4} regressors for {self.n_obs} observations"
            raise InvalidInputError("exog", allowed, f"{len(self.names)} with the trend")
        self.columns = self.regressors(np.arange(1.0, self.n_obs + 1.0), self.exog)
        _refuse_collinear(np.delete(self.columns, self.gaps, axis=0), self.names)

    @staticmethod
    def as_exog(exog: Any, n_rows: int, name: str = "exog") -> tuple[FloatArray, tuple[str, ...]]:
        """Regressors as a matrix of `n_rows` rows, and their names."""
        if exog is None:
            return np.empty((n_rows, 0)), ()
        values = _validate.as_array(exog, name)
        if values.ndim == 1:
            values = values[:, None]
        if values.ndim != 2 or len(values) != n_rows:
            got = f"an array of shape {values.shape}"
            raise InvalidInputError(name, f"a matrix of {n_rows} rows", got)
        if hasattr(exog, "columns"):
            names = tuple(str(column) for column in exog.columns)
        elif getattr(exog, "name", None) is not None:
            names = (str(exog.name),)
        else:
            names = tuple(f"x{i + 1}" for i in range(values.shape[1]))
        taken = [n for n in names if n in _PARAMETERS or _TERM.fullmatch(n)]
        if taken or len(set(names)) < len(names):
            got = f"{taken[0]!r}" if taken else "a name twice"
            allowed = "columns named unlike each other and the model's own parameters (rename)"
            raise InvalidInputError(name, allowed, got)
        return values, names

    def regressors(self, time: FloatArray, exog: FloatArray) -> FloatArray:
        """Trend columns at the given times (1 = first observation), then `exog`."""
        trends = {"const": np.ones_like(time), "drift": time}
        parts = [trends[name][:, None] for name in _TRENDS[self.trend]]
        return np.hstack([*parts, exog])

    def level(self, integration: int) -> Level:
        """The series differenced `integration` times; regressors that vanish are left out."""
        values = self.differenced(self.values, integration)
        columns = self.differenced(self.columns, integration)
        size = np.abs(self.columns).max(axis=0, initial=0.0)
        kept = np.abs(columns).max(axis=0, initial=0.0) > _RANK_TOLERANCE * size
        names = tuple(name for name, keep in zip(self.names, kept, strict=True) if keep)
        markers = self.differenced(self.markers, integration)
        n_lost = self.n_obs - len(values)
        level = Level(values, columns[:, kept], names, integration, n_lost, markers)
        if n_lost:
            _refuse_collinear(level.design, names)
        self._refuse_perfect(level)
        return level

    def differenced(self, values: FloatArray, integration: int) -> FloatArray:
        """Along the first axis, the differences of the season and `integration` of lag one."""
        times, period = self.season
        for _ in range(times):
            values = values[period:] - values[:-period]
        return np.diff(values, n=integration, axis=0)

    def difference_polynomial(self, integration: int) -> FloatArray:
        """(1 - B)^integration times the seasonal differences, by powers of B."""
        times, period = self.season
        found = np.ones(1)
        for lag in [1] * integration + [period] * times:
            found = np.convolve(found, np.eye(1, lag + 1)[0] - np.eye(1, lag + 1, lag)[0])
        return found

    def _refuse_perfect(self, level: Level) -> None:
        rest = level.residuals()
        if float(np.ptp(rest)) <= _PERFECT * max(float(np.abs(self.values).max()), 1e-300):
            constant = level.names in ((), ("const",))
            got = "a constant" if constant else "one that its regressors explain exactly"
            if level.n_lost:
                got += f" after {level.integration + self.season[0]} difference(s)"
            raise InvalidInputError("endog", "a series that varies around its regressors", got)


def _filled(endog: Any, season: tuple[int, int]) -> tuple[FloatArray, NDArray[np.int_]]:
    """The series with straight lines over its gaps (NaN), and the positions of these.

    Lines between the same seasons of the years about.
    """
    seen_first, period = _SEEN_FIRST + math.prod(season), season[1]
    values, missing = _validate.as_series_with_gaps(endog, "endog")
    seen, gaps = np.flatnonzero(~missing), np.flatnonzero(missing)
    _validate.as_squarable_series(values[seen], "endog", _MIN_OBS)
    if not len(gaps):
        return values, gaps
    if missing[-1] or gaps[0] < seen_first:
        got = f"NaN at position {len(values) - 1 if missing[-1] else gaps[0]}"
        allowed = f"observed at its first {seen_first} positions and its last"
        raise InvalidInputError("endog", allowed, got)
    n_obs = len(values)
    if n_obs > _LONGEST_WITH_GAPS or n_obs * len(gaps) > _LARGEST_MARKERS:
        most = min(_LARGEST_MARKERS // n_obs, n_obs) if n_obs <= _LONGEST_WITH_GAPS else 0
        allowed = f"one with at most {most} gaps at this length (a column of numbers a gap)"
        raise InvalidInputError("endog", allowed, f"{len(gaps)} gaps in {n_obs}")
    filled = np.interp(np.arange(n_obs), seen, values[seen])
    for phase in range(min(period, n_obs)):
        places = np.arange(phase, n_obs, period)
        known = places[~missing[places]]
        if len(known):
            filled[places] = np.interp(places, known, values[known])
    return filled, gaps


def _refuse_collinear(columns: FloatArray, names: Sequence[str]) -> None:
    """Refuse regressors of less than full rank, naming the first that adds nothing."""
    if not names:
        return
    scale = np.linalg.norm(columns, axis=0)
    for i, name in enumerate(names):
        if scale[i] == 0.0:
            raise InvalidInputError("exog", "regressors that vary", f"only zeros in {name!r}")
        scaled = columns[:, : i + 1] / scale[: i + 1]
        singular = np.linalg.svd(scaled, compute_uv=False)
        if singular[-1] < _RANK_TOLERANCE * singular[0]:
            got = f"{name!r}, a linear combination of {', '.join(map(repr, names[:i]))}"
            raise InvalidInputError("exog", "linearly independent of each other and the trend", got)
