"""Cells with the tape of their last forward pass: RNN, LSTM, GRU."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from memtools._validate import FloatArray
from memtools.networks.network import State
from memtools.networks.training import _kernels
from memtools.networks.training.losses import activation_slope

Gradient = dict[str, FloatArray]


def product(left: FloatArray, right: FloatArray) -> FloatArray:
    """sum over steps and batch of left_i right_j: the gradient of a weight matrix."""
    return left.reshape(-1, left.shape[-1]).T @ right.reshape(-1, right.shape[-1])


def total(adjoint: FloatArray) -> FloatArray:
    """Sum over steps and batch: the gradient of a bias."""
    return adjoint.reshape(-1, adjoint.shape[-1]).sum(axis=0)


def contiguous(array: FloatArray) -> FloatArray:
    """A writeable C-ordered copy: kernels are compiled for that layout only."""
    return np.array(array, order="C")


def with_first(first: FloatArray, n_steps: int) -> FloatArray:
    """Room for a sequence of states behind the state before its first step."""
    states = np.empty((n_steps + 1, *first.shape))
    states[0] = first
    return states


class CellPasses(ABC):
    """A cell with what its backward pass needs of the last forward one."""

    def __init__(self, cell: Any) -> None:
        self.cell = cell
        self.p: dict[str, FloatArray] = cell.params
        self.code: int = cell._code
        self.x: FloatArray = np.empty(0)

    @abstractmethod
    def forward(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        """Outputs (n_steps, n_batch, n_output) and the state after the last step."""

    @abstractmethod
    def backward(self, dz: FloatArray) -> tuple[FloatArray, Gradient]:
        """dL/dx and the gradient, given dL/dz."""

    def weight_t(self, name: str) -> FloatArray:
        """A transposed parameter."""
        return contiguous(self.p[name].T)


class ReadOutPasses(CellPasses):
    """A cell whose read-out, if it has one, is z = g(W_hz h + b_z)."""

    def forward(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        self.x = x
        self.hidden, end = self._run(x, state)
        self._z = self.cell.read_out(self.hidden)
        return self._z, end

    def backward(self, dz: FloatArray) -> tuple[FloatArray, Gradient]:
        if "weight_hz" not in self.p:
            return self._run_back(contiguous(dz))
        dv = activation_slope(self.cell.output_activation, self._z, dz)
        dx, gradient = self._run_back(contiguous(dv @ self.p["weight_hz"]))
        return dx, gradient | {"weight_hz": product(dv, self.hidden), "bias_z": total(dv)}

    @abstractmethod
    def _run(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        """Hidden units and the state after the last step."""

    @abstractmethod
    def _run_back(self, adjoint: FloatArray) -> tuple[FloatArray, Gradient]:
        """dL/dx and the gradient, given dL/dh from above, which may be written over."""


class RNNPasses(ReadOutPasses):
    def _run(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        inputs = x @ self.p["weight_ih"].T + (self.p["bias_ih"] + self.p["bias_hh"])
        self._states = with_first(state[0], len(x))
        _kernels.rnn_forward(inputs, self.weight_t("weight_hh"), self._states, self.code)
        return self._states[1:], (self._states[-1].copy(),)

    def _run_back(self, adjoint: FloatArray) -> tuple[FloatArray, Gradient]:
        _kernels.rnn_backward(self._states, contiguous(self.p["weight_hh"]), adjoint, self.code)
        return recurrent_gradient(self, adjoint, adjoint, self._states[:-1])


class LSTMPasses(ReadOutPasses):
    def _run(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        self._gates = x @ self.p["weight_ih"].T + (self.p["bias_ih"] + self.p["bias_hh"])
        self._states, self._cells = with_first(state[0], len(x)), with_first(state[1], len(x))
        weight_t = self.weight_t("weight_hh")
        _kernels.lstm_forward(self._gates, weight_t, self._states, self._cells, self.code)
        return self._states[1:], (self._states[-1].copy(), self._cells[-1].copy())

    def _run_back(self, adjoint: FloatArray) -> tuple[FloatArray, Gradient]:
        weight = contiguous(self.p["weight_hh"])
        _kernels.lstm_backward(self._gates, self._cells, weight, adjoint, self.code)
        return recurrent_gradient(self, self._gates, self._gates, self._states[:-1])


class GRUPasses(ReadOutPasses):
    def _run(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        p, n = self.p, 2 * self.cell.n_hidden
        self._gates = x @ p["weight_ih"].T + p["bias_ih"]
        self._gates[..., :n] += p["bias_hh"][:n]
        self._states = with_first(state[0], len(x))
        self._inner = np.empty_like(self._states[1:])
        weight_t = self.weight_t("weight_hh")
        recurrent_t = contiguous(weight_t[:, :n]), contiguous(weight_t[:, n:])
        recurrence = *recurrent_t, contiguous(p["bias_hh"][n:]), self.cell.reset_after
        _kernels.gru_forward(self._gates, *recurrence, self._states, self._inner, self.code)
        return self._states[1:], (self._states[-1].copy(),)

    def _run_back(self, adjoint: FloatArray) -> tuple[FloatArray, Gradient]:
        n, reset_after = 2 * self.cell.n_hidden, self.cell.reset_after
        before = self._states[:-1]
        held = before if reset_after else before * self._gates[..., : n // 2]
        weight_rz, weight_n = (contiguous(w) for w in np.split(self.p["weight_hh"], [n]))
        recurrence = weight_rz, weight_n, reset_after, self._states, self._inner
        _kernels.gru_backward(self._gates, *recurrence, adjoint, self.code)
        recurrent = np.concatenate([self._gates[..., :n], self._inner], axis=-1)
        dx, gradient = recurrent_gradient(self, self._gates, recurrent, before)
        gradient["weight_hh"][n:] = product(self._inner, held)
        return dx, gradient


def recurrent_gradient(
    passes: ReadOutPasses, dv: FloatArray, dv_recurrent: FloatArray, before: FloatArray
) -> tuple[FloatArray, Gradient]:
    """dL/dx and the four tensors of PyTorch's cells from the adjoints of both products."""
    gradient = {
        "weight_ih": product(dv, passes.x),
        "weight_hh": product(dv_recurrent, before),
        "bias_ih": total(dv),
        "bias_hh": total(dv_recurrent),
    }
    return dv @ passes.p["weight_ih"], gradient
