"""Cells whose gates or units have activations of their own: hard_sigmoid, softsign, elu, ..."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np

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
        p, h = self.params, state[0]
        sigma, gate = POINTWISE[self.activation], POINTWISE[self.gate_activation]
        a = x @ p["weight_ih"].T + p["bias_ih"]
        if isinstance(self.cell, GRU):
            return self._gru(a, h)
        v = a + h @ p["weight_hh"].T + p["bias_hh"]
        if isinstance(self.cell, RNN):
            h = sigma(v)
            return h, (h,)
        i, f, g, o = np.split(v, 4, axis=-1)
        c = gate(f) * state[1] + gate(i) * sigma(g)
        h = gate(o) * sigma(c)
        return h, (h, c)

    def _gru(self, a: FloatArray, h: FloatArray) -> tuple[FloatArray, State]:
        assert isinstance(self.cell, GRU)
        p, m = self.params, 2 * self.n_hidden
        w, b = p["weight_hh"], p["bias_hh"]
        gates = POINTWISE[self.gate_activation](a[:, :m] + h @ w[:m].T + b[:m])
        r, z = np.split(gates, 2, axis=-1)
        after = self.cell.reset_after
        inner = r * (h @ w[m:].T + b[m:]) if after else (r * h) @ w[m:].T + b[m:]
        n = POINTWISE[self.activation](a[:, m:] + inner)
        h = (1.0 - z) * n + z * h
        return h, (h,)

    def __repr__(self) -> str:
        kind = type(self.cell).__name__
        return (
            f"VariantCell({kind}(n_input={self.n_input}, n_hidden={self.n_hidden}), "
            f"activation={self.activation!r}, gate_activation={self.gate_activation!r})"
        )
