"""Exact Gaussian likelihood of an ARFIMA model with regressors: profile and restricted."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy.fft

from memtools._validate import FloatArray
from memtools.arfima.design import Level
from memtools.arfima.parameters import Dynamics, Space
from memtools.exceptions import InvalidInputError
from memtools.processes import ARFIMAProcess
from memtools.processes.arfima import slowest_decay
from memtools.toeplitz import ToeplitzInverse, toeplitz_inverse

# Central differences of the autocovariances, which are analytic in the parameters.
_STEP = 1e-5
# Over the sample size: the modulus of such a root changes by less than this over the sample.
_UNIT_ROOT = 0.1


@dataclass(frozen=True)
class Profile:
    """What the likelihood needs at one value of the dynamics (unit innovation variance).

    Attributes
    ----------
    beta : ndarray, shape (k + n_gaps,)
        Generalised least squares coefficients, then what the gaps are to be corrected by.
    square : float
        u' R^-1 u of the residuals u.
    log_determinant : float
        log |R|, R the covariance matrix of unit innovation variance.
    normal : ndarray, shape (k + n_gaps, k + n_gaps)
        X' R^-1 X, X the regressors and the markers of the gaps.
    weighted : ndarray, shape (n_obs, 1 + k + n_gaps)
        R^-1 u and R^-1 X.
    inverse : ToeplitzInverse
        R^-1, for further solutions.
    """

    beta: FloatArray
    square: float
    log_determinant: float
    normal: FloatArray
    weighted: FloatArray
    inverse: ToeplitzInverse


class ExactLikelihood:
    """Exact likelihood of one level, sigma2 and the regressors' coefficients profiled out.

    The restricted form is the modified profile likelihood of Cox and Reid for the dynamic
    parameters, with the variance in its orthogonal parametrisation log sigma2 + log |R| / n.

    Gaps have a coefficient each that is integrated out under a flat prior: what is left is the
    density of the observations alone, whatever the gaps are filled with.

    Parameters
    ----------
    level : Level
    restricted : bool
        Take the modified (restricted) profile likelihood.

    References
    ----------
    Sowell, F. (1992). Maximum likelihood estimation of stationary univariate fractionally
    integrated time series models. Journal of Econometrics 53, 165-188.
    An, S. and Bloomfield, P. (1993). Cox and Reid's modification in regression models with
    correlated errors. Technical report, North Carolina State University.
    Gomez, V., Maravall, A. and Pena, D. (1999). Missing observations in ARIMA models: skipping
    approach versus additive outlier approach. Journal of Econometrics 88, 341-363.
    """

    def __init__(self, level: Level, restricted: bool = False) -> None:
        self.level = level
        self.restricted = restricted
        self.n_obs = level.n_seen
        self.n_regressors = len(level.names)
        self._columns = np.column_stack([level.values, level.design, level.markers])
        # Coefficients from here on are integrated out, those before maximised over.
        self._integrated = 0 if restricted else self.n_regressors

    def profile(self, model: Dynamics) -> Profile:
        """The regression and determinant at given dynamics."""
        inverse = toeplitz_inverse(autocovariance(model, len(self._columns)))
        weighted = inverse.solve(self._columns)
        gram = self._columns.T @ weighted
        normal, cross = gram[1:, 1:], gram[1:, 0]
        beta: FloatArray = np.empty(0)
        if len(cross):
            beta = np.asarray(np.linalg.solve(normal, cross), dtype=np.float64)
        weighted[:, 0] -= weighted[:, 1:] @ beta
        residuals = self._columns[:, 0] - self._columns[:, 1:] @ beta
        return Profile(
            beta=beta,
            square=float(residuals @ weighted[:, 0]),
            log_determinant=inverse.log_determinant,
            normal=normal,
            weighted=weighted,
            inverse=inverse,
        )

    def value(self, profile: Profile) -> float:
        """Minus the profile log-likelihood, up to a constant."""
        return 0.5 * (self._freedom * math.log(profile.square) + self._log_determinant(profile))

    @property
    def _freedom(self) -> int:
        return self.n_obs - (self.n_regressors if self.restricted else 0)

    def _log_determinant(self, profile: Profile) -> float:
        """log |R| and what integrating coefficients out adds to it."""
        block = profile.normal[self._integrated :, self._integrated :]
        return profile.log_determinant + float(np.linalg.slogdet(block)[1])

    def objective(self, point: FloatArray, space: Space) -> tuple[float, FloatArray]:
        """Minus the profile log-likelihood and its gradient in the box.

        Infinite where the covariance matrix is not positive definite to working precision, and
        where an AR root is so near 1 that no sample of this length tells it from 1.
        """
        model = space.dynamics(point)
        unit = len(model.ar) and slowest_decay(np.append(1.0, -model.ar)) < _UNIT_ROOT / self.n_obs
        try:
            profile = None if unit else self.profile(model)
        except InvalidInputError:
            profile = None
        if profile is None:
            return math.inf, np.zeros(len(point))
        # d(u'R^-1 u) = -u'R^-1 dR R^-1 u, a sum over lags of the autocorrelation of R^-1 u.
        lags = profile.inverse.lag_sums() - (self._freedom / profile.square) * _lag_products(
            profile.weighted[:, 0]
        )
        block = profile.normal[self._integrated :, self._integrated :]
        if len(block):
            roots = np.linalg.cholesky(np.linalg.inv(block))
            for column in (profile.weighted[:, 1 + self._integrated :] @ roots).T:
                lags -= _lag_products(column)
        slopes = autocovariance_slopes(point, space, len(lags))
        return self.value(profile), 0.5 * slopes @ lags

    def loglike(self, profile: Profile) -> float:
        """The maximised log-likelihood of the level at given dynamics, constant included."""
        variance = profile.square / self.n_obs
        constant = self.n_obs * (math.log(2.0 * math.pi * variance) + 1.0)
        return -0.5 * (constant + self._log_determinant(profile))

    def loglike_at(self, model: Dynamics, beta: FloatArray, sigma2: float) -> float:
        """Log-likelihood of the level at given parameters, constant included."""
        likelihood = ExactLikelihood(self.level.without_regression(beta))
        profile = likelihood.profile(model)
        constant = self.n_obs * math.log(2.0 * math.pi * sigma2)
        rest = likelihood._log_determinant(profile) + profile.square / sigma2
        return -0.5 * (constant + rest)


def autocovariance(model: Dynamics, n_obs: int) -> FloatArray:
    """Autocovariances 0..n_obs - 1 at unit innovation variance."""
    return ARFIMAProcess(ar=model.ar, d=model.d, ma=model.ma).autocovariance(n_obs - 1)


def autocovariance_slopes(point: FloatArray, space: Space, n_obs: int) -> FloatArray:
    """Derivatives of the autocovariances, a row a coordinate of the box."""
    rows = np.zeros((len(point), n_obs))
    for i, (low, high) in enumerate(space.bounds):
        if low == high:  # a coordinate held fixed
            continue
        up, down = point.copy(), point.copy()
        up[i], down[i] = min(point[i] + _STEP, high), max(point[i] - _STEP, low)
        change = autocovariance(space.dynamics(up), n_obs)
        change = change - autocovariance(space.dynamics(down), n_obs)
        rows[i] = change / (up[i] - down[i])
    return rows


def _lag_products(v: FloatArray) -> FloatArray:
    """Weights of dr_0, dr_1, ... in v' dR v for a symmetric Toeplitz dR."""
    n_obs = len(v)
    n_fft = scipy.fft.next_fast_len(2 * n_obs - 1, real=True)
    spectrum = scipy.fft.rfft(v, n_fft)
    products = scipy.fft.irfft(spectrum.real**2 + spectrum.imag**2, n_fft)[:n_obs]
    products[1:] *= 2.0
    return products
