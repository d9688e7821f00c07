"""Short memory against long: is there more than an autoregression can explain?"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from memtools import spectral
from memtools._validate import Bandwidth
from memtools.exceptions import InvalidInputError
from memtools.inference import partial_sums as ps
from memtools.inference import short_laws
from memtools.inference.short_laws import MIN_OBS, ShortTests, Statistic
from memtools.results import TestResult
from memtools.spectral import Sample

_LONG = "long memory (d > 0), one-sided"
_SHORT = "short memory (d = 0)"


def modified_rescaled_range(x: ArrayLike, n_lags: int | None = None) -> TestResult:
    """Lo's modified rescaled range: short against long memory.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 50 observations.
    n_lags : int, optional
        Largest lag q of the long-run variance; by default Andrews' plug-in rule for AR(1).

    Returns
    -------
    TestResult
        `details` holds "n_lags", "critical_values" and "by_lag", the statistic at several q.

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series of 50 observations or more, or `n_lags` is out of
        range.

    See Also
    --------
    vs_test : more power against long memory.

    Notes
    -----
    V = (max_k S_k - min_k S_k) / sqrt(n s^2(q)), S_k the partial sums of x - mean (S_0 = 0), s^2(q)
    Newey and West's variance.  With the default lag the p-value comes from AR(1) paths of this
    length and first autocorrelation (simulated quantiles); with a lag given, from Lo's limit law,
    under which the central 95% are [0.809, 1.862].  The test accepts the easier the larger q.

    At 5% it rejects 4.3 to 5.9% of 4,000 paths under white noise, AR(1) 0.5 and 0.8 and MA(1) 0.5
    (n = 250 to 2,000).  Short-run dynamics that rise towards low frequencies more slowly than
    their first autocorrelation tells are taken for long memory: 7 to 14% under ARMA(0.8, -0.4) and
    AR(2) (0.4, 0.3).  :func:`robinson_lm`, which fits an autoregression, rejects 4 to 11% there.
    R: LongMemoryTS has none; ``pracma::hurstexp`` has q = 0 only.

    References
    ----------
    Lo, A. W. (1991). Long-term memory in stock market prices. Econometrica 59, 1279-1313.
    Teverovsky, V., Taqqu, M. S. and Willinger, W. (1999). A critical look at Lo's modified R/S
    statistic. Journal of Statistical Planning and Inference 80, 211-227.

    Examples
    --------
    >>> import memtools as mt
    >>> mt.modified_rescaled_range(mt.datasets.load("nile")).pvalue < 0.05
    True
    """
    sample = _as_row(x)
    found = short_laws.range_rows(sample, n_lags)
    return _of_sums(sample, found, ps.range_statistic, "Lo's modified rescaled range")


def vs_test(x: ArrayLike, n_lags: int | None = None) -> TestResult:
    """Rescaled variance V/S of the partial sums: short against long memory.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 50 observations.
    n_lags : int, optional
        Largest lag q of the long-run variance; by default Andrews' plug-in rule for AR(1).

    Returns
    -------
    TestResult
        `details` holds "n_lags", "critical_values" and "by_lag", the statistic at several q.

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series of 50 observations or more, or `n_lags` is out of
        range.

    Notes
    -----
    The variance (divisor n) of S_1, ..., S_n over n s^2(q).  With the default lag the p-value
    comes from AR(1) paths of this length and first autocorrelation; with a lag given, from the
    limit law F(v) = K(pi sqrt(v)), K Kolmogorov's: 0.1518, 0.1869, 0.2684 at 10, 5 and 1%.

    At 5% it rejects 4.8 to 5.6% of 4,000 paths under white noise, AR(1) 0.5 and 0.8 and MA(1) 0.5
    (n = 250 to 2,000), but 7 to 14% under ARMA(0.8, -0.4) and AR(2) (0.4, 0.3): dynamics that rise
    towards low frequencies more slowly than their first autocorrelation tells.

    References
    ----------
    Giraitis, L., Kokoszka, P., Leipus, R. and Teyssiere, G. (2003). Rescaled variance and related
    tests for long memory in volatility and levels. Journal of Econometrics 112, 265-294; 126,
    571-572.

    Examples
    --------
    >>> import memtools as mt
    >>> x = mt.simulate(mt.ARFIMAProcess(ar=[0.5]), 1000, rng=1)
    >>> mt.vs_test(x).pvalue > 0.05
    True
    """
    sample = _as_row(x)
    found = short_laws.vs_rows(sample, n_lags)
    return _of_sums(sample, found, ps.vs_statistic, "V/S (rescaled variance)")


def _of_sums(sample: Sample, found: ShortTests, statistic: Statistic, method: str) -> TestResult:
    n_obs, used = sample.n_obs, int(found.used[0])
    shown = np.unique([0, used, *(int(c * n_obs ** (1 / 3)) for c in (0.5, 1.0, 2.0, 4.0))])
    centred = ps.centred(sample.values)
    by_lag = {
        int(q): float(statistic(centred, ps.bartlett_variance(centred, np.array([q])))[0])
        for q in shown[shown <= n_obs // 2]
    }
    return _result(found, method, n_obs, {"n_lags": used, "by_lag": by_lag}, _of_lags(used))


def kpss_test(x: ArrayLike, trend: str = "c", n_lags: int | None = None) -> TestResult:
    """KPSS test of short memory around a level or a trend.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 50 observations.
    trend : {"c", "ct"}
        Around a constant, or a straight line.
    n_lags : int, optional
        Largest lag of the long-run variance; by default Andrews' plug-in rule for AR(1).

    Returns
    -------
    TestResult
        `details` holds "n_lags" and "critical_values".

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series of 50 observations or more, or an argument is out
        of range.

    Notes
    -----
    sum_k S_k^2 / (n^2 s^2(q)); it has power against long memory as well as a unit root.  With
    the default lag the p-value comes from AR(1) paths of this length and first autocorrelation,
    else from the limit law.

    At 5% it rejects 4.4 to 5.6% of 4,000 paths under white noise, AR(1) 0.5 and 0.8 and MA(1) 0.5
    (n = 250 to 2,000), but 7 to 14% under ARMA(0.8, -0.4) and AR(2) (0.4, 0.3): dynamics that rise
    towards low frequencies more slowly than their first autocorrelation tells.
    R: ``tseries::kpss.test`` has this statistic at its own lag only (``lshort``), urca's
    ``ur.kpss(x, use.lag = q)`` at yours; arch: ``KPSS(x, trend, lags)``.

    References
    ----------
    Kwiatkowski, D., Phillips, P. C. B., Schmidt, P. and Shin, Y. (1992). Testing the null
    hypothesis of stationarity against the alternative of a unit root. JoE 54, 159-178.
    Lee, D. and Schmidt, P. (1996). On the power of the KPSS test of stationarity against
    fractionally-integrated alternatives. Journal of Econometrics 73, 285-302.

    Examples
    --------
    >>> import memtools as mt
    >>> mt.kpss_test(mt.datasets.load("nile")).pvalue < 0.05
    True
    """
    sample = _as_row(x)
    found = short_laws.kpss_rows(sample, trend, n_lags)
    words = "a level" if trend == "c" else "a trend"
    used = int(found.used[0])
    method = f"KPSS around {words}"
    return _result(found, method, sample.n_obs, {"n_lags": used}, _of_lags(used))


def phillips_perron_test(x: ArrayLike, trend: str = "c", n_lags: int | None = None) -> TestResult:
    """Phillips and Perron's test of a unit root.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 51 observations.
    trend : {"c", "ct"}
        Deterministic part: a constant, or a straight line.
    n_lags : int, optional
        Largest lag of the long-run variance; by default ceil(12 (n_obs / 100)^(1/4)).

    Returns
    -------
    TestResult
        Small p-values speak for d < 1; with a small p-value of :func:`kpss_test` for memory
        between the two.

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series of 51 observations or more, or an argument is out
        of range.

    Notes
    -----
    Z_tau.  With the default lag the p-value comes from sums of AR(1) paths of this length and the
    first autocorrelation of the increments, else from the limit law.  At 5% it rejects 4.4 to 5.7%
    of 4,000 paths of a random walk and of one whose increments are AR(1) 0.3 (n = 250 to 2,000);
    other increments were not measured.  arch: ``PhillipsPerron(x, trend, lags)`` has this
    statistic and MacKinnon's p-value.

    References
    ----------
    Phillips, P. C. B. and Perron, P. (1988). Testing for a unit root in time series regression.
    Biometrika 75, 335-346.

    Examples
    --------
    >>> import memtools as mt
    >>> x = mt.simulate(mt.ARFIMAProcess(d=0.4), 1000, rng=1)
    >>> mt.phillips_perron_test(x).pvalue < 0.05
    True
    """
    sample = _as_row(x, MIN_OBS + 1)
    found = short_laws.phillips_perron_rows(sample, trend, n_lags)
    if not math.isfinite(found.statistic[0]):
        raise InvalidInputError("x", "a series whose increments vary", "a straight line")
    used = int(found.used[0])
    return replace(
        _result(found, "Phillips-Perron", sample.n_obs, {"n_lags": used}, _of_lags(used)),
        null="a unit root (d = 1)",
        alternative="no unit root (d < 1), one-sided",
    )


def robinson_lm(x: ArrayLike, order: int | None = None) -> TestResult:
    """Robinson's score test of d = 0 in the time domain, short-run dynamics allowed for.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 50 observations.
    order : int, optional
        Order p of the autoregression under the null, up to 8; by default the one of least BIC.

    Returns
    -------
    TestResult
        `details` holds "order" and "critical_values".

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series of 50 observations or more, or `order` is out of
        range.

    Notes
    -----
    sqrt(n) sum_j r_j / j over its standard deviation, r_j the autocorrelations of the residuals
    of a Yule-Walker autoregression: pi / sqrt(6) without one, else the root of pi^2 / 6 - kappa'
    Phi^-1 kappa (kappa_i = sum_j c_{j-i} / j, c the impulse response, Phi the information).  With
    the default order the p-value comes from AR(1) paths of this length and first autocorrelation,
    or MA(1) paths where the second is nearer to theirs; else from the normal law.

    At 5% it rejects 4.3 to 6.1% of 4,000 paths under white noise, AR(1) 0.5 and 0.8 and MA(1) 0.5
    (n = 250 to 2,000).  It holds best beyond these, 4 to 11% under ARMA(0.8, -0.4) and AR(2) (0.4,
    0.3), 11% under ARMA(0.5, 0.4) up to n = 500; GARCH(0.1, 0.85) makes it 6 to 8%, Student's t
    with 4 degrees of freedom changes nothing.  A level shift that the autoregression takes up is
    not seen.

    References
    ----------
    Robinson, P. M. (1994). Efficient tests of nonstationary hypotheses. JASA 89, 1420-1437.
    Tanaka, K. (1999). The nonstationary fractional unit root. Econometric Theory 15, 549-582,
    theorem 3.3.

    Examples
    --------
    >>> import memtools as mt
    >>> x = mt.simulate(mt.ARFIMAProcess(d=0.3), 1000, rng=1)
    >>> mt.robinson_lm(x).pvalue < 0.05
    True
    """
    sample = _as_row(x)
    found = short_laws.robinson_lm_rows(sample, order)
    order = int(found.used[0])
    told = f"short-run part AR({order})"
    return _result(found, "Robinson's LM", sample.n_obs, {"order": order}, told)


def lobato_robinson(x: ArrayLike, bandwidth: Bandwidth = None) -> TestResult:
    """Lobato and Robinson's score test of d = 0 in the frequency domain.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 50 observations.
    bandwidth : int, float or callable, optional
        Number m of Fourier ordinates, or an exponent in (0, 1); by default their plug-in rule
        for AR(1), at most n_obs^0.65.

    Returns
    -------
    TestResult
        `details` holds "bandwidth" and "critical_values".

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series of 50 observations or more, or the bandwidth is out
        of range.

    Notes
    -----
    t = sqrt(m) sum_j v_j I_j / sum_j I_j, v_j = log j - mean: long memory makes it negative.
    With the default m the p-value comes from AR(1) paths of this length and first
    autocorrelation, or MA(1) paths where the second is nearer to theirs; else from the normal law.

    At 5% it rejects 4.2 to 5.7% of 4,000 paths under white noise, AR(1) 0.5 and 0.8 and MA(1) 0.5
    (n = 250 to 2,000), with the most power of the tests of d = 0.  It is the most easily deceived
    as well: under ARMA(0.8, -0.4) and AR(2) (0.4, 0.3), which rise towards low frequencies more
    slowly than their first autocorrelation tells, it rejects 24 to 60%, where :func:`robinson_lm`
    rejects 4 to 11%: ask both.  GARCH(0.1, 0.85) makes it 6 to 8%.

    References
    ----------
    Lobato, I. N. and Robinson, P. M. (1998). A nonparametric test for I(0). Review of Economic
    Studies 65, 475-495.

    Examples
    --------
    >>> import memtools as mt
    >>> x = mt.simulate(mt.ARFIMAProcess(d=0.4), 1000, rng=1)
    >>> mt.lobato_robinson(x).pvalue < 0.05
    True
    """
    sample = _as_row(x)
    found = short_laws.lobato_robinson_rows(sample, bandwidth)
    m = int(found.used[0])
    told = f"{m} Fourier ordinates"
    return _result(found, "Lobato-Robinson", sample.n_obs, {"bandwidth": m}, told)


def _as_row(x: ArrayLike, min_obs: int = MIN_OBS) -> Sample:
    """The series as the one row of a sample."""
    return Sample(spectral.as_sample(x, min_obs=min_obs).values[np.newaxis])


def _of_lags(n_lags: int) -> str:
    return f"long-run variance of lags up to {n_lags}"


def _result(
    found: ShortTests, method: str, n_obs: int, details: dict[str, Any], told: str
) -> TestResult:
    statistic, null = float(found.statistic[0]), found.null(0)
    if not math.isfinite(statistic):
        raise InvalidInputError("x", "a series with a long-run variance", "none")
    return TestResult(
        statistic=statistic,
        pvalue=null.pvalue(statistic, found.side),
        null=_SHORT,
        alternative=_LONG,
        method=method,
        details=details | {"n_obs": n_obs, "critical_values": null.critical_values(found.side)},
        finding=told,
    )
