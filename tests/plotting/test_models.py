"""Figures of fitted models, networks, trainings and replications."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import memtools as mt
from memtools import plotting
from memtools.arfima.diagnostics import residual_diagnostics
from memtools.replication import MODELS, TABLE2
from tests.plotting.drawn import area, bars, legend, line


def test_diagnostics_of_a_fit(fit):
    figure = Figure(layout="constrained")
    panels = fit.plot_diagnostics(figure)
    assert panels.shape == (4,)
    assert list(panels) == figure.axes
    path, density, quantiles, correlogram = panels
    residuals = fit.standardized_resid
    np.testing.assert_array_equal(path.get_lines()[1].get_ydata(), residuals)
    assert path.get_xlabel() == "date"
    bins = sum(patch.get_width() * patch.get_height() for patch in density.patches)
    assert bins == pytest.approx(1.0)
    assert np.trapezoid(*line(density, "kernel").get_data()[::-1]) == pytest.approx(1.0, abs=0.01)
    np.testing.assert_array_equal(line(quantiles, "residuals").get_ydata(), np.sort(residuals))
    expected = mt.autocorrelation(residuals, len(bars(correlogram)[0]))
    np.testing.assert_allclose(bars(correlogram)[1], expected[1:], rtol=1e-10, atol=1e-13)


def test_standardised_residuals_have_unit_variance(fit):
    assert np.var(fit.standardized_resid) == pytest.approx(1.0, abs=0.02)
    assert fit.standardized_resid.index.equals(fit.resid.index)
    # The first prediction is the mean: its error varies as the series does.
    ratio = fit.resid.iloc[0] / fit.standardized_resid.iloc[0]
    model = mt.ARFIMAProcess(fit.ar, fit.d, fit.ma, fit.sigma2)
    assert ratio**2 == pytest.approx(model.autocovariance(0)[0])


def test_diagnostics_around_gaps(dated):
    gappy = dated.copy()
    gappy.iloc[[10, 11, 200]] = np.nan
    fit = mt.ARFIMA(gappy, (0, 0)).fit()
    shown = residual_diagnostics(fit)
    assert np.flatnonzero(np.isnan(shown.residuals)).tolist() == [10, 11, 200]
    assert len(shown.observed) == len(shown.normal_quantiles) == 597
    assert np.isfinite(shown.autocorrelations).all()
    assert "597 standardised residuals" in shown.summary()
    # After a gap of two the next prediction is worse than at the end.
    scale = (fit.resid / fit.standardized_resid).to_numpy()
    assert scale[12] > 1.01 * scale[-1]
    fit.plot_diagnostics(Figure())


def test_forecast_fan(fit, dated, ax):
    forecast = fit.get_forecast(20)
    assert plotting.plot_forecast(forecast, dated.iloc[-50:], ax=ax, levels=(0.9, 0.5)) is ax
    np.testing.assert_array_equal(line(ax, "forecast").get_ydata(), forecast.predicted_mean)
    assert (line(ax, "forecast").get_xdata() == forecast.predicted_mean.index).all()
    np.testing.assert_array_equal(line(ax, "observations").get_ydata(), dated.iloc[-50:])
    for level in (0.5, 0.9):
        _, low, high = area(ax, f"{100 * level:g}%")
        ends = forecast.confidence_interval(level)
        np.testing.assert_allclose(low, ends.low)
        np.testing.assert_allclose(high, ends.high)
    assert legend(ax) == ["observations", "90%", "50%", "forecast"]
    assert (ax.get_title(), ax.get_xlabel()) == ("Forecasts of flow", "date")


def test_forecast_after_a_history_with_gaps(fit, dated, ax):
    gappy = dated.copy()
    gappy.iloc[-5] = np.nan
    plotting.plot_forecast(fit.get_forecast(3), gappy, ax=ax)
    np.testing.assert_array_equal(line(ax, "observations").get_ydata(), gappy)


def test_forecast_without_labels_counts_steps(dated, ax):
    forecast = mt.ARFIMA(dated.to_numpy(), (0, 0)).fit(method="whittle").get_forecast(5)
    plotting.plot_forecast(forecast, dated.to_numpy()[-30:], ax=ax)
    np.testing.assert_array_equal(line(ax, "forecast").get_xdata(), [1, 2, 3, 4, 5])
    np.testing.assert_array_equal(line(ax, "observations").get_xdata(), np.arange(-29, 1))
    assert ax.get_xlabel() == "steps ahead (observations)"
    ax.clear()
    plotting.plot_forecast(forecast, ax=ax)
    assert legend(ax) == ["95%", "80%", "50%", "forecast"]


def test_forecast_of_irregular_dates_counts_steps(dated, ax):
    waits = np.random.default_rng(2).exponential(3600.0, len(dated))
    irregular = dated.set_axis(dated.index[0] + pd.to_timedelta(np.cumsum(waits), unit="s"))
    forecast = mt.ARFIMA(irregular, (0, 0)).fit(method="whittle").get_forecast(5)
    plotting.plot_forecast(forecast, irregular, ax=ax)
    assert ax.get_xlabel() == "steps ahead (observations)"


def test_forecast_of_years(ax):
    flow = mt.datasets.load("nile")
    forecast = mt.ARFIMA(flow, (0, 0)).fit(method="whittle").get_forecast(3)
    plotting.plot_forecast(forecast, flow, ax=ax)
    np.testing.assert_array_equal(line(ax, "forecast").get_xdata(), [1971, 1972, 1973])
    assert line(ax, "observations").get_xdata()[-1] == 1970


@pytest.mark.parametrize("scale", ["semilog", "loglog"])
def test_impulse_weights_with_laws_and_crossover(reports, ax, scale):
    report = reports["MRNN"]
    assert plotting.plot_impulse_weights(report, scale, ax=ax) is ax
    output, column = report.entry
    sizes = np.abs(report.impulse.values[:, output, column])[int(scale == "loglog") :]
    np.testing.assert_array_equal(line(ax, "weight").get_ydata(), sizes[sizes > 0.0])
    assert ax.get_yscale() == "log"
    assert ax.get_xscale() == ("log" if scale == "loglog" else "linear")
    crossover = line(ax, "crossover, lag")
    assert set(crossover.get_xdata()) == {report.decay.crossover_lag}
    drawn = line(ax, "power law (verdict)")
    curve = report.decay.curves["polynomial"]
    np.testing.assert_array_equal(drawn.get_ydata(), curve[drawn.get_xdata()])
    line(ax, "exponential")
    assert "|A_k|" in ax.get_ylabel()


def test_impulse_weights_alone(reports, ax):
    report = reports["LSTM"]
    plotting.plot_impulse_weights(report.impulse, ax=ax)
    assert not any("exponential" in text for text in legend(ax))
    ax.clear()
    plotting.plot_impulse_weights(report.impulse, ax=ax, decay=report.decay)
    assert any("exponential" in text for text in legend(ax))
    ax.clear()
    nothing = replace(report.impulse, values=np.zeros((30, 1, 1)), stderr=np.zeros((30, 1, 1)))
    plotting.plot_impulse_weights(nothing, "loglog", ax=ax)
    ax.get_figure().draw_without_rendering()


def test_overflowed_weights_are_left_out(ax):
    values = np.exp(np.linspace(0.0, 500.0, 40))[:, np.newaxis, np.newaxis]
    values[-1] = np.inf
    impulse = mt.ImpulseWeights(values=values, stderr=np.zeros_like(values), method="exact")
    plotting.plot_impulse_weights(impulse, ax=ax)
    assert len(line(ax, "weight").get_ydata()) == 39
    ax.get_figure().draw_without_rendering()


def test_noise_floor_is_the_standard_error(reports, ax):
    impulse = reports["LSTM"].impulse
    noisy = replace(impulse, stderr=np.full_like(impulse.values, 1e-3))
    plotting.plot_impulse_weights(noisy, ax=ax)
    _, _, high = area(ax, "below the standard error")
    np.testing.assert_allclose(high, 1e-3)


def test_eigenvalues_in_the_unit_disc(reports, ax):
    report = reports["RNN"]
    assert plotting.plot_eigenvalues(report, ax=ax) is ax
    drawn = line(ax, report.spectrum_of)
    np.testing.assert_array_equal(drawn.get_xdata(), report.eigenvalues.real)
    np.testing.assert_array_equal(drawn.get_ydata(), report.eigenvalues.imag)
    x, y = line(ax, "unit circle").get_data()
    np.testing.assert_allclose(x**2 + y**2, 1.0)
    assert ax.get_aspect() == 1.0


def test_networks_without_eigenvalues_or_gates_say_so(reports, ax):
    bare = replace(reports["RNN"], eigenvalues=np.empty(0, dtype=complex), gates={})
    plotting.plot_eigenvalues(bare, ax=ax)
    assert [text.get_text() for text in ax.texts] == ["no recurrent matrix"]
    ax.clear()
    plotting.plot_gates(bare, ax=ax)
    assert [text.get_text() for text in ax.texts] == ["no gates"]


def test_gates_have_a_row_each(reports, ax):
    report = reports["LSTM"]
    assert plotting.plot_gates(report, ax=ax) is ax
    assert [label.get_text() for label in ax.get_yticklabels()] == list(report.gates)
    assert sorted(legend(ax)) == ["median", "share of steps and units"]
    medians = [line.get_xdata()[0] for line in ax.lines]
    assert medians == [float(np.median(values)) for values in report.gates.values()]
    for row, (values, steps) in enumerate(zip(report.gates.values(), ax.patches, strict=True)):
        heights, edges, baseline = steps.get_data()
        counts = np.histogram(values, edges)[0]
        assert baseline == row
        np.testing.assert_allclose(row - heights, 0.8 * counts / counts.max(), atol=1e-12)


def test_training_curves(training, ax):
    assert plotting.plot_training(training, ax=ax) is ax
    for key in ("train_loss", "validation_loss"):
        drawn = line(ax, key.replace("_", " "))
        np.testing.assert_array_equal(drawn.get_ydata(), training.history[key])
    best = line(ax, "best epoch")
    assert best.get_xdata() == [training.best_epoch]
    assert best.get_ydata() == [training.history["validation_loss"][training.best_epoch]]
    ax.clear()
    alone = {"train_loss": training.history["train_loss"], "validation_loss": np.empty(0)}
    plotting.plot_training(replace(training, history=alone), ax=ax)
    assert legend(ax)[0] == "train loss"
    assert len(legend(ax)) == 2


@pytest.fixture
def runs():
    rng = np.random.default_rng(0)
    rows = [
        {"model": model, "dataset": dataset, "seed": seed, "rmse": 1.0 + rng.random()}
        for dataset in ("tree7", "$x_1^{$")
        for model in MODELS[:4]
        for seed in range(10)
    ]
    frame = pd.DataFrame(rows)
    frame.loc[0, "rmse"] = np.nan
    return frame


def test_replication_boxes(runs):
    figure = Figure(layout="constrained")
    panels = plotting.plot_replication(runs, TABLE2, fig=figure)
    assert [ax.get_title() for ax in panels] == ["tree7", "$x_1^{$"]
    labels = [text.get_text() for text in panels[0].get_yticklabels()]
    assert labels == ["RNN (1 failed)", *MODELS[1:4]]
    (published,) = panels[0].containers
    means = [TABLE2["tree7"][model][0] for model in MODELS[:4]]
    np.testing.assert_array_equal(published[0].get_xdata(), means)
    assert not panels[1].containers
    cells = runs[runs.dataset == "tree7"].groupby("model", sort=False).rmse.median()
    medians = [
        item.get_xdata()[0]
        for item in panels[0].get_lines()
        if item.get_linewidth() == 2.0 and len(item.get_xdata()) == 2
    ]
    np.testing.assert_allclose(medians, cells)
    figure.draw_without_rendering()


def test_replication_of_one_data_set(runs):
    figure = Figure()
    panels = plotting.plot_replication(runs[runs.dataset == "tree7"], fig=figure)
    assert len(panels) == len(figure.axes) == 1
    with pytest.raises(mt.InvalidInputError, match="frame must be a DataFrame"):
        plotting.plot_replication(runs.iloc[:0])
    with pytest.raises(mt.InvalidInputError, match=r"frame must be .* none of \['rmse'\]"):
        plotting.plot_replication(runs.drop(columns="rmse"))
