"""A shift in the mean under memory: from the formulas, published critical values, dates."""

import numpy as np
import pandas as pd
import pytest

import memtools as mt
from memtools.exceptions import InvalidInputError
from memtools.inference import shift_statistics
from memtools.inference.laws import law
from memtools.inference.mean_shift import METHODS


def series(n=200, seed=1, size=0.0, **process):
    x = mt.simulate(mt.ARFIMAProcess(**process), n, rng=seed)
    x[n // 2 :] += size
    return x


def squares_of_sums(x, k):
    parts = x[:k] - x[:k].mean(), x[k:] - x[k:].mean()
    return sum(float((np.cumsum(part) ** 2).sum()) for part in parts)


def wilcoxon(x, k):
    ranks = np.array([(x <= value).sum() for value in x], dtype=float)
    n = len(x)
    return abs((ranks[:k] - ranks.mean()).sum()) / np.sqrt(squares_of_sums(ranks, k) / n)


def wald(x, k):
    n = len(x)
    difference = abs(x[:k].mean() - x[k:].mean())
    return np.sqrt(n) * difference / (np.sqrt(squares_of_sums(x, k)) / n)


def fixed_b(x, k):
    n = len(x)
    u = np.r_[x[:k] - x[:k].mean(), x[k:] - x[k:].mean()]
    m = int(0.1 * n)
    lags = range(1, m + 1)
    variance = u @ u / n + 2.0 * sum((1.0 - j / (m + 1.0)) * (u[j:] @ u[:-j]) / n for j in lags)
    design = np.column_stack([np.ones(n), np.arange(n) >= k]).astype(float)
    scale = variance * np.linalg.inv(design.T @ design)[1, 1]
    return (x[:k].mean() - x[k:].mean()) ** 2 / scale


@pytest.mark.parametrize("n", [60, 101])
@pytest.mark.parametrize(
    ("method", "slow"), [("wilcoxon", wilcoxon), ("wald", wald), ("fixed-b", fixed_b)]
)
def test_all_dates_at_once_are_one_after_the_other(n, method, slow):
    x = series(n, d=0.2)
    wanted = max(slow(x, k) for k in shift_statistics.break_dates(n))
    assert mt.mean_shift_test(x, method, 0.2).statistic == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("d", [0.0, 0.3])
def test_cusum_is_over_its_standard_deviation_under_memory(d):
    x = series(d=0.3)
    n = len(x)
    variance = mt.long_run_variance(x, "mac", d, 0.7)
    sums = np.cumsum(x - x.mean())[shift_statistics.break_dates(n) - 1]
    wanted = np.abs(sums).max() / (n ** (0.5 + d) * np.sqrt(variance))
    assert mt.mean_shift_test(x, "cusum", d).statistic == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize(
    ("method", "published"),
    [
        # Limits as tabulated by the R package memochange 1.1.2, 95%: Shao's sup Wald, CUSUM-LM,
        # fixed-b sup Wald (b = 0.1) of Iacone, Leybourne and Taylor (2014).
        ("wald", {-0.2: 27.81, 0.0: 33.42, 0.2: 40.43, 0.4: 48.17}),
        ("cusum", {-0.2: 1.895, 0.0: 1.332, 0.2: 0.873, 0.4: 0.440}),
        ("fixed-b", {-0.2: 9.94, 0.0: 15.39, 0.2: 24.59, 0.4: 39.10}),
        ("wilcoxon", {0.0: 6.43, 0.1: 7.28, 0.2: 8.19, 0.3: 9.50, 0.4: 10.33}),
    ],
)
def test_long_series_come_to_the_published_limits(method, published):
    for d, value in published.items():
        found = law("shift_laws", method, 1000**-0.5, d)
        assert found.quantile(0.95) == pytest.approx(value, rel=0.06)


@pytest.mark.parametrize("method", METHODS)
def test_a_clear_shift_is_found_and_dated(method):
    found = mt.mean_shift_test(series(400, size=3.0), method, d=0.0)
    assert found.pvalue < 0.01
    assert abs(found.position - 200) <= 4
    assert found.interval.low <= 200 <= found.interval.high
    assert found.size == pytest.approx(3.0, abs=0.4)


def test_dates_are_the_labels_of_the_series():
    nile = mt.datasets.load("nile")
    found = mt.mean_shift_test(nile, "wald")
    assert found.date == 1899  # the first year behind the dam at Aswan
    assert found.interval.low <= 1899 <= found.interval.high
    days = pd.Series(series(200, size=3.0), pd.date_range("2020-01-01", periods=200))
    assert abs(mt.mean_shift_test(days).date - days.index[100]).days <= 4
    assert "interval" in found.summary()
    told = mt.mean_shift_test(days).summary()
    assert f"{days.index[mt.mean_shift_test(days).position]:%Y-%m-%d}, size" in told
    assert ":00" not in told  # a day has no time of day
    assert mt.mean_shift_test(nile, level=None).interval is None


def test_long_memory_is_no_shift():
    assert mt.mean_shift_test(series(1000, 3, d=0.4)).pvalue > 0.05


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("d", [0.0, 0.35])
def test_size_holds_with_the_memory_known(method, d):
    def test(x):
        return mt.mean_shift_test(x, method, d, level=None)

    process = mt.ARFIMAProcess(d=d)
    figures = mt.montecarlo.run(test, process, 300, 1000, rng=6, n_jobs=1).cells[0].figures
    assert abs(figures["rejected"] - 0.05) < 0.015 + 3.0 * figures["rejected_stderr"]


@pytest.mark.slow
@pytest.mark.parametrize("d", [0.0, 0.2])
def test_the_interval_holds_the_date(d):
    inside = []
    for seed in range(200):
        found = mt.mean_shift_test(series(400, seed, 2.0, d=d), "wald")
        inside.append(found.interval.low <= 200 <= found.interval.high)
    assert np.mean(inside) > 0.95 - 3.0 * np.sqrt(0.95 * 0.05 / 200)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda x: mt.mean_shift_test(x[:30]), "at least 50 observations"),
        (lambda x: mt.mean_shift_test(x, "lm"), "method"),
        (lambda x: mt.mean_shift_test(x, d=0.6), "d must be"),
        (lambda x: mt.mean_shift_test(x, level=2.0), "level"),
    ],
)
def test_bad_arguments_are_named(call, told):
    with pytest.raises(InvalidInputError, match=told):
        call(series())
