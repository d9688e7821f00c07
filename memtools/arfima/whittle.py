"""Whittle's likelihood of ARFIMA models: objective, gradient, information, all its modes."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product

import numpy as np

from memtools._validate import FloatArray
from memtools.arfima.parameters import Dynamics, Minimum, Season, Space, from_partial, minimise
from memtools.correlation import durbin_levinson
from memtools.estimators.parametric import WhittleOrdinates
from memtools.spectral import Sample

# Differenced to d - 1 beyond this; up to it Whittle's estimate needs no taper much
# (Velasco and Robinson, 2000, Journal of the American Statistical Association 95, 1229-1243).
LARGEST_D = 1.0
_D_GRID = np.linspace(-0.96, 0.98, 33)
_MA_GRID = (0.0, -0.6, 0.6)
_SEASON_GRID = (0.0, 0.3)
_PARTIAL_GRID = (0.0, 0.6)
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
    season : Season, optional
        Of models with one: the ordinates next to its frequencies are left out.
    """

    def __init__(
        self, values: FloatArray | Sample, n_coefficients: int, season: Season | None = None
    ) -> None:
        super().__init__(values)
        self.season = season
        if season is not None:
            self._leave_poles(season.period)
        self.waves = {1: self.harmonics(n_coefficients)}
        if season is not None:
            steps = season.period * np.arange(1, max(season.p, season.q) + 1)
            self.waves[season.period] = np.exp(-1j * steps[:, None] * self.frequencies)

    def _leave_poles(self, period: int) -> None:
        """Leave out the ordinates next to the season's frequencies, as that at zero is."""
        away = np.abs(np.sin(0.5 * period * self.frequencies))
        kept = away > math.sin(min(0.5 * math.pi * period / self.n_obs, 0.5 * math.pi)) * (1 - 1e-9)
        self.frequencies, self.power = self.frequencies[kept], self.power[kept]
        self.log_sine, self.log_season = self.log_sine[kept], 2.0 * np.log(2.0 * away[kept])
        n_kept = float(self.weights[kept].sum()) * (self.n_obs - 1)
        self.weights = self.weights[kept] * ((self.n_obs - 1) / n_kept)
        self.n_obs = 1 + round(n_kept)

    def shape(self, model: Dynamics) -> tuple[FloatArray, FloatArray]:
        """log g and its derivatives, a row a parameter as `Dynamics.vector` has them."""
        log_g = -model.d * self.log_sine
        rows = [-self.log_sine[np.newaxis]]
        for sign, coefficients, step in model.parts:
            if step > 1 and sign < 0.0:
                assert model.seasonal is not None
                log_g -= model.seasonal.d * self.log_season
                rows.append(-self.log_season[np.newaxis])
            if not len(coefficients):
                continue
            z = self.waves[step][: len(coefficients)]
            polynomial = 1.0 + sign * (coefficients @ z)
            square = polynomial.real**2 + polynomial.imag**2
            log_g += sign * np.log(square)
            # d log |1 + s c(z)|^2s = 2 Re(z^j conj(polynomial)) / |polynomial|^2 for either sign.
            rows.append(2.0 * (z * (polynomial.conj() / square)).real)
        return log_g, np.concatenate(rows)

    def objective(self, point: FloatArray, space: Space) -> tuple[float, FloatArray]:
        """-2 / (n - 1) times the log-likelihood, up to a constant, and its gradient."""
        log_g, slopes = self.shape(space.dynamics(point))
        scale, shares = self.scale(log_g)
        value = math.log(scale) + float(self.weights @ log_g)
        gradient = slopes @ (self.weights - shares)
        return value, gradient @ space.jacobian(point)

    def sigma2(self, model: Dynamics) -> float:
        """Innovation variance that maximises the likelihood at given dynamics."""
        return 2.0 * math.pi * self.scale(self.shape(model)[0])[0]

    def information(self, model: Dynamics) -> FloatArray:
        """Fisher information of `Dynamics.vector` in the sample, sigma2 profiled out."""
        return self.fisher_information(self.shape(model)[1])

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
        the Yule-Walker equations of the filtered periodogram.  So from every start of the season.
        """
        if space.season is None:
            return self._plain_starts(space, self.power, np.empty(0))
        points = []
        for start in _season_starts(space.season):
            seasonal = Space(0, 0, (0.0, 0.0), space.season).dynamics(np.append(0.0, start))
            power = self.power * np.exp(-self.shape(seasonal)[0])
            moved = start[0] * (space.d_range[0] < space.d_range[1])
            low, high = (end - moved for end in space.d_range)
            for point in self._plain_starts(Space(space.p, space.q, (low, high)), power, start):
                point[0] += moved
                points.append(space.clip(point))
        return points

    def _plain_starts(
        self, space: Space, power: FloatArray, season: FloatArray
    ) -> list[FloatArray]:
        low, high = space.d_range
        grid = _D_GRID[(low <= _D_GRID) & (high >= _D_GRID)] if low < high else np.array([low])
        filtered = np.exp(grid[:, None] * self.log_sine) * (power * self.weights)
        waves = np.vstack([np.ones((1, len(self.log_sine))), self.waves[1][: space.p].real])
        mean_log = float(self.weights @ self.log_sine)
        points = []
        for first_ma in _MA_GRID if space.q else (0.0,):
            ma_partial = np.zeros(space.q)
            ma_partial[:1] = first_ma
            log_ma, _ = self.shape(Dynamics(0.0, np.empty(0), -from_partial(ma_partial)))
            phi, partials, variances = durbin_levinson((filtered * np.exp(-log_ma)) @ waves.T)
            ar_at_one = np.maximum(1.0 - phi.sum(axis=1), 1e-8)
            # log |ar|^2 sums to about zero over all Fourier frequencies; zero is left out.
            values = np.log(variances[:, -1]) - grid * mean_log + float(self.weights @ log_ma)
            values += 2.0 * np.log(ar_at_one) / (self.n_obs - 1)
            for i in _local_minima(values):
                point = np.concatenate([[grid[i]], partials[i], ma_partial])
                points.append(np.concatenate([space.clip(point), season]))
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
    values: FloatArray | Sample,
    orders: tuple[tuple[int, int], ...],
    d_range: tuple[float, float],
    allowed: Callable[[Dynamics], bool] = lambda dynamics: True,
) -> Dynamics:
    """The model of least Bayesian information criterion over orders (p, q), by Whittle.

    A range of one point fixes d there: (0, 0) fits ARMA models.
    """
    found = [entry for entry in candidates(values, orders, d_range) if allowed(entry[1])]
    return min(found, key=lambda entry: entry[0])[1]


def candidates(
    values: FloatArray | Sample, orders: tuple[tuple[int, int], ...], d_range: tuple[float, float]
) -> list[tuple[float, Dynamics]]:
    """The criterion and the model of each order."""
    likelihood = WhittleLikelihood(values, max(max(order) for order in orders))
    found = []
    for p, q in orders:
        space = Space(p, q, d_range)
        mode = likelihood.modes(space, _TO_COMPARE)[0]
        n_parameters = p + q + (d_range[0] < d_range[1])
        penalty = n_parameters * math.log(likelihood.n_obs)
        criterion = penalty - 2.0 * likelihood.loglike(mode.objective)
        found.append((criterion, space.dynamics(mode.point)))
    return found


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


def _season_starts(season: Season) -> list[FloatArray]:
    """Coordinates of a season from where a search begins, over its d and first coefficients."""
    low, high = season.d_range
    grids = [np.unique(np.clip(_SEASON_GRID, low, high))]
    for order in (season.p, season.q):
        grids += [np.array(_PARTIAL_GRID[: 1 + (i == 0)]) for i in range(order)]
    return [np.array(start) for start in product(*grids)]


def _local_minima(values: FloatArray) -> list[int]:
    """Positions lower than both neighbours, ends included."""
    padded = np.concatenate([[np.inf], values, [np.inf]])
    return [int(i) for i in np.flatnonzero((values < padded[:-2]) & (values <= padded[2:]))]
