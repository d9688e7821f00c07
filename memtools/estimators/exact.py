"""Exact local Whittle: the series is differenced by d before its periodogram is taken."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate
from memtools._validate import Bandwidth, FloatArray
from memtools.estimators._exact_objective import MEANS, ExactObjective, Start
from memtools.estimators._ordinates import Rows, as_bandwidth, row_ordinates, told
from memtools.estimators._stderr import as_stderr_kind
from memtools.estimators.whittle import (
    tapered_minimum,
    whittle_stderr,
)
from memtools.exceptions import InvalidInputError
from memtools.results import MemoryEstimate
from memtools.spectral import Sample, as_sample


def exact_local_whittle(
    x: ArrayLike,
    bandwidth: Bandwidth = None,
    mean: str = "least-squares",
    stderr: str = "finite-sample",
    centring: str = "frequency",
) -> MemoryEstimate:
    """Exact local Whittle estimate of d, for stationary and non-stationary series alike.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least eight observations.
    bandwidth : int, float, str or callable, optional
        Number m of Fourier ordinates j = 1..m, or an exponent b in (0, 1) for
        floor(n_obs**b), or a function of n_obs; by default b = 0.65.
    mean : {"least-squares", "weighted", "sample", "first", "zero"}
        What is subtracted before differencing: at each d the least-squares mean of the
        differenced series (any d > -1/2); w(d) times the sample mean plus 1 - w(d) times the
        first observation, with w falling from 1 at d = 1/2 to 0 at d = 3/4 (-1/2 < d < 2);
        the sample mean (d < 1); the first observation (d > 0); nothing, where the mean is
        known to be zero (any d).
    stderr : {"finite-sample", "asymptotic"}
        From the exact Fisher sums, calibrated by simulation so that the 95% interval covers
        95% from 128 observations on; or 1 / sqrt(4 m).
    centring : {"frequency", "difference"}
        What R(d) takes off: the logarithms of the frequencies, as published, or of the gain
        |1 - exp(i l)| of the difference, which a wide band needs (see the notes).

    Returns
    -------
    MemoryEstimate

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series, or the bandwidth is out of range.

    Warns
    -----
    ConvergenceWarning
        Where the search stopped at the end of its range or before its tolerance was reached;
        the result says so as well.

    See Also
    --------
    two_step_local_whittle : the same objective near a tapered first step, with a trend.
    local_whittle : faster, for -1/2 < d < 3/4.

    Notes
    -----
    Minimises R(d) = log(mean_j I_{(1-B)^d x}(l_j)) - 2 d mean_j log l_j.  R may have several
    minima: it is compared at a tapered estimate and at local Whittle estimates of the
    series, its first and its second differences, and minimised from the best.  With "zero" and
    a mean that is not zero the lowest is a spurious one near d = 0.  pyelw's
    ``ELW(mean_est="none")`` is ``mean="zero"``, its "mean" is "sample"; its "init" drops the
    first observation as well.  Stata's ``whittle, exact`` removes the sample mean.

    (1 - B)^d has the gain |1 - exp(i l)|^d = (2 sin(l / 2))^d, R(d) takes off l^d.  On a wide band
    the two differ and d is biased upwards whatever the series: on white noise by 0.014 with
    m = n^0.8 and by 0.11 with all ordinates (n = 2048), on fractional Gaussian noise of H = 0.9
    by 0.07 with n^0.8 of 512, where the 95% interval covers 63%.  ``centring="difference"``
    takes off the gain itself: no bias on fractional noise at any m; what is left on fractional
    Gaussian noise (0.04) is the curvature of its spectrum, which :func:`local_whittle` meets by
    chance and covers better.

    The least-squares mean is the default because intervals hold with it at every d: with
    the weighted mean, for 0.4 < d < 0.6, the nominal 95% interval covers about 90%, since R is
    flat where the weight falls.

    References
    ----------
    Hualde, J. and Nielsen, M. O. (2020). Truncated sum of squares estimation of fractional
    time series models with deterministic trends. Econometric Theory 36, 751-772.
    Shimotsu, K. and Phillips, P. C. B. (2005). Exact local Whittle estimation of fractional
    integration. Annals of Statistics 33, 1890-1933.
    Shimotsu, K. (2010). Exact local Whittle estimation of fractional integration with
    unknown mean and time trend. Econometric Theory 26, 501-540.

    Examples
    --------
    >>> import numpy as np
    >>> import memtools as mt
    >>> noise = np.random.default_rng(0).standard_normal(1000)
    >>> print(mt.exact_local_whittle(mt.fracint(noise, 1.3) + 10.0).summary())
    Exact local Whittle
      d = 1.3116, standard error 0.0589 (finite-sample)
      95% interval [1.1962, 1.4271], Hurst exponent 1.8116
      1000 observations, bandwidth m = 89
    """
    sample = as_sample(x)
    found = exact_local_whittle_rows(sample, bandwidth, mean, stderr, centring)
    result = MemoryEstimate(
        d=float(found.d[0]),
        stderr=float(found.stderr),
        method="Exact local Whittle",
        n_obs=sample.n_obs,
        bandwidth=found.bandwidth,
        converged=bool(np.all(found.converged)),
        stderr_kind=stderr,
        details={"mean": mean},
    )
    return told(result, x)


def exact_local_whittle_rows(
    sample: Sample,
    bandwidth: Bandwidth = None,
    mean: str = "least-squares",
    stderr: str = "finite-sample",
    centring: str = "frequency",
) -> Rows:
    """:func:`exact_local_whittle` of a sample of many rows; of one series a row."""
    _validate.require_length(sample.n_obs, "x", 8)
    _validate.as_choice(mean, "mean", tuple(MEANS))
    kind = as_stderr_kind(stderr)
    m = as_bandwidth(bandwidth, sample.n_obs, 0.65, 3, sample)
    _validate.as_choice(centring, "centring", ("frequency", "difference"))
    objective = ExactObjective(sample, m, mean, centring)
    d, converged = objective.minimise(objective.starts())
    error = whittle_stderr(objective.gains, kind, m, estimator="exact_local_whittle")
    return Rows(d, error, m, converged, objective.powered)


def two_step_local_whittle(
    x: ArrayLike,
    bandwidth: Bandwidth = None,
    trend_order: int = 0,
    stderr: str = "finite-sample",
) -> MemoryEstimate:
    """Two-step exact local Whittle estimate of d with unknown mean or polynomial trend.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 18 observations; -1/2 < d < 2 (7/4 with a trend).
    bandwidth : int, float, str or callable, optional
        Number m of Fourier ordinates, or an exponent in (0, 1); by default 0.65.
    trend_order : int
        Degree of the polynomial in time removed by least squares first, 0 (only the mean)
        to 3.
    stderr : {"finite-sample", "asymptotic"}
        From the exact Fisher sums, calibrated; or 1 / sqrt(4 m).

    Returns
    -------
    MemoryEstimate
        ``details["first_step"]`` holds the tapered estimate.

    Raises
    ------
    InvalidInputError
        Where `x` is no finite series, varies no more than the trend, or the bandwidth is
        out of range.

    Warns
    -----
    ConvergenceWarning
        Where the search stopped at the end of its range or before its tolerance was reached;
        the result says so as well.

    Notes
    -----
    First step: local Whittle with the cosine taper, which a linear trend or d up to 5/2
    does not disturb.  Second step: the minimum of the exact objective with Shimotsu's
    weighted mean next to it.  pyelw's ``TwoStepELW(taper="cosine")`` and the author's
    Matlab program ``felw2st`` find the same minimum.

    References
    ----------
    Shimotsu, K. (2010). Exact local Whittle estimation of fractional integration with
    unknown mean and time trend. Econometric Theory 26, 501-540, sections 4.1-4.2.

    Examples
    --------
    >>> import numpy as np
    >>> import memtools as mt
    >>> noise = np.random.default_rng(0).standard_normal(1000)
    >>> trended = mt.fracint(noise, 0.8) + 0.1 * np.arange(1000)
    >>> round(mt.two_step_local_whittle(trended, trend_order=1).d, 3)
    0.8
    """
    sample = as_sample(x)
    found, first = two_step_rows(sample, bandwidth, trend_order, stderr)
    result = MemoryEstimate(
        d=float(found.d[0]),
        stderr=float(found.stderr),
        method="Two-step exact local Whittle" + (", detrended" if trend_order else ""),
        n_obs=sample.n_obs,
        bandwidth=found.bandwidth,
        converged=bool(np.all(found.converged)),
        stderr_kind=stderr,
        details={"first_step": float(first[0]), "trend_order": trend_order},
    )
    return told(result, x)


def two_step_rows(
    sample: Sample,
    bandwidth: Bandwidth = None,
    trend_order: int = 0,
    stderr: str = "finite-sample",
) -> tuple[Rows, FloatArray]:
    """:func:`two_step_local_whittle` of a sample of many rows, and the first step."""
    _validate.require_length(sample.n_obs, "x", 18)
    trend_order = _validate.as_integer(trend_order, "trend_order", 0, 3)
    kind = as_stderr_kind(stderr)
    m = as_bandwidth(bandwidth, sample.n_obs, 0.65, 9, sample)
    if trend_order:
        sample = Sample(_without_trend(sample.values, trend_order))
    spectrum, powered = row_ordinates(sample, m, "cosine")
    first = np.atleast_1d(tapered_minimum(spectrum)[0])
    objective = ExactObjective(sample, m, "weighted")
    d, converged = objective.minimise([Start(first, 0, None)])
    error = whittle_stderr(objective.frequencies, kind, m, estimator="two_step_local_whittle")
    return Rows(d, error, m, converged, powered), first


def _without_trend(values: FloatArray, order: int) -> FloatArray:
    """What least squares leaves of a series about a polynomial in time."""
    design = np.polynomial.legendre.legvander(np.linspace(-1.0, 1.0, len(values)), order)
    rest = values - design @ np.linalg.lstsq(design, values, rcond=None)[0]
    if float(np.abs(rest).max()) < 1e-12 * float(np.abs(values).max()):
        allowed = f"a series that varies about its trend of order {order}"
        raise InvalidInputError("x", allowed, "nothing but the trend")
    return np.asarray(rest)
