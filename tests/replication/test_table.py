"""The table of runs: complete, resumable, independent of the workers."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import memtools as mt
from memtools.exceptions import DataFileError, DivergenceError, InvalidInputError
from memtools.networks import RNN
from memtools.replication import Experiment, compare_models, compare_table2, protocol

MODELS = ("RNN", "MRNNF")
OPTIONS = {"filter_length": 10, "n_epochs": 4}


def experiments():
    series = np.random.default_rng(1).standard_normal((2, 120)).cumsum(axis=1)
    return {"one": Experiment(series[0], 60, 30), "two": Experiment(series[1], 50, 40)}


def replicate(n_seeds=3, **options):
    return mt.replicate_table2(MODELS, experiments(), n_seeds, **OPTIONS, **options)


def test_a_row_a_run():
    frame = replicate()
    order = [(m, d, s) for m in MODELS for d in ("one", "two") for s in range(3)]
    assert list(frame[["model", "dataset", "seed"]].itertuples(index=False, name=None)) == order
    assert (frame.rmse >= frame.mae).all()
    assert frame.error.isna().all()


def test_workers_do_not_change_it():
    one = replicate(n_jobs=1)
    pd.testing.assert_frame_equal(one, replicate(n_jobs=4), check_exact=True)
    with ThreadPoolExecutor(2) as executor:
        pd.testing.assert_frame_equal(one, replicate(executor=executor), check_exact=True)


@pytest.mark.parametrize("cut", [0, 1, 40, 700])
def test_resumes_after_a_cut_at_any_byte(tmp_path, cut):
    out = tmp_path / "runs.jsonl"
    whole = replicate(out=out)
    out.write_bytes(out.read_bytes()[: -cut or None])
    pd.testing.assert_frame_equal(replicate(out=out), whole, check_exact=True)
    assert len(out.read_text().splitlines()) == len(whole)


def test_finished_runs_are_not_repeated(tmp_path, monkeypatch):
    out = tmp_path / "runs.jsonl"
    whole = replicate(out=out)
    monkeypatch.setattr("memtools.replication.table.run_one", None)
    pd.testing.assert_frame_equal(replicate(out=out), whole, check_exact=True)
    assert len(replicate(1, out=out)) == 4


def test_another_series_or_split_of_the_same_name_is_another_experiment(tmp_path):
    out, one = tmp_path / "runs.jsonl", experiments()["one"]
    longer = Experiment(one.series, one.n_train + 1, one.n_validation)
    moved = Experiment(one.series + 1e-9, one.n_train, one.n_validation)
    for count, experiment in enumerate((one, longer, moved), start=1):
        found = mt.replicate_table2("RNN", {"one": experiment}, 1, out=out, **OPTIONS)
        assert len(out.read_text().splitlines()) == count
        again = mt.replicate_table2("RNN", {"one": experiment}, 1, **OPTIONS)
        pd.testing.assert_frame_equal(found, again, check_exact=True)


def test_other_settings_are_other_runs(tmp_path):
    out = tmp_path / "runs.jsonl"
    plain = replicate(out=out)
    published = replicate(out=out, selection="published")
    assert set(published.selection) == {"published"}
    pd.testing.assert_frame_equal(replicate(out=out), plain, check_exact=True)


PROGRAM = """
import sys
import memtools as mt
from tests.replication.test_table import MODELS, OPTIONS, experiments
mt.replicate_table2(MODELS, experiments(), 200, out=sys.argv[1], n_jobs=2, **OPTIONS)
"""


@pytest.mark.slow
def test_kill_9_again_and_again_loses_nothing(tmp_path):
    out = tmp_path / "runs.jsonl"
    root = Path(__file__).parents[2]
    moments = np.random.default_rng().uniform(2_000, 100_000, 4)  # any moment will do
    survived = []
    for moment in np.cumsum(moments):
        process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(out)], cwd=root)
        while process.poll() is None and (not out.exists() or out.stat().st_size < moment):
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
        process.wait()
        before, survived = survived, out.read_bytes().rpartition(b"\n")[0].splitlines()
        assert survived[: len(before)] == before
    assert 0 < len(survived) < 800
    resumed = mt.replicate_table2(MODELS, experiments(), 200, out=out, **OPTIONS)
    whole = mt.replicate_table2(MODELS, experiments(), 200, **OPTIONS)
    pd.testing.assert_frame_equal(resumed, whole, check_exact=True)
    lines = out.read_bytes().splitlines()
    assert lines[: len(survived)] == survived
    assert len(lines) == len(whole)


@pytest.mark.slow
def test_a_dask_client_does_not_change_it(tmp_path):
    distributed = pytest.importorskip("distributed")
    whole, out = replicate(), tmp_path / "runs.jsonl"
    replicate(1, out=out)
    options = {"processes": False, "dashboard_address": None, "n_workers": 2}
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster) as client:
        pd.testing.assert_frame_equal(replicate(executor=client), whole, check_exact=True)
        resumed = replicate(executor=client, out=out)
    pd.testing.assert_frame_equal(resumed, whole, check_exact=True)


def test_a_diverged_run_is_recorded(monkeypatch, tmp_path):
    def diverge(*args, **options):
        raise DivergenceError(3, float("nan"), 1.0)

    monkeypatch.setattr(protocol, "train", diverge)
    frame = replicate(1, out=tmp_path / "runs.jsonl")
    assert frame.rmse.isna().all()
    assert frame.error.str.contains("diverged in epoch 3").all()
    again = replicate(1, out=tmp_path / "runs.jsonl")
    pd.testing.assert_frame_equal(again, frame, check_exact=True)


def test_a_loss_that_is_no_number_is_a_failed_seed(tmp_path, monkeypatch):
    def spoilt(model, seed, *options):
        cell = protocol_build(model, seed, *options)
        if seed != 1:
            return cell
        # A read-out of 1e200 has an infinite squared error.
        return cell.replace(cell.params | {"weight_hz": np.full((1, 1), 1e200)})

    protocol_build = protocol.build
    monkeypatch.setattr(protocol, "build", spoilt)
    out = tmp_path / "runs.jsonl"
    frame = mt.replicate_table2(("RNN", "LSTM"), experiments(), 2, out=out, **OPTIONS)
    failed = frame[frame.seed == 1]
    assert failed.error.str.contains("diverged in epoch 0").all()
    assert failed[["rmse", "mae", "mape"]].isna().all(axis=None)
    assert frame[frame.seed == 0].rmse.notna().all()
    figures = compare_table2(frame)
    assert (figures.n_failed == 1).all()
    assert (figures["mean"] == frame[frame.seed == 0].rmse.to_numpy()).all()


def test_forecasts_that_are_no_numbers_are_a_failed_seed(monkeypatch):
    monkeypatch.setattr(RNN, "forward", lambda self, x: (np.full((len(x), 1), np.nan), None))
    row = mt.replicate_table2("RNN", experiments(), 1, **OPTIONS).iloc[0]
    assert "not finite" in row.error
    assert np.isnan(row.rmse)


def test_refuses_a_folder_that_cannot_be_written(tmp_path):
    if os.geteuid() == 0:
        pytest.skip("root writes everywhere")
    tmp_path.chmod(0o500)
    with pytest.raises(InvalidInputError, match="out must be a file that can be written"):
        replicate(out=tmp_path / "runs.jsonl")


def test_refuses_a_folder_as_file(tmp_path):
    with pytest.raises(InvalidInputError, match="out must be a file that can be written"):
        replicate(out=tmp_path)


def test_refuses_a_file_of_something_else(tmp_path):
    out = tmp_path / "notes.txt"
    out.write_text("not a table\n")
    with pytest.raises(DataFileError, match="line 1"):
        replicate(out=out)
    assert out.read_text() == "not a table\n"


def test_refuses_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(InvalidInputError, match="out must be a file that can be written"):
        replicate(out=tmp_path / "no" / "runs.jsonl")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"models": ["GRU"]}, "models must be one of"),
        ({"models": []}, "models must be one or more"),
        ({"datasets": ["nile"]}, "datasets must be one of"),
        ({"datasets": {"mine": np.ones(5)}}, "Experiment"),
        ({"datasets": experiments(), "filter_length": 50}, "filter_length must be below the 50"),
        ({"datasets": experiments(), "n_seeds": 0}, "n_seeds"),
        ({"datasets": experiments(), "selection": "best"}, "selection must be one of"),
    ],
)
def test_refuses(arguments, message):
    with pytest.raises(InvalidInputError, match=message):
        mt.replicate_table2(**{"models": MODELS, "n_seeds": 1, **arguments})


def test_comparison_is_in_standard_errors_of_the_difference():
    runs = mt.replicate_table2(["RNN"], {"tree7": experiments()["one"]}, 3, **OPTIONS)
    row = compare_table2(runs).iloc[0]
    sd = runs.rmse.std(ddof=0)
    stderr = np.sqrt(sd**2 / 3 + 0.0086**2 / 100)
    assert row.difference_in_se == pytest.approx((runs.rmse.mean() - 0.2871) / stderr, rel=1e-12)
    assert (row.n_seeds, row.n_failed, row.minimum) == (3, 0, runs.rmse.min())


def test_models_are_compared_by_t_tests():
    runs = replicate(4)
    test = compare_models(runs, "MRNNF", ("RNN",)).iloc[0]
    a, b = (runs[(runs.model == m) & (runs.dataset == "one")].rmse for m in ("MRNNF", "RNN"))
    pooled = (a.var() + b.var()) / 2
    assert test.statistic == pytest.approx((a.mean() - b.mean()) / np.sqrt(pooled / 2), rel=1e-10)
    with pytest.raises(InvalidInputError, match="at least two runs"):
        compare_models(runs, "MRNN", ("RNN",))


def test_a_file_that_is_not_ours_is_left_alone(tmp_path):
    path = tmp_path / "notes.txt"
    for text in ("precious notes without newline", "a,b\n", "notes\nmore"):
        path.write_text(text)
        with pytest.raises(DataFileError, match=r"notes\.txt"):
            mt.replicate_table2(("RNN",), experiments(), 1, out=path, **OPTIONS)
        assert path.read_text() == text
