"""The field's standard cells: RNN, LSTM, GRU; parameters in PyTorch's names and layout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from memtools import _validate
from memtools._validate import FloatArray
from memtools.networks._parameters import Shapes
from memtools.networks.activations import ACTIVATIONS, sigmoid
from memtools.networks.network import Cell, State

_READ_OUT = {"weight_hz": ("O H", "H"), "bias_z": ("O", "H")}


class RNN(Cell):
    """Elman's recurrent network.

    h_t = sigma(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh),  z_t = g(W_hz h_t + b_z).

    Parameters
    ----------
    params : mapping of str to array_like
        weight_ih (H, I), weight_hh (H, H), bias_ih (H,), bias_hh (H,) and, unless the outputs
        are the hidden units, weight_hz (O, H), bias_z (O,).
    activation : {"tanh", "sigmoid", "relu", "identity"}
    output_activation : {"identity", "tanh", "sigmoid", "relu", "softmax"}

    Notes
    -----
    The state is (h,), of shape (n_batch, H).

    Examples
    --------
    >>> import numpy as np
    >>> from memtools import networks
    >>> cell = networks.RNN.initialise(1, 2, 1, rng=0)
    >>> outputs, state = cell.forward(np.ones((5, 1)))
    >>> outputs.shape
    (5, 1)
    """

    _shapes: ClassVar[Shapes] = {
        "weight_ih": ("H I", "H"),
        "weight_hh": ("H H", "H"),
        "bias_ih": ("H", "H"),
        "bias_hh": ("H", "H"),
        **_READ_OUT,
    }
    state_names = ("h",)

    def initial_state(self, n_batch: int) -> State:
        return (np.zeros((n_batch, self.n_hidden)),)

    def step(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        p = self.params
        v = x @ p["weight_ih"].T + p["bias_ih"] + state[0] @ p["weight_hh"].T + p["bias_hh"]
        h = ACTIVATIONS[self.activation](v)
        return self.read_out(h), (h,)

    def _run_compiled(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        from memtools.networks import _kernels

        inputs, hidden = project(self, x)
        _kernels.rnn(inputs, self._transposed("weight_hh"), state[0], self._code, hidden)
        return self.read_out(hidden), state


class LSTM(Cell):
    """Long short-term memory.

    With the four blocks i, f, g, o of W_ih x_t + b_ih + W_hh h_{t-1} + b_hh,
    c_t = s(f) c_{t-1} + s(i) sigma(g),  h_t = s(o) sigma(c_t),  z_t = g(W_hz h_t + b_z),
    s the logistic function.

    Parameters
    ----------
    params : mapping of str to array_like
        weight_ih (4H, I), weight_hh (4H, H), bias_ih (4H,), bias_hh (4H,), blocks in the order
        i, f, g, o; and, unless the outputs are the hidden units, weight_hz (O, H), bias_z (O,).
    activation : {"tanh", "sigmoid", "relu", "identity"}
        Of the candidate and of the cell on its way out; the gates are logistic.
    output_activation : {"identity", "tanh", "sigmoid", "relu", "softmax"}

    Notes
    -----
    The state is (h, c), each of shape (n_batch, H).

    References
    ----------
    Hochreiter, S. and Schmidhuber, J. (1997). Long short-term memory. Neural Computation 9,
    1735-1780; with the forget gate of Gers, F. A., Schmidhuber, J. and Cummins, F. (2000).
    """

    _shapes: ClassVar[Shapes] = {
        "weight_ih": ("4H I", "H"),
        "weight_hh": ("4H H", "H"),
        "bias_ih": ("4H", "H"),
        "bias_hh": ("4H", "H"),
        **_READ_OUT,
    }
    state_names = ("h", "c")

    def initial_state(self, n_batch: int) -> State:
        return np.zeros((n_batch, self.n_hidden)), np.zeros((n_batch, self.n_hidden))

    def step(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        p, (h, c) = self.params, state
        sigma = ACTIVATIONS[self.activation]
        v = x @ p["weight_ih"].T + p["bias_ih"] + h @ p["weight_hh"].T + p["bias_hh"]
        i, f, g, o = np.split(v, 4, axis=-1)
        c = sigmoid(f) * c + sigmoid(i) * sigma(g)
        h = sigmoid(o) * sigma(c)
        return self.read_out(h), (h, c)

    def _run_compiled(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        from memtools.networks import _kernels

        inputs, hidden = project(self, x)
        _kernels.lstm(inputs, self._transposed("weight_hh"), *state, self._code, hidden)
        return self.read_out(hidden), state


class GRU(Cell):
    """Gated recurrent unit.

    With the blocks r, z, n of a = W_ih x_t + b_ih and b = W_hh h_{t-1} + b_hh,
    n = sigma(a_n + s(a_r + b_r) b_n),  h_t = (1 - s(a_z + b_z)) n + s(a_z + b_z) h_{t-1}.

    Parameters
    ----------
    params : mapping of str to array_like
        weight_ih (3H, I), weight_hh (3H, H), bias_ih (3H,), bias_hh (3H,), blocks in the order
        r, z, n; and, unless the outputs are the hidden units, weight_hz (O, H), bias_z (O,).
    reset_after : bool
        True as above (PyTorch, cuDNN, Keras' default); False resets before the product,
        b_n = W_hn (s(a_r + b_r) h_{t-1}) + b_hn, as Cho et al. (2014) write it.
    activation : {"tanh", "sigmoid", "relu", "identity"}
    output_activation : {"identity", "tanh", "sigmoid", "relu", "softmax"}

    Notes
    -----
    The state is (h,), of shape (n_batch, H).

    References
    ----------
    Cho, K. et al. (2014). Learning phrase representations using RNN encoder-decoder for
    statistical machine translation. EMNLP, 1724-1734.
    """

    _shapes: ClassVar[Shapes] = {
        "weight_ih": ("3H I", "H"),
        "weight_hh": ("3H H", "H"),
        "bias_ih": ("3H", "H"),
        "bias_hh": ("3H", "H"),
        **_READ_OUT,
    }
    state_names = ("h",)

    def __init__(
        self, params: Mapping[str, Any], *, reset_after: bool = True, **options: Any
    ) -> None:
        self.reset_after = _validate.as_flag(reset_after, "reset_after")
        super().__init__(params, **options)

    @property
    def options(self) -> dict[str, Any]:
        return {**super().options, "reset_after": self.reset_after}

    def initial_state(self, n_batch: int) -> State:
        return (np.zeros((n_batch, self.n_hidden)),)

    def step(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        p, (h,), n_gates = self.params, state, 2 * self.n_hidden
        a = x @ p["weight_ih"].T + p["bias_ih"]
        w, b = p["weight_hh"], p["bias_hh"]
        gates = sigmoid(a[:, :n_gates] + h @ w[:n_gates].T + b[:n_gates])
        r, z = np.split(gates, 2, axis=-1)
        if self.reset_after:
            inner = r * (h @ w[n_gates:].T + b[n_gates:])
        else:
            inner = (r * h) @ w[n_gates:].T + b[n_gates:]
        n = ACTIVATIONS[self.activation](a[:, n_gates:] + inner)
        h = (1.0 - z) * n + z * h
        return self.read_out(h), (h,)

    def _run_compiled(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        from memtools.networks import _kernels

        p, n_gates = self.params, 2 * self.n_hidden
        inputs = x @ p["weight_ih"].T + p["bias_ih"]
        inputs[..., :n_gates] += p["bias_hh"][:n_gates]
        hidden = np.empty((*x.shape[:2], self.n_hidden))
        weight_t, bias_n = self._transposed("weight_hh"), p["bias_hh"][n_gates:].copy()
        weight_gates_t, weight_n_t = weight_t[:, :n_gates].copy(), weight_t[:, n_gates:].copy()
        recurrence = weight_gates_t, weight_n_t, bias_n, self.reset_after
        _kernels.gru(inputs, *recurrence, *state, self._code, hidden)
        return self.read_out(hidden), state


def project(cell: Cell, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """What the inputs add to all pre-activations, and room for the hidden units."""
    p = cell.params
    inputs = x @ p["weight_ih"].T + (p["bias_ih"] + p["bias_hh"])
    return inputs, np.empty((*x.shape[:2], cell.n_hidden))
