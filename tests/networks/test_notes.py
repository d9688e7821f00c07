"""What a file does not tell stands in every output of diagnose, on the first screen."""

import json

import numpy as np
import pytest

import memtools as mt
from memtools.cli import main

NOTE = "tanh, PyTorch's default, is taken"


@pytest.fixture
def rnn(tmp_path):
    """A plain RNN's tensors: their file does not tell the activation."""
    cell = mt.networks.RNN.initialise(2, 3, rng=0)
    np.savez(tmp_path / "rnn.npz", **{f"rnn.{key}_l0": v for key, v in cell.params.items()})
    return tmp_path / "rnn.npz"


@pytest.fixture
def call(capsys):
    """The command in this process: status, what it printed, and its error."""

    def call(*arguments):
        try:
            main(list(arguments))
        except SystemExit as error:
            return error.code or 0, *capsys.readouterr()
        return 0, *capsys.readouterr()

    return call


def test_notes_stand_in_text_json_page_and_repr(rnn, tmp_path):
    report = mt.diagnose(mt.networks.load(rnn), n_lags=32)
    assert any(NOTE in note for note in report.notes)
    assert any(NOTE in line for line in report.summary().splitlines()[:10])
    assert any(NOTE in note for note in report.to_dict()["notes"])
    assert NOTE in repr(report)
    report.write(tmp_path / "page.md")
    assert NOTE in (tmp_path / "page.md").read_text()
    assert "default, is taken" in report._repr_html_()


def test_notes_stand_on_the_command_line(rnn, call):
    code, out, _ = call("diagnose", str(rnn), "--lags", "32")
    assert code == 0
    assert NOTE in " ".join(out[:1000].split())
    _, out, _ = call("diagnose", str(rnn), "--lags", "32", "--json")
    assert any(NOTE in note for note in json.loads(out)["notes"])


def test_choosing_on_the_command_line(tmp_path, call):
    one, two = (mt.networks.LSTM.initialise(2, 3, rng=seed) for seed in (0, 1))
    named = {f"enc.{key}_l0": v for key, v in one.params.items()}
    named |= {f"dec.{key}_l0": v for key, v in two.params.items()}
    np.savez(tmp_path / "two.npz", **named)
    path = str(tmp_path / "two.npz")
    code, _, error = call("diagnose", path, "--lags", "32")
    assert code == 2
    assert len(error.strip().splitlines()) == 1
    assert "prefix=" in error
    x = np.random.default_rng(0).normal(size=(5, 2))
    np.savez(tmp_path / "check.npz", x=x, y=two.forward(x)[0])
    check = ["--check", str(tmp_path / "check.npz"), "--cell", "lstm", "--lags", "32"]
    assert call("diagnose", path, "--prefix", "dec.", *check)[0] == 0
    code, _, error = call("diagnose", path, "--prefix", "enc.", *check)
    assert code == 2
    assert "does not reproduce y" in error


def test_diagnose_takes_paths_modules_and_two_sided_networks(rnn):
    assert mt.diagnose(rnn, n_lags=32, activation="relu").network.count("relu") == 1
    ahead, back = (mt.networks.LSTM.initialise(1, 3, rng=seed) for seed in (0, 1))
    report = mt.diagnose(mt.networks.Bidirectional(ahead, back), n_lags=32)
    assert report.verdict == "short memory"
    assert "forward part" in report.notes[-1]


@pytest.mark.filterwarnings("ignore")
def test_models_that_do_more_than_their_layers_are_run_as_functions():
    torch = pytest.importorskip("torch")

    class Doubled(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = torch.nn.GRU(1, 3)

        def forward(self, x):
            return 2.0 * self.rnn(x)[0]

    torch.manual_seed(0)
    model = Doubled()
    function = mt.networks.load(model)
    x = np.random.default_rng(0).normal(size=(6, 1)).astype(np.float32)
    with torch.no_grad():
        expected = model(torch.from_numpy(x)[:, None])[:, 0].numpy()
    np.testing.assert_allclose(function(x), expected, atol=1e-6)
    assert "theorems do not apply" in function.notes[1]
    report = mt.diagnose(model, n_lags=32)
    assert report.verdict == "short memory"
    assert "run as a function" in report.notes[0]


def test_a_function_that_draws_numbers_is_told_so():
    rng = np.random.default_rng(0)
    with pytest.raises(mt.exceptions.InvalidInputError, match=r"dropout\? call eval\(\)"):
        mt.impulse_weights(lambda x: x * (rng.random(x.shape) > 0.5), n_lags=16)


def test_the_forward_part_of_a_two_sided_network():
    ahead, back = (mt.networks.LSTM.initialise(2, 3, rng=seed) for seed in (0, 1))
    head = mt.networks.Linear({"weight": np.ones((1, 6)), "bias": [0.5]})
    network = mt.networks.Sequential([mt.networks.Bidirectional(ahead, back), head])
    part = network.forward_part()
    x = np.random.default_rng(0).normal(size=(7, 2))
    expected = ahead.forward(x)[0].sum(axis=1) + 0.5
    np.testing.assert_allclose(part.forward(x)[0][:, 0], expected, atol=1e-12)
    assert part.causal
    assert "forward part" in part.notes[-1]
    assert ahead.forward_part() is ahead


def test_a_late_start_is_no_memory():
    """The clock of a layer that starts late leaves the eigenvalues of its cell alone."""
    from memtools.networks.windows import Late

    cell = mt.networks.LSTM.initialise(1, 3, rng=0)
    plain, late = (mt.diagnose(network, n_lags=32) for network in (cell, Late(cell, 2)))
    assert late.verdict == plain.verdict == "short memory"
    np.testing.assert_allclose(
        abs(late.eigenvalues[: len(plain.eigenvalues)]), abs(plain.eigenvalues), atol=1e-8
    )
