"""d over bandwidth and over time: bands and alarms hold their level."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
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
    ordinates = mt.local_whittle(x[200:400]).bandwidth * 4  # the same band of the whole
    assert found.reference == mt.local_whittle(x, ordinates).d
    beyond = np.abs(found.d - found.reference) > found.critical * found.stderr
    np.testing.assert_array_equal(found.alarms, beyond)


@pytest.mark.slow
@pytest.mark.parametrize("d", [0.0, 0.4])
def test_band_holds_d_at_all_bandwidths_at_once(d):
    n_paths = 400
    paths = mt.simulate(mt.ARFIMAProcess(d=d), 1000, n_paths=n_paths, rng=23)
    # Beyond n^0.7 the spectrum of fractional noise itself bends away from the power law.
    grid = np.unique(np.geomspace(25, 125, 20).astype(int))
    curves = [mt.memory_by_bandwidth(path, bandwidths=grid) for path in paths]
    hits = sum(bool(np.all((c.band_low < d) & (d < c.band_high))) for c in curves)
    assert abs(hits / n_paths - 0.95) < 4.5 * math.sqrt(0.95 * 0.05 / n_paths)


@pytest.mark.slow
@pytest.mark.parametrize("d", [0.0, 0.4])
def test_constant_memory_raises_few_alarms(d):
    n_paths = 400
    paths = mt.simulate(mt.ARFIMAProcess(d=d), 1500, n_paths=n_paths, rng=29)
    false = sum(bool(mt.rolling_memory(path).alarms.any()) for path in paths)
    assert abs(false / n_paths - 0.05) < 4.5 * math.sqrt(0.05 * 0.95 / n_paths)


@pytest.mark.slow
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


def share_with_alarms(paths):
    return np.mean([mt.rolling_memory(path).alarms.any() for path in paths])


@pytest.mark.slow
@pytest.mark.parametrize("ar", [[], [0.8]])
def test_short_run_dynamics_are_no_change_of_d(ar):
    """5% nominal; windows and the whole read one band."""
    paths = mt.simulate(mt.ARFIMAProcess(ar), 2000, 200, rng=21)
    assert share_with_alarms(paths) < 0.05 + 4.0 * np.sqrt(0.05 * 0.95 / 200)


@pytest.mark.slow
def test_a_level_shift_is_told_and_is_no_change_of_d():
    paths = np.random.default_rng(22).standard_normal((100, 1000))
    paths[:, 500:] += 1.5
    found = [mt.rolling_memory(path) for path in paths]
    assert np.mean([bool(r.shifts) for r in found]) > 0.9
    assert np.mean([r.alarms.any() for r in found]) < 0.05 + 4.0 * np.sqrt(0.05 * 0.95 / 100)
    assert "shifts in the mean taken off at" in next(r for r in found if r.shifts).summary()


def test_a_shift_is_told_by_its_date_and_one_alarm_is_one():
    days = pd.date_range("2020-01-01", periods=300)
    found = mt.rolling_memory(pd.Series(mt.simulate(mt.ARFIMAProcess(), 300, rng=2), days))
    alarms = np.arange(len(found.d)) == 1
    assert replace(found, alarms=alarms).summary().endswith(", 1 alarm")
    told = replace(found, alarms=alarms, shifts=(40, 90)).summary()
    assert told.endswith("taken off at 2020-02-10, 2020-03-31")


def test_a_change_of_d_is_an_alarm():
    halves = [mt.simulate(mt.ARFIMAProcess(d=d), 1000, rng=23) for d in (0.0, 0.45)]
    assert mt.rolling_memory(np.concatenate(halves)).alarms.any()


@pytest.mark.parametrize("estimator", ["local_whittle", "gph"])
def test_windows_at_once_are_windows_one_by_one(estimator):
    x = mt.simulate(mt.ARFIMAProcess(d=0.3), 400, rng=24)
    found = mt.rolling_memory(x, 128, 1, estimator=estimator)
    wanted = [getattr(mt, estimator)(x[end - 127 : end + 1]).d for end in found.ends]
    np.testing.assert_allclose(found.d, wanted, atol=1e-7)


def test_a_long_series_is_stood_for_by_a_stretch():
    x = np.random.default_rng(25).standard_normal(60_000)
    found = mt.rolling_memory(x, 256, 128, estimator="gph")
    assert len(found.d) == 467
    assert 3.0 < found.critical < 5.0


def test_rolling_on_the_command_line(capsys):
    from memtools.cli import main

    main(["rolling", "sunspots", "--window", "100", "--step", "50"])
    shown = capsys.readouterr().out
    assert "windows of 100 observations" in shown
    assert "d of the whole" in shown
