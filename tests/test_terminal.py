"""What a terminal shows: narrow windows, pipes, completions, a sign of life."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import memtools as mt
from memtools.cli import main
from memtools.results.tables import Table

NILE, SUNSPOTS = mt.datasets.load("nile"), mt.datasets.load("sunspots")
PAIR = NILE.tolist(), SUNSPOTS[:100].tolist()


@pytest.fixture(scope="module")
def report():
    return mt.estimate(mt.datasets.load("nile"), name="nile")


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_every_window_shows_all_numbers(width, report, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", str(width))
    main(["estimate", "nile"])
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= width
    assert not re.search(r" $", shown, re.MULTILINE)
    cells = shown.split()
    for row in report.rows():
        for key in ("d", "low", "high"):
            assert f"{row[key]:.4f}" in cells
    for row in report.explanations:
        assert row.says.split()[0] in cells


def forecast(steps):
    return mt.ARFIMA(NILE).fit().get_forecast(steps).to_frame()


@pytest.mark.parametrize(
    ("command", "numbers"),
    [
        ("test nile --test vs_test", lambda: [f"{mt.vs_test(NILE).statistic:.4f}"]),
        ("fit nile", lambda: [f"{end:.3f}" for end in mt.ARFIMA(NILE).fit().conf_int().loc["d"]]),
        ("forecast nile --steps 2", lambda: [f"{v:.6g}" for v in forecast(2).to_numpy().ravel()]),
        ("rolling sunspots", lambda: [f"{d:.4f}" for d in mt.rolling_memory(SUNSPOTS).d]),
        ("fit nile --tempered", lambda: [f"{mt.fit_artfima(NILE).d:.6g}"]),
        (
            "estimate pair.csv --method multivariate_local_whittle",
            lambda: [f"{d:.4f}" for d in mt.multivariate_local_whittle(np.array(PAIR).T).d],
        ),
        ("diagnose lstm.safetensors --lags 30", lambda: ["30"]),
        ("train nile --filter-length 9 --epochs 1 -o new.safetensors", lambda: ["new.safetensors"]),
        ("datasets", lambda: ["sunspots", "1700-2008"]),
    ],
)
def test_forty_columns_show_the_numbers_of_every_command(
    command, numbers, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.chdir(tmp_path)
    pairs = "".join(f"{a},{b}\n" for a, b in zip(*PAIR, strict=True))
    Path("pair.csv").write_text(f"first,second\n{pairs}")
    lstm = mt.networks.LSTM.initialise(1, 1, 1, rng=0)
    mt.networks.save(lstm, "lstm.safetensors")
    main(command.split())
    shown = capsys.readouterr().out
    assert "..." not in shown
    assert not re.search(r" $", shown, re.MULTILINE)
    assert max(map(len, shown.splitlines())) <= 40
    assert set(numbers()) <= set(re.split(r"[\s(),\[\]]+", shown))


def test_a_summary_is_what_the_command_line_shows(report, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "500")
    main(["estimate", "nile"])
    assert capsys.readouterr().out == f"{report.summary()}\n"


def test_a_table_in_a_window():
    table = Table("", ["name", "d", "says"], [["of a rather long kind", "0.5", "long memory"]])
    assert table.text().splitlines()[2] == "of a rather long kind  0.5  long memory"
    assert table.text(38).splitlines()[2:] == ["of a rather long      0.5  long memory", "kind"]
    assert table.text(20).splitlines()[2:] == ["of a rather long", "kind", "  0.5 long memory"]


@pytest.fixture
def completed(tmp_path, monkeypatch, capsys):
    """What bash is offered for the last word, in a folder with a file of prices."""
    (tmp_path / "prices.csv").write_text("close,volume\n" + "1,2\n3,4\n" * 20)
    (tmp_path / "sums.csv").write_text("1\n2\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("_MEMTOOLS_COMPLETE", "bash_complete")

    def completed(words):
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv("COMP_CWORD", str(len(words.split(" ")) - 1))
        with pytest.raises(SystemExit) as ended:
            main([])
        assert ended.value.code == 0
        return capsys.readouterr().out.split()

    return completed


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("memtools est", ["plain,estimate"]),
        ("memtools test ni", ["plain,nile"]),
        ("memtools test su", ["plain,sunspots", "plain,sums.csv"]),
        ("memtools test pr", ["file,pr"]),
        ("memtools estimate nile --method local_whittle_h", ["plain,local_whittle_hc"]),
        ("memtools estimate prices.csv --column vo", ["plain,volume"]),
        ("memtools report prices.csv --column ", ["plain,close", "plain,volume"]),
        ("memtools rolling nowhere.csv --column ", []),
    ],
)
def test_completions(words, offered, completed):
    assert completed(words) == offered


def test_bash_itself_starts_the_command(completed):
    """What it does with the variables that `completed` sets."""
    completed("memtools est")
    done = subprocess.run(
        [sys.executable, "-m", "memtools"], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["plain,estimate"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shells_are_served(shell):
    done = subprocess.run(
        [sys.executable, "-m", "memtools"], capture_output=True, text=True, check=False,
        env=os.environ | {"_MEMTOOLS_COMPLETE": f"{shell}_source"},
    )  # fmt: skip
    assert "_MEMTOOLS_COMPLETE" in done.stdout


def test_a_long_work_gives_a_sign_of_life_where_somebody_looks():
    program = "import time; from memtools import cli; cli._run = lambda given: time.sleep(1.5)\n"
    command = [sys.executable, "-c", f"{program}cli.main([])"]
    ours, theirs = pty.openpty()
    for environment in (os.environ | {"_MEMTOOLS_COMPLETE": "bash_complete"}, os.environ):
        subprocess.run(command, stderr=theirs, env=environment, check=True)
    assert os.read(ours, 1000).decode() == "memtools: at work ...\r\n"  # once
    os.close(theirs)
    os.close(ours)
    quiet = subprocess.run(command, capture_output=True, check=True)
    assert quiet.stderr == b""
