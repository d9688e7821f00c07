"""One memory in five letters: d, H, alpha of fluctuations, beta of spectra, gamma of correlations.

For a stationary series with 0 < d < 1/2: (1 - B)^d makes it short; its sums grow like n^H,
fluctuations like n^alpha; its spectrum like lambda^-beta near zero; its correlations fall like
k^-gamma.  Of a series with d >= 1/2 (a motion, not a noise) alpha and beta keep their meaning,
correlations have none, and H is often said of the motion's own path: d - 1/2.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate


def d_to_hurst(d: ArrayLike) -> Any:
    """H = d + 1/2.

    Parameters
    ----------
    d : float or array_like

    Returns
    -------
    float or ndarray

    Raises
    ------
    InvalidInputError
        Where `d` is not a finite number or an array of them.

    Examples
    --------
    >>> import memtools as mt
    >>> round(mt.d_to_hurst(0.3), 12)
    0.8
    """
    values = _as_numbers(d, "d")
    return values + 0.5


def hurst_to_d(hurst: ArrayLike) -> Any:
    """d = H - 1/2.

    Parameters
    ----------
    hurst : float or array_like

    Returns
    -------
    float or ndarray

    Raises
    ------
    InvalidInputError
        Where `hurst` is not a finite number or an array of them.

    Examples
    --------
    >>> import memtools as mt
    >>> round(mt.hurst_to_d(0.8), 12)
    0.3
    """
    values = _as_numbers(hurst, "hurst")
    return values - 0.5


def d_to_alpha(d: ArrayLike) -> Any:
    """alpha = d + 1/2, the slope of detrended fluctuation analysis.

    Parameters
    ----------
    d : float or array_like

    Returns
    -------
    float or ndarray

    Raises
    ------
    InvalidInputError
        Where `d` is not a finite number or an array of them.

    Examples
    --------
    >>> import memtools as mt
    >>> round(mt.d_to_alpha(1.2), 12)
    1.7
    """
    values = _as_numbers(d, "d")
    return values + 0.5


def alpha_to_d(alpha: ArrayLike) -> Any:
    """d = alpha - 1/2.

    Parameters
    ----------
    alpha : float or array_like

    Returns
    -------
    float or ndarray

    Raises
    ------
    InvalidInputError
        Where `alpha` is not a finite number or an array of them.

    Examples
    --------
    >>> import memtools as mt
    >>> round(mt.alpha_to_d(1.7), 12)
    1.2
    """
    values = _as_numbers(alpha, "alpha")
    return values - 0.5


def d_to_beta(d: ArrayLike) -> Any:
    """beta = 2 d, f(lambda) ~ lambda^-beta.

    Parameters
    ----------
    d : float or array_like

    Returns
    -------
    float or ndarray

    Raises
    ------
    InvalidInputError
        Where `d` is not a finite number or an array of them.

    Examples
    --------
    >>> import memtools as mt
    >>> round(mt.d_to_beta(0.3), 12)
    0.6
    """
    values = _as_numbers(d, "d")
    return 2.0 * values


def beta_to_d(beta: ArrayLike) -> Any:
    """d = beta / 2.

    Parameters
    ----------
    beta : float or array_like

    Returns
    -------
    float or ndarray

    Raises
    ------
    InvalidInputError
        Where `beta` is not a finite number or an array of them.

    Examples
    --------
    >>> import memtools as mt
    >>> round(mt.beta_to_d(0.6), 12)
    0.3
    """
    values = _as_numbers(beta, "beta")
    return 0.5 * values


def d_to_gamma(d: ArrayLike) -> Any:
    """gamma = 1 - 2 d, rho(k) ~ k^-gamma, for 0 < d < 1/2.

    Parameters
    ----------
    d : float or array_like

    Returns
    -------
    float or ndarray

    Raises
    ------
    InvalidInputError
        Where `d` is not between 0 and 1/2: correlations fall by no such power.

    Examples
    --------
    >>> import memtools as mt
    >>> round(mt.d_to_gamma(0.25), 12)
    0.5
    """
    values = _as_numbers(d, "d", 0.0, 0.5)
    return 1.0 - 2.0 * values


def gamma_to_d(gamma: ArrayLike) -> Any:
    """d = (1 - gamma) / 2, for 0 < gamma < 1.

    Parameters
    ----------
    gamma : float or array_like

    Returns
    -------
    float or ndarray

    Raises
    ------
    InvalidInputError
        Where `gamma` is not between 0 and 1: correlations fall by no such power.

    Examples
    --------
    >>> import memtools as mt
    >>> round(mt.gamma_to_d(0.5), 12)
    0.25
    """
    values = _as_numbers(gamma, "gamma", 0.0, 1.0)
    return 0.5 - 0.5 * values


def _as_numbers(values: ArrayLike, name: str, low: float = -np.inf, high: float = np.inf) -> Any:
    if np.ndim(values) == 0:
        return _validate.as_real(values, name, low, high, closed=False)
    numbers = _validate.as_array(values, name)
    for number in numbers.ravel():
        _validate.as_real(float(number), name, low, high, closed=False)
    return numbers
