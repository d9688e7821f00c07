"""d of several series at once: Shimotsu's Gaussian semiparametric estimator."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.fft
from numpy.typing import ArrayLike

from memtools import _validate
from memtools._validate import Bandwidth, FloatArray
from memtools.estimators.whittle import local_whittle
from memtools.exceptions import InvalidInputError
from memtools.results import MultivariateEstimate
from memtools.spectral import fourier_frequencies

_EXPONENT = 0.65
_LOW, _HIGH = -0.499, 0.999
# A matrix of this many ordinates a series or fewer is shrunk towards its diagonal.
_ENOUGH = 5


def multivariate_local_whittle(x: ArrayLike, bandwidth: Bandwidth = None) -> MultivariateEstimate:
    """Memory parameters of several series by the multivariate local Whittle estimator.

    Parameters
    ----------
    x : array_like, shape (n_obs, n_series), or DataFrame
        At least 32 observations of one series or more, -1/2 < d < 1.
    bandwidth : int, float or callable, optional
        Number m of Fourier ordinates, or an exponent in (0, 1); by default 0.65.

    Returns
    -------
    MultivariateEstimate
        `d`, `cov`, `total_memory` (the mean of d against 0), `to_frame()`.

    Raises
    ------
    InvalidInputError
        Where `x` is no finite array of varying series, or the bandwidth is out of range.

    Notes
    -----
    The objective is R(d) = log det G(d) - 2 sum_a d_a mean(log l_j),
    G(d) = mean of Re(L_j^-1 I(l_j) L_j^-1*), L_j = diag(l_j^-d_a exp(i (pi - l_j) d_a / 2)),
    j = 1..m: the phase counts where d differ.  The covariance is the inverse of
    2 [(G o G^-1 + 1) sum nu_j^2 + (G o G^-1 - 1) sum ((pi - l_j) / 2)^2],
    nu_j = log l_j less its mean: Shimotsu's Omega with the sums of this m in place of their
    limits m and m pi^2 / 4, times the ratio of the simulated standard error of one series to that
    of these sums.  In it G is shrunk towards its diagonal (Ledoit and Wolf, 2004), since
    correlations that are noise inflate G o G^-1; in the objective only with fewer than five
    ordinates a series, as `shrinkage` and a note say.  R: LongMemoryTS' ``GSE`` has the objective
    and Shimotsu's limit.

    References
    ----------
    Shimotsu, K. (2007). Gaussian semiparametric estimation of multivariate fractionally
    integrated processes. Journal of Econometrics 137, 277-310, equations (2)-(5) and theorem 2.
    Ledoit, O. and Wolf, M. (2004). A well-conditioned estimator for large-dimensional covariance
    matrices. Journal of Multivariate Analysis 88, 365-411.

    Examples
    --------
    >>> import memtools as mt
    >>> x = mt.simulate(mt.ARFIMAProcess(d=0.3), 2000, n_paths=2, rng=1).T
    >>> estimate = mt.multivariate_local_whittle(x)
    >>> estimate.d.round(2)
    array([0.2 , 0.24])
    >>> bool(estimate.total_memory.pvalue < 0.01)
    True
    """
    values = _as_series_together(x)
    n_obs, k = values.shape
    m = _validate.as_bandwidth(bandwidth, n_obs, _EXPONENT, 4, (n_obs - 1) // 2)
    frequencies = fourier_frequencies(n_obs, m)
    # exp(+i l t) of the papers: the conjugate of what the FFT has.
    w = np.conj(scipy.fft.rfft(values - values.mean(axis=0), axis=0)[1 : m + 1])
    scale = np.sqrt(np.mean(np.abs(w) ** 2, axis=0))
    together = _Together(w / scale, frequencies)
    alone = [local_whittle(column, m) for column in values.T]
    start = np.array([estimate.d for estimate in alone])
    found = together.minimum(np.clip(start, _LOW, _HIGH))
    d = np.asarray(found.x)
    g = together.matrix(d)[0]
    spread = np.sqrt(np.diag(g))
    notes: tuple[str, ...] = ()
    if together.shrinkage > 0.0:
        share = f"{together.shrinkage:.0%}"
        notes = (f"{m} ordinates for {k} series: G is shrunk towards its diagonal by {share}",)
    return MultivariateEstimate(
        d=d,
        cov=together.covariance(d, alone[0].stderr),
        coherence=g / np.outer(spread, spread),
        names=_names(x, k),
        n_obs=n_obs,
        bandwidth=m,
        shrinkage=together.shrinkage,
        converged=bool(found.success),
        method="Multivariate local Whittle",
        notes=notes,
    )


def _as_series_together(x: ArrayLike) -> FloatArray:
    values = _validate.as_array(x)
    if values.ndim == 1:
        values = values[:, np.newaxis]
    if values.ndim != 2 or 0 in values.shape:
        raise InvalidInputError("x", "of shape (n_obs, n_series)", f"shape {values.shape}")
    _validate.require_length(len(values), "x", 32)
    if len(values) < values.shape[1]:
        allowed = "of shape (n_obs, n_series), more observations than series; transpose x"
        raise InvalidInputError("x", allowed, f"shape {values.shape}")
    for i, column in enumerate(values.T):
        _validate.as_varying_series(column, f"x[:, {i}]")
    return values


def _names(x: Any, k: int) -> tuple[str, ...]:
    columns = getattr(x, "columns", None)
    return tuple(map(str, columns)) if columns is not None else tuple(map(str, range(k)))


class _Together:
    """The objective over d, its derivative and the information, of scaled transforms (m, k)."""

    def __init__(self, w: Any, frequencies: FloatArray) -> None:
        self.w = w
        self.m: int
        self.k: int
        self.m, self.k = w.shape
        logs = np.log(frequencies)
        self.mean_log = float(logs.mean())
        self.turn = 0.5 * (math.pi - frequencies)
        # d/dd_a of l^d_a exp(-i (pi - l) d_a / 2), over itself
        self.slopes = logs - 1j * self.turn
        self.sum_nu = float(np.sum((logs - self.mean_log) ** 2))
        few = self.m < _ENOUGH * self.k and self.k > 1
        self.shrinkage = _shrinkage(self.w) if few else 0.0

    def _scaled(self, d: FloatArray) -> Any:
        """L_j^-1 w_j."""
        return self.w * np.exp(np.multiply.outer(self.slopes, d))

    def matrix(self, d: FloatArray) -> tuple[FloatArray, FloatArray]:
        """G, and g_ab = mean of Re(slope of part a times conjugate of b)."""
        v = self._scaled(d)
        g = (v.T @ v.conj()).real / self.m
        slopes = ((v * self.slopes[:, np.newaxis]).T @ v.conj()).real / self.m
        return _shrunk(g, self.shrinkage), _shrunk(slopes, self.shrinkage)

    def __call__(self, d: FloatArray) -> tuple[float, FloatArray]:
        g, slopes = self.matrix(d)
        sign, log_det = np.linalg.slogdet(g)
        if sign <= 0.0:
            return math.inf, np.zeros(self.k)
        gradient = 2.0 * np.sum(np.linalg.inv(g) * slopes, axis=1) - 2.0 * self.mean_log
        return float(log_det - 2.0 * self.mean_log * d.sum()), gradient

    def minimum(self, start: FloatArray) -> Any:
        from scipy.optimize import minimize

        how = {"jac": True, "method": "L-BFGS-B", "bounds": [(_LOW, _HIGH)] * self.k}
        return minimize(self, start, **how, options={"ftol": 1e-14, "gtol": 1e-9})

    def covariance(self, d: FloatArray, stderr: float) -> FloatArray:
        """The inverse of the information with the sums of this m.

        Correlations that are noise would inflate G o G^-1, so that G is shrunk here whatever m;
        `stderr` is that of one series, simulated, whose ratio to the sums' is that of all.
        """
        g = self.matrix(d)[0]
        if self.k > 1 and self.shrinkage == 0.0:
            g = _shrunk(g, _shrinkage(self._scaled(d)))
        product, one = g * np.linalg.inv(g), np.eye(self.k)
        phases = float(np.sum(self.turn**2))
        information = 2.0 * ((product + one) * self.sum_nu + (product - one) * phases)
        return np.asarray(np.linalg.inv(information) * stderr**2 * 4.0 * self.sum_nu)


def _shrunk(g: FloatArray, weight: float) -> FloatArray:
    """Off the diagonal less by this weight."""
    return np.asarray((1.0 - weight) * g + weight * np.diag(np.diag(g)))


def _shrinkage(v: Any) -> float:
    """Ledoit and Wolf's weight of the diagonal, from the ordinates."""
    m = len(v)
    g = (v.T @ v.conj()).real / m
    spread = np.sqrt(np.diag(g))
    u = v / spread
    r = (u.T @ u.conj()).real / m
    products = (u[:, :, np.newaxis] * u[:, np.newaxis, :].conj()).real
    variance = np.sum((products - r) ** 2, axis=0) / m**2
    off = ~np.eye(len(r), dtype=bool)
    return float(np.clip(variance[off].sum() / max((r[off] ** 2).sum(), 1e-300), 0.0, 1.0))
