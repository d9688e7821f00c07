"""estimate(): the table, the combined d, the verdict and its reasons."""

import json

import numpy as np
import pytest

import memtools as mt
from memtools.memory import METHODS

FAST = ["gph", "bias_reduced_gph", "local_whittle", "exact_local_whittle"]


def noise(n_obs, seed):
    return np.random.default_rng(seed).standard_normal(n_obs)


def long_memory(d, n_obs, seed):
    return mt.fracint(noise(2 * n_obs, seed), d)[n_obs:]


@pytest.fixture(scope="module")
def report():
    return mt.estimate(long_memory(0.35, 2000, 1))


def test_table_has_a_row_an_estimator_and_the_combined(report):
    table = report.table()
    assert list(table.index) == [*METHODS, "combined"]
    assert list(table.columns) == ["d", "stderr", "low", "high", "bandwidth"]
    assert table.loc["local_whittle", "d"] == mt.local_whittle(long_memory(0.35, 2000, 1)).d
    assert ((table.low < table.d) & (table.d < table.high)).all()


def test_wider_level_gives_wider_table(report):
    assert (report.table(0.99).low < report.table(0.9).low).all()


def test_combined_lies_among_its_parts_and_claims_no_gain(report):
    parts = [report.estimates[name] for name in report.combined]
    assert min(p.d for p in parts) <= report.d <= max(p.d for p in parts)
    assert min(p.stderr for p in parts) <= report.stderr <= max(p.stderr for p in parts)


def test_dictionary_is_json(report):
    shown = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert shown["verdict"] == report.verdict
    assert shown["estimates"]["gph"]["low"] == report.estimates["gph"].confidence_interval().low


def test_summary_says_verdict_first(report):
    assert report.summary().splitlines()[1] == f"Verdict: {report.verdict}"


@pytest.mark.parametrize(
    ("make", "verdict"),
    [
        (lambda seed: noise(2000, seed), "short memory"),
        (lambda seed: long_memory(0.35, 2000, seed), "long memory"),
        (lambda seed: mt.fracint(noise(2000, seed), -0.4), "antipersistent"),
        (lambda seed: np.cumsum(noise(2000, seed)), "nonstationary"),
    ],
)
def test_verdict_is_mostly_right(make, verdict):
    # A 95% interval errs in one series of twenty; six of eight leaves room for three times that
    # (probability of a failure below 0.006 per case).
    right = sum(mt.estimate(make(seed), methods=FAST).verdict == verdict for seed in range(8))
    assert right >= 6


@pytest.mark.slow
def test_verdict_error_rates():
    n_paths = 200
    wrong = sum(
        mt.estimate(noise(1000, s), methods=FAST).verdict != "short memory" for s in range(n_paths)
    )
    # 5% nominal, 9% allows for the narrowing step; four standard errors above.
    assert wrong / n_paths < 0.09 + 4 * np.sqrt(0.09 * 0.91 / n_paths)


def test_prices_are_recognised_as_a_path():
    prices = 100.0 * np.exp(np.cumsum(0.01 * noise(1500, 3)))
    reasons = " ".join(mt.estimate(prices, methods=FAST).reasons)
    assert "looks like a path" in reasons
    assert "difference first" in reasons


def test_returns_are_not_taken_for_a_path():
    assert "path" not in " ".join(mt.estimate(noise(1500, 3), methods=FAST).reasons)


def test_over_differencing_is_named():
    x = np.diff(noise(1500, 4))
    assert "over-differenced" in " ".join(mt.estimate(x, methods=FAST).reasons)


def test_short_run_dynamics_narrow_the_bandwidth():
    x = noise(5000, 5)
    for t in range(1, len(x)):
        x[t] += 0.7 * x[t - 1]
    report = mt.estimate(x, methods=FAST)
    assert "short-run dynamics" in " ".join(report.reasons)
    assert report.d < report.estimates["exact_local_whittle"].d


