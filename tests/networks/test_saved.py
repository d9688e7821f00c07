"""A network that is saved reads back bit for bit, and reads in PyTorch."""

import numpy as np
import pytest

from memtools import networks
from memtools.exceptions import InvalidInputError, ModelFileError

CELLS = {
    "RNN": networks.RNN.initialise(2, 3, 1, rng=0, activation="relu"),
    "LSTM": networks.LSTM.initialise(2, 3, 4, rng=0, output_activation="softmax"),
    "LSTM bare": networks.LSTM.initialise(2, 3, rng=0, activation="identity"),
    "GRU": networks.GRU.initialise(2, 3, 3, rng=0, reset_after=False),
    "MRNN": networks.MRNN.initialise(2, 3, 1, rng=0, filter_length=6),
    "MRNNF": networks.MRNN.initialise(2, 3, 1, rng=0, filter_length=6, fixed_d=True),
    "MLSTM": networks.MLSTM.initialise(2, 3, rng=0, filter_length=6),
    "MLSTMF": networks.MLSTM.initialise(2, 3, 3, rng=0, filter_length=6, fixed_d=True),
    "TwoLaneRNN": networks.TwoLaneRNN.initialise(2, 3, 1, rng=0, filter_length=6),
    "RWA": networks.RWA.initialise(2, 3, 1, rng=0),
    "MIST": networks.MIST.initialise(2, 3, 3, rng=0, filter_length=6),
    "MGRU": networks.MGRU.initialise(2, 3, rng=0, filter_length=6),
    "MMinimalGRU": networks.MMinimalGRU.initialise(2, 3, 1, rng=0, filter_length=6),
    "space": networks.FractionalStateSpace.initialise(2, 3, 1, rng=0, filter_length=6),
    "convolution": networks.FractionalConvolution.initialise(2, 3, 1, rng=0, filter_length=6),
}
NETWORKS = {
    **CELLS,
    "stack": networks.Sequential(
        [
            networks.MRNN.initialise(2, 3, 3, rng=0, filter_length=5, output_activation="tanh"),
            networks.LSTM.initialise(3, 3, 5, rng=1, output_activation="softmax"),
            networks.Linear({"weight": np.ones((2, 5)), "bias": np.zeros(2)}),
        ]
    ),
    "both ways": networks.Sequential(
        [
            networks.Bidirectional(
                networks.GRU.initialise(2, 3, rng=0), networks.GRU.initialise(2, 3, rng=1)
            ),
            networks.RNN.initialise(6, 2, 1, rng=0),
        ]
    ),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_reads_back(name, tmp_path):
    network, path = NETWORKS[name], tmp_path / "network.safetensors"
    networks.save(network, path)
    again = networks.load(path)
    assert repr(again) == repr(network)
    assert list(again.params) == list(network.params)
    for key, value in network.params.items():
        np.testing.assert_array_equal(again.params[key], value)


@pytest.mark.parametrize("name", ["RNN", "LSTM", "LSTM bare"])
def test_reads_in_pytorch(name, tmp_path):
    torch = pytest.importorskip("torch")
    load_file = pytest.importorskip("safetensors.torch").load_file
    network, path = CELLS[name], tmp_path / "network.safetensors"
    networks.save(network, path)
    tensors = load_file(path)
    kind, _, bare = name.partition(" ")
    recurrent = getattr(torch.nn, kind)(2, 3, dtype=torch.float64)
    if bare:
        recurrent.load_state_dict(tensors)
        assert networks.load(recurrent).n_output == 3
        return
    if kind == "RNN":
        recurrent.nonlinearity = network.activation
        recurrent.mode = "RNN_RELU"
    parts = {"recurrent": recurrent, "output": torch.nn.Linear(3, network.n_output)}
    model = torch.nn.ModuleDict(parts).double()
    model.load_state_dict(tensors)
    x = np.random.default_rng(0).normal(size=(9, 1, 2))
    with torch.no_grad():
        y = model["output"](model["recurrent"](torch.from_numpy(x))[0])
        y = torch.softmax(y, dim=-1) if network.output_activation == "softmax" else y
    np.testing.assert_allclose(network.forward(x)[0], y.numpy(), rtol=0, atol=1e-14)


def test_only_networks_are_saved(tmp_path):
    with pytest.raises(InvalidInputError, match="network must be a network of this package"):
        networks.save([], tmp_path / "x.safetensors")


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"cell": "MRNNF"}, "fixed_d True asked for, False in it"),
        ({"cell": ["MRNN", "LSTM"]}, "no LSTM in it"),
        ({"activation": "relu"}, "activation 'relu' asked for, 'tanh' in it"),
        ({"filter_length": 7}, "filter_length 7 asked for, 6 in it"),
        ({"output_activation": "tanh"}, "output_activation 'tanh' asked for, 'identity' in it"),
        ({"prefix": "h"}, "prefix= chooses among named tensors"),
        ({"read_out": "h_z"}, "read_out= chooses among named tensors"),
    ],
)
def test_what_the_user_says_is_not_passed_over(option, message, tmp_path):
    """A file that tells everything is held against what is said of it."""
    path = tmp_path / "mrnn.safetensors"
    networks.save(CELLS["MRNN"], path)
    with pytest.raises(ModelFileError, match=message):
        networks.load(path, **option)
    networks.load(path, cell="MRNN", activation="tanh", filter_length=6)


def test_own_files_leave_nothing_to_be_checked(tmp_path):
    networks.save(NETWORKS["LSTM"], tmp_path / "lstm.safetensors")
    assert networks.load(tmp_path / "lstm.safetensors").notes == ()
    network = networks.load(tmp_path / "lstm.safetensors", filter_length=6)
    assert network.notes == ("filter_length not used: nothing in it has one",)
