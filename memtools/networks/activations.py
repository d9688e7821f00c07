"""The five activations of the paper's networks, as NumPy functions of arrays."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from memtools._validate import FloatArray


def identity(v: FloatArray) -> FloatArray:
    return v


def tanh(v: FloatArray) -> FloatArray:
    return np.tanh(v)


def sigmoid(v: FloatArray) -> FloatArray:
    """Logistic function, by tanh so that no argument overflows."""
    return 0.5 + 0.5 * np.tanh(0.5 * v)


def relu(v: FloatArray) -> FloatArray:
    return np.maximum(v, 0.0)


def softmax(v: FloatArray) -> FloatArray:
    """Over the last axis."""
    e = np.exp(v - v.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


ACTIVATIONS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "tanh": tanh,
    "sigmoid": sigmoid,
    "relu": relu,
    "identity": identity,
}
OUTPUT_ACTIVATIONS = {**ACTIVATIONS, "softmax": softmax}
