"""Missing values at the doors: refused, the longest run, closed up, or kept and allowed for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from memtools import _labels, _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.results import MemoryEstimate

Estimate = TypeVar("Estimate", bound=MemoryEstimate)

# Less than this share of a series tells too little of the rest.
_LEAST_SHARE = 0.5
_LAG_EXPONENT = 0.6
_LOW_EXPONENT = 0.65
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
    closed_up : bool
        Whether what was missing is left out, so that the index has holes.
    """

    values: FloatArray
    index: Any
    missing: NDArray[np.bool_]
    notes: tuple[str, ...] = ()
    closed_up: bool = False

    @property
    def series(self) -> Any:
        """The values, labelled where they came labelled."""
        if self.index is None:
            return self.values
        import pandas as pd

        series = pd.Series(self.values, index=self.index)
        series.attrs["closed_up"] = self.closed_up  # or its dates would be looked for again
        return series


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
    if x is None:
        raise InvalidInputError(name, "a series", "None")
    if hasattr(x, "columns") and hasattr(x, "shape"):
        got = f"an array of shape {x.shape}; mt.estimate_panel takes all columns"
        raise InvalidInputError(name, "one-dimensional (choose one column or row)", got)
    x, notes = _labels.in_time_order(x, name)
    values = np.asarray(_validate.as_floats(x, name), order="C")
    index = _labels.index_of(x)
    absent = np.isnan(values)
    if values.ndim != 1 or not absent.any():
        return Observed(values=values, index=index, missing=absent, notes=notes)
    if missing == "raise":
        bad = np.flatnonzero(absent)
        first = ", ".join(str(i) for i in bad[:3]) + (", ..." if bad.size > 3 else "")
        got = f"nan ({bad.size} of {values.size} values, positions {first})"
        lacking = "".join(f"; {note}" for note in notes if "dates are missing" in note)
        help_text = f"{lacking}; say missing='longest', 'gaps' or 'drop'"
        raise InvalidInputError(name, "finite", got + help_text)
    if absent.all():
        raise InvalidInputError(name, "a series with a value that is not NaN", "NaN only")
    keep, note = _kept(absent, missing, index)
    return Observed(
        values=values[keep],
        index=None if index is None else index[keep],
        missing=absent[keep],
        notes=(*notes, *note),
        closed_up=missing == "drop",
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


@dataclass(frozen=True, kw_only=True)
class Whole:
    """A series that estimators take, and what was observed of it.

    Attributes
    ----------
    values : ndarray, shape (n_obs,)
        Without gaps.
    observed : Observed
    modulated : Modulated or None
        Where gaps were allowed for.
    """

    values: FloatArray
    observed: Observed
    modulated: Modulated | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """What was done to order and gaps."""
        more = () if self.modulated is None else (self.modulated.note,)
        return (*self.observed.notes, *more)

    def widened(self, estimate: Estimate) -> Estimate:
        """An estimate of d with the standard error that gaps leave it."""
        if self.modulated is None or estimate.bandwidth is None:
            return estimate
        return replace(
            estimate, stderr=estimate.stderr * self.modulated.widening(estimate.bandwidth)
        )


def whole(x: Any, missing: str = "raise", name: str = "x") -> Whole:
    """A series in the order of time, completed where gaps are to be allowed for.

    Parameters
    ----------
    x, missing, name
        As in :func:`observed`.

    Raises
    ------
    InvalidInputError
        As :func:`observed` and :func:`modulated`.
    """
    seen = observed(x, missing, name)
    if not seen.missing.any():
        return Whole(values=seen.values, observed=seen)
    completed = modulated(seen.values, name)
    return Whole(values=completed.values, observed=seen, modulated=completed)


@dataclass(frozen=True, kw_only=True)
class Modulated:
    """A series with gaps as a series without, for what works on its periodogram.

    Attributes
    ----------
    values : ndarray, shape (n_obs,)
        The series whose periodogram is the corrected one, with the phases of what was observed.
    share : ndarray, shape (n_obs // 2,)
        How much of the expected power of the amplitude-modulated series is signal, by frequency.
    note : str
    """

    values: FloatArray
    share: FloatArray
    note: str

    def widening(self, n_frequencies: int) -> float:
        """By how much the gaps widen the standard error of d from the lowest ordinates."""
        logs = np.log(np.arange(1.0, n_frequencies + 1.0))
        weights = np.minimum(self.share[:n_frequencies], 1.0) ** 2
        centred = logs - weights @ logs / weights.sum()
        whole = float(np.sum((logs - logs.mean()) ** 2))
        return float(np.sqrt(whole / (weights @ centred**2)))


def modulated(values: FloatArray, name: str = "x") -> Modulated:
    """A series with gaps (NaN inside) made whole through its corrected periodogram.

    Parameters
    ----------
    values : ndarray, shape (n_obs,)
    name : str
        The argument, for errors.

    Raises
    ------
    InvalidInputError
        Where less than half of the values were observed.

    Notes
    -----
    With a_t = 1 where x_t was observed and 0 elsewhere, and p the share observed, the
    amplitude-modulated series a_t (x_t - mean) has the expected periodogram
    p^2 f(l) + B(l), 2 pi n B(l) = sum_k (C_a(k) - p^2 (n - |k|)) c(k) exp(-i k l), where
    C_a(k) = sum_t a_t a_{t+k} counts pairs and c(k) are the autocovariances, estimated over
    observed pairs (Parzen, 1963) and tapered by a Bartlett window over n^0.6 lags.  G and d
    of f(l) = G l^(-2 d) at the lowest n^0.65 ordinates are fitted with B known, by Whittle's
    likelihood of the expected periodogram (Sykulski et al., 2019); above them f is the
    lag-window estimate.  Each ordinate is then multiplied by f / (p^2 f + B).

    References
    ----------
    Parzen, E. (1963). On spectral analysis with missing observations and amplitude modulation.
    Sankhya A 25, 383-392.
    Dunsmuir, W. and Robinson, P. M. (1981). Estimation of time series models in the presence of
    missing data. Journal of the American Statistical Association 76, 560-568.
    Sykulski, A. M., Olhede, S. C., Guillaumin, A. P., Lilly, J. M. and Early, J. J. (2019). The
    debiased Whittle likelihood. Biometrika 106, 251-266.
    """
    seen = ~np.isnan(values)
    n_obs, share = len(values), float(seen.mean())
    if share < _LEAST_SHARE:
        allowed = "observed at least half of the time for missing='gaps' (or say longest or drop)"
        raise InvalidInputError(name, allowed, f"{seen.sum()} of {n_obs} values")
    mean = float(values[seen].mean())
    centred = np.where(seen, values - mean, 0.0)
    transform = np.fft.rfft(centred)
    power = np.abs(transform[1 : n_obs // 2 + 1]) ** 2 / (2.0 * np.pi * n_obs)
    signal, leak = _expected(centred, seen, share, power)
    with np.errstate(divide="ignore", invalid="ignore"):
        kept = np.clip(signal / (signal + leak), 0.05, 2.0)
    scale = np.sqrt(kept) / share
    spectrum = np.zeros_like(transform)
    spectrum[1 : n_obs // 2 + 1] = transform[1 : n_obs // 2 + 1] * scale
    n_missing = int(n_obs - seen.sum())
    note = (
        f"{n_missing} of {n_obs} values are missing: the periodogram is that of the "
        f"amplitude-modulated series, its bias taken away (at the lowest frequencies "
        f"{100.0 * (1.0 - float(np.mean(kept[: max(4, n_obs // 50)]))):.0f}% of its power)"
    )
    return Modulated(values=mean + np.fft.irfft(spectrum, n_obs), share=kept, note=note)


def _expected(
    centred: FloatArray, seen: NDArray[np.bool_], share: float, power: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Expected power of the signal and of what leaks, at all Fourier frequencies but zero."""
    n_obs = len(centred)
    reach = max(8, int(n_obs**_LAG_EXPONENT))
    pairs = _products(seen.astype(np.float64), reach)
    covariance = np.where(pairs > 0.5, _products(centred, reach) / np.maximum(pairs, 1.0), 0.0)
    lags = np.arange(reach + 1.0)
    covariance *= 1.0 - lags / (reach + 1.0)
    leak = _transformed((pairs - share**2 * (n_obs - lags)) * covariance / n_obs, n_obs)
    signal = share**2 * np.maximum(_transformed(covariance, n_obs), 1e-3 * covariance[0] / 6.3)
    m = min(len(power), max(8, int(n_obs**_LOW_EXPONENT)))
    signal[:m] = share**2 * _low_frequencies(power[:m] / share**2, leak[:m] / share**2, n_obs)
    return signal, leak


def _products(x: FloatArray, reach: int) -> FloatArray:
    """sum_t x_t x_{t+k} at lags 0..reach."""
    n_fft = 2 * len(x)
    transform = np.fft.rfft(x, n_fft)
    return np.fft.irfft(transform.real**2 + transform.imag**2, n_fft)[: reach + 1]


def _transformed(covariance: FloatArray, n_obs: int) -> FloatArray:
    """(1 / 2 pi) sum_k c(|k|) exp(-i k l) at the Fourier frequencies but zero."""
    folded = np.zeros(n_obs)
    folded[: len(covariance)] = covariance
    spectrum = 2.0 * np.fft.rfft(folded).real - covariance[0]
    return spectrum[1 : n_obs // 2 + 1] / (2.0 * np.pi)


def _low_frequencies(power: FloatArray, leak: FloatArray, n_obs: int) -> FloatArray:
    """G l^(-2 d) of least Whittle distance to the power, given what leaks."""
    from scipy.optimize import minimize

    logs = np.log(2.0 * np.pi * np.arange(1.0, len(power) + 1.0) / n_obs)

    def distance(parameters: FloatArray) -> float:
        total = np.exp(parameters[0] - 2.0 * parameters[1] * logs) + leak
        if np.any(total <= 0.0):
            return np.inf
        return float(np.mean(np.log(total) + power / total))

    start = np.array(
        [np.log(max(float(power.mean() - leak.mean()), 0.1 * float(power.mean()))), 0.0]
    )
    found = minimize(distance, start, method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-9})
    scale, d = found.x
    return np.asarray(np.exp(scale - 2.0 * np.clip(d, -0.49, 1.5) * logs))


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
