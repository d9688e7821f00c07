"""d by wavelets: trends, walks, known variances, coverage."""

import math

import numpy as np
import pytest
import pywt

import memtools as mt

ESTIMATORS = (mt.wavelet_variance, mt.wavelet_whittle)


def series(n_obs=2000, d=0.3, seed=1):
    return mt.simulate(mt.ARFIMAProcess(d=d), n_obs, rng=seed)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_polynomials_below_the_vanishing_moments_change_nothing(estimator):
    x, t = series(), np.linspace(-1.0, 1.0, 2000)
    trend = 3.0 + 20.0 * t - 50.0 * t**2
    assert estimator(x + trend).d == pytest.approx(estimator(x).d, abs=1e-8)
    assert abs(estimator(x + 50.0 * t**3, "db2").d - estimator(x, "db2").d) > 0.1


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_scale_and_level_change_nothing(estimator):
    x = series()
    assert estimator(7.0 - 1e3 * x).d == pytest.approx(estimator(x).d, abs=1e-6)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_a_sum_has_d_and_one(estimator):
    x = series(8000)
    assert estimator(np.cumsum(x)).d - estimator(x).d == pytest.approx(1.0, abs=0.15)


def test_coefficients_are_pywavelets_away_from_the_ends():
    x = series(500)
    found = mt.wavelet_variance(x, "db2", octaves=(1, 3)).details
    inner = pywt.dwt(x - x.mean(), "db2", mode="zero")[1][1:250]
    assert found["counts"][0] == len(inner)
    assert found["variances"][0] == pytest.approx(np.mean(inner**2), rel=1e-12)
    # No boundary: what stands beyond the ends has no part in any octave.
    extended = pywt.dwt(x - x.mean(), "db2", mode="symmetric")[1][1:250]
    np.testing.assert_allclose(extended, inner, atol=1e-12)


def test_log_variances_of_noise_are_flat_and_their_weights_exact():
    """Of white noise each octave has variance one, which is what d = 0 means."""
    x = np.random.default_rng(2).standard_normal(2**16)
    found = mt.wavelet_variance(x, octaves=(1, 8))
    n = np.array(found.details["counts"])
    z = (np.array(found.details["variances"]) - 1.0) / np.sqrt(2.0 / n)
    assert np.abs(z).max() < 4.0
    assert abs(found.d) < 4.0 * found.stderr


@pytest.mark.slow
@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("process", [mt.ARFIMAProcess(d=-0.3), mt.FractionalGaussianNoise(0.9)])
def test_intervals_cover(estimator, process):
    """95%, within four standard errors of 400 paths."""
    true = getattr(process, "d", None)
    true = process.hurst - 0.5 if true is None else true
    paths = mt.simulate(process, 1024, n_paths=400, rng=17)
    found = [estimator(x) for x in paths]
    covered = np.mean([abs(f.d - true) < 1.96 * f.stderr for f in found])
    assert abs(covered - 0.95) < 4.0 * math.sqrt(0.95 * 0.05 / 400)


@pytest.mark.parametrize("wavelet", ["bior2.2", "nothing", 3, None, "morl"])
def test_a_wavelet_is_an_orthogonal_one_by_name(wavelet):
    with pytest.raises(mt.InvalidInputError, match="wavelet must be an orthogonal wavelet"):
        mt.wavelet_variance(series(), wavelet)


@pytest.mark.parametrize("octaves", [(3, 3), (0, 4), (1, 40), 3, (1, 2, 3)])
def test_octaves_out_of_range_are_told(octaves):
    with pytest.raises(mt.InvalidInputError, match="octaves"):
        mt.wavelet_whittle(series(), octaves=octaves)


def test_a_short_or_flat_series_is_refused():
    with pytest.raises(mt.InvalidInputError, match="128"):
        mt.wavelet_variance(series(100))
    with pytest.raises(mt.InvalidInputError, match="two octaves of this wavelet"):
        mt.wavelet_variance(series(128), "db38")
