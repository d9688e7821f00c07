"""z, P-values and confidence sets of an ARFIMA fit come from one source, and hold."""

import numpy as np
import pytest
from scipy import stats

import memtools as mt
from memtools.arfima.distributions import Regression, variance_interval
from memtools.arfima.likelihood import ExactLikelihood
from memtools.arfima.parameters import Dynamics


@pytest.fixture(scope="module")
def fit():
    x = 10.0 + mt.simulate(mt.ARFIMAProcess(ar=[0.4], d=0.2), 300, rng=1)
    return mt.ARFIMA(x, (1, 0)).fit()


def two_modes():
    return mt.simulate(mt.ARFIMAProcess(ar=[0.5], d=0.3), 200, rng=12)


def test_sets_of_the_ar_part_invert_the_likelihood_ratio(fit):
    likelihood = ExactLikelihood(fit.level, restricted=True)

    def profile(phi):
        models = [Dynamics(d, np.array([phi]), np.empty(0)) for d in np.linspace(-0.5, 0.49, 100)]
        return min(likelihood.value(likelihood.profile(model)) for model in models)

    low, high = fit.conf_int().loc["ar.L1"]
    best = profile(fit.ar[0])
    bartlett = 1.0 + 20.0 / 300.0
    for end in (low, high):
        assert 2.0 * (profile(end) - best) == pytest.approx(3.8415 * bartlett, abs=0.03)


def test_the_table_never_contradicts_itself(fit):
    fits = [fit, mt.ARFIMA(two_modes(), (1, 0)).fit(), mt.ARFIMA(two_modes(), (0, 1)).fit()]
    for one in fits:
        for name in one.param_names:
            pieces = one.confidence_set(name)
            with_zero = any(low <= 0.0 <= high for low, high in pieces)
            assert (one.pvalues[name] > 0.05) == with_zero, name
            assert any(low <= one.params[name] <= high for low, high in pieces), name
            assert (pieces[0].low, pieces[-1].high) == tuple(one.conf_int().loc[name])


def test_several_modes_make_a_union_that_says_so():
    one = mt.ARFIMA(two_modes(), (1, 0)).fit()
    (low, hole), (rim, high) = one.confidence_set("d")
    assert low < hole < rim < high
    text = " ".join(one.summary().split())
    assert "the 95% set of d is [" in text
    assert f"{hole:.3f}] and [{rim:.3f}" in text
    assert len(one.confidence_set("sigma2")) == 1
    with pytest.raises(mt.InvalidInputError, match=r"^name must be"):
        one.confidence_set("ma.L1")


def test_a_known_d_leaves_students_t():
    one = Regression(("const",), np.ones(1), np.array([[2.0]]), np.array([[0.5]]), 20)
    expected = stats.t(20, loc=2.0, scale=0.5).interval(0.9)
    np.testing.assert_allclose(one.interval(0, 0.9), expected, rtol=1e-7)
    pvalue = 2.0 * stats.t(20).sf(4.0)
    assert 2.0 * stats.norm.sf(one.z(0, 0.0)) == pytest.approx(pvalue)


@pytest.mark.parametrize("seed", range(3))
def test_the_mean_allows_for_what_d_may_be(seed):
    one = mt.ARFIMA(mt.simulate(mt.ARFIMAProcess(d=0.3), 300, rng=seed)).fit()
    low, high = one.conf_int().loc["const"]
    assert low < one.params["const"] < high
    assert high - low > 1.1 * 2.0 * 1.96 * one.bse["const"]


def test_a_variance_has_the_interval_of_a_chi_square():
    low, high = variance_interval(50.0, 40, 0.9)
    assert stats.chi2(40).cdf(50.0 / low) == pytest.approx(0.95)
    assert stats.chi2(40).cdf(50.0 / high) == pytest.approx(0.05)


@pytest.mark.parametrize("seed", range(3))
def test_estimate_and_interval_are_of_one_mode(seed):
    # A first value far from the level: the likelihood in levels has a mode of its own.
    x = np.append(0.0, 1000.0 + mt.simulate(mt.ARFIMAProcess(d=0.3), 300, rng=seed))
    one = mt.ARFIMA(x).fit()
    low, high = one.confidence_interval()
    assert low <= one.d <= high
    assert one.mle.d < low
    assert any("(mle) is another mode" in note for note in one.notes)


def test_an_applied_fit_keeps_its_table(fit):
    moved = fit.apply(fit.model.endog + 1.0)
    np.testing.assert_array_equal(moved.conf_int(), fit.conf_int())
    assert moved.confidence_set("d") == fit.confidence_set("d")
