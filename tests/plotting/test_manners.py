"""What all figures have in common: your Axes, your style, anybody's names, room for the text."""

import io
import os
import subprocess
import sys
import warnings
from dataclasses import replace
from xml.etree import ElementTree

import matplotlib as mpl
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

import memtools as mt
from memtools import plotting
from tests.plotting.drawn import overlaps

OF_A_SERIES = {
    "plot_absolute_sums": lambda p: p.correlogram,
    "plot_acf": lambda p: p.correlogram,
    "plot_bandwidth_curve": lambda p: p.bandwidth_curve,
    "plot_breaks": lambda p: p,
    "plot_estimates": lambda p: p.report,
    "plot_log_acf": lambda p: p.correlogram,
    "plot_log_periodogram": lambda p: p,
    "plot_pacf": lambda p: p.correlogram,
    "plot_rolling_memory": lambda p: p.rolling,
    "plot_scaling": lambda p: p.scaling["rescaled_range"],
    "plot_series": lambda p: p,
    "plot_spectrum": lambda p: p,
    "plot_tests": lambda p: p.tests,
    "plot_worlds": lambda p: p.report,
}
OF_A_NETWORK = ("plot_eigenvalues", "plot_gates", "plot_impulse_weights")
OF_X = {
    "plot_break_dates": lambda x: mt.mean_shift_test(x),
    "plot_by_lag": lambda x: mt.vs_test(x),
}
OTHERS = {"plot_forecast", "plot_panel", "plot_time_constants", "plot_training"}
FIGURES = {"plot_diagnostics", "plot_replication"}


@pytest.fixture
def result_of(portrait, reports, fit, training, dated):
    def find(name):
        if name in OF_X:
            return OF_X[name](dated)
        if name == "plot_panel":
            series = mt.simulate(mt.ARFIMAProcess(d=0.3), 100, 4, rng=2)
            return mt.estimate_panel(series, orient="rows", n_jobs=1)
        if name == "plot_time_constants":
            return mt.time_constants(mt.networks.LSTM.initialise(1, 12, 1, rng=3))
        if name in OF_A_SERIES:
            return OF_A_SERIES[name](portrait)
        if name in OF_A_NETWORK:
            return reports["LSTM"]
        return training if name == "plot_training" else fit.get_forecast(12)

    return find


SINGLE = sorted({*OF_A_SERIES, *OF_A_NETWORK, *OF_X, *OTHERS})


def draw(name, result, dated, **options):
    """The figure, of the dated series where it wants that too."""
    series = (dated,) if name == "plot_break_dates" else ()
    return getattr(plotting, name)(result, *series, **options)


def test_every_figure_is_here():
    drawers = {name for name in vars(plotting) if name.startswith("plot_")}
    assert {*SINGLE, *FIGURES} == drawers


@pytest.mark.parametrize("name", SINGLE)
def test_your_axes_come_back_and_pyplot_knows_nothing(name, result_of, dated, ax):
    assert draw(name, result_of(name), dated, ax=ax) is ax
    assert plt.get_fignums() == []
    assert ax.get_title()
    assert ax.get_xlabel()
    assert ax.get_legend() is not None
    assert ax.get_figure().get_facecolor() == mpl.colors.to_rgba(mpl.rcParams["figure.facecolor"])


@pytest.mark.parametrize("name", SINGLE)
def test_without_axes_pyplot_has_a_new_figure(name, result_of, dated):
    result = result_of(name)
    before = plt.get_fignums()
    drawn = draw(name, result, dated)
    assert len(plt.get_fignums()) == len(before) + 1
    assert plt.gcf() is drawn.get_figure()


@pytest.mark.parametrize("size", [(5.0, 3.0), (9.0, 6.0)])
@pytest.mark.parametrize("name", SINGLE)
def test_texts_do_not_overlap(name, result_of, dated, size):
    ax = Figure(figsize=size, layout="constrained").subplots()
    draw(name, result_of(name), dated, ax=ax)
    assert overlaps(ax) == []
    figure = ax.get_figure()
    box = ax.get_legend().get_window_extent()
    assert box.x0 >= -1.0
    assert box.x1 <= figure.bbox.x1 + 1.0
    assert box.y1 <= ax.bbox.y0  # off the data


