"""What every public function must keep: units, origin, direction, order; and what it is for.

Each function of `memtools.__all__` is in a table below, or in `ELSEWHERE` with the file that holds
it: a new one that is in none fails.
"""

import inspect
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import memtools as mt

N_OBS = 300
Z = mt.simulate(mt.ARFIMAProcess(d=0.3), N_OBS, n_paths=2, rng=11)
X, Y = Z
PROCESS = mt.ARFIMAProcess(d=0.3)


def with_error(result):
    return result.d, result.stderr


def outcome(result):
    return result.statistic, result.pvalue


def every_pvalue(result):
    return [found.pvalue for found in result.results.values()]


# Functions of one series: options, what is looked at, and the power of the unit in it.
ESTIMATORS = {
    **{
        name: {}
        for name in [
            *("absolute_moments", "aggregated_variance", "bias_reduced_gph", "fexp", "fgn_whittle"),
            *("contaminated_local_whittle", "detrended_fluctuation", "detrending_moving_average"),
            *("exact_local_whittle", "fully_extended_local_whittle", "generalised_hurst", "gph"),
            *("higuchi", "local_whittle", "local_whittle_plus_noise", "rescaled_range"),
            *("residual_variance", "smoothed_gph", "trimmed_gph", "two_step_local_whittle"),
            *("variogram", "wavelet_variance", "wavelet_whittle"),
        ]
    },
    "seasonal_local_whittle": {"period": 12},
}
TESTS = {
    **{
        name: {}
        for name in [
            *("contamination_test", "difference_test", "kpss_test", "lobato_robinson"),
            *("mean_shift_test", "memory_change_test", "modified_rescaled_range"),
            *("phillips_perron_test", "qu_test", "robinson_lm", "split_sample_test"),
            *("tempering_test", "temporal_aggregation_test", "trend_test", "vs_test"),
        ]
    },
    "goodness_of_fit_test": {"process": PROCESS},
}
OF_ONE_SERIES = {
    **{name: (options, with_error, 0) for name, options in ESTIMATORS.items()},
    **{name: (options, outcome, 0) for name, options in TESTS.items()},
    "estimate": ({}, lambda r: (*with_error(r.table().loc["local_whittle"]), r.d, r.evidence), 0),
    "fit_artfima": ({}, with_error, 0),
    "memory_tests": ({"tests": ["vs_test", "qu_test"]}, every_pvalue, 0),
    "mean_breaks": ({"max_breaks": 1}, lambda r: (*r.d_of, *r.positions), 0),
    "memory_by_bandwidth": ({}, lambda r: (*r.d, *r.stderr), 0),
    "rolling_memory": ({}, lambda r: (*r.d, *r.stderr), 0),
    "correlogram": ({"n_lags": 10}, lambda r: (*r.values, *r.partial), 0),
    "select_arfima": ({"max_p": 1, "max_q": 0, "method": "whittle"}, lambda r: (r.best.d,), 0),
    "mfdfa": ({"n_surrogates": 20, "rng": 1}, lambda r: r.hurst, 0),
    "adaptive_bandwidth": ({}, int, 0),
    "plug_in_bandwidth": ({}, int, 0),
    "bootstrap_bandwidth": ({"n_boot": 10, "rng": 1}, int, 0),
    "autocorrelation": ({"n_lags": 20}, list, 0),
    "partial_autocorrelation": ({"n_lags": 10}, list, 0),
    "autocorrelation_band": ({"n_lags": 10}, np.ravel, 0),
    "mean_stderr": ({"d": 0.2}, lambda r: [r], 1),
    "autocovariance": ({"n_lags": 20}, list, 2),
    "long_run_variance": ({}, lambda r: [r], 2),
    "periodogram": ({}, lambda r: r.power, 2),
    "smoothed_spectrum": ({}, lambda r: r.power, 2),
    "ar_spectrum": ({}, lambda r: r.power, 2),
}
# Of two series, or of the columns of an array.
OF_TWO_SERIES = {
    "dcca": ({"n_paths": 20, "rng": 1}, lambda r: r.rho),
    "paired_memory_test": ({}, outcome),
    "narrow_band_least_squares": ({}, lambda r: (*r.coefficients, *r.stderr)),
    "fully_modified_least_squares": ({}, lambda r: (*r.coefficients, *r.stderr)),
    "residual_cointegration_test": ({}, outcome),
}
OF_COLUMNS = {
    "cointegration_rank": ({}, lambda r: r.pvalues),
    "equal_memory_test": ({}, outcome),
    "multivariate_local_whittle": ({}, lambda r: (*r.d, *np.ravel(r.cov))),
    "multivariate_spurious_test": ({}, outcome),
}
# Read backwards a stationary series has the same law; these see nothing but what it keeps.
REVERSIBLE = [
    *("gph", "bias_reduced_gph", "trimmed_gph", "smoothed_gph", "local_whittle", "fexp"),
    *("local_whittle_plus_noise", "contaminated_local_whittle", "fgn_whittle", "higuchi"),
    *("generalised_hurst", "variogram", "kpss_test", "vs_test", "modified_rescaled_range"),
    *("lobato_robinson", "qu_test", "tempering_test", "goodness_of_fit_test", "mean_shift_test"),
    *("contamination_test", "temporal_aggregation_test", "autocorrelation", "autocovariance"),
    *("partial_autocorrelation", "long_run_variance", "mean_stderr", "periodogram", "ar_spectrum"),
    *("smoothed_spectrum", "plug_in_bandwidth", "adaptive_bandwidth", "memory_by_bandwidth"),
]
# Searches that stop at this much of the unit of the answer.
LOOSE = {
    "fit_artfima": 1e-4, "seasonal_local_whittle": 1e-5, "select_arfima": 1e-4, "estimate": 1e-5,
    "local_whittle_plus_noise": 1e-5, "contaminated_local_whittle": 1e-5, "mean_breaks": 1e-4,
    "tempering_test": 1e-4, "memory_change_test": 1e-4,
}  # fmt: skip
units = st.floats(1e-3, 1e3)
offsets = st.floats(-1e3, 1e3)


