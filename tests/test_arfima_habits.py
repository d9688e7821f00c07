"""What users of statsmodels' ARIMA do works here: orders with a d, predictions, new values."""

import warnings

import numpy as np
import pytest

import memtools as mt

FLOW = mt.datasets.load("nile")


@pytest.mark.parametrize("order", [(1, 1, 0), (0, 1, 1), (1, 0, 1), (2, 0, 0), (1, 2, 0)])
def test_a_whole_d_is_arima(order):
    """statsmodels' likelihood of the differences; ours counts them all, so does this one."""
    arima = pytest.importorskip("statsmodels.tsa.arima.model")
    trend = "n" if order[1] else "c"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = arima.ARIMA(np.diff(FLOW, n=order[1]), order=(order[0], 0, order[2]), trend=trend)
        theirs = peer.fit(method_kwargs={"maxiter": 500, "pgtol": 1e-8})
    ours = mt.ARFIMA(FLOW, order, trend=trend).fit(bias_correction=False)
    assert ours.llf == pytest.approx(theirs.llf, abs=0.02)
    assert ours.llf > theirs.llf - 1e-6
    assert peer.loglike(ours.params.drop("d").to_numpy()) == pytest.approx(ours.llf, abs=1e-6)
    assert ours.aic - theirs.aic == pytest.approx(2.0 * (theirs.llf - ours.llf))


@pytest.mark.parametrize("method", ["exact", "whittle", "css"])
def test_a_given_d_is_held(method):
    fit = mt.ARFIMA(FLOW, (1, 0.3, 0)).fit(method)
    assert (fit.d, fit.bse["d"], tuple(fit.conf_int().loc["d"])) == (0.3, 0.0, (0.3, 0.3))
    assert fit.conf_int().drop("d").notna().all(axis=None)
    assert fit.df_model == 3
    assert "ARFIMA(1, 0.3, 0)" in fit.summary()
    assert fit.apply(FLOW[:80]).d == 0.3
    free = mt.ARFIMA(FLOW, (1, None, 0)).fit(method, bias_correction=False)
    best = mt.ARFIMA(FLOW, (1, free.d, 0)).fit(method, bias_correction=False)
    assert best.llf == pytest.approx(free.llf, abs=1e-4)
    np.testing.assert_allclose(best.ar, free.ar, atol=1e-3)


def test_a_given_d_leaves_no_profile():
    fit = mt.ARFIMA(FLOW, (0, 0.3, 0)).fit()
    with pytest.raises(mt.InvalidInputError, match=r"^method must be 'wald' .* where d is given"):
        fit.conf_int(method="profile")


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ((1, 5.0, 0), "^d of order must be"),
        ((1, "x", 0), "^d of order must be"),
        ((1, 0, 0, 0), r"^order must be \(p, q\) or \(p, d, q\)"),
        ((1.5, 0.2, 0), "^order must be"),
        (3, "^order must be"),
    ],
)
def test_orders_that_are_none(order, said):
    with pytest.raises(mt.InvalidInputError, match=said):
        mt.ARFIMA(FLOW, order)


def test_a_given_d_must_fit_the_differences_asked_for():
    with pytest.raises(mt.InvalidInputError, match=r"^order must be d in .*got d = 0.3"):
        mt.ARFIMA(FLOW, (0, 0.3, 0), integration=2)


def test_predictions_inside_and_after_the_sample():
    fit = mt.ARFIMA(FLOW, (1, 0)).fit()
    whole = fit.get_prediction()
    np.testing.assert_array_equal(whole.predicted_mean, fit.fittedvalues)
    z = (FLOW - whole.predicted_mean) / whole.se_mean
    np.testing.assert_allclose(z, fit.standardized_resid)
    across = fit.get_prediction(98, 102)
    assert list(across.conf_int().index) == list(range(1969, 1974))
    ahead = fit.get_forecast(3)
    np.testing.assert_allclose(across.se_mean[2:], ahead.se_mean)
    np.testing.assert_allclose(fit.predict(98, 102), across.predicted_mean)
    np.testing.assert_allclose(
        fit.get_prediction(101, 102).predicted_mean, ahead.predicted_mean[1:]
    )


def test_differenced_observations_have_no_prediction():
    fit = mt.ARFIMA(FLOW, (0, 1, 1)).fit()
    assert fit.get_prediction().predicted_mean.index[0] == 1872
    with pytest.raises(mt.InvalidInputError, match=r"^start must be"):
        fit.get_prediction(0)
