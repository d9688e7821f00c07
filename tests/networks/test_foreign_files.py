"""Files of PyTorch, ONNX' exporters, Keras, Flax and Equinox: right, or refused with a way out."""

import dataclasses
import functools
import importlib
import importlib.util
import warnings

import pytest

import memtools as mt
from tests.networks.foreign.__main__ import MODULES
from tests.networks.foreign.case import CASES, outcome

for _needed in ("torch", "keras", "onnx", "onnxruntime", "h5py", "safetensors"):
    if importlib.util.find_spec(_needed) is None:
        pytest.skip(f"{_needed} is not installed", allow_module_level=True)
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    for _name in MODULES:
        jax = all(importlib.util.find_spec(_needed) for _needed in ("flax", "equinox"))
        if jax or _name != "jax_files":
            importlib.import_module(f"tests.networks.foreign.{_name}")
_SLOW = ("flax", "equinox", "onnx: dynamo", "fresh: the new ONNX exporter")


def _marked(name):
    return pytest.param(name, marks=pytest.mark.slow if name.startswith(_SLOW) else ())


@pytest.mark.parametrize("name", [_marked(name) for name in CASES])
@pytest.mark.filterwarnings("ignore")
def test_file(name, tmp_path):
    one = CASES[name]
    kind, said, network = outcome(one, tmp_path)
    if one.refused:
        assert kind == "refused", said
        assert one.refused in said
    else:
        assert kind == "right", said
        _on_the_first_screen(network)


@functools.cache
def _report():
    """A report, to print the notes of every kind in it: they come to it unchanged."""
    return mt.diagnose(mt.networks.LSTM.initialise(1, 2, 1, rng=0), n_lags=16)


def _on_the_first_screen(network):
    """All notes stand in what `memtools diagnose` prints first."""
    lines = dataclasses.replace(_report(), notes=tuple(network.notes)).summary().splitlines()
    first = " ".join(" ".join(lines[:24]).split())
    for note in network.notes:
        assert " ".join(note.split()) in first, note


def test_most_kinds_are_read():
    """Each is held by the test above; here how many they are."""
    read = [one for one in CASES.values() if not one.refused]
    assert len(read) > 0.65 * len(CASES)
    assert len(CASES) >= 60
