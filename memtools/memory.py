"""estimate(): the rival explanations of one series weighed, the verdict, every estimator of d."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate, gaps
from memtools._validate import Bandwidth, FloatArray
from memtools.estimators.catalogue import OTHERS, options_of
from memtools.estimators.exact import exact_local_whittle, two_step_local_whittle
from memtools.estimators.log_periodogram import bias_reduced_gph, gph, smoothed_gph
from memtools.estimators.perturbed import (
    contaminated_local_whittle,
    local_whittle_plus_noise,
)
from memtools.estimators.whittle import fully_extended_local_whittle, local_whittle
from memtools.exceptions import InvalidInputError
from memtools.results import Explanation, MemoryEstimate, MemoryReport
from memtools.spectral import Sample, as_sample
from memtools.worlds import Options, Weighing, weigh
from memtools.worlds.beside import told_by_tests
from memtools.worlds.words import answer, described

_MIN_OBS = 32
_UNCALIBRATED = "the error rate of the verdict was calibrated on series without gaps"
# Explanations with less weight are left out of the report's table.
_LEAST_WEIGHT = 0.002
_MOST_EXPLANATIONS = 15
TRENDS = ("auto", "none", "linear", "quadratic")


def _tapered(x: ArrayLike, bandwidth: Bandwidth = None) -> MemoryEstimate:
    return local_whittle(x, bandwidth, taper="hc")


METHODS: dict[str, Callable[..., MemoryEstimate]] = {
    "gph": gph,
    "smoothed_gph": smoothed_gph,
    "bias_reduced_gph": bias_reduced_gph,
    "local_whittle": local_whittle,
    "local_whittle_hc": _tapered,
    "exact_local_whittle": exact_local_whittle,
    "two_step_local_whittle": two_step_local_whittle,
    "fully_extended_local_whittle": fully_extended_local_whittle,
    "local_whittle_plus_noise": local_whittle_plus_noise,
    "contaminated_local_whittle": contaminated_local_whittle,
}

ESTIMATORS = METHODS | OTHERS


def estimate(
    x: ArrayLike,
    bandwidth: Bandwidth = None,
    methods: Sequence[str] | None = None,
    trend: str = "auto",
    season: str | float = "auto",
    breaks: str | Sequence[Any] = "auto",
    smallest_d: float = 0.1,
    name: str | None = None,
    *,
    missing: str = "raise",
) -> MemoryReport:
    """Has this series long memory?  Rival explanations weighed, and d by every method.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        At least 32 observations of the series itself: returns rather than prices,
        increments rather than their sum.
    bandwidth : int, float, str or callable, optional
        Number m of Fourier ordinates for every estimator, or an exponent in (0, 1) for
        floor(n_obs**b), or a function of n_obs, or a rule: "plug-in", "adaptive", "bootstrap";
        by default each estimator's own.  The verdict and the headline d do not depend on it.
    methods : sequence of str, optional
        Estimators in the table, by default "gph", "smoothed_gph", "bias_reduced_gph",
        "local_whittle", "local_whittle_hc", "exact_local_whittle",
        "two_step_local_whittle", "fully_extended_local_whittle",
        "local_whittle_plus_noise", "contaminated_local_whittle"; others by the names of their
        functions ("detrended_fluctuation", "wavelet_whittle", ...), "seasonal_local_whittle" at
        the period that `season` gives.
    trend : {"auto", "none", "linear", "quadratic"}
        Trends up to quadratic are rival explanations; or there is none; or it is known to be
        there and taken out first.
    season : {"auto", "none"} or float
        A season or cycle is looked for; or there is none; or its period in observations.
    breaks : {"auto", "none"} or sequence
        One to five shifts of the level are rival explanations; or there are none; or where new
        levels begin: positions, counted from 0, or labels of the index of a pandas Series.
    smallest_d : float
        The least memory that matters: short memory is sure where d this large is excluded, and
        memory that is surely weaker than this, of either sign, is called short.
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
        With `verdict`, `answer`, `reasons`, `worlds`, `evidence`, `error_rate`, `d`,
        `confidence_interval`, `table`, `summary`.

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series of 32 observations or more, or an argument is
        out of range.

    Notes
    -----
    Several hundred models of the series are held against each other by Whittle's likelihood, ties
    of long and short memory (3 nats, up to 5,000 observations) by the exact one: ARMA, long and
    seasonal autoregressions, means of the last day, week and month (HAR), sums of AR(1), the
    exponential model, each with d = 0, below 0, in (0, 1/2) and above; fractional Gaussian noise,
    memory under noise, power laws that end, unit roots; with a constant level, with trends and
    with one to twelve shifts.  Margins between them are the evidences of a logistic rule that was
    trained on series of known kind (benchmarks/answer); a verdict is given where its chance of
    being right passes a threshold for this length, else "undecided".  The verdict is about
    frequency zero.

    Models are weighted by BIC within each verdict and by the chance of the verdict.  d is the
    median over those of the likeliest verdict, its interval has the equal tails over those of
    every verdict with a chance above 15%: the spread between models is in it.  Where the heaviest
    model leaves residuals that are not white, the interval is joined with that of local Whittle,
    and a reason says so.

    References
    ----------
    Beran, J., Bhansali, R. J. and Ocker, D. (1998). On unified model selection for stationary and
    nonstationary short- and long-memory autoregressive processes. Biometrika 85, 921-934.

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
    values, index = sample.values, whole.observed.index
    smallest_d = _validate.as_real(smallest_d, "smallest_d", 0.0, 0.5, closed=False)
    options = _as_options(trend, season, breaks, len(values), index)
    options = replace(options, smallest_d=smallest_d)
    estimates, skipped = _estimates(whole, sample, _as_methods(methods), bandwidth, season)
    weighing = weigh(values, options)
    doubt: list[str] = []
    if whole.modulated is not None:
        weighing, doubt = _sure_beside_gaps(whole, sample, weighing)
    when = _dating(index)
    found = answer(weighing, smallest_d, when)
    beside = told_by_tests(sample, weighing)
    reasons = [*doubt, *found.reasons, *beside, *_path(values, weighing)]
    return MemoryReport(
        name=_validate.as_name(x, name),
        n_obs=len(values),
        d=weighing.d,
        verdict=weighing.verdict,
        answer=found.sentence,
        reasons=reasons,
        chances=weighing.chances,
        error_rate=weighing.error_rate,
        explanations=_explanations(weighing, when),
        estimates=estimates,
        skipped=skipped,
        options=_given(bandwidth, methods, trend, season, breaks, smallest_d),
        values=whole.observed.values,
        index=index,
        notes=(*whole.notes, *([_UNCALIBRATED] if whole.modulated is not None else [])),
        d_points=weighing.spread.points,
        d_chances=weighing.spread.chances,
    )


