"""What the review classifiers of the paper's authors put around standard cells: one more tanh."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np

from memtools._validate import FloatArray
from memtools.networks._parameters import Shapes
from memtools.networks.activations import ACTIVATIONS, sigmoid
from memtools.networks.cells import LSTM
from memtools.networks.network import Cell, Network, State


class SquashedLSTM(Cell):
    """LSTM with h_t = tanh(s(o) sigma(c_t)), which also feeds the next step.

    Not an :class:`LSTM`: what the theorems say of that cell is not said of this one.
    Parameters, options and state are the same.
    """

    _shapes: ClassVar[Shapes] = LSTM._shapes
    state_names = ("h", "c")

    def initial_state(self, n_batch: int) -> State:
        return np.zeros((n_batch, self.n_hidden)), np.zeros((n_batch, self.n_hidden))

    def step(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        p, (h, c) = self.params, state
        sigma = ACTIVATIONS[self.activation]
        v = x @ p["weight_ih"].T + p["bias_ih"] + h @ p["weight_hh"].T + p["bias_hh"]
        i, f, g, o = np.split(v, 4, axis=-1)
        c = sigmoid(f) * c + sigmoid(i) * sigma(g)
        h = np.tanh(sigmoid(o) * sigma(c))
        return self.read_out(h), (h, c)


class Squash(Network):
    """tanh of each input: a layer without parameters.

    Parameters
    ----------
    n_input : int
    """

    def __init__(self, n_input: int) -> None:
        self.n_input = self.n_output = n_input
        self.params = {}

    def replace(self, params: Mapping[str, Any]) -> Self:
        return self

    def initial_state(self, n_batch: int) -> State:
        return ()

    def step(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        return np.tanh(x), state

    def __repr__(self) -> str:
        return f"Squash(n_input={self.n_input})"
