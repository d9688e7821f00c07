"""Power laws that end at a lag, after which modes go on: filters cut at K lags."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from memtools._validate import FloatArray
from memtools.decay import law_fits, mode_laws, smooth_laws
from memtools.decay.board import Board, Found
from memtools.decay.sequences import Ints, Rows, Sequences, falls_steeply, late_turns

LEAST_END = 22
_SPAN = 6  # last lag over first
_BAD = 2.5  # mean squared residual of the best law: with less none need end
_BEND = 8.0  # fourth difference at an end, over its median
_NO_WEIGHT = 1e150  # error of a lag that is left out
_WINDOW = 4  # lags over which logarithms are averaged
_ALONE = 8  # lags about an end within which the weights bend: elsewhere half as much at most
_MISFIT = 40.0  # mean squared residual up to the end: a flexible law must fit what it cuts
_FEW = 5  # lags after the end that are left free


def fit(board: Board, rows: Rows) -> None:
    """Put on the board power laws that end where the weights bend most, and modes that do."""
    rows = rows[board.misfit[rows] > _BAD]
    if not len(rows):
        return
    ends, bend = _ends(board.sequences.take(rows))
    at, j = np.nonzero((ends >= LEAST_END) & (bend[:, np.newaxis] > _BEND))
    if len(at):
        fit_at(board, rows[at], ends[at, j])


def _ends(seen: Sequences) -> tuple[Ints, FloatArray]:
    """Three lags about the largest bend after which a law may end, and how much it stands out."""
    n = seen.n
    bends = np.abs(np.diff(seen.values, 4, axis=1)) / seen.sigma[:, 2:-2]
    # a jump after lag k shows in fourth differences as -1, 3, -3, 1 times its size
    low = LEAST_END - 2
    late = bends[:, low:]
    if late.shape[1] < LEAST_END:
        return np.zeros((len(seen), 0), dtype=int), np.zeros(len(seen))
    peak = low + np.argmax(late, axis=1)
    typical = np.maximum(np.median(bends[:, 4:], axis=1), 0.3)
    bend = late.max(axis=1) / typical
    apart = np.abs(np.arange(late.shape[1]) + low - peak[:, np.newaxis]) > _ALONE
    bend[np.where(apart, late, 0.0).max(axis=1) > 0.5 * late.max(axis=1)] = 0.0
    knee = np.where(bend > _BEND, 0, _knees(seen))
    bend = np.where(knee > 0, np.inf, bend)
    peak = np.where(knee > 0, knee - 2, peak)
    ends = np.column_stack([peak + 1, peak + 2, peak + 3])
    ends = np.where(ends < n, ends, 0)
    return ends, bend


def _knees(seen: Sequences) -> Ints:
    """The lag about which weights of one sign turn down most, seen through noise; 0 for none."""
    size = np.log(np.maximum(np.abs(seen.values), 1e-300))
    n, w = seen.n, _WINDOW
    if n < 4 * w + LEAST_END:
        return np.zeros(len(seen), dtype=int)
    sums = np.cumsum(np.pad(size, ((0, 0), (1, 0))), axis=1)
    mean = (sums[:, w:] - sums[:, :-w]) / w  # of lags i + 1 .. i + w
    turn = mean[:, 2 * w :] - 2.0 * mean[:, w:-w] + mean[:, : -2 * w]
    turn[:, : max(LEAST_END - 2 * w, 0)] = 0.0
    shown = np.arange(turn.shape[1]) + 2 * w < seen.visible[:, np.newaxis] + w
    turn = np.where(shown, turn, 0.0)
    at = np.argmin(turn, axis=1)
    near = at[:, np.newaxis] + w + np.arange(w + 1)  # the steepest fall there
    falls = np.take_along_axis(size, near, axis=1) - np.take_along_axis(size, near + 1, axis=1)
    knee = at + w + 1 + np.argmax(falls, axis=1)
    before = np.arange(n) < knee[:, np.newaxis]
    steady = np.abs((before * np.sign(seen.values)).sum(axis=1)) > 0.8 * knee
    typical = np.nanmedian(np.where(shown, np.abs(turn), np.nan), axis=1)
    clear = turn.min(axis=1) < -6.0 * typical
    return np.where(steady & clear, knee, 0)


def fit_at(board: Board, rows: Rows, ends: Ints) -> None:
    """Put on the board laws that end at these lags; a row may come several times."""
    seen = board.sequences.take(rows)
    turns = late_turns(seen.values, seen.noise, ends)
    steep = falls_steeply(seen.envelope, ends)
    after = seen.lags[np.newaxis] > ends[:, np.newaxis]
    sigma = np.where(after, _NO_WEIGHT, seen.sigma)
    # scatter is that of the head: several ends would pass for noise
    scatter = np.minimum(seen.scatter, _BAD)
    seen = replace(seen, late_turns=turns, steep=steep)
    whole = replace(seen, sigma=sigma, visible=ends, scatter=scatter)
    at = np.flatnonzero(law_fits.possible(seen, np.arange(len(rows))))
    if not len(at):
        return
    least = np.min([law_fits.hoped(whole, law, at) for law in _flexible()], axis=0)
    at = at[least < _MISFIT * ends[at]]
    if not len(at):
        return
    _put_cut(board, rows[at], seen.take(at), ends[at], _heads(whole.take(at), ends[at]))


def _put_cut(board: Board, rows: Rows, seen: Sequences, ends: Ints, heads: list[Found]) -> None:
    """Laws up to the ends, each with the best modes after it."""
    n = board.sequences.n
    tail_rss, tail_params = _tails(seen, ends)
    for found in heads:
        at = found.rows
        size = ends[at].astype(float)
        rest = n - size
        total = size * np.log1p(found.rss / size) + rest * np.log1p(tail_rss[at] / rest)
        n_params = found.n_params + tail_params[at] + 1
        total = total + n_params * np.log(n)
        no_law = np.isin(found.kind, ("persistent", "growing", "flat"))
        kind = np.where(no_law | ~(found.rss < _MISFIT * size), "", found.kind)
        board.add(
            replace(
                found,
                law=f"{found.law}, cut",
                rows=rows[at],
                rss=found.rss + tail_rss[at],
                bic=np.where(np.isfinite(found.bic) & (kind != ""), total, np.inf),
                kind=kind,
                n_params=n_params,
                last=ends[at],
                frequency=None,
                floor=None,
            )
        )


def _heads(head: Sequences, ends: Ints) -> list[Found]:
    """Laws of the weights up to the ends."""
    board = Board(head)
    law_fits.nothing(board)
    for law in _laws():
        law_fits.fit(board, law, board.open(law.n_params, law.own))
    for first in (2, 4, 8, 14):
        for n_columns in (1, 3):
            at = board.open(n_columns + first, "polynomial")
            at = at[ends[at] >= _SPAN * first]
            law_fits.fit(board, smooth_laws.power(n_columns), at, first)
    slope = mode_laws.slopes(head)
    directions = mode_laws.window_directions(head, slope, LEAST_END // 2)
    for m in (1, 2, 3):
        still = board.open(2 * m)
        mode_laws.fit(board, still, [mode_laws.esprit(directions[still], m, slope[still], head.n)])
    return board.found


def _flexible() -> list[smooth_laws.Law]:
    """Laws one of which comes near wherever a power law does."""
    return [smooth_laws.power(3), smooth_laws.fractional_noise(4), smooth_laws.two_lanes()]


def _laws() -> list[smooth_laws.Law]:
    laws = [smooth_laws.exponential(200), smooth_laws.power(1), smooth_laws.power(1, 1.0)]
    laws += [smooth_laws.fractional_noise(1), smooth_laws.power(3), smooth_laws.power(3, 1.0)]
    laws += [smooth_laws.fractional_noise(3), smooth_laws.fractional_noise(4)]
    return [*laws, smooth_laws.two_lanes()]


def _tails(seen: Sequences, ends: Ints) -> tuple[FloatArray, Ints]:
    """Residual sums and numbers of parameters of the best modes after each end."""
    n = seen.n
    index = ends[:, np.newaxis] + np.arange(n)
    inside = index < n
    index = np.minimum(index, n - 1)
    values = np.where(inside, np.take_along_axis(seen.values, index, axis=1), 0.0)
    sigma = np.where(inside, np.take_along_axis(seen.sigma, index, axis=1), _NO_WEIGHT)
    visible = np.maximum(seen.visible - ends, 0)
    rss, n_params = ((values / sigma) ** 2).sum(axis=1), np.zeros(len(seen), dtype=int)
    few = n - ends < _FEW
    rss[few], n_params[few] = 0.0, (n - ends)[few]
    room = n - ends
    tail = Board(replace(seen, values=values, sigma=sigma, visible=visible))
    at = np.flatnonzero((visible >= _FEW) & ~few)
    if not len(at):
        return rss, n_params
    part = tail.sequences.take(at)
    slope = mode_laws.slopes(part)
    directions = mode_laws.window_directions(part, slope, 6)
    best = room * np.log1p(rss / np.maximum(room, 1)) + n_params * np.log(n)
    for m in (1, 2, 3):
        mode_laws.fit(tail, at, [mode_laws.esprit(directions, m, slope, n)])
    for found in tail.found:
        here = found.rows
        total = room[here] * np.log1p(found.rss / room[here]) + found.n_params * np.log(n)
        better = np.isfinite(total) & (total < best[here])
        won = here[better]
        best[won], rss[won] = total[better], found.rss[better]
        n_params[won] = found.n_params[better]
    return rss, n_params
