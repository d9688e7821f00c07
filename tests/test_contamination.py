"""Level shifts, trends and noise: their laws, and that they mislead as they are meant to."""

import math

import numpy as np
import pytest

import memtools as mt
from memtools.exceptions import InvalidInputError


def test_level_shifts():
    level = mt.random_level_shifts(100_000, rate=0.02, scale=3.0, rng=1)
    jumps = np.diff(level)
    n_jumps = np.count_nonzero(jumps)
    assert abs(n_jumps - 2000) < 4.5 * math.sqrt(2000)
    assert abs(jumps[jumps != 0].std() - 3.0) < 4.5 * 3.0 / math.sqrt(2 * n_jumps)
    assert not mt.random_level_shifts(100, rate=0.0, rng=1).any()


def test_trend_is_its_formula():
    expected = [2.0 * (3.0 + t) ** -0.4 for t in range(1, 6)]
    np.testing.assert_allclose(mt.hyperbolic_trend(5, -0.4, 2.0, 3.0), expected, rtol=1e-14)
    np.testing.assert_allclose(np.diff(mt.hyperbolic_trend(10, 1.0)), 1.0, rtol=1e-13)


def test_noise_has_the_variance_asked_for():
    x = 5.0 + 3.0 * np.random.default_rng(1).standard_normal(50_000)
    noise = mt.measurement_noise(x, 2.0, rng=2)
    ratio = noise.var() / x.var()
    assert abs(ratio - 2.0) < 4.5 * 2.0 * math.sqrt(2.0 / len(x))
    assert abs(noise.mean()) < 4.5 * noise.std() / math.sqrt(len(x))
    assert not mt.measurement_noise(x, 0.0, rng=2).any()


@pytest.mark.parametrize(
    ("spoil", "higher"),
    [
        (lambda x, rng: x + mt.random_level_shifts(len(x), 0.005, 1.0, rng), True),
        (lambda x, rng: x + mt.hyperbolic_trend(len(x), 0.5, 0.05), True),
        (lambda x, rng: x + mt.measurement_noise(x, 4.0, rng), False),
    ],
    ids=["shifts", "trend", "noise"],
)
# Misled to the end of the range, and said so.
@pytest.mark.filterwarnings("ignore::memtools.exceptions.ConvergenceWarning")
def test_local_whittle_is_misled(spoil, higher):
    rng = np.random.default_rng(3)
    gap = []
    for _ in range(30):
        x = mt.simulate(mt.ARFIMAProcess(d=0.0 if higher else 0.4), 1000, rng=rng)
        gap.append(mt.local_whittle(spoil(x, rng)).d - mt.local_whittle(x).d)
    z = np.mean(gap) / (np.std(gap, ddof=1) / math.sqrt(len(gap)))
    assert z > 4.5 if higher else z < -4.5


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: mt.random_level_shifts(10, 1.5), "rate must be"),
        (lambda: mt.hyperbolic_trend(0), "n_obs must be"),
        (lambda: mt.hyperbolic_trend(10, math.nan), "exponent must be"),
        (lambda: mt.hyperbolic_trend(10, offset=-2.0), "offset must be"),
        (lambda: mt.measurement_noise([1.0, math.nan], 1.0), "x must be"),
        (lambda: mt.measurement_noise([1.0, 2.0], -1.0), "noise_to_signal must be"),
    ],
)
def test_bad_arguments_are_refused(call, text):
    with pytest.raises(InvalidInputError, match=text):
        call()
