"""Seed s is the authors' seed s: initial values and first epochs."""

import json
from pathlib import Path

import numpy as np
import pytest

import memtools as mt
from memtools import networks
from memtools.exceptions import InvalidInputError
from memtools.replication import MODELS, SPLITS, Experiment, build, rebuild
from memtools.replication.models import TorchGenerator
from memtools.replication.protocol import Settings, run_one
from tests.conftest import data_folder

GOLDEN = json.loads(Path(__file__).parents[1].joinpath("golden", "first_epochs.json").read_text())


@pytest.mark.parametrize("seed", [0, 1, 99, 2**32 - 1])
@pytest.mark.parametrize("sizes", [(1, 1), (3, 5), (16, 8)])
def test_initial_values_are_pytorchs_bit_for_bit(seed, sizes):
    torch = pytest.importorskip("torch")
    n_input, n_hidden = sizes
    torch.manual_seed(seed)
    linear = torch.nn.Linear(n_input, n_hidden)
    cell = torch.nn.LSTMCell(n_input, n_hidden)
    draws = TorchGenerator(seed)
    for parameter in linear.parameters():
        np.testing.assert_array_equal(draws.uniform(n_input, parameter.shape), parameter.detach())
    for parameter in cell.parameters():
        np.testing.assert_array_equal(draws.uniform(n_hidden, parameter.shape), parameter.detach())


def test_refuses_a_seed_that_pytorch_would_fold():
    with pytest.raises(InvalidInputError, match="seed"):
        TorchGenerator(2**32)


@pytest.mark.parametrize("model", MODELS)
def test_models_are_scalar_and_differ_by_seed(model):
    first, second = build(model, 0), build(model, 1)
    assert (first.n_input, first.n_hidden, first.n_output) == (1, 1, 1)
    assert any((first.params[name] != second.params[name]).any() for name in first.params)


def test_only_the_published_code_squashes_mrnnf():
    assert build("MRNNF", 3).output_activation == "identity"
    assert build("MRNNF", 3, published=True).output_activation == "tanh"
    assert build("MRNN", 3, published=True).output_activation == "identity"


@pytest.mark.slow
def test_the_print_to_its_digits(series, monkeypatch):
    monkeypatch.setenv("MEMTOOLS_DATA", str(data_folder()))
    series("tree7")
    frame = mt.replicate_table2(["RNN"], ["tree7"], n_seeds=100)
    assert round(float(frame.rmse.mean()), 4) == 0.2871
    assert round(float(frame.rmse.std(ddof=0)), 4) == 0.0086


def test_constant_d_starts_at_a_quarter():
    assert build("MRNNF", 3).d == pytest.approx(0.25)
    assert build("MLSTMF", 3).d == pytest.approx(0.25)


@pytest.mark.parametrize(
    "run", GOLDEN["runs"], ids=lambda r: f"{r['model']}-{r['dataset']}-{r['seed']}"
)
def test_first_epochs_equal_the_authors(run, series):
    x = series(run["dataset"])
    x = (x - x.min()) / (x.max() - x.min())
    # The authors' code has 1200 training pairs of traffic, their paper 1400.
    n, m = (1200, 200) if run["dataset"] == "traffic" else SPLITS[run["dataset"]]
    losses = np.array(run["losses"])
    result = networks.train(
        build(run["model"], run["seed"], published=True),
        x[:n],
        x[1 : n + 1],
        (x[n : n + m], x[n + 1 : n + m + 1]),
        n_epochs=len(losses),
    )
    found = np.column_stack([result.history["train_loss"], result.history["validation_loss"]])
    np.testing.assert_allclose(found, losses, rtol=1e-5)


def noise(n_obs=120, n_train=60, n_validation=30):
    return Experiment(np.random.default_rng(5).standard_normal(n_obs), n_train, n_validation)


def test_figures_are_those_of_the_test_part_in_its_own_units():
    experiment = noise()
    row = run_one("LSTM", "noise", 2, experiment, Settings(n_epochs=5))
    low, high = experiment.series.min(), experiment.series.max()
    scaled = (experiment.series - low) / (high - low)
    outputs, _ = rebuild("LSTM", row["params"]).forward(scaled[:-1, np.newaxis])
    errors = outputs[90:, 0] * (high - low) + low - experiment.series[91:]
    assert row["rmse"] == pytest.approx(np.sqrt(np.mean(errors**2)), rel=1e-12)
    assert row["mae"] == pytest.approx(np.abs(errors).mean(), rel=1e-12)
    assert row["mape"] == pytest.approx(np.abs(errors / experiment.series[91:]).mean(), rel=1e-12)


@pytest.mark.parametrize("model", MODELS)
def test_a_row_holds_its_network(model):
    cell = build(model, 3, 20)
    flat = {name: value.ravel().tolist() for name, value in cell.params.items()}
    again = rebuild(model, flat, 20)
    assert repr(again) == repr(cell)
    assert all((again.params[name] == cell.params[name]).all() for name in cell.params)


def test_refuses_parameters_of_another_model():
    with pytest.raises(InvalidInputError, match="parameters of RNN"):
        rebuild("RNN", {"weight": [1.0]})


def test_published_selection_is_one_step_late():
    published = run_one("RNN", "noise", 0, noise(), Settings(n_epochs=1, selection="published"))
    plain = run_one("RNN", "noise", 0, noise(), Settings(n_epochs=1))
    start = build("RNN", 0).params
    assert plain["params"] == {name: v.ravel().tolist() for name, v in start.items()}
    moved = [abs(published["params"][n][0] - start[n].ravel()[0]) for n in start]
    np.testing.assert_allclose(moved, 0.01, rtol=1e-4)  # Adam's first step is the learning rate


@pytest.mark.parametrize(
    ("n_obs", "n_train", "n_validation", "message"),
    [(91, 60, 30, "series must be of at least 92"), (120, 0, 30, "n_train"), (9, 5, 0, "n_valid")],
)
def test_refuses_a_split_that_leaves_no_test(n_obs, n_train, n_validation, message):
    with pytest.raises(InvalidInputError, match=message):
        noise(n_obs, n_train, n_validation)


def test_refuses_a_constant_series():
    with pytest.raises(InvalidInputError, match="varies"):
        Experiment(np.ones(100), 50, 20)
