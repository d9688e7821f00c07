"""Keras 3's files."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from memtools.networks import load
from tests.networks.foreign.case import Written, case, random
from tests.networks.foreign.keras_parts import (
    SEQ,
    X,
    k,
    keras,
    keras_case,
    ran,
    saved,
    sequential,
    stirred,
)


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
        k.SimpleRNN(3, activation="hard_tanh", **SEQ),
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


@keras_case("pooling behind convolutions without padding", shape=(9, 3), note="steps less")
def _():
    row = k.Conv1D(4, 3), k.LSTM(4, **SEQ), k.Conv1D(5, 2), k.GlobalMaxPooling1D()
    return *row, k.Dense(2)


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


@keras_case("nested twice, h5", form="h5")
def _():
    inner = keras.Sequential([k.Input((None, 4)), k.GRU(3, **SEQ)], name="inner")
    outer = keras.Sequential([k.Input((None, 3)), k.LSTM(4, name="kernel", **SEQ), inner])
    return outer, k.Dense(2)


@keras_case("a cell of its own for each direction")
def _():
    back = k.GRU(4, go_backwards=True, **SEQ)
    return k.Bidirectional(k.LSTM(4, **SEQ), backward_layer=back), k.Dense(2)


@keras_case("both directions, the forward layer backwards", refused="forward layer goes backwards")
def _():
    ahead = k.LSTM(4, go_backwards=True, **SEQ)
    return k.Bidirectional(ahead, backward_layer=k.LSTM(4, **SEQ)), k.Dense(2)


@keras_case("a class of the user's own, called as one of Keras'", refused="mine>Dense (own code)")
def _():
    @keras.saving.register_keras_serializable("mine")
    class Dense(k.Dense):
        def call(self, x):
            return -super().call(x)

    return k.LSTM(4, **SEQ), Dense(2)


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


@case("keras: two inputs", note="several inputs side by side")
def _(folder):
    model = _two_inputs()
    model.save(folder / "m.keras")
    both = np.concatenate([X, X], axis=-1)
    return Written(path=folder / "m.keras", x=both, y=np.asarray(model([X, X]).detach()))


@case("keras: encoder and decoder by states", refused="encoder and a decoder")
def _(folder):
    x = k.Input((None, 3))
    _, h, c = k.LSTM(4, return_state=True, name="encoder_rnn")(x)
    y = k.LSTM(4, **SEQ, name="decoder_rnn")(x, initial_state=[h, c])
    model = stirred(keras.Model(x, k.Dense(2)(y)))
    written = saved(folder, model)

    def alone():
        part = keras.Sequential([k.Input((None, 3)), model.get_layer("encoder_rnn")])
        part.save(folder / "alone.keras")
        load(folder / "alone.keras")

    return replace(written, ways={"save each as a model of its own": alone})


@case("keras: the same layer twice")
def _(folder):
    x = k.Input((None, 3))
    cell = k.LSTM(3, **SEQ)
    return saved(folder, stirred(keras.Model(x, cell(cell(x)))))


@case("keras: a Lambda layer", refused="class Lambda")
def _(folder):
    model = sequential(k.LSTM(4, **SEQ), k.Lambda(lambda v: v * 2.0))
    return saved(folder, model)


@case("keras: attention", refused="class Attention")
def _(folder):
    x = k.Input((None, 3))
    h = k.LSTM(4, **SEQ)(x)
    return saved(folder, stirred(keras.Model(x, k.Attention()([h, h], use_causal_mask=True))))


@case("keras: quantised to int8", refused="quantised")
def _(folder):
    model = sequential(k.LSTM(4, **SEQ), k.Dense(2))
    model.save(folder / "float.keras")
    y = ran(model)
    model.quantize("int8")
    model.save(folder / "m.keras")
    ways = {"save the model before it is quantised": lambda: load(folder / "float.keras")}
    return Written(path=folder / "m.keras", x=X, y=y, model=model, ways=ways)


@case("keras: weights alone, Keras 3", refused="say the cells by cell=")
def _(folder):
    model = sequential(k.LSTM(4, **SEQ), k.GRU(5, **SEQ), k.Dense(2))
    model.save_weights(folder / "m.weights.h5")
    model.save(folder / "name.keras")
    ways = {
        "say the cells by cell='LSTM' (or a list": lambda: load(
            folder / "m.weights.h5", cell=["LSTM", "GRU"]
        ),
        "model.save('name.keras')": lambda: load(folder / "name.keras"),
    }
    return Written(path=folder / "m.weights.h5", x=X, y=ran(model), ways=ways)


@case("keras: a model in memory")
def _(folder):
    model = sequential(k.Conv1D(4, 2, padding="causal"), k.LSTM(4, **SEQ), k.Dense(2))
    return Written(path=model, x=X, y=ran(model))


@case("keras: a layer in memory")
def _(folder):
    model = sequential(k.GRU(4, **SEQ))
    return Written(path=model.layers[0], x=X, y=ran(model))


@case("keras: a subclassed model", refused="whose code is not in the file")
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
    written = saved(folder, stirred(model))

    def rebuilt():
        x = k.Input((None, 3))
        keras.Model(x, 2.0 * model.rnn(x)).save(folder / "rebuilt.keras")
        return load(folder / "rebuilt.keras")

    return replace(written, ways={"rebuild it as a Sequential or Functional model": rebuilt})
