"""All tests of one series, in Python and on the command line."""

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import memtools as mt
from memtools.cli import main
from memtools.exceptions import InvalidInputError

# All but the one whose null holds what it estimates.
FINDING = [name for name in mt.inference.TESTS if name != "goodness_of_fit_test"]


def test_a_row_a_test():
    x = mt.simulate(mt.ARFIMAProcess(d=0.3), 600, rng=1)
    table = mt.memory_tests(x, name="x")
    assert list(table.results) == list(mt.inference.TESTS)
    assert not table.skipped
    frame = table.to_frame()
    assert frame.pvalue["vs_test"] == mt.vs_test(x).pvalue
    assert all(name in str(table) for name in mt.inference.TESTS)
    assert json.dumps(table.to_dict())


def test_what_a_series_is_too_short_for_is_told():
    table = mt.memory_tests(mt.datasets.load("nile"))
    assert "at least 207 observations" in table.skipped["split_sample_test"]
    assert "split_sample_test" in table.summary()
    with pytest.raises(InvalidInputError, match="at least 50"):
        mt.memory_tests(np.arange(20.0) ** 2, "vs_test")
    with pytest.raises(InvalidInputError, match="tests must be one of"):
        mt.memory_tests(np.arange(20.0), ["vs"])


def test_on_the_command_line(capsys):
    main(["test", "nile"])
    shown = capsys.readouterr().out
    assert "mean_shift_test" in shown
    assert "not run: split_sample_test" in shown
    main(["test", "nile", "--test", "mean_shift_test"])
    told = mt.mean_shift_test(mt.datasets.load("nile")).summary()
    assert capsys.readouterr().out == f"nile, 100 observations\nmean_shift_test: {told}\n"
    main(["test", "nile", "--test", "mean_shift_test", "--json"])
    found = json.loads(capsys.readouterr().out)["results"]["mean_shift_test"]
    assert found["date"] == 1899
    with pytest.raises(SystemExit) as stop:
        main(["test", "nile", "--test", "split_sample_test"])
    assert stop.value.code == 2
    assert "at least 207" in capsys.readouterr().err


def test_what_no_test_is_fit_for_is_an_error(tmp_path, capsys):
    file = tmp_path / "short.csv"
    np.savetxt(file, np.arange(30.0) % 7, header="x", comments="")
    with pytest.raises(SystemExit) as stop:
        main(["test", str(file)])
    assert stop.value.code == 2
    assert "at least 50 observations" in capsys.readouterr().err


@pytest.mark.parametrize("width", [80, 40])
def test_a_narrow_window_cuts_no_number(width):
    table = mt.memory_tests(mt.datasets.load("nile"), ["vs_test", "mean_shift_test"])
    shown = table.summary(width)
    assert max(map(len, shown.splitlines())) <= width
    for result in table.results.values():
        assert f"{result.pvalue:.4f}" in shown
        assert f"{result.statistic:.4f}" in shown
    assert "1899" in shown


def test_no_pvalue_is_shown_as_zero():
    table = mt.memory_tests(mt.datasets.load("nile"), ["vs_test"])
    table = replace(table, results={"vs_test": replace(table.results["vs_test"], pvalue=1e-9)})
    for shown in (table.summary(), table.summary(40)):
        assert "<0.0001" in shown
        assert " 0.0000" not in shown


def test_what_a_test_estimates_on_the_way_is_in_its_summary():
    x = mt.simulate(mt.ARFIMAProcess(d=0.3), 600, rng=1)
    found = mt.split_sample_test(x)
    assert found.summary().endswith("d " + ", ".join(f"{d:.2f}" for d in found.details["d"]))
    assert f"slope {mt.trend_test(x).details['slope']:.4g}" in str(mt.trend_test(x))
    assert f"lags up to {mt.vs_test(x).details['n_lags']}" in str(mt.vs_test(x))
    assert all(mt.memory_tests(x, name).results[name].finding for name in FINDING)


