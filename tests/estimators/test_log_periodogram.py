"""GPH, smoothed and bias-reduced regressions against dense least squares and theory."""

import math

import numpy as np
import pytest

import memtools as mt
from memtools.estimators import log_periodogram
from memtools.estimators._stderr import calibration
from tests import reference


def series_of(n_obs, seed=1):
    return np.random.default_rng(seed).standard_normal(n_obs).cumsum()


@pytest.mark.parametrize(("n_obs", "m"), [(8, 3), (9, 4), (60, 3), (60, 30), (61, 30), (200, 14)])
def test_gph_is_the_least_squares_slope(n_obs, m):
    x = series_of(n_obs)
    frequencies, power = reference.periodogram(x)
    if n_obs % 2 == 0 and m == n_obs // 2:
        assert frequencies[-1] == pytest.approx(math.pi)
    d, stderr = reference.log_periodogram_regression(frequencies[:m], power[:m])
    estimate = mt.gph(x, m)
    assert estimate.d == pytest.approx(d, abs=1e-8)
    assert estimate.stderr == pytest.approx(stderr * calibration("gph", m), rel=1e-8)
    asymptotic = mt.gph(x, m, stderr="asymptotic")
    assert asymptotic.stderr == pytest.approx(math.pi / math.sqrt(24 * m))
    assert (asymptotic.d, asymptotic.stderr_kind) == (estimate.d, "asymptotic")


def test_a_series_of_known_ordinates_gives_d_exactly():
    """Ordinates (2 sin(l / 2))^-2d without noise: the regression has no residual."""
    n_obs, d = 256, 0.37
    frequencies = 2.0 * np.pi * np.arange(1, n_obs // 2 + 1) / n_obs
    amplitude = np.concatenate([[0.0], (2.0 * np.sin(frequencies / 2.0)) ** -d])
    phases = np.exp(2j * np.pi * np.random.default_rng(1).random(n_obs // 2 + 1))
    phases[-1] = 1.0
    x = np.fft.irfft(amplitude * phases, n_obs)
    assert mt.gph(x).d == pytest.approx(d, abs=1e-10)
    for order in range(5):
        assert mt.bias_reduced_gph(x, order=order).d == pytest.approx(d, abs=1e-8)


@pytest.mark.parametrize("order", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("m", [12, 40])
def test_bias_reduced_gph_is_the_coefficient_next_to_even_powers(order, m):
    x = series_of(120)
    frequencies, power = reference.periodogram(x)
    d, stderr = reference.log_periodogram_regression(frequencies[:m], power[:m], order)
    estimate = mt.bias_reduced_gph(x, m, order)
    # The reference solves the normal equations in l^2, ..., l^8: its own rounding.
    tolerance = 1e-8 if order < 3 else 1e-4
    assert estimate.d == pytest.approx(d, abs=tolerance)
    assert estimate.stderr == pytest.approx(stderr, rel=10 * tolerance)


def test_no_factor_is_made_up_for_what_is_not_calibrated():
    with pytest.raises(KeyError, match="bias_reduced_gph"):
        calibration("bias_reduced_gph", 40)


def test_bias_reduction_factors_of_andrews_and_guggenberger():
    found = [log_periodogram.bias_reduction_factor(order) for order in range(5)]
    np.testing.assert_allclose(found, [1.0, 2.25, 3.52, 4.79, 6.06], atol=5e-3)
    estimate = mt.bias_reduced_gph(series_of(500), 50, 1, stderr="asymptotic")
    assert estimate.stderr == pytest.approx(1.5 * math.pi / math.sqrt(24 * 50))


@pytest.mark.parametrize("order", [1, 2])
def test_the_asymptotic_error_is_the_limit_of_the_finite_one(order):
    x = np.random.default_rng(1).standard_normal(200_000)
    m = 20_000
    finite = mt.bias_reduced_gph(x, m, order).stderr
    limit = mt.bias_reduced_gph(x, m, order, stderr="asymptotic").stderr
    # The regressor is log(2 sin(l / 2)) and not log l; l reaches pi / 5.
    assert finite == pytest.approx(limit, rel=5e-3)


@pytest.mark.parametrize(("n_obs", "m", "lags"), [(40, 6, 5), (41, 20, 30), (100, 10, 63)])
def test_smoothed_gph_regresses_the_smoothed_spectrum(n_obs, m, lags):
    x = series_of(n_obs)
    frequencies = 2.0 * np.pi * np.arange(1, m + 1) / n_obs
    power = reference.smoothed_spectrum(x, "parzen", lags)[:m]
    d = reference.log_periodogram_regression(frequencies, power)[0]
    estimate = mt.smoothed_gph(x, m, lags)
    assert estimate.d == pytest.approx(d, abs=1e-8)
    assert estimate.details["truncation"] == lags


def test_bias_reduction_takes_away_the_bias_of_an_autoregression():
    """AR(1) noise with phi = 0.6: GPH at m = n^0.65 is biased by about 0.19, order 1 by 0.05."""
    rng = np.random.default_rng(4)
    plain, reduced = [], []
    for _ in range(200):
        noise = rng.standard_normal(600)
        x = np.zeros(600)
        for t in range(1, 600):
            x[t] = 0.6 * x[t - 1] + noise[t]
        plain.append(mt.gph(x[100:], 0.65).d)
        reduced.append(mt.bias_reduced_gph(x[100:], 0.65).d)
    error = math.hypot(np.std(plain), np.std(reduced)) / math.sqrt(200)
    assert np.mean(plain) - np.mean(reduced) > 4.0 * error
    assert abs(np.mean(reduced)) < 0.5 * np.mean(plain)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda x: mt.bias_reduced_gph(x, order=5), "order"),
        (lambda x: mt.bias_reduced_gph(x, order=-1), "order"),
        (lambda x: mt.bias_reduced_gph(x, order=1.0), "order"),
        (lambda x: mt.bias_reduced_gph(x, bandwidth=5, order=1), "bandwidth"),
        (lambda x: mt.smoothed_gph(x, truncation=0), "truncation"),
        (lambda x: mt.smoothed_gph(x, truncation=100), "truncation"),
        (lambda x: mt.smoothed_gph(x, truncation="parzen"), "truncation"),
        (lambda x: mt.gph(x, stderr="exact"), "stderr"),
        (lambda x: mt.gph(x, 2), "bandwidth"),
        (lambda x: mt.gph(x, 51), "bandwidth"),
    ],
)
def test_bad_arguments_are_named(call, name):
    with pytest.raises(mt.InvalidInputError) as caught:
        call(series_of(100))
    assert caught.value.name == name
