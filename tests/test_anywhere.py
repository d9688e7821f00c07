"""Containers, modules, services: homes and installs that cannot be written, full disks, forks."""

import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest

import memtools as mt
from memtools import _compiled
from tests.conftest import data_folder

PACKAGE = Path(mt.__file__).parent
# Users with a plain account; root may write everywhere.
AS_USER = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


@pytest.fixture(scope="module")
def read_only():
    """An install and a home that cannot be written; a function runs Python there."""
    with tempfile.TemporaryDirectory(prefix="memtools-") as name:
        root = Path(name)
        shutil.copytree(PACKAGE, root / "memtools", ignore=shutil.ignore_patterns("__pycache__"))
        (root / "home").mkdir()
        for path in [root, *root.rglob("*")]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        user = AS_USER if os.geteuid() == 0 else []

        def run(*arguments):
            environment = {"HOME": f"{root}/home", "PYTHONPATH": name, "PATH": os.environ["PATH"]}
            return subprocess.run(
                [*user, sys.executable, *arguments],
                capture_output=True, text=True, env=environment, cwd=root, check=False,
            )  # fmt: skip

        try:
            able = run("-c", "import memtools, numba").returncode == 0
        except FileNotFoundError:
            able = False
        if not able:
            pytest.skip("this Python is only for root, or there is no setpriv to be another user")
        yield run
        for path in [root, *root.rglob("*")]:
            path.chmod(0o755)


NOTE = "memtools: note: compiled code cannot be kept (no folder for it can be written)"


def test_a_fit_needs_no_place_to_write(read_only):
    done = read_only("-m", "memtools", "fit", "nile", "--order", "0,0")
    assert done.returncode == 0, done.stderr
    assert "Log Likelihood" in done.stdout
    (told,) = done.stderr.splitlines()
    assert told.startswith(NOTE)
    assert "NUMBA_CACHE_DIR" in told


@pytest.mark.slow  # compiles a cell without a cache
def test_training_and_reports_need_no_place_to_write_but_that_of_the_result(read_only):
    program = (
        "import numpy as np, memtools as mt\n"
        "x = np.random.default_rng(1).standard_normal((60, 1))\n"
        "network = mt.networks.RNN.initialise(1, 2, 1, rng=1)\n"
        "trained = mt.networks.train(network, x, x, n_epochs=1)\n"
        "print(mt.estimate(x[:, 0]).to_html()[:9])\n"
    )
    done = read_only("-c", program)
    assert done.returncode == 0, done.stderr
    assert done.stdout.lower() == "<!doctype\n"
    assert done.stderr.count("compiled code cannot be kept") == 1


def test_a_full_disk_ends_no_fit():
    program = (
        "import resource\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"  # no file can grow
        "import memtools as mt\n"
        "print(mt.ARFIMA(mt.datasets.load('nile')).fit().d)\n"
    )
    with tempfile.TemporaryDirectory() as cache:
        environment = os.environ | {"NUMBA_CACHE_DIR": cache}
        done = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True, text=True, env=environment, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) == mt.ARFIMA(mt.datasets.load("nile")).fit().d
    assert done.stderr.count("compiled code cannot be kept") == 1


