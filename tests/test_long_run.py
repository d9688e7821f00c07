"""Long-run variance: against the formula, against theory and by simulation."""

import math

import numpy as np
import pytest

import memtools as mt
from memtools import long_run, spectral
from tests import reference


def series_of(n_obs, seed=1):
    return np.random.default_rng(seed).standard_normal(n_obs).cumsum() + 10.0


@pytest.mark.parametrize("kernel", ["bartlett", "parzen"])
@pytest.mark.parametrize("bandwidth", [0, 1, 5, 30])
def test_hac_is_the_weighted_sum_of_autocovariances(kernel, bandwidth):
    x = series_of(40)
    found = mt.long_run_variance(x, bandwidth=bandwidth, kernel=kernel)
    assert found == pytest.approx(reference.newey_west(x, bandwidth, kernel), rel=1e-10)


def test_hac_without_lags_is_the_variance():
    x = series_of(40)
    assert mt.long_run_variance(x, bandwidth=0) == pytest.approx(x.var())


def test_the_plug_in_lag_follows_newey_and_west():
    """gamma = 1.1447 (s1 / s0)^(2/3), lag = gamma n^(1/3), pilot lags 4 (n / 100)^(2/9)."""
    rng = np.random.default_rng(2)
    x = np.zeros(500)
    noise = rng.standard_normal(500)
    for t in range(1, 500):
        x[t] = 0.5 * x[t - 1] + noise[t]
    acov = reference.autocovariance(x, 5)
    s0 = acov[0] + 2.0 * sum(acov[1:])
    s1 = 2.0 * sum(k * acov[k] for k in range(1, 6))
    lag = int(1.1447 * ((s1 / s0) ** 2) ** (1 / 3) * 500 ** (1 / 3))
    expected = reference.newey_west(x, lag)
    assert mt.long_run_variance(x) == pytest.approx(expected, rel=1e-10)


def test_arch_agrees_at_a_given_bandwidth():
    covariance = pytest.importorskip("arch.covariance.kernel")
    x = series_of(200)
    for name, kernel in (("bartlett", covariance.Bartlett), ("parzen", covariance.Parzen)):
        theirs = float(np.squeeze(kernel(x, bandwidth=7, center=True).cov.long_run))
        assert mt.long_run_variance(x, bandwidth=7, kernel=name) == pytest.approx(theirs)


@pytest.mark.parametrize("d", [-0.4, -0.1, 0.1, 0.3, 0.45])
def test_mac_is_the_mean_of_the_rescaled_ordinates(d):
    x = series_of(60)
    frequencies, power = reference.periodogram(x)
    mean = sum(frequencies[:14] ** (2 * d) * power[:14]) / 14
    scale = 2 * math.gamma(1 - 2 * d) * math.sin(math.pi * d) / (d * (1 + 2 * d))
    found = mt.long_run_variance(x, method="mac", d=d)
    assert found == pytest.approx(scale * mean, rel=1e-10)


def test_mac_is_continuous_at_no_memory():
    x = series_of(60)
    at_zero = mt.long_run_variance(x, method="mac", d=0.0)
    for d in (1e-300, 1e-9, -1e-9):
        assert mt.long_run_variance(x, method="mac", d=d) == pytest.approx(at_zero, rel=1e-6)


@pytest.mark.parametrize("d", [-0.3, 0.0, 0.2, 0.4])
def test_the_constant_turns_a_spectrum_into_the_variance_of_a_sum(d):
    """G p(d) is the limit of n^(-1 - 2d) Var(x_1 + ... + x_n) where f(l) ~ G l^-2d.

    Fractional noise with unit innovations has G = 1 / 2 pi.
    """
    n_obs = 4000
    values = reference.fractional_noise(0.0, 64, 1, np.random.default_rng(1))[0]
    frequencies, power = reference.periodogram(values)
    found = long_run.memory_robust_variance(spectral.Sample(values).spectrum(10), d)
    scale = found / np.mean(frequencies[:10] ** (2 * d) * power[:10])
    exact = reference.variance_of_sum(d, n_obs) / n_obs ** (1 + 2 * d)
    assert scale / (2 * math.pi) == pytest.approx(exact, rel=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("d", [-0.3, 0.0, 0.3, 0.45])
def test_mac_estimates_the_variance_of_the_mean(d):
    """On fractional noise, n = 2000: the average over paths against the exact variance.

    The spectrum l^-2d only approximates (2 sin(l / 2))^-2d and the first ordinates are biased;
    at m = 139 both move the average by less than 4%.
    """
    n_obs, n_paths = 2000, 400
    paths = reference.fractional_noise(d, n_obs, n_paths, np.random.default_rng(11))
    found = np.array([mt.long_run_variance(path, method="mac", d=d) for path in paths])
    exact = reference.variance_of_sum(d, n_obs) / n_obs ** (1 + 2 * d)
    error = found.std() / math.sqrt(n_paths)
    assert abs(found.mean() - exact) < 4 * error + 0.04 * exact
    # Relative spread of a mean of m exponentials.
    assert found.std() / found.mean() == pytest.approx(int(n_obs**0.65) ** -0.5, rel=0.2)


@pytest.mark.slow
@pytest.mark.parametrize("d", [0.0, 0.2, 0.4])
def test_mac_with_an_estimated_memory_covers_the_mean(d):
    """Mean +- 1.96 sqrt(n^(2d - 1) V): about 95% where d is known; HAC falls far short."""
    n_obs, n_paths = 1000, 1000
    paths = reference.fractional_noise(d, n_obs, n_paths, np.random.default_rng(12))
    inside_mac = inside_hac = 0
    for path in paths:
        mac = mt.long_run_variance(path, method="mac", d=d) * n_obs ** (2 * d - 1)
        hac = mt.long_run_variance(path) / n_obs
        inside_mac += path.mean() ** 2 < 1.96**2 * mac
        inside_hac += path.mean() ** 2 < 1.96**2 * hac
    error = 4.0 * math.sqrt(0.95 * 0.05 / n_paths)
    assert abs(inside_mac / n_paths - 0.95) < error + 0.01
    if d >= 0.2:
        assert inside_hac < 0.85 * n_paths


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"method": "ols"}, "method"),
        ({"kernel": "tukey"}, "kernel"),
        ({"d": 0.2}, "d"),
        ({"method": "mac", "d": 0.5}, "d"),
        ({"method": "mac", "d": -0.5}, "d"),
        ({"method": "mac", "d": math.nan}, "d"),
        ({"bandwidth": -1}, "bandwidth"),
        ({"bandwidth": 40}, "bandwidth"),
        ({"method": "mac", "bandwidth": 0}, "bandwidth"),
        ({"method": "mac", "bandwidth": 21}, "bandwidth"),
    ],
)
def test_bad_arguments_are_named(arguments, name):
    with pytest.raises(mt.InvalidInputError) as caught:
        mt.long_run_variance(series_of(40), **arguments)
    assert caught.value.name == name
