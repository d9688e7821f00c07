"""Whittle estimate of the Hurst exponent of fractional Gaussian noise."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from memtools import _validate
from memtools._validate import FloatArray
from memtools.estimators._exact_search import grid_minima, slope_nodes
from memtools.estimators._ordinates import Rows, told
from memtools.estimators.parametric import WhittleOrdinates, stderr_of_first
from memtools.estimators.whittle import centred_logs, whittle_minimum
from memtools.processes import FractionalGaussianNoise
from memtools.results import MemoryEstimate
from memtools.spectral import Sample, as_sample, fourier_frequencies

_H_RANGE = (0.005, 0.995)
# Shapes of the spectrum at the nodes of H are kept for series up to this length.
_LONGEST_KEPT = 2**14


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

    Warns
    -----
    ConvergenceWarning
        Where the search stopped at the end of its range or before its tolerance was reached;
        the result says so as well.

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
    sample = as_sample(x)
    found = fgn_whittle_rows(sample)
    d = float(found.d[0])
    ordinates = WhittleOrdinates(sample)
    shape = _log_shape(d + 0.5, ordinates.frequencies)
    sigma2 = ordinates.scale(shape)[0]
    edge = _edge_note(d + 0.5)
    result = MemoryEstimate(
        d=d,
        stderr=float(np.ravel(found.stderr)[0]),
        method="Whittle, fractional Gaussian noise",
        n_obs=sample.n_obs,
        converged=bool(np.all(found.converged)) and not edge,
        stderr_kind="Fisher information",
        notes=edge,
        details={
            "hurst": d + 0.5,
            "sigma2": sigma2,
            "loglike": ordinates.loglike(math.log(sigma2) + float(ordinates.weights @ shape)),
        },
    )
    return told(result, x)


def fgn_whittle_rows(sample: Sample) -> Rows:
    """:func:`fgn_whittle` of a sample of many rows; of one series a row."""
    _validate.require_length(sample.n_obs, "x", 16)
    ordinates = WhittleOrdinates(sample)
    power = np.atleast_2d(ordinates.power)
    shapes = _Shapes(ordinates)

    def objective(place: float, rows: NDArray[np.intp]) -> FloatArray:
        inverse, mean_log, _ = shapes.at(place)
        return np.log(np.vecdot(power[rows], inverse)) + mean_log

    # Where a first look ends far off, the nodes walk.
    m = int(sample.n_obs**0.65)
    least = 1e-30 * power.max(axis=-1, keepdims=True)
    logs = centred_logs(ordinates.frequencies[:m])
    first = whittle_minimum(logs, np.maximum(power[:, :m], least))[0] + 0.5
    start = _place(np.clip(first, 0.02, 0.98))
    place, found = grid_minima(objective, start, np.arange(len(power)), _PLACES)
    hurst = _hurst(place)
    error = np.empty(len(hurst))
    for row in range(len(hurst)):
        if not found[row]:
            hurst[row], found[row] = _searched(ordinates, power[row])
        error[row] = stderr_of_first(ordinates, shapes.slope(hurst[row])[np.newaxis])
    edges = [bool(_edge_note(value)) for value in hurst]
    return Rows(hurst - 0.5, error, None, found & ~np.array(edges))


def _place(hurst: Any) -> Any:
    """H as the search sees it: the likelihood changes the faster the nearer H is to 0 or 1."""
    return 0.25 * np.log(hurst / (1.0 - hurst))


def _hurst(place: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-4.0 * place))


_PLACES = (float(_place(_H_RANGE[0])), float(_place(_H_RANGE[1])))


class _Shapes:
    """Spectral densities of unit scale at places of H: one over them, and their logarithms."""

    def __init__(self, ordinates: WhittleOrdinates) -> None:
        self._ordinates = ordinates
        self._kept = ordinates.n_obs <= _LONGEST_KEPT

    def at(self, place: float) -> tuple[FloatArray, float, FloatArray]:
        """Weights over the density, the weighted mean of its logarithm, the logarithm."""
        n_obs, weights = self._ordinates.n_obs, self._ordinates.weights
        make = _kept_log_shape if self._kept else _log_shape_at
        log_g = make(place, n_obs)
        return weights * np.exp(-log_g), float(np.vecdot(weights, log_g)), log_g

    def slope(self, hurst: float) -> FloatArray:
        """Derivative of the logarithm in H, that of a quartic through five nodes."""
        nodes, weights = slope_nodes(_place(hurst))
        slopes = [w * self.at(node)[2] for w, node in zip(weights, nodes, strict=True)]
        return np.sum(slopes, axis=0) / (4.0 * hurst * (1.0 - hurst))


def _log_shape(hurst: float, frequencies: FloatArray) -> FloatArray:
    return np.log(FractionalGaussianNoise(hurst).spectral_density(frequencies))


def _log_shape_at(place: float, n_obs: int) -> FloatArray:
    return _log_shape(float(_hurst(place)), fourier_frequencies(n_obs))


_kept_log_shape = lru_cache(maxsize=128)(_log_shape_at)


def _searched(ordinates: WhittleOrdinates, power: FloatArray) -> tuple[float, bool]:
    """The minimum wherever it is, the ends of the range included."""
    from scipy.optimize import minimize_scalar

    def objective(hurst: float) -> float:
        shape = _log_shape(hurst, ordinates.frequencies)
        return math.log(float(power @ (ordinates.weights * np.exp(-shape)))) + float(
            ordinates.weights @ shape
        )

    found = minimize_scalar(
        objective, bounds=_H_RANGE, method="bounded", options={"xatol": 1e-9, "maxiter": 200}
    )
    return float(found.x), bool(found.success)


def _edge_note(hurst: float) -> tuple[str, ...]:
    if _H_RANGE[0] + 1e-4 < hurst < _H_RANGE[1] - 1e-4:
        return ()
    return ("H is at the end of its range: fractional Gaussian noise does not fit this series",)
