"""Polynomial or exponential: planted weights of every kind, hostile ones, invariances."""

import importlib.util
import json
import re
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


@pytest.mark.parametrize("a", [0.1, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0])
@pytest.mark.parametrize("shift", [0.0, 1.0])
def test_exact_power_laws_keep_their_exponent(a, shift):
    report = mt.classify_decay(np.maximum(K + shift, 1.0) ** -a)
    assert report.verdict == "polynomial"
    assert report.rate == pytest.approx(a, abs=0.02)
    assert report.d == pytest.approx(abs(a - 1.0), abs=0.02)


@pytest.mark.parametrize(("a", "frequency"), [(0.3, 0.2), (1.0, 1.0), (1.6, 2.5), (0.7, np.pi)])
def test_turning_power_laws_have_their_frequency(a, frequency):
    report = mt.classify_decay((K + 1.0) ** -a * np.cos(frequency * K + 0.3))
    assert report.verdict == "polynomial"
    assert report.rate == pytest.approx(a, abs=0.02)
    assert report.frequency == pytest.approx(frequency, abs=1e-3)


@pytest.mark.parametrize("law", [mt.fracdiff_weights(0.3, 170), 0.9 ** np.arange(171)])
def test_a_delay_is_told_and_the_law_behind_it(law):
    report = mt.classify_decay(np.concatenate([np.zeros(30), law]))
    alone = mt.classify_decay(law)
    assert (report.delay, alone.delay) == (30, 0)
    assert report.verdict == alone.verdict
    assert report.rate == pytest.approx(alone.rate, rel=1e-6)
    assert any("delay" in line for line in report.evidence)


def test_a_law_on_a_floor():
    report = mt.classify_decay(5.0 * ((K + 1.0) ** -0.8 + 0.05))
    assert report.verdict == "polynomial"
    assert report.rate == pytest.approx(0.8, abs=0.02)
    assert report.floor == pytest.approx(0.25, abs=0.02)
    assert mt.classify_decay(0.9**K + 0.05).floor == pytest.approx(0.05, abs=1e-6)


def test_one_over_log_is_slower_than_any_power():
    report = mt.classify_decay(1.0 / np.log(K + 2.0))
    assert (report.verdict, report.rate, report.d) == ("polynomial", 0.0, None)


@pytest.mark.parametrize(("m", "rho"), [(1, 0.9), (2, 0.95), (3, 0.8)])
def test_jordan_blocks_are_exponential_in_the_end(m, rho):
    report = mt.classify_decay(K**m * rho**K)
    assert report.verdict == "exponential"
    assert report.rate == pytest.approx(-np.log(rho), rel=1e-3)


def test_growth_is_named():
    report = mt.classify_decay(1.02**K)
    assert report.verdict == "growing"
    assert "grow like 1.02^k" in report.evidence[0]
    assert mt.classify_decay(K**0.5).verdict == "growing"
    assert mt.classify_decay(1.01**K * np.cos(K)).verdict == "growing"


PATTERN = np.random.default_rng(3).standard_normal(17)


@pytest.mark.parametrize(
    "weights",
    [np.ones(201), np.cos(0.3 * K), np.cos(K) + np.sin(2.2 * K), PATTERN[K.astype(int) % 17]],
    ids=["constant", "wave", "two waves", "pattern"],
)
def test_weights_that_do_not_decay_are_persistent(weights):
    report = mt.classify_decay(weights)
    assert report.verdict == "persistent"
    assert report.rate == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("end", [1, 30, 90])
def test_a_finite_memory_ends_exactly(end):
    rng = np.random.default_rng(end)
    for weights in (
        np.where(end == K, 1.0, 0.0),
        np.where(end >= K, rng.standard_normal(201), 0.0),
    ):
        report = mt.classify_decay(weights)
        assert (report.verdict, report.crossover_lag) == ("finite", end)
        assert "half-life" not in report.summary()


def test_rows_are_classified_together_as_alone():
    rows = np.array([*EXPONENTIAL.values(), mt.fracdiff_weights(0.3, 200), 1.02**K, np.ones(201)])
    together = mt.classify_decay(rows)
    for report, row in zip(together, rows, strict=True):
        alone = mt.classify_decay(row)
        assert report.verdict == alone.verdict
        assert report.rate == pytest.approx(alone.rate, rel=1e-6)


def test_no_law_fits_is_said_with_the_residual():
    """Steps of ten lags at random heights, known to six digits: no law has such corners."""
    for seed in range(5):
        rng = np.random.default_rng(seed)
        weights = np.repeat(rng.standard_normal(21), 10)[:201] * 0.99**K
        report = mt.classify_decay(weights, noise=1e-6)
        assert report.verdict == "undecided", seed
        assert "No law fits" in report.evidence[0]
        residual = re.search(r"residual of\s+(\d+)%", report.evidence[0])
        assert int(residual[1]) >= 30
        assert min(report.laws.values()) > 300.0  # no law is within a percent


def test_noise_is_undecided():
    noise = np.random.default_rng(0).standard_normal(201)
    assert mt.classify_decay(noise).verdict == "undecided"
    assert mt.classify_decay(noise, noise=1.0).verdict == "undecided"


def test_zero_weights_are_a_finite_memory():
    assert mt.classify_decay(np.zeros(50)).verdict == "finite"


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
        (np.ones((2, 20, 2)), None, "weights must be one-dimensional"),
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


def test_frequency_of_many_lags_is_that_of_every_lag():
    k = np.arange(2001.0)
    report = mt.classify_decay((k + 1.0) ** -0.6 * np.cos(2.246 * k + 0.4))
    assert report.verdict == "polynomial"
    assert report.frequency == pytest.approx(2.246, abs=1e-3)


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
        assert kind in curves
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
    assert np.isnan(curve[85:]).all()
