"""Keras' files: of Keras 3, and of Keras 2 and TensorFlow in their own layouts."""

from __future__ import annotations

import json
import os
import shutil
import zipfile

import h5py
import numpy as np

os.environ.setdefault("KERAS_BACKEND", "torch")
import keras
from keras import layers as k

from tests.networks.foreign.case import Written, case, load, random

X = random(2, 9, 3)
SEQ = {"return_sequences": True}


def stirred(model):
    rng = np.random.default_rng(1)
    for layer in model.weights:
        value = 0.5 * rng.normal(size=layer.shape)
        if "variance" in layer.name:
            value = np.abs(value) + 0.5
        layer.assign(value.astype("float32") if layer.shape else np.float32(3))
    return model


def ran(model, x=X):
    return np.asarray(model(x).detach())


def sequential(*layers, shape=(None, 3)):
    return stirred(keras.Sequential([k.Input(shape), *layers]))


def saved(folder, model, x=X, name="model.keras", **options):
    model.save(folder / name)
    return Written(path=folder / name, x=x, y=ran(model, x), model=model, options=options)


def keras_case(name, *, form="keras", shape=(None, 3), note="", refused="", follow=None, x=X):
    """A Sequential model of the layers that the function gives."""

    def register(build):
        @case(f"keras: {name}", note=note, refused=refused, follow=follow)
        def _(folder):
            keras.utils.set_random_seed(0)
            return saved(folder, sequential(*build(), shape=shape), x, f"model.{form}")

        return build

    return register


@keras_case("LSTM and Dense, last step", note="last output only")
def _():
    return k.LSTM(4), k.Dense(2)


@keras_case("stack of GRU and LSTM, h5", form="h5")
def _():
    return k.GRU(4, **SEQ), k.Dropout(0.2), k.LSTM(3, **SEQ), k.TimeDistributed(k.Dense(2))


@keras_case("Activation, ReLU, LeakyReLU, ELU layers")
def _():
    return (
        k.Dense(5),
        k.Activation("gelu"),
        k.LSTM(4, **SEQ),
        k.ReLU(),
        k.Dense(4),
        k.LeakyReLU(0.2),
        k.GRU(3, **SEQ),
        k.ELU(0.7),
        k.Dense(2),
        k.Softmax(),
    )


@keras_case("hard_sigmoid gates, softsign units")
def _():
    return (
        k.LSTM(4, recurrent_activation="hard_sigmoid", **SEQ),
        k.GRU(4, activation="softsign", reset_after=False, **SEQ),
        k.SimpleRNN(3, activation="selu", **SEQ),
    )


@keras_case("BatchNormalization, LayerNormalization, Rescaling between")
def _():
    return (
        k.Rescaling(0.5, offset=1.0),
        k.LSTM(4, **SEQ),
        k.BatchNormalization(),
        k.GRU(4, **SEQ),
        k.LayerNormalization(),
        k.Dense(2),
    )


@keras_case("Normalization in front, h5", form="h5")
def _():
    return k.Normalization(), k.LSTM(4), k.Dense(1)


@keras_case("Masking in front", note="skips steps")
def _():
    return k.Masking(mask_value=-9.0), k.LSTM(4, **SEQ), k.Dense(1)


@keras_case("causal convolution, dilated")
def _():
    return (
        k.Conv1D(4, 3, padding="causal", dilation_rate=2, activation="relu"),
        k.LSTM(4, **SEQ),
        k.Dense(1),
    )


@keras_case("convolution that looks ahead")
def _():
    return k.Conv1D(4, 4, padding="same"), k.GRU(4, **SEQ)


@keras_case("convolution without padding, last step", note="steps less")
def _():
    return k.Conv1D(4, 3, activation="tanh"), k.LSTM(4, **SEQ), k.Conv1D(2, 2), k.GRU(3)


@keras_case("pooling over time", note="pools over time")
def _():
    return k.LSTM(4, **SEQ), k.GlobalAveragePooling1D(), k.Dense(2)


@keras_case("largest over time", note="pools over time")
def _():
    return k.GRU(4, **SEQ), k.GlobalMaxPooling1D(), k.Dense(2, activation="softmax")


@keras_case("autoencoder by RepeatVector", note="a decoder of 5 steps")
def _():
    return k.LSTM(4), k.RepeatVector(5), k.LSTM(4, **SEQ), k.TimeDistributed(k.Dense(3))


