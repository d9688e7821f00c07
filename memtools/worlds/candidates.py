"""One series under every explanation of its level: the rows that the models are fitted to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from memtools._validate import FloatArray
from memtools.worlds.bins import rows_power
from memtools.worlds.means import Mean, level_shifts, trends
from memtools.worlds.profiles import Profiles, profile
from memtools.worlds.season import Pole, Season, find_pole, find_season
from memtools.worlds.shapes import shapes_of


@dataclass(frozen=True, eq=False)
class Candidates:
    """The rows, and the log-likelihood profiles of each.

    Attributes
    ----------
    means : tuple of Mean
        Explanations of the level, "constant" first: rows 0..len(means) - 1 of the profiles.
    rows : dict of str to int
        The further rows: "ranks", "sums", "differences", "with season".
    profiles, differences : Profiles
        Of all rows but the differences; of the differences, which are one shorter.
    season : Season or None
    pole : Pole
    low_power : ndarray, shape (n_rows, 16)
        Lowest ordinates over the mean of all, of each row.
    """

    n_obs: int
    means: tuple[Mean, ...]
    rows: dict[str, int]
    profiles: Profiles
    differences: Profiles
    season: Season | None
    pole: Pole
    low_power: FloatArray


def candidates(
    x: FloatArray,
    trend: str | int = "auto",
    season: str | float | None = "auto",
    breaks: str | int | tuple[int, ...] = "auto",
) -> Candidates:
    """Rows and profiles of a checked, varying series."""
    x = (x - x.mean()) / x.std()
    n_obs = len(x)
    found = None
    if season == "auto":
        found = find_season(x)
    elif season is not None:
        found = find_season(x, float(season))
    base = x if found is None else found.values
    means = [Mean("constant", base, (), 0.0), *trends(base), *level_shifts(base)]
    order = np.empty(n_obs)
    order[np.argsort(base, kind="stable")] = np.arange(n_obs)
    sums = np.cumsum(base)
    extra = {"ranks": ndtri((order + 0.5) / n_obs), "sums": sums - sums.mean()}
    if found is not None:
        extra["with season"] = x
    rows = np.stack([*(mean.residual for mean in means), *extra.values()])
    power = rows_power(rows)
    shapes = shapes_of(n_obs)
    step = np.diff(base)
    return Candidates(
        n_obs=n_obs,
        means=tuple(means),
        rows={key: len(means) + i for i, key in enumerate(extra)},
        profiles=profile(power, shapes),
        differences=profile(rows_power((step - step.mean())[None]), shapes_of(n_obs - 1)),
        season=found,
        pole=find_pole(x),
        low_power=power[:, :16] / power.mean(axis=1, keepdims=True),
    )
