"""A change of d and a trend: from their formulas, R's memochange, published critical values."""

import importlib.util
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr, ndtri
from statsmodels.regression.linear_model import OLS

import memtools as mt
from memtools.arfima.parameters import Dynamics
from memtools.exceptions import InvalidInputError
from memtools.inference import memory_change
from memtools.inference.laws import Law, law
from tests.estimators.test_golden import values_of

NONE = np.empty(0)


def changed(seed, n=400, before=0.0, after=0.8):
    rng = np.random.default_rng(seed)
    halves = [mt.fracint(rng.standard_normal(n // 2), d) for d in (before, after)]
    return np.concatenate(halves)


@pytest.mark.parametrize("case", values_of("tests_r")["memory_change"], ids=lambda c: c["series"])
def test_ratios_are_those_of_memochange(series, case):
    x = series(case["series"])
    differenced, ones = (mt.fracdiff(v, case["d"]) for v in (x, np.ones(len(x))))
    e = (differenced - ones * (differenced @ ones) / (ones @ ones))[np.newaxis]
    places = np.array(case["dates"]) - case["dates"][0]
    dates = np.arange(case["dates"][0], case["dates"][0] + places[-1] + 1)
    for rows, wanted in ((e, case["forward"]), (e[:, ::-1], case["backward"])):
        ours = memory_change._ratios(np.ascontiguousarray(rows), None)[0]
        # Theirs is over the variance up to the date, of what e* leaves.
        scale = []
        for k in dates:
            star = memory_change.harmonic_sums(rows)[0, 1:k]
            left = rows[0, 1:k] - star * (star @ rows[0, 1:k]) / (star @ star)
            scale.append(np.sqrt((rows**2).mean() * (k - 2) / (left @ left)))
        np.testing.assert_allclose((ours * scale)[places], wanted, rtol=1e-8)


def test_an_arma_part_is_a_further_regressor():
    x = mt.simulate(mt.ARFIMAProcess([0.6], 0.2), 120, rng=1)
    model = Dynamics(0.2, np.array([0.6]), NONE)
    e = mt.fracdiff(x, 0.2)
    e[1:] -= 0.6 * e[:-1]
    star = np.array([sum(e[t - j] / j for j in range(1, t + 1)) for t in range(len(e))])
    score = np.array([sum(0.6 ** (j - 1) * e[t - j] for j in range(1, t + 1)) for t in range(120)])
    wanted = []
    for k in range(24, 97):
        fit = OLS(e[1:k], np.column_stack([star, score])[1:k]).fit()
        wanted.append(fit.tvalues[0] * np.sqrt(fit.mse_resid / (e**2).mean()))
    found = memory_change._ratios(e[np.newaxis], model)[0]
    np.testing.assert_allclose(found, wanted, rtol=1e-8)


@pytest.mark.parametrize(
    ("n", "kind", "published"),
    [
        (250, "increase", (-1.626, -1.924, -2.474)),
        (250, "decrease", (-1.598, -1.880, -2.478)),
        (500, "increase", (-1.624, -1.927, -2.490)),
        (500, "decrease", (-1.642, -1.959, -2.490)),
    ],
)
def test_critical_values_are_the_published_ones(n, kind, published):
    """Martins and Rodrigues (2014), d = 0: 10, 5, 1%, of 10,000 draws as ours."""
    found = law("change_laws", kind, n**-0.5, 0.0)
    error = np.hypot(1.0, 1.0) * np.array([0.011, 0.014, 0.033])
    quantiles = [found.quantile(p) for p in (0.10, 0.05, 0.01)]
    assert np.all(np.abs(np.array(quantiles) - published) < 3.5 * error)


def test_the_date_is_a_label_with_an_interval():
    days = pd.Series(changed(3, 800), pd.date_range("2020-01-01", periods=800))
    found = mt.memory_change_test(days, "increase")
    assert found.pvalue < 0.01
    assert abs(found.position - 400) < 40
    assert found.date == days.index[found.position]
    assert found.interval.low <= found.date <= found.interval.high
    assert found.details["d_before"] < 0.5 < found.details["d_after"]
    assert found.size == pytest.approx(found.details["d_after"] - found.details["d_before"])
    assert mt.memory_change_test(days, level=None).interval is None


def test_the_series_turned_round_turns_the_alternatives_round():
    x = changed(5)
    assert mt.memory_change_test(x, "increase").pvalue < 0.01
    assert mt.memory_change_test(x, "decrease").pvalue > 0.05
    assert mt.memory_change_test(x[::-1], "decrease").pvalue < 0.01
    assert mt.memory_change_test(x, "change").pvalue < 0.01


def test_the_search_for_a_date_needs_no_more_memory_for_a_finer_grid_of_d():
    """A row an order was half a gigabyte for a million observations."""
    x = np.random.default_rng(1).standard_normal((1, 20_000))
    peaks = []
    for step in (20, 4):
        tracemalloc.start()
        memory_change._least_squares(x, memory_change._D_GRID[::step])
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0]


def test_a_random_walk_is_differenced():
    x = np.cumsum(np.random.default_rng(2).standard_normal(500))
    found = mt.memory_change_test(x)
    assert found.details["d"] == pytest.approx(1.0, abs=0.15)
    assert found.pvalue > 0.05


def test_the_trends_ratio_from_its_formula():
    x = mt.simulate(mt.ARFIMAProcess(d=0.2), 130, rng=3)
    t = np.arange(130.0)
    fit = OLS(x, np.column_stack([np.ones(130), t])).fit()
    cov = mt.long_run_variance(fit.resid, bandwidth=13)
    wanted = abs(fit.params[1]) * np.sqrt(((t - t.mean()) ** 2).sum()) / np.sqrt(cov)
    found = mt.trend_test(x, d=0.2)
    assert found.statistic == pytest.approx(wanted, rel=1e-9)
    assert found.details["slope"] == pytest.approx(fit.params[1])
    moved = mt.trend_test(7.0 * x - 3.0, d=0.2)
    assert moved.statistic == pytest.approx(found.statistic, rel=1e-9)


def test_trends_are_found_and_memory_is_none():
    noise = mt.simulate(mt.ARFIMAProcess(d=0.3), 500, rng=4)
    assert mt.trend_test(noise).pvalue > 0.05
    assert mt.trend_test(noise + 0.02 * np.arange(500)).pvalue < 0.01
    # Under d = 1 a straight line is what a walk does.
    assert mt.trend_test(np.cumsum(noise)).pvalue > 0.05


def test_a_law_under_the_law_of_its_scores():
    """Of scores that are 1.2 z the corrected p-value is that of z / 1.2; critical values agree."""
    probabilities = np.linspace(0.005, 0.995, 100)
    z = ndtri(probabilities)
    plain, scores = Law(probabilities, np.exp(z)), Law(probabilities, 1.2 * z)
    corrected = plain.under(scores)
    for value in (0.15, 0.5, 1.0, 3.0):
        wanted = ndtr(-plain.score(value) / 1.2)
        assert corrected.pvalue(value, "greater") == pytest.approx(wanted, rel=0.02)
        assert plain.quantile(plain.cdf(value)) == pytest.approx(value, rel=1e-6)
    for name, value in corrected.critical_values("greater").items():
        level = float(name.rstrip("%")) / 100.0
        assert corrected.pvalue(value, "greater") == pytest.approx(level, rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("function", [mt.memory_change_test, mt.trend_test])
@pytest.mark.parametrize("d", [0.0, 0.4])
def test_size_holds(function, d):
    options = {"level": None} if function is mt.memory_change_test else {}

    def test(x):
        return function(x, **options)

    process = mt.ARFIMAProcess(d=d)
    figures = mt.montecarlo.run(test, process, 300, 600, rng=16, n_jobs=1).cells[0].figures
    assert abs(figures["rejected"] - 0.05) < 0.015 + 3.0 * figures["rejected_stderr"]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda x: mt.memory_change_test(x[:30]), "at least 50 observations"),
        (lambda x: mt.memory_change_test(x, "up"), "alternative must be one of"),
        (lambda x: mt.memory_change_test(x, level=0.05), "level"),
        (lambda x: mt.trend_test(x[:30]), "at least 50 observations"),
        (lambda x: mt.trend_test(x, d=2.0), "d must be"),
        (lambda x: mt.trend_test(np.arange(80.0)), "around its trend"),
    ],
)
def test_bad_arguments_are_named(call, told):
    with pytest.raises(InvalidInputError, match=told):
        call(changed(1))


@pytest.mark.slow
@pytest.mark.parametrize("n_obs", [250, 500])
@pytest.mark.parametrize("d", [-0.2, 0.0, 0.2])
def test_published_critical_values_are_found_again(n_obs, d, published):
    n_draws = 3000
    found = published.quantiles(n_obs, d, n_draws, 8)
    their_error = np.array([0.011, 0.014, 0.033] * 2)  # of the paper's 10,000
    error = their_error * np.hypot(1.0, np.sqrt(10_000 / n_draws))
    assert np.abs((found - published.PUBLISHED[n_obs, d]) / error).max() < 4.0


@pytest.fixture(scope="module")
def published():
    path = Path(__file__).parents[2] / "benchmarks" / "published_change_values.py"
    spec = importlib.util.spec_from_file_location("published_change_values", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
