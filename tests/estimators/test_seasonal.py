"""Local Whittle at a season's frequencies: its objective, leakage, coverage, refusals."""

import math

import numpy as np
import pytest

import memtools as mt


def objective(x, poles, d, reach):
    """The sum of the objectives, ordinate by ordinate."""
    total, t = 0.0, np.arange(len(x))
    for pole in poles:
        steps = [j for j in range(-reach, reach + 1) if j and (pole < math.pi or j > 0)]
        distance = np.array([2.0 * math.pi * abs(j) / len(x) for j in steps])
        at = [pole + 2.0 * math.pi * j / len(x) for j in steps]
        power = np.array([abs(np.exp(-1j * f * t) @ (x - x.mean())) ** 2 for f in at])
        scale = math.log(np.mean(distance ** (2.0 * d) * power))
        total += len(steps) * (scale - 2.0 * d * np.mean(np.log(distance)))
    return total


@pytest.mark.parametrize(
    ("options", "poles"),
    [({"frequency": 0.7}, [0.7]), ({"period": 4}, [math.pi / 2.0, math.pi])],
)
def test_the_estimate_is_the_least_of_the_objective(options, poles):
    x = mt.simulate(mt.SeasonalARFIMAProcess(period=4, seasonal_d=0.3), 400, rng=2)
    found = mt.seasonal_local_whittle(x, bandwidth=30, **options)
    assert found.details["n_ordinates"] == 30 * len(poles) - 15 * (math.pi in poles)
    least = objective(x, poles, found.d, 15)
    for move in (-0.05, -0.01, 0.01, 0.05):
        assert least < objective(x, poles, found.d + move, 15)


def test_a_cycle_is_found_where_it_is():
    x = mt.simulate(mt.GegenbauerProcess(0.9, 0.4), 3000, rng=5)
    found = mt.seasonal_local_whittle(x)
    assert abs(found.details["frequencies"][0] - 0.9) < 10.0 * 2.0 * math.pi / 3000.0
    assert abs(found.d - 0.4) < 4.0 * found.stderr


def test_units_and_level_do_not_matter():
    x = mt.simulate(mt.SeasonalARFIMAProcess(period=12, seasonal_d=0.3), 600, rng=6)
    one = mt.seasonal_local_whittle(x, 12)
    other = mt.seasonal_local_whittle(1e5 * x - 300.0, 12)
    assert one.d == pytest.approx(other.d, abs=1e-6)


def test_the_frequency_and_how_it_came_are_told():
    x = mt.simulate(mt.GegenbauerProcess(0.9, 0.4), 400, rng=5)
    sought, known = mt.seasonal_local_whittle(x), mt.seasonal_local_whittle(x, frequency=0.9)
    at = sought.details["frequencies"][0]
    assert f"frequency {at:.4g}" in sought.summary()
    assert "knows nothing of the search" in sought.summary()
    assert (known.notes, mt.seasonal_local_whittle(x, 7).method[-8:]) == ((), "period 7")


@pytest.mark.slow
@pytest.mark.parametrize("d", [-0.3, 0.45])
def test_coverage_at_known_frequencies(d):
    """Of 300 paths, within four standard errors of 95%; the pole is between two ordinates."""
    cyclical = mt.simulate(mt.GegenbauerProcess(0.7, d), 512, 300, rng=8)
    seasonal = mt.simulate(mt.SeasonalARFIMAProcess(period=4, seasonal_d=d), 512, 300, rng=9)
    for paths, options in ((cyclical, {"frequency": 0.7}), (seasonal, {"period": 4})):
        ends = [mt.seasonal_local_whittle(x, **options).confidence_interval() for x in paths]
        covered = np.mean([low <= d <= high for low, high in ends])
        assert abs(covered - 0.95) < 4.0 * math.sqrt(0.95 * 0.05 / 300.0)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"period": 4, "frequency": 0.5}, "frequency must be left out"),
        ({"period": 1}, "period must be"),
        ({"period": 40}, "on either side of each frequency"),
        ({"frequency": 4.0}, "frequency must be"),
        ({"frequency": 0.01}, "on either side of each frequency"),
        ({"bandwidth": 4}, "bandwidth"),
    ],
)
def test_bad_arguments_are_named(options, told):
    x = np.random.default_rng(0).standard_normal(200)
    with pytest.raises(mt.InvalidInputError, match=told):
        mt.seasonal_local_whittle(x, **options)
