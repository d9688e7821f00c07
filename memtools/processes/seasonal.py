"""Seasonal long memory: poles of the spectrum at zero and at all frequencies of a season."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import scipy.fft

from memtools import _validate, fractional
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.processes._arma import Parts, WithARMAPart, coefficients, spread
from memtools.processes.arfima import noise_autocovariance

# Of the tail's expansions: powers of (lag / cut)^2, at most 1/16, and of cut^-2.
_POWERS = 14
_CORRECTIONS = 6
_EARLIEST_CUT = 20


@dataclass(frozen=True)
class SeasonalARFIMAProcess(WithARMAPart):
    """Seasonal autoregressive fractionally integrated moving average process.

    ar(B) sar(B^s) (1 - B)^d (1 - B^s)^D X_t = ma(B) sma(B^s) eps_t, s the period,
    D `seasonal_d`.

    Parameters
    ----------
    ar : sequence of float
        As of :class:`ARFIMAProcess`.
    d : float
        Memory parameter, -1/2 < d < 1/2.
    ma : sequence of float
        As of :class:`ARFIMAProcess`.
    period : int
        Observations a season s, at least 2.
    seasonal_ar : sequence of float
        Coefficients at lags s, 2 s, ..., on the right-hand side (statsmodels' signs).
    seasonal_d : float
        Memory parameter D at each frequency 2 pi j / s, -1/2 < D < 1/2 and d + D < 1/2.
    seasonal_ma : sequence of float
        Coefficients with plus signs.
    sigma2 : float
        Variance of eps_t.

    Raises
    ------
    InvalidInputError
        Where a parameter is out of range, or an AR or MA part not stationary or invertible.

    Notes
    -----
    Near zero the density is that of memory d + D, near the other frequencies of the season of
    memory D.  R: ``arfima::tacvfARFIMA(phi, theta, dfrac, seasonal=list(phi, theta, dfrac,
    period))``, whose moving average signs are turned.

    References
    ----------
    Porter-Hudak, S. (1990). An application of the seasonal fractionally differenced model to the
    monetary aggregates. Journal of the American Statistical Association 85, 338-344.
    Bisognin, C. and Lopes, S. R. C. (2009). Properties of seasonal long memory processes.
    Mathematical and Computer Modelling 49, 1837-1851.

    Examples
    --------
    >>> import memtools as mt
    >>> process = mt.SeasonalARFIMAProcess(d=0.1, period=4, seasonal_d=0.3)
    >>> process.autocovariance(4).round(4)
    array([1.5828, 0.3921, 0.3381, 0.3413, 0.8415])
    """

    ar: tuple[float, ...] = ()
    d: float = 0.0
    ma: tuple[float, ...] = ()
    period: int = 12
    seasonal_ar: tuple[float, ...] = ()
    seasonal_d: float = 0.0
    seasonal_ma: tuple[float, ...] = ()
    sigma2: float = 1.0

    def __init__(
        self,
        ar: Iterable[float] = (),
        d: float = 0.0,
        ma: Iterable[float] = (),
        period: int = 12,
        seasonal_ar: Iterable[float] = (),
        seasonal_d: float = 0.0,
        seasonal_ma: Iterable[float] = (),
        sigma2: float = 1.0,
    ) -> None:
        d = _validate.as_real(d, "d", -0.5, 0.5, closed=False)
        seasonal_d = _validate.as_real(seasonal_d, "seasonal_d", -0.5, 0.5, closed=False)
        if not d + seasonal_d < 0.5:
            allowed = "below 1/2 together with d, the memory at zero being their sum"
            raise InvalidInputError("seasonal_d", allowed, f"{seasonal_d:g} with d = {d:g}")
        parts = {
            "period": _validate.as_integer(period, "period", 2),
            "seasonal_ar": coefficients(seasonal_ar, "seasonal_ar", "stationary", -1.0),
            "seasonal_ma": coefficients(seasonal_ma, "seasonal_ma", "invertible", 1.0),
        }
        self._set(ar, ma, sigma2, d=d, seasonal_d=seasonal_d, **parts)

    @property
    def _parts(self) -> tuple[Parts, Parts]:
        ar, ma = super()._parts
        seasonal_ar = np.array([1.0, *(-a for a in self.seasonal_ar)])
        seasonal_ma = np.array([1.0, *self.seasonal_ma])
        return [*ar, (seasonal_ar, self.period)], [*ma, (seasonal_ma, self.period)]

    def _pure_autocovariance(self, n_lags: int) -> FloatArray:
        return seasonal_autocovariance(self.d, self.seasonal_d, self.period, n_lags)

    def _pure_gain(self, lam: FloatArray) -> FloatArray:
        turns = lam * self.period / (2.0 * math.pi)
        at_season = np.abs(turns - np.round(turns)) < 1e-12
        sine = np.where(at_season & (np.round(turns) == 0.0), 0.0, np.sin(0.5 * lam))
        # |sin(s l / 2) / sin(l / 2)|: at zero the period, so that memories d and -d cancel there.
        quotient = np.sin(0.5 * self.period * lam) / np.where(sine == 0.0, 1.0, sine)
        quotient = np.where(at_season, np.where(sine == 0.0, self.period, 0.0), np.abs(quotient))
        with np.errstate(divide="ignore"):
            found = np.abs(2.0 * sine) ** (-2.0 * (self.d + self.seasonal_d))
            found = found * quotient ** (-2.0 * self.seasonal_d)
        if not np.isfinite(found).all():
            allowed = "not those of the season, where the density is infinite"
            first = lam[~np.isfinite(found)].flat[0]
            raise InvalidInputError("frequencies", allowed, f"{first:g}")
        return np.asarray(found)

    def _pure_weights(self, sign: int, n_lags: int) -> FloatArray:
        seasonal = fractional.weights(-sign * self.seasonal_d, n_lags // self.period + 1)
        apart = spread(seasonal, self.period)
        apart = np.append(apart, np.zeros(n_lags + 1 - len(apart)))
        return fractional.convolve_causal(apart, fractional.weights(-sign * self.d, n_lags + 1))


def seasonal_autocovariance(d: float, seasonal_d: float, period: int, n_lags: int) -> FloatArray:
    """Autocovariances 0..n_lags of (1 - B)^-d (1 - B^s)^-D noise of variance one.

    The sum over j of the two noises' products at lags s j and k - s j: by FFT up to a cut, beyond
    it by the expansion of both in powers of 1 / j, whose sums over j are Hurwitz' zeta function.
    """
    cut = max(_EARLIEST_CUT, math.ceil(4 * n_lags / period))
    reach = n_lags + period * cut
    n_fft = scipy.fft.next_fast_len(2 * reach + 1, real=True)
    both = np.ones(n_fft // 2 + 1)
    for one in (
        noise_autocovariance(d, reach),
        spread(noise_autocovariance(seasonal_d, cut), period),
    ):
        circular = np.zeros(n_fft)
        circular[: len(one)] = one
        circular[-1 : -len(one) : -1] = one[1:]
        both *= scipy.fft.rfft(circular).real
    near = scipy.fft.irfft(both, n_fft)[: n_lags + 1]
    return near + _tail(d, seasonal_d, period, cut, n_lags)


def _tail(d: float, seasonal_d: float, period: int, cut: int, n_lags: int) -> FloatArray:
    """What all j beyond the cut add at lags 0..n_lags."""
    from scipy.special import binom, zeta

    first, second = _expansion(d), _expansion(seasonal_d)
    if first is None or second is None:
        return np.zeros(n_lags + 1)
    powers = np.arange(_POWERS)[:, np.newaxis, np.newaxis]
    i, k = np.ogrid[:_CORRECTIONS, :_CORRECTIONS]
    exponents = 2.0 * d - 1.0 - 2.0 * i
    terms = 2.0 * np.array(first)[:, np.newaxis] * float(period) ** exponents * np.array(second)
    orders = 2.0 - 2.0 * (d + seasonal_d) + 2.0 * (i + k + powers)
    sums = (terms * binom(exponents, 2 * powers) * zeta(orders, cut + 1.0)).sum(axis=(1, 2))
    squares = (np.arange(n_lags + 1.0) / period) ** 2
    return np.asarray(np.polynomial.polynomial.polyval(squares, sums), dtype=np.float64)


def _expansion(d: float) -> list[float] | None:
    """Coefficients of h^(2d - 1 - 2i), i = 0, 1, ..., in the autocovariance of noise at lag h.

    From the expansion of Gamma(h + d) / Gamma(h + 1 - d) (Tricomi and Erdelyi, 1951, Pacific
    Journal of Mathematics 1, 133-142), whose odd powers vanish; None for d = 0.
    """
    if d == 0.0:
        return None
    constant = math.gamma(1.0 - 2.0 * d) / (math.gamma(d) * math.gamma(1.0 - d))
    # log of the ratio less its first term: sum over i of slopes[i] h^(-2 i).
    slopes = [0.0] + [
        -_bernoulli(2 * i + 1, d) / (i * (2 * i + 1.0)) for i in range(1, _CORRECTIONS)
    ]
    found = [1.0]
    for i in range(1, _CORRECTIONS):  # the exponential of a power series
        found.append(sum(k * slopes[k] * found[i - k] for k in range(1, i + 1)) / i)
    return [constant * value for value in found]


def _bernoulli(n: int, x: float) -> float:
    """Bernoulli polynomial B_n(x)."""
    return float(np.polyval(_bernoulli_coefficients(n), x))


@functools.cache
def _bernoulli_coefficients(n: int) -> FloatArray:
    """Those of x^n, x^(n - 1), ..."""
    from scipy.special import bernoulli, binom

    return np.asarray(binom(n, np.arange(n + 1)) * bernoulli(n))
