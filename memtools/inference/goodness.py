"""Does a spectral density fit a series?  Beran's goodness of fit."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate, spectral
from memtools._validate import FloatArray
from memtools.arfima.whittle import best_model
from memtools.exceptions import InvalidInputError
from memtools.inference.laws import law
from memtools.processes import ARFIMAProcess, Process
from memtools.results import TestResult

MIN_OBS = 50
_ORDERS = ((0, 0), (1, 0), (0, 1), (1, 1))
_D_RANGE = (-0.49, 0.98)


def standardised(ratios: FloatArray) -> FloatArray:
    """sqrt(n / 2) (pi T - 1) of ordinates over their density, on the last axis."""
    share = (ratios**2).mean(axis=-1) / ratios.mean(axis=-1) ** 2
    return np.asarray(math.sqrt(ratios.shape[-1]) * (0.5 * share - 1.0))


def goodness_of_fit_test(x: ArrayLike, process: Process | None = None) -> TestResult:
    """Beran's goodness of fit of a spectral density.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 50 observations.
    process : object with `spectral_density`, optional
        ARFIMAProcess, FractionalGaussianNoise, ...; its scale does not matter.  By default the
        ARFIMA(<=1, d, <=1) model of least BIC (Whittle).

    Returns
    -------
    TestResult
        The statistic is Beran's T; `details` holds "z", its standardised value, and "process".

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series of 50 observations or more, or `process` has no
        density that is positive at the Fourier frequencies.

    Notes
    -----
    T = (4 pi / n) sum (I_j / f_j)^2 / ((4 pi / n) sum I_j / f_j)^2 over the Fourier frequencies
    below pi, whose limit is normal with mean 1 / pi and variance 2 / (pi^2 n), also where the
    parameters are estimated; one-sided, as a density that does not fit makes it large.  The limit
    is skewed below thousands of observations: the p-value is from draws of exponential ordinates.
    R: longmemo's ``Qeta`` has the same A, B and T.

    References
    ----------
    Beran, J. (1992). A goodness-of-fit test for time series with long range dependence. Journal of
    the Royal Statistical Society B 54, 749-760, theorem 1.

    Examples
    --------
    >>> import memtools as mt
    >>> x = mt.simulate(mt.ARFIMAProcess(d=0.3), 1000, rng=1)
    >>> mt.goodness_of_fit_test(x, mt.ARFIMAProcess(d=0.3)).pvalue > 0.05
    True
    >>> mt.goodness_of_fit_test(x, mt.ARFIMAProcess([0.5])).pvalue < 0.01
    True
    """
    values = _validate.as_varying_series(x, min_obs=MIN_OBS)
    n_obs = len(values)
    m = (n_obs - 1) // 2
    frequencies, power = spectral.ordinates(values, m)
    told = repr(process)
    if process is None:
        found = best_model(values, _ORDERS, _D_RANGE)
        process = ARFIMAProcess(found.ar, found.d, found.ma)
        told = f"ARFIMA({len(found.ar)}, {found.d:z.2f}, {len(found.ma)})"
    elif isinstance(process, type) or not hasattr(process, "spectral_density"):
        raise InvalidInputError("process", "a process with a spectral_density", repr(process))
    density = np.asarray(process.spectral_density(frequencies))
    if not (np.isfinite(density).all() and density.min() > 0.0):
        raise InvalidInputError("process", "of a positive, finite spectral density", repr(process))
    # Up to scale, which T does not see: the squares of an own unit might overflow.
    ratios = power / (density * power.mean())
    z = float(standardised(ratios))
    statistic = n_obs * float((ratios**2).sum() / ratios.sum() ** 2) / (4.0 * math.pi)
    null = law("goodness_laws", "z", m**-0.5, 0.0)
    return TestResult(
        statistic=statistic,
        pvalue=null.pvalue(z, "greater"),
        null=f"the spectral density of {told}",
        alternative="another spectral density",
        method="Goodness of fit (Beran)",
        details={"z": z, "process": repr(process), "n_obs": n_obs},
    )
