"""Eigenvalues of the recurrence and values of the gates along data."""

import numpy as np
import pytest

from memtools import networks
from memtools.networks.inside import gate_values, recurrence_eigenvalues

X = np.random.default_rng(1).standard_normal((60, 2))


def sigmoid(v):
    return 1.0 / (1.0 + np.exp(-v))


def test_a_linear_network_shows_its_matrix():
    network = networks.RNN.initialise(2, 4, 1, rng=0, activation="identity")
    found, what = recurrence_eigenvalues(network, X)
    assert what == "state matrix"
    expected = np.linalg.eigvals(network.params["weight_hh"])
    np.testing.assert_allclose(np.sort_complex(found), np.sort_complex(expected))


def test_other_networks_show_their_mean_jacobian():
    network = networks.RNN.initialise(2, 3, 1, rng=0)
    found, what = recurrence_eigenvalues(network, X)
    assert what == "mean Jacobian of the state on the input"
    p, h, rows = network.params, np.zeros(3), []
    anchors = set(np.linspace(6, 59, 30).astype(int))
    for t, x in enumerate(X):
        v = p["weight_ih"] @ x + p["bias_ih"] + p["weight_hh"] @ h + p["bias_hh"]
        if t in anchors:
            rows.append((1.0 - np.tanh(v) ** 2)[:, None] * p["weight_hh"])
        h = np.tanh(v)
    expected = np.linalg.eigvals(np.mean(rows, axis=0))
    np.testing.assert_allclose(np.sort_complex(found), np.sort_complex(expected), rtol=1e-10)


def test_lstm_gates_are_those_of_its_formula():
    network = networks.LSTM.initialise(2, 3, 1, rng=0)
    p, h, c, forget = network.params, np.zeros(3), np.zeros(3), []
    for x in X:
        v = p["weight_ih"] @ x + p["bias_ih"] + p["weight_hh"] @ h + p["bias_hh"]
        i, f, g, o = np.split(v, 4)
        forget.append(sigmoid(f))
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
    found = gate_values(network, X)
    assert list(found) == ["input gate", "forget gate", "output gate"]
    np.testing.assert_allclose(found["forget gate"], np.ravel(forget), rtol=1e-12)


@pytest.mark.parametrize(
    ("cell", "options", "names"),
    [
        (networks.GRU, {}, ["reset gate", "update gate"]),
        (networks.MLSTM, {"filter_length": 5}, ["input gate", "output gate", "memory parameter d"]),
        (
            networks.MLSTM,
            {"filter_length": 5, "fixed_d": True},
            ["input gate", "output gate"],
        ),
        (networks.MRNN, {"filter_length": 5}, ["memory parameter d"]),
        (networks.MRNN, {"filter_length": 5, "fixed_d": True}, []),
        (networks.RWA, {}, []),
        (networks.RNN, {}, []),
    ],
)
def test_names_and_ranges(cell, options, names):
    network = cell.initialise(2, 3, 1, rng=0, **options)
    found = gate_values(network, X)
    assert list(found) == names
    for name, values in found.items():
        assert values.min() > 0.0
        assert values.max() < (0.5 if name.startswith("memory") else 1.0)


def test_gates_of_a_stack_are_those_of_its_first_gated_layer():
    rnn = networks.RNN.initialise(2, 3, 2, rng=0)
    lstm = networks.LSTM.initialise(2, 2, 1, rng=1)
    found = gate_values(networks.Sequential([rnn, lstm]), X)
    expected = gate_values(lstm, rnn.forward(X)[0])
    np.testing.assert_allclose(found["forget gate"], expected["forget gate"])
    assert len(recurrence_eigenvalues(networks.Sequential([rnn, lstm]), X)[0]) == 7


def test_large_states_are_left_out():
    network = networks.MRNN.initialise(2, 2, 1, rng=0, filter_length=400)
    found, what = recurrence_eigenvalues(network, X)
    assert (len(found), what) == (0, "")
