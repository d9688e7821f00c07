"""From a user's series to the first m periodogram ordinates, checked."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

import memtools
from memtools import _validate
from memtools._validate import Bandwidth, FloatArray
from memtools.exceptions import ConvergenceWarning, InvalidInputError
from memtools.results import MemoryEstimate, Spectrum
from memtools.results.intervals import LawMaker
from memtools.spectral import Sample

BoolArray: TypeAlias = NDArray[np.bool_]

_NOT_CONVERGED = "the search stopped at the end of its range or before its tolerance was reached"
# An FFT leaves rounding noise of about (eps max|x|)^2; below a hundred times that is no signal.
_ROUNDING = 100.0 * np.finfo(np.float64).eps ** 2


@dataclass(frozen=True)
class Rows:
    """What an estimator finds in a series, or in many of one length: an entry a row.

    Attributes
    ----------
    d : ndarray, shape (...)
    stderr : float or ndarray, shape (...)
    bandwidth : int or None
    converged, powered : bool or ndarray, shape (...)
        Not powered are rows without power at the frequencies in use: their d is none.
    statistic : ndarray, shape (...), or None
        Normal score of d = 0; by default d / stderr.
    law : callable or None
        Gives the law of d - d0 whose scores make p-values; by default that of the statistic.
    """

    d: FloatArray
    stderr: float | FloatArray
    bandwidth: int | None = None
    converged: bool | BoolArray = True
    powered: bool | BoolArray = True
    statistic: FloatArray | None = None
    law: LawMaker | None = None


def as_bandwidth(bandwidth: Bandwidth, n_obs: int, default: float, low: int, sample: Sample) -> int:
    """The number m of ordinates that an estimator uses; words are rules that see the series."""
    if n_obs // 2 < low:
        raise InvalidInputError("x", f"at least {2 * low} observations long", str(n_obs))
    if isinstance(bandwidth, str):
        rules = memtools._registered("bandwidth rules").RULES
        _validate.as_choice(bandwidth, "bandwidth", tuple(rules))
        if bandwidth not in sample.kept:
            sample.kept[bandwidth] = rules[bandwidth](sample)
        return int(min(max(sample.kept[bandwidth], low), n_obs // 2))
    return _validate.as_bandwidth(bandwidth, n_obs, default, low)


def told(result: MemoryEstimate, x: object) -> MemoryEstimate:
    """The result; one that has not converged says why and, called by a user, warns.

    Not converged is a search that stopped before its tolerance or at the end of its range.
    """
    if result.converged:
        return result
    result = replace(result, notes=result.notes or (_NOT_CONVERGED,))
    if not isinstance(x, Sample):
        message = f"{result.method}: {result.notes[0]}"
        warnings.warn(message, ConvergenceWarning, stacklevel=3)
    return result


def ordinates(sample: Sample, m: int, taper: str | None = None) -> Spectrum:
    """The first m ordinates; a series without power there is refused."""
    spectrum = sample.spectrum(m, taper)
    require_power(sample.values, spectrum.power)
    return spectrum


def row_ordinates(
    sample: Sample, m: int, taper: str | None = None
) -> tuple[Spectrum, bool | BoolArray]:
    """The first m ordinates and which rows have power there; the others are given a flat one."""
    if sample.values.ndim == 1:
        return ordinates(sample, m, taper), True
    spectrum = sample.spectrum(m, taper)
    # No value is larger than the root of the sum of squares: few rows need a closer look, and
    # most often all are seen to have power at once.
    lowest = _ROUNDING * sample.squares() / sample.n_obs
    if spectrum.power.min(initial=np.inf) > lowest.max(initial=0.0):
        return spectrum, True
    powered = spectrum.power.min(axis=-1) > lowest
    near = np.flatnonzero(~powered)
    if len(near):
        powered[near] = has_power(sample.values[near], spectrum.power[near])
        spectrum.power[~powered] = 1.0
    return spectrum, powered


def has_power(values: FloatArray, power: FloatArray) -> BoolArray:
    """False for series with ordinates that are zero or nothing but rounding."""
    n_obs = values.shape[-1]
    scale = np.abs(values[..., :: max(1, n_obs // 64)]).max(axis=-1)
    return np.asarray(power.min(axis=-1) > _ROUNDING * scale * scale / n_obs)


def require_power(values: FloatArray, power: FloatArray) -> None:
    """Refuse ordinates that are zero or nothing but rounding."""
    if not has_power(values, power).all():
        m = power.shape[-1]
        j = int(np.argmin(power)) % m + 1
        allowed = f"a series with power at the first {m} Fourier frequencies"
        raise InvalidInputError("x", allowed, f"none at number {j} (periodic or polynomial?)")
