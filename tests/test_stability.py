"""d over bandwidth and over time: bands and alarms hold their level."""

import math

import numpy as np
import pytest

import memtools as mt
from memtools.exceptions import InvalidInputError


@pytest.fixture
def x():
    return mt.simulate(mt.ARFIMAProcess(d=0.3), 800, rng=3)


@pytest.mark.parametrize("estimator", ["local_whittle", "exact_local_whittle", "gph"])
def test_curve_is_made_of_estimates(x, estimator):
    curve = mt.memory_by_bandwidth(x, estimator, [20, 40, 100])
    for i, m in enumerate([20, 40, 100]):
        result = getattr(mt, estimator)(x, m)
        assert (curve.d[i], curve.stderr[i]) == (result.d, result.stderr)
        assert (curve.low[i], curve.high[i]) == pytest.approx(result.confidence_interval())
    assert curve.chosen == getattr(mt, estimator)(x).bandwidth
    assert (curve.band_low < curve.low).all()
    assert (curve.band_high > curve.high).all()


def test_the_default_bandwidth_is_on_the_curve(x):
    for n_obs in (64, 500, 800):
        curve = mt.memory_by_bandwidth(x[:n_obs])
        assert curve.chosen in curve.bandwidths
        assert (np.diff(curve.bandwidths) > 0).all()


def test_band_of_one_bandwidth_is_the_pointwise_interval(x):
    curve = mt.memory_by_bandwidth(x, bandwidths=[50])
    assert curve.band_high[0] == pytest.approx(curve.high[0], abs=4e-3 * curve.stderr[0] * 10)


def test_windows_are_estimates_of_their_part(x):
    found = mt.rolling_memory(x, window=200, step=100)
    assert found.ends.tolist() == [199, 299, 399, 499, 599, 699, 799]
    assert found.d[2] == mt.local_whittle(x[200:400]).d
    assert found.reference == mt.local_whittle(x).d
    beyond = np.abs(found.d - found.reference) > found.critical * found.stderr
    np.testing.assert_array_equal(found.alarms, beyond)


@pytest.mark.parametrize("d", [0.0, 0.4])
def test_band_holds_d_at_all_bandwidths_at_once(d):
    n_paths = 400
    paths = mt.simulate(mt.ARFIMAProcess(d=d), 1000, n_paths=n_paths, rng=23)
    # Beyond n^0.7 the spectrum of fractional noise itself bends away from the power law.
    grid = np.unique(np.geomspace(25, 125, 20).astype(int))
    curves = [mt.memory_by_bandwidth(path, bandwidths=grid) for path in paths]
    hits = sum(bool(np.all((c.band_low < d) & (d < c.band_high))) for c in curves)
    assert abs(hits / n_paths - 0.95) < 4.5 * math.sqrt(0.95 * 0.05 / n_paths)


@pytest.mark.parametrize("d", [0.0, 0.4])
def test_constant_memory_raises_few_alarms(d):
    n_paths = 400
    paths = mt.simulate(mt.ARFIMAProcess(d=d), 1500, n_paths=n_paths, rng=29)
    false = sum(bool(mt.rolling_memory(path).alarms.any()) for path in paths)
    assert abs(false / n_paths - 0.05) < 4.5 * math.sqrt(0.05 * 0.95 / n_paths)


def test_a_change_of_memory_raises_alarms():
    rng = np.random.default_rng(31)
    found = 0
    for _ in range(30):
        white = rng.standard_normal(2000)
        long = mt.simulate(mt.ARFIMAProcess(d=0.45), 2000, rng=rng)
        found += bool(mt.rolling_memory(np.concatenate([white, long / long.std()])).alarms.any())
    assert found >= 24


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda x: mt.memory_by_bandwidth(x, "hurst"), "estimator must be"),
        (lambda x: mt.memory_by_bandwidth(x, bandwidths=[10, 10]), "bandwidths must be"),
        (lambda x: mt.memory_by_bandwidth(x, bandwidths=[10, 401]), "bandwidths must be"),
        (lambda x: mt.memory_by_bandwidth(x, level=1.0), "level must be"),
        (lambda x: mt.memory_by_bandwidth(x[:50]), "at least 64"),
        (lambda x: mt.rolling_memory(x, window=800), "window must be"),
        (lambda x: mt.rolling_memory(x, step=0), "step must be"),
        (lambda x: mt.rolling_memory(x[:100]), "at least 128"),
    ],
)
def test_bad_input_is_refused(call, text, x):
    with pytest.raises(InvalidInputError, match=text):
        call(x)
