"""p-values by the law of an estimate under white noise: their tails, and who has one."""

import pickle

import numpy as np
import pytest
from scipy.special import ndtr

import memtools as mt

N_PATHS = 10_000
WITH_LAW = [
    ("local_whittle", {}),
    ("local_whittle", {"taper": "cosine"}),
    ("gph", {}),
    ("bias_reduced_gph", {"order": 1}),
]


@pytest.mark.parametrize(("name", "options"), WITH_LAW, ids=str)
@pytest.mark.parametrize("bandwidth", [12, 30])
def test_both_tails_are_those_of_simulation(name, options, bandwidth):
    if "taper" in options:
        bandwidth *= 3
    rng = np.random.default_rng([5, bandwidth])
    # Five ordinates to each that is used: what a taper spreads reaches none at the ends.
    x = rng.standard_normal((N_PATHS, 5 * bandwidth))
    many = mt.estimate_many(x, name, bandwidth=bandwidth, n_jobs=1, **options)
    for below in (True, False):
        on_side = many.single_pvalue[(many.d < 0.0) == below]
        for p in (0.05, 0.01, 0.002):
            share = np.count_nonzero(on_side < p) / N_PATHS
            assert abs(share - p / 2) < 4.0 * np.sqrt(p / 2 / N_PATHS) + 0.04 * p


def test_the_normal_law_calls_too_many_negative():
    """What the law is for: one in 500 is three times as often below, at 20 ordinates."""
    x = np.random.default_rng(6).standard_normal((N_PATHS, 100))
    many = mt.estimate_many(x, "local_whittle", bandwidth=20, n_jobs=1)
    low = many.d < 0.0
    p = 0.002
    assert np.mean(low & (2.0 * ndtr(-np.abs(many.statistic)) < p)) > 2.0 * p / 2
    assert np.mean(low & (many.single_pvalue < p)) < 1.4 * p / 2


def test_a_law_of_many_ordinates_goes_on_that_of_few():
    from memtools.estimators._null_law import MOST_ORDINATES, whittle_law
    from memtools.results.intervals import normal_scores

    rng = np.random.default_rng(7)
    m = 3 * MOST_ORDINATES
    x = rng.standard_normal((4000, 2 * m + 1))
    many = mt.estimate_many(x, "local_whittle", bandwidth=m, n_jobs=1)
    pvalues = ndtr(normal_scores(many.d, whittle_law(m)))
    for p in (0.01, 0.05, 0.5, 0.95, 0.99):
        assert abs(np.mean(pvalues < p) - p) < 4.0 * np.sqrt(p * (1.0 - p) / 4000)
    scores = normal_scores(np.array([-9.0, -0.1, 0.0, 0.1, 9.0]), whittle_law(m))
    assert (np.diff(scores) > 0.0).all()


def test_a_test_by_the_law_has_sides_and_is_kept():
    estimate = mt.local_whittle(mt.simulate(mt.ARFIMAProcess(d=0.2), 400, rng=8))
    assert estimate == pickle.loads(pickle.dumps(estimate))
    assert "law" not in estimate.to_dict()
    both, less, more = (estimate.test(0.3, side) for side in ("two-sided", "less", "greater"))
    assert less.pvalue + more.pvalue == pytest.approx(1.0, rel=1e-12)
    assert both.pvalue == pytest.approx(2.0 * min(less.pvalue, more.pvalue), rel=1e-12)
    assert both.statistic == (estimate.d - 0.3) / estimate.stderr


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("local_whittle", {"stderr": "asymptotic"}),
        ("local_whittle", {"taper": "hc"}),
        ("gph", {"stderr": "asymptotic"}),
        ("exact_local_whittle", {}),
    ],
    ids=str,
)
def test_others_have_normal_pvalues(name, options):
    found = getattr(mt, name)(np.random.default_rng(9).standard_normal(300), **options).test()
    assert found.pvalue == pytest.approx(2.0 * ndtr(-abs(found.statistic)), rel=1e-12)
