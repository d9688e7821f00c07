"""Forecasts of ARFIMA models against dense conditional moments and R; indexes, new data."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import memtools as mt
from tests import arfima_reference

GOLDEN = Path(__file__).parent / "golden" / "arfima_r.json"
CASES = [(0.3, [], []), (-0.3, [0.5], []), (0.4, [0.5], [-0.3])]


def path(n_obs=100, d=0.3, seed=1):
    return mt.simulate(mt.ARFIMAProcess(d=d), n_obs, rng=seed)


@pytest.mark.parametrize(("d", "ar", "ma"), CASES)
def test_forecasts_are_conditional_moments(d, ar, ma):
    x = path(60)
    acvf = 2.0 * arfima_reference.autocovariance(d, ar, ma, 72)
    model = mt.ARFIMA(x, (len(ar), len(ma)), trend="n")
    found = model.at([d, *ar, *ma, 2.0]).get_forecast(12)
    mean, covariance = arfima_reference.conditional_moments(acvf, x, 12)
    np.testing.assert_allclose(found.predicted_mean, mean, atol=1e-7)
    np.testing.assert_allclose(found.var_pred_mean, np.diag(covariance), rtol=1e-7)
    assert found.se_mean[-1] > found.se_mean[0]


def test_forecasts_are_those_of_r(series):
    for case in json.loads(GOLDEN.read_text())["values"]["forecasts"]:
        x = series(case["series"]) - case["mean"]
        model = mt.ARFIMA(x, (len(case["ar"]), len(case["ma"])), trend="n")
        params = [case["d"], *case["ar"], *case["ma"], case["sigma2"]]
        found = model.at(params).get_forecast(len(case["forecast"]))
        np.testing.assert_allclose(found.predicted_mean + case["mean"], case["forecast"], rtol=1e-7)
        np.testing.assert_allclose(found.se_mean, case["stderr"], rtol=1e-7)


def test_regression_adds_its_own_error():
    # Universal kriging: with a constant, BLUP error exceeds that with the mean known.
    x = path(50)
    acvf = arfima_reference.autocovariance(0.3, [], [], 55)
    known = mt.ARFIMA(x, (0, 0), trend="n").at([0.3, 1.0]).get_forecast(5)
    beta = mt.ARFIMA(x, (0, 0)).fit().params["const"]
    estimated = mt.ARFIMA(x, (0, 0)).at([beta, 0.3, 1.0]).get_forecast(5)
    whole = acvf[np.abs(np.subtract.outer(np.arange(55), np.arange(55)))]
    inverse = np.linalg.inv(whole[:50, :50])
    missed = 1.0 - whole[50:, :50] @ inverse @ np.ones(50)
    extra = missed**2 / inverse.sum()
    np.testing.assert_allclose(estimated.var_pred_mean, known.var_pred_mean + extra, rtol=1e-7)


def test_forecasts_of_differences_are_summed():
    x = np.cumsum(path(80, 0.2)) + 50.0
    levels = mt.ARFIMA(x, (0, 0)).at([1.2, 1.5]).get_forecast(6)
    steps = mt.ARFIMA(np.diff(x), (0, 0), trend="n").at([0.2, 1.5])
    expected = x[-1] + np.cumsum(steps.forecast(6))
    np.testing.assert_allclose(levels.predicted_mean, expected, rtol=1e-12)
    acvf = 1.5 * arfima_reference.autocovariance(0.2, [], [], 85)
    _, covariance = arfima_reference.conditional_moments(acvf, np.diff(x), 6)
    sums = np.tril(np.ones((6, 6)))
    np.testing.assert_allclose(levels.var_pred_mean, np.diag(sums @ covariance @ sums.T), rtol=1e-7)


def test_one_step_predictions_are_forecasts_of_the_part_before():
    x = path(60) + 5.0
    params = [5.2, 0.3, 1.0]
    whole = mt.ARFIMA(x, (0, 0)).at(params)
    for n_obs in (20, 41, 59):
        part = mt.ARFIMA(x[:n_obs], (0, 0)).at(params)
        assert whole.fittedvalues[n_obs] == pytest.approx(part.forecast(1)[0], abs=1e-10)
    np.testing.assert_allclose(whole.predict(58, 61)[-2:], whole.forecast(2))
    np.testing.assert_allclose(whole.predict(10, 12), whole.fittedvalues[10:13])
    np.testing.assert_allclose(whole.predict(61, 61), whole.forecast(2)[1:])


@pytest.mark.parametrize(
    ("index", "following"),
    [
        (pd.RangeIndex(100), [100, 101]),
        (pd.Index(np.arange(1800, 1900)), [1900, 1901]),
        (pd.period_range("2000-01", periods=100, freq="M"), ["2008-05", "2008-06"]),
        (pd.date_range("2000-01-31", periods=100, freq="ME"), ["2008-05-31", "2008-06-30"]),
        (pd.bdate_range("2024-01-01", periods=100), ["2024-05-20", "2024-05-21"]),
        (pd.Index(list("ab" * 50)), [100, 101]),
    ],
)
def test_the_index_goes_on(index, following):
    fit = mt.ARFIMA(pd.Series(path(), index), (0, 0)).at([0.0, 0.3, 1.0])
    found = fit.forecast(2).index
    expected = following
    if isinstance(index, pd.PeriodIndex):
        expected = list(pd.PeriodIndex(following, freq="M"))
    elif isinstance(index, pd.DatetimeIndex):
        expected = list(pd.DatetimeIndex(following))
    assert list(found) == list(expected)
    ends = fit.get_forecast(2).conf_int(0.1)
    assert list(ends.index) == list(found)
    assert fit.simulate(2, rng=1).index.equals(found)


def test_arrays_give_arrays():
    fit = mt.ARFIMA(path(), (0, 0)).fit()
    assert type(fit.forecast(3)) is np.ndarray
    assert fit.get_forecast(3).conf_int(0.2).shape == (3, 2)
    assert type(fit.resid) is np.ndarray


def test_append_is_the_fit_of_nothing_and_the_data_of_all():
    x = pd.Series(path(120), pd.period_range("2000", periods=120, freq="Q"))
    fit = mt.ARFIMA(x[:100], (1, 0)).fit()
    longer = fit.append(x[100:])
    pd.testing.assert_series_equal(longer.params, fit.params)
    pd.testing.assert_series_equal(longer.bse, fit.bse)
    assert longer.model.n_obs == 120
    np.testing.assert_allclose(longer.resid[:100], fit.resid)
    assert longer.resid.iloc[100] == pytest.approx(x.iloc[100] - fit.forecast(1).iloc[0])
    np.testing.assert_allclose(fit.append(x[100:].to_numpy()).resid, longer.resid)
    np.testing.assert_allclose(fit.apply(x).resid, longer.resid)
    assert longer.conf_int().equals(fit.conf_int())


def test_append_refuses_the_past():
    x = pd.Series(path(), pd.period_range("2000", periods=100, freq="Q"))
    fit = mt.ARFIMA(x, (0, 0)).fit()
    with pytest.raises(mt.InvalidInputError, match="endog must be with an index after"):
        fit.append(x[50:])


def test_paths_have_the_moments_of_the_forecast():
    fit = mt.ARFIMA(path(), (0, 0), trend="n").at([0.3, 1.0])
    forecast = fit.get_forecast(4)
    paths = fit.simulate(4, rng=5, n_paths=4000)
    error = forecast.se_mean / np.sqrt(4000)
    assert np.all(np.abs(paths.mean(axis=1) - forecast.predicted_mean) < 4 * error)
    np.testing.assert_allclose(paths.std(axis=1), forecast.se_mean, rtol=0.06)  # 4 / sqrt(2 n)
    assert np.array_equal(fit.simulate(4, rng=5), fit.simulate(4, rng=5))


def test_regressors_of_the_future():
    rng = np.random.default_rng(1)
    exog = pd.DataFrame({"a": rng.standard_normal(102), "b": rng.standard_normal(102)})
    y = pd.Series(path(102) + 3.0 * exog["a"])
    fit = mt.ARFIMA(y[:100], (0, 0), exog[:100]).fit()
    base = fit.forecast(2, exog[100:])
    shifted = exog[100:].assign(a=exog["a"] + 1.0)
    np.testing.assert_allclose(fit.forecast(2, shifted) - base, fit.params["a"])
    np.testing.assert_allclose(fit.forecast(2, exog[100:][["b", "a"]]), base)  # by name
    assert fit.append(y[100:], exog[100:]).model.n_obs == 102


def test_drift_goes_on_after_differences():
    t = np.arange(200.0)
    y = np.cumsum(path(200, 0.2)) + 2.0 * t
    fit = mt.ARFIMA(y, (0, 0), trend="ct").at([2.0, 1.2, 1.0])
    flat = mt.ARFIMA(y - 2.0 * t, (0, 0), trend="n").at([1.2, 1.0])
    expected = flat.forecast(5) + 2.0 * np.arange(200, 205)
    np.testing.assert_allclose(fit.forecast(5), expected)


def test_tables_and_plain_types():
    forecast = mt.ARFIMA(path(), (0, 0)).fit().get_forecast(2)
    frame = forecast.summary_frame()
    assert list(frame.columns) == ["mean", "mean_se", "mean_ci_lower", "mean_ci_upper"]
    assert json.loads(json.dumps(forecast.to_dict()))["mean"] == list(forecast.predicted_mean)
    assert "mean_se" in forecast.summary()


def test_newest_first_is_turned_round():
    x = pd.Series(path(), pd.date_range("2001-01-01", periods=100))
    fit, backwards = mt.ARFIMA(x).fit(), mt.ARFIMA(x[::-1]).fit()
    pd.testing.assert_series_equal(backwards.forecast(3), fit.forecast(3))
    assert "newest first: turned round, from 2001-01-01 to 2001-04-10" in backwards.notes
    years = pd.Series(path(), range(1901, 2001))
    assert list(mt.ARFIMA(years[::-1]).fit().forecast(2).index) == [2001, 2002]
    shuffled = x.iloc[[1, 0, *range(2, 100)]]
    with pytest.raises(mt.InvalidInputError, match="2001-01-01 after 2001-01-02 at position 1"):
        mt.ARFIMA(shuffled)
    with pytest.raises(mt.InvalidInputError, match="2001-01-02 a second time at position 2"):
        mt.ARFIMA(x.iloc[[0, 1, 1, *range(2, 100)]])


def test_weekdays_with_holidays_go_on_as_weekdays():
    days = pd.bdate_range("2001-01-01", periods=105).delete([10, 44, 45, 70, 99])
    fit = mt.ARFIMA(pd.Series(path(), days)).fit()
    assert [day.weekday() for day in fit.forecast(6).index] == [0, 1, 2, 3, 4, 0]


def test_an_index_that_nothing_follows_gives_positions():
    labels = pd.Series(path(), [f"s{i}" for i in range(100)])
    assert list(mt.ARFIMA(labels).fit().forecast(2).index) == [100, 101]
