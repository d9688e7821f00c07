"""The field's standard cells: RNN, LSTM, GRU; parameters in PyTorch's names and layout."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from memtools import _validate
from memtools._validate import FloatArray
from memtools.networks._parameters import READ_OUT, Shapes
from memtools.networks.activations import ACTIVATIONS, sigmoid
from memtools.networks.network import State
from memtools.networks.packing import Packing, packed_lane, packed_lstm
from memtools.networks.recurrent_cell import Cell
from memtools.networks.tangents import spectral_radius
from memtools.networks.tapes import (
    Array,
    Gradient,
    Run,
    Tape,
    affine,
    blocks_of,
    contiguous,
    gates_of,
    lower,
    owed,
    product,
    run_lane,
    times,
    total,
    with_first,
)
from memtools.results.networks import ErgodicityReport


class _TorchCell(Cell):
    """A cell with PyTorch's four tensors."""

    in_torch = True
    _keeping: ClassVar[str | None] = None  # the gate that keeps the state

    def rates(self) -> FloatArray | None:
        if self._keeping is None:
            return None
        bias = self.params["bias_ih"] + self.params["bias_hh"]
        block = self._gate_blocks[self._keeping]
        return np.logaddexp(0.0, -np.split(bias, self._n_blocks)[block])

    def torch_names(self) -> dict[str, FloatArray]:
        """As torch.nn's modules name them.

        Without a read-out the tensors load into torch.nn.LSTM itself, with one into a module that
        calls its parts `recurrent` and `output`.
        """
        output = {"weight_hz": "output.weight", "bias_z": "output.bias"}
        stem = "recurrent." if "weight_hz" in self.params else ""
        return {output.get(key, f"{stem}{key}_l0"): value for key, value in self.params.items()}

    def _tape(self, x: Array, run: Run, **gates: Array) -> Tape:
        def backward(dh: Array) -> tuple[Gradient, Callable[[], Array]]:
            n, dv = len(dh), run.back(dh)
            bias = total(dv)
            gradient = {
                "weight_ih": product(dv, x[:n]),
                "weight_hh": product(dv, run.before[:n]),
                "bias_ih": bias,
                "bias_hh": bias,
            }
            return gradient, lambda: owed(dv, self.params["weight_ih"])

        return Tape(run.after, run.end, backward, gates)