def test_an_autoregression_is_not_taken_for_long_memory():
    x = noise(2000, 5)
    for t in range(1, len(x)):
        x[t] += 0.9 * x[t - 1]
    assert mt.estimate(x[500:], methods=FAST).verdict in {"undecided", "short memory"}


def test_an_arma_model_that_explains_better_is_named():
    report = mt.estimate(mt.datasets.load("vix"), methods=FAST)
    assert report.verdict == "undecided"
    assert "ARMA(1, 0) model" in " ".join(report.reasons)


def test_a_remark_on_an_estimate_is_shown():
    report = mt.estimate(np.cumsum(noise(300, 1)), methods=["gph", "local_whittle_plus_noise"])
    notes = report.estimates["local_whittle_plus_noise"].notes
    assert all(note in report.summary() for note in notes)


def test_a_cycle_is_named():
    t = np.arange(1000)
    x = noise(1000, 6) + 2.0 * np.sin(2.0 * np.pi * t / 12.0)
    assert "cycle of about 12" in " ".join(mt.estimate(x, methods=FAST).reasons)


@pytest.mark.parametrize(
    "x", [np.tile([0.0, 1.0], 100), np.sin(np.arange(200) * np.pi / 10), np.repeat([0.0, 1.0], 100)]
)
def test_a_series_without_noise_is_undecided(x):
    report = mt.estimate(x)
    assert report.verdict == "undecided"
    assert "periodic or deterministic" in " ".join(report.reasons)


def test_a_straight_line_is_named():
    assert "straight line" in " ".join(mt.estimate(np.arange(200.0)).reasons)


def test_level_shift_raises_doubt():
    x = noise(2000, 7)
    x[1000:] += 1.0
    report = mt.estimate(x, methods=["local_whittle", "contaminated_local_whittle"])
    assert report.verdict == "long memory"
    assert "may be spurious" in " ".join(report.reasons)


def test_short_series_of_much_memory_is_undecided_or_long():
    x = long_memory(0.25, 40, 0)
    assert mt.estimate(x, methods=["gph"]).verdict in {"undecided", "long memory"}


@pytest.mark.parametrize("factor", [1e-300, 1e-8, -1.0, 1e300])
def test_units_do_not_matter(factor):
    x = long_memory(0.3, 300, 8)
    plain, scaled = mt.estimate(x, methods=FAST), mt.estimate(factor * x, methods=FAST)
    assert scaled.d == pytest.approx(plain.d, abs=1e-7)
    assert scaled.verdict == plain.verdict


def test_name_comes_from_pandas():
    assert mt.estimate(mt.datasets.load("nile"), methods=["gph"]).name == "nile"


def test_one_bandwidth_for_all():
    report = mt.estimate(noise(500, 9), bandwidth=40, methods=FAST)
    assert {e.bandwidth for e in report.estimates.values()} == {40}


def test_unusable_estimator_is_named_not_dropped_silently():
    report = mt.estimate(noise(100, 10), bandwidth=4)
    assert "local_whittle_plus_noise" in report.skipped
    assert "local_whittle_plus_noise" in report.summary()
    assert "gph" in report.estimates


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"x": np.ones(100)}, "x must be a series that varies"),
        ({"x": np.arange(10.0)}, "x must be at least 32 observations"),
        ({"x": np.r_[np.arange(50.0), np.nan]}, "x must be finite; got nan .* positions 50"),
        ({"x": noise(100, 0), "methods": ["whittle"]}, "methods must be one of 'gph'"),
        ({"x": noise(100, 0), "methods": []}, "methods must be at least one"),
        ({"x": noise(100, 0), "bandwidth": 99, "methods": ["gph"]}, "bandwidth must be"),
    ],
)
def test_bad_input(arguments, match):
    with pytest.raises(mt.InvalidInputError, match=match):
        mt.estimate(**arguments)