@pytest.mark.parametrize("name", sorted(OF_A_SERIES))
def test_hostile_names_are_text(name, hostile):
    ax = Figure(figsize=(5.0, 3.0), dpi=72, layout="constrained").subplots()
    getattr(plotting, name)(OF_A_SERIES[name](hostile), ax=ax)
    file = io.StringIO()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ax.get_figure().savefig(file, format="svg")
    tags = {
        element.tag.split("}")[-1] for element in ElementTree.fromstring(file.getvalue()).iter()
    }
    assert not tags & {"img", "script", "image"}
    if "name" in vars(OF_A_SERIES[name](hostile)):
        assert "<img src=x onerror=al..." in ax.get_title()
    title, figure = ax.title.get_window_extent(), ax.get_figure()
    assert figure.bbox.x0 <= title.x0
    assert title.x1 <= figure.bbox.x1


def test_dollars_are_dollars(portrait, ax):
    for name in ("$", "a $x$ b", "$\\frac{$", "price in $", "_hidden", ""):
        ax.clear()
        plotting.plot_series(replace(portrait, name=name), ax=ax)
        assert ax.get_title() == name
        ax.get_figure().draw_without_rendering()


def test_the_style_is_yours(portrait):
    with mpl.rc_context({"font.size": 6.0, "axes.labelcolor": "red"}):
        ax = Figure(layout="constrained").subplots()
        plotting.plot_pacf(portrait.correlogram, ax=ax)
        assert ax.xaxis.label.get_color() == "red"
        assert ax.xaxis.label.get_size() == 6.0


def test_dark_styles_stay_legible(portrait):
    with plt.style.context("dark_background"):
        ax = Figure(layout="constrained").subplots()
        plotting.plot_acf(portrait.correlogram, ax=ax)
        colours = {mpl.colors.to_hex(item.get_color()) for item in ax.get_lines()}
    assert "#000000" not in colours


@pytest.mark.parametrize("name", SINGLE)
def test_lines_differ_without_colour(name, result_of, dated, ax):
    """Two entries of a legend never look the same in grey."""
    draw(name, result_of(name), dated, ax=ax)
    looks = [
        (str(item.get_linestyle()), str(item._unscaled_dash_pattern), item.get_linewidth(),
         str(item.get_marker()), str(item.get_markerfacecolor()), item.get_markersize())
        for item in ax.get_lines()
        if not str(item.get_label()).startswith("_")
    ]  # fmt: skip
    assert len(set(looks)) == len(looks)


def test_long_series_are_pictures_in_vector_files(ax):
    noise = mt.simulate(mt.ARFIMAProcess(), 6000, rng=0)
    plotting.plot_spectrum(mt.periodogram(noise), ax=ax)
    assert not ax.get_lines()[0].get_rasterized()
    ax.clear()
    plotting.plot_spectrum(mt.periodogram(mt.simulate(mt.ARFIMAProcess(), 20000, rng=0)), ax=ax)
    assert ax.get_lines()[0].get_rasterized()


@pytest.mark.parametrize("name", [*SINGLE, "plot_diagnostics"])
def test_wrong_results_are_named(name, dated):
    with pytest.raises(mt.InvalidInputError, match=r" must be a .*; got int"):
        draw(name, 3, dated) if name in SINGLE else getattr(plotting, name)(3)


def test_wrong_options_are_named(portrait, fit, reports):
    with pytest.raises(mt.InvalidInputError, match="ax must be a matplotlib Axes"):
        plotting.plot_series(portrait, ax=3)
    with pytest.raises(mt.InvalidInputError, match="fig must be a matplotlib Figure"):
        plotting.plot_diagnostics(fit, fig=3)
    with pytest.raises(mt.InvalidInputError, match="scale must be one of 'semilog', 'loglog'"):
        plotting.plot_impulse_weights(reports["RNN"], "linear")


def test_a_figure_of_yours_leaves_pyplot_unloaded():
    code = (
        "import sys, memtools as mt; from matplotlib.figure import Figure\n"
        "mt.plotting.plot_spectrum(mt.periodogram(range(50)), ax=Figure().subplots())\n"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    environment = {k: v for k, v in os.environ.items() if k != "MEMTOOLS_EAGER_IMPORT"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
