"""Level shifts and bends of a trend: by least squares, kept by the likelihood under memory."""

from __future__ import annotations

import math
import warnings

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate
from memtools._validate import FloatArray
from memtools.arfima.model import ARFIMA
from memtools.exceptions import ConvergenceWarning, InvalidInputError, MissingDependencyError
from memtools.inference.mean_shift import label_of
from memtools.results import MeanBreaks

MIN_OBS = 60
KINDS = {"level": "level shifts", "trend": "bends of a trend"}
# Least length of a segment, as a share; the blocks of means that candidates are looked for in.
_SEGMENT = 0.05
_BLOCKS = {"level": 1000, "trend": 200}
_ORDERS = ((0, 0), (1, 0))
# What a break must gain in -2 log L: with these about 5% of series without one are given one.
_COST = {"level": (11.0, 13.0), "trend": (8.0, 11.0)}  # without an AR part, with one
_COST_OF_D = 10.0  # more for each unit of d


def mean_breaks(x: ArrayLike, kind: str = "level", max_breaks: int = 5) -> MeanBreaks:
    """Dates of level shifts or bends of a trend that the likelihood under memory keeps.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        60 to 20,000 observations.
    kind : {"level", "trend"}
        A mean that jumps, or a continuous trend of straight pieces.
    max_breaks : int
        Most breaks looked for, 1 to 10.

    Returns
    -------
    MeanBreaks
        `dates`, `positions`, `d` and `fitted` of the model that is kept; `to_frame` has a row a
        number of breaks.

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series of such a length, or an argument is out of range.
    MissingDependencyError
        Without ruptures.

    See Also
    --------
    mean_shift_test : one shift, with a p-value.

    Notes
    -----
    Candidates are the least squares segmentations of each number of breaks (ruptures), on means of
    blocks where the series is longer than 1,000 (200 for trends), segments at least 5% of it.  Each
    is a set of regressors of an ARFIMA model fitted by exact likelihood, (0, d, 0) or (1, d, 0) as
    is better without breaks: least squares alone takes memory for shifts.  Kept is the least
    -2 log L + c b, b the breaks, c = 11 + 10 max(d, 0) for shifts, 8 + 10 max(d, 0) for bends, 2 or
    3 more beside an AR part, d without breaks: of series without a break about 5% are given one
    (`benchmarks/measure_breaks.py --costs`).  3 log(n), as of an information criterion, gave a
    break to none and missed more of them the longer the series.

    References
    ----------
    Truong, C., Oudre, L. and Vayatis, N. (2020). Selective review of offline change point detection
    methods. Signal Processing 167, 107299.
    Lavielle, M. and Moulines, E. (2000). Least-squares estimation of an unknown number of shifts in
    a time series. Journal of Time Series Analysis 21, 33-59.

    Examples
    --------
    >>> import memtools as mt
    >>> mt.mean_breaks(mt.datasets.load("nile")).dates
    (1899,)
    """
    values = _validate.as_varying_series(x, min_obs=MIN_OBS)
    _validate.as_choice(kind, "kind", list(KINDS))
    max_breaks = _validate.as_integer(max_breaks, "max_breaks", 1, 10)
    n_obs = len(values)
    if n_obs > 20_000:
        raise InvalidInputError("x", "at most 20000 observations", str(n_obs))
    order, rows = fits(values, kind, max_breaks)
    cost = _COST[kind][order[0]] + _COST_OF_D * max(rows[0][2], 0.0)
    rows = [(at, least + cost * len(at), d, mean) for at, least, d, mean in rows]
    positions, _, d, fitted = min(rows, key=lambda row: row[1])
    labels = _validate.index_of(x)
    dates = tuple(tuple(label_of(labels, position) for position in row[0]) for row in rows)
    return MeanBreaks(
        kind=KINDS[kind],
        n_obs=n_obs,
        positions=positions,
        dates=dates[[row[0] for row in rows].index(positions)],
        d=d,
        fitted=fitted,
        n_breaks=np.array([len(row[0]) for row in rows]),
        criterion=np.array([row[1] for row in rows]),
        d_of=np.array([row[2] for row in rows]),
        positions_of=tuple(row[0] for row in rows),
        dates_of=dates,
    )


def fits(
    values: FloatArray, kind: str, max_breaks: int
) -> tuple[tuple[int, int], list[tuple[tuple[int, ...], float, float, FloatArray]]]:
    """Order of the noise; of no break, one, ...: positions, -2 log L, d and the mean."""
    plain = {order: _under_memory(values, kind, (), order) for order in _ORDERS}
    order = min(_ORDERS, key=lambda order: plain[order][0] + order[0] * math.log(len(values)))
    found = _candidates(values, kind, max_breaks)[1:]
    rows = [(at, *_under_memory(values, kind, at, order)) for at in found]
    return order, [((), *plain[order]), *rows]


def _candidates(values: FloatArray, kind: str, max_breaks: int) -> list[tuple[int, ...]]:
    """Positions of no break, one, two, ... by least squares."""
    try:
        import ruptures
    except ImportError as error:
        raise MissingDependencyError("ruptures", "mean_breaks") from error
    n_obs = len(values)
    size = -(-n_obs // _BLOCKS[kind])
    means = values[: n_obs // size * size].reshape(-1, size).mean(axis=1)
    least = max(3, math.ceil(_SEGMENT * len(means)))
    if kind == "level":
        search = ruptures.KernelCPD(kernel="linear", min_size=least)
    else:
        search = ruptures.Dynp(model="clinear", min_size=least, jump=max(1, len(means) // 100))
    search.fit(means / means.std())
    found: list[tuple[int, ...]] = [()]
    for count in range(1, max_breaks + 1):
        try:
            ends = search.predict(n_bkps=count)[:-1]
        except ruptures.exceptions.BadSegmentationParameters:
            break
        found.append(tuple(size * int(end) for end in ends))
    return found


def _regressors(kind: str, positions: tuple[int, ...], n_obs: int) -> FloatArray:
    """A step or a hinge a break."""
    after = np.arange(n_obs)[:, np.newaxis] - np.array(positions)
    return np.asarray((after >= 0).astype(float) if kind == "level" else np.maximum(after, 0.0))


def _under_memory(
    values: FloatArray, kind: str, positions: tuple[int, ...], order: tuple[int, int]
) -> tuple[float, float, FloatArray]:
    """-2 log L, d and the mean of the model with these breaks."""
    n_obs, columns = len(values), _regressors(kind, positions, len(values))
    exog = columns if positions else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = ARFIMA(values, order, exog, "c" if kind == "level" else "ct", integration=0)
        fit = model.fit(bias_correction=False)
    params = np.asarray(fit.params)
    design = [np.ones((n_obs, 1)), columns]
    if kind == "trend":
        design.insert(1, np.arange(1.0, n_obs + 1.0)[:, np.newaxis])
    matrix = np.concatenate(design, axis=1)
    mean = np.asarray(matrix @ params[: matrix.shape[1]])
    return -2.0 * fit.llf, float(fit.d), mean