@keras_case("RNN(LSTMCell) and stacked cells")
def _():
    return k.RNN(k.LSTMCell(4), **SEQ), k.RNN([k.GRUCell(3), k.LSTMCell(4)], **SEQ), k.Dense(1)


@keras_case("a nested Sequential")
def _():
    inner = keras.Sequential([k.Input((None, 4)), k.LSTM(4, **SEQ), k.BatchNormalization()])
    return k.Dense(4), inner, k.GRU(3)


@keras_case("a nested Sequential, h5", form="h5")
def _():
    inner = keras.Sequential([k.Input((None, 4)), k.LSTM(4, **SEQ), k.BatchNormalization()])
    return k.Dense(4), inner, k.GRU(3)


@keras_case("both directions, summed")
def _():
    return k.Bidirectional(k.LSTM(4, **SEQ), merge_mode="sum"), k.Dense(2)


@keras_case("both directions, averaged, last step", note="stands for the whole sequence")
def _():
    return k.Bidirectional(k.GRU(4), merge_mode="ave"), k.Dense(2)


@keras_case("both directions, last step", note="stands for the whole sequence")
def _():
    return k.Bidirectional(k.LSTM(4)), k.Dense(2)


@keras_case("backward alone")
def _():
    return k.LSTM(4, go_backwards=True), k.Dense(2)


@keras_case("Flatten of ten steps", shape=(9, 3), note="joins 9 steps")
def _():
    return k.LSTM(4, **SEQ), k.Flatten(), k.Dense(2)


@case("keras: Reshape of vectors into sequences", note="given as sequences of 1")
def _(folder):
    model = sequential(k.Reshape((9, 1)), k.LSTM(4), k.Dense(1), shape=(9,))
    model.save(folder / "m.keras")
    x = random(2, 9)
    return Written(path=folder / "m.keras", x=x[..., np.newaxis], y=ran(model, x))


@keras_case("units that are linear or ReLU, no bias")
def _():
    return k.LSTM(4, activation="relu", use_bias=False, **SEQ), k.SimpleRNN(3, activation="linear")


@case("keras: residual Add and a branch")
def _(folder):
    x = k.Input((None, 3))
    a = k.LSTM(4, **SEQ)(x)
    b = k.Dense(4)(x)
    s = k.Add()([a, b])
    y = k.Dense(2)(k.Concatenate()([k.GRU(3, **SEQ)(s), x]))
    return saved(folder, stirred(keras.Model(x, y)))


@case("keras: residual Add, h5")
def _(folder):
    x = k.Input((None, 3))
    h = k.Dense(4)(x)
    y = k.Dense(2)(k.Add()([h, k.LSTM(4, **SEQ)(h)]))
    return saved(folder, stirred(keras.Model(x, y)), name="model.h5")


@case("keras: an embedding in front", note="the inputs are its vectors")
def _(folder):
    model = stirred(keras.Sequential([k.Input((None,)), k.Embedding(7, 3), k.LSTM(4), k.Dense(2)]))
    model.save(folder / "m.keras")
    tail = keras.Sequential([k.Input((None, 3)), *model.layers[1:]])
    return Written(path=folder / "m.keras", x=X, y=ran(tail))


def _two_inputs():
    a, b = k.Input((None, 3)), k.Input((None, 3))
    return stirred(keras.Model([a, b], k.Concatenate()([k.LSTM(4)(a), k.LSTM(4)(b)])))


@case("keras: two inputs", refused="several inputs", follow=lambda f, w: None)
def _(folder):
    model = _two_inputs()
    model.save(folder / "m.keras")
    return Written(path=folder / "m.keras", x=X, y=np.asarray(model([X, X]).detach()))


def _each_alone(folder, written):
    inner = written.model.get_layer("encoder_rnn")
    alone = keras.Sequential([k.Input((None, 3)), inner])
    alone.save(folder / "alone.keras")
    load(folder / "alone.keras", x=written.x, y=ran_first(alone))


def ran_first(model):
    y = model(X)
    return np.asarray((y[0] if isinstance(y, list | tuple) else y).detach())


@case("keras: encoder and decoder by states", refused="encoder and a decoder", follow=_each_alone)
def _(folder):
    x = k.Input((None, 3))
    _, h, c = k.LSTM(4, return_state=True, name="encoder_rnn")(x)
    y = k.LSTM(4, **SEQ, name="decoder_rnn")(x, initial_state=[h, c])
    model = stirred(keras.Model(x, k.Dense(2)(y)))
    return saved(folder, model)


