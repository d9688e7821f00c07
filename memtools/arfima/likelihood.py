"""Likelihoods in the time domain of an ARFIMA model with regressors: exact and conditional.

The exact one is the profile likelihood or the restricted one; the conditional one is the sum of
squares of innovations by filters from a zero past, at any d.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import scipy.fft

from memtools import fractional
from memtools._validate import FloatArray
from memtools.arfima.design import Level
from memtools.arfima.parameters import Dynamics, Space
from memtools.exceptions import InvalidInputError
from memtools.processes._arma import circulant_size, slowest_decay, spread
from memtools.processes.arfima import noise_autocovariance
from memtools.processes.seasonal import seasonal_autocovariance
from memtools.toeplitz import ToeplitzInverse, toeplitz_inverse

# Central difference of the autocovariances in d, in which they are analytic.
_STEP = 1e-5
# Over the sample size: the modulus of such a root changes by less than this over the sample.
_UNIT_ROOT = 0.1
# Differences beyond the second are nobody's data; below -0.98 the filter hardly forgets its start.
CSS_D_RANGE = (-0.98, 2.5)


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
        try:
            profile = None if has_unit_root(model, self.n_obs) else self.profile(model)
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
        sigma2 = profile.square / self.n_obs
        return self._density(profile, sigma2)

    def loglike_at(self, model: Dynamics, beta: FloatArray, sigma2: float) -> float:
        """Log-likelihood of the level at given parameters, constant included."""
        likelihood = ExactLikelihood(self.level.without_regression(beta))
        profile = likelihood.profile(model)
        return likelihood._density(profile, sigma2)

    def _density(self, profile: Profile, sigma2: float) -> float:
        constant = self.n_obs * math.log(2.0 * math.pi * sigma2)
        rest = self._log_determinant(profile) + profile.square / sigma2
        return -0.5 * (constant + rest)


def has_unit_root(model: Dynamics, n_obs: int) -> bool:
    """True where no sample of this length tells an AR root from 1."""
    return any(
        len(ar) > 0 and slowest_decay(np.append(1.0, -ar)) < step * _UNIT_ROOT / n_obs
        for sign, ar, step in model.parts
        if sign < 0.0
    )


def autocovariance(model: Dynamics, n_obs: int) -> FloatArray:
    """Autocovariances 0..n_obs - 1 at unit innovation variance, of a stable model, unchecked."""
    if not any(len(coefficients) for _, coefficients, _ in model.parts):
        return _pure_autocovariance(model, n_obs - 1)
    eigenvalues = _Circulant(model, n_obs).eigenvalues(model)
    return scipy.fft.irfft(eigenvalues, 2 * (len(eigenvalues) - 1))[:n_obs]


def _pure_autocovariance(model: Dynamics, n_lags: int) -> FloatArray:
    """Without ARMA parts."""
    if model.seasonal is None or model.seasonal.d == 0.0:
        return noise_autocovariance(model.d, n_lags)
    seasonal = model.seasonal
    return seasonal_autocovariance(model.d, seasonal.d, seasonal.period, n_lags)


def autocovariance_slopes(point: FloatArray, space: Space, n_obs: int) -> FloatArray:
    """Derivatives of the autocovariances, a row a coordinate of the box."""
    model = space.dynamics(point)
    circulant = _Circulant(model, n_obs)
    rows = np.empty((len(point), len(circulant.gain)))
    # Analytic in both d, and cheap: central differences.
    rows[0] = circulant.slope(replace(model, d=model.d + step) for step in (_STEP, -_STEP))
    memory = [0]
    if model.seasonal is not None:
        memory.append(1 + space.p + space.q)
        both = (replace(model.seasonal, d=model.seasonal.d + step) for step in (_STEP, -_STEP))
        rows[memory[1]] = circulant.slope(replace(model, seasonal=one) for one in both)
    rest = np.delete(np.arange(len(point)), memory)
    rows[rest] = circulant.eigenvalues(model) * circulant.slopes()
    n_fft = 2 * (len(circulant.gain) - 1)
    return space.jacobian(point).T @ scipy.fft.irfft(rows, n_fft)[:, :n_obs]


class _Circulant:
    """The circulant that starts with the autocovariances 0..n_obs - 1, by its eigenvalues.

    Those of fractional noise times the gain of the ARMA part, as in
    `ARFIMAProcess.circulant_eigenvalues`.
    """

    def __init__(self, model: Dynamics, n_obs: int) -> None:
        self.parts = [(np.append(1.0, sign * c), step) for sign, c, step in model.parts]
        n_half = circulant_size(self.parts[::2], self.parts[1::2], n_obs - 1)
        grid = np.arange(n_half + 1)
        self.waves = np.exp(-1j * math.pi / n_half * grid)
        self.transfers, self.gain = [], np.ones(n_half + 1)
        for sign, coefficients, step in model.parts:
            transfer = scipy.fft.rfft(spread(np.append(1.0, sign * coefficients), step), 2 * n_half)
            self.transfers.append(transfer)
            self.gain *= (transfer.real**2 + transfer.imag**2) ** sign

    def eigenvalues(self, model: Dynamics) -> FloatArray:
        """Eigenvalues at memory parameters."""
        noise = _pure_autocovariance(model, len(self.gain) - 1)
        return np.asarray(self.gain * scipy.fft.dct(noise, type=1, overwrite_x=True))

    def slope(self, two: Iterable[Dynamics]) -> FloatArray:
        """Derivative of the eigenvalues in a memory parameter, from those on either side."""
        up, down = (self.eigenvalues(model) for model in two)
        return (up - down) / (2.0 * _STEP)

    def slopes(self) -> FloatArray:
        """Derivatives of the log of the gain, 2 Re(z^j / polynomial) for each part."""
        rows = [
            2.0 * (self.waves ** (j * step) / transfer).real
            for transfer, (polynomial, step) in zip(self.transfers, self.parts, strict=True)
            for j in range(1, len(polynomial))
        ]
        return np.array(rows).reshape(len(rows), len(self.gain))


def _lag_products(v: FloatArray) -> FloatArray:
    """Weights of dr_0, dr_1, ... in v' dR v for a symmetric Toeplitz dR."""
    n_obs = len(v)
    n_fft = scipy.fft.next_fast_len(2 * n_obs - 1, real=True)
    spectrum = scipy.fft.rfft(v, n_fft)
    products = scipy.fft.irfft(spectrum.real**2 + spectrum.imag**2, n_fft)[:n_obs]
    products[1:] *= 2.0
    return products


