"""ARFIMA fits: likelihoods against dense twins and R, modes, intervals, results as statsmodels'."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import toeplitz
from scipy.optimize import minimize_scalar

import memtools as mt
from memtools.arfima.design import Design
from memtools.arfima.likelihood import ConditionalLikelihood, ExactLikelihood
from memtools.arfima.parameters import Dynamics, Space
from tests import arfima_reference

GOLDEN = Path(__file__).parent / "golden"
GIVEN = [(0.3, [], []), (-0.3, [0.5], []), (0.45, [], [0.4]), (0.1, [0.9, -0.5], [-0.3])]
METHODS = ("exact", "whittle", "css")


def path(n_obs=300, d=0.3, ar=(), ma=(), seed=1):
    return mt.simulate(mt.ARFIMAProcess(ar=ar, d=d, ma=ma), n_obs, rng=seed)


@pytest.mark.parametrize(("d", "ar", "ma"), GIVEN)
def test_loglike_is_the_density_of_the_covariance_matrix(d, ar, ma):
    n_obs = 60
    x = path(n_obs) + 3.0
    acvf = arfima_reference.autocovariance(d, ar, ma, n_obs)
    model = mt.ARFIMA(x, (len(ar), len(ma)))
    found = model.loglike([2.5, d, *ar, *ma, 1.7])
    expected = arfima_reference.loglike(x - 2.5, 1.7 * toeplitz(acvf))
    assert found == pytest.approx(expected, rel=1e-7)


def test_loglike_beyond_one_half_is_that_of_the_differences():
    x = np.cumsum(path(80, 0.2))
    found = mt.ARFIMA(x, (0, 0)).loglike([1.2, 2.0])
    expected = mt.ARFIMA(np.diff(x), (0, 0), trend="n").loglike([0.2, 2.0])
    assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("restricted", [False, True])
@pytest.mark.parametrize("trend", ["n", "ct"])
@given(
    st.floats(-0.9, 0.45),
    st.lists(st.floats(-0.9, 0.9), min_size=2, max_size=2).map(np.array),
)
@settings(max_examples=15)
def test_gradient_of_the_exact_likelihood(trend, restricted, d, partial):
    likelihood = ExactLikelihood(Design(path(80), None, trend).level(0), restricted)
    space, point = Space(1, 1), np.append(d, partial)
    _, gradient = likelihood.objective(point, space)
    for j in range(3):
        move = np.zeros(3)
        move[j] = 1e-5
        up, down = (likelihood.objective(point + s * move, space)[0] for s in (1, -1))
        assert gradient[j] == pytest.approx((up - down) / 2e-5, rel=1e-4, abs=2e-3)


def test_restricted_likelihood_is_the_density_of_error_contrasts():
    x, points = path(40), [(0.3, [0.4]), (-0.2, [0.1]), (0.45, [-0.5])]
    design = Design(x, None, "ct")
    likelihood = ExactLikelihood(design.level(0), restricted=True)
    gaps = []
    for d, ar in points:
        model = Dynamics(d, np.array(ar), np.empty(0))
        dense = toeplitz(arfima_reference.autocovariance(d, ar, [], 40))
        expected = arfima_reference.restricted_loglike(x, design.columns, dense)
        gaps.append(-likelihood.value(likelihood.profile(model)) - expected)
    np.testing.assert_allclose(gaps, gaps[0], atol=1e-6)  # equal up to one constant


def test_restricted_likelihood_is_one_function_across_a_difference():
    design = Design(path(60), None, "c")
    lower = ExactLikelihood(design.level(0), restricted=True)
    upper = ExactLikelihood(design.level(1), restricted=True)
    for d in (0.05, 0.2, 0.45):
        levels = lower.value(lower.profile(Dynamics(d, np.array([0.4]), np.empty(0))))
        differences = upper.value(upper.profile(Dynamics(d - 1.0, np.array([0.4]), np.empty(0))))
        assert differences == pytest.approx(levels, abs=1e-7)


@pytest.mark.parametrize(("d", "ar", "ma"), [*GIVEN, (1.3, [0.5], [0.2])])
def test_conditional_innovations_are_the_recursion(d, ar, ma):
    x = path(50)
    likelihood = ConditionalLikelihood(x, np.empty((50, 0)))
    _, found = likelihood.regression(Dynamics(d, np.array(ar), np.array(ma)))
    np.testing.assert_allclose(found, arfima_reference.css_innovations(x, d, ar, ma), atol=1e-10)


def test_gradient_of_the_conditional_likelihood():
    likelihood = ConditionalLikelihood(path(200), np.ones((200, 1)))
    space, point = Space(2, 1, (-1.0, 2.5)), np.array([0.4, 0.5, -0.2, 0.3])
    _, gradient = likelihood.objective(point, space)
    for j in range(4):
        move = np.zeros(4)
        move[j] = 1e-6
        up, down = (likelihood.objective(point + s * move, space)[0] for s in (1, -1))
        assert gradient[j] == pytest.approx((up - down) / 2e-6, abs=1e-6)


# ---------------------------------------------------------------- against R


def golden(name):
    return json.loads((GOLDEN / name).read_text())["values"]


def test_loglike_at_given_parameters_is_that_of_r(series):
    for case in golden("arfima_r.json")["given"]:
        model = mt.ARFIMA(series(case["series"]), (len(case["ar"]), len(case["ma"])))
        params = [case["mean"], case["d"], *case["ar"], *case["ma"], case["sigma2"]]
        assert model.loglike(params) == pytest.approx(case["loglik"], abs=1e-6), case


@pytest.mark.slow
@pytest.mark.filterwarnings(
    "ignore:d is at the end of its range:memtools.exceptions.ConvergenceWarning"
)
def test_modes_are_those_of_r(series):
    for case in golden("arfima_fits_r.json"):
        if not case["refined_gls_mean"]:
            continue
        # R's arfima never differences: without this, d = 0.67 is found for one of the series.
        fit = mt.ARFIMA(series(case["series"]), (case["p"], case["q"]), integration=0)
        fit = fit.fit(bias_correction=False)
        for mode in case["refined_gls_mean"]:
            ours = min(fit.modes, key=lambda m, mode=mode: abs(m.loglike - mode["loglik"]))
            assert ours.loglike == pytest.approx(mode["loglik"], abs=1e-6)
            assert ours.d == pytest.approx(mode["d"], abs=1e-4)
            np.testing.assert_allclose(ours.ar, mode["ar"], atol=1e-4)


def test_nile_has_two_modes_and_both_are_reported(series):
    fit = mt.ARFIMA(series("nile"), (1, 0)).fit(bias_correction=False)
    found = sorted((round(mode.d, 2), round(float(mode.ar[0]), 2)) for mode in fit.modes)
    assert found == [(-0.59, 0.99), (0.35, 0.07)]
    assert fit.d == pytest.approx(0.3545, abs=1e-3)
    assert any("other modes" in note and "-0.594" in note for note in fit.notes)


def test_the_papers_series_covers_its_true_values(series):
    fit = mt.ARFIMA(series("arfima"), (2, 1)).fit()
    ends = fit.conf_int()
    truth = {"ar.L1": 0.7, "ar.L2": -0.4, "d": 0.4, "ma.L1": -0.2}
    for name, value in truth.items():
        assert ends.loc[name, 0] < value < ends.loc[name, 1], name


# ---------------------------------------------------------------- fits


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("d", [-0.3, 0.3, 0.8, 1.2])
def test_fits_find_d(method, d):
    x = path(1500, d - round(d))
    for _ in range(round(d)):
        x = np.cumsum(x)
    fit = mt.ARFIMA(x, (0, 0)).fit(method)
    assert abs(fit.d - d) < 4 * fit.bse["d"]
    assert fit.converged


@pytest.mark.parametrize("method", METHODS)
def test_fits_find_arma_parts(method):
    fit = mt.ARFIMA(path(3000, 0.2, [0.5], [0.4]), (1, 1)).fit(method)
    assert np.all(np.abs(fit.params[["d", "ar.L1", "ma.L1"]] - [0.2, 0.5, 0.4]) < 4 * fit.bse[1:4])


@given(st.floats(1e-6, 1e6), st.floats(-1e3, 1e3))
@settings(max_examples=10)
def test_exact_fit_ignores_shift_and_follows_scale(scale, shift):
    x = path(120)
    base = mt.ARFIMA(x, (1, 0)).fit()
    moved = mt.ARFIMA(scale * (x + shift), (1, 0)).fit()
    assert moved.d == pytest.approx(base.d, abs=1e-4)
    assert moved.sigma2 == pytest.approx(base.sigma2 * scale**2, rel=1e-3)
    assert moved.params["const"] == pytest.approx(scale * (base.params["const"] + shift), rel=1e-3)


def test_regression_is_recovered():
    rng = np.random.default_rng(3)
    exog = pd.DataFrame({"heat": rng.standard_normal(500), "rain": rng.standard_normal(500)})
    y = 5.0 + 0.02 * np.arange(1, 501) + 2.0 * exog["heat"] - exog["rain"] + path(500)
    fit = mt.ARFIMA(y, (0, 0), exog, "ct").fit()
    assert list(fit.params.index) == ["const", "drift", "heat", "rain", "d", "sigma2"]
    gap = fit.params[:4] - [5.0, 0.02, 2.0, -1.0]
    assert np.all(np.abs(gap) < 4 * fit.bse[:4])


def test_bias_correction_maximises_the_restricted_likelihood():
    x = path(200, 0.3, [0.3])
    fit = mt.ARFIMA(x, (1, 0)).fit(bias_correction=True)
    likelihood = ExactLikelihood(Design(x, None, "c").level(0), restricted=True)
    space = Space(1, 0)
    _, gradient = likelihood.objective(space.point(fit.dynamics), space)
    np.testing.assert_allclose(gradient, 0.0, atol=0.05)
    plain = mt.ARFIMA(x, (1, 0)).fit(bias_correction=False)
    assert fit.d > plain.d
    # The criteria are those of the maximum, which is held.
    pd.testing.assert_series_equal(fit.mle.params, plain.params)
    assert (fit.llf, fit.aic, fit.bic) == (plain.llf, plain.aic, plain.bic)
    assert plain.mle is plain


def test_without_a_mean_there_is_no_bias_to_correct():
    x = path(200, 0.3, [0.3])
    plain = mt.ARFIMA(x, (1, 0), trend="n").fit(bias_correction=False)
    assert mt.ARFIMA(x, (1, 0), trend="n").fit().d == pytest.approx(plain.d)


def test_llf_is_loglike_at_params():
    fit = mt.ARFIMA(path(), (1, 1)).fit()
    assert fit.llf == pytest.approx(fit.model.loglike(fit.mle.params), abs=1e-8)
    assert fit.llf > fit.model.loglike(fit.params)
    assert fit.aic == pytest.approx(-2 * fit.llf + 2 * 5)
    assert fit.bic == pytest.approx(-2 * fit.llf + 5 * np.log(300))
    assert fit.hqic == pytest.approx(-2 * fit.llf + 2 * 5 * np.log(np.log(300)))


def test_a_fixed_number_of_differences_is_kept():
    x = path(400, 0.4)
    fit = mt.ARFIMA(x, (0, 0), integration=1).fit()
    assert fit.integration == 1
    assert abs(fit.d - 0.4) < 4 * fit.bse["d"]


def test_an_end_of_the_range_is_a_warning_that_names_what_to_try():
    with pytest.warns(mt.exceptions.ConvergenceWarning, match="integration=1"):
        fit = mt.ARFIMA(np.cumsum(path(300)), (0, 0), integration=0).fit()
    assert not fit.converged


# ---------------------------------------------------------------- results


@pytest.fixture(scope="module")
def fit():
    index = pd.period_range("1900-01", periods=240, freq="M")
    return mt.ARFIMA(pd.Series(path(240, 0.3, [0.4]), index, name="flow"), (1, 0)).fit()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.filterwarnings("ignore::memtools.exceptions.ConvergenceWarning")
def test_a_curve_is_fitted_at_the_end_of_the_range(method):
    wave = np.sin(0.3 * np.arange(200))
    fit = mt.ARFIMA(wave, (0, 1)).fit(method)
    assert fit.d <= 3.5
    assert np.isfinite(fit.forecast(2)).all()
    assert "ARFIMA(0, d, 1)" in fit.summary()


def test_results_read_like_statsmodels(fit):
    assert list(fit.params.index) == ["const", "d", "ar.L1", "sigma2"]
    assert fit.cov_params().loc["d", "d"] == pytest.approx(fit.bse["d"] ** 2)
    np.testing.assert_allclose(fit.mle.tvalues, fit.mle.params / fit.mle.bse)
    assert fit.pvalues.between(0, 1).all()
    wald = fit.mle.conf_int()
    np.testing.assert_allclose(wald[1] - wald[0], 2 * 1.959964 * fit.mle.bse, rtol=1e-6)
    wald = fit.conf_int(method="wald")
    np.testing.assert_allclose(wald[1] - wald[0], 2 * 1.959964 * fit.bse, rtol=1e-6)
    assert (fit.conf_int(alpha=0.32)[1] < fit.conf_int()[1]).all()
    pd.testing.assert_frame_equal(fit.conf_int(alpha=0.05), fit.conf_int())
    assert fit.confidence_interval(0.9) == tuple(fit.conf_int(0.1).loc["d"])
    text = fit.summary()
    for word in ("ARFIMA Results", "Dep. Variable:", "flow", "ar.L1", "P>|z|", "[0.025", "1900-01"):
        assert word in text
    assert max(map(len, text.splitlines())) <= 80
    assert "<table" in fit._repr_html_()
    json.dumps(fit.to_dict())


def test_interval_of_d_inverts_the_likelihood_ratio(fit):
    low, high = fit.conf_int().loc["d"]
    likelihood = ExactLikelihood(fit.level, restricted=True)
    space = Space(1, 0)

    def profile(d):
        def at(phi):
            return likelihood.value(likelihood.profile(space.dynamics(np.array([d, phi]))))

        grid = np.linspace(-0.9, 0.95, 38)
        best = grid[np.argmin([at(phi) for phi in grid])]
        near = (max(best - 0.05, -0.95), min(best + 0.05, 0.97))
        return minimize_scalar(at, bounds=near, method="bounded").fun

    ends = (low, min(high, 0.49))
    best = minimize_scalar(profile, bounds=ends, method="bounded", options={"xatol": 1e-3}).fun
    for end in (low, high):
        if end < 0.49:
            assert 2 * (profile(end) - best) == pytest.approx(3.8415 * (1 + 20 / 240), abs=0.05)


def test_t_test_by_name(fit):
    one = fit.t_test("d = 0.3")
    assert one.tvalue[0] == pytest.approx((fit.d - 0.3) / fit.bse["d"])
    two = fit.t_test("ar.L1 - 2*d = 0.1, const = 0")
    assert two.effect[0] == pytest.approx(fit.ar[0] - 2 * fit.d)
    assert two.value == pytest.approx([0.1, 0.0])
    matrix = fit.t_test(np.array([[0.0, 1.0, 0.0, 0.0]]))
    assert matrix.tvalue[0] == pytest.approx(fit.d / fit.bse["d"])
    assert "ar.L1 - 2*d = 0.1" in two.summary()
    assert two.conf_int().shape == (2, 2)
    for bad in ("nothing = 0", "d = x", "", "d + = 1", "d / 0 = 1", "d = d", np.ones((1, 3))):
        with pytest.raises(mt.InvalidInputError, match="hypothesis"):
            fit.t_test(bad)


def test_residuals_and_fitted_values_keep_the_index(fit):
    assert fit.resid.index.equals(fit.model.endog.index)
    np.testing.assert_allclose(fit.resid + fit.fittedvalues, fit.model.endog)
    assert fit.resid.var() == pytest.approx(fit.sigma2, rel=0.05)


def test_differences_leave_the_first_labels_without_a_prediction():
    index = pd.RangeIndex(10, 310)
    fit = mt.ARFIMA(pd.Series(np.cumsum(path(300)), index), (0, 0)).fit()
    assert fit.integration == 1
    assert fit.resid.index.equals(index[1:])
    assert "const" not in fit.params.index


# ---------------------------------------------------------------- selection


def test_selection_takes_the_lowest_criterion():
    found = mt.select_arfima(path(400, 0.3, [0.6]), max_p=1, max_q=1)
    table = found.to_frame()
    assert len(table) == 4
    assert table.index[0] == found.order == found.best.model.order
    assert found.best.bic == pytest.approx(table["bic"].min())
    assert found.order[0] == 1
    json.dumps(found.to_dict())
    assert "BIC" in found.summary()


def test_searches_keep_away_from_unit_roots():
    likelihood = ExactLikelihood(mt.ARFIMA(path(100), (2, 0)).design.level(0))
    space = Space(2, 0)
    for partials in ([0.9999, 0.0], [0.9, 0.9999]):  # a root at 1 to a tenth of the sample's reach
        value, _ = likelihood.objective(np.array([0.1, *partials]), space)
        assert value == np.inf
    assert np.isfinite(likelihood.objective(np.array([0.1, 0.99, 0.0]), space)[0])


@pytest.mark.slow
def test_all_small_orders_of_a_short_series():
    # Overfitted orders once wandered to roots that needed gigabytes of autocovariances.
    found = mt.select_arfima(mt.datasets.load("nile"), 2, 2)
    assert len(found.fits) == 9
    assert found.best.converged


def test_the_summary_tests_the_residuals_as_statsmodels_does(fit):
    from statsmodels.stats.diagnostic import acorr_ljungbox
    from statsmodels.stats.stattools import jarque_bera

    facts = dict(fit.tables()[1].rows)
    box = acorr_ljungbox(fit.resid, lags=1).iloc[0]
    assert facts["Ljung-Box (L1) (Q)"] == f"{box['lb_stat']:.2f}"
    assert facts["Prob(Q)"] == f"{box['lb_pvalue']:.2f}"
    bera, pvalue, skew, kurtosis = jarque_bera(fit.resid)
    assert facts["Jarque-Bera (JB)"] == f"{bera:.2f}"
    assert [facts["Prob(JB)"], facts["Skew"], facts["Kurtosis"]] == [
        f"{value:.2f}" for value in (pvalue, skew, kurtosis)
    ]


@pytest.mark.parametrize("seed", range(3))
def test_screening_finds_the_order_of_the_full_search(seed):
    x = path(250, 0.2, [0.5], seed=seed)
    choice = mt.select_arfima(x, max_p=1, max_q=1)
    every = {
        order: mt.ARFIMA(x, order, integration=choice.best.integration).fit(bias_correction=False)
        for order in [(0, 0), (1, 0), (0, 1), (1, 1)]
    }
    assert choice.order == min(every, key=lambda order: every[order].bic)
    assert choice.best.bic == pytest.approx(every[choice.order].bic, abs=1e-6)
    for row in choice.fits:
        full = every[row["p"], row["q"]].llf
        # At Whittle's estimate, where the order was screened out: never above the maximum.
        assert row["llf"] <= full + 1e-6
        assert row["screened"] or row["llf"] == pytest.approx(full, abs=1e-6)
