"""Local Whittle estimators for series seen through noise or under level shifts.

Both minimise Q(d, theta) = log(mean_j I_j / g_j) + mean_j log g_j over d and the weights theta of
what perturbs the signal; Q may have several minima, so it is searched on a grid first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate
from memtools._validate import Bandwidth, FloatArray
from memtools.estimators._ordinates import as_bandwidth, ordinates, told
from memtools.estimators._stderr import as_stderr_kind
from memtools.estimators.whittle import centred_logs, whittle_minimum
from memtools.results import MemoryEstimate, Spectrum
from memtools.spectral import as_sample

_EDGE = ("Signal and perturbation cannot be told apart: d is not identified.",)
# A 95% interval that is wider than all memory there is says nothing.
_LARGEST_STDERR = 0.5
_MOST_STEPS = 200
_NO_SIGNAL = 1e6
_LOG_RATIOS = np.arange(-8.0, 10.01, 0.75)


def local_whittle_plus_noise(
    x: ArrayLike,
    bandwidth: Bandwidth = None,
    signal_order: int = 0,
    noise_order: int = 0,
    stderr: str = "finite-sample",
) -> MemoryEstimate:
    """Local polynomial Whittle estimate of d for a signal plus noise.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least sixteen observations of a long-memory signal (0 < d < 1) plus noise of
        shorter memory, such as the logarithm of squared returns.
    bandwidth : int, float, str or callable, optional
        Number m of Fourier ordinates, or an exponent in (0, 1); by default 0.8, since the
        noise is in the model and more ordinates are needed to tell it from the signal.
    signal_order, noise_order : int
        Degree (in l^2) of the polynomials for the short-run dynamics of signal and noise,
        0 to 2.
    stderr : {"finite-sample", "asymptotic"}
        From the Fisher information of (d, theta) over the ordinates in use; or its limit,
        (1 + 2 d) / (4 d sqrt(m)) at orders zero.

    Returns
    -------
    MemoryEstimate
        ``details["noise_to_signal"]`` is the ratio of noise to signal at frequency l_m.

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series, or the bandwidth is out of range.

    Warns
    -----
    ConvergenceWarning
        Where the search stopped at the end of its range or before its tolerance was reached;
        the result says so as well.

    Notes
    -----
    g(l) = l^(-2d) (1 + sum_{r=1}^{Ry} a_r l^(2r) + l^(2d) sum_{r=0}^{Rw} b_r l^(2r)).
    Programs that start an optimiser once often stop at a local minimum; compare the
    objective in ``details["objective"]``.  Where the noise is estimated as zero the
    estimate is the local Whittle one.

    References
    ----------
    Frederiksen, P., Nielsen, F. S. and Nielsen, M. O. (2012). Local polynomial Whittle
    estimation of perturbed fractional processes. Journal of Econometrics 167, 426-447.
    Hurvich, C. M., Moulines, E. and Soulier, P. (2005). Estimating long memory in
    volatility. Econometrica 73, 1283-1328.

    Examples
    --------
    >>> import numpy as np
    >>> import memtools as mt
    >>> rng = np.random.default_rng(0)
    >>> signal = mt.fracint(rng.standard_normal(4000), 0.4)
    >>> noisy = signal + 2.0 * rng.standard_normal(4000)
    >>> mt.local_whittle_plus_noise(noisy).d > mt.local_whittle(noisy).d
    True
    """
    sample = as_sample(x, min_obs=16)
    signal_order = _validate.as_integer(signal_order, "signal_order", 0, 2)
    noise_order = _validate.as_integer(noise_order, "noise_order", 0, 2)
    kind = as_stderr_kind(stderr)
    n_extra = signal_order + noise_order
    m = as_bandwidth(bandwidth, sample.n_obs, 0.8, 6 + 2 * n_extra, sample)
    spectrum = ordinates(sample, m)
    frequencies = spectrum.frequencies
    model = _noise_model(frequencies / frequencies[-1], signal_order, noise_order)
    d, theta, objective = _minimise(model, spectrum, (1e-3, 1.0), n_extra)
    inside = 1e-3 < d < 1.0
    if kind == "asymptotic" or not inside:
        error = _limit_stderr(d, signal_order, noise_order, m)
    else:
        error = _fisher_stderr(model, d, theta)
    result = MemoryEstimate(
        d=d,
        stderr=error,
        method="Local Whittle plus noise",
        n_obs=sample.n_obs,
        bandwidth=m,
        converged=inside,
        stderr_kind=kind if inside else "asymptotic",
        identified=inside and error < _LARGEST_STDERR,
        notes=() if inside and error < _LARGEST_STDERR else _EDGE,
        details={"noise_to_signal": float(theta[0]), "objective": objective},
    )
    return told(result, x)


@dataclass(frozen=True)
class _Model:
    """g = exp(-2 d logs) (1 + a' signal_powers) + r perturbation + b' noise_powers.

    theta is (r, a, b): r the ratio of perturbation to signal where the perturbation is strongest
    among the ordinates in use; the powers have a row each.
    """

    logs: FloatArray
    perturbation: FloatArray
    signal_powers: FloatArray
    noise_powers: FloatArray

    def __call__(self, d: float, theta: FloatArray) -> FloatArray:
        n_signal = len(self.signal_powers)
        g = np.exp(-2.0 * d * self.logs)
        if n_signal:
            g *= 1.0 + theta[1 : n_signal + 1] @ self.signal_powers
        g += theta[0] * self.perturbation
        return g + theta[n_signal + 1 :] @ self.noise_powers if len(self.noise_powers) else g

    def slopes(self, d: float, theta: FloatArray) -> FloatArray:
        """Derivatives of log g by d and theta, a row each."""
        bare = np.exp(-2.0 * d * self.logs)
        signal = bare * (1.0 + theta[1 : len(self.signal_powers) + 1] @ self.signal_powers)
        by_weight = [self.perturbation, *(bare * self.signal_powers), *self.noise_powers]
        return np.array([-2.0 * self.logs * signal, *by_weight]) / self(d, theta)


def _noise_model(u: FloatArray, signal_order: int, noise_order: int) -> _Model:
    powers = u ** (2.0 * np.arange(1, max(signal_order, noise_order) + 1))[:, np.newaxis]
    return _Model(np.log(u), np.ones_like(u), powers[:signal_order], powers[:noise_order])


def _limit_stderr(d: float, signal_order: int, noise_order: int, m: int) -> float:
    """Limit of the Fisher information: log u projected on 1, u^2k and u^(2d + 2k) over (0, 1]."""
    d = min(d, 1.0 - 1e-4)  # at 1 two powers are one, and their difference is u^2 log u
    powers = [0.0, *(2.0 * np.arange(1, signal_order + 1))]
    powers += [*(2.0 * d + 2.0 * np.arange(noise_order + 1))]
    a = np.array(powers)
    gram = 1.0 / (a[:, None] + a + 1.0)
    cross = -1.0 / (a + 1.0) ** 2
    left = 2.0 - float(cross @ np.linalg.solve(gram, cross))
    return 1.0 / math.sqrt(4.0 * m * left)


def contaminated_local_whittle(
    x: ArrayLike, bandwidth: Bandwidth = None, stderr: str = "finite-sample"
) -> MemoryEstimate:
    """Local Whittle estimate of d under low-frequency contamination (Hou and Perron).

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least sixteen observations; -1/2 < d < 1, possibly with random level shifts, breaks
        or a slow trend.
    bandwidth : int, float, str or callable, optional
        Number m of Fourier ordinates, or an exponent in (0, 1); by default 0.7.
    stderr : {"finite-sample", "asymptotic"}
        From the Fisher information of (d, theta) over the ordinates in use; or 1 / sqrt(4 m).

    Returns
    -------
    MemoryEstimate
        ``details["contamination"]`` is the ratio of contamination to signal at the first
        Fourier frequency.

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series, or the bandwidth is out of range.

    Warns
    -----
    ConvergenceWarning
        Where the search stopped at the end of its range or before its tolerance was reached;
        the result says so as well.

    Notes
    -----
    g(l) = l^(-2d) + theta l^(-2) / n_obs, theta >= 0.  The objective often has a minimum
    with much memory and little contamination, and another the other way round; both are
    searched and the lower one is returned, with its value in ``details["objective"]``.
    LongMemoryTS' ``Hou.Perron`` starts once and can stop at the higher.

    References
    ----------
    Hou, J. and Perron, P. (2014). Modified local Whittle estimator for long memory processes
    in the presence of low frequency (and other) contaminations. Journal of Econometrics 182,
    309-328.

    Examples
    --------
    >>> import numpy as np
    >>> import memtools as mt
    >>> noise = np.random.default_rng(0).standard_normal(2000)
    >>> noise[1000:] += 1.5
    >>> bool(mt.local_whittle(noise).d > 0.3 > mt.contaminated_local_whittle(noise).d)
    True
    """
    sample = as_sample(x, min_obs=16)
    kind = as_stderr_kind(stderr)
    m = as_bandwidth(bandwidth, sample.n_obs, 0.7, 6, sample)
    spectrum = ordinates(sample, m)
    frequencies = spectrum.frequencies
    logs = np.log(frequencies / frequencies[0])
    model = _Model(logs, np.exp(-2.0 * logs), np.empty((0, m)), np.empty((0, m)))
    bounds = (-0.5, 1.0 - 1e-3)  # at d = 1 signal and contamination are one
    d, theta, objective = _minimise(model, spectrum, bounds, 0)
    inside = bounds[0] < d < bounds[1]
    if kind == "asymptotic" or not inside:
        error = 1.0 / math.sqrt(4.0 * m)
    else:
        error = _fisher_stderr(model, d, theta)
    result = MemoryEstimate(
        d=d,
        stderr=error,
        method="Local Whittle under contamination (Hou-Perron)",
        n_obs=sample.n_obs,
        bandwidth=m,
        converged=inside,
        stderr_kind=kind if inside else "asymptotic",
        identified=inside and error < _LARGEST_STDERR,
        notes=() if inside and error < _LARGEST_STDERR else _EDGE,
        details={"contamination": float(theta[0]), "objective": objective},
    )
    return told(result, x)


def _objective(model: _Model, power: FloatArray, d: float, theta: FloatArray) -> float:
    g = model(d, theta)
    if not g.min() > 0.0:
        return math.inf
    return math.log(float((power / g).sum()) / len(g)) + float(np.log(g).sum()) / len(g)


def _minimise(
    model: _Model, spectrum: Spectrum, bounds: tuple[float, float], n_extra: int
) -> tuple[float, FloatArray, float]:
    """Global minimum (d, theta, Q): grid over (d, log ratio), refined from each valley."""
    none = np.zeros(n_extra)
    power = spectrum.power
    best_d = float(whittle_minimum(centred_logs(spectrum.frequencies), power, bounds)[0])
    best_theta = np.concatenate([[0.0], none])
    best = _objective(model, power, best_d, best_theta)
    orders = np.linspace(*bounds, 25)[1:-1]
    grid = np.array([_row(model, power, d, none) for d in orders])
    for i, j in _valleys(grid):
        start = np.array([orders[i], _LOG_RATIOS[j], *none])
        d, theta, value = _refine(model, power, start, bounds)
        if value < best - 1e-9:
            best_d, best_theta, best = d, theta, value
    if best_theta[0] > _NO_SIGNAL:  # any d fits what is not seen: the least memory is told
        best_d = max(bounds[0], 0.0)
    return best_d, best_theta, best


def _row(model: _Model, power: FloatArray, d: float, none: FloatArray) -> FloatArray:
    """The objective at one d and all ratios, nothing else perturbing: g = signal + ratio noise."""
    signal = model(d, np.array([0.0, *none]))
    noise = model(d, np.array([1.0, *none])) - signal
    g = signal + np.exp(_LOG_RATIOS)[:, np.newaxis] * noise
    return np.log((power / g).mean(axis=1)) + np.log(g).mean(axis=1)


def _valleys(grid: FloatArray) -> list[tuple[int, int]]:
    """Places of a grid no higher than their eight neighbours."""
    padded = np.pad(grid, 1, constant_values=math.inf)
    rows, columns = grid.shape
    around = [
        padded[1 + i : 1 + i + rows, 1 + j : 1 + j + columns]
        for i in (-1, 0, 1)
        for j in (-1, 0, 1)
        if (i, j) != (0, 0)
    ]
    lowest = np.logical_and.reduce([grid <= other for other in around])
    return [(int(i), int(j)) for i, j in np.argwhere(lowest)]


def _refine(
    model: _Model, power: FloatArray, point: FloatArray, bounds: tuple[float, float]
) -> tuple[float, FloatArray, float]:
    """Local minimum over (d, log ratio, further weights), by damped Newton steps."""
    low, high = np.array([bounds, (-30.0, 30.0), *[(-50.0, 50.0)] * (len(point) - 2)]).T

    def theta(point: FloatArray) -> FloatArray:
        return np.concatenate([[math.exp(point[1])], point[2:]])

    value, damping = _objective(model, power, point[0], theta(point)), 1e-3
    for _ in range(_MOST_STEPS):
        gradient, hessian, scale = _derivatives(model, power, point[0], theta(point))
        free = np.where(gradient > 0.0, point > low, point < high)
        if not np.abs(gradient[free]).max(initial=0.0) > 1e-9:
            break
        while True:
            damped = hessian + np.diag(damping * scale + 1e-300)
            step = np.zeros(len(point))
            step[free] = np.linalg.solve(damped[np.ix_(free, free)], -gradient[free])
            trial = np.clip(point + step, low, high)
            found = _objective(model, power, trial[0], theta(trial))
            if found < value or damping > 1e6:
                break
            damping *= 10.0
        if found >= value:
            break
        point, value, damping = trial, found, max(damping / 10.0, 1e-6)
    return float(point[0]), theta(point), value


def _derivatives(
    model: _Model, power: FloatArray, d: float, theta: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Gradient, Hessian and information of each of (d, log ratio, further weights)."""
    slopes, g = model.slopes(d, theta), model(d, theta)
    slopes[1] *= theta[0]
    shares = power / g
    shares /= shares.sum()
    excess = 1.0 / len(g) - shares
    means = slopes @ shares
    hessian = (slopes * (shares - excess)) @ slopes.T - np.outer(means, means)
    # What g bends itself: by d, by the logarithm of the ratio, by d and the signal's weights.
    by_log = -2.0 * model.logs
    hessian[0, 0] += excess @ (by_log * slopes[0])
    hessian[1, 1] += excess @ slopes[1]
    signal = slice(2, 2 + len(model.signal_powers))
    hessian[0, signal] += (slopes[signal] * by_log) @ excess
    hessian[signal, 0] = hessian[0, signal]
    return slopes @ excess, hessian, slopes.var(axis=1)


def _fisher_stderr(model: _Model, d: float, theta: FloatArray) -> float:
    """Standard error of d from the Whittle information sum_j (d log g)(d log g)'.

    The scale and every weight are nuisance; a weight estimated as zero is one as well.
    """
    slope, *others = model.slopes(d, theta)
    columns = [np.ones_like(slope), *others]
    nuisance = np.column_stack([c / max(float(np.abs(c).max()), 1e-300) for c in columns])
    left = slope - nuisance @ np.linalg.lstsq(nuisance, slope, rcond=None)[0]
    # An error as large as the range of d says that nothing is known.
    return 1.0 / math.sqrt(max(float(left @ left), 1.0))