def css_innovations(columns: FloatArray, model: Dynamics) -> FloatArray:
    """ar(B) / ma(B) (1 - B)^d of each row of `columns`, zeros before the start."""
    from scipy.signal import lfilter

    filtered = fractional.fracdiff(columns, model.d)
    if len(model.ar) or len(model.ma):
        ar_polynomial = np.concatenate([[1.0], -model.ar])
        ma_polynomial = np.concatenate([[1.0], model.ma])
        filtered = lfilter(ar_polynomial, ma_polynomial, filtered, axis=-1)
    return np.asarray(filtered)


class ConditionalLikelihood:
    """Profile conditional likelihood of one series on regressors.

    Parameters
    ----------
    values : ndarray, shape (n_obs,)
    design : ndarray, shape (n_obs, k)
        Regressors, possibly none.

    References
    ----------
    Chung, C.-F. and Baillie, R. T. (1993). Small sample bias in conditional sum-of-squares
    estimators of fractionally integrated ARMA models. Empirical Economics 18, 791-806.
    Hualde, J. and Robinson, P. M. (2011). Gaussian pseudo-maximum likelihood estimation of
    fractional time series models. Annals of Statistics 39, 3152-3181.
    """

    def __init__(self, values: FloatArray, design: FloatArray) -> None:
        self.columns = np.vstack([values, design.T])
        self.n_obs = len(values)

    def regression(self, model: Dynamics) -> tuple[FloatArray, FloatArray]:
        """Coefficients of the regressors and the innovations at given dynamics."""
        filtered = css_innovations(self.columns, model)
        y, x = filtered[0], filtered[1:].T
        if x.shape[1] == 0:
            return np.empty(0), y
        beta = np.linalg.lstsq(x, y, rcond=None)[0]
        return beta, y - x @ beta

    def objective(self, point: FloatArray, space: Space) -> tuple[float, FloatArray]:
        """Log of the mean square of the innovations, and its gradient in the box."""
        from scipy.signal import lfilter

        model = space.dynamics(point)
        _, e = self.regression(model)
        square = float(e @ e)
        slopes = np.zeros((1 + space.p + space.q, self.n_obs))
        # d/dd (1 - B)^d = log(1 - B) (1 - B)^d and log(1 - B) = -sum_k B^k / k.
        harmonic = np.zeros(self.n_obs)
        harmonic[1:] = -1.0 / np.arange(1.0, self.n_obs)
        slopes[0] = fractional.convolve_causal(e, harmonic)
        row = 1
        for polynomial in (np.append(1.0, -model.ar), np.append(1.0, model.ma)):
            if len(polynomial) > 1:
                ratio = lfilter([1.0], polynomial, e)
                for lag in range(1, len(polynomial)):
                    slopes[row, lag:] = -ratio[: self.n_obs - lag]
                    row += 1
        # The regression's coefficients are at their optimum, so their change does not enter.
        gradient = 2.0 * (slopes @ e) / square
        return math.log(square / self.n_obs), gradient @ space.jacobian(point)

    def sigma2(self, model: Dynamics) -> float:
        """Innovation variance that maximises the likelihood at given dynamics."""
        _, e = self.regression(model)
        return float(e @ e) / self.n_obs

    def loglike(self, objective: float) -> float:
        """Conditional log-likelihood from the value of the objective."""
        return -0.5 * self.n_obs * (math.log(2.0 * math.pi) + 1.0 + objective)
