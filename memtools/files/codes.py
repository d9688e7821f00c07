"""Codes that stand for a missing value among numbers: -9999, 999.9, 1e20, a 0 far from all else."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from memtools._validate import FloatArray

# 99, -888, 77.7; 9998 and -6999 beside them; what integers of 16 and 32 bits end with.
_REPEATED = re.compile(r"^(?:([6-9])\1+|(\d)\2{3,}|[67]?9{3,}[5-9]?)$")
_ENDS = {32767, 32768, 65535, 2147483647, 2147483648}
_SAMPLE = 4096
_PIECE = 1 << 15
# In spreads of the bulk of the values, how far its tails may reach.
_BULK = 10.0
_MOST_CODES = 3


def ends_of(values: FloatArray) -> tuple[float, float]:
    """Least and largest value, NaN where there is one, by pieces that a cache holds."""
    if not len(values):
        return np.nan, np.nan
    pieces = [values[i : i + _PIECE] for i in range(0, len(values), _PIECE)]
    with np.errstate(invalid="ignore"):
        ends = [(piece.min(), piece.max()) for piece in pieces]
    low, high = np.array(ends).T
    return float(low.min()), float(high.max())


def fill_value(values: FloatArray, ends: tuple[float, float]) -> float | None:
    """A number that is likely to stand for a missing value, if there is one.

    It lies apart from all that may be observed, by more than their whole range, and is written
    as codes are (repeated digits, the end of a computer's integers, a power of ten beyond
    reason), is 0 or -1, or comes more than once among values that hardly do.  What is observed
    lies within ten robust spreads of the median or is one of many extremes.
    """
    if len(values) < 8:
        return None
    low, high = _bulk(values)
    if ends[0] >= low and ends[1] <= high:
        return None
    seen = values[np.isfinite(values)]
    if len(seen) < 8:
        return None
    low, high = _bulk(seen)
    inside = (seen >= low) & (seen <= high)
    outside, counts = np.unique(seen[~inside], return_counts=True)
    kinds = [_kind(float(value), int(n)) for value, n in zip(outside, counts, strict=True)]
    observed = [float(v) for v, kind in zip(outside, kinds, strict=True) if not kind]
    bulk = seen[inside]
    most_distinct = len(np.unique(bulk[:_SAMPLE]))
    if most_distinct < 3 or sum(map(bool, kinds)) > _MOST_CODES * (1 + len(observed)):
        return None
    least, most = min([float(bulk.min()), *observed]), max([float(bulk.max()), *observed])
    reach = most - least
    repeats = most_distinct < min(20, len(bulk) / 5)
    for code, n, kind in zip(outside, counts, kinds, strict=True):
        if not kind:
            continue
        apart = max(least - code, code - most)
        if kind in ("again", "zero") and n > 1 and (repeats or _is_regular(seen == code)):
            continue
        needed = {"huge": 1e3, "digits": 1.0, "zero": 5.0 if n == 1 else 2.0, "again": 3.0}[kind]
        if kind == "digits" and ((code < 0.0 <= least) or (n > 1 and not repeats)):
            needed = 0.4
        elif kind == "digits" and n == 1 and 0.0 < code < 100.0:
            needed = 2.0
        if apart > needed * reach:
            return float(code)
    return None


def _is_regular(found: Any) -> bool:
    """True where a value comes most of the time, or on one day of seven and the like."""
    steps = np.diff(np.flatnonzero(found))
    if 2 * (len(steps) + 1) > len(found) or not np.any(steps % 7):
        return True
    return len(steps) > 1 and len(np.unique(steps)) == 1


def _bulk(values: FloatArray) -> tuple[float, float]:
    """Ten robust spreads on both sides of the median of a sample."""
    sample = values[:: max(1, len(values) // _SAMPLE)]
    sample = sample[np.isfinite(sample)]
    if not len(sample):
        return -np.inf, np.inf
    for end in (float(sample.min()), float(sample.max())):  # there may be more codes than values
        rest = sample[sample != end]
        if 8 < len(rest) < len(sample) - 1 and _kind(end, 1) in ("digits", "huge"):
            sample = rest
    middle = float(np.median(sample))
    away = np.abs(sample - middle)
    spread = float(np.median(away))
    if spread == 0.0:  # zeros most of the time, as rain has
        away = away[away > 0.0]
        spread = float(np.median(away)) if len(away) else 0.0
    return middle - _BULK * spread, middle + _BULK * spread


def _kind(value: float, n: int) -> str:
    """In what a number is like a code: "" for what may well be observed."""
    size = abs(value)
    if size > 9.9e14:
        return "huge"
    digits = f"{size:.10g}".replace(".", "").lstrip("0")
    if _REPEATED.match(digits) or size in _ENDS:
        return "digits"
    if size >= 1e6 and np.log10(size) % 1.0 == 0.0:
        return "huge"
    if value in (0.0, -1.0):
        return "zero"
    return "again" if n > 1 else ""
