"""From a user's series to the first m periodogram ordinates, checked."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate, spectral
from memtools._validate import Bandwidth, FloatArray
from memtools.exceptions import InvalidInputError

# An FFT leaves rounding noise of about (eps max|x|)^2; below a hundred times that is no signal.
_ROUNDING = 100.0 * np.finfo(np.float64).eps ** 2


def as_bandwidth(bandwidth: Bandwidth, n_obs: int, default: float, low: int) -> int:
    """The number m of ordinates a frequency-domain estimator uses."""
    if n_obs // 2 < low:
        raise InvalidInputError("x", f"at least {2 * low} observations long", str(n_obs))
    return _validate.as_bandwidth(bandwidth, n_obs, default, low)


def ordinates(
    values: FloatArray, m: int, taper: str | None = None
) -> tuple[FloatArray, FloatArray]:
    """The first m frequencies and ordinates; a series without power there is refused."""
    frequencies, power = spectral.ordinates(values, m, taper)
    require_power(values, power)
    return frequencies, power


def require_power(values: FloatArray, power: FloatArray) -> None:
    """Refuse ordinates that are zero or nothing but rounding."""
    scale = float(np.abs(values[:: max(1, len(values) // 64)]).max())
    if not power.min() > _ROUNDING * scale * scale / len(values):
        j = int(np.argmin(power)) + 1
        allowed = f"a series with power at the first {len(power)} Fourier frequencies"
        raise InvalidInputError("x", allowed, f"none at number {j} (periodic or polynomial?)")


def as_memory_series(x: ArrayLike) -> FloatArray:
    """A series that varies, in units whose squares are harmless (d ignores shift and scale)."""
    return _validate.as_varying_series(x)
