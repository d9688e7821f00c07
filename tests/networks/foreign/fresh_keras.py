"""Models that the readers were not tuned to: Keras' files and models in memory."""

from __future__ import annotations

import numpy as np

from tests.networks.foreign.case import Written, case, random
from tests.networks.foreign.keras_parts import SEQ, k, keras, ran, saved, stirred

B = random(2, 14, 3, seed=12)


def both_ways(name, build, form="keras", **options):
    """The file of a Functional model, and the model in memory."""

    def made():
        keras.utils.set_random_seed(4)
        x = k.Input((None, 3))
        return stirred(keras.Model(x, build(x)))

    @case(f"fresh: Keras, {name}, {form}", **options)
    def _(folder):
        return saved(folder, made(), B, f"m.{form}")

    @case(f"fresh: Keras, {name}, in memory")
    def _(folder):
        model = made()
        return Written(path=model, x=B, y=ran(model, B))


def gated(x):
    h = k.GRU(6, **SEQ)(x)
    gate = k.Dense(6, activation="sigmoid")(h)
    return k.Dense(2)(k.LayerNormalization()(k.Add()([h, k.Multiply()([h, gate])])))


def stacked(x):
    for units in (5, 4, 3):
        x = k.Dropout(0.1)(k.LSTM(units, recurrent_dropout=0.1, **SEQ)(x))
    return k.TimeDistributed(k.Dense(2, activation="elu"))(x)


def convolved(x):
    h = k.Conv1D(4, 2, padding="causal", activation="relu")(x)
    h = k.Conv1D(4, 2, padding="causal", dilation_rate=2)(h)
    return k.GRU(5, reset_after=False)(k.BatchNormalization()(h))


def attended(x):
    h = k.Bidirectional(k.LSTM(3, **SEQ))(x)
    return k.Dense(1)(k.GlobalAveragePooling1D()(k.MultiHeadAttention(2, 3)(h, h)))


def halves(x):
    h = k.Bidirectional(k.GRU(4, **SEQ), merge_mode="sum")(x)
    return k.Dense(3, activation="softmax")(k.Bidirectional(k.LSTM(3), merge_mode="mul")(h))


def siamese(x):
    cell = k.LSTM(4, **SEQ)
    return k.Subtract()([cell(x), cell(k.Dense(3)(x))])


def normalised(x):
    h = k.RMSNormalization()(k.LSTM(4, **SEQ)(x))
    return k.PReLU(shared_axes=[1])(k.Dense(4)(k.UnitNormalization()(h)))


both_ways("gated residual", gated)
both_ways("three LSTMs with dropout", stacked)
both_ways("causal convolutions", convolved)
both_ways("attention over both directions", attended, refused="MultiHeadAttention")
both_ways("sum and product of directions", halves)
both_ways("one layer for two inputs", siamese)
both_ways("other normalisations", normalised)
both_ways(
    "average pooling in front",
    lambda x: k.LSTM(4)(k.AveragePooling1D(2)(x)),
    refused="class AveragePooling1D",
)
both_ways(
    "strided convolution",
    lambda x: k.GRU(4, **SEQ)(k.Conv1D(4, 3, strides=2)(x)),
    refused="strides",
)
both_ways(
    "softmax over time",
    lambda x: k.Softmax(axis=1)(k.GRU(4, **SEQ)(x)),
    refused="over axis 1",
)


@case("fresh: Keras, two series of different sizes", note="side by side, in the order a (2), b (1)")
def _(folder):
    a, b = k.Input((None, 2), name="a"), k.Input((None, 1), name="b")
    h = k.Concatenate()([k.LSTM(4)(a), k.GRU(3)(b)])
    model = stirred(keras.Model([a, b], k.Dense(2)(h)))
    model.save(folder / "m.keras")
    y = np.asarray(model([B[..., :2], B[..., 2:]]).detach())
    return Written(path=folder / "m.keras", x=B, y=y)


@case("fresh: Keras, a series and a static input", refused="not all of them sequences")
def _(folder):
    a, b = k.Input((None, 3), name="a"), k.Input((2,), name="b")
    model = stirred(keras.Model([a, b], k.Dense(1)(k.Concatenate()([k.LSTM(4)(a), b]))))
    model.save(folder / "m.keras")
    static = np.ones((2, 2), dtype="float32")
    y = np.asarray(model([B, static]).detach())

    def of_one(x):
        ends = [x[None, : t + 1].astype("float32") for t in range(len(x))]
        return np.stack([np.asarray(model([end, static[:1]]).detach())[0] for end in ends])

    return Written(path=folder / "m.keras", x=B, y=y, model=of_one)


@case("fresh: Keras, weights of both directions", note="both directions joined side by side")
def _(folder):
    x = k.Input((None, 3))
    model = stirred(keras.Model(x, k.Dense(2)(k.Bidirectional(k.GRU(4, **SEQ))(x))))
    model.save_weights(folder / "m.weights.h5")
    path = folder / "m.weights.h5"
    return Written(path=path, x=B, y=ran(model, B), options={"cell": "gru"})


@case("fresh: Keras, weights of two side by side", refused="side by side")
def _(folder):
    x = k.Input((None, 3))
    h = k.Concatenate()([k.LSTM(4, **SEQ)(x), k.GRU(4, **SEQ)(x)])
    model = stirred(keras.Model(x, k.Dense(2)(h)))
    model.save_weights(folder / "m.weights.h5")
    options = {"cell": ["LSTM", "GRU"]}
    path = folder / "m.weights.h5"
    return Written(path=path, x=B, y=ran(model, B), options=options, model=model)


@case("fresh: Keras, a trained model compiled, in h5")
def _(folder):
    x = k.Input((14, 3))
    model = keras.Model(x, k.Dense(1)(k.SimpleRNN(5, activation="relu")(x)))
    model.compile("rmsprop", "mse")
    model.fit(B, np.ones((2, 1)), epochs=2, verbose=0)
    return saved(folder, model, B, "m.h5")


@case("fresh: Keras, a nested recurrent model used in another, h5")
def _(folder):
    inner = keras.Sequential([k.Input((None, 4)), k.GRU(4, **SEQ), k.Dense(3)], name="core")
    x = k.Input((None, 3))
    model = stirred(keras.Model(x, k.LSTM(2, **SEQ)(inner(k.Dense(4)(x)))))
    return saved(folder, model, B, "m.h5")
