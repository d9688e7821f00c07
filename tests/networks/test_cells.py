"""Cells against slow twins, PyTorch's modules and themselves: compiled, in batches, in pieces."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memtools import networks
from memtools.exceptions import InvalidInputError
from memtools.fractional import fracdiff_weights, weights
from tests.networks.slow_cells import logistic, slow_forward

N_LAGS = 7
CELLS = {
    "RNN": (networks.RNN, {}),
    "LSTM": (networks.LSTM, {}),
    "GRU": (networks.GRU, {}),
    "GRU before": (networks.GRU, {"reset_after": False}),
    "MRNN": (networks.MRNN, {}),
    "MRNNF": (networks.MRNN, {"fixed_d": True}),
    "TwoLaneRNN": (networks.TwoLaneRNN, {}),
    "MLSTM": (networks.MLSTM, {}),
    "MLSTMF": (networks.MLSTM, {"fixed_d": True}),
    "RWA": (networks.RWA, {}),
    "MIST": (networks.MIST, {}),
}
each_cell = pytest.mark.parametrize("name", CELLS)


def build(name, n_input=2, n_hidden=3, n_output=2, filter_length=N_LAGS, seed=0, **options):
    cell, own = CELLS[name]
    network = cell.initialise(
        n_input, n_hidden, n_output, rng=seed, filter_length=filter_length, **own, **options
    )
    if "bias_d" in network.params:  # different d in each dimension
        d = np.linspace(-1.0, 1.0, len(network.params["bias_d"]))
        network = network.replace({**network.params, "bias_d": d})
    return network


def inputs(*shape, seed=1):
    return np.random.default_rng(seed).normal(size=shape)


@each_cell
def test_definition_equals_the_papers_formulas(name):
    network, x = build(name), inputs(25, 2)
    outputs, _ = network.forward(x, compiled=False)
    np.testing.assert_allclose(outputs, slow_forward(network, x), rtol=0, atol=1e-13)


@each_cell
@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu", "identity"])
@pytest.mark.parametrize("filter_length", [1, N_LAGS])
def test_compiled_equals_definition(name, activation, filter_length):
    network = build(name, filter_length=filter_length, activation=activation)
    x = inputs(30, 3, 2)
    outputs, state = network.forward(x)
    expected, end = network.forward(x, compiled=False)
    np.testing.assert_allclose(outputs, expected, rtol=1e-12, atol=1e-12)
    for one, other in zip(state, end, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)


@each_cell
@settings(max_examples=15, deadline=None)
@given(cut=st.integers(1, 19), compiled=st.booleans())
def test_pieces_give_what_the_whole_gives(name, cut, compiled):
    network, x = build(name), inputs(20, 2)
    whole, end = network.forward(x, compiled=compiled)
    head, state = network.forward(x[:cut], compiled=compiled)
    kept = [np.array(part) for part in state]
    tail, last = network.forward(x[cut:], state, compiled=compiled)
    np.testing.assert_allclose(np.concatenate([head, tail]), whole, rtol=0, atol=1e-14)
    for one, other in zip(last, end, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-14)
    for before, after in zip(kept, state, strict=True):  # the caller's state is not touched
        np.testing.assert_array_equal(before, after)


@each_cell
def test_batch_is_its_sequences_side_by_side(name):
    network, x = build(name), inputs(15, 4, 2)
    outputs, state = network.forward(x)
    for i in range(4):
        alone, end = network.forward(x[:, i])
        np.testing.assert_allclose(outputs[:, i], alone, rtol=0, atol=1e-14)
        for part, own in zip(state, end, strict=True):
            np.testing.assert_allclose(part[i], own, rtol=0, atol=1e-14)


@each_cell
def test_state_and_parameters_are_named(name):
    network = build(name)
    assert len(network.state_names) == len(network.initial_state(1))
    again = type(network).from_params(network.params, **network.options)
    x = inputs(5, 2)
    np.testing.assert_array_equal(network.forward(x)[0], again.forward(x)[0])
    assert repr(network).startswith(type(network).__name__)
    with pytest.raises(ValueError, match="read-only"):
        next(iter(network.params.values()))[...] = 0.0


@each_cell
def test_output_activations(name):
    x, plain = inputs(5, 2), build(name)
    z = plain.forward(x)[0]
    expected = {
        "tanh": np.tanh(z),
        "sigmoid": logistic(z),
        "relu": np.maximum(z, 0),
        "softmax": np.exp(z) / np.exp(z).sum(axis=1, keepdims=True),
    }
    for g, values in expected.items():
        outputs = build(name, output_activation=g).forward(x)[0]
        np.testing.assert_allclose(outputs, values, rtol=1e-12)


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU", "MLSTM", "RWA", "MIST"])
def test_without_read_out_the_outputs_are_the_hidden_units(name):
    network = build(name, n_output=None)
    with_read_out = {**network.params, "weight_hz": np.eye(3), "bias_z": np.zeros(3)}
    x = inputs(6, 2)
    assert network.n_output == 3
    outputs = network.replace(with_read_out).forward(x)[0]
    np.testing.assert_allclose(network.forward(x)[0], outputs, rtol=0, atol=1e-15)


def test_weights_of_several_orders_are_the_weights_of_each():
    d = np.array([[0.1, 0.4], [-0.3, 1.0]])
    rows = weights(d, 9)
    for index in np.ndindex(d.shape):
        np.testing.assert_array_equal(rows[index], fracdiff_weights(d[index], 8))


def test_rwa_survives_large_attention():
    network = build("RWA")
    params = {**network.params, "weight_xa": 1e3 * network.params["weight_xa"]}
    outputs, _ = network.replace(params).forward(100.0 * inputs(50, 2))
    assert np.isfinite(outputs).all()


def test_initial_values_are_pytorchs_law():
    cell = networks.LSTM.initialise(3, 16, 2, rng=0)
    for values in cell.params.values():
        assert np.abs(values).max() < 0.25
    assert np.abs(cell.params["weight_hh"]).max() > 0.24
    fixed = networks.MRNN.initialise(3, 4, 1, rng=0, fixed_d=True)
    np.testing.assert_array_equal(fixed.d, 0.25)
    assert fixed.filter_length == 100
    assert networks.MIST.initialise(1, 2, 1, filter_length=100, rng=0).delays[-1] == 64


def test_sequential_runs_layer_after_layer():
    first, second = (
        build("MRNNF", n_output=3),
        build("LSTM", n_input=3, output_activation="softmax"),
    )
    stack, x = networks.Sequential([first, second]), inputs(12, 2, 2)
    middle, _ = first.forward(x)
    expected, _ = second.forward(middle)
    outputs, state = stack.forward(x)
    np.testing.assert_allclose(outputs, expected, rtol=0, atol=1e-15)
    values = x[0], stack.initial_state(2)
    for t in range(12):
        z, after = stack.step(x[t], values[1])
        np.testing.assert_allclose(z, outputs[t], rtol=0, atol=1e-13)
        values = z, after
    head, middle_state = stack.forward(x[:5])
    tail, _ = stack.forward(x[5:], middle_state)
    np.testing.assert_allclose(np.concatenate([head, tail]), outputs, rtol=0, atol=1e-14)
    assert set(stack.params) == {f"0.{k}" for k in first.params} | {f"1.{k}" for k in second.params}
    doubled = stack.replace({key: 2 * value for key, value in stack.params.items()})
    np.testing.assert_array_equal(doubled.layers[1].params["bias_z"], 2 * second.params["bias_z"])
    assert len(state) == 2


def test_bidirectional_reads_both_ways():
    ahead, back = build("GRU", seed=0), build("GRU", seed=1)
    both, x = networks.Bidirectional(ahead, back), inputs(9, 2)
    outputs, _ = both.forward(x)
    np.testing.assert_allclose(outputs[:, :2], ahead.forward(x)[0], rtol=0, atol=1e-15)
    np.testing.assert_allclose(outputs[:, 2:], back.forward(x[::-1])[0][::-1], rtol=0, atol=1e-15)
    with pytest.raises(InvalidInputError, match="causal"):
        both.step(x[:1], both.initial_state(1))
    x = inputs(4, 1, 2)
    linear = networks.Linear.from_params({"weight": np.ones((1, 4)), "bias": [0.5]})
    stack = networks.Sequential([both, linear])
    expected = both.forward(x)[0].sum(axis=-1, keepdims=True) + 0.5
    np.testing.assert_allclose(stack.forward(x)[0], expected, rtol=0, atol=1e-14)
    np.testing.assert_allclose(stack.forward(x, compiled=False)[0], expected, rtol=0, atol=1e-14)


BAD_INPUT = {
    "wrong width": (
        np.zeros((5, 3)),
        r"x must be of shape \(n_steps, 2\) or .*; got shape \(5, 3\)",
    ),
    "one axis": (np.zeros(5), r"x must be of shape"),
    "no steps": (np.zeros((0, 2)), "at least one step"),
    "nan": (np.full((3, 2), np.nan), "x must be finite"),
    "text": ([["a", "b"]], "x must be real numbers"),
}


@pytest.mark.parametrize("case", BAD_INPUT)
def test_bad_inputs_are_refused(case):
    x, message = BAD_INPUT[case]
    with pytest.raises(InvalidInputError, match=message):
        build("LSTM").forward(x)


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (np.zeros(3), "state must be a tuple of 2"),
        ((np.zeros(3),), "state must be a tuple of 2.*; got tuple of 1"),
        ((np.zeros(3), np.zeros(4)), r"state\[1\] must be of shape \(3,\); got shape \(4,\)"),
        ((np.zeros(3), np.full(3, np.inf)), r"state\[1\] must be finite"),
    ],
)
def test_bad_states_are_refused(state, message):
    with pytest.raises(InvalidInputError, match=message):
        build("LSTM").forward(np.zeros((4, 2)), state)


def bad_params(**changes):
    params = dict(build("LSTM").params)
    for key, value in changes.items():
        if value is None:
            del params[key]
        else:
            params[key] = value
    return params


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (bad_params(weight_hh=None), "no tensor 'weight_hh'.*found: weight_ih"),
        (bad_params(bias_z=None), "no tensor 'bias_z'"),
        (bad_params(weight_xx=np.zeros(2)), "extra tensor 'weight_xx'"),
        (
            bad_params(weight_hh=np.zeros((12, 4))),
            r"params\['weight_hh'\] must be of shape \(4H, H\)",
        ),
        (
            bad_params(weight_ih=np.zeros((13, 2))),
            r"params\['weight_ih'\] must be of shape \(4H, I\)",
        ),
        (bad_params(bias_ih=np.zeros((12, 1))), r"params\['bias_ih'\] must be of shape"),
        (bad_params(bias_ih=np.full(12, np.nan)), r"params\['bias_ih'\] must be finite"),
        (bad_params(bias_ih=np.zeros(12, complex)), r"params\['bias_ih'\] must be real"),
        ([1.0], "params must be a mapping"),
    ],
)
def test_bad_parameters_are_refused_by_name(params, message):
    with pytest.raises(InvalidInputError, match=message):
        networks.LSTM.from_params(params)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: build("RNN", activation="softmax"), "activation must be one of 'tanh'"),
        (lambda: build("RNN", output_activation="elu"), "output_activation must be one of"),
        (lambda: build("MRNN", fixed_d=1), "fixed_d must be True or False"),
        (lambda: build("MRNN", filter_length=0), "filter_length must be an integer of at least 1"),
        (lambda: build("MRNN", n_output=None), "n_output must be an integer for MRNN"),
        (lambda: build("GRU", reset_after="yes"), "reset_after must be True or False"),
        (lambda: networks.MRNN.from_params(build("MRNN").params), "filter_length must be"),
        (lambda: networks.Sequential([]), "layers must be a non-empty sequence"),
        (lambda: networks.Sequential(build("RNN")), "layers must be a sequence of networks"),
        (
            lambda: networks.Sequential([build("RNN", n_output=5), build("RNN")]),
            "5 outputs of layer 0",
        ),
        (lambda: networks.Bidirectional(build("RNN"), None), "backward_layer must be a network"),
        (lambda: networks.Sequential([build("RNN")]).replace({"1.bias_z": 0}), "start with 0"),
    ],
)
def test_bad_options_are_refused(call, message):
    with pytest.raises((InvalidInputError, TypeError), match=message):
        call()


def test_half_precision_parameters_are_widened():
    params = {key: value.astype(np.float16) for key, value in build("LSTM").params.items()}
    cell = networks.LSTM.from_params(params)
    assert cell.params["weight_ih"].dtype == np.float64


def test_unknown_public_name():
    with pytest.raises(AttributeError, match="LSTMM"):
        networks.LSTMM  # noqa: B018


GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "authors_cells.json").read_text())


@pytest.mark.parametrize("name", GOLDEN["cells"])
def test_equals_the_authors_published_cells(name):
    record, x = GOLDEN["cells"][name], np.array(GOLDEN["inputs"])
    cell, _ = CELLS[name]
    options = {"filter_length": GOLDEN["filter_length"]} if name.startswith("M") else {}
    if name == "MRNNF":
        options["output_activation"] = "tanh"
    network = cell.from_torch_names(record["tensors"], **options)
    outputs, state = network.forward(x)
    np.testing.assert_allclose(outputs, record["outputs"], rtol=0, atol=1e-6)
    np.testing.assert_allclose(state[0], record["last_hidden"], rtol=0, atol=1e-6)
