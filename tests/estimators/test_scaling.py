"""Rescaled range, detrended fluctuations, aggregated variance: twins, laws, coverage."""

import math

import numpy as np
import pytest

import memtools as mt
from memtools.exceptions import InvalidInputError
from tests import reference

ALL = (mt.rescaled_range, mt.detrended_fluctuation, mt.aggregated_variance)


@pytest.fixture
def x():
    return mt.simulate(mt.ARFIMAProcess(d=0.2), 300, rng=4)


def test_rescaled_range_is_hursts(x):
    found = mt.rescaled_range(x, correction=False)
    for scale, value in zip(found.scales, found.statistics, strict=True):
        assert value == pytest.approx(reference.rescaled_range(x, int(scale)), rel=1e-12)


def test_correction_makes_white_noise_grow_like_the_root():
    n = 50
    draws = np.random.default_rng(1).standard_normal((4000, n))
    values = [reference.rescaled_range(row, n) for row in draws]
    from memtools.estimators.scaling import _expected_range

    gap = np.mean(values) - _expected_range(n)
    assert abs(gap) < 4.5 * np.std(values) / math.sqrt(len(values))


@pytest.mark.parametrize("order", [0, 1, 2])
def test_fluctuations_are_what_polynomials_leave(x, order):
    found = mt.detrended_fluctuation(x, order)
    for scale, value in zip(found.scales, found.statistics, strict=True):
        assert value == pytest.approx(reference.fluctuation(x, int(scale), order), rel=1e-9)


def test_polynomial_trends_do_not_touch_fluctuations_of_higher_order(x):
    time = np.arange(len(x)) / len(x)
    plain = mt.detrended_fluctuation(x, 2).statistics
    np.testing.assert_allclose(
        mt.detrended_fluctuation(x + 50.0 * time, 2).statistics, plain, rtol=1e-6
    )


def test_aggregated_variance_is_that_of_block_means(x):
    found = mt.aggregated_variance(x)
    for scale, value in zip(found.scales.astype(int), found.statistics, strict=True):
        blocks = [x[i : i + scale].mean() for i in range(0, len(x) - scale + 1, scale)]
        assert value == pytest.approx(np.mean((np.array(blocks) - x.mean()) ** 2), rel=1e-12)


@pytest.mark.parametrize("estimator", ALL, ids=lambda f: f.__name__)
def test_line_and_cloud_belong_together(x, estimator):
    found = estimator(x)
    slope, intercept = np.polyfit(np.log(found.scales), np.log(found.statistics), 1)
    assert (found.slope, found.intercept) == pytest.approx((slope, intercept))
    assert set(found.pox_scales) == set(found.scales)
    assert found.to_dict()["d"] == found.d
    assert found.stderr > 0.0


@pytest.mark.parametrize("estimator", ALL, ids=lambda f: f.__name__)
def test_shift_and_scale_do_not_matter(x, estimator):
    assert estimator(7.0 + 1e5 * x).d == pytest.approx(estimator(x).d, abs=1e-8)


@pytest.mark.parametrize("d", [-0.3, 0.0, 0.3, 0.45])
@pytest.mark.parametrize("estimator", ALL, ids=lambda f: f.__name__)
def test_intervals_cover(estimator, d):
    n_paths = 300
    paths = mt.simulate(mt.ARFIMAProcess(d=d), 1000, n_paths=n_paths, rng=17)
    hits = sum(low < d < high for low, high in (estimator(p).confidence_interval() for p in paths))
    assert hits / n_paths > 0.95 - 4.0 * math.sqrt(0.95 * 0.05 / n_paths)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: mt.rescaled_range(np.arange(63.0)), "at least 64 observations"),
        (lambda: mt.aggregated_variance(np.ones(100)), "x must"),
        (lambda: mt.detrended_fluctuation(np.arange(100.0), 6), "order must be"),
        (lambda: mt.detrended_fluctuation(np.arange(100.0), 1.5), "order must be"),
    ],
)
def test_bad_input_is_refused(call, text):
    with pytest.raises(InvalidInputError, match=text):
        call()


@pytest.mark.parametrize("estimator", ALL, ids=lambda f: f.__name__)
@pytest.mark.parametrize("kind", ["steps", "line", "spike", "flat start"])
def test_odd_series_give_numbers_without_warnings(estimator, kind):
    x = {
        "steps": np.repeat([0.0, 1.0], 100),
        "line": np.arange(200.0),
        "spike": np.eye(1, 200, 100).ravel(),
        "flat start": np.concatenate([np.zeros(150), np.random.default_rng(1).random(50)]),
    }[kind]
    assert math.isfinite(estimator(x).d)
