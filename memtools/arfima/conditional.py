"""Conditional sum of squares: innovations by filters from a zero past, at any d."""

from __future__ import annotations

import math

import numpy as np

from memtools import fractional
from memtools._validate import FloatArray
from memtools.arfima.parameters import Dynamics, Space

# Differences beyond the second are nobody's data; below -0.98 the filter hardly forgets its start.
CSS_D_RANGE = (-0.98, 2.5)


def innovations(columns: FloatArray, model: Dynamics) -> FloatArray:
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
        filtered = innovations(self.columns, model)
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
