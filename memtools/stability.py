"""Is d the same at all bandwidths?"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate
from memtools.estimators.exact import exact_local_whittle
from memtools.estimators.log_periodogram import bias_reduced_gph, gph
from memtools.estimators.whittle import local_whittle
from memtools.exceptions import InvalidInputError
from memtools.results import BandwidthCurve, MemoryEstimate
from memtools.results.intervals import normal_interval
from memtools.spectral import Sample, as_sample

_MIN_OBS = 64
_ESTIMATORS: dict[str, Callable[..., MemoryEstimate]] = {
    "local_whittle": local_whittle,
    "exact_local_whittle": exact_local_whittle,
    "gph": gph,
    "bias_reduced_gph": bias_reduced_gph,
}
_N_BANDWIDTHS = 40
_DRAWS = 20_000


def memory_by_bandwidth(
    x: ArrayLike,
    estimator: str = "local_whittle",
    bandwidths: ArrayLike | None = None,
    level: float = 0.95,
    name: str | None = None,
) -> BandwidthCurve:
    """Estimates of d over the number m of Fourier ordinates, with a simultaneous band.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 64 observations.
    estimator : {"local_whittle", "exact_local_whittle", "gph", "bias_reduced_gph"}
    bandwidths : array_like of int, optional
        Increasing numbers m; by default 40, evenly spaced in logarithms from
        max(12, n_obs^0.4) to n_obs^0.8, and the estimator's own.
    level : float
        Coverage probability of the pointwise intervals and of the band.
    name : str, optional

    Returns
    -------
    BandwidthCurve

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series of 64 observations or more, or a bandwidth is
        out of range.

    Notes
    -----
    Estimates at m < m' share the m lowest ordinates: scores add up, so their errors have the
    correlation sqrt(m / m').  The band is d -/+ c stderr, c the quantile of the largest
    absolute value of a normal vector with these correlations (20,000 draws of fixed seed).
    Where the curve leaves a horizontal line by more than the band, short-run dynamics are in.

    References
    ----------
    Robinson, P. M. (1995). Gaussian semiparametric estimation of long range dependence.
    Annals of Statistics 23, 1630-1661.
    Montiel Olea, J. L. and Plagborg-Moller, M. (2019). Simultaneous confidence bands: theory,
    implementation, and an application to SVARs. Journal of Applied Econometrics 34, 1-17.

    Examples
    --------
    >>> import memtools as mt
    >>> x = mt.simulate(mt.ARFIMAProcess(d=0.3), 1000, rng=1)
    >>> curve = mt.memory_by_bandwidth(x)
    >>> curve.chosen, curve.bandwidths[[0, -1]]
    (89, array([ 16, 251]))
    >>> bool((curve.band_high - curve.band_low > curve.high - curve.low).all())
    True
    """
    sample = as_sample(x, min_obs=_MIN_OBS)
    return bandwidth_curve(sample, estimator, bandwidths, level, _validate.as_name(x, name))


def bandwidth_curve(
    sample: Sample, estimator: str, bandwidths: ArrayLike | None, level: float, name: str
) -> BandwidthCurve:
    """The same of a checked series, which may be shorter."""
    _validate.as_choice(estimator, "estimator", tuple(_ESTIMATORS))
    level = _validate.as_level(level)
    function = _ESTIMATORS[estimator]
    chosen = function(sample)
    grid = _as_bandwidths(bandwidths, sample.n_obs, int(chosen.bandwidth or 0))
    found = [function(sample, int(m)) for m in grid]
    d = np.array([result.d for result in found])
    stderr = np.array([result.stderr for result in found])
    low, high = normal_interval(d, stderr, level)
    band = _sup_quantile(tuple(int(m) for m in grid), level) * stderr
    return BandwidthCurve(
        name=name,
        method=chosen.method,
        bandwidths=grid,
        d=d,
        stderr=stderr,
        low=low,
        high=high,
        band_low=d - band,
        band_high=d + band,
        level=level,
        chosen=int(chosen.bandwidth or 0),
    )


def _as_bandwidths(bandwidths: ArrayLike | None, n_obs: int, chosen: int) -> Any:
    """Increasing whole numbers of ordinates, the estimator's own among the default ones."""
    if bandwidths is None:
        ends = max(12.0, n_obs**0.4), min(n_obs**0.8, n_obs // 2)
        grid = np.rint(np.geomspace(*ends, _N_BANDWIDTHS)).astype(np.int64)
        return np.union1d(grid, [chosen])
    given = _validate.as_series(bandwidths, "bandwidths")
    whole = np.all(given == np.rint(given)) and np.all(np.diff(given) > 0)
    if not whole or given[0] < 3 or given[-1] > n_obs // 2:
        allowed = f"increasing whole numbers in 3..{n_obs // 2}"
        raise InvalidInputError("bandwidths", allowed, f"{given.tolist()[:6]}")
    return given.astype(np.int64)


@lru_cache(maxsize=32)
def _sup_quantile(bandwidths: tuple[int, ...], level: float) -> float:
    """Quantile of max |z_m| for a normal vector of correlations sqrt(m / m')."""
    m = np.array(bandwidths, dtype=float)
    shared = np.sqrt(m[:-1] / m[1:])
    z = np.random.default_rng(0).standard_normal((_DRAWS, len(m)))
    for i, r in enumerate(shared):
        z[:, i + 1] = r * z[:, i] + math.sqrt(1.0 - r * r) * z[:, i + 1]
    return float(np.quantile(np.abs(z).max(axis=1), level))
