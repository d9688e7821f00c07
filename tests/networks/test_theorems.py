"""Theorems 1 and 2 against eigenvalues and simulated processes."""

import numpy as np
import pytest

import memtools as mt
from memtools import networks
from memtools.networks.tangents import gate_values


def scalar_rnn(hh, hy, zh, **options):
    params = {"weight_ih": [[hy]], "weight_hh": [[hh]], "bias_ih": [0.0], "bias_hh": [0.0]}
    return networks.RNN({**params, "weight_hz": [[zh]], "bias_z": [0.0]}, **options)


def test_linear_network_by_theorem_2():
    report = mt.ergodicity(scalar_rnn(0.5, 0.3, 1.0, activation="identity"))
    assert report.theorem == "Theorem 2"
    # (z, h) = [[w_zh w_hy, w_zh w_hh], [w_hy, w_hh]] (y, h) has rank one and this eigenvalue
    assert report.bound == pytest.approx(0.3 + 0.5)
    assert report.verdict == "geometrically ergodic"
    assert report.conditions[0].margin == pytest.approx(0.2)


def test_explosive_linear_network_is_not_ergodic():
    # meets the printed table 1 with a = 0.9 for each entry, and explodes
    network = scalar_rnn(0.9, 0.9, 1.0, activation="identity")
    assert mt.ergodicity(network).verdict == "not ergodic"
    with pytest.raises(mt.InvalidInputError, match="does not explode"):
        mt.simulate_network(network, 5000, rng=0)


def test_relu_network_by_theorem_1():
    inside = mt.ergodicity(scalar_rnn(-0.5, 0.3, 1.0, activation="relu"))
    outside = mt.ergodicity(scalar_rnn(-0.9, 0.9, 1.0, activation="relu"))
    assert (inside.verdict, inside.theorem) == ("geometrically ergodic", "Theorem 1")
    assert inside.bound == pytest.approx(0.8)
    assert outside.verdict == "undecided"
    assert outside.bound == pytest.approx(1.8)
    bounded = scalar_rnn(-0.9, 0.9, 1.0, activation="relu", output_activation="sigmoid")
    assert mt.ergodicity(bounded).bound == pytest.approx(0.9)


def test_bounded_rnn_needs_no_condition():
    report = mt.ergodicity(scalar_rnn(5.0, 5.0, 5.0))
    assert (report.verdict, report.theorem) == ("geometrically ergodic", "Corollary 1")


def test_forget_gate_bound():
    network = networks.LSTM.initialise(2, 3, 2, rng=0)
    p, rows = network.params, slice(3, 6)
    norms = [np.abs(p[name][rows]).sum(axis=1).max() for name in ("weight_hh", "weight_ih")]
    bias = np.abs((p["bias_ih"] + p["bias_hh"])[rows]).max()
    for bound in (1.0, 3.0):
        report = mt.ergodicity(network, input_bound=bound)
        expected = 1.0 / (1.0 + np.exp(-(norms[0] + bound * norms[1] + bias)))
        assert report.bound == pytest.approx(expected)
        assert report.theorem == "Corollary 2"
    x = np.random.default_rng(1).uniform(-3.0, 3.0, (500, 2))
    largest = gate_values(network, x)["forget gate"].max()
    assert largest <= report.conditions[1].value <= report.bound


@pytest.mark.parametrize(
    ("cell", "options"),
    [
        (networks.GRU, {}),
        (networks.MIST, {}),
        (networks.MRNN, {}),
        (networks.MRNN, {"fixed_d": True}),
        (networks.MLSTM, {}),
        (networks.MLSTM, {"fixed_d": True}),
        (networks.TwoLaneRNN, {}),
    ],
)
def test_bounded_cells_are_ergodic(cell, options):
    network = cell.initialise(1, 2, 1, rng=0, filter_length=30, **options)
    report = mt.ergodicity(network)
    assert report.verdict == "geometrically ergodic"
    assert 0.0 <= report.bound < 1.0
    assert report.verdict in report.summary()


def test_undecided_where_nothing_is_proved():
    assert mt.ergodicity(networks.RWA.initialise(1, 2, 1, rng=0)).verdict == "undecided"
    relu = networks.GRU.initialise(1, 2, 1, rng=0, activation="relu")
    assert mt.ergodicity(relu).verdict == "undecided"
    one = networks.LSTM.initialise(1, 2, rng=0)
    assert mt.ergodicity(networks.Bidirectional(one, one)).verdict == "undecided"


def test_stack_of_bounded_layers():
    layers = [networks.MRNN.initialise(1, 4, 4, rng=0), networks.LSTM.initialise(4, 3, 2, rng=1)]
    report = mt.ergodicity(networks.Sequential(layers))
    assert report.verdict == "geometrically ergodic"
    assert report.conditions[0].name.startswith("layer 1")


def test_absolute_twin_dominates():
    rng = np.random.default_rng(3)
    network = networks.TwoLaneRNN.initialise(1, 3, 1, rng=5, filter_length=4, activation="relu")
    twin = network.absolute_twin()
    for _ in range(20):
        x = rng.standard_normal((30, 1))
        small = network.forward(x)[0]
        assert np.all(np.abs(small) <= twin.forward(np.abs(x))[0] + 1e-12)


def test_bad_input_is_named():
    with pytest.raises(mt.InvalidInputError, match="network must be a network"):
        mt.ergodicity(np.ones(3))
    with pytest.raises(mt.InvalidInputError, match="input_bound"):
        mt.ergodicity(networks.GRU.initialise(1, 2, 1, rng=0), input_bound=-1.0)
    with pytest.raises(mt.InvalidInputError, match="as many outputs as inputs"):
        mt.simulate_network(networks.GRU.initialise(2, 2, 1, rng=0), 10)


@pytest.mark.slow
@pytest.mark.parametrize("cell", [networks.RNN, networks.LSTM])
def test_process_has_no_memory_at_the_nominal_size(cell):
    n, rejected = 50, 0
    for seed in range(n):
        network = cell.initialise(1, 1, 1, rng=seed)
        y = mt.simulate_network(network, 20000, rng=1000 + seed)
        rejected += mt.local_whittle(y).test(0.0).pvalue < 0.05
    assert rejected <= n * 0.05 + 3.0 * np.sqrt(n * 0.05 * 0.95)
