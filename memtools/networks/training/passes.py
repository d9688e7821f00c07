"""Networks as functions of one flat parameter vector, forward and backward."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from memtools._validate import FloatArray
from memtools.networks.activations import OUTPUT_ACTIVATIONS
from memtools.networks.network import Cell, Network, State
from memtools.networks.training.losses import activation_slope
from memtools.networks.training.scalar import ScalarPasses, can_run


class Passes(Protocol):
    """What training needs of a network; theta holds all parameters one after the other."""

    def forward(
        self, theta: FloatArray, x: FloatArray, state: State | None = None
    ) -> tuple[FloatArray, State | None]:
        """Outputs (n_steps, n_batch, n_output) and the state after the last step."""

    def backward(self, theta: FloatArray, x: FloatArray, dz: FloatArray) -> FloatArray:
        """Gradient in theta, given dL/dz of the first len(dz) outputs of the last forward pass."""


class ScalarNetwork:
    """One sequence from the zero state through a network of one hidden unit."""

    def __init__(self, cell: Cell, n_steps: int) -> None:
        self._passes, self._g = ScalarPasses(cell, n_steps), cell.output_activation
        self._z = np.empty((0, 1, 1))

    def forward(
        self, theta: FloatArray, x: FloatArray, state: State | None = None
    ) -> tuple[FloatArray, State | None]:
        v = self._passes.forward(theta, np.ascontiguousarray(x[:, 0, 0]))
        self._z = OUTPUT_ACTIVATIONS[self._g](v)[:, np.newaxis, np.newaxis]
        return self._z, None

    def backward(self, theta: FloatArray, x: FloatArray, dz: FloatArray) -> FloatArray:
        dv = activation_slope(self._g, self._z[: len(dz)], dz)
        series = np.ascontiguousarray(x[: len(dz), 0, 0])
        return self._passes.backward(theta, series, np.ascontiguousarray(dv[:, 0, 0]))


def flatten(network: Network) -> FloatArray:
    """All parameters one after the other, in the order of `params`."""
    return np.concatenate([value.ravel() for value in network.params.values()])


def unflatten(network: Network, theta: FloatArray) -> dict[str, FloatArray]:
    """Parameters by name out of a flat vector."""
    params, start = {}, 0
    for name, value in network.params.items():
        params[name] = theta[start : start + value.size].reshape(value.shape)
        start += value.size
    return params


def passes_of(network: Network, x: FloatArray, carries_state: bool) -> Passes:
    """The fast lane where it can be taken, else the general one."""
    if x.shape[1] == 1 and not carries_state and isinstance(network, Cell) and can_run(network):
        return ScalarNetwork(network, len(x))
    from memtools.networks.training.layers import LayeredNetwork

    return LayeredNetwork(network)
