"""Missing values at the doors: refused, the longest run, closed up, or kept and allowed for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memtools import _labels, _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError

CHOICES = ("raise", "longest", "gaps", "drop")


@dataclass(frozen=True, kw_only=True)
class Observed:
    """A series as a door takes it.

    Attributes
    ----------
    values : ndarray, shape (n_obs,)
        NaN only where gaps are kept.
    index : Index or None
        Labels of the values.
    missing : ndarray of bool, shape (n_obs,)
        Where nothing was observed.
    notes : tuple of str
        What was done, for the reader of the result.
    """

    values: FloatArray
    index: Any
    missing: NDArray[np.bool_]
    notes: tuple[str, ...] = ()

    @property
    def series(self) -> Any:
        """The values, labelled where they came labelled."""
        if self.index is None:
            return self.values
        import pandas as pd

        return pd.Series(self.values, index=self.index)


def observed(x: Any, missing: str = "raise", name: str = "x") -> Observed:
    """A series in the order of time without gaps, or with those that are allowed for.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        NaN, None and what a masked array hides are gaps.
    missing : {"raise", "longest", "gaps", "drop"}
        "longest" takes the longest run without a gap, "drop" closes the gaps up, "gaps" keeps
        them as NaN, less those at the ends.
    name : str
        The argument, for errors.

    Raises
    ------
    InvalidInputError
        Where values are missing and `missing` is "raise", or nothing was observed.
    """
    _validate.as_choice(missing, "missing", CHOICES)
    x, notes = _labels.in_time_order(x, name)
    values = _validate.as_floats(x, name)
    index = _labels.index_of(x)
    absent = np.isnan(values)
    if values.ndim != 1 or not absent.any():
        return Observed(values=values, index=index, missing=absent, notes=notes)
    if missing == "raise":
        bad = np.flatnonzero(absent)
        first = ", ".join(str(i) for i in bad[:3]) + (", ..." if bad.size > 3 else "")
        got = f"nan ({bad.size} of {values.size} values, positions {first})"
        allowed = "finite, or say missing='longest', 'gaps' or 'drop'"
        raise InvalidInputError(name, allowed, got)
    if absent.all():
        raise InvalidInputError(name, "a series with a value that is not NaN", "NaN only")
    keep, note = _kept(absent, missing, index)
    return Observed(
        values=values[keep],
        index=None if index is None else index[keep],
        missing=absent[keep],
        notes=(*notes, *note),
    )


def _kept(absent: NDArray[np.bool_], missing: str, index: Any) -> tuple[Any, list[str]]:
    """Positions to keep, and what is said of the others."""
    n_obs, n_absent = len(absent), int(absent.sum())
    if missing == "drop":
        return ~absent, [f"{n_absent} of {n_obs} values are missing; the series is closed up"]
    seen = np.flatnonzero(~absent)
    if missing == "gaps":
        start, stop = int(seen[0]), int(seen[-1]) + 1
        notes = trimmed_note(start, n_obs - stop)
        inside = int(absent[start:stop].sum())
        if inside:
            notes.append(f"{inside} of {stop - start} values are missing and allowed for as gaps")
        return slice(start, stop), notes
    edges = np.flatnonzero(np.diff(np.concatenate([[True], absent, [True]]).astype(np.int8)))
    starts, stops = edges[::2], edges[1::2]
    longest = int(np.argmax(stops - starts))
    start, stop = int(starts[longest]), int(stops[longest])
    shown = _labels.period_shown(None if index is None else index[start:stop])
    where = shown or f"positions {start} to {stop - 1}"
    note = f"{n_absent} of {n_obs} values are missing; the longest run without a gap is {where}"
    return slice(start, stop), [f"{note} ({stop - start} values)"]


def trimmed_note(before: int, after: int) -> list[str]:
    """What is said of values that are missing at the ends."""
    if not before + after:
        return []
    return [f"{before} missing values at the start and {after} at the end are left out"]