def numbers(name, x, table=OF_ONE_SERIES):
    options, taken, *_ = table[name]
    result = getattr(mt, name)(x, **options)
    return np.asarray(np.ravel(taken(result)), dtype=float)


def same(name, found, expected):
    tolerance = LOOSE.get(name, 1e-6)
    scale = np.abs(expected).max(initial=0.0)
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance * max(scale, 1e-300))


BEFORE = {}


def before(name):
    if name not in BEFORE:
        BEFORE[name] = numbers(name, X)
    return BEFORE[name]


@pytest.mark.parametrize("name", OF_ONE_SERIES)
@settings(max_examples=4)
@given(unit=units, offset=offsets, sign=st.sampled_from([-1.0, 1.0]))
def test_unit_origin_and_sign_change_no_more_than_the_unit_of_the_answer(name, unit, offset, sign):
    power = OF_ONE_SERIES[name][2]
    found = numbers(name, sign * unit * (X + offset))
    same(name, found / unit**power, before(name))


def test_rounding_is_no_contamination():
    """A likelihood ratio of 1e-14 is zero: its p-value is 1, whatever the origin."""
    x = mt.fracint(np.random.default_rng(11).standard_normal(400), 0.3)
    offsets = np.random.default_rng(4).uniform(-2000.0, 2000.0, 20)
    assert [mt.contamination_test(x + offset).pvalue for offset in offsets] == [1.0] * 20


@pytest.mark.parametrize("name", REVERSIBLE)
def test_read_backwards_it_is_the_same(name):
    same(name, numbers(name, X[::-1]), before(name))


@pytest.mark.parametrize("name", OF_TWO_SERIES)
@settings(max_examples=3)
@given(unit=units, offset=offsets)
def test_of_two_series_both_may_have_another_unit(name, unit, offset):
    options, taken = OF_TWO_SERIES[name]
    function = getattr(mt, name)
    expected = np.ravel(taken(function(X, Y, **options)))
    found = np.ravel(taken(function(unit * (X + offset), unit * (Y - offset), **options)))
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", OF_COLUMNS)
@settings(max_examples=3)
@given(unit=units, offset=offsets)
def test_of_columns_each_may_have_another_unit(name, unit, offset):
    options, taken = OF_COLUMNS[name]
    function = getattr(mt, name)
    expected = np.ravel(taken(function(Z.T, **options)))
    found = np.ravel(taken(function(Z.T * [unit, 1.0] + [offset, 1.0], **options)))
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


# Of a cumulated series d is one more.
CUMULATED = [
    ("exact_local_whittle", {}),
    ("two_step_local_whittle", {}),
    ("fully_extended_local_whittle", {}),
    ("local_whittle", {"taper": "cosine"}),
    ("local_whittle", {"taper": "kolmogorov"}),
    ("wavelet_whittle", {}),
    ("wavelet_variance", {}),
]


@pytest.mark.parametrize(("name", "options"), CUMULATED, ids=str)
@pytest.mark.parametrize("d", [-0.3, 0.0, 0.3])
def test_cumulated_it_has_one_more(name, options, d):
    x = mt.simulate(mt.ARFIMAProcess(d=d), 2000, rng=21)
    before, after = (getattr(mt, name)(v, **options) for v in (x, np.cumsum(x)))
    assert after.d - before.d == pytest.approx(1.0, abs=1.5 * before.stderr)


def ordinates(m):
    spectrum = mt.periodogram(X)
    return spectrum.frequencies[:m], spectrum.power[:m]


