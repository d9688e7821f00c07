"""One series under every explanation of its level: the rows that the models are fitted to.

Also the second looks: local Whittle at several bandwidths, V/S, Qu's statistic, halves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri

from memtools._validate import FloatArray
from memtools.season import Pole, Season, find_pole, find_season, transformed
from memtools.spectral import ComplexArray
from memtools.worlds.bins import rows_power
from memtools.worlds.lagged import LAGGED_ZERO, Cyclic, cyclic
from memtools.worlds.means import Mean, level_shifts, remove_levels, remove_trend, trends
from memtools.worlds.profiles import Profiles, profile, under_noise
from memtools.worlds.shapes import D_GRID, D_ZERO, shapes_of

_EXPONENTS = (0.5, 0.6, 0.8)
_QU_EXPONENT = 0.7
_QU_FIRST = 0.02


def second_looks(x: FloatArray, power: FloatArray) -> dict[str, float]:
    """Evidences of a centred series and its ordinates."""
    n_obs = len(x)
    shown = {}
    for exponent in _EXPONENTS:
        m = max(8, int(n_obs**exponent))
        curve = local_whittle_curve(power[None, :m], n_obs)[0]
        best = int(curve.argmax())
        shown[f"place: local d {exponent}"] = float(D_GRID[best])
        gain = float(curve[best] - curve[D_ZERO])
        shown[f"local {exponent}"] = gain if best > D_ZERO else -gain
    shown |= _of_sums(x)
    shown["place: Qu"] = _qu(power, n_obs)
    half = n_obs // 2
    halves = np.stack([x[:half], x[-half:]])
    own = rows_power(halves - halves.mean(axis=1, keepdims=True))[:, : max(8, int(half**0.65))]
    curves = local_whittle_curve(own, half)
    apart = curves.max(axis=1).sum() - curves.sum(axis=0).max()
    shown["halves differ in d"] = float(apart)
    shown["place: d of halves"] = float(D_GRID[int(curves.sum(axis=0).argmax())])
    return shown


def local_whittle_curve(power: FloatArray, n_obs: int) -> FloatArray:
    """Local log-likelihood (n_rows, n_d) of the lowest ordinates (n_rows, m)."""
    m = power.shape[1]
    log_l = np.log(2.0 * np.pi * np.arange(1, m + 1) / n_obs)
    laws = np.exp(2.0 * D_GRID[:, None] * log_l)
    scale = np.maximum(power @ laws.T, 1e-300) / m
    return np.asarray(-m * (np.log(scale) - 2.0 * D_GRID * log_l.mean()))


def _of_sums(x: FloatArray) -> dict[str, float]:
    """V/S (Giraitis, Kokoszka, Leipus and Teyssiere, 2003) over three numbers of lags."""
    n_obs = len(x)
    spread = float(np.cumsum(x).var()) / n_obs
    largest = int(n_obs**0.5)
    acov = np.array([x @ x, *(x[k:] @ x[:-k] for k in range(1, largest + 1))]) / n_obs
    shown = {}
    for exponent in (0.25, 0.35, 0.5):
        q = int(n_obs**exponent)
        weights = 2.0 * (1.0 - np.arange(1, q + 1) / (q + 1.0))
        variance = max(acov[0] + weights @ acov[1 : q + 1], 1e-3 * acov[0])
        shown[f"place: V/S {exponent}"] = float(np.log(spread / variance))
    return shown


def _qu(power: FloatArray, n_obs: int) -> float:
    """Log of Qu's (2011) W at m = n^0.7."""
    m = max(8, int(n_obs**_QU_EXPONENT))
    lowest = power[:m]
    d = D_GRID[int(local_whittle_curve(lowest[None], n_obs)[0].argmax())]
    j = np.arange(1.0, m + 1.0)
    nu = np.log(j) - np.log(j).mean()
    ratio = lowest * j ** (2.0 * d)
    partial = np.cumsum(nu * (ratio / ratio.mean() - 1.0)) / np.sqrt(nu @ nu)
    return float(np.log(np.abs(partial[int(_QU_FIRST * m) :]).max() + 1e-9))


# What is left of a series that a trend or season explains whole.
_NOTHING = 1e-9
# A season beside which there is less, of a standard deviation of 1, is the whole series.
_LITTLE = 1e-3
# From this log-likelihood on a peak may be a pole rather than a line.
_POLE_TOLD = 0.5


@dataclass(frozen=True)
class Options:
    """What may lie under the noise.

    Attributes
    ----------
    trend : {"auto", "none", "linear", "quadratic"}
        Looked for; known to be absent; known to be there, and taken out.
    season : "auto", "none" or float
        Or a known period.
    breaks : "auto", "none" or tuple of int
        Or the first observations of known new levels.
    smallest_d : float
        The least memory that matters.
    """

    trend: str = "auto"
    season: str | float = "auto"
    breaks: str | tuple[int, ...] = "auto"
    smallest_d: float = 0.1


