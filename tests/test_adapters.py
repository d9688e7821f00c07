"""memtools inside scikit-learn, sktime and pandas, held by their own checks."""

import warnings

import numpy as np
import pandas as pd
import pytest

import memtools as mt
from memtools import adapters


def test_scikit_learns_own_checks():
    checks = pytest.importorskip("sklearn.utils.estimator_checks")
    order = "a row depends on the rows before it"
    declared = {
        "check_methods_sample_order_invariance": order,
        "check_methods_subset_invariance": order,
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        told = checks.check_estimator(
            adapters.FractionalDifference(d=0.4),
            expected_failed_checks=declared, on_skip=None,
        )  # fmt: skip
    assert {one["check_name"] for one in told if one["status"] == "xfail"} == set(declared)
    assert len(told) > 40


def test_fractional_differences_are_ours_and_come_back():
    pytest.importorskip("sklearn")
    x = np.random.default_rng(1).standard_normal((50, 2)).cumsum(axis=0)
    step = adapters.FractionalDifference(d=0.7).fit(x[:10])
    np.testing.assert_array_equal(step.transform(x), mt.fracdiff(x, 0.7, axis=0))
    np.testing.assert_allclose(step.inverse_transform(step.transform(x)), x)


def test_in_a_pipeline_with_frames():
    pipeline = pytest.importorskip("sklearn.pipeline")
    x = pd.DataFrame({"a": np.arange(30.0), "b": np.arange(30.0) ** 0.5})
    whole = pipeline.make_pipeline(adapters.FractionalDifference(0.4)).set_output(
        transform="pandas"
    )
    assert list(whole.fit_transform(x).columns) == ["a", "b"]


def test_features_are_the_estimates():
    pytest.importorskip("sklearn")
    x = mt.simulate(mt.ARFIMAProcess(d=0.3), 300, n_paths=4, rng=1)
    features = adapters.MemoryFeatures(("gph", "exact_local_whittle"))
    found = features.fit_transform(x)
    np.testing.assert_allclose(found[:, 0], [mt.gph(row).d for row in x])
    assert list(features.get_feature_names_out()) == ["d_gph", "d_exact_local_whittle"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_sktimes_own_checks():
    checks = pytest.importorskip("sktime.utils.estimator_checks")
    # Regressors that explain the series without rest, and 15 observations, are refused.
    without = ["test_update_with_exogenous_variables", "test_predict_series_name_preserved"]
    forecaster = adapters.ARFIMAForecaster
    told = checks.check_estimator(forecaster, tests_to_exclude=without, verbose=False)
    assert len(told) > 100
    assert set(told.values()) == {"PASSED"}


@pytest.mark.filterwarnings("ignore")
def test_the_forecaster_forecasts_as_the_model():
    pytest.importorskip("sktime")
    flow = mt.datasets.load("nile")
    flow.index = pd.PeriodIndex(flow.index, freq="Y")
    forecaster = adapters.ARFIMAForecaster(order=(1, 0)).fit(flow, fh=[1, 3])
    own = mt.ARFIMA(flow.to_numpy(), (1, 0)).fit().get_forecast(3)
    np.testing.assert_allclose(forecaster.predict(), own.predicted_mean[[0, 2]])
    ends = forecaster.predict_interval(coverage=0.9)
    np.testing.assert_allclose(ends, own.conf_int(0.1)[[0, 2]])


def test_the_accessor_of_a_series():
    flow = mt.datasets.load("nile")
    assert flow.memory.estimate().verdict == mt.estimate(flow).verdict
    assert flow.memory.d("gph", bandwidth=20) == mt.gph(flow, 20)
    pd.testing.assert_series_equal(flow.memory.fracdiff(0.4), mt.fracdiff(flow, 0.4))
    with pytest.raises(mt.InvalidInputError, match=r"^estimator must be one of .*; got 'gphh'"):
        flow.memory.d("gphh")


def test_the_accessor_of_a_frame():
    frame = pd.DataFrame(np.random.default_rng(1).standard_normal((100, 2)), columns=["a", "b"])
    assert list(frame.memory.estimate().to_frame().index) == ["a", "b"]
    pd.testing.assert_frame_equal(frame.memory.fracdiff(0.4), mt.fracdiff(frame, 0.4))


@pytest.mark.parametrize("name", ["ARFIMAForecaster", "FractionalDifference"])
def test_what_is_missing_is_named(name, monkeypatch):
    package = {"ARFIMAForecaster": "sktime", "FractionalDifference": "scikit-learn"}[name]
    for module in ("sktime", "sktime.forecasting.base", "sklearn", "sklearn.base"):
        monkeypatch.setitem(__import__("sys").modules, module, None)
    for module in ("forecaster", "transformers"):
        monkeypatch.delitem(__import__("sys").modules, f"memtools.adapters.{module}", False)
        monkeypatch.delattr(adapters, module, raising=False)
    with pytest.raises(mt.MissingDependencyError, match=f"pip install {package}"):
        getattr(adapters, name)