def _sure_beside_gaps(
    whole: gaps.Whole, sample: Sample, weighing: Weighing
) -> tuple[Weighing, list[str]]:
    """No memory is announced that the interval widened for the gaps does not show."""
    shows = {"long memory": (0.0, math.inf), "antipersistent": (-math.inf, 0.0)}
    low, high = shows.get(weighing.verdict, (-math.inf, math.inf))
    wide = whole.widened(exact_local_whittle(sample)).confidence_interval()
    if low <= wide.low and wide.high <= high:
        return weighing, []
    reason = (
        f"Too much is missing to be sure: the 95% interval of exact local Whittle, widened for the "
        f"gaps, is [{wide.low:.2f}, {wide.high:.2f}]."
    )
    return replace(weighing, verdict="undecided", error_rate=math.nan), [reason]


def _estimates(
    whole: gaps.Whole, sample: Sample, chosen: list[str], bandwidth: Bandwidth, season: str | float
) -> tuple[dict[str, MemoryEstimate], dict[str, str]]:
    """The estimators that could be used, and why the others could not."""
    estimates: dict[str, MemoryEstimate] = {}
    skipped: dict[str, str] = {}
    for key in chosen:
        try:
            if key in OTHERS and whole.modulated is not None:
                raise InvalidInputError("missing", f"'longest' or 'drop' for {key}", "'gaps'")
            given = options_of(key, ESTIMATORS[key], bandwidth, season)
            estimates[key] = whole.widened(ESTIMATORS[key](sample, **given))
        except InvalidInputError as error:
            if len(chosen) == 1:
                raise
            skipped[key] = str(error)
    if not estimates:
        raise InvalidInputError("x", "fit for at least one estimator", next(iter(skipped.values())))
    return estimates, skipped


