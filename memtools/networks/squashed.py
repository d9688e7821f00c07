"""What the review classifiers of the paper's authors put around standard cells: one more tanh."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from memtools._validate import FloatArray
from memtools.networks.activations import activation_slope, tanh
from memtools.networks.network import Network, State
from memtools.networks.packing import Packing
from memtools.networks.tapes import Array, Tape


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
        return tanh(x), state

    def record(self, x: FloatArray, state: State) -> Tape:
        z = tanh(x)
        return Tape(z, state, lambda dz: ({}, lambda: activation_slope("tanh", z[: len(dz)], dz)))

    packs = True

    def record_packed(self, x: Array, packing: Packing) -> Tape:
        return self.record(x, ())

    def __repr__(self) -> str:
        return f"Squash(n_input={self.n_input})"