@case("keras: the same layer twice", refused="used 2 times", follow=lambda f, w: None)
def _(folder):
    x = k.Input((None, 3))
    cell = k.LSTM(3, **SEQ)
    return saved(folder, stirred(keras.Model(x, cell(cell(x)))))


def _as_function(folder, written):
    from memtools import impulse_weights

    def function(x):
        return ran(written.model, x[np.newaxis].astype("float32"))[0]

    impulse_weights(function, n_lags=16, n_input=3)


@case("keras: a Lambda layer", refused="class Lambda", follow=_as_function)
def _(folder):
    model = sequential(k.LSTM(4, **SEQ), k.Lambda(lambda v: v * 2.0))
    return saved(folder, model)


@case("keras: attention", refused="class Attention", follow=_as_function)
def _(folder):
    x = k.Input((None, 3))
    h = k.LSTM(4, **SEQ)(x)
    return saved(folder, stirred(keras.Model(x, k.Attention()([h, h], use_causal_mask=True))))


def _before(folder, written):
    return load(folder / "float.keras")


@case("keras: quantised to int8", refused="quantised", follow=_before)
def _(folder):
    model = sequential(k.LSTM(4, **SEQ), k.Dense(2))
    model.save(folder / "float.keras")
    y = ran(model)
    model.quantize("int8")
    model.save(folder / "m.keras")
    return Written(path=folder / "m.keras", x=X, y=y)


def _told(folder, written):
    return load(written.path, cell=["LSTM", "GRU"])


@case("keras: weights alone, Keras 3", refused="say the cells by cell=", follow=_told)
def _(folder):
    model = sequential(k.LSTM(4, **SEQ), k.GRU(5, **SEQ), k.Dense(2))
    model.save_weights(folder / "m.weights.h5")
    return Written(path=folder / "m.weights.h5", x=X, y=ran(model))


@case("keras: a model in memory")
def _(folder):
    model = sequential(k.Conv1D(4, 2, padding="causal"), k.LSTM(4, **SEQ), k.Dense(2))
    return Written(path=model, x=X, y=ran(model))


@case("keras: a layer in memory")
def _(folder):
    model = sequential(k.GRU(4, **SEQ))
    return Written(path=model.layers[0], x=X, y=ran(model))


@case("keras: a subclassed model", refused="whose code is not in the file", follow=_as_function)
def _(folder):
    @keras.saving.register_keras_serializable("tests")
    class Own(keras.Model):
        def __init__(self, **options):
            super().__init__(**options)
            self.rnn = k.LSTM(4, **SEQ)

        def call(self, x):
            return 2.0 * self.rnn(x)

    model = Own()
    model(X)
    return saved(folder, stirred(model))


# -- layouts of Keras 2 and TensorFlow, written with h5py ------------------------------------------


def old_h5(path, config, arrays, version="2.2.4", whole=True):
    """A file of Keras 2: groups by layer, the order in attributes."""
    with h5py.File(path, "w") as file:
        group = file.create_group("model_weights") if whole else file
        group.attrs["layer_names"] = [name.encode() for name in arrays]
        for name, own in arrays.items():
            layer = group.create_group(name)
            paths = [f"{name}/{label}:0" for label in own]
            layer.attrs["weight_names"] = [p.encode() for p in paths]
            for p, value in zip(paths, own.values(), strict=True):
                layer[p] = value
        if whole:
            file.attrs["keras_version"] = version.encode()
            file.attrs["backend"] = b"tensorflow"
            file.attrs["model_config"] = json.dumps(config).encode()


def arrays_of(model):
    names = {"LSTM": 3, "GRU": 3, "Dense": 2}
    found = {}
    for layer in model.layers:
        if type(layer).__name__ in names:
            labels = ["kernel", "recurrent_kernel", "bias"]
            if type(layer).__name__ == "Dense":
                labels = ["kernel", "bias"]
            found[layer.name] = dict(zip(labels, layer.get_weights(), strict=True))
    return found


def old_entry(kind, name, units, **options):
    config = {"name": name, "units": units, "use_bias": True, **options}
    return {"class_name": kind, "config": config}


