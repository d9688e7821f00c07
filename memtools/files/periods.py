"""Years and their parts: months, quarters, halves, weeks and days, and what two digits mean."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memtools import _labels

Whole = NDArray[np.int64]

MOST = {"month": 12, "quarter": 4, "half": 2, "week": 53, "day": 366}
# What marks a part of the year in labels such as 2001Q1, H2 2001 or W05, in lower case.
TAGS = {
    **dict.fromkeys(("m", "mon", "month", "monat", "mois"), "month"),
    **dict.fromkeys(
        ("q", "qtr", "quarter", "quartal", "t", "trim", "trimestre", "k", "kv"), "quarter"
    ),
    **dict.fromkeys(("s", "sem", "semester", "semestre", "h", "hy", "hj", "half"), "half"),
    **dict.fromkeys(("w", "wk", "week", "kw", "cw", "woche", "semaine"), "week"),
    **dict.fromkeys(("d", "day"), "day"),
}


def full_years(two: Sequence[int]) -> list[int]:
    """Years of two digits as years that go on from each other and end before the future."""
    given = np.asarray(two, dtype=np.int64)
    years = given[0] + np.concatenate([[0], np.cumsum((np.diff(given) + 50) % 100 - 50)])
    latest = datetime.date.today().year
    return [int(y) for y in years + 100 * ((latest - int(years.max())) // 100)]


def parted(years: Any, parts: Any, tag: str = "") -> tuple[Any, str | None] | None:
    """The index that years and numbered parts of them make, and what was assumed.

    The part is what the tag says, else that of which most follow on each other without a gap:
    2001-1 to 2001-4 and then 2002-1 are quarters; 2001/02 and then 2002/03 are years from one to
    the next.  None where no part of a year has these numbers.
    """
    years, parts = np.asarray(years, dtype=np.int64), np.asarray(parts, dtype=np.int64)
    if not len(years) or years.min() < 1000 or years.max() > 2999:
        return None
    told = TAGS.get(tag.lower())
    if told is None and (np.all(parts == (years + 1) % 100) or np.all(parts == years + 1)):
        import pandas as pd

        first = f"{years[0]}/{parts[0]:02d}"
        return pd.Index(years), f"years from one to the next ({first}) are named by the first"
    best, best_share, what = None, -2.0, ""
    for kind, most in MOST.items():
        if (told or kind) != kind or parts.min() < 1 or parts.max() > most:
            continue
        index = _READERS[kind](years, parts)
        if index is None:
            continue
        share = _share_of_neighbours(index, kind) if is_one_way(index) else -1.0
        if share > best_share:
            best, best_share, what = index, share, kind
    if best is None:
        return None
    assumed = told is None and what != "month"
    return best, f"{years[0]} {parts[0]} is read as a {what} of a year" if assumed else None


def is_one_way(index: Any) -> bool:
    """True for labels that rise, or fall, from each to the next."""
    rises_or_falls = index.is_monotonic_increasing or index.is_monotonic_decreasing
    return bool(rises_or_falls and index.is_unique)


def is_regular(index: Any) -> bool:
    """True for labels in equal steps, forwards or back."""
    ordinals = np.asarray(index.asi8 if _labels.holds_time(index) else index, dtype=np.int64)
    return len(ordinals) > 2 and len(np.unique(np.diff(ordinals))) == 1


def _share_of_neighbours(index: Any, kind: str) -> float:
    """How many steps go to the very next month, quarter, half, week or day."""
    ordinals = index.asi8
    step = {"half": 2}.get(kind, 1)
    if kind in ("week", "day"):
        ordinals = ordinals // 86_400
        step = 7 if kind == "week" else 1
    return float(np.mean(np.abs(np.diff(ordinals)) == step)) if len(index) > 1 else 1.0


def months(years: Any, parts: Any) -> Any:
    """Months by year and number, unchecked."""
    years, parts = np.asarray(years, dtype=np.int64), np.asarray(parts, dtype=np.int64)
    return _labels.periods((years - 1970) * 12 + parts - 1, freq="M")


def _quarters(years: Whole, parts: Whole) -> Any:
    return _labels.periods((years - 1970) * 4 + parts - 1, freq="Q")


def _halves(years: Whole, parts: Whole) -> Any:
    return _labels.periods((years - 1970) * 4 + 2 * (parts - 1), freq="Q")


def _weeks(years: Whole, parts: Whole) -> Any:
    """Mondays of ISO weeks; None where a year has no such week."""
    fourth = (years - 1970).astype("M8[Y]").astype("M8[D]").astype(np.int64) + 3
    mondays = fourth - (fourth + 3) % 7 + 7 * (parts - 1)
    thursdays = (mondays + 3).astype("M8[D]").astype("M8[Y]").astype(np.int64) + 1970
    return _dates(mondays) if np.array_equal(thursdays, years) else None


def _days(years: Whole, parts: Whole) -> Any:
    days = (years - 1970).astype("M8[Y]").astype("M8[D]").astype(np.int64) + parts - 1
    back = days.astype("M8[D]").astype("M8[Y]").astype(np.int64) + 1970
    return _dates(days) if np.array_equal(back, years) else None


def days_of(years: Whole, months: Whole, days: Whole) -> Any:
    """Dates by year, month and day; None where one is not in the calendar."""
    if years.min() < 1000 or years.max() > 2999:
        return None
    first = ((years - 1970) * 12 + months - 1).astype("M8[M]")
    found = first.astype("M8[D]") + (days - 1)
    inside = (months >= 1) & (months <= 12) & (found.astype("M8[M]") == first)
    return _dates(found.astype(np.int64)) if inside.all() else None


def _dates(days: Whole) -> Any:
    import pandas as pd

    return pd.DatetimeIndex(days.astype("M8[D]").astype("M8[s]"))


_READERS = {
    "month": months,
    "quarter": _quarters,
    "half": _halves,
    "week": _weeks,
    "day": _days,
}
