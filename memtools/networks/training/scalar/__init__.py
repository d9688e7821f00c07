"""Networks of one input, one hidden unit and one output: the fast lane of training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from memtools._validate import FloatArray
from memtools.networks.cells import LSTM, RNN
from memtools.networks.history_cells import MIST, RWA
from memtools.networks.memory_cells import MLSTM, MRNN, TwoLaneRNN
from memtools.networks.network import Network

Pass = Callable[..., None]


class ScalarPasses:
    """Forward and backward pass of one scalar cell over sequences of up to `n_steps` steps.

    Parameters
    ----------
    cell : RNN, LSTM, TwoLaneRNN, RWA, MIST, MRNN or MLSTM
        With ``can_run(cell)``; its parameters are not used, only its kind.
    n_steps : int
        Longest sequence.
    """

    def __init__(self, cell: Network, n_steps: int) -> None:
        self._forward, self._backward, n_rows, more_forward, more_backward = _passes(cell, n_steps)
        self._tape = np.empty((n_rows, n_steps))
        self._more = more_forward, more_backward

    def forward(self, theta: FloatArray, x: FloatArray) -> FloatArray:
        """Pre-activations of the read-out, shape (len(x),), from the zero state."""
        z = np.empty(len(x))
        self._forward(theta, x, self._tape, z, *self._more[0])
        return z

    def backward(self, theta: FloatArray, x: FloatArray, dz: FloatArray) -> FloatArray:
        """Gradient in `theta` of a loss with derivatives `dz` in the first len(dz) outputs."""
        gradient = np.empty(len(theta))
        self._backward(theta, x, self._tape, dz, gradient, *self._more[1])
        return gradient


def can_run(network: Network) -> bool:
    """Is there a scalar kernel for this network?"""
    return (
        isinstance(network, RNN | LSTM | TwoLaneRNN | RWA | MIST | MRNN | MLSTM)
        and network.n_input == network.n_hidden == network.n_output == 1
        and network.activation == "tanh"
        and network.output_activation != "softmax"
        and "weight_hz" in network.params
    )


def _passes(
    cell: Network, n_steps: int
) -> tuple[Pass, Pass, int, tuple[Any, ...], tuple[Any, ...]]:
    """Forward, backward, rows of the tape, further arguments of each."""
    from memtools.networks.training.scalar import _kernels as k
    from memtools.networks.training.scalar.history import _kernels as k_history

    if isinstance(cell, RNN):
        return k.rnn_forward, k.rnn_backward, 1, (), ()
    if isinstance(cell, LSTM):
        return k.lstm_forward, k.lstm_backward, 6, (), ()
    if isinstance(cell, TwoLaneRNN):
        return k.two_lane_forward, k.two_lane_backward, 3, (), ()
    if isinstance(cell, RWA):
        return k_history.rwa_forward, k_history.rwa_backward, 7, (), ()
    if isinstance(cell, MIST):
        n_rows = 3 + len(cell.delays)
        return k_history.mist_forward, k_history.mist_backward, n_rows, (), ()
    assert isinstance(cell, MRNN | MLSTM)
    n_lags = cell.filter_length
    inverse = 1.0 / np.arange(1.0, n_lags + 1.0)
    if isinstance(cell, MRNN):
        if cell.fixed_d:
            return k.mrnn_fixed_forward, k.mrnn_fixed_backward, 4, (n_lags,), ()
        return k.mrnn_forward, k.mrnn_backward, 5, (inverse,), ()
    if cell.fixed_d:
        passes = k_history.mlstm_fixed_forward, k_history.mlstm_fixed_backward
        return *passes, 6, (n_lags,), (n_lags,)
    weights = np.empty((n_steps, n_lags))
    return k_history.mlstm_forward, k_history.mlstm_backward, 7, (weights, inverse), (weights,)