def whittle(d):
    frequencies, power = ordinates(mt.local_whittle(X).bandwidth)
    return math.log(np.mean(power * frequencies ** (2 * d))) - 2 * d * np.log(frequencies).mean()


def regression(d):
    frequencies, power = ordinates(mt.gph(X).bandwidth)
    rest = np.log(power) + d * np.log(4.0 * np.sin(frequencies / 2.0) ** 2)
    return np.var(rest)


def exact_whittle(d):
    m = mt.exact_local_whittle(X, mean="zero").bandwidth
    spectrum = mt.periodogram(mt.fracdiff(X - X.mean(), d))
    frequencies, power = spectrum.frequencies[:m], spectrum.power[:m]
    return math.log(power.mean()) - 2 * d * np.log(frequencies).mean()


def gaussian_noise(d):
    frequencies, power = ordinates((N_OBS - 1) // 2)
    density = mt.FractionalGaussianNoise(d + 0.5).spectral_density(frequencies)
    return math.log(np.mean(power / density)) + np.log(density).mean()


def arfima(d):
    """Minus the exact likelihood, mean and variance at their best for this d."""
    acov = mt.ARFIMAProcess(d=d).autocovariance(N_OBS - 1)
    index = np.abs(np.subtract.outer(np.arange(N_OBS), np.arange(N_OBS)))
    root = np.linalg.cholesky(acov[index])
    ones, x = np.linalg.solve(root, np.column_stack([np.ones(N_OBS), X])).T
    rest = x - ones * (ones @ x) / (ones @ ones)
    return 0.5 * N_OBS * math.log(rest @ rest) + np.log(np.diag(root)).sum()


LEAST = {
    "local_whittle": (whittle, lambda: mt.local_whittle(X).d),
    "gph": (regression, lambda: mt.gph(X).d),
    "exact_local_whittle": (
        exact_whittle,
        lambda: mt.exact_local_whittle(X - X.mean(), mean="zero").d,
    ),
    "fgn_whittle": (gaussian_noise, lambda: mt.fgn_whittle(X).d),
    "ARFIMA": (arfima, lambda: mt.ARFIMA(X).fit(bias_correction=False).d),
}


@pytest.mark.parametrize("name", LEAST)
def test_the_objective_is_least_at_the_estimate(name):
    """Written down anew, from what is public; near and far."""
    objective, found = LEAST[name]
    at = found()
    least = objective(at)
    for step in (1e-3, 1e-2, 0.1):
        assert least < objective(at - step)
        assert least < objective(at + step)


PROCESSES = {
    "ARFIMA": mt.ARFIMAProcess(d=0.3),
    "antipersistent": mt.ARFIMAProcess(d=-0.3),
    "with AR": mt.ARFIMAProcess(ar=[0.3], d=0.2),
    "fGn": mt.FractionalGaussianNoise(0.8),
}


@pytest.mark.parametrize("name", PROCESSES)
def test_what_is_simulated_is_found_again(name):
    process = PROCESSES[name]
    truth = getattr(process, "d", None)
    truth = process.hurst - 0.5 if truth is None else truth
    paths = mt.simulate(process, 2048, n_paths=60, rng=31)
    for estimator in ("gph", "local_whittle", "exact_local_whittle", "wavelet_whittle"):
        many = mt.estimate_many(paths, estimator, n_jobs=1)
        error = many.d.mean() - truth
        # Five standard errors of a mean of 60, and what short-run dynamics leave.
        assert abs(error) < 5.0 * many.stderr.mean() / math.sqrt(60) + 0.02


@settings(max_examples=20)
@given(d=st.floats(-0.9, 0.9), e=st.floats(-0.9, 0.9), unit=units)
def test_differences_are_linear_and_add_up(d, e, unit):
    x, y = X[:100], Y[:100]
    left = mt.fracdiff(unit * x + y, d)
    np.testing.assert_allclose(left, unit * mt.fracdiff(x, d) + mt.fracdiff(y, d), atol=1e-9 * unit)
    np.testing.assert_allclose(mt.fracdiff(mt.fracdiff(x, d), e), mt.fracdiff(x, d + e), atol=1e-9)
    np.testing.assert_allclose(mt.fracint(mt.fracdiff(x, d), d), x, atol=1e-9)
    weights = np.convolve(mt.fracdiff_weights(d, 99), mt.fracdiff_weights(e, 99))[:100]
    np.testing.assert_allclose(weights, mt.fracdiff_weights(d + e, 99), atol=1e-12)
    stream = mt.FractionalDifferencer(d)
    parts = [stream.transform(part) for part in np.split(x, [1, 7, 60])]
    np.testing.assert_allclose(np.concatenate(parts), mt.fracdiff(x, d), atol=1e-9)


@settings(max_examples=30)
@given(d=st.floats(0.01, 0.49))
def test_exponents_go_there_and_back(d):
    for name in ("alpha", "beta", "gamma", "hurst"):
        there, back = getattr(mt, f"d_to_{name}"), getattr(mt, f"{name}_to_d")
        assert back(there(d)) == pytest.approx(d, abs=1e-12)


@settings(max_examples=10)
@given(seed=st.integers(0, 2**31), unit=st.floats(0.1, 10.0))
def test_what_is_drawn_has_its_unit_and_its_seed(seed, unit):
    pairs = [
        (mt.simulate, (mt.ARFIMAProcess(d=0.3), 64), (mt.ARFIMAProcess(d=0.3, sigma2=unit**2), 64)),
        (mt.random_level_shifts, (64, 0.1), (64, 0.1, unit)),
        (mt.simulate_varfima, ([0.1, 0.3], 64), None),
        (mt.fractional_brownian_motion, (0.7, 64), None),
        (mt.measurement_noise, (X, 1.0), (unit * X, 1.0)),
    ]
    for function, plain, scaled in pairs:
        drawn = function(*plain, rng=seed)
        np.testing.assert_array_equal(drawn, function(*plain, rng=seed))
        assert np.isfinite(drawn).all()
        if scaled is not None:
            np.testing.assert_allclose(function(*scaled, rng=seed), unit * drawn, rtol=1e-9)
    line = mt.hyperbolic_trend(64, -0.25)
    np.testing.assert_allclose(mt.hyperbolic_trend(64, -0.25, unit), unit * line)


@settings(max_examples=10)
@given(unit=units)
def test_a_density_counts_the_unit_once_a_value(unit):
    acov = mt.ARFIMAProcess(d=0.3).autocovariance(99)
    expected = mt.gaussian_loglike(X[:100], acov) - 100 * math.log(unit)
    found = mt.gaussian_loglike(unit * X[:100], unit**2 * acov)
    assert found == pytest.approx(expected, rel=1e-9)


@settings(max_examples=10)
@given(unit=units, sign=st.sampled_from([-1.0, 1.0]))
def test_a_law_of_decay_has_no_unit(unit, sign):
    weights = np.arange(1.0, 200.0) ** -0.7
    plain, scaled = (mt.classify_decay(w) for w in (weights, sign * unit * weights))
    assert (plain.verdict, scaled.verdict) == ("polynomial", "polynomial")
    assert scaled.rate == pytest.approx(plain.rate, rel=1e-6)


@pytest.mark.parametrize("taper", [None, "cosine", "kolmogorov", "bartlett"])
def test_a_taper_is_largest_in_the_middle(taper):
    weights = mt.taper_weights(101, taper)
    assert weights.min() >= 0.0
    assert weights.max() == pytest.approx(1.0, abs=0.02)
    assert weights.argmax() in ((0,) if taper is None else range(48, 53))


HERE = {
    *(*OF_ONE_SERIES, *OF_TWO_SERIES, *OF_COLUMNS),
    *("fracdiff", "fracint", "fracdiff_weights", "gaussian_loglike", "classify_decay"),
    *(f"d_to_{name}" for name in ("alpha", "beta", "gamma", "hurst")),
    *(f"{name}_to_d" for name in ("alpha", "beta", "gamma", "hurst")),
    *("simulate", "random_level_shifts", "simulate_varfima", "fractional_brownian_motion"),
    *("measurement_noise", "hyperbolic_trend", "taper_weights"),
}
# Of files, networks and many series: held where they are at home.
ELSEWHERE = {
    "diagnose": "networks/test_forgetting.py",
    "ergodicity": "networks/test_theorems.py",
    "estimate_grid": "many/test_workers.py",
    "estimate_many": "many/test_many.py",
    "estimate_panel": "test_gaps.py",
    "impulse_weights": "networks/test_impulse.py",
    "loss_and_gradient": "networks/test_training_gradients.py",
    "minimum_difference": "inference/test_differencing.py",
    "portray": "test_portrait.py",
    "replicate_reviews": "replication/test_reviews.py",
    "replicate_table2": "replication/test_experiments.py",
    "select_network": "test_selection.py",
    "simulate_network": "networks/test_theorems.py",
    "time_constants": "networks/test_forgetting.py",
    "train": "networks/test_training.py",
    "wavelet_leaders": "estimators/test_multifractal.py",
}


def test_every_public_function_is_in_a_table():
    functions = {name for name in mt.__all__ if inspect.isfunction(getattr(mt, name))}
    assert functions == HERE | ELSEWHERE.keys()
    assert not HERE & ELSEWHERE.keys()
    for name, place in ELSEWHERE.items():
        assert f"{name}(" in (Path(__file__).parent / place).read_text(), (name, place)
