"""From a series, or many rows, to d by the growth of a statistic."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from memtools._validate import FloatArray
from memtools.estimators._ordinates import Rows
from memtools.estimators.scaling.frame import (
    MIN_OBS,
    Clouds,
    Statistic,
    as_scales,
    fitted,
    holding,
)
from memtools.estimators.scaling.laws import law_of
from memtools.results import ScalingEstimate, deviations_at, law_scores
from memtools.spectral import Sample, as_sample

# A cloud of more points is thinned evenly: nobody sees more.
_LARGEST_CLOUD = 2000


def of_series(
    statistic: Statistic, x: ArrayLike, scales: Sequence[int] | None, shortest: int
) -> ScalingEstimate:
    """The estimate of one series."""
    sample = as_sample(x, min_obs=MIN_OBS)
    given = as_scales(scales, shortest, sample.n_obs)
    lengths = statistic.scales(sample.n_obs) if given is None else given
    clouds: Clouds = []
    fit = fitted(statistic, sample.values[np.newaxis], lengths, given is not None, clouds)
    law = law_of(statistic, sample.n_obs, given)
    d = float(law.d_of(fit.raw)[0])
    pox_scales = np.repeat(lengths[: len(clouds)], [len(cloud) for cloud in clouds])
    pox = np.concatenate(clouds) if clouds else np.empty(0)
    step = max(1, -(-len(pox) // _LARGEST_CLOUD))
    weights = fit.weights[0]
    # The lengths that carry all of the weight but a hundredth.
    used = lengths[np.cumsum(weights) > 0.01 * weights.sum()]
    return ScalingEstimate(
        d=d,
        stderr=float(law.stderr_of(np.array([d]))[0]),
        method=statistic.method,
        n_obs=sample.n_obs,
        stderr_kind="simulated at the estimate",
        notes=_notes(statistic, d, law.told, fit.table),
        scales=lengths.astype(float),
        statistics=fit.table[0],
        weights=weights,
        pox_scales=pox_scales[::step].astype(float),
        pox=pox[::step],
        slope=float(fit.slope[0]),
        intercept=float(fit.intercept[0]),
        fitted=(float(used[0]), float(lengths[-1])),
        ordinate=statistic.ordinate,
        orders=law.orders,
        deviations=law.deviations,
        largest_bend=float(np.interp(d, law.orders, law.bends)),
        details={"uncorrected d": float(fit.raw[0])},
    )


def _notes(
    statistic: Statistic, d: float, told: tuple[str, ...], table: FloatArray
) -> tuple[str, ...]:
    notes = list(told)
    if not holding(statistic, table).all():
        notes.append("windows in which the series does not vary are left out")
    if d >= statistic.highest:
        notes.append(
            f"d is at or beyond {statistic.highest:g}, the end of the range of this statistic: "
            "its number only says that; exact_local_whittle holds there"
        )
    if d <= -0.5:
        notes.append("d is at or below -1/2, outside the range: was the series differenced?")
    return tuple(notes)


def of_rows(statistic: Statistic, sample: Sample) -> Rows:
    """The estimates of many rows, with default windows."""
    law = law_of(statistic, sample.n_obs, None)
    d = law.d_of(fitted(statistic, sample.values, statistic.scales(sample.n_obs), False).raw)
    null = deviations_at(0.0, law.orders, law.deviations)
    return Rows(d, law.stderr_of(d), statistic=law_scores(d, null))
