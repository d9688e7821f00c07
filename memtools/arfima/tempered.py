"""Fits of tempered models, ARTFIMA(p, d, lambda, q): exact and Whittle's likelihood."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate
from memtools._validate import FloatArray
from memtools.arfima.orders import as_order
from memtools.arfima.parameters import Dynamics, Space
from memtools.arfima.whittle import WhittleLikelihood
from memtools.exceptions import InvalidInputError
from memtools.processes.tempered import LEAST_TEMPERING, TemperedARFIMAProcess, log_gap
from memtools.results import TemperedFit
from memtools.spectral import Sample
from memtools.toeplitz import toeplitz_inverse

METHODS = ("exact", "whittle")
D_RANGE = (-0.98, 3.0)
# Beyond, exp(-tempering) is as good as no memory at all.
LARGEST_TEMPERING = 3.0
_STEPS = 16
_SCREEN = 1e-5
_MOST_EXACT = 20_000
_DIFFERENCE = 1e-4


class _Whittle(WhittleLikelihood):
    """Whittle's profile likelihood at a tempering: |2 sin(l/2)|^2 is replaced."""

    def best(self, log_rate: float, space: Space, tolerance: float) -> tuple[float, Dynamics]:
        """Least objective at a tempering, and where."""
        self.log_sine = log_gap(self.frequencies, math.exp(log_rate))
        mode = self.modes(space, tolerance)[0]
        return mode.objective, space.dynamics(mode.point)

    def stderr(self, log_rate: float, model: Dynamics) -> FloatArray:
        """Of d, the tempering, AR and MA coefficients."""
        self.log_sine = log_gap(self.frequencies, math.exp(log_rate))
        slopes = self.shape(model)[1]
        rate, step = math.exp(log_rate), _DIFFERENCE
        gaps = (log_gap(self.frequencies, rate * (1.0 + s * step)) for s in (1.0, -1.0))
        by_rate = -model.d * np.subtract(*gaps) / (2.0 * step * rate)
        information = self.fisher_information(np.insert(slopes, 1, by_rate, axis=0))
        variances = np.diag(np.linalg.pinv(information, hermitian=True))
        return np.sqrt(np.maximum(variances, 0.0))


def fit_artfima(
    x: ArrayLike, order: tuple[int, int] = (0, 0), method: str = "exact"
) -> TemperedFit:
    """Maximum likelihood fit of a tempered model, ARTFIMA(p, d, lambda, q), around a mean.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 50 observations; at most 20,000 for the exact likelihood.
    order : (int, int)
        p and q.
    method : {"exact", "whittle"}
        The Gaussian likelihood, or its approximation by the periodogram, which ignores the mean.

    Returns
    -------
    TemperedFit
        `params` and `bse` (mean, d, tempering, ar.L1, ..., ma.L1, ..., sigma2), `d`, `llf`,
        `aic`, `bic`; `TemperedARFIMAProcess` takes the same numbers.

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series of such a length, or an argument is out of range.

    See Also
    --------
    tempering_test : does tempering tell at all?

    Notes
    -----
    (1 - ar_1 B - ...) (1 - exp(-lambda) B)^d (x_t - mean) = (1 + ma_1 B + ...) eps_t.  At given
    lambda Whittle's likelihood is searched as that of an ARFIMA; lambda from a tenth of the first
    Fourier frequency to 3.  The exact likelihood is searched from there, mean and variance
    profiled out.  Standard errors are of the Fisher information; near lambda = 0 it and d trade
    and the normal law is poor: use the test.
    R: ``artfima::artfima(x, glp = "ARTFIMA", arimaOrder = c(p, 0, q), likAlg = "exact")``, whose
    theta has the opposite sign and whose mean is the sample's.  Its ``likAlg = "Whittle"`` is
    another objective: sum I / g alone, for which log g must sum to 0.  It does with frequency 0,
    which holds -2 d log(1 - exp(-lambda)) and grows as tempering falls; ours leaves that ordinate
    out, as the mean is estimated (a restricted likelihood).  On the Nile minima theirs ends at
    d = 0.405, lambda = 0.0082 (exact log-likelihood -703.82, the largest there is), ours at the end
    of its range, 0.0009 (-704.28), where the likelihood is as good as flat.

    References
    ----------
    Sabzikar, F., McLeod, A. I. and Meerschaert, M. M. (2019). Parameter estimation for ARTFIMA
    time series. Journal of Statistical Planning and Inference 200, 129-145.

    Examples
    --------
    >>> import memtools as mt
    >>> x = mt.simulate(mt.TemperedARFIMAProcess(d=0.8, tempering=0.1), 2000, rng=1)
    >>> fit = mt.fit_artfima(x, method="whittle")
    >>> abs(fit.d - 0.8) < 0.2, abs(fit.params["tempering"] - 0.1) < 0.1
    (True, True)
    """
    values = _validate.as_varying_series(x, min_obs=50)
    n_obs = len(values)
    (p, q), held = as_order(order, n_obs)
    if held is not None:
        raise InvalidInputError("order", "(p, q): d is estimated", repr(order))
    _validate.as_choice(method, "method", list(METHODS))
    if method == "exact" and n_obs > _MOST_EXACT:
        allowed = f'at most {_MOST_EXACT} observations for the exact likelihood (method="whittle")'
        raise InvalidInputError("x", allowed, str(n_obs))
    scale = float(values.std())
    unit = (values - values.mean()) / scale
    space = Space(p, q, D_RANGE)
    whittle = _Whittle(Sample(unit), max(p, q, 1))
    log_rate, model, converged = _whittle_fit(whittle, space, n_obs)
    mean, sigma2, llf = 0.0, whittle.sigma2(model), math.nan
    if method == "exact":
        log_rate, model, converged = _exact_fit(unit, space, log_rate, model)
        objective, mean, sigma2 = _profile(unit, model, math.exp(log_rate))
        llf = -objective
    else:
        llf = whittle.loglike(whittle.best(log_rate, space, _SCREEN)[0])
    # The likelihood in the units that were given: of n - 1 ordinates by Whittle.
    llf -= (n_obs if method == "exact" else n_obs - 1) * math.log(scale)
    params, bse = _table(whittle, log_rate, model, sigma2)
    for name, power in (("mean", 1), ("sigma2", 2)):
        bse[name] *= scale**power
    params["sigma2"] *= scale**2
    params["mean"] = float(values.mean()) + scale * mean
    return TemperedFit(
        d=params["d"],
        stderr=bse["d"],
        order=(p, q),
        method=method,
        n_obs=n_obs,
        params=params,
        bse=bse,
        llf=llf,
        converged=converged,
    )


