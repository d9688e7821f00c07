"""A season or cycle: found in the periodogram, levelled to its neighbours, or kept as a pole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.ndimage import median_filter
from scipy.special import gammaincc

from memtools._validate import FloatArray
from memtools.spectral import ComplexArray

# A peak must pass 1 / 1000 among all ordinates (Fisher's bound) over the running median.
_RARE = 1e-3
_MARGIN = 1.2
_FEWEST_CYCLES = 5
_MOST_PEAKS = 6
_LONGEST_PERIOD = 60
# An ordinate counts as no more in a sum over harmonics: one line is no season of many harmonics.
_TALLEST = 40.0
POLE_D = np.linspace(0.0, 0.95, 20)
_LONGEST_WINDOW = 301
# What surrounds a smooth peak or a line, over its top: a line may stand far above.
_FLOORS = (0.0, 1e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1)
_LN2 = 0.6931471805599453
# Ordinates on each side of a fixed season's that must look like the rest, and with what P-value at
# least: levels are medians from above, so that of a fixed season it is rarely small.
_BESIDE = 4
_LOOKS_FLAT = 0.4


@dataclass(frozen=True, eq=False)
class Season:
    """A period and the series without it.

    Attributes
    ----------
    period : float
        Observations a cycle.
    values : ndarray, shape (n_obs,)
        The series with the ordinates of the period and its harmonics levelled to their
        neighbours.
    height : float
        Log of the highest seasonal ordinate over its surroundings.
    n_levelled : int
        Ordinates changed.
    fixed : bool
        The same in all cycles: said to be, or as far as the ordinates beside it tell.
    """

    period: float
    values: FloatArray
    height: float
    n_levelled: int
    fixed: bool


@dataclass(frozen=True, eq=False)
class Pole:
    """The highest peak off frequency zero as a power law (Gegenbauer) or a smooth peak.

    Attributes
    ----------
    period : float
        Observations a cycle.
    margin : float
        Log-likelihood of a pole |l - l0|^-2d on the ordinates around it less that of a smooth
        peak or a line.
    grid, loglike : ndarray
        d of that pole, and its log-likelihood; flat where there are too few ordinates.
    """

    period: float
    margin: float
    grid: FloatArray
    loglike: FloatArray

    @property
    def d(self) -> float:
        """The likeliest d of the pole."""
        return float(self.grid[int(self.loglike.argmax())])


def transformed(x: FloatArray) -> ComplexArray:
    """DFT of a series, 0 at frequency zero."""
    transform = scipy.fft.rfft(x)
    transform[0] = 0.0
    return np.asarray(transform)


def find_season(transform: ComplexArray, n_obs: int, period: float | None = None) -> Season | None:
    """The season of a series, looked for or of a given period; None where there is none.

    Looked for are a whole period with all its harmonics, and single peaks one after another.
    """
    given, transform = transform, transform.copy()
    power = np.abs(transform[1:]) ** 2
    last = len(power)
    if last < 16:
        return None
    level = _surroundings(power)
    ratio = power / level
    if n_obs % 2 == 0:
        ratio[-1] /= 2.0  # one degree of freedom, not two
    before = ratio.copy()
    found = [period] if period is not None else _whole_period(ratio, n_obs)
    for known in found:
        _level(power, ratio, level, n_obs / known, harmonics=True)
    while period is None and len(found) < _MOST_PEAKS:
        peak = _FEWEST_CYCLES - 1 + int(np.argmax(ratio[_FEWEST_CYCLES - 1 :]))
        if ratio[peak] < _MARGIN * np.log(last / _RARE) or not _stands_alone(ratio, peak):
            break
        found.append(n_obs / (peak + 1.0))
        _level(power, ratio, level, peak + 1.0, harmonics=False)
    if not found:
        return None
    factor = np.sqrt(np.minimum(1.0, power / np.maximum(np.abs(transform[1:]) ** 2, 1e-300)))
    transform[1:] *= factor
    return Season(
        period=float(found[0]),
        values=scipy.fft.irfft(transform, n_obs),
        height=float(np.log(before[factor < 1.0].max(initial=1.0))),
        n_levelled=int((factor < 1.0).sum()),
        fixed=period is not None or _is_fixed(given, n_obs, found, level),
    )


def season_note(values: FloatArray) -> str | None:
    """What tests that know no season have to say of one; None where none is found."""
    season = find_season(transformed(values - values.mean()), len(values))
    if season is None:
        return None
    return (
        f"a season or cycle of {season.period:.3g} observations stands out, which the tests do not "
        "allow for: what speaks against a null may be the cycle"
    )


def _is_fixed(transform: ComplexArray, n_obs: int, periods: list[float], level: FloatArray) -> bool:
    """Without sines of these periods, the ordinates beside theirs are no higher than others.

    A cycle that is not the same all the time, a pole or an autoregression, is higher around it.
    """
    last = len(level)
    multiples = int((last + 0.5) * periods[0] / n_obs)
    centres = [n_obs / periods[0] * k for k in range(1, multiples + 1)]
    centres += [n_obs / period for period in periods[1:]]
    around = [
        np.arange(max(round(c) - _BESIDE, 1), min(round(c) + _BESIDE, last) + 1) for c in centres
    ]
    lines = [_refined(transform[j], j, c, n_obs) for j, c in zip(around, centres, strict=True)]
    at = np.unique(np.concatenate(around))
    up, down = _line(np.subtract.outer(lines, at), n_obs), _line(-np.add.outer(lines, at), n_obs)
    waves = np.vstack([up + down, 1j * (up - down)]).T  # of cosines and sines
    design, seen = (np.concatenate([z.real, z.imag]) for z in (waves, transform[at]))
    left = transform[at] - waves @ np.linalg.lstsq(design, seen, rcond=None)[0]
    away = np.abs(np.subtract.outer(at, np.round(centres)))
    beside = ((away >= 1) & (away <= _BESIDE)).any(axis=1)
    ratio = np.abs(left[beside]) ** 2 / level[at[beside] - 1]
    return bool(gammaincc(len(ratio), ratio.sum()) > _LOOKS_FLAT)


def _refined(seen: ComplexArray, at: NDArray[np.int64], centre: float, n_obs: int) -> float:
    """Frequency, in ordinates, of the line within one of a centre that explains most of these."""
    grid = np.clip(centre + np.linspace(-1.0, 1.0, 81), 0.5, 0.5 * n_obs)
    waves = _line(np.subtract.outer(grid, at), n_obs)
    explained = np.abs(waves.conj() @ seen) ** 2 / np.sum(np.abs(waves) ** 2, axis=1)
    return float(grid[explained.argmax()])


def _line(away: FloatArray, n_obs: int) -> ComplexArray:
    """DFT of exp(2 pi i f t / n) at an ordinate that f is so many away from."""
    away = away - n_obs * np.round(away / n_obs)
    turn = np.exp(1j * np.pi * away * (n_obs - 1.0) / n_obs)
    return np.asarray(n_obs * turn * np.sinc(away) / np.sinc(away / n_obs))


def _whole_period(ratio: FloatArray, n_obs: int) -> list[float]:
    """The whole number of observations whose harmonics stand out most together, if they do."""
    periods = np.arange(2, min(_LONGEST_PERIOD, n_obs // _FEWEST_CYCLES) + 1)
    chances = np.ones(len(periods))
    for i, period in enumerate(periods):
        harmonics = np.arange(1, period // 2 + 1)
        at = np.round(harmonics * n_obs / period).astype(int) - 1
        # Sums of exponentials are gamma distributed.
        total = float(np.minimum(ratio[np.minimum(at, len(ratio) - 1)], _TALLEST).sum())
        chances[i] = gammaincc(len(at), total)
    # A multiple of the period stands out as well: the shortest that explains as much is it.
    best = int(np.argmin(chances))
    if chances[best] * len(periods) > _RARE / 10.0:
        return []
    return [float(periods[best])]


def _surroundings(power: FloatArray) -> FloatArray:
    """Level of the ordinates around each: the higher of two running medians.

    One has a window of constant width, the other one that grows with the frequency, as the
    spectrum of a series with memory changes.
    """
    last = len(power)
    flat = np.log(np.maximum(power, 1e-14 * power.max()))
    window = min(_LONGEST_WINDOW, max(9, last // 10)) | 1
    log_j = np.log(np.arange(1.0, last + 1.0))
    slope = np.polyfit(log_j[: last // 2], flat[: last // 2], 1)[0]
    level = median_filter(flat - slope * log_j, window, mode="reflect") + slope * log_j
    centres = np.geomspace(3.0, last, max(4, int(3.0 * np.log(last / 3.0))))
    ends = np.stack([centres / 1.6 - 1.0, np.minimum(1.6 * centres, last)]).astype(int)
    middles = [np.median(flat[low:high] - slope * log_j[low:high]) for low, high in ends.T]
    grown = np.interp(log_j, np.log(centres), middles) + slope * log_j
    return np.exp(np.maximum(level, grown)) / _LN2


def _stands_alone(ratio: FloatArray, peak: int) -> bool:
    """No mere shoulder of the rise towards frequency zero."""
    low = ratio[: max(3, peak // 2)].mean()
    return bool(ratio[peak] > 3.0 * low)


def _level(
    power: FloatArray, ratio: FloatArray, level: FloatArray, fundamental: float, harmonics: bool
) -> None:
    """Bring the ordinates around a frequency, and its multiples, down to their surroundings."""
    last = len(power)
    widest = max(1, int(0.3 * fundamental))
    for k in range(1, int((last + 0.5) / fundamental) + 1 if harmonics else 2):
        centre = round(k * fundamental) - 1
        if centre >= last:
            break
        reach = 1
        while reach < widest:
            ring = [centre + s * (reach + i) for s in (-1, 1) for i in range(3)]
            inside = [i for i in ring if 0 <= i < last]
            if not inside or ratio[inside].mean() < 2.0:
                break
            reach += 1
        near = slice(max(centre - reach, 0), min(centre + reach + 1, last))
        if not harmonics or ratio[near].max() > 3.0:
            power[near] = np.minimum(power[near], level[near])
            ratio[near] = np.minimum(ratio[near], 1.0)


def find_pole(transform: ComplexArray, n_obs: int) -> Pole:
    """The highest peak of the flattened periodogram, and the law around it."""
    power = np.abs(transform[1:]) ** 2
    ratio = power / _surroundings(power)
    smooth = np.convolve(ratio, np.full(3, 1.0 / 3.0), "same")
    first = min(_FEWEST_CYCLES - 1, len(power) - 1)
    peak = first + int(np.argmax(smooth[first:]))
    peak += int(np.argmax(power[max(peak - 1, 0) : peak + 2])) - min(peak, 1)
    margin, loglike = _pole(power, peak)
    return Pole(n_obs / (peak + 1.0), margin, POLE_D, loglike)


def _pole(power: FloatArray, peak: int) -> tuple[float, FloatArray]:
    """Power law against a smooth peak or a line on the ordinates around it."""
    last = len(power)
    reach = min(peak // 2, last - 1 - peak, int(last**0.75 / 2))
    if reach < 6:
        return 0.0, np.zeros(len(POLE_D))
    seen = power[peak - reach : peak + reach + 1]
    j = np.arange(-reach, reach + 1.0)
    widths = np.geomspace(0.2, 2.0 * reach, 20)
    flat = np.array(_FLOORS)[:, None, None]
    poles, smooth = [], []
    for centre in (-0.5, 0.0, 0.5):
        away = np.abs(j - centre)
        law = -2.0 * POLE_D[:, None] * np.log(np.maximum(away, 0.25))
        poles.append(_profiled(seen, law))
        peaks = np.log(1.0 / (1.0 + (away / widths[:, None]) ** 2) + flat)
        smooth.append(_profiled(seen, peaks.reshape(-1, len(j))).max())
    loglike = np.max(poles, axis=0)
    return float(loglike.max() - max(smooth)), loglike


def _profiled(seen: FloatArray, log_g: FloatArray) -> FloatArray:
    """Whittle's log-likelihood of each shape, its scale profiled out."""
    variance = (seen * np.exp(-log_g)).mean(axis=1)
    return np.asarray(-len(seen) * np.log(variance) - log_g.sum(axis=1))
