"""Multifractal detrended fluctuation analysis."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate
from memtools._validate import FloatArray, RandomState
from memtools.estimators.multifractal.moments import (
    Exponents,
    as_number_of_surrogates,
    as_q,
    corrected,
    exponents,
    powers,
    single_exponent,
    width_note,
)
from memtools.estimators.scaling.frame import IntArray, as_scales, cut, profiles
from memtools.exceptions import InvalidInputError
from memtools.results import MultifractalSpectrum
from memtools.spectral import as_sample

_DEFAULT_Q = tuple(float(q) for q in np.arange(-5.0, 5.5, 0.5))
_PER_OCTAVE = 4
# Less than this share of the largest square is what rounding leaves of nothing.
_ROUNDING = 1e-22


def mfdfa(
    x: ArrayLike,
    q: ArrayLike = _DEFAULT_Q,
    order: int = 1,
    scales: Sequence[int] | None = None,
    n_surrogates: int = 99,
    rng: RandomState = 0,
) -> MultifractalSpectrum:
    """Multifractal detrended fluctuation analysis.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 256 observations; the increments: their sums are looked at.
    q : array_like
        Orders of the moments, in -20..20; 0 is the geometric mean.  Beyond 5 or 6 moments of a
        few thousand values are those of a single window.
    order : int
        Degree, 0..5, of the polynomial taken out of each window.
    scales : sequence of int, optional
        Window lengths, in observations; by default from 16 (or 4 (order + 2)) to n_obs / 10, four
        an octave.
    n_surrogates : int
        Paths of the fractional Gaussian noise that has this h(2) on average, from which come the
        bias, which is taken off, the standard errors, and the width that one exponent seems to
        have; 0 for none of these.
    rng : int, SeedSequence, Generator or None
        Source of their randomness; by default the same numbers at every call.

    Returns
    -------
    MultifractalSpectrum
        `hurst` is the slope of log F_q(s) on log s; F_q(s)^q the mean of the q-th powers of the
        root mean squares around the polynomials in windows of s values, laid from either end.
        A note tells whether the spectrum is wider than that of one exponent.

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series of 256 observations or more, does not vary in a
        window, or an option is out of range.

    Notes
    -----
    A finite series with one exponent shows a spectrum of some width, the wider the larger |q|:
    only what exceeds the surrogates' says anything.  The standard error of h(q) is that of the
    surrogates at this q, so it is too small where the series is multifractal.

    The Python package MFDFA: ``MFDFA(x, lag=scales, q=q, order=order)`` has the same F_q(s), and
    with ``n_surrogates=0`` its slopes are `hurst`.
    fathon: ``MFDFA(fathon.toAggregated(x)).computeFlucVec(scales, q, polOrd=order,
    revSeg=True)``, which sums without taking the mean off first where the series is not
    centred.  `alpha` and `f` are exact derivatives here, differences of neighbouring q there.

    References
    ----------
    Kantelhardt, J. W. et al. (2002). Multifractal detrended fluctuation analysis of nonstationary
    time series. Physica A 316, 87-114, equations (1)-(5), (13), (15).
    Chhabra, A. and Jensen, R. V. (1989). Direct determination of the f(alpha) singularity
    spectrum. Physical Review Letters 62, 1327-1330.

    Examples
    --------
    >>> import memtools as mt
    >>> x = mt.simulate(mt.FractionalGaussianNoise(0.7), 4000, rng=1)
    >>> found = mt.mfdfa(x, [-2, 2], rng=1)
    >>> bool(abs(found.hurst[1] - 0.7) < 3 * found.stderr[1])
    True
    """
    sample = as_sample(x, min_obs=256)
    orders = as_q(q)
    order = _validate.as_integer(order, "order", 0, 5)
    n_surrogates = as_number_of_surrogates(n_surrogates)
    generator = _validate.as_rng(rng)
    given = as_scales(scales, order + 3, sample.n_obs)
    lengths = _default_scales(sample.n_obs, order) if given is None else given
    found, means = _analysed(sample.values, lengths, orders, order)
    spreads = np.full(len(orders), np.nan)
    notes: tuple[str, ...] = ()
    if n_surrogates:

        def measure(path: FloatArray) -> Exponents:
            return _analysed(path, lengths, orders, order)[0]

        noise = single_exponent(found, orders, sample.n_obs, measure, generator)
        drawn = [measure(noise.draw()) for _ in range(n_surrogates)]
        spreads = np.std([one.hurst for one in drawn], axis=0, ddof=1)
        spreads = noise.stderr(orders, spreads, n_surrogates)
        notes = (width_note(found, drawn),)
        found = corrected(orders, found, drawn, noise.hurst)
    return MultifractalSpectrum(
        q=orders,
        **found._asdict(),
        stderr=spreads,
        method=f"Multifractal detrended fluctuation analysis, order {order}",
        n_obs=sample.n_obs,
        scales=lengths.astype(float),
        fluctuations=means,
        notes=notes,
    )


def _default_scales(n_obs: int, order: int) -> IntArray:
    low, high = max(16, 4 * (order + 2)), n_obs // 10
    number = max(5, round(_PER_OCTAVE * np.log2(max(high / low, 1.5))) + 1)
    return np.unique(np.rint(np.geomspace(low, max(high, 2 * low), number))).astype(np.int64)


def _analysed(
    values: FloatArray, lengths: IntArray, q: FloatArray, order: int
) -> tuple[Exponents, FloatArray]:
    """Exponents, and F_q(s) of shape (n_scales, n_q)."""
    log_means, weighted = np.empty((2, len(lengths), len(q)))
    for i, squares in enumerate(_squares(values, lengths, order)):
        if not squares.min() > _ROUNDING * squares.max():
            raise InvalidInputError(
                "x", f"a series that varies in every window of {lengths[i]}", "one that does not"
            )
        logs = 0.5 * np.log(squares)
        raised, tilted = powers(logs, q)
        mean = raised.mean(axis=0)
        log_means[i] = np.log(mean) + q * logs.max()
        weighted[i] = tilted.mean(axis=0) / mean + logs.max()
    found = exponents(q, np.log(lengths), log_means, weighted, np.ones(len(lengths)))
    near = np.abs(q) < 1e-8
    means = np.where(near, weighted, log_means / np.where(near, 1.0, q))
    return found, np.exp(means)


def _squares(values: FloatArray, lengths: IntArray, order: int) -> list[FloatArray]:
    """Mean squares around polynomials, of windows laid from either end."""
    profile, found = profiles(values), []
    for scale in lengths.tolist():
        basis = np.linalg.qr(np.vander(np.linspace(-1.0, 1.0, scale), order + 1))[0]
        windows = np.vstack([cut(profile, scale), cut(profile[::-1], scale)])
        windows -= windows[:, :1].copy()
        rest = windows - (windows @ basis) @ basis.T
        found.append(np.mean(np.square(rest, out=rest), axis=1))
    return found
