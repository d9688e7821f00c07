"""Layers without memory that stand between others: activations, scalings, normalisations."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Self

import numpy as np
import scipy.special

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.networks.activations import OUTPUT_ACTIVATIONS, activation_slope, sigmoid
from memtools.networks.network import Fixed, Network, State
from memtools.networks.packing import Packing
from memtools.networks.tapes import Array, Tape

# Each is analytic piece by piece and takes complex steps; comparisons are of the real part.
POINTWISE: dict[str, Callable[[FloatArray], FloatArray]] = {
    **OUTPUT_ACTIVATIONS,
    "elu": lambda v: np.where(v.real > 0.0, v, np.exp(np.minimum(v, 0.0)) - 1.0),
    "exponential": np.exp,
    "gelu": lambda v: 0.5 * v * (1.0 + scipy.special.erf(v / np.sqrt(2.0))),
    "gelu_tanh": lambda v: 0.5 * v * (1.0 + np.tanh(np.sqrt(2.0 / np.pi) * (v + 0.044715 * v**3))),
    "hard_sigmoid": lambda v: np.clip(v / 6.0 + 0.5, 0.0, 1.0),
    "hard_sigmoid_fifth": lambda v: np.clip(0.2 * v + 0.5, 0.0, 1.0),
    "hard_tanh": lambda v: np.clip(v, -1.0, 1.0),
    "leaky_relu": lambda v: np.where(v.real > 0.0, v, 0.01 * v),
    "relu6": lambda v: np.clip(v, 0.0, 6.0),
    "selu": lambda v: (
        1.0507009873554805
        * np.where(v.real > 0.0, v, 1.6732632423543772 * (np.exp(np.minimum(v, 0.0)) - 1.0))
    ),
    "silu": lambda v: v * sigmoid(v),
    "softplus": lambda v: np.maximum(v, 0.0) + np.log(1.0 + np.exp(-modulus(v))),
    "softsign": lambda v: v / (1.0 + modulus(v)),
}

# Activations whose values are within 1, or no larger than what goes in.
_WITHIN_ONE = ("tanh", "sigmoid", "softmax", "hard_sigmoid", "hard_sigmoid_fifth", "hard_tanh")
_NO_LARGER = ("identity", "relu", "relu6", "leaky_relu", "silu", "gelu", "gelu_tanh", "softsign")


def modulus(v: FloatArray) -> FloatArray:
    """|v| that keeps a complex step."""
    return np.where(v.real < 0.0, -v, v)


class Memoryless(Network):
    """A layer whose output at a step is a function of its input at that step alone."""

    def initial_state(self, n_batch: int) -> State:
        return ()

    def step(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        return self._applied(x), state

    def _run_steps(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        return self._applied(x), state

    def _applied(self, x: FloatArray) -> FloatArray:
        """Of inputs (..., n_input)."""
        raise NotImplementedError


class Activation(Fixed, Memoryless):
    """z_t = g(x_t), entry by entry (softmax: over the entries).

    Parameters
    ----------
    kind : str
        One of tanh, sigmoid, relu, identity, softmax, elu, exponential, gelu, gelu_tanh,
        hard_sigmoid (v / 6 + 1/2, Keras 3 and PyTorch), hard_sigmoid_fifth (v / 5 + 1/2, Keras 2
        and ONNX), hard_tanh, leaky_relu, relu6, selu, silu, softplus, softsign.
    size : int
        Number of entries.
    slope : float, optional
        Of leaky_relu and elu on the negative side.
    """

    def __init__(self, kind: str, size: int, *, slope: float | None = None) -> None:
        self.kind: str = _validate.as_choice(kind, "kind", [*POINTWISE])
        self.slope = None if slope is None else _validate.as_real(slope, "slope")
        self.n_input = self.n_output = _validate.as_integer(size, "size", 1)

    @property
    def packs(self) -> bool:  # type: ignore[override]
        return self.slope is None and self.kind in OUTPUT_ACTIVATIONS

    def record(self, x: FloatArray, state: State) -> Tape:
        if not self.packs:
            return super().record(x, state)
        z = self._applied(x)
        slope = partial(activation_slope, self.kind)
        return Tape(z, state, lambda dz: ({}, lambda: slope(z[: len(dz)], dz)))

    def record_packed(self, x: Array, packing: Packing) -> Tape:
        return self.record(x, ())

    def _applied(self, x: FloatArray) -> FloatArray:
        if self.slope is None:
            return POINTWISE[self.kind](x)
        below = np.exp(np.minimum(x, 0.0)) - 1.0 if self.kind == "elu" else x
        return np.where(x.real > 0.0, x, self.slope * below)

    @property
    def is_linear(self) -> bool:
        return self.kind == "identity"

    def output_bound(self, input_bound: float) -> float:
        if self.kind in _WITHIN_ONE:
            return 1.0
        return (
            input_bound * max(1.0, abs(self.slope or 0.0)) if self.kind in _NO_LARGER else math.inf
        )

    def __repr__(self) -> str:
        slope = "" if self.slope is None else f", slope={self.slope:g}"
        return f"Activation({self.kind!r}, {self.n_output}{slope})"


class Affine(Memoryless):
    """z_t = scale x_t + shift, entry by entry: batch normalisation of a trained network, rescaling.

    Parameters
    ----------
    params : mapping of str to array_like
        scale (I,), shift (I,).
    """

    def __init__(self, params: Mapping[str, Any]) -> None:
        self.params = _vectors(params, ("scale", "shift"))
        self.n_input = self.n_output = len(self.params["scale"])

    def replace(self, params: Mapping[str, Any]) -> Self:
        return type(self)(params)

    def _applied(self, x: FloatArray) -> FloatArray:
        return x * self.params["scale"] + self.params["shift"]

    is_linear = True

    def output_bound(self, input_bound: float) -> float:
        p = self.params
        return float((np.abs(p["scale"]) * input_bound + np.abs(p["shift"])).max())

    def __repr__(self) -> str:
        return f"Affine({self.n_output})"


class LayerNorm(Memoryless):
    """z_t = scale (x_t - mean) / sqrt(variance + epsilon) + shift, over the entries of a step.

    Parameters
    ----------
    params : mapping of str to array_like
        scale (I,), shift (I,).
    epsilon : float
        1e-5 in PyTorch, 1e-3 in Keras, 1e-6 in Flax.
    centred : bool
        False leaves the mean in: the root mean square normalises.

    References
    ----------
    Ba, J. L., Kiros, J. R. and Hinton, G. E. (2016). Layer normalization. arXiv:1607.06450,
    equation (4).
    Zhang, B. and Sennrich, R. (2019). Root mean square layer normalization. NeurIPS, equation (4).
    """

    def __init__(
        self, params: Mapping[str, Any], *, epsilon: float = 1e-5, centred: bool = True
    ) -> None:
        self.params = _vectors(params, ("scale", "shift"))
        self.epsilon = _validate.as_real(epsilon, "epsilon", 0.0)
        self.centred = _validate.as_flag(centred, "centred")
        self.n_input = self.n_output = len(self.params["scale"])

    def replace(self, params: Mapping[str, Any]) -> Self:
        return type(self)(params, epsilon=self.epsilon, centred=self.centred)

    def _applied(self, x: FloatArray) -> FloatArray:
        centred = x - x.mean(axis=-1, keepdims=True) if self.centred else x
        # no np.var: of complex steps it takes the modulus
        variance = (centred * centred).mean(axis=-1, keepdims=True)
        scaled = centred / np.sqrt(variance + self.epsilon)
        return scaled * self.params["scale"] + self.params["shift"]

    def output_bound(self, input_bound: float) -> float:
        p = self.params  # a vector of unit mean square has no entry beyond sqrt(n)
        return float((np.abs(p["scale"]) * math.sqrt(self.n_input) + np.abs(p["shift"])).max())

    def __repr__(self) -> str:
        mean = "" if self.centred else ", centred=False"
        return f"LayerNorm({self.n_output}, epsilon={self.epsilon:g}{mean})"


def _vectors(params: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, FloatArray]:
    """Vectors of one length, all of them."""
    if not isinstance(params, Mapping) or set(params) != set(names):
        got = ", ".join(map(str, params)) if isinstance(params, Mapping) else repr(params)
        raise InvalidInputError("params", f"a mapping with {' and '.join(names)}", got)
    found: dict[str, FloatArray] = {}
    for name in names:
        array = np.array(_validate.as_array(params[name], f"params[{name!r}]"))
        array.flags.writeable = False
        if array.ndim != 1 or array.shape != next(iter(found.values()), array).shape:
            shape = f"shape {array.shape}"
            raise InvalidInputError(f"params[{name!r}]", "a vector, as long as the others", shape)
        found[name] = array
    return found


def batch_norm(
    mean: FloatArray,
    variance: FloatArray,
    scale: FloatArray | None,
    shift: FloatArray | None,
    epsilon: float,
) -> Affine:
    """Batch normalisation as a trained network runs it: with the moments of its training."""
    factor = (1.0 if scale is None else scale) / np.sqrt(variance + epsilon)
    offset = (0.0 if shift is None else shift) - mean * factor
    return Affine({"scale": factor, "shift": offset})
