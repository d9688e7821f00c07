"""Scaling estimators: twins, other programs' numbers, laws, coverage, crossovers."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

import memtools as mt
from memtools.exceptions import InvalidInputError
from tests import reference

ALL = (
    mt.rescaled_range,
    mt.detrended_fluctuation,
    mt.detrending_moving_average,
    mt.aggregated_variance,
    mt.absolute_moments,
    mt.residual_variance,
    mt.generalised_hurst,
    mt.variogram,
    mt.higuchi,
)
every = pytest.mark.parametrize("estimator", ALL, ids=lambda f: f.__name__)
GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "scaling.json").read_text())


@pytest.fixture
def x():
    return mt.simulate(mt.ARFIMAProcess(d=0.2), 300, rng=4)


def holds(found, twin):
    for scale, value in zip(found.scales.astype(int), found.statistics, strict=True):
        assert value == pytest.approx(twin(int(scale)), rel=1e-9)


def test_rescaled_range_is_hursts(x):
    scales = [8, 11, 30, 64]
    found = mt.rescaled_range(x, correction=False, scales=scales)
    holds(found, lambda s: reference.rescaled_range(x, s))


def test_correction_makes_white_noise_grow_like_the_root():
    n = 50
    draws = np.random.default_rng(1).standard_normal((4000, n))
    values = [reference.rescaled_range(row, n) for row in draws]
    from memtools.estimators.scaling.ranges import _expected_range

    gap = np.mean(values) - _expected_range(n)
    assert abs(gap) < 4.5 * np.std(values) / math.sqrt(len(values))


@pytest.mark.parametrize("order", [0, 1, 2])
def test_fluctuations_are_what_polynomials_leave(x, order):
    holds(mt.detrended_fluctuation(x, order), lambda s: reference.fluctuation(x, s, order))


def test_fluctuations_of_any_windows_are_those_of_the_default_ones(x):
    """Windows that do not double, and those that do not overlap, go another way."""
    found = mt.detrended_fluctuation(x, scales=[5, 9, 20, 33])
    holds(found, lambda s: reference.fluctuation(x, s, 1))
    apart = mt.detrended_fluctuation(x, overlap=False)
    for scale, value in zip(apart.scales.astype(int), apart.statistics, strict=True):
        sums, time = np.cumsum(x - x.mean()), np.arange(scale)
        rest = [
            w - np.polyval(np.polyfit(time, w, 1), time)
            for w in (sums[i : i + scale] for i in range(0, len(x) - scale + 1, scale))
        ]
        assert value == pytest.approx(np.sqrt(np.mean(np.square(rest))), rel=1e-9)


def test_polynomial_trends_do_not_touch_fluctuations_of_higher_order(x):
    time = np.arange(len(x)) / len(x)
    plain = mt.detrended_fluctuation(x, 2).statistics
    np.testing.assert_allclose(
        mt.detrended_fluctuation(x + 50.0 * time, 2).statistics, plain, rtol=1e-6
    )


def test_moving_averages_are_centred(x):
    sums = np.cumsum(x - x.mean())

    def twin(s):
        averages = np.convolve(sums, np.full(s, 1.0 / s), "valid")
        return math.sqrt(np.mean((sums[s // 2 : len(x) - s // 2] - averages) ** 2))

    holds(mt.detrending_moving_average(x), twin)


@pytest.mark.parametrize("moment", [1.0, 2.0])
def test_moments_are_those_of_block_means(x, moment):
    def twin(s):
        blocks = [x[i : i + s].mean() for i in range(0, len(x) - s + 1, s)]
        return np.mean(np.abs(np.array(blocks) - x.mean()) ** moment)

    holds(mt.absolute_moments(x) if moment == 1.0 else mt.aggregated_variance(x), twin)


@pytest.mark.parametrize("average", ["mean", "median"])
def test_residual_variances_are_sample_variances(x, average):
    def twin(s):
        found = []
        for i in range(0, len(x) - s + 1, s):
            sums, time = np.cumsum(x[i : i + s]), np.arange(s)
            rest = sums - np.polyval(np.polyfit(time, sums, 1), time)
            found.append(np.var(rest, ddof=1))
        return getattr(np, average)(found)

    holds(mt.residual_variance(x, average), twin)


@pytest.mark.parametrize("row", GOLDEN["rows"], ids=lambda row: row["program"])
def test_other_programs_find_the_same_line(row):
    """With their windows, all weighing the same; data set and commands stand in the file."""
    x = mt.datasets.load(row["series"])
    options = {k: v for k, v in row["options"].items() if k != "scales"}
    found = getattr(mt, row["function"])(x, scales=row["scales"], **options)
    np.testing.assert_allclose(found.slope, row["slope"], rtol=row.get("rtol", 1e-9))


@every
def test_line_and_cloud_belong_together(x, estimator):
    found = estimator(x)
    logs, heights = np.log(found.scales), np.log(found.statistics)
    slope, intercept = np.polyfit(logs, heights, 1, w=np.sqrt(found.weights))
    assert (found.slope, found.intercept) == pytest.approx((slope, intercept))
    assert set(found.pox_scales) in (set(), set(found.scales))
    assert found.to_dict()["d"] == found.d
    assert found.stderr > 0.0


@every
def test_shift_and_scale_do_not_matter(x, estimator):
    assert estimator(7.0 + 1e5 * x).d == pytest.approx(estimator(x).d, abs=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize("d", [-0.25, -0.15, 0.05, 0.33, 0.45])
@pytest.mark.parametrize("kind", ["fractional noise", "ARFIMA"])
@every
def test_intervals_cover_and_are_no_wider_than_they_must_be(estimator, kind, d):
    from memtools.estimators.rows import rows_of
    from memtools.results import accepted_orders
    from memtools.spectral import Sample

    process = mt.ARFIMAProcess(d=d) if kind == "ARFIMA" else mt.FractionalGaussianNoise(d + 0.5)
    n_paths = 1000
    paths = mt.simulate(process, 900, n_paths, rng=17)
    found = rows_of(estimator, {})(Sample(paths))
    one = estimator(paths[0])
    low, high = accepted_orders(found.d, 0.95, one.orders, one.deviations)
    share = np.mean((low <= d) & (d <= high))
    error = math.sqrt(0.95 * 0.05 / n_paths)
    # Below -0.1 the kinds of noise differ by about as much as one spreads (docs/estimators.md).
    least, width = (0.93, 1.25) if d > -0.1 else (0.92, 1.5)
    assert least - 3.0 * error < share < 0.97 + 3.0 * error
    assert np.mean(high - low) < width * 2.0 * 1.96 * np.std(found.d)


@pytest.mark.slow
@pytest.mark.parametrize("n_obs", [150, 1100])
@every
def test_white_noise_is_rejected_as_often_as_it_should_be(estimator, n_obs):
    paths = np.random.default_rng(n_obs).standard_normal((400, n_obs))
    found = [estimator(path) for path in paths]
    low, high = found[0].null(0.9)
    outside = np.mean([not low <= one.d <= high for one in found])
    assert abs(outside - 0.1) < 4.0 * math.sqrt(0.1 * 0.9 / 400)
    rejected = np.mean([one.test().pvalue < 0.1 for one in found])
    assert rejected == pytest.approx(outside, abs=0.02)  # equal tails of the same law


def test_the_null_law_and_its_score_agree(x):
    found = mt.detrended_fluctuation(x)
    low, high = found.null(0.98)
    assert low < -0.05 < 0.05 < high
    for end, side in ((low, "less"), (high, "greater")):
        there = type(found)(**{**vars(found), "d": end})
        assert there.test(alternative=side).pvalue == pytest.approx(0.01, rel=1e-6)
    with pytest.raises(InvalidInputError, match=r"level must be at most 0\.998"):
        found.null(0.9999)


@every
@pytest.mark.parametrize("d", [-0.35, 0.0, 0.4])
def test_the_interval_holds_what_is_not_rejected(estimator, d):
    found = estimator(mt.simulate(mt.ARFIMAProcess(d=d), 300, rng=5))
    low, high = found.confidence_interval(0.9)
    assert low < found.d < high
    assert found.test(low, "greater").pvalue == pytest.approx(0.05, rel=1e-6)
    assert found.test(high, "less").pvalue == pytest.approx(0.05, rel=1e-6)
    ends = np.array(found.confidence_interval())
    assert np.diff(ends)[0] == pytest.approx(2.0 * 1.959964 * found.stderr)


@every
def test_a_random_walk_is_told_to_be_out_of_range_or_is_found(estimator):
    walk = np.cumsum(np.random.default_rng(3).standard_normal(1000))
    found = estimator(walk)
    if found.d < 0.5 or any("end of the range" in note for note in found.notes):
        assert any("end of the range" in note for note in found.notes)
    else:
        assert abs(found.d - 1.0) < 3.0 * found.stderr


def test_no_crossover_where_there_is_none():
    paths = mt.simulate(mt.FractionalGaussianNoise(0.7), 2000, 200, rng=5)
    found = np.mean([mt.detrended_fluctuation(path).crossover is not None for path in paths])
    assert found < 0.05 + 4.0 * math.sqrt(0.05 * 0.95 / 200)


def test_crossovers_are_found_where_two_noises_meet():
    """Their sum has F^2 = c_1 s^(2 H_1) + a c_2 s^(2 H_2): a makes the two equal at 60."""
    n_obs, n_paths, at = 8000, 60, 60.0
    low, high = 0.5, 0.95
    # F^2 of fractional noise under lines (Taqqu, Teverovsky and Willinger, 1995, appendix).
    c_low, c_high = (2 / (2 * h + 1) + 1 / (h + 2) - 2 / (h + 1) for h in (low, high))
    short = mt.simulate(mt.FractionalGaussianNoise(low), n_obs, n_paths, rng=1)
    long = mt.simulate(mt.FractionalGaussianNoise(high), n_obs, n_paths, rng=2)
    paths = short + long * at ** (low - high) * math.sqrt(c_low / c_high)
    found = [mt.detrended_fluctuation(path).crossover for path in paths]
    there = [one for one in found if one is not None]
    assert len(there) > 0.9 * n_paths
    assert np.mean([one.low <= at <= one.high for one in there]) > 0.85
    assert all(one.slope_above > one.slope_below for one in there)


def test_other_options_are_simulated_and_say_so(x):
    found = mt.detrended_fluctuation(x, 2)
    assert any("no law is kept" in note for note in found.notes)
    again = mt.detrended_fluctuation(x, 2)
    assert (again.d, again.stderr) == (found.d, found.stderr)
    assert abs(found.d - mt.detrended_fluctuation(x).d) < 3.0 * found.stderr


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: mt.rescaled_range(np.arange(63.0)), "at least 64 observations"),
        (lambda: mt.aggregated_variance(np.ones(100)), "x must"),
        (lambda: mt.detrended_fluctuation(np.arange(100.0), 6), "order must be"),
        (lambda: mt.detrended_fluctuation(np.arange(100.0), 1.5), "order must be"),
        (lambda: mt.detrended_fluctuation(np.arange(100.0), overlap=2), "overlap must be"),
        (lambda: mt.higuchi(np.arange(100.0), scales=[1, 2, 3]), "scales must be four or more"),
        (lambda: mt.higuchi(np.arange(100.0), scales=[1, 2, 3, 51]), r"whole numbers in 1\.\.50"),
        (lambda: mt.detrending_moving_average(np.arange(100.0), [3, 5, 7, 8]), "must be odd"),
        (lambda: mt.generalised_hurst(np.arange(100.0), 9.0), "q must be"),
        (lambda: mt.residual_variance(np.arange(100.0), "mode"), "average must be"),
    ],
)
def test_bad_input_is_refused(call, text):
    with pytest.raises(InvalidInputError, match=text):
        call()


@every
@pytest.mark.parametrize("kind", ["steps", "line", "spike", "flat start"])
def test_odd_series_give_numbers_without_warnings(estimator, kind):
    x = {
        "steps": np.repeat([0.0, 1.0], 100),
        "line": np.arange(200.0),
        "spike": np.eye(1, 200, 100).ravel(),
        "flat start": np.concatenate([np.zeros(150), np.random.default_rng(1).random(50)]),
    }[kind]
    assert math.isfinite(estimator(x).d)
