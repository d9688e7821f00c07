"""Figures of one series: the numbers of the result are in the artists."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.dates import date2num

import memtools as mt
from memtools import plotting
from tests.plotting.drawn import area, bars, legend, line


def test_series_with_rolling_mean(portrait, ax):
    assert plotting.plot_series(portrait, ax=ax) is ax
    days = line(ax, "observations")
    np.testing.assert_array_equal(days.get_xdata(), portrait.index)
    np.testing.assert_array_equal(days.get_ydata(), portrait.values)
    np.testing.assert_array_equal(line(ax, "mean over").get_ydata(), portrait.rolling_mean)
    assert legend(ax) == ["observations", f"mean over {portrait.mean_window} observations"]
    assert (ax.get_title(), ax.get_xlabel()) == ("flow", "date")
    assert "units of the series" in ax.get_ylabel()


@pytest.mark.parametrize(
    ("index", "label", "first"),
    [
        (None, "observation", 0),
        (np.arange(600), "observation", 0),
        (np.arange(1871, 2471), "time", 1871),
        (np.array([f"day {i}" for i in range(600)]), "observation", 0),
        (pd.period_range("0622", periods=600, freq="Y"), "date", np.datetime64("0622-01-01")),
        (pd.period_range("1990", periods=600, freq="M"), "date", np.datetime64("1990-01-01")),
        (
            pd.date_range("2020", periods=600, tz="Europe/Paris"),
            "date",
            np.datetime64("2020-01-01"),
        ),
    ],
)
def test_time_axis_follows_the_index(portrait, ax, index, label, first):
    plotting.plot_series(replace(portrait, index=index), ax=ax)
    assert ax.get_xlabel() == label
    assert line(ax, "observations").get_xdata()[0] == first
    ax.get_figure().draw_without_rendering()


def test_acf_has_three_bands_and_what_two_models_imply(portrait, ax):
    shown = portrait.correlogram
    assert plotting.plot_acf(shown, ax=ax) is ax
    lags, heights = bars(ax)
    np.testing.assert_array_equal(lags, np.arange(1, shown.n_lags + 1))
    np.testing.assert_array_equal(heights, shown.values[1:])
    at, low, high = area(ax, "long memory 95%")
    np.testing.assert_array_equal(at, lags)
    np.testing.assert_array_equal(low, shown.bands["long-memory"][0][1:])
    np.testing.assert_array_equal(high, shown.bands["long-memory"][1][1:])
    for start, kind in [("white noise 95%", "white"), ("Bartlett 95%", "bartlett")]:
        np.testing.assert_array_equal(line(ax, start).get_ydata(), shown.bands[kind][1][1:])
    for model, law in shown.implied.items():
        np.testing.assert_array_equal(line(ax, model).get_ydata(), law[1:])
    assert len(legend(ax)) == 6
    assert ax.get_xlabel() == "lag (observations)"
    assert ax.get_title() == "ACF of flow"


def test_acf_without_laws_or_long_memory_band(portrait, ax):
    full = portrait.correlogram
    bands = {"white": full.bands["white"]}
    bare = replace(full, bands=bands, d=None, implied={})
    plotting.plot_acf(bare, ax=ax)
    assert legend(ax) == ["white noise 95%", "autocorrelation"]
    plotting.plot_absolute_sums(bare, ax=ax)
    ax.clear()
    plotting.plot_log_acf(bare, ax=ax)
    assert legend(ax) == ["positive", "negative, absolute value", "white noise 95%"]


def test_a_law_that_runs_off_does_not_squeeze_the_data(portrait, ax):
    far = {"long memory: far off": 1e6 * portrait.correlogram.values}
    plotting.plot_acf(replace(portrait.correlogram, implied=far), ax=ax)
    assert ax.get_ylim()[1] < 1.2


def test_log_acf_tells_signs_apart(portrait, ax):
    shown = portrait.correlogram
    assert plotting.plot_log_acf(shown, ax=ax) is ax
    values = shown.values[1:]
    np.testing.assert_array_equal(line(ax, "positive").get_ydata(), values[values > 0.0])
    negative = line(ax, "negative")
    np.testing.assert_array_equal(negative.get_ydata(), -values[values < 0.0])
    assert negative.get_markerfacecolor() == "none"
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert set(shown.implied) <= set(legend(ax))


def test_pacf(portrait, ax):
    assert plotting.plot_pacf(portrait.correlogram, ax=ax) is ax
    lags, heights = bars(ax)
    np.testing.assert_array_equal(heights, portrait.correlogram.partial[1:])
    assert len(line(ax, "white noise").get_ydata()) == len(lags)


def test_absolute_sums_stand_beside_those_implied(portrait, ax):
    shown = portrait.correlogram
    assert plotting.plot_absolute_sums(shown, ax=ax) is ax
    np.testing.assert_array_equal(line(ax, "sample").get_ydata(), shown.absolute_sums)
    for model, law in shown.implied.items():
        np.testing.assert_allclose(line(ax, model).get_ydata(), np.cumsum(np.abs(law)))


def test_log_periodogram_lines_end_at_their_bandwidths(portrait, ax):
    assert plotting.plot_log_periodogram(portrait, ax=ax) is ax
    for start, estimate in [
        ("GPH", portrait.log_periodogram),
        ("local Whittle", portrait.local_whittle),
    ]:
        drawn = line(ax, start)
        x, y = drawn.get_xdata(), drawn.get_ydata()
        slope = np.diff(np.log(y)) / np.diff(np.log(x))
        assert slope[0] == pytest.approx(-2.0 * estimate.d)
        assert math.log(y[0]) == pytest.approx(
            estimate.details["intercept"] - 2.0 * estimate.d * math.log(x[0])
        )
        end = 2.0 * math.pi * estimate.bandwidth / portrait.periodogram.n_obs
        assert x[1] == pytest.approx(end)
        assert any(np.allclose(item.get_xdata(), end) for item in ax.get_lines())
        assert f"m = {estimate.bandwidth}" in drawn.get_label()
    n_drawn = sum(len(line(ax, start).get_xdata()) for start in ("ordinates", "other"))
    assert n_drawn == np.sum(portrait.periodogram.power > 0.0)
    assert len(line(ax, "ordinates").get_xdata()) == portrait.local_whittle.bandwidth
    assert ax.get_xlabel() == "frequency (radians per observation)"
    assert ax.child_axes[0].get_xlabel() == "period (observations)"


def test_spectrum_of_a_portrait_and_alone(portrait, ax):
    assert plotting.plot_spectrum(portrait, ax=ax) is ax
    for start, spectrum in [
        ("periodogram", portrait.periodogram),
        ("smoothed", portrait.smoothed),
        ("ARFIMA", portrait.model),
    ]:
        np.testing.assert_array_equal(line(ax, start).get_ydata(), spectrum.power)
    ax.clear()
    plotting.plot_spectrum(portrait.smoothed, ax=ax)
    (text,) = legend(ax)
    assert text.startswith("Smoothed periodogram (parzen")
    ax.clear()
    plotting.plot_spectrum(replace(portrait, model=None), ax=ax)
    assert len(legend(ax)) == 2


def test_spectrum_leaves_out_ordinates_without_power(ax):
    spectrum = mt.periodogram([1.0, -1.0] * 8)
    plotting.plot_spectrum(spectrum, ax=ax)
    assert (line(ax, "Periodogram").get_ydata() > 0.0).all()


def test_bandwidth_curve(portrait, ax):
    curve = portrait.bandwidth_curve
    assert plotting.plot_bandwidth_curve(curve, ax=ax) is ax
    np.testing.assert_array_equal(line(ax, "estimate").get_ydata(), curve.d)
    np.testing.assert_array_equal(line(ax, "95% interval").get_ydata(), curve.high)
    at, low, high = area(ax, "95% band")
    np.testing.assert_array_equal(at, curve.bandwidths)
    np.testing.assert_array_equal(low, curve.band_low)
    np.testing.assert_array_equal(high, curve.band_high)
    assert set(line(ax, f"default m = {curve.chosen}").get_xdata()) == {curve.chosen}
    assert "Fourier ordinates" in ax.get_xlabel()


def test_scaling(portrait, ax):
    for estimate in portrait.scaling.values():
        ax.clear()
        assert plotting.plot_scaling(estimate, ax=ax) is ax
        np.testing.assert_array_equal(line(ax, "average").get_ydata(), estimate.statistics)
        np.testing.assert_array_equal(line(ax, "single").get_ydata(), estimate.pox)
        fit = line(ax, "fit, slope")
        np.testing.assert_allclose(fit.get_xdata(), estimate.fitted)
        slope = np.diff(np.log(fit.get_ydata())) / np.diff(np.log(fit.get_xdata()))
        assert slope[0] == pytest.approx(estimate.slope)
        assert ax.get_ylabel() == estimate.ordinate


def test_an_interval_that_tells_nothing_runs_off_the_forest(portrait, ax):
    vague = replace(portrait.report.estimates["gph"], stderr=40.0)
    estimates = portrait.report.estimates | {"gph": vague}
    plotting.plot_estimates(replace(portrait.report, estimates=estimates), ax=ax)
    low, high = ax.get_xlim()
    assert -3.0 < low < 0.0 < 0.5 < high < 4.0


def test_forest_of_estimates(portrait, ax):
    report = portrait.report
    assert plotting.plot_estimates(report, ax=ax, level=0.8) is ax
    labels = [text.get_text() for text in ax.get_yticklabels()]
    assert labels == [*report.estimates, "weighed explanations"]
    points = {}
    for container in ax.containers:
        points |= dict(zip(container[0].get_ydata(), container[0].get_xdata(), strict=True))
    expected = [row["d"] for row in report.rows()]
    np.testing.assert_array_equal([points[i] for i in range(len(labels))], expected)
    ends = np.concatenate([c[2][0].get_segments() for c in ax.containers])
    at = dict(zip(ends[:, 0, 1], ends[:, :, 0], strict=True))
    rows = report.rows(0.8)
    for i, row in enumerate(rows):
        np.testing.assert_allclose(at[i], [row["low"], row["high"]])
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    assert "80%" in ax.get_xlabel()


def test_worlds_are_drawn_with_their_weights(portrait, ax):
    report = portrait.report
    assert plotting.plot_worlds(report, ax=ax) is ax
    shown = [row for row in report.explanations if row.weight >= 0.01]
    assert [text.get_text() for text in ax.texts] == [row.world for row in shown]
    widths = {round(bar.get_y() + 0.4): bar.get_width() for bar in ax.patches}
    expected = [100.0 * row.weight for row in shown]
    np.testing.assert_allclose([widths[i] for i in range(len(shown))], expected)
    assert any(text.startswith(shown[0].says) for text in legend(ax))


def test_panel_is_drawn_in_the_order_of_d(ax):
    x = mt.simulate(mt.ARFIMAProcess(d=0.4), 300, n_paths=3, rng=1)
    report = mt.estimate_panel({"a": x[0], "b": x[1] ** 2, "c": np.diff(x[2]), "d": [1.0] * 50})
    assert plotting.plot_panel(report, ax=ax) is ax
    names = [text.get_text() for text in ax.get_yticklabels()]
    known = sorted((row for row in report.rows if row.d == row.d), key=lambda row: row.d)
    assert names == [row.name for row in known]


def test_rolling_memory(portrait, ax):
    rolling = portrait.rolling
    assert plotting.plot_rolling_memory(rolling, ax=ax, index=portrait.index) is ax
    drawn = line(ax, "window of")
    np.testing.assert_array_equal(drawn.get_xdata(), portrait.index[rolling.ends])
    np.testing.assert_array_equal(drawn.get_ydata(), rolling.d)
    at, low, high = area(ax, "95% range")
    np.testing.assert_allclose(at, date2num(portrait.index[rolling.ends]))
    np.testing.assert_allclose(high - low, 2.0 * rolling.critical * rolling.stderr)
    assert ax.get_xlabel() == "end of the window"


def test_rolling_alarms(portrait, ax):
    alarms = np.arange(len(portrait.rolling.d)) % 2 == 0
    rolling = replace(portrait.rolling, alarms=alarms)
    plotting.plot_rolling_memory(rolling, ax=ax)
    dates = portrait.rolling.index[rolling.ends[alarms]].to_numpy()
    np.testing.assert_array_equal(line(ax, "alarm").get_xdata(), dates)
    assert ax.get_xlabel() == "end of the window"
    with pytest.raises(mt.InvalidInputError, match="index must be of"):
        plotting.plot_rolling_memory(rolling, ax=ax, index=[1, 2])
