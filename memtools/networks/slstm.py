"""xLSTM's scalar memory (sLSTM), whose hidden units feed back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.random import Generator

from memtools._validate import FloatArray
from memtools.networks.activations import sigmoid, tanh
from memtools.networks.linear_recurrence import (
    EMPTY,
    convolved,
    in_blocks,
    log_sigmoid,
    normalised,
    silu,
)
from memtools.networks.network import State
from memtools.networks.released_layer import ReleasedLayer
from memtools.results.networks import ErgodicityReport


class SLSTMBlock(ReleasedLayer):
    """xLSTM's sLSTM layer with its convolution and norm; its hidden units feed back.

    a_t = silu(conv(x_t));  of i, f (from a_t), z, o (from x_t), each with R h_{t-1} + b a head,
    N_t = s(f_t) N_{t-1} + exp(i_t),  r_t = (s(f_t) N_{t-1} r_{t-1} + exp(i_t) tanh(z_t)) / N_t,
    h_t = s(o_t) r_t,  z_t = norm(h_t): r_t is the released c_t / n_t, and log N_t is kept.

    Parameters
    ----------
    params : mapping of str to array_like
        igate, fgate, zgate, ogate .weight (P, B, B), slstm_cell._recurrent_kernel_ (P, B, 4, B), or
        as stored (P, 4B, B) or (P, B, 4B), slstm_cell._bias_ (P, 4, B) or as stored (4 P B,),
        gates i f z o, group_norm.weight (H,), the norm's scale less 1, conv1d.conv.weight
        (H, 1, W), conv1d.conv.bias (H,); P heads of size B.

    Notes
    -----
    In the release the tensor igate.weight feeds f and fgate.weight feeds i; so it does here.

    References
    ----------
    Beck, M. et al. (2024). xLSTM: extended long short-term memory. NeurIPS, equations (8) to (17)
    and figure 10.
    """

    _shapes: ClassVar[Mapping[str, str]] = {
        "conv1d.conv.weight": "H 1 W",
        "conv1d.conv.bias": "H",
        **{f"{name}gate.weight": "P B B" for name in "ifzo"},
        "slstm_cell._recurrent_kernel_": "P B 4 B",
        "slstm_cell._bias_": "P 4 B",
        "group_norm.weight": "H",
    }
    _defaults: ClassVar[Mapping[str, Any]] = {"epsilon": 1e-5}
    speaks_at_rest = True

    def __init__(self, params: Mapping[str, Any], **options: Any) -> None:
        kernel = (
            params.get("slstm_cell._recurrent_kernel_") if isinstance(params, Mapping) else None
        )
        shape = np.shape(kernel) if kernel is not None else ()
        # the plain backend stores gates first, that for CUDA heads first
        self._gates_first = len(shape) == 3 and shape[1] == 4 * shape[2]
        super().__init__(params, **options)

    @classmethod
    def _drawn(cls, n_input: int, n_hidden: int, rng: Generator) -> dict[str, FloatArray]:
        """The state has as many units as inputs, whatever n_hidden; forget biases 3 to 6."""
        n = n_input
        bias = np.zeros((1, 4, n))
        bias[:, 1] = np.linspace(3.0, 6.0, n)
        small = math.sqrt(2.0 / (5.0 * n))
        return {
            "conv1d.conv.weight": rng.uniform(-0.5, 0.5, (n, 1, 4)),
            "conv1d.conv.bias": rng.uniform(-0.5, 0.5, n),
            **{f"{name}gate.weight": small * rng.standard_normal((1, n, n)) for name in "ifzo"},
            "slstm_cell._recurrent_kernel_": np.zeros((1, n, 4, n)),
            "slstm_cell._bias_": bias,
            "group_norm.weight": np.zeros(n),
        }

    def _derived(
        self, sizes: Mapping[str, int], arrays: Mapping[str, FloatArray]
    ) -> dict[str, int]:
        return {"B": self._divided("group_norm.weight", sizes["H"], sizes["P"], "heads")}

    def _laid(self, name: str, array: FloatArray) -> FloatArray:
        if name == "slstm_cell._recurrent_kernel_" and array.ndim == 3:
            array = array.swapaxes(1, 2) if self._gates_first else array
            return array.reshape(*array.shape[:2], 4, -1) if array.shape[2] % 4 == 0 else array
        if name == "slstm_cell._bias_" and array.ndim == 1:
            return self._laid_bias(array)
        return array

    def _laid_bias(self, array: FloatArray) -> FloatArray:
        heads = self._n_heads
        if array.size % (4 * heads):
            return array
        if self._gates_first:
            return array.reshape(4, heads, -1).swapaxes(0, 1)
        return array.reshape(heads, 4, -1)

    def _checked(self, params: Mapping[str, Any]) -> tuple[dict[str, FloatArray], dict[str, int]]:
        gate = params.get("igate.weight") if isinstance(params, Mapping) else None
        self._n_heads = max((*np.shape(gate), 1)[0], 1) if gate is not None else 1
        return super()._checked(params)

    @property
    def n_state(self) -> int:
        return 3 * self.n_input

    def initial_state(self, n_batch: int) -> State:
        h = np.zeros((n_batch, self.n_input))
        past = np.zeros((n_batch, self.sizes["W"] - 1, self.n_input))
        return h, h.copy(), np.full(h.shape, EMPTY), past

    def step(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        p, (h, r, log_n, past) = self.params, state
        a, past = convolved(
            x[np.newaxis], past, p["conv1d.conv.weight"][:, 0], p["conv1d.conv.bias"]
        )
        a = silu(a[0])
        heads = h.reshape(len(h), self.sizes["P"], -1)
        back = np.einsum("bpi,pigo->bpgo", heads, p["slstm_cell._recurrent_kernel_"])
        back = back + p["slstm_cell._bias_"]
        i, f, z, o = (
            in_blocks(source, p[f"{name}gate.weight"]) + back[:, :, j].reshape(x.shape)
            for j, (name, source) in enumerate((("f", a), ("i", a), ("z", x), ("o", x)))
        )
        old = log_sigmoid(f) + log_n
        top = np.maximum(old, i)
        after = top + np.log(np.exp(old - top) + np.exp(i - top))
        r = np.exp(old - after) * r + np.exp(i - after) * tanh(z)
        h = sigmoid(o) * r
        y = normalised(h.reshape(heads.shape), self.options["epsilon"], True).reshape(h.shape)
        return y * (1.0 + p["group_norm.weight"]), (h, r, after, past)

    def _forget_biases(self) -> FloatArray:
        """b_f of each unit."""
        return self.params["slstm_cell._bias_"][:, 1].ravel()

    def rates(self) -> FloatArray:
        return -log_sigmoid(self._forget_biases())

    def theorem(self, input_bound: float, feedback: bool) -> ErgodicityReport:
        """Theorem 1: h and r stay within 1, N_t <= s(f) N_{t-1} + exp(i), f within its bound."""
        p = self.params
        a = np.abs(p["conv1d.conv.weight"][:, 0]).sum(axis=1) * input_bound
        a = a + np.abs(p["conv1d.conv.bias"])
        away = in_blocks(a, np.abs(p["igate.weight"]))
        away = away + np.abs(p["slstm_cell._recurrent_kernel_"])[:, :, 1].sum(axis=1).ravel()
        largest = float(sigmoid(self._forget_biases() + away).max())
        values = {"largest forget gate, inputs at their bound": largest}
        why = "h and c / n are means of values within 1.", f"Inputs within {input_bound:g}."
        return ErgodicityReport.of(1.0 - largest > 1e-7, "Theorem 1", largest, values, *why)
