"""Polynomial or exponential: planted weights of every kind, hostile ones, invariances."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

import memtools as mt

K = np.arange(201.0)
EXPONENTIAL = {
    "one real mode": 0.9**K,
    "alternating mode": (-0.8) ** K,
    "slow mode": 0.999**K,
    "three real modes": 0.3**K - 2.0 * 0.8**K + 0.1 * 0.98**K,
    "damped wave": 0.97**K * np.cos(0.4 * K + 1.0),
    "two damped waves": 0.99**K * np.cos(0.1 * K) + 0.95**K * np.sin(2.0 * K),
    "double eigenvalue": (1.0 + K) * 0.9**K,
    "triple eigenvalue": (1.0 + K) ** 2 * 0.95**K,
    "tempered power law": (1.0 + K) ** -1.3 * np.exp(-0.05 * K),
    "underflow": 1e-3**K,
    "finite memory": np.where(K < 2, 1.0, 0.0),
}


@pytest.mark.parametrize("name", EXPONENTIAL)
def test_exponential_weights(name):
    report = mt.classify_decay(EXPONENTIAL[name])
    assert report.verdict == "exponential", report.summary()
    assert report.d is None
    assert np.isnan(report.confidence_interval().low)


@pytest.mark.parametrize("d", [0.05, 0.2, 0.45])
@pytest.mark.parametrize("sign", [1, -1])
def test_fractional_weights(d, sign):
    report = mt.classify_decay(mt.fracdiff_weights(sign * d, 200))
    assert report.verdict == "polynomial"
    assert report.d == pytest.approx(d, abs=1e-3)
    assert report.rate == pytest.approx(1.0 + sign * d, abs=1e-3)
    assert report.crossover_lag is None


def test_slowest_rate_of_real_modes():
    report = mt.classify_decay(0.95**K + 0.5**K)
    assert report.rate == pytest.approx(-np.log(0.95), rel=1e-6)


@pytest.mark.parametrize("length", [25, 80, 120])
def test_cut_filter_names_its_end(length):
    weights = np.where(length >= K, mt.fracdiff_weights(0.3, 200), 0.0)
    report = mt.classify_decay(weights)
    assert report.verdict == "polynomial"
    assert report.d == pytest.approx(0.3, abs=0.02)
    assert abs(report.crossover_lag - length) <= 1
    assert "imitate" in report.evidence[0]


def test_sign_changing_power_law():
    report = mt.classify_decay((-1.0) ** K * mt.fracdiff_weights(0.3, 200))
    assert report.verdict == "polynomial"
    assert report.d == pytest.approx(0.3, abs=1e-3)


@pytest.mark.parametrize("factor", [-1.0, 1e-200, 1e200])
def test_scale_does_not_matter(factor):
    weights = mt.fracdiff_weights(0.3, 100)
    one, other = mt.classify_decay(weights), mt.classify_decay(factor * weights)
    assert one.verdict == other.verdict
    assert one.d == pytest.approx(other.d, abs=1e-6)


@pytest.mark.parametrize("weights", [np.ones(201), 1.05**K], ids=["constant", "growing"])
def test_weights_that_do_not_decay_are_undecided(weights):
    report = mt.classify_decay(weights)
    assert report.verdict == "undecided"
    assert "not decay" in report.evidence[0]


def test_noise_is_undecided():
    noise = np.random.default_rng(0).standard_normal(201)
    assert mt.classify_decay(noise).verdict == "undecided"
    assert mt.classify_decay(noise, noise=1.0).verdict == "undecided"


def test_zero_weights_are_a_finite_memory():
    assert mt.classify_decay(np.zeros(50)).verdict == "exponential"


@pytest.mark.slow
def test_interval_covers_d_under_noise():
    rng, covered, n = np.random.default_rng(11), 0, 40
    for _ in range(n):
        weights = mt.fracdiff_weights(0.3, 200)
        noisy = weights * (1.0 + 1e-2 * rng.standard_normal(201))
        report = mt.classify_decay(noisy)
        low, high = report.confidence_interval(0.95)
        covered += report.d is not None and low - 2e-3 <= 0.3 <= high + 2e-3
    assert covered >= n * 0.95 - 3.0 * np.sqrt(n * 0.95 * 0.05)


def test_report_is_plain():
    for weights in (0.9**K, mt.fracdiff_weights(0.2, 60), np.ones(40)):
        report = mt.classify_decay(weights)
        assert json.loads(json.dumps(report.to_dict()))["verdict"] == report.verdict
        assert report.verdict in report.summary()


@pytest.mark.parametrize(
    ("weights", "noise", "match"),
    [
        (np.ones(10), None, "weights must be at least 17"),
        (np.ones((20, 2)), None, "weights must be one-dimensional"),
        ([1.0] * 20 + [np.nan], None, "weights must be finite"),
        (np.ones(20), np.ones(3), "noise must be a number or of shape"),
        (np.ones(20), -1.0, "noise must be standard errors"),
    ],
)
def test_bad_input_is_named(weights, noise, match):
    with pytest.raises(mt.InvalidInputError, match=match):
        mt.classify_decay(weights, noise)


def test_many_lags_are_thinned():
    k = np.arange(20001.0)
    d = mt.fracdiff_weights(0.3, 20000)
    cut = mt.classify_decay(np.where(k <= 3000, d, 0.0))
    assert cut.verdict == "polynomial"
    assert cut.d == pytest.approx(0.3, abs=0.01)
    assert abs(cut.crossover_lag - 3000) <= 10  # ends are seen to within the step
    assert cut.n_lags == 20000
    assert cut.curves["polynomial"].shape == (20001,)
    slow = mt.classify_decay(0.9995**k)
    assert slow.verdict == "exponential"
    assert slow.rate == pytest.approx(-np.log(0.9995), rel=1e-3)
    fast = mt.classify_decay(0.9**k)  # lost in the noise long before the last lag
    assert fast.rate == pytest.approx(-np.log(0.9), rel=1e-3)


def planted_study():
    path = Path(__file__).parents[1] / "examples" / "planted_decay.py"
    spec = importlib.util.spec_from_file_location("planted_decay", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_planted_networks():
    counts = planted_study().study(280, seed=314159)
    right, wrong, undecided = (
        sum(count for (_, key), count in counts.items() if key == outcome)
        for outcome in ("right", "wrong", "undecided")
    )
    # 99% right of decided and 5% undecided, within three standard errors of a share
    assert wrong <= 0.01 * (right + wrong) + 3.0 * np.sqrt(0.01 * 0.99 * (right + wrong))
    assert undecided <= 0.05 * 280 + 3.0 * np.sqrt(0.05 * 0.95 * 280)


def test_curves_follow_the_weights():
    for weights, kind in [(mt.fracdiff_weights(0.3, 200), "polynomial"), (0.95**K, "exponential")]:
        curves = mt.classify_decay(-3.0 * weights).curves
        assert set(curves) == {"polynomial", "exponential", "tempered", "stretched"}
        assert all(curve.shape == (201,) and np.isnan(curve[0]) for curve in curves.values())
        np.testing.assert_allclose(curves[kind][14:150], 3.0 * np.abs(weights)[14:150], rtol=0.02)


def test_curve_of_a_wave_is_its_envelope():
    curve = mt.classify_decay(0.97**K * np.cos(0.4 * K)).curves["exponential"][20:150]
    k = K[20:150]  # the envelope is the largest modulus within a tenth of the lag
    assert np.all(curve <= 1.01 * 0.97 ** (0.9 * k - 2.0))
    assert np.all(curve >= 0.5 * 0.97 ** (1.1 * k + 2.0))


def test_curve_of_a_cut_filter_falls_at_its_end():
    weights = np.where(K <= 80, mt.fracdiff_weights(0.3, 200), 0.0)
    curve = mt.classify_decay(weights).curves["polynomial"]
    np.testing.assert_allclose(curve[30:80], np.abs(weights[30:80]), rtol=0.02)
    assert np.nanmax(curve[85:]) < 1e-3 * curve[80]
