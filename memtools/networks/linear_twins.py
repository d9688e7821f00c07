"""Linear models as networks: AR as a convolution, ARFIMA as a linear MRNNF with the whole past."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from memtools import _validate, fractional
from memtools._validate import FloatArray
from memtools.networks.causal_convolution import CausalConvolution
from memtools.networks.lane_cells import MRNN
from memtools.networks.network import Network

_MOST_LAGS = 1000  # of a model whose d no filter has


def lagged(x: FloatArray, order: int) -> FloatArray:
    """A row for each value from x[order] on: 1 and the `order` values before it, oldest first."""
    windows = np.lib.stride_tricks.sliding_window_view(x[:-1], order)
    return np.column_stack([np.ones(len(windows)), windows])


def autoregression(coefficients: FloatArray, constant: float = 0.0) -> CausalConvolution:
    """z_t = constant + sum_j a_j x_{t-j+1}, `coefficients` a_1, ..., a_p."""
    weight = np.asarray(coefficients, dtype=float)[::-1].reshape(1, 1, -1)
    return CausalConvolution({"weight": weight, "bias": [constant]})


def arfima_network(ar: Any = (), d: float = 0.0, ma: Any = ()) -> Network:
    """The network whose output is the one-step forecast of an ARFIMA(p, d, q) of mean zero.

    Parameters
    ----------
    ar : array_like
        Coefficients in the signs of statsmodels, on the right-hand side.
    d : float
        Memory parameter.
    ma : array_like
        Coefficients in the signs of statsmodels, with plus.

    Returns
    -------
    Network
        For 0 < d < 1/2 an MRNN with constant d, ``filter_length=math.inf`` and no activation; for
        other d a causal convolution with the AR weights of 1,000 lags.

    Raises
    ------
    InvalidInputError
        Where a coefficient is not finite.

    Notes
    -----
    With u = (1 - B)^d x and theta(B) e = phi(B) u the forecast of u_{t+1} is G(B) u_t,
    G(B) = sum_{i=0}^{r-1} (phi_{i+1} + theta_{i+1}) B^i / theta(B), r the larger order, and that
    of x_{t+1} is G(B) u_t - F_t, F_t = sum_{j>=1} w_j(d) x_{t-j+1} the filter of MRNN.  Since
    u_t = x_t + F_{t-1}, the hidden lane holds x / theta(B) and the memory lane F / theta(B), r + 1
    units each: z = (G x) + (B G - 1) F.  So an ARFIMA model is a linear MRNNF, which theorem 3
    says has long memory, and its forecasts are those of the model given zeros before the start.

    References
    ----------
    Zhao, J. et al. (2020). Do RNN and LSTM have long memory? ICML, theorem 3.

    Examples
    --------
    >>> import memtools as mt
    >>> network = mt.networks.arfima_network([0.5], 0.3, [0.2])
    >>> report = mt.diagnose(network)
    >>> report.verdict, round(report.decay.d, 3)
    ('long memory', 0.3)
    """
    phi, theta = (
        np.atleast_1d(_validate.as_array(c, n)).ravel() for c, n in ((ar, "ar"), (ma, "ma"))
    )
    d = _validate.as_real(d, "d")
    r = max(len(phi), len(theta))
    phi, theta = (np.concatenate([c, np.zeros(r - len(c))]) for c in (phi, theta))
    if not 0.0 < d < 0.5:
        return autoregression(_ar_weights(phi, d, theta))
    size = r + 1
    shift = np.eye(size, k=-1)
    shift[0, :r] = -theta
    first = np.eye(size, 1)
    read_h, read_m = np.zeros((1, size)), np.zeros((1, size))
    read_h[0, :r] = phi + theta
    read_m[0, 0], read_m[0, 1:] = -1.0, phi
    zeros = np.zeros(size)
    params = {
        "bias_d": [math.log(2.0 * d / (1.0 - 2.0 * d))],
        "weight_mm": shift,
        "bias_m": zeros,
        "weight_fm": first,
        "weight_hh": shift,
        "bias_h": zeros,
        "weight_xh": first,
        "weight_hz": read_h,
        "bias_z": [0.0],
        "weight_mz": read_m,
    }
    return MRNN(params, filter_length=math.inf, fixed_d=True, activation="identity")


def _ar_weights(phi: FloatArray, d: float, theta: FloatArray) -> FloatArray:
    """a_1, a_2, ... of x_t = sum_j a_j x_{t-j} + e_t."""
    from scipy.signal import lfilter

    w = fractional.weights(d, _MOST_LAGS + 1)
    return -np.asarray(lfilter([1.0, *-phi], [1.0, *theta], w))[1:]
