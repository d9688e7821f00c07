"""Local Whittle at the frequencies of a season or a cycle, known or where the spectrum peaks."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import scipy.fft
from numpy.typing import ArrayLike

from memtools import _validate
from memtools._validate import Bandwidth, FloatArray
from memtools.estimators._ordinates import require_power, told
from memtools.estimators._stderr import calibration
from memtools.estimators.whittle import whittle_minimum
from memtools.exceptions import InvalidInputError
from memtools.results import MemoryEstimate
from memtools.spectral import as_sample

_EXPONENT = 0.65
_SMALLEST_M = 3
# The peak is looked for on a grid so many times as fine as the Fourier frequencies.
_FINER = 8
_BOUNDS = (-5.0, 5.0)
_SOUGHT = (
    "the frequency is where the periodogram is largest; the interval knows nothing of the search, "
    "and does not hold where there is no strong pole"
)


def seasonal_local_whittle(
    x: ArrayLike,
    period: int | None = None,
    frequency: float | None = None,
    bandwidth: Bandwidth = None,
) -> MemoryEstimate:
    """Local Whittle estimate of the memory at a season's or a cycle's frequencies.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 32 observations.
    period : int, optional
        Observations a season s: one d at all frequencies 2 pi j / s but zero
        (`SeasonalARFIMAProcess`'s D).
    frequency : float, optional
        Of one pole in (0, pi], radians an observation (`GegenbauerProcess`'s d).  With neither, the
        frequency of the largest ordinate.
    bandwidth : int, float or callable, optional
        Number m of Fourier ordinates, half of them on either side of a frequency, or an exponent in
        (0, 1); by default 0.65, or what lies half way to the next frequency of the season.

    Returns
    -------
    MemoryEstimate
        ``details["frequencies"]`` holds those of the poles, ``details["n_ordinates"]`` the number
        of ordinates in use.

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series, both `period` and `frequency` are given, or an
        argument leaves fewer than three ordinates on a side.

    Warns
    -----
    ConvergenceWarning
        Where the search stopped at the end of its range.

    Notes
    -----
    The objective is the sum over the frequencies w of log(mean_j |l_j - w|^(2d) I(l_j)) less
    2 d mean_j log |l_j - w|, over ordinates on both sides, so that a slope of the rest of the
    spectrum cancels (Arteche and Robinson estimate the sides apart).  The l_j are w -/+ 2 pi j / n,
    on no grid but their own, so that a pole between Fourier frequencies does not leak.  A frequency
    where the periodogram is largest is within O(1 / n) of a pole of d well above 0, and is
    arbitrary where there is none: its interval knows nothing of the search.

    References
    ----------
    Arteche, J. and Robinson, P. M. (2000). Semiparametric inference in seasonal and cyclical long
    memory processes. Journal of Time Series Analysis 21, 1-25.
    Giraitis, L., Hidalgo, J. and Robinson, P. M. (2001). Gaussian estimation of parametric
    spectral density with unknown pole. Annals of Statistics 29, 987-1023.
    Hidalgo, J. and Soulier, P. (2004). Estimation of the location and exponent of the spectral
    singularity of a long memory process. Journal of Time Series Analysis 25, 55-81.

    Examples
    --------
    >>> import memtools as mt
    >>> x = mt.simulate(mt.GegenbauerProcess(0.5, 0.3), 2000, rng=1)
    >>> found = mt.seasonal_local_whittle(x)
    >>> abs(found.details["frequencies"][0] - 0.5) < 0.01
    True
    >>> low, high = found.confidence_interval()
    >>> low < 0.3 < high
    True
    """
    sample = as_sample(x, min_obs=32)
    n_obs = sample.n_obs
    m = _validate.as_bandwidth(bandwidth, n_obs, _EXPONENT, 2 * _SMALLEST_M)
    values = sample.values - sample.values.mean()
    notes: tuple[str, ...] = ()
    if period is not None and frequency is not None:
        raise InvalidInputError("frequency", "left out where a period is given", f"{frequency!r}")
    if period is not None:
        period = _validate.as_integer(period, "period", 2)
        poles, at = 2.0 * math.pi / period * np.arange(1.0, period // 2 + 1.0), f"period {period}"
        widest = n_obs / (2.0 * period)
    else:
        if frequency is None:
            frequency = _peak(values)
            notes = (_SOUGHT,)
        frequency = _validate.as_real(frequency, "frequency", 0.0, math.pi)
        poles, at = np.array([frequency]), f"frequency {frequency:.4g}"
        # The mean takes the power at zero along.
        turns = n_obs * frequency / (2.0 * math.pi)
        widest = min(turns - 1.0, math.inf if frequency == math.pi else n_obs / 2.0 - turns)
    reach = min(m // 2, math.floor(widest))
    if reach < _SMALLEST_M:
        allowed = f"longer, for {_SMALLEST_M} ordinates on either side of each frequency"
        raise InvalidInputError("x", allowed, f"{n_obs} observations, room for {max(reach, 0)}")
    sides = [_around(values, pole, reach) for pole in poles]
    require_power(sample.values, np.concatenate([side.power for side in sides]))
    d, inside = _minimum(sides)
    logs = np.concatenate([side.centred for side in sides])
    result = MemoryEstimate(
        d=d,
        stderr=0.5 / math.sqrt(float(logs @ logs)) * calibration("local_whittle", len(logs)),
        method=f"Seasonal local Whittle, {at}",
        n_obs=n_obs,
        bandwidth=2 * reach,
        converged=inside,
        details={"frequencies": poles.tolist(), "n_ordinates": len(logs)},
    )
    found = told(result, x)
    return replace(found, notes=(*found.notes, *notes))


@dataclass(frozen=True)
class _Around:
    """Ordinates about a pole: logs of their distances less the mean, and power."""

    centred: FloatArray
    power: FloatArray


def _peak(values: FloatArray) -> float:
    """The frequency of the largest ordinate, between the Fourier frequencies too."""
    n_obs, inner = len(values), 2 * _SMALLEST_M
    power = np.abs(scipy.fft.rfft(values, _FINER * n_obs))
    # Away from zero and pi, so that both sides have ordinates.
    kept = slice(_FINER * inner, len(power) - _FINER * inner)
    return float(2.0 * math.pi / (_FINER * n_obs) * (kept.start + np.argmax(power[kept])))


def _around(values: FloatArray, pole: float, reach: int) -> _Around:
    """Ordinates of the demodulated series: exactly j Fourier steps from the pole.

    Neighbours of a pole between two Fourier frequencies would see it through the side lobes.
    """
    turned = values * np.exp(-1j * pole * np.arange(len(values)))
    transform = scipy.fft.fft(turned)
    steps = np.arange(1, reach + 1)
    if pole < math.pi:  # there the sides are mirror images
        steps = np.append(steps, -steps)
    logs = np.log(np.abs(steps))
    power = np.abs(transform[steps]) ** 2 / (2.0 * math.pi * len(values))
    return _Around(logs - logs.mean(), power)


def _minimum(sides: list[_Around]) -> tuple[float, bool]:
    """d of the least sum of the objectives, each of its number of ordinates; Newton's method."""
    if len(sides) == 1:
        found, inside = whittle_minimum(sides[0].centred, sides[0].power, _BOUNDS)
        return float(found), bool(inside)
    from scipy.optimize import minimize_scalar

    def objective(d: float) -> float:
        return sum(
            len(side.power) * math.log(float(np.exp(2.0 * d * side.centred) @ side.power))
            for side in sides
        )

    found = minimize_scalar(objective, bounds=_BOUNDS, method="bounded", options={"xatol": 1e-9})
    return float(found.x), bool(abs(found.x) < _BOUNDS[1] - 1e-3)
