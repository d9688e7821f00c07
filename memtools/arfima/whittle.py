"""Whittle's likelihood of ARFIMA models: objective, gradient, information, all its modes."""

from __future__ import annotations

import math

import numpy as np

from memtools._validate import FloatArray
from memtools.arfima.parameters import Dynamics, Minimum, Space, from_partial, minimise
from memtools.correlation import durbin_levinson
from memtools.estimators.parametric import WhittleOrdinates
from memtools.spectral import Sample

# Differenced to d - 1 beyond this; up to it Whittle's estimate needs no taper much
# (Velasco and Robinson, 2000, Journal of the American Statistical Association 95, 1229-1243).
LARGEST_D = 1.0
_D_GRID = np.linspace(-0.96, 0.98, 33)
_MA_GRID = (0.0, -0.6, 0.6)
SAME_MODE = 0.02
# In units of the log-likelihood.
TOLERANCE = 1e-12
_TO_COMPARE = 1e-5


class WhittleLikelihood(WhittleOrdinates):
    """Whittle's profile likelihood of ARFIMA models of one series.

    Parameters
    ----------
    values : ndarray, shape (n_obs,)
        The series; its mean does not matter.
    n_coefficients : int
        Largest of p and q.
    """

    def __init__(self, values: FloatArray | Sample, n_coefficients: int) -> None:
        super().__init__(values)
        self.waves = self.harmonics(n_coefficients)

    def shape(self, d: float, ar: FloatArray, ma: FloatArray) -> tuple[FloatArray, FloatArray]:
        """log g and its derivatives (1 + p + q, n_frequencies) in natural parameters."""
        log_g = -d * self.log_sine
        slopes = np.empty((1 + len(ar) + len(ma), len(log_g)))
        slopes[0] = -self.log_sine
        row = 1
        for sign, coefficients in ((-1.0, ar), (1.0, ma)):
            order = len(coefficients)
            if order == 0:
                continue
            z = self.waves[:order]
            polynomial = 1.0 + sign * (coefficients @ z)
            square = polynomial.real**2 + polynomial.imag**2
            log_g += sign * np.log(square)
            # d log |1 + s c(z)|^2s = 2 Re(z^j conj(polynomial)) / |polynomial|^2 for either sign.
            slopes[row : row + order] = (z * (polynomial.conj() / square)).real
            slopes[row : row + order] *= 2.0
            row += order
        return log_g, slopes

    def objective(self, point: FloatArray, space: Space) -> tuple[float, FloatArray]:
        """-2 / (n - 1) times the log-likelihood, up to a constant, and its gradient."""
        model = space.dynamics(point)
        log_g, slopes = self.shape(model.d, model.ar, model.ma)
        scale, shares = self.scale(log_g)
        value = math.log(scale) + float(self.weights @ log_g)
        gradient = slopes @ (self.weights - shares)
        return value, gradient @ space.jacobian(point)

    def sigma2(self, model: Dynamics) -> float:
        """Innovation variance that maximises the likelihood at given dynamics."""
        log_g, _ = self.shape(model.d, model.ar, model.ma)
        return 2.0 * math.pi * self.scale(log_g)[0]

    def information(self, model: Dynamics) -> FloatArray:
        """Fisher information of (d, AR, MA) in the sample, sigma2 profiled out."""
        return self.fisher_information(self.shape(model.d, model.ar, model.ma)[1])

    def curvature(self, point: FloatArray, space: Space) -> FloatArray:
        """Expected Hessian of the objective in the coordinates of the box."""
        jacobian = space.jacobian(point)
        information = self.information(space.dynamics(point)) * (2.0 / (self.n_obs - 1))
        hessian = jacobian.T @ information @ jacobian
        # A ridge for redundant AR and MA parts, whose information is singular.
        return hessian + 1e-6 * float(np.trace(hessian)) * np.eye(len(point))

    def starts(self, space: Space) -> list[FloatArray]:
        """Local minima of the objective over a grid of d (and of the MA part), AR solved for.

        With d and MA fixed, the AR coefficients that minimise sum_j I_j |ar(l_j)|^2 / g_j solve
        the Yule-Walker equations of the filtered periodogram.
        """
        low, high = space.d_range
        grid = _D_GRID[(low <= _D_GRID) & (high >= _D_GRID)] if low < high else np.array([low])
        filtered = np.exp(grid[:, None] * self.log_sine) * (self.power * self.weights)
        waves = np.vstack([np.ones((1, len(self.log_sine))), self.waves[: space.p].real])
        mean_log = float(self.weights @ self.log_sine)
        points = []
        for first_ma in _MA_GRID if space.q else (0.0,):
            ma_partial = np.zeros(space.q)
            ma_partial[:1] = first_ma
            ma = -from_partial(ma_partial)
            log_ma, _ = self.shape(0.0, ma[:0], ma)
            phi, partials, variances = durbin_levinson((filtered * np.exp(-log_ma)) @ waves.T)
            ar_at_one = np.maximum(1.0 - phi.sum(axis=1), 1e-8)
            # log |ar|^2 sums to about zero over all Fourier frequencies; zero is left out.
            values = np.log(variances[:, -1]) - grid * mean_log + float(self.weights @ log_ma)
            values += 2.0 * np.log(ar_at_one) / (self.n_obs - 1)
            for i in _local_minima(values):
                point = np.concatenate([[grid[i]], partials[i], ma_partial])
                points.append(space.clip(point))
        return points

    def modes(self, space: Space, tolerance: float = TOLERANCE) -> list[Minimum]:
        """All local maxima found from the starts, the highest likelihood first."""
        found = [
            minimise(
                self.objective, space, start, self.curvature(start, space), tolerance / self.n_obs
            )
            for start in self.starts(space)
        ]
        return distinct(found, space)


def best_model(
    values: FloatArray | Sample, orders: tuple[tuple[int, int], ...], d_range: tuple[float, float]
) -> Dynamics:
    """The model of least Bayesian information criterion over orders (p, q), by Whittle.

    A range of one point fixes d there: (0, 0) fits ARMA models.
    """
    likelihood = WhittleLikelihood(values, max(max(order) for order in orders))
    least, best = math.inf, None
    for p, q in orders:
        space = Space(p, q, d_range)
        mode = likelihood.modes(space, _TO_COMPARE)[0]
        n_parameters = p + q + (d_range[0] < d_range[1])
        penalty = n_parameters * math.log(likelihood.n_obs)
        criterion = penalty - 2.0 * likelihood.loglike(mode.objective)
        if best is None or criterion < least:
            least, best = criterion, space.dynamics(mode.point)
    assert best is not None
    return best


def distinct(modes: list[Minimum], space: Space) -> list[Minimum]:
    """The different ones among the modes, lowest objective first."""
    kept: list[Minimum] = []
    vectors: list[FloatArray] = []
    for mode in sorted(modes, key=lambda mode: mode.objective):
        vector = space.dynamics(mode.point).vector
        if all(np.abs(vector - other).max() > SAME_MODE for other in vectors):
            kept.append(mode)
            vectors.append(vector)
    return kept


def _local_minima(values: FloatArray) -> list[int]:
    """Positions lower than both neighbours, ends included."""
    padded = np.concatenate([[np.inf], values, [np.inf]])
    return [int(i) for i in np.flatnonzero((values < padded[:-2]) & (values <= padded[2:]))]