def test_breaks_on_the_command_line(capsys):
    main(["test", "nile", "--test", "mean_breaks"])
    assert "level shifts under memory: 1899" in capsys.readouterr().out
    main(["test", "nile", "--test", "mean_breaks", "--kind", "trend", "--json"])
    assert json.loads(capsys.readouterr().out)["kind"] == "bends of a trend"
    with pytest.raises(SystemExit) as stop:
        main(["test", "nile", "--kind", "trend"])
    assert stop.value.code == 2
    assert "--kind has no meaning" in capsys.readouterr().err


def test_several_columns_on_the_command_line(tmp_path, capsys):
    x = mt.simulate_varfima([0.1, 0.4], 400, rng=1)
    file = tmp_path / "two.csv"
    np.savetxt(file, x, delimiter=",", header="a,b", comments="")
    for name in ("equal_memory_test", "multivariate_spurious_test"):
        main(["test", str(file), "--test", name])
        shown = capsys.readouterr().out
        assert shown.startswith("a, b")
        main(["test", str(file), "--test", name, "--json"])
        found = json.loads(capsys.readouterr().out)
        assert found["pvalue"] == pytest.approx(getattr(mt, name)(x).pvalue)
    with pytest.raises(SystemExit) as stop:
        main(["test", str(file), "--test", "equal_memory_test", "--column", "a"])
    assert stop.value.code == 2
    assert "takes all columns" in capsys.readouterr().err


def test_cointegration_on_the_command_line(tmp_path, capsys):
    rng = np.random.default_rng(4)
    x = rng.standard_normal(500).cumsum()
    table = np.column_stack([x + rng.standard_normal(500), x])
    file = tmp_path / "both.csv"
    np.savetxt(file, table, delimiter=",", header="spot,future", comments="")
    main(["test", str(file), "--test", "cointegration_rank"])
    shown = capsys.readouterr().out
    assert "Cointegrating rank 1 of 2 series at level 0.05" in shown
    assert "future" in shown
    main(["test", str(file), "--test", "residual_cointegration_test", "--json"])
    assert json.loads(capsys.readouterr().out)["pvalue"] < 0.01


def test_a_season_is_told_since_no_test_allows_for_it():
    months = 3.0 * np.sin(2.0 * np.pi * np.arange(360) / 12.0)
    noise = mt.simulate(mt.ARFIMAProcess(), 360, rng=3)
    table = mt.memory_tests(noise + months, ["vs_test", "qu_test"])
    assert "cycle of 12 observations stands out" in table.notes[0]
    assert "note: a season" in table.summary()
    assert table.to_dict()["notes"] == list(table.notes)
    assert mt.memory_tests(noise, ["vs_test"]).notes == ()


@pytest.mark.parametrize("name", [*mt.inference.TESTS, *mt.inference.TESTS_OF_SEVERAL])
def test_the_shortest_length_is_told_and_is_enough(name):
    several = mt.inference.TESTS_OF_SEVERAL
    test = several.get(name) or mt.inference.TESTS[name]
    noise = np.random.default_rng(5).standard_normal((300, 2))
    series = pd.DataFrame(noise) if name in several else pd.Series(noise[:, 0])
    with pytest.raises(InvalidInputError, match=r"at least \d+ observations") as told:
        test(series[:5])
    least = int(re.search(r"at least (\d+)", str(told.value))[1])
    with pytest.raises(InvalidInputError, match=f"at least {least} observations"):
        test(series[: least - 1])
    assert test(series[:least])


def test_a_bandwidth_too_small_for_the_parts_is_told():
    x = mt.simulate(mt.ARFIMAProcess(), 300, rng=1)
    with pytest.raises(InvalidInputError, match=r"bandwidth must be 32 ordinates or more.*got 17"):
        mt.split_sample_test(x, bandwidth=0.5)


def test_help_names_every_test_in_lines_of_a_terminal(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    main(["test", "--help"])
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= 80
    words = " ".join(shown.split())
    assert all(f" {name}" in words for name in mt.inference.TESTS)


def test_no_name_of_a_test_is_cut_in_a_narrow_window():
    table = mt.memory_tests(mt.datasets.load("nile"), ["modified_rescaled_range", "vs_test"])
    shown = table.summary(40)
    assert "modified_rescaled_range:" in shown
    assert max(map(len, shown.splitlines())) <= 40
