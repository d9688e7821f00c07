"""User input in, clean float64 out, or an error that names the argument.

Public functions call these in their first lines; everything below them trusts.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from memtools import _labels
from memtools.exceptions import InvalidInputError

if TYPE_CHECKING:
    from numpy.random import Generator, SeedSequence

FloatArray: TypeAlias = NDArray[np.float64]
Bandwidth: TypeAlias = int | float | str | Callable[[int], int] | None
RandomState: TypeAlias = "int | SeedSequence | Generator | None"

# Squares of a series whose spread lies in here neither overflow nor vanish.
_SAFE_SPREAD = (1e-120, 1e120)


def as_floats(x: ArrayLike, name: str = "x") -> FloatArray:
    """Real numbers of any shape as a float64 array; NaN where a value is missing."""
    return _as_float64(x, name, gaps=True)


def as_array(x: ArrayLike, name: str = "x") -> FloatArray:
    """Real numbers of any shape as a float64 array; every value finite."""
    values = _as_float64(x, name)
    if values.size:
        _finite_range(values, name)
    return values


def _as_float64(x: Any, name: str, *, gaps: bool = False) -> FloatArray:
    """Real numbers; with `gaps`, NaN for None and for what a mask hides."""
    mask = None
    if isinstance(x, np.ma.MaskedArray) and np.ma.is_masked(x):
        mask = np.ma.getmaskarray(x)
        if not gaps:
            position = int(np.flatnonzero(mask)[0])
            raise InvalidInputError(name, "without gaps", f"a masked value at position {position}")
        x = x.data
    if hasattr(x, "detach"):  # a torch tensor that gradients flow through
        x = x.detach()
    try:
        raw = np.asarray(x)
    except ValueError as error:  # ragged nested sequences
        raise InvalidInputError(name, "a sequence of real numbers", "a ragged sequence") from error
    if raw.dtype.kind == "O":
        raw = _unbox(x, raw, name, gaps)
    if raw.dtype.kind not in "iuf":
        raise InvalidInputError(name, "real numbers", f"data of type {raw.dtype}")
    if mask is not None:
        return np.where(mask, np.nan, raw)
    if raw.dtype.kind not in "iuf":
        raise InvalidInputError(name, "real numbers", f"data of type {raw.dtype}")
    return np.asarray(raw, dtype=np.float64)


def _finite_range(values: FloatArray, name: str) -> tuple[float, float]:
    """Smallest and largest value; NaN and infinities are refused by position."""
    low, high = float(values.min()), float(values.max())
    if not (math.isfinite(low) and math.isfinite(high)):
        bad = np.flatnonzero(~np.isfinite(values))
        places: list[Any] = np.argwhere(~np.isfinite(values)).tolist()
        if values.ndim == 1:
            places = bad.tolist()
        first = ", ".join(str(i) for i in places[:3]) + (", ..." if bad.size > 3 else "")
        got = f"{values.ravel()[bad[0]]} ({bad.size} of {values.size} values, positions {first})"
        raise InvalidInputError(name, "finite", got)
    return low, high


def _unbox(x: Any, raw: NDArray[Any], name: str, gaps: bool) -> NDArray[Any]:
    """Numbers out of an extension array (pandas' Float64, Int64); refuse other objects."""
    kind = getattr(getattr(x, "dtype", None), "kind", "O")
    if kind in "iuf" and hasattr(x, "to_numpy"):
        return np.asarray(x.to_numpy(dtype=np.float64, na_value=np.nan))
    if gaps:
        raw = np.array([math.nan if _is_absent(v) else v for v in raw.ravel()], object).reshape(
            raw.shape
        )
    for position, value in enumerate(raw.ravel()):
        if not isinstance(value, Real) or isinstance(value, bool):
            got = f"{value!r} ({type(value).__name__}) at position {position}"
            raise InvalidInputError(name, "real numbers", got)
    try:
        return raw.astype(np.float64)
    except OverflowError as error:  # Python's integers have no end
        raise InvalidInputError(name, "real numbers below 1.8e308", "a larger integer") from error


def _is_absent(value: object) -> bool:
    """True for None and for pandas' NA, which is its own type's only value."""
    return value is None or type(value).__name__ in ("NAType", "NaTType")


def as_series(x: ArrayLike, name: str = "x", min_obs: int = 1) -> FloatArray:
    """One series: 1-D, real, finite, at least `min_obs` values; not copied if it need not be."""
    return _series_and_range(x, name, min_obs)[0]


def as_series_with_gaps(x: ArrayLike, name: str = "x") -> tuple[FloatArray, NDArray[np.bool_]]:
    """One series in which NaN marks what was not observed: values, zero there, and the marks."""
    values = _as_float64(x, name, gaps=True)
    gaps = np.isnan(values)
    if values.size and gaps.all():
        raise InvalidInputError(name, "a series with a value that is not NaN", "NaN only")
    return as_series(np.where(gaps, 0.0, values), name), gaps


def _series_and_range(x: ArrayLike, name: str, min_obs: int) -> tuple[FloatArray, float, float]:
    values = _as_float64(x, name)
    if values.ndim != 1:
        got = f"an array of shape {values.shape}"
        raise InvalidInputError(name, "one-dimensional (choose one column or row)", got)
    require_length(values.size, name, min_obs)
    low, high = _finite_range(values, name)
    return (values[::-1].copy() if _falls(x, name) else values), low, high


def _falls(x: Any, name: str) -> bool:
    """True for a series whose labels run from the newest to the oldest, which is turned round.

    One of several arguments, which might be turned without the others, is refused.
    """
    if not _labels.runs_back(x, 0, name):
        return False
    if name != "x":
        raise InvalidInputError(name, "in the order of time (sort_index)", "the newest first")
    return True


def require_length(n_obs: int, name: str, min_obs: int) -> None:
    """Refuse a series that is too short."""
    if n_obs < min_obs:
        plural = "s" if min_obs > 1 else ""
        raise InvalidInputError(name, f"at least {min_obs} observation{plural} long", f"{n_obs}")


def as_varying_series(x: ArrayLike, name: str = "x", min_obs: int = 2) -> FloatArray:
    """A series for statistics that ignore shift and scale: not constant, in safe units.

    Values are changed only where their squares would overflow or vanish (spread outside
    1e-120 ... 1e120); then the series is multiplied by a power of two, which is exact and
    moves no zero mean.
    """
    values, low, high = _series_and_range(x, name, min_obs)
    if low == high and values.size > 1:
        raise InvalidInputError(name, "a series that varies", f"the constant {low:g}")
    spread = high / 2 - low / 2
    if _SAFE_SPREAD[0] < spread < _SAFE_SPREAD[1] and max(-low, high) < _SAFE_SPREAD[1]:
        return values
    return np.ldexp(values, -math.frexp(max(-low, high))[1])


def as_several_series(
    x: ArrayLike, name: str = "x", min_obs: int = 2, least: int = 1, most: int | None = None
) -> FloatArray:
    """Varying series side by side, (n_obs, n_series), fewer than observations, in time's order."""
    values = as_array(x, name)
    if values.ndim == 1 and least == 1:
        values = values[:, np.newaxis]
    count = values.shape[1] if values.ndim == 2 else 0
    if count < least or (most is not None and count > most):
        how_many = f", {least} series or more" if most is None else f", {least} to {most} series"
        raise InvalidInputError(
            name, f"of shape (n_obs, n_series){how_many}", f"shape {values.shape}"
        )
    require_length(len(values), name, min_obs)
    if len(values) < count:
        allowed = "of shape (n_obs, n_series), more observations than series; transpose it"
        raise InvalidInputError(name, allowed, f"shape {values.shape}")
    columns = [as_varying_series(column, f"{name}[:, {i}]") for i, column in enumerate(values.T)]
    return np.column_stack(columns)[:: -1 if _falls(x, name) else 1]


def require_same_labels(y: Any, x: Any, name: str, of: str) -> None:
    """Refuse two pandas objects that would be paired by position against their labels."""
    if _labels.is_labelled(y) and _labels.is_labelled(x) and not y.index.equals(x.index):
        allowed = f"labelled as {of} is (reindex, or give an array)"
        raise InvalidInputError(name, allowed, "another index")


def as_squarable_series(x: ArrayLike, name: str = "x", min_obs: int = 1) -> FloatArray:
    """A series whose second moments, in its own units, are float64 numbers."""
    values, low, high = _series_and_range(x, name, min_obs)
    spread = high / 2 - low / 2
    if max(-low, high) > 1e150 or 0.0 < spread < 1e-150:
        got = f"values from {low:g} to {high:g}"
        raise InvalidInputError(name, "in units whose squares are float64 numbers (rescale)", got)
    return values


def as_integer(value: Any, name: str, low: int, high: int | None = None) -> int:
    """An integer in [low, high]; booleans and floats are refused."""
    allowed = f"an integer of at least {low}" if high is None else f"an integer in {low}..{high}"
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise InvalidInputError(name, allowed, repr(value))
    if value < low or (high is not None and value > high):
        raise InvalidInputError(name, allowed, str(value))
    if value > sys.maxsize:
        raise InvalidInputError(name, f"{allowed} that an array can have", str(value))
    return int(value)


def as_real(
    value: Any, name: str, low: float = -math.inf, high: float = math.inf, *, closed: bool = True
) -> float:
    """A finite real number in [low, high], or in (low, high) if not `closed`."""
    left, right = ("[", "]") if closed else ("(", ")")
    unbounded = low == -math.inf and high == math.inf
    allowed = "a finite real number" + ("" if unbounded else f" in {left}{low:g}, {high:g}{right}")
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise InvalidInputError(name, allowed, repr(value))
    real = float(value)
    inside = low <= real <= high if closed else low < real < high
    if not (math.isfinite(real) and inside):
        raise InvalidInputError(name, allowed, repr(value))
    return real


def as_level(level: Any, name: str = "level") -> float:
    """A coverage probability of an interval: 0.05 is meant for an alpha, and refused."""
    value = as_real(level, name, 0.0, 1.0, closed=False)
    if value < 0.5:
        raise InvalidInputError(name, "a coverage probability of 0.5 or more", f"{value:g}")
    return value


def as_alpha(alpha: Any, name: str = "alpha") -> float:
    """One minus a coverage probability: 0.95 is meant for a level, and refused."""
    value = as_real(alpha, name, 0.0, 1.0, closed=False)
    if value > 0.5:
        allowed = "the probability outside, at most 0.5 (confidence_interval takes a level)"
        raise InvalidInputError(name, allowed, f"{value:g}")
    return value


def as_flag(value: Any, name: str) -> bool:
    """True or False."""
    if not isinstance(value, bool | np.bool_):
        raise InvalidInputError(name, "True or False", repr(value))
    return bool(value)


def as_choice(value: Any, name: str, choices: Sequence[str | None]) -> Any:
    """One of a few words (or None)."""
    if not (value is None or isinstance(value, str)) or value not in choices:
        raise InvalidInputError(name, "one of " + ", ".join(map(repr, choices)), repr(value))
    return value


def as_bandwidth(
    bandwidth: Any,
    n_obs: int,
    default: float,
    low: int = 1,
    high: int | None = None,
    name: str = "bandwidth",
) -> int:
    """The number m of Fourier ordinates j = 1..m.

    `bandwidth` is m itself, an exponent b in (0, 1) for m = floor(n_obs**b), a callable of
    n_obs, or None for the exponent `default`; m must lie in low..high (high: n_obs // 2).
    """
    high = n_obs // 2 if high is None else high
    if bandwidth is None:
        # A default never asks for more than a short series has.
        return as_integer(max(low, min(high, int(n_obs**default))), name, low, high)
    if callable(bandwidth):
        bandwidth = bandwidth(n_obs)
    if isinstance(bandwidth, float | np.floating):
        if not 0.0 < bandwidth < 1.0:
            allowed = f"an integer in {low}..{high}, or an exponent in (0, 1)"
            raise InvalidInputError(name, allowed, repr(bandwidth))
        m = int(n_obs ** float(bandwidth))
        if not low <= m <= high:
            got = f"{bandwidth!r}, which is {m} of {n_obs} observations"
            raise InvalidInputError(name, f"between {low} and {high} ordinates", got)
        return m
    return as_integer(bandwidth, name, low, high)


def as_n_lags(n_lags: Any, n_obs: int) -> int:
    """The largest lag, 0..n_obs - 1."""
    return as_integer(n_lags, "n_lags", 0, n_obs - 1)


def as_rng(rng: RandomState) -> Generator:
    """The one door for randomness: int, SeedSequence, Generator or None."""
    if isinstance(rng, np.random.Generator):
        return rng
    whole = isinstance(rng, int | np.integer) and not isinstance(rng, bool) and rng >= 0
    if rng is None or whole or isinstance(rng, np.random.SeedSequence):
        return np.random.default_rng(rng)
    allowed = "a non-negative int, SeedSequence, Generator or None"
    raise InvalidInputError("rng", allowed, repr(rng))


def index_of(x: Any) -> Any:
    """The labels of a pandas object in the order of time, None for anything else."""
    if not _labels.is_labelled(x):
        return None
    return x.index[::-1] if _labels.runs_back(x, 0, "x") else x.index


def as_name(x: Any, name: str | None) -> str:
    """The name given, else that of a pandas Series, else "series"."""
    found = name if name is not None else getattr(x, "name", None)
    return "series" if found is None or found == "" or callable(found) else str(found)
