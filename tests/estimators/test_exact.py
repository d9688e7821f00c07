"""Exact and two-step local Whittle: against loops, grids, and what theory says must hold."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import memtools as mt
from memtools.estimators import _exact_objective as module
from memtools.estimators import _exact_search as search
from memtools.estimators._stderr import calibration
from memtools.spectral import Sample
from tests import reference

# mean -> orders at which the paper's theory covers it
MEANS = {
    "least-squares": (-0.8, 2.3),
    "weighted": (-0.5, 2.0),
    "sample": (-0.8, 1.2),
    "first": (0.1, 2.3),
    "zero": (-1.0, 2.5),
}


def noise_of(order, n_obs, seed=1):
    return reference.type_two_noise(order, n_obs, 1, np.random.default_rng(seed))[0]


@pytest.mark.parametrize("mean", MEANS)
@pytest.mark.parametrize("d", [-0.7, 0.0, 0.3, 0.6, 1.0, 1.7])
def test_the_objective_is_its_formula(mean, d):
    x = noise_of(0.4, 30) + 3.0
    objective = module.ExactObjective(Sample(x), 10, mean)
    expected = reference.exact_objective(x, 10, d, mean)
    assert objective(d) == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("mean", MEANS)
@pytest.mark.parametrize("order", [-0.3, 0.0, 0.45, 0.6, 1.0, 1.4])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_estimate_is_the_lowest_point_of_the_objective(mean, order, seed):
    x = noise_of(order, 100, seed) + (mean != "zero")
    estimate = mt.exact_local_whittle(x, 20, mean)
    objective = module.ExactObjective(Sample(x), 20, mean)
    low, high = MEANS[mean]
    low, high = min(low, estimate.d - 0.1), max(high, estimate.d + 0.1)
    lowest = reference.lowest(objective, low, high, 161)
    assert objective(estimate.d) <= objective(lowest) + 1e-8
    assert estimate.d == pytest.approx(lowest, abs=1e-5)
    assert estimate.converged
    assert estimate.details == {"mean": mean}


@given(st.floats(-0.6, 0.6), st.integers(0, 50))
def test_with_a_zero_mean_differencing_moves_the_estimate_by_its_order(shift, seed):
    """(1 - B)^d of the differenced series is (1 - B)^(d + shift) of the series: exactly."""
    x = noise_of(0.2, 120, seed)
    before = mt.exact_local_whittle(x, 24, "zero").d
    after = mt.exact_local_whittle(mt.fracdiff(x, shift), 24, "zero").d
    assert after == pytest.approx(before - shift, abs=1e-5)


@pytest.mark.parametrize("offset", [0.0, 1e-9, -1e-5, 1e-3])
def test_an_estimate_of_nothing_is_found_like_any_other(offset):
    """d near zero, where a relative tolerance would have no meaning."""
    x = noise_of(0.0, 200)
    d = mt.exact_local_whittle(x, 31, "zero").d
    found = mt.exact_local_whittle(mt.fracdiff(x, d - offset), 31, "zero").d
    assert found == pytest.approx(offset, abs=1e-5)


def test_cumulation_adds_one():
    """Only the starting value differs, to which the least-squares mean is nearly blind."""
    x = reference.fractional_noise(0.1, 2000, 1, np.random.default_rng(4))[0]
    found = [mt.exact_local_whittle(series).d for series in (x, np.cumsum(x) + 100.0)]
    assert found[1] - found[0] == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize("mean", ["least-squares", "weighted", "sample", "first"])
def test_the_mean_does_not_matter_once_it_is_removed(mean):
    x = noise_of(0.4, 300)
    a, b = (mt.exact_local_whittle(series, mean=mean).d for series in (x, x + 1e4))
    assert a == pytest.approx(b, abs=1e-6)


def test_errors_are_fisher_sums_or_their_limit():
    x = noise_of(0.4, 300)
    m = 30
    logs = np.log(np.arange(1, m + 1))
    plain = 0.5 / math.sqrt(m * logs.var())
    for function, name in (
        (mt.exact_local_whittle, "exact_local_whittle"),
        (mt.two_step_local_whittle, "two_step_local_whittle"),
    ):
        assert function(x, m).stderr == pytest.approx(plain * calibration(name, m))
        assert function(x, m, stderr="asymptotic").stderr == pytest.approx(0.5 / math.sqrt(m))


@pytest.mark.parametrize(
    ("function", "lowest", "rough"),
    [
        (lambda d: (d - 0.3) ** 2, 0.3, (0.0, 0.0)),
        (lambda d: math.exp(d) - d, 0.0, (0.0, 0.0)),
        (lambda d: math.cosh(d - 3.0), 3.0, (0.0, 0.0)),
        (lambda d: (d - 0.5) ** 2 * (1.0 if d > 0.5 else 9.0), 0.5, (0.45, 0.55)),
        (lambda d: 1e4 * (d - 0.01) ** 2 - 1e6 * min(0.0, d - 0.01) ** 3, 0.01, (-0.1, 0.1)),
    ],
    ids=["parabola", "asymmetric", "far", "kinked", "sharp"],
)
def test_parabolas_find_the_minimum(function, lowest, rough):
    d, found = search.smooth_minimum(function, 0.25, 0.02, rough, (-5.0, 5.0))
    assert found
    assert d == pytest.approx(lowest, abs=1e-5)


def test_a_minimum_beyond_the_bounds_is_not_a_minimum():
    d, found = search.smooth_minimum(lambda d: -d, 0.0, 0.02, (0.0, 0.0), (-3.0, 4.0))
    assert (d, found) == (4.0, False)
    d, found = search.smooth_minimum(lambda d: d, 0.0, 0.02, (0.0, 0.0), (-3.0, 4.0))
    assert (d, found) == (-3.0, False)


# ---------------------------------------------------------------- two steps


@pytest.mark.parametrize("order", [-0.2, 0.3, 0.6, 1.0, 1.4])
def test_the_second_step_ends_in_a_minimum_near_the_first(order):
    x = noise_of(order, 200) + 5.0
    estimate = mt.two_step_local_whittle(x, 36)
    first = mt.local_whittle(x, 36, "cosine").d
    assert estimate.details["first_step"] == pytest.approx(first, abs=1e-8)
    objective = module.ExactObjective(Sample(x), 36, "weighted")
    around = [objective(estimate.d + step) for step in (-1e-3, 0.0, 1e-3)]
    assert around[1] < min(around[0], around[2])


@pytest.mark.parametrize("trend_order", [1, 2, 3])
def test_a_polynomial_trend_of_the_order_removed_leaves_no_trace(trend_order):
    x = noise_of(0.8, 400)
    time = np.linspace(0.0, 1.0, 400)
    plain = mt.two_step_local_whittle(x, trend_order=trend_order)
    trended = mt.two_step_local_whittle(x + 50.0 * time**trend_order, trend_order=trend_order)
    assert trended.d == pytest.approx(plain.d, abs=1e-5)
    assert trended.details["trend_order"] == trend_order
    by_hand = x - np.polyval(np.polyfit(time, x, trend_order), time)
    assert mt.two_step_local_whittle(by_hand).d == pytest.approx(plain.d, abs=1e-5)


@pytest.mark.parametrize("trend_order", [1, 2, 3])
def test_a_series_that_is_its_trend_is_refused(trend_order):
    trend = 0.1 * np.arange(500.0) ** trend_order + 1e6
    with pytest.raises(mt.InvalidInputError, match="x must be a series that varies about its"):
        mt.two_step_local_whittle(trend, trend_order=trend_order)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda x: mt.exact_local_whittle(x, mean="median"), "mean"),
        (lambda x: mt.exact_local_whittle(x, mean=None), "mean"),
        (lambda x: mt.exact_local_whittle(x, mean=0.0), "mean"),
        (lambda x: mt.exact_local_whittle(x, 2), "bandwidth"),
        (lambda x: mt.exact_local_whittle(x, 51), "bandwidth"),
        (lambda x: mt.exact_local_whittle(x, stderr="hessian"), "stderr"),
        (lambda x: mt.two_step_local_whittle(x, trend_order=4), "trend_order"),
        (lambda x: mt.two_step_local_whittle(x, trend_order=-1), "trend_order"),
        (lambda x: mt.two_step_local_whittle(x, trend_order=1.0), "trend_order"),
        (lambda x: mt.two_step_local_whittle(x, 8), "bandwidth"),
        (lambda x: mt.two_step_local_whittle(x[:16]), "x"),
    ],
)
def test_bad_arguments_are_named(call, name):
    with pytest.raises(mt.InvalidInputError) as caught:
        call(noise_of(0.0, 100))
    assert caught.value.name == name
