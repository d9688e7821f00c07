"""From moments at many scales to exponents and their spectrum."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.processes import ARFIMAProcess, FractionalGaussianNoise
from memtools.simulation import simulate

# Paths and steps to find the exponent whose estimate is that of the series, between these.
_TO_SOLVE, _STEPS = 16, 3
_RANGE, _SLOPES = (0.02, 1.48), (0.3, 1.2)


class Exponents(NamedTuple):
    """Arrays of shape (..., n_q)."""

    hurst: FloatArray
    tau: FloatArray
    alpha: FloatArray
    f: FloatArray


def as_q(q: ArrayLike) -> FloatArray:
    """Orders of moments, rising."""
    orders = np.atleast_1d(_validate.as_array(q, "q"))
    if orders.ndim != 1 or not 1 <= len(orders) <= 1000 or np.abs(orders).max() > 20.0:
        raise InvalidInputError("q", "one or more numbers in -20..20", repr(q)[:80])
    return np.unique(orders)


def as_number_of_surrogates(number: int) -> int:
    """None, or enough for a standard deviation."""
    if number == 0 and not isinstance(number, bool):
        return 0
    return _validate.as_integer(number, "n_surrogates", 10)


def powers(logs: FloatArray, q: FloatArray) -> tuple[FloatArray, FloatArray]:
    """exp(q logs) and its product with the logs, less their largest: shape (n, n_q)."""
    shifted = logs - logs.max()
    raised = np.exp(shifted[:, np.newaxis] * q)
    return raised, raised * shifted[:, np.newaxis]


def exponents(
    q: FloatArray,
    abscissae: FloatArray,
    log_means: FloatArray,
    weighted_logs: FloatArray,
    weights: Sequence[float] | FloatArray,
) -> Exponents:
    """Slopes of the moments and of their derivatives in q (Chhabra and Jensen's direct way).

    Parameters
    ----------
    abscissae, weights : ndarray, shape (n_scales,)
        Logarithms of the scales, and what they weigh.
    log_means, weighted_logs : ndarray, shape (..., n_scales, n_q)
        log mean X^q, and mean(X^q log X) / mean(X^q), its derivative in q.
    """
    share = np.asarray(weights, float) / np.sum(weights)
    tilted = share * (abscissae - share @ abscissae)
    tilted /= tilted @ abscissae
    zeta = np.einsum("s,...sq->...q", tilted, log_means)
    alpha = np.einsum("s,...sq->...q", tilted, weighted_logs)
    # At q = 0 the exponent is that of the geometric mean, the derivative of zeta.
    near = np.abs(q) < 1e-8
    hurst = np.where(near, alpha, zeta / np.where(near, 1.0, q))
    tau = q * hurst - 1.0
    return Exponents(hurst, tau, alpha, q * alpha - tau)


class OneExponent(NamedTuple):
    """Noise with one exponent whose estimate, on average, is the one that was found.

    `slope` is the derivative of that average in the exponent: an error of the estimate is one of
    the exponent times this.
    """

    hurst: float
    slope: float
    draw: Callable[[], FloatArray]

    def stderr(self, q: FloatArray, spread: FloatArray, n_drawn: int) -> FloatArray:
        """Error of exponents of this spread, less a bias that so many draws say.

        The exponent of the noise is itself known from few paths, by that for q near 2.
        """
        squares = spread**2 * (1.0 + 1.0 / n_drawn) + spread[_near_two(q)] ** 2 / _TO_SOLVE
        return np.sqrt(squares) / self.slope


def single_exponent(
    found: Exponents,
    q: FloatArray,
    n_obs: int,
    measure: Callable[[FloatArray], Exponents],
    rng: np.random.Generator,
) -> OneExponent:
    """Noise on which the estimate for q near 2 is that of the series, by the secant method.

    All means are over the same innovations, so that they are smooth in the exponent.
    """
    at = _near_two(q)
    seeds = rng.integers(2**62, size=_TO_SOLVE).tolist()

    def mean(hurst: float) -> float:
        paths = (simulate(_noise(hurst), n_obs, rng=seed) for seed in seeds)
        return float(np.mean([measure(path).hurst[at] for path in paths]))

    slope, hurst = 1.0, float(np.clip(found.hurst[at], *_RANGE))
    before = (hurst, mean(hurst))
    for _ in range(_STEPS):
        hurst = float(np.clip(before[0] + (found.hurst[at] - before[1]) / slope, *_RANGE))
        if hurst == before[0]:
            break
        now = (hurst, mean(hurst))
        slope = float(np.clip((now[1] - before[1]) / (now[0] - before[0]), *_SLOPES))
        before = now
    noise = _noise(hurst)
    return OneExponent(hurst, slope, lambda: simulate(noise, n_obs, rng=rng))


def _near_two(q: FloatArray) -> int:
    return int(np.argmin(np.abs(q - 2.0)))


def _noise(hurst: float) -> FractionalGaussianNoise | ARFIMAProcess:
    return FractionalGaussianNoise(hurst) if hurst < 0.97 else ARFIMAProcess(d=hurst - 0.4995)


def corrected(
    q: FloatArray, found: Exponents, drawn: Sequence[Exponents], truth: float
) -> Exponents:
    """The exponents less the bias that those of noise with the one exponent `truth` have."""
    hurst = found.hurst - (np.mean([one.hurst for one in drawn], axis=0) - truth)
    alpha = found.alpha - (np.mean([one.alpha for one in drawn], axis=0) - truth)
    tau = q * hurst - 1.0
    return Exponents(hurst, tau, alpha, q * alpha - tau)


def width_note(found: Exponents, drawn: Sequence[Exponents]) -> str:
    """How the spectrum's width compares with that of noise with one exponent."""
    width, widths = np.ptp(found.alpha), [np.ptp(one.alpha) for one in drawn]
    chance = (1 + np.sum(widths >= width)) / (1 + len(drawn))
    return (
        f"uncorrected width {width:.3f}, of noise with one exponent {np.median(widths):.3f}: "
        f"p-value {chance:.2g} of more than one exponent"
    )
