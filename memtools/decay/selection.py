"""Which laws are tried on which rows, from the simplest on."""

from __future__ import annotations

import numpy as np

from memtools.decay import (
    cut_laws,
    cyclic_laws,
    mode_laws,
    periodic_laws,
    rough_laws,
    smooth_laws,
)
from memtools.decay.board import Board
from memtools.decay.sequences import Rows, Sequences

STARTS = (1, 2, 4, 8, 14)  # lags before are left free: short-run dynamics
_SPAN = 6  # last lag seen over first of a power law
_ROUGH = 25.0  # mean squared residual, in units of the error to which laws are held


def fitted(sequences: Sequences) -> Board:
    """All the laws that could matter, on the rows where they could."""
    board = Board(sequences)
    n = sequences.n
    smooth_laws.nothing(board)
    for law in (smooth_laws.constant(), smooth_laws.exponential(n)):
        smooth_laws.fit(board, law, board.open(law.n_params))
    for law in (smooth_laws.power(1), smooth_laws.power(1, 1.0), smooth_laws.logarithmic(1)):
        smooth_laws.fit(board, law, board.open(2, law.own))
    smooth_laws.fit(board, smooth_laws.logarithmic(2), board.open(3, "polynomial"), 2)
    for law in _of_three(n):
        smooth_laws.fit(board, law, board.open(3, law.own))
    _modes(board, range(2, 3))
    for shift in (0.0, 1.0):
        cyclic_laws.fit(board, board.open(4, "polynomial"), 1, shift=shift)
    for law in _of_four(n):
        smooth_laws.fit(board, law, board.open(law.n_params, law.own))
    _modes(board, range(3, 5))
    for first in STARTS[1:]:
        for n_columns in (1, 3):
            rows = _reaching(board, first, n_columns + first)
            smooth_laws.fit(board, smooth_laws.power(n_columns), rows, first)
    for shift in (0.0, 1.0):
        cyclic_laws.fit(board, board.open(6, "polynomial"), 2, shift=shift)
    cyclic_laws.fit(board, _reaching(board, 8, 13), 2, 8)
    smooth_laws.fit(board, smooth_laws.two_lanes(), board.open(8, "polynomial"))
    _modes(board, range(5, mode_laws.MOST_MODES + 1))
    rough_laws.fit_steps(board, board.open(2))
    periodic_laws.fit(board, np.flatnonzero(board.misfit() > 0.5))
    cut_laws.fit(board, np.arange(len(sequences)))
    rough = np.flatnonzero(board.misfit() > _ROUGH)
    for first in (1, 10):
        rough_laws.fit_sizes(board, rough, first)
    return board


def _of_three(n: int) -> list[smooth_laws.Law]:
    """Laws of three parameters."""
    laws = [smooth_laws.power(2), smooth_laws.power(2, 1.0), smooth_laws.shifted_power()]
    laws += [smooth_laws.with_floor(1), smooth_laws.with_floor(1, 1.0)]
    laws += [smooth_laws.tempered(n, 1), smooth_laws.tempered(n, 1, 1.0)]
    return [*laws, smooth_laws.stretched(n), smooth_laws.fractional_noise(1)]


def _of_four(n: int) -> list[smooth_laws.Law]:
    """Laws of four to six parameters."""
    laws = [smooth_laws.power(3), smooth_laws.power(3, 1.0)]
    laws += [smooth_laws.with_floor(2), smooth_laws.with_floor(2, 1.0)]
    laws += [smooth_laws.tempered(n, 2), smooth_laws.tempered(n, 2, 1.0)]
    return [*laws, smooth_laws.fractional_noise(3), smooth_laws.fractional_noise(4)]


def _reaching(board: Board, first: int, n_params: int) -> Rows:
    """Open rows that stand out of the noise long after their first lag."""
    rows = board.open(n_params)
    visible = board.sequences.visible[rows]
    return rows[_SPAN * first <= visible]


def _modes(board: Board, orders: range) -> None:
    """Sums of modes, the windows as wide as the visible lags allow."""
    sequences = board.sequences
    rows = board.open(2 * orders[0])
    visible = np.maximum(sequences.visible[rows], 0)
    width = np.select([visible >= 60, visible >= 32, visible >= 14], [30, 16, 7], 3)
    for w in np.unique(width):
        at = rows[width == w]
        w = int(min(w, sequences.n // 2 - 1))
        slope = mode_laws.slopes(sequences.take(at))
        for flatten in (1.0, 0.5) if orders[0] > 2 else (1.0,):
            directions = mode_laws.window_directions(sequences.take(at), flatten * slope, w)
            for m in orders:
                if m > w - 1:
                    break
                still = np.isin(at, board.open(2 * m))
                mode_laws.fit(board, at[still], m, directions[still], flatten * slope[still])
