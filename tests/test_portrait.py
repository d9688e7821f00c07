"""Correlograms and portraits: what the figures are drawn from."""

import math

import numpy as np
import pandas as pd
import pytest

import memtools as mt
from memtools.exceptions import InvalidInputError
from memtools.portrait import _expected


@pytest.fixture
def x():
    return mt.simulate(mt.ARFIMAProcess(d=0.35), 600, rng=8)


def test_correlogram_is_made_of_the_primitives(x):
    found = mt.correlogram(x, n_lags=30, d=0.35)
    np.testing.assert_array_equal(found.values, mt.autocorrelation(x, 30))
    np.testing.assert_array_equal(found.partial, mt.partial_autocorrelation(x, 30))
    for kind, d in [("white", None), ("bartlett", None), ("long-memory", 0.35)]:
        expected = mt.autocorrelation_band(x, 30, kind, d)
        np.testing.assert_array_equal(found.bands[kind], expected)
    assert found.absolute_sums[-1] == pytest.approx(sum(abs(r) for r in found.values))
    frame = found.to_frame()
    assert list(frame.columns[:2]) == ["acf", "pacf"]
    assert len(frame) == 31


def test_implied_autocorrelations_are_those_of_the_sample_on_average():
    process = mt.ARFIMAProcess(d=0.3)
    paths = mt.simulate(process, 300, n_paths=400, rng=5)
    centred = paths - paths.mean(axis=1, keepdims=True)
    products = [(centred[:, k:] * centred[:, : 300 - k]).sum(axis=1).mean() for k in range(21)]
    expected = _expected(process, 300, 20)
    np.testing.assert_allclose(expected, np.array(products) / products[0], atol=0.02)


def test_both_rival_models_are_drawn(x):
    found = mt.correlogram(x, n_lags=30)
    assert [name.split(":")[0] for name in found.implied] == ["long memory", "short memory"]
    assert all(len(law) == 31 and law[0] == 1.0 for law in found.implied.values())


def test_no_long_memory_band_beyond_one_half():
    walk = np.cumsum(np.random.default_rng(2).standard_normal(500))
    found = mt.correlogram(walk)
    assert sorted(found.bands) == ["bartlett", "white"]
    assert found.d is None


def test_portrait_tells_what_estimate_tells(x):
    dates = pd.date_range("2001-01-01", periods=len(x), freq="D")
    series = pd.Series(x, index=dates, name="flow")
    portrait = mt.portray(series)
    report = mt.estimate(series)
    assert portrait.name == "flow"
    assert portrait.report.to_dict() == report.to_dict()
    assert portrait.summary() == report.summary()
    np.testing.assert_array_equal(portrait.index, dates.to_numpy())
    np.testing.assert_array_equal(portrait.values, x)
    half = portrait.mean_window // 2
    assert portrait.rolling_mean[half] == pytest.approx(x[: portrait.mean_window].mean())
    assert np.isnan(portrait.rolling_mean[[0, -1]]).all()
    assert set(portrait.scaling) == {
        "aggregated_variance",
        "rescaled_range",
        "detrended_fluctuation",
    }


def test_lines_go_through_the_ordinates(x):
    portrait = mt.portray(x)
    for line in (portrait.log_periodogram, portrait.local_whittle):
        spectrum = portrait.periodogram
        m = line.bandwidth
        height = line.details["intercept"] - 2.0 * line.d * np.log(spectrum.frequencies[:m])
        # Around the expectation of an exponential variable of mean one.
        ratio = spectrum.power[:m] / np.exp(height)
        assert abs(ratio.mean() - 1.0) < 5.0 / math.sqrt(m)


def test_model_spectrum_integrates_to_the_variance(x):
    portrait = mt.portray(x)
    model = portrait.model
    assert model.method.startswith("ARFIMA(")
    ratio = portrait.periodogram.power / model.power
    assert abs(ratio.mean() - 1.0) < 0.1


@pytest.mark.parametrize("n_obs", [64, 65, 128, 255, 256])
def test_short_series(n_obs):
    portrait = mt.portray(np.random.default_rng(n_obs).standard_normal(n_obs))
    assert (portrait.rolling is None) == (n_obs < 256)
    assert portrait.to_dict()["name"] == "series"


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: mt.portray(np.arange(31.0)), "at least 32 observations"),
        (lambda: mt.portray(np.ones(100)), "x must"),
        (lambda: mt.correlogram(np.arange(50.0), n_lags=50), "n_lags must be"),
        (lambda: mt.correlogram([1.0, math.nan] * 10), "x must be finite"),
    ],
)
def test_bad_input_is_refused(call, text):
    with pytest.raises(InvalidInputError, match=text):
        call()
