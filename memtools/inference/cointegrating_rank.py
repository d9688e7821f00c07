"""How many combinations of several series have less memory than the series themselves?"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, polygamma

from memtools import _labels, _validate, fractional
from memtools._validate import Bandwidth, FloatArray
from memtools.estimators._together import Together
from memtools.estimators.exact import exact_local_whittle
from memtools.estimators.whittle import centred_logs, local_whittle
from memtools.results import CointegrationRank
from memtools.spectral import as_sample

_EXPONENT = 0.65
_MOST_SERIES = 10
# Nielsen and Shimotsu (2007, section 4): eigenvalues below m^-0.3 count as zero.
_THRESHOLD = -0.3
# d in common is differenced away in this range.
_D_RANGE = (-0.45, 2.0)


def cointegration_rank(
    x: ArrayLike, bandwidth: Bandwidth = None, alpha: float = 0.05
) -> CointegrationRank:
    """Fractional cointegrating rank of several series, by tests of each rank against more.

    Parameters
    ----------
    x : array_like, shape (n_obs, n_series), or DataFrame
        Two to ten series of at least 128 observations, of memory between -1/2 and 2.
    bandwidth : int, float or callable, optional
        Number m of Fourier ordinates, or an exponent in (0, 1); by default 0.65.  At least
        4 (n_series + 2).
    alpha : float
        Level of each test.

    Returns
    -------
    CointegrationRank
        `rank`, `pvalues` of the ranks 0, ..., n_series - 2 against more, `strengths`,
        `eigenvalues`, `vectors`, and `selected_rank` by the eigenvalues' size.

    Raises
    ------
    InvalidInputError
        Where `x` is no finite array of two to ten varying series, one is an exact combination of
        the others at low frequencies, or an argument is out of range.

    Notes
    -----
    The log of the determinant of the averaged periodogram matrix falls by 2 sum d_i log l, and
    by 2 b less for each combination whose memory is lower by b (Souza, Reisen, Franco and
    Bondon, 2018).  b is the sum of the series' local Whittle d less that slope over blocks of
    n_series + 2 ordinates; without cointegration its variance is known, the determinant being
    that of a complex Wishart matrix.  Nothing is asked of the correlations between series nor
    that their d be equal.  For the ranks above 0 the combinations of least power at low
    frequencies (eigenvectors of G after the d-th difference, d the mean of exact local Whittle
    estimates; Nielsen and Shimotsu, 2007) are projected out first.  The rank is the first that is
    not rejected.

    `selected_rank` is the model selection of Robinson and Yajima (2002) and Nielsen and Shimotsu
    (2007): eigenvalues of the correlation matrix of G below m^-0.3 count as zero.  It takes series
    whose innovations are strongly correlated for cointegrated (correlation 0.8, no
    cointegration, n = 1024: in 97% of paths; the tests in 5%).  R: LongMemoryTS'
    ``FCI_NS07(X, m, m1)``, whose d are not ours.

    References
    ----------
    Robinson, P. M. and Yajima, Y. (2002). Determination of cointegrating rank in fractional
    systems. Journal of Econometrics 106, 217-241.
    Nielsen, M. O. and Shimotsu, K. (2007). Determining the cointegrating rank in nonstationary
    fractional systems by the exact local Whittle approach. Journal of Econometrics 141, 574-596.
    Souza, I. V. M., Reisen, V. A., Franco, G. C. and Bondon, P. (2018). The estimation and
    testing of the cointegration order based on the frequency domain. Journal of Business and
    Economic Statistics 36, 695-704.

    Examples
    --------
    >>> import numpy as np
    >>> import memtools as mt
    >>> common = mt.simulate(mt.ARFIMAProcess(d=0.9), 1000, rng=1)
    >>> noise = np.random.default_rng(1).standard_normal((1000, 3))
    >>> found = mt.cointegration_rank(common[:, None] + noise)
    >>> found.rank
    2
    """
    values = _validate.as_several_series(x, min_obs=128, least=2, most=_MOST_SERIES)
    n_obs, k = values.shape
    m = _validate.as_bandwidth(bandwidth, n_obs, _EXPONENT, 4 * (k + 2))
    alpha = _validate.as_alpha(alpha)
    estimates = [exact_local_whittle(as_sample(column), m) for column in values.T]
    d = np.array([estimate.d for estimate in estimates])
    common = float(np.clip(d.mean(), *_D_RANGE))
    flat = _differenced(values, common)
    together = Together(flat, m)
    together.require_full_rank()
    eigenvalues, vectors = np.linalg.eigh(together.coherence(np.zeros(k)))
    scaled = flat / together.scale
    found = [_strength(scaled, vectors[:, r:], m) for r in range(k - 1)]
    strengths, errors = np.array(found).T
    pvalues = ndtr(-strengths / errors)
    rejected = np.append(pvalues < alpha, False)
    rank, selected = int(np.argmin(rejected)), int((eigenvalues < m**_THRESHOLD)[:-1].sum())
    notes: tuple[str, ...] = ()
    if selected != rank:
        notes = (f"by the size of its eigenvalues the rank is {selected}: see the notes on both",)
    return CointegrationRank(
        rank=rank,
        pvalues=pvalues,
        strengths=strengths,
        strength_stderr=errors,
        eigenvalues=eigenvalues[::-1],
        selected_rank=selected,
        vectors=_cointegrating(vectors[:, :rank], together.scale),
        d=d,
        names=_labels.column_names(x, k),
        n_obs=n_obs,
        bandwidth=m,
        alpha=alpha,
        notes=notes,
    )


def _differenced(values: FloatArray, d: float) -> FloatArray:
    """d-th differences of the series about their means, by generalised least squares."""
    differences = fractional.fracdiff(values, d, axis=0)
    level = fractional.fracdiff(np.ones(len(values)), d)
    return np.asarray(differences - np.outer(level, level @ differences) / (level @ level))


def _strength(values: FloatArray, kept: FloatArray, m: int) -> tuple[float, float]:
    """By how much the memory of combinations is less, among those kept, and its standard error.

    The sum of the q kept directions' d is q times the mean d of the k series after the
    projection: a basis of the directions themselves would hold the combinations that are sought.
    """
    k, q = kept.shape
    inside = values @ kept
    projected = Together(inside @ kept.T, m)
    d = np.array([local_whittle(as_sample(column), m).d for column in (inside @ kept.T).T])
    size = k + 2
    n_blocks = m // size
    w = Together(inside, m).w[: n_blocks * size].reshape(n_blocks, size, q)
    matrices = np.einsum("jla,jlb->jab", w, w.conj())
    logs = np.log(projected.frequencies[: n_blocks * size]).reshape(n_blocks, size).mean(axis=1)
    nu = logs - logs.mean()
    slope = float(nu @ np.linalg.slogdet(matrices)[1]) / float(nu @ nu)
    strength = 0.5 * slope + q * float(d.mean())
    # The determinant's variance; then that of the d less twice their covariance with it.
    blocks = float(polygamma(1, size - np.arange(q)).sum()) / float(nu @ nu)
    coherence = projected.coherence(d) ** 2
    centred = centred_logs(projected.frequencies)
    alone = (float(coherence.sum()) * (q / k) ** 2 - 2.0 * q) / float(centred @ centred)
    return strength, 0.5 * math.sqrt(blocks + alone)


def _cointegrating(vectors: FloatArray, scale: FloatArray) -> FloatArray:
    """Combinations of the series in their own units, the largest coefficient of each one."""
    own = vectors / scale[:, np.newaxis]
    return own / own[np.abs(own).argmax(axis=0), np.arange(own.shape[1])]
