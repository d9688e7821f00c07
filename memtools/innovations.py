"""Innovations that are not normal: heavy tails and volatility that clusters."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.random import Generator

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError

# Called with a generator and a shape; returns innovations, independent along the last axis.
Innovations: TypeAlias = Callable[[Generator, tuple[int, ...]], FloatArray]


def student_t(df: float) -> Innovations:
    """Student's t innovations, scaled to variance one.

    Parameters
    ----------
    df : float
        Degrees of freedom, above 2.

    Examples
    --------
    >>> import memtools as mt
    >>> from memtools.simulation import student_t
    >>> x = mt.simulate(mt.ARFIMAProcess(d=0.3), 500, rng=1, innovations=student_t(5))
    """
    df = _validate.as_real(df, "df", 2.0, closed=False)
    scale = math.sqrt((df - 2.0) / df)
    return lambda rng, shape: scale * rng.standard_t(df, shape)


def stable(alpha: float, beta: float = 0.0) -> Innovations:
    """Stable innovations (scale one; infinite variance for alpha < 2).

    Parameters
    ----------
    alpha : float
        Index of stability in (0, 2]; an ARFIMA process needs d < 1 - 1 / alpha.
    beta : float
        Skewness in [-1, 1].

    References
    ----------
    Chambers, J. M., Mallows, C. L. and Stuck, B. W. (1976). A method for simulating stable
    random variables. JASA 71, 340-344 (as in SciPy).
    """
    alpha = _validate.as_real(alpha, "alpha", 0.0, 2.0)
    if alpha == 0.0:
        raise InvalidInputError("alpha", "in (0, 2]", "0.0")
    beta = _validate.as_real(beta, "beta", -1.0, 1.0)

    def draw(rng: Generator, shape: tuple[int, ...]) -> FloatArray:
        from scipy.stats import levy_stable

        return np.asarray(levy_stable.rvs(alpha, beta, size=shape, random_state=rng))

    return draw


def garch(omega: float, alpha: float, beta: float) -> Innovations:
    """GARCH(1, 1) innovations with normal shocks, by the arch package.

    Parameters
    ----------
    omega, alpha, beta : float
        sigma2_t = omega + alpha eps_{t-1}^2 + beta sigma2_{t-1}; alpha + beta < 1.

    References
    ----------
    Bollerslev, T. (1986). Generalized autoregressive conditional heteroskedasticity. Journal
    of Econometrics 31, 307-327.
    """
    omega = _validate.as_real(omega, "omega", 0.0, closed=False)
    alpha = _validate.as_real(alpha, "alpha", 0.0, 1.0)
    beta = _validate.as_real(beta, "beta", 0.0, 1.0)
    if not alpha + beta < 1.0:
        raise InvalidInputError("alpha + beta", "below 1", f"{alpha + beta:g}")

    def draw(rng: Generator, shape: tuple[int, ...]) -> FloatArray:
        from arch.univariate import GARCH

        model = GARCH(1, 0, 1)
        rows = np.empty((math.prod(shape[:-1]), shape[-1]))
        for row in rows:
            shocks, _ = model.simulate(
                [omega, alpha, beta], shape[-1], lambda size: rng.standard_normal(size)
            )
            row[:] = shocks
        return rows.reshape(shape)

    return draw
