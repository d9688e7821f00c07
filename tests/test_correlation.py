"""Autocovariance, partial autocorrelation and bands against loops, R, statsmodels and theory."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import memtools as mt
from memtools import correlation
from tests import reference

R = json.loads((Path(__file__).parent / "golden" / "semiparametric_r.json").read_text())["values"]


def series_of(n_obs, seed=1):
    return np.random.default_rng(seed).standard_normal(n_obs).cumsum() + 10.0


@pytest.mark.parametrize(
    ("n_obs", "n_lags"), [(1, 0), (2, 1), (30, 5), (30, 16), (30, 17), (40, 39)]
)
def test_autocovariance_is_the_double_loop(n_obs, n_lags):
    x = series_of(n_obs)
    found = mt.autocovariance(x, n_lags)
    assert found.shape == (n_lags + 1,)
    scale = max(x.var(), 1e-300)
    exact = reference.autocovariance(x, n_lags)
    np.testing.assert_allclose(found, exact, rtol=0, atol=1e-13 * scale)


@given(st.integers(2, 120), st.integers(0, 20))
def test_autocorrelation_is_one_at_lag_zero_and_no_larger_elsewhere(n_obs, seed):
    rho = mt.autocorrelation(series_of(n_obs, seed), n_obs - 1)
    assert rho[0] == 1.0
    assert np.abs(rho).max() <= 1.0 + 1e-12
    # Centred values sum to zero, hence so do all sample autocorrelations: 1 + 2 sum = 0.
    assert 1.0 + 2.0 * rho[1:].sum() == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("n_lags", [0, 1, 2, 12, 25])
def test_partial_autocorrelation_is_the_last_yule_walker_coefficient(n_lags):
    x = series_of(40)
    found = mt.partial_autocorrelation(x, n_lags)
    np.testing.assert_allclose(
        found, reference.partial_autocorrelation(x, n_lags), rtol=0, atol=1e-10
    )


def test_durbin_levinson_predicts_like_the_dense_equations():
    acov = reference.autocovariance(series_of(40), 12)
    phi, partial, variance = correlation.durbin_levinson(acov)
    dense = [reference.yule_walker(acov, k) for k in range(13)]
    np.testing.assert_allclose(phi, dense[-1][0], atol=1e-10)
    np.testing.assert_allclose(partial, [dense[k][0][-1] for k in range(1, 13)], atol=1e-10)
    np.testing.assert_allclose(variance, [sigma2 for _, sigma2 in dense], rtol=1e-10)


def test_nothing_is_left_to_predict_in_a_deterministic_series():
    x = np.array([1.0, -1.0] * 500)
    partial = mt.partial_autocorrelation(x, 50)
    assert np.isfinite(partial).all()
    variance = correlation.durbin_levinson(np.array([1.0, -1.0, 1.0, -1.0]))[2]
    np.testing.assert_array_equal(variance, [1.0, 0.0, 0.0, 0.0])


@pytest.mark.parametrize("row", R["correlation"], ids=lambda row: row["series"])
def test_r_acf_and_pacf(series, row):
    x, n_lags = series(row["series"]), row["n_lags"]
    np.testing.assert_allclose(mt.autocovariance(x, n_lags), row["autocovariance"], rtol=1e-8)
    np.testing.assert_allclose(
        mt.partial_autocorrelation(x, n_lags), row["partial_autocorrelation"], atol=1e-9
    )


def test_statsmodels_under_the_options_named_in_the_docstrings():
    tsa = pytest.importorskip("statsmodels.tsa.stattools")
    x = series_of(100)
    np.testing.assert_allclose(mt.autocovariance(x, 20), tsa.acovf(x, nlag=20, fft=False))
    np.testing.assert_allclose(
        mt.partial_autocorrelation(x, 20), tsa.pacf(x, nlags=20, method="ldb"), atol=1e-12
    )


# ---------------------------------------------------------------- bands


def test_the_white_noise_band():
    low, high = mt.autocorrelation_band(series_of(100), 3)
    np.testing.assert_allclose(high, [1.0, 0.19599640, 0.19599640, 0.19599640], atol=1e-8)
    np.testing.assert_allclose(low[1:], -high[1:])
    assert low[0] == 1.0
    wide = mt.autocorrelation_band(series_of(100), 3, level=0.99)[1]
    np.testing.assert_allclose(wide[1:], 0.25758293, atol=1e-8)


def test_the_bartlett_band_grows_with_the_autocorrelations_before():
    x = series_of(60)
    rho = reference.autocovariance(x, 5) / reference.autocovariance(x, 0)[0]
    high = mt.autocorrelation_band(x, 5, kind="bartlett")[1]
    for k in range(1, 6):
        stderr = math.sqrt((1.0 + 2.0 * sum(rho[j] ** 2 for j in range(1, k))) / 60)
        assert high[k] == pytest.approx(min(1.0, 1.959963985 * stderr))
    assert len(mt.autocorrelation_band(x, 0, kind="bartlett")[1]) == 1
    assert len(mt.autocorrelation_band(x, 1, kind="bartlett")[1]) == 2


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"kind": "hosking"}, "kind"),
        ({"kind": None}, "kind"),
        ({"kind": "long-memory"}, "d"),
        ({"kind": "long-memory", "d": 0.5}, "d"),
        ({"kind": "long-memory", "d": -0.1}, "d"),
        ({"kind": "long-memory", "d": "0.3"}, "d"),
        ({"level": 1.0}, "level"),
        ({"level": 95}, "level"),
        ({"n_lags": 60}, "n_lags"),
        ({"n_lags": -1}, "n_lags"),
        ({"n_lags": 5.0}, "n_lags"),
    ],
)
def test_bad_arguments_of_a_band_are_named(arguments, name):
    with pytest.raises(mt.InvalidInputError) as caught:
        mt.autocorrelation_band(series_of(60), **({"n_lags": 5} | arguments))
    assert caught.value.name == name


@pytest.mark.parametrize(
    "function", [mt.autocovariance, mt.autocorrelation, mt.partial_autocorrelation]
)
@pytest.mark.parametrize("n_lags", [-1, 10, 2.0, True, None])
def test_lags_lie_within_the_series(function, n_lags):
    with pytest.raises(mt.InvalidInputError, match=r"n_lags must be an integer in 0\.\.9"):
        function(series_of(10), n_lags)


def exact_mean_of_autocovariance(d, n_obs, n_lags):
    """tr(M S_k M G) / n with dense matrices: M removes the mean, S_k pairs lag k."""
    rho = [1.0]
    for k in range(1, n_obs):
        rho.append(rho[-1] * (k - 1 + d) / (k - d))
    gamma = np.array([[rho[abs(i - j)] for j in range(n_obs)] for i in range(n_obs)])
    centre = np.eye(n_obs) - 1.0 / n_obs
    centred = centre @ gamma @ centre
    return np.array([np.trace(centred, k) / n_obs for k in range(n_lags + 1)])


@pytest.mark.parametrize("d", [0.0, 0.1, 0.4, 0.49])
@pytest.mark.parametrize("n_obs", [2, 3, 40])
def test_the_expected_autocovariance_is_exact(d, n_obs):
    from memtools import fractional

    rho = fractional.noise_autocorrelation(d, n_obs - 1)
    found = correlation._expected_autocovariance(rho)
    np.testing.assert_allclose(
        found, exact_mean_of_autocovariance(d, n_obs, n_obs - 1), rtol=0, atol=1e-13
    )


def test_without_memory_the_long_memory_band_is_the_white_one():
    """But for the bias -1/n and the n - k products of lag k."""
    x = series_of(1000)
    low, high = mt.autocorrelation_band(x, 20, kind="long-memory", d=0.0)
    width = 2.0 * 1.959963985 * np.sqrt((1.0 - np.arange(1, 21) / 1000) / 1000)
    np.testing.assert_allclose((high - low)[1:], width, rtol=2e-3)
    np.testing.assert_allclose((high + low)[1:] / 2.0, -1e-3, atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("d", [0.0, 0.1, 0.2, 0.3, 0.4, 0.45])
@pytest.mark.parametrize(("n_obs", "n_paths"), [(100, 3000), (500, 2000)])
def test_the_long_memory_band_covers_at_every_lag(d, n_obs, n_paths):
    """93.5% to 97% at each lag; four binomial errors more, as many lags are looked at."""
    paths = reference.fractional_noise(d, n_obs, n_paths, np.random.default_rng(21))
    n_lags = n_obs // 4
    low, high = mt.autocorrelation_band(paths[0], n_lags, kind="long-memory", d=d)
    found = np.array([mt.autocorrelation(path, n_lags) for path in paths])
    coverage = ((low <= found) & (found <= high)).mean(axis=0)[1:]
    error = 4.0 * math.sqrt(0.95 * 0.05 / n_paths)
    assert coverage.min() > 0.935 - error
    assert coverage.max() < 0.97 + error
