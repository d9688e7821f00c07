"""d of several series at once: Shimotsu's Gaussian semiparametric estimator."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from memtools import _labels, _validate
from memtools._validate import Bandwidth
from memtools.estimators._together import Together
from memtools.estimators.whittle import local_whittle
from memtools.results import MultivariateEstimate

_EXPONENT = 0.65


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
        Where `x` is no finite array of varying series, one is a combination of the others at low
        frequencies, or the bandwidth is out of range.

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
    ordinates a series, as `shrinkage` and a note say.

    To second order each d is off by mean(nu_j^3) / (4 m mean(nu_j^2)^2), about -1 / (2 m), whatever
    d: a sixth of a standard error of one series, but of many a good part of that of their mean, so
    the z of total memory is (mean of d - bias) / stderr.

    R: LongMemoryTS' ``GSE`` has the objective and Shimotsu's limit.

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
    values = _validate.as_several_series(x, min_obs=32)
    n_obs, k = values.shape
    m = _validate.as_bandwidth(bandwidth, n_obs, _EXPONENT, 4, (n_obs - 1) // 2)
    together = Together(values, m)
    alone = [local_whittle(column, m) for column in values.T]
    d, converged = together.minimum(np.array([estimate.d for estimate in alone]))
    notes: tuple[str, ...] = ()
    if together.shrinkage > 0.0:
        share = f"{together.shrinkage:.0%}"
        notes = (f"{m} ordinates for {k} series: G is shrunk towards its diagonal by {share}",)
    return MultivariateEstimate(
        d=d,
        cov=together.covariance(d, alone[0].stderr),
        coherence=together.coherence(d),
        names=_labels.column_names(x, k),
        n_obs=n_obs,
        bandwidth=m,
        shrinkage=together.shrinkage,
        bias=together.bias,
        converged=converged,
        method="Multivariate local Whittle",
        notes=notes,
    )
