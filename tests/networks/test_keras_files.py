"""Keras' files, and its models in memory, equal Keras on PyTorch's backend."""

import os

import numpy as np
import pytest

from memtools import networks
from memtools.exceptions import ModelFileError
from memtools.networks.files import hdf5
from tests.networks.models import TOLERANCE, inputs

# Keras runs on PyTorch, so that TensorFlow is not needed.
os.environ.setdefault("KERAS_BACKEND", "torch")


@pytest.fixture(scope="module")
def keras():
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("keras")


def keras_layers(keras, case):
    layer = keras.layers
    options = {"return_sequences": True}
    return {
        "LSTM": [layer.LSTM(4, **options), layer.Dense(2)],
        "LSTM relu": [layer.LSTM(4, activation="relu", use_bias=False, **options)],
        "GRU": [layer.GRU(4, name="mine", **options), layer.Dense(2, activation="softmax")],
        "GRU before": [layer.GRU(4, reset_after=False, **options)],
        "SimpleRNN": [layer.SimpleRNN(4, activation="linear", **options), layer.Dropout(0.5)],
        "both ways": [layer.Bidirectional(layer.GRU(3, **options)), layer.Dense(1)],
        "stack": [
            layer.LSTM(4, **options),
            layer.TimeDistributed(layer.Dense(3, activation="tanh")),
            layer.Bidirectional(layer.LSTM(2, **options)),
            layer.LSTM(4, **options),
            layer.Dense(2),
            layer.Dense(1, activation="sigmoid"),
        ],
        "first dense": [layer.Dense(3, activation="relu"), layer.SimpleRNN(2, **options)],
    }[case]


KERAS = ["LSTM", "LSTM relu", "GRU", "GRU before", "SimpleRNN", "both ways", "stack", "first dense"]


@pytest.mark.parametrize("case", KERAS)
@pytest.mark.parametrize("form", ["keras", "h5", "live"])
@pytest.mark.parametrize("functional", [False, True])
@pytest.mark.filterwarnings("ignore")
def test_keras(keras, case, form, functional, tmp_path):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.layers.Input((None, 2)), *keras_layers(keras, case)])
    if functional:
        first = keras.Input((None, 2))
        last = first
        for layer in keras_layers(keras, case):
            last = layer(last)
        model = keras.Model(first, last)
    model.set_weights([0.5 * np.random.default_rng(1).normal(size=w.shape) for w in model.weights])
    x = inputs(2)
    y = np.asarray(model(x.swapaxes(0, 1)).detach()).swapaxes(0, 1)
    source = model
    if form != "live":
        source = tmp_path / f"model.{form}"
        model.save(source)
    network = networks.load(source, x=x, y=y)
    np.testing.assert_allclose(network.forward(x)[0], y, rtol=0, atol=TOLERANCE)


@pytest.mark.filterwarnings("ignore")
def test_keras_gives_its_last_step(keras, tmp_path):
    model = keras.Sequential([keras.layers.Input((None, 2)), keras.layers.LSTM(3)])
    model.save(tmp_path / "last.keras")
    x = inputs(2)
    y = np.asarray(model(x.swapaxes(0, 1)).detach())
    network = networks.load(tmp_path / "last.keras", x=x, y=y)
    assert "last output only" in network.notes[0]
    model.save_weights(tmp_path / "bare.weights.h5")
    with pytest.raises(ModelFileError, match=r"save the whole model with model\.save"):
        networks.load(tmp_path / "bare.weights.h5")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda k: [k.Reshape((3, 3, 2)), k.ConvLSTM1D(2, 3)], "of class Reshape to"),
        (lambda k: [k.Conv1D(2, 3, strides=2), k.LSTM(2)], "with strides"),
        (lambda k: [k.LSTM(2, activation="hard_silu")], "activation 'hard_silu'; known are"),
        (lambda k: [k.Permute((2, 1)), k.LSTM(2)], "of class Permute is not read"),
        (lambda k: [k.Dense(2)], "no recurrent layer in the model; it has InputLayer, Dense"),
    ],
)
def test_keras_models_that_do_not_fit(keras, build, message, tmp_path):
    model = keras.Sequential([keras.layers.Input((9, 2)), *build(keras.layers)])
    model.save(tmp_path / "model.keras")
    with pytest.raises(ModelFileError, match=message):
        networks.load(tmp_path / "model.keras")


@pytest.mark.filterwarnings("ignore")
def test_hdf5_reader_equals_h5py(keras, tmp_path):
    h5py = pytest.importorskip("h5py")
    model = keras.Sequential([keras.layers.Input((None, 2)), *keras_layers(keras, "stack")])
    model.save(tmp_path / "model.h5")
    root = hdf5.File((tmp_path / "model.h5").read_bytes()).root

    def compare(name, item):
        node = root[name]
        for key, value in item.attrs.items():
            np.testing.assert_array_equal(node.attributes[key], value)
        if isinstance(item, h5py.Dataset):
            np.testing.assert_array_equal(node.array(name), item[()])

    with h5py.File(tmp_path / "model.h5") as file:
        file.visititems(compare)
        assert root.attributes == dict(file.attrs)
    with h5py.File(tmp_path / "wide.h5", "w") as file:  # a tree of several levels
        for i in range(700):
            file[f"group/item{i}"] = np.arange(i)
        file.attrs["fixed"] = np.array([b"ab", b"c"])
    root = hdf5.File((tmp_path / "wide.h5").read_bytes()).root
    assert root.attributes["fixed"] == ["ab", "c"]
    for i in (0, 1, 350, 699):
        np.testing.assert_array_equal(root[f"group/item{i}"].array("item"), np.arange(i))
