"""estimate(): every estimator of d on one series, the verdict and its reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate, gaps
from memtools._validate import Bandwidth, FloatArray
from memtools.arfima.whittle import best_bic
from memtools.estimators.bandwidth import agreeing_bandwidth
from memtools.estimators.exact import exact_local_whittle, two_step_local_whittle
from memtools.estimators.log_periodogram import bias_reduced_gph, gph, smoothed_gph
from memtools.estimators.perturbed import (
    contaminated_local_whittle,
    local_whittle_plus_noise,
)
from memtools.estimators.whittle import fully_extended_local_whittle, local_whittle
from memtools.exceptions import InvalidInputError
from memtools.results import MemoryEstimate, MemoryReport
from memtools.spectral import Sample, as_sample, yule_walker_density

_MIN_OBS = 32
# A 95% interval that still holds this much memory does not show its absence.
_TOO_WIDE = 0.4
# Models held against each other before long memory is announced, and by how much BIC must differ.
_ARMA_ORDERS = ((1, 0), (2, 0), (0, 1), (1, 1))
_ARFIMA_ORDERS = ((0, 0), (1, 0), (0, 1), (1, 1))
_STATIONARY_OR_NOT = (-0.49, 0.98)
_CLEARLY = 2.0


@dataclass(frozen=True)
class _Method:
    """An estimator, the range of d where it is normal, and whether the combined d uses it."""

    function: Callable[..., MemoryEstimate]
    low: float
    high: float
    combine: bool


def _tapered(x: ArrayLike, bandwidth: Bandwidth = None) -> MemoryEstimate:
    return local_whittle(x, bandwidth, taper="hc")


METHODS: dict[str, _Method] = {
    "gph": _Method(gph, -0.5, 0.75, True),
    "smoothed_gph": _Method(smoothed_gph, -0.5, 0.75, False),
    "bias_reduced_gph": _Method(bias_reduced_gph, -0.5, 0.75, True),
    "local_whittle": _Method(local_whittle, -0.5, 0.75, True),
    "local_whittle_hc": _Method(_tapered, -0.5, 1.5, False),
    "exact_local_whittle": _Method(exact_local_whittle, -0.5, 2.0, True),
    "two_step_local_whittle": _Method(two_step_local_whittle, -0.5, 2.0, False),
    "fully_extended_local_whittle": _Method(fully_extended_local_whittle, -1.5, 2.5, False),
    "local_whittle_plus_noise": _Method(local_whittle_plus_noise, 0.0, 0.75, False),
    "contaminated_local_whittle": _Method(contaminated_local_whittle, -0.5, 0.75, False),
}


def estimate(
    x: ArrayLike,
    bandwidth: Bandwidth = None,
    methods: Sequence[str] | None = None,
    name: str | None = None,
    *,
    missing: str = "raise",
) -> MemoryReport:
    """Estimate d by every method, combine, and say what it means.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 32 observations of the series itself: returns rather than prices,
        increments rather than their sum.
    bandwidth : int, float or callable, optional
        Number m of Fourier ordinates for every estimator, or an exponent in (0, 1) for
        floor(n_obs**b), or a function of n_obs; by default each estimator's own.
    methods : sequence of str, optional
        Estimators to use, all by default: "gph", "smoothed_gph", "bias_reduced_gph",
        "local_whittle", "local_whittle_hc", "exact_local_whittle",
        "two_step_local_whittle", "fully_extended_local_whittle",
        "local_whittle_plus_noise", "contaminated_local_whittle".
    name : str, optional
        Name of the series in the report; by default that of a pandas Series, or "series".
    missing : {"raise", "longest", "gaps", "drop"}
        Values that are missing (NaN, None, masked): refused; the longest run without them taken;
        allowed for, by the periodogram of the amplitude-modulated series less its bias, with
        standard errors that are wider by what was not seen; or dropped and the series closed up,
        for calendars with holidays.

    Returns
    -------
    MemoryReport
        With `table`, `verdict`, `reasons`, `d`, `confidence_interval`, `summary`.

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series of 32 observations or more, or an argument is
        out of range.

    Notes
    -----
    The combined d is the mean, weighted by inverse variances, of the estimators that hold
    at the exact local Whittle estimate and share one model.  They see the same low
    frequencies, so their errors are nearly equal and the standard error is taken as if they
    were: the weighted mean of the standard errors, without a gain from averaging.

    The verdict is read off the 95% interval of the combined d.  Where estimates with fewer
    ordinates contradict those with many (Lepski's rule), short-run dynamics have
    leaked in and the narrower estimate decides.  Before long memory is announced, ARMA models of
    orders up to two parameters are held against ARFIMA models by Whittle's likelihood and BIC.

    References
    ----------
    Shimotsu, K. and Phillips, P. C. B. (2005). Exact local Whittle estimation of fractional
    integration. Annals of Statistics 33, 1890-1933.

    Examples
    --------
    >>> import numpy as np
    >>> import memtools as mt
    >>> noise = np.random.default_rng(0).standard_normal(2000)
    >>> report = mt.estimate(mt.fracint(noise, 0.4))
    >>> report.verdict
    'long memory'
    >>> mt.estimate(noise).verdict
    'short memory'
    """
    whole = gaps.whole(x, missing)
    sample = as_sample(x if isinstance(x, Sample) else whole.values, min_obs=_MIN_OBS)
    chosen = _as_methods(methods)
    estimates: dict[str, MemoryEstimate] = {}
    skipped: dict[str, str] = {}
    for key in chosen:
        try:
            estimates[key] = whole.widened(METHODS[key].function(sample, bandwidth=bandwidth))
        except InvalidInputError as error:
            if len(chosen) == 1:
                raise
            skipped[key] = str(error)
    if not estimates:
        raise InvalidInputError("x", "fit for at least one estimator", next(iter(skipped.values())))
    anchor = estimates.get("exact_local_whittle") or next(iter(estimates.values()))
    combined = _combinable(estimates, anchor.d)
    d, stderr = _combine([estimates[key] for key in combined])
    reasons: list[str] = []
    if bandwidth is None and "exact_local_whittle" in estimates:
        d, stderr = _narrowed(whole, sample, d, stderr, anchor, reasons)
    if "exact_local_whittle" in skipped:
        verdict = "undecided"
        reasons.append(
            "The low frequencies hold no noise to measure memory by: a periodic or deterministic "
            "series?"
        )
    else:
        verdict = _verdict(d, stderr, reasons)
    if verdict == "long memory" and bandwidth is None and "exact_local_whittle" in estimates:
        verdict = _against_arma(sample, verdict, reasons)
    _explain(sample, d, stderr, verdict, estimates, reasons)
    return MemoryReport(
        name=_validate.as_name(x, name),
        n_obs=sample.n_obs,
        d=d,
        stderr=stderr,
        verdict=verdict,
        reasons=reasons,
        estimates=estimates,
        combined=combined,
        skipped=skipped,
        values=whole.observed.values,
        index=whole.observed.index,
        notes=whole.notes,
    )


def _as_methods(methods: Sequence[str] | None) -> list[str]:
    if methods is None:
        return list(METHODS)
    if not isinstance(methods, Iterable):
        raise InvalidInputError("methods", "names of estimators", repr(methods))
    names = [methods] if isinstance(methods, str) else list(methods)
    for method in names:
        _validate.as_choice(method, "methods", list(METHODS))
    if not names:
        raise InvalidInputError("methods", "at least one estimator", "none")
    return list(dict.fromkeys(names))


def _combinable(estimates: dict[str, MemoryEstimate], d: float) -> tuple[str, ...]:
    """Estimators of one model that hold at d; whatever there is, if none does."""
    inside = [
        key
        for key, estimate in estimates.items()
        if METHODS[key].combine
        and estimate.converged
        and METHODS[key].low < min(d, estimate.d)
        and max(d, estimate.d) < METHODS[key].high
    ]
    return tuple(inside or list(estimates)[:1])


def _combine(estimates: list[MemoryEstimate]) -> tuple[float, float]:
    weights = np.array([estimate.stderr**-2 for estimate in estimates])
    weights /= weights.sum()
    d = weights @ [estimate.d for estimate in estimates]
    return float(d), float(weights @ [estimate.stderr for estimate in estimates])


def _narrowed(
    whole: gaps.Whole,
    sample: Sample,
    d: float,
    stderr: float,
    anchor: MemoryEstimate,
    reasons: list[str],
) -> tuple[float, float]:
    """Replace d by an estimate on fewer ordinates where those contradict the default ones."""
    m, _ = agreeing_bandwidth(sample, exact_local_whittle)
    peak = _cycle(sample.values)
    if peak is not None:
        reasons.append(
            f"The spectrum peaks at a cycle of about {sample.n_obs / peak:.3g} observations; only "
            "frequencies well below it speak of long memory."
        )
        m = min(m, max(9, peak // 2))
    if anchor.bandwidth is None or m >= anchor.bandwidth:
        return d, stderr
    narrow = whole.widened(exact_local_whittle(sample, m))
    reasons.append(
        f"With the lowest {m} Fourier ordinates d = {_two(narrow.d)}, with {anchor.bandwidth} "
        f"{_two(anchor.d)}: short-run dynamics leak in, so the narrower estimate counts."
    )
    return narrow.d, narrow.stderr


def _cycle(values: FloatArray) -> int | None:
    """Number of the Fourier frequency where the spectrum has a tall peak off zero, if any."""
    power = yule_walker_density(values)[0]
    peak = int(np.argmax(power))
    tall = power[peak] > 2.0 * power[0] and power[peak] > 20.0 * float(np.median(power))
    return peak + 1 if tall else None


def _two(value: float) -> str:
    """Two decimals, no minus before a zero."""
    return f"{round(value, 2) + 0.0:.2f}"


def _verdict(d: float, stderr: float, reasons: list[str]) -> str:
    half = 1.959964 * stderr
    low, high = d - half, d + half
    interval = f"the 95% interval [{_two(low)}, {_two(high)}]"
    if high < 0.0:
        reasons.append(f"d = {_two(d)} and {interval} lies below 0: shocks are undone.")
        return "antipersistent"
    if low > 0.5:
        reasons.append(f"d = {_two(d)} and {interval} lies above 1/2: no fixed mean and variance.")
        return "nonstationary"
    if low > 0.0:
        reasons.append(
            f"d = {_two(d)} and {interval} lies above 0: the spectrum rises like long memory."
        )
        if high > 0.5:
            reasons.append("The interval reaches beyond 1/2: stationary or not is open.")
        return "long memory"
    if high > _TOO_WIDE:
        reasons.append(
            f"d = {_two(d)}, but {interval} holds both 0 and strong memory: too few observations."
        )
        return "undecided"
    reasons.append(f"d = {_two(d)} and {interval} holds 0: no sign of long memory.")
    return "short memory"


def _against_arma(sample: Sample, verdict: str, reasons: list[str]) -> str:
    """Undecided where an ARMA model describes the series clearly better than any ARFIMA."""
    short, order = best_bic(sample, _ARMA_ORDERS, (0.0, 0.0))
    long, _ = best_bic(sample, _ARFIMA_ORDERS, _STATIONARY_OR_NOT)
    if long - short < _CLEARLY:
        return verdict
    reasons.append(
        f"But an ARMA{order} model, which has short memory, describes the series better than any "
        f"ARFIMA model tried (BIC lower by {long - short:.1f})."
    )
    return "undecided"


def _explain(
    sample: Sample,
    d: float,
    stderr: float,
    verdict: str,
    estimates: dict[str, MemoryEstimate],
    reasons: list[str],
) -> None:
    """What else a reader should know: a path, over-differencing, contamination, noise."""
    increments = np.diff(sample.values)
    straight = np.ptp(increments) == 0.0
    if straight:
        reasons.append("The series is a straight line.")
    elif d + 1.959964 * stderr > 0.85 and d > 0.7:
        found = exact_local_whittle(as_sample(increments))
        reasons.append(
            "The series looks like a path (prices, a cumulated sum), not like increments: its "
            f"first differences have d = {_two(found.d)} (standard error "
            f"{found.stderr:.2f}). If increments or returns were meant, difference first."
        )
    if d < -0.6:
        reasons.append("d is near -1: the series looks over-differenced.")
    contaminated = estimates.get("contaminated_local_whittle")
    whittle = estimates.get("local_whittle")
    if verdict == "long memory" and contaminated and contaminated.identified and whittle:
        _explain_contamination(contaminated, reasons)
    noisy = estimates.get("local_whittle_plus_noise")
    hidden = noisy is not None and noisy.converged and noisy.d - d > 2.0 * noisy.stderr
    if verdict == "long memory" and noisy is not None and hidden:
        reasons.append(
            f"Allowing for added noise, d = {_two(noisy.d)}: noise may hide part of the memory."
        )


def _explain_contamination(contaminated: MemoryEstimate, reasons: list[str]) -> None:
    if contaminated.test(0.0, "greater").pvalue < 0.05:
        reasons.append(
            f"Allowing for level shifts or a trend, d = {_two(contaminated.d)} is still above 0."
        )
    else:
        reasons.append(
            f"Allowing for level shifts or a trend, d = {_two(contaminated.d)} is no longer surely "
            "above 0: the memory may be spurious."
        )