def test_compiled_code_is_not_kept_when_a_kernel_that_it_calls_changes(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # two writes within a second
    head = "from memtools._compiled import njit\n"
    caller = "@njit(cache=True)\ndef more(x):\n    return one(x) + 1\n"
    (tmp_path / "outer_kernels.py").write_text(f"{head}from inner_kernels import one\n{caller}")
    found = []
    for value in (1, 1, 2):
        text = f"{head}@njit(cache=True)\ndef one(x):\n    return {value} * x\n"
        (tmp_path / "inner_kernels.py").write_text(text)
        for name in ("outer_kernels", "inner_kernels"):
            monkeypatch.delitem(sys.modules, name, raising=False)
        _compiled._kernels_of.cache_clear()
        importlib.invalidate_caches()
        more = importlib.import_module("outer_kernels").more
        found.append((more(10), len(more.stats.cache_hits)))
    assert found == [(11, 0), (11, 1), (21, 0)]


@pytest.mark.parametrize("start", ["fork", "spawn", "forkserver"])
def test_workers_of_any_kind_count_the_same(start, tmp_path):
    program = (
        "import multiprocessing, sys\n"
        "import memtools as mt\n"
        "def d(seed):\n"
        "    x = mt.simulate(mt.ARFIMAProcess(d=0.3), 200, rng=seed)\n"
        "    return mt.local_whittle(x).d, mt.ARFIMA(x).fit().d\n"
        "if __name__ == '__main__':\n"
        "    here = [d(seed) for seed in range(3)]\n"
        "    mt.montecarlo.run(mt.gph, mt.ARFIMAProcess(d=0.3), 64, 4, rng=1, n_jobs=2)\n"
        "    with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:\n"
        "        assert pool.map(d, range(3)) == here\n"
    )
    script = tmp_path / "script.py"
    script.write_text(program)
    done = subprocess.run(
        [sys.executable, script, start], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_one_series_starts_no_thread_and_no_process():
    program = (
        "import threading, multiprocessing, numpy as np, memtools as mt\n"
        "x = np.random.default_rng(1).standard_normal(200)\n"
        "mt.estimate(x), mt.gph(x), mt.ARFIMA(x).fit(), mt.kpss_test(x)\n"
        "assert threading.active_count() == 1, threading.enumerate()\n"
        "assert not multiprocessing.active_children()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def interrupted(tmp_path):
    """Start Python, wait for a sign that the work has begun, interrupt as a terminal does."""

    def run(arguments, begun, after=0.3):
        environment = os.environ | {"PYTHONPATH": str(PACKAGE.parent)}
        work = subprocess.Popen(
            [sys.executable, *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path,
            env=environment, start_new_session=True,
        )  # fmt: skip
        while not begun():
            assert work.poll() is None, work.communicate()
            time.sleep(0.05)
        time.sleep(after)
        os.killpg(work.pid, signal.SIGINT)
        try:
            _, error = work.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(work.pid, signal.SIGKILL)
            raise
        deadline = time.monotonic() + 20.0
        while _is_there(work.pid):
            assert time.monotonic() < deadline, "processes are left"
            time.sleep(0.1)
        return work.returncode, error.strip()

    return run


def _is_there(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def _lines(path):
    return path.read_text().count("\n") if path.exists() else 0


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="sends a signal to a group of processes")
@pytest.mark.parametrize("after", [0.0, 0.11, 0.27])
def test_an_interrupted_training_keeps_its_checkpoint(interrupted, tmp_path, after):
    """Interrupts that come inside of compiled code too."""
    np.savetxt(tmp_path / "x.csv", np.random.default_rng(1).standard_normal(3000))
    command = ["-m", "memtools", "train", "x.csv", "--cell", "LSTM"]
    kept = tmp_path / "c.safetensors"
    command += ["--epochs", "100000", "--patience", "100000"]
    command += ["--checkpoint", kept.name, "-o", "n.safetensors"]
    assert interrupted(command, kept.exists, after) == (130, "memtools: interrupted")
    assert not (tmp_path / "n.safetensors").exists()
    # What is there is whole: a state to go on from.
    with np.load(kept) as state:
        assert int(state["adam.n_steps"]) > 0


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="sends a signal to a group of processes")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_interrupted_table_keeps_its_rows(interrupted, tmp_path, monkeypatch, jobs):
    if data_folder() is None:
        pytest.skip("the paper's series are not here: set MEMTOOLS_DATA to their folder")
    monkeypatch.setenv("MEMTOOLS_DATA", str(data_folder()))
    rows = tmp_path / "rows.jsonl"
    command = ["-m", "memtools", "replicate", "table2", "--models", "RNN", "--datasets", "arfima"]
    command += ["--seeds", "1000", "--epochs", "2", "--jobs", jobs, "-o", str(rows)]
    status, error = interrupted(command, lambda: _lines(rows) > 2)
    assert (status, error) == (130, "memtools: interrupted")
    done = _lines(rows)
    assert all(json.loads(line) for line in rows.read_text().splitlines())
    interrupted(command, lambda: _lines(rows) > done)
    names = [json.loads(line)["seed"] for line in rows.read_text().splitlines()]
    assert len(names) == len(set(names))


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="sends a signal to a group of processes")
@pytest.mark.parametrize("estimator", ["exact_local_whittle", "smoothed_gph"])
def test_an_interrupt_of_many_series_leaves_no_worker(interrupted, tmp_path, estimator):
    """Of threads, and of processes."""
    program = (
        "import numpy as np, memtools as mt\n"
        "x = np.resize(np.random.default_rng(1).standard_normal((500, 512)), (200000, 512))\n"
        "mt.estimate_many(x[:50], 'smoothed_gph', n_jobs=2)\n"
        "open('begun', 'w').close()\n"
        f"mt.estimate_many(x, {estimator!r}, n_jobs=2)\n"
    )
    status, error = interrupted(["-c", program], (tmp_path / "begun").exists, after=2.0)
    assert status == -signal.SIGINT
    assert error.endswith("KeyboardInterrupt")
