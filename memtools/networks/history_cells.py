"""Two rivals that look back by averaging: RWA over all steps, MIST over spaced delays."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import ClassVar

import numpy as np

from memtools._validate import FloatArray
from memtools.networks._parameters import READ_OUT, Shapes
from memtools.networks.activations import ACTIVATIONS, sigmoid, softmax, tanh
from memtools.networks.network import State
from memtools.networks.recurrent_cell import Cell
from memtools.networks.tapes import (
    Gradient,
    Tape,
    affine,
    contiguous,
    extend,
    gates_of,
    lower,
    named_gradient,
    newest,
    owed_inputs,
    with_first,
)
from memtools.results.networks import ErgodicityReport


class RWA(Cell):
    """Recurrent weighted average.

    h_t = sigma(n_t / d_t), the mean of (W_xu x + b_u) tanh(W_xg x + W_hg h + b_g) over all steps
    so far with weights exp(a), a = W_xa x + W_ha h, h the hidden units one step before;
    z_t = g(W_hz h_t + b_z).

    Parameters
    ----------
    params : mapping of str to array_like
        weight_xu (H, I), bias_u (H,), weight_xg (H, I), weight_hg (H, H), bias_g (H,),
        weight_xa (H, I), weight_ha (H, H); and, unless the outputs are the hidden units,
        weight_hz (O, H), bias_z (O,).
    activation : {"tanh", "sigmoid", "relu", "identity"}
    output_activation : {"identity", "tanh", "sigmoid", "relu", "softmax"}

    Notes
    -----
    The state is (h, n, d, a_max), each of shape (n_batch, H); numerator and denominator are kept
    divided by exp(a_max), a_max the largest a so far, so that neither overflows.  a has no bias:
    it would cancel.

    References
    ----------
    Ostmeyer, J. and Cowell, L. (2017). Machine learning on sequential data using a recurrent
    weighted average. arXiv 1703.01253, section 2.
    """

    _shapes: ClassVar[Shapes] = {
        "weight_xu": ("H I", "I"),
        "bias_u": ("H", "I"),
        "weight_xg": ("H I", "I+H"),
        "weight_hg": ("H H", "I+H"),
        "bias_g": ("H", "I+H"),
        "weight_xa": ("H I", "I+H"),
        "weight_ha": ("H H", "I+H"),
        **READ_OUT,
    }
    state_names = ("h", "n", "d", "a_max")
    _one = "rwa"
    may_be_linear = False
    averages = True

    def initial_state(self, n_batch: int) -> State:
        h, n, d, a_max = np.zeros((4, n_batch, self.n_hidden))
        # An empty mean weighs nothing: any finite a_max does, this one never wins.
        return h, n, d, a_max - 1e300

    def step(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        p, (h, n, d, a_max) = self.params, state
        u = x @ p["weight_xu"].T + p["bias_u"]
        g = x @ p["weight_xg"].T + h @ p["weight_hg"].T + p["bias_g"]
        a = x @ p["weight_xa"].T + h @ p["weight_ha"].T
        largest = np.maximum(a, a_max)
        old, new = np.exp(a_max - largest), np.exp(a - largest)
        n = n * old + u * tanh(g) * new
        d = d * old + new
        h = ACTIVATIONS[self.activation](n / d)
        return self.read_out(h), (h, n, d, largest)

    def _run_hidden(self, x: FloatArray, *state: FloatArray) -> Tape:
        from memtools.networks import gated_kernels as kernels

        p, code, one = self.params, self._code, state[0].size == 1
        u, a = affine(x, p["weight_xu"], p["bias_u"]), affine(x, p["weight_xa"])
        g = affine(x, p["weight_xg"], p["bias_g"])
        h, n, d, largest = (with_first(part, len(x)) for part in state)
        old, new, weights = np.empty_like(a), np.empty_like(a), (p["weight_hg"], p["weight_ha"])
        lanes = u, g, a, *(contiguous(w.T) for w in weights)
        kernels.rwa_forward(*lower(one, *lanes, h, n, d, largest, old, new), code)

        def backward(dh: FloatArray) -> tuple[Gradient, Callable[[], FloatArray]]:
            n_steps = len(dh)
            tape = u, g, *map(contiguous, weights), h, n, d, old, new, np.ascontiguousarray(dh)
            kernels.rwa_backward(*lower(one, *tape), code)
            dv = {"u": u[:n_steps], "g": g[:n_steps], "a": new[:n_steps]}  # adjoints by now
            return named_gradient(p, dv, {"x": x, "h": h}), lambda: owed_inputs(p, dv)

        return Tape(h[1:], tuple(part[-1].copy() for part in (h, n, d, largest)), backward)

    def theorem(self, input_bound: float, feedback: bool) -> ErgodicityReport:
        reason = "RWA averages over its whole past: its state never settles."
        return ErgodicityReport.of(False, "Theorem 1", math.nan, {}, reason)


class MIST(Cell):
    """Mixed-history RNN: attention over states 1, 2, 4, ... steps back.

    a = softmax(W_xa x_t + W_ha h_{t-1} + b_a),  r = s(W_xr x_t + W_hr h_{t-1} + b_r),
    h_t = sigma(W_xh x_t + W_hh (r sum_{i=0}^{N-1} a_i h_{t-2^i}) + b_h),  z_t = g(W_hz h_t + b_z).

    Parameters
    ----------
    params : mapping of str to array_like
        weight_xa (N, I), weight_ha (N, H), bias_a (N,), weight_xr (H, I), weight_hr (H, H),
        bias_r (H,), weight_xh (H, I), weight_hh (H, H), bias_h (H,); and, unless the outputs are
        the hidden units, weight_hz (O, H), bias_z (O,).  N is the number of delays.
    activation : {"tanh", "sigmoid", "relu", "identity"}
    output_activation : {"identity", "tanh", "sigmoid", "relu", "softmax"}

    Notes
    -----
    The state is (past,), of shape (n_batch, 2^(N-1), H), the newest hidden units first; states
    before the start are zero.

    References
    ----------
    DiPietro, R., Rupprecht, C., Navab, N. and Hager, G. D. (2017). Analyzing and exploiting NARX
    recurrent neural networks for long-term dependencies. arXiv 1702.07805, section 5.
    """

    _shapes: ClassVar[Shapes] = {
        "weight_xa": ("N I", "I+H"),
        "weight_ha": ("N H", "I+H"),
        "bias_a": ("N", "I+H"),
        "weight_xr": ("H I", "I+H"),
        "weight_hr": ("H H", "I+H"),
        "bias_r": ("H", "I+H"),
        "weight_xh": ("H I", "I+H"),
        "weight_hh": ("H H", "I+H"),
        "bias_h": ("H", "I+H"),
        **READ_OUT,
    }
    state_names = ("past",)
    _one = "mist"
    _bounded_by = "Theorem 1"
    may_be_linear = False

    @property
    def delays(self) -> tuple[int, ...]:
        """1, 2, 4, ..., 2^(N-1)."""
        return tuple(2**i for i in range(self._sizes["N"]))

    @property
    def free_lags(self) -> int:  # type: ignore[override]
        return self.delays[-1]

    def initial_state(self, n_batch: int) -> State:
        return (np.zeros((n_batch, self.delays[-1], self.n_hidden)),)

    def step(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        p, (past,) = self.params, state
        h = past[:, 0]
        a = softmax(x @ p["weight_xa"].T + h @ p["weight_ha"].T + p["bias_a"])
        r = sigmoid(x @ p["weight_xr"].T + h @ p["weight_hr"].T + p["bias_r"])
        mixed = np.einsum("bn,bnh->bh", a, past[:, np.subtract(self.delays, 1)])
        v = x @ p["weight_xh"].T + (r * mixed) @ p["weight_hh"].T + p["bias_h"]
        h = ACTIVATIONS[self.activation](v)
        past = np.concatenate([h[:, np.newaxis], past[:, :-1]], axis=1)
        return self.read_out(h), (past,)

    def _run_hidden(self, x: FloatArray, *state: FloatArray) -> Tape:
        from memtools.networks import gated_kernels as kernels

        p, n_past, code, n_delays = self.params, self.delays[-1], self._code, len(self.delays)
        past, one = extend(state[0], len(x)), state[0][:, 0].size == 1
        a = gates_of(x, p["weight_xa"], p["bias_a"], n_delays)
        r, v = (affine(x, p[f"weight_x{k}"], p[f"bias_{k}"]) for k in "rh")
        w_a, w_r, w_h = (p[f"weight_h{lane}"] for lane in "arh")
        mixed, columns = np.empty_like(r), contiguous(w_a[:, :, np.newaxis])
        weights = columns, contiguous(w_r.T), contiguous(w_h.T)
        kernels.mist_forward(*lower(one, a, r, v, *weights, past, mixed), code)

        def backward(dh: FloatArray) -> tuple[Gradient, Callable[[], FloatArray]]:
            n = len(dh)
            gated, d_past = r[:n] * mixed[:n], np.zeros_like(past)
            d_past[n_past : n_past + n] = dh
            weights = contiguous(columns.transpose(0, 2, 1)), contiguous(w_r), contiguous(w_h)
            tape = lower(one, a, r, *weights, past, mixed, d_past)
            kernels.mist_backward(*tape, n, code)
            gates, dv = {"a": a[:, :n], "r": r[:n]}, {"h": d_past[n_past : n_past + n]}
            gradient = named_gradient(p, gates, {"x": x, "h": past[n_past - 1 :]})
            gradient |= named_gradient(p, dv, {"x": x, "h": gated})
            return gradient, lambda: owed_inputs(p, gates | dv)

        return Tape(past[n_past:], (newest(past, n_past),), backward, {"reset gate": r})
