"""Command lines nobody would write: an answer or one line and status 2, never anything else.

Options are drawn from what each command says it takes, so that a new one is drawn too.
"""

import contextlib
import importlib
import io
import os
import signal
import subprocess
import sys
import warnings
from pathlib import Path

import click
import numpy as np
import pytest

import memtools as mt
from memtools.cli import _COMMANDS, main

N_CALLS = 3000
LONGEST = 5  # seconds
COMMANDS = {name: importlib.import_module(f"memtools.cli.{name}").command for name in _COMMANDS}
# Pages and networks take seconds: they are called with what they refuse, most of the time.
WEIGHTS = {"report": 0.2, "train": 0.3, "replicate": 0.3, "datasets": 0.2}
TEXTS = [
    *("", " ", "-", "--", "x", "0", "1", "2", "-1", "0.4", "nan", "inf", "1e400", "all", "auto"),
    *("none", "gph", "exact_local_whittle", "time", "a", "flow", "🦆", "../..", "\n", "\x00"),
    *("1,0", "0,0", "1,0,0,12", ";", ".", "2020-01-01", "plug-in", "MRNN", "tanh", "tcp://no:1"),
    "9" * 40,
]
OUTPUTS = ("o.csv", "o.json", "o.html", "o", "o.xyz", "no/o.csv")
WHOLE = ["-1", "0", "1", "2", "3", "7", "40", "x", "", "1.5", "9" * 18, "9" * 30]
REAL = ["-1", "0", "0.3", "0.5", "0.95", "1", "2", "nan", "inf", "-inf", "x", "", "1e-320", "1e308"]


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    """Files of all sorts and places to write to, by the word that names them."""
    folder = tmp_path_factory.mktemp("fuzz")
    rng = np.random.default_rng(1)
    x = mt.fracint(rng.standard_normal(60), 0.3)
    (folder / "good.csv").write_text("flow\n" + "\n".join(map(repr, x.tolist())))
    rows = "".join(f"{1950 + t},{v:.3f},{-v:.2f},a\n" for t, v in enumerate(x))
    (folder / "dated.csv").write_text("year,flow,low,note\n" + rows)
    (folder / "gaps.csv").write_text("1\n2\n\n4\nNA\n" * 12)
    (folder / "same.csv").write_text("3\n" * 50)
    (folder / "short.csv").write_text("1\n2\n")
    (folder / "words.txt").write_text("It was a dark and stormy night.\n" * 5)
    (folder / "empty.csv").write_text("")
    (folder / "noise.bin").write_bytes(rng.bytes(2000))
    (folder / "half.json").write_text('{"flow": [1, 2')
    (folder / "model.safetensors").write_bytes(rng.bytes(300))
    (folder / "model.pt").write_bytes(b"PK\x03\x04" + rng.bytes(100))
    (folder / "x.mat").write_bytes(b"MATLAB 5.0" + rng.bytes(500))
    np.save(folder / "x.npy", x)
    np.save(folder / "table.npy", rng.standard_normal((30, 3)))
    np.savez(folder / "x.npz", x=x)
    (folder / "folder.csv").mkdir()
    network = mt.networks.RNN.initialise(1, 2, 1, rng=1)
    mt.networks.save(network, folder / "rnn.safetensors")
    ins = [str(path) for path in sorted(folder.iterdir())]
    outs = [folder / name for name in OUTPUTS]
    return {"in": [*ins, "nile", "nilee", "-", str(folder / "no.csv")], "out": [*map(str, outs)]}


def value_of(rng, parameter, places):
    kind = parameter.type
    if isinstance(kind, click.Choice) and rng.random() < 0.8:
        return str(rng.choice(list(kind.choices)))
    if parameter.name in ("file", "model_file", "data", "network") and rng.random() < 0.9:
        return str(rng.choice(places["in"]))
    if parameter.name in ("output", "checkpoint", "figure", "out"):
        return str(rng.choice(places["out"]))
    pool = {"integer": WHOLE, "integer range": WHOLE, "float": REAL}.get(kind.name, TEXTS)
    return str(rng.choice(pool))


def drawn(rng, places):
    """The words of one call."""
    weights = np.array([WEIGHTS.get(name, 1.0) for name in COMMANDS])
    name = str(rng.choice(list(COMMANDS), p=weights / weights.sum()))
    words, options = [name], []
    for parameter in COMMANDS[name].params:
        if isinstance(parameter, click.Argument):
            if rng.random() < 0.95:
                words.append(value_of(rng, parameter, places))
        else:
            options.append(parameter)
    few = rng.choice(len(options), min(len(options), rng.integers(0, 4)), replace=False)
    for parameter in (options[i] for i in few):
        words.append(str(rng.choice([*parameter.opts, *parameter.secondary_opts])))
        if not getattr(parameter, "is_flag", False) and rng.random() < 0.97:
            words.append(value_of(rng, parameter, places))
    if name in ("train", "replicate"):  # what is right by chance ends soon
        words += ["--epochs", "1"]
    if name == "replicate":
        words += ["--models", "none"]
    if rng.random() < 0.03:
        words.insert(int(rng.integers(len(words))), str(rng.choice(TEXTS)))
    return words


def called(words):
    """Status, what is printed, and what is said beside it."""
    out, err = io.StringIO(), io.StringIO()
    status = 0
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("default")
        try:
            main(words)
        except SystemExit as end:
            status = end.code or 0
    return status, out.getvalue(), err.getvalue()


def held(words, status, out, err):
    assert "Traceback" not in out + err, words
    assert status in (0, 2), (words, status)
    lines = [line for line in err.splitlines() if not line.startswith("memtools: note:")]
    if status == 0:
        assert not [line for line in lines if "error" in line], (words, err)
        assert out.strip() or any(w.endswith(OUTPUTS) for w in words), words
    elif words[1:]:
        assert lines, words
        assert lines[-1].startswith(("memtools: error: ", "Usage:")) or "Usage" in err, (words, err)
        assert len(err) < 3000, words


def too_long(*_):
    raise TimeoutError


@pytest.fixture
def clean(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"1\n2\n3\n" * 20)))
    before = signal.signal(signal.SIGALRM, too_long)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def fuzz(seeds, places):
    for seed in seeds:
        words = drawn(np.random.default_rng([9, seed]), places)
        sys.stdin = io.TextIOWrapper(io.BytesIO(b"1\n2\n3\n" * 20))
        signal.setitimer(signal.ITIMER_REAL, 4 * LONGEST)  # other work may be done beside
        try:
            answer = called(words)
        except BaseException as error:
            pytest.fail(f"seed {seed}, memtools {' '.join(map(repr, words))}: {error!r}")
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        held(words, *answer)


def test_some_odd_calls(clean, places):
    fuzz(range(60), places)


@pytest.mark.slow
def test_odd_calls(clean, places):
    fuzz(range(60, N_CALLS), places)


@pytest.mark.slow
def test_odd_calls_of_real_processes(places, tmp_path):
    environment = os.environ | {"PYTHONPATH": str(Path(mt.__file__).parents[1])}
    for seed in range(N_CALLS, N_CALLS + 12):
        words = [w for w in drawn(np.random.default_rng([9, seed]), places) if "\x00" not in w]
        done = subprocess.run(
            [sys.executable, "-m", "memtools", *words],
            input="1\n2\n3\n" * 20, capture_output=True, text=True, env=environment, cwd=tmp_path,
            timeout=12 * LONGEST, check=False,
        )  # fmt: skip
        held(words, done.returncode, done.stdout, done.stderr)
