"""Autoregressive fractionally integrated moving averages."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from memtools import _validate, fractional
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.processes._arma import WithARMAPart, over, slowest_decay
from memtools.processes._base import as_frequencies

# A path is summed or differenced as often as d has units.
_LARGEST_D = 100.0


@dataclass(frozen=True)
class ARFIMAProcess(WithARMAPart):
    """Autoregressive fractionally integrated moving average process.

    (1 - ar_1 B - ... - ar_p B^p) (1 - B)^d X_t = (1 + ma_1 B + ... + ma_q B^q) eps_t.

    Parameters
    ----------
    ar : sequence of float
        Coefficients on the right-hand side (statsmodels' and R arima's signs).
    d : float
        Memory parameter; stationary with long memory for 0 < d < 1/2.
    ma : sequence of float
        Coefficients with plus signs; R's fracdiff, arfima and ltsa take the opposite sign.
    sigma2 : float
        Variance of eps_t.

    Raises
    ------
    InvalidInputError
        Where `ar` is not stationary, `ma` not invertible, `sigma2` not positive.

    Notes
    -----
    Any d makes a process whose weights exist and which `simulate` draws (by integration or
    differencing); the autocovariance exists for d < 1/2 and is given for -1 < d < 1/2.

    References
    ----------
    Hosking, J. R. M. (1981). Fractional differencing. Biometrika 68, 165-176.
    Sowell, F. (1992). Maximum likelihood estimation of stationary univariate fractionally
    integrated time series models. Journal of Econometrics 53, 165-188.

    Examples
    --------
    >>> import memtools as mt
    >>> process = mt.ARFIMAProcess(ar=[0.5], d=0.3)
    >>> process.autocovariance(2).round(4)
    array([3.0193, 2.4577, 1.9966])
    """

    ar: tuple[float, ...] = ()
    d: float = 0.0
    ma: tuple[float, ...] = ()
    sigma2: float = 1.0

    embeds: ClassVar[bool] = True

    def __init__(
        self,
        ar: Iterable[float] = (),
        d: float = 0.0,
        ma: Iterable[float] = (),
        sigma2: float = 1.0,
    ) -> None:
        self._set(ar, ma, sigma2, d=_validate.as_real(d, "d", -_LARGEST_D, _LARGEST_D))

    def _pure_autocovariance(self, n_lags: int) -> FloatArray:
        if not -1.0 < self.d < 0.5:
            allowed = "in (-1, 1/2) for an autocovariance"
            raise InvalidInputError("d", allowed, f"{self.d:g}")
        return noise_autocovariance(self.d, n_lags)

    def _pure_gain(self, lam: FloatArray) -> FloatArray:
        lam = as_frequencies(lam, pole=self.d > 0.0)
        return np.asarray(np.abs(2.0 * np.sin(0.5 * lam)) ** (-2.0 * self.d))

    def _pure_weights(self, sign: int, n_lags: int) -> FloatArray:
        return fractional.weights(-sign * self.d, n_lags + 1)

    def fisher_information(self) -> FloatArray:
        """Fisher information of (ar, d, ma) per observation.

        Returns
        -------
        ndarray, shape (p + 1 + q, p + 1 + q)
            Order ar_1 .. ar_p, d, ma_1 .. ma_q; sigma2 is orthogonal, 1 / (2 sigma2^2).

        Notes
        -----
        sum_k u_k u_k', with u_k the k-th coefficients of B^i / ar(B), -log(1 - B) = sum B^k / k
        and B^j / ma(B); that of d is pi^2 / 6 (Li and McLeod, 1986, section 3).

        References
        ----------
        Li, W. K. and McLeod, A. I. (1986). Fractional time series modelling. Biometrika 73,
        217-221.
        """
        slowest = [slowest_decay(p) for p in (self.ar_polynomial, self.ma_polynomial) if len(p) > 1]
        n_lags = math.ceil(60.0 / min(slowest)) if slowest else 1
        one = np.ones(1)
        impulse = np.eye(1, n_lags + 1)[0]
        ar, ma = (over(one, p, impulse) for p in (self.ar_polynomial, self.ma_polynomial))
        rows = [_delayed(ar, i) for i in range(len(self.ar))]
        rows.append(1.0 / np.arange(1.0, n_lags + 1.0))
        rows += [_delayed(ma, j) for j in range(len(self.ma))]
        information = np.array(rows) @ np.array(rows).T
        information[len(self.ar), len(self.ar)] = math.pi**2 / 6.0
        return np.asarray(information)


def _delayed(series: FloatArray, lag: int) -> FloatArray:
    return np.concatenate([np.zeros(lag), series[: len(series) - 1 - lag]])


def noise_autocovariance(d: float, n_lags: int) -> FloatArray:
    """Autocovariances of (1 - B)^-d noise with unit innovations, Hosking (1981), theorem 1."""
    variance = math.exp(math.lgamma(1.0 - 2.0 * d) - 2.0 * math.lgamma(1.0 - d))
    return variance * fractional.noise_autocorrelation(d, n_lags)
