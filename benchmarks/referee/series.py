"""What the estimators are judged on: series whose d is known, by family."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

import memtools as mt
from memtools.innovations import student_t

Draw = Callable[[int, int, Generator], np.ndarray]
_TIMES = (2.0, 8.0, 32.0)  # of the sum of AR(1), in observations
_SHIFTS = 5.0  # expected in a series of any length


@dataclass(frozen=True)
class Kind:
    """A source of paths for `memtools.montecarlo.run`, which takes the true value from `d`."""

    family: str
    name: str
    d: float
    draw: Draw

    def __call__(self, n_obs: int, n_paths: int, rng: Generator) -> np.ndarray:
        return self.draw(n_obs, n_paths, rng)


def pure(process) -> Draw:
    return lambda n, paths, rng: mt.simulate(process, n, paths, rng)


def fgn(d: float) -> Draw:
    return pure(mt.FractionalGaussianNoise(d + 0.5))


def sum_of_ar(n: int, paths: int, rng: Generator) -> np.ndarray:
    """AR(1) of equal variance at three time constants: short memory that looks long."""
    parts = [np.exp(-1.0 / time) for time in _TIMES]
    return sum(
        mt.simulate(mt.ARFIMAProcess([ar], sigma2=1.0 - ar**2), n, paths, rng) for ar in parts
    )


def shifted(d: float) -> Draw:
    """fGn of variance 1 and, on average, five shifts of its level with deviation 1."""

    def draw(n: int, paths: int, rng: Generator) -> np.ndarray:
        rate = _SHIFTS / n
        levels = [mt.random_level_shifts(n, rate, 1.0, rng) for _ in range(paths)]
        return fgn(d)(n, paths, rng) + np.array(levels)

    return draw


def trending(d: float) -> Draw:
    """fGn of variance 1 and a line that climbs by two standard deviations."""
    return lambda n, paths, rng: fgn(d)(n, paths, rng) + np.linspace(-1.0, 1.0, n)


def noisy(n: int, paths: int, rng: Generator) -> np.ndarray:
    """fGn with d = 0.4 under white noise of the same variance."""
    return fgn(0.4)(n, paths, rng) + rng.standard_normal((paths, n))


def heavy(d: float) -> Draw:
    """ARFIMA(0, d, 0) driven by Student's t with three degrees of freedom."""
    process, tails = mt.ARFIMAProcess(d=d), student_t(3.0)
    return lambda n, paths, rng: mt.simulate(process, n, paths, rng, tails)


KINDS = [
    *(Kind("fGn", f"fGn, d = {d:g}", d, fgn(d)) for d in (-0.2, 0.0, 0.2, 0.4)),
    *(
        Kind("ARFIMA", f"ARFIMA(0, {d:g}, 0)", d, pure(mt.ARFIMAProcess(d=d)))
        for d in (-0.3, 0.2, 0.4)
    ),
    Kind("ARFIMA, AR .5", "ARFIMA(1, 0.3, 0), AR .5", 0.3, pure(mt.ARFIMAProcess([0.5], 0.3))),
    *(Kind("AR(1)", f"AR(1) {a:g}", 0.0, pure(mt.ARFIMAProcess([a]))) for a in (0.5, 0.8, 0.95)),
    Kind("sum of AR(1)", "AR(1) at 2, 8 and 32 observations", 0.0, sum_of_ar),
    *(Kind("shifts", f"fGn, d = {d:g}, five shifts", d, shifted(d)) for d in (0.0, 0.3)),
    *(Kind("trend", f"fGn, d = {d:g}, a line", d, trending(d)) for d in (0.0, 0.3)),
    Kind("under noise", "fGn, d = 0.4, under noise", 0.4, noisy),
    Kind("heavy tails", "ARFIMA(0, 0.3, 0), t(3)", 0.3, heavy(0.3)),
]
LENGTHS = (256, 1024, 4096)
