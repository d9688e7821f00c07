"""Dask's workers, and what goes wrong: real signals to real processes, a full disk."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import memtools as mt
from tests.many.conftest import N_OBS, assert_same

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings(
    "ignore::zarr.errors.ZarrUserWarning", "ignore::ResourceWarning", "ignore::DeprecationWarning"
)


@pytest.fixture(scope="module")
def cluster():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=":0"
    ) as made:
        yield made


def slowly(x):
    time.sleep(0.02)
    return mt.local_whittle(x)


def test_workers_of_a_cluster_give_the_same_bits(source, expected, cluster, tmp_path):
    with distributed.Client(cluster) as client:
        x = xr.open_zarr(source, chunks=None, consolidated=False)["t2m"].values
        many = mt.estimate_many(x.reshape(-1, N_OBS), engine="dask")
        np.testing.assert_array_equal(many.d.reshape(12, 20), expected["d"])
        tests = mt.estimate_many(x[0], "vs_test", engine=client)
        np.testing.assert_array_equal(tests.pvalue, mt.estimate_many(x[0], "vs_test").pvalue)
        lazy = mt.estimate_many(xr.open_zarr(source, consolidated=False)["t2m"])
        np.testing.assert_array_equal(lazy["pvalue"].compute(), expected["pvalue"])
    address = cluster.scheduler_address
    assert_same(mt.estimate_grid(source, tmp_path / "d.nc", scheduler=address), expected)
    assert [path.name for path in tmp_path.iterdir()] == ["d.nc"]


@pytest.mark.slow
def test_one_cluster_runs_studies_panels_and_trainings(cluster, tmp_path):
    """Whatever runs many times takes the same engine, and none changes a bit."""
    noise, draws = mt.ARFIMAProcess(d=0.2), (mt.ARFIMAProcess(), 100, 2000)
    x = mt.simulate(noise, 120, n_paths=2, rng=5).T
    experiment = {"mine": mt.replication.Experiment(x[:, 0], n_train=60, n_validation=30)}

    def results(executor, out):
        study = mt.montecarlo.run(
            {"gph": mt.gph, "vs": mt.vs_test}, noise, 100, 120, rng=1, out=out, executor=executor
        )
        quantiles = mt.montecarlo.draw(sums, *draws, rng=2, executor=executor)
        panel = mt.estimate_panel(x, orient="columns", executor=executor)
        seeds = mt.replicate_table2(
            ["MRNNF"], experiment, 2, filter_length=5, n_epochs=3, executor=executor
        )
        return study.to_dict(), quantiles.tolist(), panel.to_dict(), seeds.to_dict()

    with distributed.Client(cluster) as client:
        there = results(client, tmp_path / "there.jsonl")
    assert there == results(None, None)
    assert len((tmp_path / "there.jsonl").read_text().splitlines()) == 2


def sums(rows):
    return rows.cumsum(axis=1)[:, -1]


@pytest.mark.slow
@pytest.mark.parametrize("out", ["d.nc", "d.zarr"])
def test_regions_of_any_size_give_the_same_bits(source, expected, tmp_path, small_regions, out):
    found = mt.estimate_grid(source, tmp_path / out)
    assert found["code"].attrs["flag_meanings"].startswith("done")
    assert_same(found, expected)
    with pytest.raises(mt.InvalidInputError, match="which is there already"):
        mt.estimate_grid(source, tmp_path / out)


def test_a_killed_worker_changes_nothing(source, expected, cluster, tmp_path, small_regions):
    with distributed.Client(cluster) as client:
        pids = client.run(os.getpid)
        with ThreadKiller(min(pids.values()), 0.5):
            found = mt.estimate_grid(source, tmp_path / "d.zarr", slowly, engine="dask")
        np.testing.assert_array_equal(found["d"].values, expected["d"].values)


class ThreadKiller:
    """Sends SIGKILL after a while."""

    def __init__(self, pid, seconds):
        import threading

        self._timer = threading.Timer(seconds, os.kill, (pid, signal.SIGKILL))

    def __enter__(self):
        self._timer.start()

    def __exit__(self, *raised):
        self._timer.join()


CLIENT = """
import sys, time
import memtools as mt
from memtools.many import regions
regions._REGION_VALUES = 1
def slowly(x):
    time.sleep(0.01)
    return mt.local_whittle(x)
