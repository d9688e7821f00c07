"""Which laws are tried on which rows, from the simplest on."""

from __future__ import annotations

import numpy as np

from memtools._validate import FloatArray
from memtools.decay import (
    cut_laws,
    cyclic_laws,
    law_fits,
    mode_laws,
    rough_laws,
    smooth_laws,
)
from memtools.decay.board import Board
from memtools.decay.sequences import Ints, Rows, Sequences

STARTS = (1, 2, 4, 8, 14)  # lags before are left free: short-run dynamics
_SPAN = 6  # last lag seen over first of a power law
_FREE, _LONG = 10, 40  # lags that laws of the size leave free, of so many
_FITTED = 25.0  # mean squared residual, in units of the error to which laws are held
_ROUGH = 2000.0  # with less no law of the size alone can win


def fitted(sequences: Sequences, ends: Ints) -> Board:
    """All the laws that could matter, on the rows where they could.

    Of rows that end exactly (`ends` not zero) only laws that end there.
    """
    board = Board(sequences)
    n = sequences.n
    ended = np.flatnonzero(ends)
    if len(ended):
        cut_laws.fit_at(board, ended, ends[ended])
        board.closed[ended] = True
    law_fits.nothing(board)
    for law in (smooth_laws.constant(), smooth_laws.exponential(n)):
        law_fits.fit(board, law, board.open(law.n_params))
    for law in (smooth_laws.power(1), smooth_laws.power(1, 1.0), smooth_laws.logarithmic(1)):
        law_fits.fit(board, law, board.open(2, law.own))
    law_fits.fit(board, smooth_laws.logarithmic(2), board.open(3, "polynomial"), 2)
    for law in _of_three(n):
        law_fits.fit(board, law, board.open(3, law.own))
    modes = _Modes(board)
    modes.fit(range(2, 3))
    for shift in (0.0, 1.0):
        cyclic_laws.fit(board, board.open(4, "polynomial"), 1, shift=shift)
    for law in _of_four(n):
        law_fits.fit(board, law, board.open(law.n_params, law.own))
    modes.fit(range(3, 5))
    for first in STARTS[1:]:
        for n_columns in (1, 3):
            rows = _reaching(board, first, n_columns + first)
            law_fits.fit(board, smooth_laws.power(n_columns), rows, first)
    for shift in (0.0, 1.0):
        cyclic_laws.fit(board, board.open(6, "polynomial"), 2, shift=shift)
    cyclic_laws.fit(board, _reaching(board, 8, 13), 2, 8)
    law_fits.fit(board, smooth_laws.two_lanes(), board.open(8, "polynomial"))
    modes.fit(range(5, mode_laws.MOST_MODES + 1))
    rough_laws.fit_steps(board, board.open(2))
    cyclic_laws.fit_pattern(board, np.flatnonzero((board.misfit > 0.5) & ~board.closed))
    cut_laws.fit(board, np.flatnonzero(~board.closed))
    rough = np.flatnonzero((board.misfit > _ROUGH) & ~board.closed)
    rough_laws.fit_sizes(board, rough, _FREE if n >= _LONG else 1)
    return board


def _of_three(n: int) -> list[smooth_laws.Law]:
    """Laws of three parameters."""
    laws = [smooth_laws.power(2), smooth_laws.power(2, 1.0), smooth_laws.shifted_power()]
    laws += [smooth_laws.with_floor(0.0), smooth_laws.with_floor(1.0)]
    laws += [smooth_laws.tempered(n, 1), smooth_laws.tempered(n, 1, 1.0)]
    return [*laws, smooth_laws.stretched(n), smooth_laws.fractional_noise(1)]


def _of_four(n: int) -> list[smooth_laws.Law]:
    """Laws of four to six parameters."""
    laws = [smooth_laws.power(3), smooth_laws.power(3, 1.0)]
    laws += [smooth_laws.shifted_with_floor()]
    laws += [smooth_laws.tempered(n, 2), smooth_laws.tempered(n, 2, 1.0)]
    return [*laws, smooth_laws.fractional_noise(3), smooth_laws.fractional_noise(4)]


def _reaching(board: Board, first: int, n_params: int) -> Rows:
    """Open rows that stand out of the noise long after their first lag."""
    rows = board.open(n_params)
    visible = board.sequences.visible[rows]
    return rows[_SPAN * first <= visible]


class _Modes:
    """Sums of modes, the windows as wide as the visible lags allow; of two flattened weights."""

    def __init__(self, board: Board) -> None:
        self.board = board
        visible = board.sequences.visible
        width = np.select([visible >= 60, visible >= 32, visible >= 14], [30, 16, 7], 3)
        self.width = np.minimum(width, board.sequences.n // 2 - 1)
        self.windows: dict[tuple[int, float], tuple[Rows, FloatArray, FloatArray]] = {}

    def fit(self, orders: range) -> None:
        rows = self.board.open(2 * orders[0])
        shares = (1.0, 0.5) if orders[0] > 2 else (1.0,)
        for width in np.unique(self.width[rows]):
            at = rows[self.width[rows] == width]
            each = [self._directions(at, int(width), share) for share in shares]
            for m in orders:
                if m > width - 1:
                    break
                still = np.isin(at, self.board.open(2 * m))
                if not still.any():
                    break
                parts = [(directions[still], slope[still]) for directions, slope in each]
                starts = [mode_laws.esprit(part, m, slope, self.n) for part, slope in parts]
                mode_laws.fit(self.board, at[still], starts)
                self.board.settle(_FITTED)

    @property
    def n(self) -> int:
        return self.board.sequences.n

    def _directions(self, rows: Rows, width: int, share: float) -> tuple[FloatArray, FloatArray]:
        """Directions and flattening slope of some rows; kept, since later orders ask for fewer."""
        known = self.windows.get((width, share))
        if known is None:
            seen = self.board.sequences.take(rows)
            slope = share * mode_laws.slopes(seen)
            known = rows, mode_laws.window_directions(seen, slope, width), slope
            self.windows[width, share] = known
        at = np.searchsorted(known[0], rows)
        return known[1][at], known[2][at]
