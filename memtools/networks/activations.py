"""The five activations of the paper's networks, as NumPy functions of arrays."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from memtools._validate import FloatArray


def identity(v: FloatArray) -> FloatArray:
    return v


def tanh(v: FloatArray) -> FloatArray:
    """Hyperbolic tangent; of complex steps to first order, which is all they keep.

    NumPy's complex tanh is ten times slower.
    """
    if not np.iscomplexobj(v):
        return np.tanh(v)
    z = np.tanh(v.real)
    return z + 1j * (1.0 - z * z) * v.imag


def sigmoid(v: FloatArray) -> FloatArray:
    """Logistic function, by tanh so that no argument overflows."""
    return 0.5 + 0.5 * tanh(0.5 * v)


def relu(v: FloatArray) -> FloatArray:
    return np.maximum(v, 0.0)


def positive(v: FloatArray) -> FloatArray:
    """v + 1/2 above 0, the logistic function below: g of the minimal GRU in log space."""
    return np.where(v.real >= 0.0, v + 0.5, sigmoid(v))


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


def activation_slope(name: str, z: FloatArray, dz: FloatArray) -> FloatArray:
    """dL/dv of z = g(v), given dL/dz; g by its name."""
    if name == "identity":
        return dz
    if name == "tanh":
        return dz * (1.0 - z * z)
    if name == "sigmoid":
        return dz * z * (1.0 - z)
    if name == "relu":
        return dz * (z > 0.0)
    if name == "positive":
        return dz * np.where(z >= 0.5, 1.0, z * (1.0 - z))
    return z * (dz - (z * dz).sum(axis=-1, keepdims=True))  # softmax
