"""Long sequences a segment at a time: the numbers of one tape."""

import math

import numpy as np
import pytest

from memtools import networks
from memtools.networks import segments
from memtools.networks.registry import cell_named

N_STEPS = 237
CASES = [
    *((name, length) for name in ("MRNNF", "MRNN", "MLSTMF", "MLSTM") for length in (60, math.inf)),
    ("RNN2", 60),
]


@pytest.fixture
def in_segments(monkeypatch):
    """Turns segments of 40 steps on."""

    def turn_on():
        monkeypatch.setattr(segments, "_MOST_BYTES", 0)
        monkeypatch.setattr(segments, "_FEWEST_STEPS", 40)

    return turn_on


def drawn(name, filter_length, n_input, n_hidden, n_output):
    cell, options = cell_named(name)
    network = cell.initialise(
        n_input, n_hidden, n_output, rng=3, filter_length=filter_length, **options
    )
    moving = {k: 3.0 * v if k.endswith("d") else v for k, v in network.params.items()}
    return network.replace(moving)


@pytest.mark.parametrize(("name", "filter_length"), CASES)
@pytest.mark.parametrize("sizes", [(1, 1, 1, 1), (2, 3, 2, 2)])
def test_loss_and_gradient_are_those_of_one_tape(name, filter_length, sizes, in_segments):
    *sizes, n_batch = sizes
    network, rng = drawn(name, filter_length, *sizes), np.random.default_rng(1)
    x, y = (rng.standard_normal((N_STEPS, n_batch, n)) for n in (sizes[0], sizes[2]))
    loss, gradient = networks.loss_and_gradient(network, x, y)
    state = network.forward(x)[1]
    tape = network.record(x, state)
    first = 0.1 * y[:190]
    kept_outputs, kept_end, (later, _) = tape.outputs.copy(), tape.end, tape.backward(first.copy())

    in_segments()
    found, parts = networks.loss_and_gradient(network, x, y)
    assert found == pytest.approx(loss, rel=1e-12)
    outputs, end, backward = segments.recorded(network, x, state)
    np.testing.assert_allclose(outputs, kept_outputs, rtol=0, atol=1e-13)
    for part, wanted in zip(end, kept_end, strict=True):
        np.testing.assert_allclose(part, wanted, rtol=1e-12, atol=1e-13)
    for given, wanted in ((parts, gradient), (backward(first), later)):
        for key in network.params:
            scale = np.abs(wanted[key]).max()
            np.testing.assert_allclose(given[key], wanted[key], rtol=0, atol=1e-12 * scale)


def test_a_training_is_the_same(in_segments):
    network, x = drawn("MRNN", math.inf, 1, 1, 1), np.random.default_rng(2).standard_normal(200)
    data = x[:150], x[1:151], (x[150:-1], x[151:])
    plain = networks.train(network, *data, n_epochs=4).history
    in_segments()
    found = networks.train(network, *data, n_epochs=4).history
    for key, losses in plain.items():
        np.testing.assert_allclose(found[key], losses, rtol=1e-12)


def test_cells_without_it_keep_one_tape(in_segments):
    in_segments()
    assert not segments.in_segments(networks.GRU.initialise(1, 1, 1, rng=0), np.zeros((9, 1, 1)))
