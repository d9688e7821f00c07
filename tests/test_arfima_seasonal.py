"""ARFIMA models with seasonal orders: likelihoods, fits, forecasts, refusals, the command."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import memtools as mt
from memtools.arfima.likelihood import ExactLikelihood
from memtools.arfima.parameters import Dynamics, Season, Seasonal, Space
from memtools.arfima.whittle import WhittleLikelihood

PROCESS = mt.SeasonalARFIMAProcess(
    ar=[0.4], d=0.1, period=4, seasonal_ar=[0.3], seasonal_d=0.2, seasonal_ma=[0.5]
)
X = mt.simulate(PROCESS, 160, rng=1)
SALES = pd.Series(
    X.cumsum() + np.tile([0.0, 30.0, -20.0, 50.0], 40),
    index=pd.date_range("1980-01-01", periods=160, freq="QS"),
    name="sales",
)


def model_of(process: mt.SeasonalARFIMAProcess) -> Dynamics:
    parts = (np.array(part) for part in (process.seasonal_ar, process.seasonal_ma))
    seasonal = Seasonal(process.period, process.seasonal_d, *parts)
    return Dynamics(process.d, np.array(process.ar), np.array(process.ma), seasonal)


SPACES = [Space(1, 0, season=Season(1, 1, 4)), Space(1, 0, (0.1, 0.1), Season(1, 1, 4))]


@pytest.mark.parametrize("space", SPACES, ids=["free", "held d"])
def test_a_point_of_the_box_is_a_model(space):
    model = model_of(PROCESS)
    point = space.point(model)
    np.testing.assert_allclose(space.dynamics(point).vector, model.vector, atol=1e-14)
    stepped = [space.dynamics(point + 1e-6 * axis).vector for axis in np.eye(space.size)]
    slopes = (np.array(stepped) - model.vector).T / 1e-6
    np.testing.assert_allclose(space.jacobian(point), slopes, atol=1e-5)


@pytest.mark.parametrize("restricted", [False, True])
def test_the_exact_objective_has_its_gradient(restricted):
    model = mt.ARFIMA(X, (1, 0), seasonal_order=(1, 1, 4))
    likelihood = ExactLikelihood(model.design.level(0), restricted)
    point = model.space.point(model_of(PROCESS))
    value, gradient = likelihood.objective(point, model.space)
    for axis, slope in zip(np.eye(len(point)), gradient, strict=True):
        up, down = (likelihood.objective(point + s * 1e-5 * axis, model.space)[0] for s in (1, -1))
        assert (up - down) / 2e-5 == pytest.approx(slope, abs=1e-4 * (1.0 + abs(value)))


def test_whittle_sees_the_density_away_from_the_poles():
    likelihood = WhittleLikelihood(X, 1, Season(1, 1, 4))
    log_g, _ = likelihood.shape(model_of(PROCESS))
    density = PROCESS.spectral_density(likelihood.frequencies)
    np.testing.assert_allclose(np.exp(log_g), 2.0 * np.pi * density, rtol=1e-10)
    assert likelihood.weights.sum() == pytest.approx(1.0)
    # Zero, pi / 2 twice and pi are poles: of 160 ordinates 156 are left.
    assert likelihood.n_obs - 1 == 156


def test_loglike_is_that_of_the_process():
    model = mt.ARFIMA(X, (1, 0), trend="n", seasonal_order=(1, 1, 4))
    assert model.param_names == ("d", "ar.L1", "D", "ar.S.L4", "ma.S.L4", "sigma2")
    found = model.loglike([0.1, 0.4, 0.2, 0.3, 0.5, 1.0])
    assert found == pytest.approx(mt.gaussian_loglike(X, PROCESS.autocovariance(159)), abs=1e-8)


def test_whole_differences_are_statsmodels_sarimax():
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    orders = {"order": (1, 1, 0), "seasonal_order": (0, 1, 1, 4)}
    ours = mt.ARFIMA(SALES, orders["order"], None, "n", seasonal_order=orders["seasonal_order"])
    fit = ours.fit(bias_correction=False)
    params = fit.params[["ar.L1", "ma.S.L4", "sigma2"]]
    theirs = SARIMAX(SALES, **orders, simple_differencing=True)
    assert fit.llf == pytest.approx(theirs.loglike(params.to_numpy()), abs=1e-6)
    np.testing.assert_allclose(theirs.score(params.to_numpy()), 0.0, atol=1e-2)
    ahead = SARIMAX(SALES, **orders).filter(params.to_numpy()).get_forecast(9)
    future = fit.get_forecast(9)
    np.testing.assert_allclose(future.predicted_mean, ahead.predicted_mean, rtol=1e-5)
    np.testing.assert_allclose(future.se_mean, ahead.se_mean, rtol=1e-4)
    assert list(future.predicted_mean.index) == list(ahead.predicted_mean.index)
    assert len(fit.resid) == len(SALES) - 5


@pytest.mark.parametrize("method", ["exact", "whittle"])
def test_an_estimated_season_is_near_the_truth(method):
    truth = mt.SeasonalARFIMAProcess(d=0.1, period=4, seasonal_d=0.3)
    x = mt.simulate(truth, 1000, rng=5)
    fit = mt.ARFIMA(x, seasonal_order=(0, 0, 4)).fit(method)
    assert abs(fit.params["d"] - 0.1) < 3.0 * fit.bse["d"] < 0.15
    assert abs(fit.params["D"] - 0.3) < 3.0 * fit.bse["D"] < 0.15
    assert "x(0, D, 0, 4)" in fit.summary()
    assert fit.to_dict()["params"]["D"]["low"] < 0.3


def test_results_know_gaps_paths_and_new_values():
    gappy = SALES.copy()
    gappy.iloc[[30, 55]] = np.nan
    orders = {"seasonal_order": (0, 1, 1, 4)}
    fit, whole = (mt.ARFIMA(values, **orders).fit() for values in (gappy, SALES))
    assert fit.d == pytest.approx(whole.d, abs=0.1)
    assert fit.resid.isna().sum() == 2
    assert fit.simulate(8, rng=1, n_paths=3).shape == (8, 3)
    longer = whole.append(whole.forecast(4).to_numpy())
    np.testing.assert_allclose(longer.resid[-4:], 0.0, atol=1e-6)
    inside = whole.get_prediction(150, 163).predicted_mean
    np.testing.assert_allclose(inside[-4:], whole.forecast(4))


REFUSED = {
    "two numbers": ((1, 1), "seasonal_order must be"),
    "a period of one": ((1, 0, 1, 1), "seasonal_order must be"),
    "a third difference": ((1, 3, 1, 4), "D of seasonal_order must be"),
    "a long period": ((1, 0, 90), "endog must be 270"),
    "no tuple": (12, "seasonal_order must be"),
    "minus one": ((-1, 0, 4), "seasonal_order must be"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_other_orders_are_refused(kind):
    order, message = REFUSED[kind]
    with pytest.raises(mt.InvalidInputError, match=f"^{message}"):
        mt.ARFIMA(X, seasonal_order=order)


def test_what_a_season_does_not_have_is_refused():
    model = mt.ARFIMA(X, seasonal_order=(0, 0, 4))
    with pytest.raises(mt.InvalidInputError, match=r"^method must be 'exact' or 'whittle'"):
        model.fit("css")
    with pytest.raises(mt.InvalidInputError, match=r"^method must be 'wald'"):
        model.at([0.0, 0.1, 0.2, 1.0]).conf_int(method="profile")
    with pytest.raises(mt.InvalidInputError, match=r"^params must be D in"):
        model.loglike([0.0, 0.1, 0.6, 1.0])


def test_the_end_of_the_range_is_told():
    with pytest.warns(mt.ConvergenceWarning, match="D is at the end of its range"):
        mt.ARFIMA(SALES.diff().iloc[1:], seasonal_order=(0, 0, 4)).fit("whittle")


def test_the_interval_of_a_seasonal_d_ends_where_the_likelihood_ratio_rejects():
    """By fits with D held there."""
    x = mt.simulate(mt.SeasonalARFIMAProcess(d=0.1, period=4, seasonal_d=0.1), 200, rng=11)
    fit = mt.ARFIMA(x, seasonal_order=(0, 1, 4), integration=0).fit()
    level = fit.model.design.level(0)
    likelihood = ExactLikelihood(level, restricted=True)

    def least(fit):
        return likelihood.value(likelihood.profile(fit.dynamics))

    for end in fit.conf_int().loc["D"]:
        held = mt.ARFIMA(x, seasonal_order=(0, float(end), 1, 4), integration=0).fit()
        assert 2.0 * (least(held) - least(fit)) == pytest.approx(1.959964**2, abs=0.02)
    assert fit.profiled == ["d", "D", "ma.S.L4"]
    assert mt.ARFIMA(x, seasonal_order=(1, 1, 4), integration=0).fit().profiled == []
    assert "of d, D, ma.S.L4: likelihood ratios" in " ".join(fit.summary().split())


@pytest.mark.parametrize("seasonal_order", [(0, 1, 4), (0, 1, 1, 4)])
def test_intervals_of_a_season_hold_the_estimates_and_agree_with_the_p_values(seasonal_order):
    """Of differenced series too, whose d and D are those of the series itself."""
    x = np.cumsum(mt.simulate(mt.ARFIMAProcess(d=-0.2), 160, rng=3))
    fit = mt.ARFIMA(x, seasonal_order=seasonal_order).fit()
    table = fit.conf_int().loc[fit.profiled]
    inside = (table[0] < fit.params[fit.profiled]) & (fit.params[fit.profiled] < table[1])
    assert inside.all()
    holds_zero = (table[0] < 0.0) & (table[1] > 0.0)
    assert (holds_zero == (fit.pvalues[fit.profiled] > 0.05)).all()
