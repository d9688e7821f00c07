"""Exact local Whittle: the series is differenced by d before its periodogram is taken."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import ArrayLike

from memtools import _validate, fractional, spectral
from memtools._validate import Bandwidth, FloatArray
from memtools.estimators._minimum import smooth_minimum
from memtools.estimators._ordinates import as_bandwidth, ordinates, require_power, told
from memtools.estimators._stderr import as_stderr_kind
from memtools.estimators.whittle import (
    centred_logs,
    tapered_minimum,
    whittle_minimum,
    whittle_objective,
    whittle_stderr,
)
from memtools.exceptions import InvalidInputError
from memtools.results import MemoryEstimate
from memtools.spectral import Sample, as_sample

_BOUNDS = (-4.0, 4.0)
# Where R is no near-parabola: Shimotsu's weight falls, with a jump of curvature at both ends; a
# mean that is not zero makes a spurious sharp minimum.
_ROUGH = {"weighted": (0.49, 0.76), "zero": (-0.1, 0.1)}
# Where R has a second minimum that no local Whittle estimate is near.
_FURTHER_STARTS = {"weighted": (0.65,), "zero": (0.0,)}


def exact_local_whittle(
    x: ArrayLike,
    bandwidth: Bandwidth = None,
    mean: str = "least-squares",
    stderr: str = "finite-sample",
    centring: str = "frequency",
) -> MemoryEstimate:
    """Exact local Whittle estimate of d, for stationary and non-stationary series alike.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least eight observations.
    bandwidth : int, float or callable, optional
        Number m of Fourier ordinates j = 1..m, or an exponent b in (0, 1) for
        floor(n_obs**b), or a function of n_obs; by default b = 0.65.
    mean : {"least-squares", "weighted", "sample", "first", "zero"}
        What is subtracted before differencing: at each d the least-squares mean of the
        differenced series (any d > -1/2); w(d) times the sample mean plus 1 - w(d) times the
        first observation, with w falling from 1 at d = 1/2 to 0 at d = 3/4 (-1/2 < d < 2);
        the sample mean (d < 1); the first observation (d > 0); nothing, where the mean is
        known to be zero (any d).
    stderr : {"finite-sample", "asymptotic"}
        From the exact Fisher sums, calibrated by simulation so that the 95% interval covers
        95% from 128 observations on; or 1 / sqrt(4 m).
    centring : {"frequency", "difference"}
        What R(d) takes off: the logarithms of the frequencies, as published, or of the gain
        |1 - exp(i l)| of the difference, which a wide band needs (see the notes).

    Returns
    -------
    MemoryEstimate

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series, or the bandwidth is out of range.

    Warns
    -----
    ConvergenceWarning
        Where the search stopped at the end of its range or before its tolerance was reached;
        the result says so as well.

    See Also
    --------
    two_step_local_whittle : the same objective near a tapered first step, with a trend.
    local_whittle : faster, for -1/2 < d < 3/4.

    Notes
    -----
    Minimises R(d) = log(mean_j I_{(1-B)^d x}(l_j)) - 2 d mean_j log l_j.  R may have several
    minima: it is compared at a tapered estimate and at local Whittle estimates of the
    series, its first and its second differences, and minimised from the best.  With "zero" and
    a mean that is not zero the lowest is a spurious one near d = 0.  pyelw's
    ``ELW(mean_est="none")`` is ``mean="zero"``, its "mean" is "sample"; its "init" drops the
    first observation as well.  Stata's ``whittle, exact`` removes the sample mean.

    (1 - B)^d has the gain |1 - exp(i l)|^d = (2 sin(l / 2))^d, R(d) takes off l^d.  On a wide band
    the two differ and d is biased upwards whatever the series: on white noise by 0.014 with
    m = n^0.8 and by 0.11 with all ordinates (n = 2048), on fractional Gaussian noise of H = 0.9
    by 0.07 with n^0.8 of 512, where the 95% interval covers 63%.  ``centring="difference"``
    takes off the gain itself: no bias on fractional noise at any m; what is left on fractional
    Gaussian noise (0.04) is the curvature of its spectrum, which :func:`local_whittle` meets by
    chance and covers better.

    The least-squares mean is the default because intervals hold with it at every d: with
    the weighted mean, for 0.4 < d < 0.6, the nominal 95% interval covers about 90%, since R is
    flat where the weight falls.

    References
    ----------
    Hualde, J. and Nielsen, M. O. (2020). Truncated sum of squares estimation of fractional
    time series models with deterministic trends. Econometric Theory 36, 751-772.
    Shimotsu, K. and Phillips, P. C. B. (2005). Exact local Whittle estimation of fractional
    integration. Annals of Statistics 33, 1890-1933.
    Shimotsu, K. (2010). Exact local Whittle estimation of fractional integration with
    unknown mean and time trend. Econometric Theory 26, 501-540.

    Examples
    --------
    >>> import numpy as np
    >>> import memtools as mt
    >>> noise = np.random.default_rng(0).standard_normal(1000)
    >>> print(mt.exact_local_whittle(mt.fracint(noise, 1.3) + 10.0).summary())
    Exact local Whittle
      d = 1.3116, standard error 0.0589 (finite-sample)
      95% interval [1.1962, 1.4271], Hurst exponent 1.8116
      1000 observations, bandwidth m = 89
    """
    sample = as_sample(x, min_obs=8)
    _validate.as_choice(mean, "mean", tuple(_MEANS))
    kind = as_stderr_kind(stderr)
    m = as_bandwidth(bandwidth, sample.n_obs, 0.65, 3)
    _validate.as_choice(centring, "centring", ("frequency", "difference"))
    objective = ExactObjective(sample, m, mean, centring)
    d, converged = objective.minimise(objective.starts())
    result = MemoryEstimate(
        d=d,
        stderr=whittle_stderr(objective.gains, kind, m, estimator="exact_local_whittle"),
        method="Exact local Whittle",
        n_obs=sample.n_obs,
        bandwidth=m,
        converged=converged,
        stderr_kind=kind,
        details={"mean": mean},
    )
    return told(result, x)


def two_step_local_whittle(
    x: ArrayLike,
    bandwidth: Bandwidth = None,
    trend_order: int = 0,
    stderr: str = "finite-sample",
) -> MemoryEstimate:
    """Two-step exact local Whittle estimate of d with unknown mean or polynomial trend.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 18 observations; -1/2 < d < 2 (7/4 with a trend).
    bandwidth : int, float or callable, optional
        Number m of Fourier ordinates, or an exponent in (0, 1); by default 0.65.
    trend_order : int
        Degree of the polynomial in time removed by least squares first, 0 (only the mean)
        to 3.
    stderr : {"finite-sample", "asymptotic"}
        From the exact Fisher sums, calibrated; or 1 / sqrt(4 m).

    Returns
    -------
    MemoryEstimate
        ``details["first_step"]`` holds the tapered estimate.

    Raises
    ------
    InvalidInputError
        Where `x` is no finite series, varies no more than the trend, or the bandwidth is
        out of range.

    Warns
    -----
    ConvergenceWarning
        Where the search stopped at the end of its range or before its tolerance was reached;
        the result says so as well.

    Notes
    -----
    First step: local Whittle with the cosine taper, which a linear trend or d up to 5/2
    does not disturb.  Second step: the minimum of the exact objective with Shimotsu's
    weighted mean next to it.  pyelw's ``TwoStepELW(taper="cosine")`` and the author's
    Matlab program ``felw2st`` find the same minimum.

    References
    ----------
    Shimotsu, K. (2010). Exact local Whittle estimation of fractional integration with
    unknown mean and time trend. Econometric Theory 26, 501-540, sections 4.1-4.2.

    Examples
    --------
    >>> import numpy as np
    >>> import memtools as mt
    >>> noise = np.random.default_rng(0).standard_normal(1000)
    >>> trended = mt.fracint(noise, 0.8) + 0.1 * np.arange(1000)
    >>> round(mt.two_step_local_whittle(trended, trend_order=1).d, 3)
    0.8
    """
    sample = as_sample(x, min_obs=18)
    trend_order = _validate.as_integer(trend_order, "trend_order", 0, 3)
    kind = as_stderr_kind(stderr)
    m = as_bandwidth(bandwidth, sample.n_obs, 0.65, 9)
    if trend_order:
        sample = Sample(_without_trend(sample.values, trend_order))
    first = float(tapered_minimum(ordinates(sample, m, "cosine"))[0])
    objective = ExactObjective(sample, m, "weighted")
    d, converged = objective.minimise([_Start(first, 0, None)])
    result = MemoryEstimate(
        d=d,
        stderr=whittle_stderr(objective.frequencies, kind, m, estimator="two_step_local_whittle"),
        method="Two-step exact local Whittle" + (", detrended" if trend_order else ""),
        n_obs=sample.n_obs,
        bandwidth=m,
        converged=converged,
        stderr_kind=kind,
        details={"first_step": first, "trend_order": trend_order},
    )
    return told(result, x)


def _without_trend(values: FloatArray, order: int) -> FloatArray:
    """What least squares leaves of a series about a polynomial in time."""
    design = np.polynomial.legendre.legvander(np.linspace(-1.0, 1.0, len(values)), order)
    rest = values - design @ np.linalg.lstsq(design, values, rcond=None)[0]
    if float(np.abs(rest).max()) < 1e-12 * float(np.abs(values).max()):
        allowed = f"a series that varies about its trend of order {order}"
        raise InvalidInputError("x", allowed, "nothing but the trend")
    return np.asarray(rest)


def _sample_weight(d: float) -> float:
    """Weight of the sample mean against the first observation, Shimotsu (2010), section 3."""
    if d <= 0.5:
        return 1.0
    return 0.5 * (1.0 + math.cos(4.0 * math.pi * d)) if d < 0.75 else 0.0


# How far the mean subtracted lies from the sample mean (0) to the first observation (1).
_MEANS: dict[str, Callable[[float], float]] = {
    "least-squares": lambda d: 0.0,
    "weighted": lambda d: 1.0 - _sample_weight(d),
    "sample": lambda d: 0.0,
    "first": lambda d: 1.0,
    "zero": lambda d: 0.0,
}


@dataclass(frozen=True)
class _Start:
    """A local Whittle estimate of the differences of some order, and their ordinates if known."""

    d: float
    order: int
    power: FloatArray | None


class FractionalSpectra:
    """Periodograms of (1 - B)^d (x - mean) for any d; the series' FFT is taken once.

    Parameters
    ----------
    sample : Sample
        Values of shape (..., n_obs).
    mean : str
        A key of `_MEANS`.
    """

    def __init__(self, sample: Sample, mean: str) -> None:
        values, zero = sample.values, mean == "zero"
        self.n_obs = sample.n_obs
        self.centred = values if zero else values - values.mean(axis=-1, keepdims=True)
        self._shift = _MEANS[mean]
        self._least_squares = mean == "least-squares"
        self._n_fft = scipy.fft.next_fast_len(2 * self.n_obs - 1, real=True)
        if ("padded", zero) not in sample.kept:
            sample.kept["padded", zero] = np.fft.rfft(self.centred, self._n_fft)
        self._transform = sample.kept["padded", zero]
        # Every evaluation writes here: fetching fresh pages costs as much as the transforms.
        self._spectrum = np.empty_like(self._transform)
        self._product = np.empty((*values.shape[:-1], self._n_fft))
        self._weights = np.empty(self.n_obs)
        self._gain = np.empty(self._n_fft // 2 + 1, dtype=complex)
        self._lags = np.arange(1.0, self.n_obs)
        self._sums: dict[float, FloatArray] = {}

    def log_means(self, d: float, m: int) -> FloatArray:
        """Log of the mean of the first m ordinates; known at once for a d that came before."""
        if d not in self._sums:
            self._sums[d] = np.cumsum(self._power(d), axis=-1)
        return np.log(self._sums[d][..., m - 1] / (2.0 * math.pi * self.n_obs * m))

    def _power(self, d: float) -> FloatArray:
        w = fractional.fill_weights(d, self._lags, self._weights)
        gain = np.fft.rfft(w, self._n_fft, out=self._gain)
        product = np.multiply(gain, self._transform, out=self._spectrum)
        y = np.fft.irfft(product, self._n_fft, out=self._product)[..., : self.n_obs]
        shift = self._shift(d) * self.centred[..., 0]
        if self._least_squares:
            constant = np.cumsum(w, out=w)  # (1 - B)^d applied to ones
            # No BLAS: its threads wake up later than einsum is done.
            shift = np.einsum("t,...t->...", constant, y) / np.einsum("t,t", constant, constant)
        elif np.any(shift):
            constant = np.cumsum(w, out=w)
        if np.any(shift):
            y -= shift[..., np.newaxis] * constant
        transform = np.fft.rfft(y, out=self._spectrum[..., : self.n_obs // 2 + 1])[..., 1:]
        return np.asarray(transform.real**2 + transform.imag**2)


class ExactObjective:
    """R(d) of Shimotsu and Phillips (2005) for one series and bandwidth."""

    def __init__(self, sample: Sample, m: int, mean: str, centring: str = "frequency") -> None:
        self.sample, self.n_obs = sample, sample.n_obs
        key = "fractional spectra", mean
        if key not in sample.kept:
            sample.kept[key] = FractionalSpectra(sample, mean)
        self.spectra: FractionalSpectra = sample.kept[key]
        self.frequencies = spectral.fourier_frequencies(self.n_obs, m)
        published = centring == "frequency"
        self.gains = self.frequencies if published else 2.0 * np.sin(0.5 * self.frequencies)
        self.mean_log = float(np.log(self.gains).mean())
        self._rough = _ROUGH.get(mean, (0.0, 0.0))
        self._further_starts = _FURTHER_STARTS.get(mean, ())

    def __call__(self, d: float) -> float:
        d = float(d)
        return float(self.spectra.log_means(d, len(self.frequencies))) - 2.0 * d * self.mean_log

    def starts(self) -> list[_Start]:
        """Local Whittle estimates of the series and its differences, each where it holds."""
        m = len(self.frequencies)
        logs = centred_logs(self.frequencies)
        centred = self.spectra.centred
        transform = self.sample.transform()[0][1 : m + 1]
        turn = np.exp(-1j * self.frequencies)
        head, tail = centred[:3], centred[-3:]
        found = []
        for order in range(3):
            power = transform.real**2 + transform.imag**2
            require_power(centred, power / (2.0 * math.pi * self.n_obs))
            d = float(whittle_minimum(logs, power)[0])
            found.append(_Start(order + d, order, power))
            if d < 0.7:
                break  # consistent as it is: differences would be over-differenced
            # The DFT of the difference from that of the series; its first value is left out.
            transform = (1.0 - turn) * transform + tail[-1] - head[0] * turn**order
            head, tail = np.diff(head), np.diff(tail)
        return found + [_Start(d, 0, None) for d in self._further_starts]

    def minimise(self, starts: Iterable[_Start]) -> tuple[float, bool]:
        """Minimum of R next to the best of the starts."""
        distinct: list[_Start] = []
        for start in starts:
            inside = _BOUNDS[0] < start.d < _BOUNDS[1]
            if inside and all(abs(start.d - other.d) > 0.1 for other in distinct):
                distinct.append(start)
        if not distinct:
            return min(max(start.d, _BOUNDS[0]), _BOUNDS[1]), False
        best = min(distinct, key=lambda start: self(start.d))
        # Where the start is off by a fifth of a standard error or less, few values will do.
        spacing = min(0.02, max(0.005, 0.25 / math.sqrt(len(self.frequencies))))
        if spacing <= 0.008 and best.power is not None:
            d = self._corrected(best, best.power, spacing)
            if abs(d - best.d) <= spacing and not self._rough[0] < d < self._rough[1]:
                return d, True
        return smooth_minimum(self, best.d, spacing, self._rough, _BOUNDS)

    def _corrected(self, start: _Start, power: FloatArray, spacing: float) -> float:
        """Minimum of the local Whittle objective plus what R differs from it, a parabola.

        The difference is far smoother than R: with 1000 ordinates or more and the minimum
        among the three points, the answer is within 5e-6.
        """
        logs = centred_logs(self.frequencies)

        def plain(d: float) -> float:
            return whittle_objective(logs, power, d - start.order)

        points = [start.d - spacing, start.d, start.d + spacing]
        left, middle, right = (self(d) - plain(d) for d in points)
        slope = 0.5 * (right - left) / spacing
        bend = (right - 2.0 * middle + left) / spacing**2

        def corrected(d: float) -> float:
            step = d - start.d
            return plain(d) + (slope + 0.5 * bend * step) * step

        return smooth_minimum(corrected, start.d, spacing, (0.0, 0.0), _BOUNDS)[0]
