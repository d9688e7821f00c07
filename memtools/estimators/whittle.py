"""Local Whittle estimators in the frequency domain: plain, tapered, fully extended."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate, spectral
from memtools._validate import Bandwidth, FloatArray
from memtools.estimators._null_law import whittle_law
from memtools.estimators._ordinates import (
    BoolArray,
    Rows,
    as_bandwidth,
    ordinates,
    row_ordinates,
    told,
)
from memtools.estimators._stderr import as_stderr_kind, calibration
from memtools.results import MemoryEstimate, Spectrum
from memtools.results.intervals import LawMaker
from memtools.spectral import Sample, as_sample

# Beyond these the ordinates say no more about d.
_BOUNDS = (-5.0, 5.0)

# Lower and upper ends of the pieces of the fully extended estimator.
_PIECES = (np.array([-1.5, 0.5, 1.5]), np.array([0.5, 1.5, 2.5]))

# Squared correlations of a tapered DFT with its 1st, 2nd, ... neighbour in use:
# |sum h^2 exp(i l t)|^2 / (sum h^2)^2 at the distance of the step. Triangle: (3 / 2 pi^2 k^2)^2;
# Velasco (1999, page 101): their two-sided sums 0.05 and 0.00354; Hurvich-Chen (2000): 1/4.
_NEIGHBOURS: dict[str | None, tuple[float, ...]] = {
    None: (),
    "cosine": (),
    "bartlett": ((1.5 / math.pi**2) ** 2, (1.5 / (4.0 * math.pi**2)) ** 2),
    "kolmogorov": (0.00177,),
    "hc": (0.25,),
}


def local_whittle(
    x: ArrayLike,
    bandwidth: Bandwidth = None,
    taper: str | None = None,
    stderr: str = "finite-sample",
) -> MemoryEstimate:
    """Local Whittle estimate of d, with or without a taper.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least eight observations (18 and 12 for Velasco's tapers of step 3 and 2).
    bandwidth : int, float, str or callable, optional
        Number m of Fourier ordinates j = 1..m, or an exponent b in (0, 1) for
        floor(n_obs**b), or a function of n_obs; by default b = 0.65.
    taper : {None, "cosine", "kolmogorov", "bartlett", "hc"}
        None is Robinson's estimator, normal for -1/2 < d < 3/4 and consistent to 1.
        "cosine", "kolmogorov" (step p = 3) and "bartlett" (p = 2) are Velasco's tapers: they use
        every p-th ordinate up to m and hold for d < 5/2, 5/2 and 3/2.  "hc" is the complex
        taper of Hurvich and Chen on the first differences, for -1/2 < d < 3/2.
    stderr : {"finite-sample", "asymptotic"}
        From the exact Fisher sums over the ordinates used (and the taper's correlation of
        neighbours), calibrated by simulation so that the 95% interval covers 95% from 128
        observations on; or 1 / sqrt(4 m), times sqrt(p Phi) for a taper with step p
        (Phi = 1, 1.00354, 1.05) and sqrt(1.5) for "hc".

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
    exact_local_whittle : for non-stationary series.

    Notes
    -----
    Minimises R(d) = log(mean_j l_j^(2d) I_j) - 2 d mean_j log l_j, which is convex, by
    Newton's method.  Stata: ``whittle x, power(0.65)`` (Baum, Hurn and Lindsay); pyelw's
    ``LW(taper=...)``, where the step divides m (elsewhere the mean of log l_j there is no
    mean).  LongMemoryTS' ``local.W`` divides by m - 2 without a taper and is biased.

    References
    ----------
    Robinson, P. M. (1995). Gaussian semiparametric estimation of long range dependence.
    Annals of Statistics 23, 1630-1661.
    Velasco, C. (1999). Gaussian semiparametric estimation of non-stationary time series.
    Journal of Time Series Analysis 20, 87-127.
    Hurvich, C. M. and Chen, W. W. (2000). An efficient taper for potentially overdifferenced
    long-memory time series. Journal of Time Series Analysis 21, 155-180.

    Examples
    --------
    >>> import numpy as np
    >>> import memtools as mt
    >>> noise = np.random.default_rng(0).standard_normal(1000)
    >>> print(mt.local_whittle(mt.fracint(noise, 0.3)).summary())
    Local Whittle
      d = 0.3144, standard error 0.0601 (finite-sample)
      95% interval [0.1967, 0.4321], Hurst exponent 0.8144
      1000 observations, bandwidth m = 89
    >>> round(mt.local_whittle(mt.fracint(noise, 1.3), taper="hc").d, 3)
    1.246
    """
    sample = as_sample(x)
    found = local_whittle_rows(sample, bandwidth, taper, stderr)
    result = MemoryEstimate(
        d=float(found.d),
        stderr=float(found.stderr),
        method="Local Whittle" + (f", {taper} taper" if taper else ""),
        n_obs=sample.n_obs,
        bandwidth=found.bandwidth,
        converged=bool(found.converged),
        stderr_kind=stderr,
        details={} if taper is None else {"taper": taper, "n_ordinates": _n_used(found, taper)},
        law=found.law,
    )
    return told(result, x)


def _n_used(found: Rows, taper: str) -> int:
    return (found.bandwidth or 0) // spectral.TAPER_STEP[taper]


def local_whittle_rows(
    sample: Sample,
    bandwidth: Bandwidth = None,
    taper: str | None = None,
    stderr: str = "finite-sample",
) -> Rows:
    """:func:`local_whittle` of a sample of one series or many rows."""
    _validate.as_choice(taper, "taper", spectral.TAPERS)
    step = spectral.TAPER_STEP[taper]
    _validate.require_length(sample.n_obs, "x", max(8 + (taper == "hc"), 6 * step))
    kind = as_stderr_kind(stderr)
    lost = 0
    if taper == "hc":
        sample, lost = Sample(np.diff(sample.values)), 1
    m = as_bandwidth(bandwidth, sample.n_obs - 2 * lost, 0.65, 3 * step, sample)
    spectrum, powered = row_ordinates(sample, m, taper)
    d, converged, used = tapered_minimum(spectrum)
    error, law = whittle_stderr(used, kind, m, taper), _law_of(used, kind, m, taper)
    return Rows(d + lost, error, m, converged, powered, law=law)


def tapered_minimum(spectrum: Spectrum) -> tuple[FloatArray, BoolArray, FloatArray]:
    """Minimum over the ordinates that the taper leaves uncorrelated, and their frequencies."""
    step = spectral.TAPER_STEP[spectrum.taper]
    used = spectrum.frequencies[step - 1 :: step]
    return *whittle_minimum(centred_logs(used), spectrum.power[..., step - 1 :: step]), used


def centred_logs(frequencies: FloatArray) -> FloatArray:
    """log l_j minus its mean over the frequencies in use."""
    logs = np.log(frequencies)
    logs -= logs.mean()
    return logs


def whittle_minimum(
    logs: FloatArray,
    power: FloatArray,
    bounds: tuple[float | FloatArray, float | FloatArray] = _BOUNDS,
) -> tuple[FloatArray, BoolArray]:
    """Minimise log(mean exp(2 d v_j) I_j) over d by Newton's method, a row a series.

    The function is convex; v_j are centred logs, and a step is bounded by one so that the
    weights stay numbers.

    Parameters
    ----------
    logs : ndarray, shape (m,)
    power : ndarray, shape (..., m)
    bounds : (low, high)
        Ends of the range of d, one pair or a pair a row.

    Returns
    -------
    d, converged : ndarray, shape (...)
        Converged where the tolerance was reached inside the bounds.
    """
    low, high = bounds
    d = np.minimum(np.maximum(np.zeros(power.shape[:-1]), low), high)
    settled = np.zeros(d.shape, dtype=bool)
    # One weight times the power, one buffer: the ordinates are many where the series is long.
    weighted = np.empty_like(power)
    for _ in range(60):
        mean, curvature, _ = whittle_moments(logs, power, d, weighted)
        step = -0.5 * mean / np.maximum(curvature, 1e-12)
        wanted = np.minimum(np.maximum(d + np.minimum(np.maximum(step, -1.0), 1.0), low), high)
        # A row that has settled stays: no row's answer depends on the others.
        wanted = np.where(settled, d, wanted)
        settled |= np.abs(wanted - d) < 1e-9
        d = wanted
        if settled.all():
            break
    return d, settled & (low < d) & (d < high)


def whittle_moments(
    logs: FloatArray, power: FloatArray, d: FloatArray, out: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean and variance of v under weights exp(2 d v) I, and the sum of these, a row a series.

    R'(d) is twice the mean, R''(d) four times the variance.  `out` is overwritten.
    """
    np.multiply(logs, 2.0 * d[..., np.newaxis], out=out)
    np.exp(out, out=out)
    out *= power
    total = out.sum(axis=-1)
    # Not @: the rows of a product of matrices may depend on how many they are.
    mean = np.vecdot(out, logs) / total
    return mean, np.vecdot(out, logs * logs) / total - mean * mean, total


def whittle_objective(logs: FloatArray, power: FloatArray, d: float) -> float:
    """R(d) = log(mean exp(2 d v_j) I_j)."""
    return math.log(float(np.exp(2.0 * d * logs) @ power) / len(power))


def whittle_stderr(
    frequencies: FloatArray,
    kind: str,
    m: int,
    taper: str | None = None,
    estimator: str = "local_whittle",
) -> float:
    """Standard error of a local Whittle estimate over the frequencies in use."""
    neighbours = _NEIGHBOURS[taper]
    if kind == "asymptotic":
        inflation = spectral.TAPER_STEP[taper] * (1.0 + 2.0 * _two_sided(taper))
        return math.sqrt(inflation / (4.0 * m))
    logs = centred_logs(frequencies)
    squares = float(logs @ logs)
    sandwich = squares + _cross_products(logs, neighbours)
    name = estimator if taper is None else f"{estimator}_{taper}"
    return math.sqrt(sandwich) / (2.0 * squares) * calibration(name, len(logs))


def _law_of(frequencies: FloatArray, kind: str, m: int, taper: str | None) -> LawMaker | None:
    """The law of a local Whittle estimate about d, None for an asymptotic standard error.

    It is that of independent ordinates as many as are used, stretched as the standard error is.
    Neighbours under "hc" depend on each other too much for that.
    """
    if kind == "asymptotic" or taper == "hc":
        return None
    independent = np.arange(1.0, len(frequencies) + 1.0)
    own = whittle_stderr(frequencies, kind, m, taper)
    return partial(whittle_law, len(frequencies), own / whittle_stderr(independent, kind, m))


def _cross_products(logs: FloatArray, neighbours: Sequence[float]) -> float:
    pairs = enumerate(neighbours, start=1)
    return sum(2.0 * c * float(logs[k:] @ logs[:-k]) for k, c in pairs if k < len(logs))


def _two_sided(taper: str | None) -> float:
    """Sum of the squared correlations with all neighbours on one side."""
    return {"bartlett": 0.025, "kolmogorov": 0.00177, "hc": 0.25}.get(taper or "", 0.0)


def fully_extended_local_whittle(
    x: ArrayLike, bandwidth: Bandwidth = None, stderr: str = "finite-sample"
) -> MemoryEstimate:
    """Fully extended local Whittle estimate of d (Abadir, Distaso and Giraitis).

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least ten observations; -3/2 < d < 5/2.
    bandwidth : int, float, str or callable, optional
        Number m of Fourier ordinates, or an exponent in (0, 1); by default 0.65.
    stderr : {"finite-sample", "asymptotic"}
        From the exact Fisher sums, calibrated; or 1 / sqrt(4 m).

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

    Notes
    -----
    On p - 1/2 < d <= p + 1/2 the periodogram is that of the p-th difference divided by
    |1 - exp(i l)|^(2p); the local Whittle objective is minimised over the pieces p = 0, 1, 2 (the
    first reaches down to -3/2).  The first two observations serve as starting values of the
    differences, so that all pieces see the same n_obs - 2 points.

    References
    ----------
    Abadir, K. M., Distaso, W. and Giraitis, L. (2007). Nonstationarity-extended local
    Whittle estimation. Journal of Econometrics 141, 1353-1384.

    Examples
    --------
    >>> import numpy as np
    >>> import memtools as mt
    >>> noise = np.random.default_rng(0).standard_normal(1000)
    >>> round(mt.fully_extended_local_whittle(mt.fracint(noise, 1.3)).d, 3)
    1.309
    """
    sample = as_sample(x, min_obs=10)
    kind = as_stderr_kind(stderr)
    n_used = sample.n_obs - 2
    m = as_bandwidth(bandwidth, n_used, 0.65, 3, sample)
    frequencies = spectral.fourier_frequencies(n_used, m)
    logs, log_gain = centred_logs(frequencies), np.log(2.0 * np.sin(0.5 * frequencies))
    differences = np.stack([np.diff(sample.values, p)[2 - p :] for p in range(3)])
    power = ordinates(Sample(differences), m).power
    power *= np.exp(-2.0 * np.arange(3.0)[:, np.newaxis] * log_gain)
    minima, inside = whittle_minimum(logs, power, _PIECES)
    lowest = [whittle_objective(logs, *piece) for piece in zip(power, minima, strict=True)]
    best = int(np.argmin(lowest))
    d, on_border = float(minima[best]), minima[best] in (0.5, 1.5)
    result = MemoryEstimate(
        d=d,
        stderr=whittle_stderr(frequencies, kind, m, estimator="fully_extended_local_whittle"),
        method="Fully extended local Whittle",
        n_obs=sample.n_obs,
        bandwidth=m,
        converged=bool(inside[best] or on_border),
        stderr_kind=kind,
        notes=("d lies on the border of two pieces",) if on_border else (),
    )
    return told(result, x)