@case("keras 2.2: a bare list of layers, hard_sigmoid")
def _(folder):
    model = sequential(
        k.LSTM(4, recurrent_activation=lambda v: keras.ops.clip(0.2 * v + 0.5, 0.0, 1.0), **SEQ),
        k.Dense(2),
    )
    names = [layer.name for layer in model.layers]
    config = {
        "class_name": "Sequential",
        "config": [
            old_entry(
                "LSTM",
                names[0],
                4,
                activation="tanh",
                recurrent_activation="hard_sigmoid",
                batch_input_shape=[None, None, 3],
                **SEQ,
            ),
            old_entry("Dense", names[1], 2, activation="linear"),
        ],
    }
    old_h5(folder / "old.h5", config, arrays_of(model))
    return Written(path=folder / "old.h5", x=X, y=ran(model))


@case("keras 2: Functional configuration of nested lists")
def _(folder):
    model = sequential(k.GRU(4, reset_after=False, **SEQ), k.Dense(2))
    names = [layer.name for layer in model.layers]
    entries = [
        {
            "class_name": "InputLayer",
            "name": "input_1",
            "config": {"batch_input_shape": [None, None, 3], "name": "input_1"},
            "inbound_nodes": [],
        },
        old_entry("GRU", names[0], 4, activation="tanh", recurrent_activation="sigmoid", **SEQ)
        | {"name": names[0], "inbound_nodes": [[["input_1", 0, 0, {}]]]},
        old_entry("Dense", names[1], 2, activation="linear")
        | {"name": names[1], "inbound_nodes": [[[names[0], 0, 0, {}]]]},
    ]
    config = {
        "class_name": "Model",
        "config": {
            "name": "model_1",
            "layers": entries,
            "input_layers": [["input_1", 0, 0]],
            "output_layers": [[names[1], 0, 0]],
        },
    }
    old_h5(folder / "old.h5", config, arrays_of(model), "2.4.0")
    return Written(path=folder / "old.h5", x=X, y=ran(model))


@case("keras 2: weights alone, the cells told")
def _(folder):
    model = sequential(k.LSTM(4, **SEQ), k.LSTM(3, **SEQ), k.Dense(2))
    old_h5(folder / "weights.hdf5", {}, arrays_of(model), whole=False)
    return Written(
        path=folder / "weights.hdf5", x=X, y=ran(model), options={"cell": ["lstm", "LSTM"]}
    )


@case("keras 2: cuDNN's cells")
def _(folder):
    model = sequential(k.LSTM(4, **SEQ), k.GRU(3, **SEQ))
    lstm, gru = model.layers
    kernel, recurrent, bias = lstm.get_weights()
    arrays = {
        "cu_dnnlstm_1": {
            "kernel": kernel,
            "recurrent_kernel": recurrent,
            "bias": np.concatenate([0.25 * bias, 0.75 * bias]),
        },
        "cu_dnngru_1": dict(
            zip(("kernel", "recurrent_kernel", "bias"), gru.get_weights(), strict=True)
        ),
    }
    arrays["cu_dnngru_1"]["bias"] = arrays["cu_dnngru_1"]["bias"].reshape(-1)
    config = {
        "class_name": "Sequential",
        "config": [
            old_entry("CuDNNLSTM", "cu_dnnlstm_1", 4, batch_input_shape=[None, None, 3], **SEQ),
            old_entry("CuDNNGRU", "cu_dnngru_1", 3, **SEQ),
        ],
    }
    old_h5(folder / "old.h5", config, arrays)
    return Written(path=folder / "old.h5", x=X, y=ran(model))


@case("tensorflow 2.12: .keras with its own folder of layers")
def _(folder):
    model = sequential(k.LSTM(4, **SEQ), k.Dense(2))
    model.save(folder / "new.keras")
    with zipfile.ZipFile(folder / "new.keras") as archive:
        archive.extractall(folder / "parts")
    with h5py.File(folder / "parts/model.weights.h5", "r+") as file:
        file.move("layers", "_layer_checkpoint_dependencies")
    (folder / "parts/metadata.json").write_text('{"keras_version": "2.12.0"}')
    shutil.make_archive(folder / "old", "zip", folder / "parts")
    (folder / "old.zip").rename(folder / "old.keras")
    return Written(path=folder / "old.keras", x=X, y=ran(model))


@case("tensorflow: a SavedModel folder", refused="SavedModel folder", follow=lambda f, w: None)
def _(folder):
    (folder / "saved/variables").mkdir(parents=True)
    (folder / "saved/saved_model.pb").write_bytes(b"\x08\x01")
    return Written(path=folder / "saved", x=X, y=X)