def _as_methods(methods: Sequence[str] | None) -> list[str]:
    if methods is None:
        return list(METHODS)
    if not isinstance(methods, Iterable):
        raise InvalidInputError("methods", "names of estimators", repr(methods))
    names = [methods] if isinstance(methods, str) else list(methods)
    for method in names:
        _validate.as_choice(method, "methods", list(ESTIMATORS))
    if not names:
        raise InvalidInputError("methods", "at least one estimator", "none")
    return list(dict.fromkeys(names))


def _as_options(
    trend: str, season: str | float, breaks: str | Sequence[Any], n_obs: int, index: Any
) -> Options:
    _validate.as_choice(trend, "trend", TRENDS)
    if season not in ("auto", "none"):
        if isinstance(season, str):
            raise InvalidInputError("season", "'auto', 'none' or a period", repr(season))
        season = _validate.as_real(season, "season", 2.0, n_obs / 2.0)
    if isinstance(breaks, str):
        _validate.as_choice(breaks, "breaks", ("auto", "none"))
        return Options(trend, season, breaks)
    positions = sorted({_position(at, n_obs, index) for at in breaks})
    return Options(trend, season, tuple(positions) if positions else "none")


def _position(at: Any, n_obs: int, index: Any) -> int:
    """A break given as a position or as a label of the index."""
    labels = None if index is None else [str(label) for label in index]
    if labels is not None and not isinstance(at, int | np.integer):
        near = [i for i, label in enumerate(labels) if label.startswith(str(at))]
        if not near:
            raise InvalidInputError("breaks", "labels of the index or positions", repr(at))
        at = near[0]
    return _validate.as_integer(at, "breaks", 1, n_obs - 1)


def _given(
    bandwidth: Bandwidth,
    methods: Sequence[str] | None,
    trend: str,
    season: str | float,
    breaks: str | Sequence[Any],
    smallest_d: float,
) -> dict[str, Any]:
    """The options that are not the default, to get the report again."""
    given = {
        "bandwidth": bandwidth,
        "methods": methods,
        "trend": None if trend == "auto" else trend,
        "season": None if season == "auto" else season,
        "breaks": None if isinstance(breaks, str) and breaks == "auto" else breaks,
        "smallest_d": None if smallest_d == 0.1 else smallest_d,
    }
    return {key: value for key, value in given.items() if value is not None}


def _dating(index: Any) -> Callable[[int], str]:
    """The date of an observation, or its number."""
    if index is None:
        return lambda at: f"observation {at}"
    return lambda at: _shown(index[at])


def _shown(label: Any) -> str:
    """A label of an index as a reader writes it: no midnight, no decimals of a whole year."""
    if isinstance(label, np.datetime64):
        return str(label.astype("datetime64[s]")).removesuffix("T00:00:00")
    return str(label).removesuffix(" 00:00:00").removesuffix(".0")


def _explanations(weighing: Weighing, when: Callable[[int], str]) -> tuple[Explanation, ...]:
    """The worlds that a reader should see: heavy ones, and the best of each verdict."""
    shown: list[Explanation] = []
    seen: set[str] = set()
    for world in weighing.worlds:
        first = world.says not in seen
        if first or (world.weight > _LEAST_WEIGHT and len(shown) < _MOST_EXPLANATIONS):
            seen.add(world.says)
            low, high = world.interval()
            shown.append(
                Explanation(
                    world=described(world, when),
                    d=world.d,
                    low=low,
                    high=high,
                    weight=world.weight,
                    says=world.says,
                )
            )
    return tuple(shown)


def _path(values: FloatArray, weighing: Weighing) -> list[str]:
    """What a series of prices, or a straight line, is told."""
    if np.ptp(np.diff(values)) == 0.0:
        return ["The series is a straight line."]
    if weighing.verdict != "nonstationary" or weighing.d < 0.75:
        return []
    return [
        "The series looks like a path (prices, a cumulated sum). If increments or returns were "
        "meant, difference first."
    ]
