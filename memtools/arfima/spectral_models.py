"""Whittle estimates of d from two further spectral models: fractional Gaussian noise, FEXP."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate
from memtools._validate import FloatArray
from memtools.arfima.whittle import WhittleLikelihood
from memtools.exceptions import InvalidInputError
from memtools.processes import FractionalGaussianNoise
from memtools.results import MemoryEstimate

_MAX_STEPS = 50
_H_RANGE = (0.005, 0.995)


def fgn_whittle(x: ArrayLike) -> MemoryEstimate:
    """Whittle estimate of the Hurst exponent of fractional Gaussian noise.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 16 observations; the mean does not matter.

    Returns
    -------
    MemoryEstimate
        With d = H - 1/2; `details` holds "hurst" and "sigma2", the variance of the noise.

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series.

    Notes
    -----
    Minimises log(sum_j I_j / g_j) + mean_j log g_j over the Fourier frequencies, g the exact
    density of unit scale; the standard error is from the Fisher information in the sample.
    R's ``longmemo::WhittleEst(x, model = "fGn")`` leaves out the second term and approximates
    the density, so it differs in the third decimal.

    References
    ----------
    Beran, J. (1994). Statistics for Long-Memory Processes, section 5.5. Chapman and Hall.
    Fox, R. and Taqqu, M. S. (1986). Large-sample properties of parameter estimates for strongly
    dependent stationary Gaussian time series. Annals of Statistics 14, 517-532.

    Examples
    --------
    >>> import memtools as mt
    >>> import numpy as np
    >>> x = np.random.default_rng(1).standard_normal(1000)
    >>> estimate = mt.fgn_whittle(x)
    >>> abs(estimate.d) < 2 * estimate.stderr
    True
    """
    from scipy.optimize import minimize_scalar

    values = _validate.as_varying_series(x, min_obs=16)
    likelihood = WhittleLikelihood(values, 0)

    def objective(hurst: float) -> float:
        g = _fgn_shape(hurst, likelihood.frequencies)
        fit = likelihood.weights @ (likelihood.power / g)
        return math.log(fit) + float(likelihood.weights @ np.log(g))

    result = minimize_scalar(
        objective, bounds=_H_RANGE, method="bounded", options={"xatol": 1e-9, "maxiter": 200}
    )
    hurst, step = float(result.x), 1e-4
    near = min(max(hurst, _H_RANGE[0] + step), _H_RANGE[1] - step)
    shapes = [np.log(_fgn_shape(near + s, likelihood.frequencies)) for s in (step, -step)]
    slope = (shapes[0] - shapes[1]) / (2.0 * step)
    g = _fgn_shape(hurst, likelihood.frequencies)
    return MemoryEstimate(
        d=hurst - 0.5,
        stderr=_stderr_of_first(likelihood, slope[None, :]),
        method="Whittle, fractional Gaussian noise",
        n_obs=len(values),
        converged=bool(result.success),
        stderr_kind="Fisher information",
        notes=_edge_note(hurst),
        details={
            "hurst": hurst,
            "sigma2": float(likelihood.weights @ (likelihood.power / g)),
            "loglike": likelihood.loglike(float(result.fun)),
        },
    )


def _edge_note(hurst: float) -> tuple[str, ...]:
    if _H_RANGE[0] + 1e-4 < hurst < _H_RANGE[1] - 1e-4:
        return ()
    return ("H is at the end of its range: fractional Gaussian noise does not fit this series",)


def _fgn_shape(hurst: float, frequencies: FloatArray) -> FloatArray:
    return np.asarray(FractionalGaussianNoise(hurst).spectral_density(frequencies))


def _stderr_of_first(likelihood: WhittleLikelihood, slopes: FloatArray) -> float:
    """Standard error of the first parameter; rows are derivatives of log g, scale profiled."""
    centred = slopes - (slopes @ likelihood.weights)[:, None]
    information = 0.5 * (likelihood.n_obs - 1) * (centred * likelihood.weights) @ centred.T
    return math.sqrt(float(np.linalg.inv(information)[0, 0]))


def fexp(x: ArrayLike, order: int | None = None) -> MemoryEstimate:
    """Fractional exponential (FEXP) model by Whittle's likelihood.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 16 observations; the mean does not matter.
    order : int, optional
        Number of cosine terms; by default the one of lowest AIC up to log(n_obs)^2 / 4.

    Returns
    -------
    MemoryEstimate
        `details` holds "order", "cosines" (the coefficients theta_1, ...), "aic" and "loglike".

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series, or `order` is negative or above n_obs / 8.

    Notes
    -----
    log f(l) = theta_0 - 2 d log(2 sin(l/2)) + sum_{k=1}^{order} theta_k cos(k l).  Whittle's
    likelihood is that of a gamma regression with log link and is convex in (d, theta), so the
    maximum is the only one.  The short memory part is always stable.  R:
    ``longmemo::FEXPest(x, order.poly = p)`` has polynomials in l in place of cosines.

    References
    ----------
    Beran, J. (1993). Fitting long-memory models by generalized linear regression. Biometrika 80,
    817-822.
    Moulines, E. and Soulier, P. (1999). Broadband log-periodogram regression of time series with
    long-range dependence. Annals of Statistics 27, 1415-1439.

    Examples
    --------
    >>> import memtools as mt
    >>> import numpy as np
    >>> x = np.random.default_rng(1).standard_normal(1000)
    >>> estimate = mt.fexp(x, order=1)
    >>> abs(estimate.d) < 2 * estimate.stderr
    True
    """
    values = _validate.as_varying_series(x, min_obs=16)
    n_obs = len(values)
    largest = n_obs // 8
    if order is None:
        orders = range(min(largest, int(math.log(n_obs) ** 2 / 4.0)) + 1)
    else:
        order = _validate.as_integer(order, "order", 0, largest)
        orders = range(order, order + 1)
    likelihood = WhittleLikelihood(values, orders[-1])
    if not np.all(likelihood.power > 0.0) and np.count_nonzero(likelihood.power) <= orders[-1] + 2:
        raise InvalidInputError("x", "a series with a full spectrum", "a few pure sine waves")
    fits = [_fit_fexp(likelihood, k) for k in orders]
    return min(fits, key=lambda fit: fit.details["aic"])


def _fit_fexp(likelihood: WhittleLikelihood, order: int) -> MemoryEstimate:
    slopes = np.vstack([-likelihood.log_sine, likelihood.harmonics[:order].real])
    centred = slopes - (slopes @ likelihood.weights)[:, None]
    weighted = likelihood.weights * centred
    theta = np.zeros(1 + order)

    def evaluate(theta: FloatArray) -> tuple[float, FloatArray]:
        exponent = -(theta @ centred)
        top = float(exponent.max())  # keeps far trial points finite
        ratio = likelihood.power * np.exp(exponent - top)
        scale = float(likelihood.weights @ ratio)
        return math.log(scale) + top, ratio / scale

    value, ratio = evaluate(theta)
    converged = False
    for _ in range(_MAX_STEPS):
        score = weighted @ (ratio - 1.0)
        # Hessian of the log of a weighted sum of exponentials: a covariance, never negative.
        mean = weighted @ ratio
        hessian = (weighted * ratio) @ centred.T - np.outer(mean, mean)
        step = np.linalg.solve(hessian + 1e-12 * np.eye(len(theta)), score)
        if float(score @ step) < 1e-20:
            converged = True
            break
        for _halving in range(_MAX_STEPS):
            trial_value, trial_ratio = evaluate(theta + step)
            if trial_value <= value:
                break
            step *= 0.5
        theta, value, ratio = theta + step, trial_value, trial_ratio
    loglike = likelihood.loglike(value)
    return MemoryEstimate(
        d=float(theta[0]),
        stderr=_stderr_of_first(likelihood, slopes),
        method=f"Whittle, FEXP of order {order}",
        n_obs=likelihood.n_obs,
        converged=converged,
        stderr_kind="Fisher information",
        details={
            "order": order,
            "cosines": theta[1:].tolist(),
            "aic": -2.0 * loglike + 2.0 * (order + 2),
            "loglike": loglike,
        },
    )
