"""True against spurious memory: Qu's test from its formula, its limits, parts, levels."""

import math

import numpy as np
import pytest

import memtools as mt
from memtools.exceptions import InvalidInputError
from memtools.inference.laws import law
from memtools.inference.spurious import prewhitened


def series(n=600, seed=1, **process):
    return mt.simulate(mt.ARFIMAProcess(**process), n, rng=seed)


def shifted(n=1000, seed=1):
    rng = np.random.default_rng(seed)
    return rng.standard_normal(n) + mt.random_level_shifts(n, 0.01, rng=rng)


@pytest.mark.parametrize("trimming", [0.02, 0.05, 0.3])
def test_qu_is_the_largest_partial_score(trimming):
    x, m = series(d=0.3), 90
    lam = 2.0 * math.pi * np.arange(1, m + 1) / len(x)
    power = mt.periodogram(x).power[:m]
    d = mt.local_whittle(x, m).d
    nu = np.log(lam) - np.log(lam).mean()
    scale = np.mean(lam ** (2.0 * d) * power)
    sums = [
        abs(sum(nu[j] * (power[j] / (scale * lam[j] ** (-2.0 * d)) - 1.0) for j in range(k)))
        for k in range(max(1, math.floor(trimming * m)), m + 1)
    ]
    found = mt.qu_test(x, m, trimming, prewhiten=False)
    assert found.statistic == pytest.approx(max(sums) / math.sqrt(nu @ nu), rel=1e-6)
    assert found.details["d"] == pytest.approx(d, abs=1e-8)


@pytest.mark.parametrize(
    ("trimming", "published"),
    [(0.02, (1.118, 1.252, 1.374, 1.517)), (0.05, (1.022, 1.155, 1.277, 1.426))],
)
def test_many_ordinates_come_to_qus_table(trimming, published):
    """Qu (2011), table 1; at 5,000 ordinates the law is still about 1% below its limit."""
    found = law("spurious_laws", "score", 5000**-0.5, trimming)
    for probability, value in zip((0.90, 0.95, 0.975, 0.99), published, strict=True):
        assert found.quantile(probability) == pytest.approx(value, rel=0.025)


def test_scale_and_level_do_not_matter():
    x = series(d=0.3)
    assert mt.qu_test(7.0 * x + 3.0).statistic == pytest.approx(mt.qu_test(x).statistic, rel=1e-5)


def test_prewhitening_takes_the_dynamics_off():
    paths = [series(2000, seed, ar=[0.6], d=0.3) for seed in range(10)]
    found = [(x, *prewhitened(x)) for x in paths]
    found = [entry for entry in found if entry[2] == (1, 0)]
    assert len(found) >= 8  # by BIC, which takes one parameter too many now and then
    assert abs(np.mean([phi for *_, phi in found]) - 0.6) < 0.15
    for x, white, _, phi in found:
        centred = x - x.mean()
        np.testing.assert_allclose(white, centred[1:] - phi * centred[:-1], atol=1e-9)


def test_noise_is_taken_off_memory_but_not_off_a_level_that_jumps():
    """Both are a negative MA coefficient: what is left has d < 1/2, or d near 1."""
    memory = series(2000, d=0.4, ma=[-0.5])
    assert prewhitened(memory)[1] == (0, 1)
    assert mt.qu_test(memory).pvalue > 0.05
    assert prewhitened(series(2000, d=0.4, ma=[0.5]))[1] == (0, 1)
    step = series(1000) + 1.5 * (np.arange(1000) >= 400)
    assert prewhitened(step)[1][1] == 0
    full = mt.qu_test(step, prewhiten="full")
    assert full.details["prewhitened_by"][1] == 1
    assert mt.qu_test(step).pvalue < 0.001 < full.pvalue
    with pytest.raises(InvalidInputError, match="prewhiten"):
        mt.qu_test(step, prewhiten="all")


def test_level_shifts_are_spurious_memory():
    x = shifted()
    assert mt.local_whittle(x).d > 0.3
    assert mt.qu_test(x).pvalue < 0.01


def test_parts_are_compared_at_the_same_frequencies():
    x = series(1000, d=0.2)
    found = mt.split_sample_test(x, 2)
    parts = [mt.exact_local_whittle(half, found.details["bandwidth"]) for half in np.split(x, 2)]
    d = [part.d for part in parts]
    assert found.details["d"] == pytest.approx(d)
    wanted = (d[0] - d[1]) ** 2 / 2.0 / parts[0].stderr ** 2
    assert found.statistic == pytest.approx(wanted)
    assert found.details["degrees"] == 1


def test_a_change_of_memory_is_no_one_d():
    x = np.concatenate([series(1000, d=-0.2), series(1000, 2, d=0.45)])
    assert mt.split_sample_test(x).pvalue < 0.01


def test_aggregation_levels_are_gph_of_sums():
    x = series(2048, d=0.3)
    found = mt.temporal_aggregation_test(x, 3)
    for size, d in zip(found.details["sizes"], found.details["d"], strict=True):
        sums = x.reshape(-1, size).sum(axis=1)
        assert d == pytest.approx(mt.gph(sums, "square-root").d)


def test_equal_memory_allows_for_dependence():
    x = mt.simulate_varfima([0.2, 0.2, 0.2], 2000, cov=0.7 + 0.3 * np.eye(3), rng=3)
    assert mt.equal_memory_test(x).pvalue > 0.05
    x = mt.simulate_varfima([0.0, 0.4], 1000, cov=[[1.0, 0.5], [0.5, 1.0]], rng=3)
    assert mt.equal_memory_test(x).pvalue < 0.01


@pytest.mark.slow
@pytest.mark.parametrize(
    "function", [mt.qu_test, mt.split_sample_test, mt.temporal_aggregation_test]
)
def test_size_holds_for_true_memory(function):
    process = mt.ARFIMAProcess([0.4], 0.3)
    figures = mt.montecarlo.run(function, process, 400, 600, rng=4, n_jobs=1).cells[0].figures
    assert abs(figures["rejected"] - 0.05) < 0.015 + 3.0 * figures["rejected_stderr"]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda x: mt.qu_test(x[:40]), "at least 50 observations"),
        (lambda x: mt.qu_test(x, 5), "bandwidth"),
        (lambda x: mt.qu_test(x, trimming=0.6), "trimming"),
        (lambda x: mt.qu_test(x, prewhiten=1), "prewhiten"),
        (lambda x: mt.split_sample_test(x[:200]), "at least 207 observations"),
        (lambda x: mt.split_sample_test(x, 1), "n_blocks"),
        (lambda x: mt.temporal_aggregation_test(x[:100]), "at least 128 observations"),
        (lambda x: mt.temporal_aggregation_test(x, 8), "at least 8192 observations"),
        (lambda x: mt.equal_memory_test(x), "2 series or more"),
        (lambda x: mt.equal_memory_test(np.c_[x, np.ones(len(x))]), "varies"),
    ],
)
def test_bad_arguments_are_named(call, told):
    with pytest.raises(InvalidInputError, match=told):
        call(series())


def test_an_estimated_autoregression_draws_the_law_together():
    x = series(300, ar=[0.6], d=0.2)
    found, bare = mt.qu_test(x), mt.qu_test(x, prewhiten=False)
    assert found.details["prewhitened_by"] == (1, 0)
    assert 0.75 < found.details["critical_values"]["5%"] / bare.details["critical_values"]["5%"] < 1
