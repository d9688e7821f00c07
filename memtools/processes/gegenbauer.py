"""Cyclical long memory: a pole of the spectrum at a frequency of its own."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.special import gamma, hyp2f1

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.processes._arma import WithARMAPart


@dataclass(frozen=True)
class GegenbauerProcess(WithARMAPart):
    """Gegenbauer ARMA process: long memory at a frequency, not at zero.

    (1 - ar_1 B - ...) (1 - 2 cos(frequency) B + B^2)^d X_t = (1 + ma_1 B + ...) eps_t.

    Parameters
    ----------
    frequency : float
        Of the pole, in radians an observation, 0 < frequency < pi; a period of s observations
        is 2 pi / s.
    d : float
        Memory parameter, -1/2 < d < 1/2; long memory for d > 0.
    ar, ma : sequence of float
        As in :class:`ARFIMAProcess`.
    sigma2 : float
        Variance of eps_t.

    Raises
    ------
    InvalidInputError
        Where a parameter is out of range, `ar` not stationary or `ma` not invertible.

    Notes
    -----
    The autocovariances decay like k^(2d - 1) cos(k frequency).  At the frequencies 0 and pi the
    process is an ARFIMA with twice this d.  R's garma has the same parameters, with
    u = cos(frequency).

    References
    ----------
    Gray, H. L., Zhang, N.-F. and Woodward, W. A. (1989). On generalized fractional processes.
    Journal of Time Series Analysis 10, 233-257.
    Chung, C.-F. (1996). Estimating a generalized long memory process. Journal of Econometrics
    73, 237-259.

    Examples
    --------
    >>> import math
    >>> import memtools as mt
    >>> process = mt.GegenbauerProcess(2.0 * math.pi / 12.0, 0.3)
    >>> process.autocovariance(3).round(4)
    array([1.6742, 0.9643, 0.4755, 0.0434])
    """

    frequency: float
    d: float = 0.0
    ar: tuple[float, ...] = ()
    ma: tuple[float, ...] = ()
    sigma2: float = 1.0

    def __init__(
        self,
        frequency: float,
        d: float = 0.0,
        ar: Iterable[float] = (),
        ma: Iterable[float] = (),
        sigma2: float = 1.0,
    ) -> None:
        frequency = _validate.as_real(frequency, "frequency")
        if not 0.0 < frequency < math.pi:
            allowed = "in (0, pi), radians an observation (ARFIMAProcess has its pole at 0)"
            raise InvalidInputError("frequency", allowed, f"{frequency:g}")
        d = _validate.as_real(d, "d")
        if not -0.5 < d < 0.5:
            raise InvalidInputError("d", "in (-1/2, 1/2)", f"{d:g}")
        self._set(ar, ma, sigma2, frequency=frequency, d=d)

    def _pure_autocovariance(self, n_lags: int) -> FloatArray:
        return _pure_autocovariance(self.frequency, self.d, n_lags)

    def _pure_gain(self, lam: FloatArray) -> FloatArray:
        # 2 |cos l - cos frequency| as a product, which loses no digits near the pole
        half = 0.5 * np.stack([lam - self.frequency, lam + self.frequency])
        distance = 4.0 * np.abs(np.sin(half)).prod(axis=0)
        if self.d > 0.0 and lam.size and not distance.all():
            allowed = "not that of the pole, where the density is infinite"
            raise InvalidInputError("frequencies", allowed, f"{self.frequency:g}")
        return np.asarray(distance ** (-2.0 * self.d))

    def _pure_weights(self, sign: int, n_lags: int) -> FloatArray:
        return gegenbauer_weights(self.frequency, sign * self.d, n_lags)


def gegenbauer_weights(frequency: float, d: float, n_lags: int) -> FloatArray:
    """Lags 0..n_lags of (1 - 2 u B + B^2)^-d, u = cos(frequency): Gegenbauer polynomials in u.

    C_j = 2 u (1 + (d - 1) / j) C_{j-1} - (1 + 2 (d - 1) / j) C_{j-2}
    (Gray, Zhang and Woodward, 1989, equation 2.3).
    """
    u, w = math.cos(frequency), [1.0, 2.0 * d * math.cos(frequency)]
    for j in range(2, n_lags + 1):
        share = (d - 1.0) / j
        w.append(2.0 * u * (1.0 + share) * w[-1] - (1.0 + 2.0 * share) * w[-2])
    return np.array(w[: n_lags + 1])


def _pure_autocovariance(frequency: float, d: float, n_lags: int) -> FloatArray:
    """Of (1 - 2 u B + B^2)^-d noise of variance 1, by associated Legendre functions.

    Their recurrence in the degree is that of the lags, (k + 1 - 2d) g_{k+1} =
    2 k cos(frequency) g_k - (k - 1 + 2d) g_{k-1} (Chung, 1996, section 2).
    """
    u = math.cos(frequency)
    factor = gamma(1.0 - 2.0 * d) * (2.0 * math.sin(frequency)) ** (0.5 - 2.0 * d)
    factor /= 2.0 * math.sqrt(math.pi)
    g = [
        factor
        * (_legendre(k - 0.5, 2.0 * d - 0.5, u) + (-1) ** k * _legendre(k - 0.5, 2.0 * d - 0.5, -u))
        for k in (0, 1)
    ]
    for k in range(1, n_lags):
        g.append((2.0 * k * u * g[-1] - (k - 1.0 + 2.0 * d) * g[-2]) / (k + 1.0 - 2.0 * d))
    return np.array(g[: n_lags + 1])


def _legendre(degree: float, order: float, x: float) -> float:
    """Ferrers' associated Legendre function P_degree^order(x), -1 < x < 1."""
    series = hyp2f1(-degree, degree + 1.0, 1.0 - order, 0.5 * (1.0 - x)) / gamma(1.0 - order)
    return float(((1.0 + x) / (1.0 - x)) ** (0.5 * order) * series)
