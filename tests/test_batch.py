"""Work on many series comes back in order, in one process or in several."""

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from memtools import _output
from memtools.batch import each_done, run_each
from memtools.exceptions import InvalidInputError


def test_results_come_in_order():
    assert run_each(abs, [-3, 1, -2], n_jobs=2) == [3, 1, 2]
    assert run_each(abs, []) == []


def test_processes_return_what_one_does():
    items = list(range(-50, 50))
    before = dict(os.environ)
    assert run_each(abs, items, n_jobs=2) == [abs(item) for item in items]
    assert dict(os.environ) == before


def test_an_error_in_a_process_reaches_the_caller():
    with pytest.raises(ValueError, match="could not convert"):
        run_each(float, ["1"] * 60 + ["x"], n_jobs=2)


@pytest.mark.parametrize("threads", [False, True])
def test_results_tell_their_places(threads):
    found = dict(each_done(abs, [-3, 1, -2], n_jobs=2, threads=threads))
    assert found == {0: 3, 1: 1, 2: 2}


@pytest.mark.parametrize("n_jobs", [0, -1, 1.5, "all"])
def test_the_number_of_workers_is_checked(n_jobs):
    with pytest.raises(InvalidInputError, match="n_jobs must be"):
        run_each(abs, [1], n_jobs=n_jobs)


SCRIPT = """
import sys
import numpy as np
import memtools as mt
from memtools.batch import each_done

print("run", file=sys.stderr)

class Half:
    def __init__(self, value):
        self.value = value / 2

def half(value):
    return Half(value)

print({i: done.value for i, done in sorted(each_done(half, [1, 2, 3], n_jobs=2))})
x = np.random.default_rng(1).standard_normal((64, 41))
one, two = (mt.estimate_panel(x, n_jobs=n).to_dict() for n in (1, 2))
print(one == two)
"""


@pytest.mark.slow
def test_a_script_needs_no_main_guard_and_runs_once(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["{0: 0.5, 1: 1.0, 2: 1.5}", "True"]
    assert done.stderr.splitlines() == ["run"]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="asks Linux whether the workers have begun")
def test_an_interrupt_ends_all_and_leaves_no_file(tmp_path):
    data = tmp_path / "panel.csv"
    values = np.random.default_rng(1).standard_normal((1000, 400))
    np.savetxt(data, values, delimiter=",")
    command = ["report", str(data), "-o", str(tmp_path / "panel.html"), "--jobs", "2"]
    work = subprocess.Popen(
        [sys.executable, "-m", "memtools", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    children = Path(f"/proc/{work.pid}/task/{work.pid}/children")
    while not children.read_text():
        assert work.poll() is None
        time.sleep(0.05)
    time.sleep(1.0)
    os.killpg(work.pid, signal.SIGINT)  # as a terminal does: to the workers as well
    printed, error = work.communicate(timeout=120.0)
    assert work.returncode == 130, error
    assert error.strip() == "memtools: interrupted"
    assert not printed
    assert [path.name for path in tmp_path.iterdir()] == ["panel.csv"]


def test_no_bar_where_nobody_looks(capsys):
    run_each(abs, [1, 2])
    assert capsys.readouterr() == ("", "")


def test_a_bar_on_standard_error_where_it_is_asked_for(monkeypatch):
    shown = io.StringIO()
    monkeypatch.setattr(sys, "stderr", shown)
    with _output.progress_bar(2, "series", shown=True) as advance:
        advance()
        advance()
    assert "series" in shown.getvalue()
    assert "100%" in shown.getvalue()


def test_work_inside_work_draws_no_second_bar(monkeypatch):
    shown = io.StringIO()
    monkeypatch.setattr(sys, "stderr", shown)
    outer = _output.progress_bar(1, "outer", shown=True)
    with outer as advance, _output.progress_bar(1, "inner", shown=True) as inner:
        inner()
        advance()
    assert "outer" in shown.getvalue()
    assert "inner" not in shown.getvalue()
