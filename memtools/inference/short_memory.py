"""Short memory against long: is there more than an autoregression can explain?"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate, spectral
from memtools._validate import Bandwidth, FloatArray
from memtools.exceptions import InvalidInputError
from memtools.inference import partial_sums as ps
from memtools.inference.laws import Law, law
from memtools.inference.short_laws import lm_order, of_kind, pp_lags, whittle_ordinates
from memtools.results import TestResult

MIN_OBS = 50
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
    return _of_sums(x, n_lags, ps.range_statistic, "range", "Lo's modified rescaled range")


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
    return _of_sums(x, n_lags, ps.vs_statistic, "vs", "V/S (rescaled variance)")


def _of_sums(
    x: ArrayLike,
    n_lags: int | None,
    statistic: Callable[[FloatArray, FloatArray], FloatArray],
    name: str,
    method: str,
) -> TestResult:
    rows, r = _as_row(x)
    n_obs = rows.shape[1]
    centred = ps.centred(rows)
    used, null = _lag_and_law(n_lags, name, n_obs, r)
    shown = np.unique([0, used, *(int(c * n_obs ** (1 / 3)) for c in (0.5, 1.0, 2.0, 4.0))])
    shown = shown[shown <= n_obs // 2]
    variances = [ps.bartlett_variance(centred, np.array([q])) for q in shown]
    by_lag = {
        int(q): float(statistic(centred, v)[0]) for q, v in zip(shown, variances, strict=True)
    }
    details = {"n_lags": used, "by_lag": by_lag}
    return _result(by_lag[used], null, "greater", method, n_obs, details)


def kpss_test(x: ArrayLike, trend: str = "c", n_lags: int | None = None) -> TestResult:
    """KPSS test of short memory around a level or a trend, statistic by arch.

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
    else from the limit law.  R: ``tseries::kpss.test`` with its lag given has this statistic;
    arch: ``KPSS(x, trend, lags)``.

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
    from arch.unitroot import KPSS

    kind: Any = _validate.as_choice(trend, "trend", ("c", "ct"))
    rows, _ = _as_row(x)
    n_obs = rows.shape[1]
    take_off = ps.centred if trend == "c" else ps.detrended
    r = float(ps.first_autocorrelation(take_off(rows))[0])
    used, null = _lag_and_law(n_lags, f"kpss_{trend}", n_obs, r)
    statistic = float(KPSS(rows[0], trend=kind, lags=used).stat)
    words = "a level" if trend == "c" else "a trend"
    return _result(statistic, null, "greater", f"KPSS around {words}", n_obs, {"n_lags": used})


def phillips_perron_test(x: ArrayLike, trend: str = "c", n_lags: int | None = None) -> TestResult:
    """Phillips and Perron's test of a unit root, statistic by arch.

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
    first autocorrelation of the increments, else from the limit law.  arch:
    ``PhillipsPerron(x, trend, lags)`` has this statistic and MacKinnon's p-value.

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
    from arch.unitroot import PhillipsPerron

    kind: Any = _validate.as_choice(trend, "trend", ("c", "ct"))
    values = _validate.as_varying_series(x, min_obs=MIN_OBS + 1)
    increments = np.diff(values)[np.newaxis]
    if np.ptp(increments) == 0.0:
        raise InvalidInputError("x", "a series whose increments vary", "a straight line")
    n_obs = len(values)
    used = pp_lags(n_obs) if n_lags is None else _as_lag(n_lags, n_obs)
    r = float(ps.first_autocorrelation(increments)[0])
    null = _law(f"pp_{trend}", n_obs if n_lags is None else None, r)
    statistic = float(PhillipsPerron(values, trend=kind, lags=used).stat)
    return TestResult(
        statistic=statistic,
        pvalue=null.pvalue(statistic, "less"),
        null="a unit root (d = 1)",
        alternative="no unit root (d < 1), one-sided",
        method="Phillips-Perron",
        details={"n_lags": used, "n_obs": n_obs, "critical_values": null.critical_values("less")},
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
    rows, r = _as_row(x)
    n_obs = rows.shape[1]
    if order is None:
        statistic, chosen = ps.lm_statistic(rows, lm_order(n_obs))
        used = int(chosen[0])
    else:
        used = _validate.as_integer(order, "order", 0, 8)
        statistic = ps.lm_of_order(rows, used)
    kind, coefficient = of_kind("lm", rows, r)
    null = _law(kind, n_obs if order is None else None, coefficient)
    details = {"order": used}
    return _result(float(statistic[0]), null, "greater", "Robinson's LM", n_obs, details)


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
    rows, r = _as_row(x)
    n_obs = rows.shape[1]
    if bandwidth is None:
        m = int(whittle_ordinates(np.array([r]), n_obs)[0])
    else:
        m = _validate.as_bandwidth(bandwidth, n_obs, 0.65, 3)
    power = spectral.ordinates(rows[0], m)[1]
    statistic = float(ps.whittle_score(power[np.newaxis])[0])
    kind, coefficient = of_kind("lobato_robinson", rows, r)
    null = _law(kind, n_obs if bandwidth is None else None, coefficient)
    return _result(statistic, null, "less", "Lobato-Robinson", n_obs, {"bandwidth": m})


def _as_row(x: ArrayLike) -> tuple[FloatArray, float]:
    """The series as a row, and its first autocorrelation."""
    rows = spectral.as_sample(x, min_obs=MIN_OBS).values[np.newaxis]
    return rows, float(ps.first_autocorrelation(rows)[0])


def _as_lag(n_lags: int, n_obs: int) -> int:
    return _validate.as_integer(n_lags, "n_lags", 0, n_obs // 2)


def _lag_and_law(n_lags: int | None, name: str, n_obs: int, r: float) -> tuple[int, Law]:
    if n_lags is None:
        return int(ps.andrews_lags(np.array([r]), n_obs)[0]), _law(name, n_obs, r)
    return _as_lag(n_lags, n_obs), _law(name, None, r)


def _law(name: str, n_obs: int | None, r: float) -> Law:
    """At this length, or the limit law; between lengths straight in n^(-1/3), as HAC's bias."""
    return law("short_laws", name, 0.0 if n_obs is None else n_obs ** (-1 / 3), r)


def _result(
    statistic: float, null: Law, side: str, method: str, n_obs: int, details: dict[str, Any]
) -> TestResult:
    if not math.isfinite(statistic):
        raise InvalidInputError("x", "a series with a long-run variance", "none")
    return TestResult(
        statistic=statistic,
        pvalue=null.pvalue(statistic, side),
        null=_SHORT,
        alternative=_LONG,
        method=method,
        details=details | {"n_obs": n_obs, "critical_values": null.critical_values(side)},
    )
