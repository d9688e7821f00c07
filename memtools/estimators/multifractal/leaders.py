"""Multifractal spectrum by wavelet leaders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate
from memtools._validate import FloatArray, RandomState
from memtools.estimators.multifractal.moments import (
    Exponents,
    OneExponent,
    as_number_of_surrogates,
    as_q,
    corrected,
    exponents,
    single_exponent,
    width_note,
)
from memtools.estimators.wavelet import (
    Octaves,
    as_octaves,
    detail_coefficients,
    orthogonal_wavelet,
)
from memtools.exceptions import InvalidInputError
from memtools.results import MultifractalSpectrum
from memtools.spectral import as_sample

_DEFAULT_Q = tuple(float(q) for q in np.arange(-4.0, 4.5, 0.5))
# Octaves with fewer leaders are left out; parts of the series that are drawn again as one.
_LEAST, _MOST_PARTS = 8, 64
# Draws for a surrogate, of which there are many.
_FEW = 60


@dataclass
class _Found:
    exponents: Exponents
    c2: float


@dataclass
class _Error:
    hurst: FloatArray
    c2: float


def wavelet_leaders(
    x: ArrayLike,
    q: ArrayLike = _DEFAULT_Q,
    wavelet: str = "db3",
    octaves: Octaves = None,
    n_boot: int = 399,
    n_surrogates: int = 99,
    rng: RandomState = 0,
) -> MultifractalSpectrum:
    """Multifractal spectrum by wavelet leaders, with bootstrap standard errors.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 512 observations; the increments: their sums are looked at.
    q : array_like
        Orders of the moments, in -20..20.
    wavelet : str
        An orthogonal wavelet by PyWavelets' name; its vanishing moments must exceed the largest
        exponent of the sums.
    octaves : (int, int), optional
        First and last octave; by default 3 to the last with eight leaders.
    n_boot : int
        Draws of parts of the series, whole in all octaves, for the standard errors.
    n_surrogates : int
        Paths of the fractional Gaussian noise that has this h(2) on average: their bias is taken
        off, and the errors are multiplied by what the draws of their parts miss; 0 for neither.
    rng : int, SeedSequence, Generator or None
        Source of their randomness; by default the same numbers at every call.

    Returns
    -------
    MultifractalSpectrum
        `hurst` is zeta(q) / q, zeta the slope of log2 mean(L^q) on the octave, weighted by the
        number of leaders; `intermittency` is c_2, the slope of the variance of log L over log 2.

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series of 512 observations or more, has leaders that are
        zero, or an option is out of range.

    Notes
    -----
    The leader of a place is the largest |coefficient| there and at its two neighbours, at its
    octave and all finer ones, of coefficients 2^(-j/2) times the orthonormal ones.  Negative q,
    which coefficients cannot bear, are what leaders are for.  Coefficients that reach beyond the
    series are not used.

    pymultifracs 0.3.1: of these leaders ``mfa(..., weighted="Nj")`` finds ``q * hurst`` and c_2,
    with ``n_surrogates=0`` and the same octaves.  Its own, ``get_leaders(p_exp=numpy.inf)``, are
    others: at the finest octave it sums the three neighbours, and it halves each octave before it
    is compared with the next, as p-leaders want it.

    References
    ----------
    Wendt, H., Abry, P. and Jaffard, S. (2007). Bootstrap for empirical multifractal analysis.
    IEEE Signal Processing Magazine 24(4), 38-48.
    Jaffard, S. (2004). Wavelet techniques in multifractal analysis. Proceedings of Symposia in
    Pure Mathematics 72, 91-151.

    Examples
    --------
    >>> import memtools as mt
    >>> x = mt.simulate(mt.FractionalGaussianNoise(0.7), 4000, rng=1)
    >>> found = mt.wavelet_leaders(x, [-2, 2], rng=1)
    >>> bool(abs(found.intermittency) < 3 * found.intermittency_stderr)
    True
    """
    sample = as_sample(x, min_obs=512)
    orders = as_q(q)
    n_boot = _validate.as_integer(n_boot, "n_boot", 2)
    n_surrogates = as_number_of_surrogates(n_surrogates)
    generator = _validate.as_rng(rng)
    values = sample.values
    leaders = _leaders(np.cumsum(values - values.mean()), wavelet)
    last = sum(len(one) >= _LEAST for one, _ in leaders)
    first, end = as_octaves(octaves, last, len(values), 3)
    used = leaders[first - 1 : end]
    if not all(one.min() > 0.0 for one, _ in used):
        raise InvalidInputError("x", "a series that varies everywhere", "one that does not")
    octave = np.arange(first, end + 1.0) * np.log(2.0)
    found, error = _booted(used, orders, octave, len(values), n_boot, generator)
    notes: tuple[str, ...] = ()
    if n_surrogates:

        def again(path: FloatArray, n_draws: int) -> tuple[_Found, _Error]:
            parts = _leaders(np.cumsum(path - path.mean()), wavelet)[first - 1 : end]
            return _booted(parts, orders, octave, len(values), n_draws, generator)

        noise = single_exponent(
            found.exponents,
            orders,
            len(values),
            lambda path: again(path, 2)[0].exponents,
            generator,
        )
        drawn = [again(noise.draw(), _FEW) for _ in range(n_surrogates)]
        notes = (width_note(found.exponents, [one.exponents for one, _ in drawn]),)
        found, error = _without_bias(orders, found, error, drawn, noise)
    return MultifractalSpectrum(
        q=orders,
        **found.exponents._asdict(),
        stderr=error.hurst,
        method=f"Wavelet leaders, {wavelet}, octaves {first} to {end}",
        n_obs=len(values),
        scales=np.exp(octave),
        fluctuations=np.array([np.mean(one[:, np.newaxis] ** orders, axis=0) for one, _ in used]),
        intermittency=found.c2,
        intermittency_stderr=error.c2,
        notes=notes,
    )


def _without_bias(
    q: FloatArray,
    found: _Found,
    error: _Error,
    drawn: list[tuple[_Found, _Error]],
    noise: OneExponent,
) -> tuple[_Found, _Error]:
    """Exponents less the bias that noise with one has, and errors with what its parts miss."""
    paths, own = [one for one, _ in drawn], [one for _, one in drawn]
    true = np.std([one.exponents.hurst for one in paths], axis=0, ddof=1)
    # What the draws of parts miss: memory between the parts.
    hurst = error.hurst * true / np.mean([one.hurst for one in own], axis=0)
    hurst = noise.stderr(q, hurst, len(drawn))
    c2 = error.c2 * float(np.std([one.c2 for one in paths]) / np.mean([one.c2 for one in own]))
    exponents = corrected(q, found.exponents, [one.exponents for one in paths], noise.hurst)
    # c_2 of one exponent is 0: what it is on these paths is bias.
    return _Found(exponents, found.c2 - float(np.mean([one.c2 for one in paths]))), _Error(
        hurst, c2
    )


def _leaders(path: FloatArray, wavelet: str) -> list[tuple[FloatArray, FloatArray]]:
    """Leaders of each octave and the places, in observations, of their middles."""
    middle = 0.5 * (len(orthogonal_wavelet(wavelet).dec_lo) - 1)
    found: list[tuple[FloatArray, FloatArray]] = []
    below: FloatArray | None = None
    for j, detail in enumerate(detail_coefficients(path, wavelet), start=1):
        size = np.abs(detail) * 2.0 ** (-0.5 * j)
        if below is not None:
            # The two of the octave below whose middles lie beside that of this one.
            finer = below[int(middle) :]
            n = min(len(size), len(finer) // 2)
            size = np.maximum(size[:n], np.maximum(finer[: 2 * n : 2], finer[1 : 2 * n : 2]))
        below = size
        if len(size) < 3:
            break
        leaders = np.maximum(size[1:-1], np.maximum(size[:-2], size[2:]))
        index = np.arange(1.0, len(size) - 1.0)
        found.append((leaders, 2.0**j * index + middle * (2.0**j - 1.0)))
    return found


def _sums_of_parts(
    used: list[tuple[FloatArray, FloatArray]], q: FloatArray, n_obs: int
) -> tuple[FloatArray, FloatArray]:
    """Sums over the parts of the series of L^q, L^q log L, log L and its square, and counts.

    Shapes (n_octaves, n_parts, 2 n_q + 2) and (n_octaves, n_parts).
    """
    n_parts = int(np.clip(2 * len(used[-1][0]), 8, _MOST_PARTS))
    sums = np.zeros((len(used), n_parts, 2 * len(q) + 2))
    counts = np.zeros((len(used), n_parts))
    for i, (leaders, places) in enumerate(used):
        part = np.minimum((places * n_parts / n_obs).astype(int), n_parts - 1)
        logs = np.log(leaders)
        raised = np.exp(logs[:, np.newaxis] * q)
        tilted = raised * logs[:, np.newaxis]
        columns = np.column_stack([raised, tilted, logs, logs**2])
        np.add.at(sums[i], part, columns)
        counts[i] = np.bincount(part, minlength=n_parts)
    return sums, counts


def _booted(
    used: list[tuple[FloatArray, FloatArray]],
    q: FloatArray,
    octave: FloatArray,
    n_obs: int,
    n_boot: int,
    rng: np.random.Generator,
) -> tuple[_Found, _Error]:
    """Exponents and c_2 of the series, and their spread over draws of its parts."""
    sums, counts = _sums_of_parts(used, q, n_obs)
    n_parts = counts.shape[1]
    times = rng.multinomial(n_parts, np.full(n_parts, 1.0 / n_parts), n_boot).astype(float)
    times = np.vstack([np.ones(n_parts), times])
    found, c2 = _exponents(times, sums, counts, q, octave, counts.sum(axis=1))
    error = _Error(np.nanstd(found.hurst[1:], axis=0, ddof=1), float(np.nanstd(c2[1:], ddof=1)))
    return _Found(Exponents(*(one[0] for one in found)), float(c2[0])), error


def _exponents(
    times: FloatArray,
    sums: FloatArray,
    counts: FloatArray,
    q: FloatArray,
    octave: FloatArray,
    weights: FloatArray,
) -> tuple[Exponents, FloatArray]:
    """Exponents, and c_2, of parts that are taken so many times: an entry a draw."""
    total = np.einsum("bp,spk->bsk", times, sums)
    number = np.einsum("bp,sp->bs", times, counts)[..., np.newaxis]
    # A draw that leaves an octave without a leader tells nothing.
    means = total / np.where(number > 0.0, number, np.nan)
    n_q = len(q)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_means = np.log(means[..., :n_q])
        slopes = means[..., n_q : 2 * n_q] / means[..., :n_q]
        found = exponents(q, octave, log_means, slopes, weights)
    variance = means[..., -1] - means[..., -2] ** 2
    share = weights / weights.sum()
    tilted = share * (octave - share @ octave)
    return found, variance @ (tilted / (tilted @ octave))
