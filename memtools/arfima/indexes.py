"""pandas labels of samples and of what comes after them."""

from __future__ import annotations

from typing import Any

import numpy as np

from memtools import _labels, _validate, gaps
from memtools._labels import is_labelled
from memtools.exceptions import InvalidInputError

__all__ = ["as_sample", "future_index", "is_labelled", "joined"]


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


def future_index(index: Any, steps: int) -> Any:
    """The labels that follow a pandas index; positions where it has no regular step."""
    import pandas as pd

    n_obs = len(index)
    if not (index.is_monotonic_increasing and index.is_unique):  # shuffled: nothing follows
        return pd.RangeIndex(n_obs, n_obs + steps)
    calendar = _labels.calendar_of(index)
    freq = getattr(index, "freqstr", None) or calendar.freq
    if isinstance(index, pd.PeriodIndex):
        step = int(np.diff(index.asi8).min()) if calendar.step else 1
        ordinals = index[-1].ordinal + step * np.arange(1, steps + 1)
        return _labels.periods(ordinals, index.freq).rename(index.name)
    if isinstance(index, pd.DatetimeIndex):
        if freq is not None:
            later = pd.date_range(index[-1], periods=steps + 1, freq=freq, name=index.name)
            return later[later > index[-1]][:steps]
    elif pd.api.types.is_integer_dtype(index.dtype) and n_obs > 1 and calendar.full is None:
        first, second = (int(label) for label in index[-2:])
        if calendar.step is not None or n_obs == 2:
            gap = second - first
            stop = second + gap * (steps + 1)
            return pd.RangeIndex(second + gap, stop, gap, name=index.name)
    return pd.RangeIndex(n_obs, n_obs + steps)


def joined(old: Any, new: Any, name: str) -> Any:
    """Two samples one after the other; the labels of the first go on where the second has none."""
    if is_labelled(old):
        import pandas as pd

        if not is_labelled(new):
            index = future_index(old.index, len(new))
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
