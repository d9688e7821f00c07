"""Files of Keras 2 and TensorFlow in their own layouts, written with h5py."""

from __future__ import annotations

import json
import shutil
import zipfile

import h5py
import numpy as np

from memtools.networks import load
from tests.networks.foreign.case import Written, case
from tests.networks.foreign.keras_parts import (
    SEQ,
    X,
    k,
    keras,
    ran,
    sequential,
)


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
    def hard_sigmoid(v):
        return keras.ops.clip(0.2 * v + 0.5, 0.0, 1.0)

    model = sequential(
        k.LSTM(4, activation=hard_sigmoid, recurrent_activation=hard_sigmoid, **SEQ), k.Dense(2)
    )
    names = [layer.name for layer in model.layers]
    config = {
        "class_name": "Sequential",
        "config": [
            old_entry(
                "LSTM",
                names[0],
                4,
                activation="hard_sigmoid",
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


def for_cudnn(kernel, recurrent, biases):
    """Arrays of a Keras layer as those of its cuDNN twin, by Keras' rule for converting them.

    The kernel of each gate keeps its shape (I, H) but has the numbers of its transpose in their
    row by row order, the recurrent one is transposed; both biases stand one after the other.
    """
    gates = recurrent.shape[1] // len(recurrent)
    kernels = [block.T.reshape(block.shape) for block in np.hsplit(kernel, gates)]
    recurrents = [block.T for block in np.hsplit(recurrent, gates)]
    return {
        "kernel": np.hstack(kernels),
        "recurrent_kernel": np.hstack(recurrents),
        "bias": np.ravel(biases),
    }


def of_cudnn():
    """A model of our time, and its arrays as cuDNN's layers have them."""
    model = sequential(k.LSTM(4, **SEQ), k.GRU(3, **SEQ))
    lstm, gru = model.layers
    kernel, recurrent, bias = lstm.get_weights()
    arrays = {
        "cu_dnnlstm_1": for_cudnn(kernel, recurrent, [0.25 * bias, 0.75 * bias]),
        "cu_dnngru_1": for_cudnn(*gru.get_weights()),
    }
    return model, arrays


@case("keras 2: weights of cuDNN's cells alone, the cells told")
def _(folder):
    model, arrays = of_cudnn()
    old_h5(folder / "weights.h5", {}, arrays, whole=False)
    return Written(path=folder / "weights.h5", x=X, y=ran(model), options={"cell": ["LSTM", "GRU"]})


@case("keras 2: cuDNN's cells")
def _(folder):
    model, arrays = of_cudnn()
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


@case("tensorflow: a SavedModel folder", refused="SavedModel folder")
def _(folder):
    (folder / "saved/variables").mkdir(parents=True)
    (folder / "saved/saved_model.pb").write_bytes(b"\x08\x01")
    model = sequential(k.LSTM(4, **SEQ))

    def as_one_file():
        model.save(folder / "name.keras")
        return load(folder / "name.keras")

    ways = {"model.save('name.keras')": as_one_file}
    return Written(path=folder / "saved", x=X, y=ran(model), ways=ways)