mt.estimate_grid(sys.argv[1], sys.argv[2], slowly, n_jobs=2)
"""


def progress_of(out):
    log = out.with_name(f"{out.name}.progress.jsonl")
    return [line for line in log.read_text().splitlines() if "troubles" in line]


def await_end(leader):
    """Workers of a client that was killed end by themselves, within seconds."""
    deadline = time.monotonic() + 60.0
    while time.monotonic() < deadline:
        try:
            os.killpg(leader, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    raise AssertionError("workers outlive a client that was killed")


def run_client(source, out):
    """A script without a main guard, as users write them."""
    script = out.with_name("client.py")
    script.write_text(CLIENT)
    environment = os.environ | {"PYTHONPATH": str(Path(mt.__file__).parents[1])}
    return subprocess.Popen(
        [sys.executable, script, source, out], env=environment, start_new_session=True
    )


@pytest.fixture
def client_of(source):
    """Runs the script, and ends in the end what a killed client leaves behind."""
    started = []

    def start(out):
        started.append(run_client(source, out))
        return started[-1]

    yield start
    for client in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(client.pid, signal.SIGKILL)
        client.wait()


@pytest.mark.slow
def test_a_killed_client_goes_on_and_repeats_nothing(client_of, expected, tmp_path):
    out = tmp_path / "d.zarr"
    client = client_of(out)
    log = out.with_name("d.zarr.progress.jsonl")
    deadline = time.monotonic() + 120.0
    while not (log.exists() and len(progress_of(out)) >= 5):
        assert time.monotonic() < deadline
        assert client.poll() is None
        time.sleep(0.01)
    client.send_signal(signal.SIGKILL)
    client.wait()
    done = progress_of(out)
    assert 5 <= len(done) < 24
    await_end(client.pid)
    written = {path: path.stat().st_mtime_ns for path in (out / "d").rglob("*") if path.is_file()}
    assert client_of(out).wait() == 0
    assert not log.exists()
    again = [path for path, when in written.items() if path.stat().st_mtime_ns != when]
    assert len(again) <= 3  # the frame, and what was being written
    with xr.open_zarr(out, chunks=None, consolidated=False) as found:
        np.testing.assert_array_equal(found["d"], expected["d"])
        # The client's estimator goes series by series, `expected` in rows.
        np.testing.assert_allclose(found["pvalue"], expected["pvalue"], rtol=1e-12)


def test_another_call_does_not_go_on_there(client_of, source, tmp_path):
    out = tmp_path / "d.zarr"
    client = client_of(out)
    log = out.with_name("d.zarr.progress.jsonl")
    while not (log.exists() and log.read_text().endswith("\n")):
        time.sleep(0.01)
    client.kill()
    client.wait()
    with pytest.raises(mt.InvalidInputError, match="out must be a name that is free, or the call"):
        mt.estimate_grid(source, out, "gph")


def test_a_variable_that_is_not_in_memory_is_read_by_regions(
    source, expected, monkeypatch, small_regions
):
    largest = []
    read = xr.backends.zarr.ZarrArrayWrapper.__getitem__

    def watched(self, key):
        found = read(self, key)
        largest.append(np.size(found))
        return found

    monkeypatch.setattr(xr.backends.zarr.ZarrArrayWrapper, "__getitem__", watched)
    with xr.open_zarr(source, chunks=None, consolidated=False) as data:
        found = mt.estimate_many(data["t2m"])
    assert max(largest) == 10 * N_OBS
    assert_same(found, expected)


@pytest.mark.parametrize("room", [1_000_000, 700_000])
def test_a_full_disk_is_one_error_and_can_go_on(source, expected, tmp_path, small_regions, room):
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1200k", "tmpfs", small], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("no right to mount a small file system")
    try:
        filler = small / "filler"
        filler.write_bytes(bytes(room))
        with pytest.raises(mt.OutputFileError, match="No space left on device") as told:
            mt.estimate_grid(source, small / "d.zarr")
        assert "\n" not in str(told.value)
        filler.unlink()
        assert_same(mt.estimate_grid(source, small / "d.zarr"), expected)
    finally:
        subprocess.run(["umount", small], check=True)


def test_a_lost_scheduler_is_one_clear_error(source, tmp_path, small_regions):
    address_file = tmp_path / "address"
    program = (
        "import distributed, pathlib, time, sys\n"
        "if __name__ == '__main__':\n"
        "    cluster = distributed.LocalCluster(n_workers=1, threads_per_worker=1,\n"
        "        dashboard_address=':0')\n"
        "    pathlib.Path(sys.argv[1]).write_text(cluster.scheduler_address)\n"
        "    time.sleep(600)\n"
    )
    script = tmp_path / "cluster.py"
    script.write_text(program)
    environment = os.environ | {"PYTHONPATH": str(Path(mt.__file__).parents[1])}
    held = subprocess.Popen([sys.executable, script, address_file], env=environment)
    try:
        while not (address_file.exists() and address_file.read_text()):
            time.sleep(0.05)
        with (
            ThreadKiller(held.pid, 3.0),
            pytest.raises(mt.EngineError, match=r"Dask scheduler at tcp://.* is lost"),
        ):
            mt.estimate_grid(
                source, tmp_path / "d.zarr", slowly, scheduler=address_file.read_text()
            )
    finally:
        held.kill()
        held.wait()


# ---------------------------------------------------------------- command line


def test_the_command_line_takes_grids_and_tables(source, expected, cluster, tmp_path, capsys):
    from memtools.cli import main

    out, table = tmp_path / "d.nc", tmp_path / "p.csv"
    address = cluster.scheduler_address
    main(["estimate", str(source), "--variable", "t2m", "--dim", "time", "--method",
          "local_whittle", "--scheduler", address, "-o", str(out)])  # fmt: skip
    assert capsys.readouterr().out == f"{out}: local_whittle over lat 12, lon 20\n"
    with xr.open_dataset(out) as found:
        np.testing.assert_array_equal(found["d"], expected["d"])
    x = mt.simulate(mt.ARFIMAProcess(d=0.3), 200, n_paths=2, rng=3)
    np.savetxt(table, x.T, delimiter=",", header="a,b", comments="")
    main(["estimate", str(table), "--method", "gph", "--bandwidth", "0.7", "-o", f"{out}.csv"])
    assert f"b,{mt.gph(x[1], 0.7).d}," in (tmp_path / "d.nc.csv").read_text()
    for words in (["--dim", "time"], ["--engine", "dask"], ["--dim", "time", "-o", "x.csv"]):
        with pytest.raises(SystemExit) as ended:
            main(["estimate", str(table), *words])
        assert ended.value.code == 2


def test_a_folder_of_tables_is_one_set_of_series(tmp_path, capsys):
    from memtools.cli import main

    x = mt.simulate(mt.ARFIMAProcess(d=0.3), 200, n_paths=5, rng=3)
    folder, out = tmp_path / "tables", tmp_path / "d.csv"
    folder.mkdir()
    pd.DataFrame(x[:3].T, columns=["a", "b", "c"]).to_csv(folder / "one.csv", index=False)
    pd.DataFrame(x[3:].T, columns=["a", "b"]).to_parquet(folder / "two.parquet")
    (folder / "notes.txt").write_text("no table")
    main(["estimate", str(folder), "--method", "gph", "-o", str(out)])
    assert capsys.readouterr().out == f"{out}: gph of 5 series\n"
    found, together = pd.read_csv(out), mt.estimate_many(x, "gph")
    assert found["file"].tolist() == ["one.csv"] * 3 + ["two.parquet"] * 2
    assert found["series"].tolist() == ["a", "b", "c", "a", "b"]
    np.testing.assert_allclose(found["pvalue"], together.pvalue, rtol=1e-12)
    (tmp_path / "empty").mkdir()
    with pytest.raises(SystemExit) as ended:
        main(["estimate", str(tmp_path / "empty"), "--method", "gph", "-o", str(out)])
    assert ended.value.code == 2
    assert "holds no .csv" in capsys.readouterr().err
