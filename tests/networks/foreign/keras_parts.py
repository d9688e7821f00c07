"""Keras models, their outputs and files, for the cases."""

from __future__ import annotations

import os

import numpy as np

os.environ.setdefault("KERAS_BACKEND", "torch")
import keras
from keras import layers as k

from tests.networks.foreign.case import Written, case, random

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


def keras_case(name, *, form="keras", shape=(None, 3), note="", refused="", x=X):
    """A Sequential model of the layers that the function gives."""

    def register(build):
        @case(f"keras: {name}", note=note, refused=refused)
        def _(folder):
            keras.utils.set_random_seed(0)
            return saved(folder, sequential(*build(), shape=shape), x, f"model.{form}")

        return build

    return register
