"""Is the d-th difference of the series of short memory?  Shimotsu's second test."""

from __future__ import annotations

import math

import numpy as np
import scipy.fft
from numpy.typing import ArrayLike

from memtools import _validate, fractional, spectral
from memtools._validate import Bandwidth, FloatArray
from memtools.estimators.whittle import centred_logs, whittle_minimum
from memtools.inference import partial_sums as ps
from memtools.inference.laws import Law, law
from memtools.inference.short_laws import pp_lags
from memtools.inference.spurious import prewhitened, taken_off
from memtools.results import TestResult

MIN_OBS = 50
EXPONENT = 0.65
# Where local Whittle is consistent and the laws are known.
D_RANGE = (-0.45, 0.95)


def difference_test(
    x: ArrayLike, bandwidth: Bandwidth = None, prewhiten: bool = True
) -> TestResult:
    """Shimotsu's test that the d-th difference of a series has short memory.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 50 observations, of -0.45 < d < 0.95 under the null.
    bandwidth : int, float or callable, optional
        Number m of Fourier ordinates that d is estimated on, or an exponent in (0, 1); by
        default 0.65.  The p-value is for the default.
    prewhiten : bool
        Take off short-run dynamics first, as :func:`qu_test` does.

    Returns
    -------
    TestResult
        The p-value is twice the smaller one of KPSS (large where levels are left) and
        Phillips-Perron on the partial sums (small where too much was differenced), the
        statistic -log of the smaller one: the two never reject together, so that twice is
        exact below 1/2.  `details` holds "d", "bandwidth",
        "prewhitened_by", "kpss" and "phillips_perron" (each with "statistic" and "pvalue").

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series of 50 observations or more, or an argument is out
        of range.

    See Also
    --------
    split_sample_test : Shimotsu's first test.

    Notes
    -----
    u = (1 - B)^d (x - level), d the local Whittle estimate (the paper has its exact form), the
    level the mean up to d = 1/2, the first observation from 3/4 on and weighed between.  KPSS of
    u with Andrews' lag, Z_tau of its sums with arch's default lag.  Both limits depend on d, as d
    is estimated: p-values are from 5,000 to 10,000 paths of ARFIMA(0, d, 0) of this length (up to
    2,000) that went the same way.  Power is not monotone: a shift by 1, 2, 4 standard deviations
    in white noise (n = 1000) is found in 100, 91 and 0 of 100 paths, as d beyond 1/2 turns the
    step into an impulse; `qu_test` and `contamination_test` keep theirs.  At 5% it rejects 4.0 to
    6.8% of 4,000 paths under d 0.2 and 0.4, d 0.3 with AR(1) 0.4 and d 0.4 with MA(1) -0.5 (most
    under the last, n = 250).  No public program has this test.

    References
    ----------
    Shimotsu, K. (2006). Simple (but effective) tests of long memory versus structural breaks.
    Queen's Economics Department Working Paper 1101, section 3.

    Examples
    --------
    >>> import numpy as np
    >>> import memtools as mt
    >>> noise = mt.simulate(mt.ARFIMAProcess(), 1000, rng=1)
    >>> mt.difference_test(noise + np.repeat([0.0, 1.0], 500)).pvalue < 0.05
    True
    >>> mt.difference_test(mt.simulate(mt.ARFIMAProcess(d=0.4), 1000, rng=3)).pvalue < 0.05
    False
    """
    values = _validate.as_varying_series(x, min_obs=MIN_OBS)
    n_obs = len(values)
    m = _validate.as_bandwidth(bandwidth, n_obs, EXPONENT, 6)
    order = (0, 0)
    if _validate.as_flag(prewhiten, "prewhiten"):
        values, order, _ = prewhitened(values)
    row = values[np.newaxis]
    d = estimated_memory(row, m)
    kpss, tau = (float(found[0]) for found in statistics(row, d))
    pvalues = {
        "kpss": law_at("kpss", n_obs, float(d[0])).pvalue(kpss, "greater"),
        "phillips_perron": law_at("phillips_perron", n_obs, float(d[0])).pvalue(tau, "less"),
    }
    smaller = min(pvalues.values())
    each = dict(zip(pvalues, (kpss, tau), strict=True))
    return TestResult(
        statistic=-math.log(max(smaller, 1e-300)),
        pvalue=min(1.0, 2.0 * smaller),
        null="true long memory",
        alternative="spurious long memory (level shifts, a trend)",
        method="Shimotsu's d-th difference, KPSS and Phillips-Perron",
        details={
            "d": float(d[0]),
            "n_obs": n_obs,
            "bandwidth": m,
            "prewhitened_by": order,
            **{name: {"statistic": each[name], "pvalue": p} for name, p in pvalues.items()},
        },
        finding=f"d = {d[0]:z.2f} on {m} Fourier ordinates{taken_off(order)}",
    )


def law_at(name: str, n_obs: int, d: float) -> Law:
    """The law of a statistic at an estimated d, which moves the statistic too."""
    place = n_obs**-0.5, d
    return law("difference_laws", name, *place).under(law("difference_scores", name, *place))


def estimated_memory(rows: FloatArray, m: int) -> FloatArray:
    """Local Whittle estimates of rows, moved to where the laws are known."""
    frequencies, power = spectral.ordinates(rows, m)
    return np.clip(whittle_minimum(centred_logs(frequencies), power)[0], *D_RANGE)


def statistics(rows: FloatArray, d: FloatArray) -> tuple[FloatArray, FloatArray]:
    """KPSS of the d-th differences and Phillips-Perron's tau of their sums; d a row."""
    u = ps.centred(_differenced(rows, d))
    lags = ps.andrews_lags(ps.first_autocorrelation(u), u.shape[1])
    kpss = ps.kpss_statistic(u, ps.bartlett_variance(u, lags))
    return kpss, ps.phillips_perron_tau(np.cumsum(u, axis=1), pp_lags(u.shape[1]))


def _differenced(rows: FloatArray, d: FloatArray) -> FloatArray:
    """(1 - B)^d of rows less their level, each at its own d."""
    n_obs = rows.shape[1]
    share = 0.5 * (1.0 + np.cos(4.0 * math.pi * (np.clip(d, 0.5, 0.75) - 0.5)))
    level = share * rows.mean(axis=1) + (1.0 - share) * rows[:, 0]
    size = scipy.fft.next_fast_len(2 * n_obs, real=True)
    product = scipy.fft.rfft(rows - level[:, np.newaxis], size)
    product *= scipy.fft.rfft(fractional.weights(d, n_obs), size)
    return np.asarray(scipy.fft.irfft(product, size)[:, :n_obs])
