"""memtools train and memtools replicate."""

import json
import re
import shlex

import numpy as np
import pytest

import memtools as mt
from memtools import files, networks
from memtools.cli import main


def run(capsys, *arguments):
    """Exit status, output, errors."""
    status = 0
    try:
        main([str(argument) for argument in arguments])
    except SystemExit as stop:
        status = stop.code or 0
    captured = capsys.readouterr()
    return status, captured.out, captured.err


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "walk.csv"
    noise = np.random.default_rng(0).standard_normal(120)
    np.savetxt(path, np.convolve(noise, [1, 0.5]), header="x", comments="")
    return path


@pytest.mark.parametrize("cell", ["MRNNF", "LSTM"])
def test_train_saves_a_network(capsys, tmp_path, file, cell):
    out = tmp_path / "network.safetensors"
    options = ["--cell", cell, "--filter-length", "5", "--epochs", "3", "-o", out]
    status, text, _ = run(capsys, "train", file, *options)
    assert status == 0
    assert "3 epochs" in text
    assert networks.load(out).n_hidden == 1


def test_training_and_diagnosis_take_the_options_that_their_errors_name(capsys, tmp_path):
    path, out = tmp_path / "a walk.csv", tmp_path / "network.safetensors"
    noise = np.random.default_rng(0).standard_normal(120)
    cells = [f"{value + 20.0:.3f}".replace(".", ",") for value in noise]
    cells[3] = "gone"
    path.write_text("day;x;y\n" + "".join(f"{i};{c};{c}\n" for i, c in enumerate(cells)))
    options = ["--cell", "RNN", "--filter-length", "5", "--epochs", "3", "-o", out]
    status, _, error = run(capsys, "train", path, *options, "--column", "x")
    assert (status, "--na 'gone'" in error) == (2, True)
    read = ["--column", "x", "--decimal", ",", "--na", "gone"]
    status, _, error = run(capsys, "train", path, *options, *read)
    assert (status, "--missing longest" in error) == (2, True)
    status, text, error = run(capsys, "train", path, *options, *read, "--missing", "longest")
    assert status == 0
    assert "the longest run without a gap" in error
    assert "validation RMSE of x" in text
    command = shlex.split(
        re.search(r"memtools (diagnose .*) tells its memory", " ".join(text.split()))[1]
    )
    assert command[-6:] == ["--missing", "longest", "--decimal", ",", "--na", "gone"]
    assert run(capsys, *command, "--lags", "16")[0] == 0
    status, _, error = run(capsys, "diagnose", out, "--decimal", ",")
    assert (status, "--decimal has no meaning without --data" in error) == (2, True)


def test_a_trained_network_is_diagnosed_on_its_own_scale(capsys, tmp_path, file):
    out = tmp_path / "network.safetensors"
    options = ["--cell", "LSTM", "--filter-length", "5", "--epochs", "3"]
    run(capsys, "train", file, *options, "-o", out)
    base = ["diagnose", out, "--data", file, "--lags", "16", "--json"]
    bare = tmp_path / "bare.npz"  # what a file of another program tells: no scale
    np.savez(bare, **networks.load(out).params)
    base[1] = bare
    found = [json.loads(run(capsys, *base, *more)[1]) for more in ([], ["--scale"])]
    base[1] = out
    found.append(json.loads(run(capsys, *base)[1]))
    scaled = files.read_series(str(file)).to_numpy()
    scaled = (scaled - scaled.min()) / (scaled.max() - scaled.min())
    expected = mt.diagnose(networks.load(bare), scaled, n_lags=16).to_dict()
    assert found[1]["impulse"] == expected["impulse"]
    assert found[0]["impulse"] != expected["impulse"]
    assert found[2]["impulse"] == expected["impulse"]
    status, _, error = run(capsys, "diagnose", out, "--scale")
    assert status == 2
    assert "--scale needs --data" in error


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--validation", "1"], "--validation must be in"),
        (["--filter-length", "100"], "long enough for 100 lags"),
        (["--hidden", "0"], "n_hidden"),
        (["--learning-rate", "-1"], "learning_rate"),
        (["--column", "y"], "y"),
    ],
)
def test_train_refuses(capsys, tmp_path, file, options, message):
    out = tmp_path / "network.safetensors"
    base = [] if "--filter-length" in options else ["--filter-length", "5"]
    status, _, error = run(capsys, "train", file, "-o", out, *base, *options)
    assert status == 2
    assert message in error
    assert len(error.splitlines()) == 1
    assert not out.exists()


def test_train_refuses_a_folder_that_is_not_there(capsys, tmp_path, file):
    status, _, error = run(capsys, "train", file, "-o", tmp_path / "no" / "network.safetensors")
    assert status == 2
    assert "there is no folder" in error


def test_replicate_prints_both_figures(capsys, tmp_path, series, monkeypatch):
    series("arfima")
    from tests.conftest import data_folder

    monkeypatch.setenv("MEMTOOLS_DATA", str(data_folder()))
    out = tmp_path / "runs.jsonl"
    options = ["--models", "RNN,LSTM", "--datasets", "DJI", "--seeds", "2", "--epochs", "2"]
    status, text, _ = run(capsys, "replicate", "table2", *options, "-o", out)
    assert status == 0
    assert "0.2605" in text
    assert len(out.read_text().splitlines()) == 4


@pytest.fixture
def paper_series(series, monkeypatch):
    series("arfima")
    from tests.conftest import data_folder

    monkeypatch.setenv("MEMTOOLS_DATA", str(data_folder()))


