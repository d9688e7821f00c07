"""The weights of (1 - B)^d as a sum of exponentials: the whole past at constant cost.

For j >= 1 and -1 < d < 1

    w_j(d) = -(sin(pi d) / pi) int_0^inf exp(-s (j - d)) (1 - exp(-s))^d ds,

Euler's beta integral at u = exp(-s).  Nodes s_m in geometric progression, the same for every d,
turn it into w_j(d) = sum_m c_m(d) exp(-s_m j): a filter over the whole past is a few states
S_m,t = exp(-s_m) S_m,t-1 + x_t, which do not depend on d.  The weights c_m(d) are least squares
on the *relative* error over lags in geometric progression, as Beylkin and Monzon (2005, Applied
and Computational Harmonic Analysis 19, 17-48) approximate power laws.
"""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
from scipy.special import beta

from memtools._validate import FloatArray

#: Modes that hold a relative error below 1e-6 over six decades of lags.
N_MODES = 36
#: The largest lag at which the modes of a filter over all lags are certified.
LAST_LAG = 1_000_000
# Ends of the nodes in units of 1 / last lag and 1 / first lag, and lags a fit, chosen by the
# least error of a search over |d| <= 1/2.
_SLOWEST, _FASTEST, _N_LAGS = 0.5, 10.0, 1500
# Cells of the grid in d over [0, 1/2]: c_m(d) / d is near exp(d log s_m), which cubics between
# neighbours follow to 2e-8 of its size, its slope to 2e-6.
_N_CELLS = 256


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class ExponentialModes:
    """Decay rates shared by every d, and their weights for one d or a moving one.

    Attributes
    ----------
    rates : ndarray, shape (n_modes,)
        s_m, slowest first; a mode fades as exp(-s_m) a step.
    first_lag, last_lag : int
        The lags between which the sum stands for w_j(d).
    """

    rates: FloatArray
    first_lag: int
    last_lag: int

    def weights(self, d: float) -> FloatArray:
        """c_m with w_j(d) = sum_m c_m exp(-s_m (j - first_lag)), |d| <= 1/2; shape (n_modes,)."""
        return -d * _over_d(self, d)

    def grid(self) -> FloatArray:
        """-c_m(d) / d at d = (i - 1) h, i = 0..N + 2, N h = 1/2; shape (N + 3, n_modes).

        With them a moving d costs four sums: cubic interpolation between neighbours.
        """
        return _grid(self)

    def approximation(self, d: float, lags: FloatArray) -> FloatArray:
        """The sum of exponentials at `lags`."""
        return self._basis(lags) @ self.weights(d)

    def relative_error(self, d: float, lags: FloatArray | None = None) -> float:
        """Largest |sum / w_j - 1| over `lags`, by default 4,096 in geometric progression."""
        if lags is None:
            lags = np.unique(np.rint(np.geomspace(self.first_lag, self.last_lag, 4096)))
        ratio = self._basis(lags) @ _over_d(self, d) / _weights_over_d(lags, d)
        return float(np.abs(ratio - 1.0).max())

    def _basis(self, lags: FloatArray) -> FloatArray:
        return np.exp(-np.multiply.outer(lags - self.first_lag, self.rates))


@functools.cache
def exponential_modes(
    n_modes: int = N_MODES, first_lag: int = 1, last_lag: int = LAST_LAG
) -> ExponentialModes:
    """Modes whose sum follows w_j(d) from `first_lag` to `last_lag`, for all |d| <= 1/2."""
    rates = np.geomspace(_SLOWEST / last_lag, _FASTEST / first_lag, n_modes)
    return ExponentialModes(rates=rates, first_lag=first_lag, last_lag=last_lag)


def _weights_over_d(lags: FloatArray, d: float) -> FloatArray:
    """-w_j(d) / d at lags j >= 1, by the beta function, which loses no digits at large lags."""
    found: FloatArray = beta(lags - d, 1.0 + d) * np.sinc(d)
    return found


@functools.lru_cache(maxsize=256)
def _over_d(modes: ExponentialModes, d: float) -> FloatArray:
    """-c_m(d) / d, which is finite at d = 0."""
    lags = np.unique(np.rint(np.geomspace(modes.first_lag, modes.last_lag, _N_LAGS)))
    relative = modes._basis(lags) / _weights_over_d(lags, d)[:, np.newaxis]
    solution = np.linalg.lstsq(relative, np.ones(len(lags)), rcond=1e-15)[0]
    return np.asarray(solution, dtype=np.float64)


@functools.lru_cache(maxsize=8)
def _grid(modes: ExponentialModes) -> FloatArray:
    nodes = (np.arange(_N_CELLS + 3.0) - 1.0) / (2.0 * _N_CELLS)
    return np.array([_over_d(modes, float(node)) for node in nodes])
