"""The verdict on each sequence: the law with the smallest BIC, if it is far enough ahead."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate
from memtools._validate import FloatArray
from memtools.decay import words
from memtools.decay.board import KINDS, Board, Found
from memtools.decay.cut_laws import LEAST_END
from memtools.decay.selection import fitted
from memtools.decay.sequences import Ending, delay_of, ending, period_of, prepare, thinned
from memtools.exceptions import InvalidInputError
from memtools.results.networks import DecayReport

_LEAST_LAGS = 16
_CHUNK = 512  # rows fitted together: what they need fits in the cache
_MARGIN = 3.0  # in BIC, between the best laws of two verdicts
_ROUGH_MARGIN = 6.0  # neighbouring lags of a rough sequence are not independent
_NESTED = 1.0
_FEW_LAGS = 80.0  # over the lags seen, added to the margin: in few lags laws look alike
_STEEP, _FEW_FOR_STEEP = 2.0, 60
_LEAST_SEEN = 12  # lags on which a power law can be told
_WORST = 0.3  # of the envelope: with a larger residual no law fits
_HALF = 0.5  # of the envelope: modes that leave more tell nothing
_DRAWN = 16  # sequences of a batch up to which curves are kept


def classify_decay(
    weights: ArrayLike, noise: ArrayLike | None = None
) -> DecayReport | list[DecayReport]:
    """Decide by which law weights decay, if they do.

    Parameters
    ----------
    weights : array_like, shape (n_lags + 1,) or (n_sequences, n_lags + 1)
        Weights A_0, A_1, ..., lag 0 first, at least 16 lags; 200 are plenty.  They may change
        sign, oscillate, sink into noise or underflow.  Lag 0 is not used.
    noise : float, array_like of the shape of `weights` or of one sequence, optional
        Standard errors of the weights, in their units; by default read off the later half.

    Returns
    -------
    DecayReport or list of DecayReport
        One for each sequence.  `verdict` is

        - "polynomial": k^-a, also with terms in 1/k, a frequency, a floor, or 1/log k; `rate`
          is a, `d` = abs(a - 1), `crossover_lag` the last lag of a law that ends;
        - "exponential": `rate` is that of exp(-rate k), of the slowest part;
        - "finite": the weights end exactly at `crossover_lag`;
        - "persistent": they do not decay;
        - "growing": like exp(-rate k) with a negative rate, or k^-rate;
        - "undecided": no law fits, two fit alike, or the weights are noise.

    Raises
    ------
    InvalidInputError
        Where the weights are no finite sequences of 17 values or more, or `noise` does not fit.

    Notes
    -----
    Each law is fitted by weighted least squares on lags 1, 2, ...; the weights allow for the
    noise and for an error of 0.2 percent in the law itself.  Laws: k^-a, with terms in 1/k and
    1/k^2, of k or k + 1, the first lags free or with a mode of their own, on a floor, turning
    (k^-a cos), cut at a lag; 1/log k; k^-a exp(-r k) for any a; exp(-r k^b); sums of up to eight
    real or complex modes, found by ESPRIT and moved to the least squares, those near the unit
    circle also put on it; each weight the last one times a random factor.  Where the best of
    these misses by more than one percent, laws of the size alone are tried: normal weights whose
    standard deviation follows a law.  Nonlinear parameters start from the best point of a grid,
    all rows at once, and are refined by Gauss-Newton with the linear ones solved for (variable
    projection).  The smallest n log(1 + s/n) + p log n wins (s the residual sum over n lags,
    p parameters, free lags counted); less than 3 ahead of the next verdict is undecided.

    Of more than 800 lags those are used up to where the weights are lost in the noise, and of
    these every s-th, at most 800: power laws and exponentials are such there too.

    Weights ~ k^-a stand for d = a - 1 if a > 1, the weights of (1 - B)^d, and for d = 1 - a if
    a < 1, the weights of (1 - B)^-d.  A constant smaller than the rest is a `floor`; a larger one
    makes the weights persistent.  Leading zeros are a `delay`, the law is that of the lags
    behind it.

    References
    ----------
    Zhao, J. et al. (2020). Do RNN and LSTM have long memory? ICML, definition 3.
    Golub, G. and Pereyra, V. (2003). Separable nonlinear least squares: the variable projection
    method and its applications. Inverse Problems 19, R1-R26.
    Roy, R. and Kailath, T. (1989). ESPRIT - estimation of signal parameters via rotational
    invariance techniques. IEEE Transactions on Acoustics, Speech, and Signal Processing 37,
    984-995.

    Examples
    --------
    >>> import numpy as np
    >>> import memtools as mt
    >>> report = mt.classify_decay(mt.fracdiff_weights(0.3, 200))
    >>> report.verdict, round(report.d, 3)
    ('polynomial', 0.3)
    >>> k = np.arange(201)
    >>> [report.verdict for report in mt.classify_decay([0.99**k, 1.02**k, np.cos(k)])]
    ['exponential', 'growing', 'persistent']
    """
    values = _validate.as_array(weights, "weights")
    if values.ndim not in (1, 2):
        allowed = "one-dimensional, or of shape (n_sequences, n_lags + 1)"
        raise InvalidInputError("weights", allowed, f"shape {values.shape}")
    if values.shape[-1] <= _LEAST_LAGS:
        allowed = f"at least {_LEAST_LAGS + 1} values (lags 0 to {_LEAST_LAGS})"
        raise InvalidInputError("weights", allowed, f"{values.shape[-1]}")
    errors = _as_noise(noise, values.shape)
    if values.ndim == 1:
        rows = values[np.newaxis]
        return classified(rows, None if errors is None else errors[np.newaxis])[0]
    return classified(values, errors)


def _as_noise(noise: ArrayLike | None, shape: tuple[int, ...]) -> FloatArray | None:
    if noise is None:
        return None
    errors = _validate.as_array(noise, "noise")
    if errors.ndim and errors.shape not in (shape, shape[-1:]):
        raise InvalidInputError("noise", f"a number or of shape {shape}", f"{errors.shape}")
    if np.any(errors < 0.0):
        raise InvalidInputError("noise", "standard errors of at least 0", f"{errors.min():g}")
    return np.broadcast_to(errors, shape)


@dataclass(frozen=True)
class _Task:
    """One sequence as it is fitted: from its delay on, every `stride`-th lag."""

    row: int
    delay: int
    stride: int
    values: FloatArray
    noise: FloatArray | None
    end: Ending | None
    whole: FloatArray  # every lag from the delay on

    @property
    def last(self) -> int:
        """The last lag, as fitted, of weights that end exactly; else 0."""
        return 0 if self.end is None else (self.end.last - self.delay) // self.stride


def classified(weights: FloatArray, noise: FloatArray | None) -> list[DecayReport]:
    """`classify_decay` of checked rows."""
    reports: list[DecayReport | None] = [None] * len(weights)
    groups: dict[int, list[_Task]] = {}
    for row, values in enumerate(weights):
        task = _task(row, values, None if noise is None else noise[row])
        if isinstance(task, DecayReport):
            reports[row] = task
        else:
            groups.setdefault(len(task.values), []).append(task)
    drawn = len(weights) <= _DRAWN
    for tasks in groups.values():
        for start in range(0, len(tasks), _CHUNK):
            part = tasks[start : start + _CHUNK]
            joint = np.stack([task.values for task in part])
            known = [task.noise for task in part if task.noise is not None]
            errors = np.stack(known) if known else None
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
                # a law that overflows is not chosen
                board = fitted(prepare(joint, errors), np.array([task.last for task in part]))
            laws = board.by_law()
            for i, task in enumerate(part):
                reports[task.row] = _report(board, i, task, laws, weights.shape[1] - 1, drawn)
    return [report for report in reports if report is not None]


def _task(row: int, values: FloatArray, noise: FloatArray | None) -> _Task | DecayReport:
    n_lags = len(values) - 1
    if not values[1:].any():
        return words.finite(0, n_lags, 0)
    period = period_of(values)
    if period is not None:
        return words.periodic(period, n_lags)
    delay = delay_of(values, noise)
    end = ending(values)
    few = n_lags - delay < _LEAST_LAGS
    if end is not None and (few or end.last - delay < LEAST_END):
        return words.finite(end.last, n_lags, delay)
    if few:
        return words.too_late(delay, n_lags)
    values, noise = values[delay:], None if noise is None else noise[delay:]
    whole = values
    kept, stride = thinned(values, noise)
    values, noise = values[kept], None if noise is None else noise[kept]
    return _Task(row, delay, stride, values, noise, end, whole)


def _report(
    board: Board, i: int, task: _Task, laws: dict[str, FloatArray], n_lags: int, drawn: bool
) -> DecayReport:
    """The verdict on one row of the board."""
    totals = {kind: float(board.best[j, i]) for j, kind in enumerate(KINDS)}
    order = sorted(KINDS, key=lambda kind: totals[kind])
    known = task.delay, task.stride, n_lags, task.whole
    best = words.Chosen.of(board, i, order[0], *known)
    margin = totals[order[1]] - totals[order[0]]
    tried = {name: float(total[i]) for name, total in laws.items() if np.isfinite(total[i])}
    tried = dict(sorted(tried.items(), key=lambda item: item[1]))
    rest = {"laws": tried, "curves": _curves(board, i, task, n_lags) if drawn else {}}
    rest |= {"bic_difference": totals["exponential"] - totals["polynomial"]}
    if task.end is not None and not (best.kind == "polynomial" and best.is_cut and best.close):
        return words.finite(task.end.last, n_lags, task.delay, **rest)
    if best.kind == "flat":
        return words.noise_alone(best, **rest)
    needed = _needed(best, order[1])
    if best.kind == "polynomial" and best.visible < _LEAST_SEEN:
        return words.too_few(best, **rest)
    seen = best.kind == "exponential" and best.misfit < _HALF
    if seen and _size_falls(tried, best.visible):
        return words.decided(best, order[1], margin, **rest)
    if best.misfit > _WORST:
        return words.no_law(best, **rest)
    if margin < needed:
        return words.even(best, order[1], margin, **rest)
    return words.decided(best, order[1], margin, **rest)


def _size_falls(tried: dict[str, float], visible: int) -> bool:
    """Whether the size alone, too, is exponential: many modes at once, of which few were fitted."""
    falls = min(tried.get(f"size, {name}", math.inf) for name in ("exponential", "tempered"))
    other = min(tried.get(f"size, {name}", math.inf) for name in ("power", "flat"))
    return other - falls > _ROUGH_MARGIN + _FEW_LAGS / max(visible, 1)


def _needed(best: words.Chosen, other: str) -> float:
    """How far ahead the best law must be."""
    if best.kind == "persistent" and other != "polynomial":
        return _NESTED  # a modulus of exactly 1 is one parameter less than a free one
    margin = _ROUGH_MARGIN if best.found.law.startswith("size") else _MARGIN
    margin += _FEW_LAGS / max(best.visible, 1)
    if best.kind == "polynomial" and best.rate > _STEEP and best.visible < _FEW_FOR_STEEP:
        margin *= 3.0  # over less than two decades a sum of modes is as steep
    # where no law fits within one percent, BIC means less
    return margin * (1.0 + (best.misfit / 0.01) ** 2)


def _curves(board: Board, i: int, task: _Task, n_lags: int) -> dict[str, FloatArray]:
    """Envelope of the best law of each name that pictures show, in the units of the weights."""
    best: dict[str, tuple[float, Found, int]] = {}
    for found in board.found:
        for at in np.flatnonzero(found.rows == i):
            kind = str(found.kind[at])
            name = found.law if found.law in ("tempered", "stretched") else kind
            total = float(found.bic[at])
            if kind not in ("", "flat") and total < best.get(name, (np.inf,))[0]:
                best[name] = (total, found, int(at))
    return {
        name: words.curve(board.sequences, i, found, at, task.delay, task.stride, n_lags)
        for name, (_, found, at) in best.items()
    }
