"""What is added to a series to mislead: level shifts, trends, noise.

Short-memory series with level shifts or a slow trend look as if they had long memory; noise on
top hides the memory that is there.  Tests of spurious memory are judged on these.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate
from memtools._validate import FloatArray, RandomState


def random_level_shifts(
    n_obs: int, rate: float, scale: float = 1.0, rng: RandomState = None
) -> FloatArray:
    """A mean that jumps at random times: spurious long memory to add to a series.

    Parameters
    ----------
    n_obs : int
        Length.
    rate : float
        Probability of a shift at each time, in [0, 1].
    scale : float
        Standard deviation of a shift (normal).
    rng : int, SeedSequence, Generator or None
        Source of randomness.

    Returns
    -------
    ndarray, shape (n_obs,)

    Raises
    ------
    InvalidInputError
        Where `n_obs` is no positive integer, `rate` is not in [0, 1], or `scale` is negative.

    References
    ----------
    Perron, P. and Qu, Z. (2010). Long-memory and level shifts in the volatility of stock market
    return indices. Journal of Business and Economic Statistics 28, 275-290.

    Examples
    --------
    >>> import memtools as mt
    >>> level = mt.random_level_shifts(500, rate=0.01, rng=0)
    """
    n_obs = _validate.as_integer(n_obs, "n_obs", 1)
    rate = _validate.as_real(rate, "rate", 0.0, 1.0)
    scale = _validate.as_real(scale, "scale", 0.0)
    generator = _validate.as_rng(rng)
    jumps = generator.random(n_obs) < rate
    return np.cumsum(np.where(jumps, scale * generator.standard_normal(n_obs), 0.0))


def hyperbolic_trend(
    n_obs: int, exponent: float = -0.25, scale: float = 1.0, offset: float = 1.0
) -> FloatArray:
    """A monotone trend scale (offset + t)^exponent, t = 1..n_obs: spurious long memory to add.

    Parameters
    ----------
    n_obs : int
        Length.
    exponent : float
        In (-1/2, 0) the trend fades but slowly enough that, on white noise, the rescaled range
        grows with Hurst exponent 1 + exponent; positive ones rise, 1 is a straight line.
    scale : float
        In units of the series.
    offset : float
        At least 0, in observations.

    Returns
    -------
    ndarray, shape (n_obs,)

    Raises
    ------
    InvalidInputError
        Where `n_obs` is no positive integer, a number is not finite, or `offset` is negative.

    References
    ----------
    Bhattacharya, R. N., Gupta, V. K. and Waymire, E. (1983). The Hurst effect under trends.
    Journal of Applied Probability 20, 649-662.

    Examples
    --------
    >>> import memtools as mt
    >>> mt.hyperbolic_trend(3, exponent=-0.5).round(4)
    array([0.7071, 0.5774, 0.5   ])
    """
    n_obs = _validate.as_integer(n_obs, "n_obs", 1)
    exponent = _validate.as_real(exponent, "exponent")
    scale = _validate.as_real(scale, "scale")
    offset = _validate.as_real(offset, "offset", 0.0)
    return np.asarray(scale * (offset + np.arange(1.0, n_obs + 1.0)) ** exponent)


def measurement_noise(x: ArrayLike, noise_to_signal: float, rng: RandomState = None) -> FloatArray:
    """White noise whose variance is a share of that of a series: add it to hide memory.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        The series that is to be observed with noise.
    noise_to_signal : float
        Variance of the noise over the sample variance of the series, at least 0.
    rng : int, SeedSequence, Generator or None
        Source of randomness.

    Returns
    -------
    ndarray, shape (n_obs,)
        Normal noise, not yet added.

    Raises
    ------
    InvalidInputError
        Where an argument is out of its range.

    References
    ----------
    Hurvich, C. M., Moulines, E. and Soulier, P. (2005). Estimating long memory in volatility.
    Econometrica 73, 1283-1328.

    Examples
    --------
    >>> import memtools as mt
    >>> x = mt.simulate(mt.ARFIMAProcess(d=0.4), 1000, rng=1)
    >>> seen = x + mt.measurement_noise(x, noise_to_signal=2.0, rng=2)
    """
    values = _validate.as_series(x)
    ratio = _validate.as_real(noise_to_signal, "noise_to_signal", 0.0)
    noise = _validate.as_rng(rng).standard_normal(len(values))
    return np.asarray(np.sqrt(ratio) * values.std() * noise)
