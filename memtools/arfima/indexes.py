"""pandas labels of samples and of what comes after them."""

from __future__ import annotations

from typing import Any

import numpy as np

from memtools.exceptions import InvalidInputError


def is_labelled(values: Any) -> bool:
    """True for a pandas Series or DataFrame."""
    return hasattr(values, "index") and hasattr(values, "to_numpy")


def future_index(index: Any, steps: int) -> Any:
    """The labels that follow a pandas index; positions where it has no regular step."""
    import pandas as pd

    n_obs = len(index)
    if not index.is_monotonic_increasing:  # newest first, or shuffled: nothing follows
        return pd.RangeIndex(n_obs, n_obs + steps)
    if isinstance(index, pd.PeriodIndex):
        return pd.period_range(index[-1] + 1, periods=steps, freq=index.freq, name=index.name)
    if isinstance(index, pd.DatetimeIndex):
        freq = index.freq or (pd.infer_freq(index) if n_obs > 2 else None)
        if freq is not None:
            later = pd.date_range(index[-1], periods=steps + 1, freq=freq, name=index.name)
            return later[later > index[-1]][:steps]
    elif pd.api.types.is_integer_dtype(index.dtype) and n_obs > 1:
        gaps = np.diff(index.to_numpy())
        if gaps[0] != 0 and np.all(gaps == gaps[0]):
            first, gap = int(index[-1]) + int(gaps[0]), int(gaps[0])
            return pd.RangeIndex(first, first + gap * steps, gap, name=index.name)
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
