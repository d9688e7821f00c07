"""The objective of exact local Whittle: spectra of series differenced by any d, and its least."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from memtools import fractional, spectral
from memtools._validate import FloatArray
from memtools.estimators._exact_search import grid_minima, grid_values, smooth_minimum
from memtools.estimators._ordinates import BoolArray, has_power, require_power
from memtools.estimators.whittle import (
    centred_logs,
    whittle_minimum,
    whittle_objective,
)
from memtools.spectral import ComplexArray, Sample

Places: TypeAlias = NDArray[np.intp]

_BOUNDS = (-4.0, 4.0)
# Transforms of weights are kept for series up to this length: a grid of d serves them all.
_LONGEST_KEPT = 4096
# Padded values that are worked on at once: they, their transform and its product fit the cache.
_AT_ONCE = 2**16
# Where R is no near-parabola: Shimotsu's weight falls, with a jump of curvature at both ends; a
# mean that is not zero makes a spurious sharp minimum; below its range the first observation does.
_ROUGH = {"weighted": (0.49, 0.76), "zero": (-0.1, 0.1), "first": (-4.0, 0.2)}
# Where R has a second minimum that no local Whittle estimate is near.
_FURTHER_STARTS = {"weighted": (0.65,), "zero": (0.0,)}


def _sample_weight(d: float) -> float:
    """Weight of the sample mean against the first observation, Shimotsu (2010), section 3."""
    if d <= 0.5:
        return 1.0
    return 0.5 * (1.0 + math.cos(4.0 * math.pi * d)) if d < 0.75 else 0.0


# How far the mean subtracted lies from the sample mean (0) to the first observation (1).
MEANS: dict[str, Callable[[float], float]] = {
    "least-squares": lambda d: 0.0,
    "weighted": lambda d: 1.0 - _sample_weight(d),
    "sample": lambda d: 0.0,
    "first": lambda d: 1.0,
    "zero": lambda d: 0.0,
}


@dataclass(frozen=True)
class Start:
    """Local Whittle estimates of the differences of some order, and their ordinates if known.

    Attributes
    ----------
    d : ndarray, shape (n_rows,)
        NaN where it is no start.
    order : int
    power : ndarray, shape (n_rows, m), or None
    """

    d: FloatArray
    order: int
    power: FloatArray | None


class FractionalSpectra:
    """Periodograms of (1 - B)^d (x - mean) for any d; the FFT of the series is taken once.

    Parameters
    ----------
    sample : Sample
        Values of shape (n_obs,) or (n_rows, n_obs).
    mean : str
        A key of `MEANS`.
    """

    def __init__(self, sample: Sample, mean: str) -> None:
        values, zero = np.atleast_2d(sample.values), mean == "zero"
        self.n_obs = n_obs = sample.n_obs
        self.centred = values if zero else values - values.mean(axis=-1, keepdims=True)
        self._shift = MEANS[mean]
        self._least_squares = mean == "least-squares"
        self._n_fft = scipy.fft.next_fast_len(2 * n_obs - 1, real=True)
        if ("padded", zero) not in sample.kept:
            sample.kept["padded", zero] = np.fft.rfft(self.centred, self._n_fft)
        self._transform = sample.kept["padded", zero]
        # Every evaluation writes here: fetching fresh pages costs as much as the transforms.
        self._n_together = min(len(values), max(1, _AT_ONCE // self._n_fft))
        self._spectrum = np.empty((self._n_together, self._n_fft // 2 + 1), dtype=complex)
        self._product = np.empty((self._n_together, self._n_fft))
        self._gain = np.empty_like(self._spectrum[0])
        self._weights = np.empty(n_obs)
        self._lags = np.arange(1.0, n_obs)
        self._sums: dict[float, FloatArray] = {}

    def log_means(self, d: float, m: int, rows: Places | None = None) -> FloatArray:
        """Log of the mean of the first m ordinates of each row, or of some.

        Of a single series all ordinates are kept: a d that came before is known at once.
        """
        if len(self.centred) == 1:
            if d not in self._sums:
                every = self._power(d, np.zeros(1, dtype=np.intp), self.n_obs // 2)
                self._sums[d] = np.cumsum(every, axis=-1)
            sums = self._sums[d][:, m - 1]
        else:
            rows = np.arange(len(self.centred)) if rows is None else rows
            starts = range(0, len(rows), self._n_together)
            parts = [rows[i : i + self._n_together] for i in starts]
            powers = [self._power(d, part, m) for part in parts]
            sums = np.concatenate([np.cumsum(power, axis=-1)[:, -1] for power in powers])
        return np.log(sums / (2.0 * math.pi * self.n_obs * m))

    def _filter(self, d: float) -> tuple[ComplexArray, FloatArray]:
        """Transform of the weights of (1 - B)^d, and (1 - B)^d applied to ones."""
        if self.n_obs <= _LONGEST_KEPT:
            return _kept_filter(d, self.n_obs, self._n_fft)
        w = fractional.fill_weights(d, self._lags, self._weights)
        return np.fft.rfft(w, self._n_fft, out=self._gain), np.cumsum(w, out=w)

    def _power(self, d: float, rows: Places, m: int) -> FloatArray:
        """The first m ordinates of rows, unscaled."""
        gain, constant = self._filter(d)
        spectrum, room = self._spectrum[: len(rows)], self._product[: len(rows)]
        np.take(self._transform, rows, axis=0, out=spectrum, mode="clip")
        product = np.multiply(gain, spectrum, out=spectrum)
        y = np.fft.irfft(product, self._n_fft, out=room)[:, : self.n_obs]
        shift = self._shift(d) * self.centred[rows, 0]
        if self._least_squares:
            # No BLAS: its threads wake up later than einsum is done.
            shift = np.einsum("t,rt->r", constant, y) / np.einsum("t,t", constant, constant)
        if np.any(shift):
            y -= shift[:, np.newaxis] * constant
        transform = np.fft.rfft(y, out=spectrum[:, : self.n_obs // 2 + 1])[:, 1 : m + 1]
        return np.asarray(transform.real**2 + transform.imag**2)


@lru_cache(maxsize=256)
def _kept_filter(d: float, n_obs: int, n_fft: int) -> tuple[ComplexArray, FloatArray]:
    w = fractional.weights(d, n_obs)
    gain = np.fft.rfft(w, n_fft)
    return gain, np.cumsum(w, out=w)


class ExactObjective:
    """R(d) of Shimotsu and Phillips (2005) of one series or many rows, at one bandwidth.

    Attributes
    ----------
    powered : ndarray of bool, shape (n_rows,)
        False for rows without power at the frequencies in use; one such series is refused.
    """

    def __init__(self, sample: Sample, m: int, mean: str, centring: str = "frequency") -> None:
        self.sample, self.n_obs = sample, sample.n_obs
        key = "fractional spectra", mean
        if key not in sample.kept:
            sample.kept[key] = FractionalSpectra(sample, mean)
        self.spectra: FractionalSpectra = sample.kept[key]
        self.frequencies = spectral.fourier_frequencies(self.n_obs, m)
        published = centring == "frequency"
        self.gains = self.frequencies if published else 2.0 * np.sin(0.5 * self.frequencies)
        self.mean_log = float(np.log(self.gains).mean())
        self.powered: BoolArray = np.ones(len(self.spectra.centred), dtype=bool)
        self._rough = _ROUGH.get(mean, (0.0, 0.0))
        self._further_starts = _FURTHER_STARTS.get(mean, ())

    def __call__(self, d: float, rows: Places | None = None) -> FloatArray:
        d = float(d)
        return self.spectra.log_means(d, len(self.frequencies), rows) - 2.0 * d * self.mean_log

    def _of_row(self, row: int) -> Callable[[float], float]:
        rows = np.array([row])
        return lambda d: float(self(d, rows)[0])

    def starts(self) -> list[Start]:
        """Local Whittle estimates of the series and its differences, each where it holds."""
        m = len(self.frequencies)
        logs = centred_logs(self.frequencies)
        centred = self.spectra.centred
        transform = np.atleast_2d(self.sample.transform()[0])[:, 1 : m + 1]
        turn = np.exp(-1j * self.frequencies)
        head, tail = centred[:, :3], centred[:, -3:]
        found, wanted = [], np.ones(len(centred), dtype=bool)
        for order in range(3):
            power = transform.real**2 + transform.imag**2
            self._require_power(power, wanted)
            d = np.full(len(centred), np.nan)
            d[wanted] = order + whittle_minimum(logs, power[wanted])[0]
            found.append(Start(d, order, power))
            wanted = d - order >= 0.7  # others are consistent: no need to over-difference them
            if not wanted.any():
                break
            # The DFT of the difference from that of the series; its first value is left out.
            ends = tail[:, -1:] - head[:, :1] * turn**order
            transform = (1.0 - turn) * transform + ends
            head, tail = np.diff(head), np.diff(tail)
        return found + [Start(np.full(len(d), far), 0, None) for far in self._further_starts]

    def _require_power(self, power: FloatArray, wanted: BoolArray) -> None:
        scaled = power / (2.0 * math.pi * self.n_obs)
        if len(power) == 1:
            require_power(self.spectra.centred[0], scaled[0])
        powerless = wanted & ~has_power(self.spectra.centred, scaled)
        power[powerless] = 1.0
        self.powered &= ~powerless

    def minimise(self, starts: Sequence[Start]) -> tuple[FloatArray, BoolArray]:
        """Minimum of R next to the best of the starts, and whether it was found, a row a series."""
        d, chosen = self._best(starts)
        low, high = _BOUNDS
        known = chosen >= 0
        found = np.zeros(len(d), dtype=bool)
        # Where the start is off by a fifth of a standard error or less, few values will do.
        spacing = min(0.02, max(0.005, 0.25 / math.sqrt(len(self.frequencies))))
        if spacing <= 0.008:
            for row in np.flatnonzero(known).tolist():
                start = starts[chosen[row]]
                if start.power is not None:
                    least = self._corrected(d[row], start.order, start.power[row], spacing, row)
                    rough = self._is_rough(np.array(least))
                    found[row] = abs(least - d[row]) <= spacing and not rough
                    d[row] = least if found[row] else d[row]
        rows = np.flatnonzero(known & ~found & self.powered)
        if spacing > 0.008:
            near, settled = grid_minima(self, d[rows], rows, _BOUNDS)
            settled &= ~self._is_rough(near)
            d[rows[settled]], found[rows[settled]] = near[settled], True
            rows = rows[~settled]
        for row in rows.tolist():
            d[row], found[row] = smooth_minimum(
                self._of_row(row), d[row], spacing, self._rough, _BOUNDS
            )
        return np.minimum(np.maximum(d, low), high), found

    def _is_rough(self, d: FloatArray) -> BoolArray:
        low, high = self._rough
        return (low < high) & (low - 0.04 < d) & (d < high + 0.04)

    def _best(self, starts: Sequence[Start]) -> tuple[FloatArray, NDArray[np.intp]]:
        """The start of least R in each row and its number; -1 where none is within the bounds."""
        candidates = np.stack([start.d for start in starts])
        kept = (candidates > _BOUNDS[0]) & (candidates < _BOUNDS[1])
        for k in range(1, len(starts)):
            near = kept[:k] & (np.abs(candidates[:k] - candidates[k]) <= 0.1)
            kept[k] &= ~near.any(axis=0)
        chosen = np.where(kept.any(axis=0), kept.argmax(axis=0), -1)
        rows = np.flatnonzero(kept.sum(axis=0) > 1)
        if len(rows):
            heights = np.full((len(starts), len(rows)), np.inf)
            for k in range(len(starts)):
                these = kept[k, rows]
                heights[k, these] = grid_values(self, candidates[k, rows[these]], rows[these])
            chosen[rows] = heights.argmin(axis=0)
        last = np.full(candidates.shape[1], np.nan)
        for row in candidates:
            last = np.where(np.isnan(row), last, row)
        return np.where(chosen < 0, last, candidates[chosen, np.arange(len(last))]), chosen

    def _corrected(
        self, start: float, order: int, power: FloatArray, spacing: float, row: int
    ) -> float:
        """Minimum of the local Whittle objective plus what R differs from it, a parabola.

        The difference is far smoother than R: with 1000 ordinates or more and the minimum
        among the three points, the answer is within 5e-6.
        """
        logs = centred_logs(self.frequencies)
        objective = self._of_row(row)

        def plain(d: float) -> float:
            return whittle_objective(logs, power, d - order)

        points = [start - spacing, start, start + spacing]
        left, middle, right = (objective(d) - plain(d) for d in points)
        slope = 0.5 * (right - left) / spacing
        bend = (right - 2.0 * middle + left) / spacing**2

        def corrected(d: float) -> float:
            step = d - start
            return plain(d) + (slope + 0.5 * bend * step) * step

        return smooth_minimum(corrected, start, spacing, (0.0, 0.0), _BOUNDS)[0]
