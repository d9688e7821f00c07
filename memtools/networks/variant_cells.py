"""Cells whose gates or units have activations of their own: hard_sigmoid, softsign, elu, ..."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.networks.cells import GRU, LSTM, RNN
from memtools.networks.network import Network, State
from memtools.networks.pointwise import POINTWISE


class VariantCell(Network):
    """An RNN, LSTM or GRU with other activations than logistic gates and one of ours.

    Parameters
    ----------
    cell : RNN, LSTM or GRU
        Its parameters and, for a GRU, its `reset_after`; without a read-out.
    activation : str
        Of the candidate, and of the cell on its way out, by the names of `Activation`.
    gate_activation : str
        Of the gates.
    """

    def __init__(
        self, cell: RNN | LSTM | GRU, *, activation: str, gate_activation: str = "sigmoid"
    ) -> None:
        if not isinstance(cell, RNN | LSTM | GRU) or "weight_hz" in cell.params:
            raise InvalidInputError("cell", "an RNN, LSTM or GRU without read-out", repr(cell))
        self.cell = cell
        self.activation: str = _validate.as_choice(activation, "activation", [*POINTWISE])
        self.gate_activation: str = _validate.as_choice(
            gate_activation, "gate_activation", [*POINTWISE]
        )
        self.params = cell.params
        self.n_input, self.n_output = cell.n_input, cell.n_output
        self.n_hidden = cell.n_hidden

    def replace(self, params: Mapping[str, Any]) -> Self:
        options = {"activation": self.activation, "gate_activation": self.gate_activation}
        return type(self)(self.cell.replace(params), **options)

    def initial_state(self, n_batch: int) -> State:
        return self.cell.initial_state(n_batch)

    def step(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        cell = self.cell.with_values(self.params)
        cell.sigma, cell.gate = POINTWISE[self.activation], POINTWISE[self.gate_activation]
        return cell.step(x, state)

    def __repr__(self) -> str:
        kind = type(self.cell).__name__
        return (
            f"VariantCell({kind}(n_input={self.n_input}, n_hidden={self.n_hidden}), "
            f"activation={self.activation!r}, gate_activation={self.gate_activation!r})"
        )
