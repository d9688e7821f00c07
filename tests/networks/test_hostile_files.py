"""Damaged and hostile files: one clear error, nothing executed, little time and memory."""

import contextlib
import os
import random
import sys
import tracemalloc

import numpy as np
import pytest

from memtools import networks
from memtools.exceptions import ModelFileError
from memtools.networks.files import safetensors
from tests.networks.hostile import (
    BOMBS,
    MEGABYTE,
    Attack,
    legacy_file,
    pickles_that_execute,
    torch_file,
)
from tests.networks.models import onnx_model

os.environ.setdefault("KERAS_BACKEND", "torch")
torch = pytest.importorskip("torch")

FORMS = ["pt", "legacy", "safetensors", "npz", "keras", "h5", "onnx"]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A small network in every form, as bytes."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        keras = pytest.importorskip("keras")
        folder = tmp_path_factory.mktemp("files")
        torch.manual_seed(0)
        model = torch.nn.ModuleDict({"rnn": torch.nn.LSTM(1, 5), "out": torch.nn.Linear(5, 1)})
        state = model.state_dict()
        torch.save(state, folder / "pt")
        torch.save(state, folder / "legacy", _use_new_zipfile_serialization=False)
        arrays = {name: value.numpy() for name, value in state.items()}
        (folder / "safetensors").write_bytes(safetensors.write(arrays, {"format": "pt"}))
        np.savez_compressed(folder / "npz.npz", **arrays)
        (folder / "npz.npz").rename(folder / "npz")
        layers = [keras.layers.Input((None, 1)), keras.layers.LSTM(5), keras.layers.Dense(1)]
        for form in ("keras", "h5"):
            keras.Sequential(layers).save(folder / f"model.{form}")
            (folder / f"model.{form}").rename(folder / form)
    (folder / "onnx").write_bytes(onnx_model("LSTM")[0])
    return {form: (folder / form).read_bytes() for form in FORMS}


@contextlib.contextmanager
def lines_counted():
    """Counts the lines of Python that run inside: a measure of work."""
    count = [0]

    def line(frame, event, argument):
        count[0] += event == "line"
        return line

    before = sys.gettrace()
    sys.settrace(line)
    try:
        yield count
    finally:
        sys.settrace(before)


def outcome(data, path):
    """'read' or 'refused'; any other end is a failure."""
    path.write_bytes(data)
    network = None
    with lines_counted() as count, contextlib.suppress(ModelFileError):
        network = networks.load(path)
    # Seconds are measured by benchmarks/bench_hostile_files.py; here work, which no machine
    # changes: a few lines of Python a byte, and what a compressed header may unfold to.
    assert count[0] < 1_000_000 + 8 * len(data)
    return "refused" if network is None else "read"


@pytest.mark.parametrize("form", FORMS)
def test_the_files_are_good(form, files, tmp_path):
    assert outcome(files[form], tmp_path / "model") == "read"


@pytest.mark.parametrize("form", FORMS)
def test_truncated_files_are_refused(form, files, tmp_path):
    data = files[form]
    chooser = random.Random(form)
    cuts = {0, 1, 2, 7, 8, 9, 16, len(data) - 1, len(data) // 2}
    cuts |= {chooser.randrange(len(data)) for _ in range(16)}
    for cut in cuts:
        assert outcome(data[:cut], tmp_path / "model") == "refused", cut


@pytest.mark.parametrize("form", FORMS)
def test_files_with_flipped_bits_end_well(form, files, tmp_path):
    refused = 0
    for seed in range(60):
        chooser, data = random.Random(f"{form} {seed}"), bytearray(files[form])
        reach = len(data) if seed % 2 else min(len(data), 2000)
        for _ in range(chooser.choice([1, 4, 30, 300])):
            data[chooser.randrange(reach)] ^= 1 << chooser.randrange(8)
        refused += outcome(bytes(data), tmp_path / "model") == "refused"
    assert refused > 20  # a flipped bit of a weight cannot be seen


@pytest.mark.parametrize("form", FORMS)
def test_spliced_files_end_well(form, files, tmp_path):
    for seed in range(20):
        chooser, data = random.Random(f"{form} {seed}"), files[form]
        start, end = sorted(chooser.randrange(len(data)) for _ in range(2))
        other = files[chooser.choice(FORMS)]
        middle = chooser.choice([b"", other[: end - start], b"\xff" * 16, data[start:end] * 2])
        outcome(data[:start] + middle + data[end:], tmp_path / "model")


def test_nothing_in_a_pickle_is_executed(tmp_path):
    mark = tmp_path / "executed"
    for pickled in pickles_that_execute(mark):
        for data in (torch_file(pickled), pickled, legacy_file(pickled)):
            assert outcome(data, tmp_path / "model.pt") == "refused"
            assert not mark.exists()


def test_objects_in_numpy_archives_are_not_loaded(tmp_path):
    mark = tmp_path / "executed"
    np.savez(tmp_path / "objects.npz", a=np.array([Attack(os.system, f"touch {mark}")], object))
    data = (tmp_path / "objects.npz").read_bytes()
    assert outcome(data, tmp_path / "model.npz") == "refused"
    assert not mark.exists()


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused(name, tmp_path):
    assert outcome(BOMBS[name], tmp_path / "model") == "refused"


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_take_little_memory(name, tmp_path):
    path = tmp_path / "model"
    path.write_bytes(BOMBS[name])
    tracemalloc.start()
    try:
        with pytest.raises(ModelFileError):
            networks.load(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < len(BOMBS[name]) + 200 * MEGABYTE


@pytest.mark.parametrize("form", FORMS)
def test_damaged_files_take_little_memory(form, files, tmp_path):
    tracemalloc.start()
    try:
        for seed in range(25):
            chooser, data = random.Random(f"{form} {seed}"), bytearray(files[form])
            for _ in range(5):
                data[chooser.randrange(min(len(data), 2000))] ^= 1 << chooser.randrange(8)
            (tmp_path / "model").write_bytes(data)
            with contextlib.suppress(ModelFileError):
                networks.load(tmp_path / "model")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < len(files[form]) + 200 * MEGABYTE


def test_missing_files_and_folders(tmp_path):
    for path in (tmp_path / "no.pt", str(tmp_path / "no.pt")):
        with pytest.raises(ModelFileError, match="no such file"):
            networks.load(path)
    with pytest.raises(ModelFileError, match="a folder, not a file"):
        networks.load(tmp_path)
