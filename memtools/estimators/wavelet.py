"""d from the growth of wavelet coefficients with their scale."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.results import MemoryEstimate
from memtools.spectral import as_sample

Octaves = tuple[int, int] | None
_LOG2 = math.log(2.0)
# The finest octave by default is (log2 n_obs + 2) / 3, at least this: those below see the short
# run, fractional noise's own included.
_FIRST = 3
# Fewer coefficients have a logarithm too wild to be of use.
_LEAST = 4
# Spread over that of independent coefficients, d from -0.3 to 0.45: 0.95 to 1.12.
_DEPENDENCE = 1.05


class _Scales(NamedTuple):
    """Octaves, the numbers of their coefficients, and the means of their squares."""

    octaves: FloatArray
    counts: FloatArray
    means: FloatArray


def wavelet_variance(x: ArrayLike, wavelet: str = "db3", octaves: Octaves = None) -> MemoryEstimate:
    """Regression of the log variance of wavelet coefficients on their octave.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 128 observations; d up to the number of vanishing moments.
    wavelet : str
        An orthogonal wavelet by PyWavelets' name; "db3" has three vanishing moments, which pass
        over a quadratic trend.
    octaves : (int, int), optional
        First and last octave; by default (log2 n_obs + 2) / 3, at least 3, to the last with four
        coefficients.

    Returns
    -------
    MemoryEstimate
        `details` holds "octaves", "counts" and "variances".

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series long enough, the wavelet is not orthogonal, or the
        octaves are out of range.

    Notes
    -----
    E d_jk^2 grows like 2^(2 d j). With n_j coefficients log2 of their mean square is less its
    expectation psi(n_j / 2) / log 2 - log2(n_j / 2), and has the variance
    zeta(2, n_j / 2) / log(2)^2, which are the weights.  Only coefficients that do not reach beyond
    the series are used.  The standard error is 1.05 times that of the weights, since they depend on
    each other.  H of fractional noise is d + 1/2; Abry and Veitch's
    LDestimate prints alpha = 2 d.

    PyWavelets: the coefficients are those of ``dwt(x - x.mean(), wavelet, mode="zero")`` that no
    zero has a part in.  pymultifracs: ``wavelet_analysis(x, wt_name=wavelet, normalization=2)`` has
    the same where every octave halves an even number of values, as of 2,048 (else one more, which
    reaches beyond the end); "variances" are their mean squares.

    References
    ----------
    Abry, P. and Veitch, D. (1998). Wavelet analysis of long-range-dependent traffic. IEEE
    Transactions on Information Theory 44, 2-15.
    Veitch, D. and Abry, P. (1999). A wavelet-based joint estimator of the parameters of
    long-range dependence. IEEE Transactions on Information Theory 45, 878-897, equations (13)-(17).

    Examples
    --------
    >>> import memtools as mt
    >>> x = mt.simulate(mt.ARFIMAProcess(d=0.3), 4000, rng=1)
    >>> round(mt.wavelet_variance(x).d, 2)
    0.15
    """
    from scipy.special import digamma, zeta

    scales, n_obs = _scales_of(x, wavelet, octaves)
    half = 0.5 * scales.counts
    heights = np.log2(scales.means) - (digamma(half) / _LOG2 - np.log2(half))
    weights = _LOG2**2 / zeta(2.0, half)
    centre = float(weights @ scales.octaves / weights.sum())
    spread = float(weights @ (scales.octaves - centre) ** 2)
    slope = float(weights @ ((scales.octaves - centre) * heights)) / spread
    stderr = 0.5 / math.sqrt(spread)
    return _estimate(0.5 * slope, stderr, "Wavelet variance", scales, wavelet, n_obs)


def wavelet_whittle(x: ArrayLike, wavelet: str = "db3", octaves: Octaves = None) -> MemoryEstimate:
    """Local Whittle estimator on wavelet coefficients.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 128 observations; d up to the number of vanishing moments.
    wavelet : str
        An orthogonal wavelet by PyWavelets' name; "db3" has three vanishing moments, which pass
        over a quadratic trend.
    octaves : (int, int), optional
        First and last octave; by default (log2 n_obs + 2) / 3, at least 3, to the last with four
        coefficients.

    Returns
    -------
    MemoryEstimate
        `details` holds "octaves", "counts" and "variances".

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series long enough, the wavelet is not orthogonal, or the
        octaves are out of range.

    Notes
    -----
    d minimises log(sum_j 2^(-2 d j) n_j v_j) + 2 d log(2) mean(j), v_j the mean square of the n_j
    coefficients of octave j and the mean over coefficients.  Of independent Gaussian coefficients
    the variance is 1 / (2 log(2)^2 sum n_j (j - mean)^2); 1.05 times it, for their
    dependence, covers what it says.

    References
    ----------
    Moulines, E., Roueff, F. and Taqqu, M. S. (2008). A wavelet Whittle estimator of the memory
    parameter of a nonstationary Gaussian time series. Annals of Statistics 36, 1925-1956,
    equations (13)-(16).

    Examples
    --------
    >>> import memtools as mt
    >>> x = mt.simulate(mt.ARFIMAProcess(d=0.3), 4000, rng=1)
    >>> round(mt.wavelet_whittle(x).d, 2)
    0.15
    """
    from scipy.optimize import minimize_scalar

    scales, n_obs = _scales_of(x, wavelet, octaves)
    j, total = scales.octaves, float(scales.counts.sum())
    centre = float(scales.counts @ j) / total
    logs = np.log(scales.counts * scales.means)

    def objective(d: float) -> float:
        return float(np.logaddexp.reduce(logs - 2.0 * d * _LOG2 * (j - centre)))

    highest = orthogonal_wavelet(wavelet).vanishing_moments_psi
    found = minimize_scalar(objective, bounds=(-1.0, float(highest)), method="bounded")
    spread = float(scales.counts @ (j - centre) ** 2)
    stderr = 1.0 / (_LOG2 * math.sqrt(2.0 * spread))
    return _estimate(float(found.x), stderr, "Wavelet Whittle", scales, wavelet, n_obs)


def _estimate(
    d: float, stderr: float, method: str, scales: _Scales, wavelet: str, n_obs: int
) -> MemoryEstimate:
    shown = f"octaves {scales.octaves[0]:.0f} to {scales.octaves[-1]:.0f}"
    return MemoryEstimate(
        d=d,
        stderr=_DEPENDENCE * stderr,
        method=f"{method}, {wavelet}, {shown}",
        n_obs=n_obs,
        stderr_kind="finite-sample",
        details={
            "octaves": scales.octaves.astype(int).tolist(),
            "counts": scales.counts.astype(int).tolist(),
            "variances": scales.means.tolist(),
        },
    )


def orthogonal_wavelet(name: str) -> Any:
    import pywt

    try:
        wavelet = pywt.Wavelet(name)
    except (ValueError, TypeError, AttributeError):
        wavelet = None
    if wavelet is None or not wavelet.orthogonal:
        allowed = "an orthogonal wavelet of PyWavelets, as db3, sym4 or coif1"
        raise InvalidInputError("wavelet", allowed, repr(name))
    return wavelet


def _scales_of(x: ArrayLike, wavelet: str, octaves: Octaves) -> tuple[_Scales, int]:
    """Mean squares of the coefficients that lie within the series, octave by octave."""
    values = as_sample(x, min_obs=128).values
    found = [
        (len(detail), float(np.mean(detail**2)) if len(detail) else 0.0)
        for detail in detail_coefficients(values - values.mean(), wavelet)
    ]
    last = sum(count >= _LEAST for count, _ in found)
    first = max(_FIRST, (len(values).bit_length() + 1) // 3)
    first, end = as_octaves(octaves, last, len(values), first)
    counts, means = np.array(found[first - 1 : end]).T
    if not means.all():
        raise InvalidInputError("x", "a series that varies at every scale", "one that does not")
    return _Scales(np.arange(first, end + 1.0), counts, means), len(values)


def detail_coefficients(values: FloatArray, wavelet: str) -> Iterator[FloatArray]:
    """Coefficients that do not reach beyond the series, from the finest octave on.

    Number k of octave j looks at 2^j k and the (2^j - 1) (reach - 1) values after it.
    """
    import pywt

    basis = orthogonal_wavelet(wavelet)
    reach, smooth = len(basis.dec_lo), values
    while len(smooth) >= reach:
        n = len(smooth)
        smooth, detail = (
            part[reach // 2 - 1 : n // 2] for part in pywt.dwt(smooth, basis, mode="zero")
        )
        yield detail


def as_octaves(octaves: Octaves, last: int, n_obs: int, default: int) -> tuple[int, int]:
    """First and last octave, checked; by default from the one named to the last."""
    if octaves is None:
        octaves = (min(default, last - 1), last)
    if not isinstance(octaves, tuple | list) or len(octaves) != 2:
        raise InvalidInputError("octaves", "a pair (first, last) or None", repr(octaves))
    if last < 2:
        raise InvalidInputError("x", "long enough for two octaves of this wavelet", str(n_obs))
    first = _validate.as_integer(octaves[0], "octaves[0]", 1, last - 1)
    return first, _validate.as_integer(octaves[1], "octaves[1]", first + 1, last)
