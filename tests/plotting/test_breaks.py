"""Dated breaks and statistics over lags: what their figures say in words and show."""

import numpy as np
import pandas as pd
import pytest

import memtools as mt
from memtools import plotting
from tests.plotting.drawn import legend, line

MONTHS = pd.date_range("1990-01-01", periods=300, freq="MS")


@pytest.fixture(scope="module")
def shifted():
    noise = mt.simulate(mt.ARFIMAProcess(d=0.1), 300, rng=5)
    return pd.Series(noise + np.repeat([0.0, 4.0], [180, 120]), MONTHS, name="level (m)")


def test_a_shift_is_told_in_words_with_its_date_and_interval(shifted, ax):
    found = mt.mean_shift_test(shifted)
    plotting.plot_break_dates(found, shifted, ax=ax)
    date = f"{MONTHS[found.position]:%Y-%m-%d}"
    assert legend(ax) == [
        "observations",
        f"mean shifts by {found.size:+.3g} at {date} (p = {found.pvalue:.2g})",
        "95% interval of the date (shift in the mean)",
    ]
    low, high = (MONTHS[position] for position in found.positions)
    bar = line(ax, "95% interval").get_xdata()
    assert [pd.Timestamp(end) for end in bar] == [low, high]
    assert ax.get_xlabel() == "date"
    assert ax.get_ylabel() == "value (m)"


def test_what_is_not_found_is_said_not_to_be_and_has_no_interval(ax):
    noise = mt.simulate(mt.ARFIMAProcess(d=0.3), 300, rng=2)
    found = mt.mean_shift_test(noise)
    assert found.pvalue > 0.05
    plotting.plot_break_dates(found, noise, ax=ax)
    assert legend(ax)[1:] == [f"no shift in the mean found (p = {found.pvalue:.2g})"]


def test_a_change_of_d_names_both(ax):
    rng = np.random.default_rng(1)
    x = np.concatenate([rng.standard_normal(300), mt.fracint(rng.standard_normal(300), 0.8)])
    found = mt.memory_change_test(x)
    plotting.plot_break_dates(found, x, ax=ax)
    before, after = found.details["d_before"], found.details["d_after"]
    told = f"d = {before:.2f} before {found.position}, {after:.2f} after"
    assert legend(ax)[1].startswith(told)


def test_breaks_that_are_kept_are_drawn_and_dated(shifted, ax):
    found = mt.mean_breaks(shifted, max_breaks=1)
    plotting.plot_break_dates(found, shifted, ax=ax)
    assert len(found.dates) == 1
    assert legend(ax)[1] == f"level shifts: {found.dates[0]:%Y-%m-%d} (d = {found.d:.2f})"
    assert np.array_equal(line(ax, "level shifts").get_ydata(), found.fitted)
    ax.clear()
    plotting.plot_break_dates(mt.mean_breaks(shifted[:150], max_breaks=1), shifted[:150], ax=ax)
    assert legend(ax)[1].startswith("level shifts: none (d = ")


def test_another_series_is_refused(shifted, ax):
    found = mt.mean_shift_test(shifted)
    with pytest.raises(mt.InvalidInputError, match="of 300 observations; got 299"):
        plotting.plot_break_dates(found, shifted[1:], ax=ax)
    with pytest.raises(mt.InvalidInputError, match="modified_rescaled_range or vs_test"):
        plotting.plot_by_lag(found, ax=ax)


def test_the_lags_of_the_test_are_marked(shifted, ax):
    found = mt.vs_test(shifted)
    plotting.plot_by_lag(found, ax=ax)
    (x,), (y,) = line(ax, "of the test").get_data()
    assert (x, y) == (found.details["n_lags"], found.statistic)
    assert line(ax, "5% critical").get_ydata()[0] == found.details["critical_values"]["5%"]
