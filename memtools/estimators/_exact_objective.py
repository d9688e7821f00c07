"""The objective of exact local Whittle: spectra of a series differenced by any d, and its least."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.fft

from memtools import fractional, spectral
from memtools._validate import FloatArray
from memtools.estimators._ordinates import require_power
from memtools.estimators.whittle import (
    centred_logs,
    whittle_minimum,
    whittle_objective,
)
from memtools.spectral import Sample

_BOUNDS = (-4.0, 4.0)
# Where R is no near-parabola: Shimotsu's weight falls, with a jump of curvature at both ends; a
# mean that is not zero makes a spurious sharp minimum.
_ROUGH = {"weighted": (0.49, 0.76), "zero": (-0.1, 0.1)}
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
    """A local Whittle estimate of the differences of some order, and their ordinates if known."""

    d: float
    order: int
    power: FloatArray | None


class FractionalSpectra:
    """Periodograms of (1 - B)^d (x - mean) for any d; the series' FFT is taken once.

    Parameters
    ----------
    sample : Sample
        Values of shape (..., n_obs).
    mean : str
        A key of `MEANS`.
    """

    def __init__(self, sample: Sample, mean: str) -> None:
        values, zero = sample.values, mean == "zero"
        self.n_obs = sample.n_obs
        self.centred = values if zero else values - values.mean(axis=-1, keepdims=True)
        self._shift = MEANS[mean]
        self._least_squares = mean == "least-squares"
        self._n_fft = scipy.fft.next_fast_len(2 * self.n_obs - 1, real=True)
        if ("padded", zero) not in sample.kept:
            sample.kept["padded", zero] = np.fft.rfft(self.centred, self._n_fft)
        self._transform = sample.kept["padded", zero]
        # Every evaluation writes here: fetching fresh pages costs as much as the transforms.
        self._spectrum = np.empty_like(self._transform)
        self._product = np.empty((*values.shape[:-1], self._n_fft))
        self._weights = np.empty(self.n_obs)
        self._gain = np.empty(self._n_fft // 2 + 1, dtype=complex)
        self._lags = np.arange(1.0, self.n_obs)
        self._sums: dict[float, FloatArray] = {}

    def log_means(self, d: float, m: int) -> FloatArray:
        """Log of the mean of the first m ordinates; known at once for a d that came before."""
        if d not in self._sums:
            self._sums[d] = np.cumsum(self._power(d), axis=-1)
        return np.log(self._sums[d][..., m - 1] / (2.0 * math.pi * self.n_obs * m))

    def _power(self, d: float) -> FloatArray:
        w = fractional.fill_weights(d, self._lags, self._weights)
        gain = np.fft.rfft(w, self._n_fft, out=self._gain)
        product = np.multiply(gain, self._transform, out=self._spectrum)
        y = np.fft.irfft(product, self._n_fft, out=self._product)[..., : self.n_obs]
        shift = self._shift(d) * self.centred[..., 0]
        if self._least_squares:
            constant = np.cumsum(w, out=w)  # (1 - B)^d applied to ones
            # No BLAS: its threads wake up later than einsum is done.
            shift = np.einsum("t,...t->...", constant, y) / np.einsum("t,t", constant, constant)
        elif np.any(shift):
            constant = np.cumsum(w, out=w)
        if np.any(shift):
            y -= shift[..., np.newaxis] * constant
        transform = np.fft.rfft(y, out=self._spectrum[..., : self.n_obs // 2 + 1])[..., 1:]
        return np.asarray(transform.real**2 + transform.imag**2)


class ExactObjective:
    """R(d) of Shimotsu and Phillips (2005) for one series and bandwidth."""

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
        self._rough = _ROUGH.get(mean, (0.0, 0.0))
        self._further_starts = _FURTHER_STARTS.get(mean, ())

    def __call__(self, d: float) -> float:
        d = float(d)
        return float(self.spectra.log_means(d, len(self.frequencies))) - 2.0 * d * self.mean_log

    def starts(self) -> list[Start]:
        """Local Whittle estimates of the series and its differences, each where it holds."""
        m = len(self.frequencies)
        logs = centred_logs(self.frequencies)
        centred = self.spectra.centred
        transform = self.sample.transform()[0][1 : m + 1]
        turn = np.exp(-1j * self.frequencies)
        head, tail = centred[:3], centred[-3:]
        found = []
        for order in range(3):
            power = transform.real**2 + transform.imag**2
            require_power(centred, power / (2.0 * math.pi * self.n_obs))
            d = float(whittle_minimum(logs, power)[0])
            found.append(Start(order + d, order, power))
            if d < 0.7:
                break  # consistent as it is: differences would be over-differenced
            # The DFT of the difference from that of the series; its first value is left out.
            transform = (1.0 - turn) * transform + tail[-1] - head[0] * turn**order
            head, tail = np.diff(head), np.diff(tail)
        return found + [Start(d, 0, None) for d in self._further_starts]

    def minimise(self, starts: Iterable[Start]) -> tuple[float, bool]:
        """Minimum of R next to the best of the starts."""
        distinct: list[Start] = []
        for start in starts:
            inside = _BOUNDS[0] < start.d < _BOUNDS[1]
            if inside and all(abs(start.d - other.d) > 0.1 for other in distinct):
                distinct.append(start)
        if not distinct:
            return min(max(start.d, _BOUNDS[0]), _BOUNDS[1]), False
        best = min(distinct, key=lambda start: self(start.d))
        # Where the start is off by a fifth of a standard error or less, few values will do.
        spacing = min(0.02, max(0.005, 0.25 / math.sqrt(len(self.frequencies))))
        if spacing <= 0.008 and best.power is not None:
            d = self._corrected(best, best.power, spacing)
            if abs(d - best.d) <= spacing and not self._rough[0] < d < self._rough[1]:
                return d, True
        return smooth_minimum(self, best.d, spacing, self._rough, _BOUNDS)

    def _corrected(self, start: Start, power: FloatArray, spacing: float) -> float:
        """Minimum of the local Whittle objective plus what R differs from it, a parabola.

        The difference is far smoother than R: with 1000 ordinates or more and the minimum
        among the three points, the answer is within 5e-6.
        """
        logs = centred_logs(self.frequencies)

        def plain(d: float) -> float:
            return whittle_objective(logs, power, d - start.order)

        points = [start.d - spacing, start.d, start.d + spacing]
        left, middle, right = (self(d) - plain(d) for d in points)
        slope = 0.5 * (right - left) / spacing
        bend = (right - 2.0 * middle + left) / spacing**2

        def corrected(d: float) -> float:
            step = d - start.d
            return plain(d) + (slope + 0.5 * bend * step) * step

        return smooth_minimum(corrected, start.d, spacing, (0.0, 0.0), _BOUNDS)[0]


def smooth_minimum(
    objective: Callable[[float], float],
    start: float,
    spacing: float,
    rough: tuple[float, float],
    bounds: tuple[float, float],
) -> tuple[float, bool]:
    """Minimum near `start` to about 1e-6, and whether it was found.

    Each evaluation costs three FFTs.  Three bracketing points give a parabola; the value at its
    vertex makes a cubic, whose minimum is the answer where the two agree to 2e-4 (its error is
    that of the fourth order).  In the `rough` interval the points close in to 1e-6 instead.
    """
    points = [(d, objective(d)) for d in (start - spacing, start, start + spacing)]
    for count in range(1, 100):
        low = min(range(len(points)), key=lambda k: points[k][1])
        if low in (0, len(points) - 1):  # not bracketed yet: walk on, twice as far
            outward = 1 if low else -1
            walk = points[low][0] + outward * (points[-1][0] - points[0][0])
            if not bounds[0] < points[low][0] < bounds[1]:
                return min(max(points[low][0], bounds[0]), bounds[1]), False
            points.append((walk, objective(walk)))
            points.sort()
            continue
        points = points[low - 1 : low + 2]
        (left, _), (middle, _), (right, _) = points
        in_rough = rough[0] < middle < rough[1]
        vertex = _vertex(points)
        if right - left <= (4e-6 if in_rough else 1e-4):
            return vertex, True
        wider = 1.0 if right - middle > middle - left else -1.0
        if count % 5 == 0:
            vertex = middle + 0.4 * wider * max(right - middle, middle - left)
        elif abs(vertex - middle) < 0.01 * (right - left):  # no cubic through coinciding points
            vertex = middle + 0.02 * wider * (right - left)
        points.append((vertex, objective(vertex)))
        points.sort()
        if not in_rough and right - left <= 0.05:
            answer = _cubic_minimum(points)
            if answer is not None and abs(answer - vertex) < 2e-4:
                return answer, bounds[0] < answer < bounds[1]
    return points[low][0], False


def _vertex(points: Sequence[tuple[float, float]]) -> float:
    """Vertex of the parabola through three points, the middle one no higher than the others."""
    (a, fa), (b, fb), (c, fc) = points
    left, right = (b - a) * (fb - fc), (b - c) * (fb - fa)
    if left == right:  # three equal heights
        return b
    return b - 0.5 * ((b - a) * left - (b - c) * right) / (left - right)


def _cubic_minimum(points: Sequence[tuple[float, float]]) -> float | None:
    """Minimum of the cubic through four points, where it has one among them."""
    d, values = np.array(points).T
    width = d[-1] - d[0]
    u = (d - d[0]) / width
    _, b1, b2, b3 = np.linalg.solve(np.vander(u, 4, increasing=True), values - values[0])
    discriminant = b2 * b2 - 3.0 * b1 * b3
    if discriminant < 0.0:
        return None
    # The root of b1 + 2 b2 u + 3 b3 u^2 with upward curvature, without cancellation.
    root = -b1 / (b2 + math.sqrt(discriminant))
    return float(d[0] + width * root) if 0.0 <= root <= 1.0 else None