def _table(
    whittle: _Whittle, log_rate: float, model: Dynamics, sigma2: float
) -> tuple[dict[str, float], dict[str, float]]:
    """Estimates, the mean 0, and standard errors, by name."""
    n_obs, rate = whittle.n_obs, math.exp(log_rate)
    names = ["d", "tempering", *(f"ar.L{i + 1}" for i in range(len(model.ar)))]
    names += [f"ma.L{i + 1}" for i in range(len(model.ma))]
    values = map(float, [model.d, rate, *model.ar, *model.ma])
    process = TemperedARFIMAProcess(model.ar, model.d, model.ma, rate, sigma2)
    at_zero = float(process.spectral_density([0.0])[0])
    params = {"mean": 0.0} | dict(zip(names, values, strict=True)) | {"sigma2": sigma2}
    bse = {"mean": math.sqrt(2.0 * math.pi * at_zero / n_obs)}
    bse |= dict(zip(names, whittle.stderr(log_rate, model).tolist(), strict=True))
    return params, bse | {"sigma2": sigma2 * math.sqrt(2.0 / n_obs)}


def _whittle_fit(likelihood: _Whittle, space: Space, n_obs: int) -> tuple[float, Dynamics, bool]:
    """log of the tempering and the rest, of the largest likelihood."""
    from scipy.optimize import minimize_scalar

    least = max(0.2 * math.pi / n_obs, LEAST_TEMPERING)
    grid = np.linspace(math.log(least), math.log(LARGEST_TEMPERING), _STEPS)
    k = int(np.argmin([likelihood.best(rate, space, _SCREEN)[0] for rate in grid]))
    ends = grid[max(k - 1, 0)], grid[min(k + 1, _STEPS - 1)]
    found = minimize_scalar(
        lambda rate: likelihood.best(rate, space, 1e-9)[0],
        bounds=ends,
        method="bounded",
        options={"xatol": 1e-5},
    )
    log_rate = float(found.x)
    inside = grid[0] + 1e-3 < log_rate < grid[-1] - 1e-3
    return log_rate, likelihood.best(log_rate, space, 1e-9)[1], bool(found.success) and inside


def _exact_fit(
    values: FloatArray, space: Space, log_rate: float, model: Dynamics
) -> tuple[float, Dynamics, bool]:
    """The same by the exact likelihood, from there."""
    from scipy.optimize import minimize

    least = math.log(max(0.2 * math.pi / len(values), LEAST_TEMPERING))
    low, high = np.array([(least, math.log(LARGEST_TEMPERING)), *space.bounds]).T

    def objective(point: FloatArray) -> float:
        return _profile(values, space.dynamics(point[1:]), math.exp(point[0]))[0]

    start = np.clip(np.array([log_rate, *space.clip(space.point(model))]), low, high)
    found = minimize(
        objective,
        start,
        method="L-BFGS-B",
        bounds=list(zip(low, high, strict=True)),
        options={"ftol": 1e-12, "gtol": 1e-5},
    )
    inside = low[0] + 1e-3 < found.x[0] < high[0] - 1e-3
    return float(found.x[0]), space.dynamics(found.x[1:]), bool(found.success) and bool(inside)


def _profile(values: FloatArray, model: Dynamics, rate: float) -> tuple[float, float, float]:
    """Minus the exact log-likelihood, the mean and the innovation variance that maximise it."""
    process = TemperedARFIMAProcess(model.ar, model.d, model.ma, rate)
    n_obs = len(values)
    inverse = toeplitz_inverse(process.autocovariance(n_obs - 1))
    ones = inverse.solve(np.ones(n_obs))
    mean = float(ones @ values / ones.sum())
    sigma2 = inverse.square(values - mean) / n_obs
    log_likelihood = n_obs * (math.log(2.0 * math.pi * sigma2) + 1.0) + inverse.log_determinant
    return 0.5 * log_likelihood, mean, sigma2
