"""The accessor ``.memory`` of pandas' Series and DataFrames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memtools import estimators, fractional, memory, panel, rolling
from memtools.exceptions import InvalidInputError

if TYPE_CHECKING:
    import pandas as pd

    from memtools.results import MemoryEstimate, MemoryReport, PanelReport, RollingMemory


class SeriesMemory:
    """``series.memory``: what memtools says of a Series, its dates carried through."""

    def __init__(self, series: pd.Series[Any]) -> None:
        self._series = series

    def estimate(self, **options: Any) -> MemoryReport:
        """The verdict, as :func:`memtools.estimate` gives it."""
        named = {} if self._series.name is None else {"name": str(self._series.name)}
        return memory.estimate(self._series, **named | options)

    def d(self, estimator: str = "exact_local_whittle", **options: Any) -> MemoryEstimate:
        """The memory parameter by one estimator, by the name of its function."""
        if estimator not in memory.METHODS:
            raise InvalidInputError("estimator", f"one of {memory.METHODS}", repr(estimator))
        found: MemoryEstimate = getattr(estimators, estimator)(self._series, **options)
        return found

    def fracdiff(self, d: float) -> pd.Series[Any]:
        """(1 - B)^d of the Series, as :func:`memtools.fracdiff` gives it."""
        return fractional.fracdiff(self._series, d)

    def rolling(self, **options: Any) -> RollingMemory:
        """d through time, as :func:`memtools.rolling_memory` gives it."""
        return rolling.rolling_memory(self._series, **options)


class FrameMemory:
    """``frame.memory``: the same for a column a series."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame

    def estimate(self, **options: Any) -> PanelReport:
        """A verdict a column, as :func:`memtools.estimate_panel` gives it."""
        return panel.estimate_panel(self._frame, **options)

    def fracdiff(self, d: float) -> pd.DataFrame:
        """(1 - B)^d of each column, as :func:`memtools.fracdiff` gives it."""
        return fractional.fracdiff(self._frame, d)


def register() -> None:
    """Give pandas the accessor; once more changes nothing."""
    import pandas as pd
    from pandas.api import extensions

    if not hasattr(pd.Series, "memory"):
        extensions.register_series_accessor("memory")(SeriesMemory)
        extensions.register_dataframe_accessor("memory")(FrameMemory)