class RNN(_TorchCell):
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
        **READ_OUT,
    }
    state_names = ("h",)
    _bounded_by = "Corollary 1"
    _one = "rnn"
    packs = True

    def step(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        p = self.params
        v = times(x, p["weight_ih"]) + p["bias_ih"] + times(state[0], p["weight_hh"]) + p["bias_hh"]
        h = self.sigma(v)
        return self.read_out(h), (h,)

    def _run_hidden(self, x: FloatArray, *state: FloatArray) -> Tape:
        v = affine(x, self.params["weight_ih"], self.params["bias_ih"] + self.params["bias_hh"])
        return self._tape(x, run_lane(v, self.params["weight_hh"], state[0], self._code))

    def _run_packed(self, x: Array, packing: Packing) -> Tape:
        v = affine(x, self.params["weight_ih"], self.params["bias_ih"] + self.params["bias_hh"])
        return self._tape(x, packed_lane(v, self.params["weight_hh"], self.activation, packing))

    def absolute_twin(self) -> RNN:
        return RNN({k: np.abs(v) for k, v in self.params.items()}, activation="identity")


class _LSTM(_TorchCell):
    """h_t = squash(s(o) sigma(c_t)): the recurrence of `LSTM` and `SquashedLSTM`."""

    _shapes: ClassVar[Shapes] = {
        "weight_ih": ("4H I", "H"),
        "weight_hh": ("4H H", "H"),
        "bias_ih": ("4H", "H"),
        "bias_hh": ("4H", "H"),
        **READ_OUT,
    }
    _n_blocks = 4
    _gate_blocks: ClassVar[Mapping[str, int]] = {
        "input gate": 0,
        "forget gate": 1,
        "output gate": 3,
    }
    _keeping = "forget gate"
    _squash: ClassVar[str] = "identity"
    packs = True
    state_names = ("h", "c")

    def step(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        p, (h, c) = self.params, state
        s, sigma = self.gate, self.sigma
        v = times(x, p["weight_ih"]) + p["bias_ih"] + times(h, p["weight_hh"]) + p["bias_hh"]
        i, f, g, o = np.split(v, 4, axis=-1)
        c = s(f) * c + s(i) * sigma(g)
        h = ACTIVATIONS[self._squash](s(o) * sigma(c))
        return self.read_out(h), (h, c)

    def _run_hidden(self, x: FloatArray, *state: FloatArray) -> Tape:
        from memtools.networks import gated_kernels as kernels

        p, codes = self.params, (self._code, [*ACTIVATIONS].index(self._squash))
        hidden, cells = (with_first(part, len(x)) for part in state)
        one, outs = hidden[0].size == 1, np.empty_like(cells[1:])
        v = gates_of(x, p["weight_ih"], p["bias_ih"] + p["bias_hh"], 4)
        weights = blocks_of(p["weight_hh"], 4, True)
        kernels.lstm_forward(*lower(one, v, weights, hidden, cells, outs), *codes)

        def back(dh: FloatArray) -> FloatArray:
            weights = blocks_of(p["weight_hh"], 4, False)
            tape = lower(one, v, weights, hidden, cells, outs, np.ascontiguousarray(dh))
            kernels.lstm_backward(*tape, *codes)
            return v[:, : len(dh)]

        run = Run(hidden[:-1], hidden[1:], (hidden[-1].copy(), cells[-1].copy()), back)
        return self._tape(x, run, **self._gates(v))

    def _run_packed(self, x: Array, packing: Packing) -> Tape:
        p = self.params
        v = affine(x, p["weight_ih"], p["bias_ih"] + p["bias_hh"])
        run = packed_lstm(v, p["weight_hh"], self.activation, self._squash, packing)
        return self._tape(x, run)


class SquashedLSTM(_LSTM):
    """LSTM with h_t = tanh(s(o) sigma(c_t)), which also feeds the next step.

    Not an :class:`LSTM`: what the theorems say of that cell is not said of this one.
    Parameters, options and state are the same.
    """

    _squash = "tanh"
    may_be_linear = False


class LSTM(_LSTM):
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

    _one = "lstm"

    def theorem(self, input_bound: float, feedback: bool) -> ErgodicityReport | None:
        """Corollary 2, or theorem 1 where sigma is not bounded."""
        if not self.bounded:
            return self._unbounded(input_bound, feedback)
        p = self.params
        w_x, w_h = (
            np.abs(np.split(p[name], 4)[1]).sum(axis=1) for name in ("weight_ih", "weight_hh")
        )
        b = np.abs(np.split(p["bias_ih"] + p["bias_hh"], 4)[1])
        a_priori = float(sigmoid(np.array(w_h.max() + input_bound * w_x.max() + b.max())))
        by_rows = float(self._gate_suprema(input_bound, 1.0)[1].max())
        values = {"s(||W_fh|| + B ||W_fy|| + ||b_f||)": a_priori}
        values["largest forget gate, row by row"] = by_rows
        reason = "The forget gate may reach 1 in double precision."
        if by_rows < 1.0:
            reason = f"Inputs bounded by {input_bound:g}."
        return ErgodicityReport.of(by_rows < 1.0, "Corollary 2", a_priori, values, reason)

    def _gate_suprema(self, input_bound: float, h_bound: float) -> tuple[FloatArray, ...]:
        """Largest values of the gates i, f, o, a row a unit."""
        gates = []
        for block in (0, 1, 3):
            w_x, w_h, b_x, b_h = (
                np.split(self.params[name], 4)[block]
                for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            )
            rows = np.abs(w_h).sum(axis=1)
            from_h = np.where(rows > 0.0, rows * h_bound if h_bound < math.inf else math.inf, 0.0)
            gates.append(sigmoid(from_h + input_bound * np.abs(w_x).sum(axis=1) + b_x + b_h))
        return tuple(gates)

    def _unbounded(self, input_bound: float, feedback: bool) -> ErgodicityReport:
        i, f, o = self._gate_suprema(input_bound, math.inf)
        p, n = self.params, self.n_hidden
        w_gx, w_gh = (np.abs(np.split(p[name], 4)[2]) for name in ("weight_ih", "weight_hh"))
        from_h, from_y, from_c = i[:, np.newaxis] * w_gh, i[:, np.newaxis] * w_gx, np.diag(f)
        c_row = np.hstack([from_h, from_c])
        matrix = np.vstack([o[:, np.newaxis] * c_row, c_row])
        if feedback and self.output_bound(math.inf) == math.inf:
            read = np.abs(p["weight_hz"]) if "weight_hz" in p else np.eye(n)
            column = np.vstack([o[:, np.newaxis] * from_y, from_y])
            lower_rows = np.hstack([column, matrix])
            matrix = np.vstack([read @ lower_rows[:n], lower_rows])
        radius = spectral_radius(matrix)
        values = {"spectral radius of N, moduli of the weights": radius}
        values["largest forget gate"] = float(f.max())
        return ErgodicityReport.of(radius < 1.0, "Theorem 1", radius, values)


class GRU(_TorchCell):
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
        **READ_OUT,
    }
    _n_blocks = 3
    _gate_blocks: ClassVar[Mapping[str, int]] = {"reset gate": 0, "update gate": 1}
    _keeping = "update gate"
    _bounded_by = "Theorem 1"
    state_names = ("h",)

    def __init__(
        self, params: Mapping[str, Any], *, reset_after: bool = True, **options: Any
    ) -> None:
        self.reset_after = _validate.as_flag(reset_after, "reset_after")
        super().__init__(params, **options)

    @classmethod
    def option_names(cls) -> tuple[str, ...]:
        return *super().option_names(), "reset_after"

    def step(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        p, (h,), n_gates = self.params, state, 2 * self.n_hidden
        a = times(x, p["weight_ih"]) + p["bias_ih"]
        w, b = p["weight_hh"], p["bias_hh"]
        gates = self.gate(a[:, :n_gates] + times(h, w[:n_gates]) + b[:n_gates])
        r, z = np.split(gates, 2, axis=-1)
        if self.reset_after:
            inner = r * (times(h, w[n_gates:]) + b[n_gates:])
        else:
            inner = times(r * h, w[n_gates:]) + b[n_gates:]
        n = self.sigma(a[:, n_gates:] + inner)
        h = (1.0 - z) * n + z * h
        return self.read_out(h), (h,)

    def _run_hidden(self, x: FloatArray, *state: FloatArray) -> Tape:
        from memtools.networks import gated_kernels as kernels

        p, n, code = self.params, self.n_hidden, self._code
        hidden = with_first(state[0], len(x))
        inner, one = np.empty_like(hidden[1:]), hidden[0].size == 1
        bias = p["bias_ih"] + np.concatenate([p["bias_hh"][: 2 * n], np.zeros(n)])
        v = gates_of(x, p["weight_ih"], bias, 3)
        weights, bias_n = (
            blocks_of(p["weight_hh"], 3, True),
            contiguous(p["bias_hh"][np.newaxis, 2 * n :]),
        )
        recurrence = *lower(one, v, weights, bias_n), self.reset_after
        kernels.gru_forward(*recurrence, *lower(one, hidden, inner), code)

        def back(dh: FloatArray) -> FloatArray:
            recurrence = *lower(one, v, blocks_of(p["weight_hh"], 3, False)), self.reset_after
            kernels.gru_backward(
                *recurrence, *lower(one, hidden, inner, np.ascontiguousarray(dh)), code
            )
            return v[:, : len(dh)]

        def backward(dh: FloatArray) -> tuple[Gradient, Callable[[], FloatArray]]:
            n_steps = len(dh)
            held = hidden[:n_steps] * (1.0 if self.reset_after else v[0, :n_steps])
            gradient, dx = tape.backward(dh)
            d_inner = inner[:n_steps]
            gradient["weight_hh"][2 * n :] = product(d_inner, held)
            gradient["bias_hh"] = np.concatenate([gradient["bias_ih"][: 2 * n], total(d_inner)])
            return gradient, dx

        run = Run(hidden[:-1], hidden[1:], (hidden[-1].copy(),), back)
        tape = self._tape(x, run, **self._gates(v))
        return replace(tape, backward=backward)