def test_replicate_table3_prints_minima(capsys, paper_series):
    options = ["--models", "RNN", "--datasets", "DJI", "--seeds", "2", "--epochs", "2"]
    status, text, _ = run(capsys, "replicate", "table3", *options)
    assert status == 0
    assert "seed" in text
    assert text.splitlines()[-1].startswith("RNN     DJI")


def test_replicate_tests_mrnn_against_its_rivals(capsys, paper_series):
    options = ["--models", "RNN,MRNN", "--datasets", "traffic", "--seeds", "2", "--epochs", "2"]
    status, text, _ = run(capsys, "replicate", "table2", *options)
    assert status == 0
    assert "traffic  against RNN" in text
    assert "against LSTM" not in text


def test_replicate_effect_of_k_has_a_line_a_length(capsys, paper_series, tmp_path):
    options = ["--models", "MRNNF", "--datasets", "traffic", "--seeds", "2", "--epochs", "2"]
    out = tmp_path / "runs.jsonl"
    status, text, _ = run(capsys, "replicate", "effect-of-k", *options, "-o", out)
    assert status == 0
    lines = [line.split() for line in text.splitlines() if line.startswith("MRNNF")]
    assert [line[2] for line in lines] == ["25", "50", "75", "100"]
    assert sum(line[-1] == "*" for line in lines) == 1
    assert len(out.read_text().splitlines()) == 8


def test_replicate_short_memory_names_the_best_that_can_be_had(capsys):
    options = ["--models", "RNN,LSTM", "--seeds", "1", "--epochs", "2"]
    status, text, _ = run(capsys, "replicate", "short-memory", *options)
    assert status == 0
    assert "LSTM    short" in text
    assert "made the series: " in text


def test_replicate_draws_boxes(capsys, tmp_path):
    figure = tmp_path / "boxes.svg"
    options = ["--models", "RNN,LSTM", "--seeds", "2", "--epochs", "2", "--figure", figure]
    status, _, _ = run(capsys, "replicate", "short-memory", *options)
    assert status == 0
    assert "<svg" in figure.read_text()


@pytest.mark.parametrize(
    ("name", "told"), [("boxes.txt", "must end in .pdf or"), ("no/boxes.svg", "there is no folder")]
)
def test_replicate_refuses_a_figure(capsys, tmp_path, name, told):
    options = ["--models", "RNN", "--seeds", "1", "--epochs", "1", "--figure", tmp_path / name]
    status, _, error = run(capsys, "replicate", "short-memory", *options)
    assert status == 2
    assert told in error


@pytest.mark.parametrize(
    ("table", "option"),
    [
        ("effect-of-k", ["--filter-length", "50"]),
        ("effect-of-k", ["--figure", "boxes.svg"]),
        ("short-memory", ["--datasets", "DJI"]),
    ],
)
def test_replicate_leaves_no_option_aside(capsys, table, option):
    status, _, error = run(capsys, "replicate", table, *option)
    assert status == 2
    assert f"{option[0]} must be left away for {table}" in error


def test_replicate_refuses(capsys, tmp_path):
    status, _, error = run(capsys, "replicate", "table2", "--models", "GRU")
    assert status == 2
    assert "models must be one of" in error


def test_a_saved_network_forecasts_without_an_option(capsys, tmp_path, file):
    out = tmp_path / "network.safetensors"
    options = ["--cell", "MRNNF", "--filter", "two-scale", "--filter-length", "5", "--epochs", "20"]
    assert run(capsys, "train", file, *options, "-o", out)[0] == 0
    network, x = networks.load(out), files.read_series(str(file))
    assert network.filter == "two-scale"
    assert network.scale == (x.min(), x.max())
    assert network.protocol["n_train"] == 96
    status, text, _ = run(capsys, "forecast", file, "--network", out, "--steps", "3", "--json")
    assert status == 0
    told = [row["mean"] for row in json.loads(text)["forecast"]]
    expected = networks.forecast(network, x, 3)
    np.testing.assert_allclose(told, expected.predicted_mean)
    status, text, _ = run(
        capsys, "forecast", file, "--network", out, "--steps", "2", "--intervals", "conformal",
        "--level", "0.8",
    )  # fmt: skip
    assert status == 0
    assert "past errors at each horizon" in text


def test_auto_says_which_model_is_best(capsys, tmp_path):
    path, out = tmp_path / "ar.csv", tmp_path / "best.safetensors"
    x = mt.simulate(mt.ARFIMAProcess(ar=[0.8]), 240, rng=0)
    np.savetxt(path, x, header="x", comments="")
    status, text, _ = run(capsys, "train", path, "--cell", "auto", "--epochs", "3", "-o", out)
    assert status == 0
    assert "A linear model is better" in text
    assert "MLSTMF" in text
    network = networks.load(out)
    assert network.protocol["model"] in ("AR", "ARFIMA")
    status, text, _ = run(capsys, "diagnose", out, "--data", path, "--lags", "20")
    assert status == 0
    assert run(capsys, "forecast", path, "--network", out)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("train FILE --cell auto --validation 0.3 -o OUT", "--validation has no meaning"),
        ("train FILE --cell LSTM --filter free --filter-length 5 -o OUT", "left away for LSTM"),
        ("train FILE --cell auto -o OUT", "at least 200"),
        ("forecast FILE --network OUT --order 1,0", "--order has no meaning with"),
        ("forecast FILE --intervals conformal", "--intervals has no meaning without"),
        ("forecast FILE --network FILE", "walk.csv"),
    ],
)
def test_what_auto_and_forecasts_refuse(capsys, tmp_path, file, arguments, message):
    places = {"FILE": file, "OUT": tmp_path / "out.safetensors"}
    status, _, error = run(capsys, *(places.get(a, a) for a in arguments.split()))
    assert status == 2
    assert message in error
    assert len(error.strip().splitlines()) == 1