@dataclass(frozen=True, eq=False)
class Candidates:
    """The rows, and the log-likelihood profiles of each.

    Attributes
    ----------
    means : tuple of Mean
        Explanations of the level, "constant" first: rows 0..len(means) - 1 of the profiles.
    rows : dict of str to int
        The further rows: "ranks", "sums", "with season".
    profiles, differences : Profiles
        Of all rows; of the differences, which are one observation shorter.
    season : Season or None
        Looked for and found, and not the same in all cycles.
    set_aside : Season or None
        This one, or one that was taken out: fixed, or known to the caller.
    pole : Pole
    noiseless : bool
        Nearly all frequencies are empty: a periodic or deterministic series.
    low_power : ndarray, shape (n_rows, 16)
        Lowest ordinates over the mean of all, of each row.
    cycles : Cyclic
        Of the series with its season.
    period : int
        The second lag that says most, as a season.
    looks : dict of str to float
        Semiparametric evidences.
    noisy_steps : ndarray, shape (n_steps_d,)
        Log-likelihood of the differences as those of memory from 1/2 on under noise, by STEPS_D.
    local : ndarray, shape (n_rows, n_d)
        Local Whittle log-likelihoods of d at n^0.6 ordinates, of each row.
    """

    n_obs: int
    means: tuple[Mean, ...]
    rows: dict[str, int]
    profiles: Profiles
    differences: Profiles
    season: Season | None
    set_aside: Season | None
    pole: Pole
    noiseless: bool
    low_power: FloatArray
    cycles: Cyclic
    period: int
    looks: dict[str, float]
    noisy_steps: FloatArray
    local: FloatArray


def candidates_of(x: FloatArray, options: Options) -> Candidates:
    """Rows and profiles of a checked, varying series."""
    n_obs = len(x)
    x = _standard(_known(_standard(x), options))
    transform = transformed(x)
    season, pole = _season_of(transform, n_obs, options), find_pole(transform, n_obs)
    found = season
    if season is not None and _is_taken_out(season, pole, options):
        found, x = None, _standard(season.values)
        transform = transformed(x)
        pole = find_pole(transform, n_obs)
    base = x if found is None or found.values.std() < _NOTHING else found.values
    means = [Mean("constant", base, (), 0.0)]
    means += _guarded(base, trends(base), options.trend == "auto")
    means += _guarded(base, level_shifts(base), options.breaks == "auto")
    order = np.empty(n_obs)
    order[np.argsort(base, kind="stable")] = np.arange(n_obs)
    sums = np.cumsum(base)
    extra = {"ranks": ndtri((order + 0.5) / n_obs), "sums": sums - sums.mean()}
    if found is not None:
        extra["with season"] = x
    rows = np.stack([*(mean.residual for mean in means), *extra.values()])
    power = rows_power(rows)
    step = np.diff(base)
    if np.ptp(step) < _NOTHING:
        step = base[1:]
    of_steps = rows_power((step - step.mean())[None])
    profiles = profile(power, shapes_of(n_obs))
    at = len(means) + len(extra) - 1 if found is not None else 0
    period = int(profiles.lagged.second_lag[at, LAGGED_ZERO])
    white = float(profiles.arfima[at, 0, 0, D_ZERO])
    return Candidates(
        n_obs=n_obs,
        means=tuple(means),
        rows={key: len(means) + i for i, key in enumerate(extra)},
        profiles=profiles,
        differences=profile(of_steps, shapes_of(len(step))),
        season=found,
        set_aside=season,
        pole=pole,
        noiseless=bool(np.median(power[0]) < _NOTHING * np.abs(transform).max() ** 2 / n_obs),
        low_power=power[:, :16] / power.mean(axis=1, keepdims=True),
        cycles=cyclic(power[at], n_obs, n_obs / pole.period, period, white),
        period=period,
        looks=second_looks(base - base.mean(), power[0]),
        noisy_steps=under_noise(of_steps[0], shapes_of(len(step))),
        local=local_whittle_curve(power[:, : max(8, int(n_obs**0.6))], n_obs),
    )


def _standard(x: FloatArray) -> FloatArray:
    return (x - x.mean()) / x.std()


def _known(x: FloatArray, options: Options) -> FloatArray:
    """The series without what the caller knows to lie under it."""
    left = x
    if options.trend not in ("auto", "none"):
        left = remove_trend(left, 1 if options.trend == "linear" else 2)
    if not isinstance(options.breaks, str):
        left = remove_levels(left, options.breaks)
    return left if left.std() > _NOTHING else x


def _season_of(transform: ComplexArray, n_obs: int, options: Options) -> Season | None:
    """The season that is looked for, or one known to be there that leaves something."""
    if options.season == "none":
        return None
    if options.season == "auto":
        return find_season(transform, n_obs)
    season = find_season(transform, n_obs, float(options.season))
    return None if season is None or season.values.std() < _NOTHING else season


def _is_taken_out(season: Season, pole: Pole, options: Options) -> bool:
    """Is it known, or the same in all cycles and nothing that a pole explains as well?"""
    like_a_line = season.fixed and pole.margin < _POLE_TOLD
    return options.season != "auto" or bool(like_a_line and season.values.std() > _LITTLE)


def _guarded(base: FloatArray, means: list[Mean], wanted: bool) -> list[Mean]:
    """Explanations that leave nothing, or are not to be looked for, leave the series as it is."""
    return [
        mean if wanted and mean.residual.std() > _NOTHING else replace(mean, residual=base)
        for mean in means
    ]
