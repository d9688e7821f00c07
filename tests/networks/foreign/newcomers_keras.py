"""Keras files as newcomers write them, thought of after the readers were finished."""

from __future__ import annotations

import h5py
import numpy as np

from memtools.networks import load
from tests.networks.foreign.case import Written, case, random
from tests.networks.foreign.keras_parts import SEQ, k, keras, ran, saved, sequential, stirred

B = random(2, 12, 3, seed=5)


def keras_new(name, build, shape=(None, 3), form="keras", x=B, **options):
    @case(f"new: {name}", **options)
    def _(folder):
        keras.utils.set_random_seed(2)
        return saved(folder, sequential(*build(), shape=shape), x, f"m.{form}")


keras_new("Keras forecaster", lambda: [k.LSTM(16, activation="relu"), k.Dense(1)], (12, 3))
keras_new(
    "Keras stack with dropout",
    lambda: [
        k.LSTM(8, **SEQ),
        k.Dropout(0.2),
        k.LSTM(4),
        k.Dense(8, "relu"),
        k.Dense(1, "sigmoid"),
    ],
)
keras_new(
    "Keras CNN-LSTM with pooling between",
    lambda: [k.Conv1D(4, 3, padding="same", activation="relu"), k.MaxPooling1D(2), k.LSTM(4)],
    refused="class MaxPooling1D",
)
keras_new("Keras recurrent dropout", lambda: [k.GRU(5, dropout=0.1, recurrent_dropout=0.2, **SEQ)])
keras_new(
    "Keras bidirectional stack",
    lambda: [k.Bidirectional(k.LSTM(4, **SEQ)), k.Bidirectional(k.GRU(3)), k.Dense(2, "softmax")],
)
keras_new(
    "Keras h5 with TimeDistributed",
    lambda: [k.GRU(4, **SEQ), k.TimeDistributed(k.Dense(3, "tanh"))],
    form="h5",
)
keras_new(
    "Keras stateful",
    lambda: [k.LSTM(4, **SEQ), k.PReLU(shared_axes=[1])],
)
keras_new(
    "Keras unit normalisation in float16 policy",
    lambda: [k.LSTM(4, **SEQ), k.UnitNormalization(), k.Dense(1)],
)
keras_new(
    "Keras GRU of Keras 1's kind", lambda: [k.GRU(4, reset_after=False), k.Dense(1)], form="h5"
)
keras_new(
    "Keras ConvLSTM",
    lambda: [k.Reshape((12, 3, 1)), k.ConvLSTM1D(2, 2)],
    (12, 3),
    refused="is not read",
)
keras_new("Keras SimpleRNN, relu", lambda: [k.SimpleRNN(6, "relu", **SEQ), k.Dense(2)])


@case("new: Keras functional with multiplied gates")
def _(folder):
    x = k.Input((None, 3))
    h = k.LSTM(4, **SEQ)(x)
    y = k.Multiply()([h, k.Dense(4, activation="sigmoid")(x)])
    return saved(folder, stirred(keras.Model(x, y)), B)


@case("new: Keras functional with two outputs", note="the model's first output")
def _(folder):
    x = k.Input((None, 3))
    h = k.GRU(4, **SEQ)(x)
    model = stirred(keras.Model(x, [k.Dense(2, name="a")(h), k.Dense(1, name="b")(h)]))
    model.save(folder / "m.keras")
    y = np.asarray(model(B)[0].detach())
    return Written(path=folder / "m.keras", x=B, y=y)


@case("new: weights of a Keras model by h5py's own hand", refused="say the cells by cell=")
def _(folder):
    model = sequential(k.LSTM(4, **SEQ))
    with h5py.File(folder / "mine.h5", "w") as file:
        for i, array in enumerate(model.get_weights()):
            file[f"w{i}"] = array
    model.save(folder / "name.keras")
    ways = {"model.save('name.keras')": lambda: load(folder / "name.keras")}
    return Written(path=folder / "mine.h5", x=B, y=ran(model, B), ways=ways)
