"""True long memory of several series at once: the multivariate local Whittle score test."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate
from memtools._validate import Bandwidth
from memtools.estimators._together import Together
from memtools.estimators.whittle import centred_logs, local_whittle
from memtools.inference.laws import law
from memtools.inference.spurious import MIN_OBS, TRIMMINGS, largest_score, prewhitened
from memtools.results import TestResult
from memtools.results.estimates import listed

_SMALLEST_M = 10


def multivariate_spurious_test(
    x: ArrayLike,
    bandwidth: Bandwidth = None,
    trimming: float | None = None,
    prewhiten: bool = True,
) -> TestResult:
    """Sibbertsen, Leschinski and Busch's test of true long memory of several series (MLWS).

    Parameters
    ----------
    x : array_like, shape (n_obs, n_series)
        Two to ten series, at least 50 observations, of -1/2 < d < 1 under the null, not
        cointegrated.
    bandwidth : int, float or callable, optional
        Number m of Fourier ordinates, at least 10, or an exponent in (0, 1); by default 0.7.
    trimming : float, optional
        Smallest share of the ordinates, in [0.01, 0.5]; by default 0.02 above 500 observations,
        0.05 below.
    prewhiten : bool
        Take off the short-run dynamics of each series first, as :func:`qu_test` does.

    Returns
    -------
    TestResult
        `details` holds "d" (of each series), "bandwidth", "trimming" and "critical_values".

    Raises
    ------
    InvalidInputError
        Where `x` is no finite array of two to ten varying series, one is a combination of the
        others at low frequencies, or an argument is out of range.

    See Also
    --------
    qu_test

    Notes
    -----
    W = sup_{r >= trimming} |sum_{j <= m r} v_j (trace(G^-1 Re U_j) - k)| / sqrt(k sum v_j^2), U_j
    the periodogram matrix less the factors l_j^-d exp(i (pi - l_j) d / 2), G its mean, d the
    multivariate local Whittle estimates (Shimotsu, 2007).  With equal weights the limit is that
    of Qu's statistic, and so is the p-value, at this m and trimming.  R: LongMemoryTS'
    ``MLWS(X, m, epsilon)`` is ``prewhiten=False``; its grid of r begins at `epsilon` and rounds
    up.

    References
    ----------
    Sibbertsen, P., Leschinski, C. and Busch, M. (2018). A multivariate test against spurious long
    memory. Journal of Econometrics 203, 33-49.
    Shimotsu, K. (2007). Gaussian semiparametric estimation of multivariate fractionally
    integrated processes. Journal of Econometrics 137, 277-310.

    Examples
    --------
    >>> import numpy as np
    >>> import memtools as mt
    >>> x = mt.simulate_varfima([0.2, 0.4], 1000, cov=[[1.0, 0.5], [0.5, 1.0]], rng=1)
    >>> mt.multivariate_spurious_test(x).pvalue < 0.05
    False
    >>> noise = np.random.default_rng(1).standard_normal((1000, 2))
    >>> shifts = mt.random_level_shifts(1000, 0.01, rng=2)
    >>> mt.multivariate_spurious_test(noise + shifts[:, None]).pvalue < 0.05
    True
    """
    values = _validate.as_several_series(x, min_obs=MIN_OBS, least=2, most=10)
    n_obs, k = values.shape
    columns = list(values.T)
    m = _validate.as_bandwidth(bandwidth, n_obs, 0.7, _SMALLEST_M)
    if trimming is None:
        trimming = 0.02 if n_obs > 500 else 0.05
    trimming = _validate.as_real(trimming, "trimming", *TRIMMINGS)
    if _validate.as_flag(prewhiten, "prewhiten"):
        columns = [prewhitened(column)[0] for column in columns]
    shortest = min(len(column) for column in columns)
    rows = np.column_stack([column[len(column) - shortest :] for column in columns])
    together = Together(rows, m)
    start = [local_whittle(column, m).d for column in rows.T]
    d = together.minimum(np.array(start))[0]
    u, logs = together.scaled(d), centred_logs(together.frequencies)
    inverse = np.linalg.inv((u.T @ u.conj()).real / m)
    traces = np.einsum("ja,ab,jb->j", u, inverse, u.conj()).real
    process = np.abs(np.cumsum(logs * (traces - k))) / math.sqrt(k * float(logs @ logs))
    statistic = float(largest_score(process, trimming))
    null = law("spurious_laws", "score", m**-0.5, trimming)
    return TestResult(
        statistic=statistic,
        pvalue=null.pvalue(statistic, "greater"),
        null="true long memory of all series",
        alternative="spurious long memory (level shifts, a trend) of some",
        method="Multivariate local Whittle score test (MLWS)",
        details={
            "d": d.tolist(),
            "n_obs": n_obs,
            "bandwidth": m,
            "trimming": trimming,
            "critical_values": null.critical_values("greater"),
        },
        finding=listed(d),
    )
