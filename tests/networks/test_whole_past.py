"""Filters that are not cut: against filters as long as the data, and against their own step."""

import itertools
import json
import math
import pickle

import numpy as np
import pandas as pd
import pytest

import memtools as mt
from memtools import networks
from memtools.cli import main
from memtools.networks.registry import cell_named

N_STEPS = 150
KINDS = ("MRNN", "MRNNF", "MLSTM", "MLSTMF")
SIZES = ((1, 1, 1, 1), (2, 3, 2, 2))  # inputs, units, outputs, sequences
CASES = list(itertools.product(KINDS, SIZES))


def drawn(kind, n_input, n_hidden, n_output, filter_length=math.inf, **options):
    cell, more = cell_named(kind)
    return cell.initialise(
        n_input, n_hidden, n_output, rng=1, filter_length=filter_length, **more, **options
    )


def data(n_input, n_output, n_batch, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((N_STEPS, n_batch, n_input))
    return x, rng.standard_normal((N_STEPS, n_batch, n_output))


@pytest.mark.parametrize(("kind", "sizes"), CASES)
def test_outputs_and_gradients_are_those_of_a_filter_as_long_as_the_data(kind, sizes):
    *sizes, n_batch = sizes
    x, y = data(sizes[0], sizes[2], n_batch)
    whole, long = drawn(kind, *sizes), drawn(kind, *sizes, filter_length=N_STEPS + 1)
    np.testing.assert_allclose(whole.forward(x)[0], long.forward(x)[0], rtol=0, atol=2e-8)
    loss, gradient = networks.loss_and_gradient(whole, x, y)
    other, wanted = networks.loss_and_gradient(long, x, y)
    assert loss == pytest.approx(other, rel=1e-7)
    for name, value in wanted.items():
        atol = 1e-6 * max(np.abs(value).max(), 1e-3)
        np.testing.assert_allclose(gradient[name], value, rtol=0, atol=atol, err_msg=name)


@pytest.mark.parametrize(("kind", "sizes"), CASES)
def test_compiled_passes_are_the_step(kind, sizes):
    *sizes, n_batch = sizes
    x, _ = data(sizes[0], sizes[2], n_batch)
    network = drawn(kind, *sizes)
    outputs, end = network.forward(x)
    by_step, end_by_step = network.forward(x, compiled=False)
    np.testing.assert_allclose(outputs, by_step, rtol=0, atol=1e-13)
    for part, wanted in zip(end, end_by_step, strict=True):
        np.testing.assert_allclose(part, wanted, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("kind", "sizes"), CASES)
def test_gradients_are_those_of_the_step(kind, sizes):
    """By complex steps through the definition, one entry of each parameter."""
    *sizes, n_batch = sizes
    x, y = data(sizes[0], sizes[2], n_batch)
    network = drawn(kind, *sizes)
    _, gradient = networks.loss_and_gradient(network, x, y)
    rng = np.random.default_rng(5)
    for name, value in network.params.items():
        entry = tuple(rng.integers(0, n) for n in value.shape)
        moved = {key: array.astype(complex) for key, array in network.params.items()}
        moved[name][entry] += 1e-20j
        pushed, state, outputs = network.with_values(moved), network.initial_state(n_batch), []
        for row in x.astype(complex):
            z, state = pushed.step(row, state)
            outputs.append(z)
        exact = ((np.array(outputs) - y) ** 2).mean().imag / 1e-20
        atol = 1e-10 * max(np.abs(gradient[name]).max(), 1e-3)
        np.testing.assert_allclose(gradient[name][entry], exact, rtol=0, atol=atol, err_msg=name)


@pytest.mark.parametrize("kind", KINDS)
def test_inputs_of_an_upper_layer_are_owed_what_a_long_filter_owes_them(kind):
    """The gradient of the lower layer of a stack comes through the filter of the upper."""
    x, y = data(1, 1, 1)
    lower = networks.RNN.initialise(1, 2, rng=0)
    whole, long = (
        networks.Sequential([lower, drawn(kind, 2, 2, 1, filter_length=k)])
        for k in (math.inf, N_STEPS + 1)
    )
    _, gradient = networks.loss_and_gradient(whole, x, y)
    _, wanted = networks.loss_and_gradient(long, x, y)
    for name, value in wanted.items():
        atol = 1e-6 * max(np.abs(value).max(), 1e-3)
        np.testing.assert_allclose(gradient[name], value, rtol=0, atol=atol, err_msg=name)


@pytest.mark.parametrize("kind", KINDS)
def test_a_sequence_in_two_parts_is_the_whole(kind):
    x, _ = data(2, 2, 2)
    network = drawn(kind, 2, 3, 2)
    whole, _ = network.forward(x)
    first, state = network.forward(x[:37])
    second, _ = network.forward(x[37:], state)
    np.testing.assert_allclose(np.concatenate([first, second]), whole, rtol=0, atol=1e-13)


@pytest.mark.parametrize("kind", ["MRNNF", "MLSTMF"])
def test_diagnosis_knows_no_crossover(kind):
    report = mt.diagnose(drawn(kind, 1, 1, 1))
    assert report.verdict == "long memory"
    assert report.decay.crossover_lag is None
    assert report.decay.d == pytest.approx(0.25)
    assert report.theorem.verdict == "undecided"
    assert "for ever (its weights are certified up to lag 1,000,000)" in report.summary()


def test_impulse_weights_follow_the_law_far_beyond_any_cut():
    """Theorem 3 at lags 5e3 to 2e4: k^-(1 + d)."""
    network = drawn("MRNNF", 1, 1, 1, activation="identity")
    params = {name: np.zeros_like(value) for name, value in network.params.items()}
    ones = ("weight_fm", "weight_mz")
    params |= {name: np.ones_like(params[name]) for name in ones}
    weights = mt.impulse_weights(network.replace(params), n_lags=20_000).values[:, 0, 0]
    lags = np.array([5_000, 10_000, 20_000])
    np.testing.assert_allclose(
        weights[lags], mt.fracdiff_weights(0.25, 20_001)[lags + 1], rtol=1e-6
    )


def test_a_saved_network_keeps_its_whole_past(tmp_path):
    path = tmp_path / "whole.safetensors"
    networks.save(drawn("MLSTM", 1, 2, 1), path)
    assert networks.load(path).filter_length == math.inf


def test_load_takes_the_whole_past_for_a_file_that_does_not_tell(tmp_path):
    path = tmp_path / "bare.npz"
    np.savez(path, **drawn("MRNNF", 1, 1, 1).torch_names())
    found = networks.load(path, cell="MRNNF", filter_length=math.inf)
    assert found.filter_length == math.inf


@pytest.mark.parametrize("length", [0, -math.inf, math.nan, 2.5, "all", True])
def test_other_lengths_are_refused(length):
    with pytest.raises(mt.InvalidInputError, match="filter_length must be"):
        networks.MRNN.initialise(1, 1, 1, filter_length=length)


def test_runs_of_table_2_with_the_whole_past(tmp_path):
    x = mt.simulate(mt.ARFIMAProcess(d=0.3), 120, rng=1)
    mine = {"mine": mt.replication.Experiment(x, n_train=60, n_validation=30)}
    out = tmp_path / "runs.jsonl"
    models = ["MRNNF", "RNN2"]
    options = {"n_seeds": 2, "n_epochs": 3, "n_jobs": 1, "out": out, "filter_length": math.inf}
    runs = mt.replicate_table2(models, mine, **options)
    assert runs.filter_length.tolist() == [math.inf] * 4
    assert all(json.loads(line)["filter_length"] is None for line in out.read_text().splitlines())
    pd.testing.assert_frame_equal(mt.replicate_table2(models, mine, **options), runs)
    network = mt.replication.rebuild("MRNNF", runs.params[0], math.inf)
    assert network.filter_length == math.inf


def test_the_command_line_says_all(tmp_path, capsys):
    out = str(tmp_path / "net.safetensors")
    main(f"train nile --cell mrnnf --filter-length all --epochs 3 -o {out}".split())
    assert networks.load(out).filter_length == math.inf
    main(["diagnose", out])
    assert "for ever" in capsys.readouterr().out
    with pytest.raises(SystemExit) as stop:
        main(f"train nile --filter-length forever -o {out}".split())
    assert stop.value.code == 2
    assert "all for the whole past; got 'forever'" in capsys.readouterr().err


@pytest.mark.parametrize("filter_length", [7, math.inf])
def test_what_is_kept_of_the_inputs_is_of_these_inputs(filter_length, monkeypatch):
    x, y = data(1, 1, 1)
    network, laid = drawn("MRNN", 1, 1, 1, filter_length), []
    kind = type(network._past)
    monkeypatch.setattr(kind, "_lay", lambda *of, lay=kind._lay: laid.append(1) or lay(*of))
    networks.train(network, x, y, n_epochs=5)
    assert len(laid) == 1
    networks.train(network, x[:100], y[:100], (x[100:], y[100:]), optimizer="lbfgs", n_epochs=5)
    assert len(laid) == 2
    x[3] += 1.0
    fresh = drawn("MRNN", 1, 1, 1, filter_length)
    found, wanted = (networks.loss_and_gradient(n, x, y) for n in (network, fresh))
    assert found[0] == wanted[0]
    assert len(pickle.dumps(network)) == len(pickle.dumps(fresh))
